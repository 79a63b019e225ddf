package paymentstripe_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

// The peer's weak spots, a test each: what goes wrong there must not go wrong here.

// authorised is a payment of Alice whose amount is held at Stripe and not captured.
func (w *world) authorised(amount string) int64 {
	w.t.Helper()
	if w.customers["cus_alice"] == 0 {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
	}
	id := w.approved(w.alice, amount, map[string]any{"stripe_capture": false})
	w.process(id)
	w.post()
	if got := w.payment(id, "state", "stripe_capturable"); got["state"] != "processing" || got["stripe_capturable"] != true {
		w.t.Fatalf("the authorised payment is %v", got)
	}
	return id
}

// withToken sets the token that a card was made into on a page of the shop, as the peer's database may hold it.
func (w *world) withToken(id int64, token string) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		c := tx.Class("account.payment")
		models.Must(c.Write(tx, c.Browse(tx, []int64{id}), models.Values{"stripe_token": token, "stripe_chargeable": true}))
	})
}

// TestWeakSpotEventsNeitherStoredNorOrdered delivers the events of a paid payment newest first: each is kept, and one that is older than
// what is known is kept as such and leads nothing back.
func TestWeakSpotEventsNeitherStoredNorOrdered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.process(id)
		w.confirm(page.ClientSecret, "pm_card_visa_chargeDeclined")
		w.sim.Advance(time.Minute)
		w.confirm(page.ClientSecret, "pm_card_visa")
		identifier, list := w.webhook(""), w.events()
		slices.Reverse(list)
		for _, payload := range list {
			w.deliver(identifier, payload)
		}
		if state := w.state(id); state != "succeeded" {
			t.Errorf("after all events the payment is %s", state)
		}
		states := map[string]string{}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Event
			for _, r := range x.Search(tx, x.EventID.Ne("")) {
				states[x.Type.Of(r)] = x.State.Of(r)
			}
		})
		if states["payment_intent.succeeded"] != "applied" || states["payment_intent.payment_failed"] != "stale" {
			t.Errorf("the events are kept as %v", states)
		}
	})
}

// TestWeakSpotRefundApprovalUnreachable drives a refund to Stripe with the buttons alone, once back to draft on the way.
func TestWeakSpotRefundApprovalUnreachable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("50.00", "pm_card_visa")
		refund := w.refund(id, "20.00")
		w.call(w.clerk, refundModel, "draft", []any{refund})
		if got := w.read(refundModel, refund, "state"); got["state"] != "draft" {
			t.Errorf("the refund is %v", got)
		}
		w.refundNow()
		if diff := cmp.Diff([]string{"5000 5000 0"}, w.ledger()); diff != "" {
			t.Errorf("a draft was given back (-want +got):\n%s", diff)
		}
		w.call(w.approver, refundModel, "approve", []any{refund})
		w.refundNow()
		if got := w.read(refundModel, refund, "state"); got["state"] != "succeeded" {
			t.Errorf("the refund is %v", got)
		}
		if diff := cmp.Diff([]string{"5000 5000 2000"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestWeakSpotExpiryWithoutEffect lets authorisations of an intent and of a charge run out.
func TestWeakSpotExpiryWithoutEffect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		intent := w.authorised("30.00")
		charge := w.approved(w.bob, "20.00", map[string]any{"stripe_capture": false})
		w.withToken(charge, "tok_visa")
		w.process(charge)
		w.post()
		if got := w.payment(charge, "state", "stripe_charge_id"); got["state"] != "processing" || got["stripe_charge_id"] == nil {
			t.Fatalf("the authorised charge is %v", got)
		}
		w.sim.Advance(8 * 24 * time.Hour)
		w.run("account.payment.stripe.account|fetch_events")
		for name, id := range map[string]int64{"intent": intent, "charge": charge} {
			want := map[string]any{"state": "failed", "stripe_capturable": false, "stripe_captured": false, "amount": w.payment(id, "amount")["amount"]}
			if diff := cmp.Diff(want, w.payment(id, "state", "stripe_capturable", "stripe_captured", "amount")); diff != "" {
				t.Errorf("%s that expired (-want +got):\n%s", name, diff)
			}
		}
		if got := w.payment(intent, "stripe_status", "stripe_error_message"); got["stripe_status"] != "canceled" || got["stripe_error_message"] == nil {
			t.Errorf("the clerk reads %v", got)
		}
		if _, err := w.try(w.clerk, "account.payment", "stripe_do_capture", []any{intent}); err != nil {
			t.Errorf("the button on an expired payment: %v", err)
		}
		for _, line := range w.sim.Ledger() {
			if line.Captured != 0 {
				t.Errorf("Stripe captured %+v", line)
			}
		}
	})
}

// TestWeakSpotDraftKeepsItsIntent takes an approved payment back: its intent can be paid no more.
func TestWeakSpotDraftKeepsItsIntent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		w.page("account.payment", w.checkout("account.payment", id))
		intent := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"].(string)
		w.call(w.clerk, "account.payment", "draft", []any{id})
		w.post()
		pi, err := w.account.RetrievePaymentIntent(context.Background(), intent)
		if err != nil || pi.Status != "canceled" {
			t.Errorf("Stripe has the intent %+v, %v", pi, err)
		}
		if got := w.payment(id, "stripe_payment_intent_id"); got["stripe_payment_intent_id"] != nil {
			t.Errorf("the draft keeps %v", got)
		}
	})
}

// TestWeakSpotAmountsByTruncation charges and gives back amounts whose binary fractions fall short of a cent.
func TestWeakSpotAmountsByTruncation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tests := []struct {
			amount, refund, left string
			ledger               string
		}{
			{"19.99", "4.35", "15.64", "1999 1999 435"},
			{"1.15", "0.58", "0.57", "115 115 58"},
			{"8.20", "0.29", "7.91", "820 820 29"},
			{"1001.10", "1000.01", "1.09", "100110 100110 100001"},
		}
		want := []string{}
		for _, test := range tests {
			id := w.paid(test.amount, "pm_card_visa")
			w.refund(id, test.refund)
			w.refundNow()
			want = append(want, test.ledger)
			if got := w.payment(id, "amount"); got["amount"] != test.left {
				t.Errorf("of %s without %s there is left %v, want %s", test.amount, test.refund, got["amount"], test.left)
			}
		}
		if diff := cmp.Diff(want, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestWeakSpotPartOfADisputeLost loses a dispute of a part, hears of it twice and pulls the payment once more: the part is lost once.
func TestWeakSpotPartOfADisputeLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("40.00", "pm_card_visa")
		charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
		w.sim.Advance(time.Minute)
		if err := w.sim.Dispute(charge, 1500, "fraudulent"); err != nil {
			t.Fatal(err)
		}
		c, err := w.account.RetrieveCharge(context.Background(), charge)
		if err != nil {
			t.Fatal(err)
		}
		w.sim.Advance(time.Minute)
		if err := w.sim.DecideDispute(c.Dispute, false); err != nil {
			t.Fatal(err)
		}
		identifier := w.webhook("")
		for range 2 {
			for _, payload := range w.events() {
				w.deliver(identifier, payload)
			}
		}
		w.call(w.clerk, "account.payment", "stripe_pull", []any{id})
		want := map[string]any{"state": "succeeded", "amount": "25.00", "stripe_dispute_status": "lost", "stripe_dispute_reason": "fraudulent"}
		if diff := cmp.Diff(want, w.payment(id, "state", "amount", "stripe_dispute_status", "stripe_dispute_reason")); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
	})
}
