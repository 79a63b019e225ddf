package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// scrape is what Prometheus gets.
func (b *bench) scrape() string {
	w := httptest.NewRecorder()
	b.app.metrics.handler(b.app.Log).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK {
		b.Fatalf("metrics: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// readLog is what the program has told so far.
func (b *bench) readLog() []byte {
	b.Helper()
	log, err := os.ReadFile(filepath.Join("build", "logs", strings.ReplaceAll(b.Name(), "/", "-")+".log"))
	if err != nil {
		b.Fatal(err)
	}
	return log
}

// secrets of TestNothingSecretIsTold.
const (
	wrongPassword  = "Wrong-but-Secret-1"
	newPassword    = "New-and-Secret-2"
	signingSecret  = "whsec_Signing-Secret-3"
	eventsSecret   = "pi_event_secret_Secret4"
	brokenBody     = "Broken-Secret-5"
	wrongSignature = "Broken-Secret-6"
	lostParameter  = "Lost-Secret-7"
	card           = "4242424242424242"
)

// TestNothingSecretIsTold takes payments, fails in each way there is, and looks for all secrets in the log with everything in it, the
// metrics, the answers, the traces of internal errors, what goroutines show of themselves, and a dump of the database.
func TestNothingSecretIsTold(t *testing.T) {
	master := make([]byte, 32)
	if _, err := rand.Read(master); err != nil {
		t.Fatal(err)
	}
	masterKey := base64.StdEncoding.EncodeToString(master)
	t.Setenv("PAYTOND_TEST_MASTER_KEY", masterKey)
	onEach(t, allRoles, func(b *bench) {
		clerk := b.session(demoUser, demoPassword)
		clerk.failToGetIn()
		link, clientSecret := clerk.takePayments()
		clerk.events()
		clerk.failInside()
		session, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(clerk.authorization, "Session "))
		if err != nil {
			b.Fatal(err)
		}
		log, metrics, dump := string(b.readLog()), b.scrape(), b.dump()
		for _, told := range []struct{ where, text string }{{log, "stripe call"}, {log, "account.payment.process"}, {log, "reference="}, {dump, "Alice Martin"},
			{dump, "evt_secret"}, {metrics, "paytond_"}} {
			if !strings.Contains(told.where, told.text) {
				b.Fatalf("%q is not there, so what was done is not seen:\n%.2000s", told.text, told.where)
			}
		}
		nowhere := map[string]string{"the secret key": demoSecret, "the master key": masterKey, "a password": demoPassword, "a wrong password": wrongPassword,
			"a new password": newPassword, "a webhook's secret": signingSecret, "a card": card}
		notInLogs := map[string]string{"a broken body": brokenBody, "a broken session": "QnJva2VuLVNlY3JldC0z", "a signature": wrongSignature,
			"a session's key": string(session[strings.LastIndexByte(string(session), ':')+1:]), "a client secret": clientSecret,
			"a checkout link": link[strings.LastIndexByte(link, '/')+1:], "a parameter": lostParameter, "an event's client secret": eventsSecret}
		for where, text := range map[string]string{"the log": log, "the metrics": metrics, "the goroutines": stacks()} {
			b.lacks(where, text, nowhere)
			b.lacks(where, text, notInLogs)
		}
		b.lacks("an answer", b.told.text.String(), nowhere)
		b.lacks("the dump", dump, nowhere)
		b.lacks("the dump", dump, map[string]string{"a client secret": clientSecret, "an event's client secret": eventsSecret})
		b.measured(metrics)
	}, func(c *Config) { c.Stripe.MasterKey = "env:PAYTOND_TEST_MASTER_KEY" })
}

// lacks checks that a text holds none of the secrets.
func (b *bench) lacks(where, text string, secrets map[string]string) {
	b.Helper()
	for what, secret := range secrets {
		if len(secret) < 8 {
			b.Fatalf("%s is %q", what, secret)
		}
		if i := strings.Index(text, secret); i >= 0 {
			b.Errorf("%s shows %s: …%s", where, what, text[max(0, i-300):i])
		}
	}
}

// stacks are all goroutines, as a crash would print them.
func stacks() string {
	text := make([]byte, 1<<22)
	return string(text[:runtime.Stack(text, true)])
}

// dump is all that the database holds.
func (b *bench) dump() string {
	b.Helper()
	var text strings.Builder
	b.do(func(tx *models.Tx) {
		for _, c := range b.db.Registry.Classes() {
			tables := []string{c.Table}
			if c.History {
				tables = append(tables, c.Table+"__history")
			}
			for _, table := range tables {
				if !c.Stored() || table == "party_address" { // is away, see failInside
					continue
				}
				rows, err := tx.Query(sql.F{Text: "SELECT * FROM " + sql.Quote(table)})
				models.Must(err)
				for _, row := range rows {
					for _, v := range row {
						if raw, ok := v.([]byte); ok {
							v = string(raw)
						}
						fmt.Fprint(&text, v, " ")
					}
				}
			}
		}
	})
	return text.String()
}

// failToGetIn tries wrong passwords, and what is no call.
func (c *client) failToGetIn() {
	path := "/" + c.name + "/"
	c.send("POST", path, envelope("common.db.login", demoUser, map[string]any{"password": wrongPassword}, "en"), "Content-Type", "application/json")
	c.send("POST", path, envelope("model.res.user.get_preferences", true, map[string]any{}), "Content-Type", "application/json",
		"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(demoUser+":"+wrongPassword)))
	c.send("POST", path, []byte(`{"id":1,"method":"`+brokenBody), "Content-Type", "application/json", "Authorization", "Session QnJva2VuLVNlY3JldC0z")
	admin := c.session("admin", "admin")
	admin.try("model.res.user.create", []any{map[string]any{"name": "New", "login": "new", "password": newPassword}})
	admin.try("model.res.user.create", []any{map[string]any{"name": "New", "login": "new", "password": newPassword}}) // there is one
	admin.try("model.res.user.write", []int64{999999}, map[string]any{"password": newPassword})
}

// takePayments takes one by a checkout page and one of a saved card.
func (c *client) takePayments() (link, secret string) {
	id := c.payment("Alice Martin", "42.50", "Secrets", nil)
	c.process(id)
	link = c.checkout("account.payment", id)
	secret, _ = c.page(link)
	c.confirm("payment_intents", secret, card)
	c.settle(link)
	c.becomes("account.payment", id, "state", "succeeded")
	scheduled := c.payment("Dora Saved", "99.99", "Scheduled", c.withCard("cus_saved"))
	c.process(scheduled)
	c.becomes("account.payment", scheduled, "state", "succeeded")
	return link, secret
}

// events posts some with a wrong signature and one with the right one, which holds a client secret as Stripe's do.
func (c *client) events() {
	account := c.named("account.payment.stripe.account", "Stripe Test")
	admin := c.session("admin", "admin")
	admin.must("model.account.payment.stripe.account.new_identifier", []int64{account})
	admin.must("model.account.payment.stripe.account.write", []int64{account}, map[string]any{"webhook_signing_secret": signingSecret})
	endpoint, _ := admin.read("account.payment.stripe.account", account, "webhook_endpoint")["webhook_endpoint"].(string)
	path, now := strings.TrimPrefix(endpoint, c.url), time.Now().Unix()
	event := fmt.Appendf(nil, `{"id":"evt_secret","object":"event","type":"payment_intent.succeeded","created":%d,"api_version":"2023-10-16","livemode":false,
		"data":{"object":{"id":"pi_event","object":"payment_intent","status":"succeeded","amount":100,"currency":"eur","client_secret":%q}}}`, now, eventsSecret)
	c.send("POST", "/"+c.name+"/account_payment_stripe/webhook/"+strings.Repeat("f", 32), event, "Stripe-Signature", "t=1,v1="+wrongSignature)
	c.send("POST", path, event, "Stripe-Signature", "t=1,v1="+wrongSignature)
	sum := hmac.New(sha256.New, []byte(signingSecret))
	fmt.Fprintf(sum, "%d.%s", now, event)
	if a := c.send("POST", path, event, "Stripe-Signature", fmt.Sprintf("t=%d,v1=%x", now, sum.Sum(nil))); a.status/100 != 2 {
		c.Errorf("a signed event: %s", a)
	}
}

// failInside takes a table away, so that calls fail by no fault of their own.
func (c *client) failInside() {
	c.do(func(tx *models.Tx) {
		_, err := tx.Exec(sql.F{Text: "ALTER TABLE party_address RENAME TO party_address_away"})
		models.Must(err)
	})
	a := c.try("model.party.party.create", []any{map[string]any{"name": lostParameter, "addresses": []any{[]any{"create", []any{map[string]any{"street": lostParameter}}}}}})
	if !internal(a) {
		c.Errorf("a call without a table: %s", a)
	}
}

// measured checks that the metrics tell of the payments.
func (b *bench) measured(metrics string) {
	b.Helper()
	own := `{database="` + b.name + `"`
	for _, want := range []string{
		`paytond_rpc_calls_total{method="model.account.payment.create",outcome="ok",status="200"} 2`,
		`paytond_rpc_calls_total{method="common.db.login",outcome="Unauthorized",status="401"} 1`,
		`paytond_rpc_calls_total{method="model.party.party.create",outcome="internal",status="200"} 1`,
		`paytond_rpc_call_duration_seconds_bucket{method="model.account.payment.approve",le="300"} 2`,
		`outcome="done",status="200"`, `paytond_stripe_call_duration_seconds_bucket{operation=`,
		`paytond_checkout_request_duration_seconds_count{kind="checkout",status="200"}`,
		`paytond_checkout_request_duration_seconds_count{kind="checkout",status="400"} 1`,
		`paytond_queue_due` + own + `,queue="account.payment"} 0`, `paytond_queue_leased` + own + `,queue="account.payment"} 0`,
		`paytond_queue_oldest_due_seconds` + own + `,queue="account.payment"} 0`, `paytond_queue_planned` + own,
		`paytond_stripe_events` + own + `,state="`, `paytond_stripe_events_oldest_seconds` + own + `,state="`,
		`paytond_database_up` + own + `} 1`, `paytond_database_connections_max` + own + `}`, `paytond_database_connections_in_use` + own + `}`,
		`paytond_database_connections_open` + own + `}`, `paytond_database_connection_waits_total` + own + `}`,
		`paytond_scheduler_action_duration_seconds_count{action="account.payment|stripe_charge"`, "go_goroutines", "process_open_fds",
	} {
		if !strings.Contains(metrics, want) {
			b.Errorf("the metrics lack %s", want)
		}
	}
}

// TestRequestIsFollowed presses a button and follows the request's id to the row of the call, to Stripe, and through the log of the
// scheduler that makes the call later.
func TestRequestIsFollowed(t *testing.T) {
	onEach(t, allRoles, func(b *bench) {
		clerk := b.session(demoUser, demoPassword)
		id := clerk.payment("Dora Saved", "12.34", "Followed", clerk.withCard("cus_saved"))
		clerk.request = "click-42"
		clerk.process(id)
		clerk.request = ""
		clerk.becomes("account.payment", id, "state", "succeeded")
		attempts, _ := clerk.must("model.account.payment.stripe.attempt.search_read", []any{[]any{"payment", "=", id}}, 0, nil, nil,
			[]string{"operation", "origin", "object_id"}).([]any)
		if len(attempts) == 0 {
			b.Fatal("there is no call")
		}
		intent := ""
		for _, row := range attempts {
			values, _ := row.(map[string]any)
			if values["origin"] != "click-42" {
				b.Errorf("a call: %v", values)
			}
			if values["operation"] == "intent" {
				intent, _ = values["object_id"].(string)
			}
		}
		request, err := http.NewRequestWithContext(b.Context(), "GET", b.stripe+"/v1/payment_intents/"+intent, nil)
		if err != nil {
			b.Fatal(err)
		}
		request.SetBasicAuth(demoSecret, "")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		var object struct{ Metadata map[string]string }
		if err := json.NewDecoder(response.Body).Decode(&object); err != nil || object.Metadata["request"] != "click-42" {
			b.Errorf("the object %q at Stripe: %v %+v", intent, err, object)
		}
		log := string(b.readLog())
		for _, message := range []string{`msg=call method=`, `msg="stripe call"`} {
			if !regexp.MustCompile(regexp.QuoteMeta(message) + `.* request_id=click-42`).MatchString(log) {
				b.Errorf("the log has no line with %s and the id", message)
			}
		}
	})
}

// TestDatabaseGoesAndComes stops PostgreSQL under the running program and starts it again.
func TestDatabaseGoesAndComes(t *testing.T) {
	cluster := sqltest.NewCluster(t)
	b := newBench(t, cluster.URI, "", allRoles)
	clerk := b.session(demoUser, demoPassword)
	if a := b.send("GET", "/readyz", nil); a.status != http.StatusOK {
		t.Fatalf("ready: %s", a)
	}
	before := clerk.must("model.party.party.search_count", []any{})
	cluster.Stop()
	time.Sleep(readyFor)
	if a := b.send("GET", "/readyz", nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("ready without a database: %s", a)
	}
	if a := b.send("GET", "/healthz", nil); a.status != http.StatusOK {
		t.Errorf("healthy without a database: %s", a)
	}
	a := clerk.try("model.party.party.create", []any{map[string]any{"name": "Lost"}})
	if failure, _ := a.member("error").([]any); a.status != http.StatusOK || len(failure) != 2 || !strings.Contains(failure[0].(string), "database") {
		t.Errorf("a call without a database: %s", a)
	}
	page := b.send("GET", "/"+b.name+"/account_payment_stripe/checkout/account.payment/"+strings.Repeat("a", 32), nil)
	if page.status != http.StatusServiceUnavailable || page.header.Get("Retry-After") == "" {
		t.Errorf("a page without a database: %d %v", page.status, page.header)
	}
	event := b.send("POST", "/"+b.name+"/account_payment_stripe/webhook/"+strings.Repeat("a", 32), []byte("{}"))
	if event.status != http.StatusServiceUnavailable {
		t.Errorf("an event without a database: %s", event)
	}
	if metrics := b.scrape(); !strings.Contains(metrics, `paytond_database_up{database="`+b.name+`"} 0`) {
		t.Error("the metrics do not tell that the database is away")
	}
	cluster.Start()
	time.Sleep(readyFor)
	if a := b.send("GET", "/readyz", nil); a.status != http.StatusOK {
		t.Errorf("ready again: %s", a)
	}
	if after := clerk.must("model.party.party.search_count", []any{}); after != before {
		t.Errorf("%v parties before, %v after", before, after)
	}
	id := clerk.payment("Dora Saved", "12.34", "After", clerk.withCard("cus_saved")) // the scheduler is back, too
	clerk.process(id)
	clerk.becomes("account.payment", id, "state", "succeeded")
}
