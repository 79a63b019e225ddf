package paymentstripe

import (
	"paytond/models"
	"paytond/models/ir"
	"paytond/models/payment"
)

// The texts of the e-mail that asks a customer to authenticate himself: %s stands, in this order, for the amount and who is paid, or for
// the customer, or for what is paid.
const (
	letterSubject  = "Please confirm your payment of %s to %s"
	letterHello    = "Hello %s,"
	letterAsks     = "your bank wants you to confirm the payment of %s to %s yourself before it is made."
	letterFor      = "For: %s"
	letterButton   = "Confirm the payment"
	letterNoButton = "If the button does not work, open this address in your browser:"
	letterOpen     = "Please open this address in your browser:" // before the address, where there is no button
	letterUnknown  = "If you expect no such payment, you need not do anything: without your confirmation nothing is taken."
)

// letterReport has the texts of the letter, which emailReport prints.
var letterReport = &models.Report{Name: "account.payment.stripe.email_checkout",
	Texts: []string{letterSubject, letterHello, letterAsks, letterFor, letterButton, letterNoButton, letterOpen, letterUnknown}}

// letterWords says the letter's texts in the party's language.
type letterWords struct{ tx *models.Tx }

func wordsOf(r *models.Record) letterWords {
	tx := r.Tx()
	if code := languageOf(payment.Payment.Party.Of(r), payment.Payment.Company.ID(r)); code != "" {
		tx = tx.With(map[string]any{"language": code})
	} else {
		tx = tx.With(map[string]any{"language": models.BaseLanguage})
	}
	return letterWords{tx}
}

func (w letterWords) say(source string, args ...any) string {
	return letterReport.Say(w.tx, source, args...)
}

// amount is what is to be paid, with the code of its currency.
func (w letterWords) amount(r *models.Record) string {
	p := payment.Payment
	return ir.FormatMoney(ir.Language(w.tx, w.tx.Language()), p.Amount.Of(r), int(p.CurrencyDigits.Of(r)), "") + " " + currencyCode(r)
}
