package stripe_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"paytond/stripe"
)

// operation is one call of the gateway with every parameter that it can send.
type operation struct {
	name string
	call func(ctx context.Context, a *stripe.Account) error
}

func operations() []operation {
	meta := map[string]string{"payment": "7", "database": "demo"}
	lookup := stripe.Lookup{Customer: "cus_1", Since: time.Unix(1700000000, 0), Until: time.Unix(1800000000, 0), Metadata: meta}
	op := func(name string, call func(ctx context.Context, a *stripe.Account) error) operation {
		return operation{name, call}
	}
	return []operation{
		op("CreateCustomer", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateCustomer(ctx, "k1", stripe.CustomerParams{Name: "Alice", Email: "a@example.com", Phone: "+3212345", Description: "d",
				Locales: []string{"fr", "en"}, PaymentMethod: "pm_card_visa", Metadata: meta})
			return err
		}),
		op("CreateCustomer by token", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateCustomer(ctx, "k1", stripe.CustomerParams{Source: "tok_visa"})
			return err
		}),
		op("RetrieveCustomer", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrieveCustomer(ctx, "cus_1")
			return err
		}),
		op("UpdateCustomer", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.UpdateCustomer(ctx, "k2", "cus_1", stripe.CustomerParams{Name: "Alice", Locales: []string{"de"}, Source: "tok_visa", Metadata: meta})
			return err
		}),
		op("UpdateCustomer to nothing", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.UpdateCustomer(ctx, "k2", "cus_1", stripe.CustomerParams{})
			return err
		}),
		op("DeleteCustomer", func(ctx context.Context, a *stripe.Account) error { return a.DeleteCustomer(ctx, "k3", "cus_1") }),
		op("FindCustomers", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.FindCustomers(ctx, "a@example.com", lookup.Since, lookup.Until, meta)
			return err
		}),
		op("CreateSetupIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateSetupIntent(ctx, "k4", stripe.SetupIntentParams{Customer: "cus_1", MethodTypes: []string{"card", "us_bank_account"},
				Description: "d", Metadata: meta})
			return err
		}),
		op("RetrieveSetupIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrieveSetupIntent(ctx, "seti_1")
			return err
		}),
		op("CancelSetupIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CancelSetupIntent(ctx, "k5", "seti_1")
			return err
		}),
		op("CreatePaymentIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreatePaymentIntent(ctx, "k6", stripe.PaymentIntentParams{Amount: 1250, Currency: "eur", Customer: "cus_1", PaymentMethod: "pm_1",
				MethodTypes: []string{"card"}, ManualCapture: true, Confirm: true, OffSession: true, Description: "d", Metadata: meta,
				StatementSuffix: "ORDER", ReceiptEmail: "a@example.com", ReturnURL: "https://example.com/"})
			return err
		}),
		op("CreatePaymentIntent for later", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreatePaymentIntent(ctx, "k6", stripe.PaymentIntentParams{Amount: 1250, Currency: "eur", SaveForLater: true})
			return err
		}),
		op("RetrievePaymentIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrievePaymentIntent(ctx, "pi_1")
			return err
		}),
		op("ConfirmPaymentIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ConfirmPaymentIntent(ctx, "k7", "pi_1", stripe.ConfirmParams{PaymentMethod: "pm_1", OffSession: true, ReturnURL: "https://example.com/"})
			return err
		}),
		op("CapturePaymentIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CapturePaymentIntent(ctx, "k8", "pi_1", 1000)
			return err
		}),
		op("CancelPaymentIntent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CancelPaymentIntent(ctx, "k9", "pi_1", "requested_by_customer")
			return err
		}),
		op("FindPaymentIntents", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.FindPaymentIntents(ctx, lookup)
			return err
		}),
		op("CreateCharge", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateCharge(ctx, "k10", stripe.ChargeParams{Amount: 1250, Currency: "usd", Source: "tok_visa", AuthorizeOnly: true,
				Description: "d", Metadata: meta, StatementSuffix: "ORDER", ReceiptEmail: "a@example.com"})
			return err
		}),
		op("CreateCharge of a customer", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateCharge(ctx, "k10", stripe.ChargeParams{Amount: 1250, Currency: "usd", Customer: "cus_1", Source: "card_1"})
			return err
		}),
		op("RetrieveCharge", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrieveCharge(ctx, "ch_1")
			return err
		}),
		op("CaptureCharge", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CaptureCharge(ctx, "k11", "ch_1", 1000)
			return err
		}),
		op("FindCharges", func(ctx context.Context, a *stripe.Account) error { _, err := a.FindCharges(ctx, lookup); return err }),
		op("CreateRefund", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateRefund(ctx, "k12", stripe.RefundParams{Charge: "ch_1", Amount: 100, Reason: "requested_by_customer", Metadata: meta})
			return err
		}),
		op("CreateRefund of an intent", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateRefund(ctx, "k12", stripe.RefundParams{PaymentIntent: "pi_1"})
			return err
		}),
		op("RetrieveRefund", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrieveRefund(ctx, "re_1")
			return err
		}),
		op("ListRefunds", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListRefunds(ctx, "ch_1", "")
			return err
		}),
		op("ListPaymentMethods", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListPaymentMethods(ctx, "cus_1", "card")
			return err
		}),
		op("RetrievePaymentMethod", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.RetrievePaymentMethod(ctx, "pm_1")
			return err
		}),
		op("AttachPaymentMethod", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.AttachPaymentMethod(ctx, "k13", "pm_1", "cus_1")
			return err
		}),
		op("DetachPaymentMethod", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.DetachPaymentMethod(ctx, "k14", "pm_1")
			return err
		}),
		op("ListSources", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListSources(ctx, "cus_1", "card")
			return err
		}),
		op("AttachSource", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.AttachSource(ctx, "k15", "cus_1", "tok_visa")
			return err
		}),
		op("DeleteSource", func(ctx context.Context, a *stripe.Account) error {
			return a.DeleteSource(ctx, "k16", "cus_1", "card_1")
		}),
		op("ListEvents", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListEvents(ctx, stripe.EventQuery{Since: lookup.Since, Types: []string{"charge.succeeded", "charge.failed"}})
			return err
		}),
		op("ListEvents after", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListEvents(ctx, stripe.EventQuery{After: "evt_1"})
			return err
		}),
		op("RetrieveAccount", func(ctx context.Context, a *stripe.Account) error { _, err := a.RetrieveAccount(ctx); return err }),
		op("CreateEndpoint", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CreateEndpoint(ctx, "k17", stripe.EndpointParams{URL: "https://example.com/hook", Events: []string{"charge.refunded"},
				Description: "shop", Metadata: map[string]string{"key": "k17"}})
			return err
		}),
		op("ListEndpoints", func(ctx context.Context, a *stripe.Account) error { _, err := a.ListEndpoints(ctx); return err }),
		op("DeleteEndpoint", func(ctx context.Context, a *stripe.Account) error { return a.DeleteEndpoint(ctx, "k18", "we_1") }),
		op("ListDisputes", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.ListDisputes(ctx, "ch_1")
			return err
		}),
		op("CloseDispute", func(ctx context.Context, a *stripe.Account) error {
			_, err := a.CloseDispute(ctx, "k19", "dp_1")
			return err
		}),
	}
}

// TestStripeMockAcceptsEveryRequest sends every operation to Stripe's own mock, which checks parameters against Stripe's OpenAPI
// description and answers with objects of the newest API.
func TestStripeMockAcceptsEveryRequest(t *testing.T) {
	gateway := stripe.New(stripe.Config{APIBase: startStripeMock(t), Rate: -1})
	defer gateway.Close()
	account := gateway.Account("sk_test_paytond")
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			err := op.call(t.Context(), account)
			if e := stripe.AsError(err); e != nil && e.HTTPStatus == 200 && op.name == "AttachSource" {
				return // accepted; the mock answers with a connected account, which is no source that we could have attached
			}
			if err != nil {
				t.Errorf("stripe-mock refuses it: %v", err)
			}
		})
	}
}

// startStripeMock runs the stripe-mock named by STRIPE_MOCK or found in PATH and returns its address.
func startStripeMock(t *testing.T) string {
	path := os.Getenv("STRIPE_MOCK")
	if path == "" {
		path, _ = exec.LookPath("stripe-mock")
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("stripe-mock is missing")
		}
		t.Skip("stripe-mock is neither in PATH nor named by STRIPE_MOCK: go install github.com/stripe/stripe-mock@latest")
	}
	cmd := exec.Command(path, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "Listening for HTTP at address: "); ok {
			return "http://" + address
		}
	}
	t.Fatalf("stripe-mock did not say where it listens: %v", lines.Err())
	return ""
}
