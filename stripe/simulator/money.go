package simulator

import (
	"fmt"
	"slices"
	"strings"

	"paytond/stripe"
)

// currencies that Stripe takes, as far as anybody is likely to use them here.
func currencies() []string {
	return strings.Fields(`aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf
		clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils inr isk jmd jod jpy kes
		kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mro mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
		php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst
		xaf xcd xof xpf yer zar zmw`)
}

// checkAmount refuses currencies and amounts as Stripe does.
func checkAmount(amount int64, currency string) *apiError {
	if !slices.Contains(currencies(), currency) {
		return invalidParam("", fmt.Sprintf("Invalid currency: %s. Stripe currently supports these currencies: %s", currency, strings.Join(currencies(), ", ")), "currency")
	}
	switch {
	case amount < 1:
		return invalidParam("parameter_invalid_integer", "This value must be greater than or equal to 1.", "amount")
	case amount > stripe.MaxAmount(currency):
		return invalidParam("amount_too_large", fmt.Sprintf("Amount must be no more than %s", money(stripe.MaxAmount(currency), currency)), "amount")
	case amount < stripe.MinAmount(currency):
		return invalidParam("amount_too_small", fmt.Sprintf("Amount must be at least %s", money(stripe.MinAmount(currency), currency)), "amount")
	case stripe.Digits(currency) == 3 && amount%10 != 0, (currency == "isk" || currency == "ugx") && amount%100 != 0:
		return invalidParam("", "Invalid amount: the last digits must be 0 in "+currency, "amount")
	}
	return nil
}

// money writes an amount for a message.
func money(amount int64, currency string) string {
	return stripe.DecimalText(amount, currency) + " " + currency
}
