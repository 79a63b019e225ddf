package paymentstripe_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/sql"
	"paytond/stripe"
	"paytond/stripe/simulator"
)

const accountModel = "account.payment.stripe.account"

// press presses a button of the account as the administrator.
func (w *world) press(button string) {
	w.t.Helper()
	w.call(1, accountModel, button, []any{w.stripeAccount})
}

func (w *world) accountRow(names ...string) map[string]any {
	w.t.Helper()
	return w.read(accountModel, w.stripeAccount, names...)
}

func (w *world) accountText(name string) string {
	w.t.Helper()
	text, _ := w.accountRow(name)[name].(string)
	return text
}

// atStripe are the ids of the webhook endpoints at Stripe.
func (w *world) atStripe() []string {
	w.t.Helper()
	list, err := w.account.ListEndpoints(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	ids := []string{}
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) writeAccount(values map[string]any) error {
	_, err := w.try(1, accountModel, "write", []any{w.stripeAccount}, values)
	return err
}

func signedEvent(id, secret string) ([]byte, string) {
	payload := []byte(`{"id":"` + id + `","object":"event","type":"customer.created","created":1700000000,"data":{"object":{"id":"cus_1","object":"customer"}}}`)
	return payload, stripe.SignatureHeader(payload, secret, time.Now())
}

func TestWebhookIsMadeRotatedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.press("create_endpoint")
		first, id := w.accountText("webhook_signing_secret"), w.accountText("webhook_endpoint_id")
		if !strings.HasPrefix(first, "whsec_") || !slices.Equal(w.atStripe(), []string{id}) {
			t.Fatalf("secret %.6s, endpoint %q, at Stripe %v; %s", first, id, w.atStripe(), w.accountText("stripe_error_message"))
		}
		list, err := w.account.ListEndpoints(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		identifier := w.accountText("webhook_identifier")
		wantURL := "http://pay.example/" + w.db.Name() + "/account_payment_stripe/webhook/" + identifier
		if e := list[0]; e.URL != wantURL || !slices.Equal(e.Events, paymentstripe.HandledEvents()) || e.Version != stripe.APIVersion {
			t.Errorf("the endpoint is %+v", e)
		}
		if got := w.attempts("stripe_account", w.stripeAccount); !slices.Equal(got, []string{"create webhook done"}) {
			t.Errorf("attempts %v", got)
		}

		w.press("create_endpoint")
		second := w.accountText("webhook_signing_secret")
		if second == first || w.accountText("webhook_previous_secret") != first || len(w.atStripe()) != 2 {
			t.Errorf("after rotation: previous is the first: %v, at Stripe %v", w.accountText("webhook_previous_secret") == first, w.atStripe())
		}
		apply := func(event, secret string) error {
			payload, signature := signedEvent(event, secret)
			return w.engine.ApplyEvent(context.Background(), w.db, identifier, payload, signature)
		}
		for event, secret := range map[string]string{"evt_a": first, "evt_b": second} {
			if err := apply(event, secret); err != nil {
				t.Errorf("%s: %v", event, err)
			}
		}
		w.press("retire_endpoint")
		if err := apply("evt_c", first); !models.IsKind(err, models.KindBadRequest) {
			t.Errorf("signed with the retired secret: %v", err)
		}
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.atStripe(); !slices.Equal(got, []string{w.accountText("webhook_endpoint_id")}) {
			t.Errorf("after retirement there is at Stripe %v", got)
		}
		if _, err := w.try(1, accountModel, "delete", []any{w.stripeAccount}); !models.IsKind(err, models.KindUser) {
			t.Errorf("an account with a webhook may be deleted: %v", err)
		}

		w.press("new_identifier") // takes the address away
		w.run("account.payment.stripe.account|fetch_events")
		got := w.accountRow("webhook_identifier", "webhook_signing_secret", "webhook_previous_secret", "webhook_endpoint_id", "webhook_doomed")
		if diff := cmp.Diff(map[string]any{"webhook_identifier": nil, "webhook_signing_secret": nil, "webhook_previous_secret": nil,
			"webhook_endpoint_id": nil, "webhook_doomed": nil}, got); diff != "" || len(w.atStripe()) != 0 {
			t.Errorf("after removal (-want +got):\n%s at Stripe %v", diff, w.atStripe())
		}
	})
}

// TestWebhookCreationOfUnknownOutcome makes one endpoint although the answer to the first call is lost.
func TestWebhookCreationOfUnknownOutcome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "webhook_endpoint.create", Count: 1})
		w.press("create_endpoint")
		if w.accountText("webhook_endpoint_id") != "" || w.accountText("webhook_url") == "" {
			t.Error("the fault had no effect")
		}
		w.run("account.payment.stripe.account|fetch_events")
		if id := w.accountText("webhook_endpoint_id"); id == "" || !slices.Equal(w.atStripe(), []string{id}) {
			t.Errorf("the endpoint is %q, at Stripe there are %v", id, w.atStripe())
		}
		if !strings.HasPrefix(w.accountText("webhook_signing_secret"), "whsec_") {
			t.Error("the signing secret is not kept")
		}
	})
}

func TestWebhookCreationRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.sim.Revoke(secretKey, false)
		w.press("create_endpoint")
		if got := w.accountText("stripe_error_message"); !strings.Contains(got, "could not be made") || w.accountText("webhook_url") != "" {
			t.Errorf("the form says %q", got)
		}
		if _, err := w.try(w.clerk, accountModel, "create_endpoint", []any{w.stripeAccount}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a clerk may create webhooks: %v", err)
		}
		if _, err := w.try(w.clerk, accountModel, "new_identifier", []any{w.stripeAccount}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a clerk may remove webhooks: %v", err)
		}
	})
}

func TestUnsignedWebhookIsWarnedOf(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		unsigned := func() any { return w.accountRow("webhook_unsigned")["webhook_unsigned"] }
		if unsigned() != false {
			t.Error("no webhook, and a warning")
		}
		identifier := w.webhook("")
		payload, _ := signedEvent("evt_1", "")
		if err := w.engine.ApplyEvent(context.Background(), w.db, identifier, payload, ""); !models.IsKind(err, models.KindBadRequest) || unsigned() != true {
			t.Errorf("an event that Stripe does not have, without a secret: %v, warning %v", err, unsigned())
		}
		w.webhook("whsec_world")
		payload, _ = signedEvent("evt_2", "")
		if err := w.engine.ApplyEvent(context.Background(), w.db, identifier, payload, ""); !models.IsKind(err, models.KindBadRequest) || unsigned() != false {
			t.Errorf("with a secret: %v, warning %v", err, unsigned())
		}
		view := w.call(1, accountModel, "fields_view_get", nil, "form").(map[string]any)
		if arch := view["arch"].(string); !strings.Contains(arch, `id="unsigned"`) || !strings.Contains(arch, "webhook_unsigned") {
			t.Errorf("the form is %s", arch)
		}
	})
}

func TestKeysThatCannotBeRight(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			values map[string]any
			ok     bool
		}{
			{map[string]any{"secret_key": "rk_test_world"}, true},
			{map[string]any{"secret_key": " sk_test_world\n"}, true},
			{map[string]any{"secret_key": "sk_live_world"}, false}, // beside a test key
			{map[string]any{"secret_key": "sk_live_world", "publishable_key": "pk_live_world"}, true},
			{map[string]any{"publishable_key": "pk_test_world"}, false},
			{map[string]any{"secret_key": "sk_test_world", "publishable_key": "pk_test_world"}, true},
			{map[string]any{"secret_key": "pk_test_world"}, false},
			{map[string]any{"publishable_key": "sk_test_world"}, false},
			{map[string]any{"secret_key": "hello"}, false},
			{map[string]any{"secret_key": "sealed:00:AA"}, false},
			{map[string]any{"secret_key": "env:NOT A NAME"}, false},
			{map[string]any{"secret_key": "file:/etc/passwd"}, false}, // no directory is configured
			{map[string]any{"webhook_signing_secret": "sk_test_world"}, false},
			{map[string]any{"webhook_signing_secret": "whsec_1"}, true},
			{map[string]any{"stripe_statement_descriptor": "SHOP 12"}, true},
			{map[string]any{"stripe_statement_descriptor": "SHOP*12"}, false},
			{map[string]any{"stripe_statement_descriptor": "Gar\u00e7on"}, false},
			{map[string]any{"stripe_statement_descriptor": "1234567"}, false},
			{map[string]any{"stripe_statement_descriptor": strings.Repeat("x", 23)}, false},
			{map[string]any{"stripe_payment_methods": []any{"card", "cash"}}, false},
		} {
			if err := w.writeAccount(c.values); (err == nil) != c.ok || err != nil && !models.IsKind(err, models.KindUser) {
				t.Errorf("%v: %v", c.values, err)
			}
		}
		if got := w.accountText("secret_key"); got != "sk_test_world" {
			t.Errorf("the key is %q", got)
		}
	})
}

func TestChangingKeysInUseIsAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		w.process(w.approved(w.alice, "10.00", nil))
		if err := w.writeAccount(map[string]any{"secret_key": secretKey, "name": "Same"}); err != nil {
			t.Errorf("the same key: %v", err)
		}
		err := w.writeAccount(map[string]any{"secret_key": "sk_test_other"})
		if !models.IsKind(err, models.KindWarning) || strings.Contains(err.Error(), "sk_test") {
			t.Errorf("another key: %v", err)
		}
	})
}

func TestKeyInTheEnvironment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if err := w.writeAccount(map[string]any{"secret_key": "env:PAYTOND_TEST_STRIPE"}); err != nil {
			t.Fatal(err)
		}
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "10.00", nil)
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_error_message")
		if text, _ := got["stripe_error_message"].(string); got["state"] != "processing" || !strings.Contains(text, "PAYTOND_TEST_STRIPE is not set") {
			t.Errorf("without the variable: %v", got)
		}
		t.Setenv("PAYTOND_TEST_STRIPE", secretKey)
		w.now()
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("with the variable the payment is %s: %v", state, w.payment(id, "stripe_error_message"))
		}
		w.press("test_keys")
		if got := w.accountText("stripe_check"); !strings.Contains(got, "test mode") || strings.Contains(got, secretKey) {
			t.Errorf("tested: %q", got)
		}
	})
}

// vaultAt is a vault with the master keys, the newest first.
func vaultAt(t *testing.T, dir string, keys ...string) *paymentstripe.Vault {
	t.Helper()
	path := filepath.Join(dir, "master")
	if err := os.WriteFile(path, []byte(strings.Join(keys, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := paymentstripe.NewVault("file:"+path, dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func masterKey(n byte) string {
	key := make([]byte, 32)
	key[31] = n
	return base64.StdEncoding.EncodeToString(key)
}

// column is what the database keeps in a column of the account.
func (w *world) column(name string) string {
	w.t.Helper()
	var text string
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		rows, err := tx.Query(sql.SQL(`SELECT `+sql.Quote(name)+` FROM "account_payment_stripe_account" WHERE "id" = ?`, w.stripeAccount))
		models.Must(err)
		text, _ = rows[0][0].(string)
	})
	return text
}

func TestKeysAreSealedAtRest(t *testing.T) {
	dir := t.TempDir()
	eachOf(t, world{vault: vaultAt(t, dir, masterKey(1))}, func(t *testing.T, w *world) {
		if stored := w.column("secret_key"); !strings.HasPrefix(stored, "sealed:") || strings.Contains(stored, "world") {
			t.Fatalf("the database keeps %q", stored)
		}
		rows := w.call(1, accountModel, "read", []any{w.stripeAccount}, []any{"secret_key"}).([]map[string]any)
		if rows[0]["secret_key"] != secretKey {
			t.Errorf("the administrator reads %v", rows[0])
		}
		const journal = "account.payment.journal"
		w.call(1, "res.user", "write", []any{int64(1)}, map[string]any{"companies": []any{[]any{"add", []any{w.company}}}, "company": w.company})
		for what, read := range map[string]struct {
			model, method string
			args          []any
		}{
			"read":             {accountModel, "read", []any{[]any{w.stripeAccount}, []any{"secret_key"}}},
			"search_read":      {accountModel, "search_read", []any{[]any{}, int64(0), nil, nil, []any{"secret_key"}}},
			"export":           {accountModel, "export_data", []any{[]any{w.stripeAccount}, []any{"secret_key"}}},
			"export of a link": {journal, "export_data", []any{[]any{w.journal}, []any{"stripe_account/secret_key"}}},
			"export by domain": {accountModel, "export_data_domain", []any{[]any{}, []any{"secret_key"}}},
			"read of a link":   {journal, "read", []any{[]any{w.journal}, []any{"stripe_account.secret_key"}}},
			"search of a link": {journal, "search_read", []any{[]any{}, int64(0), nil, nil, []any{"stripe_account.secret_key"}}},
		} {
			if got := fmt.Sprint(w.call(1, read.model, read.method, read.args...)); !strings.Contains(got, secretKey) || strings.Contains(got, "sealed:") {
				t.Errorf("%s: the administrator sees %s", what, got)
			}
			if got, err := w.try(w.clerk, read.model, read.method, read.args...); err == nil {
				t.Errorf("%s: a clerk sees %v", what, got)
			}
		}
		w.press("create_endpoint")
		w.press("create_endpoint")
		for _, name := range []string{"webhook_signing_secret", "webhook_previous_secret"} {
			if stored := w.column(name); !strings.HasPrefix(stored, "sealed:") {
				t.Errorf("the database keeps %s %.12q", name, stored)
			}
		}
		rows = w.call(1, accountModel, "read", []any{w.stripeAccount}, []any{"webhook_signing_secret", "webhook_previous_secret"}).([]map[string]any)
		for _, name := range []string{"webhook_signing_secret", "webhook_previous_secret"} {
			secret, _ := rows[0][name].(string)
			payload, signature := signedEvent("evt_"+name, secret)
			if err := w.engine.ApplyEvent(context.Background(), w.db, w.accountText("webhook_identifier"), payload, signature); err != nil || !strings.HasPrefix(secret, "whsec_") {
				t.Errorf("signed with %s: %v", name, err)
			}
		}
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "10.00", nil)
		w.process(id)
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("the payment is %s", state)
		}
		copies := w.call(1, accountModel, "copy", []any{w.stripeAccount}, map[string]any{"name": "Copy"}).([]int64)
		rows = w.call(1, accountModel, "read", []any{copies[0]}, []any{"secret_key", "webhook_signing_secret"}).([]map[string]any)
		if rows[0]["secret_key"] != secretKey || rows[0]["webhook_signing_secret"] != nil {
			t.Errorf("the copy has %v", rows[0])
		}
	})
}

func TestUpdateSealsKeysAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		dir := t.TempDir()
		if stored := w.column("secret_key"); stored != secretKey {
			t.Fatalf("without a master key the database keeps %q", stored)
		}
		update := func(keys ...string) string {
			engine := paymentstripe.NewEngine(paymentstripe.Config{Vault: vaultAt(t, dir, keys...)})
			defer engine.Close()
			registry, err := models.Build(ir.NewAccess(res.RuleContext), ir.Module(), res.Module(), country.Module(), currency.Module(),
				party.Module(), company.Module(), payment.AccountModule(), payment.Module(), paymentstripe.Module(engine))
			if err != nil {
				t.Fatal(err)
			}
			db := models.NewDatabase(registry, w.db.SQL, w.db.Log)
			if err := db.Transact(context.Background(), models.Request{}, paymentstripe.Module(engine).Ready); err != nil {
				t.Fatal(err)
			}
			return w.column("secret_key")
		}
		first := update(masterKey(1))
		second := update(masterKey(2), masterKey(1))
		if !strings.HasPrefix(first, "sealed:") || !strings.HasPrefix(second, "sealed:") || first[:15] == second[:15] {
			t.Errorf("sealed as %.15s, and with a new master key as %.15s", first, second)
		}
		if again := update(masterKey(2)); again != second {
			t.Errorf("what is sealed with the newest key is sealed again as %.15s", again)
		}
		if lost := update(masterKey(3)); lost != second {
			t.Errorf("what no key opens became %.15s", lost)
		}
	})
}

func TestOfferedMethodsAreAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if err := w.writeAccount(map[string]any{"stripe_payment_methods": []any{"card", "us_bank_account", "sepa_debit"},
			"stripe_statement_descriptor": "SHOP 12"}); err != nil {
			t.Fatal(err)
		}
		for capture, want := range map[bool][]string{true: {"card", "sepa_debit"}, false: {"card"}} {
			id := w.approved(w.bob, "12.00", map[string]any{"stripe_capture": capture, "description": "Invoice 7"})
			w.checkout("account.payment", id)
			intent, err := w.account.RetrievePaymentIntent(context.Background(), w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"].(string))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(intent.MethodTypes, want) || intent.Description != "Invoice 7" {
				t.Errorf("captured at once: %v: the intent takes %v, %q", capture, intent.MethodTypes, intent.Description)
			}
			m := intent.Metadata
			if m["database"] != w.db.Name() || m["payment"] == "" || m["company"] != "Reference Company" || m["key"] == "" {
				t.Errorf("metadata %v", m)
			}
		}
		journal := func(values map[string]any) error {
			return w.db.Transact(context.Background(), models.Request{}, func(tx *models.Tx) error {
				return payment.Journal.In(tx).Write(tx, payment.Journal.Browse(tx, w.journal), values)
			})
		}
		if err := journal(map[string]any{"stripe_payment_methods": []any{"us_bank_account"}}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a journal in EUR that takes US bank accounts only: %v", err)
		}
		if err := journal(map[string]any{"stripe_payment_methods": []any{"sepa_debit"}}); err != nil {
			t.Fatal(err)
		}
		id := w.approved(w.bob, "12.00", map[string]any{"stripe_capture": false})
		w.checkout("account.payment", id)
		if text, _ := w.payment(id, "stripe_error_message")["stripe_error_message"].(string); !strings.Contains(text, "authorised first") {
			t.Errorf("nothing fits: %q", text)
		}
	})
}

// TestFetchedEventsAreTakenOnce fetches with a webhook and without, again and again.
func TestFetchedEventsAreTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		count := func() (n int64) {
			modelstest.Do(t, w.db, func(tx *models.Tx) { n = paymentstripe.Event.Count(tx, paymentstripe.Event.EventID.Ne("")) })
			return n
		}
		fetch := func() { w.run("account.payment.stripe.account|fetch_events") }
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		for round := range 3 {
			if round == 2 {
				w.press("create_endpoint")
			}
			id := w.approved(w.alice, "10.00", nil)
			w.process(id)
			w.post()
			fetch()
			all := int64(len(w.events()))
			fetch()
			if n := count(); n != all || n == 0 {
				t.Errorf("round %d: %d events are stored, Stripe has %d", round, n, all)
			}
			if last := w.accountText("last_event"); last == "" {
				t.Error("the last event is not kept")
			}
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Event
			for _, r := range x.Search(tx, x.State.Eq("applied")) {
				if kind := x.Type.Of(r); !slices.Contains(paymentstripe.HandledEvents(), kind) {
					t.Errorf("%s is applied, but endpoints are not sent it", kind)
				}
			}
		})
	})
}
