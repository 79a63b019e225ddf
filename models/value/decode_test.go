package value

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]any{
		`null`: nil, ` true `: true, "\t\r\nfalse": false,
		`0`: int64(0), `-0`: int64(0), `12`: int64(12), `-9223372036854775808`: int64(-9223372036854775808),
		`9223372036854775808`: MustParse("9223372036854775808"),
		`1.5`:                 1.5, `1e2`: 100.0, `-1E-2`: -0.01, `0.0`: 0.0,
		`""`: "", `"a\"\\\/\b\f\n\r\tz"`: "a\"\\/\b\f\n\r\tz", `"\u00e9\ud83d\ude00"`: "é😀",
		`"\ud83d"`: "\ufffd", `"\ud83dx\ude00\ud83d\ud83d\ude00"`: "\ufffdx\ufffd\ufffd😀", "\"a\xff\"": "a\ufffd", "\"\\n\xff\"": "\n\ufffd", `"\u0000"`: "\x00",
		`[]`: []any{}, `[1,[2 , "x"],{}]`: []any{int64(1), []any{int64(2), "x"}, map[string]any{}},
		`{"a":1,"b":{"c":null},"a":2}`:                                        map[string]any{"a": int64(2), "b": map[string]any{"c": nil}},
		`{"__class__":"Decimal","decimal":"42.50"}`:                           MustParse("42.50"),
		`{"decimal":"1E+2","__class__":"Decimal"}`:                            MustParse("1E+2"),
		`{"__class__":"date","year":2026,"month":11,"day":24}`:                Date{2026, 11, 24},
		`{"__class__":"time","hour":1,"minute":2,"second":3}`:                 TimeOfDay{1, 2, 3, 0},
		`{"__class__":"timedelta","seconds":12.5}`:                            12500 * time.Millisecond,
		`{"__class__":"timedelta","seconds":-3600}`:                           -time.Hour,
		`{"__class__":"timedelta","seconds":0.1}`:                             100 * time.Millisecond,
		`{"__class__":"bytes","base64":"aGVs\nbG8=\n"}`:                       []byte("hello"),
		`{"__class__":"bytes","base64":" aGVs\r\n\tbG8= "}`:                   []byte("hello"),
		`{"__class__":"bytes","base64":""}`:                                   []byte{},
		`{"__class__":"Eval","v":"x","d":""}`:                                 map[string]any{"__class__": "Eval", "v": "x", "d": ""},
		`{"__class__":"Date","y":null,"M":1}`:                                 map[string]any{"__class__": "Date", "y": nil, "M": int64(1)},
		`{"__class__":7}`:                                                     map[string]any{"__class__": int64(7)},
		`[{"__class__":"Unknown","x":{"__class__":"Decimal","decimal":"1"}}]`: []any{map[string]any{"__class__": "Unknown", "x": FromInt(1)}},
		`{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":3,"minute":21,"second":15,"microsecond":111324}`: time.Date(2026, 11, 24, 3, 21, 15, 111324000, time.UTC),
	} {
		got, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("Decode(%s): %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Decode(%s): %s", text, diff)
		}
	}
}

func TestDecodeRefusesSyntax(t *testing.T) {
	for _, text := range []string{
		``, ` `, `nul`, `NaN`, `Infinity`, `-`, `01`, `-01`, `1.`, `.5`, `1e`, `1e+`, `+1`, `0x1`, `1 2`, `[1,]`, `[1`, `[,1]`, `[1 2]`, `]`,
		`{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{'a':1}`, `{"a":1`, `"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u+123"`, "\"\n\"", "\"\\n\x01\"", `"a"b`,
		`1e999`, `truefalse`, "\ufeff1", strings.Repeat("9", 1001), strings.Repeat("[", 201) + strings.Repeat("]", 201), strings.Repeat(`{"a":`, 100000),
	} {
		v, err := Decode([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Decode(%.40q) = %v, %v, want a syntax error", text, v, err)
		}
	}
	deepest := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	if _, err := Decode([]byte(deepest)); err != nil {
		t.Errorf("nesting of 200: %v", err)
	}
}

func TestDecodeRefusesClasses(t *testing.T) {
	for _, text := range []string{
		`{"__class__":"Decimal"}`, `{"__class__":"Decimal","decimal":1}`, `{"__class__":"Decimal","decimal":"NaN"}`, `{"__class__":"Decimal","decimal":"x"}`,
		`{"__class__":"Decimal","decimal":"1E+999999999"}`,
		`{"__class__":"date","year":2026,"month":13,"day":1}`, `{"__class__":"date","year":2026,"month":2,"day":29}`, `{"__class__":"date","year":0,"month":1,"day":1}`,
		`{"__class__":"date","year":2026,"month":1}`, `{"__class__":"date","year":"2026","month":1,"day":1}`, `{"__class__":"date","year":4294969322,"month":1,"day":1}`,
		`{"__class__":"date","year":2026.0,"month":1,"day":1}`,
		`{"__class__":"time","hour":24,"minute":0,"second":0}`, `{"__class__":"time","hour":1,"minute":0,"second":0,"microsecond":1000000}`,
		`{"__class__":"datetime","year":2026,"month":1,"day":1}`, `{"__class__":"timedelta"}`, `{"__class__":"timedelta","seconds":"1"}`,
		`{"__class__":"timedelta","seconds":1e300}`, `{"__class__":"timedelta","seconds":99999999999999}`,
		`{"__class__":"bytes"}`, `{"__class__":"bytes","base64":"*"}`, `{"__class__":"bytes","base64":"aGVsbG8"}`,
		`[{"x":{"__class__":"date"}}]`,
	} {
		if v, err := Decode([]byte(text)); err == nil {
			t.Errorf("Decode(%s) = %v, want an error", text, v)
		}
	}
}

func TestDecodeText(t *testing.T) {
	got, err := DecodeText(`[1, 1.50, {"__class__": "date", "year": 1}]`)
	want := []any{int64(1), MustParse("1.50"), map[string]any{"__class__": "date", "year": int64(1)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestTrace reads every request and response recorded from the reference server, and what is
// written of it must be the same JSON again.
func TestTrace(t *testing.T) {
	f, err := os.Open("../../../shared/protocol/trace-6.0.jsonl")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the recorded trace is not beside the repository")
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	n := 0
	for ; lines.Scan(); n++ {
		// Binary content was cut when it was recorded.
		text := strings.ReplaceAll(lines.Text(), `AAAA…"`, `"`)
		text = strings.ReplaceAll(text, `AAAA\u2026"`, `"`)
		v, err := Decode([]byte(text))
		if err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		again, err := Encode(v)
		if err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		if diff := cmp.Diff(standard(t, []byte(text)), standard(t, again)); diff != "" {
			t.Errorf("line %d: %s", n+1, diff)
		}
	}
	if n < 100 {
		t.Errorf("only %d lines", n)
	}
}

func standard(t *testing.T, text []byte) any {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// genValue draws any value that reads back as itself.
func genValue(depth int) *rapid.Generator[any] {
	at := rapid.Custom(func(t *rapid.T) any {
		return time.UnixMicro(rapid.Int64Range(-62135596800e6, 253402300799e6).Draw(t, "us")).UTC()
	})
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.String().AsAny(), rapid.Float64().AsAny(), genDecimal().AsAny(), at,
		rapid.Map(at, func(v any) any { return DateOf(v.(time.Time)) }),
		rapid.Map(at, func(v any) any { return TimeOfDayOf(v.(time.Time)) }),
		rapid.Map(rapid.Int64Range(-1e15, 1e15), func(n int64) any { return time.Duration(n) * time.Microsecond }),
		rapid.SliceOf(rapid.Byte()).AsAny(),
	}
	if depth > 0 {
		inner := rapid.Deferred(func() *rapid.Generator[any] { return genValue(depth - 1) })
		kinds = append(kinds, rapid.SliceOfN(inner, 0, 4).AsAny(), rapid.MapOfN(rapid.StringMatching(`[a-z."\\é]{0,5}`), inner, 0, 4).AsAny())
	}
	return rapid.OneOf(kinds...)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := genValue(3).Draw(t, "value")
		text, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("%s is not JSON", text)
		}
		back, err := Decode(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(v, back); diff != "" {
			t.Fatalf("%s: %s", text, diff)
		}
		if !Equal(v, back) {
			t.Fatalf("%s is not equal to itself", text)
		}
	})
}

// FuzzDecode holds the parser against the standard library's, and what it reads against what is
// written of it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`null`, `[1,-2.5e3,"x",true]`, `{"a":{"b":[]}}`, `{"__class__":"Decimal","decimal":"42.50"}`, `{"__class__":"date","year":2026,"month":11,"day":24}`,
		`{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":3,"minute":21,"second":15,"microsecond":111324}`,
		`{"__class__":"timedelta","seconds":12.5}`, `{"__class__":"bytes","base64":"aGVs\nbG8="}`, `{"__class__":"Eval","v":"x","d":{"__class__":"date"}}`,
		`"\ud83d\ude00\ud83d"`, "\"\xff\"", `[[[[`, `{"id": 12, "method": "model.account.payment.search", "params": [[], 0, 1000, [["date","DESC"]], {"company": 1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Decode(text)
		var syntax *SyntaxError
		if err != nil {
			if errors.As(err, &syntax) && json.Valid(text) && !beyond(text) {
				t.Fatalf("valid JSON was refused: %v", err)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("invalid JSON became %v", v)
		}
		again, err := Encode(v)
		if err != nil {
			t.Fatalf("%v cannot be written: %v", v, err)
		}
		back, err := Decode(again)
		if err != nil || !Equal(v, back) {
			t.Fatalf("%s read back as %v, %v", again, back, err)
		}
	})
}

// beyond tells whether a text may exceed the bounds on numbers and depth, which are narrower here.
func beyond(text []byte) bool {
	return strings.ContainsAny(string(text), "eE") || len(text) > 200
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(`{"id": 12, "method": "model.account.payment.write", "params": [[1,2,3], {"amount": {"__class__":"Decimal","decimal":"42.50"}, "description": "some text", "party": 4}, {"company": 1, "language": "en", "_timestamp": {"account.payment,1": "1795491018.867656"}}]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

// A text of two bytes a value must not become memory without bound.
func TestDecodeRefusesTooManyValues(t *testing.T) {
	text := "[" + strings.Repeat("0,", maxValues-2) + "0]"
	if _, err := Decode([]byte(text)); err != nil {
		t.Errorf("as many values as may be: %v", err)
	}
	if _, err := Decode([]byte("[" + text + "]")); err == nil {
		t.Error("one value more is taken")
	}
}
