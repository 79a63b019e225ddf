package paymentstripe_test

import (
	"context"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
)

const eraseAction = "account.payment.stripe.customer|stripe_delete"

// TestDeactivatedCustomerIsKeptForAnHour does with a customer who was just deactivated what brings his record to the engine: he is erased at
// Stripe when the hour is over, not before.
func TestDeactivatedCustomerIsKeptForAnHour(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		w.call(w.clerk, customerModel, "write", []any{id}, map[string]any{"active": false})
		there := func(when string, want bool) {
			t.Helper()
			c, err := w.account.RetrieveCustomer(context.Background(), "cus_alice")
			if err != nil || c.Deleted == want || (w.read(customerModel, id, "stripe_customer_id")["stripe_customer_id"] != nil) != want {
				t.Errorf("%s the customer is %v here, %+v at Stripe, %v", when, w.read(customerModel, id, "stripe_customer_id"), c, err)
			}
		}
		w.call(w.clerk, customerModel, "stripe_pull", []any{id})
		there("after a pull", true)
		modelstest.Do(t, w.db, func(tx *models.Tx) { // a try that was put off, or an answer that came late
			_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_customer" SET "stripe_next_attempt" = ` + tx.Dialect().Now()))
			models.Must(err)
		})
		w.run(eraseAction)
		there("when he is due too early", true)
		if next := w.read(customerModel, id, "stripe_next_attempt")["stripe_next_attempt"]; next == nil {
			t.Error("nothing is planned for the customer")
		}
		w.now()
		w.run(eraseAction)
		there("after the hour", false)
	})
}

// TestDoubleOfACustomerIsErasedAlone links one customer at Stripe twice, by mistake, and deletes the second record: the first keeps its cards.
func TestDoubleOfACustomerIsErasedAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.customer(w.alice, "cus_alice", "pm_card_visa")
		second := w.call(w.clerk, customerModel, "create", []any{map[string]any{"party": w.bob, "stripe_account": w.stripeAccount,
			"stripe_customer_id": "cus_alice"}}).([]int64)[0]
		w.call(w.clerk, customerModel, "delete", []any{second})
		w.now()
		w.run(eraseAction)
		if c, err := w.account.RetrieveCustomer(context.Background(), "cus_alice"); err != nil || c.Deleted {
			t.Errorf("Stripe has %+v, %v", c, err)
		}
		if got := w.read(customerModel, second, "stripe_customer_id"); got["stripe_customer_id"] != nil {
			t.Errorf("the deleted double is %v", got)
		}
		w.call(w.clerk, customerModel, "delete", []any{first})
		w.now()
		w.run(eraseAction)
		if c, err := w.account.RetrieveCustomer(context.Background(), "cus_alice"); err != nil || !c.Deleted {
			t.Errorf("once nobody uses him Stripe has %+v, %v", c, err)
		}
	})
}
