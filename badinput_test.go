package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/sql"
)

// census counts the rows of all tables, but of those in which even refused logins leave their mark.
func (b *bench) census() map[string]int64 {
	b.Helper()
	counts := map[string]int64{}
	b.do(func(tx *models.Tx) {
		for _, c := range b.db.Registry.Classes() {
			if !c.Stored() || slices.Contains([]string{"ir.session", "res.user.login.attempt"}, c.Name) {
				continue
			}
			rows, err := tx.Query(sql.F{Text: "SELECT COUNT(*) FROM " + sql.Quote(c.Table)})
			models.Must(err)
			counts[c.Table], _ = rows[0][0].(int64)
		}
	})
	return counts
}

// unchanged fails the test if do changed how many rows there are.
func (b *bench) unchanged(do func()) {
	b.Helper()
	before := b.census()
	do()
	if diff := cmp.Diff(before, b.census()); diff != "" {
		b.Errorf("rows were changed:\n%s", diff)
	}
}

// clear checks that an answer to bad input says what is wrong: by a status of the client's fault, or by an error in the
// envelope that is not the server's own.
func (b *bench) clear(what string, a answer) {
	b.Helper()
	failure, _ := a.member("error").([]any)
	switch {
	case a.status >= 500:
		b.Errorf("%s: %s", what, a)
	case a.status >= 400:
	case a.status == http.StatusOK && len(failure) == 2 && failure[0] != "" && !internal(a):
	default:
		b.Errorf("%s is taken: %s", what, a)
	}
}

// internal recognises the error that tells no more than a reference to the log.
func internal(a answer) bool { return bytes.Contains(a.body, []byte("Internal server error")) }

// TestBadRequests sends what is no call, or no call of somebody who may.
func TestBadRequests(t *testing.T) {
	onEach(t, []string{roleRPC, roleCheckout}, func(b *bench) {
		clerk := b.session(demoUser, demoPassword)
		b.Run("names", func(t *testing.T) { clerk.on(t).unknownNames() })
		b.Run("envelopes", func(t *testing.T) { clerk.on(t).wrongEnvelopes() })
		b.Run("sizes", func(t *testing.T) { clerk.on(t).wrongSizes() })
		b.Run("checkout", func(t *testing.T) { clerk.on(t).forgedTokens() })
		b.Run("webhook", func(t *testing.T) { clerk.on(t).forgedEvents() })
		b.Run("half done", func(t *testing.T) { clerk.on(t).halfDone() })
		b.Run("sessions", func(t *testing.T) { clerk.on(t).wrongSessions() })
	})
}

// post sends a body to a database with the client's session.
func (c *client) post(database string, body []byte, headers ...string) answer {
	c.Helper()
	return c.send("POST", "/"+url.PathEscape(database)+"/", body,
		append([]string{"Content-Type", "application/json", "Authorization", c.authorization}, headers...)...)
}

func (c *client) unknownNames() {
	c.unchanged(func() {
		for _, database := range []string{"none", ":memory:", "a/b", "a\\b", "postgres", "template1", "'; DROP DATABASE x; --", "é", strings.Repeat("x", 300), ".sqlite"} {
			c.clear("database "+database, c.post(database, envelope("model.res.user.get_preferences", true, map[string]any{})))
			a := c.post(database, envelope("common.db.login", demoUser, map[string]any{"password": demoPassword}, "en"))
			if a.status != http.StatusNotFound {
				c.Errorf("login to %s: %s", database, a)
			}
		}
		for _, method := range []string{"x", "model", "model.", "model..read", "model.party.party", "model.party.party.", "model.none.read", "model.party.party.none",
			"model.party.party.Read", "model.party.party.__init__", "wizard.none.create", "wizard.party.replace.none", "report.none.execute",
			"report.party.label.none", "common.db.drop", "common.none", "system.none", "object.party.party.read", "model.ir.session.read",
			"model.res.user.device.search", "model.res.user-res.group.create", "model.party.party.read\x00", strings.Repeat("model.", 1000)} {
			c.clear("method "+method, c.try(method, []any{}, []string{"id"}))
		}
		for _, call := range [][]any{
			{"read", []int64{1}, []string{"none"}}, {"read", []int64{1}, []string{"name.none"}}, {"read", []int64{1}, []string{"name; DROP TABLE party_party"}},
			{"read", []int64{1}, []string{""}}, {"read", []int64{1}, []string{"lang.none"}}, {"read", []int64{999999}, []string{"name"}},
			{"search", []any{[]any{"none", "=", 1}}, 0, 1, nil}, {"search", []any{[]any{"name", "none", 1}}, 0, 1, nil},
			{"search", []any{[]any{`name" = '' OR "name`, "=", 1}}, 0, 1, nil}, {"search", []any{[]any{"name"}}, 0, 1, nil},
			{"search", []any{}, 0, 1, []any{[]any{"none", "ASC"}}}, {"search", []any{}, 0, 1, []any{[]any{"name", "ASC; DROP TABLE party_party"}}},
			{"search", []any{[]any{"lang.none", "=", 1}}, 0, 1, nil}, {"search_count", []any{"OR", "x"}},
			{"create", []any{map[string]any{"name": "X", "none": 1}}}, {"write", []int64{1}, map[string]any{"none": 1}},
			{"default_get", []string{"none"}}, {"fields_get", []string{"none"}}, {"fields_view_get", 999999, "form"}, {"fields_view_get", nil, "none"},
			{"on_change", map[string]any{"none": 1}, []string{"none"}}, {"on_change_with", map[string]any{}, []string{"none"}},
			{"export_data", []int64{1}, []string{"none"}}, {"import_data", []string{"none"}, []any{[]any{"x"}}},
		} {
			method, _ := call[0].(string)
			c.clear(fmt.Sprint(call), c.try("model.party.party."+method, call[1:]...))
		}
	})
}

func (c *client) wrongEnvelopes() {
	long := strings.Repeat("[", 200_000)
	bodies := []string{"", "{bad", "null", "true", "1", `"x"`, "[]", "{}", `[{"id":1,"method":"common.db.list","params":[]}]`,
		`{"id":1,"method":"model.party.party.search"}`, `{"id":1,"params":[]}`, `{"method":"model.party.party.search","params":[]}`,
		`{"id":1,"method":"model.party.party.search","params":[],"jsonrpc":"2.0"}`, `{"id":1,"method":1,"params":[]}`, `{"id":1,"method":"","params":[]}`,
		`{"id":1,"method":null,"params":[]}`, `{"id":1,"method":"model.party.party.search","params":{}}`, `{"id":1,"method":"model.party.party.search","params":"x"}`,
		`{"id":1,"method":"model.party.party.search","params":null}`, `{"id":1,"method":"model.party.party.search","params":[[],0,1,null]}`,
		`{"id":1,"method":"model.party.party.search","params":[` + long, `{"id":` + long + `,"method":"x","params":[]}`,
		`{"id":1,"method":"model.party.party.search","params":[` + long + strings.Repeat("]", 200_000) + `,{}]}`,
		`{"id":1,"method":"model.party.party.search","params":[[],1e400,1,null,{}]}`,
		`{"id":1,"method":"model.party.party.search","params":[[["name","=","\ud800"],["none","=",1]],0,1,null,{}]}`,
		"{\"id\":1,\"method\":\"model.party.party.search\",\"params\":[[[\"n\xff\",\"=\",1]],0,1,null,{}]}",
		`{"id":1,"method":"model.party.party.search","params":[[["name","=",{"__class__":"Decimal","decimal":"x"}]],0,1,null,{}]}`,
		`{"id":1,"method":"model.party.party.search","params":[[["create_date","=",{"__class__":"datetime","year":99999}]],0,1,null,{}]}`,
		`{"id":1,"method":"model.party.party.search","params":[[["create_date","=",{"__class__":"bytes","base64":"%"}]],0,1,null,{}]}`,
		`{"id":1,"method":"common.db.login","params":[]}`, `{"id":1,"method":"common.db.login","params":[1,2,3]}`, `{"id":1,"method":"common.db.login","params":["x",null,null]}`,
		`{"id":1,"method":"model.party.party.search","params":[[],0,1,null,{}]} trailing`,
	}
	c.unchanged(func() {
		for _, body := range bodies {
			c.clear("body "+body[:min(len(body), 90)], c.post(c.name, []byte(body)))
		}
		c.clear("a form", c.send("POST", "/"+c.name+"/", []byte("id=1"), "Content-Type", "application/x-www-form-urlencoded", "Authorization", c.authorization))
		c.clear("XML", c.send("POST", "/"+c.name+"/", []byte("<methodCall/>"), "Content-Type", "text/xml", "Authorization", c.authorization))
	})
	for _, id := range []string{`"text"`, `null`, `[1]`, `{"a":1}`, `1.50`, `12345678901234567890123`} {
		a := c.post(c.name, fmt.Appendf(nil, `{"id":%s,"method":"model.party.party.search_count","params":[[],{}]}`, id))
		if !bytes.HasPrefix(a.body, fmt.Appendf(nil, `{"id":%s,"result":`, id)) {
			c.Errorf("id %s: %s", id, a)
		}
	}
}

// wrongSizes sends too much: plainly, without telling how much, and packed.
func (c *client) wrongSizes() {
	call := func(size int) []byte {
		return envelope("model.party.party.search_count", []any{[]any{"name", "=", strings.Repeat("x", size)}}, map[string]any{})
	}
	expect := func(what string, want int, a answer) {
		c.Helper()
		if a.status != want {
			c.Errorf("%s: %s, want %d", what, a, want)
		}
	}
	limit := int(c.app.Config.Request.MaxSizeAuthenticated)
	stranger := *c
	stranger.authorization = ""
	c.unchanged(func() {
		expect("a stranger's large body", http.StatusRequestEntityTooLarge, stranger.post(c.name, call(int(c.app.Config.Request.MaxSize))))
		expect("a body that is as large, of a user", http.StatusOK, c.post(c.name, call(int(c.app.Config.Request.MaxSize))))
		expect("a user's larger body", http.StatusRequestEntityTooLarge, c.post(c.name, call(limit)))
		expect("a bomb", http.StatusRequestEntityTooLarge, c.post(c.name, zipped(call(limit)), "Content-Encoding", "gzip"))
		expect("a large bomb", http.StatusRequestEntityTooLarge, c.post(c.name, bomb(1<<30), "Content-Encoding", "gzip"))
		expect("a bomb in a bomb", http.StatusBadRequest, c.post(c.name, zipped(bomb(1<<20)), "Content-Encoding", "gzip"))
		expect("a stranger's bomb", http.StatusUnsupportedMediaType, stranger.post(c.name, bomb(1<<30), "Content-Encoding", "gzip"))
		expect("packed", http.StatusOK, c.post(c.name, zipped(call(10)), "Content-Encoding", "gzip"))
		expect("cut short", http.StatusBadRequest, c.post(c.name, zipped(call(10))[:20], "Content-Encoding", "gzip"))
		expect("not packed at all", http.StatusBadRequest, c.post(c.name, call(10), "Content-Encoding", "gzip"))
		expect("packed otherwise", http.StatusUnsupportedMediaType, c.post(c.name, call(10), "Content-Encoding", "br"))
		expect("of untold size", http.StatusLengthRequired, c.chunked(call(10)))
		expect("long headers", http.StatusRequestHeaderFieldsTooLarge, c.post(c.name, call(10), "X-Long", strings.Repeat("x", 100<<10)))
	})
}

// bomb is a small body that unpacks to many zeros.
func bomb(size int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	zeros := make([]byte, 1<<20)
	for range size >> 20 {
		z.Write(zeros)
	}
	z.Close()
	return b.Bytes()
}

// chunked sends a body without its length.
func (c *client) chunked(body []byte) answer {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), "POST", c.url+"/"+c.name+"/", struct{ *bytes.Reader }{bytes.NewReader(body)})
	if err != nil {
		c.Fatal(err)
	}
	request.ContentLength = -1
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", c.authorization)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	response.Body.Close()
	return answer{status: response.StatusCode}
}

// forgedTokens asks for checkout pages by what is no link of ours.
func (c *client) forgedTokens() {
	id := c.payment("Bob Stone", "1", "Order", nil)
	good := c.checkout("account.payment", id)
	base, token, _ := strings.Cut(good, "/account.payment/")
	other := strings.Repeat("0", len(token))
	c.unchanged(func() {
		for _, path := range []string{"/account.payment/" + other, "/account.payment/", "/account.payment", "/account.payment/" + token + "0", "/account.payment/" + token[:len(token)-1],
			"/account.payment.stripe.customer/" + token, "/party.party/" + token, "/res.user/1", "//" + token, "/account.payment/%27%20OR%201=1--", "/account.payment/%25", "/account.payment/null",
			"/account.payment/" + strings.ToUpper(token) + "/", "/account.payment/..%2f" + token, "/account.payment/%00", "/" + strings.Repeat("x", 10000) + "/" + token} {
			for _, method := range []string{"GET", "POST"} {
				a := c.send(method, base+path, nil)
				if a.status < 400 && a.status/100 != 3 || a.status >= 500 || bytes.Contains(a.body, []byte("data-secret")) {
					c.Errorf("%s %s: %s", method, path, a)
				}
			}
			time.Sleep(200 * time.Millisecond) // within the limit of an address
		}
		c.send("DELETE", good, nil)
	})
	if a := c.send("GET", good, nil); a.status != http.StatusOK {
		c.Errorf("the link itself: %s", a)
	}
}

// forgedEvents posts what Stripe did not sign.
func (c *client) forgedEvents() {
	account := c.named("account.payment.stripe.account", "Stripe Test")
	admin := c.session("admin", "admin")
	admin.must("model.account.payment.stripe.account.new_identifier", []int64{account})
	admin.must("model.account.payment.stripe.account.write", []int64{account}, map[string]any{"webhook_signing_secret": "whsec_test"})
	endpoint, _ := admin.read("account.payment.stripe.account", account, "webhook_endpoint")["webhook_endpoint"].(string)
	path := strings.TrimPrefix(endpoint, c.url)
	if !strings.HasPrefix(path, "/"+c.name+"/account_payment_stripe/webhook/") {
		c.Fatalf("the endpoint is %q", endpoint)
	}
	event := []byte(`{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1,"data":{"object":{"id":"pi_1","object":"payment_intent"}}}`)
	c.unchanged(func() {
		for _, signature := range []string{"", "x", "t=1,v1=00", "t=99999999999999999999,v1=", fmt.Sprintf("t=%d,v1=%064d", time.Now().Unix(), 0)} {
			if a := c.send("POST", path, event, "Stripe-Signature", signature); a.status != http.StatusBadRequest {
				c.Errorf("signature %q: %s", signature, a)
			}
		}
		for _, wrong := range []string{path + "0", path[:len(path)-1], "/" + c.name + "/account_payment_stripe/webhook/%27", "/none/account_payment_stripe/webhook/x"} {
			if a := c.send("POST", wrong, event, "Stripe-Signature", "t=1,v1=00"); a.status != http.StatusNotFound {
				c.Errorf("%s: %s", wrong, a)
			}
		}
	})
}

// halfDone makes calls whose second half is wrong: nothing of the first may stay.
func (c *client) halfDone() {
	ids, _ := c.must("model.party.party.search", []any{[]any{"name", "in", []string{"Bob Stone", "Alice Martin"}}}, 0, nil, nil).([]any)
	draft := first(c.must("model.account.payment.search", []any{[]any{"state", "=", "draft"}}, 0, 1, nil))
	approved := c.payment("Bob Stone", "2", "Order", nil)
	c.unchanged(func() {
		c.clear("create", c.try("model.party.party.create", []any{map[string]any{"name": "Half"}, map[string]any{"name": "Half", "lang": 999999}}))
		c.clear("create with children", c.try("model.party.party.create", []any{map[string]any{"name": "Half",
			"addresses": []any{[]any{"create", []any{map[string]any{"street": "S"}, map[string]any{"country": 999999}}}}}}))
		c.clear("write", c.try("model.party.party.write", ids[:1], map[string]any{"name": "Half"}, ids[1:], map[string]any{"lang": 999999}))
		c.clear("write with children", c.try("model.party.party.write", ids[:1], map[string]any{"name": "Half",
			"contact_mechanisms": []any{[]any{"create", []any{map[string]any{"type": "none", "value": "x"}}}}}))
		c.clear("import", c.try("model.party.party.import_data", []string{"name", "lang"}, []any{[]any{"Half", ""}, []any{"Half", "none"}}))
		c.clear("delete", c.try("model.account.payment.delete", []int64{draft, approved}))
		c.clear("button", c.try("model.account.payment.approve", []int64{draft, 999999}))
		c.clear("copy", c.try("model.party.party.copy", ids[:1], map[string]any{"lang": 999999}))
	})
	if n := integer(c.must("model.party.party.search_count", []any{[]any{"name", "=", "Half"}})); n != 0 {
		c.Errorf("%d records were changed by calls that failed", n)
	}
	if state := c.read("account.payment", draft, "state")["state"]; state != "draft" {
		c.Errorf("the payment became %v by a call that failed", state)
	}
}

// user and key are those of the client's session.
func (c *client) user() int64 { n, _ := strconv.ParseInt(c.sessionPart(1), 10, 64); return n }
func (c *client) key() string { return c.sessionPart(2) }

func (c *client) sessionPart(i int) string {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.authorization, "Session "))
	if err != nil {
		c.Fatal(err)
	}
	return strings.Split(string(decoded), ":")[i]
}

// wrongSessions calls with what is no session, or not one any more.
func (c *client) wrongSessions() {
	text := func(format string, args ...any) string { return encodedSession(fmt.Sprintf(format, args...)) }
	key := strings.Repeat("0", 64)
	admin := c.session("admin", "admin")
	for what, authorization := range map[string]string{"none": "", "no base64": "Session %%%", "empty": "Session ", "other scheme": "Bearer x", "wrong key": text("%s:%d:%s", demoUser, c.user(), key),
		"short": text("%s", demoUser), "no number": text("%s:x:%s", demoUser, key), "negative": text("%s:-1:%s", demoUser, key), "root": text("root:0:%s", key),
		"of another": text("%s:%d:%s", demoUser, c.user(), admin.key()), "wrong password": "Basic b3BlcmF0b3I6eA==", "SQL": text("' OR 1=1--:1:' OR 1=1--"), "huge": text("x:99999999999999999999:x"),
		"no text": "Session /////w=="} {
		other := *c
		other.authorization = authorization
		if a := other.try("model.party.party.search_count", []any{}); a.status != http.StatusUnauthorized {
			c.Errorf("%s: %s", what, a)
		}
	}
	c.clock.advance(time.Hour)
	if a := c.try("model.party.party.search_count", []any{}); a.status != http.StatusOK {
		c.Errorf("after an hour: %s", a)
	}
	if a := c.try("model.account.payment.approve", []int64{}); a.status != http.StatusUnauthorized {
		c.Errorf("approve after an hour: %s", a)
	}
	if a := c.try("model.party.party.search_count", []any{}); a.status != http.StatusUnauthorized {
		c.Errorf("after that: %s", a)
	}
	again := c.session(demoUser, demoPassword)
	c.clock.advance(31 * 24 * time.Hour)
	if a := again.try("model.party.party.search_count", []any{}); a.status != http.StatusUnauthorized {
		c.Errorf("after 31 days: %s", a)
	}
	third := c.session(demoUser, demoPassword)
	third.send("POST", "/"+c.name+"/", envelope("common.db.logout"), "Content-Type", "application/json", "Authorization", third.authorization)
	if a := third.try("model.party.party.search_count", []any{}); a.status != http.StatusUnauthorized {
		c.Errorf("after the logout: %s", a)
	}
}
