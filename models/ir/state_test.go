package ir_test

import (
	"testing"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// testTreeState keeps a tree's state under its domain, however that is written.
func testTreeState(t *testing.T, db *models.Database) {
	user, other := newUser(t, db, "user"), newUser(t, db, "other")
	get := func(user int64, domain string, child any) any {
		return call(t, db, user, "ir.ui.view_tree_state", "get", "ir.ui.menu", domain, child)
	}
	empty := []any{"[]", "[]"}
	equal(t, "before", get(user, `[["parent","=",null]]`, "childs"), empty)
	for _, nodes := range []string{"[[1]]", "[[67],[67,68]]"} {
		call(t, db, user, "ir.ui.view_tree_state", "set", "ir.ui.menu", `[["parent", "=", null]]`, "childs", nodes, "[[67,119]]")
	}
	equal(t, "after", get(user, `[["parent","=",null]]`, "childs"), []any{"[[67],[67,68]]", "[[67,119]]"})
	equal(t, "another child field", get(user, `[["parent","=",null]]`, nil), empty)
	equal(t, "another domain", get(user, `[]`, "childs"), empty)
	equal(t, "another user", get(other, `[["parent","=",null]]`, "childs"), empty)
	call(t, db, user, "ir.ui.view_tree_state", "set", "ir.ui.menu", `[]`, nil, "[[5]]", "[]")
	equal(t, "without child field", get(user, ` [ ] `, nil), []any{"[[5]]", "[]"})
	refused(t, db, user, models.KindBadRequest, "ir.ui.view_tree_state", "get", "ir.ui.menu", `[[`, nil)
}

func testTreeWidth(t *testing.T, db *models.Database) {
	user := newUser(t, db, "user")
	call(t, db, user, "ir.ui.view_tree_width", "set_width", "ir.lang", map[string]any{"name": int64(200), "code": int64(50)})
	call(t, db, user, "ir.ui.view_tree_width", "set_width", "ir.lang", map[string]any{"name": int64(210)})
	rows := call(t, db, user, "ir.ui.view_tree_width", "search_read", []any{}, int64(0), nil, []any{[]any{"field", "ASC"}}, []any{"field", "width"}).([]map[string]any)
	for _, row := range rows {
		delete(row, "id")
	}
	equal(t, "widths", rows, []map[string]any{{"field": "code", "width": int64(50)}, {"field": "name", "width": int64(210)}})
}

// testViewSearch keeps a user's searches from others.
func testViewSearch(t *testing.T, db *models.Database) {
	user, other := newUser(t, db, "user"), newUser(t, db, "other")
	id := call(t, db, user, "ir.ui.view_search", "create", []any{map[string]any{"model": "ir.cron", "name": "Soon",
		"domain": `[["next_call", "<", {"__class__": "Date", "y": 2026, "M": 11, "d": 24, "dy": 0, "dM": 0, "dd": 0}]]`}}).([]int64)[0]
	common := create(t, db, "ir.ui.view_search", models.Values{"model": "ir.cron", "name": "All", "domain": "[]", "user": nil})
	want := []any{id, "Soon", []any{[]any{"next_call", "<", value.Date{Year: 2026, Month: 11, Day: 24}}}, true}
	shared := []any{common, "All", []any{}, false}
	equal(t, "own", call(t, db, user, "ir.ui.view_search", "get_search"), map[string]any{"ir.cron": []any{want, shared}})
	equal(t, "another's", call(t, db, other, "ir.ui.view_search", "get_search"), map[string]any{"ir.cron": []any{shared}})
	refused(t, db, user, models.KindUser, "ir.ui.view_search", "create", []any{map[string]any{"model": "ir.cron", "name": "Bad", "domain": "[["}})
	refused(t, db, other, models.KindUser, "ir.ui.view_search", "delete", []any{id})
	call(t, db, user, "ir.ui.view_search", "delete", []any{id})
	call(t, db, admin, "ir.ui.view_search", "delete", []any{common})
}

// testExports saves an export, changes its fields as clients do, and keeps it from others.
func testExports(t *testing.T, db *models.Database) {
	user, other := newUser(t, db, "user"), newUser(t, db, "other")
	id := call(t, db, user, "ir.export", "create", []any{map[string]any{"name": "Names", "resource": "ir.lang",
		"export_fields": []any{[]any{"create", []any{map[string]any{"name": "name"}, map[string]any{"name": "code"}}}}}}).([]int64)[0]
	fields := func() (names []string) {
		bar := call(t, db, user, "ir.lang", "view_toolbar_get").(map[string]any)
		for _, row := range bar["exports"].([]map[string]any) {
			equal(t, "name", row["name"], "Names")
			for _, line := range row["export_fields."].([]any) {
				names = append(names, line.(map[string]any)["name"].(string))
			}
		}
		return names
	}
	equal(t, "fields", fields(), []string{"name", "code"})
	call(t, db, user, "ir.export", "update", []any{id}, []any{"code", "active"})
	equal(t, "new fields", fields(), []string{"code", "active"})
	equal(t, "of another", call(t, db, other, "ir.lang", "view_toolbar_get").(map[string]any)["exports"], []map[string]any{})
	refused(t, db, other, models.KindUser, "ir.export", "update", []any{id}, []any{"name"})
	call(t, db, user, "ir.export", "delete", []any{"1"}[:0])
	call(t, db, user, "ir.export", "delete", []any{id})
	equal(t, "deleted", fields(), []string(nil))
}

func testLanguages(t *testing.T, db *models.Database) {
	rows := call(t, db, admin, "ir.lang", "search_read", []any{clause("code", "in", []any{"en", "de", "es", "fr"})}, int64(0), nil, []any{[]any{"id", "ASC"}},
		[]any{"code", "date", "grouping", "decimal_point", "thousands_sep", "translatable"}).([]map[string]any)
	english, id := rows[0]["id"], rows[1]["id"]
	equal(t, "English", without(rows[0], "id"), map[string]any{"code": "en", "date": "%m/%d/%Y", "grouping": "[3, 3, 0]", "decimal_point": ".", "thousands_sep": ",", "translatable": true})
	equal(t, "German", without(rows[1], "id"), map[string]any{"code": "de", "date": "%d.%m.%Y", "grouping": "[3, 3, 0]", "decimal_point": ",", "thousands_sep": ".", "translatable": false})
	modelstest.Do(t, db, func(tx *models.Tx) {
		for code, want := range map[string]string{"de": "German", "de_AT": "German", "pt": "", "": ""} {
			equal(t, code, ir.Language(tx, code).Name(), want)
		}
		equal(t, "default", ir.DefaultLanguage(tx), "en")
	})
	refused(t, db, admin, models.KindUser, "ir.lang", "write", []any{id}, map[string]any{"grouping": "3"})
	refused(t, db, admin, models.KindUser, "ir.lang", "write", []any{id}, map[string]any{"date": "%d.%m."})
	refused(t, db, admin, models.KindUser, "ir.lang", "write", []any{id}, map[string]any{"thousands_sep": ","})
	refused(t, db, admin, models.KindUser, "ir.lang", "delete", []any{english})
	equal(t, "choices", call(t, db, admin, "ir.translation", "get_language").([][2]any)[0], [2]any{"en", "English"})
}

func without(row map[string]any, name string) map[string]any {
	delete(row, name)
	return row
}

func testCalendar(t *testing.T, db *models.Database) {
	rows := call(t, db, admin, "ir.calendar.day", "search_read", []any{}, int64(0), int64(1), nil, []any{"name", "abbreviation", "index"}).([]map[string]any)
	equal(t, "first day", without(rows[0], "id"), map[string]any{"name": "Monday", "abbreviation": "Mon", "index": int64(0)})
	refused(t, db, admin, models.KindForbidden, "ir.calendar.day", "write", []any{int64(1)}, map[string]any{"name": "Moonday"})
	if got := call(t, db, admin, "ir.date", "today", "UTC"); got != value.DateOf(db.Now().UTC()) {
		t.Errorf("today is %v", got)
	}
	refused(t, db, admin, models.KindBadRequest, "ir.date", "today", "Nowhere/None")
}

func testModules(t *testing.T, db *models.Database) {
	rows := call(t, db, admin, "ir.module", "search_read", []any{}, int64(0), nil, nil, []any{"name", "state"}).([]map[string]any)
	for _, row := range rows {
		delete(row, "id")
	}
	equal(t, "modules", rows, []map[string]any{{"name": "ir", "state": "activated"}, {"name": "res", "state": "activated"}})
}
