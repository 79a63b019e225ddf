package paymentstripe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
)

// object is an object of Stripe as its API shows it.
func (w *world) object(path string) (got map[string]any) {
	w.t.Helper()
	return w.objectOf(secretKey, path)
}

// objectOf is object at the account of another key.
func (w *world) objectOf(key, path string) (got map[string]any) {
	w.t.Helper()
	request, err := http.NewRequest("GET", w.url+"/v1/"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.SetBasicAuth(key, "")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: status %d, %v %v", path, answer.StatusCode, err, got)
	}
	return got
}

// TestStatementReachesStripe has the text for statements, of the account or of the journal, at Stripe on every way to be paid: as a suffix
// where it is a card, as the whole where it is a debit. What one statement's text cannot be is refused here.
func TestStatementReachesStripe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model = "account.payment.stripe.account"
		dollars := w.offer("card", "us_bank_account")
		w.call(1, model, "write", []any{w.stripeAccount}, map[string]any{"stripe_statement_descriptor": "SHOP EXAMPLE"})
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			c := tx.Class("account.payment.journal")
			models.Must(c.Write(tx, c.Browse(tx, []int64{dollars}), models.Values{"stripe_payment_methods": []string{"us_bank_account"}, "stripe_statement_descriptor": "DEBITS EXAMPLE"}))
		})
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		token := w.approved(w.bob, "10.00", nil)
		w.withToken(token, "tok_visa")
		saved := w.approved(w.alice, "11.00", nil)
		page := w.approved(w.bob, "12.00", nil)
		debit := w.approved(w.bob, "13.00", map[string]any{"journal": dollars})
		w.page("account.payment", w.checkout("account.payment", page))
		w.page("account.payment", w.checkout("account.payment", debit))
		w.process(token, saved, page)
		w.process(debit)
		w.post()
		for name, test := range map[string]struct {
			id            int64
			field         string
			path          string
			whole, suffix any
		}{
			"token":         {token, "stripe_charge_id", "charges/", nil, "SHOP EXAMPLE"},
			"saved card":    {saved, "stripe_payment_intent_id", "payment_intents/", nil, "SHOP EXAMPLE"},
			"checkout page": {page, "stripe_payment_intent_id", "payment_intents/", nil, "SHOP EXAMPLE"},
			"bank debit":    {debit, "stripe_payment_intent_id", "payment_intents/", "DEBITS EXAMPLE", nil},
		} {
			id, _ := w.payment(test.id, test.field)[test.field].(string)
			got := w.object(test.path + id)
			if got["statement_descriptor"] != test.whole || got["statement_descriptor_suffix"] != test.suffix {
				t.Errorf("%s: Stripe prints %v, after the company %v", name, got["statement_descriptor"], got["statement_descriptor_suffix"])
			}
		}
		for _, text := range []string{"<b>", "12345", "a*b", "Ünlü", "longer than a statement is"} {
			if _, err := w.try(1, model, "write", []any{w.stripeAccount}, map[string]any{"stripe_statement_descriptor": text}); !models.IsKind(err, models.KindUser) {
				t.Errorf("the statement %q: %v", text, err)
			}
		}
	})
}

// TestObjectsCanBeMatched finds on every object at Stripe the database, the payment, the company and who it is for, so that Stripe's
// dashboard and the list of payments can be held against each other.
func TestObjectsCanBeMatched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", map[string]any{"description": "Order 1001"})
		token := w.checkout("account.payment", id)
		w.process(id)
		w.confirm(w.page("account.payment", token).ClientSecret, "pm_card_visa")
		w.refresh("account.payment", token)
		refund := w.refund(id, "2.50")
		w.refundNow()
		customer := w.call(w.clerk, "account.payment.stripe.customer", "create", []any{map[string]any{"party": w.bob, "stripe_account": w.stripeAccount, "stripe_customer_id": ""}}).([]int64)[0]
		setup := w.page("account.payment.stripe.customer", w.checkout("account.payment.stripe.customer", customer))
		intent := w.payment(id, "stripe_payment_intent_id", "stripe_charge_id")
		setupID, _ := w.read("account.payment.stripe.customer", customer, "stripe_setup_intent_id")["stripe_setup_intent_id"].(string)
		w.confirm(setup.ClientSecret, "pm_card_visa")
		w.run("account.payment.stripe.customer|stripe_intent_update")
		w.now()
		w.run("account.payment.stripe.customer|stripe_intent_update")
		known, _ := w.read("account.payment.stripe.customer", customer, "stripe_customer_id")["stripe_customer_id"].(string)
		for path, of := range map[string][2]any{
			"payment_intents/" + intent["stripe_payment_intent_id"].(string):                          {"payment", id},
			"charges/" + intent["stripe_charge_id"].(string):                                          {"payment", id},
			"refunds/" + w.read(refundModel, refund, "stripe_refund_id")["stripe_refund_id"].(string): {"refund", refund},
			"setup_intents/" + setupID:                                                                {"customer", customer},
			"customers/" + known:                                                                      {"customer", customer},
		} {
			got := w.object(path)
			metadata, _ := got["metadata"].(map[string]any)
			if metadata["database"] != w.db.Name() || metadata[of[0].(string)] != fmt.Sprint(of[1]) || metadata["key"] == nil {
				t.Errorf("%s: the metadata are %v", path, metadata)
			}
		}
		if got := w.object("payment_intents/" + intent["stripe_payment_intent_id"].(string)); got["description"] != "Order 1001" {
			t.Errorf("the intent is described as %v", got["description"])
		}
	})
}

// TestChargedBySource makes a customer of a token, charges what it brought as a source of the customer, and refuses one that is not his.
func TestChargedBySource(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const model, create = "account.payment.stripe.customer", "account.payment.stripe.customer|stripe_create"
		byToken := func(owner int64, token string) (id int64) {
			made := w.call(w.clerk, model, "create", []any{map[string]any{"party": owner, "stripe_account": w.stripeAccount, "stripe_token": token}})
			return made.([]int64)[0]
		}
		customer, refused := byToken(w.bob, "tok_visa"), byToken(w.alice, "tok_chargeDeclined")
		w.run(create)
		got := w.read(model, customer, "stripe_customer_id", "stripe_token", "stripe_error_message")
		if known, _ := got["stripe_customer_id"].(string); known == "" || got["stripe_token"] != nil || got["stripe_error_message"] != nil {
			t.Fatalf("the customer is %v", got)
		}
		if got := w.read(model, refused, "stripe_customer_id", "stripe_token", "stripe_error_code", "stripe_error_message"); got["stripe_customer_id"] != nil || got["stripe_token"] != nil ||
			got["stripe_error_code"] != "generic_decline" || got["stripe_error_message"] != "Your card was declined." {
			t.Errorf("the customer by a card that is refused is %v", got)
		}
		sources := w.call(w.clerk, "account.payment", "get_stripe_customer_sources", map[string]any{"stripe_customer": customer}).([]any)
		if len(sources) != 2 {
			t.Fatalf("the sources are %v", sources)
		}
		source := sources[1].([]any)[0].(string)
		id := w.approved(w.bob, "17.00", map[string]any{"stripe_customer": customer, "stripe_customer_source": source, "stripe_customer_source_selection": source})
		stranger := w.approved(w.bob, "18.00", map[string]any{"stripe_customer": customer, "stripe_customer_source": "card_of_nobody"})
		w.process(id, stranger)
		w.post()
		paid := w.payment(id, "state", "stripe_charge_id", "stripe_payment_intent_id", "stripe_error_message")
		if paid["state"] != "succeeded" || paid["stripe_charge_id"] == nil || paid["stripe_payment_intent_id"] != nil || paid["stripe_error_message"] != nil {
			t.Errorf("the payment by source is %v", paid)
		}
		if got := w.payment(stranger, "state", "stripe_error_code", "stripe_error_param"); got["state"] != "failed" || got["stripe_error_code"] == nil {
			t.Errorf("the payment by the source of nobody is %v", got)
		}
		if diff := cmp.Diff([]string{"1700 1700 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
		charge := w.object("charges/" + url.PathEscape(paid["stripe_charge_id"].(string)))
		if charge["customer"] != got["stripe_customer_id"] || charge["source"].(map[string]any)["id"] != source {
			t.Errorf("Stripe charged %v of %v", charge["source"], charge["customer"])
		}
	})
}
