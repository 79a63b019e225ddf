package domain

import (
	"slices"
)

// Format is the wire's form of a domain: a list, "AND" left out, "OR" said. What Parse reads from
// it fits the same records. An Or of nothing becomes a clause that nothing fits.
func Format(n Node) []any {
	switch n := n.(type) {
	case And:
		return formatAll(make([]any, 0, len(n)), n)
	case Or:
		if len(n) == 0 {
			return []any{formatClause(&Clause{Field: "id", Op: In, Value: []any{}})}
		}
		return formatAll([]any{"OR"}, n)
	case *Clause:
		return []any{formatClause(n)}
	}
	return []any{}
}

func formatAll(l []any, nodes []Node) []any {
	for _, n := range nodes {
		if c, ok := n.(*Clause); ok {
			l = append(l, formatClause(c))
		} else {
			l = append(l, Format(n))
		}
	}
	return l
}

func formatClause(c *Clause) []any {
	v := c.Value
	if sub, ok := v.(Node); ok {
		v = Format(sub)
	}
	if c.Model != "" {
		return []any{c.Field, string(c.Op), v, c.Model}
	}
	return []any{c.Field, string(c.Op), v}
}

// Simplify is a domain that fits the same records with as few groups as its shape allows: groups
// within groups of their kind are merged, groups of one are replaced by that one, and whatever an
// And{} or Or{} decides is decided. nil becomes And{}.
func Simplify(n Node) Node {
	switch n := n.(type) {
	case And:
		parts, known := merge(n, func(n Node) ([]Node, bool) { a, ok := n.(And); return a, ok })
		if known {
			return Or{}
		}
		return unwrap(And(parts), parts)
	case Or:
		parts, known := merge(n, func(n Node) ([]Node, bool) { o, ok := n.(Or); return o, ok })
		if known {
			return And{}
		}
		return unwrap(Or(parts), parts)
	case *Clause:
		return simplifyClause(n)
	}
	return And{}
}

// merge simplifies the parts of a group and takes in those of its own kind. known is true when an
// empty group of the other kind among them decides the whole.
func merge(nodes []Node, same func(Node) ([]Node, bool)) (parts []Node, known bool) {
	parts = make([]Node, 0, len(nodes))
	for _, n := range nodes {
		n = Simplify(n)
		if inner, ok := same(n); ok {
			parts = append(parts, inner...)
		} else if isEmpty(n) {
			return nil, true
		} else {
			parts = append(parts, n)
		}
	}
	return parts, false
}

func isEmpty(n Node) bool {
	switch n := n.(type) {
	case And:
		return len(n) == 0
	case Or:
		return len(n) == 0
	}
	return n == nil
}

func unwrap(group Node, parts []Node) Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return group
}

func simplifyClause(c *Clause) Node {
	sub, ok := c.Value.(Node)
	if !ok {
		return c
	}
	r := *c
	r.Value = Simplify(sub)
	return &r
}

// Fields is the sorted list of the fields that a domain names, each once. Those in a "where" come
// after the path of the clause: "lines.amount" for amount in a where on lines.
func Fields(n Node) []string {
	var names []string
	collect(n, "", &names)
	slices.Sort(names)
	return slices.Compact(names)
}

func collect(n Node, prefix string, names *[]string) {
	switch n := n.(type) {
	case And:
		for _, part := range n {
			collect(part, prefix, names)
		}
	case Or:
		for _, part := range n {
			collect(part, prefix, names)
		}
	case *Clause:
		*names = append(*names, prefix+n.Field)
		if sub, ok := n.Value.(Node); ok {
			collect(sub, prefix+n.Field+".", names)
		}
	}
}

// Map is a copy of a domain in which each clause was replaced by what f makes of it. The domain in
// a "where" belongs to another model, so f sees the clause whole and decides about it. A nil node
// from f fits every record. The first error ends the walk.
func Map(n Node, f func(*Clause) (Node, error)) (Node, error) {
	switch n := n.(type) {
	case And:
		parts, err := mapAll(n, f)
		return And(parts), err
	case Or:
		parts, err := mapAll(n, f)
		return Or(parts), err
	case *Clause:
		r, err := f(n)
		if r == nil {
			r = And{}
		}
		return r, err
	}
	return And{}, nil
}

func mapAll(nodes []Node, f func(*Clause) (Node, error)) ([]Node, error) {
	parts := make([]Node, len(nodes))
	for i, n := range nodes {
		r, err := Map(n, f)
		if err != nil {
			return nil, err
		}
		parts[i] = r
	}
	return parts, nil
}
