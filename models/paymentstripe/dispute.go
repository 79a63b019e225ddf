package paymentstripe

import (
	"slices"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/value"
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

// takeDispute applies the picture of a dispute to the payment p, nil where it is not known, unless a newer one of it was applied.
func takeDispute(tx *models.Tx, ev *stripe.Event, p *models.Record, d *stripe.Dispute) (string, *models.Record, error) {
	if p == nil {
		return eventParked, nil, nil
	}
	known, at, err := knownDispute(tx, p, d)
	if err != nil {
		return "", p, err
	}
	if ev.Created.Before(at) || ev.Created.Equal(at) && disputeRanks[d.Status] < disputeRanks[known] {
		return eventStale, p, nil
	}
	return eventApplied, p, applyDispute(tx, p, d, ev, known == disputeLost)
}

// knownDispute is the status of a dispute by its newest picture that was applied, and of when that is. A payment may have several disputes
// and shows one; of others the events tell. A database of the peer's has the status on the payment only.
func knownDispute(tx *models.Tx, p *models.Record, d *stripe.Dispute) (status string, at time.Time, err error) {
	e, x := Event, Payment
	for _, r := range e.Search(tx, domain.AllOf(e.Payment.Eq(p.ID()), e.ObjectID.Eq(d.ID), e.State.Eq(eventApplied)), models.OrderBy("-created", "-id")) {
		if e.Created.Of(r).Before(at) {
			break
		}
		ev, err := stripe.ParseEvent([]byte(e.Payload.Of(r)))
		if err != nil {
			return "", at, err
		}
		picture, err := stripe.DecodeDispute(ev.Object)
		if err != nil {
			return "", at, err
		}
		if at = e.Created.Of(r); status == "" || disputeRanks[picture.Status] > disputeRanks[status] {
			status = picture.Status
		}
	}
	if shown := x.StripeDisputeID.Of(p); at.IsZero() && (shown == "" || shown == d.ID) {
		return x.StripeDisputeStatus.Of(p), x.StripeDisputeTime.Of(p), nil
	}
	return status, at, nil
}

// applyDispute shows a dispute on the payment. What is lost by it, a part or all, is taken from the amount, once; the payment fails when
// nothing is left. When a dispute that was lost is won after all, or one of a payment that has failed, Stripe is asked what there is now.
func applyDispute(tx *models.Tx, p *models.Record, d *stripe.Dispute, ev *stripe.Event, lostBefore bool) error {
	x, base, one := Payment, payment.Payment, []*models.Record{p}
	amount := majorAmount(p, d.Amount)
	values := models.Values{}
	if showsDispute(p, d, ev) {
		values = disputeValues(d, amount, ev)
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

// showsDispute tells whether the payment is to show the dispute, and not another one that it shows: one that is to be answered goes first,
// then the newest.
func showsDispute(p *models.Record, d *stripe.Dispute, ev *stripe.Event) bool {
	x := Payment
	if shown := x.StripeDisputeID.Of(p); shown == "" || shown == d.ID {
		return true
	}
	if over := disputeOver(d.Status); over != disputeOver(x.StripeDisputeStatus.Of(p)) {
		return !over
	}
	return !ev.Created.Before(x.StripeDisputeTime.Of(p))
}

// disputeValues are what a payment shows of a dispute.
func disputeValues(d *stripe.Dispute, amount value.Decimal, ev *stripe.Event) models.Values {
	values := models.Values{"stripe_dispute_id": orNil(d.ID), "stripe_dispute_reason": orNil(d.Reason), "stripe_dispute_status": orNil(d.Status),
		"stripe_dispute_amount": amount, "stripe_dispute_due": nil, "stripe_dispute_time": ev.Created.UTC()}
	if !d.DueBy.IsZero() && !disputeOver(d.Status) {
		values["stripe_dispute_due"] = d.DueBy.UTC()
	}
	return values
}

// lostByDispute tells whether a dispute took something from the payment. A database of the peer's does not say how much.
func lostByDispute(p *models.Record) bool {
	return Payment.StripeDisputeStatus.Of(p) == disputeLost || Payment.StripeDisputeLost.Of(p).Sign() > 0
}
