package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

// The models of the flows.
const (
	paymentModel  = "account.payment"
	refundModel   = "account.payment.stripe.refund"
	customerModel = "account.payment.stripe.customer"
	accountModel  = "account.payment.stripe.account"
	eventModel    = "account.payment.stripe.event"
	attemptModel  = "account.payment.stripe.attempt"
)

// flow is what the flows of a shop are driven by: its clerk, its administrator, what Stripe sends by webhook, and where its mail arrives.
type flow struct {
	*client
	admin   *client
	office  *postOffice
	account int64
}

// TestFlows drives every flow of Stripe as clients do: by JSON-RPC, with the scheduler running, Stripe's answers and events coming from the
// simulator by HTTP to the endpoint that the account's button has made there. What moves the clocks comes last.
func TestFlows(t *testing.T) {
	office := openPostOffice(t, nil)
	onEach(t, allRoles, func(b *bench) {
		f := &flow{client: b.session(demoUser, demoPassword), admin: b.session("admin", "admin"), office: office}
		f.account = f.named(accountModel, "Stripe Test")
		for _, one := range []struct {
			name string
			run  func(f *flow)
		}{
			{"webhook by the button", (*flow).webhookByButton},
			{"test keys", (*flow).testKeys},
			{"restricted key", (*flow).restrictedKey},
			{"keys in use", (*flow).keysInUse},
			{"token", (*flow).token},
			{"token not chargeable yet", (*flow).source},
			{"customer by source", (*flow).customerBySource},
			{"off session", (*flow).offSession},
			{"first customer", (*flow).firstCustomer},
			{"authentication by e-mail", (*flow).authentication},
			{"capture", (*flow).capture},
			{"capture refused", (*flow).captureRefused},
			{"void", (*flow).void},
			{"back to draft", (*flow).backToDraft},
			{"refund", (*flow).refund},
			{"refunds are capped", (*flow).refundCapped},
			{"refund declined", (*flow).refundDeclined},
			{"refund at the dashboard", (*flow).refundAtDashboard},
			{"refund told of at once by many", (*flow).refundToldOfByMany},
			{"dispute won", (*flow).disputeWon},
			{"dispute lost", (*flow).disputeLost},
			{"detach", (*flow).detach},
			{"identical customers", (*flow).identicalCustomers},
			{"merged parties", (*flow).mergedParties},
			{"changed parties", (*flow).changedParties},
			{"replay", (*flow).replay},
			{"events of old versions", (*flow).oldVersions},
			{"events of new versions", (*flow).newVersions},
			{"refund pending", (*flow).refundPending},
			{"refund fails later", (*flow).refundFails},
			{"SEPA debit", (*flow).sepaDebit},
			{"ACH debit", (*flow).achDebit},
			{"micro-deposits", (*flow).microdeposits},
			{"lists are kept a while", (*flow).listsExpire},
			{"set-up intent expires", (*flow).setupExpires},
			{"source expires", (*flow).sourceExpires},
			{"authorisation expires", (*flow).authorisationExpires},
		} {
			b.Run(one.name, func(t *testing.T) { one.run(f.on(t)) })
		}
	}, func(c *Config) {
		c.Email.URI, c.Email.From = "smtp://"+office.address, "shop@example.com"
		c.Web.Hostname = "http://" + c.Web.Listen
		c.Session.Timeout = 90 * 24 * time.Hour // the clock is moved
	})
}

// on is the flow for a subtest.
func (f *flow) on(t *testing.T) *flow {
	own := *f
	own.client, own.admin = f.client.on(t), f.admin.on(t)
	return &own
}

// later lets time pass, here and at Stripe, where what is due by then happens.
func (f *flow) later(d time.Duration) {
	if err := f.sim.Flush(f.Context()); err != nil { // which was signed before
		f.Fatal(err)
	}
	f.clock.advance(d)
	f.sim.Advance(d)
}

// visit posts a form of one of the simulator's pages.
func (f *flow) visit(at string, form url.Values) {
	f.Helper()
	response, err := http.PostForm(f.stripe+at, form)
	if err != nil {
		f.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		f.Fatalf("%s: %s", at, response.Status)
	}
}

// amount is a number as clients send it, and show it.
func amount(text string) map[string]any {
	return map[string]any{"__class__": "Decimal", "decimal": text}
}

// party makes a party with an e-mail address, "" for none.
func (f *flow) party(name, email string) int64 {
	f.Helper()
	values := map[string]any{"name": name}
	if email != "" {
		values["contact_mechanisms"] = []any{[]any{"create", []any{map[string]any{"type": "email", "value": email}}}}
	}
	return first(f.must("model.party.party.create", []any{values}))
}

// customer makes a party, and links it to a customer that Stripe has already, with methods such as "pm_card_visa".
func (f *flow) customer(name, email, id string, methods ...string) (party, customer int64) {
	f.Helper()
	if err := f.sim.SeedCustomer(demoSecret, simulator.Seed{ID: id, Name: name, Methods: methods}); err != nil {
		f.Fatal(err)
	}
	party = f.party(name, email)
	return party, f.linked(party, id)
}

// linked links a party to a customer at Stripe.
func (f *flow) linked(party int64, id string) int64 {
	f.Helper()
	return first(f.must("model."+customerModel+".create", []any{map[string]any{"active": true, "party": party, "stripe_account": f.account,
		"stripe_customer_id": id}}))
}

// paid is a payment that a customer's saved method has paid.
func (f *flow) paid(name, method, text string) int64 {
	f.Helper()
	_, customer := f.customer(name, "", "cus_"+strings.ReplaceAll(name, " ", ""), method)
	id := f.payment(name, text, name, map[string]any{"stripe_customer": customer})
	f.process(id)
	f.becomes(paymentModel, id, "state", "succeeded")
	return id
}

// shows waits until a record has the values; a Decimal is given as its text.
func (f *flow) shows(model string, id int64, want map[string]any) {
	f.Helper()
	for name, value := range want {
		f.eventually(model, id, name, func(got any) bool { return plain(got) == value })
	}
}

// plain is a value as shows compares it.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := v["decimal"]; ok {
			return text
		}
		return v["__class__"] // a time
	case json.Number:
		return v.String()
	case []any:
		return len(v)
	}
	return v
}

// text reads a field that is a text.
func (f *flow) text(model string, id int64, field string) string {
	f.Helper()
	text, _ := f.read(model, id, field)[field].(string)
	return text
}

// refused calls a method that is to be refused, and returns what the user reads: the message of an error or warning.
func (c *client) refused(method string, params ...any) string {
	c.Helper()
	a := c.try(method, params...)
	failure, _ := a.member("error").([]any)
	if len(failure) < 2 || failure[0] != "UserError" && failure[0] != "UserWarning" {
		c.Fatalf("%s is not refused: %s", method, a)
	}
	parts, _ := failure[1].([]any)
	var texts []string
	for _, part := range parts {
		texts = append(texts, fmt.Sprint(part))
	}
	return strings.Join(texts, "|")
}

// stripeObject asks the simulator for an object as the account's owner sees it.
func (f *flow) stripeObject(path string) map[string]any {
	f.Helper()
	return f.askOwner("GET", path, nil)
}

// askOwner makes a call of Stripe's API with the account's secret key, as its dashboard may.
func (f *flow) askOwner(method, path string, form url.Values) map[string]any {
	f.Helper()
	return f.askWith(demoSecret, method, path, form)
}

// askWith makes a call of Stripe's API with a key.
func (f *flow) askWith(key, method, path string, form url.Values) map[string]any {
	f.Helper()
	request, err := http.NewRequestWithContext(f.Context(), method, f.stripe+"/v1/"+path, strings.NewReader(form.Encode()))
	if err != nil {
		f.Fatal(err)
	}
	request.SetBasicAuth(key, "")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.Fatal(err)
	}
	defer response.Body.Close()
	object := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&object); err != nil || response.StatusCode != http.StatusOK {
		f.Fatalf("%s %s: %d %v %v", method, path, response.StatusCode, object, err)
	}
	return object
}

// webhook is the path of the account's webhook, and the secret that signs what comes there.
func (f *flow) webhook() (path, secret string) {
	f.Helper()
	row := f.admin.read(accountModel, f.account, "webhook_endpoint", "webhook_signing_secret")
	endpoint, _ := row["webhook_endpoint"].(string)
	secret, _ = row["webhook_signing_secret"].(string)
	return strings.TrimPrefix(endpoint, f.url), secret
}

// tell posts an event as Stripe does, signed, and returns the answer's status.
func (f *flow) tell(body string) int {
	f.Helper()
	path, secret := f.webhook()
	return f.post(path, body, secret)
}

// post posts an event that is signed with a secret.
func (f *flow) post(path, body, secret string) int {
	f.Helper()
	payload := []byte(body)
	return f.send("POST", path, payload, "Content-Type", "application/json", "Stripe-Signature", stripe.SignatureHeader(payload, secret, f.clock.now())).status
}

// event is the body of an event about an object that is written as JSON.
func (f *flow) event(id, kind, object string) string {
	return fmt.Sprintf(`{"id":%q,"object":"event","type":%q,"created":%d,"livemode":false,"api_version":"2023-10-16","data":{"object":%s}}`,
		id, kind, f.clock.now().Unix(), object)
}

// eventRow waits for the row of an event at the account, and gives it once it is in a state.
func (f *flow) eventRow(event, state string) map[string]any {
	f.Helper()
	for deadline := time.Now().Add(longEnough); ; time.Sleep(50 * time.Millisecond) {
		rows, _ := f.must("model."+eventModel+".search_read", []any{[]any{"event_id", "=", event}}, 0, nil, nil,
			[]string{"state", "type", "payment", "message", "attempts"}).([]any)
		if len(rows) == 1 && rows[0].(map[string]any)["state"] == state {
			return rows[0].(map[string]any)
		}
		if time.Now().After(deadline) {
			f.Fatalf("the rows of %s: %v", event, rows)
		}
	}
}

// calls are the operations and outcomes of the calls for a record that changed something at Stripe, oldest first.
func (f *flow) calls(field string, id int64) []string {
	f.Helper()
	rows, _ := f.must("model."+attemptModel+".search_read", []any{[]any{field, "=", id}, []any{"idempotency_key", "!=", nil}}, 0, nil,
		[]any{[]any{"id", "ASC"}}, []string{"operation", "outcome"}).([]any)
	var list []string
	for _, row := range rows {
		values := row.(map[string]any)
		list = append(list, fmt.Sprint(values["operation"], " ", values["outcome"]))
	}
	return list
}

// called waits until these calls have been made for a record, and no others: an event may be faster than the answer.
func (f *flow) called(field string, id int64, want ...string) {
	f.Helper()
	f.until(fmt.Sprintf("the calls are %v", want), func() bool { return slices.Equal(want, f.calls(field, id)) })
}
