package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
)

// TestRunOnce presses Run Once of every scheduled action of Stripe through the API, with the scheduler running. What is to be done was made
// due behind the server's back, so that nothing else tells it of the work for a quarter of an hour.
func TestRunOnce(t *testing.T) {
	onEach(t, allRoles, func(b *bench) {
		clerk, admin := b.session(demoUser, demoPassword), b.session("admin", "admin")
		for _, action := range []struct {
			method  string
			prepare func(c *client) (done func())
		}{
			{"account.payment|stripe_charge", (*client).chargeOfThePeer},
			{"account.payment|stripe_capture_", (*client).captureWanted},
			{"account.payment.stripe.refund|stripe_create", (*client).refundOfThePeer},
			{"account.payment.stripe.customer|stripe_create", (*client).customerByToken},
			{"account.payment.stripe.customer|stripe_intent_update", (*client).cardAdded},
			{"account.payment.stripe.customer|stripe_delete", (*client).customerGone},
			{"account.payment.stripe.account|fetch_events", (*client).refundedAtStripe},
		} {
			b.Run(action.method, func(t *testing.T) {
				c := clerk.on(t)
				done := action.prepare(c)
				id := first(admin.on(t).must("model.ir.cron.search", []any{[]any{"method", "=", action.method}}, 0, nil, nil))
				if refused := c.try("model.ir.cron.run_once", []int64{id}); refused.status == http.StatusOK && refused.member("error") == nil {
					t.Error("a clerk may run scheduled actions")
				}
				if got := admin.on(t).must("model.ir.cron.run_once", []int64{id}); got != nil {
					t.Errorf("run_once answers %v", got)
				}
				done()
			})
		}
	}, func(c *Config) { c.Scheduler.Poll = time.Hour })
}

// behind changes rows without the server knowing of it.
func (c *client) behind(statement string, args ...any) {
	c.Helper()
	err := c.db.Transact(context.Background(), models.Request{}, func(tx *models.Tx) error {
		n, err := tx.Exec(sql.SQL(statement, args...))
		if err == nil && n != 1 { // else it is tried once more
			c.Errorf("%s changed %d rows", statement, n)
		}
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
}

// nowDue makes a row due.
func (c *client) nowDue(table string, id int64) {
	c.Helper()
	c.behind(`UPDATE `+sql.Quote(table)+` SET "stripe_next_attempt" = `+c.db.SQL.Dialect().Now()+` WHERE "id" = ?`, id)
}

func (c *client) chargeOfThePeer() func() {
	id := c.payment("Dora Saved", "21.00", "Left by another server", c.withCard("cus_saved"))
	c.behind(`UPDATE "account_payment" SET "state" = 'processing', "group" = (SELECT "group" FROM "account_payment" WHERE "id" = ?)
		WHERE "id" = ? AND "stripe_next_attempt" IS NULL`, c.paidByCard("1.00"), id)
	return func() {
		c.becomes("account.payment", id, "state", "succeeded")
		c.charged(id, 2100)
	}
}

func (c *client) captureWanted() func() {
	more := c.withCard("cus_saved")
	more["stripe_capture"] = false
	id := c.payment("Dora Saved", "22.00", "To be captured", more)
	c.process(id)
	c.becomes("account.payment", id, "stripe_capturable", true)
	c.behind(`UPDATE "account_payment" SET "stripe_capture" = ? WHERE "id" = ?`, true, id)
	c.nowDue("account_payment", id)
	return func() {
		c.becomes("account.payment", id, "state", "succeeded")
		c.charged(id, 2200)
	}
}

// paidByCard is a payment that was charged.
func (c *client) paidByCard(amount string) int64 {
	c.Helper()
	id := c.payment("Dora Saved", amount, "Paid", c.withCard("cus_saved"))
	c.process(id)
	c.becomes("account.payment", id, "state", "succeeded")
	return id
}

func (c *client) refundOfThePeer() func() {
	const model = "account.payment.stripe.refund"
	paid := c.paidByCard("23.00")
	refund := first(c.must("model."+model+".create", []any{map[string]any{"payment": paid, "amount": map[string]any{"__class__": "Decimal", "decimal": "3"}}}))
	c.behind(`UPDATE "account_payment_stripe_refund" SET "state" = 'approved' WHERE "id" = ?`, refund)
	return func() {
		c.becomes(model, refund, "state", "succeeded")
		c.amountBecomes(paid, "20.00")
	}
}

func (c *client) amountBecomes(payment int64, want string) {
	c.Helper()
	c.eventually("account.payment", payment, "amount", func(v any) bool {
		amount, _ := v.(map[string]any)
		return amount["decimal"] == want
	})
}

// newCustomer makes a customer of Bob's at the demo's account.
func (c *client) newCustomer(more map[string]any) int64 {
	c.Helper()
	values := map[string]any{"active": true, "stripe_customer_id": "", "party": c.named("party.party", "Bob Stone"),
		"stripe_account": c.named("account.payment.stripe.account", "Stripe Test")}
	for name, v := range more {
		values[name] = v
	}
	return first(c.must("model.account.payment.stripe.customer.create", []any{values}))
}

func (c *client) customerKnown(id int64, want bool) {
	c.Helper()
	c.eventually("account.payment.stripe.customer", id, "stripe_customer_id", func(v any) bool {
		text, _ := v.(string)
		return (text != "") == want
	})
}

// customerByToken is a customer to be made of a card's token, and charged by what it brought, by source.
func (c *client) customerByToken() func() {
	id := c.newCustomer(map[string]any{"stripe_token": "tok_visa"})
	return func() {
		c.customerKnown(id, true)
		source := c.offered("sources", id, 1)[0][0]
		paid := c.payment("Bob Stone", "24.00", "By source", map[string]any{"stripe_customer": id, "stripe_customer_source": source})
		c.process(paid)
		c.becomes("account.payment", paid, "state", "succeeded")
		c.charged(paid, 2400)
	}
}

func (c *client) cardAdded() func() {
	id := c.newCustomer(nil)
	secret, _ := c.page(c.checkout("account.payment.stripe.customer", id))
	if intent := c.confirm("setup_intents", secret, "4242424242424242"); intent["status"] != "succeeded" {
		c.Fatalf("confirm: %v", intent)
	}
	c.nowDue("account_payment_stripe_customer", id)
	return func() { c.customerKnown(id, true) }
}

func (c *client) customerGone() func() {
	id := c.newCustomer(map[string]any{"stripe_token": "tok_visa"})
	c.nowDue("account_payment_stripe_customer", id)
	other := c.newCustomer(map[string]any{"stripe_customer_id": "cus_reference"}) // which announces the work on customers
	c.customerKnown(id, true)
	c.must("model.account.payment.stripe.customer.delete", []int64{id})
	c.behind(`UPDATE "account_payment_stripe_customer" SET "write_date" = `+c.db.SQL.Dialect().Plus(`"write_date"`, "?")+` WHERE "id" = ?`, -time.Hour, id)
	c.nowDue("account_payment_stripe_customer", id)
	return func() {
		c.customerKnown(id, false)
		c.customerKnown(other, true)
	}
}

func (c *client) refundedAtStripe() func() {
	id := c.paidByCard("25.00")
	charge, _ := c.read("account.payment", id, "stripe_charge_id")["stripe_charge_id"].(string)
	if err := c.sim.RefundAtDashboard(charge, 500); err != nil {
		c.Fatal(err)
	}
	return func() {
		c.amountBecomes(id, "20.00")
		c.eventually("account.payment", id, "stripe_refunds", func(v any) bool { list, _ := v.([]any); return len(list) == 1 })
	}
}
