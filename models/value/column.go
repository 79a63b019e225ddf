package value

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Value is the plain text, for a numeric column or bound parameter.
func (d Decimal) Value() (driver.Value, error) { return d.Plain(), nil }

// Scan reads a decimal from text or an integer. A float is refused: it has lost digits already.
// For a column that may be null scan into sql.Null[Decimal].
func (d *Decimal) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*d, err = Parse(v)
	case []byte:
		*d, err = Parse(string(v))
	case int64:
		*d = FromInt(v)
	default:
		err = fmt.Errorf("cannot read a decimal from %T", src)
	}
	return err
}

// Value is the text "2006-01-02".
func (d Date) Value() (driver.Value, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("there is no date %s", d)
	}
	return d.String(), nil
}

// Scan reads a date from its text or from the midnight that a driver makes of a date column.
func (d *Date) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*d, err = ParseDate(v)
	case []byte:
		*d, err = ParseDate(string(v))
	case time.Time:
		*d = DateOf(v)
	default:
		err = fmt.Errorf("cannot read a date from %T", src)
	}
	return err
}

// Value is the text "15:04:05", with decimals when there are microseconds.
func (t TimeOfDay) Value() (driver.Value, error) {
	if !t.Valid() {
		return nil, fmt.Errorf("there is no time %s", t)
	}
	return t.String(), nil
}

// Scan reads a time of day from its text or from the clock of a time.Time.
func (t *TimeOfDay) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*t, err = ParseTimeOfDay(v)
	case []byte:
		*t, err = ParseTimeOfDay(string(v))
	case time.Time:
		*t = TimeOfDayOf(v)
	default:
		err = fmt.Errorf("cannot read a time of day from %T", src)
	}
	return err
}

// Value is the text "model,id", or null for the zero value.
func (r Reference) Value() (driver.Value, error) {
	if r.IsZero() {
		return nil, nil
	}
	return r.String(), nil
}

// Scan reads a reference from its text; null becomes the zero value.
func (r *Reference) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		*r = Reference{}
	case string:
		*r, err = ParseReference(v)
	case []byte:
		*r, err = ParseReference(string(v))
	default:
		err = fmt.Errorf("cannot read a reference from %T", src)
	}
	return err
}
