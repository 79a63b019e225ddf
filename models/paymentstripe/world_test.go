package paymentstripe_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

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
	"paytond/models/value"
	"paytond/sql"
	"paytond/sql/sqltest"
	"paytond/stripe"
	"paytond/stripe/mocktest"
	"paytond/stripe/simulator"
)

func TestMain(m *testing.M) {
	os.Exit(mocktest.Main(func() int { return modelstest.Main(m) }))
}

const secretKey = "sk_test_world"

// world is a database of a company that takes payments through Stripe, and Stripe.
type world struct {
	t       *testing.T
	db      *models.Database
	sim     *simulator.Simulator
	url     string // of the simulator
	engine  *paymentstripe.Engine
	account *stripe.Account // Stripe as a dashboard or browser sees it

	company, alice, bob, euro, stripeAccount, journal int64
	clerk, approver                                   int64
	customers                                         map[string]int64 // by id at Stripe

	mailFrom string // the sender of e-mails; "" where no mail server is configured
	vault    *paymentstripe.Vault
	workers  int                       // jobs at once for an account; 0 for the engine's own
	times    paymentstripe.Times       // the engine's
	log      *slog.Logger              // the engine's; nil for none
	reached  func(paymentstripe.Point) // is told of the engine's points; nil for nobody

	onRequest  func(*http.Request)                 // is told of each request to Stripe; nil for nobody
	onResponse func(*http.Request, *http.Response) // may change each answer of Stripe; nil for nobody
}

// RoundTrip sends a request of the gateway to Stripe.
func (w *world) RoundTrip(request *http.Request) (*http.Response, error) {
	if w.onRequest != nil {
		w.onRequest(request)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && w.onResponse != nil {
		w.onResponse(request, answer)
	}
	return answer, err
}

func (w *world) tell(p paymentstripe.Point) {
	if w.reached != nil {
		w.reached(p)
	}
}

// each runs the test on both databases, each with a Stripe of its own.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	eachWithMail(t, "shop@example.com", test)
}

// eachWithMail is each with another sender of e-mails, or without a mail server.
func eachWithMail(t *testing.T, from string, test func(t *testing.T, w *world)) {
	eachOf(t, world{mailFrom: from}, test)
}

// eachOf is each with worlds like the one given.
func eachOf(t *testing.T, like world, test func(t *testing.T, w *world)) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		test(t, worldOn(t, like, func(w *world) *models.Database {
			return modelstest.Open(t, s, ir.NewAccess(res.RuleContext), w.modules()...)
		}))
	})
}

// worldOn is a world like the one given, in the database that open makes for it.
func worldOn(t *testing.T, like world, open func(*world) *models.Database) *world {
	w := &world{t: t, customers: map[string]int64{}, mailFrom: like.mailFrom, vault: like.vault, workers: like.workers, times: like.times, log: like.log}
	if w.times.Form == 0 {
		w.times.Form = time.Minute // a loaded machine is slow
	}
	w.startStripe()
	w.db = open(w)
	modelstest.Do(t, w.db, w.seed)
	return w
}

func (w *world) modules() []*models.Module {
	return []*models.Module{ir.ModuleWith(ir.Config{From: w.mailFrom}), res.Module(), country.Module(), currency.Module(), party.Module(), company.Module(),
		payment.AccountModule(), payment.Module(), paymentstripe.Module(w.engine)}
}

func (w *world) startStripe() {
	w.t.Helper()
	sim, err := simulator.New(simulator.Options{Seen: mocktest.Seen(w.t), Wrote: mocktest.Wrote(w.t)})
	if err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: -1, HTTPClient: &http.Client{Timeout: stripe.DefaultTimeout, Transport: w}})
	w.sim, w.url, w.account = sim, server.URL, gateway.Account(secretKey)
	w.engine = paymentstripe.NewEngine(paymentstripe.Config{Gateway: gateway, PublicURL: "http://pay.example", Vault: w.vault,
		Workers: w.workers, Times: w.times, Log: w.log, Reached: w.tell})
	w.t.Cleanup(func() {
		w.engine.Close()
		gateway.Close()
		server.Close()
		if err := sim.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) seed(tx *models.Tx) {
	must := func(r *models.Record, err error) int64 {
		w.t.Helper()
		models.Must(err)
		return r.ID()
	}
	c, p := currency.Currency, party.Party
	w.euro = must(c.Create(tx, c.Name.To("Euro"), c.Code.To("EUR"), c.Symbol.To("€"), c.Digits.To(int64(2)), c.Rounding.To(value.MustParse("0.01"))))
	own := must(p.Create(tx, p.Name.To("Reference Company")))
	w.alice, w.bob = must(p.Create(tx, p.Name.To("Alice Martin"))), must(p.Create(tx, p.Name.To("Bob Stone")))
	w.company = must(company.Company.Create(tx, company.Company.Party.To(own), company.Company.Currency.To(w.euro)))
	a := paymentstripe.Account
	w.stripeAccount = must(a.Create(tx, a.Name.To("Stripe Test"), a.SecretKey.To(secretKey), a.PublishableKey.To("pk_test_world")))
	j := payment.Journal
	w.journal = must(j.Create(tx, j.Name.To("Stripe EUR"), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("stripe"),
		paymentstripe.Journal.StripeAccount.To(w.stripeAccount)))
	user := func(login string, groups ...models.Ref) int64 {
		var ids []any
		for _, g := range groups {
			ids = append(ids, tx.Ref(g))
		}
		return must(res.User.Create(tx, res.User.Name.To(login), res.User.Login.To(login), models.Assign{Field: "company", Value: w.company},
			models.Assign{Field: "companies", Value: []any{[]any{"add", []any{w.company}}}},
			models.Assign{Field: "groups", Value: []any{[]any{"add", ids}}}))
	}
	w.clerk = user("clerk", "account_payment.group_payment", "account.group_account")
	w.approver = user("approver", "account_payment.group_payment_approval")
}

// customer makes a customer of the party, here and at Stripe, with payment methods such as "pm_card_visa".
func (w *world) customer(owner int64, id string, methods ...string) int64 {
	w.t.Helper()
	if err := w.sim.SeedCustomer(secretKey, simulator.Seed{ID: id, Methods: methods}); err != nil {
		w.t.Fatal(err)
	}
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		c := paymentstripe.Customer
		r, err := c.Create(tx, c.Party.To(owner), c.StripeAccount.To(w.stripeAccount), c.StripeCustomerID.To(id))
		models.Must(err)
		w.customers[id] = r.ID()
	})
	return w.customers[id]
}

func (w *world) try(user int64, model, method string, args ...any) (any, error) {
	return modelstest.Call(w.db, user, map[string]any{"company": w.company, "language": "en", "_base_url": "http://pay.example"}, model, method, args...)
}

func (w *world) call(user int64, model, method string, args ...any) any {
	w.t.Helper()
	got, err := w.try(user, model, method, args...)
	if err != nil {
		w.t.Fatalf("%s.%s: %v", model, method, err)
	}
	return got
}

// approved creates a payment of the party as a client does, and approves it.
func (w *world) approved(owner int64, amount string, more map[string]any) int64 {
	w.t.Helper()
	values := map[string]any{"journal": w.journal, "party": owner, "kind": "receivable", "amount": value.MustParse(amount)}
	for name, v := range more {
		values[name] = v
	}
	id := w.call(w.clerk, "account.payment", "create", []any{values}).([]int64)[0]
	w.call(w.approver, "account.payment", "approve", []any{id})
	return id
}

// process puts payments in processing as the wizard does.
func (w *world) process(ids ...int64) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		_, err := payment.Group.Process(tx, payment.Payment.Browse(tx, ids...))
		models.Must(err)
	})
}

// run runs a scheduled action.
func (w *world) run(action string) {
	w.t.Helper()
	if err := w.engine.Actions()[action](context.Background(), w.db); err != nil {
		w.t.Fatalf("%s: %v", action, err)
	}
}

func (w *world) post() { w.t.Helper(); w.run("account.payment|stripe_charge") }

// now makes every row that waits for its next try due, and the time that deactivated customers are left alone pass.
func (w *world) now() {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		for _, table := range []string{"account_payment", "account_payment_stripe_refund", "account_payment_stripe_customer"} {
			_, err := tx.Exec(sql.SQL(`UPDATE ` + sql.Quote(table) + ` SET "stripe_next_attempt" = ` + tx.Dialect().Now() +
				` WHERE "stripe_next_attempt" IS NOT NULL`))
			models.Must(err)
		}
		_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_customer" SET "write_date" = `+tx.Dialect().Plus(`"write_date"`, "?")+
			` WHERE "active" = ?`, -time.Hour, false))
		models.Must(err)
	})
}

// read reads fields of a record as the server sees them.
func (w *world) read(model string, id int64, names ...string) map[string]any {
	w.t.Helper()
	row := map[string]any{}
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		r := tx.Class(model).Browse(tx, []int64{id})[0]
		for _, name := range names {
			row[name] = r.Get(name)
			if d, ok := row[name].(value.Decimal); ok {
				row[name] = d.Plain()
			}
		}
	})
	return row
}

func (w *world) payment(id int64, names ...string) map[string]any {
	w.t.Helper()
	return w.read("account.payment", id, names...)
}

func (w *world) state(id int64) string {
	w.t.Helper()
	text, _ := w.payment(id, "state")["state"].(string)
	return text
}

// attempts are the operations and outcomes of the attempts of a record, oldest first; calls that only read are left out.
func (w *world) attempts(field string, id int64) []string {
	w.t.Helper()
	var list []string
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		a := paymentstripe.Attempt
		list = nil
		for _, r := range a.Search(tx, a.IdempotencyKey.Ne(nil), models.OrderBy("id")) {
			if owner, _ := r.Get(field).(int64); owner == id {
				list = append(list, a.Operation.Of(r)+" "+a.Outcome.Of(r))
			}
		}
	})
	return list
}

// confirm does what Stripe.js does: it pays an intent, or finishes a set-up intent, with a payment method.
func (w *world) confirm(secret, method string) {
	w.t.Helper()
	id, _, _ := strings.Cut(secret, "_secret_")
	kind := map[bool]string{true: "setup_intents", false: "payment_intents"}[strings.HasPrefix(id, "seti_")]
	request, err := http.NewRequest("POST", fmt.Sprintf("%s/v1/%s/%s/confirm", w.url, kind, id),
		strings.NewReader(url.Values{"payment_method": {method}, "client_secret": {secret}}.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer pk_test_world")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 500 || answer.StatusCode == 401 || answer.StatusCode == 404 {
		w.t.Fatalf("confirm %s with %s: status %d", id, method, answer.StatusCode)
	}
}

// checkout presses the button and gives the token of the page.
func (w *world) checkout(model string, id int64) string {
	w.t.Helper()
	w.call(w.clerk, model, "stripe_checkout", []any{id})
	token, _ := w.read(model, id, "stripe_checkout_id")["stripe_checkout_id"].(string)
	if len(token) != 40 {
		w.t.Fatalf("the token is %q", token)
	}
	return token
}

func (w *world) page(model, token string) *paymentstripe.Page {
	w.t.Helper()
	p, err := w.engine.CheckoutPage(context.Background(), w.db, model, token)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) refresh(model, token string) *paymentstripe.Page {
	w.t.Helper()
	p, err := w.engine.CheckoutRefresh(context.Background(), w.db, model, token)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// ledger lists the charges at Stripe that took money, as "amount captured refunded".
func (w *world) ledger() []string {
	list := []string{}
	for _, l := range w.sim.Ledger() {
		if l.Status != "failed" {
			list = append(list, fmt.Sprint(l.Amount, l.Captured, l.Refunded))
		}
	}
	return list
}

func decimal(text string) value.Decimal { return value.MustParse(text) }

func processAll(tx *models.Tx, ids ...int64) ([]*models.Record, error) {
	return payment.Group.Process(tx, payment.Payment.Browse(tx, ids...))
}
