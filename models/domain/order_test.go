package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models/value"
)

func TestParseOrder(t *testing.T) {
	for text, want := range map[string]Order{
		`null`: nil, `[]`: {},
		`[["date","DESC"],["id",null]]`:                        {{"date", true, ""}, {"id", false, ""}},
		`[["party.name","asc"],["amount","DESC NULLS FIRST"]]`: {{"party.name", false, ""}, {"amount", true, "FIRST"}},
		`[["distance","ASC  nulls  last "]]`:                   {{"distance", false, "LAST"}},
		`[["_x1.Y_2","ASC"]]`:                                  {{"_x1.Y_2", false, ""}},
	} {
		got, err := ParseOrder(decode(t, text))
		if err != nil {
			t.Errorf("ParseOrder(%s): %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseOrder(%s): %s", text, diff)
		}
		if back, err := ParseOrder(got.Wire()); err != nil || !cmp.Equal(got, back) {
			t.Errorf("%s read back %v, %v", text, back, err)
		}
	}
}

func TestParseOrderRefuses(t *testing.T) {
	for _, text := range []string{
		`1`, `"date"`, `{}`, `["date"]`, `["date","ASC"]`, `[["date"]]`, `[["date","ASC",1]]`, `[[null,"ASC"]]`, `[[1,null]]`, `[["date",1]]`, `[["date",""]]`,
		`[["date","UP"]]`, `[["date","ASC NULLS"]]`, `[["date","ASC FIRST"]]`, `[["date","NULLS FIRST"]]`, `[["date","ASC NULLS MIDDLE"]]`, `[["date","ASC, id"]]`,
		`[["date","ASC NULLS FIRST, id"]]`, `[["date; DROP TABLE x",null]]`, `[["\"date\"",null]]`, `[["",null]]`, `[["a..b",null]]`, `[[".a",null]]`, `[["a.",null]]`,
		`[["1a",null]]`, `[["a b",null]]`, `[["é",null]]`, `[["a\u0000",null]]`,
	} {
		if got, err := ParseOrder(decode(t, text)); err == nil {
			t.Errorf("ParseOrder(%s) = %v, want an error", text, got)
		}
	}
	long := make([]any, 51)
	for i := range long {
		long[i] = []any{"id", nil}
	}
	if _, err := ParseOrder(long); err == nil {
		t.Error("51 keys went through")
	}
}

func FuzzParseOrder(f *testing.F) {
	for _, seed := range []string{`null`, `[["date","DESC"],["id",null]]`, `[["a.b","ASC NULLS LAST"]]`, `[["x","desc nulls first"]]`, `[["a",1]]`, `[["ſ","aſc"]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := value.Decode(text)
		if err != nil {
			return
		}
		order, err := ParseOrder(v)
		if err != nil {
			return
		}
		for _, term := range order {
			for _, c := range []byte(term.Field) {
				if !(c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
					t.Fatalf("field %q went through", term.Field)
				}
			}
			if term.Nulls != "" && term.Nulls != "FIRST" && term.Nulls != "LAST" {
				t.Fatalf("nulls %q went through", term.Nulls)
			}
		}
		if back, err := ParseOrder(order.Wire()); err != nil || !cmp.Equal(order, back) {
			t.Fatalf("%v read back %v, %v", order, back, err)
		}
	})
}
