package currency

import (
	"paytond/models"
	"paytond/models/value"
)

// Round is amount as a multiple of the currency's rounding factor, a half to
// the even one.
func Round(currency *models.Record, amount value.Decimal) value.Decimal {
	rounded, err := roundTo(amount, Currency.Rounding.Of(currency))
	models.Must(err)
	return rounded
}

// roundTo is the multiple of unit nearest to amount, of two as near the even one.
func roundTo(amount, unit value.Decimal) (value.Decimal, error) {
	if unit.IsZero() {
		return amount, nil
	}
	units, err := amount.Quo(unit)
	if err != nil {
		return amount, err
	}
	return units.Quantize(0).Mul(unit), nil
}

// IsZero tells whether amount is nothing in the currency: it rounds to zero.
func IsZero(currency *models.Record, amount value.Decimal) bool {
	return Round(currency, amount).IsZero()
}

// Compute is the amount of one currency in another, at the rates of the
// transaction's day (see [Date]). A rate that is missing is a UserError.
func Compute(tx *models.Tx, from *models.Record, amount value.Decimal, to *models.Record, round bool) (value.Decimal, error) {
	if from.ID() != to.ID() {
		var err error
		if amount, err = exchange(tx, from, amount, to); err != nil {
			return value.Decimal{}, err
		}
	}
	if round {
		amount = Round(to, amount)
	}
	return amount, nil
}

func exchange(tx *models.Tx, from *models.Record, amount value.Decimal, to *models.Record) (value.Decimal, error) {
	rates := currentRates(tx, []*models.Record{from, to})
	for _, c := range []*models.Record{from, to} {
		if rates[c.ID()].(value.Decimal).IsZero() {
			return value.Decimal{}, models.UserError("There is no rate for the currency \"%s\" on %s.", c.Name(), Date(tx))
		}
	}
	return amount.Mul(rates[to.ID()].(value.Decimal)).Quo(rates[from.ID()].(value.Decimal))
}
