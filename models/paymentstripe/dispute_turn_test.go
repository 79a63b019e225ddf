package paymentstripe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// disputes delivers events of the dispute "dp_1" of a payment, a second apart.
func (w *world) disputes(identifier string, payment int64, amount int, statuses ...string) {
	w.t.Helper()
	ids := w.payment(payment, "stripe_charge_id", "stripe_payment_intent_id")
	for i, status := range statuses {
		object := fmt.Sprintf(`{"id":"dp_%d","object":"dispute","status":%q,"amount":%d,"reason":"fraudulent","charge":%q,"payment_intent":%q,"evidence_details":{"due_by":1999999999}}`,
			payment, status, amount, ids["stripe_charge_id"], ids["stripe_payment_intent_id"])
		w.deliver(identifier, fmt.Appendf(nil, `{"id":"evt_dp_%d_%d","object":"event","type":"charge.dispute.updated","created":%d,"data":{"object":%s}}`,
			payment, i, time.Now().Unix()+int64(i)+1, object))
	}
}

// TestDisputeLostThenWon has arbitration give back what a dispute took, a part or all.
func TestDisputeLostThenWon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook(signingSecret)
		for _, amount := range []int{1500, 4000} {
			id := w.paid("40.00", "pm_card_visa")
			w.disputes(identifier, id, amount, "needs_response", "lost", "won")
			want := map[string]any{"state": "succeeded", "amount": "40.00", "stripe_dispute_status": "won", "stripe_dispute_lost": nil}
			w.post()
			for _, when := range []string{"looked at", "when pulled"} {
				if diff := cmp.Diff(want, w.payment(id, "state", "amount", "stripe_dispute_status", "stripe_dispute_lost")); diff != "" {
					t.Errorf("%d %s (-want +got):\n%s", amount, when, diff)
				}
				w.call(w.clerk, "account.payment", "stripe_pull", []any{id})
			}
		}
		second := w.paid("40.00", "pm_card_visa")
		w.disputes(identifier, second, 1500, "needs_response", "lost", "won", "lost")
		w.post()
		if got := w.payment(second, "state", "amount"); got["state"] != "succeeded" || got["amount"] != "25.00" {
			t.Errorf("lost, won and lost again: %v", got)
		}
	})
}

// TestDisputeWonOfWhatWasGivenBack decides a dispute for the shop after all was given back: nothing is left nevertheless.
func TestDisputeWonOfWhatWasGivenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("40.00", "pm_card_visa")
		w.refund(id, "40.00")
		w.refundNow()
		w.disputes(w.webhook(signingSecret), id, 4000, "needs_response", "won")
		for range 2 {
			if state := w.state(id); state != "failed" {
				t.Errorf("the payment is %s", state)
			}
			w.post() // looks at it again
		}
	})
}

// TestTwoDisputesAtOnce has two parts of a payment disputed at the same time, and hears of it in any order, each event twice: what each
// took is lost once, and the one that is to be answered is shown.
func TestTwoDisputesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook(signingSecret)
		events := []struct {
			dispute, status string
			amount          int
		}{{"a", "needs_response", 1500}, {"b", "needs_response", 500}, {"a", "lost", 1500}, {"a", "lost", 1500}, {"b", "under_review", 500}, {"b", "won", 500}, {"b", "lost", 500}}
		orders := [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1, 0}, {0, 1, 4, 5, 6, 2, 3}, {3, 1, 6, 0, 2, 4, 5}}
		for _, order := range orders {
			id := w.paid("40.00", "pm_card_visa")
			ids, at := w.payment(id, "stripe_charge_id", "stripe_payment_intent_id"), time.Now().Unix()
			deliver := func(i int) {
				e := events[i]
				w.deliver(identifier, fmt.Appendf(nil, `{"id":"evt_two_%d_%d","object":"event","type":"charge.dispute.updated","created":%d,"data":{"object":
					{"id":"dp_%s_%d","object":"dispute","status":%q,"amount":%d,"reason":"fraudulent","charge":%q,"payment_intent":%q,"evidence_details":{"due_by":1999999999}}}}`,
					id, i, at+int64(i)+1, e.dispute, id, e.status, e.amount, ids["stripe_charge_id"], ids["stripe_payment_intent_id"]))
			}
			for n, i := range order {
				deliver(i)
				deliver(order[n/2])
				w.post()
				shown := w.payment(id, "stripe_dispute_id", "stripe_dispute_status")
				if n == 3 && order[0] == 0 && order[3] == 3 && !cmp.Equal(shown, map[string]any{"stripe_dispute_id": fmt.Sprintf("dp_b_%d", id), "stripe_dispute_status": "needs_response"}) {
					t.Errorf("while one is open and one is lost, %v is shown", shown)
				}
			}
			want := map[string]any{"state": "succeeded", "amount": "20.00", "stripe_dispute_status": "lost", "stripe_dispute_lost": "20.00",
				"stripe_dispute_id": fmt.Sprintf("dp_b_%d", id), "stripe_dispute_due": nil}
			if diff := cmp.Diff(want, w.payment(id, "state", "amount", "stripe_dispute_status", "stripe_dispute_lost", "stripe_dispute_id", "stripe_dispute_due")); diff != "" {
				t.Errorf("in the order %v (-want +got):\n%s", order, diff)
			}
		}
	})
}
