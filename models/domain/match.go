package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"paytond/models/value"
)

// Getter returns the value of a record's field, by its name or a path of names joined by points:
//
//	a simple field     the value as package value has it, nil for null
//	many2one           the target's id as int64, or nil
//	reference          a value.Reference or its text, or nil
//	x2many             the ids as []int64, or the targets as []Getter, which "where" needs
//	multiselection     []string, or nil
//	a path             the value at its end; nil when a many2one on the way is null; through an
//	                   x2many a []any with the value for each target, again lists if need be
//
// A path may end in "id" and, for a relation compared with a text, in "rec_name".
type Getter = func(path string) (any, error)

// ErrNotInMemory is what Match returns for a clause that it cannot decide with a Getter alone;
// the caller has to search instead.
var ErrNotInMemory = errors.New("the clause needs a search")

// Match tells whether the record behind get fits the domain, as a search in a database would find
// it. The package comment has the rules.
// Errors are those of get, values that have no order, and ErrNotInMemory.
func Match(n Node, get Getter) (bool, error) {
	switch n := n.(type) {
	case And:
		return matchGroup(n, get, false)
	case Or:
		return matchGroup(n, get, true)
	case *Clause:
		ok, err := matchClause(n, get)
		if err != nil {
			return false, fmt.Errorf("%s %s: %w", n.Field, n.Op, err)
		}
		return ok, nil
	}
	return true, nil
}

// matchGroup stops at the first part that decides.
func matchGroup(nodes []Node, get Getter, decisive bool) (bool, error) {
	for _, n := range nodes {
		ok, err := Match(n, get)
		if err != nil || ok == decisive {
			return ok, err
		}
	}
	return !decisive, nil
}

func matchClause(c *Clause, get Getter) (bool, error) {
	if err := c.check(); err != nil {
		return false, err
	}
	switch c.Op.Positive() {
	case ChildOf, ParentOf:
		return matchTree(c, get)
	}
	if ok, err := sameModel(c, get); err != nil || !ok {
		return false, err
	}
	if c.Op.Positive() == Where {
		return matchWhere(c, get)
	}
	v, err := get(c.Field)
	if err != nil {
		return false, err
	}
	if v == nil {
		if broken, err := isBroken(c.Field, get); broken || err != nil {
			return false, err
		}
	}
	if v, err = nameOf(c, v, get); err != nil {
		return false, err
	}
	if v, err = markBroken(c.Field, v, get); err != nil {
		return false, err
	}
	return matchValue(c, v, !strings.Contains(c.Field, "."))
}

// isBroken tells whether a path leads through a many2one that is null or a reference to a model
// alone: there is no record then that could have null in the field at the end.
func isBroken(path string, get Getter) (bool, error) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return false, nil
	}
	v, err := get(path[:i])
	return isNowhere(v), err
}

// isNowhere tells whether a link leads to no record.
func isNowhere(v any) bool {
	text, ok := value.Plain(v).(string)
	if !ok {
		return v == nil
	}
	ref, _ := value.ParseReference(text)
	return ref.ID < 0
}

// broken stands in the values of a path through an x2many for a link on the way that leads nowhere:
// it fits nothing, while a target is there all the same.
type broken struct{}

// markBroken puts broken in the place of the values of a path whose links, one step before, lead nowhere.
func markBroken(path string, v any, get Getter) (any, error) {
	i := strings.LastIndexByte(path, '.')
	if _, ok := v.([]any); !ok || i < 0 {
		return v, nil
	}
	links, err := get(path[:i])
	return mark(v, links), err
}

func mark(v, links any) any {
	items, ok := v.([]any)
	l, paired := links.([]any)
	if !ok || !paired || len(l) != len(items) {
		return v
	}
	marked := make([]any, len(items))
	for i, item := range items {
		if isNowhere(l[i]) {
			marked[i] = broken{}
		} else {
			marked[i] = mark(item, l[i])
		}
	}
	return marked
}

// sameModel tells whether the reference that a clause goes through points to the model it wants.
func sameModel(c *Clause, get Getter) (bool, error) {
	if c.Model == "" {
		return true, nil
	}
	field, _, _ := strings.Cut(c.Field, ".")
	v, err := get(field)
	if err != nil {
		return false, err
	}
	text, _ := value.Plain(v).(string)
	model, _, _ := strings.Cut(text, ",")
	return model == c.Model, nil
}

// nameOf replaces the ids of a relation by record names when the clause compares with a text.
func nameOf(c *Clause, v any, get Getter) (any, error) {
	if _, textual := c.Value.(string); !textual {
		return v, nil
	}
	if targets, ok := v.([]Getter); ok {
		return collectFrom(targets, "rec_name")
	}
	if hasIDs(v) {
		return get(c.Field + ".rec_name")
	}
	return v, nil
}

// hasIDs tells whether a value is of a relation: an id, or ids or targets within lists.
func hasIDs(v any) bool {
	switch v := v.(type) {
	case int64:
		return true
	case []int64:
		return len(v) > 0
	case []Getter:
		return len(v) > 0
	case []any:
		return slices.ContainsFunc(v, hasIDs)
	}
	return false
}

func collectFrom(targets []Getter, path string) ([]any, error) {
	l := make([]any, len(targets))
	for i, target := range targets {
		v, err := target(path)
		if err != nil {
			return nil, err
		}
		l[i] = v
	}
	return l, nil
}

// matchValue compares what a field has. own is false for the values that a path collects: of
// those, null is searched among the values, and not in their absence.
func matchValue(c *Clause, v any, own bool) (bool, error) {
	switch v := v.(type) {
	case []string:
		return matchSet(c, v)
	case []int64:
		return matchAny(c, value.Plain(v).([]any), true)
	case []Getter:
		ids, err := collectFrom(v, "id")
		if err != nil {
			return false, err
		}
		return matchAny(c, ids, true)
	case []any:
		return matchAny(c, v, own)
	case broken:
		return false, nil
	}
	return matchScalar(c, value.Plain(v))
}

// matchAny looks for one element that fits. Where there is none at all a negative operator fits.
func matchAny(c *Clause, items []any, own bool) (bool, error) {
	if own && c.Value == nil {
		switch c.Op {
		case Equal:
			return len(items) == 0, nil
		case NotEqual:
			return len(items) > 0, nil
		}
	}
	for _, item := range items {
		ok, err := matchValue(c, item, own)
		if ok || err != nil {
			return ok, err
		}
	}
	return len(items) == 0 && c.Op.Negative(), nil
}

// matchSet compares the values of a multiselection: as a set, or with those of which one is wanted.
func matchSet(c *Clause, have []string) (bool, error) {
	switch c.Op.Positive() {
	case Equal:
		if c.Value == nil {
			return c.Op.Negative(), nil
		}
		return sameSet(have, c.Value) != c.Op.Negative(), nil
	case In:
		return slices.ContainsFunc(have, func(s string) bool {
			return contains(c.Value.([]any), s)
		}) != c.Op.Negative(), nil
	}
	return false, errors.New("a multiselection has no such comparison")
}

func sameSet(have []string, want any) bool {
	l, ok := want.([]any)
	if !ok {
		return false
	}
	for _, w := range l {
		if s, ok := w.(string); !ok || !slices.Contains(have, s) {
			return false
		}
	}
	return !slices.ContainsFunc(have, func(s string) bool { return !contains(l, s) })
}

func contains(items []any, v any) bool {
	return slices.ContainsFunc(items, func(item any) bool { return value.Equal(alike(v, item)) })
}

// matchScalar compares one plain value. Null fits only where null is asked for.
func matchScalar(c *Clause, v any) (bool, error) {
	switch c.Op {
	case Equal:
		return equal(v, c.Value), nil
	case NotEqual:
		if v == nil {
			return false, nil
		}
		return !equal(v, c.Value), nil
	case In:
		return contains(c.Value.([]any), v), nil
	case NotIn:
		items := c.Value.([]any)
		return len(items) == 0 || v != nil && !contains(items, v), nil
	}
	if v == nil || c.Value == nil {
		return false, nil
	}
	switch c.Op.Positive() {
	case Like, ILike:
		return matchLike(c, v), nil
	}
	return matchOrder(c, v)
}

func matchLike(c *Clause, v any) bool {
	text, ok := v.(string)
	if !ok {
		text = fmt.Sprint(v)
	}
	fold := c.Op.Positive() == ILike
	return like(text, c.Value.(string), fold) != c.Op.Negative()
}

func matchOrder(c *Clause, v any) (bool, error) {
	n, err := value.Compare(alike(v, c.Value))
	if err != nil {
		return false, err
	}
	switch c.Op {
	case Less:
		return n < 0, nil
	case LessEqual:
		return n <= 0, nil
	case Greater:
		return n > 0, nil
	case GreaterEqual:
		return n >= 0, nil
	}
	return false, fmt.Errorf("%q is not an operator", c.Op)
}

// equal compares a field's value with an operand. A boolean that is null counts as false.
func equal(v, operand any) bool {
	_, isBool := v.(bool)
	_, wantBool := operand.(bool)
	if isBool && operand == nil || v == nil && wantBool {
		return v != true && operand != true
	}
	return value.Equal(alike(v, operand))
}

// alike brings an operand to the type of the value that it is compared with: [model, id] to the
// text of a reference, text to the date, time or number that it tells.
func alike(v, operand any) (any, any) {
	switch o := value.Plain(operand).(type) {
	case []any:
		if ref, ok := referenceOf(o); ok {
			return v, ref
		}
	case string:
		return v, parseAs(v, o)
	}
	return v, operand
}

// referenceOf is the text of a reference given as [model, id].
func referenceOf(l []any) (string, bool) {
	if len(l) != 2 {
		return "", false
	}
	model, isText := l[0].(string)
	id, isNumber := l[1].(int64)
	return value.Reference{Model: model, ID: id}.String(), isText && isNumber
}

// parseAs reads text as the type of v, and leaves it text when it is not one.
func parseAs(v any, text string) any {
	var r any
	var err error
	switch v.(type) {
	case value.Date:
		r, err = value.ParseDate(text)
	case value.TimeOfDay:
		r, err = value.ParseTimeOfDay(text)
	case value.Decimal:
		r, err = value.Parse(text)
	default:
		return text
	}
	if err != nil {
		return text
	}
	return r
}
