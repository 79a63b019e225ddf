package checkout

import "strings"

// amount writes a plain decimal such as "1234.50" as one does in the language,
// with the currency: "1,234.50 EUR", "1.234,50 EUR". Every digit stays.
func (w *words) amount(plain, currency string) string {
	sign, digits := "", plain
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, digits = "\u2212", rest
	}
	whole, fraction, found := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(w.thousands)
		}
		b.WriteRune(digit)
	}
	if found {
		b.WriteString(w.decimalPoint + fraction)
	}
	if currency != "" {
		b.WriteString(nbsp + currency)
	}
	return b.String()
}
