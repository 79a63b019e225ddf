package rpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

// mailbox gives the administrator an e-mail address, and reads the e-mails that wait, the newest first.
func mailbox(t *testing.T, db *models.Database) (read func() []string) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) {
		models.Must(res.User.Write(tx, res.User.Search(tx, res.User.Login.Eq("admin")), res.User.Email.To("admin@example.com")))
		models.Must(ir.Outbox.Delete(tx, ir.Outbox.Search(tx, nil)))
	})
	return func() (texts []string) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			texts = nil
			for _, r := range ir.Outbox.Search(tx, nil) {
				content, _ := r.Get("content").([]byte)
				var m ir.Mail
				models.Must(json.Unmarshal(content, &m))
				texts = append(texts, m.Text)
			}
		})
		return texts
	}
}

func loginWith(login string, parameters map[string]any) string {
	text, _ := json.Marshal([]any{login, parameters, "en"})
	return string(text)
}

// testTwoServices logs in by a password and a code together, round by round as clients do.
func testTwoServices(t *testing.T, db *models.Database) {
	b, inbox := newBench(t, db), mailbox(t, db)
	b.auth.Services = [][]string{{res.PasswordService, res.EmailService}}
	login := func(parameters map[string]any) (int, string) {
		b.Helper()
		return b.call("", "common.db.login", loginWith("admin", parameters))
	}
	wantCode := `"error":["LoginException",["email_code","Code that was sent by e-mail to admin","char"]]`
	if _, text := login(map[string]any{}); !strings.Contains(text, `["password","Password for admin","password"]`) {
		t.Errorf("first round: %s", text)
	}
	if status, _ := login(map[string]any{"password": "wrong"}); status != http.StatusUnauthorized || len(inbox()) != 0 {
		t.Errorf("a wrong password: %d, %d e-mails", status, len(inbox()))
	}
	for range 2 { // the second sends no other
		if status, text := login(map[string]any{"password": password}); status != http.StatusOK || text != wantCode || len(inbox()) != 1 {
			t.Fatalf("second round: %d %s, %d e-mails", status, text, len(inbox()))
		}
	}
	code := regexp.MustCompile(`Code: (\d{6})\n`).FindStringSubmatch(inbox()[0])
	if code == nil {
		t.Fatalf("the e-mail says %s", inbox()[0])
	}
	if !strings.Contains(inbox()[0], "knows your password") {
		t.Errorf("after the password the e-mail says %s", inbox()[0])
	}
	guess := "000000"
	if code[1] == guess {
		guess = "000001"
	}
	for _, parameters := range []map[string]any{{"password": password, "email_code": guess}, {"password": "wrong", "email_code": code[1]}, {"email_code": code[1], "password": ""}} {
		if status, text := login(parameters); status != http.StatusUnauthorized {
			t.Errorf("%v: %d %s", parameters, status, text)
		}
	}
	if status, text := login(map[string]any{"password": password, "email_code": " " + code[1]}); status != http.StatusOK || !strings.HasPrefix(text, "[") {
		t.Errorf("with the code: %d %s", status, text)
	}
	if status, _ := login(map[string]any{"password": password, "email_code": code[1]}); status != http.StatusUnauthorized {
		t.Errorf("with the code once more: %d", status)
	}
	if status, text := b.call(basicHeader("admin", password), "model.test.thing.echo", `[1,{}]`); status != http.StatusOK || !strings.Contains(text, "LoginException") {
		t.Errorf("by a password alone: %d %s", status, text)
	}
	b.wait(time.Minute)
	login(map[string]any{"password": password})
	code = regexp.MustCompile(`Code: (\d{6})\n`).FindStringSubmatch(inbox()[0])
	b.wait(6 * time.Minute)
	if status, _ := login(map[string]any{"password": password, "email_code": code[1]}); status != http.StatusUnauthorized {
		t.Errorf("with a code that is too old: %d", status)
	}
}

// testEitherService lets a code stand for the password, and tells nobody which logins there are.
func testEitherService(t *testing.T, db *models.Database) {
	b, inbox := newBench(t, db), mailbox(t, db)
	b.auth.Services = [][]string{{res.EmailService}}
	for _, login := range []string{"nobody", "admin"} {
		if _, text := b.call("", "common.db.login", loginWith(login, nil)); !strings.Contains(text, `"Code that was sent by e-mail to `+login+`"`) {
			t.Errorf("%s: %s", login, text)
		}
	}
	if len(inbox()) != 1 {
		t.Fatalf("%d e-mails", len(inbox()))
	}
	if strings.Contains(inbox()[0], "password") || !strings.Contains(inbox()[0], "somebody else is trying to") {
		t.Errorf("before any password the e-mail says %s", inbox()[0])
	}
	code := regexp.MustCompile(`\d{6}`).FindString(inbox()[0])
	if status, _ := b.call("", "common.db.login", loginWith("nobody", map[string]any{"email_code": code})); status != http.StatusUnauthorized {
		t.Errorf("nobody: %d", status)
	}
	if status, text := b.call("", "common.db.login", loginWith("admin", map[string]any{"email_code": code})); status != http.StatusOK || !strings.HasPrefix(text, "[") {
		t.Errorf("with the code: %d %s", status, text)
	}
}

// testPasswordReset goes the way of a user who forgot his password.
func testPasswordReset(t *testing.T, db *models.Database) {
	b, inbox := newBench(t, db), mailbox(t, db)
	session := b.login("admin")
	try := func(password string) int {
		status, _ := b.call("", "common.db.login", loginWith("admin", map[string]any{"password": password}))
		return status
	}
	reset := func() string {
		id := administrator(t, db)
		if status, text := b.call(session, "model.res.user.reset_password", fmt.Sprintf(`[[%d],{}]`, id)); text != "null" {
			t.Fatalf("reset: %d %s", status, text)
		}
		sent := regexp.MustCompile(`Password: (\S+)\n`).FindStringSubmatch(inbox()[0])
		if sent == nil {
			t.Fatalf("the e-mail says %s", inbox()[0])
		}
		return sent[1]
	}
	sent := reset()
	if status, _ := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusUnauthorized {
		t.Errorf("the session goes on: %d", status)
	}
	if status := try(password); status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", status)
	}
	if status := try(sent); status != http.StatusOK {
		t.Fatalf("the password that was sent: %d", status)
	}
	_, text := b.call("", "common.db.login", loginWith("admin", map[string]any{"password": sent}))
	var pair []any
	if err := json.Unmarshal([]byte(text), &pair); err != nil {
		t.Fatal(err)
	}
	session = sessionHeader("admin", pair[0], pair[1])
	for _, bad := range []string{"short", "aaaaaaaaaaaa", "ADMIN@example.com"} {
		if _, text := b.call(session, "model.res.user.set_preferences", `[{"password":"`+bad+`"},{}]`); !strings.HasPrefix(text, `"error":["UserError",["The`) {
			t.Errorf("%q is taken: %s", bad, text)
		}
	}
	if _, text := b.call(session, "model.res.user.set_preferences", `[{"password":"`+password+`"},{}]`); text != "null" {
		t.Fatalf("a password of his own: %s", text)
	}
	if got := []int{try(sent), try(password)}; got[0] != http.StatusUnauthorized || got[1] != http.StatusOK {
		t.Errorf("the password that was sent, and his own: %v", got)
	}
	session = b.login("admin")
	sent = reset()
	b.wait(25 * time.Hour)
	if status := try(sent); status != http.StatusUnauthorized {
		t.Errorf("the password that was sent, a day later: %d", status)
	}
}

// testManyCodes has somebody ask for codes all the time: few are mailed, and who waits for one has a good one at any time.
func testManyCodes(t *testing.T, db *models.Database) {
	b, inbox := newBench(t, db), mailbox(t, db)
	b.auth.Services = [][]string{{res.EmailService}}
	ask := func(code string) (status int) {
		parameters := map[string]any{}
		if code != "" {
			parameters["email_code"] = code
		}
		status, _ = b.call("", "common.db.login", loginWith("admin", parameters))
		return status
	}
	for range 120 { // half a minute each
		ask("")
		b.wait(30 * time.Second)
	}
	ask("")
	if n := len(inbox()); n < 12 || n > 18 {
		t.Errorf("in an hour %d e-mails are sent", n)
	}
	good := 0
	for _, text := range inbox() {
		if ask(regexp.MustCompile(`\d{6}`).FindString(text)) == http.StatusOK {
			good++
			break
		}
	}
	if good != 1 {
		t.Error("none of the codes is good")
	}
	n := len(inbox())
	b.wait(31 * time.Second)
	if ask(""); len(inbox()) != n+1 {
		t.Errorf("after a code was used, %d new ones are sent at once", len(inbox())-n)
	}
}
