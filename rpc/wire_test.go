package rpc_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"log/slog"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/res"
	"paytond/rpc"
)

// The server's own names cannot be injected into the context.
func testContext(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	sent := `{"language":"en","company":1,"client":"u","_check_access":false,"_user":0,"_request":{},"_datetime":"",` +
		`"_timestamp":{"test.thing,1":"1.000000"},"active_ids":[1,2],"_base_url":"https://evil.example"}`
	_, text := b.call(b.login("admin"), "model.test.thing.context", "["+sent+"]")
	want := `{"_base_url":"` + b.url + `","_timestamp":{"test.thing,1":"1.000000"},"active_ids":[1,2],"client":"u","company":1,"language":"en"}`
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	_, text = b.call(b.login("admin"), "model.test.thing.context", `[{"_datetime":{"__class__":"datetime","year":2026,"month":1,"day":2,"hour":0,"minute":0,"second":0,"microsecond":0},"_timestamp":null}]`)
	if !strings.Contains(text, `"_datetime":{"__class__":"datetime"`) || strings.Contains(text, "_timestamp") {
		t.Errorf("got %s", text)
	}
}

func testCacheHeader(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	for _, c := range []struct{ method, params, want string }{
		{"model.test.thing.echo", `[1,{}]`, "3600"},
		{"model.test.thing.echo", `[1]`, ""},
		{"model.test.thing.context", `[{}]`, ""},
		{"model.test.thing.fail", `["none",{}]`, ""}, // it writes
		{"model.test.thing.fields_get", `[{}]`, "86400"},
		{"model.test.thing.default_get", `[["name"],{}]`, "300"},
		{"model.res.user.application.default_get", `[["key"],{}]`, ""},
		{"model.test.thing.search", `[[],0,null,null,{}]`, ""},
	} {
		_, header, body := b.post("/test/", session, call(c.method, c.params))
		if got := header.Get("X-Tryton-Cache"); got != c.want {
			t.Errorf("%s%s: %q, want %q: %s", c.method, c.params, got, c.want, body)
		}
	}
}

func testGzip(t *testing.T, db *models.Database) {
	b := newBench(t, db, func(c *rpc.Config) { c.MaxAuthenticated = 1 << 20 })
	session := b.login("admin")
	long := strings.Repeat("long ", 1000)
	header := func(accept string) map[string]string {
		return map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip", "Authorization": session, "Accept-Encoding": accept}
	}
	for _, accept := range []string{"gzip", "deflate, gzip;q=0.5", "*"} {
		status, got, body := b.request("POST", "/test/", header(accept), packed(t, call("model.test.thing.echo", `["`+long+`",{}]`)))
		if status != http.StatusOK || got.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(got.Values("Vary"), ","), "Accept-Encoding") {
			t.Fatalf("%s: status %d, header %v", accept, status, got)
		}
		if text := unpacked(t, body); text != `{"id":7,"result":"`+long+`"}` {
			t.Errorf("%s: got %s", accept, text)
		}
	}
	for _, accept := range []string{"", "identity", "gzip;q=0", "deflate"} {
		_, got, body := b.request("POST", "/test/", header(accept), packed(t, call("model.test.thing.echo", `["`+long+`",{}]`)))
		if got.Get("Content-Encoding") != "" || got.Get("Content-Length") != strconv.Itoa(len(body)) || !strings.HasPrefix(body, `{"id":7,`) {
			t.Errorf("%q: header %v", accept, got)
		}
	}
	_, got, body := b.request("POST", "/test/", header("gzip"), packed(t, call("model.test.thing.echo", `["short",{}]`)))
	if got.Get("Content-Encoding") != "" || body != `{"id":7,"result":"short"}` {
		t.Errorf("a short answer: %v %s", got, body)
	}
	bomb := packed(t, call("model.test.thing.echo", `["`+strings.Repeat("x", 64<<20)+`",{}]`))
	if status, _, _ := b.request("POST", "/test/", header(""), bomb); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a bomb: status %d", status)
	}
	if status, _, _ := b.request("POST", "/test/", header(""), strings.NewReader("no gzip")); status != http.StatusBadRequest {
		t.Errorf("what is not packed: status %d", status)
	}
}

func packed(t *testing.T, text string) io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func unpacked(t *testing.T, body string) string {
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func testListMethods(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	_, text := b.call(b.login("admin"), "system.listMethods", `[]`)
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(db.Registry.MethodNames(), names); diff != "" {
		t.Error(diff)
	}
}

func testDevMode(t *testing.T, db *models.Database) {
	b := newBench(t, db, func(c *rpc.Config) { c.DevMode = true })
	_, text := b.call(b.login("admin"), "model.test.thing.fail", `["panic",{}]`)
	if !strings.Contains(text, "secret panic") || !strings.Contains(text, "main_test.go") {
		t.Errorf("the error is %s", text)
	}
}

// An unexpected error is found in the log by the reference that the user was shown.
func testReference(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	for kind, secret := range map[string]string{"internal": "secret detail", "panic": "secret panic"} {
		_, text := b.call(session, "model.test.thing.fail", `["`+kind+`",{}]`)
		_, rest, _ := strings.Cut(text, "reference ")
		reference, _, found := strings.Cut(rest, ")")
		if !found || !strings.Contains(b.log.String(), "reference="+reference) || !strings.Contains(b.log.String(), secret) {
			t.Errorf("%s: the user sees %s, the log has\n%s", kind, text, b.log.String())
		}
	}
}

func TestFiles(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"index.html": "<html>", "dist/sao.js": "js", "locale/de.json": "{}"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(root), "outside"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, nil, func(c *rpc.Config) { c.Root = root })
	for _, c := range []struct {
		path   string
		status int
		kind   string
	}{
		{"/", 200, "text/html; charset=utf-8"}, {"/dist/sao.js", 200, "text/javascript; charset=utf-8"}, {"/locale/de.json", 200, "application/json"},
		{"/custom.js", 404, ""}, {"/dist", 404, ""}, {"/dist/", 404, ""}, {"/test/", 404, ""},
		{"/..%2foutside", 404, ""}, {"/%2e%2e/outside", 404, ""}, {"/dist/..%5c..%5coutside", 404, ""}, {"/x%00y", 404, ""},
	} {
		status, header, body := b.request("GET", c.path, nil, nil)
		for status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect { // the path was cleaned
			status, header, body = b.request("GET", header.Get("Location"), nil, nil)
		}
		if status != c.status || strings.Contains(body, "secret") {
			t.Errorf("%s: status %d, want %d", c.path, status, c.status)
		}
		if status != 200 {
			continue
		}
		if header.Get("Cache-Control") != "max-age=43200, public" || header.Get("Content-Type") != c.kind {
			t.Errorf("%s: header %v", c.path, header)
		}
		status, _, body = b.request("GET", c.path, map[string]string{"If-None-Match": header.Get("ETag")}, nil)
		if status != http.StatusNotModified || body != "" {
			t.Errorf("%s again: status %d", c.path, status)
		}
	}
}

// Whatever a stranger sends: an answer in the envelope, or a refusal, and
// never a failure of the server.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"method":"common.server.version","params":[]}`, `{"id":null,"method":"model.x.y","params":[{}]}`, `{bad`, ``, `[]`, `null`, `"x"`,
		`{"id":1,"method":"common.db.login","params":["a",{"password":"\ud800"},"en"]}`, `{"id":[[[[]]]],"method":"\u0000","params":[1e999]}`,
		`{"id":1,"method":"x","params":[{"__class__":"date","year":99999}]}`, `{"id":1,"id":2,"method":"common.server.version","params":[]}`,
	} {
		f.Add("/", "Session YTox", seed)
		f.Add("/none/", "Basic YTox", seed)
	}
	auth, err := res.NewAuthentication(res.DefaultLimits())
	if err != nil {
		f.Fatal(err)
	}
	server, err := rpc.New(rpc.Config{Databases: databases{}, Authentication: auth, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, authorization, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.URL.Path = "/" + strings.TrimPrefix(path, "/")
		r.Header.Set("Content-Type", "application/json")
		r.Header["Authorization"] = []string{authorization}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Fatalf("status %d", w.Code)
		}
		if w.Code == http.StatusOK && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("the answer is no JSON: %s", w.Body)
		}
	})
}
