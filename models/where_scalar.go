package models

import (
	"math"
	"strings"

	"paytond/models/domain"
	"paytond/models/value"
	"paytond/sql"
)

func listOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// scalar compares a column with a value. Null fits only what asks for null; of
// a boolean it counts as false.
func (t *translator) scalar(b *bound, cl *domain.Clause, expr string) (sql.F, error) {
	switch b.kind.(type) {
	case booleanKind:
		if cl.Op == domain.Equal || cl.Op == domain.NotEqual {
			return t.boolean(b, cl, expr)
		}
	case multiSelectionKind:
		return t.multiSelection(b, cl, expr)
	}
	switch cl.Op {
	case domain.In, domain.NotIn:
		return t.in(b, cl, expr)
	case domain.Like, domain.NotLike, domain.ILike, domain.NotILike:
		return t.like(b, cl, expr)
	case domain.ChildOf, domain.NotChildOf, domain.ParentOf, domain.NotParentOf:
		if b.name == "id" {
			return t.tree(b.class, expr, cl.Model, cl)
		}
	}
	if cl.Value == nil {
		return null(expr, cl.Op), nil
	}
	arg, err := t.operand(b, cl.Value)
	if err != nil {
		return sql.F{}, err
	}
	switch cl.Op {
	case domain.Equal, domain.NotEqual, domain.Less, domain.LessEqual, domain.Greater, domain.GreaterEqual:
		return sql.SQL(expr+" "+string(cl.Op)+" ?", arg), nil
	}
	return sql.F{}, BadRequest("the operator \"%s\" does not fit the field \"%s\"", cl.Op, b.name)
}

// null compares with null: nothing is less or greater.
func null(expr string, op domain.Op) sql.F {
	switch op {
	case domain.Equal:
		return sql.SQL(expr + " IS NULL")
	case domain.NotEqual:
		return sql.SQL(expr + " IS NOT NULL")
	}
	return sql.Or()
}

// boolean compares for equality; an operand that is null is false, and so is a
// column for "=".
func (t *translator) boolean(b *bound, cl *domain.Clause, expr string) (sql.F, error) {
	want, err := toBool(cl.Value)
	if err != nil && cl.Value != nil {
		return sql.F{}, b.invalid(err)
	}
	switch {
	case cl.Op == domain.NotEqual:
		return sql.SQL(expr+" = ?", !want), nil
	case want:
		return sql.SQL(expr+" = ?", true), nil
	}
	return sql.SQL("("+expr+" = ? OR "+expr+" IS NULL)", false), nil
}

// multiSelection compares sets, which are stored sorted: as wholes, or for one
// common value.
func (t *translator) multiSelection(b *bound, cl *domain.Clause, expr string) (sql.F, error) {
	list, isList := cl.Value.([]any)
	switch cl.Op.Positive() {
	case domain.Equal:
		if cl.Value == nil {
			return null(expr, cl.Op), nil
		}
		set, err := toTexts(list)
		if !isList || err != nil { // no set is equal to what is none
			if cl.Op.Negative() {
				return null(expr, domain.NotEqual), nil
			}
			return sql.Or(), nil
		}
		return sql.SQL(expr+" "+string(cl.Op)+" ?", b.kind.store(set)), nil
	case domain.In:
		return t.oneOf(cl, list, expr)
	}
	return sql.F{}, BadRequest("the operator \"%s\" does not fit the field \"%s\"", cl.Op, b.name)
}

// oneOf finds the sets with one of the values by the text of their elements.
func (t *translator) oneOf(cl *domain.Clause, list []any, expr string) (sql.F, error) {
	stored := t.tx.Dialect().Cast(expr, sql.Text)
	var parts []sql.F
	null := false
	for _, item := range list {
		word, ok := item.(string)
		if !ok {
			null = null || item == nil
			continue
		}
		element := domain.EscapeLike(jsonText(word))
		parts = append(parts, sql.SQL(t.tx.Dialect().Like(stored, "?", false), "%"+element+"%"))
	}
	return member(cl, balance(parts, sql.Or), expr, null), nil
}

// member completes "is one of": f is true for the values that are not null.
// Null is a member only of a list with null, and outside only of an empty one.
func member(cl *domain.Clause, f sql.F, expr string, null bool) sql.F {
	switch {
	case len(cl.Value.([]any)) == 0 && cl.Op == domain.NotIn:
		return sql.And()
	case cl.Op == domain.NotIn:
		return sql.SQL(expr+" IS NOT NULL AND NOT (?)", f)
	case null:
		return sql.Or(f, sql.SQL(expr+" IS NULL"))
	}
	return f
}

func (b *bound) invalid(err error) error {
	return BadRequest("the value for \"%s\" in the domain is not valid: %s", b.name, err)
}

// operand makes an argument of a clause's value, or SQL text (an F) where it
// needs a cast.
func (t *translator) operand(b *bound, v any) (any, error) {
	switch b.kind.(type) {
	case integerKind, many2OneKind:
		return t.integer(b, v)
	case referenceKind:
		if word, ok := v.(string); ok { // may be any text: then it is equal to none
			word, err := toText(word)
			return word, err
		}
	case numericKind:
		if f, ok := v.(float64); ok {
			d, err := value.FromFloat(f)
			if err != nil {
				return nil, b.invalid(err)
			}
			v = d
		}
	}
	parsed, err := b.kind.parse(v)
	if err != nil {
		return nil, b.invalid(err)
	}
	if parsed == nil {
		return nil, nil
	}
	return b.kind.store(parsed), nil
}

// integer is a number that an integer column is compared with: as it is if the
// column could hold it, else as a decimal.
func (t *translator) integer(b *bound, v any) (any, error) {
	number, isNumber := value.Number(v)
	n, err := toInt(v)
	switch {
	case err == nil && fits(b, n):
		return n, nil
	case err != nil && !isNumber:
		return nil, b.invalid(err)
	case !isNumber: // a text with a large number
		number = value.FromInt(n)
	}
	return sql.SQL(t.tx.Dialect().Cast("?", sql.Numeric), number.Plain()), nil
}

// fits reports whether the field's column can hold the number.
func fits(b *bound, n int64) bool {
	if k, ok := b.kind.(integerKind); ok && k.big {
		return true
	}
	return n >= math.MinInt32 && n <= math.MaxInt32
}

func (t *translator) in(b *bound, cl *domain.Clause, expr string) (sql.F, error) {
	var args []any
	null := false
	for _, item := range listOf(cl.Value) {
		if item == nil {
			null = true
			continue
		}
		arg, err := t.operand(b, item)
		if err != nil {
			return sql.F{}, err
		}
		if _, outside := arg.(sql.F); !outside { // no column has such a number
			args = append(args, arg)
		}
	}
	f := sql.Or()
	if len(args) > 0 {
		f = sql.SQL(expr+" IN (?)", compact(args))
	}
	return member(cl, f, expr, null), nil
}

// compact gives a list of ids its own type, which package sql writes without
// limit of arguments.
func compact(args []any) any {
	ids := make([]int64, len(args))
	for i, arg := range args {
		id, ok := arg.(int64)
		if !ok {
			return args
		}
		ids[i] = id
	}
	return ids
}

// like matches a pattern; null matches none, not even a negative one.
func (t *translator) like(b *bound, cl *domain.Clause, expr string) (sql.F, error) {
	if cl.Value == nil {
		return sql.Or(), nil
	}
	pattern, err := toText(cl.Value)
	if err != nil {
		return sql.F{}, b.invalid(err)
	}
	switch b.kind.(type) {
	case charKind, selectionKind, referenceKind:
	default:
		expr = t.tx.Dialect().Cast(expr, sql.Varchar)
	}
	f := sql.SQL(t.tx.Dialect().Like(expr, "?", cl.Op.Positive() == domain.ILike), closed(pattern))
	if cl.Op.Negative() {
		f = sql.Not(f)
	}
	return f, nil
}

// closed makes an escape at the end of a pattern stand for itself, which
// PostgreSQL refuses otherwise.
func closed(pattern string) string {
	escapes := len(pattern) - len(strings.TrimRight(pattern, `\`))
	if escapes%2 == 1 {
		return pattern + `\`
	}
	return pattern
}
