package paymentstripe_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
)

// TestOldPictureForgetsNoRefund lets events of before a refund arrive when it is known already: in time order, all in one second, and
// after a dispute, which is newer than they are and says nothing of refunds.
func TestOldPictureForgetsNoRefund(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("")
		id := w.paid("100.00", "pm_card_visa")
		before := w.events()
		w.refund(id, "30.00")
		w.refundNow()
		for range 2 {
			for _, payload := range before {
				w.deliver(identifier, payload)
			}
			if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "70.00"}, w.payment(id, "state", "amount")); diff != "" {
				t.Fatalf("after events of before the refund (-want +got):\n%s", diff)
			}
		}
		w.run("account.payment.stripe.account|fetch_events")
		charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
		w.sim.Advance(time.Minute)
		if err := w.sim.RefundAtDashboard(charge, 1000); err != nil {
			t.Fatal(err)
		}
		w.sim.Advance(time.Minute)
		if err := w.sim.Dispute(charge, 500, "fraudulent"); err != nil {
			t.Fatal(err)
		}
		list := w.events()
		for i := range list { // the newest first
			w.deliver(identifier, list[len(list)-1-i])
		}
		w.post()
		if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "60.00"}, w.payment(id, "state", "amount")); diff != "" {
			t.Errorf("after a refund at the dashboard that was told of late (-want +got):\n%s", diff)
		}
	})
}

// TestAnswerOutweighsOlderEvents pulls a payment of which a part was refunded at Stripe's dashboard, and then gets the events of before: they
// are known to be old, though no newer event has come.
func TestAnswerOutweighsOlderEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("")
		id := w.paid("100.00", "pm_card_visa")
		w.sim.Advance(time.Minute)
		if err := w.sim.RefundAtDashboard(w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string), 4000); err != nil {
			t.Fatal(err)
		}
		list := w.events()
		w.sim.Advance(time.Minute)
		w.call(w.clerk, "account.payment", "stripe_pull", []any{id})
		want := map[string]any{"state": "succeeded", "amount": "60.00"}
		if diff := cmp.Diff(want, w.payment(id, "state", "amount")); diff != "" {
			t.Fatalf("pulled (-want +got):\n%s", diff)
		}
		for _, payload := range list {
			w.deliver(identifier, payload)
			if diff := cmp.Diff(want, w.payment(id, "state", "amount")); diff != "" {
				t.Fatalf("after %.80s (-want +got):\n%s", payload, diff)
			}
		}
		w.sim.Advance(time.Minute)
		if err := w.sim.RefundAtDashboard(w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string), 1000); err != nil {
			t.Fatal(err)
		}
		w.run(fetchAction)
		w.post()
		if got := w.payment(id, "amount"); got["amount"] != "50.00" {
			t.Errorf("after a refund that is newer than the answer the amount is %v", got["amount"])
		}
	})
}

// TestRefundThatFailsGivesTheAmountBack lets a refund fail after days, and the bank's word on it come before the charge's and after it.
func TestRefundThatFailsGivesTheAmountBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("")
		for _, amount := range []string{"30.00", "100.00"} {
			id := w.paid("100.00", "pm_card_refundFail")
			refund := w.refund(id, amount)
			w.refundNow()
			w.run("account.payment.stripe.account|fetch_events")
			w.sim.Advance(time.Hour)
			list := w.events()
			for i := range list {
				w.deliver(identifier, list[len(list)-1-i])
			}
			w.post()
			if got := w.read(refundModel, refund, "state"); got["state"] != "failed" {
				t.Errorf("the refund of %s is %v", amount, got)
			}
			if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "100.00"}, w.payment(id, "state", "amount")); diff != "" {
				t.Errorf("after the refund of %s failed (-want +got):\n%s", amount, diff)
			}
		}
	})
}

// TestPullMendsARefund pulls a refund of which neither the answer nor an event has come, and one that has failed since.
func TestPullMendsARefund(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("100.00", "pm_card_refundFail")
		refund := w.refund(id, "30.00")
		w.refundNow()
		if got := w.read(refundModel, refund, "state"); got["state"] != "succeeded" {
			t.Fatalf("the refund is %v", got)
		}
		w.sim.Advance(time.Hour)
		w.call(w.clerk, refundModel, "stripe_pull", []any{refund})
		if got := w.read(refundModel, refund, "state"); got["state"] != "failed" {
			t.Errorf("the refund that failed at Stripe is %v", got)
		}
		w.post()
		if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "100.00"}, w.payment(id, "state", "amount")); diff != "" {
			t.Errorf("its payment (-want +got):\n%s", diff)
		}
	})
}

// TestDisputeOutOfOrder tells of a dispute's end before its beginning.
func TestDisputeOutOfOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("")
		for _, later := range []time.Duration{0, time.Minute} {
			id := w.paid("40.00", "pm_card_visa")
			charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
			if err := w.sim.Dispute(charge, 1500, "fraudulent"); err != nil {
				t.Fatal(err)
			}
			w.sim.Advance(later)
			c, err := w.account.RetrieveCharge(t.Context(), charge)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.sim.DecideDispute(c.Dispute, false); err != nil {
				t.Fatal(err)
			}
			list := w.events()
			for i := range list {
				w.deliver(identifier, list[len(list)-1-i])
			}
			want := map[string]any{"state": "succeeded", "amount": "25.00", "stripe_dispute_status": "lost"}
			if diff := cmp.Diff(want, w.payment(id, "state", "amount", "stripe_dispute_status")); diff != "" {
				t.Errorf("a dispute that ended after %s (-want +got):\n%s", later, diff)
			}
		}
	})
}

// TestUnknownObjectIsParked hears of a charge that nobody here knows, before the payment knows it: the event is kept where people see it, tried
// again by the sweep, which asks Stripe though there is a webhook, and applied when the charge is known.
func TestUnknownObjectIsParked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const eventModel = "account.payment.stripe.event"
		id := w.paid("40.00", "pm_card_visa")
		known := w.payment(id, "stripe_charge_id", "stripe_payment_intent_id")
		for column, v := range map[string]any{"stripe_charge_id": nil, "stripe_payment_intent_id": nil} {
			w.alter("account_payment", id, column, v)
		}
		if err := w.sim.Dispute(known["stripe_charge_id"].(string), 1500, "fraudulent"); err != nil {
			t.Fatal(err)
		}
		identifier := w.webhook("whsec_world")
		if identifier == "" {
			t.Fatal("there is no webhook")
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) { // nor does the key of the call lead to the payment
			for _, hide := range []string{`UPDATE "account_payment_stripe_attempt" SET "idempotency_key" = 'hidden:' || "idempotency_key"`,
				`UPDATE "account_payment" SET "stripe_idempotency_key" = 'hidden'`} {
				_, err := tx.Exec(sql.SQL(hide))
				models.Must(err)
			}
		})
		parked := func() any {
			return w.call(w.clerk, eventModel, "search_count", []any{[]any{"state", "=", "parked"}, []any{"object_id", "like", "dp_%"}})
		}
		for range 3 {
			w.run("account.payment.stripe.account|fetch_events")
		}
		if n := parked(); n == int64(0) {
			t.Fatal("no event of the dispute is parked")
		}
		if got := w.payment(id, "stripe_dispute_status"); got["stripe_dispute_status"] != nil {
			t.Fatalf("the payment knows of the dispute: %v", got)
		}
		rows := w.call(w.clerk, eventModel, "search_read", []any{[]any{"state", "=", "parked"}}, int64(0), nil, nil, []any{"attempts"}).([]map[string]any)
		if rows[0]["attempts"].(int64) < 2 {
			t.Errorf("after three sweeps it was tried %v times", rows[0]["attempts"])
		}
		for column, v := range known {
			w.alter("account_payment", id, column, v)
		}
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.payment(id, "stripe_dispute_status"); parked() != int64(0) || got["stripe_dispute_status"] != "needs_response" {
			t.Errorf("%v events are parked, the payment has %v", parked(), got)
		}
	})
}
