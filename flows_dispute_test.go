package main

import (
	"net/url"
)

// disputed opens a dispute over a part of a payment, 0 for all, and gives its id once the payment shows it.
func (f *flow) disputed(payment, cents int64, shown string) string {
	f.Helper()
	if err := f.sim.Dispute(f.text(paymentModel, payment, "stripe_charge_id"), cents, "product_not_received"); err != nil {
		f.Fatal(err)
	}
	f.shows(paymentModel, payment, map[string]any{"state": "succeeded", "stripe_dispute_status": "needs_response", "stripe_dispute_reason": "product_not_received",
		"stripe_dispute_amount": shown, "stripe_dispute_due": "datetime"})
	return f.text(paymentModel, payment, "stripe_dispute_id")
}

// told checks the types of the dispute's events that have come by webhook.
func (f *flow) told(object string, kinds ...string) {
	f.Helper()
	for _, kind := range kinds {
		f.until(kind+" is applied", func() bool {
			return integer(f.must("model."+eventModel+".search_count", []any{[]any{"object_id", "=", object}, []any{"type", "=", kind}, []any{"state", "=", "applied"}})) > 0
		})
	}
}

// disputeWon answers a dispute, and the bank decides for the shop.
func (f *flow) disputeWon() {
	id := f.paid("Wanda Won", "pm_card_visa", "60.00")
	dispute := f.disputed(id, 0, "60.00")
	f.askOwner("POST", "disputes/"+dispute, url.Values{"evidence[uncategorized_text]": {"It was delivered."}})
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "stripe_dispute_status": "under_review", "amount": "60.00"})
	if err := f.sim.DecideDispute(dispute, true); err != nil {
		f.Fatal(err)
	}
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "stripe_dispute_status": "won", "amount": "60.00", "stripe_dispute_due": nil,
		"stripe_dispute_lost": nil})
	f.told(dispute, "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed")
}

// disputeLost loses a part of a payment, and all of another.
func (f *flow) disputeLost() {
	part, whole := f.paid("Lena Lost", "pm_card_visa", "60.00"), f.paid("Leo Lost", "pm_card_visa", "60.00")
	for id, dispute := range map[int64]string{part: f.disputed(part, 2500, "25.00"), whole: f.disputed(whole, 0, "60.00")} {
		if err := f.sim.DecideDispute(dispute, false); err != nil {
			f.Fatal(err)
		}
		f.shows(paymentModel, id, map[string]any{"stripe_dispute_status": "lost"})
	}
	f.shows(paymentModel, part, map[string]any{"state": "succeeded", "amount": "35.00", "stripe_dispute_lost": "25.00", "stripe_error_message": nil})
	f.shows(paymentModel, whole, map[string]any{"state": "failed", "stripe_error_message": "The customer's bank has taken the payment back",
		"stripe_error_code": "product_not_received"})
}
