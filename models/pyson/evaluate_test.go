package pyson

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models/value"
)

var now = time.Date(2026, 11, 24, 20, 29, 12, 655146999, time.UTC)

// TestEvaluateAsTheReference holds reading, writing and evaluating against expressions recorded
// from the reference server 6.0.29: text, values, and the result or that there was an error.
func TestEvaluateAsTheReference(t *testing.T) {
	f, err := os.Open("testdata/evaluate-6.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		v, err := value.Decode(lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		line := v.(map[string]any)
		text := line["text"].(string)
		tree, err := Decode(text)
		if err != nil {
			t.Errorf("Decode(%s): %v", text, err)
			continue
		}
		countClasses(tree, seen)
		if again := Encode(tree); again != text {
			t.Errorf("Encode: %s, want %s", again, text)
		}
		got, err := Evaluate(tree, line["ctx"].(map[string]any), now)
		want, worked := line["result"]
		if !worked {
			if err == nil {
				t.Errorf("%s = %v, want an error", text, got)
			}
		} else if err != nil {
			t.Errorf("%s with %v: %v", text, line["ctx"], err)
		} else if diff := cmp.Diff(want, got); diff != "" && !value.Equal(want, got) {
			t.Errorf("%s with %v: %s", text, line["ctx"], diff)
		}
	}
	for _, c := range classes() {
		if seen[c.name] == 0 {
			t.Errorf("no case of %s", c.name)
		}
	}
}

func countClasses(v any, seen map[string]int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			countClasses(item, seen)
		}
	case Expr:
		seen[v.Class()]++
		countClasses(v.args, seen)
	}
}

// TestEvaluateLenient has what the reference answers with an error, or leaves to the clock.
func TestEvaluateLenient(t *testing.T) {
	ctx := map[string]any{
		"null": nil, "party": int64(3), "origin": value.Reference{Model: "a.b", ID: 4}, "nothing": value.Reference{}, "ids": []int64{1, 2}, "names": []string{"x"},
		"amount": value.MustParse("1.50"), "day": value.MustParseDate("2026-11-24"), "at": now, "wait": time.Minute, "n": 5,
		"_parent_line": map[string]any{"amount": value.MustParse("7"), "move": map[string]any{"state": "posted"}}, "data": []byte{}, "clock": value.TimeOfDay{},
	}
	for _, c := range []struct {
		expr any
		want any
	}{
		{Eval("party.name", "d"), "d"}, {Eval("missing.name", "d"), "d"}, {Eval("null.name", "d"), "d"},
		{Eval("_parent_line.amount", 0), value.FromInt(7)}, {Eval("_parent_line.move.state", ""), "posted"}, {Eval("_parent_line.move.none", nil), nil},
		{Get(Eval("null", map[string]any{}), "k", "d"), "d"}, {Len(Eval("null", []any{})), int64(0)}, {Len(Eval("ids", []any{})), int64(2)},
		{Eval("origin", ""), "a.b,4"}, {Equal(Eval("origin", ""), "a.b,4"), true}, {Eval("nothing", "d"), nil}, {Bool(Eval("origin", "")), true}, {Bool(Eval("nothing", "")), false},
		{In(2, Eval("ids", []any{})), true}, {In("x", Eval("names", []any{})), true}, {Eval("n", 0), int64(5)}, {Equal(Eval("n", 0), 5), true}, {In(Eval("n", 0), []int64{5}), true},
		{Greater(Eval("amount", 0), 1), true}, {LessEqual(Eval("amount", 0), 1.5), true}, {GreaterEqual(Eval("null", 0), 0), false}, {LessEqual(0, Eval("null", 0)), false},
		{Date(DateParts{}), value.MustParseDate("2026-11-24")}, {Date(DateParts{DeltaDays: 10}), value.MustParseDate("2026-12-04")}, {Date(DateParts{Day: 31}), value.MustParseDate("2026-11-30")},
		{DateTime(DateTimeParts{}), now.Truncate(time.Microsecond)}, {DateTime(DateTimeParts{Hour: 0, Minute: 0, Second: 0, Microsecond: 0}), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
		{Less(Eval("day", Date(DateParts{})), DateTime(DateTimeParts{})), true}, {Equal(Eval("day", Date(DateParts{})), Date(DateParts{})), true},
		{Bool(Eval("data", "")), false}, {Bool(Eval("clock", "")), true}, {Bool(Eval("wait", "")), true}, {Bool(Eval("amount", "")), true}, {Bool(value.MustParse("0.00")), false},
		{[]any{map[string]any{"a": Eval("party", 0)}, "x", 3}, []any{map[string]any{"a": int64(3)}, "x", int64(3)}}, {Expr{}, nil}, {nil, nil},
		{If(Eval("null", true), Eval("boom", 1), 2), int64(2)},
	} {
		got, err := Evaluate(c.expr, ctx, now)
		if err != nil {
			t.Errorf("%s: %v", Encode(c.expr), err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", Encode(c.expr), diff)
		}
	}
}

func TestTodayFollowsTheZone(t *testing.T) {
	east := now.In(time.FixedZone("east", 5*3600))
	got, err := Evaluate([]any{Date(DateParts{}), DateTime(DateTimeParts{})}, nil, east)
	want := []any{value.MustParseDate("2026-11-25"), now.Truncate(time.Microsecond)}
	if diff := cmp.Diff(any(want), got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestEvaluateLeavesItsInput(t *testing.T) {
	in := map[string]any{"l": []any{Eval("x", 1)}}
	if _, err := Evaluate(in, map[string]any{"x": int64(2)}, now); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"l": []any{Eval("x", 1)}}, in); diff != "" {
		t.Error(diff)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	ctx := map[string]any{"s": "x", "n": int64(5), "l": []any{}, "big": int64(1) << 60, "half": 0.5, "null": nil}
	for _, e := range []Expr{
		Greater(Eval("s", 0), 1), Less(Eval("l", 0), 1), Len(Eval("n", "")), Get(Eval("n", map[string]any{}), "k", ""), In(1, Eval("n", []any{})),
		Date(DateParts{Year: Eval("s", 1)}), Date(DateParts{Year: Eval("big", 1)}), Date(DateParts{DeltaDays: Eval("half", 1)}), Date(DateParts{DeltaYears: Eval("big", 1)}), Date(DateParts{Year: 2020, Month: -1, Day: 1}),
		Date(DateParts{DeltaDays: 5_000_000}), Date(DateParts{DeltaMonths: -1_000_000}), Date(DateParts{Year: 20000}), DateTime(DateTimeParts{Minute: 60}), DateTime(DateTimeParts{Hour: Eval("big", 1)}),
		DateTime(DateTimeParts{DeltaHours: 1_000_000_000_000}), DateTime(DateTimeParts{DeltaHours: -1_000_000_000_000}), TimeDelta(Eval("s", 1), 0, 0), TimeDelta(Eval("null", 1), 0, 0), TimeDelta(Eval("big", 1), 0, 0), TimeDelta(1_000_000, 0, 0),
		And(true, Greater(Eval("s", 0), 1)), Not(Eval("k", Greater(Eval("s", 0), 1))), If(true, Len(Eval("n", "")), 1),
	} {
		if got, err := Evaluate(e, ctx, now); err == nil {
			t.Errorf("%s = %v, want an error", e, got)
		} else if got != nil && got != false {
			t.Errorf("%s = %v beside the error %v", e, got, err)
		}
	}
	if _, err := Evaluate([]any{map[string]any{"x": Greater(Eval("s", 0), 1)}}, ctx, now); err == nil || !strings.Contains(err.Error(), "Greater") {
		t.Errorf("got %v", err)
	}
}
