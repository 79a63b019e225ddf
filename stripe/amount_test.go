package stripe_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"paytond/stripe"
)

func TestMinorUnits(t *testing.T) {
	for _, test := range []struct {
		amount, currency string
		want             int64
		err              error
	}{
		{"12.50", "EUR", 1250, nil},
		{"12.5", "eur", 1250, nil},
		{"12", "eur", 1200, nil},
		{"0.07", "usd", 7, nil},
		{"12.5000", "eur", 1250, nil},
		{"12.501", "eur", 0, stripe.ErrAmountPrecision},
		{"-3.10", "eur", -310, nil},
		{"500", "jpy", 500, nil},
		{"500.00", "jpy", 500, nil},
		{"500.5", "jpy", 0, stripe.ErrAmountPrecision},
		{"5.12", "kwd", 5120, nil},
		{"5.124", "kwd", 0, stripe.ErrAmountPrecision}, // Stripe wants the last of three digits to be 0
		{"5", "isk", 500, nil},
		{"5.5", "isk", 0, stripe.ErrAmountPrecision},
		{"5", "ugx", 500, nil},
		{"10.45", "huf", 1045, nil}, // whole only in payouts
		{"10.45", "twd", 1045, nil},
		{"800.45", "twd", 80045, nil},
		{"1e3", "eur", 0, stripe.ErrAmountFormat},
		{"1,50", "eur", 0, stripe.ErrAmountFormat},
		{"", "eur", 0, stripe.ErrAmountFormat},
		{".5", "eur", 0, stripe.ErrAmountFormat},
		{"5.", "eur", 0, stripe.ErrAmountFormat},
		{"--5", "eur", 0, stripe.ErrAmountFormat},
		{"+5", "eur", 0, stripe.ErrAmountFormat},
		{"NaN", "eur", 0, stripe.ErrAmountFormat},
		{"９", "eur", 0, stripe.ErrAmountFormat},
		{"92233720368547758.07", "eur", math.MaxInt64, nil},
		{"92233720368547758.08", "eur", 0, stripe.ErrAmountTooLarge},
	} {
		got, err := stripe.MinorUnits(test.amount, test.currency)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("MinorUnits(%q, %s) = %d, %v, want %d, %v", test.amount, test.currency, got, err, test.want, test.err)
		}
	}
	for _, currency := range []string{"", "e", "euro", "e1r", "€"} {
		if _, err := stripe.MinorUnits("1", currency); err == nil {
			t.Errorf("the currency %q passes", currency)
		}
	}
}

func TestDecimalText(t *testing.T) {
	for _, test := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{1250, "eur", "12.50"}, {7, "usd", "0.07"}, {0, "usd", "0.00"}, {-5, "usd", "-0.05"}, {1250, "JPY", "1250"}, {5120, "KWD", "5.120"},
		{500, "isk", "5.00"}, {math.MinInt64, "eur", "-92233720368547758.08"},
	} {
		if got := stripe.DecimalText(test.minor, test.currency); got != test.want {
			t.Errorf("DecimalText(%d, %s) = %s, want %s", test.minor, test.currency, got, test.want)
		}
	}
}

// What Stripe counts comes back as the same amount, in every kind of currency.
func TestAmountsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"eur", "usd", "jpy", "krw", "bhd", "isk", "ugx", "huf"}).Draw(t, "currency")
		minor := rapid.Int64().Draw(t, "minor")
		switch currency {
		case "bhd":
			minor -= minor % 10
		case "isk", "ugx":
			minor -= minor % 100
		}
		if minor == math.MinInt64 {
			return // -(2^63) has no positive twin to parse
		}
		got, err := stripe.MinorUnits(stripe.DecimalText(minor, currency), currency)
		if err != nil || got != minor {
			t.Fatalf("%d %s came back as %d, %v", minor, currency, got, err)
		}
	})
}

func TestCheckAmount(t *testing.T) {
	for _, test := range []struct {
		minor    int64
		currency string
		want     error
	}{
		{50, "eur", nil}, {49, "eur", stripe.ErrAmountTooSmall}, {0, "eur", stripe.ErrAmountTooSmall}, {-100, "eur", stripe.ErrAmountTooSmall},
		{30, "gbp", nil}, {17499, "huf", stripe.ErrAmountTooSmall}, {50, "jpy", nil}, {99_999_999, "usd", nil},
		{100_000_000, "usd", stripe.ErrAmountTooLarge}, {999_999_999_999, "idr", nil}, {1_000_000_000_000, "idr", stripe.ErrAmountTooLarge},
	} {
		if err := stripe.CheckAmount(test.minor, test.currency); !errors.Is(err, test.want) {
			t.Errorf("CheckAmount(%d, %s) = %v, want %v", test.minor, test.currency, err, test.want)
		}
	}
}
