package checkout_test

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"paytond/models"
	"paytond/models/paymentstripe"
	"paytond/stripe"
	"paytond/stripe/mocktest"
	"paytond/stripe/simulator"
)

const (
	secretKey      = "sk_test_checkout"
	publishableKey = "pk_test_checkout"
)

// till is an engine with nothing behind it but the simulator: one payment intent, one set-up intent, and no database. With it the
// page itself is tried, also in weather that a whole server is hard to bring about.
type till struct {
	account        *stripe.Account
	payment, setup string
	refusals       atomic.Int32 // how many refreshes still fail
	refreshes      atomic.Int32
	change         func(*paymentstripe.Page)
}

// startSimulator serves a simulator and a gateway to it, both closed with the test.
func startSimulator(t *testing.T) (*simulator.Simulator, *httptest.Server, *stripe.Gateway) {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Seen: mocktest.Seen(t), Wrote: mocktest.Wrote(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: -1})
	t.Cleanup(func() {
		gateway.Close()
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim, server, gateway
}

// newTill has an intent to pay 42.50 EUR and one to register a card.
func newTill(t *testing.T, gateway *stripe.Gateway) *till {
	t.Helper()
	ctx := context.Background()
	a := gateway.Account(secretKey)
	pi, err := a.CreatePaymentIntent(ctx, t.Name()+" payment", stripe.PaymentIntentParams{Amount: 4250, Currency: "eur", MethodTypes: []string{"card"}})
	if err != nil {
		t.Fatal(err)
	}
	si, err := a.CreateSetupIntent(ctx, t.Name()+" setup", stripe.SetupIntentParams{MethodTypes: []string{"card"}})
	if err != nil {
		t.Fatal(err)
	}
	return &till{account: a, payment: pi.ID, setup: si.ID}
}

func (s *till) CheckoutPage(ctx context.Context, _ *models.Database, model, token string) (*paymentstripe.Page, error) {
	if token != goodToken {
		return nil, models.NotFoundError("no such page")
	}
	p := &paymentstripe.Page{Setup: model == customers, Payee: "Reference Company", Party: "Bob Stone", PublishableKey: publishableKey}
	if err := s.read(ctx, p); err != nil {
		return nil, err
	}
	if s.change != nil {
		s.change(p)
	}
	return p, nil
}

func (s *till) read(ctx context.Context, p *paymentstripe.Page) error {
	if p.Setup {
		si, err := s.account.RetrieveSetupIntent(ctx, s.setup)
		if err != nil {
			return err
		}
		if p.Status, p.ClientSecret = statusOf(si.Status), si.ClientSecret; p.Status == paymentstripe.StatusPaid {
			p.Status = paymentstripe.StatusSaved
		}
		return nil
	}
	p.Description, p.Amount, p.Currency = "Invoice 2023-17", "42.50", "EUR"
	pi, err := s.account.RetrievePaymentIntent(ctx, s.payment)
	if err != nil {
		return err
	}
	p.Status, p.ClientSecret = statusOf(pi.Status), pi.ClientSecret
	if pi.LastError != nil {
		p.Message = pi.LastError.Message
	}
	return nil
}

func statusOf(intent string) paymentstripe.Status {
	switch intent {
	case stripe.Succeeded:
		return paymentstripe.StatusPaid
	case stripe.RequiresCapture:
		return paymentstripe.StatusAuthorized
	case stripe.Processing:
		return paymentstripe.StatusProcessing
	case stripe.Canceled:
		return paymentstripe.StatusFailed
	}
	return paymentstripe.StatusOpen
}

func (s *till) CheckoutRefresh(ctx context.Context, db *models.Database, model, token string) (*paymentstripe.Page, error) {
	s.refreshes.Add(1)
	if s.refusals.Add(-1) >= 0 {
		return nil, &models.Error{Kind: models.KindUnavailable, Message: "not now"}
	}
	return s.CheckoutPage(ctx, db, model, token)
}

func (s *till) ApplyEvent(context.Context, *models.Database, string, []byte, string) error {
	return nil
}

// PageWords are those that come with the program.
func (s *till) PageWords(ctx context.Context, _ *models.Database, languages []string) (string, paymentstripe.PageWords) {
	return (*paymentstripe.Engine)(nil).PageWords(ctx, nil, languages)
}
