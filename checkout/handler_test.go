package checkout_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/checkout"
	"paytond/models"
	"paytond/models/paymentstripe"
)

// split reads a target as net/http does for a request on the wire.
func split(target string) (path, raw, query string) {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		panic("the target of a test: " + err.Error())
	}
	return u.Path, u.RawPath, u.RawQuery
}

const (
	paymentPath  = "/demo/account_payment_stripe/checkout/account.payment/" + goodToken
	customerPath = "/demo/account_payment_stripe/checkout/account.payment.stripe.customer/" + goodToken
	webhookPath  = "/demo/account_payment_stripe/webhook/" + goodWebhook
)

var unavailable = &models.Error{Kind: models.KindUnavailable, Message: "Stripe sk_test_secret does not answer"}

// TestScenarios sends requests that succeed and that must not.
func TestScenarios(t *testing.T) {
	tests := []struct {
		name, method, target, body string
		headers                    []string
		err                        error // of the engine
		status                     int
		contains                   string // the answer's body
		calls                      []string
	}{
		{name: "payment", method: "GET", target: paymentPath, status: 200, contains: "Pay 42.50\u00a0EUR", calls: []string{"page account.payment"}},
		{name: "head", method: "HEAD", target: paymentPath, status: 200, calls: []string{"page account.payment"}},
		{name: "customer", method: "GET", target: customerPath, status: 200, contains: "Nothing is taken from your card now",
			calls: []string{"page account.payment.stripe.customer"}},
		{name: "back from the bank", method: "GET", target: paymentPath + "?payment_intent=pi_1&payment_intent_client_secret=s&redirect_status=succeeded",
			status: 303, calls: []string{"refresh account.payment"}},
		{name: "post of a form", method: "POST", target: paymentPath, body: "state=paid&amount=1", status: 200, contains: "Thank you, that is paid",
			calls: []string{"refresh account.payment"}},
		{name: "post of the script", method: "POST", target: paymentPath, headers: []string{"Accept: application/json"}, status: 200,
			contains: `"state":"paid"`, calls: []string{"refresh account.payment"}},

		{name: "unknown token", method: "GET", target: strings.ReplaceAll(paymentPath, "0123", "0124"), status: 404, contains: "There is nothing here",
			calls: []string{"page account.payment"}},
		{name: "unknown token, posted", method: "POST", target: strings.ReplaceAll(paymentPath, "0123", "0124"),
			headers: []string{"Accept: application/json"}, status: 404, contains: `"state":"error"`, calls: []string{"refresh account.payment"}},
		{name: "unknown model", method: "GET", target: strings.ReplaceAll(paymentPath, "account.payment/", "res.user/"), status: 404, contains: "There is nothing here"},
		{name: "unknown database", method: "GET", target: strings.ReplaceAll(paymentPath, "/demo/", "/other/"), status: 404, contains: "There is nothing here"},
		{name: "database with a path", method: "GET", target: strings.ReplaceAll(paymentPath, "/demo/", "/..%2Fdemo/"), status: 404},
		{name: "database down", method: "GET", target: strings.ReplaceAll(paymentPath, "/demo/", "/broken/"), status: 503, contains: "Not available at the moment"},
		{name: "Stripe down", method: "GET", target: paymentPath, err: unavailable, status: 503, contains: "Not available at the moment",
			calls: []string{"page account.payment"}},
		{name: "our fault", method: "GET", target: paymentPath, err: errors.New("column sk_test_secret does not exist"), status: 500,
			contains: "That is our fault", calls: []string{"page account.payment"}},
		{name: "our fault, posted", method: "POST", target: paymentPath, headers: []string{"Accept: application/json"},
			err: errors.New("column sk_test_secret does not exist"), status: 500, contains: `"state":"error"`, calls: []string{"refresh account.payment"}},

		{name: "SQL in the token", method: "GET", target: tokenPath("' OR '1'='1"), status: 404},
		{name: "NUL in the token", method: "GET", target: tokenPath("abc\x00def"), status: 404},
		{name: "bad UTF-8 in the token", method: "GET", target: tokenPath("\xff\xfe"), status: 404},
		{name: "HTML in the token", method: "GET", target: tokenPath("<script>alert(1)</script>"), status: 404},
		{name: "path in the token", method: "GET", target: tokenPath("../../../etc/passwd"), status: 404},
		{name: "line in the token", method: "GET", target: tokenPath(goodToken + "\r\nSet-Cookie: a=b"), status: 404},
		{name: "wildcard token", method: "GET", target: tokenPath("%"), status: 404},
		{name: "long token", method: "GET", target: tokenPath(strings.Repeat("a", 5000)), status: 404},
		{name: "no token", method: "GET", target: "/demo/account_payment_stripe/checkout/account.payment/", status: 404},
		{name: "more than a token", method: "GET", target: paymentPath + "/more", status: 404},

		{name: "put", method: "PUT", target: paymentPath, status: 405},
		{name: "delete", method: "DELETE", target: paymentPath, status: 405},
		{name: "get of a webhook", method: "GET", target: webhookPath, status: 405},
		{name: "other path", method: "GET", target: "/demo/account_payment_stripe/other", status: 404},
		{name: "unknown asset", method: "GET", target: "/demo/account_payment_stripe/static/handler.go", status: 404},

		{name: "event", method: "POST", target: webhookPath, body: "{}", headers: []string{"Stripe-Signature: good"}, status: 204, calls: []string{"event good {}"}},
		{name: "event, not signed", method: "POST", target: webhookPath, body: "{}", status: 400, calls: []string{"event  {}"}},
		{name: "event, nothing in it", method: "POST", target: webhookPath, headers: []string{"Stripe-Signature: bad"}, status: 400, calls: []string{"event bad "}},
		{name: "event, unknown identifier", method: "POST", target: strings.ReplaceAll(webhookPath, "fedc", "fedd"), body: "{}",
			headers: []string{"Stripe-Signature: good"}, status: 404, calls: []string{"event good {}"}},
		{name: "event, hostile identifier", method: "POST", target: "/demo/account_payment_stripe/webhook/%00", body: "{}", status: 404},
		{name: "event, unknown database", method: "POST", target: strings.ReplaceAll(webhookPath, "/demo/", "/other/"), body: "{}", status: 404},
		{name: "event, database down", method: "POST", target: strings.ReplaceAll(webhookPath, "/demo/", "/broken/"), body: "{}", status: 503},
		{name: "event, down while applied", method: "POST", target: webhookPath, body: "{}", err: unavailable, status: 503, calls: []string{"event  {}"}},
		{name: "event, our fault", method: "POST", target: webhookPath, body: "{}", err: errors.New("bug"), status: 500, calls: []string{"event  {}"}},
		{name: "event, largest", method: "POST", target: webhookPath, body: strings.Repeat("a", 1<<20), headers: []string{"Stripe-Signature: good"},
			status: 204, calls: []string{"event good aaaaaaaaaaaaaaaaaaaa"}},
		{name: "event, too large", method: "POST", target: webhookPath, body: strings.Repeat("a", 1<<20+1), status: 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			b.engine.err = tt.err
			w := b.do(tt.method, tt.target, tt.body, tt.headers...)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if !strings.Contains(w.Body.String(), tt.contains) {
				t.Errorf("no %q in:\n%s", tt.contains, w.Body)
			}
			if diff := cmp.Diff(tt.calls, b.engine.calls); diff != "" {
				t.Errorf("calls of the engine (-want +got):\n%s", diff)
			}
			if len(tt.calls) > 0 && !b.engine.deadline {
				t.Error("the engine was called without a deadline")
			}
			checkHeaders(t, w)
			if got := w.Header().Get("Retry-After") != ""; got != (tt.status == 503) {
				t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
			}
			if strings.Contains(w.Body.String(), "secret does") || strings.Contains(b.log.String(), goodToken) {
				t.Errorf("a secret got out:\n%s\n%s", w.Body, b.log)
			}
			if got := b.log.Len() > 0; got != (tt.status >= 500) {
				t.Errorf("log: %q", b.log)
			}
		})
	}
}

func tokenPath(token string) string {
	return "/demo/account_payment_stripe/checkout/account.payment/" + url.PathEscape(token)
}

// checkHeaders are those of every answer.
func checkHeaders(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self' https://js.example.com; style-src 'self'; img-src 'self'; " +
			"frame-src https://js.example.com; connect-src 'self' https://js.example.com; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	}
	for name, text := range want {
		if got := w.Header().Get(name); got != text {
			t.Errorf("%s: %q, want %q", name, got, text)
		}
	}
}

func TestSecretsStayWhereTheyBelong(t *testing.T) {
	b := newBench(t, nil)
	b.engine.err = unavailable
	if w := b.do("GET", paymentPath, ""); strings.Contains(w.Body.String(), "sk_test") {
		t.Errorf("the page tells of the error:\n%s", w.Body)
	}
	b.engine.err, b.engine.page.Status = nil, paymentstripe.StatusPaid
	if w := b.do("GET", paymentPath, ""); strings.Contains(w.Body.String(), "pi_1_secret") {
		t.Errorf("the page of a paid payment has the secret of its intent:\n%s", w.Body)
	}
}

// TestStates shows what the page says, and whether it has a form, in every state.
func TestStates(t *testing.T) {
	tests := []struct {
		name, path string
		status     paymentstripe.Status
		refusal    string
		title      string
		code       int
	}{
		{"open", paymentPath, paymentstripe.StatusOpen, "", "", 200},
		{"refused", paymentPath, paymentstripe.StatusOpen, "Your card was declined.", "", 200},
		{"processing", paymentPath, paymentstripe.StatusProcessing, "", "Your payment is being processed", 200},
		{"paid", paymentPath, paymentstripe.StatusPaid, "", "Thank you, that is paid", 200},
		{"authorized", paymentPath, paymentstripe.StatusAuthorized, "", "Thank you, your payment is authorised", 200},
		{"over", paymentPath, paymentstripe.StatusFailed, "", "This payment is closed", 200},
		{"Stripe down", paymentPath, paymentstripe.StatusUnavailable, "", "Not available at the moment", 503},
		{"unknown state", paymentPath, "new", "", "This payment is closed", 200},
		{"customer, open", customerPath, paymentstripe.StatusOpen, "", "", 200},
		{"customer, registered", customerPath, paymentstripe.StatusSaved, "", "Thank you, your card is registered", 200},
	}
	title := regexp.MustCompile(`<h2 id="result-title">(.*)</h2>`)
	alert := regexp.MustCompile(`role="alert"( hidden)?>(.*)</p>`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			b.engine.page.Status, b.engine.page.Message = tt.status, tt.refusal
			b.engine.after = b.engine.page
			form := tt.status == paymentstripe.StatusOpen
			w := b.do("GET", tt.path, "")
			if w.Code != tt.code {
				t.Errorf("status %d, want %d", w.Code, tt.code)
			}
			page := w.Body.String()
			if got := title.FindStringSubmatch(page); got == nil || got[1] != tt.title {
				t.Errorf("title %q, want %q", got, tt.title)
			}
			got := alert.FindStringSubmatch(page)
			if (got != nil) != form || strings.Contains(page, `id="submit"`) != form || strings.Contains(page, jsURL) != form {
				t.Errorf("form: want %v in\n%s", form, page)
			}
			if got != nil && (got[2] != tt.refusal || (got[1] == "") != (tt.refusal != "")) {
				t.Errorf("alert: %q", got)
			}
			for _, fact := range []string{"Example Ltd", "Alice Martin"} {
				if !strings.Contains(page, fact) {
					t.Errorf("the page does not name %s", fact)
				}
			}
			for _, fact := range []string{"Invoice 2023-17", "42.50"} {
				if strings.Contains(page, fact) != (tt.path == paymentPath) {
					t.Errorf("the page names %s: %v", fact, tt.path != paymentPath)
				}
			}
			var answer struct{ State, Title, Message string }
			if err := json.Unmarshal(b.do("POST", tt.path, "", "Accept: application/json").Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if answer.State != string(tt.status) || answer.Title != tt.title || answer.Message == "" != (form && tt.refusal == "") {
				t.Errorf("answer to the script: %+v", answer)
			}
		})
	}
}

// TestTextsAreEscaped puts markup in every text that others write.
func TestTextsAreEscaped(t *testing.T) {
	const evil = `"><script>alert('x')</script><b onclick=a>{{.}}`
	b := newBench(t, nil)
	b.engine.page = paymentstripe.Page{Payee: evil, Party: evil, Description: evil, Amount: evil, Currency: evil,
		Status: paymentstripe.StatusOpen, Message: evil, PublishableKey: evil, ClientSecret: evil}
	b.engine.after = b.engine.page
	for _, target := range []string{paymentPath, customerPath} {
		page := b.do("GET", target, "").Body.String()
		if strings.Contains(page, "<script>") || strings.Contains(page, "<b ") || strings.Contains(page, `"">`) || strings.Contains(page, `"><`+"b") {
			t.Errorf("markup of others in the page:\n%s", page)
		}
		if got := strings.Count(page, "<script"); got != 2 {
			t.Errorf("%d scripts in the page, want Stripe's and ours:\n%s", got, page)
		}
		unquoted := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(page, "")
		if regexp.MustCompile(`<[^>]* (on\w+|style)=`).MatchString(unquoted) {
			t.Errorf("a style or handler in the markup:\n%s", page)
		}
	}
	w := b.do("POST", paymentPath, "", "Accept: application/json")
	if strings.Contains(w.Body.String(), "<script>") || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("markup of others in JSON: %s", w.Body)
	}
}

func TestLanguages(t *testing.T) {
	tests := []struct{ payer, accepted, code, button string }{
		{"", "", "en", "Pay 1,042.50\u00a0EUR"},
		{"", "de", "de", "1.042,50\u00a0EUR bezahlen"},
		{"", "pt-BR, fr-CA;q=0.8, de;q=0.5", "fr", "Payer 1\u202f042,50\u00a0EUR"},
		{"", "de;q=0, es;q=0.1", "es", "Pagar 1.042,50\u00a0EUR"},
		{"de_AT", "fr", "de", "1.042,50\u00a0EUR bezahlen"},
		{"ru", "fr", "fr", "Payer 1\u202f042,50\u00a0EUR"},
		{"", "de;q=x, nonsense;;;,", "en", "Pay 1,042.50\u00a0EUR"},
	}
	for _, tt := range tests {
		b := newBench(t, nil)
		b.engine.page.Language, b.engine.page.Amount = tt.payer, "1042.50"
		w := b.do("GET", paymentPath, "", "Accept-Language: "+tt.accepted)
		if page := w.Body.String(); w.Header().Get("Content-Language") != tt.code || !strings.Contains(page, `<html lang="`+tt.code+`">`) ||
			!strings.Contains(page, ">"+tt.button+"</button>") {
			t.Errorf("payer %q, browser %q: want %s and %q in\n%s", tt.payer, tt.accepted, tt.code, tt.button, page)
		}
	}
	b := newBench(t, nil)
	if w := b.do("GET", tokenPath("forged"), "", "Accept-Language: de"); w.Code != 404 || !strings.Contains(w.Body.String(), "Hier ist nichts") {
		t.Errorf("a page that is not there, in German:\n%s", w.Body)
	}
}

func TestAssets(t *testing.T) {
	b := newBench(t, nil)
	page := b.do("GET", paymentPath, "").Body.String()
	base, _ := url.Parse(paymentPath)
	links := regexp.MustCompile(`(?:href|src)="(\.\./[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) != 3 {
		t.Fatalf("links %q", links)
	}
	for _, link := range links {
		u, err := base.Parse(link[1])
		if err != nil {
			t.Fatal(err)
		}
		w := b.do("GET", u.String(), "")
		kept := w.Header().Get("Cache-Control")
		if w.Code != http.StatusOK || w.Body.Len() == 0 || w.Header().Get("Content-Type") == "" || !strings.Contains(kept, "immutable") {
			t.Errorf("%s: %d %v", u, w.Code, w.Header())
		}
		if again := b.do("GET", u.String(), "", "If-None-Match: "+w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", u, again.Code)
		}
		if old := b.do("GET", u.Path+"?v=old", ""); strings.Contains(old.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("an old address of %s may be kept for ever", u.Path)
		}
	}
}

func TestAddressOfStripeJS(t *testing.T) {
	policy := func(jsURL string) (string, error) {
		h, err := checkout.New(checkout.Config{Databases: fakeDatabases{}, Engine: &fakeEngine{}, JSURL: jsURL})
		if err != nil {
			return "", err
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		return w.Header().Get("Content-Security-Policy"), nil
	}
	real, err := policy("")
	for _, want := range []string{"script-src 'self' https://js.stripe.com https://*.js.stripe.com;", "connect-src 'self' https://js.stripe.com https://api.stripe.com;",
		"frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com;"} {
		if err != nil || !strings.Contains(real, want) {
			t.Errorf("no %q in %q, %v", want, real, err)
		}
	}
	for _, bad := range []string{"js.stripe.com", "javascript:alert(1)", "/v3/", "https://", "://"} {
		if got, err := policy(bad); err == nil {
			t.Errorf("%q was taken: %s", bad, got)
		}
	}
}

func TestLimits(t *testing.T) {
	b := newBench(t, func(c *checkout.Config) {
		c.Pages, c.Webhooks = checkout.Limit{PerSecond: 0.5, Burst: 2}, checkout.Limit{PerSecond: 1, Burst: 1}
	})
	codes := func(n int, method, path string) (got []int) {
		for range n {
			got = append(got, b.do(method, path, "", "Stripe-Signature: good").Code)
		}
		return got
	}
	if got := codes(3, "GET", paymentPath); !cmp.Equal(got, []int{200, 200, 429}) {
		t.Errorf("pages: %d", got)
	}
	if got := codes(2, "POST", webhookPath); !cmp.Equal(got, []int{204, 429}) {
		t.Errorf("webhooks: %d", got)
	}
	w := b.do("GET", paymentPath, "")
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "Too many requests") {
		t.Errorf("%d %v\n%s", w.Code, w.Header(), w.Body)
	}
	if got := len(b.engine.calls); got != 3 {
		t.Errorf("%d calls of the engine, want 3", got)
	}
	if got := codes(1, "GET", strings.Replace(paymentPath, "/checkout/account.payment/"+goodToken, "/static/checkout.css", 1)); got[0] != 200 {
		t.Errorf("an asset is refused: %d", got)
	}
	b.now = b.now.Add(2 * time.Second)
	if got := codes(2, "GET", paymentPath); !cmp.Equal(got, []int{200, 429}) {
		t.Errorf("two seconds later: %d", got)
	}
}
