package paymentstripe_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/stripe/simulator"
)

func TestVoidReleasesTheAuthorisation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "100.00", map[string]any{"stripe_capture": false})
		w.process(id)
		w.post()
		w.call(w.clerk, "account.payment", "stripe_void", []any{id})
		got := w.payment(id, "state", "stripe_status", "stripe_capturable", "stripe_cancel")
		want := map[string]any{"state": "failed", "stripe_status": "canceled", "stripe_capturable": false, "stripe_cancel": false}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("voided payment (-want +got):\n%s", diff)
		}
		for _, line := range w.sim.Ledger() {
			if line.Captured != 0 || line.Refunded != line.Amount {
				t.Errorf("Stripe's ledger has %+v", line)
			}
		}
	})
}

// TestVoidOfACharge releases what a charge by token holds, also when Stripe's answer is lost; no refund appears for it.
func TestVoidOfACharge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, fault := range []simulator.FaultKind{"", simulator.DropBefore, simulator.DropAfter, simulator.ServerErrorAfter} {
			id := w.approved(w.bob, "100.00", map[string]any{"stripe_capture": false})
			w.withToken(id, "tok_visa")
			w.process(id)
			w.post()
			if got := w.payment(id, "state", "stripe_capturable", "stripe_capture_needed"); got["state"] != "processing" || got["stripe_capturable"] != true || got["stripe_capture_needed"] != true {
				t.Fatalf("the authorised payment is %v", got)
			}
			if fault != "" {
				w.sim.AddFault(simulator.Fault{Kind: fault, Operation: "refund.create", Count: 1})
			}
			w.call(w.clerk, "account.payment", "stripe_void", []any{id})
			for range 3 {
				w.settled()
				w.now()
				w.post()
			}
			w.run("account.payment.stripe.account|fetch_events")
			got := w.payment(id, "state", "stripe_capturable", "stripe_captured", "stripe_cancel", "stripe_refunds", "stripe_error_message", "amount")
			want := map[string]any{"state": "failed", "stripe_capturable": false, "stripe_captured": false, "stripe_cancel": false,
				"stripe_refunds": []int64{}, "stripe_error_message": nil, "amount": "100.00"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q: voided payment (-want +got):\n%s", fault, diff)
			}
			w.sim.ClearFaults()
		}
		for _, line := range w.sim.Ledger() {
			if line.Captured != 0 || line.Refunded != line.Amount {
				t.Errorf("Stripe's ledger has %+v", line)
			}
		}
	})
}

func TestPullMendsAPayment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("40.00", "pm_card_visa")
		w.call(w.clerk, "account.payment", "fail", []any{id}) // by mistake
		if err := w.sim.RefundAtDashboard(w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string), 1000); err != nil {
			t.Fatal(err)
		}
		w.call(w.clerk, "account.payment", "stripe_pull", []any{id})
		if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "30.00"}, w.payment(id, "state", "amount")); diff != "" {
			t.Errorf("pulled payment (-want +got):\n%s", diff)
		}
	})
}

// TestStaleForm presses from a form that was read before the payment changed what looks at what is there now, and what is refused for it.
func TestStaleForm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.alice, "40.00", nil)
		press := func(button string) error {
			read := map[string]any{"company": w.company, "_timestamp": map[string]any{fmt.Sprintf("account.payment,%d", id): "1.000000"}}
			_, err := modelstest.Call(w.db, w.clerk, read, "account.payment", button, []any{id})
			return err
		}
		var e *models.Error
		if err := press("fail"); !errors.As(err, &e) || e.Kind != models.KindConcurrency {
			t.Errorf("Fail on what has changed since: %v", err)
		}
		for _, button := range []string{"stripe_pull", "stripe_checkout"} {
			if err := press(button); err != nil {
				t.Errorf("%s on what has changed since: %v", button, err)
			}
		}
	})
}

// TestStaleAccountForm has events fetched while the form of an account is open, which is no conflict; what somebody else wrote is one, but for
// the buttons that look at what is there now.
func TestStaleAccountForm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.account"
		w.webhook("")
		stamp := w.call(1, model, "read", []any{w.stripeAccount}, []any{"_timestamp"}).([]map[string]any)[0]["_timestamp"]
		press := func(method string, args ...any) error {
			read := map[string]any{"company": w.company, "_base_url": "http://pay.example", "_timestamp": map[string]any{fmt.Sprintf("%s,%d", model, w.stripeAccount): stamp}}
			_, err := modelstest.Call(w.db, 1, read, model, method, append([]any{[]any{w.stripeAccount}}, args...)...)
			return err
		}
		w.paid("40.00", "pm_card_visa")
		w.run("account.payment.stripe.account|fetch_events")
		if w.read(model, w.stripeAccount, "last_event")["last_event"] == nil {
			t.Fatal("no event was fetched")
		}
		if err := press("write", map[string]any{"name": "Renamed"}); err != nil {
			t.Errorf("after events were fetched: %v", err)
		}
		for method, conflict := range map[string]bool{"test_keys": false, "create_endpoint": false, "new_identifier": true} {
			if err := press(method); models.IsKind(err, models.KindConcurrency) != conflict || err != nil && !conflict {
				t.Errorf("%s after it was renamed: %v", method, err)
			}
		}
	})
}

func TestKeysAreTested(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.account"
		check := func() string {
			w.call(1, model, "test_keys", []any{w.stripeAccount})
			text, _ := w.read(model, w.stripeAccount, "stripe_check")["stripe_check"].(string)
			return text
		}
		if got := check(); !strings.Contains(got, "test mode, charges enabled, payouts enabled; no webhook") {
			t.Errorf("good keys: %q", got)
		}
		w.sim.Revoke(secretKey, false)
		if got := check(); !strings.Contains(strings.ToLower(got), "expired") || strings.Contains(got, secretKey) {
			t.Errorf("a revoked key: %q", got)
		}
		if _, err := w.try(w.clerk, model, "test_keys", []any{w.stripeAccount}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a clerk may test keys: %v", err)
		}
	})
}

func TestStripeIsToldOfChangedParties(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		id := w.customer(w.alice, "cus_alice")
		w.call(1, "party.party", "write", []any{w.alice}, map[string]any{"name": "Alice Moreau"})
		w.call(1, "party.contact_mechanism", "create", []any{map[string]any{"party": w.alice, "type": "email", "value": "alice@example.com"}})
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropBefore, Operation: "customer.update", Count: 1})
		w.run("account.payment.stripe.customer|stripe_create")
		w.now()
		w.run("account.payment.stripe.customer|stripe_create")
		c, err := w.account.RetrieveCustomer(context.Background(), "cus_alice")
		if err != nil || c.Name != "Alice Moreau" || c.Email != "alice@example.com" {
			t.Errorf("Stripe knows %+v, %v", c, err)
		}
		if got := w.read(model, id, "stripe_update", "stripe_error_message"); got["stripe_update"] != false || got["stripe_error_message"] != nil {
			t.Errorf("the customer is %v", got)
		}
	})
}

func TestSourceIsDetached(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		methods, err := w.account.ListPaymentMethods(context.Background(), "cus_alice", "")
		if err != nil || len(methods) != 1 {
			t.Fatal(methods, err)
		}
		list := w.call(w.clerk, "account.payment.stripe.customer.source.detach.ask", "get_sources", map[string]any{"customer": id}).([]any)
		if len(list) != 2 || list[1].([]any)[0] != methods[0].ID {
			t.Errorf("what can be detached is %v", list)
		}
		wizard, err := w.db.Registry.Method("wizard", "account.payment.stripe.customer.source.detach", "create")
		if err != nil {
			t.Fatal(err)
		}
		execute, err := w.db.Registry.Method("wizard", "account.payment.stripe.customer.source.detach", "execute")
		if err != nil {
			t.Fatal(err)
		}
		active := map[string]any{"company": w.company, "active_model": "account.payment.stripe.customer", "active_id": id, "active_ids": []any{id}}
		run := func(m *models.Method, args ...any) (got any) {
			err := modelstest.Try(w.db, models.Request{User: w.clerk, Context: active, Check: true}, func(tx *models.Tx) (err error) {
				got, err = m.Do(tx, models.NewArgs(args...))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		session := run(wizard).([]any)[0]
		run(execute, session, map[string]any{}, "ask")
		run(execute, session, map[string]any{"ask": map[string]any{"customer": id, "source": methods[0].ID}}, "detach")
		if methods, err = w.account.ListPaymentMethods(context.Background(), "cus_alice", ""); err != nil || len(methods) != 0 {
			t.Errorf("Stripe still has %v, %v", methods, err)
		}
	})
}

func TestReplayOfAnEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook(signingSecret)
		w.deliver(identifier, []byte(`{"id":"evt_early","object":"event","type":"payment_intent.succeeded","created":1700000000,
			"data":{"object":{"id":"pi_early","object":"payment_intent","status":"succeeded","amount":4250,"amount_received":4250,"currency":"eur"}}}`))
		var event int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			event = paymentstripe.Event.Search(tx, paymentstripe.Event.State.Eq("parked"))[0].ID()
		})
		id := w.approved(w.bob, "42.50", nil)
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			c := tx.Class("account.payment")
			models.Must(c.Write(tx, c.Browse(tx, []int64{id}), models.Values{"stripe_payment_intent_id": "pi_early"}))
		})
		w.process(id)
		w.call(w.clerk, "account.payment.stripe.event", "replay", []any{event})
		if state := w.state(id); state != "succeeded" {
			t.Errorf("after the replay the payment is %s", state)
		}
		if got := w.read("account.payment.stripe.event", event, "state", "payment"); got["state"] != "applied" || got["payment"] != id {
			t.Errorf("the event is %v", got)
		}
	})
}

func TestViewsOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, model := range []string{"account.payment", "account.payment.journal", "account.payment.stripe.account", "account.payment.stripe.customer",
			"account.payment.stripe.refund", "account.payment.stripe.attempt", "account.payment.stripe.event"} {
			for _, kind := range []string{"tree", "form"} {
				for _, user := range []int64{1, w.clerk} {
					view := w.call(user, model, "fields_view_get", nil, kind).(map[string]any)
					_, secret := view["fields"].(map[string]any)["secret_key"]
					if view["type"] != kind || secret && user == w.clerk {
						t.Errorf("%s %s for user %d: %v", model, kind, user, view["type"])
					}
				}
			}
		}
	})
}

// TestPullMendsACustomer pulls a customer who is there, and one who was deleted at Stripe's dashboard without an event.
func TestPullMendsACustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		w.call(w.clerk, model, "stripe_pull", []any{id})
		if got := w.read(model, id, "stripe_customer_id", "stripe_error_message"); got["stripe_customer_id"] != "cus_alice" || got["stripe_error_message"] != nil {
			t.Errorf("a customer who is there: %v", got)
		}
		if err := w.account.DeleteCustomer(t.Context(), "dashboard", "cus_alice"); err != nil {
			t.Fatal(err)
		}
		w.call(w.clerk, model, "stripe_pull", []any{id})
		if got := w.read(model, id, "stripe_customer_id"); got["stripe_customer_id"] != nil {
			t.Errorf("a customer who is deleted: %v", got)
		}
	})
}
