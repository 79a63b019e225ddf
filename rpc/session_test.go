package rpc_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/res"
)

const (
	ask   = `["%s",{"device_cookie":null},"en"]`
	wrong = `["%s",{"device_cookie":null,"password":"x"},"en"]`
	right = `["%s",{"device_cookie":%s,"password":"` + password + `"},"en"]`
)

func testLoginRounds(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	for _, login := range []string{"admin", "nobody", "root"} {
		status, text := b.call("", "common.db.login", fmt.Sprintf(ask, login))
		want := `"error":["LoginException",["password","Password for ` + login + `","password"]]`
		if status != http.StatusOK || text != want {
			t.Errorf("first round of %s: %d %s", login, status, text)
		}
	}
	for language, want := range map[string]string{"de": "Passwort für admin", "fr_CH": "Mot de passe de admin", "es": "Contraseña de admin", "xx": "Password for admin", "../de": "Password for admin"} {
		if _, text := b.call("", "common.db.login", `["admin",{},"`+language+`"]`); text != `"error":["LoginException",["password","`+want+`","password"]]` {
			t.Errorf("in %s: %s", language, text)
		}
	}
	session := b.login("admin")
	if status, text := b.call(session, "model.test.thing.echo", `["me",{}]`); text != `"me"` {
		t.Errorf("with the session: %d %s", status, text)
	}
	for _, params := range []string{`[]`, `[1,{},"en"]`, `["admin"]`, `["admin",[],"en"]`, `["admin","x"]`} {
		status, text := b.call("", "common.db.login", params)
		if status != http.StatusOK || !strings.HasPrefix(text, `"error":`) {
			t.Errorf("login%s: %d %s", params, status, text)
		}
	}
	status, text := b.call("", "common.db.login", `["admin",{"password":["`+password+`"],"device_cookie":{}},"en"]`)
	if status != http.StatusUnauthorized {
		t.Errorf("a password that is a list: %d %s", status, text)
	}
	if status, text := b.call(session, "common.db.logout", `[]`); text != "null" {
		t.Errorf("logout: %d %s", status, text)
	}
	if status, _ := b.call(session, "common.db.logout", `[]`); status != http.StatusUnauthorized {
		t.Errorf("second logout: %d", status)
	}
	status, header, body := b.post("/test/", session, call("model.test.thing.echo", `[1,{}]`), "X-Requested-With", "XMLHttpRequest")
	if status != http.StatusUnauthorized || body != "" || header.Get("WWW-Authenticate") != "" {
		t.Errorf("a browser after the logout: %d %q %v", status, body, header)
	}
}

// Failures count for a login, delay its answers and lock it in the end, for
// as long as the timeout; a known device of the user has its own count.
func testLoginAttempts(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	_, cookie := b.call(session, "model.res.user.device.renew", `[null,{}]`)
	for i := range 6 {
		if status, text := b.call("", "common.db.login", fmt.Sprintf(wrong, "admin")); status != http.StatusUnauthorized {
			t.Fatalf("failure %d: %d %s", i+1, status, text)
		}
	}
	if len(b.slept) != 5 {
		t.Errorf("5 answers should be delayed, not %v", b.slept)
	}
	for i, d := range b.slept {
		if limit := time.Duration(1<<(i+1)) * time.Second; d >= limit || d%time.Second != 0 {
			t.Errorf("delay %d is %s, not whole seconds below %s", i+1, d, limit)
		}
	}
	for _, params := range []string{ask, wrong, right} {
		params := strings.NewReplacer("%s\"", "admin\"", "%s", "null").Replace(params)
		status, header, _ := b.post("/test/", "", call("common.db.login", params))
		if status != http.StatusTooManyRequests || header.Get("Retry-After") != "300" {
			t.Errorf("after too many failures %s: %d", params, status)
		}
	}
	if status, _ := b.call(basicHeader("admin", password), "model.test.thing.echo", `[1,{}]`); status != http.StatusTooManyRequests {
		t.Errorf("by password: %d", status)
	}
	if status, text := b.call("", "common.db.login", fmt.Sprintf(right, "admin", cookie)); status != http.StatusOK || !strings.HasPrefix(text, "[") {
		t.Errorf("from a known device: %d %s", status, text)
	}
	if status, _ := b.call("", "common.db.login", fmt.Sprintf(right, "admin", `"forged"`)); status != http.StatusTooManyRequests {
		t.Errorf("from a forged device: %d", status)
	}
	b.wait(301 * time.Second)
	b.login("admin")
}

// A success forgets the failures before it.
func testLoginForgives(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	for range 4 {
		b.call("", "common.db.login", fmt.Sprintf(wrong, "admin"))
	}
	b.login("admin")
	modelstest.Do(t, db, func(tx *models.Tx) {
		if n := res.LoginAttempt.Count(tx, domain.And{}); n != 0 {
			t.Errorf("%d failures are still counted", n)
		}
	})
	b.slept = nil
	b.login("admin")
	if len(b.slept) != 0 {
		t.Errorf("the next login is delayed by %v", b.slept)
	}
}

func testLoginNetwork(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	b.auth.MaxNetworkAttempts = 3
	for i := range 4 {
		status, _ := b.call("", "common.db.login", fmt.Sprintf(wrong, fmt.Sprint("user", i)))
		if status != http.StatusUnauthorized {
			t.Errorf("failure %d: %d", i+1, status)
		}
	}
	if status, _ := b.call("", "common.db.login", fmt.Sprintf(ask, "admin")); status != http.StatusTooManyRequests {
		t.Errorf("after too many failures from the network: %d", status)
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		found := res.LoginAttempt.Search(tx, domain.And{}, models.Limit(1))
		address, network := res.LoginAttempt.IPAddress.Of(found[0]), res.LoginAttempt.IPNetwork.Of(found[0])
		if address != "127.0.0.1" || network != "127.0.0.1/32" {
			t.Errorf("an attempt comes from %s in %s", address, network)
		}
	})
}

// A session is fresh for 300 s after each successful call, and lives 30 days.
func testSessionAge(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	for range 5 { // each call keeps it fresh
		b.wait(250 * time.Second)
		if status, text := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusOK {
			t.Fatalf("a fresh session: %d %s", status, text)
		}
	}
	b.wait(250 * time.Second)
	if status, text := b.call(session, "model.test.thing.fresh", `[{}]`); text != `"fresh"` {
		t.Fatalf("a method that wants a fresh session: %d %s", status, text)
	}
	b.wait(250 * time.Second)
	b.call(session, "model.test.thing.fail", `["user",{}]`) // does not renew
	b.wait(100 * time.Second)
	b.call(session, "model.test.thing.echo", `[1,{}]`) // is not fresh any more, so does not renew
	status, header, body := b.post("/test/", session, call("model.test.thing.fresh", `[{}]`))
	if status != http.StatusUnauthorized || body == "" || header.Get("WWW-Authenticate") != "" {
		t.Errorf("not fresh: %d %q %v", status, body, header)
	}
	if status, _ := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("the session that was not fresh is still there: %d", status)
	}
	if status, text := b.call(basicHeader("admin", password), "model.test.thing.fresh", `[{}]`); text != `"fresh"` {
		t.Errorf("by password: %d %s", status, text)
	}
	session = b.login("admin")
	b.wait(30*24*time.Hour - time.Second)
	if status, text := b.call(session, "model.test.thing.echo", `[1,{}]`); text != "1" {
		t.Errorf("on the last day: %d %s", status, text)
	}
	b.wait(time.Second)
	if status, _ := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("an expired session: %d", status)
	}
}

// Whoever changes his password, or is deactivated, has to log in again.
func testSessionEnds(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	if status, text := b.call(session, "model.res.user.set_preferences", `[{"password":"Another-1","name":"A<b>","groups":[["remove",[1]]]},{}]`); text != "null" {
		t.Fatalf("set_preferences: %d %s", status, text)
	}
	if status, _ := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("after a change of the password: %d", status)
	}
	if status, _ := b.call("", "common.db.login", fmt.Sprintf(right, "admin", "null")); status != http.StatusUnauthorized {
		t.Errorf("with the old password: %d", status)
	}
	_, text := b.call(basicHeader("admin", "Another-1"), "model.res.user.get_preferences", `[false,{}]`)
	if !strings.Contains(text, `"name":"A<b>"`) || !strings.Contains(text, `"groups":[1]`) {
		t.Errorf("preferences: %s", text)
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		models.Must(res.User.Write(tx, res.User.Search(tx, res.User.Login.Eq("admin")), res.User.Active.To(false)))
	})
	if status, _ := b.call(basicHeader("admin", "Another-1"), "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("a deactivated user: %d", status)
	}
}
