package paymentstripe

import (
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
)

// A payment whose customer has nothing that could be charged waits: for him on the checkout page, for a card or account that he gets
// otherwise, or for a clerk who links it to something else. Each of these has it looked at again at once.

// waitAgain is when a payment that waits for its customer's card is looked at in any case, should nobody be told of the card.
const waitAgain = 24 * time.Hour

// noMethod is the result when a customer has nothing that could be charged.
type noMethod struct{ reason string }

// applyNoMethod shows why a payment waits.
func applyNoMethod(tx *models.Tx, r *models.Record, why noMethod) error {
	err := writeChanged(tx, r, models.Values{"stripe_error_message": why.reason, "stripe_error_code": nil, "stripe_error_param": nil})
	if err != nil {
		return err
	}
	return schedule(tx, []*models.Record{r}, waitAgain)
}

// chargeWaiting has the payments looked at that wait until a customer can be charged.
func chargeWaiting(tx *models.Tx, customer *models.Record) error {
	x := Payment
	return due(tx, payment.Payment.Search(tx, domain.AllOf(x.StripeCustomer.Eq(customer.ID()), payment.Payment.State.Eq(payment.Processing),
		x.StripePaymentIntentID.Eq(nil), x.StripeChargeID.Eq(nil))))
}

// relinked has payments looked at that wait, and are linked to something else by now.
func (x *paymentStripe) relinked(tx *models.Tx, records []*models.Record, values models.Values) error {
	links := []models.Named{x.StripeCustomer, x.StripeCustomerSource, x.StripeCustomerPaymentMethod, x.StripeToken, x.StripeChargeable}
	if !anyOf(links, values) {
		return nil
	}
	var waiting []*models.Record
	for _, r := range records {
		if payment.Payment.State.Of(r) == payment.Processing && payment.Payment.ProcessMethod.Of(r) == methodStripe &&
			x.StripePaymentIntentID.Of(r) == "" && x.StripeChargeID.Of(r) == "" {
			waiting = append(waiting, r)
		}
	}
	return due(tx, waiting)
}

// anyOf tells whether one of the fields is among the values.
func anyOf(fields []models.Named, values models.Values) bool {
	for _, f := range fields {
		if _, ok := values[f.FieldName()]; ok {
			return true
		}
	}
	return false
}
