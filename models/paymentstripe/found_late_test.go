package paymentstripe_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// TestAuthorisationFoundAfterFail has the answer to an authorisation lost and the clerk fail the payment meanwhile: once it is found, by a
// look or by an event, what is held is given up.
func TestAuthorisationFoundAfterFail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		identifier := w.webhook("")
		for _, byEvent := range []bool{false, true} {
			for _, operation := range []string{"payment_intent.create", "charge.create"} {
				id := w.approved(w.alice, "30.00", map[string]any{"stripe_capture": false})
				if operation == "charge.create" {
					w.withToken(id, "tok_visa")
				}
				w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: operation, Count: 1})
				w.process(id)
				w.post()
				w.call(w.clerk, "account.payment", "fail", []any{id})
				if byEvent {
					for _, payload := range w.events() {
						w.deliver(identifier, payload)
					}
				}
				for range 3 {
					w.settled()
					w.now()
					w.post()
				}
				ids := w.payment(id, "state", "stripe_payment_intent_id", "stripe_charge_id", "stripe_cancel")
				charge, _ := ids["stripe_charge_id"].(string)
				c, err := w.account.RetrieveCharge(context.Background(), charge)
				if err != nil || c.Captured || !c.Refunded || ids["state"] != "failed" || ids["stripe_cancel"] != false {
					t.Errorf("%s, by event %v: the payment is %v, Stripe has %+v, %v", operation, byEvent, ids, c, err)
				}
			}
		}
	})
}

// TestCustomerFoundAfterDeactivation has the answer to the creation of a customer lost, who is deactivated meanwhile: he is looked for and
// deleted at Stripe.
func TestCustomerFoundAfterDeactivation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var id int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			c := paymentstripe.Customer
			r, err := c.Create(tx, c.Party.To(w.bob), c.StripeAccount.To(w.stripeAccount), c.StripeToken.To("tok_visa"))
			models.Must(err)
			id = r.ID()
		})
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "customer.create", Count: 1})
		w.run("account.payment.stripe.customer|stripe_create")
		made, err := w.account.FindCustomers(context.Background(), "", w.db.Now().AddDate(0, 0, -1), w.db.Now().AddDate(0, 0, 1), nil)
		if err != nil || len(made) != 1 {
			t.Fatalf("Stripe made %v, %v", made, err)
		}
		w.call(w.clerk, customerModel, "write", []any{id}, map[string]any{"active": false})
		for range 4 {
			w.settled()
			w.now()
			w.run("account.payment.stripe.customer|stripe_create")
			w.run("account.payment.stripe.customer|stripe_delete")
		}
		if c, err := w.account.RetrieveCustomer(context.Background(), made[0].ID); err != nil || !c.Deleted {
			t.Errorf("Stripe has %+v, %v; calls %v", c, err, w.attempts("customer", id))
		}
		got := w.read(customerModel, id, "stripe_customer_id", "stripe_token")
		if diff := cmp.Diff(map[string]any{"stripe_customer_id": nil, "stripe_token": nil}, got); diff != "" {
			t.Errorf("the customer (-want +got):\n%s", diff)
		}
	})
}

// TestErasedCustomerLeavesNoIDs has a customer deleted who had a mandate and something to detach: neither row nor history keeps an id of his.
func TestErasedCustomerLeavesNoIDs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			c := paymentstripe.Customer
			if err := c.Write(tx, c.Browse(tx, id), c.StripeMandate.To("mandate_1"), c.StripeMandateStatus.To("active"), c.StripeDetach.To("pm_1")); err != nil {
				panic(err)
			}
		})
		w.call(w.clerk, customerModel, "write", []any{id}, map[string]any{"active": false})
		w.now()
		w.run("account.payment.stripe.customer|stripe_delete")
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			for _, table := range []string{"account_payment_stripe_customer", "account_payment_stripe_customer__history"} {
				rows, err := tx.Query(sql.SQL(`SELECT "id" FROM `+sql.Quote(table)+` WHERE "id" = ? AND ("stripe_customer_id" IS NOT NULL OR
					"stripe_mandate" IS NOT NULL OR "stripe_mandate_status" IS NOT NULL OR "stripe_detach" IS NOT NULL)`, id))
				if err != nil || len(rows) > 0 {
					t.Errorf("%s keeps ids in %d rows, %v", table, len(rows), err)
				}
			}
		})
	})
}
