package paymentstripe

import (
	"strings"
	"time"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/payment"
	"paytond/models/value"
)

// printed is what receipts and statements tell of a payment that went through Stripe.
func printed(r *models.Record) payment.Printed {
	x := Payment
	if payment.Payment.ProcessMethod.Of(r) != methodStripe {
		return payment.Printed{}
	}
	p := payment.Printed{PaidWith: firstText(x.StripePaidWith.Of(r), chosen(r)), TakenBack: x.StripeDisputeLost.Of(r)}
	if id := firstText(x.StripePaymentIntentID.Of(r), x.StripeChargeID.Of(r)); id != "" {
		p.Reference = "Stripe " + id
	}
	for _, refund := range x.StripeRefunds.Of(r) {
		state := Refund.State.Of(refund)
		if Refund.StripeRefundID.Of(refund) == "" || state != payment.Processing && state != payment.Succeeded {
			continue // as givenBack: it is not off the amount
		}
		p.Returned = append(p.Returned, payment.Returned{Date: dayOf(r, refund), Amount: Refund.Amount.Of(refund), Done: state == payment.Succeeded})
	}
	return p
}

// dayOf is the day on which a refund was asked for, in the company's time zone.
func dayOf(r, refund *models.Record) value.Date {
	made, _ := refund.Get("create_date").(time.Time)
	return company.Day(payment.Payment.Company.Of(r), made)
}

// chosen is the card or account that the payment was to be charged to, from what Stripe listed of its customer: "" if that is not known.
func chosen(r *models.Record) string {
	id := firstText(Payment.StripeCustomerPaymentMethod.Of(r), Payment.StripeCustomerSource.Of(r))
	if id == "" {
		return ""
	}
	for _, f := range Fingerprint.Search(r.Tx().Unchecked(), Fingerprint.Method.Eq(id), models.Limit(1)) {
		name, number, ok := strings.Cut(Fingerprint.Label.Of(f), " ****")
		if ok && len(number) >= 4 {
			return name + " ****" + number[:4] // without the month of its end
		}
	}
	return ""
}
