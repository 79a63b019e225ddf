package pyson

import (
	"fmt"
	"slices"

	"paytond/models/value"
)

// Decode reads a JSON text into nil, bool, string, int64, value.Decimal (numbers with a fraction),
// []any, map[string]any and Expr for the objects of PYSON's classes. Objects of other classes stay
// maps. Text that is not JSON, an expression that lacks a part and nesting beyond 200 are errors;
// the types of parts are not checked, since Evaluate copes with any.
func Decode(text string) (any, error) {
	v, err := value.DecodeText(text)
	if err != nil {
		return nil, fmt.Errorf("pyson: %w", err)
	}
	return fromTree(v)
}

func fromTree(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			item, err := fromTree(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = item
		}
	case map[string]any:
		for k := range v {
			item, err := fromTree(v[k])
			if err != nil {
				return nil, err
			}
			v[k] = item
		}
		return fromMap(v)
	}
	return v, nil
}

// fromMap makes an expression of an object of a class of PYSON.
func fromMap(m map[string]any) (any, error) {
	name, _ := m["__class__"].(string)
	c := classNamed(name)
	if c == nil {
		return m, nil
	}
	args := make([]any, len(c.keys))
	for i, key := range c.keys {
		arg, ok := m[key]
		if !ok && i < c.required {
			return nil, fmt.Errorf("pyson: %s lacks %q", name, key)
		}
		args[i] = arg
	}
	if c == classAnd || c == classOr {
		if parts, ok := args[0].([]any); !ok || len(parts) == 0 {
			return nil, fmt.Errorf("pyson: %s needs a list of parts", name)
		}
	}
	return Expr{c, args}, nil
}

func classNamed(name string) *class {
	i := slices.IndexFunc(classes(), func(c *class) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return classes()[i]
}

func classes() []*class {
	return []*class{
		classEval, classNot, classBool, classAnd, classOr, classEqual, classGreater, classLess,
		classIf, classGet, classIn, classLen, classDate, classDateTime, classTimeDelta,
	}
}

// Vars is the sorted list of the names that the expressions in v read through Eval, each once.
// A name that is itself computed is not in it.
func Vars(v any) []string {
	var names []string
	collect(v, &names)
	slices.Sort(names)
	return slices.Compact(names)
}

func collect(v any, names *[]string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collect(item, names)
		}
	case map[string]any:
		for _, item := range v {
			collect(item, names)
		}
	case Expr:
		if name, ok := first(v.args).(string); ok && v.class == classEval {
			*names = append(*names, name)
		}
		for _, arg := range v.args {
			collect(arg, names)
		}
	}
}

func first(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}
