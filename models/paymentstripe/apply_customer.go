package paymentstripe

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/stripe"
)

// applySetupEvent takes over the picture of a set-up intent, unless the customer knows of a newer one.
func applySetupEvent(tx *models.Tx, account int64, ev *stripe.Event) (string, *models.Record, error) {
	si, err := stripe.DecodeSetupIntent(ev.Object)
	if err != nil {
		return "", nil, err
	}
	x := Customer
	found := x.Search(tx, domain.AllOf(x.StripeSetupIntentID.Eq(si.ID), x.StripeAccount.Eq(account)), models.Limit(1))
	if len(found) == 0 {
		return eventParked, nil, nil
	}
	if ev.Created.Before(x.StripeEventTime.Of(found[0])) {
		return eventStale, nil, nil
	}
	if err := writeChanged(tx, found[0], models.Values{"stripe_event_time": ev.Created.UTC()}); err != nil {
		return "", nil, err
	}
	return eventApplied, nil, applySetup(tx, found[0], si)
}

// applySourceEvent lets a payment by a source be charged, or fails it.
func applySourceEvent(tx *models.Tx, account int64, ev *stripe.Event) (string, *models.Record, error) {
	found := payment.Payment.Search(tx, domain.AllOf(Payment.StripeToken.Eq(ev.ObjectID), domain.C("journal.stripe_account", domain.Equal, account)), models.Limit(1))
	if len(found) == 0 {
		return eventParked, nil, nil
	}
	return takePicture(tx, ev, found[0], func(p *models.Record) (bool, error) {
		return applySource(tx, p, ev.Type)
	})
}

// applySource takes over what the type of an event tells: whether a payment can be charged by its source. One that is charged already changes nothing.
func applySource(tx *models.Tx, p *models.Record, told string) (bool, error) {
	if Payment.StripeChargeID.Of(p) != "" {
		return false, nil
	}
	chargeable := told == "source.chargeable"
	values := models.Values{"stripe_chargeable": chargeable}
	switch told {
	case "source.failed":
		values["stripe_error_message"], values["stripe_error_code"] = "The customer has refused the payment, or his bank has", "source_failed"
	case "source.canceled":
		values["stripe_error_message"], values["stripe_error_code"] = "The customer has not agreed to the payment in time", "source_canceled"
	}
	if err := writeChanged(tx, p, values); err != nil {
		return false, err
	}
	if one := []*models.Record{p}; chargeable {
		return true, due(tx, one)
	}
	return true, payment.Payment.Fail(tx, []*models.Record{p})
}

// applyCustomerEvent has what a customer can be charged to read again, and forgets a customer whom Stripe has deleted.
func (e *Engine) applyCustomerEvent(tx *models.Tx, account int64, ev *stripe.Event) (string, *models.Record, error) {
	id := ev.ObjectID
	if !strings.HasPrefix(id, "cus_") {
		id = ev.Customer()
	}
	tx.AfterCommit(func() { e.forgetChoices(id) })
	var known []*models.Record
	if ev.Type == "customer.deleted" {
		x := Customer
		known = x.Search(tx.With(map[string]any{"active_test": false}), domain.AllOf(x.StripeCustomerID.Eq(id), x.StripeAccount.Eq(account)))
		for _, r := range known {
			if err := eraseKeys(tx, r); err != nil {
				return "", nil, err
			}
		}
	} else {
		known = holders(tx, account, id, ev.ObjectID)
		if err := listAgain(tx, known); err != nil {
			return "", nil, err
		}
	}
	if len(known) == 0 { // whoever else uses the account at Stripe
		return eventIgnored, nil, nil
	}
	return eventApplied, nil, nil
}

// mandateInactive is the status of a mandate by which nothing can be debited any more.
const mandateInactive = "inactive"

// applyMandateEvent shows what became of a customer's consent to debits. A mandate that has ended does not begin anew.
func applyMandateEvent(tx *models.Tx, account int64, ev *stripe.Event) (string, *models.Record, error) {
	m, err := stripe.DecodeMandate(ev.Object)
	if err != nil {
		return "", nil, err
	}
	x, state := Customer, eventParked
	for _, r := range x.Search(tx, domain.AllOf(x.StripeMandate.Eq(m.ID), x.StripeAccount.Eq(account))) {
		if state = eventApplied; x.StripeMandateStatus.Of(r) == mandateInactive {
			state = eventStale
			continue
		}
		if err := writeChanged(tx, r, models.Values{"stripe_mandate_status": orNil(m.Status)}); err != nil {
			return "", nil, err
		}
	}
	paid := payment.Payment.Search(tx, domain.AllOf(Payment.StripeMandate.Eq(m.ID), domain.C("journal.stripe_account", domain.Equal, account)),
		models.OrderBy("-id"), models.Limit(1))
	if len(paid) == 0 {
		return state, nil, nil
	}
	if state == eventParked { // the payment's own: Stripe says itself what becomes of it
		state = eventApplied
	}
	return state, paid[0], nil
}
