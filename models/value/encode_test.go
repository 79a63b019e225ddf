package value

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

type named string

type pair struct{ a, b int64 }

func (p pair) AppendJSON(dst []byte) ([]byte, error) {
	return Append(dst, []int64{p.a, p.b})
}

func TestAppend(t *testing.T) {
	at := time.Date(2026, 11, 24, 3, 21, 15, 111324999, time.UTC)
	text := "x"
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `null`},
		{true, `true`},
		{int64(math.MaxInt64), `9223372036854775807`},
		{-3, `-3`},
		{uint8(7), `7`},
		{1.5, `1.5`}, {2.0, `2.0`}, {0.1, `0.1`}, {1e16, `1e+16`}, {123456789012345.0, `123456789012345.0`}, {1e-5, `1e-05`}, {0.0, `0.0`}, {-0.00012, `-0.00012`},
		{"<a>&'\"\\\n\t\r\x00\x7fé\u2028", `"<a>&'\"\\\n\t\r\u0000` + "\x7fé\u2028\""},
		{"a\xffb\xc3", "\"a\ufffdb\ufffd\""},
		{"\ufffd", "\"\ufffd\""},
		{MustParse("42.50"), `{"__class__":"Decimal","decimal":"42.50"}`},
		{MustParse("1E+2"), `{"__class__":"Decimal","decimal":"1E+2"}`},
		{Date{2026, 11, 4}, `{"__class__":"date","year":2026,"month":11,"day":4}`},
		{at, `{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":3,"minute":21,"second":15,"microsecond":111324}`},
		{at.In(time.FixedZone("", -4*3600)), `{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":3,"minute":21,"second":15,"microsecond":111324}`},
		{&at, `{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":3,"minute":21,"second":15,"microsecond":111324}`},
		{TimeOfDay{1, 2, 3, 4}, `{"__class__":"time","hour":1,"minute":2,"second":3,"microsecond":4}`},
		{12500 * time.Millisecond, `{"__class__":"timedelta","seconds":12.5}`},
		{-time.Hour, `{"__class__":"timedelta","seconds":-3600.0}`},
		{time.Microsecond, `{"__class__":"timedelta","seconds":0.000001}`},
		{[]byte("hello"), `{"__class__":"bytes","base64":"aGVsbG8="}`},
		{[]byte{}, `{"__class__":"bytes","base64":""}`},
		{Reference{"party.party", 3}, `"party.party,3"`},
		{Reference{"party.party", NoID}, `"party.party,-1"`},
		{Reference{}, `null`},
		{[]any{int64(1), "a", nil, []any{}}, `[1,"a",null,[]]`},
		{[]any(nil), `[]`}, {[]int64{3, 1}, `[3,1]`}, {[]string{"a"}, `["a"]`},
		{map[string]any{"b": int64(1), "a": []string{}}, `{"a":[],"b":1}`},
		{map[string]any(nil), `{}`},
		{[]map[string]any{{"id": int64(1)}}, `[{"id":1}]`},
		{[][]any{{int64(1)}, {}}, `[[1],[]]`},
		{map[string]int64{"y": 1, "x": 2}, `{"x":2,"y":1}`},
		{named("x"), `"x"`}, {&text, `"x"`}, {(*string)(nil), `null`},
		{pair{1, 2}, `[1,2]`},
		{json.RawMessage(`{"raw": 1}`), `{"raw": 1}`}, {json.RawMessage(nil), `null`},
	} {
		got, err := Append([]byte("·"), c.v)
		if err != nil || string(got) != "·"+c.want {
			t.Errorf("Append(%#v) = %s, %v, want %s", c.v, got, err, c.want)
		}
		if !json.Valid(got[len("·"):]) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, v := range []any{
		math.NaN(), math.Inf(1), Date{}, Date{2023, 2, 29}, TimeOfDay{24, 0, 0, 0}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		struct{}{}, make(chan int), func() {}, map[int]int{}, []any{map[string]any{"deep": math.NaN()}},
	} {
		if got, err := Append(nil, v); err == nil {
			t.Errorf("Append(%#v) = %s, want an error", v, got)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	row := map[string]any{
		"id": int64(1), "amount": MustParse("42.50"), "date": Date{2026, 11, 4}, "state": "draft", "party": int64(4),
		"party.": map[string]any{"id": int64(4), "rec_name": "Customer 04"}, "_timestamp": "1795491018.867656", "_write": true,
	}
	rows := make([]any, 1000)
	for i := range rows {
		rows[i] = row
	}
	buf, _ := Append(nil, rows)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = Append(buf[:0], rows)
	}
}
