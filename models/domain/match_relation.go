package domain

import (
	"fmt"
	"strings"

	"paytond/models/value"
)

// matchWhere tells whether one of the targets of a relation fits a domain, or for "not where"
// whether none does. A many2one that is null fits neither.
func matchWhere(c *Clause, get Getter) (bool, error) {
	sub, _ := c.Value.(Node)
	v, err := get(c.Field)
	if err != nil {
		return false, err
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case []Getter:
		return matchTargets(c, sub, v)
	case []int64:
		return matchUnseen(c, len(v))
	case []any:
		return matchUnseen(c, len(v))
	}
	ok, err := Match(sub, func(path string) (any, error) { return get(c.Field + "." + path) })
	return ok != c.Op.Negative() && err == nil, err
}

func matchTargets(c *Clause, sub Node, targets []Getter) (bool, error) {
	for _, target := range targets {
		ok, err := Match(sub, target)
		if err != nil {
			return false, err
		}
		if ok {
			return !c.Op.Negative(), nil
		}
	}
	return c.Op.Negative(), nil
}

// matchUnseen decides about targets of which only the number is known.
func matchUnseen(c *Clause, n int) (bool, error) {
	if n > 0 {
		return false, ErrNotInMemory
	}
	return c.Op.Negative(), nil
}

// maxAncestors ends the walk up a tree that was made a circle by mistake.
const maxAncestors = 1000

// matchTree decides child_of by walking up from the record to its ancestors. parent_of would need
// the ancestors of other records: only that a record is parent of itself is seen here.
func matchTree(c *Clause, get Getter) (bool, error) {
	ids, err := idsOf(c)
	if err != nil || len(ids) == 0 {
		return err == nil && c.Op.Negative(), err
	}
	path, link := c.Field, c.Model
	if link == "" || link == c.Field {
		path, link = "id", c.Field // the field itself is the link to the parent
	}
	v, err := get(path)
	if err != nil || v == nil {
		return false, err
	}
	if path == "id" {
		path = ""
	} else {
		path += "."
	}
	if c.Op.Positive() == ParentOf {
		if contains(ids, v) {
			return !c.Op.Negative(), nil
		}
		return false, ErrNotInMemory
	}
	return climb(c, get, ids, v, path+link, link)
}

// climb goes up from the record v, whose parent is at path, until one of ids is met.
func climb(c *Clause, get Getter, ids []any, v any, path, link string) (bool, error) {
	for range maxAncestors {
		switch v.(type) {
		case nil:
			return c.Op.Negative(), nil
		case int64:
		default:
			return false, ErrNotInMemory
		}
		if contains(ids, v) {
			return !c.Op.Negative(), nil
		}
		var err error
		if v, err = get(path); err != nil {
			return false, err
		}
		path += "." + link
	}
	return false, fmt.Errorf("more than %d ancestors", maxAncestors)
}

// idsOf is the operand of an operator on trees: one id or a list of them, none for null.
func idsOf(c *Clause) ([]any, error) {
	switch v := c.Value.(type) {
	case nil:
		return nil, nil
	case int64:
		return []any{v}, nil
	case []any:
		return v, nil
	case string:
		return nil, ErrNotInMemory
	}
	return nil, fmt.Errorf("%s is neither an id nor a list of ids", value.Describe(c.Value))
}

// EscapeLike makes text stand for itself in the pattern of a like operator.
func EscapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
