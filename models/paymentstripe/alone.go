package paymentstripe

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/stripe"
)

// refusedAlone tells that the picture of an intent shows a card that was refused while the customer was not there, and that nobody can
// pay it otherwise: a decline whose answer was lost, and which is known from the intent or its event only. It ends as one that was answered.
func refusedAlone(tx *models.Tx, r *models.Record, pi *stripe.PaymentIntent) bool {
	failure := pi.LastError
	if pi.Status != stripe.RequiresPaymentMethod || failure == nil || payment.Payment.State.Of(r) != payment.Processing ||
		Payment.StripeCheckoutID.Of(r) != "" || failure.Code == authenticationRequired || failure.DeclineCode == authenticationRequired {
		return false
	}
	x := Attempt
	return pi.Metadata["key"] != "" && x.Count(tx, domain.AllOf(x.Payment.Eq(r.ID()), x.IdempotencyKey.Eq(pi.Metadata["key"]),
		x.Operation.Eq(opIntent))) > 0
}
