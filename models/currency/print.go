package currency

import (
	"cmp"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/value"
)

// Print writes an amount with the currency's digits and symbol as people of a
// language read it; nil writes plainly.
func Print(language, currency *models.Record, amount value.Decimal) string {
	c := Currency
	return ir.FormatMoney(language, amount, int(c.Digits.Of(currency)), cmp.Or(c.Symbol.Of(currency), c.Code.Of(currency)))
}
