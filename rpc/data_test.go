package rpc_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
)

// get asks for an address.
func (b *bench) get(path, authorization string) (int, http.Header, string) {
	b.Helper()
	return b.request("GET", path, map[string]string{"Authorization": authorization}, nil)
}

// testData asks for tables as a spreadsheet does.
func testData(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	var ids []int64
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, name := range []string{"plain", `a "word", and more`, "two\nlines", "é;☃"} {
			r, err := things.Create(tx, things.Name.To(name))
			models.Must(err)
			ids = append(ids, r.ID())
		}
	})
	session := b.login("admin")
	ask := func(query string) (int, http.Header, string) { return b.get("/test/data/test.thing?"+query, session) }
	esc := url.QueryEscape
	for query, want := range map[string]string{
		"f=name&o=id,ASC":                                                "name\r\nplain\r\n\"a \"\"word\"\", and more\"\r\n\"two\nlines\"\r\né;☃\r\n",
		"f=name&f=active_no&h=0":                                         "",
		"f=name&s=1&p=1&o=id&h=0":                                        "\"a \"\"word\"\", and more\"\r\n",
		"f=name&s=1&o=id,DESC&h=0":                                       "é;☃\r\n",
		"f=name&f=name&o=id,DESC&s=1&h=0&dl=;":                           "\"é;☃\";\"é;☃\"\r\n",
		"f=name&h=0&dl=%3B&qc=%27&o=id&s=1&p=3":                          "'é;☃'\r\n",
		"f=name&h=0&d=" + esc(`[["name","=","plain"]]`):                  "plain\r\n",
		"f=name&h=0&d=" + esc(fmt.Sprint("[", ids[3], ",", ids[0], "]")): "é;☃\r\nplain\r\n",
		"f=name&h=0&d=[]&s=0":                                            "",
		"f=id&h=1&d=" + esc(`[["name","=","none"]]`):                     "id\r\n",
	} {
		status, _, body := ask(query)
		if want == "" && query == "f=name&f=active_no&h=0" {
			if status != http.StatusBadRequest || !strings.Contains(body, "active_no") {
				t.Errorf("%s: %d %s", query, status, body)
			}
			continue
		}
		if status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q, want %q", query, status, body, want)
		}
	}
	status, header, body := ask("f=name&h=0&o=id,DESC&s=1&p=1&enc=utf_16")
	if status != http.StatusOK || body != "\xff\xfe\"\x00t\x00w\x00o\x00\n\x00l\x00i\x00n\x00e\x00s\x00\"\x00\r\x00\n\x00" {
		t.Errorf("UTF-16: %d %q", status, body)
	}
	if header.Get("Content-Type") != "text/csv; charset=utf_16" || header.Get("Content-Disposition") != `attachment; filename="Thing.csv"` {
		t.Errorf("headers: %v", header)
	}
	for _, query := range []string{"f=name&enc=latin1", "f=name&enc=klingon", "f=name&s=x", "f=name&s=-1", "f=name&s=2&p=-1", "f=name&s=9223372036854775807&p=2",
		"f=name&d=x", "f=name&d={}", "f=name&d=" + esc(`[["x","=",1]]`), "f=name&c=[]", "f=name&c=x", "f=name&o=x,ASC", "f=name&o=id,SIDEWAYS", "f=name&h=x",
		"f=name&loc=x", "f=name&dl=ab", "f=name&dl=", "f=name&qc=%0A", "f=name/x", "f=x", "f=%zz", "f=name&d=" + esc("[999999]") + "&f=x"} {
		if status, _, body := ask(query); status != http.StatusBadRequest || body == "" {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	for range 20 { // of several wrong parameters it is always the same that is told
		if _, _, body := ask("f=name&enc=klingon&qc=ab&s=x&d=x"); !strings.HasPrefix(body, "d: ") {
			t.Fatalf("of four wrong parameters it tells %s", body)
		}
	}
	for path, want := range map[string]int{"/test/data/no.such": 404, "/nowhere/data/test.thing": 200, "/test/other/test.thing": 405, "/test/data/res.user.device?f=id": 403} {
		if status, _, body := b.get(path, session); status != want && (want != 200 || status < 400) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	status, header, _ = b.get("/test/data/test.thing?f=name", "")
	if status != http.StatusUnauthorized || header.Get("WWW-Authenticate") != `Basic realm="Tryton"` {
		t.Errorf("a stranger: %d %v", status, header)
	}
	if status, _, body := b.get("/test/data/test.thing?f=name&h=0&s=1&o=id", basicHeader("admin", password)); status != http.StatusOK || body != "plain\r\n" {
		t.Errorf("by password: %d %s", status, body)
	}
}

// testApplicationKeys goes the way of a program that asks for a key, has it validated by the user, uses it and gives it back.
func testApplicationKeys(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	ask := func(method, body string) (int, string) {
		status, _, text := b.request(method, "/test/user/application/", map[string]string{"Content-Type": "application/json", "Origin": "null"}, strings.NewReader(body))
		return status, text
	}
	request := func(login string) string {
		status, text := ask("POST", `{"user":"`+login+`","application":"data"}`)
		key := strings.Trim(text, `"`)
		if status != http.StatusOK || len(key) != 128 {
			t.Fatalf("a key for %s: %d %s", login, status, text)
		}
		return key
	}
	read := func(key string) int {
		status, _, _ := b.get("/test/data/test.thing?f=name", "Bearer "+key)
		return status
	}
	key, second, nobody := request("admin"), request("admin"), request("nobody")
	list := func() string {
		_, text := b.call(session, "model.res.user.application.search_read", `[[],0,null,[["id","ASC"]],["key","state","user.rec_name"],{}]`)
		return text
	}
	if all := list(); !strings.Contains(all, key) || strings.Contains(all, second) || strings.Contains(all, nobody) {
		t.Errorf("keys: %s", all)
	}
	if status := read(key); status != http.StatusForbidden {
		t.Errorf("before it is validated: %d", status)
	}
	_, ids := b.call(session, "model.res.user.application.search", `[[],0,null,null,{}]`)
	if status, text := b.call(session, "model.res.user.application.validate_", `[`+ids+`,{}]`); text != "null" {
		t.Errorf("validate: %d %s", status, text)
	}
	if status := read(key); status != http.StatusOK {
		t.Errorf("validated: %d", status)
	}
	for _, other := range []string{second, nobody, "", key + "0", strings.ToUpper(key)} {
		if status := read(other); status != http.StatusForbidden {
			t.Errorf("key %q: %d", other, status)
		}
	}
	if status, text := b.call("Bearer "+key, "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("a call with the key: %d %s", status, text)
	}
	for _, body := range []string{`{"user":"admin","application":"other"}`, `{"user":"admin"}`, `[]`, `x`, `{"user":1}`} {
		if status, text := ask("POST", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	if status, text := ask("DELETE", `{"user":"admin","application":"data","key":"`+key+`"}`); status != http.StatusOK || text != "null" {
		t.Errorf("given back: %d %s", status, text)
	}
	if status := read(key); status != http.StatusForbidden || list() != "[]" {
		t.Errorf("given back: %d %s", status, list())
	}
	var last int
	for range 7 {
		last, _ = ask("DELETE", `{"user":"admin","application":"data","key":"guess"}`)
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("guesses: %d", last)
	}
}
