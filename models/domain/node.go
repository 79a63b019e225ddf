package domain

import (
	"fmt"
	"slices"
	"time"

	"paytond/models/value"
)

// Node is a part of a domain: And, Or or *Clause.
type Node interface {
	node()
}

// And fits what all its parts fit; an empty one fits every record.
type And []Node

// Or fits what one of its parts fits; an empty one fits no record.
type Or []Node

// Clause compares a field with a value.
type Clause struct {
	Field string // name, or a path of names joined by points
	Op    Op
	// Value is nil, a value of package value, []any for In and NotIn (and for a reference given as
	// model and id), or a Node for Where and NotWhere.
	Value any
	// Model is the fourth element of a clause, mostly empty: the model that is meant behind a
	// reference field, or for the four operators on trees the name of the field to the parent.
	Model string
}

func (And) node()     {}
func (Or) node()      {}
func (*Clause) node() {}

// Op is an operator, written as on the wire.
type Op string

// The operators, all there are.
const (
	Equal        Op = "="
	NotEqual     Op = "!="
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
	In           Op = "in"
	NotIn        Op = "not in"
	Like         Op = "like"
	NotLike      Op = "not like"
	ILike        Op = "ilike"
	NotILike     Op = "not ilike"
	ChildOf      Op = "child_of"
	NotChildOf   Op = "not child_of"
	ParentOf     Op = "parent_of"
	NotParentOf  Op = "not parent_of"
	Where        Op = "where"
	NotWhere     Op = "not where"
)

var opposites = map[Op]Op{
	Equal: NotEqual, NotEqual: Equal,
	Less: GreaterEqual, GreaterEqual: Less,
	LessEqual: Greater, Greater: LessEqual,
	In: NotIn, NotIn: In,
	Like: NotLike, NotLike: Like,
	ILike: NotILike, NotILike: ILike,
	ChildOf: NotChildOf, NotChildOf: ChildOf,
	ParentOf: NotParentOf, NotParentOf: ParentOf,
	Where: NotWhere, NotWhere: Where,
}

// Valid tells whether op is one of the operators.
func (op Op) Valid() bool { return opposites[op] != "" }

// Negative tells whether op is the denial of another: "!=" and those that begin with "not".
func (op Op) Negative() bool {
	switch op {
	case NotEqual, NotIn, NotLike, NotILike, NotChildOf, NotParentOf, NotWhere:
		return true
	}
	return false
}

// Positive is the operator that op denies, or op itself when it denies none.
func (op Op) Positive() Op {
	if op.Negative() {
		return opposites[op]
	}
	return op
}

// C is the clause field op value, for domains written in code. Lists of ids or texts become []any,
// integers int64 and references their text, as Parse gives them. A wrong operator or a value that does not
// suit it is a mistake of the program, so C panics.
func C(field string, op Op, v any) *Clause {
	c := &Clause{Field: field, Op: op, Value: canonical(v)}
	if err := c.check(); err != nil {
		panic("domain.C: " + err.Error())
	}
	return c
}

// AllOf is the conjunction of nodes, those that are nil left out. Of none it fits every record.
func AllOf(nodes ...Node) Node { return Simplify(And(present(nodes))) }

// AnyOf is the disjunction of nodes, those that are nil left out. Of none it fits no record.
func AnyOf(nodes ...Node) Node { return Simplify(Or(present(nodes))) }

func present(nodes []Node) []Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool { return n == nil })
}

// canonical gives a value the type that it has when it comes from the wire.
func canonical(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case value.Reference:
		return value.Plain(v)
	case []int64:
		return list(v)
	case []int:
		return list(v)
	case []string:
		return list(v)
	case []any:
		return list(v)
	}
	return v
}

func list[T any](items []T) []any {
	l := make([]any, len(items))
	for i, item := range items {
		l[i] = canonical(item)
	}
	return l
}

// check says what is wrong with a clause.
func (c *Clause) check() error {
	if err := checkPath(c.Field); err != nil {
		return err
	}
	if !c.Op.Valid() {
		return fmt.Errorf("%q is not an operator", shorten(string(c.Op)))
	}
	switch c.Op.Positive() {
	case In:
		if _, ok := c.Value.([]any); !ok {
			return fmt.Errorf("%q on %q needs a list", c.Op, c.Field)
		}
	case Where:
		if _, ok := c.Value.(Node); !ok {
			return fmt.Errorf("%q on %q needs a domain", c.Op, c.Field)
		}
	case Like, ILike:
		switch c.Value.(type) {
		case nil, string:
		default:
			return fmt.Errorf("%q on %q needs a text", c.Op, c.Field)
		}
	}
	return checkOperand(c)
}

// checkOperand refuses values that no field can be compared with.
func checkOperand(c *Clause) error {
	switch v := c.Value.(type) {
	case nil, bool, int64, float64, string, []byte, []any, Node, value.Reference,
		value.Decimal, value.Date, value.TimeOfDay, time.Time, time.Duration:
		return nil
	case map[string]any:
		return fmt.Errorf("%q on %q cannot compare with an object", c.Op, c.Field)
	default:
		return fmt.Errorf("%q on %q cannot compare with a value of type %T", c.Op, c.Field, v)
	}
}
