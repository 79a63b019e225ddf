package domain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paytond/models/value"
)

// decode reads a domain as the wire brings it.
func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := value.Decode([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestParse(t *testing.T) {
	a, b := C("a", "=", 1), C("b", "=", 2)
	for text, want := range map[string]Node{
		`null`: And{}, `[]`: And{}, `["AND"]`: And{}, `["OR"]`: And{}, `["OR",["OR"],["AND"]]`: And{},
		`["a","=",1]`:                                              a,
		`[["a","=",1]]`:                                            And{a},
		`[["a","=",1],["b","=",2]]`:                                And{a, b},
		`["AND",["a","=",1],["b","=",2]]`:                          And{a, b},
		`["OR",["a","=",1],["b","=",2]]`:                           Or{a, b},
		`["AND",[["a","=",1]],[]]`:                                 And{And{a}, And{}},
		`["OR",[],["a","=",1]]`:                                    Or{And{}, a},
		`["OR",["OR"],["a","=",1]]`:                                Or{a},
		`["AND",["OR"],["a","=",1]]`:                               And{a},
		`[["OR",["a","=",1],[["b","=",2]]]]`:                       And{Or{a, And{b}}},
		`[["a","in",[1,null]]]`:                                    And{C("a", In, []any{int64(1), nil})},
		`[["a","in",""]]`:                                          And{C("a", In, []any{})},
		`[["a","not in",[]]]`:                                      And{C("a", NotIn, []any{})},
		`[["a.b.c","not ilike","%x%"]]`:                            And{C("a.b.c", NotILike, "%x%")},
		`[["a","like",null]]`:                                      And{C("a", Like, nil)},
		`[["resource.id","in",[1],"party.party"]]`:                 And{&Clause{"resource.id", In, []any{int64(1)}, "party.party"}},
		`[["parent","child_of",[1],"parent"]]`:                     And{&Clause{"parent", ChildOf, []any{int64(1)}, "parent"}},
		`[["a","=",1,null]]`:                                       And{a},
		`[["lines","where",[["a","=",1],[]]]]`:                     And{C("lines", Where, And{a, And{}})},
		`[["lines","not where",["OR"]]]`:                           And{C("lines", NotWhere, And{})},
		`[["resource","=",["party.party",3]]]`:                     And{C("resource", Equal, []any{"party.party", int64(3)})},
		`[["amount",">",{"__class__":"Decimal","decimal":"100"}]]`: And{C("amount", Greater, value.FromInt(100))},
	} {
		got, err := Parse(decode(t, text))
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%s): %s", text, diff)
		}
	}
}

func TestParseKnowsEveryOperator(t *testing.T) {
	operands := map[Op]string{In: `[1]`, Like: `"x"`, ILike: `"x"`, Where: `[["x","=",1]]`}
	for op, opposite := range opposites {
		operand := operands[op.Positive()]
		if operand == "" {
			operand = `1`
		}
		n, err := Parse(decode(t, `["f","`+string(op)+`",`+operand+`]`))
		if err != nil || n.(*Clause).Op != op {
			t.Errorf("%s: %v, %v", op, n, err)
		}
		if opposites[opposite] != op {
			t.Errorf("the opposite of %s is %s, whose opposite is %s", op, opposite, opposites[opposite])
		}
	}
	if len(opposites) != 18 {
		t.Errorf("%d operators", len(opposites))
	}
}

func TestParseRefuses(t *testing.T) {
	clause := `["a","=",1]`
	for text, part := range map[string]string{
		`1`: "a list is expected, not 1", `"x"`: `not the text "x"`, `{}`: "not an object", `[1]`: "not 1", `[[["a","=",1],null,7]]`: "not 7",
		`["a"]`: "1 elements", `["a","="]`: "2 elements", `["a","=",1,"m",2]`: "5 elements",
		`["a","==",1]`: `"==" is not an operator`, `["a","= 1 OR 1",1]`: "is not an operator", `["a","IN",[1]]`: "is not an operator", `["a",null,1]`: `the operator on "a" is null`,
		`["a","=",1,7]`:   `the model behind "a" is 7`,
		`["a","in",null]`: "needs a list", `["a","in","x"]`: "needs a list", `["a","not in",1]`: "needs a list",
		`["a","like",1]`: "needs a text", `["a","not ilike",["x"]]`: "needs a text",
		`["a","where",1]`: "a list is expected", `["a","where",["b","=="]]`: "2 elements",
		`["a","=",{"__class__":"Eval","v":"x","d":1}]`: "with an object",
		`["","=",1]`: "is not a field", `[".a","=",1]`: "is not a field", `["a.","=",1]`: "is not a field", `["a..b","=",1]`: "is not a field",
		`["OR",["or",` + clause + `]]`:                                         "2 elements",
		strings.Repeat("[", 150) + clause + strings.Repeat("]", 150):           "nested too deeply",
		strings.Repeat(`["a","where",`, 120) + `[]` + strings.Repeat("]", 120): "nested too deeply",
		`[` + strings.Repeat(clause+",", 10000) + clause + `]`:                 "more than 10000 clauses",
		`["OR",` + strings.Repeat(`["a.b.c","=",1],`, 500) + `["a.b","=",1]]`:  "more than 1000 links",
		`[` + strings.Repeat(`["a","where",[]],`, 1000) + `["a.b","=",1]]`:     "more than 1000 links",
		`["` + strings.Repeat("a", 300) + `","=",1]`:                           "is not a field",
		`["AND","=",1]`: `not the text "="`,
	} {
		n, err := Parse(decode(t, text))
		if err == nil || !strings.Contains(err.Error(), part) || len(err.Error()) > 200 {
			t.Errorf("Parse(%.80s) = %v, %v, want an error with %q", text, n, err, part)
		}
	}
}

func TestCRefuses(t *testing.T) {
	for name, f := range map[string]func(){
		"operator": func() { C("a", "==", 1) }, "field": func() { C("", Equal, 1) }, "list": func() { C("a", In, 1) },
		"domain": func() { C("a", Where, []any{}) }, "type": func() { C("a", Equal, struct{}{}) }, "text": func() { C("a", Like, 1) },
	} {
		if !panics(f) {
			t.Errorf("%s: C went through", name)
		}
	}
	want := &Clause{Field: "a", Op: In, Value: []any{int64(1), int64(2)}}
	for _, v := range []any{[]int{1, 2}, []int64{1, 2}, []any{1, int32(2)}} {
		if diff := cmp.Diff(want, C("a", In, v)); diff != "" {
			t.Error(diff)
		}
	}
	if got := C("r", Equal, value.Reference{Model: "a.b", ID: 3}).Value; got != "a.b,3" {
		t.Errorf("got %v", got)
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestSimplify(t *testing.T) {
	a, b, c := C("a", "=", 1), C("b", "=", 2), C("c", "=", 3)
	for _, test := range []struct{ from, want Node }{
		{nil, And{}}, {And{}, And{}}, {Or{}, Or{}}, {a, a}, {And{a}, a}, {Or{And{Or{a}}}, a},
		{And{a, And{b, And{c}}}, And{a, b, c}}, {Or{a, Or{b, c}}, Or{a, b, c}},
		{And{a, Or{b, c}}, And{a, Or{b, c}}}, {And{And{}, a, And{}}, a},
		{And{a, Or{}}, Or{}}, {Or{a, And{}}, And{}}, {Or{Or{}, a}, a}, {Or{a, And{b, Or{}}}, a}, {And{Or{b, And{}}, a}, a},
		{C("l", Where, And{And{a}}), C("l", Where, a)},
		{AllOf(), And{}}, {AnyOf(), Or{}}, {AllOf(nil, a, nil), a}, {AnyOf(a, nil, b), Or{a, b}},
	} {
		if diff := cmp.Diff(test.want, Simplify(test.from)); diff != "" {
			t.Errorf("Simplify(%v): %s", Format(test.from), diff)
		}
	}
}

func TestFormat(t *testing.T) {
	a, b := C("a", "=", 1), C("b", "in", []int{2})
	for _, test := range []struct {
		node Node
		want string
	}{
		{nil, `[]`}, {And{}, `[]`}, {a, `[["a","=",1]]`}, {And{a, b}, `[["a","=",1],["b","in",[2]]]`},
		{Or{a, And{b}}, `["OR",["a","=",1],[["b","in",[2]]]]`}, {And{Or{a}}, `[["OR",["a","=",1]]]`},
		{Or{}, `[["id","in",[]]]`}, {And{Or{}}, `[[["id","in",[]]]]`},
		{C("l", NotWhere, a), `[["l","not where",[["a","=",1]]]]`},
		{&Clause{"r.id", Equal, int64(1), "m"}, `[["r.id","=",1,"m"]]`},
	} {
		got, err := value.Encode(Format(test.node))
		if err != nil || string(got) != test.want {
			t.Errorf("Format(%v) = %s, %v, want %s", test.node, got, err, test.want)
		}
	}
}

func TestFields(t *testing.T) {
	n, err := Parse(decode(t, `[["b","=",1],["OR",["a.x","=",1],["b","=",2]],["l","where",[["m","where",[["n","=",1]]]]]]`))
	if diff := cmp.Diff([]string{"a.x", "b", "l", "l.m", "l.m.n"}, Fields(n)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got := Fields(nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestMap(t *testing.T) {
	a, b, x := C("a", "=", 1), C("b", "=", 2), C("x", "=", 3)
	got, err := Map(And{a, Or{b, a}}, func(c *Clause) (Node, error) {
		if c.Field == "a" {
			return Or{x, c}, nil
		}
		return nil, nil
	})
	want := And{Or{x, a}, Or{And{}, Or{x, a}}}
	if diff := cmp.Diff(Node(want), got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := Map(And{a, b}, func(c *Clause) (Node, error) { return c, c.check() }); err != nil {
		t.Error(err)
	}
	failure := ErrNotInMemory
	if _, err := Map(Or{And{a}}, func(*Clause) (Node, error) { return nil, failure }); err != failure {
		t.Errorf("got %v", err)
	}
}

// genNode draws a domain over the integer fields a, b and c, of which c is sometimes null.
func genNode(depth int) *rapid.Generator[Node] {
	field := rapid.SampledFrom([]string{"a", "b", "c"})
	ops := rapid.SampledFrom([]Op{Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, NotIn})
	clause := rapid.Custom(func(t *rapid.T) Node {
		op := ops.Draw(t, "op")
		if op.Positive() == In {
			return C(field.Draw(t, "field"), op, rapid.SliceOfN(rapid.IntRange(0, 2), 0, 2).Draw(t, "values"))
		}
		return C(field.Draw(t, "field"), op, rapid.IntRange(0, 2).Draw(t, "value"))
	})
	if depth == 0 {
		return clause
	}
	parts := rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[Node] { return genNode(depth - 1) }), 0, 3)
	return rapid.OneOf(clause,
		rapid.Map(parts, func(l []Node) Node { return And(l) }),
		rapid.Map(parts, func(l []Node) Node { return Or(l) }))
}

func TestSimplifyAndFormatKeepTheMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := genNode(4).Draw(t, "domain")
		get := record(map[string]any{"a": rapid.Int64Range(0, 2).Draw(t, "a"), "b": rapid.Int64Range(0, 2).Draw(t, "b"), "c": nil})
		want, err := Match(n, get)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(any(Format(n)))
		if err != nil {
			t.Fatalf("%v: %v", Format(n), err)
		}
		for name, other := range map[string]Node{"Simplify": Simplify(n), "Format and Parse": again} {
			if got, err := Match(other, idToo(get)); got != want || err != nil {
				t.Fatalf("%s: %v, %v, want %v", name, got, err, want)
			}
		}
		if diff := cmp.Diff(Simplify(n), Simplify(Simplify(n))); diff != "" {
			t.Fatalf("simplified twice: %s", diff)
		}
	})
}

func record(m map[string]any) Getter {
	return func(path string) (any, error) {
		v, ok := m[path]
		if !ok {
			return nil, errUnknown(path)
		}
		return v, nil
	}
}

type errUnknown string

func (e errUnknown) Error() string { return "there is no field " + string(e) }

func idToo(get Getter) Getter {
	return func(path string) (any, error) {
		if path == "id" {
			return int64(1), nil
		}
		return get(path)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[["a","=",1]]`, `["AND",[["state","=","draft"]],[]]`, `["OR",["a","in",[1,null]],["b.c","not ilike","%x\\_"]]`,
		`[["resource.id","in",[1,2],"account.payment"]]`, `[["lines","where",[["a","=",1]]]]`, `[["amount",">",{"__class__":"Decimal","decimal":"100"}]]`,
		`[["parent","child_of",[1],"parent"]]`, `["OR"]`, `[[[["a","=",null]]]]`, `[["r","=",["m",1]]]`, `[["a","not where",["OR"]]]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := value.Decode(text)
		if err != nil {
			return
		}
		n, err := Parse(v)
		if err != nil {
			return
		}
		again, err := Parse(any(Format(n)))
		if err != nil {
			t.Fatalf("%v: %v", Format(n), err)
		}
		if diff := cmp.Diff(Simplify(n), Simplify(again)); diff != "" {
			t.Fatal(diff)
		}
		// Whatever the domain is, matching ends with an answer or an error.
		Match(n, func(string) (any, error) { return "text", nil })
		Match(n, func(string) (any, error) { return int64(3), nil })
		Match(n, func(string) (any, error) { return []any{nil, []int64{1}}, nil })
		Match(n, func(string) (any, error) { return []string{"a"}, nil })
	})
}
