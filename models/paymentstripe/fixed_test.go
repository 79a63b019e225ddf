package paymentstripe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/value"
)

// TestApprovedIsFixed has a clerk write each field that decides over money on payments and refunds that were approved, as a client that shows
// them as writable would: nothing changes, and what is approved is what moves.
func TestApprovedIsFixed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.otherAccount("sk_test_other")
		first := w.customer(w.alice, "cus_alice", "pm_card_visa")
		paid := w.paid("100.00", "pm_card_visa")
		elsewhere := w.paid("70.00", "pm_card_visa")
		refund := w.refund(paid, "1.00")
		open := w.approved(w.alice, "2.00", map[string]any{"stripe_customer": first})
		processed := w.approved(w.alice, "3.00", map[string]any{"stripe_customer": first, "stripe_capture": false})
		w.process(processed)
		changes := map[string]map[string]any{
			"account.payment": {"amount": decimal("999.00"), "stripe_amount": int64(99900), "party": w.bob, "journal": other, "company": w.company + 1,
				"kind": "payable", "date": value.Today(w.db.Now().Add(48 * time.Hour)), "description": "Something else", "stripe_capture": nil},
			refundModel: {"amount": decimal("99.00"), "payment": elsewhere, "reason": "fraudulent"},
		}
		refuse := func(model string, id int64, values map[string]any) {
			t.Helper()
			for name, v := range values {
				before := w.read(model, id, name)
				if name == "stripe_capture" {
					v = before[name] != true
				}
				_, err := w.try(w.clerk, model, "write", []any{id}, map[string]any{name: v})
				if !models.IsKind(err, models.KindUser) {
					t.Errorf("%s of %s %d: %v", name, model, id, err)
				}
				if diff := cmp.Diff(fmt.Sprint(before), fmt.Sprint(w.read(model, id, name))); diff != "" {
					t.Errorf("%s of %s %d (-want +got):\n%s", name, model, id, diff)
				}
			}
		}
		refuse("account.payment", open, changes["account.payment"])
		refuse("account.payment", processed, changes["account.payment"])
		refuse("account.payment", paid, changes["account.payment"])
		refuse(refundModel, refund, changes[refundModel])
		if _, err := w.try(w.clerk, "account.payment", "write", []any{elsewhere},
			map[string]any{"stripe_refunds": []any{[]any{"add", []any{refund}}}}); !models.IsKind(err, models.KindUser) {
			t.Errorf("an approved refund moved to another payment: %v", err)
		}
		w.refundNow()
		if got := w.read(refundModel, refund, "state", "amount"); got["state"] != "succeeded" || got["amount"] != "1.00" {
			t.Errorf("the refund is %v", got)
		}
		if diff := cmp.Diff([]string{"10000 10000 100", "7000 7000 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestFixedLeavesWorkDone writes what may still be written: a draft, the whole record as it was read, the customer of an approved payment, and
// the amount of one that waits for its capture.
func TestFixedLeavesWorkDone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		customer := w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "42.00", map[string]any{"description": nil, "stripe_capture": false})
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("42.0"), "party": w.alice, "kind": "receivable",
			"description": "", "stripe_capture": false, "stripe_customer": customer})
		w.call(w.clerk, "account.payment", "draft", []any{id})
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("41.00"), "description": "Order 1"})
		w.call(w.approver, "account.payment", "approve", []any{id})
		w.process(id)
		w.post()
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("40.00")})
		w.call(w.clerk, "account.payment", "stripe_do_capture", []any{id})
		if got := w.payment(id, "state", "amount"); got["state"] != "succeeded" || got["amount"] != "40.00" {
			t.Errorf("the payment is %v", got)
		}
	})
}

// TestLinkedCustomerIsFixed keeps a customer whom Stripe knows what he is: another id would have somebody else's cards charged.
func TestLinkedCustomerIsFixed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		want := w.read(customerModel, id, "party", "stripe_customer_id")
		for name, v := range map[string]any{"party": w.bob, "stripe_customer_id": "cus_other"} {
			if _, err := w.try(w.clerk, customerModel, "write", []any{id}, map[string]any{name: v}); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s of a linked customer: %v", name, err)
			}
		}
		if _, err := w.try(w.clerk, customerModel, "write", []any{id}, map[string]any{"stripe_customer_id": nil}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a linked customer's id emptied: %v", err)
		}
		if diff := cmp.Diff(want, w.read(customerModel, id, "party", "stripe_customer_id")); diff != "" {
			t.Errorf("the customer (-want +got):\n%s", diff)
		}
	})
}
