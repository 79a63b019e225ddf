package value

import (
	"strings"
	"testing"
	"time"
)

func TestEqual(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	day := MustParseDate("2026-11-24")
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{nil, nil, true}, {nil, "", false}, {nil, false, false}, {1, int64(1), true}, {1.0, int64(1), true}, {MustParse("1.50"), 1.5, true}, {true, int64(1), true}, {0.1, MustParse("0.1"), true},
		{int64(1), "1", false}, {"a", "a", true}, {"a", []any{"a"}, false}, {"", map[string]any{}, false}, {day, day, true}, {day, at, false}, {at, day, false}, {at, at.In(time.FixedZone("", 3600)), true},
		{TimeOfDay{1, 2, 3, 4}, TimeOfDay{1, 2, 3, 4}, true}, {time.Second, time.Second, true}, {time.Second, int64(1e9), false}, {[]byte("a"), []byte("a"), true}, {[]byte("a"), "a", false},
		{[]any{1, "a"}, []any{int64(1), "a"}, true}, {[]int64{1}, []any{1.0}, true}, {[]string{"a"}, []any{"a", "b"}, false}, {[]any{}, nil, false}, {[]any{1}, []any{2}, false},
		{map[string]any{"a": 1}, map[string]any{"a": int64(1)}, true}, {map[string]any{"a": nil}, map[string]any{"b": nil}, false}, {map[string]any{}, nil, false},
		{Reference{"a.b", 1}, "a.b,1", true}, {Reference{}, nil, true}, {struct{}{}, struct{}{}, false},
	} {
		if Equal(c.a, c.b) != c.want || Equal(c.b, c.a) != c.want {
			t.Errorf("Equal(%v, %v) is not %v both ways", c.a, c.b, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	day := MustParseDate("2026-11-24")
	for _, c := range []struct {
		a, b any
		want int
	}{
		{1, 1.5, -1}, {MustParse("2"), int64(1), 1}, {0.1, MustParse("0.10"), 0}, {"a", "b", -1}, {"b", "B", 1}, {day, day.AddDays(1), -1}, {day, at, -1},
		{TimeOfDay{Hour: 1}, TimeOfDay{Minute: 59}, 1}, {time.Second, time.Minute, -1},
	} {
		got, err := Compare(c.a, c.b)
		back, backErr := Compare(c.b, c.a)
		if got != c.want || back != -c.want || err != nil || backErr != nil {
			t.Errorf("Compare(%v, %v) = %d, %v, and %d, %v back", c.a, c.b, got, err, back, backErr)
		}
	}
	for _, c := range [][2]any{{nil, 1}, {1, nil}, {nil, nil}, {"a", 1}, {day, "2026-11-24"}, {day, TimeOfDay{}}, {[]any{}, []any{}}, {time.Second, 1}, {map[string]any{}, 1}} {
		if got, err := Compare(c[0], c[1]); err == nil {
			t.Errorf("Compare(%v, %v) = %d, want an error", c[0], c[1], got)
		}
	}
}

func TestDescribeIsShort(t *testing.T) {
	for _, v := range []any{nil, strings.Repeat("é", 1000), MustParse(strings.Repeat("9", 1000)), []any{}, map[string]any{}, []byte{}, Reference{"a.b", 1}, 1.5, struct{}{}, true} {
		if s := Describe(v); s == "" || len(s) > 100 {
			t.Errorf("Describe(%.20v) = %q", v, s)
		}
	}
}
