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
