package simulator_test

import (
	"context"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
)

// browser opens a Chromium without a window. CHROMIUM names the program; where there is none, CI fails and others skip.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is missing")
		}
		t.Skip("Chromium is neither in PATH nor named by CHROMIUM")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	base, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	alloc, stop := chromedp.NewExecAllocator(base, options...)
	ctx, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log("closing the browser:", err)
		}
		closeTab()
		stop()
		cancel()
	})
	return ctx
}

// shop is a merchant's page under a strict content security policy; it notes what the browser sends to the merchant.
type shop struct {
	server *httptest.Server
	page   pageValues
	mu     sync.Mutex
	got    strings.Builder
}

type pageValues struct{ Stripe, Key, Secret, Kind, Element string }

func openShop(t *testing.T, page pageValues) *shop {
	t.Helper()
	s := &shop{page: page}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.got.WriteString(r.URL.String() + "\n" + string(body) + "\n")
	s.mu.Unlock()
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self' "+s.page.Stripe+"; connect-src "+s.page.Stripe+
		"; frame-src "+s.page.Stripe+"; style-src 'self'; form-action 'self'; base-uri 'none'")
	switch r.URL.Path {
	case "/":
		template.Must(template.ParseFiles("testdata/shop.html")).Execute(w, s.page)
	case "/shop.js":
		http.ServeFile(w, r, "testdata/shop.js")
	default:
		io.WriteString(w, "<!doctype html><title>Back</title><p id=back>"+template.HTMLEscapeString(r.URL.Query().Get("redirect_status"))+"</p>")
	}
}

// outcome is what the page wrote about the result.
type outcome struct{ Object, Status, Last4, Error, Decline, Type, Message string }

// pay opens the shop, types the card and presses the button; challenge is pressed in the bank's dialog, where not "".
func pay(t *testing.T, ctx context.Context, s *shop, card, challenge string) outcome {
	t.Helper()
	steps := []chromedp.Action[chromedp.Void]{chromedp.Navigate(s.server.URL + "/"), chromedp.WaitVisible("body.ready")}
	if card != "" {
		steps = append(steps, chromedp.SendKeys(`input[name="cardnumber"]`, card), chromedp.SendKeys(`input[name="exp-date"]`, "1234"),
			chromedp.SendKeys(`input[name="cvc"]`, "123"))
	}
	steps = append(steps, chromedp.Click("#pay"))
	if challenge != "" {
		steps = append(steps, chromedp.WaitVisible("#simulator-challenge"), chromedp.Click("#simulator-"+challenge))
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
	raw, err := chromedp.Run(ctx, chromedp.Poll[string](`document.getElementById('result').textContent`))
	if err != nil {
		t.Fatal(err)
	}
	var out outcome
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		t.Fatalf("the page says %q: %v", raw, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if card != "" && strings.Contains(s.got.String(), card) {
		t.Errorf("the card's number reached the merchant: %s", s.got.String())
	}
	return out
}

func TestBrowserPays(t *testing.T) {
	ctx := browser(t)
	sim, account, base := started(t)
	for name, test := range map[string]struct {
		card, challenge string
		want            outcome
		status          string // of the intent afterwards
		charges         int
	}{
		"success": {"4242424242424242", "", outcome{Object: "payment_intent", Status: "succeeded"}, stripe.Succeeded, 1},
		"decline": {"4000000000009995", "", outcome{Error: "card_declined", Decline: "insufficient_funds", Type: "card_error", Message: "Your card has insufficient funds."},
			stripe.RequiresPaymentMethod, 1},
		"3-D Secure passed": {"4000000000003220", "complete", outcome{Object: "payment_intent", Status: "succeeded"}, stripe.Succeeded, 1},
		"3-D Secure failed": {"4000000000003220", "fail", outcome{Error: "payment_intent_authentication_failure", Type: "invalid_request_error",
			Message: "We are unable to authenticate your payment method. Please choose a different payment method and try again."}, stripe.RequiresPaymentMethod, 0},
		"3-D Secure passed, then declined": {"4000008260003178", "complete", outcome{Error: "card_declined", Decline: "insufficient_funds", Type: "card_error",
			Message: "Your card has insufficient funds."}, stripe.RequiresPaymentMethod, 1},
		"number mistyped": {"4242424242424241", "", outcome{Error: "invalid_number", Type: "validation_error", Message: "Your card number is invalid."},
			stripe.RequiresPaymentMethod, 0},
		"no test card": {"4532015112830366", "", outcome{Error: "card_declined", Type: "card_error",
			Message: "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing."},
			stripe.RequiresPaymentMethod, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(sim.Ledger())
			pi, err := account.CreatePaymentIntent(ctx, "pi "+name, stripe.PaymentIntentParams{Amount: 1250, Currency: "eur", MethodTypes: []string{"card"},
				Metadata: map[string]string{"payment": "7"}})
			if err != nil {
				t.Fatal(err)
			}
			got := pay(t, ctx, openShop(t, pageValues{base, publishableKey, pi.ClientSecret, "payment", "card"}), test.card, test.challenge)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the page says: %s", diff)
			}
			if pi, err = account.RetrievePaymentIntent(ctx, pi.ID); err != nil || pi.Status != test.status {
				t.Errorf("the intent is %+v, %v, want %s", pi, err, test.status)
			}
			if n := len(sim.Ledger()) - before; n != test.charges {
				t.Errorf("%d charges, want %d", n, test.charges)
			}
		})
	}
}

func TestBrowserKeepsCards(t *testing.T) {
	ctx := browser(t)
	_, account, base := started(t)
	c, err := account.CreateCustomer(ctx, "c", stripe.CustomerParams{Name: "Alice"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		card, challenge, kind, element string
		want                           outcome
		kept                           int
	}{
		"plain":             {"5555555555554444", "", "setup", "card", outcome{Object: "setup_intent", Status: "succeeded"}, 1},
		"refused":           {"4000000000000002", "", "setup", "card", outcome{Error: "card_declined", Decline: "generic_decline", Type: "card_error", Message: "Your card was declined."}, 0},
		"with 3-D Secure":   {"4000002500003155", "complete", "setup", "card", outcome{Object: "setup_intent", Status: "succeeded"}, 1},
		"3-D Secure failed": {"4000002500003155", "fail", "elementSetup", "payment", outcome{Error: "setup_intent_authentication_failure", Type: "invalid_request_error", Message: "We are unable to authenticate your payment method. Please choose a different payment method and try again."}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			before, err := account.ListPaymentMethods(ctx, c.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			si, err := account.CreateSetupIntent(ctx, "si "+name, stripe.SetupIntentParams{Customer: c.ID, MethodTypes: []string{"card"}})
			if err != nil {
				t.Fatal(err)
			}
			got := pay(t, ctx, openShop(t, pageValues{base, publishableKey, si.ClientSecret, test.kind, test.element}), test.card, test.challenge)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the page says: %s", diff)
			}
			after, err := account.ListPaymentMethods(ctx, c.ID, "")
			if err != nil || len(after)-len(before) != test.kept {
				t.Errorf("%d cards more, %v, want %d", len(after)-len(before), err, test.kept)
			}
		})
	}
}

func TestBrowserOtherWays(t *testing.T) {
	ctx := browser(t)
	sim, account, base := started(t)
	intent := func(key string, p stripe.PaymentIntentParams) *stripe.PaymentIntent {
		t.Helper()
		p.Amount = 1250
		pi, err := account.CreatePaymentIntent(ctx, key, p)
		if err != nil {
			t.Fatal(err)
		}
		return pi
	}
	card := intent("p1", stripe.PaymentIntentParams{Currency: "eur", MethodTypes: []string{"card"}})
	got := pay(t, ctx, openShop(t, pageValues{base, publishableKey, card.ClientSecret, "element", "payment"}), "4242424242424242", "")
	if got != (outcome{Object: "payment_intent", Status: "succeeded"}) {
		t.Errorf("by the payment element: %+v", got)
	}
	got = pay(t, ctx, openShop(t, pageValues{base, publishableKey, "pi_1_secret_1", "token", "card"}), "4242424242424242", "")
	if got != (outcome{Object: "token", Last4: "4242"}) {
		t.Errorf("token: %+v", got)
	}
	got = pay(t, ctx, openShop(t, pageValues{base, publishableKey, "pi_1_secret_1", "method", "card"}), "4242424242424242", "")
	if got != (outcome{Object: "payment_method", Last4: "4242"}) {
		t.Errorf("payment method: %+v", got)
	}
	bank := intent("p2", stripe.PaymentIntentParams{Currency: "usd", MethodTypes: []string{"us_bank_account"}})
	got = pay(t, ctx, openShop(t, pageValues{base, publishableKey, bank.ClientSecret, "bank", "card"}), "", "link")
	if got != (outcome{Object: "payment_intent", Status: "processing"}) {
		t.Errorf("by bank account: %+v", got)
	}
	sim.Advance(time.Hour)
	if bank, err := account.RetrievePaymentIntent(ctx, bank.ID); err != nil || bank.Status != stripe.Succeeded {
		t.Errorf("later the debit is %+v, %v", bank, err)
	}
}

// A payment that was confirmed on the server sends the customer to the bank's page and back to the shop.
func TestBrowserRedirect(t *testing.T) {
	ctx := browser(t)
	_, account, base := started(t)
	s := openShop(t, pageValues{Stripe: base})
	for challenge, want := range map[string]string{"complete": "succeeded", "fail": "failed"} {
		pi, err := account.CreatePaymentIntent(ctx, "p"+challenge, stripe.PaymentIntentParams{Amount: 1250, Currency: "eur", PaymentMethod: "pm_card_authenticationRequired",
			Confirm: true, ReturnURL: s.server.URL + "/back?order=7"})
		if err != nil {
			t.Fatal(err)
		}
		if pi.Status != stripe.RequiresAction || pi.NextAction == nil || pi.NextAction.URL == "" {
			t.Fatalf("got %+v", pi)
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(pi.NextAction.URL), chromedp.Click("#simulator-"+challenge), chromedp.WaitVisible("#back")); err != nil {
			t.Fatal(err)
		}
		if got, err := chromedp.Run(ctx, chromedp.Text("#back")); err != nil || got != want {
			t.Errorf("%s: back in the shop it says %q, %v, want %q", challenge, got, err, want)
		}
		at, err := chromedp.Run(ctx, chromedp.Location())
		if err != nil || !strings.Contains(at, "order=7") || !strings.Contains(at, "payment_intent="+pi.ID) {
			t.Errorf("the address is %s, %v", at, err)
		}
	}
}

func TestBrowserDashboard(t *testing.T) {
	ctx := browser(t)
	sim, account, base := started(t)
	if _, err := account.CreateCharge(ctx, "c", stripe.ChargeParams{Amount: 1250, Currency: "eur", Source: "tok_visa", Description: "<b>Order</b>"}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(base+"/"), chromedp.Click(`form[action="/_simulator/refund"] button`), chromedp.WaitVisible(`form[action="/_simulator/fail_refund"]`)); err != nil {
		t.Fatal(err)
	}
	if line := sim.Ledger()[0]; line.Refunded != 1250 {
		t.Errorf("after the button: %+v", line)
	}
}
