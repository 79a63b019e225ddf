package paymentstripe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/currency"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/value"
)

const (
	fetchEvents = "account.payment.stripe.account|fetch_events"
	allDay      = 25 * time.Hour // longer than any debit of the simulator takes
)

// offer has the account offer methods, and makes a second journal in dollars.
func (w *world) offer(kinds ...string) (dollars int64) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		a, j, c := paymentstripe.Account, payment.Journal, currency.Currency
		models.Must(a.Write(tx, []*models.Record{a.Get(tx, w.stripeAccount)}, a.StripePaymentMethods.To(kinds)))
		usd, err := c.Create(tx, c.Name.To("US Dollar"), c.Code.To("USD"), c.Symbol.To("$"), c.Digits.To(int64(2)), c.Rounding.To(value.MustParse("0.01")))
		models.Must(err)
		made, err := j.Create(tx, j.Name.To("Stripe USD"), j.Company.To(w.company), j.Currency.To(usd), j.ProcessMethod.To("stripe"),
			paymentstripe.Journal.StripeAccount.To(w.stripeAccount))
		models.Must(err)
		dollars = made.ID()
	})
	return dollars
}

// browse does a call of Stripe.js for an intent, and gives what Stripe says: the intent, or the error.
func (w *world) browse(secret, call string, form url.Values) (said map[string]any) {
	w.t.Helper()
	id, _, _ := strings.Cut(secret, "_secret_")
	kind := map[bool]string{true: "setup_intents", false: "payment_intents"}[strings.HasPrefix(id, "seti_")]
	form.Set("key", "pk_test_world")
	form.Set("client_secret", secret)
	answer, err := http.PostForm(fmt.Sprintf("%s/v1/%s/%s/%s", w.url, kind, id, call), form)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		w.t.Fatal(err)
	}
	return said
}

// sepa is a debit of an account of the SEPA area, ach one of an account of the United States whose owner entered its number by hand.
func sepa(iban string) url.Values {
	return url.Values{"payment_method_data[type]": {"sepa_debit"}, "payment_method_data[sepa_debit][iban]": {iban},
		"payment_method_data[billing_details][name]": {"Bob Stone"}, "payment_method_data[billing_details][email]": {"bob@example.com"}}
}

func ach(number string) url.Values {
	return url.Values{"payment_method_data[type]": {"us_bank_account"}, "payment_method_data[us_bank_account][account_number]": {number},
		"payment_method_data[us_bank_account][routing_number]": {"110000000"}, "payment_method_data[us_bank_account][account_holder_type]": {"individual"},
		"payment_method_data[billing_details][name]": {"Bob Stone"}, "payment_method_data[billing_details][email]": {"bob@example.com"}}
}

func named(method string) url.Values { return url.Values{"payment_method": {method}} }

// TestDebits pays by debits that end in every way: the payment waits in processing and never succeeds before the money has come.
func TestDebits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dollars := w.offer("card", "us_bank_account", "sepa_debit")
		tests := []struct {
			name  string
			how   url.Values
			slow  bool // it is surely not over when it is looked at first
			state string
			code  any
		}{
			{"SEPA, paid", sepa("AT321904300235473204"), true, "succeeded", nil},
			{"SEPA, fails", sepa("DE78370400440532013004"), true, "failed", "generic_could_not_process"},
			{"SEPA, taken back", sepa("DE35370400440532013002"), false, "failed", "debit_not_authorized"},
			{"ACH, paid", named("pm_usBankAccount_success"), false, "succeeded", nil},
			{"ACH, no money", named("pm_usBankAccount_insufficientFunds"), false, "failed", "insufficient_funds"},
			{"ACH, closed", named("pm_usBankAccount_accountClosed"), false, "failed", "account_closed"},
			{"ACH, taken back", named("pm_usBankAccount_dispute"), false, "failed", "debit_not_authorized"},
			{"ACH, takes its time", named("pm_usBankAccount_processing"), true, "processing", nil},
		}
		ids, tokens := make([]int64, len(tests)), make([]string, len(tests))
		for i, test := range tests {
			more := map[string]any{}
			if strings.HasPrefix(test.name, "ACH") {
				more["journal"] = dollars
			}
			ids[i] = w.approved(w.bob, "42.50", more)
			tokens[i] = w.checkout("account.payment", ids[i])
			w.process(ids[i])
			if said := w.browse(w.page("account.payment", tokens[i]).ClientSecret, "confirm", test.how); said["status"] != "processing" {
				t.Fatalf("%s: Stripe says %v", test.name, said)
			}
			page := w.refresh("account.payment", tokens[i])
			if test.slow && (page.Status != paymentstripe.StatusProcessing || !page.Debit || w.state(ids[i]) != "processing") {
				t.Errorf("%s: the page is %s, the payment %s", test.name, page.Status, w.state(ids[i]))
			}
		}
		w.run(fetchEvents)
		for i, test := range tests {
			if test.slow && w.state(ids[i]) != "processing" {
				t.Errorf("%s: before the money came the payment is %s", test.name, w.state(ids[i]))
			}
		}
		w.sim.Advance(allDay)
		w.run(fetchEvents)
		w.now()
		w.post() // what is canceled at Stripe of those that failed
		w.run(fetchEvents)
		for i, test := range tests {
			got := w.payment(ids[i], "state", "stripe_error_code", "stripe_method_type", "stripe_mandate", "stripe_error_message")
			kind := map[bool]string{true: "us_bank_account", false: "sepa_debit"}[strings.HasPrefix(test.name, "ACH")]
			if got["state"] != test.state || got["stripe_error_code"] != test.code || got["stripe_method_type"] != kind {
				t.Errorf("%s: the payment is %v", test.name, got)
			}
			if mandate, _ := got["stripe_mandate"].(string); !strings.HasPrefix(mandate, "mandate_") {
				t.Errorf("%s: the mandate is %q", test.name, mandate)
			}
			if (got["stripe_error_message"] == nil) != (test.code == nil) {
				t.Errorf("%s: the clerk reads %v", test.name, got["stripe_error_message"])
			}
		}
	})
}

// TestDebitReturned has Stripe tell that a charge failed that had succeeded: the payment fails, and an older picture changes nothing.
func TestDebitReturned(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.offer("card", "sepa_debit")
		id := w.approved(w.bob, "42.50", nil)
		token := w.checkout("account.payment", id)
		w.process(id)
		w.browse(w.page("account.payment", token).ClientSecret, "confirm", sepa("DE89370400440532013000"))
		w.sim.Advance(allDay)
		w.refresh("account.payment", token)
		got := w.payment(id, "state", "stripe_charge_id", "stripe_payment_intent_id")
		if got["state"] != "succeeded" {
			t.Fatalf("the payment is %v", got)
		}
		event := fmt.Sprintf(`{"id":"evt_returned","object":"event","type":"charge.failed","created":%d,"data":{"object":{"id":%q,"object":"charge",
			"status":"failed","amount":4250,"currency":"eur","payment_intent":%q,"failure_code":"no_account","failure_message":"There is no such account."}}}`,
			time.Now().Add(2*allDay).Unix(), got["stripe_charge_id"], got["stripe_payment_intent_id"])
		w.deliver(w.webhook(signingSecret), []byte(event))
		w.refresh("account.payment", token)
		want := map[string]any{"state": "failed", "stripe_error_code": "no_account", "stripe_error_message": "There is no such account."}
		if diff := cmp.Diff(want, w.payment(id, "state", "stripe_error_code", "stripe_error_message")); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
	})
}

// TestMicrodeposits verifies an account by what arrives on it: at the first try, at the second, wrongly too often, and not in time.
func TestMicrodeposits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dollars := w.offer("us_bank_account", "sepa_debit", "card")
		begin := func() (id int64, token, secret string) {
			id = w.approved(w.bob, "42.50", map[string]any{"journal": dollars})
			token = w.checkout("account.payment", id)
			w.process(id)
			secret = w.page("account.payment", token).ClientSecret
			w.browse(secret, "confirm", ach("000123456789"))
			page := w.refresh("account.payment", token)
			if page.Status != paymentstripe.StatusVerify || !strings.Contains(page.VerifyURL, "/microdeposits/") || page.VerifyFrom.IsZero() || page.ClientSecret == "" {
				t.Fatalf("the page is %s: %q", page.Status, page.VerifyURL)
			}
			if again := w.page("account.payment", token); again.VerifyURL != page.VerifyURL {
				t.Errorf("a later visit leads to %q", again.VerifyURL)
			}
			if got := w.payment(id, "state", "stripe_verify_url"); got["state"] != "processing" || got["stripe_verify_url"] != page.VerifyURL {
				t.Errorf("the payment is %v", got)
			}
			return id, token, secret
		}
		id, token, secret := begin()
		if said := w.browse(secret, "verify_microdeposits", url.Values{"amounts[]": {"1", "2"}}); said["error"] == nil {
			t.Errorf("wrong amounts: %v", said)
		}
		if page := w.page("account.payment", token); page.Status != paymentstripe.StatusVerify {
			t.Errorf("after wrong amounts the page is %s", page.Status)
		}
		if said := w.browse(secret, "verify_microdeposits", url.Values{"amounts[]": {"32", "45"}}); said["status"] != "processing" {
			t.Errorf("right amounts: %v", said)
		}
		w.sim.Advance(allDay)
		w.run(fetchEvents)
		if got := w.payment(id, "state", "stripe_verify_url", "stripe_method_type"); got["state"] != "succeeded" || got["stripe_verify_url"] != nil || got["stripe_method_type"] != "us_bank_account" {
			t.Errorf("verified and settled the payment is %v", got)
		}

		id, token, _ = begin() // and pays by card after all
		w.confirm(w.page("account.payment", token).ClientSecret, "pm_card_visa")
		if page := w.refresh("account.payment", token); page.Status != paymentstripe.StatusPaid || page.ClientSecret != "" || page.VerifyURL != "" {
			t.Errorf("by card the page is %s: %q", page.Status, page.VerifyURL)
		}
		if got := w.payment(id, "state", "stripe_method_type", "stripe_verify_url"); got["state"] != "succeeded" || got["stripe_method_type"] != "card" || got["stripe_verify_url"] != nil {
			t.Errorf("by card the payment is %v", got)
		}

		for name, end := range map[string]func(secret string){
			"payment_method_microdeposit_verification_attempts_exceeded": func(secret string) {
				for range 10 {
					w.browse(secret, "verify_microdeposits", url.Values{"amounts[]": {"1", "2"}})
				}
			},
			"payment_method_microdeposit_verification_timeout": func(string) { w.sim.Advance(11 * 24 * time.Hour) },
		} {
			id, token, secret := begin()
			end(secret)
			w.run(fetchEvents)
			got := w.payment(id, "state", "stripe_error_code", "stripe_verify_url", "stripe_verify_arrival")
			want := map[string]any{"state": "processing", "stripe_error_code": name, "stripe_verify_url": nil, "stripe_verify_arrival": nil}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("payment (-want +got):\n%s", diff)
			}
			page := w.page("account.payment", token) // nothing was taken: another account can be tried
			if page.Status != paymentstripe.StatusOpen || page.Message == "" {
				t.Errorf("%s: the page is %s: %q", name, page.Status, page.Message)
			}
			w.browse(page.ClientSecret, "confirm", named("pm_usBankAccount_success"))
			w.sim.Advance(allDay)
			w.run(fetchEvents)
			if got := w.payment(id, "state", "stripe_error_code"); got["state"] != "succeeded" || got["stripe_error_code"] != nil {
				t.Errorf("%s: with another account the payment is %v", name, got)
			}
		}
		if diff := cmp.Diff([]string{"4250 4250 0", "4250 4250 0", "4250 4250 0", "4250 4250 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestDebitBeforeProcess pays an approved payment by debit: it becomes what the debit became as soon as it is processed, and is not
// charged again.
func TestDebitBeforeProcess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.offer("sepa_debit", "card")
		w.customer(w.bob, "cus_bob", "pm_card_visa") // who could be charged off session, too
		for iban, want := range map[string]string{"DE89370400440532013000": "succeeded", "DE62370400440532013001": "failed"} {
			id := w.approved(w.bob, "42.50", nil)
			token := w.checkout("account.payment", id)
			w.browse(w.page("account.payment", token).ClientSecret, "confirm", sepa(iban))
			w.refresh("account.payment", token)
			w.sim.Advance(allDay)
			w.run(fetchEvents)
			if state := w.state(id); state != "approved" {
				t.Errorf("%s: before it is processed the payment is %s", iban, state)
			}
			w.process(id)
			w.post()
			if state := w.state(id); state != want {
				t.Errorf("%s: processed the payment is %s: %v", iban, state, w.payment(id, "stripe_status", "stripe_error_code"))
			}
		}
		if diff := cmp.Diff([]string{"4250 4250 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestSavedAccount registers a bank account, by deposits where it must be, and has the scheduled action charge it.
func TestSavedAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.customer"
		dollars := w.offer("card", "us_bank_account", "sepa_debit")
		for owner, test := range map[int64]struct {
			how     url.Values
			journal int64
			kind    string
		}{w.alice: {sepa("DE89370400440532013000"), w.journal, "sepa_debit"}, w.bob: {ach("000123456789"), dollars, "us_bank_account"}} {
			made := w.call(w.clerk, model, "create", []any{map[string]any{"party": owner, "stripe_account": w.stripeAccount, "stripe_customer_id": ""}})
			customer := made.([]int64)[0]
			token := w.checkout(model, customer)
			page := w.page(model, token)
			if diff := cmp.Diff([]string{"card", "sepa_debit", "us_bank_account"}, page.MethodTypes); diff != "" || !page.Reusable {
				t.Errorf("the page offers (-want +got):\n%s", diff)
			}
			w.browse(page.ClientSecret, "confirm", test.how)
			if test.kind == "us_bank_account" {
				if verify := w.refresh(model, token); verify.Status != paymentstripe.StatusVerify || verify.VerifyURL == "" {
					t.Errorf("the page is %s", verify.Status)
				}
				w.browse(page.ClientSecret, "verify_microdeposits", url.Values{"amounts[]": {"32", "45"}})
			}
			if page = w.refresh(model, token); page.Status != paymentstripe.StatusSaved || !page.Debit {
				t.Errorf("%s: the page is %s", test.kind, page.Status)
			}
			got := w.read(model, customer, "stripe_mandate", "stripe_verify_url", "stripe_customer_id")
			if mandate, _ := got["stripe_mandate"].(string); !strings.HasPrefix(mandate, "mandate_") || got["stripe_verify_url"] != nil || got["stripe_customer_id"] == nil {
				t.Errorf("%s: the customer is %v", test.kind, got)
			}
			id := w.approved(owner, "12.00", map[string]any{"journal": test.journal})
			w.process(id)
			w.post()
			w.sim.Advance(allDay)
			w.run(fetchEvents)
			paid := w.payment(id, "state", "stripe_method_type", "stripe_mandate", "stripe_error_message")
			if paid["state"] != "succeeded" || paid["stripe_method_type"] != test.kind || paid["stripe_mandate"] == nil {
				t.Errorf("%s: the payment off session is %v", test.kind, paid)
			}
		}
	})
}

// TestDebitsByCurrency offers each bank debit in its own currency only, and refuses a journal that nobody could pay.
func TestDebitsByCurrency(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dollars := w.offer("card", "us_bank_account", "sepa_debit")
		for journal, want := range map[int64][]string{w.journal: {"card", "sepa_debit"}, dollars: {"card", "us_bank_account"}} {
			id := w.approved(w.bob, "42.50", map[string]any{"journal": journal})
			if diff := cmp.Diff(want, w.page("account.payment", w.checkout("account.payment", id)).MethodTypes); diff != "" {
				t.Errorf("the page offers (-want +got):\n%s", diff)
			}
		}
		err := modelstest.Try(w.db, models.Request{}, func(tx *models.Tx) error {
			return payment.Journal.Write(tx, []*models.Record{payment.Journal.Get(tx, dollars)}, paymentstripe.Journal.StripePaymentMethods.To([]string{"sepa_debit"}))
		})
		if !models.IsKind(err, models.KindUser) || !strings.Contains(fmt.Sprint(err), "USD") {
			t.Errorf("SEPA debits alone in dollars: %v", err)
		}
	})
}
