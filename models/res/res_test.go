package res_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/models/value"
	"paytond/sql"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

// TestModule runs the tests on one database for all of them, since making one
// takes longer than any of them.
func TestModule(t *testing.T) {
	config := res.DefaultConfig()
	config.Policy = res.Policy{Length: 8}
	modules := func() []*models.Module {
		extension := models.Define(&testUser{Extension: models.Extension{Name: "res.user"}})
		return []*models.Module{ir.ModuleWith(ir.Config{From: "server@example.com"}), res.ModuleWith(config), {Name: "test", Definitions: []models.Definition{extension}}}
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		for _, test := range []struct {
			name string
			run  func(*testing.T, *models.Database)
		}{
			{"AdminAndRoot", testAdminAndRoot},
			{"Logs", testLogs},
			{"Preferences", testPreferences},
			{"SetPreferences", testSetPreferences},
			{"PreferencesReachNobodyElse", testPreferencesReachNobodyElse},
			{"PreferencesView", testPreferencesView},
			{"Passwords", testPasswords},
			{"Secrets", testSecrets},
			{"UsersStay", testUsersStay},
			{"Groups", testGroups},
			{"Warn", testWarn},
			{"Applications", testApplications},
			{"Device", testDevice},
			{"ResetPassword", testResetPassword},
			{"Rehash", testRehash},
		} {
			t.Run(test.name, func(t *testing.T) { test.run(t, db) })
		}
	})
}

// testUser extends users as another module does.
type testUser struct {
	models.Extension
}

func (*testUser) Preferences(user *models.Record, contextOnly bool) map[string]any {
	return map[string]any{"test": []any{user.ID(), contextOnly}}
}
func (*testUser) PreferenceFields() []models.Named {
	return []models.Named{res.User.PasswordResetExpire}
}
func (*testUser) RuleContext(tx *models.Tx) map[string]any {
	return map[string]any{"companies": []any{int64(7)}}
}
func (*testUser) StatusBar(*models.Record) string { return " - Test" }

// newUser makes a user in no group and returns his id.
func newUser(t *testing.T, db *models.Database, login string, more ...models.Assign) (id int64) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) {
		r, err := res.User.Create(tx, append(more, res.User.Login.To(login), res.User.Name.To("User "+login))...)
		models.Must(err)
		id = r.ID()
	})
	return id
}

func adminID(t *testing.T, db *models.Database) (id int64) {
	modelstest.Do(t, db, func(tx *models.Tx) { id = tx.Ref("res.user_admin") })
	return id
}

// call fails the test on an error, and returns the result as its wire form decoded.
func call(t *testing.T, db *models.Database, user int64, object, method string, args ...any) any {
	t.Helper()
	result, err := modelstest.Call(db, user, nil, object, method, args...)
	if err != nil {
		t.Fatalf("%s.%s: %v", object, method, err)
	}
	text, err := value.Encode(result)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func testAdminAndRoot(t *testing.T, db *models.Database) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		rows, err := tx.Query(sql.SQL(`SELECT "id", "login", "name", "active", "password_hash" FROM "res_user" ORDER BY "id"`))
		models.Must(err)
		admin := tx.Ref("res.user_admin")
		want := [][]any{{int64(0), "root", "Root", false, nil}, {admin, "admin", "Administrator", true, nil}}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(diff)
		}
		groups := models.IDsOf(res.User.Groups.Of(res.User.Get(tx, admin)))
		if diff := cmp.Diff([]int64{tx.Ref("res.group_admin")}, groups); diff != "" {
			t.Error(diff)
		}
	})
}

// testLogs names the server itself, the user with id 0, to whoever views the logs of a record that it made.
func testLogs(t *testing.T, db *models.Database) {
	var group int64
	modelstest.Do(t, db, func(tx *models.Tx) { group = tx.Ref("res.group_admin") })
	fields := []any{"id", "create_uid.rec_name", "create_date", "write_uid.rec_name", "write_date"}
	for _, user := range []int64{adminID(t, db), newUser(t, db, "reader")} {
		row := call(t, db, user, "res.group", "read", []any{group}, fields).([]any)[0].(map[string]any)
		want := map[string]any{"id": 0., "rec_name": "Root"}
		if diff := cmp.Diff(want, row["create_uid."]); diff != "" {
			t.Errorf("made by: %s", diff)
		}
		root := call(t, db, user, "res.user", "read", []any{int64(0)}, []any{"rec_name"})
		if diff := cmp.Diff([]any{want}, root); diff != "" {
			t.Error(diff)
		}
	}
}

func testPreferences(t *testing.T, db *models.Database) {
	admin := adminID(t, db)
	got := call(t, db, admin, "res.user", "get_preferences", true)
	want := map[string]any{"language": "en", "language_direction": "ltr", "groups": []any{1.0}, "test": []any{float64(admin), true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("context: %s", diff)
	}
	full := call(t, db, admin, "res.user", "get_preferences", false).(map[string]any)
	text, ok := full["pyson_menu"].(string)
	var menu map[string]any
	if err := json.Unmarshal([]byte(text), &menu); !ok || err != nil {
		t.Fatalf("pyson_menu: %v %v", full["pyson_menu"], err)
	}
	if menu["res_model"] != "ir.ui.menu" || menu["pyson_domain"] != `[["parent", "=", null]]` || menu["pyson_context"] != "{}" || len(menu["views"].([]any)) == 0 {
		t.Errorf("pyson_menu: %v", menu)
	}
	for name, want := range map[string]any{"name": "Administrator", "email": nil, "signature": nil, "password": nil, "menu.rec_name": "Menu",
		"actions": []any{}, "status_bar": "Administrator - Test", "avatar": nil, "avatar_url": nil, "avatar_badge_url": nil,
		"warnings": []any{}, "applications": []any{}, "language": "en"} {
		if got, ok := full[name]; !ok || !cmp.Equal(got, want) {
			t.Errorf("%s: %v (%v), want %v", name, got, ok, want)
		}
	}
}

func testSetPreferences(t *testing.T, db *models.Database) {
	id := newUser(t, db, "olive")
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	set := map[string]any{"name": "Olive", "email": "olive@example.com", "language": "en", "login": "admin", "active": false, "unknown": int64(1),
		"groups": []any{[]any{"add", []any{int64(1)}}}, "password_hash": "x", "password_reset": "x", "password_reset_expire": at, "id": int64(1)}
	call(t, db, id, "res.user", "set_preferences", set)
	call(t, db, id, "res.user", "set_preferences", map[string]any{"language": "xx", "password": "xxxxxxxxxx"})
	modelstest.Do(t, db, func(tx *models.Tx) {
		r := res.User.Get(tx, id)
		got := []any{res.User.Name.Of(r), res.User.Email.Of(r), res.User.Language.Of(r).Get("code"), res.User.Login.Of(r), res.User.Active.Of(r),
			res.User.PasswordHash.Of(r), len(res.User.Groups.Of(r)), res.User.PasswordReset.Of(r), res.User.PasswordResetExpire.Of(r)}
		want := []any{"Olive", "olive@example.com", "en", "olive", true, "", 0, "", at}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	got := call(t, db, id, "res.user", "get_preferences", true).(map[string]any)
	locale, _ := got["locale"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"date": "%m/%d/%Y", "grouping": []any{3.0, 3.0, 0.0}, "decimal_point": ".", "thousands_sep": ","}, locale); diff != "" {
		t.Errorf("locale: %s", diff)
	}
}

// testPreferencesReachNobodyElse sends commands for what the preferences hold: a user's own records obey, no others do.
func testPreferencesReachNobodyElse(t *testing.T, db *models.Database) {
	admin, id := adminID(t, db), newUser(t, db, "oscar")
	set := func(field string, commands ...any) error {
		_, err := modelstest.Call(db, id, nil, "res.user", "set_preferences", map[string]any{field: commands})
		return err
	}
	var group, action, foreign int64
	modelstest.Do(t, db, func(tx *models.Tx) {
		group, action = tx.Ref("res.group_admin"), tx.Ref("ir.act_menu_tree")
		made, err := res.Application.Create(tx, res.Application.User.To(admin), res.Application.Application.To(res.DataApplication))
		models.Must(err)
		foreign = made.ID()
	})
	list := func(v any) []any { return []any{v} }
	for _, refused := range []struct {
		field   string
		command []any
	}{
		{"actions", []any{"write", list(action), map[string]any{"groups": list([]any{"write", list(group), map[string]any{"users": list([]any{"add", list(id)})}})}}},
		{"actions", []any{"delete", list(action)}},
		{"actions", []any{"create", list(map[string]any{"name": "Mine", "type": "ir.action.act_window"})}},
		{"applications", []any{"add", list(foreign)}},
		{"applications", []any{"write", list(foreign), map[string]any{"state": "validated"}}},
		{"applications", []any{"delete", list(foreign)}},
		{"applications", []any{"copy", list(foreign)}},
		{"warnings", []any{"write", list(int64(1)), map[string]any{"user": admin}}},
	} {
		if err := set(refused.field, refused.command); !models.IsKind(err, models.KindUser) {
			t.Errorf("%s %v: %v", refused.field, refused.command, err)
		}
	}
	models.Must(set("applications", []any{"create", list(map[string]any{"application": res.DataApplication, "key": "own"})}))
	models.Must(set("actions", []any{"add", list(action)}))
	own := call(t, db, id, "res.user", "get_preferences", false).(map[string]any)["applications"].([]any)
	if err := set("applications", []any{"write", own, map[string]any{"user": admin}}); !models.IsKind(err, models.KindUser) {
		t.Errorf("an own key is made that of the administrator: %v", err)
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		u := res.User.Get(tx, id)
		got := []any{len(res.User.Groups.Of(u)), models.IDsOf(res.User.Actions.Of(u)), len(res.User.Applications.Of(u)), res.Application.State.Of(res.Application.Get(tx, foreign))}
		if diff := cmp.Diff([]any{0, []int64{action}, 1, "requested"}, got); diff != "" {
			t.Error(diff)
		}
	})
	models.Must(set("applications", []any{"delete", own}))
}

func testPreferencesView(t *testing.T, db *models.Database) {
	view := call(t, db, newUser(t, db, "victor"), "res.user", "get_preferences_fields_view").(map[string]any)
	fields := view["fields"].(map[string]any)
	language, menu := fields["language"].(map[string]any), fields["menu"].(map[string]any)
	if language["type"] != "selection" || !strings.Contains(string(mustJSON(t, language["selection"])), `["en","English"]`) || language["relation"] != nil {
		t.Errorf("language: %v", language)
	}
	if menu["type"] != "selection" || !strings.Contains(string(mustJSON(t, menu["selection"])), `"Menu"]`) {
		t.Errorf("menu: %v", menu)
	}
	if fields["groups"].(map[string]any)["readonly"] != true || fields["name"].(map[string]any)["readonly"] != false {
		t.Errorf("readonly: %v, %v", fields["groups"], fields["name"])
	}
	if !strings.HasPrefix(view["arch"].(string), "<form>") && !strings.Contains(view["arch"].(string), "<form>") {
		t.Errorf("arch: %v", view["arch"])
	}
}

func mustJSON(t *testing.T, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func testPasswords(t *testing.T, db *models.Database) {
	admin, id := adminID(t, db), newUser(t, db, "paula", res.User.Password.To("short"))
	hash := func() (hash string) {
		modelstest.Do(t, db, func(tx *models.Tx) { hash = res.User.PasswordHash.Of(res.User.Get(tx, id)) })
		return hash
	}
	first := hash()
	if valid, _, err := res.VerifyPassword("short", first); !valid || err != nil {
		t.Errorf("the server may set a short password: %v %v", valid, err)
	}
	for password, want := range map[string]string{"1234567": "too short", "User paula": "must differ"} {
		_, err := modelstest.Call(db, admin, nil, "res.user", "write", []any{id}, map[string]any{"password": password})
		if !models.IsKind(err, models.KindUser) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", password, err)
		}
	}
	call(t, db, admin, "res.user", "write", []any{id}, map[string]any{"password": "xxxxxxxxxx", "name": "Paula"})
	if hash() != first {
		t.Error("the placeholder changed the password")
	}
	call(t, db, admin, "res.user", "write", []any{id}, map[string]any{"password": "12345678"})
	if valid, _, _ := res.VerifyPassword("12345678", hash()); !valid {
		t.Error("the new password is not valid")
	}
	call(t, db, admin, "res.user", "write", []any{id}, map[string]any{"password": nil})
	if hash() != "" {
		t.Error("no password leaves a hash")
	}
}

// Nobody learns a hash: not by reading, not by searching.
func testSecrets(t *testing.T, db *models.Database) {
	admin := adminID(t, db)
	id := newUser(t, db, "sam", res.User.Password.To("Walks-by9"), res.User.PasswordReset.To("reset"), res.User.PasswordResetExpire.To(time.Now()))
	rows := call(t, db, admin, "res.user", "read", []any{id}, []any{"password_hash", "password_reset", "password", "create_uid.password_hash"})
	text := string(mustJSON(t, rows))
	if strings.Contains(text, "argon2") || strings.Contains(text, `"reset"`) || !strings.Contains(text, `"password":"xxxxxxxxxx"`) {
		t.Errorf("read: %s", text)
	}
	for _, where := range []any{[]any{"password_hash", "like", "$argon2%"}, []any{"password_reset", "=", "reset"}} {
		if _, err := modelstest.Call(db, admin, nil, "res.user", "search", []any{where}, int64(0), nil, nil); err == nil {
			t.Errorf("a search by %v succeeds", where)
		}
	}
	for _, object := range []string{"ir.session", "res.user.device", "res.user.login.attempt", "res.user-res.group", "ir.rule.group-res.group"} {
		for _, method := range []string{"read", "search", "search_read", "create", "write", "delete", "export_data", "copy"} {
			if _, err := db.Registry.Method("model", object, method); !models.IsKind(err, models.KindForbidden) {
				t.Errorf("%s.%s: %v", object, method, err)
			}
		}
	}
}

func testUsersStay(t *testing.T, db *models.Database) {
	admin, id := adminID(t, db), newUser(t, db, "alice", res.User.Password.To("Walks-by9"))
	if _, err := modelstest.Call(db, admin, nil, "res.user", "delete", []any{id}); !models.IsKind(err, models.KindUser) {
		t.Errorf("delete: %v", err)
	}
	if _, err := modelstest.Call(db, id, nil, "res.user", "write", []any{id}, map[string]any{"groups": []any{[]any{"add", []any{int64(1)}}}}); !models.IsKind(err, models.KindUser) {
		t.Errorf("a user makes himself an administrator: %v", err)
	}
	if _, err := modelstest.Call(db, admin, nil, "res.user", "create", []any{map[string]any{"login": "alice"}}); !models.IsKind(err, models.KindUser) {
		t.Errorf("a second alice: %v", err)
	}
	copies := call(t, db, admin, "res.user", "copy", []any{id}, map[string]any{}).([]any)
	modelstest.Do(t, db, func(tx *models.Tx) {
		r := res.User.Get(tx, int64(copies[0].(float64)))
		if res.User.Login.Of(r) != "alice (copy)" || res.User.PasswordHash.Of(r) != "" {
			t.Errorf("a copy: %q %q", res.User.Login.Of(r), res.User.PasswordHash.Of(r))
		}
		found := res.User.Search(tx, domain.C("rec_name", domain.ILike, "%ALICE%"))
		if len(found) != 2 {
			t.Errorf("%d users are found by name", len(found))
		}
	})
}

func testGroups(t *testing.T, db *models.Database) {
	id := newUser(t, db, "gustav")
	modelstest.Do(t, db, func(tx *models.Tx) {
		parent, err := res.Group.Create(tx, res.Group.Name.To("Accounting"))
		models.Must(err)
		child, err := res.Group.Create(tx, res.Group.Name.To("Payments"), res.Group.Parent.To(parent))
		models.Must(err)
		models.Must(res.User.Write(tx, res.User.Browse(tx, id), res.User.Groups.To([]any{[]any{"add", []any{child.ID()}}})))
		if diff := cmp.Diff([]int64{child.ID(), parent.ID()}, res.GroupsOf(tx, id)); diff != "" {
			t.Error(diff)
		}
		context := res.RuleContext(tx.As(id))
		want := map[string]any{"user_id": id, "user": map[string]any{"id": id}, "groups": []any{child.ID(), parent.ID()}, "companies": []any{int64(7)}}
		if diff := cmp.Diff(want, context); diff != "" {
			t.Error(diff)
		}
		if err := res.Group.Write(tx, []*models.Record{parent}, res.Group.Parent.To(child)); !models.IsKind(err, models.KindUser) {
			t.Errorf("a circle of groups: %v", err)
		}
		models.Must(res.Group.Write(tx, []*models.Record{parent}, res.Group.Parent.To(nil)))
		for _, want := range []string{"Accounting (1)", "Accounting (2)"} {
			copies, err := res.Group.In(tx).Copy(tx, []*models.Record{parent}, nil)
			models.Must(err)
			if got := copies[0].Name(); got != want {
				t.Errorf("a copy is named %q, not %q", got, want)
			}
		}
	})
}

func testWarn(t *testing.T, db *models.Database) {
	id := newUser(t, db, "wanda")
	warn := func(user int64, name string) error {
		return modelstest.Try(db, models.Request{User: user, Check: true}, func(tx *models.Tx) error {
			return res.Warn(tx, name, "Sure?", "It lasts.")
		})
	}
	err := warn(id, "a 1")
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.KindWarning || e.Name != "a 1" || e.Message != "Sure?" || e.Description != "It lasts." {
		t.Fatalf("the first time: %v", err)
	}
	call(t, db, id, "res.user.warning", "create", []any{map[string]any{"user": id, "name": "a 1", "always": false}})
	for i, want := range []bool{false, true} { // yes counts once
		if err := warn(id, "a 1"); (err != nil) != want {
			t.Errorf("time %d: %v", i+2, err)
		}
	}
	call(t, db, id, "res.user.warning", "create", []any{map[string]any{"user": id, "name": "a 2", "always": true}})
	for range 2 {
		if err := warn(id, "a 2"); err != nil {
			t.Errorf("accepted for good: %v", err)
		}
	}
	if err := warn(newUser(t, db, "bob of wanda"), "a 2"); err == nil {
		t.Error("another user's answer counts")
	}
	if err := warn(0, "a 1"); err != nil {
		t.Errorf("the server is asked: %v", err)
	}
	if _, err := modelstest.Call(db, id, nil, "res.user.warning", "create", []any{map[string]any{"user": int64(1), "name": "a 3"}}); err == nil {
		t.Error("a user answers for another")
	}
}

func testApplications(t *testing.T, db *models.Database) {
	admin, id := adminID(t, db), newUser(t, db, "april")
	a := call(t, db, id, "res.user.application", "default_get", []any{"key", "state"}).(map[string]any)
	b := call(t, db, id, "res.user.application", "default_get", []any{"key", "state"}).(map[string]any)
	if len(a["key"].(string)) != 128 || a["key"] == b["key"] || a["state"] != "requested" {
		t.Errorf("defaults: %v, %v", a, b)
	}
	key := call(t, db, id, "res.user.application", "create", []any{map[string]any{"user": id, "key": a["key"]}}).([]any)[0]
	ids := []any{int64(key.(float64))}
	state := func() string {
		rows := call(t, db, id, "res.user.application", "read", ids, []any{"state"}).([]any)
		return rows[0].(map[string]any)["state"].(string)
	}
	call(t, db, admin, "res.user.application", "validate_", ids)
	if state() != "validated" {
		t.Errorf("state %s", state())
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		m, own := res.Application, res.User.Browse(tx, id)
		models.Must(m.Write(tx, m.Browse(tx, ids[0].(int64)), m.Application.To(res.DataApplication)))
		for _, active := range []bool{false, true} {
			models.Must(res.User.Write(tx, own, res.User.Active.To(active)))
			if got := res.ApplicationUser(tx, a["key"].(string), res.DataApplication); (got == id) != active {
				t.Errorf("the key of a user who is active (%v) is that of %d", active, got)
			}
		}
	})
	call(t, db, id, "res.user.application", "cancel", ids)
	call(t, db, id, "res.user.application", "validate_", ids) // there is no way back
	if state() != "cancelled" {
		t.Errorf("state %s", state())
	}
	if _, err := modelstest.Call(db, newUser(t, db, "bob of april"), nil, "res.user.application", "read", ids, []any{"key"}); !models.IsKind(err, models.KindUser) {
		t.Errorf("another user reads the key: %v", err)
	}
}

func testDevice(t *testing.T, db *models.Database) {
	id := newUser(t, db, "dora")
	first := call(t, db, id, "res.user.device", "renew", nil).(string)
	second := call(t, db, id, "res.user.device", "renew", first).(string)
	if len(first) != 32 || first == second {
		t.Errorf("cookies %q, %q", first, second)
	}
	call(t, db, id, "res.user.device", "renew", "forged")
	modelstest.Do(t, db, func(tx *models.Tx) {
		if n := res.Device.Count(tx, res.Device.Login.Eq("dora")); n != 2 {
			t.Errorf("%d devices", n)
		}
		if n := res.Device.Count(tx, res.Device.Cookie.In(first, "forged")); n != 0 {
			t.Errorf("%d old or forged cookies", n)
		}
	})
}

func testResetPassword(t *testing.T, db *models.Database) {
	admin := adminID(t, db)
	id := newUser(t, db, "rosa", res.User.Email.To("rosa@example.com"), res.User.Password.To("Walks-by9"))
	call(t, db, admin, "res.user", "reset_password", []any{id})
	var mail ir.Mail
	send := ir.SendQueue(func(_ context.Context, m ir.Mail) error { mail = m; return nil })
	if err := send(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(mail.Text, "Password: ")
	password, _, _ := strings.Cut(rest, "\n")
	if diff := cmp.Diff([]string{"rosa@example.com"}, mail.To); diff != "" || len(password) != 12 {
		t.Fatalf("the mail is %+v", mail)
	}
	speak := func(language any, translatable bool) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			french := ir.Language(tx, "fr")
			models.Must(ir.Languages.Write(tx, []*models.Record{french}, ir.Languages.Translatable.To(true)))
			if language != nil {
				language = french
			}
			models.Must(res.User.Write(tx, []*models.Record{res.User.Get(tx, id)}, res.User.Language.To(language)))
			models.Must(ir.Languages.Write(tx, []*models.Record{french}, ir.Languages.Translatable.To(translatable)))
		})
	}
	speak("fr", true)
	defer speak(nil, false)
	call(t, db, admin, "res.user", "reset_password", []any{id})
	if err := send(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	_, rest, _ = strings.Cut(mail.Text, "Mot de passe : ")
	if password, _, _ = strings.Cut(rest, "\n"); mail.Subject != "Nouveau mot de passe" || len(password) != 12 || !strings.Contains(mail.Text, "Identifiant : rosa\n") {
		t.Fatalf("the mail in French is %+v", mail)
	}
	auth, err := res.NewAuthentication(res.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	auth.Sleep = func(context.Context, time.Duration) {}
	verify := func(password string) int64 {
		user, _ := auth.Verify(context.Background(), db, res.Credentials{Login: "rosa", Parameters: map[string]any{"password": password}})
		return user
	}
	if verify("Walks-by9") != 0 || verify(password) != id {
		t.Error("the old password is good, or the new one is not")
	}
	defer func() { db.Now = time.Now }()
	db.Now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	if verify(password) != 0 {
		t.Error("the new password is good after a day")
	}
	if _, err := modelstest.Call(db, admin, nil, "res.user", "reset_password", []any{newUser(t, db, "bob of rosa")}); !models.IsKind(err, models.KindUser) {
		t.Errorf("a user without address: %v", err)
	}
}

// An old hash is replaced when its user logs in.
func testRehash(t *testing.T, db *models.Database) {
	id := newUser(t, db, "harry", res.User.PasswordHash.To("sha1$f0370f1cd62ba02aa9e95e15c2d2a2e6bacf1253$Ab3dE9xY"))
	auth, err := res.NewAuthentication(res.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		user, key, err := auth.Login(context.Background(), db, res.Credentials{Login: "harry", Parameters: map[string]any{"password": walk}})
		if user != id || len(key) != 64 || err != nil {
			t.Fatalf("login: %d %q %v", user, key, err)
		}
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		r := res.User.Get(tx, id)
		if hash := res.User.PasswordHash.Of(r); !strings.HasPrefix(hash, "$argon2id$") {
			t.Errorf("the hash is still %s", hash)
		}
		if n := res.User.Sessions.Of(r); n != 2 {
			t.Errorf("%d sessions", n)
		}
	})
}
