package pyson

import "fmt"

// The classes, with the keys that the clients know. They are set once here and never changed.
var (
	classEval      = &class{name: "Eval", keys: []string{"v", "d"}, required: 2, result: ofDefault, eval: evalEval}
	classNot       = &class{name: "Not", keys: []string{"v"}, required: 1, result: boolean, eval: evalNot}
	classBool      = &class{name: "Bool", keys: []string{"v"}, required: 1, result: boolean, eval: evalBool}
	classAnd       = &class{name: "And", keys: []string{"s"}, required: 1, result: boolean, eval: evalAnd}
	classOr        = &class{name: "Or", keys: []string{"s"}, required: 1, result: boolean, eval: evalOr}
	classEqual     = &class{name: "Equal", keys: []string{"s1", "s2"}, required: 2, result: boolean, eval: evalEqual}
	classGreater   = &class{name: "Greater", keys: []string{"s1", "s2", "e"}, required: 2, result: boolean, eval: evalGreater}
	classLess      = &class{name: "Less", keys: []string{"s1", "s2", "e"}, required: 2, result: boolean, eval: evalLess}
	classIf        = &class{name: "If", keys: []string{"c", "t", "e"}, required: 3, result: ofBranch, eval: evalIf}
	classGet       = &class{name: "Get", keys: []string{"v", "k", "d"}, required: 3, result: ofDefault, eval: evalGet}
	classIn        = &class{name: "In", keys: []string{"k", "v"}, required: 2, result: boolean, eval: evalIn}
	classLen       = &class{name: "Len", keys: []string{"v"}, required: 1, result: integer, eval: evalLen}
	classDate      = &class{name: "Date", keys: []string{"y", "M", "d", "dy", "dM", "dd", "start"}, result: date, eval: evalDate}
	classDateTime  = &class{name: "DateTime", keys: []string{"y", "M", "d", "dy", "dM", "dd", "start", "h", "m", "s", "ms", "dh", "dm", "ds", "dms"}, result: datetime, eval: evalDateTime}
	classTimeDelta = &class{name: "TimeDelta", keys: []string{"d", "s", "m"}, result: timedelta, eval: evalTimeDelta}
)

// Eval is the value that name has in the record or context, or byDefault where it has none. The
// default also tells the type: Eval("amount", 0) is a number, Eval("active", true) is true or false.
func Eval(name string, byDefault any) Expr {
	if name == "" {
		panic("pyson.Eval: the name is empty")
	}
	kindOf(byDefault)
	return Expr{classEval, []any{name, byDefault}}
}

// Not is true when v is not. What is not a boolean counts as in Bool.
func Not(v any) Expr { return Expr{classNot, []any{condition(v)}} }

// Bool is false for null, zero, and empty texts, lists and objects, else true.
func Bool(v any) Expr {
	kindOf(v)
	return Expr{classBool, []any{v}}
}

// And is true when all parts are; there are at least two.
func And(parts ...any) Expr { return Expr{classAnd, []any{conditions(classAnd, parts)}} }

// Or is true when one of the parts is; there are at least two.
func Or(parts ...any) Expr { return Expr{classOr, []any{conditions(classOr, parts)}} }

func conditions(c *class, parts []any) []any {
	if len(parts) < 2 {
		panic(fmt.Sprintf("pyson.%s: at least two parts are needed", c.name))
	}
	r := make([]any, len(parts))
	for i, p := range parts {
		r[i] = condition(p)
	}
	return r
}

// Equal is true when a and b, of one type, are the same.
func Equal(a, b any) Expr {
	must(classEqual, "the second part", b, kindOf(a))
	return Expr{classEqual, []any{a, b}}
}

// NotEqual is Not(Equal(a, b)).
func NotEqual(a, b any) Expr { return Not(Equal(a, b)) }

// Greater is true when a > b: numbers or dates. It is false when one of them is null.
func Greater(a, b any) Expr { return compare(classGreater, a, b, false) }

// GreaterEqual is true when a >= b: numbers or dates. It is false when one of them is null.
func GreaterEqual(a, b any) Expr { return compare(classGreater, a, b, true) }

// Less is true when a < b: numbers or dates. It is false when one of them is null.
func Less(a, b any) Expr { return compare(classLess, a, b, false) }

// LessEqual is true when a <= b: numbers or dates. It is false when one of them is null.
func LessEqual(a, b any) Expr { return compare(classLess, a, b, true) }

func compare(c *class, a, b any, orEqual bool) Expr {
	must(c, "the first part", a, integer, float, date, datetime, null)
	must(c, "the second part", b, integer, float, date, datetime, null)
	return Expr{c, []any{a, b, orEqual}}
}

// If is then when the condition holds, else otherwise; both are of one type.
func If(cond, then, otherwise any) Expr {
	must(classIf, "the else part", otherwise, kindOf(then))
	return Expr{classIf, []any{condition(cond), then, otherwise}}
}

// Get is the member of an object under a key, or byDefault where there is none.
func Get(object, key, byDefault any) Expr {
	must(classGet, "the first part", object, dict)
	must(classGet, "the key", key, text)
	kindOf(byDefault)
	return Expr{classGet, []any{object, key, byDefault}}
}

// In is true when key is an element of a list, or a constant text that is a key of an object.
func In(key, container any) Expr {
	must(classIn, "the container", container, list, dict)
	if kindOf(container) == list {
		must(classIn, "the element", key, text, integer)
	} else if _, ok := key.(string); !ok {
		panic("pyson.In: the key of an object must be a constant text")
	}
	return Expr{classIn, []any{key, container}}
}

// Len is the number of elements of a list or object, or of characters of a text.
func Len(v any) Expr {
	must(classLen, "the part", v, list, dict, text)
	return Expr{classLen, []any{v}}
}

// DateParts says which day Date is. Each part is an integer, an expression of one, or nil.
type DateParts struct {
	Year, Month, Day                   any // replace that part of the start; nil and 0 leave it
	DeltaYears, DeltaMonths, DeltaDays any // are added then; nil is 0
	Start                              any // a date, or an expression of one; nil is today
}

// DateTimeParts says which moment DateTime is, as DateParts does. Here a zero hour replaces too,
// and without a Start the parts not given are those of this moment.
type DateTimeParts struct {
	DateParts
	Hour, Minute, Second, Microsecond                         any
	DeltaHours, DeltaMinutes, DeltaSeconds, DeltaMicroseconds any
}

// Date is a day reckoned from a start. A day beyond the end of its month becomes the last one.
func Date(p DateParts) Expr { return Expr{classDate, p.args(classDate)} }

// DateTime is a moment in UTC reckoned from a start.
func DateTime(p DateTimeParts) Expr {
	args := p.DateParts.args(classDateTime)
	for _, v := range []any{p.Hour, p.Minute, p.Second, p.Microsecond} {
		must(classDateTime, "a part", v, integer, null)
		args = append(args, v)
	}
	for _, v := range []any{p.DeltaHours, p.DeltaMinutes, p.DeltaSeconds, p.DeltaMicroseconds} {
		args = append(args, delta(classDateTime, v))
	}
	return Expr{classDateTime, args}
}

func (p DateParts) args(c *class) []any {
	args := make([]any, 0, len(c.keys))
	for _, v := range []any{p.Year, p.Month, p.Day} {
		must(c, "a part", v, integer, null)
		args = append(args, v)
	}
	for _, v := range []any{p.DeltaYears, p.DeltaMonths, p.DeltaDays} {
		args = append(args, delta(c, v))
	}
	must(c, "the start", p.Start, date, datetime, null)
	return append(args, p.Start)
}

func delta(c *class, v any) any {
	if v == nil {
		return int64(0)
	}
	must(c, "a delta", v, integer)
	return v
}

// TimeDelta is a duration; each part is a number or an expression of one.
func TimeDelta(days, seconds, microseconds any) Expr {
	args := []any{days, seconds, microseconds}
	for _, v := range args {
		must(classTimeDelta, "a part", v, integer, float)
	}
	return Expr{classTimeDelta, args}
}
