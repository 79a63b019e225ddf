package value

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Bounds of what Parse accepts. They are far beyond any amount of money, and keep a text such as
// 1E+999999999 from becoming a gigabyte of zeros when it is written out in full.
const (
	maxDigits   = 1000
	maxExponent = 1000
)

// quotientDigits is the precision of a division that does not come out even, as in Python's decimal.
const quotientDigits = 28

// ErrDivisionByZero is returned by Quo.
var ErrDivisionByZero = errors.New("division by zero")

// Decimal is an exact decimal number that remembers its decimals: 1.50 and 1.5 are equal, yet
// print differently, as in Python. It is immutable and copied by value; the zero value is 0.
// Compare with Equal or Cmp, not with ==, which also sees the number of decimals.
type Decimal struct {
	d apd.Decimal
}

// Parse reads a decimal: an optional sign, digits with an optional point, an optional exponent
// ("42.50", "-.5", "1E+2"). NaN, infinities, underscores, white space, more than 1000 digits and
// exponents beyond ±1000 are errors.
func Parse(text string) (Decimal, error) {
	if !wellFormed(text) {
		return Decimal{}, fmt.Errorf("%q is not a decimal number", shorten(text))
	}
	var r Decimal
	if _, _, err := exact.SetString(&r.d, text); err != nil {
		return Decimal{}, fmt.Errorf("%q is not a decimal number: %w", shorten(text), err)
	}
	if r.d.NumDigits() > maxDigits || r.d.Exponent > maxExponent || r.d.Exponent < -maxExponent {
		return Decimal{}, fmt.Errorf("decimal %q is out of range", shorten(text))
	}
	return r, nil
}

// MustParse is Parse for constants in code; it panics where Parse returns an error.
func MustParse(text string) Decimal {
	d, err := Parse(text)
	if err != nil {
		panic("value.MustParse: " + err.Error())
	}
	return d
}

// FromInt is n without decimals.
func FromInt(n int64) Decimal {
	return Decimal{d: *apd.New(n, 0)}
}

// FromMinor is n counted in units of the given decimal place: FromMinor(4250, 2) is 42.50.
func FromMinor(n int64, places int) Decimal {
	return Decimal{d: *apd.New(n, exponent(places))}
}

// FromFloat is the decimal with the shortest text that stands for f. It is for comparing a
// decimal with a float field, never for money. NaN and infinities are errors.
func FromFloat(f float64) (Decimal, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{}, fmt.Errorf("%v is not a decimal number", f)
	}
	return Parse(formatFloat(f))
}

// Add is d + o, exact, with the larger number of decimals of the two.
func (d Decimal) Add(o Decimal) Decimal { return d.exactly(exact.Add, o) }

// Sub is d - o, exact, with the larger number of decimals of the two.
func (d Decimal) Sub(o Decimal) Decimal { return d.exactly(exact.Sub, o) }

// Mul is d × o, exact, with the decimals of both together.
func (d Decimal) Mul(o Decimal) Decimal { return d.exactly(exact.Mul, o) }

// Quo is d ÷ o to 28 digits, the last one rounded half to even. A quotient that comes out even
// keeps only the decimals it needs, and at least those of d less those of o.
// The error is ErrDivisionByZero, or says that the result is out of range.
func (d Decimal) Quo(o Decimal) (Decimal, error) {
	if o.IsZero() {
		return Decimal{}, ErrDivisionByZero
	}
	var r Decimal
	rounded, err := quotient.Quo(&r.d, &d.d, &o.d)
	if err != nil {
		return Decimal{}, fmt.Errorf("%s / %s: %w", d, o, err)
	}
	if !rounded.Inexact() {
		r.d.Coeff, r.d.Exponent = stripZeros(r.d, d.d.Exponent-o.d.Exponent)
	}
	return r, nil
}

// Neg is -d. The negative of zero is zero.
func (d Decimal) Neg() Decimal {
	r := d
	r.d.Negative = !d.d.Negative && !d.IsZero()
	return r
}

// Abs is d without its sign.
func (d Decimal) Abs() Decimal {
	r := d
	r.d.Negative = false
	return r
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than o; decimals do not count.
func (d Decimal) Cmp(o Decimal) int { return d.d.Cmp(&o.d) }

// Equal tells whether d and o are the same number: 1.50 equals 1.5.
func (d Decimal) Equal(o Decimal) bool { return d.Cmp(o) == 0 }

// Sign is -1, 0 or +1.
func (d Decimal) Sign() int { return d.d.Sign() }

// IsZero tells whether d is 0, with any number of decimals.
func (d Decimal) IsZero() bool { return d.d.Sign() == 0 }

// Quantize is d with exactly that many decimals, rounded half to even where digits are lost and
// filled with zeros where they lack. Negative places round to tens, hundreds and so on.
func (d Decimal) Quantize(places int) Decimal {
	var r Decimal
	if _, err := quantize.Quantize(&r.d, &d.d, exponent(places)); err != nil {
		panic(fmt.Sprintf("value: quantize %s to %d places: %v", d, places, err))
	}
	return r
}

// Round is d with at most that many decimals: Quantize without filling with zeros.
func (d Decimal) Round(places int) Decimal {
	if d.Digits() <= places && d.Scale() <= places {
		return d
	}
	return d.Quantize(places)
}

// Digits is the number of decimals that d needs, zeros at the end not counted: 2 for 1.250, 0 for 10.00.
func (d Decimal) Digits() int {
	_, e := stripZeros(d.d, 0)
	return max(0, -int(e))
}

// Scale is the number of decimals that d is written with: 3 for 1.250, 0 for 7 and 1E+2.
func (d Decimal) Scale() int { return max(0, -int(d.d.Exponent)) }

// Reduce is d without zeros at the end of its decimals: 1.5 for 1.500, 10 for 10.00.
func (d Decimal) Reduce() Decimal {
	r := d
	r.d.Coeff, r.d.Exponent = stripZeros(d.d, 0)
	return r
}

// Int64 is d as an integer; false when d has a fraction or does not fit.
func (d Decimal) Int64() (int64, bool) {
	r := d.Reduce()
	if r.d.Exponent < 0 || r.d.Exponent > 18 {
		return 0, r.IsZero()
	}
	n, err := r.d.Int64()
	return n, err == nil
}

// Minor is d counted in units of the given decimal place, as payment services want amounts:
// 42.50 with 2 places is 4250. A smaller fraction or a number beyond int64 is an error, never rounded.
func (d Decimal) Minor(places int) (int64, error) {
	scaled := d
	scaled.d.Exponent -= exponent(places)
	n, ok := scaled.Int64()
	if !ok {
		return 0, fmt.Errorf("%s is not a whole number of units of %d decimals", d, places)
	}
	return n, nil
}

// String is d as Python's decimal writes it: zeros at the end kept, and an exponent ("1E+2",
// "1E-7") where the number is written so.
func (d Decimal) String() string {
	if d.IsZero() && d.d.Exponent < -6 { // where apd writes all the zeros
		return d.sign() + "0E" + strconv.Itoa(int(d.d.Exponent))
	}
	return d.d.Text('G')
}

// Plain is d without exponent, for SQL and people: "100" for 1E+2. Zero has no sign.
func (d Decimal) Plain() string {
	if d.IsZero() {
		d.d.Negative = false
		d.d.Exponent = min(d.d.Exponent, 0)
	}
	return d.d.Text('f')
}

func (d Decimal) sign() string {
	if d.d.Negative {
		return "-"
	}
	return ""
}

// exact computes without a limit of digits, quotient with Python's, quantize with one never met.
var (
	exact    = apd.BaseContext.WithPrecision(0)
	quotient = halfEven(quotientDigits)
	quantize = halfEven(100 * maxDigits)
)

func halfEven(precision uint32) *apd.Context {
	c := apd.BaseContext.WithPrecision(precision)
	c.Rounding = apd.RoundHalfEven
	return c
}

// exactly applies one of the exact operations. They fail only beyond an exponent of 100000, which
// no chain of operations on parsed numbers reaches in earnest, hence the panic.
func (d Decimal) exactly(op func(r, x, y *apd.Decimal) (apd.Condition, error), o Decimal) Decimal {
	var r Decimal
	if _, err := op(&r.d, &d.d, &o.d); err != nil {
		panic(fmt.Sprintf("value: decimal out of range: %v", err))
	}
	return r
}

// exponent turns a number of decimals into an exponent, within the bounds of a decimal.
func exponent(places int) int32 {
	return int32(-min(max(places, -maxExponent), maxExponent))
}

// stripZeros cuts zeros from the end of the coefficient while the exponent stays at or below ideal.
func stripZeros(d apd.Decimal, ideal int32) (apd.BigInt, int32) {
	if d.Coeff.Sign() == 0 {
		return d.Coeff, max(d.Exponent, ideal)
	}
	coeff, exp := d.Coeff, d.Exponent
	ten := apd.NewBigInt(10)
	for exp < ideal {
		var q, rest apd.BigInt
		q.QuoRem(&coeff, ten, &rest)
		if rest.Sign() != 0 {
			break
		}
		coeff, exp = q, exp+1
	}
	return coeff, exp
}

// wellFormed tells whether text is [sign] digits[.digits] [E[sign]digits], of a sane length.
func wellFormed(text string) bool {
	if len(text) > 2*maxDigits {
		return false
	}
	rest := strings.TrimLeft(text, "+-")
	if len(text)-len(rest) > 1 {
		return false
	}
	mantissa, exp, hasExp := cutExponent(rest)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return false
	}
	if !hasExp {
		return true
	}
	digits := strings.TrimLeft(exp, "+-")
	return len(exp)-len(digits) <= 1 && len(digits) > 0 && len(digits) <= 6 && allDigits(digits)
}

func cutExponent(s string) (mantissa, exp string, found bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// shorten keeps a hostile text from filling an error message.
func shorten(s string) string {
	const limit = 60
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
