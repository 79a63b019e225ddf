package paymentstripe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

const customerAction = "account.payment.stripe.customer|stripe_create"

// TestWaitingPaymentIsChargedWhenThereIsACard processes payments that cannot be charged yet, and then lets their customers get what they
// lack, each in another way: each payment is charged at once, and once, without anybody asking for it.
func TestWaitingPaymentIsChargedWhenThereIsACard(t *testing.T) {
	for name, way := range map[string]func(w *world) (id int64, why string, help func()){
		"a customer whom Stripe does not know yet": func(w *world) (int64, string, func()) {
			var customer int64
			modelstest.Do(w.t, w.db, func(tx *models.Tx) {
				c := paymentstripe.Customer
				r, err := c.Create(tx, c.Party.To(w.alice), c.StripeAccount.To(w.stripeAccount), c.StripeToken.To("tok_visa"))
				models.Must(err)
				customer = r.ID()
			})
			id := w.approved(w.alice, "12.00", map[string]any{"stripe_customer": customer})
			return id, "The customer is not known to Stripe yet", func() { w.run(customerAction) }
		},
		"a card that is added on the page of the customer": func(w *world) (int64, string, func()) {
			customer := w.customer(w.alice, "cus_alice")
			w.run(customerAction)
			id := w.approved(w.alice, "12.00", nil)
			return id, "The customer has no card or account at Stripe yet", func() {
				const model = "account.payment.stripe.customer"
				token := w.checkout(model, customer)
				w.confirm(w.page(model, token).ClientSecret, "pm_card_visa")
				w.refresh(model, token)
			}
		},
		"another customer": func(w *world) (int64, string, func()) {
			w.customer(w.alice, "cus_alice")
			id := w.approved(w.alice, "12.00", nil)
			return id, "The customer has no card or account at Stripe yet", func() {
				other := w.customer(w.alice, "cus_other", "pm_card_visa")
				w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"stripe_customer": other})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				id, why, help := way(w)
				w.process(id)
				w.post()
				got := w.payment(id, "state", "stripe_error_message", "stripe_lease")
				want := map[string]any{"state": "processing", "stripe_error_message": why, "stripe_lease": nil}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("the payment that waits (-want +got):\n%s", diff)
				}
				w.post()
				if n := len(w.attempts("payment", id)); n != 1 {
					t.Errorf("while nothing has changed the payment was tried %d times", n)
				}
				help()
				w.run(customerAction)
				w.post()
				w.post()
				if got := w.payment(id, "state", "stripe_error_message"); got["state"] != "succeeded" || got["stripe_error_message"] != nil {
					t.Errorf("when there is a card the payment is %v", got)
				}
				if diff := cmp.Diff([]string{"1200 1200 0"}, w.ledger()); diff != "" {
					t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
				}
			})
		})
	}
}
