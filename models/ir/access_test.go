package ir_test

import (
	"slices"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/sql"
)

func newGroup(t *testing.T, db *models.Database, name string) int64 {
	return create(t, db, "res.group", models.Values{"name": t.Name() + name})
}

// join puts a user into a group.
func join(t *testing.T, db *models.Database, user, group int64) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		models.Must(tx.Class("res.user").Write(tx, tx.Class("res.user").Browse(tx, []int64{user}), models.Values{"groups": []any{[]any{"add", []any{group}}}}))
	})
}

// testModelAccess adds up what is said for all and for the user's groups.
func testModelAccess(t *testing.T, db *models.Database) {
	user, a, b := newUser(t, db, "user"), newGroup(t, db, "a"), newGroup(t, db, "b")
	const model = "ir.export.line"
	rights := func() any {
		return call(t, db, user, "ir.model.access", "get_access", []any{model, "no.such.model"}).(map[string]any)[model]
	}
	bits := func(read, write, create, del any) any {
		return map[string]any{"read": read, "write": write, "create": create, "delete": del}
	}
	equal(t, "no record", rights(), bits(true, true, true, true))
	m := ref(t, db, ir.ModelRef(model))
	all := create(t, db, "ir.model.access", models.Values{"model": m, "perm_read": false})
	equal(t, "nothing for all", rights(), bits(int64(0), int64(0), int64(0), int64(0)))
	refused(t, db, user, models.KindUser, model, "search", []any{})
	readers := create(t, db, "ir.model.access", models.Values{"model": m, "group": a, "perm_read": true})
	writers := create(t, db, "ir.model.access", models.Values{"model": m, "group": b, "perm_write": true, "perm_create": true})
	equal(t, "in no group", rights(), bits(int64(0), int64(0), int64(0), int64(0)))
	join(t, db, user, a)
	equal(t, "in one group", rights(), bits(int64(1), int64(0), int64(0), int64(0)))
	call(t, db, user, model, "search", []any{})
	join(t, db, user, b)
	equal(t, "in both groups", rights(), bits(int64(1), int64(1), int64(1), int64(0)))
	call(t, db, admin, "ir.model.access", "delete", []any{all, readers, writers})
	equal(t, "no record again", rights(), bits(true, true, true, true))
}

func testFieldAccess(t *testing.T, db *models.Database) {
	user, group := newUser(t, db, "user"), newGroup(t, db, "g")
	id := create(t, db, "ir.message", models.Values{"text": "Hello"})
	field := ref(t, db, ir.FieldRef("ir.message", "text"))
	none := create(t, db, "ir.model.field.access", models.Values{"field": field})
	some := create(t, db, "ir.model.field.access", models.Values{"field": field, "group": group, "perm_read": true})
	refused(t, db, user, models.KindUser, "ir.message", "read", []any{id}, []any{"text"})
	refused(t, db, user, models.KindUser, "ir.message", "search", []any{clause("text", "=", "Hello")})
	call(t, db, user, "ir.message", "read", []any{id}, []any{"create_date"})
	join(t, db, user, group)
	row := call(t, db, user, "ir.message", "read", []any{id}, []any{"text"}).([]map[string]any)[0]
	equal(t, "readable", row["text"], "Hello")
	call(t, db, admin, "ir.model.field.access", "delete", []any{none, some})
}

// testRules has global rules hold all and others widen each other.
func testRules(t *testing.T, db *models.Database) {
	user, group := newUser(t, db, "user"), newGroup(t, db, "g")
	m := ref(t, db, ir.ModelRef("ir.export"))
	var ids []any
	for _, name := range []string{"a", "b", "c"} {
		ids = append(ids, create(t, db, "ir.export", models.Values{"name": name, "resource": t.Name()}))
	}
	seen := func() (names []string) {
		rows := call(t, db, user, "ir.export", "search_read", []any{clause("resource", "=", t.Name())}, int64(0), nil, []any{[]any{"name", "ASC"}}, []any{"name"})
		for _, row := range rows.([]map[string]any) {
			names = append(names, row["name"].(string))
		}
		return names
	}
	rule := func(values models.Values, domains ...string) int64 {
		values["model"], values["name"] = m, t.Name()
		values["rules"] = []any{}
		for _, d := range domains {
			values["rules"] = append(values["rules"].([]any), []any{"create", []any{map[string]any{"domain": d}}})
		}
		return create(t, db, "ir.rule.group", values)
	}
	equal(t, "exports of others", seen(), []string(nil))
	var made []any
	made = append(made, rule(models.Values{"global_p": false, "groups": []any{[]any{"add", []any{group}}}}, `[["name", "in", ["a", "b"]]]`))
	equal(t, "not in the group", seen(), []string(nil))
	join(t, db, user, group)
	equal(t, "in the group", seen(), []string{"a", "b"})
	made = append(made, rule(models.Values{"global_p": false, "groups": []any{[]any{"add", []any{group}}}}, `[["name", "=", "c"]]`))
	equal(t, "two rules of a group", seen(), []string{"a", "b", "c"})
	made = append(made, rule(models.Values{"global_p": true}, `[["name", "!=", "b"]]`))
	equal(t, "a global rule", seen(), []string{"a", "c"})
	made = append(made, rule(models.Values{"global_p": true, "perm_read": false}, `[["name", "=", "a"]]`))
	equal(t, "a rule that is not for reading", seen(), []string{"a", "c"})
	rows := call(t, db, user, "ir.export", "search_read", []any{clause("resource", "=", t.Name())}, int64(0), nil, []any{[]any{"name", "ASC"}}, []any{"name", "_write"}).([]map[string]any)
	equal(t, "may write a", rows[0]["_write"], true)
	equal(t, "may write c", rows[1]["_write"], false)
	refused(t, db, user, models.KindUser, "ir.export", "read", []any{ids[1]}, []any{"name"})
	refused(t, db, admin, models.KindUser, "ir.rule", "create", []any{map[string]any{"rule_group": made[0], "domain": `[["no_such_field", "=", 1]]`}})
	refused(t, db, admin, models.KindUser, "ir.rule", "create", []any{map[string]any{"rule_group": made[0], "domain": `[[`}})
	call(t, db, admin, "ir.rule.group", "delete", made)
}

// testForeignRights has another server's change count after a while: here the
// rows change behind the memory's back.
func testForeignRights(t *testing.T, db *models.Database) {
	user := newUser(t, db, "user")
	m := ref(t, db, ir.ModelRef("ir.export.line"))
	call(t, db, user, "ir.export.line", "search", []any{})
	modelstest.Do(t, db, func(tx *models.Tx) {
		_, err := tx.Exec(sql.SQL(`INSERT INTO "ir_model_access" ("model", "perm_read", "active") VALUES (?, FALSE, TRUE)`, m))
		models.Must(err)
	})
	before := db.Now
	db.Now = func() time.Time { return before().Add(time.Minute) }
	refused(t, db, user, models.KindUser, "ir.export.line", "search", []any{})
	modelstest.Do(t, db, func(tx *models.Tx) {
		c := tx.Class("ir.model.access")
		models.Must(c.Delete(tx, c.SearchRecords(tx, domain.C("model", domain.Equal, m))))
	})
	db.Now = before
	call(t, db, user, "ir.export.line", "search", []any{})
}

// testButtons lets a group press a button, and wants two users where a rule says so.
func testButtons(t *testing.T, db *models.Database) {
	one, two, outsider := newUser(t, db, "one"), newUser(t, db, "two"), newUser(t, db, "outsider")
	lang := create(t, db, "ir.lang", models.Values{"name": "Test", "code": "xx"})
	group := newGroup(t, db, "g")
	for _, user := range []int64{one, two} {
		join(t, db, user, group)
	}
	button := ref(t, db, models.Ref("res."+ir.ButtonID("ir.lang", "load_translations")))
	refused(t, db, outsider, models.KindUser, "ir.lang", "load_translations", []any{lang})
	call(t, db, admin, "ir.model.button", "write", []any{button}, map[string]any{"groups": []any{[]any{"add", []any{group}}}})
	rule := create(t, db, "ir.model.button.rule", models.Values{"button": button, "number_user": int64(2),
		"condition": `{"__class__": "Equal", "s1": {"__class__": "Get", "v": {"__class__": "Eval", "v": "self", "d": {}}, "k": "code", "d": ""}, "s2": "xx"}`})
	loaded := func() any {
		return call(t, db, admin, "ir.lang", "read", []any{lang}, []any{"translatable"}).([]map[string]any)[0]["translatable"]
	}
	clicked := func() map[string]any {
		return call(t, db, one, "ir.model.button.click", "get_click", "ir.lang", "load_translations", lang).(map[string]any)
	}
	for range 2 {
		call(t, db, one, "ir.lang", "load_translations", []any{lang})
	}
	equal(t, "after one user", loaded(), false)
	if len(clicked()) != 1 {
		t.Errorf("clicks: %v", clicked())
	}
	call(t, db, two, "ir.lang", "load_translations", []any{lang})
	equal(t, "after two users", loaded(), true)
	if len(clicked()) != 2 {
		t.Errorf("clicks: %v", clicked())
	}

	// unload_translations makes the clicks count no longer.
	unload := ref(t, db, models.Ref("res."+ir.ButtonID("ir.lang", "unload_translations")))
	call(t, db, admin, "ir.model.button", "write", []any{button}, map[string]any{"reset_by": []any{[]any{"add", []any{unload}}}})
	call(t, db, admin, "ir.lang", "unload_translations", []any{lang})
	equal(t, "unloaded", loaded(), false)
	equal(t, "clicks", clicked(), map[string]any{})
	call(t, db, one, "ir.lang", "load_translations", []any{lang})
	equal(t, "after one user again", loaded(), false)

	// On a record that the condition leaves out, one is enough.
	other := create(t, db, "ir.lang", models.Values{"name": "Other", "code": "xy"})
	call(t, db, one, "ir.lang", "load_translations", []any{other})
	row := call(t, db, admin, "ir.lang", "read", []any{other}, []any{"translatable"}).([]map[string]any)[0]
	equal(t, "other", row["translatable"], true)
	call(t, db, admin, "ir.model.button.rule", "delete", []any{rule})
}

func testListModels(t *testing.T, db *models.Database) {
	names := call(t, db, admin, "ir.model", "list_models").([]string)
	if slices.Index(names, "ir.cron") > slices.Index(names, "res.user") || !slices.Contains(names, "ir.date") {
		t.Errorf("models are not listed module after module: %v", names)
	}
	access := call(t, db, admin, "ir.model.access", "get_access", list(names)).(map[string]any)
	if len(access) != len(names) {
		t.Errorf("%d answers for %d models", len(access), len(names))
	}
	equal(t, "label", call(t, db, admin, "ir.model", "get_names").(map[string]any)["ir.cron"], "Cron")
	equal(t, "history", call(t, db, admin, "ir.model", "list_history"), []string{})
}

func list(texts []string) []any {
	items := make([]any, len(texts))
	for i, text := range texts {
		items[i] = text
	}
	return items
}
