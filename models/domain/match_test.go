package domain

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models/value"
)

// TestMatchAsTheReference holds Match against searches recorded from the reference server 6.0.29:
// a line with records, then a line for each clause with the positions of the records that it found.
func TestMatchAsTheReference(t *testing.T) {
	f, err := os.Open("testdata/search-6.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var records []Getter
	operators := map[Op]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := decode(t, lines.Text()).(map[string]any)
		if l, ok := line["records"].([]any); ok {
			records = records[:0]
			for _, r := range l {
				records = append(records, recorded(line, r.(map[string]any)))
			}
			continue
		}
		n, err := Parse(line["clause"])
		if err != nil {
			t.Errorf("%s: %v", lines.Text(), err)
			continue
		}
		operators[n.(*Clause).Op]++
		got := []any{}
		for i, get := range records {
			ok, err := Match(n, get)
			if err != nil {
				t.Errorf("%s: record %d: %v", lines.Text(), i, err)
			}
			if ok {
				got = append(got, int64(i))
			}
		}
		if diff := cmp.Diff(line["fits"], any(got)); diff != "" {
			t.Errorf("%v on %v: %s", line["clause"], lines.Text(), diff)
		}
	}
	for op := range opposites {
		if operators[op] == 0 && op.Positive() != ParentOf {
			t.Errorf("no case of %q", op)
		}
	}
}

// recorded gives the values of a recorded record the types that a Getter returns.
func recorded(header, fields map[string]any) Getter {
	field := header["field"].(string)
	m := map[string]any{}
	for name, v := range fields {
		l, isList := v.([]any)
		switch {
		case isList && header["kind"] == "multiselection":
			v = typedList[string](l)
		case isList && name == field:
			v = typedList[int64](l)
		}
		m[name] = v
	}
	if header["kind"] == "x2many" {
		m[field] = targets(fields[field].([]any), fields[field+".name"].([]any))
	}
	return record(m)
}

func targets(ids, names []any) []Getter {
	l := make([]Getter, len(ids))
	for i := range ids {
		l[i] = record(map[string]any{"id": ids[i], "name": names[i], "rec_name": names[i]})
	}
	return l
}

func typedList[T any](l []any) []T {
	r := make([]T, len(l))
	for i, v := range l {
		r[i] = v.(T)
	}
	return r
}

func TestMatchGroups(t *testing.T) {
	get := record(map[string]any{"a": int64(1), "b": nil})
	yes, no := C("a", "=", 1), C("a", "=", 2)
	for _, c := range []struct {
		node Node
		want bool
	}{
		{nil, true}, {And{}, true}, {Or{}, false}, {And{yes, yes}, true}, {And{yes, no}, false}, {Or{no, yes}, true}, {Or{no, no}, false},
		{And{Or{no, yes}, Or{And{}, no}}, true}, {Or{no, C("unknown", "=", 1)}, false},
	} {
		got, err := Match(c.node, get)
		if got != c.want || (err != nil) != (len(Fields(c.node)) > 1) {
			t.Errorf("Match(%v) = %v, %v, want %v", Format(c.node), got, err, c.want)
		}
	}
	if ok, err := Match(Or{yes, C("unknown", "=", 1)}, get); !ok || err != nil {
		t.Errorf("the first part decides: %v, %v", ok, err)
	}
}

func TestMatchRelations(t *testing.T) {
	get := record(map[string]any{
		"party": int64(7), "party.rec_name": "Ärzte & Söhne", "party.name": "x", "party.parent": int64(3), "party.parent.parent": int64(2), "party.parent.parent.parent": nil,
		"nobody": nil, "lines": []int64{4, 5}, "lines.rec_name": []any{"Four", "Five"}, "lines.amount": []any{value.FromInt(3), nil}, "none": []int64{}, "none.amount": []any{},
		"lines.taxes": []any{[]int64{}, []int64{8}}, "lines.taxes.rate": []any{[]any{}, []any{1.5}},
		"origin": value.Reference{Model: "sale.line", ID: 4}, "origin.id": int64(4), "gone": value.Reference{},
		"kinds": []string{"a", "b"}, "bare": value.Reference{Model: "sale.line", ID: value.NoID}, "bare.id": nil,
		"lines.product": []any{nil, int64(8)}, "lines.product.code": []any{nil, "x"}, "lines.product.rec_name": []any{nil, "[x] X"},
	})
	for text, want := range map[string]bool{
		`["party","ilike","%ärzte%"]`: true, `["party","ilike","ÄRZTE & SÖHNE"]`: true, `["party","like","%ärzte%"]`: false, `["party","not ilike","%x%"]`: true, `["party","=","Ärzte & Söhne"]`: true, `["party","!=","Ärzte & Söhne"]`: false,
		`["nobody","ilike","%"]`: false, `["nobody","not ilike","x"]`: false, `["party","=",7]`: true, `["party","in",[7,null]]`: true, `["party","in",["7"]]`: false,
		`["party","child_of",[2],"parent"]`: true, `["party","child_of",[7],"parent"]`: true, `["party","child_of",[9],"parent"]`: false, `["party","not child_of",[9],"parent"]`: true, `["party","not child_of",2,"parent"]`: false,
		`["party","not child_of",[],"parent"]`: true, `["nobody","child_of",[1],"parent"]`: false, `["nobody","not child_of",[1],"parent"]`: false, `["party","parent_of",[7],"parent"]`: true, `["party","not parent_of",[7],"parent"]`: false,
		`["party","where",[["name","=","x"],["parent","=",3]]]`: true, `["party","not where",[["name","=","x"]]]`: false, `["party","not where",[["name","=","y"]]]`: true, `["nobody","where",[]]`: false,
		`["party","where",[["parent","where",[["parent","=",null]]]]]`: false, `["party","where",[["parent","where",[["parent","=",2]]]]]`: true,
		`["lines","=",4]`: true, `["lines","=",null]`: false, `["lines","!=",null]`: true, `["none","=",null]`: true, `["none","!=",null]`: false, `["none","!=",4]`: true, `["none","=",4]`: false,
		`["lines","ilike","five"]`: true, `["lines","not ilike","f%"]`: false, `["lines.amount","=",null]`: true, `["lines.amount",">",2]`: true, `["lines.amount","<",2]`: false, `["none.amount","=",null]`: false, `["none.amount","!=",1]`: true,
		`["lines.taxes","=",null]`: true, `["lines.taxes","=",8]`: true, `["lines.taxes","=",9]`: false, `["lines.taxes.rate",">",1]`: true, `["lines.taxes.rate","!=",1.5]`: true, `["none","where",[]]`: false, `["none","not where",[["x","=",1]]]`: true,
		`["origin","like","sale.line,%"]`: true, `["origin","not like","sale.line,%"]`: false, `["origin","=","sale.line,4"]`: true, `["origin","=",["sale.line",4]]`: true, `["origin","in",[["sale.line",4]]]`: true, `["origin","not in",["sale.line,4"]]`: false,
		`["origin.id","=",4,"sale.line"]`: true, `["origin.id","=",4,"purchase.line"]`: false, `["origin.id","!=",4,"purchase.line"]`: false, `["gone","=",null]`: true, `["gone.id","=",null,"sale.line"]`: false, `["gone","like","%"]`: false,
		`["bare.id","=",null,"sale.line"]`: false, `["bare","=","sale.line,-1"]`: true,
		`["lines.product.code","=",null]`: false, `["lines.product.code","not in",[]]`: true, `["lines.product.code","!=","x"]`: false, `["lines.product","=",null]`: true, `["lines.product","ilike","%X"]`: true,
		`["kinds","=",["b","a"]]`: true, `["kinds","in",["a","z"]]`: true, `["kinds","not in",["z"]]`: true,
	} {
		n, err := Parse(decode(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := Match(n, get); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		`["lines","where",[]]`: ErrNotInMemory, `["party","parent_of",[9],"parent"]`: ErrNotInMemory, `["party","child_of","name","parent"]`: ErrNotInMemory,
		`["unknown","=",1]`: errUnknown("unknown"), `["lines.unknown","=",1]`: errUnknown("lines.unknown"), `["unknown.id","=",1,"m"]`: errUnknown("unknown"),
		`["party","child_of",[9],"boss"]`: errUnknown("party.boss"), `["unknown","where",[]]`: errUnknown("unknown"), `["party","where",[["nope","=",1]]]`: errUnknown("party.nope"),
	} {
		n, err := Parse(decode(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if ok, err := Match(n, get); ok || !errors.Is(err, want) {
			t.Errorf("%s: %v, %v, want %v", text, ok, err, want)
		}
	}
	for _, text := range []string{`["party",">",[1]]`, `["party.name","<",1]`, `["kinds","like","a"]`, `["kinds","<",1]`, `["party","child_of",1.5,"parent"]`} {
		n, err := Parse(decode(t, text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if ok, err := Match(n, get); ok || err == nil {
			t.Errorf("%s: %v, want an error", text, ok)
		}
	}
}

func TestMatchCircle(t *testing.T) {
	circle := func(string) (any, error) { return int64(1), nil }
	if ok, err := Match(&Clause{"party", ChildOf, []any{int64(9)}, "parent"}, circle); ok || err == nil {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestMatchMomentsAndDays(t *testing.T) {
	get := record(map[string]any{"at": time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), "day": value.MustParseDate("2026-11-24")})
	for _, c := range []struct {
		clause *Clause
		want   bool
	}{
		{C("at", ">", value.MustParseDate("2026-11-24")), true}, {C("at", "<", value.MustParseDate("2026-11-24")), false},
		{C("day", "<", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)), true}, {C("day", "=", "2026-11-24"), true}, {C("day", "=", "soon"), false}, {C("day", "!=", "soon"), true},
		{C("at", "=", time.Date(2026, 11, 24, 5, 0, 0, 0, time.FixedZone("", 7200))), true},
	} {
		if got, err := Match(c.clause, get); got != c.want || err != nil {
			t.Errorf("%v: %v, %v, want %v", Format(c.clause), got, err, c.want)
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		plain, folded bool
	}{
		{"", "", true, true}, {"", "%", true, true}, {"", "_", false, false}, {"a", "", false, false}, {"abc", "abc", true, true}, {"abc", "ab", false, false}, {"abc", "bc", false, false},
		{"abc", "a%", true, true}, {"abc", "%c", true, true}, {"abc", "%b%", true, true}, {"abc", "a%%c", true, true}, {"abc", "a_c", true, true}, {"abc", "a__c", false, false},
		{"aXbXc", "a%b%c", true, true}, {"abab", "%ab", true, true}, {"aaab", "%aab", true, true}, {"é", "_", true, true}, {"É", "é", false, true}, {"ΣΑΣ", "σας", false, true}, {"\u212a", "k", false, true},
		{"100%", "100\\%", true, true}, {"1000", "100\\%", false, false}, {"a_b", "a\\_b", true, true}, {"axb", "a\\_b", false, false}, {"a\\b", "a\\\\b", true, true}, {"a\\", "a\\", true, true}, {"ab", "a\\b", true, true},
		{"line\nline", "line%", true, true}, {strings.Repeat("a", 5000), strings.Repeat("%a", 50) + "b", false, false},
	} {
		if got := like(c.text, c.pattern, false); got != c.plain {
			t.Errorf("like(%.20q, %.20q) = %v", c.text, c.pattern, got)
		}
		if got := like(c.text, c.pattern, true); got != c.folded {
			t.Errorf("ilike(%.20q, %.20q) = %v", c.text, c.pattern, got)
		}
	}
	for _, text := range []string{"", "100%_\\", "plain"} {
		if !like(text, EscapeLike(text), false) || like(text+"x", EscapeLike(text), false) {
			t.Errorf("EscapeLike(%q) = %q", text, EscapeLike(text))
		}
	}
}
