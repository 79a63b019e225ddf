package value

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Appender is a value that writes its own JSON, such as a row that knows its columns.
type Appender interface {
	// AppendJSON adds the value's JSON to dst and returns the extended buffer.
	AppendJSON(dst []byte) ([]byte, error)
}

// Append adds the wire's JSON of v to dst, without white space, and returns the extended buffer.
// v is any value of this package (see the package comment), a list or map of them, an Appender or
// a json.RawMessage. A nil list is [], a nil map {}. Map keys are sorted; text that is not UTF-8 is mended with U+FFFD.
// NaN, infinities, invalid dates and types without a JSON form are errors.
func Append(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case string:
		return AppendString(dst, v), nil
	case float64:
		return appendFloat(dst, v)
	case Decimal:
		return appendDecimal(dst, v), nil
	case Date:
		return appendDate(dst, v)
	case time.Time:
		return appendDateTime(dst, v)
	case TimeOfDay:
		return appendTimeOfDay(dst, v)
	case time.Duration:
		return appendTimeDelta(dst, v), nil
	case []byte:
		return appendBytes(dst, v), nil
	case Reference:
		return appendReference(dst, v), nil
	case map[string]any:
		return appendMap(dst, v)
	case []any:
		return appendSlice(dst, v, Append)
	case []int64:
		return appendSlice(dst, v, appendInt)
	case []string:
		return appendSlice(dst, v, appendText)
	case []map[string]any:
		return appendSlice(dst, v, appendMap)
	case Appender:
		return v.AppendJSON(dst)
	case json.RawMessage:
		return appendRaw(dst, v), nil
	}
	return appendOther(dst, v)
}

func appendRaw(dst []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return append(dst, "null"...)
	}
	return append(dst, raw...)
}

// Encode is Append to a new buffer.
func Encode(v any) ([]byte, error) { return Append(nil, v) }

func appendSlice[T any](dst []byte, list []T, item func([]byte, T) ([]byte, error)) ([]byte, error) {
	var err error
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = item(dst, v); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendInt(dst []byte, n int64) ([]byte, error)   { return strconv.AppendInt(dst, n, 10), nil }
func appendText(dst []byte, s string) ([]byte, error) { return AppendString(dst, s), nil }

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
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, k), ':')
		if dst, err = Append(dst, m[k]); err != nil {
			return dst, fmt.Errorf("%s: %w", k, err)
		}
	}
	return append(dst, '}'), nil
}

func appendFloat(dst []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("%v has no JSON form", f)
	}
	return append(dst, formatFloat(f)...), nil
}

// formatFloat is the shortest text that reads back as f, in Python's form: a point always, an
// exponent below 1e-4 and from 1e16 on.
func formatFloat(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func appendDecimal(dst []byte, d Decimal) []byte {
	dst = append(dst, `{"__class__":"Decimal","decimal":"`...)
	return append(append(dst, d.String()...), `"}`...)
}

func appendDate(dst []byte, d Date) ([]byte, error) {
	if !d.Valid() {
		return dst, fmt.Errorf("there is no date %s", d)
	}
	dst = append(dst, `{"__class__":"date"`...)
	return append(appendDay(dst, d), '}'), nil
}

func appendDateTime(dst []byte, t time.Time) ([]byte, error) {
	t = t.UTC()
	day := DateOf(t)
	if !day.Valid() {
		return dst, fmt.Errorf("the year of %v is out of range", t)
	}
	dst = append(dst, `{"__class__":"datetime"`...)
	dst = appendDay(dst, day)
	return append(appendClock(dst, TimeOfDayOf(t)), '}'), nil
}

func appendTimeOfDay(dst []byte, t TimeOfDay) ([]byte, error) {
	if !t.Valid() {
		return dst, fmt.Errorf("there is no time %s", t)
	}
	dst = append(dst, `{"__class__":"time"`...)
	return append(appendClock(dst, t), '}'), nil
}

func appendDay(dst []byte, d Date) []byte {
	dst = appendPart(dst, "year", d.Year)
	dst = appendPart(dst, "month", int(d.Month))
	return appendPart(dst, "day", d.Day)
}

func appendClock(dst []byte, t TimeOfDay) []byte {
	dst = appendPart(dst, "hour", t.Hour)
	dst = appendPart(dst, "minute", t.Minute)
	dst = appendPart(dst, "second", t.Second)
	return appendPart(dst, "microsecond", t.Microsecond)
}

func appendPart(dst []byte, name string, n int) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return strconv.AppendInt(dst, int64(n), 10)
}

// appendTimeDelta writes seconds with as many decimals as the microseconds need, without a float.
func appendTimeDelta(dst []byte, d time.Duration) []byte {
	dst = append(dst, `{"__class__":"timedelta","seconds":`...)
	seconds := FromMinor(d.Microseconds(), 6).Reduce()
	if seconds.Scale() == 0 {
		seconds = seconds.Quantize(1)
	}
	return append(append(dst, seconds.Plain()...), '}')
}

func appendBytes(dst, b []byte) []byte {
	dst = append(dst, `{"__class__":"bytes","base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, `"}`...)
}

func appendReference(dst []byte, r Reference) []byte {
	if r.IsZero() {
		return append(dst, "null"...)
	}
	return AppendString(dst, r.String())
}

// AppendString adds s as a JSON string. Only what JSON demands is escaped, so that markup stays readable.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = appendEscape(append(dst, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// appendOther serves named and less usual types (a string type of a selection, a list of lists)
// through reflection.
func appendOther(dst []byte, v any) ([]byte, error) {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, r.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, r.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, r.Float())
	case reflect.String:
		return AppendString(dst, r.String()), nil
	case reflect.Pointer:
		if r.IsNil() {
			return append(dst, "null"...), nil
		}
		return Append(dst, r.Elem().Interface())
	case reflect.Slice, reflect.Array:
		return appendSlice(dst, elements(r), Append)
	case reflect.Map:
		if r.Type().Key().Kind() == reflect.String {
			return appendMap(dst, entries(r))
		}
	}
	return dst, fmt.Errorf("a value of type %T has no JSON form", v)
}

func elements(r reflect.Value) []any {
	list := make([]any, r.Len())
	for i := range list {
		list[i] = r.Index(i).Interface()
	}
	return list
}

func entries(r reflect.Value) map[string]any {
	if r.IsNil() {
		return nil
	}
	m := make(map[string]any, r.Len())
	for it := r.MapRange(); it.Next(); {
		m[it.Key().String()] = it.Value().Interface()
	}
	return m
}
