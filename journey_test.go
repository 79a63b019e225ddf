package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// allRoles are those of the demo.
var allRoles = []string{roleRPC, roleCheckout, roleScheduler}

// TestJourney is the main job through the server's front door: a clerk takes a payment, the customer pays it on its page, and
// the scheduler posts what needs no page.
func TestJourney(t *testing.T) {
	onEach(t, allRoles, func(b *bench) {
		clerk := b.session(demoUser, demoPassword)
		b.Run("checkout", func(t *testing.T) { clerk.on(t).payByPage() })
		b.Run("refused, then paid", func(t *testing.T) { clerk.on(t).payAfterRefusal() })
		b.Run("3-D Secure", func(t *testing.T) { clerk.on(t).payAuthenticated() })
		b.Run("scheduler", func(t *testing.T) { clerk.on(t).payBySchedule() })
		b.Run("declined", func(t *testing.T) { clerk.on(t).declineBySchedule() })
		// After those of Bob that he pays without being a customer.
		b.Run("register a card", func(t *testing.T) { clerk.on(t).registerCard() })
		b.Run("administrator", func(t *testing.T) { b.session("admin", "admin").on(t).setUp() })
	})
}

// on is the client for a subtest.
func (c *client) on(t *testing.T) *client {
	own, b := *c, *c.bench
	b.T, own.bench = t, &b
	return &own
}

// payment creates a payment of a party by the card journal, and approves it.
func (c *client) payment(party, amount, description string, more map[string]any) int64 {
	c.Helper()
	values := c.defaults("account.payment", "company", "date", "kind", "state", "stripe_capture")
	values["kind"], values["description"] = "receivable", description
	values["amount"] = map[string]any{"__class__": "Decimal", "decimal": amount}
	values["party"], values["journal"] = c.named("party.party", party), c.named("account.payment.journal", "Stripe EUR")
	for k, v := range more {
		values[k] = v
	}
	delete(values, "state") // clients leave out what is read-only
	id := first(c.must("model.account.payment.create", []any{values}))
	if result := c.must("model.account.payment.approve", []int64{id}); result != nil {
		c.Errorf("approve: %v", result)
	}
	return id
}

// defaults are the default values of fields, without the names of relations.
func (c *client) defaults(model string, names ...string) map[string]any {
	c.Helper()
	values, _ := c.must("model."+model+".default_get", names).(map[string]any)
	for k := range values {
		if strings.HasSuffix(k, ".") {
			delete(values, k)
		}
	}
	return values
}

// named is the record that completion of a name finds.
func (c *client) named(model, name string) int64 {
	c.Helper()
	rows, _ := c.must("model."+model+".search_read", []any{[]any{"rec_name", "ilike", "%" + name + "%"}, []any{}}, 0, 1000, nil, []string{"rec_name"}).([]any)
	if len(rows) != 1 {
		c.Fatalf("%d records of %s are called %s", len(rows), model, name)
	}
	return integer(rows[0].(map[string]any)["id"])
}

// process puts payments into a group by the wizard, as the client launches it from the list, and returns the group.
func (c *client) process(ids ...int64) int64 {
	c.Helper()
	const wizard = "wizard.account.payment.process."
	began, _ := c.must(wizard + "create").([]any)
	if len(began) != 3 || began[1] != "start" || began[2] != "end" {
		c.Fatalf("create: %v", began)
	}
	at := c.at("account.payment", ids...)
	if step, _ := at.must(wizard+"execute", began[0], map[string]any{}, "start").(map[string]any); step["view"] == nil {
		c.Fatalf("start: %v", step)
	}
	done, _ := at.must(wizard+"execute", began[0], map[string]any{"start": map[string]any{"id": -2}}, "process").(map[string]any)
	if done["view"] != nil {
		c.Fatalf("process: %v", done)
	}
	c.must(wizard+"delete", began[0])
	pair := done["actions"].([]any)[0].([]any)
	if action := pair[0].(map[string]any); action["res_model"] != "account.payment.group" {
		c.Errorf("process opens %v", action)
	}
	return first(pair[1].(map[string]any)["res_id"])
}

// at is the client whose calls come from records.
func (c *client) at(model string, ids ...int64) *client {
	own := *c
	own.context = map[string]any{"active_model": model, "active_id": ids[0], "active_ids": ids}
	for k, v := range c.context {
		own.context[k] = v
	}
	return &own
}

// checkout presses Stripe Checkout and returns the path of the page that the client opens.
func (c *client) checkout(model string, id int64) string {
	c.Helper()
	action, _ := c.must("model.ir.action.get_action_value", c.must("model."+model+".stripe_checkout", []int64{id})).(map[string]any)
	wizard := fmt.Sprintf("wizard.%s.", action["wiz_name"])
	began, _ := c.must(wizard + "create").([]any)
	done := c.at(model, id).must(wizard+"execute", began[0], map[string]any{}, began[1])
	c.must(wizard+"delete", began[0])
	address := addressIn(done)
	if !strings.HasPrefix(address, c.url+"/"+c.name+"/account_payment_stripe/checkout/"+model+"/") {
		c.Fatalf("the client is sent to %v", done)
	}
	return strings.TrimPrefix(address, c.url)
}

// read reads one record.
func (c *client) read(model string, id int64, names ...string) map[string]any {
	c.Helper()
	rows, _ := c.must("model."+model+".read", []int64{id}, names).([]any)
	if len(rows) != 1 {
		c.Fatalf("%s,%d: %v", model, id, rows)
	}
	return rows[0].(map[string]any)
}

// becomes waits until a field has a value.
func (c *client) becomes(model string, id int64, field string, want any) {
	c.Helper()
	c.eventually(model, id, field, func(got any) bool { return got == want })
}

// longEnough is how long a test waits for what must happen: a loaded machine is slow, and a wait costs nothing once it has happened.
const longEnough = time.Minute

// eventually waits until a field is as it should be.
func (c *client) eventually(model string, id int64, field string, right func(any) bool) {
	c.Helper()
	for deadline := time.Now().Add(longEnough); ; time.Sleep(50 * time.Millisecond) {
		got := c.read(model, id, field)[field]
		if right(got) {
			return
		}
		if time.Now().After(deadline) {
			c.Fatalf("%s,%d: %s stays %v", model, id, field, got)
		}
	}
}

// until waits until something is so.
func (c *client) until(what string, right func() bool) {
	c.Helper()
	for deadline := time.Now().Add(longEnough); !right(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatalf("it never happens that %s", what)
		}
	}
}

// offered waits until a form offers so many sources or payment_methods of a customer, besides none; their ids and labels. A form does not wait for
// a Stripe that is slow, so what it offers at first may be less.
func (c *client) offered(kind string, customer any, wanted int) (list [][2]string) {
	c.Helper()
	current := "stripe_" + strings.TrimSuffix("customer_"+kind, "s")
	c.until(fmt.Sprintf("%d %s are offered", wanted, kind), func() bool {
		choices, _ := c.must("model.account.payment.get_stripe_customer_"+kind, map[string]any{"stripe_customer": customer, current: ""}).([]any)
		list = nil
		for _, choice := range choices {
			if one := choice.([]any); one[0] != "" {
				list = append(list, [2]string{one[0].(string), one[1].(string)})
			}
		}
		return len(list) == wanted
	})
	return list
}

var (
	clientSecret   = regexp.MustCompile(`data-secret="([^"]+)"`)
	publishableKey = regexp.MustCompile(`data-key="([^"]+)"`)
)

// page opens a checkout page and returns the secret of its intent.
func (c *client) page(path string) (secret string, body string) {
	c.Helper()
	page := c.send("GET", path, nil)
	key, found := publishableKey.FindSubmatch(page.body), clientSecret.FindSubmatch(page.body)
	if page.status != http.StatusOK || found == nil || key == nil || string(key[1]) != demoPublishable {
		c.Fatalf("page: %s", page)
	}
	if strings.Contains(string(page.body), demoSecret) {
		c.Error("the page shows the secret key")
	}
	return string(found[1]), string(page.body)
}

// confirm does what Stripe.js does with a card: with the publishable key and the intent's secret. It returns the intent, or
// the error's object.
func (c *client) confirm(kind, secret, card string) map[string]any {
	c.Helper()
	intent, _, _ := strings.Cut(secret, "_secret")
	form := url.Values{"client_secret": {secret}, "use_stripe_sdk": {"true"}, "payment_method_data[type]": {"card"},
		"payment_method_data[card][number]": {card}, "payment_method_data[card][exp_month]": {"12"},
		"payment_method_data[card][exp_year]": {"2034"}, "payment_method_data[card][cvc]": {"123"}}
	return c.askStripe("/v1/"+kind+"/"+intent+"/confirm", form)
}

// askStripe calls the simulator as Stripe.js does.
func (c *client) askStripe(path string, form url.Values) map[string]any {
	c.Helper()
	form.Set("key", demoPublishable)
	request, err := http.NewRequestWithContext(c.Context(), "POST", c.stripe+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.Fatal(err)
	}
	return answer
}

// settle tells the page's server that the browser is done, and returns the state that it found.
func (c *client) settle(path string) string {
	c.Helper()
	done := c.send("POST", path, nil, "Accept", "application/json")
	told, _ := done.decoded().(map[string]any)
	if done.status != http.StatusOK || told == nil {
		c.Fatalf("settle: %s", done)
	}
	state, _ := told["state"].(string)
	return state
}

func (c *client) payByPage() {
	const description = `Order <script>alert("1")</script> & 'co'`
	id := c.payment("Alice Martin", "42.50", description, nil) // who is a customer at Stripe, without a card
	group := c.process(id)
	row := c.read("account.payment", id, "state", "group", "stripe_checkout_needed")
	if row["state"] != "processing" || integer(row["group"]) != group || row["stripe_checkout_needed"] != true {
		c.Fatalf("processed: %v", row)
	}
	path := c.checkout("account.payment", id)
	secret, body := c.page(path)
	if strings.Contains(body, "<script>alert") || !strings.Contains(html.UnescapeString(body), description) {
		c.Errorf("the description is not written as it should be:\n%s", body)
	}
	if !strings.Contains(body, "42.50") || !strings.Contains(body, "Reference Company") {
		c.Errorf("payee or amount is missing:\n%s", body)
	}
	if state := c.settle(path); state != "open" {
		c.Errorf("the browser's word alone makes it %s", state)
	}
	if intent := c.confirm("payment_intents", secret, "4242424242424242"); intent["status"] != "succeeded" {
		c.Fatalf("confirm: %v", intent)
	}
	if state := c.settle(path); state != "paid" {
		c.Errorf("paid, it is %s", state)
	}
	c.becomes("account.payment", id, "state", "succeeded")
	if page := c.send("GET", path, nil); page.status != http.StatusOK || clientSecret.Match(page.body) {
		c.Errorf("the page of a paid payment: %s", page)
	}
	c.charged(id, 4250)
	row = c.read("account.payment.group", group, "payment_complete", "payment_amount_succeeded")
	if row["payment_complete"] != true || fmt.Sprint(row["payment_amount_succeeded"]) != "map[__class__:Decimal decimal:42.50]" {
		c.Errorf("the group: %v", row)
	}
}

// charged checks that a payment was charged once, with the amount in cents.
func (c *client) charged(id int64, amount int64) {
	c.Helper()
	times := 0
	for _, line := range c.sim.Ledger() {
		if line.Metadata["payment"] != fmt.Sprint(id) || line.Status != "succeeded" {
			continue
		}
		if times++; line.Captured != amount {
			c.Errorf("charged %d, not %d", line.Captured, amount)
		}
	}
	if times != 1 {
		c.Errorf("charged %d times: %+v", times, c.sim.Ledger())
	}
}

func (c *client) payAfterRefusal() {
	id := c.payment("Bob Stone", "10.01", "Order 2", nil)
	path := c.checkout("account.payment", id) // who is none needs his link first
	c.process(id)
	secret, _ := c.page(path)
	refused := c.confirm("payment_intents", secret, "4000000000009995")
	if failure, _ := refused["error"].(map[string]any); failure["decline_code"] != "insufficient_funds" {
		c.Fatalf("confirm: %v", refused)
	}
	if state := c.settle(path); state != "open" {
		c.Errorf("refused, it is %s", state)
	}
	secret, body := c.page(path)
	if !strings.Contains(body, "insufficient funds") {
		c.Errorf("the page does not say why:\n%s", body)
	}
	c.confirm("payment_intents", secret, "4242424242424242")
	if state := c.settle(path); state != "paid" {
		c.Errorf("paid, it is %s", state)
	}
	c.becomes("account.payment", id, "state", "succeeded")
	c.charged(id, 1001)
}

func (c *client) payAuthenticated() {
	id := c.payment("Bob Stone", "30", "Order 3", nil)
	path := c.checkout("account.payment", id) // who is none needs his link first
	c.process(id)
	secret, _ := c.page(path)
	intent := c.confirm("payment_intents", secret, "4000002760003184")
	if intent["status"] != "requires_action" {
		c.Fatalf("confirm: %v", intent)
	}
	if state := c.read("account.payment", id, "state")["state"]; state != "processing" {
		c.Errorf("before the challenge it is %v", state)
	}
	c.askStripe(fmt.Sprintf("/_simulator/challenge/%v", intent["id"]), url.Values{"client_secret": {secret}, "result": {"complete"}})
	if state := c.settle(path); state != "paid" {
		c.Errorf("after the challenge it is %s", state)
	}
	c.becomes("account.payment", id, "state", "succeeded")
	c.charged(id, 3000)
}

// withCard chooses a Stripe customer and his card, as the clerk does on the form.
func (c *client) withCard(customer string) map[string]any {
	c.Helper()
	found := c.must("model.account.payment.stripe.customer.search", []any{[]any{"stripe_customer_id", "=", customer}}, 0, nil, nil)
	id := first(found)
	return map[string]any{"stripe_customer": id, "stripe_customer_payment_method": c.offered("payment_methods", id, 1)[0][0]}
}

func (c *client) payBySchedule() {
	id := c.payment("Dora Saved", "99.99", "Order 4", c.withCard("cus_saved"))
	c.process(id)
	c.becomes("account.payment", id, "state", "succeeded")
	c.charged(id, 9999)
}

func (c *client) declineBySchedule() {
	id := c.payment("Carl Declined", "5.05", "Order 5", c.withCard("cus_declined"))
	c.process(id)
	c.becomes("account.payment", id, "state", "failed")
	row := c.read("account.payment", id, "stripe_error_code", "stripe_error_message")
	if row["stripe_error_code"] != "generic_decline" || row["stripe_error_message"] != "Your card was declined." {
		c.Errorf("the form shows %v", row)
	}
}

func (c *client) registerCard() {
	customer := first(c.must("model.account.payment.stripe.customer.create", []any{map[string]any{"active": true, "stripe_customer_id": "",
		"party": c.named("party.party", "Bob Stone"), "stripe_account": c.named("account.payment.stripe.account", "Stripe Test")}}))
	path := c.checkout("account.payment.stripe.customer", customer)
	secret, _ := c.page(path)
	if intent := c.confirm("setup_intents", secret, "4242424242424242"); intent["status"] != "succeeded" {
		c.Fatalf("confirm: %v", intent)
	}
	if state := c.settle(path); state != "saved" {
		c.Errorf("registered, it is %s", state)
	}
	row := c.read("account.payment.stripe.customer", customer, "stripe_customer_id")
	if text, _ := row["stripe_customer_id"].(string); !strings.HasPrefix(text, "cus_") {
		c.Errorf("the customer: %v", row)
	}
	id := c.payment("Bob Stone", "3.33", "Order 6", map[string]any{"stripe_customer": customer})
	c.process(id)
	c.becomes("account.payment", id, "state", "succeeded")
	c.charged(id, 333)
}

// setUp is the administrator's work: an account, a journal of it, and a payment by them.
func (c *client) setUp() {
	account := first(c.must("model.account.payment.stripe.account.create", []any{map[string]any{"name": "Second",
		"secret_key": "sk_test_second", "publishable_key": "pk_test_second"}}))
	values := c.defaults("account.payment.journal", "active", "currency", "company")
	values["name"], values["process_method"], values["stripe_account"] = "By second", "stripe", account
	journal := first(c.must("model.account.payment.journal.create", []any{values}))
	id := c.payment("Bob Stone", "7", "By second", map[string]any{"journal": journal})
	path := c.checkout("account.payment", id)
	c.process(id)
	page := c.send("GET", path, nil)
	if key := publishableKey.FindSubmatch(page.body); key == nil || string(key[1]) != "pk_test_second" {
		c.Errorf("the page: %s", page)
	}
}
