package models

import (
	"fmt"

	"paytond/models/value"
)

// checkFixed refuses a client's change of fields that are fixed on the records as they are stored, see [Field].Fixed. A value that is what
// it was is no change: a script may send the whole record.
func (c *Class) checkFixed(tx *Tx, ids []int64, values Values) error {
	if !tx.check || tx.user == 0 {
		return nil
	}
	for _, b := range c.list {
		v, given := values[b.name]
		if !b.Fixed || !given {
			continue
		}
		for _, r := range c.Browse(tx.Unchecked(), unique(ids)) {
			fixed, err := b.state(r, "readonly")
			if err != nil {
				return err
			}
			if fixed && b.changes(r, v) {
				return UserError("The field \"%s\" of \"%s\" can no longer be changed.", b.label(), r.Name())
			}
		}
	}
	return nil
}

// Changes reports whether the values, as they are to be written, change one of the fields of the record.
func (r *Record) Changes(values Values, fields ...Named) bool {
	for _, f := range fields {
		if v, given := values[f.FieldName()]; given && r.class.fields[f.FieldName()].changes(r, v) {
			return true
		}
	}
	return false
}

// changes reports whether a client's value differs from the record's. One that is not of the field's type is refused elsewhere.
func (b *bound) changes(r *Record, v any) bool {
	before := r.Get(b.name)
	if v != nil {
		parsed, err := b.kind.parse(v)
		if err != nil {
			return false
		}
		v = parsed
	}
	if old, ok := before.(value.Decimal); ok {
		amount, ok := v.(value.Decimal)
		return !ok || !amount.Equal(old)
	}
	return plainOf(v) != plainOf(before)
}

// plainOf is a value by which two can be told apart; nothing, no tick and an empty text are the same.
func plainOf(v any) string {
	switch v {
	case nil, "", false:
		return ""
	}
	return fmt.Sprint(v)
}
