package paymentstripe_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

func TestCheckoutPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", map[string]any{"description": "Order 1001"})
		token := w.checkout("account.payment", id)
		if intent := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"]; intent == nil {
			t.Error("the button made no intent")
		}
		page := w.page("account.payment", token)
		want := &paymentstripe.Page{Status: paymentstripe.StatusOpen, Payee: "Reference Company", Party: "Bob Stone", Description: "Order 1001",
			Amount: "42.50", Currency: "EUR", PublishableKey: "pk_test_world", JSURL: "https://js.stripe.com/v3/", MethodTypes: []string{"card"}}
		if diff := cmp.Diff(want, page, cmpopts.IgnoreFields(paymentstripe.Page{}, "ClientSecret")); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
		if again := w.page("account.payment", token); again.ClientSecret != page.ClientSecret {
			t.Error("a second visit made another intent")
		}
		w.process(id) // the link is enough to process
		w.confirm(page.ClientSecret, "pm_card_visa_chargeDeclined")
		if page = w.refresh("account.payment", token); page.Status != paymentstripe.StatusOpen || page.Message != "Your card was declined." {
			t.Errorf("after a decline the page is %s: %q", page.Status, page.Message)
		}
		if state := w.state(id); state != "processing" {
			t.Errorf("after a decline on the page the payment is %s", state)
		}
		w.confirm(page.ClientSecret, "pm_card_visa")
		if page = w.refresh("account.payment", token); page.Status != paymentstripe.StatusPaid || page.ClientSecret != "" {
			t.Errorf("after the payment the page is %s", page.Status)
		}
		if got := w.payment(id, "state", "stripe_error_message"); got["state"] != "succeeded" || got["stripe_error_message"] != nil {
			t.Errorf("after the payment the record is %v", got)
		}
		if page = w.page("account.payment", token); page.Status != paymentstripe.StatusPaid {
			t.Errorf("a later visit finds the page %s", page.Status)
		}
	})
}

// TestPaidBeforeProcess pays an approved payment: it succeeds as soon as it is processed, without another charge.
func TestPaidBeforeProcess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id)
		w.confirm(w.page("account.payment", token).ClientSecret, "pm_card_visa")
		if page := w.refresh("account.payment", token); page.Status != paymentstripe.StatusPaid {
			t.Errorf("the page is %s", page.Status)
		}
		if state := w.state(id); state != "approved" {
			t.Errorf("the payment is %s", state)
		}
		w.process(id)
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("after process the payment is %s", state)
		}
		if diff := cmp.Diff([]string{"4250 4250 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestLateEventTiesNoPaymentToWhatItGaveUp takes a payment back to draft, and hears of its old intent and a refused try of it only when it
// has begun anew.
func TestLateEventTiesNoPaymentToWhatItGaveUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.confirm(page.ClientSecret, "pm_card_visa_chargeDeclined")
		old := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"]
		w.call(w.clerk, "account.payment", "draft", []any{id})
		w.post()
		identifier, late := w.webhook(""), w.events()
		untouched := func(state string, intent any) {
			t.Helper()
			for _, payload := range late {
				w.deliver(identifier, payload)
			}
			want := map[string]any{"state": state, "stripe_payment_intent_id": intent, "stripe_charge_id": nil, "stripe_error_message": nil}
			if diff := cmp.Diff(want, w.payment(id, "state", "stripe_payment_intent_id", "stripe_charge_id", "stripe_error_message")); diff != "" {
				t.Fatalf("after late events (-want +got):\n%s", diff)
			}
		}
		untouched("draft", nil)
		w.call(w.approver, "account.payment", "approve", []any{id})
		untouched("approved", nil)
		page = w.page("account.payment", w.checkout("account.payment", id))
		fresh := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"]
		if fresh == nil || fresh == old {
			t.Fatalf("the intent is %v again", fresh)
		}
		w.process(id)
		untouched("processing", fresh)
		w.confirm(page.ClientSecret, "pm_card_visa")
		w.run("account.payment.stripe.account|fetch_events")
		if state := w.state(id); state != "succeeded" {
			t.Errorf("paid anew the payment is %s", state)
		}
	})
}

func TestDraftRevokesTheLinkAndTheIntent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id)
		secret := w.page("account.payment", token).ClientSecret
		w.call(w.clerk, "account.payment", "draft", []any{id})
		if _, err := w.engine.CheckoutPage(context.Background(), w.db, "account.payment", token); !models.IsKind(err, models.KindNotFound) {
			t.Errorf("the revoked link gives %v", err)
		}
		w.post()
		got := w.payment(id, "state", "stripe_cancel", "stripe_payment_intent_id", "stripe_checkout_id")
		want := map[string]any{"state": "draft", "stripe_cancel": false, "stripe_payment_intent_id": nil, "stripe_checkout_id": nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("draft payment (-want +got):\n%s", diff)
		}
		w.confirm(secret, "pm_card_visa") // in the browser that was left open
		if diff := cmp.Diff([]string{}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
		w.call(w.approver, "account.payment", "approve", []any{id})
		fresh := w.checkout("account.payment", id)
		if fresh == token {
			t.Error("the new link has the old token")
		}
		w.confirm(w.page("account.payment", fresh).ClientSecret, "pm_card_visa")
		w.refresh("account.payment", fresh)
		if diff := cmp.Diff([]string{"4250 4250 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestLinksRunOut opens a page when its link is too old: nobody may, save who comes back to it on the same day. The button makes another.
func TestLinksRunOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id)
		var ahead time.Duration
		w.db.Now = func() time.Time { return time.Now().Add(ahead) }
		for _, tt := range []struct {
			after      time.Duration
			page, back bool
		}{{29 * 24 * time.Hour, true, true}, {30*24*time.Hour + time.Minute, false, true}, {31*24*time.Hour + time.Minute, false, false}} {
			ahead = tt.after
			_, pageErr := w.engine.CheckoutPage(context.Background(), w.db, "account.payment", token)
			_, backErr := w.engine.CheckoutRefresh(context.Background(), w.db, "account.payment", token)
			if (pageErr == nil) != tt.page || (backErr == nil) != tt.back {
				t.Errorf("after %v the page gives %v, coming back %v", tt.after, pageErr, backErr)
			}
			if pageErr != nil && !models.IsKind(pageErr, models.KindNotFound) {
				t.Errorf("after %v: %v", tt.after, pageErr)
			}
		}
		younger := token[:32] + "ffffffff"
		if _, err := w.engine.CheckoutPage(context.Background(), w.db, "account.payment", younger); !models.IsKind(err, models.KindNotFound) {
			t.Errorf("a link that was made younger gives %v", err)
		}
		fresh := w.checkout("account.payment", id)
		if fresh == token || w.page("account.payment", fresh).Status != paymentstripe.StatusOpen {
			t.Errorf("the new link is %q", fresh)
		}
		if again := w.checkout("account.payment", id); again != fresh {
			t.Error("a link that is good is made anew")
		}
	})
}

// TestPaidWhileDraft pays in the moment between the button and the cancellation: the money is shown and not forgotten.
func TestPaidWhileDraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id)
		secret := w.page("account.payment", token).ClientSecret
		w.call(w.clerk, "account.payment", "draft", []any{id})
		w.confirm(secret, "pm_card_visa")
		for range 3 {
			w.post()
			w.now()
		}
		got := w.payment(id, "state", "stripe_status", "stripe_cancel", "stripe_error_message")
		want := map[string]any{"state": "draft", "stripe_status": "succeeded", "stripe_cancel": false,
			"stripe_error_message": "The customer paid before the payment could be canceled at Stripe"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
		w.call(w.approver, "account.payment", "approve", []any{id})
		w.process(id)
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("approved and processed again the payment is %s", state)
		}
		if diff := cmp.Diff([]string{"4250 4250 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestForgedTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.checkout("account.payment", w.approved(w.bob, "42.50", nil))
		for _, link := range [][2]string{
			{"account.payment", strings.Repeat("0", 32)},
			{"account.payment", ""},
			{"account.payment", "' OR '1'='1"},
			{"account.payment.stripe.customer", strings.Repeat("0", 32)},
			{"res.user", strings.Repeat("0", 32)},
			{"no.model", strings.Repeat("0", 32)},
		} {
			if _, err := w.engine.CheckoutPage(context.Background(), w.db, link[0], link[1]); !models.IsKind(err, models.KindNotFound) {
				t.Errorf("%v gives %v", link, err)
			}
		}
	})
}

func TestCheckoutWithoutStripe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropBefore, Operation: "*"})
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id) // the button does not fail
		if page := w.page("account.payment", token); page.Status != paymentstripe.StatusUnavailable || page.ClientSecret != "" {
			t.Errorf("without Stripe the page is %s", page.Status)
		}
		w.sim.ClearFaults()
		if page := w.page("account.payment", token); page.Status != paymentstripe.StatusOpen {
			t.Errorf("with Stripe back the page is %s", page.Status)
		}
	})
}

// TestCustomerUnknownToStripe checks out a payment whose customer Stripe does not have: it can be paid all the same.
func TestCustomerUnknownToStripe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			c := paymentstripe.Customer
			_, err := c.Create(tx, c.Party.To(w.alice), c.StripeAccount.To(w.stripeAccount), c.StripeCustomerID.To("cus_nowhere"))
			models.Must(err)
		})
		id := w.approved(w.alice, "12.00", nil)
		w.process(id)
		w.post()
		if got := w.payment(id, "state", "stripe_checkout_needed"); got["state"] != "processing" || got["stripe_checkout_needed"] != true {
			t.Errorf("the payment is %v", got)
		}
		token := w.checkout("account.payment", id)
		w.confirm(w.page("account.payment", token).ClientSecret, "pm_card_visa")
		if page := w.refresh("account.payment", token); page.Status != paymentstripe.StatusPaid {
			t.Errorf("the page is %s", page.Status)
		}
	})
}

func TestCardIsAdded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		made := w.call(w.clerk, model, "create", []any{map[string]any{"party": w.bob, "stripe_account": w.stripeAccount, "stripe_customer_id": ""}})
		id := made.([]int64)[0]
		token := w.checkout(model, id)
		page := w.page(model, token)
		if page.Status != paymentstripe.StatusOpen || !page.Setup || page.ClientSecret == "" {
			t.Fatalf("the page is %s", page.Status)
		}
		w.confirm(page.ClientSecret, "pm_card_visa")
		if page = w.refresh(model, token); page.Status != paymentstripe.StatusSaved {
			t.Errorf("after the card was added the page is %s", page.Status)
		}
		if page = w.page(model, token); page.Status != paymentstripe.StatusSaved {
			t.Errorf("a later visit finds the page %s", page.Status)
		}
		got := w.read(model, id, "stripe_customer_id", "stripe_setup_intent_id", "stripe_error_message")
		known, _ := got["stripe_customer_id"].(string)
		if !strings.HasPrefix(known, "cus_") || got["stripe_setup_intent_id"] != nil || got["stripe_error_message"] != nil {
			t.Errorf("the customer is %v", got)
		}
		payment := w.approved(w.bob, "12.00", nil)
		w.process(payment)
		w.post()
		if state := w.state(payment); state != "succeeded" {
			t.Errorf("a payment by the added card is %s: %v", state, w.payment(payment, "stripe_error_message"))
		}
		if w.checkout(model, id) == token {
			t.Error("another card has the same link")
		}
	})
}

// TestUnfinishedSetupIsCanceled leaves a set-up intent alone: it is looked at now and then, canceled at Stripe after the account's delay,
// and not looked at again. Its page makes another one. One that its customer finishes at the last moment is kept.
func TestUnfinishedSetupIsCanceled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model, update = "account.payment.stripe.customer", "account.payment.stripe.customer|stripe_intent_update"
		begin := func(owner int64) (id int64, token, intent string) {
			made := w.call(w.clerk, model, "create", []any{map[string]any{"party": owner, "stripe_account": w.stripeAccount, "stripe_customer_id": ""}})
			id = made.([]int64)[0]
			token = w.checkout(model, id)
			w.page(model, token)
			intent, _ = w.read(model, id, "stripe_setup_intent_id")["stripe_setup_intent_id"].(string)
			return id, token, intent
		}
		status := func(intent string) string {
			si, err := w.account.RetrieveSetupIntent(t.Context(), intent)
			if err != nil {
				t.Fatal(err)
			}
			return si.Status
		}
		id, token, intent := begin(w.bob)
		w.now()
		w.run(update)
		if got := w.read(model, id, "stripe_setup_intent_id", "stripe_next_attempt"); got["stripe_setup_intent_id"] != intent || got["stripe_next_attempt"] == nil || status(intent) != "requires_payment_method" {
			t.Errorf("before the delay the customer is %v", got)
		}
		late, _, finished := begin(w.alice)
		si, err := w.account.RetrieveSetupIntent(t.Context(), finished)
		if err != nil {
			t.Fatal(err)
		}
		w.confirm(si.ClientSecret, "pm_card_visa")
		w.db.Now = func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
		for range 3 {
			w.now()
			w.run(update)
		}
		got := w.read(model, id, "stripe_setup_intent_id", "stripe_next_attempt", "stripe_status", "stripe_error_message")
		want := map[string]any{"stripe_setup_intent_id": nil, "stripe_next_attempt": nil, "stripe_status": "canceled", "stripe_error_message": nil}
		if diff := cmp.Diff(want, got); diff != "" || status(intent) != "canceled" {
			t.Errorf("after the delay Stripe says %s, the customer (-want +got):\n%s", status(intent), diff)
		}
		if got := w.read(model, late, "stripe_customer_id", "stripe_setup_intent_id"); got["stripe_customer_id"] == nil || got["stripe_setup_intent_id"] != nil {
			t.Errorf("the customer who was done in time is %v", got)
		}
		w.db.Now = time.Now
		if page := w.page(model, token); page.Status != paymentstripe.StatusOpen || page.ClientSecret == "" || strings.HasPrefix(page.ClientSecret, intent) {
			t.Errorf("later the page is %s", page.Status)
		}
		if _, err := w.try(1, "account.payment.stripe.account", "write", []any{w.stripeAccount}, map[string]any{"setup_intent_delay": time.Duration(0)}); !models.IsKind(err, models.KindUser) {
			t.Errorf("no delay at all: %v", err)
		}
	})
}

func TestChoicesOfTheForm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		customer := w.customer(w.alice, "cus_alice", "pm_card_visa")
		calls := 0
		w.onRequest = func(*http.Request) {
			calls++
			if n := w.db.SQL.Stats().InUse; n != 0 {
				t.Errorf("Stripe is asked while %d transactions are open", n)
			}
		}
		got := w.call(w.clerk, "account.payment", "get_stripe_customer_payment_methods",
			map[string]any{"stripe_customer": customer, "stripe_customer_payment_method": "pm_gone"}).([]any)
		if len(got) != 3 || !strings.HasPrefix(got[1].([]any)[1].(string), "Visa ****4242") || got[2].([]any)[0] != "pm_gone" {
			t.Errorf("methods are %v", got)
		}
		w.call(w.clerk, "account.payment", "get_stripe_customer_payment_methods", map[string]any{"stripe_customer": customer})
		if calls != 1 {
			t.Errorf("Stripe was asked %d times within a minute", calls)
		}
		if got := w.call(w.approver, "account.payment", "get_stripe_customer_payment_methods", map[string]any{"stripe_customer": customer + 1}); !cmp.Equal(got, []any{[]any{"", ""}}) || calls != 1 {
			t.Errorf("of nobody there are %v, after %d calls", got, calls)
		}
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropBefore, Operation: "*"})
		for _, method := range []string{"get_stripe_customer_sources", "get_stripe_customer_payment_methods"} {
			if got := w.call(w.clerk, "account.payment", method, map[string]any{"stripe_customer": nil}); !cmp.Equal(got, []any{[]any{"", ""}}) {
				t.Errorf("%s of an empty form gives %v", method, got)
			}
		}
		if got := w.call(w.clerk, "account.payment", "get_stripe_customer_sources", map[string]any{"stripe_customer": customer}); !cmp.Equal(got, []any{[]any{"", ""}}) {
			t.Errorf("without Stripe the sources are %v", got)
		}
	})
}

func TestCustomerIsDeactivatedThenErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		id := w.customer(w.alice, "cus_alice", "pm_card_visa")
		w.call(w.clerk, model, "delete", []any{id})
		w.run("account.payment.stripe.customer|stripe_delete")
		if got := w.read(model, id, "active", "stripe_customer_id"); got["active"] != false || got["stripe_customer_id"] != "cus_alice" {
			t.Errorf("right after the deletion the customer is %v", got)
		}
		w.now()
		w.run("account.payment.stripe.customer|stripe_delete")
		if got := w.read(model, id, "stripe_customer_id", "stripe_error_message"); got["stripe_customer_id"] != nil || got["stripe_error_message"] != nil {
			t.Errorf("later the customer is %v", got)
		}
		c, err := w.account.RetrieveCustomer(context.Background(), "cus_alice")
		if err != nil || !c.Deleted {
			t.Errorf("Stripe has the customer %v, %v", c, err)
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			rows, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "account_payment_stripe_customer__history" WHERE "stripe_customer_id" IS NOT NULL`))
			models.Must(err)
			if rows[0][0] != int64(0) {
				t.Errorf("%v rows of the history keep the id", rows[0][0])
			}
		})
	})
}

func TestReactivatedCustomerStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		id := w.customer(w.alice, "cus_alice")
		w.call(w.clerk, model, "write", []any{id}, map[string]any{"active": false})
		w.call(w.clerk, model, "write", []any{id}, map[string]any{"active": true})
		w.now()
		w.run("account.payment.stripe.customer|stripe_delete")
		if got := w.read(model, id, "stripe_customer_id"); got["stripe_customer_id"] != "cus_alice" {
			t.Errorf("the customer is %v", got)
		}
	})
}

func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		err := modelstest.Try(w.db, models.Request{Context: map[string]any{"_base_url": "http://pay.example"}}, func(tx *models.Tx) error {
			links, err := paymentstripe.CheckoutLinks(tx, tx.Class("account.payment").Browse(tx, []int64{id}))
			if err != nil {
				return err
			}
			want := "http://pay.example/" + w.db.Name() + "/account_payment_stripe/checkout/account.payment/"
			if !strings.HasPrefix(links[0], want) || len(links[0]) != len(want)+40 {
				return errors.New("the link is " + links[0])
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
