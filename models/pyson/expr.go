package pyson

import (
	"fmt"
	"reflect"
	"time"

	"paytond/models/value"
)

// Expr is one expression. It is immutable. The zero value is no expression and encodes as null.
type Expr struct {
	class *class
	args  []any // in the order of class.keys
}

// class is a kind of expression: its name and the keys of its parts in the order they are written.
type class struct {
	name     string
	keys     []string
	required int // so many of the keys, from the first, must be there when a text is read
	result   kind
	eval     func(e *evaluator, args []any) (any, error)
}

// Class is the name of the expression's class, such as "Eval"; "" for the zero value.
func (e Expr) Class() string {
	if e.class == nil {
		return ""
	}
	return e.class.name
}

// IsZero tells whether e is no expression.
func (e Expr) IsZero() bool { return e.class == nil }

// String is the JSON text of e.
func (e Expr) String() string { return Encode(e) }

// Equal tells whether two expressions have the same parts.
func (e Expr) Equal(o Expr) bool {
	return e.class == o.class && reflect.DeepEqual(e.args, o.args)
}

// kind is the type that a value or the result of an expression has in the eyes of a client.
type kind string

const (
	null      kind = "null"
	boolean   kind = "boolean"
	text      kind = "text"
	integer   kind = "integer"
	float     kind = "number with decimals"
	list      kind = "list"
	dict      kind = "object"
	date      kind = "date"
	datetime  kind = "datetime"
	timedelta kind = "timedelta"
	// ofDefault and ofBranch stand for the kind of an argument in the table of classes.
	ofDefault kind = "default"
	ofBranch  kind = "branch"
)

// kindOf is the kind of any value that may stand in an expression. A type without one panics.
func kindOf(v any) kind {
	switch v := v.(type) {
	case nil:
		return null
	case Expr:
		return v.kind()
	case bool:
		return boolean
	case string:
		return text
	case int, int64:
		return integer
	case float64, value.Decimal:
		return float
	case []any, []string, []int64:
		return list
	case map[string]any:
		return dict
	case value.Date:
		return date
	case time.Time:
		return datetime
	case time.Duration:
		return timedelta
	}
	panic(fmt.Sprintf("pyson: a value of type %T has no place in an expression", v))
}

func (e Expr) kind() kind {
	switch {
	case e.class == nil:
		return null
	case e.class.result == ofDefault:
		return kindOf(e.args[len(e.args)-1])
	case e.class.result == ofBranch:
		return kindOf(e.args[1])
	}
	return e.class.result
}

// must panics unless the argument is of one of the kinds.
func must(c *class, what string, v any, kinds ...kind) {
	have := kindOf(v)
	for _, k := range kinds {
		if have == k {
			return
		}
	}
	panic(fmt.Sprintf("pyson.%s: %s must be %v, not %s", c.name, what, kinds, have))
}

// condition is v as something true or false: what is not boolean already is wrapped in Bool, and a
// constant is decided here and now.
func condition(v any) any {
	if kindOf(v) == boolean {
		return v
	}
	if _, ok := v.(Expr); !ok {
		return Truthy(v)
	}
	return Bool(v)
}
