package checkout_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"paytond/checkout"
	"paytond/models/paymentstripe"
	"paytond/stripe"
)

// browser is a Chromium in which tests open tabs.
type browser struct{ ctx context.Context }

// newBrowser starts Chromium, which ends with the test. Without Chromium the test is skipped, but fails where CI=true.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := exec.LookPath(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no Chromium: %v", err)
		}
		t.Skipf("no Chromium, CHROMIUM may name one: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses root
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("Chromium: %v", err)
		}
		cancel()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &browser{ctx}
}

// tab is one page of a test. What a method cannot do fails the test.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// open opens an address in a new tab. When the test ends, the tab must have seen no error of a script and no violation of the page's policy.
func (b *browser) open(t *testing.T, url string) *tab {
	t.Helper()
	p := &tab{t: t}
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithListener(p.listen))
	ctx, stop := context.WithTimeout(ctx, 60*time.Second)
	p.ctx = ctx
	t.Cleanup(func() {
		stop()
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, fault := range p.faults {
			t.Errorf("in the page: %s", fault)
		}
	})
	p.do(chromedp.EmulateViewport(900, 900), chromedp.Navigate(url))
	return p
}

func (p *tab) listen(event any) {
	var fault string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		// What a server or bank refuses is part of the tests; what the browser forbids is not.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			fault = e.Entry.Text
		}
	case *runtime.EventExceptionThrown:
		fault = e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			fault = fmt.Sprint("console.error ", e.Args)
		}
	default:
		return
	}
	if fault != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, fault)
	}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("%v; the page says:\n%s", err, p.body())
	}
}

// body is the text of the page, for a failure's message.
func (p *tab) body() string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return text
}

// waitFor waits until a JavaScript expression holds.
func (p *tab) waitFor(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 40*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(0))); err != nil {
		p.t.Fatalf("wait for %s: %v; the page says:\n%s", expression, err, p.body())
	}
}

// text is what an element shows.
func (p *tab) text(selector string) string {
	p.t.Helper()
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).innerText", selector)))
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

const formReady = "!document.getElementById('submit').disabled"

// pay enters a card and submits the form.
func (p *tab) pay(number string) {
	p.t.Helper()
	p.waitFor(formReady)
	for name, text := range map[string]string{"cardnumber": number, "exp-date": "12/40", "cvc": "123"} {
		field := fmt.Sprintf("[name=%s]", name)
		// What is there is selected, so that typing replaces it.
		if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector('%s').select(), true", field))); err != nil {
			p.t.Fatal(err)
		}
		p.do(chromedp.KeyEvent(text))
	}
	p.do(chromedp.Click(chromedp.ID("submit")))
}

// result waits for the page's last word and returns its title.
func (p *tab) result() string {
	p.t.Helper()
	p.waitFor("!document.getElementById('result').hidden && document.getElementById('result-title').innerText !== ''")
	return p.text("#result-title")
}

// problem waits for what is wrong, which must be announced as an alert.
func (p *tab) problem() string {
	p.t.Helper()
	p.waitFor("!document.getElementById('problem').hidden && " + formReady)
	return p.text("#problem[role=alert]")
}

// authenticate answers the bank's challenge: "complete" or "fail".
func (p *tab) authenticate(how string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible(chromedp.ID("simulator-"+how)), chromedp.Click(chromedp.ID("simulator-"+how)))
}

// shoot leaves a picture of the whole page in build/screenshots/checkout.
func (p *tab) shoot(name string) {
	p.t.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	dir := filepath.Join("..", "build", "screenshots", "checkout")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// serve serves a handler of the engine at an address of its own.
func serve(t *testing.T, engine checkout.Engine, databases checkout.Databases, jsURL string) string {
	t.Helper()
	handler, err := checkout.New(checkout.Config{Databases: databases, Engine: engine, JSURL: jsURL, Pages: checkout.Limit{PerSecond: 100, Burst: 100}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// TestPage tries the page in Chromium against a till.
func TestPage(t *testing.T) {
	chrome := newBrowser(t)
	_, stripeServer, gateway := startSimulator(t)
	type place struct {
		*till
		url string
	}
	setup := func(t *testing.T) place {
		s := newTill(t, gateway)
		return place{s, serve(t, s, fakeDatabases{}, stripeServer.URL+"/v3/")}
	}

	t.Run("looks", func(t *testing.T) {
		p := setup(t)
		page := chrome.open(t, p.url+paymentPath)
		page.waitFor(formReady)
		page.shoot("payment")
		page.do(chromedp.EmulateViewport(360, 640, chromedp.EmulatePortrait))
		page.shoot("payment-telephone")
		if got := page.text("#submit"); got != "Pay 42.50\u00a0EUR" {
			t.Errorf("button %q", got)
		}
		wide, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > innerWidth"))
		if err != nil || wide {
			t.Errorf("the page is wider than a telephone: %v %v", wide, err)
		}
		chrome.open(t, p.url+tokenPath("forged")).shoot("not-found")
		german := chrome.open(t, "about:blank")
		language := emulation.SetUserAgentOverrideParams{UserAgent: "Chromium", AcceptLanguage: "de"}
		if _, err := chromedp.Call(german.ctx, emulation.SetUserAgentOverride, language); err != nil {
			t.Fatal(err)
		}
		german.do(chromedp.Navigate(p.url + customerPath))
		german.waitFor(formReady)
		german.shoot("customer-german")
	})

	t.Run("typing mistake", func(t *testing.T) {
		p := setup(t)
		page := chrome.open(t, p.url+paymentPath)
		page.pay("4242424242424241")
		if got := page.problem(); got != "Your card number is invalid." {
			t.Errorf("problem %q", got)
		}
	})

	t.Run("our answer comes late", func(t *testing.T) {
		p := setup(t)
		p.refusals.Store(2)
		page := chrome.open(t, p.url+paymentPath)
		page.pay("4242424242424242")
		if got := page.result(); got != "Thank you, that is paid" || p.refreshes.Load() != 3 {
			t.Errorf("%q after %d refreshes", got, p.refreshes.Load())
		}
	})

	t.Run("our answer never comes", func(t *testing.T) {
		p := setup(t)
		p.refusals.Store(1000)
		page := chrome.open(t, p.url+paymentPath)
		page.waitFor(formReady)
		hurry := "const real = window.setTimeout; window.setTimeout = (then, wait) => real(then, wait / 100); true"
		if _, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool](hurry)); err != nil {
			t.Fatal(err)
		}
		page.pay("4242424242424242")
		page.waitFor("!document.getElementById('result').hidden")
		if got := page.text("#result-text"); !strings.Contains(got, "Please do not try again") {
			t.Errorf("the customer reads %q", got)
		}
		if got, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool]("document.getElementById('checkout').hidden")); err != nil || !got {
			t.Errorf("the form is still there: %v", err)
		}
		page.shoot("no-answer")
	})

	t.Run("paid in another window", func(t *testing.T) {
		p := setup(t)
		first, second := chrome.open(t, p.url+paymentPath), chrome.open(t, p.url+paymentPath)
		first.waitFor(formReady)
		second.pay("4242424242424242")
		second.result()
		first.pay("4242424242424242")
		if got := first.result(); got != "Thank you, that is paid" {
			t.Errorf("the other window: %q", got)
		}
	})

	t.Run("processing", func(t *testing.T) {
		p := setup(t)
		p.change = func(c *paymentstripe.Page) {
			if c.Status == paymentstripe.StatusPaid && p.refreshes.Load() < 3 {
				c.Status = paymentstripe.StatusProcessing
			}
		}
		page := chrome.open(t, p.url+paymentPath)
		page.pay("4242424242424242")
		if got := page.result(); got != "Your payment is being processed" {
			t.Errorf("at first %q", got)
		}
		page.shoot("processing")
		page.waitFor("document.getElementById('result-title').innerText === 'Thank you, that is paid'")
	})

	t.Run("markup in names", func(t *testing.T) {
		p := setup(t)
		const evil = `"><img src=x onerror=alert(1)><script>alert(2)</script>`
		p.change = func(c *paymentstripe.Page) { c.Payee, c.Party, c.Description, c.Message = evil, evil, evil, evil }
		page := chrome.open(t, p.url+paymentPath)
		page.waitFor(formReady)
		if got, err := chromedp.Run(page.ctx, chromedp.Evaluate[int]("document.images.length + document.scripts.length")); err != nil || got != 2 {
			t.Errorf("%d images and scripts, want the two scripts: %v", got, err)
		}
		if got := page.text("dd"); got != evil {
			t.Errorf("the description reads %q", got)
		}
		page.shoot("markup")
	})

	t.Run("Stripe.js is missing", func(t *testing.T) {
		s := newTill(t, gateway)
		gone := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(gone.Close)
		page := chrome.open(t, serve(t, s, fakeDatabases{}, gone.URL+"/v3/")+paymentPath)
		page.waitFor("!document.getElementById('problem').hidden")
		if got := page.text("#problem"); !strings.Contains(got, "could not be loaded") {
			t.Errorf("problem %q", got)
		}
	})

	t.Run("back from the bank", func(t *testing.T) {
		p := setup(t)
		if _, err := p.account.ConfirmPaymentIntent(t.Context(), t.Name(), p.payment, stripe.ConfirmParams{PaymentMethod: "pm_card_visa"}); err != nil {
			t.Fatal(err)
		}
		page := chrome.open(t, p.url+paymentPath+"?payment_intent=pi_1&payment_intent_client_secret=secret&redirect_status=succeeded")
		if got := page.result(); got != "Thank you, that is paid" {
			t.Errorf("result %q", got)
		}
		if got, err := chromedp.Run(page.ctx, chromedp.Location()); err != nil || strings.Contains(got, "secret") {
			t.Errorf("the secret stays in the address: %s %v", got, err)
		}
	})
}
