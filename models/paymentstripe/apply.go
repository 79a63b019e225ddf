package paymentstripe

import (
	"maps"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/stripe"
)

// apply takes over what an event shows and writes down what it did. The event's row says the rest: stale is an event older than what is
// known, parked one about an object that is not known. One that had its effect and is applied once more stays what it was.
func (e *Engine) apply(tx *models.Tx, r *models.Record, ev *stripe.Event) error {
	account, before := Event.StripeAccount.ID(r), Event.State.Of(r)
	state, about, err := e.dispatch(tx, account, ev)
	if err != nil {
		return err
	}
	if before == eventApplied {
		state = before
	}
	assigns := []models.Assign{Event.State.To(state), Event.Message.To(nil), Event.Attempts.To(Event.Attempts.Of(r) + 1)}
	if about != nil {
		assigns = append(assigns, Event.Payment.To(about.ID()))
	}
	return Event.Write(tx, []*models.Record{r}, assigns...)
}

// dispatch chooses by the type and the object of the event.
func (e *Engine) dispatch(tx *models.Tx, account int64, ev *stripe.Event) (state string, about *models.Record, err error) {
	switch {
	case strings.HasPrefix(ev.Type, "customer."), strings.HasPrefix(ev.Type, "payment_method."):
		return e.applyCustomerEvent(tx, account, ev)
	case ev.ObjectType == "payment_intent":
		pi, err := stripe.DecodePaymentIntent(ev.Object)
		if err != nil {
			return "", nil, err
		}
		return takePicture(tx, ev, findPayment(tx, account, pi.ID, pi.ChargeID, pi.Metadata), func(p *models.Record) (bool, error) {
			return applyIntent(tx, p, pi)
		})
	case ev.ObjectType == "charge":
		c, err := stripe.DecodeCharge(ev.Object)
		if err != nil {
			return "", nil, err
		}
		return takePicture(tx, ev, findPayment(tx, account, c.PaymentIntent, c.ID, c.Metadata), func(p *models.Record) (bool, error) {
			if ev.Created.Equal(Payment.StripeEventTime.Of(p)) && tellsNoRefund(p, c) {
				return true, noteMethod(tx, p, c)
			}
			return applyCharge(tx, p, c)
		})
	case ev.ObjectType == "dispute":
		d, err := stripe.DecodeDispute(ev.Object)
		if err != nil {
			return "", nil, err
		}
		return takeDispute(tx, ev, findPayment(tx, account, d.PaymentIntent, d.Charge, nil), d)
	case ev.ObjectType == "refund":
		return applyRefundEvent(tx, account, ev)
	case ev.ObjectType == "setup_intent":
		return applySetupEvent(tx, account, ev)
	case ev.ObjectType == "source":
		return applySourceEvent(tx, account, ev)
	case ev.ObjectType == "mandate":
		return applyMandateEvent(tx, account, ev)
	}
	return eventIgnored, nil, nil
}

// takePicture applies the picture of an event to the payment that it is about, unless the payment knows of a newer one.
func takePicture(tx *models.Tx, ev *stripe.Event, p *models.Record, apply func(*models.Record) (bool, error)) (string, *models.Record, error) {
	if p == nil {
		return eventParked, nil, nil
	}
	if newest := Payment.StripeEventTime.Of(p); ev.Created.Before(newest) {
		return eventStale, p, nil
	}
	state, status, reason := payment.Payment.State.Of(p), Payment.StripeStatus.Of(p), reasonOf(p)
	taken, err := apply(p)
	if err != nil || !taken {
		return eventStale, p, err
	}
	values := models.Values{"stripe_event_time": ev.Created.UTC()}
	if payment.Payment.State.Of(p) == state && Payment.StripeStatus.Of(p) == status && Payment.StripeErrorMessage.Of(p) == "" {
		maps.Copy(values, reason) // it told nothing by which what the clerk reads, of a capture that was refused, say, were over
	}
	return eventApplied, p, writeChanged(tx, p, values)
}

// reasonOf is what a payment shows of the last error.
func reasonOf(p *models.Record) models.Values {
	values := noErrorValues()
	for name := range values {
		values[name] = p.Get(name)
	}
	return values
}

// tellsNoRefund reports whether the picture of a charge shows less refunded than is known of a captured payment. Of two events of one
// second, whose order is not told, that is the older: a refund that fails does so long after it was made.
func tellsNoRefund(p *models.Record, c *stripe.Charge) bool {
	switch {
	case !Payment.StripeCaptured.Of(p):
		return false
	case c.AmountRefunded == 0:
		return true
	case payment.Payment.State.Of(p) == payment.Failed:
		return netOf(c) > 0
	}
	return majorAmount(p, netOf(c)).Cmp(payment.Payment.Amount.Of(p)) > 0
}

// findPayment finds the payment of an intent or charge by its id, or by the metadata that the object was made with: an event can be
// faster than the answer to the call that it comes from.
func findPayment(tx *models.Tx, account int64, intent, charge string, metadata map[string]string) *models.Record {
	x := Payment
	var ids []domain.Node
	if intent != "" {
		ids = append(ids, x.StripePaymentIntentID.Eq(intent))
	}
	if charge != "" {
		ids = append(ids, x.StripeChargeID.Eq(charge))
	}
	ofAccount := domain.C("journal.stripe_account", domain.Equal, account)
	if len(ids) > 0 {
		if found := payment.Payment.Search(tx, domain.AllOf(domain.AnyOf(ids...), ofAccount), models.Limit(1)); len(found) > 0 {
			return found[0]
		}
	}
	return ofAttempt(tx, payments, "payment", metadata)
}

// ofAttempt finds the record that made a call with the key in the metadata of an object. A database that was restored from a backup may
// know nothing of the call: there the record is to make it with the key, which is its own.
func ofAttempt(tx *models.Tx, q *queue, name string, metadata map[string]string) *models.Record {
	id, err := strconv.ParseInt(metadata[name], 10, 64)
	if err != nil || metadata["key"] == "" || metadata["database"] != tx.Database().Name() {
		return nil
	}
	class, key := tx.Class(q.model), metadata["key"]
	if Attempt.Count(tx, domain.AllOf(Attempt.IdempotencyKey.Eq(key), domain.C(q.field, domain.Equal, id))) > 0 {
		return class.Browse(tx, []int64{id})[0]
	}
	own := class.SearchRecords(tx, domain.AllOf(domain.C("id", domain.Equal, id), domain.C("stripe_idempotency_key", domain.Equal, key)), models.Limit(1))
	if len(own) == 0 {
		return nil
	}
	return own[0]
}

// applyRefundEvent takes over the picture of a refund. One that was begun at Stripe's dashboard gets a record here.
func applyRefundEvent(tx *models.Tx, account int64, ev *stripe.Event) (string, *models.Record, error) {
	got, err := stripe.DecodeRefund(ev.Object)
	if err != nil {
		return "", nil, err
	}
	x := Refund
	var r *models.Record
	if found := x.Search(tx, x.StripeRefundID.Eq(got.ID), models.Limit(1)); len(found) > 0 {
		r = found[0]
	} else if r = ofAttempt(tx, refunds, "refund", got.Metadata); r == nil {
		if released := ofAttempt(tx, payments, "payment", got.Metadata); released != nil {
			return eventIgnored, released, nil // an authorisation that was given up, see releaseCharge
		}
		p := findPayment(tx, account, got.PaymentIntent, got.Charge, nil)
		if p == nil {
			return eventParked, nil, nil
		}
		if got.Status == "succeeded" && got.BalanceTransaction == "" {
			return eventIgnored, p, nil // what was authorised and not captured: no money moves
		}
		if err := mirrorRefund(tx, p, got); err != nil {
			return "", p, err
		}
		return eventApplied, p, lookAt(tx, p)
	}
	moved, err := takeRefund(tx, r, got)
	if err == nil && moved {
		err = lookAt(tx, x.Payment.Of(r))
	}
	return eventApplied, x.Payment.Of(r), err
}

// mirrorRefund creates the record of a refund that was begun at Stripe. The charge's own picture lowers the payment's amount.
func mirrorRefund(tx *models.Tx, p *models.Record, got *stripe.Refund) error {
	x := Refund
	state := map[string]string{"succeeded": payment.Succeeded, "failed": payment.Failed, "canceled": payment.Failed}[got.Status]
	if state == "" {
		state = payment.Processing
	}
	reason := got.Reason
	if reason == "expired_uncaptured_charge" {
		reason = ""
	}
	_, err := x.Create(tx, x.Payment.To(p.ID()), x.Amount.To(majorAmount(p, got.Amount)), x.Reason.To(orNil(reason)),
		x.State.To(state), x.StripeRefundID.To(got.ID), x.StripeErrorCode.To(orNil(got.FailureReason)))
	return err
}
