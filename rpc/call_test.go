package rpc_test

import (
	"net/http"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/rpc"
)

func testCalls(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	for _, c := range []struct{ name, path, body, want string }{
		{"version", "/", `{"id":1,"method":"common.server.version","params":[]}`, `{"id":1,"result":"6.0.29"}`},
		{"list", "/", `{"id":0,"method":"common.db.list","params":[]}`, `{"id":0,"result":["test","tést"]}`},
		{"unknown at the root", "/", `{"id":7,"method":"common.no.such","params":[]}`, `{"id":7,"error":["'common.no.such'",""]}`},
		{"order of keys", "/", `{"params":[],"id":1,"method":"common.server.version"}`, `{"id":1,"result":"6.0.29"}`},
		{"blanks", "/", " { \"params\" : [ ] , \"id\" : 1\n, \"method\":\"common.server.version\" } ", `{"id":1,"result":"6.0.29"}`},
		{"text id", "/", `{"id":"a\"<b>","method":"common.server.version","params":[]}`, `{"id":"a\"<b>","result":"6.0.29"}`},
		{"null id", "/", `{"id":null,"method":"common.server.version","params":[]}`, `{"id":null,"result":"6.0.29"}`},
		{"long id", "/", `{"id":123456789012345678901234567890.10,"method":"common.server.version","params":[]}`, `{"id":123456789012345678901234567890.10,"result":"6.0.29"}`},
		{"object id", "/", `{"id":{"__class__":"Decimal"},"method":"common.server.version","params":[]}`, `{"id":{"__class__":"Decimal"},"result":"6.0.29"}`},
		{"encoded name", "/t%C3%A9st/", call("model.test.thing.echo", `[1,{}]`), `{"id":7,"result":1}`},

		{"echo", "/test/", call("model.test.thing.echo", `[{"a":[1,1.5,null,true,"é\u0000<>"]},{}]`), `{"id":7,"result":{"a":[1,1.5,null,true,"é\u0000<>"]}}`},
		{"decimal", "/test/", call("model.test.thing.echo", `[{"__class__":"Decimal","decimal":"42.50"},{}]`), `{"id":7,"result":{"__class__":"Decimal","decimal":"42.50"}}`},
		{"bytes", "/test/", call("model.test.thing.echo", `[{"__class__":"bytes","base64":"YWJj\n"},{}]`), `{"id":7,"result":{"__class__":"bytes","base64":"YWJj"}}`},
		{"unknown class", "/test/", call("model.test.thing.echo", `[{"__class__":"Eval","v":"x","d":1},{}]`), `{"id":7,"result":{"__class__":"Eval","d":1,"v":"x"}}`},
		{"second attempt", "/test/", call("model.test.thing.again", `[{"n":5},{}]`), `{"id":7,"result":5}`},
		{"impossible date", "/test/", call("model.test.thing.echo", `[{"__class__":"date","year":2026,"month":2,"day":30},{}]`), ""},

		{"unknown model", "/test/", call("model.no.such.model.read", `[[1],["id"],{}]`), `{"id":7,"error":["'no.such.model'",""]}`},
		{"unknown wizard", "/test/", call("wizard.foo.create", `[{}]`), `{"id":7,"error":["'foo'",""]}`},
		{"unknown report", "/test/", call("report.foo.execute", `[[],{},{}]`), `{"id":7,"error":["'foo'",""]}`},
		{"half a name", "/test/", call("model.thing", `[{}]`), `{"id":7,"error":["'thing'",""]}`},
		{"a word", "/test/", call("foo", `[{}]`), `{"id":7,"error":["'foo'",""]}`},
		{"unknown common", "/test/", call("common.db.drop", `[]`), `{"id":7,"error":["'common.db.drop'",""]}`},
		{"no context", "/test/", call("model.test.thing.echo", `[1]`), `{"id":7,"error":["Missing context argument",""]}`},
		{"no parameters", "/test/", call("model.test.thing.echo", `[]`), `{"id":7,"error":["Missing context argument",""]}`},
		{"unknown field", "/test/", call("model.test.thing.search", `[[["no_field","=",1]],0,2,null,{}]`), `{"id":7,"error":["'no_field'",""]}`},
		{"duplicate ids", "/test/", call("model.test.thing.delete", `[[1,1],{}]`), `{"id":7,"error":["Duplicate ids",""]}`},
		{"other database", "/none/", call("model.test.thing.echo", `[1,{}]`), `{"id":7,"error":["database \"none\" does not exist",""]}`},
		{"signature", "/test/", call("system.methodSignature", `["x"]`), `{"id":7,"result":"signatures not supported"}`},
		{"help", "/test/", call("system.methodHelp", `["model.test.thing.echo"]`), `{"id":7,"result":"Returns its argument."}`},
		{"help for nothing", "/test/", call("system.methodHelp", `["x"]`), `{"id":7,"error":["''",""]}`},

		{"user error", "/test/", call("model.test.thing.fail", `["user",{}]`), `{"id":7,"error":["UserError",["No.","Because.",null]]}`},
		{"wrapped error", "/test/", call("model.test.thing.fail", `["wrapped",{}]`), `{"id":7,"error":["UserError",["No.","",null]]}`},
		{"domain error", "/test/", call("model.test.thing.fail", `["domain",{}]`), `{"id":7,"error":["UserError",["No.","",[[["a","=",1]],{"a":{}}]]]}`},
		{"warning", "/test/", call("model.test.thing.fail", `["warning",{}]`), `{"id":7,"error":["UserWarning",["n 1","Sure?","It lasts."]]}`},
		{"concurrency", "/test/", call("model.test.thing.fail", `["concurrency",{}]`), `{"id":7,"error":["ConcurrencyException","Changed"]}`},
		{"login parameter", "/test/", call("model.test.thing.fail", `["login",{}]`), `{"id":7,"error":["LoginException",["code","Your code","char"]]}`},
		{"not found", "/test/", call("model.test.thing.fail", `["notfound",{}]`), `{"id":7,"error":["'x'",""]}`},
		{"bad request", "/test/", call("model.test.thing.fail", `["bad",{}]`), `{"id":7,"error":["Duplicate ids",""]}`},
		{"unavailable", "/test/", call("model.test.thing.fail", `["unavailable",{}]`), `{"id":7,"error":["Stripe does not answer",""]}`},
		{"internal", "/test/", call("model.test.thing.fail", `["internal",{}]`), ""},
		{"panic", "/test/", call("model.test.thing.fail", `["panic",{}]`), ""},
		{"unwritable", "/test/", call("model.test.thing.unwritable", `[{}]`), ""},
	} {
		status, header, body := b.post(c.path, session, c.body)
		if status != http.StatusOK || header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: status %d, type %s, body %s", c.name, status, header.Get("Content-Type"), body)
		}
		if c.want != "" && body != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, body, c.want)
		}
		if c.want == "" && (!strings.HasPrefix(body, `{"id":7,"error":["`) || strings.Contains(body, "secret")) {
			t.Errorf("%s: got %s", c.name, body)
		}
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		if n := things.Count(tx, domain.And{}); n != 0 {
			t.Errorf("%d records are left over by calls that failed", n)
		}
	})
}

func call(method, params string) string {
	return `{"id":7,"method":"` + method + `","params":` + params + `}`
}

func testStatuses(t *testing.T, db *models.Database) {
	b := newBench(t, db, func(c *rpc.Config) { c.MaxAnonymous, c.MaxAuthenticated = 1000, 3000 })
	session := b.login("admin")
	echo := call("model.test.thing.echo", `["`+strings.Repeat("x", 1500)+`",{}]`)
	for _, c := range []struct {
		name, path, authorization, body string
		status                          int
		want                            string
	}{
		{"unknown method", "/test/", session, call("model.test.thing.nonsense", `[{}]`), 403, "Forbidden\n"},
		{"internal model", "/test/", session, call("model.ir.session.search", `[[],0,null,null,{}]`), 403, "Forbidden\n"},
		{"underscore", "/test/", session, call("model.test.thing._read", `[{}]`), 403, "Forbidden\n"},
		{"forbidden", "/test/", session, call("model.test.thing.fail", `["forbidden",{}]`), 403, "Forbidden\n"},
		{"too many", "/test/", session, call("model.test.thing.fail", `["toomany",{}]`), 429, "Too Many Requests\n"},
		{"no session", "/test/", "", call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"no session, unknown name", "/test/", "", call("foo", `[1,{}]`), 401, ""},
		{"no session, list of methods", "/test/", "", call("system.listMethods", `[]`), 401, ""},
		{"wrong key", "/test/", sessionHeader("admin", 1, "00"), call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"server's key", "/test/", sessionHeader("root", 0, ""), call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"bad header", "/test/", "Session %%%", call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"other scheme", "/test/", "Bearer YWJj", call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"wrong password", "/test/", "", call("common.db.login", `["admin",{"password":"x"},"en"]`), 401, "Unauthorized\n"},
		{"basic", "/test/", basicHeader("admin", password), call("model.test.thing.echo", `[1,{}]`), 200, `{"id":7,"result":1}`},
		{"basic, wrong", "/test/", basicHeader("admin", "x"), call("model.test.thing.echo", `[1,{}]`), 401, ""},
		{"login elsewhere", "/none/", "", call("common.db.login", `["admin",{"password":"x"},"en"]`), 404, "Not Found\n"},
		{"no slash", "/t%C3%A9st?x=1", "", call("common.db.login", `[]`), 308, ""},
		{"bus", "/test/bus", session, `{}`, 501, "The bus is not enabled.\n"},
		{"bad JSON", "/test/", session, `{bad`, 400, ""},
		{"no JSON", "/test/", session, ``, 400, ""},
		{"a list", "/test/", session, `[` + call("model.test.thing.echo", `[1,{}]`) + `]`, 400, ""},
		{"one key more", "/test/", session, `{"jsonrpc":"2.0","id":1,"method":"model.test.thing.echo","params":[1,{}]}`, 400, ""},
		{"one key less", "/test/", session, `{"id":1,"method":"model.test.thing.echo"}`, 400, ""},
		{"another key", "/test/", session, `{"ID":1,"method":"model.test.thing.echo","params":[1,{}]}`, 400, ""},
		{"method no text", "/test/", session, `{"id":1,"method":1,"params":[1,{}]}`, 400, ""},
		{"method empty", "/test/", session, `{"id":1,"method":"","params":[1,{}]}`, 400, ""},
		{"parameters no list", "/test/", session, `{"id":1,"method":"model.test.thing.echo","params":{}}`, 400, ""},
		{"not a number", "/test/", session, `{"id":1,"method":"model.test.thing.echo","params":[NaN,{}]}`, 400, ""},
		{"two values", "/test/", session, call("model.test.thing.echo", `[1,{}]`) + `{}`, 400, ""},
		{"large", "/test/", session, echo, 200, ""},
		{"large from a stranger", "/test/", "", echo, 413, "Request Entity Too Large\n"},
		{"too large", "/test/", session, call("model.test.thing.echo", `["`+strings.Repeat("x", 3000)+`",{}]`), 413, "Request Entity Too Large\n"},
	} {
		status, header, body := b.post(c.path, c.authorization, c.body)
		if status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, status, c.status, body)
		}
		if (c.want != "" || c.status == 401) && body != c.want {
			t.Errorf("%s: got %q, want %q", c.name, body, c.want)
		}
		if asks := header.Get("WWW-Authenticate") != ""; asks != (status == 401 && c.want == "") {
			t.Errorf("%s: asks for a password: %v", c.name, asks)
		}
		if status == 308 && header.Get("Location") != "/t%C3%A9st/?x=1" {
			t.Errorf("%s: sent to %q", c.name, header.Get("Location"))
		}
		if (status == 429) != (header.Get("Retry-After") == "300") {
			t.Errorf("%s: retry after %q", c.name, header.Get("Retry-After"))
		}
	}
	for _, secret := range []string{password, strings.TrimPrefix(session, "Session "), "xxxxxxx"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// What no client of ours sends, and no database is needed to refuse.
func TestOtherRequests(t *testing.T) {
	b := newBench(t, nil)
	version := `{"id":1,"method":"common.server.version","params":[]}`
	for _, c := range []struct {
		name, method, path string
		header             map[string]string
		body               string
		status             int
	}{
		{"get", "GET", "/", nil, "", 405},
		{"get of a database", "GET", "/test/", nil, "", 405},
		{"put", "PUT", "/test/", nil, version, 405},
		{"plain text", "POST", "/", map[string]string{"Content-Type": "text/plain"}, version, 415},
		{"no type", "POST", "/", nil, version, 200},
		{"JSON of a kind", "POST", "/", map[string]string{"Content-Type": "application/json-rpc ; charset=utf-8"}, version, 200},
		{"packed by a stranger", "POST", "/", map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"}, version, 415},
		{"packed strangely", "POST", "/", map[string]string{"Content-Type": "application/json", "Content-Encoding": "br"}, version, 415},
		{"a page of the same host", "POST", "/", map[string]string{"Content-Type": "application/json", "Origin": "https://pay.example", "Host": "pay.example"}, version, 200},
		{"a foreign page", "POST", "/", map[string]string{"Content-Type": "application/json", "Origin": "https://other.example", "Host": "pay.example"}, version, 403},
		{"a page of nowhere", "POST", "/", map[string]string{"Content-Type": "application/json", "Origin": "null"}, version, 403},
		{"a foreign page asks first", "OPTIONS", "/test/", map[string]string{"Origin": "https://other.example"}, "", 403},
		{"asks first", "OPTIONS", "/any/where", nil, "", 204},
		{"avatar of nobody", "GET", "/avatar/dGVzdA==/x", nil, "", 404},
		{"avatar of nowhere", "GET", "/avatar/%%25/x", nil, "", 404},
		{"avatar of a strange size", "GET", "/avatar/dGVzdA==/x?s=big", nil, "", 400},
		{"avatar of no size", "GET", "/avatar/dGVzdA==/x?s=0", nil, "", 400},
	} {
		if strings.Contains(c.path, "%%") {
			c.path = strings.ReplaceAll(c.path, "%%", "%")
		}
		status, _, body := b.request(c.method, c.path, c.header, strings.NewReader(c.body))
		if status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, status, c.status, body)
		}
	}
	// A body of unknown length comes in chunks.
	status, _, _ := b.request("POST", "/", map[string]string{"Content-Type": "application/json"}, struct{ *strings.Reader }{strings.NewReader(version)})
	if status != http.StatusLengthRequired {
		t.Errorf("a body of unknown length: status %d", status)
	}
}

func TestOrigin(t *testing.T) {
	b := newBench(t, nil, func(c *rpc.Config) { c.Origins = []string{"https://office.example:8443/"}; c.Proxies.Count = 1 })
	header := map[string]string{"Origin": "https://office.example:8443", "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": "authorization,content-type"}
	status, got, _ := b.request("OPTIONS", "/test/", header, nil)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":  "https://office.example:8443",
		"Access-Control-Allow-Methods": "POST",
		"Access-Control-Allow-Headers": "authorization,content-type",
		"Access-Control-Max-Age":       "43200",
		"Vary":                         "Origin",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
	if status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	header = map[string]string{"Content-Type": "application/json", "Origin": "https://pay.example", "X-Forwarded-Host": "evil.example, pay.example"}
	status, _, _ = b.request("POST", "/", header, strings.NewReader(`{"id":1,"method":"common.server.version","params":[]}`))
	if status != http.StatusOK {
		t.Errorf("behind a proxy: status %d", status)
	}
}

func TestListForbidden(t *testing.T) {
	b := newBench(t, nil, func(c *rpc.Config) {
		c.Databases = databases{list: &models.Error{Kind: models.KindForbidden}}
	})
	if status, _, _ := b.post("/", "", call("common.db.list", "[]")); status != http.StatusForbidden {
		t.Errorf("status %d", status)
	}
}
