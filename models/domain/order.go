package domain

import (
	"fmt"
	"strings"

	"paytond/models/value"
)

// OrderTerm is one key of a sorting.
type OrderTerm struct {
	Field string // name, or a path of names joined by points; letters, digits and underscores only
	Desc  bool
	Nulls string // "FIRST", "LAST", or "" for what the database does
}

// Order is a sorting, the most important key first.
type Order []OrderTerm

// maxTerms bounds the keys of a sorting.
const maxTerms = 50

// ParseOrder reads a sorting from decoded wire values: a list of [field, direction], where
// direction is null, "ASC" or "DESC", optionally with " NULLS FIRST" or " NULLS LAST", in any case.
// null is a nil Order, which means the model's own; anything else is an error.
func ParseOrder(v any) (Order, error) {
	if v == nil {
		return nil, nil
	}
	l, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("invalid order: a list is expected, not %s", value.Describe(v))
	}
	if len(l) > maxTerms {
		return nil, fmt.Errorf("invalid order: more than %d keys", maxTerms)
	}
	order := make(Order, 0, len(l))
	for _, item := range l {
		t, err := parseTerm(item)
		if err != nil {
			return nil, fmt.Errorf("invalid order: %w", err)
		}
		order = append(order, t)
	}
	return order, nil
}

func parseTerm(v any) (OrderTerm, error) {
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return OrderTerm{}, fmt.Errorf("a field and a direction are expected, not %s", value.Describe(v))
	}
	field, ok := pair[0].(string)
	if !ok || !isPath(field) {
		return OrderTerm{}, fmt.Errorf("%s is not a field", value.Describe(pair[0]))
	}
	t := OrderTerm{Field: field}
	if pair[1] == nil {
		return t, nil
	}
	text, ok := pair[1].(string)
	if !ok || !t.direction(text) {
		return OrderTerm{}, fmt.Errorf("%s is not a direction", value.Describe(pair[1]))
	}
	return t, nil
}

// direction reads the second element of a term and tells whether it is one.
func (t *OrderTerm) direction(text string) bool {
	words := strings.Fields(strings.ToUpper(text))
	if len(words) != 1 && len(words) != 3 {
		return false
	}
	t.Desc = words[0] == "DESC"
	if !t.Desc && words[0] != "ASC" {
		return false
	}
	if len(words) == 1 {
		return true
	}
	t.Nulls = words[2]
	return words[1] == "NULLS" && (t.Nulls == "FIRST" || t.Nulls == "LAST")
}

// isPath tells whether s is identifiers joined by points.
func isPath(s string) bool {
	if len(s) > maxPath {
		return false
	}
	for name := range strings.SplitSeq(s, ".") {
		if !isName(name) {
			return false
		}
	}
	return true
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// Direction is the second element of the term on the wire: "ASC", "DESC NULLS LAST" …
func (t OrderTerm) Direction() string {
	s := "ASC"
	if t.Desc {
		s = "DESC"
	}
	if t.Nulls != "" {
		s += " NULLS " + t.Nulls
	}
	return s
}

// Wire is the order as ParseOrder reads it.
func (o Order) Wire() any {
	if o == nil {
		return nil
	}
	l := make([]any, len(o))
	for i, t := range o {
		l[i] = []any{t.Field, t.Direction()}
	}
	return l
}
