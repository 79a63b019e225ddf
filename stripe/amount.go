package stripe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What can be wrong with an amount.
var (
	ErrAmountFormat    = errors.New("it is not a plain decimal number")
	ErrAmountPrecision = errors.New("it has more decimals than the currency")
	ErrAmountTooLarge  = errors.New("it is above what Stripe accepts")
	ErrAmountTooSmall  = errors.New("it is below what Stripe accepts")
)

// Digits is how many decimals Stripe counts in a currency (ISO code, either case). Stripe counts ISK and UGX in hundredths though
// they have no decimals in use: see MinorUnits.
func Digits(currency string) int {
	switch strings.ToLower(currency) {
	case "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf":
		return 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 3
	}
	return 2
}

// step is what a charged amount must be a multiple of: ISK and UGX are written with two decimals that must be 00,
// three-decimal currencies end in 0. (HUF and TWD are whole only in payouts; a charge may hold hundredths.)
func step(currency string) int64 {
	switch strings.ToLower(currency) {
	case "isk", "ugx":
		return 100
	case "bhd", "jod", "kwd", "omr", "tnd":
		return 10
	}
	return 1
}

// MinorUnits turns a plain decimal text ("12.50", "-3", no exponent) into the currency's minor units, exactly. Zeros beyond the
// currency's decimals are no harm; other digits there are an ErrAmountPrecision. Sign and size are not judged: see CheckAmount.
func MinorUnits(amount, currency string) (int64, error) {
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("amount %q in %s: %w", amount, strings.ToUpper(currency), err)
	}
	if !isCurrency(currency) {
		return fail(errors.New("it is not a currency code"))
	}
	whole, fraction, dotted := strings.Cut(amount, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if whole == "" || dotted && fraction == "" || !onlyDigits(whole) || !onlyDigits(fraction) {
		return fail(ErrAmountFormat)
	}
	digits := Digits(currency)
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > digits {
		return fail(ErrAmountPrecision)
	}
	fraction += strings.Repeat("0", digits-len(fraction))
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return fail(ErrAmountTooLarge)
	}
	if n%step(currency) != 0 {
		return fail(ErrAmountPrecision)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// DecimalText turns minor units into a plain decimal text with all of the currency's decimals: 1250 EUR is "12.50", 1250 JPY "1250".
func DecimalText(minor int64, currency string) string {
	digits := Digits(currency)
	sign, magnitude := "", uint64(minor)
	if minor < 0 {
		sign, magnitude = "-", uint64(-(minor+1))+1 // holds for the least int64 too
	}
	text := strconv.FormatUint(magnitude, 10)
	if digits == 0 {
		return sign + text
	}
	if len(text) <= digits {
		text = strings.Repeat("0", digits+1-len(text)) + text
	}
	return sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
}

// CheckAmount finds what Stripe would refuse whatever the account: nothing or less, below the currency's least charge, or
// more than eight digits (twelve for IDR, whose unit is small). The least charge is Stripe's where it is in the account's
// settlement currency; another settlement currency can make it higher, which only Stripe knows.
func CheckAmount(minor int64, currency string) error {
	least, greatest := MinAmount(currency), MaxAmount(currency)
	switch {
	case minor < least:
		return fmt.Errorf("amount %s in %s: %w (%s)", DecimalText(minor, currency), strings.ToUpper(currency), ErrAmountTooSmall,
			DecimalText(least, currency))
	case minor > greatest:
		return fmt.Errorf("amount %s in %s: %w (%s)", DecimalText(minor, currency), strings.ToUpper(currency), ErrAmountTooLarge,
			DecimalText(greatest, currency))
	}
	return nil
}

// MinAmount is the least charge in a currency as Stripe publishes it, in minor units; 1 where it publishes none.
func MinAmount(currency string) int64 {
	switch strings.ToLower(currency) {
	case "usd", "eur", "cad", "aud", "brl", "chf", "inr", "nzd", "sgd":
		return 50
	case "gbp":
		return 30
	case "aed", "myr", "pln", "ron":
		return 200
	case "bgn":
		return 100
	case "dkk":
		return 250
	case "nok", "sek":
		return 300
	case "hkd":
		return 400
	case "mxn", "thb":
		return 1000
	case "czk":
		return 1500
	case "huf":
		return 17500
	case "jpy":
		return 50
	}
	return 1
}

// MaxAmount is the greatest charge in a currency, in minor units.
func MaxAmount(currency string) int64 {
	if strings.EqualFold(currency, "idr") {
		return 999_999_999_999
	}
	return 99_999_999
}

func isCurrency(code string) bool {
	if len(code) != 3 {
		return false
	}
	for _, c := range []byte(strings.ToLower(code)) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func onlyDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
