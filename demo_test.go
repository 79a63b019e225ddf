//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// greeting is all that the demo tells, by name.
const greeting = `(?s)paytond demo
  Tryton client     (http://\S+)   database (\S+)
  Users             (\S+) / (\S+) \(clerk\)     (\S+) / (\S+) \(administrator\)
  To be paid        (http://\S+)
  Stripe simulator  (http://\S+)
  Data              (\S+)

(These passwords are for trying only: never serve this database to others\.)
.*Ctrl-C stops\.`

// TestDemoCommand starts the program as a person does: what it prints is true, a second start finds the same data, and a database
// is served by a process for each role as well.
func TestDemoCommand(t *testing.T) {
	program, data := build(t), t.TempDir()
	demo := func() (*bench, *process, []string) {
		p := start(t, program, "demo", "--data", data, "--listen", "127.0.0.1:0", "--simulator", "127.0.0.1:0")
		told := p.prints(t, greeting)
		return &bench{T: t, name: told[1], url: told[0], told: &answers{}}, p, told
	}
	b, first, told := demo()
	clerk := b.tells(told, data)
	taken, err := exec.Command(program, "demo", "--data", t.TempDir(), "--listen", strings.TrimPrefix(b.url, "http://"), "--simulator", "127.0.0.1:0").CombinedOutput()
	if err == nil || strings.Contains(string(taken), "Tryton client") || !strings.Contains(string(taken), "address already in use") {
		t.Errorf("where the port is taken: %v\n%s", err, taken)
	}
	before := clerk.waiting()
	first.stop(t)

	b, second, again := demo()
	clerk = b.session(again[2], again[3])
	if after := clerk.waiting(); len(before) != 1 || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("after the second start %v waits, before %v", after, before)
	}
	if got, want := pathOf(t, again[6]), pathOf(t, told[6]); got != want {
		t.Errorf("after the second start the link is %s, before %s", got, want)
	}
	second.stop(t)
	t.Run("roles", func(t *testing.T) { serveApart(t, program) })
}

// tells holds that what the demo has told is true, and returns its clerk.
func (b *bench) tells(told []string, data string) *client {
	b.Helper()
	if told[8] != data {
		b.Errorf("the data are said to be in %s, not %s", told[8], data)
	}
	b.session(told[4], told[5]).must("model.res.user.search", []any{}, 0, nil, nil) // which only an administrator may
	for _, address := range []string{told[6], told[7]} {
		answer, err := http.Get(address)
		if err != nil {
			b.Fatal(err)
		}
		answer.Body.Close()
		if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/html") {
			b.Errorf("%s answers %s, %s", address, answer.Status, kind)
		}
	}
	if !strings.HasPrefix(told[6], b.url+"/"+b.name+"/account_payment_stripe/checkout/account.payment/") {
		b.Errorf("the link is %s", told[6])
	}
	if _, body := (&client{bench: b}).page(pathOf(b.T, told[6])); !strings.Contains(body, "42.50") || !strings.Contains(body, "Order 1001") {
		b.Errorf("the page of the waiting payment:\n%s", body)
	}
	return b.session(told[2], told[3])
}

// waiting are the payments that wait for their customer.
func (c *client) waiting() []any {
	c.Helper()
	found, _ := c.must("model.account.payment.search", []any{[]any{"description", "=", "Order 1001"}, []any{"state", "=", "processing"}}, 0, nil, nil).([]any)
	return found
}

func pathOf(t *testing.T, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Path
}

// serveApart serves a database by a process for each role: each does its own work and nothing else.
func serveApart(t *testing.T, program string) {
	b := newBench(t, sqltest.PostgresURI(t), "", nil)
	clients, pages := vacantAddress(t), vacantAddress(t)
	config := filepath.Join(t.TempDir(), "trytond.conf")
	text := fmt.Sprintf("[database]\nuri = %s\n[web]\nlisten = %s\n[checkout]\nlisten = %s\n[account_payment_stripe]\napi_base = %s\njs_url = %s/v3/\n",
		sqltest.PostgresURI(t), clients, pages, b.stripe, b.stripe)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "serve", "-c", config, "--roles", "rpc,posting").CombinedOutput(); err == nil || !strings.Contains(string(out), `there is no role "posting"`) {
		t.Errorf("an unknown role: %v\n%s", err, out)
	}
	serve := func(role string) *process { return start(t, program, "serve", "-c", config, "--roles", role) }
	serve(roleRPC).prints(t, "msg=listening")
	b.url = "http://" + clients
	clerk := b.session(demoUser, demoPassword)
	link := clerk.checkout("account.payment", first(clerk.waiting()))
	if page := b.send("GET", link, nil); page.status == http.StatusOK {
		t.Errorf("the process for clients answers the checkout page: %s", page)
	}
	serve(roleCheckout).prints(t, "msg=listening")
	checkout := *b
	checkout.url = "http://" + pages
	(&client{bench: &checkout}).page(link)
	if call := checkout.send("POST", "/", envelope("common.db.list"), "Content-Type", "application/json"); call.status != http.StatusNotFound {
		t.Errorf("the process for pages answers a call: %s", call)
	}

	serve(roleScheduler)
	b.listenedTo()
	id := clerk.payment("Dora Saved", "12.34", "Posted by another process", clerk.withCard("cus_saved"))
	clerk.process(id)
	clerk.becomes("account.payment", id, "state", "succeeded")
	clerk.charged(id, 1234)
}

// listenedTo waits until a process hears what others announce in the database: what is announced before waits for the plan.
func (b *bench) listenedTo() {
	b.Helper()
	for deadline := time.Now().Add(longEnough); ; time.Sleep(50 * time.Millisecond) {
		heard := 0
		b.do(func(tx *models.Tx) {
			rows, err := tx.Query(sql.SQL(`SELECT "pid" FROM "pg_stat_activity" WHERE "datname" = ? AND "query" LIKE 'LISTEN%'`, b.name))
			if err != nil {
				b.Fatal(err)
			}
			heard = len(rows)
		})
		if heard > 0 {
			return
		}
		if time.Now().After(deadline) {
			b.Fatal("no process listens to the database")
		}
	}
}
