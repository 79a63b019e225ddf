package sql

import (
	"math/big"
	"strconv"
	"strings"
)

// Decimals are kept as text on SQLite. This file orders them, adds them up and
// writes them the way PostgreSQL writes its numeric type.

// maxExponent is about the largest that PostgreSQL takes for a numeric.
const maxExponent = 131072

// digits is a decimal taken apart: the digits before the point without leading
// zeros and those after it, all of them.
type digits struct {
	negative  bool
	int, frac string
}

// parseDigits reads "-12.340", ".5", "5." and "1.2E+3"; ok is false for anything else.
func parseDigits(s string) (d digits, ok bool) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > maxExponent || n < -maxExponent {
			return d, false
		}
		mantissa, exponent = s[:i], n
	}
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		d.negative = mantissa[0] == '-'
		mantissa = mantissa[1:]
	}
	d.int, d.frac, _ = strings.Cut(mantissa, ".")
	if d.int == "" && d.frac == "" || !allDigits(d.int) || !allDigits(d.frac) {
		return d, false
	}
	d.shift(exponent)
	d.int = strings.TrimLeft(d.int, "0")
	if d.int == "" && strings.Trim(d.frac, "0") == "" {
		d.negative = false
	}
	return d, true
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// shift moves the point n places to the right.
func (d *digits) shift(n int) {
	if n > 0 {
		if missing := n - len(d.frac); missing > 0 {
			d.frac += strings.Repeat("0", missing)
		}
		d.int, d.frac = d.int+d.frac[:n], d.frac[n:]
	}
	if n < 0 {
		if missing := -n - len(d.int); missing > 0 {
			d.int = strings.Repeat("0", missing) + d.int
		}
		cut := len(d.int) + n
		d.int, d.frac = d.int[:cut], d.int[cut:]+d.frac
	}
}

func (d digits) String() string {
	s := d.int
	if s == "" {
		s = "0"
	}
	if d.frac != "" {
		s += "." + d.frac
	}
	if d.negative {
		s = "-" + s
	}
	return s
}

// plain writes a decimal without exponent, as PostgreSQL does; ok is false when
// s is no decimal.
func plain(s string) (p string, ok bool) {
	d, ok := parseDigits(s)
	if !ok {
		return s, false
	}
	return d.String(), true
}

// compareDecimals is the collation DECIMAL: by value, so that 1.1 equals 1.10.
// Texts that are no decimals come first, by their bytes.
func compareDecimals(a, b string) int {
	if a == b {
		return 0
	}
	x, xok := parseDigits(a)
	y, yok := parseDigits(b)
	switch {
	case !xok && !yok:
		return strings.Compare(a, b)
	case !xok:
		return -1
	case !yok:
		return 1
	case x.negative != y.negative:
		if x.negative {
			return -1
		}
		return 1
	case x.negative:
		return compareSizes(y, x)
	}
	return compareSizes(x, y)
}

func compareSizes(x, y digits) int {
	if len(x.int) != len(y.int) {
		if len(x.int) < len(y.int) {
			return -1
		}
		return 1
	}
	if c := strings.Compare(x.int, y.int); c != 0 {
		return c
	}
	return strings.Compare(strings.TrimRight(x.frac, "0"), strings.TrimRight(y.frac, "0"))
}

// total adds up decimals; its scale is the largest among them.
type total struct {
	count int
	scale int
	units big.Int // in 10^-scale
}

// add adds s, or takes it away when sign is -1; it reports whether s is a decimal.
func (t *total) add(s string, sign int) bool {
	d, ok := parseDigits(s)
	if !ok {
		return false
	}
	if len(d.frac) > t.scale {
		t.units.Mul(&t.units, powerOfTen(len(d.frac)-t.scale))
		t.scale = len(d.frac)
	}
	text := d.int + d.frac + strings.Repeat("0", t.scale-len(d.frac))
	if text == "" {
		text = "0"
	}
	units, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return false
	}
	if d.negative != (sign < 0) {
		units.Neg(units)
	}
	t.units.Add(&t.units, units)
	t.count += sign
	return true
}

func (t *total) String() string {
	text := new(big.Int).Abs(&t.units).String()
	if missing := t.scale + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	cut := len(text) - t.scale
	d := digits{negative: t.units.Sign() < 0, int: text[:cut], frac: text[cut:]}
	return d.String()
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
