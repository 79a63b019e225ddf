package main

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"paytond/stripe/simulator"
)

// refundOf drafts a refund.
func (f *flow) refundOf(payment int64, text string, more map[string]any) int64 {
	f.Helper()
	values := map[string]any{"payment": payment, "amount": amount(text)}
	for name, v := range more {
		values[name] = v
	}
	return first(f.must("model."+refundModel+".create", []any{values}))
}

// approved drafts a refund and approves it.
func (f *flow) approved(payment int64, text string, more map[string]any) int64 {
	f.Helper()
	id := f.refundOf(payment, text, more)
	f.press(refundModel, "approve", id)
	return id
}

// member logs in as a new user of the groups.
func (f *flow) member(login string, groups ...string) *client {
	f.Helper()
	company := f.admin.context["company"]
	var ids []any
	for _, name := range groups {
		ids = append(ids, first(f.admin.must("model.res.group.search", []any{[]any{"name", "=", name}}, 0, nil, nil)))
	}
	f.admin.must("model.res.user.create", []any{map[string]any{"name": login, "login": login, "password": matrixPassword,
		"companies": []any{[]any{"add", []any{company}}}, "company": company, "groups": []any{[]any{"add", ids}}}})
	return f.session(login, matrixPassword)
}

// refund gives back a part with a reason, approved by who may, and then the rest: the payment's amount and state follow.
func (f *flow) refund() {
	id := f.paid("Rosa Refund", "pm_card_visa", "50.00")
	clerk := f.member("refunds", "Payment")
	part := f.refundOf(id, "20.00", map[string]any{"reason": "requested_by_customer"})
	if text := clerk.refused("model."+refundModel+".approve", []int64{part}); !strings.Contains(text, "Approve") && !strings.Contains(text, "approve") {
		f.Errorf("who may not approve reads %q", text)
	}
	f.press(refundModel, "approve", part)
	f.shows(refundModel, part, map[string]any{"state": "succeeded", "stripe_error_message": nil})
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "30.00"})
	made := f.stripeObject("refunds/" + f.text(refundModel, part, "stripe_refund_id"))
	metadata, _ := made["metadata"].(map[string]any)
	if made["reason"] != "requested_by_customer" || fmt.Sprint(made["amount"]) != "2000" || metadata["refund"] != fmt.Sprint(part) || metadata["payment"] != fmt.Sprint(id) {
		f.Errorf("the refund at Stripe is %v", made)
	}
	undone := f.refundOf(id, "1.00", nil)
	f.press(refundModel, "approve", undone)
	rest := f.refundOf(id, "29.00", nil)
	f.shows(refundModel, undone, map[string]any{"state": "succeeded"})
	f.press(refundModel, "approve", rest)
	f.shows(refundModel, rest, map[string]any{"state": "succeeded"})
	f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_refunds": 3})
	if text := f.refused("model."+refundModel+".delete", []int64{rest}); !strings.Contains(text, "draft") {
		f.Errorf("deleting what was given back: %q", text)
	}
}

// refundCapped asks for more than was captured, in one and in several refunds.
func (f *flow) refundCapped() {
	const create = "model." + refundModel + ".create"
	id := f.paid("Kai Capped", "pm_card_visa", "40.00")
	for _, text := range []string{"40.01", "0.00", "-1.00"} {
		if said := f.refused(create, []any{map[string]any{"payment": id, "amount": amount(text)}}); !strings.Contains(said, "amount") {
			f.Errorf("%s: %q", text, said)
		}
	}
	f.refundOf(id, "30.00", nil)
	if said := f.refused(create, []any{map[string]any{"payment": id, "amount": amount("10.01")}}); !strings.Contains(said, "more than its amount") {
		f.Errorf("two: %q", said)
	}
	held := f.authorised("Hans Held", "40.00") // of which nothing was captured
	if said := f.refused(create, []any{map[string]any{"payment": held, "amount": amount("1.00")}}); !strings.Contains(said, "more than its amount") {
		f.Errorf("not captured: %q", said)
	}
}

// refundPending waits for a bank that takes its time: the amount is gone at once, the refund is done later.
func (f *flow) refundPending() {
	id := f.paid("Pia Pending", "pm_card_pendingRefund", "50.00")
	refund := f.approved(id, "20.00", nil)
	f.shows(paymentModel, id, map[string]any{"amount": "30.00"})
	f.shows(refundModel, refund, map[string]any{"state": "processing"})
	other := f.approved(id, "30.00", nil) // what is under way does not count twice
	f.eventually(refundModel, other, "stripe_refund_id", func(v any) bool { return v != nil })
	f.later(time.Minute)
	f.shows(refundModel, refund, map[string]any{"state": "succeeded"})
	f.shows(refundModel, other, map[string]any{"state": "succeeded"})
	f.shows(paymentModel, id, map[string]any{"state": "failed"})
}

// refundFails has a refund come back, days after it was made.
func (f *flow) refundFails() {
	id := f.paid("Flora Fails", "pm_card_refundFail", "50.00")
	refund := f.approved(id, "20.00", nil)
	f.shows(refundModel, refund, map[string]any{"state": "succeeded"})
	f.shows(paymentModel, id, map[string]any{"amount": "30.00"})
	f.later(time.Minute)
	f.shows(refundModel, refund, map[string]any{"state": "failed", "stripe_error_message": "The refund has failed at Stripe", "stripe_error_code": "expired_or_canceled_card"})
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "50.00"})
}

// refundDeclined asks for what Stripe refuses: the refund of a payment that is disputed.
func (f *flow) refundDeclined() {
	id := f.paid("Dina Declined", "pm_card_visa", "50.00")
	charge := f.text(paymentModel, id, "stripe_charge_id")
	if err := f.sim.Dispute(charge, 0, "fraudulent"); err != nil {
		f.Fatal(err)
	}
	refund := f.approved(id, "20.00", nil)
	f.shows(refundModel, refund, map[string]any{"state": "failed", "stripe_refund_id": nil, "stripe_error_code": "charge_disputed",
		"stripe_error_message": "Charge " + charge + " has been charged back; cannot issue a refund."})
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "50.00"})
}

// refundAtDashboard has a person give back at Stripe's dashboard; the events come twice and in no order, and leave one refund.
func (f *flow) refundAtDashboard() {
	id := f.paid("Dean Dashboard", "pm_card_visa", "50.00")
	f.sim.Hold()
	if err := f.sim.RefundAtDashboard(f.text(paymentModel, id, "stripe_charge_id"), 1500); err != nil {
		f.Fatal(err)
	}
	f.sim.Release(simulator.Shuffled, true)
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "35.00", "stripe_refunds": 1})
	if err := f.sim.Flush(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "35.00", "stripe_refunds": 1})
	refund := first(f.read(paymentModel, id, "stripe_refunds")["stripe_refunds"])
	f.shows(refundModel, refund, map[string]any{"state": "succeeded", "amount": "15.00", "reason": "requested_by_customer"})
}

// refundToldOfByMany posts two events of one refund, each several times, all at the same moment, and again what is not taken as Stripe does.
func (f *flow) refundToldOfByMany() {
	id := f.paid("Mona Many", "pm_card_visa", "50.00")
	charge := f.text(paymentModel, id, "stripe_charge_id")
	f.sim.Hold()
	defer f.sim.Release(simulator.AsCreated, false)
	if err := f.sim.RefundAtDashboard(charge, 1500); err != nil {
		f.Fatal(err)
	}
	refund := f.askOwner("GET", "refunds?"+url.Values{"charge": {charge}}.Encode(), nil)["data"].([]any)[0]
	object := jsonOf(refund)
	bodies := []string{f.event("evt_many1", "refund.created", object), f.event("evt_many2", "charge.refund.updated", object)}
	path, secret := f.webhook()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for deadline := time.Now().Add(longEnough); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
				if f.post(path, bodies[i%2], secret)/100 == 2 {
					return
				}
			}
			f.Errorf("event %d is never taken", i%2)
		})
	}
	all.Wait()
	f.eventRow("evt_many1", "applied")
	f.eventRow("evt_many2", "applied")
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "35.00", "stripe_refunds": 1})
}
