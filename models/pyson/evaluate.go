package pyson

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"paytond/models/value"
)

// Evaluate is v with every expression in it replaced by its result, to any depth of lists and
// maps; v itself is left as it is. ctx has the values that Eval reads: those of the record and the
// context under their names, values of package value. A name with points is looked for as it is,
// then member by member in nested maps ("_parent_line.amount"); a name that ctx lacks gives Eval's default.
//
// now is what Date (the day in now's own zone) and DateTime (in UTC) start from. The result of Date
// is a value.Date, of DateTime a time.Time, of TimeDelta a time.Duration.
// Only a part of a wrong type, such as a comparison of a text with a number, is an error.
func Evaluate(v any, ctx map[string]any, now time.Time) (any, error) {
	e := evaluator{ctx, now}
	return e.value(v)
}

type evaluator struct {
	ctx map[string]any
	now time.Time
}

func (e *evaluator) value(v any) (any, error) {
	switch v := v.(type) {
	case Expr:
		return e.expr(v)
	case []any:
		r := make([]any, len(v))
		for i := range v {
			item, err := e.value(v[i])
			if err != nil {
				return nil, err
			}
			r[i] = item
		}
		return r, nil
	case map[string]any:
		r := make(map[string]any, len(v))
		for k := range v {
			item, err := e.value(v[k])
			if err != nil {
				return nil, err
			}
			r[k] = item
		}
		return r, nil
	}
	return value.Plain(v), nil
}

func (e *evaluator) expr(x Expr) (any, error) {
	if x.class == nil {
		return nil, nil
	}
	v, err := x.class.eval(e, x.args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.class.name, err)
	}
	return v, nil
}

func evalEval(e *evaluator, args []any) (any, error) {
	name, err := e.value(args[0])
	if err != nil {
		return nil, err
	}
	if name, ok := name.(string); ok {
		if v, found := lookup(e.ctx, name); found {
			return value.Plain(v), nil
		}
	}
	return e.value(args[1])
}

// lookup finds a name, whole or member by member.
func lookup(m map[string]any, name string) (any, bool) {
	if v, ok := m[name]; ok {
		return v, true
	}
	head, rest, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil, false
	}
	inner, ok := m[head].(map[string]any)
	if !ok {
		return nil, false
	}
	return lookup(inner, rest)
}

// truth evaluates an argument as something true or false.
func (e *evaluator) truth(arg any) (bool, error) {
	v, err := e.value(arg)
	return Truthy(v), err
}

func evalNot(e *evaluator, args []any) (any, error) {
	ok, err := e.truth(args[0])
	return !ok, err
}

func evalBool(e *evaluator, args []any) (any, error) { return e.truth(args[0]) }

func evalAnd(e *evaluator, args []any) (any, error) { return e.until(args[0], false) }
func evalOr(e *evaluator, args []any) (any, error)  { return e.until(args[0], true) }

// until goes through the parts until one is what decides, and returns the truth of the whole.
func (e *evaluator) until(parts any, decisive bool) (any, error) {
	list, _ := parts.([]any)
	for _, p := range list {
		ok, err := e.truth(p)
		if err != nil || ok == decisive {
			return ok, err
		}
	}
	return !decisive, nil
}

func evalIf(e *evaluator, args []any) (any, error) {
	ok, err := e.truth(args[0])
	if err != nil {
		return nil, err
	}
	if ok {
		return e.value(args[1])
	}
	return e.value(args[2])
}

// pair evaluates the first two arguments.
func (e *evaluator) pair(args []any) (a, b any, err error) {
	if a, err = e.value(args[0]); err != nil {
		return nil, nil, err
	}
	b, err = e.value(args[1])
	return a, b, err
}

func evalEqual(e *evaluator, args []any) (any, error) {
	a, b, err := e.pair(args)
	if err != nil {
		return nil, err
	}
	return value.Equal(a, b), nil
}

func evalGreater(e *evaluator, args []any) (any, error) {
	a, b, err := e.pair(args)
	if err != nil {
		return nil, err
	}
	return e.ordered(b, a, args[2])
}

func evalLess(e *evaluator, args []any) (any, error) {
	a, b, err := e.pair(args)
	if err != nil {
		return nil, err
	}
	return e.ordered(a, b, args[2])
}

// ordered tells whether a < b, or a <= b when orEqual is true; false when one is null.
func (e *evaluator) ordered(a, b, orEqual any) (any, error) {
	equalToo, err := e.truth(orEqual)
	if err != nil {
		return nil, err
	}
	if a == nil || b == nil {
		return false, nil
	}
	c, err := value.Compare(a, b)
	if err != nil {
		return nil, err
	}
	return c < 0 || c == 0 && equalToo, nil
}

func evalGet(e *evaluator, args []any) (any, error) {
	object, key, err := e.pair(args)
	if err != nil {
		return nil, err
	}
	m, ok := object.(map[string]any)
	if !ok && object != nil {
		return nil, fmt.Errorf("%s is not an object", value.Describe(object))
	}
	if key, ok := key.(string); ok {
		if v, found := m[key]; found {
			return value.Plain(v), nil
		}
	}
	return e.value(args[2])
}

func evalIn(e *evaluator, args []any) (any, error) {
	key, container, err := e.pair(args)
	if err != nil {
		return nil, err
	}
	switch c := container.(type) {
	case nil:
		return false, nil
	case []any:
		for _, item := range c {
			if value.Equal(item, key) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		name, _ := key.(string)
		_, found := c[name]
		return found, nil
	case string:
		part, ok := key.(string)
		return ok && strings.Contains(c, part), nil
	}
	return nil, fmt.Errorf("%s contains nothing", value.Describe(container))
}

func evalLen(e *evaluator, args []any) (any, error) {
	v, err := e.value(args[0])
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return int64(0), nil
	case []any:
		return int64(len(v)), nil
	case map[string]any:
		return int64(len(v)), nil
	case string:
		return int64(utf8.RuneCountInString(v)), nil
	}
	return nil, fmt.Errorf("%s has no length", value.Describe(v))
}
