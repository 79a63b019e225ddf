package value

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Plain gives a value that Go code made the type that it has when it comes from the wire: int64
// for int, text or nil for a Reference, []any for []int64 and []string. Others are returned as they are.
func Plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case Reference:
		if v.IsZero() {
			return nil
		}
		return v.String()
	case []int64:
		return anys(v)
	case []string:
		return anys(v)
	}
	return v
}

func anys[T any](items []T) []any {
	l := make([]any, len(items))
	for i, item := range items {
		l[i] = item
	}
	return l
}

// Number is v as an exact number, if v is one: an integer, a Decimal, a finite float64, or a bool
// (true is 1, false 0).
func Number(v any) (Decimal, bool) {
	switch v := v.(type) {
	case int64:
		return FromInt(v), true
	case int:
		return FromInt(int64(v)), true
	case Decimal:
		return v, true
	case float64:
		d, err := FromFloat(v)
		return d, err == nil
	case bool:
		if v {
			return FromInt(1), true
		}
		return Decimal{}, true
	}
	return Decimal{}, false
}

// Equal tells whether two values are the same. Numbers are compared as numbers whatever their types
// are, a Reference as its text, lists and maps element by element. A Date never equals a datetime.
func Equal(a, b any) bool {
	a, b = Plain(a), Plain(b)
	if x, ok := Number(a); ok {
		y, ok := Number(b)
		return ok && x.Equal(y)
	}
	switch a := a.(type) {
	case nil, string, Date, TimeOfDay, time.Duration:
		return simple(b) && a == b
	case time.Time:
		t, ok := b.(time.Time)
		return ok && a.Equal(t)
	case []byte:
		t, ok := b.([]byte)
		return ok && string(a) == string(t)
	case []any:
		return equalLists(a, b)
	case map[string]any:
		return equalMaps(a, b)
	}
	return false
}

// simple tells whether == on an interface that holds v cannot panic.
func simple(v any) bool {
	switch v.(type) {
	case nil, string, Date, TimeOfDay, time.Duration:
		return true
	}
	return false
}

func equalLists(a []any, b any) bool {
	l, ok := b.([]any)
	if !ok || len(l) != len(a) {
		return false
	}
	for i := range a {
		if !Equal(a[i], l[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a map[string]any, b any) bool {
	m, ok := b.(map[string]any)
	if !ok || len(m) != len(a) {
		return false
	}
	for k := range a {
		v, ok := m[k]
		if !ok || !Equal(a[k], v) {
			return false
		}
	}
	return true
}

// Compare is -1, 0 or +1 as a is less than, equal to or greater than b: two numbers, texts (byte by
// byte), days or moments (a Date counts as its midnight), times of day or durations. Values without
// an order, nil among them, are an error.
func Compare(a, b any) (int, error) {
	a, b = Plain(a), Plain(b)
	if x, y, ok := both(a, b, Number); ok {
		return x.Cmp(y), nil
	}
	if x, y, ok := both(a, b, moment); ok {
		return x.Compare(y), nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case TimeOfDay:
		if y, ok := b.(TimeOfDay); ok {
			return x.Compare(y), nil
		}
	case time.Duration:
		if y, ok := b.(time.Duration); ok {
			return cmp.Compare(x, y), nil
		}
	}
	return 0, fmt.Errorf("%s and %s have no order", Describe(a), Describe(b))
}

func both[T any](a, b any, as func(any) (T, bool)) (x, y T, ok bool) {
	if x, ok = as(a); !ok {
		return x, y, false
	}
	y, ok = as(b)
	return x, y, ok
}

func moment(v any) (time.Time, bool) {
	switch v := v.(type) {
	case Date:
		return v.Time(), true
	case time.Time:
		return v, true
	}
	return time.Time{}, false
}

// Describe names the sort of a value for an error message, and shows it when it is short.
func Describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %q", shorten(v))
	case bool, int, int64, float64, Decimal, Date, TimeOfDay, time.Time, time.Duration:
		return shorten(fmt.Sprint(v))
	case Reference:
		return v.String()
	case []byte:
		return "binary data"
	case []any, []int64, []string:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("a value of type %T", v)
}
