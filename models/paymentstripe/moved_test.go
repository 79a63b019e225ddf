package paymentstripe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe/simulator"
)

// TestAccountChangesWhileOutcomeIsUnknown has the answer to a call lost, and the payment on a journal of another Stripe account before it is
// found out what became of it, as another server of the database may do: the money is taken, or given back, once.
func TestAccountChangesWhileOutcomeIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.otherAccount("sk_test_other")
		again := func() {
			for range 3 {
				w.settled()
				w.now()
				w.post()
				w.refundNow()
			}
		}
		charged := w.approved(w.bob, "42.00", nil)
		w.withToken(charged, "tok_visa")
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "charge.create", Count: 1})
		w.process(charged)
		w.post()
		w.alter("account_payment", charged, "journal", other)
		again()
		if state := w.state(charged); state != "succeeded" {
			t.Errorf("the payment is %s, calls %v", state, w.attempts("payment", charged))
		}
		id := w.paid("50.00", "pm_card_visa")
		refund := w.refund(id, "20.00")
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "refund.create", Count: 1})
		w.refundNow()
		w.alter("account_payment", id, "journal", other)
		again()
		if got := w.read(refundModel, refund, "state")["state"]; got != "succeeded" {
			t.Errorf("the refund is %v, calls %v", got, w.attempts("refund", refund))
		}
		if diff := cmp.Diff([]string{"4200 4200 0", "5000 5000 2000"}, w.ledger()); diff != "" {
			t.Errorf("the ledgers of both accounts (-want +got):\n%s", diff)
		}
	})
}

// TestAccountChangesAfterNothingWasMade has a call not reach Stripe and the journal changed: it is made at the new account, once the old one
// has said that it has nothing.
func TestAccountChangesAfterNothingWasMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.otherAccount("sk_test_other")
		id := w.approved(w.bob, "42.00", nil)
		w.withToken(id, "tok_visa")
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropBefore, Operation: "charge.create", Count: 1})
		w.process(id)
		w.post()
		w.alter("account_payment", id, "journal", other)
		for range 3 {
			w.settled()
			w.now()
			w.post()
		}
		if diff := cmp.Diff([]string{"charge resolved", "charge done"}, w.attempts("payment", id)); diff != "" {
			t.Errorf("the calls (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"4200 4200 0"}, w.ledger()); diff != "" || w.state(id) != "succeeded" {
			t.Errorf("the payment is %s, the ledgers (-want +got):\n%s", w.state(id), diff)
		}
	})
}
