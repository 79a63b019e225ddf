package stripe_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

// TestErrorClasses provokes each class of error and says what it means for the payment.
func TestErrorClasses(t *testing.T) {
	pay := stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", PaymentMethod: "pm_card_visa", Confirm: true}
	type want struct {
		kind      stripe.Kind
		code      string
		status    int
		outcome   stripe.Outcome
		untouched bool
		sameKey   bool
		charges   int
	}
	for name, test := range map[string]struct {
		arrange func(*simulator.Simulator)
		params  func(*stripe.PaymentIntentParams)
		want    want
	}{
		"card": {params: func(p *stripe.PaymentIntentParams) { p.PaymentMethod = "pm_card_chargeDeclined" },
			want: want{stripe.Card, "card_declined", 402, stripe.Declined, false, false, 1}},
		"invalid request": {params: func(p *stripe.PaymentIntentParams) { p.Amount = 1 },
			want: want{stripe.InvalidRequest, "amount_too_small", 400, stripe.Declined, true, false, 0}},
		"authentication": {arrange: func(s *simulator.Simulator) { s.Revoke(testKey, false) },
			want: want{stripe.Authentication, "api_key_expired", 401, stripe.Unknown, true, true, 0}},
		"permission": {arrange: func(s *simulator.Simulator) { s.Deny(testKey, "payment_intent.create") },
			want: want{stripe.Permission, "", 403, stripe.Unknown, true, true, 0}},
		"rate limit": {arrange: fault(simulator.TooManyRequests), want: want{stripe.RateLimit, "rate_limit", 429, stripe.Unknown, true, false, 0}},
		"lock":       {arrange: fault(simulator.LockTimeout), want: want{stripe.RateLimit, "lock_timeout", 429, stripe.Unknown, true, true, 0}},
		"API":        {arrange: fault(simulator.ServerErrorFirst), want: want{stripe.API, "", 500, stripe.Unknown, false, true, 0}},
		"API after":  {arrange: fault(simulator.ServerErrorAfter), want: want{stripe.API, "", 500, stripe.Unknown, false, true, 1}},
		"gateway":    {arrange: fault(simulator.BadGateway), want: want{stripe.API, "", 502, stripe.Unknown, false, true, 0}},
		"busy":       {arrange: fault(simulator.Unavailable), want: want{stripe.API, "", 503, stripe.Unknown, false, true, 0}},
		"cut short":  {arrange: fault(simulator.CutShort), want: want{stripe.API, "", 200, stripe.Unknown, false, true, 1}},
		"dropped":    {arrange: fault(simulator.DropBefore), want: want{stripe.Connection, "", 0, stripe.Unknown, false, true, 0}},
		"lost":       {arrange: fault(simulator.DropAfter), want: want{stripe.Connection, "", 0, stripe.Unknown, false, true, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			a, sim := simulated(t, simulator.Options{})
			if test.arrange != nil {
				test.arrange(sim)
			}
			p := pay
			if test.params != nil {
				test.params(&p)
			}
			e := mustFail(t, errorOf(a.CreatePaymentIntent(t.Context(), "k1", p)))
			got := want{e.Kind, e.Code, e.HTTPStatus, e.Outcome(), e.Untouched(), e.SameKey(), len(sim.Ledger())}
			if got != test.want {
				t.Errorf("%v\n got %+v\nwant %+v", e, got, test.want)
			}
			if e.Message == "" || e.HTTPStatus != 0 && e.RequestID == "" {
				t.Errorf("it says too little: %+v", e)
			}
		})
	}
}

func fault(kind simulator.FaultKind) func(*simulator.Simulator) {
	return func(s *simulator.Simulator) { s.AddFault(simulator.Fault{Operation: "*", Kind: kind, Count: 1}) }
}

// TestSameKeyNeverPaysTwice repeats a call of unknown outcome with its key: whatever went wrong, there is one charge in the end.
func TestSameKeyNeverPaysTwice(t *testing.T) {
	for _, kind := range []simulator.FaultKind{simulator.DropBefore, simulator.DropAfter, simulator.TooManyRequests, simulator.LockTimeout,
		simulator.ServerErrorFirst, simulator.BadGateway, simulator.CutShort, simulator.Unavailable} {
		t.Run(string(kind), func(t *testing.T) {
			a, sim := simulated(t, simulator.Options{})
			sim.AddFault(simulator.Fault{Operation: "payment_intent.create", Kind: kind, Count: 2})
			p := stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", PaymentMethod: "pm_card_visa", Confirm: true}
			var err error
			for range 3 {
				if _, err = a.CreatePaymentIntent(t.Context(), "k1", p); err == nil {
					break
				}
				if got := stripe.OutcomeOf(err); got != stripe.Unknown {
					t.Fatalf("%v is %v", err, got)
				}
			}
			if err != nil {
				t.Fatalf("the third try fails: %v", err)
			}
			if n := len(sim.Ledger()); n != 1 {
				t.Errorf("%d charges, want 1", n)
			}
		})
	}
}

// A 500 that Stripe keeps under the key comes back for ever; the payment is found by its metadata.
func TestStoredServerErrorIsLookedUp(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	sim.AddFault(simulator.Fault{Operation: "payment_intent.create", Kind: simulator.ServerErrorAfter, Count: 1})
	p := stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", PaymentMethod: "pm_card_visa", Confirm: true, Metadata: map[string]string{"payment": "5"}}
	mustFail(t, errorOf(a.CreatePaymentIntent(ctx, "k1", p)))
	e := mustFail(t, errorOf(a.CreatePaymentIntent(ctx, "k1", p)))
	if !e.Replayed || e.SameKey() || e.Outcome() != stripe.Unknown {
		t.Errorf("got %+v", e)
	}
	found := must[[]*stripe.PaymentIntent](t)(a.FindPaymentIntents(ctx, stripe.Lookup{Since: time.Now().Add(-time.Minute), Metadata: p.Metadata}))
	if len(found) != 1 || found[0].Status != stripe.Succeeded {
		t.Errorf("found %v", found)
	}
}

func TestIdempotencyErrors(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	p := stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", PaymentMethod: "pm_card_visa", Confirm: true}
	first := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "k1", p))
	again := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "k1", p))
	if first.ID != again.ID {
		t.Errorf("the same key brings %s and %s", first.ID, again.ID)
	}
	p.Amount = 2000
	e := mustFail(t, errorOf(a.CreatePaymentIntent(ctx, "k1", p)))
	if e.Kind != stripe.Idempotency || e.HTTPStatus != 400 || e.SameKey() {
		t.Errorf("other parameters: %+v", e)
	}
	e = mustFail(t, errorOf(a.CreateCustomer(ctx, "k1", stripe.CustomerParams{})))
	if e.Kind != stripe.Idempotency {
		t.Errorf("another endpoint: %+v", e)
	}
	sim.Advance(24*time.Hour + time.Second)
	later := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "k1", p))
	if later.ID == first.ID {
		t.Error("the key is remembered for longer than a day")
	}
}

func TestConcurrentUseOfAKey(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	sim.AddFault(simulator.Fault{Operation: "payment_intent.create", Busy: 300 * time.Millisecond, Count: 1})
	p := stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", PaymentMethod: "pm_card_visa", Confirm: true}
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- errorOf(a.CreatePaymentIntent(ctx, "k1", p)) }()
	}
	var failed []*stripe.Error
	for range 2 {
		if err := <-errs; err != nil {
			failed = append(failed, mustFail(t, err))
		}
	}
	if len(failed) != 1 || failed[0].Code != "idempotency_key_in_use" || failed[0].HTTPStatus != 409 || !failed[0].SameKey() || failed[0].ShouldRetry != stripe.RetryYes {
		t.Fatalf("got %v, want one call told that the key is in use", failed)
	}
	must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "k1", p))
	if n := len(sim.Ledger()); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}

func TestRetryAfter(t *testing.T) {
	a, sim := simulated(t, simulator.Options{})
	fault(simulator.Unavailable)(sim)
	e := mustFail(t, errorOf(a.RetrieveAccount(t.Context())))
	if e.RetryAfter != 2*time.Second || e.ShouldRetry != stripe.RetryYes {
		t.Errorf("got %+v", e)
	}
}

func TestConnectionErrors(t *testing.T) {
	ctx := t.Context()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	nobody := stripe.New(stripe.Config{APIBase: "http://" + closed})
	defer nobody.Close()
	e := mustFail(t, errorOf(nobody.Account(testKey).RetrieveAccount(ctx)))
	if e.Kind != stripe.Connection || !e.Untouched() || e.Outcome() != stripe.Unknown {
		t.Errorf("nobody listens: %+v", e)
	}

	gateway, sim := gatewayTo(t, simulator.Options{}, stripe.Config{HTTPClient: &http.Client{Timeout: 50 * time.Millisecond}})
	sim.AddFault(simulator.Fault{Operation: "*", Latency: 5 * time.Second})
	e = mustFail(t, errorOf(gateway.Account(testKey).RetrieveAccount(ctx)))
	if e.Kind != stripe.Connection || e.Untouched() || e.Message != "Stripe did not answer in time" {
		t.Errorf("too slow: %+v", e)
	}

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	e = mustFail(t, errorOf(gateway.Account(testKey).RetrieveAccount(cancelled)))
	if !errors.Is(e, context.Canceled) || e.Outcome() != stripe.Unknown {
		t.Errorf("cancelled: %+v", e)
	}
}

// A stranger that answers in Stripe's place gets the key at most once, and never from a redirect.
func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer other.Close()
	front := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer front.Close()
	gateway := stripe.New(stripe.Config{APIBase: front.URL})
	defer gateway.Close()
	_, err := gateway.Account(testKey).RetrieveAccount(t.Context())
	if e := mustFail(t, err); e.Outcome() != stripe.Unknown || followed {
		t.Errorf("got %+v, followed: %v", e, followed)
	}
}

// The secret key and client secrets appear in no error, no log and no printed value.
func TestSecretsStaySecret(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	gateway, sim := gatewayTo(t, simulator.Options{}, stripe.Config{Logger: logger})
	a := gateway.Account(testKey)
	pi := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(t.Context(), "k1", stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", MethodTypes: []string{"card"}}))
	logger.Info("intent", "account", a, "intent", pi)
	printed := fmt.Sprintf("%v %+v %#v %s", a, a, a, a)
	sim.Revoke(testKey, false)
	printed += mustFail(t, errorOf(a.RetrieveAccount(t.Context()))).Error()

	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"type":"invalid_request_error","message":"You sent %s"}}`, r.Header.Get("Authorization"))
	}))
	defer echo.Close()
	chatty := stripe.New(stripe.Config{APIBase: echo.URL, Logger: logger})
	defer chatty.Close()
	printed += mustFail(t, errorOf(chatty.Account(testKey).RetrieveAccount(t.Context()))).Error()
	for _, secret := range []string{testKey, strings.TrimPrefix(testKey, "sk_test_"), pi.ClientSecret} {
		if strings.Contains(log.String(), secret) || strings.Contains(printed, secret) {
			t.Errorf("%q is told:\n%s\n%s", secret, log.String(), printed)
		}
	}
}

func TestRateLimitOfOurOwn(t *testing.T) {
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	server := httptest.NewServer(sim)
	defer server.Close()
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: 20})
	defer gateway.Close()
	started := time.Now()
	for range 30 {
		must[*stripe.AccountInfo](t)(gateway.Account(testKey).RetrieveAccount(t.Context()))
	}
	if took := time.Since(started); took < 400*time.Millisecond {
		t.Errorf("30 calls at 20 a second took %v", took)
	}
	slow := stripe.New(stripe.Config{APIBase: server.URL, Rate: 1})
	defer slow.Close()
	must[*stripe.AccountInfo](t)(slow.Account(testKey).RetrieveAccount(t.Context()))
	hurry, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if e := mustFail(t, errorOf(slow.Account(testKey).RetrieveAccount(hurry))); !e.Untouched() || e.Kind != stripe.Connection {
		t.Errorf("got %+v", e)
	}
}
