package pyson

import (
	"bufio"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models/value"
)

func TestEncode(t *testing.T) {
	state := Eval("state", "")
	for _, c := range []struct {
		v    any
		want string
	}{
		{map[string]any{"readonly": Not(Equal(state, "draft"))}, `{"readonly": {"__class__": "Not", "v": {"__class__": "Equal", "s1": {"__class__": "Eval", "v": "state", "d": ""}, "s2": "draft"}}}`},
		{[]any{16, Eval("currency_digits", 2)}, `[16, {"__class__": "Eval", "v": "currency_digits", "d": 2}]`},
		{map[string]any{"b": nil, "a": true}, `{"a": true, "b": null}`},
		{Not(state), `{"__class__": "Not", "v": {"__class__": "Bool", "v": {"__class__": "Eval", "v": "state", "d": ""}}}`},
		{Not(Bool(state)), `{"__class__": "Not", "v": {"__class__": "Bool", "v": {"__class__": "Eval", "v": "state", "d": ""}}}`},
		{Not(1), `{"__class__": "Not", "v": true}`},
		{And(state, Eval("active", true)), `{"__class__": "And", "s": [{"__class__": "Bool", "v": {"__class__": "Eval", "v": "state", "d": ""}}, {"__class__": "Eval", "v": "active", "d": true}]}`},
		{Or(1, Eval("n", 0)), `{"__class__": "Or", "s": [true, {"__class__": "Bool", "v": {"__class__": "Eval", "v": "n", "d": 0}}]}`},
		{If(state, 1, 2), `{"__class__": "If", "c": {"__class__": "Bool", "v": {"__class__": "Eval", "v": "state", "d": ""}}, "t": 1, "e": 2}`},
		{NotEqual(state, "draft"), `{"__class__": "Not", "v": {"__class__": "Equal", "s1": {"__class__": "Eval", "v": "state", "d": ""}, "s2": "draft"}}`},
		{GreaterEqual(Eval("id", -1), 0), `{"__class__": "Greater", "s1": {"__class__": "Eval", "v": "id", "d": -1}, "s2": 0, "e": true}`},
		{Less(1, 2), `{"__class__": "Less", "s1": 1, "s2": 2, "e": false}`},
		{Get(Eval("context", map[string]any{}), "company", -1), `{"__class__": "Get", "v": {"__class__": "Eval", "v": "context", "d": {}}, "k": "company", "d": -1}`},
		{In(state, []string{"draft", "approved"}), `{"__class__": "In", "k": {"__class__": "Eval", "v": "state", "d": ""}, "v": ["draft", "approved"]}`},
		{Len(Eval("lines", []any{})), `{"__class__": "Len", "v": {"__class__": "Eval", "v": "lines", "d": []}}`},
		{Date(DateParts{DeltaDays: 1}), `{"__class__": "Date", "y": null, "M": null, "d": null, "dy": 0, "dM": 0, "dd": 1, "start": null}`},
		{DateTime(DateTimeParts{DateParts: DateParts{Year: 2020}, Hour: 3, DeltaSeconds: 5}), `{"__class__": "DateTime", "y": 2020, "M": null, "d": null, "dy": 0, "dM": 0, "dd": 0, "start": null, "h": 3, "m": null, "s": null, "ms": null, "dh": 0, "dm": 0, "ds": 5, "dms": 0}`},
		{TimeDelta(1, 2, 3), `{"__class__": "TimeDelta", "d": 1, "s": 2, "m": 3}`},
		{value.MustParseDate("2020-02-03"), `{"__class__": "Date", "y": 2020, "M": 2, "d": 3, "dy": 0, "dM": 0, "dd": 0, "start": null}`},
		{time.Date(2020, 2, 3, 4, 5, 6, 7000, time.UTC), `{"__class__": "DateTime", "y": 2020, "M": 2, "d": 3, "dy": 0, "dM": 0, "dd": 0, "start": null, "h": 4, "m": 5, "s": 6, "ms": 7, "dh": 0, "dm": 0, "ds": 0, "dms": 0}`},
		{-1500 * time.Millisecond, `{"__class__": "TimeDelta", "d": 0, "s": -1, "m": -500000}`},
		{value.MustParse("1.50"), `1.5`}, {value.MustParse("5"), `5.0`}, {value.MustParse("1E+2"), `100.0`}, {2.0, `2.0`},
		{value.MustParse("1E+1000"), `1E+1000`}, {value.MustParse("1E-1000"), `1E-1000`}, {value.MustParse("123456789012345678901234.50"), `123456789012345678901234.5`}, {value.MustParse("123456789012345678901234"), `123456789012345678901234.0`},
		{"<a>&'é😀\"\u2028", `"<a>&'\u00e9\ud83d\ude00\"\u2028"`}, {map[string]any{"é": 1}, `{"\u00e9": 1}`}, {[]int64{1, 2}, `[1, 2]`}, {Expr{}, `null`}, {[]any(nil), `[]`},
	} {
		if got := Encode(c.v); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for _, v := range []any{struct{}{}, []any{make(chan int)}, map[string]any{"x": uint(1)}} {
		if got, err := Append(nil, v); err == nil {
			t.Errorf("Append(%v) = %s, want an error", v, got)
		}
		if message := panicOf(func() { Encode(v) }); message == "" {
			t.Errorf("Encode(%v) went through", v)
		}
	}
}

// TestTypesAreChecked has what the reference refuses as well.
func TestTypesAreChecked(t *testing.T) {
	for name, build := range map[string]func(){
		"Eval":      func() { Eval("", 1) },
		"Equal":     func() { Equal(Eval("x", 1), "a") },
		"Greater":   func() { Greater(Eval("x", ""), 1) },
		"Less":      func() { LessEqual(1, Eval("x", true)) },
		"And":       func() { And(true) },
		"Or":        func() { Or() },
		"If":        func() { If(true, 1, "a") },
		"Get":       func() { Get(Eval("x", ""), "k", 1) },
		"In":        func() { In(Eval("x", 1.5), []any{1}) },
		"Len":       func() { Len(Eval("x", 1)) },
		"Date":      func() { Date(DateParts{Year: "2020"}) },
		"DateTime":  func() { DateTime(DateTimeParts{DeltaHours: 1.5}) },
		"TimeDelta": func() { TimeDelta("1", 0, 0) },
	} {
		if message := panicOf(build); !strings.Contains(message, "pyson."+name) {
			t.Errorf("%s: %q", name, message)
		}
	}
	for _, build := range []func(){
		func() { Equal(Eval("x", 1), 1.5) }, func() { Equal(Eval("x", nil), 1) }, func() { In(Eval("k", ""), map[string]any{"a": 1}) }, func() { In("a", "abc") }, func() { In(true, []any{true}) },
		func() { Get(map[string]any{}, 1, 1) }, func() { Date(DateParts{Start: "x"}) }, func() { Date(DateParts{DeltaDays: "1"}) }, func() { Not(struct{}{}) }, func() { Bool(uint(1)) }, func() { Eval("x", struct{}{}) },
		func() { Get(map[string]any{}, "a", struct{}{}) },
	} {
		if panicOf(build) == "" {
			t.Error("a wrong type went through")
		}
	}
	// The kind of an expression follows from its parts.
	If(Eval("a", true), Equal(1, 1), Or(Get(Eval("m", map[string]any{}), "k", true), Not(Eval("x", 1))))
	Greater(If(true, Len("x"), 1), Eval("x", Eval("y", 1)))
	Equal(Date(DateParts{}), value.Date{Year: 2020, Month: 1, Day: 1})
}

func panicOf(f func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = r.(string)
		}
	}()
	f()
	return ""
}

func TestDecode(t *testing.T) {
	for text, want := range map[string]any{
		`[16, {"__class__": "Eval", "d": 2, "v": "x", "extra": 1}]`: []any{int64(16), Eval("x", int64(2))},
		`{"__class__": "Nope", "v": {"__class__":"Not","v":true}}`:  map[string]any{"__class__": "Nope", "v": Not(true)},
		`{"__class__": "Date", "y": 2020}`:                          Expr{classDate, []any{int64(2020), nil, nil, nil, nil, nil, nil}},
		`{"__class__": "Greater", "s1": 1, "s2": 2}`:                Expr{classGreater, []any{int64(1), int64(2), nil}},
		`["a", ">", 1.50]`: []any{"a", ">", value.MustParse("1.50")}, `null`: nil,
		`{"__class__": "date", "year": 1}`: map[string]any{"__class__": "date", "year": int64(1)},
	} {
		got, err := Decode(text)
		if err != nil {
			t.Errorf("Decode(%s): %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Decode(%s): %s", text, diff)
		}
	}
	for _, text := range []string{
		``, `[`, `{"__class__": "Eval", "v": "x"}`, `[{"__class__": "Not"}]`, `{"__class__": "And", "s": []}`, `{"__class__": "Or", "s": 1}`, `{"a": {"__class__": "If", "c": true, "t": 1}}`,
		strings.Repeat(`{"__class__": "Not", "v": `, 300) + `1` + strings.Repeat("}", 300),
	} {
		if got, err := Decode(text); err == nil {
			t.Errorf("Decode(%.60s) = %v, want an error", text, got)
		}
	}
}

func TestVars(t *testing.T) {
	tree, err := Decode(`[{"x": {"__class__": "Eval", "v": "b", "d": {"__class__": "Eval", "v": "a", "d": 1}}}, {"__class__": "Not", "v": {"__class__": "Eval", "v": "_parent_m.n", "d": true}}, {"__class__": "Eval", "v": {"__class__": "Eval", "v": "b", "d": ""}, "d": 1}]`)
	if diff := cmp.Diff([]string{"_parent_m.n", "a", "b"}, Vars(tree)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	built := map[string]any{"invisible": And(Eval("a", true), Equal(Eval("b", ""), "x")), "domain": []any{[]any{"c", "=", Eval("d", -1)}}}
	if diff := cmp.Diff([]string{"a", "b", "d"}, Vars(built)); diff != "" {
		t.Error(diff)
	}
	if got := Vars(nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// TestTrace reads every text of PYSON that was recorded from the reference server and writes it
// again. Texts of actions have their keys sorted, so equality is that of what is read.
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
	same, n := 0, 0
	for lines.Scan() {
		for _, text := range textsOf(t, lines.Text()) {
			n++
			tree, err := Decode(text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			again := Encode(tree)
			back, err := Decode(again)
			if diff := cmp.Diff(tree, back); diff != "" || err != nil {
				t.Errorf("%s: %s, %v", text, diff, err)
			}
			if again == text {
				same++
			}
			if _, err := Evaluate(tree, map[string]any{"context": map[string]any{}}, now); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if n < 100 || same < n*3/4 {
		t.Errorf("%d of %d texts are written as they were", same, n)
	}
}

// textsOf finds the strings in a line of the trace that are PYSON with expressions.
func textsOf(t *testing.T, line string) []string {
	var texts []string
	for _, quoted := range regexp.MustCompile(`"(\\.|[^"\\])*"`).FindAllString(line, -1) {
		if !strings.Contains(quoted, `\"__class__\"`) || strings.Contains(quoted, "…") || strings.HasPrefix(quoted, `"<`) {
			continue
		}
		v, err := value.Decode([]byte(quoted))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, v.(string))
	}
	return texts
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"readonly": {"__class__": "Not", "v": {"__class__": "Equal", "s1": {"__class__": "Eval", "v": "state", "d": ""}, "s2": "draft"}}}`,
		`[16, {"__class__": "Eval", "v": "a.b", "d": 2.50}]`, `{"__class__": "If", "c": 1, "t": {"__class__": "Len", "v": "x"}, "e": null}`,
		`{"__class__": "Date", "y": 2020, "M": 2, "d": 31, "dM": 1, "dd": -1, "start": {"__class__": "Date"}}`, `{"__class__": "DateTime", "h": 1, "dms": 5}`, `{"__class__": "TimeDelta", "d": 1.5, "s": 2, "m": 3}`,
		`{"__class__": "And", "s": [true, {"__class__": "Greater", "s1": {"__class__": "Eval", "v": "n", "d": 0}, "s2": 1, "e": true}]}`, `{"__class__": "In", "k": "a", "v": {"a": 1}}`, `[1E+1000, 1E-1000, 12345678901234567890]`, `{"__class__": "Get", "v": {}, "k": "a", "d": []}`,
	} {
		f.Add(seed)
	}
	ctx := map[string]any{"state": "draft", "n": int64(3), "a": map[string]any{"b": nil}, "day": value.Date{Year: 2020, Month: 1, Day: 1}}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := Decode(text)
		if err != nil {
			return
		}
		again := Encode(tree)
		back, err := Decode(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if twice := Encode(back); twice != again {
			t.Fatalf("%s became %s", again, twice)
		}
		Vars(tree)
		// An expression from outside ends with a result or an error, whatever its parts are.
		if got, err := Evaluate(tree, ctx, now); err == nil {
			if _, err := value.Encode(got); err != nil {
				t.Fatalf("%s = %v: %v", text, got, err)
			}
		}
	})
}
