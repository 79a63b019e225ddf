package domain

import (
	"errors"
	"fmt"
	"strings"

	"paytond/models/value"
)

// Bounds of a domain that Parse accepts.
const (
	maxDepth   = 100
	maxClauses = 10000
	maxLinks   = 1000 // that all clauses lead through: each is a query within the query
	maxPath    = 200  // bytes of a clause's field
)

// Parse reads a domain from decoded wire values. nil and [] fit every record.
//
//	[a, b]           both          ["AND", a, b]   both          ["OR", a, b]   one of them
//	[field, op, v]   a clause      [field, op, v, model]         a clause with its fourth element
//
// ["AND"] and ["OR"] alone are as if they were not there, while an empty list among the parts of an
// "OR" fits every record and so does the whole.
// Lists nest anywhere, also as the value of the "where" operators, which is kept parsed. What has
// another shape, an unknown operator, a value that cannot suit its operator, nesting deeper than
// 100, more than 10000 clauses and more than 1000 links that they lead through are errors that name the place.
func Parse(v any) (Node, error) {
	p := reader{}
	n, err := p.read(v, 1)
	if err != nil {
		return nil, fmt.Errorf("invalid domain: %w", err)
	}
	if n == nil {
		n = And{}
	}
	return n, nil
}

type reader struct {
	clauses int
	links   int
}

// read is nil for a group of nothing, ["OR"] or ["AND"], which its surroundings leave out.
func (r *reader) read(v any, depth int) (Node, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch v := v.(type) {
	case nil:
		return And{}, nil
	case Node:
		return v, nil
	case []any:
		return r.list(v, depth)
	}
	return nil, fmt.Errorf("a list is expected, not %s", value.Describe(v))
}

func (r *reader) list(l []any, depth int) (Node, error) {
	if len(l) == 0 {
		return And{}, nil
	}
	word, ok := l[0].(string)
	if ok && word != "AND" && word != "OR" {
		return r.clause(word, l, depth)
	}
	if ok {
		l = l[1:]
	}
	nodes, err := r.group(l, depth)
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	if word == "OR" {
		return Or(nodes), nil
	}
	return And(nodes), nil
}

func (r *reader) group(l []any, depth int) ([]Node, error) {
	nodes := make([]Node, 0, len(l))
	for _, part := range l {
		n, err := r.read(part, depth+1)
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes, nil
}

func (r *reader) clause(field string, l []any, depth int) (Node, error) {
	if r.clauses++; r.clauses > maxClauses {
		return nil, fmt.Errorf("more than %d clauses", maxClauses)
	}
	if r.links += strings.Count(field, "."); r.links > maxLinks {
		return nil, fmt.Errorf("more than %d links", maxLinks)
	}
	if len(l) < 3 || len(l) > 4 {
		return nil, fmt.Errorf("a clause has a field, an operator and a value: %q has %d elements", shorten(field), len(l))
	}
	op, ok := l[1].(string)
	if !ok {
		return nil, fmt.Errorf("the operator on %q is %s", shorten(field), value.Describe(l[1]))
	}
	c := &Clause{Field: field, Op: Op(op), Value: l[2]}
	if len(l) == 4 && l[3] != nil {
		if c.Model, ok = l[3].(string); !ok {
			return nil, fmt.Errorf("the model behind %q is %s", shorten(field), value.Describe(l[3]))
		}
	}
	return c, r.operand(c, depth)
}

// operand turns the value of a clause into the form that its operator works with, and checks all.
func (r *reader) operand(c *Clause, depth int) error {
	switch c.Op.Positive() {
	case Where:
		if r.links++; r.links > maxLinks {
			return fmt.Errorf("more than %d links", maxLinks)
		}
		sub, err := r.read(c.Value, depth+1)
		if err != nil {
			return err
		}
		if sub == nil {
			sub = And{}
		}
		c.Value = sub
	case In:
		// The empty text is what a client makes of a list that it does not have.
		if c.Value == "" {
			c.Value = []any{}
		}
	}
	return c.check()
}

func checkPath(path string) error {
	if path == "" || len(path) > maxPath || strings.HasPrefix(path, ".") ||
		strings.HasSuffix(path, ".") || strings.Contains(path, "..") {
		return fmt.Errorf("%q is not a field", shorten(path))
	}
	return nil
}

// shorten keeps a hostile text from filling an error message.
func shorten(s string) string {
	const limit = 60
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
