package paymentstripe

import (
	"slices"

	"paytond/models"
	"paytond/models/payment"
	"paytond/stripe"
)

// A dispute is a customer's objection to a payment, with his bank. Its events have an order of their own: those of the charge and of its
// refunds go on beside it, and a dispute that is told of late is still to be answered in time.

// disputeLost is the status of a dispute that the customer's bank decided for him, disputeWon that of one that it decided for the shop.
const (
	disputeLost = "lost"
	disputeWon  = "won"
)

// disputeRanks order the pictures of a dispute that are of one second.
var disputeRanks = map[string]int{"warning_needs_response": 1, "warning_under_review": 2, "warning_closed": 3, "needs_response": 4,
	"under_review": 5, disputeWon: 6, disputeLost: 6}

// disputeOver tells the statuses of a dispute that stay.
func disputeOver(status string) bool {
	return slices.Contains([]string{disputeWon, disputeLost, "warning_closed", "charge_refunded", "prevented"}, status)
}

// takeDispute applies the picture of a dispute to the payment p, nil where it is not known, unless a newer one is known.
func takeDispute(tx *models.Tx, ev *stripe.Event, p *models.Record, d *stripe.Dispute) (string, *models.Record, error) {
	x := Payment
	if p == nil {
		return eventParked, nil, nil
	}
	newest, known := x.StripeDisputeTime.Of(p), x.StripeDisputeStatus.Of(p)
	same := x.StripeDisputeID.Of(p) == "" || x.StripeDisputeID.Of(p) == d.ID
	if ev.Created.Before(newest) || same && ev.Created.Equal(newest) && disputeRanks[d.Status] < disputeRanks[known] {
		return eventStale, p, nil
	}
	return eventApplied, p, applyDispute(tx, p, d, ev)
}

// applyDispute shows a dispute on the payment. What is lost by it, a part or all, is taken from the amount, once; the payment fails when
// nothing is left. When a dispute that was lost is won after all, or one of a payment that has failed, Stripe is asked what there is now.
func applyDispute(tx *models.Tx, p *models.Record, d *stripe.Dispute, ev *stripe.Event) error {
	x, base, one := Payment, payment.Payment, []*models.Record{p}
	lostBefore := x.StripeDisputeStatus.Of(p) == disputeLost && (x.StripeDisputeID.Of(p) == d.ID || x.StripeDisputeLost.IsNull(p))
	amount := majorAmount(p, d.Amount)
	values := models.Values{"stripe_dispute_id": orNil(d.ID), "stripe_dispute_reason": orNil(d.Reason), "stripe_dispute_status": orNil(d.Status),
		"stripe_dispute_amount": amount, "stripe_dispute_due": nil, "stripe_dispute_time": ev.Created.UTC()}
	if !d.DueBy.IsZero() && !disputeOver(d.Status) {
		values["stripe_dispute_due"] = d.DueBy.UTC()
	}
	if d.Status == disputeLost && !lostBefore {
		values["stripe_dispute_lost"] = x.StripeDisputeLost.Of(p).Add(amount)
	}
	if d.Status == disputeWon && lostBefore {
		values["stripe_dispute_lost"] = nil
		if other := x.StripeDisputeLost.Of(p).Sub(amount); other.Sign() > 0 {
			values["stripe_dispute_lost"] = other
		}
	}
	if err := writeChanged(tx, p, values); err != nil {
		return err
	}
	switch {
	case d.Status == disputeWon && x.StripeCaptured.Of(p) && (lostBefore || base.State.Of(p) == payment.Failed):
		return lookAt(tx, p)
	case d.Status == disputeWon:
		return base.Succeed(tx, one)
	case d.Status != disputeLost || lostBefore:
		return nil
	}
	rest := base.Amount.Of(p).Sub(amount)
	if rest.Sign() > 0 {
		return base.Write(tx, one, base.Amount.To(rest))
	}
	if err := writeChanged(tx, p, models.Values{"stripe_error_message": "The customer's bank has taken the payment back",
		"stripe_error_code": orNil(d.Reason)}); err != nil {
		return err
	}
	return base.Fail(tx, one)
}
