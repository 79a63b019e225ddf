package checkout_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paytond/checkout"
	"paytond/models"
	"paytond/models/paymentstripe"
)

// Names of the fake's world.
const (
	goodToken   = "0123456789abcdef0123456789abcdef"
	goodWebhook = "fedcba9876543210fedcba9876543210"
	payments    = "account.payment"
	customers   = "account.payment.stripe.customer"
	jsURL       = "https://js.example.com/v3/"
)

// fakeDatabases has one database; broken is one that does not open.
type fakeDatabases struct{}

func (fakeDatabases) Get(_ context.Context, name string) (*models.Database, error) {
	switch name {
	case "demo":
		return &models.Database{}, nil
	case "broken":
		return nil, context.DeadlineExceeded
	}
	return nil, models.NotFoundError("no database %q", name)
}

// fakeEngine knows one record of each model by goodToken, and one webhook.
type fakeEngine struct {
	page     paymentstripe.Page
	after    paymentstripe.Page // after a refresh
	err      error              // instead of an answer
	calls    []string
	deadline bool // whether the last context had one
}

func (f *fakeEngine) CheckoutPage(ctx context.Context, _ *models.Database, model, token string) (*paymentstripe.Page, error) {
	return f.find(ctx, "page", model, token, f.page)
}

func (f *fakeEngine) CheckoutRefresh(ctx context.Context, _ *models.Database, model, token string) (*paymentstripe.Page, error) {
	return f.find(ctx, "refresh", model, token, f.after)
}

func (f *fakeEngine) find(ctx context.Context, what, model, token string, p paymentstripe.Page) (*paymentstripe.Page, error) {
	f.note(ctx, what+" "+model)
	if f.err != nil {
		return nil, f.err
	}
	if token != goodToken {
		return nil, models.NotFoundError("no such page")
	}
	if p.Setup = model == customers; p.Setup {
		p.Amount, p.Currency, p.Description = "", "", ""
	}
	return &p, nil
}

// PageWords are those that come with the program: the fake's database is none.
func (f *fakeEngine) PageWords(ctx context.Context, _ *models.Database, languages []string) (string, paymentstripe.PageWords) {
	return (*paymentstripe.Engine)(nil).PageWords(ctx, nil, languages)
}

func (f *fakeEngine) ApplyEvent(ctx context.Context, _ *models.Database, identifier string, payload []byte, signature string) error {
	f.note(ctx, "event "+signature+" "+string(payload[:min(len(payload), 20)]))
	switch {
	case f.err != nil:
		return f.err
	case identifier != goodWebhook:
		return models.NotFoundError("no such webhook")
	case signature != "good":
		return models.BadRequest("the signature does not fit")
	}
	return nil
}

func (f *fakeEngine) note(ctx context.Context, call string) {
	f.calls = append(f.calls, call)
	_, f.deadline = ctx.Deadline()
}

// openPage is that of a payment that waits for its customer.
func openPage() paymentstripe.Page {
	return paymentstripe.Page{Payee: "Example Ltd", Party: "Alice Martin", Description: "Invoice 2023-17", Amount: "42.50", Currency: "EUR",
		Status: paymentstripe.StatusOpen, PublishableKey: "pk_test_1", ClientSecret: "pi_1_secret_2"}
}

// bench is a handler on a fake engine, with a clock that stands still and a log to look into.
type bench struct {
	engine  *fakeEngine
	handler http.Handler
	log     *strings.Builder
	now     time.Time
}

func newBench(t *testing.T, change func(*checkout.Config)) *bench {
	t.Helper()
	paid := openPage()
	paid.Status, paid.ClientSecret = paymentstripe.StatusPaid, ""
	b := &bench{engine: &fakeEngine{page: openPage(), after: paid}, log: &strings.Builder{}, now: time.Unix(1700000000, 0)}
	config := checkout.Config{Databases: fakeDatabases{}, Engine: b.engine, JSURL: jsURL,
		Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: func() time.Time { return b.now }}
	if change != nil {
		change(&config)
	}
	handler, err := checkout.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.handler = handler
	return b
}

// do makes a request; headers are "Name: value".
func (b *bench) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://pay.example.com/", strings.NewReader(body))
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = split(target)
	for _, h := range headers {
		name, text, _ := strings.Cut(h, ": ")
		r.Header.Add(name, text)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}
