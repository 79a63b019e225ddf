package paymentstripe_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/stripe/simulator"
)

func dropAfterCreate() simulator.Fault {
	return simulator.Fault{Kind: simulator.DropAfter, Operation: "payment_intent.create", Count: 1}
}

const refundModel = "account.payment.stripe.refund"

// paid is a payment of Alice that has succeeded.
func (w *world) paid(amount, method string) int64 {
	w.t.Helper()
	if w.customers["cus_alice"] == 0 {
		w.customer(w.alice, "cus_alice", method)
	}
	id := w.approved(w.alice, amount, nil)
	w.process(id)
	w.post()
	if state := w.state(id); state != "succeeded" {
		w.t.Fatalf("the payment is %s", state)
	}
	return id
}

// refund creates and approves a refund.
func (w *world) refund(payment int64, amount string) int64 {
	w.t.Helper()
	id := w.call(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal(amount)}}).([]int64)[0]
	w.call(w.approver, refundModel, "approve", []any{id})
	return id
}

func (w *world) refundNow() { w.t.Helper(); w.run("account.payment.stripe.refund|stripe_create") }

func TestRefunds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("100.00", "pm_card_visa")
		one := w.refund(payment, "30.00")
		w.refundNow()
		if got := w.read(refundModel, one, "state"); got["state"] != "succeeded" {
			t.Errorf("the refund is %v", got)
		}
		if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "70.00"}, w.payment(payment, "state", "amount")); diff != "" {
			t.Errorf("after a part was given back (-want +got):\n%s", diff)
		}
		_, err := w.try(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal("70.01")}})
		if !models.IsKind(err, models.KindUser) {
			t.Errorf("a refund of more than is left: %v", err)
		}
		rest := w.refund(payment, "70.00")
		w.refundNow()
		if got := w.read(refundModel, rest, "state"); got["state"] != "succeeded" {
			t.Errorf("the refund of the rest is %v", got)
		}
		if state := w.state(payment); state != "failed" {
			t.Errorf("after all was given back the payment is %s", state)
		}
		if diff := cmp.Diff([]string{"10000 10000 10000"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestRefundFaults(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, kind := range []simulator.FaultKind{simulator.DropBefore, simulator.DropAfter, simulator.ServerErrorFirst, simulator.ServerErrorAfter} {
			payment := w.paid("100.00", "pm_card_visa")
			w.sim.AddFault(simulator.Fault{Kind: kind, Operation: "refund.create", Count: 1})
			id := w.refund(payment, "30.00")
			w.refundNow()
			if got := w.read(refundModel, id, "state"); got["state"] != "processing" {
				t.Errorf("%s: after the first try the refund is %v", kind, got)
			}
			for range 4 {
				w.settled()
				w.now()
				w.refundNow()
			}
			if got := w.read(refundModel, id, "state"); got["state"] != "succeeded" {
				t.Errorf("%s: in the end the refund is %v, attempts %v", kind, got, w.attempts("refund", id))
			}
			lines := w.sim.Ledger()
			if got := lines[len(lines)-1].Refunded; got != 3000 {
				t.Errorf("%s: Stripe gave back %d", kind, got)
			}
		}
	})
}

func TestRefundThatFailsLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("100.00", "pm_card_refundFail")
		id := w.refund(payment, "30.00")
		w.refundNow()
		w.sim.Advance(time.Hour)
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.read(refundModel, id, "state", "stripe_error_message"); got["state"] != "failed" || got["stripe_error_message"] == nil {
			t.Errorf("the refund is %v", got)
		}
	})
}

func TestRefundRights(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("100.00", "pm_card_visa")
		id := w.call(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal("1")}}).([]int64)[0]
		for what, do := range map[string]func() (any, error){
			"approval by a clerk": func() (any, error) { return w.try(w.clerk, refundModel, "approve", []any{id}) },
			"state by a clerk": func() (any, error) {
				return w.try(w.clerk, refundModel, "write", []any{id}, map[string]any{"state": "succeeded"})
			},
			"key by a clerk": func() (any, error) {
				return w.try(w.clerk, "account.payment", "write", []any{payment}, map[string]any{"stripe_idempotency_key": "again"})
			},
			"secret key by a clerk": func() (any, error) {
				return w.try(w.clerk, "account.payment.stripe.account", "read", []any{w.stripeAccount}, []any{"secret_key"})
			},
			"signing secret by a clerk": func() (any, error) {
				return w.try(w.clerk, "account.payment.stripe.account", "search", []any{[]any{"webhook_signing_secret", "like", "w%"}}, int64(0), nil, nil)
			},
		} {
			if got, err := do(); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
	})
}
