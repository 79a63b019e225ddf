package models

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"paytond/models/value"
	"paytond/sql"
)

// kind is the type of a field: its name on the wire, its column, and the ways
// between the driver's values, the record's values and what a client sends.
type kind interface {
	// wire is the type's name in a field definition.
	wire() string
	// column returns the kind of column; false if the type has none.
	column() (sql.Kind, bool)
	// load makes a record's value of a driver's. Never called with nil.
	load(v any) (any, error)
	// store makes a driver's value of a record's. Never called with nil.
	store(v any) any
	// parse makes a record's value of what a client or business code gives.
	// Never called with nil.
	parse(v any) (any, error)
}

var (
	_ kind = integerKind{}
	_ kind = floatKind{}
	_ kind = numericKind{}
	_ kind = booleanKind{}
	_ kind = charKind{}
	_ kind = selectionKind{}
	_ kind = multiSelectionKind{}
	_ kind = dateKind{}
	_ kind = dateTimeKind{}
	_ kind = timeKind{}
	_ kind = timeDeltaKind{}
	_ kind = binaryKind{}
	_ kind = dictKind{}
	_ kind = many2OneKind{}
	_ kind = referenceKind{}
	_ kind = x2ManyKind{}
)

func wrong(want string, v any) error { return BadRequest("expected %s, not %T", want, v) }

type integerKind struct{ big bool }

func (k integerKind) wire() string {
	if k.big {
		return "biginteger"
	}
	return "integer"
}

func (k integerKind) column() (sql.Kind, bool) {
	if k.big {
		return sql.BigInteger, true
	}
	return sql.Integer, true
}
func (integerKind) load(v any) (any, error) { return toInt(v) }
func (integerKind) store(v any) any         { return v }
func (k integerKind) parse(v any) (any, error) {
	n, err := toInt(v)
	if err == nil && !k.big && (n > math.MaxInt32 || n < math.MinInt32) {
		return nil, UserError("The number %d is too large.", n)
	}
	return n, err
}

func toInt(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case int:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), nil
		}
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, wrong("an integer", v)
}

type floatKind struct{}

func (floatKind) wire() string             { return "float" }
func (floatKind) column() (sql.Kind, bool) { return sql.Float, true }
func (floatKind) load(v any) (any, error)  { return toFloat(v) }
func (floatKind) store(v any) any          { return v }
func (floatKind) parse(v any) (any, error) {
	n, err := toFloat(v)
	if err == nil && (math.IsNaN(n) || math.IsInf(n, 0)) { // which JSON cannot carry to a client
		return nil, BadRequest("%v is no finite number", n)
	}
	return n, err
}

func toFloat(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	case int:
		return float64(v), nil
	case value.Decimal:
		return strconv.ParseFloat(v.String(), 64)
	}
	return 0, wrong("a number", v)
}

type numericKind struct{}

func (numericKind) wire() string             { return "numeric" }
func (numericKind) column() (sql.Kind, bool) { return sql.Numeric, true }
func (numericKind) load(v any) (any, error)  { return toDecimal(v) }
func (numericKind) store(v any) any          { return v.(value.Decimal).Plain() }
func (numericKind) parse(v any) (any, error) {
	if _, ok := v.(float64); ok {
		return nil, wrong("a decimal", v)
	}
	return toDecimal(v)
}

func toDecimal(v any) (value.Decimal, error) {
	switch v := v.(type) {
	case value.Decimal:
		return v, nil
	case int64:
		return value.FromInt(v), nil
	case int:
		return value.FromInt(int64(v)), nil
	case string:
		d, err := value.Parse(v)
		if err != nil {
			return d, BadRequest("%q is no decimal", v)
		}
		return d, nil
	case []byte:
		return value.Parse(string(v))
	}
	return value.Decimal{}, wrong("a decimal", v)
}

type booleanKind struct{}

func (booleanKind) wire() string             { return "boolean" }
func (booleanKind) column() (sql.Kind, bool) { return sql.Boolean, true }
func (booleanKind) load(v any) (any, error)  { return toBool(v) }
func (booleanKind) store(v any) any          { return v }
func (booleanKind) parse(v any) (any, error) { return toBool(v) }

func toBool(v any) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	}
	return false, wrong("true or false", v)
}

type charKind struct{ text bool }

func (k charKind) wire() string {
	if k.text {
		return "text"
	}
	return "char"
}

func (k charKind) column() (sql.Kind, bool) {
	if k.text {
		return sql.Text, true
	}
	return sql.Varchar, true
}
func (charKind) load(v any) (any, error)  { return toText(v) }
func (charKind) store(v any) any          { return v }
func (charKind) parse(v any) (any, error) { return toText(v) }

func toText(v any) (string, error) {
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return "", UserError("A text must not contain a null character.")
		}
		if !utf8.ValidString(v) {
			return "", UserError("A text must be made of characters (UTF-8).")
		}
		return v, nil
	case []byte:
		return toText(string(v))
	}
	return "", wrong("text", v)
}

// selectionKind keeps text; the values of the selection are checked by validation.
type selectionKind struct{ charKind }

func (selectionKind) wire() string { return "selection" }

type multiSelectionKind struct{}

func (multiSelectionKind) wire() string             { return "multiselection" }
func (multiSelectionKind) column() (sql.Kind, bool) { return sql.Varchar, true }
func (multiSelectionKind) load(v any) (any, error) {
	text, err := toText(v)
	if err != nil {
		return nil, err
	}
	var list []string
	return list, json.Unmarshal([]byte(text), &list)
}

// store sorts the values, so that equal sets are equal texts.
func (multiSelectionKind) store(v any) any {
	set := slices.Clone(v.([]string))
	slices.Sort(set)
	return jsonText(slices.Compact(set))
}

// jsonText writes a text or list of texts as Tryton does: without blanks.
func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	Must(e.Encode(v)) // texts always encode
	return strings.TrimSuffix(b.String(), "\n")
}
func (multiSelectionKind) parse(v any) (any, error) { return toTexts(v) }

func toTexts(v any) ([]string, error) {
	switch v := v.(type) {
	case []string:
		return v, nil
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, wrong("a list of texts", v)
			}
			list[i] = text
		}
		return list, nil
	}
	return nil, wrong("a list of texts", v)
}

type dateKind struct{}

func (dateKind) wire() string             { return "date" }
func (dateKind) column() (sql.Kind, bool) { return sql.Date, true }
func (dateKind) load(v any) (any, error)  { return toDate(v) }
func (dateKind) store(v any) any          { return v.(value.Date).String() }
func (dateKind) parse(v any) (any, error) { return toDate(v) }

func toDate(v any) (any, error) {
	switch v := v.(type) {
	case value.Date:
		return v, nil
	case time.Time:
		return value.Date{Year: v.Year(), Month: v.Month(), Day: v.Day()}, nil
	case string:
		if len(v) > 10 {
			v = v[:10]
		}
		d, err := value.ParseDate(v)
		if err != nil {
			return nil, BadRequest("%q is no date", v)
		}
		return d, nil
	}
	return nil, wrong("a date", v)
}

type dateTimeKind struct{ micro bool }

func (k dateTimeKind) wire() string {
	if k.micro {
		return "timestamp"
	}
	return "datetime"
}

func (k dateTimeKind) column() (sql.Kind, bool) {
	if k.micro {
		return sql.Timestamp, true
	}
	return sql.DateTime, true
}
func (dateTimeKind) load(v any) (any, error) { return toTime(v) }
func (dateTimeKind) store(v any) any         { return v }
func (k dateTimeKind) parse(v any) (any, error) {
	t, err := toTime(v)
	if err == nil && !k.micro {
		t = t.Truncate(time.Second)
	}
	return t, err
}

// TimestampLayout is how a point in time is written as text, in UTC.
const TimestampLayout = "2006-01-02 15:04:05.999999"

func toTime(v any) (time.Time, error) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	case value.Date:
		return v.Time(), nil
	case string:
		for _, layout := range []string{TimestampLayout, time.RFC3339Nano, "2006-01-02T15:04:05.999999", time.DateOnly} {
			if t, err := time.Parse(layout, v); err == nil {
				return t.UTC(), nil
			}
		}
		return time.Time{}, BadRequest("%q is no point in time", v)
	}
	return time.Time{}, wrong("a point in time", v)
}

type timeKind struct{}

func (timeKind) wire() string             { return "time" }
func (timeKind) column() (sql.Kind, bool) { return sql.Time, true }
func (timeKind) load(v any) (any, error) {
	switch v := v.(type) {
	case value.TimeOfDay:
		return v, nil
	case time.Time:
		return value.TimeOfDay{Hour: v.Hour(), Minute: v.Minute(), Second: v.Second(), Microsecond: v.Nanosecond() / 1000}, nil
	case string:
		t, err := time.Parse("15:04:05.999999", v)
		if err != nil {
			return nil, BadRequest("%q is no time of day", v)
		}
		return timeKind{}.load(t)
	}
	return nil, wrong("a time of day", v)
}
func (timeKind) store(v any) any            { return fmt.Sprint(v) }
func (k timeKind) parse(v any) (any, error) { return k.load(v) }

type timeDeltaKind struct{}

func (timeDeltaKind) wire() string             { return "timedelta" }
func (timeDeltaKind) column() (sql.Kind, bool) { return sql.Interval, true }
func (timeDeltaKind) load(v any) (any, error) {
	switch v := v.(type) {
	case time.Duration:
		return v, nil
	}
	return nil, wrong("a duration", v)
}
func (timeDeltaKind) store(v any) any            { return v }
func (k timeDeltaKind) parse(v any) (any, error) { return k.load(v) }

type binaryKind struct{}

func (binaryKind) wire() string             { return "binary" }
func (binaryKind) column() (sql.Kind, bool) { return sql.Binary, true }
func (binaryKind) load(v any) (any, error)  { return toBytes(v) }
func (binaryKind) store(v any) any          { return v }
func (binaryKind) parse(v any) (any, error) { return toBytes(v) }

func toBytes(v any) ([]byte, error) {
	switch v := v.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	return nil, wrong("bytes", v)
}

type dictKind struct{}

func (dictKind) wire() string             { return "dict" }
func (dictKind) column() (sql.Kind, bool) { return sql.Text, true }
func (dictKind) load(v any) (any, error) {
	text, err := toText(v)
	if err != nil {
		return nil, err
	}
	decoded, err := value.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	return dictKind{}.parse(decoded)
}
func (dictKind) store(v any) any {
	text := must1(value.Append(nil, v))
	return string(text)
}
func (dictKind) parse(v any) (any, error) {
	if m, ok := v.(map[string]any); ok {
		return m, nil
	}
	return nil, wrong("an object", v)
}

type many2OneKind struct{}

func (many2OneKind) wire() string             { return "many2one" }
func (many2OneKind) column() (sql.Kind, bool) { return sql.Integer, true }
func (many2OneKind) load(v any) (any, error)  { return toInt(v) }
func (many2OneKind) store(v any) any          { return v }
func (many2OneKind) parse(v any) (any, error) {
	switch r := v.(type) {
	case *Record:
		if r == nil {
			return nil, nil
		}
		return r.id, nil
	case bool:
		if !r { // GTK sends false for an empty relation in places
			return nil, nil
		}
	}
	return integerKind{}.parse(v)
}

type referenceKind struct{}

func (referenceKind) wire() string             { return "reference" }
func (referenceKind) column() (sql.Kind, bool) { return sql.Varchar, true }
func (referenceKind) load(v any) (any, error)  { return toReference(v) }
func (referenceKind) store(v any) any          { return v.(value.Reference).String() }
func (referenceKind) parse(v any) (any, error) { return toReference(v) }

func toReference(v any) (any, error) {
	switch v := v.(type) {
	case value.Reference:
		return v, nil
	case *Record:
		return value.Reference{Model: v.class.Name, ID: v.id}, nil
	case string:
		if v == "" {
			return nil, nil
		}
		ref, err := value.ParseReference(v)
		if err != nil {
			return nil, BadRequest("%q is no reference", v)
		}
		return ref, nil
	case []any:
		if len(v) == 2 {
			if name, ok := v[0].(string); ok {
				id, err := toInt(v[1])
				return value.Reference{Model: name, ID: id}, err
			}
		}
	}
	return nil, wrong("a reference", v)
}

// x2ManyKind is One2Many and Many2Many; writing them is by commands, see x2many.go.
type x2ManyKind struct{ many bool }

func (k x2ManyKind) wire() string {
	if k.many {
		return "many2many"
	}
	return "one2many"
}
func (x2ManyKind) column() (sql.Kind, bool) { return 0, false }
func (x2ManyKind) load(v any) (any, error)  { return v, nil }
func (x2ManyKind) store(v any) any          { return v }
func (x2ManyKind) parse(v any) (any, error) { return v, nil }
