package currency

import (
	"testing"

	"paytond/models/value"

	"pgregory.net/rapid"
)

func TestRoundTo(t *testing.T) {
	for _, test := range []struct{ amount, unit, want string }{
		{"10.004", "0.01", "10.00"},
		{"10.005", "0.01", "10.00"},
		{"10.015", "0.01", "10.02"},
		{"-10.015", "0.01", "-10.02"},
		{"10.0250000001", "0.01", "10.03"},
		{"1.07", "0.05", "1.05"},
		{"1.08", "0.05", "1.10"},
		{"1234", "1", "1234"},
		{"0.5", "1", "0"},
		{"1.5", "1", "2"},
		{"7.77", "0", "7.77"},
	} {
		got, err := roundTo(value.MustParse(test.amount), value.MustParse(test.unit))
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != test.want {
			t.Errorf("%s by %s: got %s, want %s", test.amount, test.unit, got, test.want)
		}
	}
}

// A rounded amount is a multiple of the unit, at most half a unit away, and stays when rounded again.
func TestRoundToProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := value.FromMinor(rapid.Int64Range(-1e15, 1e15).Draw(t, "amount"), rapid.IntRange(0, 8).Draw(t, "places"))
		unit := value.FromMinor(rapid.SampledFrom([]int64{1, 2, 5, 10, 25}).Draw(t, "unit"), rapid.IntRange(0, 4).Draw(t, "digits"))
		got, err := roundTo(amount, unit)
		if err != nil {
			t.Fatal(err)
		}
		units, err := got.Quo(unit)
		if err != nil || units.Digits() != 0 {
			t.Fatalf("%s is no multiple of %s", got, unit)
		}
		if away := got.Sub(amount).Abs(); away.Add(away).Cmp(unit) > 0 {
			t.Fatalf("%s is too far from %s", got, amount)
		}
		again, err := roundTo(got, unit)
		if err != nil || !again.Equal(got) {
			t.Fatalf("%s rounds again to %s", got, again)
		}
	})
}
