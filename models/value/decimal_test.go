package value

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDecimalAsPython holds every operation against results recorded from Python's decimal module.
func TestDecimalAsPython(t *testing.T) {
	f, err := os.Open("testdata/decimal.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	count := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		c := strings.Split(lines.Text(), "\t")
		count[c[0]]++
		if got := operate(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%s %s %s = %s, want %s", c[0], c[1], c[2], got, c[3])
		}
	}
	for _, op := range []string{"add", "sub", "mul", "quo", "cmp", "quantize", "neg", "abs", "plain", "parse"} {
		if count[op] < 20 {
			t.Errorf("only %d cases of %s", count[op], op)
		}
	}
}

func operate(op, x, y string) string {
	a, err := Parse(x)
	if err != nil {
		return "error"
	}
	switch op {
	case "parse":
		return a.String()
	case "neg":
		return a.Neg().String()
	case "abs":
		return a.Abs().String()
	case "plain":
		return a.Plain()
	case "quantize":
		n, _ := strconv.Atoi(y)
		return a.Quantize(n).String()
	}
	b := MustParse(y)
	switch op {
	case "add":
		return a.Add(b).String()
	case "sub":
		return a.Sub(b).String()
	case "mul":
		return a.Mul(b).String()
	case "cmp":
		return strconv.Itoa(a.Cmp(b))
	case "quo":
		q, err := a.Quo(b)
		if err != nil {
			return "error"
		}
		return q.String()
	}
	return "unknown operation"
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"NaN", "nan", "sNaN", "Infinity", "-inf", "1_000", " 1", "1 ", "1\n", "1,5", "0x1", "1e1000000",
		"1E+1001", "1E-1001", strings.Repeat("9", 1001), "1e99999999999999999999", strings.Repeat("0", 5000), "١",
	} {
		if d, err := Parse(text); err == nil {
			t.Errorf("Parse(%.20q) = %s, want an error", text, d)
		}
	}
}

func TestDecimalShape(t *testing.T) {
	for _, c := range []struct {
		text          string
		digits, scale int
		reduced       string
		sign          int
	}{
		{"42.50", 1, 2, "42.5", 1},
		{"42", 0, 0, "42", 1},
		{"10.00", 0, 2, "10", 1},
		{"-0.00", 0, 2, "-0", 0},
		{"1E+2", 0, 0, "1E+2", 1},
		{"-0.0010", 3, 4, "-0.001", -1},
	} {
		d := MustParse(c.text)
		if d.Digits() != c.digits || d.Scale() != c.scale || d.Reduce().String() != c.reduced || d.Sign() != c.sign {
			t.Errorf("%s: digits %d, scale %d, reduced %s, sign %d; want %+v", c.text, d.Digits(), d.Scale(), d.Reduce(), d.Sign(), c)
		}
	}
	var zero Decimal
	if zero.String() != "0" || !zero.IsZero() || !zero.Equal(FromInt(0)) || zero != (Decimal{}) {
		t.Error("the zero value is not 0")
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   string
	}{
		{"1.5", 2, "1.5"}, {"1.50000", 2, "1.50"}, {"1.005", 2, "1.00"}, {"1.015", 2, "1.02"}, {"155", -1, "1.6E+2"}, {"1E+2", 2, "1E+2"},
	} {
		if got := MustParse(c.text).Round(c.places).String(); got != c.want {
			t.Errorf("Round(%s, %d) = %s, want %s", c.text, c.places, got, c.want)
		}
	}
}

func TestMinor(t *testing.T) {
	for _, c := range []struct {
		text   string
		places int
		want   int64
	}{
		{"42.50", 2, 4250}, {"42.5", 2, 4250}, {"-0.01", 2, -1}, {"1E+2", 0, 100}, {"500", 0, 500}, {"1.234", 3, 1234},
		{"0.00", 0, 0}, {"92233720368547758.07", 2, 9223372036854775807}, {"10.000", 2, 1000},
	} {
		d := MustParse(c.text)
		got, err := d.Minor(c.places)
		if err != nil || got != c.want {
			t.Errorf("Minor(%s, %d) = %d, %v, want %d", c.text, c.places, got, err, c.want)
		}
		if back := FromMinor(got, c.places); !back.Equal(d) || back.Scale() != c.places {
			t.Errorf("FromMinor(%d, %d) = %s, want %s", got, c.places, back, c.text)
		}
	}
	for _, text := range []string{"0.005", "92233720368547758.08", "1E+30"} {
		if n, err := MustParse(text).Minor(2); err == nil {
			t.Errorf("Minor(%s, 2) = %d, want an error", text, n)
		}
	}
}

// TestSumsAreExact adds beyond the 28 digits of a quotient.
func TestSumsAreExact(t *testing.T) {
	a, b := MustParse("123456789012345678901234567890.12"), MustParse("0.000000000000000000000000000001")
	if got, want := a.Add(b).String(), "123456789012345678901234567890.120000000000000000000000000001"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func genDecimal() *rapid.Generator[Decimal] {
	return rapid.Custom(func(t *rapid.T) Decimal {
		d := FromMinor(rapid.Int64().Draw(t, "coefficient"), rapid.IntRange(-20, 20).Draw(t, "places"))
		return d.Mul(FromInt(rapid.Int64Range(1, 1e9).Draw(t, "factor")))
	})
}

func TestDecimalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genDecimal().Draw(t, "a"), genDecimal().Draw(t, "b")
		if got := a.Add(b).Sub(b); !got.Equal(a) {
			t.Fatalf("a + b - b = %s", got)
		}
		if back := MustParse(a.String()); back.String() != a.String() {
			t.Fatalf("read back %s", back)
		}
		if back := MustParse(a.Plain()); !back.Equal(a) {
			t.Fatalf("plain text read back %s", back)
		}
		if a.Cmp(b) != -b.Cmp(a) || a.Cmp(b) != a.Sub(b).Sign() {
			t.Fatalf("Cmp = %d", a.Cmp(b))
		}
		if got := a.Reduce(); !got.Equal(a) || got.Scale() != a.Digits() {
			t.Fatalf("Reduce = %s", got)
		}
		if !a.IsZero() {
			if q, err := a.Mul(b).Quo(a); err != nil || len(b.String()) < 28 && !q.Equal(b) {
				t.Fatalf("a * b / a = %s, %v", q, err)
			}
		}
	})
}

func TestDecimalColumn(t *testing.T) {
	for _, src := range []any{"1E+2", []byte("100.0"), int64(100)} {
		var d Decimal
		if err := d.Scan(src); err != nil || !d.Equal(FromInt(100)) {
			t.Errorf("Scan(%v) = %s, %v", src, d, err)
		}
	}
	for _, src := range []any{1.5, nil, "x", true} {
		var d Decimal
		if err := d.Scan(src); err == nil {
			t.Errorf("Scan(%v) = %s, want an error", src, d)
		}
	}
	if v, err := MustParse("1E+2").Value(); v != "100" || err != nil {
		t.Errorf("Value = %v, %v", v, err)
	}
	if v, _ := MustParse("-0.00").Value(); v != "0.00" {
		t.Errorf("Value = %v", v)
	}
}
