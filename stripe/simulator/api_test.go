package simulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// reply is an answer of the API.
type reply struct {
	Status int
	Header http.Header
	Body   map[string]any
}

// at follows a path such as "error.code"; nil where it leads nowhere.
func (r reply) at(path string) any {
	var v any = r.Body
	for _, name := range strings.Split(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(inner) {
				return nil
			}
			v = inner[i]
		default:
			return nil
		}
	}
	return v
}

func (r reply) text(path string) string {
	s, _ := r.at(path).(string)
	return s
}

// api makes raw calls, as any client of Stripe could.
type api struct {
	t    *testing.T
	base string
	key  string
}

// do sends a form written as "amount=5&currency=eur"; headers come in pairs.
func (a api) do(method, path, form string, headers ...string) reply {
	a.t.Helper()
	var body io.Reader
	address := a.base + path
	if method == http.MethodPost {
		body = strings.NewReader(form)
	} else if form != "" {
		address += "?" + form
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		a.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if a.key != "" {
		req.Header.Set("Authorization", "Bearer "+a.key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	out := reply{Status: res.StatusCode, Header: res.Header}
	if err := json.NewDecoder(res.Body).Decode(&out.Body); err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	if !strings.HasPrefix(res.Header.Get("Request-Id"), "req_") {
		a.t.Errorf("%s %s: no Request-Id", method, path)
	}
	return out
}

func (a api) post(path, form string) reply { a.t.Helper(); return a.do(http.MethodPost, path, form) }
func (a api) get(path string) reply        { a.t.Helper(); return a.do(http.MethodGet, path, "") }

// made is post that must succeed; it returns the id.
func (a api) made(path, form string) string {
	a.t.Helper()
	r := a.post(path, form)
	if r.Status != 200 {
		a.t.Fatalf("POST %s %s: %d %v", path, form, r.Status, r.Body)
	}
	return r.text("id")
}

func newAPI(t *testing.T) api {
	_, _, base := started(t)
	return api{t, base, secretKey}
}

func TestAuthentication(t *testing.T) {
	a := newAPI(t)
	basic := &http.Request{Header: http.Header{}}
	basic.SetBasicAuth(secretKey, "")
	for name, test := range map[string]struct {
		key     string
		headers []string
		path    string
		status  int
		message string
	}{
		"none":                 {"", nil, "/v1/account", 401, "You did not provide an API key."},
		"no key at all":        {"hello", nil, "/v1/account", 401, "Invalid API Key provided: *****"},
		"live":                 {"sk_live_abcdefghijklmnop", nil, "/v1/account", 401, "Invalid API Key provided: sk_live_************mnop"},
		"empty":                {"sk_test_", nil, "/v1/account", 401, "Invalid API Key provided: ********"},
		"publishable":          {publishableKey, nil, "/v1/account", 403, "This API call cannot be made with a publishable API key."},
		"publishable, charges": {publishableKey, nil, "/v1/charges", 403, "This API call cannot be made with a publishable API key."},
		"secret":               {secretKey, nil, "/v1/account", 200, ""},
		"restricted":           {"rk_test_shop", nil, "/v1/account", 200, ""},
		"by basic":             {"", []string{"Authorization", basic.Header.Get("Authorization")}, "/v1/account", 200, ""},
		"no such address":      {secretKey, nil, "/v1/nothing", 404, "Unrecognized request URL (GET: /v1/nothing)."},
	} {
		a.key = test.key
		r := a.do(http.MethodGet, test.path, "", test.headers...)
		if r.Status != test.status || !strings.HasPrefix(r.text("error.message"), test.message) {
			t.Errorf("%s: got %d %q, want %d %q", name, r.Status, r.text("error.message"), test.status, test.message)
		}
		if test.status != 200 && r.text("error.type") != "invalid_request_error" {
			t.Errorf("%s: type %q", name, r.text("error.type"))
		}
	}
}

func TestAccountsAreApart(t *testing.T) {
	a := newAPI(t)
	id := a.made("/v1/customers", "name=Alice")
	a.key = "sk_test_another"
	if r := a.get("/v1/customers/" + id); r.Status != 404 {
		t.Errorf("another account sees it: %d %v", r.Status, r.Body)
	}
	a.key = "rk_test_shop"
	if r := a.get("/v1/customers/" + id); r.Status != 200 {
		t.Errorf("the restricted key of the same account does not: %d", r.Status)
	}
}

// TestParametersAreChecked sends faulty parameters: each is refused by name, and nothing is done.
func TestParametersAreChecked(t *testing.T) {
	a := newAPI(t)
	for _, test := range []struct{ path, form, code, param string }{
		{"/v1/payment_intents", "currency=eur", "parameter_missing", "amount"},
		{"/v1/payment_intents", "amount=1000", "parameter_missing", "currency"},
		{"/v1/payment_intents", "amount=&currency=eur", "parameter_invalid_empty", "amount"},
		{"/v1/payment_intents", "amount=10.00&currency=eur", "parameter_invalid_integer", "amount"},
		{"/v1/payment_intents", "amount=1e3&currency=eur", "parameter_invalid_integer", "amount"},
		{"/v1/payment_intents", "amount=-5&currency=eur", "parameter_invalid_integer", "amount"},
		{"/v1/payment_intents", "amount=49&currency=eur", "amount_too_small", "amount"},
		{"/v1/payment_intents", "amount=100000000&currency=eur", "amount_too_large", "amount"},
		{"/v1/payment_intents", "amount=1001&currency=kwd", "", "amount"},
		{"/v1/payment_intents", "amount=1000&currency=xxx", "", "currency"},
		{"/v1/payment_intents", "amount=1000&currency=eur&colour=red", "parameter_unknown", "colour"},
		{"/v1/payment_intents", "amount=1000&currency=eur&card[number]=1", "parameter_unknown", "card[number]"},
		{"/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=cash", "", "payment_method_types"},
		{"/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=us_bank_account", "", "payment_method_types"},
		{"/v1/payment_intents", "amount=1000&currency=eur&capture_method=later", "", "capture_method"},
		{"/v1/payment_intents", "amount=1000&currency=eur&confirm=maybe", "", "confirm"},
		{"/v1/payment_intents", "amount=1000&currency=eur&off_session=true", "", "off_session"},
		{"/v1/payment_intents", "amount=1000&currency=eur&customer=cus_none", "resource_missing", "customer"},
		{"/v1/payment_intents", "amount=1000&currency=eur&payment_method=pm_none", "resource_missing", "payment_method"},
		{"/v1/payment_intents", "amount=1000&currency=eur&expand[]=colour", "", "expand"},
		{"/v1/payment_intents", "amount=1000&currency=eur&statement_descriptor_suffix=" + strings.Repeat("x", 23), "", "statement_descriptor_suffix"},
		{"/v1/payment_intents", "amount=1000&currency=eur&metadata[" + strings.Repeat("k", 41) + "]=v", "", "metadata"},
		{"/v1/payment_intents", "amount=1000&currency=eur&metadata[k]=" + strings.Repeat("v", 501), "", "metadata[k]"},
		{"/v1/payment_intents", "amount=1000&currency=eur&payment_method=pm_card_visa&confirm=true", "", ""}, // no return_url
		{"/v1/charges", "amount=1000&currency=eur", "parameter_missing", ""},
		{"/v1/charges", "amount=1000&currency=eur&source=tok_none", "resource_missing", "source"},
		{"/v1/charges", "amount=1000&currency=eur&source=tok_visa&off_session=true", "parameter_unknown", "off_session"},
		{"/v1/customers", "email=nobody", "email_invalid", "email"},
		{"/v1/customers", "source=tok_none", "resource_missing", "source"},
		{"/v1/setup_intents", "usage=never", "", "usage"},
		{"/v1/refunds", "amount=5", "parameter_missing", ""},
		{"/v1/refunds", "charge=ch_1&payment_intent=pi_1", "parameters_exclusive", ""},
		{"/v1/refunds", "charge=ch_none", "resource_missing", "charge"},
		{"/v1/refunds", "charge=ch_none&amount=0", "parameter_invalid_integer", "amount"},
		{"/v1/refunds", "charge=ch_none&reason=bored", "", "reason"},
		{"/v1/payment_methods", "type=cash", "", "type"},
		{"/v1/payment_methods", "type=card&card[number]=4242424242424242", "parameter_missing", "card[exp_month]"},
		{"/v1/webhook_endpoints", "url=nowhere&enabled_events[]=*", "url_invalid", "url"},
		{"/v1/webhook_endpoints", "url=http://127.0.0.1/", "parameter_missing", "enabled_events"},
		{"/v1/tokens", "", "parameter_missing", ""},
	} {
		r := a.post(test.path, test.form)
		if r.Status != 400 || r.text("error.type") != "invalid_request_error" || r.text("error.code") != test.code || r.text("error.param") != test.param {
			t.Errorf("%s %.80s: got %d %v, want code %q of %q", test.path, test.form, r.Status, r.at("error"), test.code, test.param)
		}
	}
	for _, path := range []string{"/v1/charges", "/v1/refunds", "/v1/customers"} {
		if r := a.get(path); len(r.at("data").([]any)) != 0 {
			t.Errorf("%s: something was made: %v", path, r.Body)
		}
	}
	r := a.do(http.MethodPost, "/v1/customers", `{"name":"Alice"}`, "Content-Type", "application/json")
	if r.Status != 400 {
		t.Errorf("JSON is taken: %d", r.Status)
	}
}

func TestCardChecks(t *testing.T) {
	a := newAPI(t)
	for _, test := range []struct{ number, month, year, cvc, code, param string }{
		{"4242424242424242", "12", "2050", "123", "", ""},
		{"4242 4242 4242 4242", "12", "50", "", "", ""},
		{"378282246310005", "12", "2050", "1234", "", ""},
		{"4242424242424241", "12", "2050", "123", "incorrect_number", "number"},
		{"4242", "12", "2050", "123", "invalid_number", "number"},
		{"card", "12", "2050", "123", "invalid_number", "number"},
		{"4242424242424242", "13", "2050", "123", "invalid_expiry_month", "exp_month"},
		{"4242424242424242", "12", "1999", "123", "invalid_expiry_year", "exp_year"},
		{"4242424242424242", "12", "2050", "12", "invalid_cvc", "cvc"},
		{"4532015112830366", "12", "2050", "123", "card_declined", "number"}, // valid, but no test card
	} {
		form := url.Values{"card[number]": {test.number}, "card[exp_month]": {test.month}, "card[exp_year]": {test.year}}
		if test.cvc != "" {
			form.Set("card[cvc]", test.cvc)
		}
		r := a.post("/v1/tokens", form.Encode())
		if r.text("error.code") != test.code || r.text("error.param") != test.param || test.code != "" && (r.Status != 402 || r.text("error.type") != "card_error") {
			t.Errorf("%v: got %d %v", test, r.Status, r.Body)
		}
		if strings.Contains(fmt.Sprint(r.Body), strings.ReplaceAll(test.number, " ", "")) && len(test.number) > 10 {
			t.Errorf("%v: the answer tells the number: %v", test, r.Body)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	a := newAPI(t)
	post := func(path, form, key string) reply {
		t.Helper()
		return a.do(http.MethodPost, path, form, "Idempotency-Key", key)
	}
	first := post("/v1/customers", "name=Alice", "k1")
	again := post("/v1/customers", "name=Alice", "k1")
	if again.text("id") != first.text("id") || again.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" ||
		again.Header.Get("Original-Request") != first.Header.Get("Request-Id") || again.Header.Get("Idempotency-Key") != "k1" {
		t.Errorf("got %v %v", again.Header, again.Body)
	}
	if r := post("/v1/customers", "name=Bob", "k1"); r.Status != 400 || r.text("error.type") != "idempotency_error" {
		t.Errorf("other parameters: %d %v", r.Status, r.Body)
	}
	if r := post("/v1/charges", "name=Alice", "k1"); r.Status != 400 || r.text("error.type") != "idempotency_error" {
		t.Errorf("another endpoint: %d %v", r.Status, r.Body)
	}
	// A refusal for its parameters is not kept: the key is free for the request put right.
	if r := post("/v1/customers", "email=x", "k2"); r.Status != 400 {
		t.Errorf("got %d", r.Status)
	}
	if r := post("/v1/customers", "email=x@example.com", "k2"); r.Status != 200 {
		t.Errorf("put right under the same key: %d %v", r.Status, r.Body)
	}
	// A bank's refusal is kept.
	declined := post("/v1/charges", "amount=100&currency=usd&source=tok_chargeDeclined", "k3")
	replayed := post("/v1/charges", "amount=100&currency=usd&source=tok_chargeDeclined", "k3")
	if replayed.Status != 402 || replayed.Header.Get("Idempotent-Replayed") != "true" || replayed.text("error.charge") != declined.text("error.charge") {
		t.Errorf("got %d %v %v", replayed.Status, replayed.Header, replayed.Body)
	}
	a.key = "sk_test_another"
	if r := post("/v1/customers", "name=Carol", "k1"); r.Status != 200 {
		t.Errorf("the key of another account is in the way: %v", r.Body)
	}
}

func TestExpand(t *testing.T) {
	a := newAPI(t)
	c := a.made("/v1/customers", "source=tok_visa")
	ch := a.made("/v1/charges", "amount=1000&currency=eur&customer="+c)
	a.made("/v1/refunds", "amount=100&charge="+ch)
	r := a.get("/v1/charges/" + ch + "?expand[]=customer.default_source&expand[]=balance_transaction&expand[]=refunds&expand[]=invoice")
	if r.text("customer.default_source.last4") != "4242" || r.at("balance_transaction.fee") != 40.0 || r.at("refunds.data.0.amount") != 100.0 {
		t.Errorf("got %v", r.Body)
	}
	r = a.get("/v1/charges?expand[]=data.customer")
	if r.text("data.0.customer.id") != c {
		t.Errorf("got %v", r.Body)
	}
	if r = a.get("/v1/customers/" + c + "?expand[]=sources"); r.text("sources.data.0.brand") != "Visa" {
		t.Errorf("got %v", r.Body)
	}
	for _, path := range []string{"amount", "customer.colour", "customer.a.b.c.d", "data.customer"} {
		if r = a.get("/v1/charges/" + ch + "?expand[]=" + path); r.Status != 400 || r.text("error.param") != "expand" {
			t.Errorf("%s: %d %v", path, r.Status, r.Body)
		}
	}
}

func TestPublishableKeySeesLittle(t *testing.T) {
	a := newAPI(t)
	pi := a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=card&metadata[order]=7")
	id, secret := pi.text("id"), pi.text("client_secret")
	a.key = ""
	r := a.get("/v1/payment_intents/" + id + "?key=" + publishableKey + "&client_secret=" + secret)
	if r.Status != 200 || r.at("metadata") != nil || r.at("amount") != 1000.0 || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %d %v", r.Status, r.Body)
	}
	for _, secret := range []string{"", "pi_1_secret_2", id} {
		if r := a.get("/v1/payment_intents/" + id + "?key=" + publishableKey + "&client_secret=" + secret); r.Status != 400 {
			t.Errorf("with the secret %q: %d %v", secret, r.Status, r.Body)
		}
	}
	for _, path := range []string{"/v1/payment_intents/" + id + "/cancel", "/v1/payment_intents", "/v1/refunds", "/v1/customers"} {
		if r := a.post(path, "key="+publishableKey+"&client_secret="+secret); r.Status != 403 {
			t.Errorf("%s: %d %v", path, r.Status, r.Body)
		}
	}
}
