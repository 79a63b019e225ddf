package pyson

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"paytond/models/value"
)

// Encode is the JSON text of a value with expressions in it, in the shape the clients are used to:
// blanks after commas and colons, ASCII only, an expression's "__class__" first, keys of other
// objects sorted. A date becomes the expression of that date, likewise a datetime and a timedelta;
// a decimal becomes a plain number with all its digits. A value without a place in an expression
// is a mistake of the program and panics.
func Encode(v any) string {
	dst, err := Append(nil, v)
	if err != nil {
		panic("pyson.Encode: " + err.Error())
	}
	return string(dst)
}

// Append adds the text of Encode to dst. A value without a place in an expression is an error.
func Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return value.Append(dst, v)
	case value.Decimal:
		return append(dst, decimalText(v)...), nil
	case []any:
		return appendList(dst, v)
	case []string:
		return appendList(dst, anys(v))
	case []int64:
		return appendList(dst, anys(v))
	case map[string]any:
		return appendMap(dst, v)
	case Expr:
		return v.append(dst)
	case value.Date:
		return dateExpr(v).append(dst)
	case time.Time:
		return dateTimeExpr(v).append(dst)
	case time.Duration:
		return TimeDelta(int64(0), int64(v/time.Second), v.Microseconds()%1e6).append(dst)
	}
	return dst, fmt.Errorf("a value of type %T has no place in an expression", v)
}

// decimalText is a JSON number that shows by a point or exponent that it is no integer: with an
// exponent only where writing it out would be long.
func decimalText(d value.Decimal) string {
	const long = 20
	if s := d.Quantize(max(1, d.Digits())).Plain(); len(s) <= long {
		return s
	}
	s := d.Reduce().String()
	if !strings.ContainsAny(s, ".E") {
		s += ".0"
	}
	return s
}

func dateExpr(d value.Date) Expr {
	return Date(DateParts{Year: int64(d.Year), Month: int64(d.Month), Day: int64(d.Day)})
}

func dateTimeExpr(t time.Time) Expr {
	t = t.UTC()
	d, c := value.DateOf(t), value.TimeOfDayOf(t)
	return DateTime(DateTimeParts{
		DateParts: DateParts{Year: int64(d.Year), Month: int64(d.Month), Day: int64(d.Day)},
		Hour:      int64(c.Hour), Minute: int64(c.Minute), Second: int64(c.Second), Microsecond: int64(c.Microsecond),
	})
}

func (e Expr) append(dst []byte) ([]byte, error) {
	if e.class == nil {
		return append(dst, "null"...), nil
	}
	dst = append(dst, `{"__class__": `...)
	dst = appendString(dst, e.class.name)
	var err error
	for i, key := range e.class.keys {
		dst = append(dst, ", "...)
		dst = append(appendString(dst, key), ": "...)
		if dst, err = Append(dst, e.args[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendList(dst []byte, items []any) ([]byte, error) {
	var err error
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = Append(dst, item); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendMap(dst []byte, m map[string]any) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var err error
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendString(dst, k), ": "...)
		if dst, err = Append(dst, m[k]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func anys[T any](items []T) []any {
	l := make([]any, len(items))
	for i, item := range items {
		l[i] = item
	}
	return l
}

// appendString writes a JSON string of ASCII characters only.
func appendString(dst []byte, s string) []byte {
	start := len(dst)
	dst = value.AppendString(dst, s)
	for _, c := range dst[start:] {
		if c > '~' {
			return appendASCII(dst[:start], string(dst[start:]))
		}
	}
	return dst
}

func appendASCII(dst []byte, quoted string) []byte {
	for _, r := range quoted {
		switch {
		case r <= '~':
			dst = append(dst, byte(r))
		case r < 0x10000:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		}
	}
	return dst
}
