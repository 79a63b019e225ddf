package ir_test

import (
	"slices"
	"strings"
	"testing"

	"paytond/models"
)

func clause(parts ...any) []any { return parts }

func testMenu(t *testing.T, db *models.Database) {
	administration := ref(t, db, "ir.menu_administration")
	users, ui := ref(t, db, "res.menu_res"), ref(t, db, "ir.menu_ui")
	operator := newUser(t, db, "operator")
	names := []any{"active", "childs", "favorite", "icon", "name", "parent", "parent.rec_name", "rec_name", "_timestamp", "_write", "_delete"}

	top := call(t, db, admin, "ir.ui.menu", "search", []any{clause("parent", "=", nil)}, int64(0), nil, nil).([]int64)
	if !slices.Contains(top, administration) {
		t.Errorf("the administrator's menu is %v, without Administration (%d)", top, administration)
	}
	if top := call(t, db, operator, "ir.ui.menu", "search", []any{clause("parent", "=", nil)}, int64(0), nil, nil).([]int64); slices.Contains(top, administration) {
		t.Errorf("an operator's menu is %v, with Administration", top)
	}
	row := call(t, db, admin, "ir.ui.menu", "read", []any{administration}, names).([]map[string]any)[0]
	if childs := row["childs"].([]int64); !slices.Contains(childs, users) || !slices.Contains(childs, ui) {
		t.Errorf("Administration has the entries %v", childs)
	}
	equal(t, "favorite of an entry without action", row["favorite"], nil)
	equal(t, "icon", row["icon"], "tryton-settings")

	below := call(t, db, admin, "ir.ui.menu", "read", []any{ref(t, db, "ir.menu_cron_form")}, names).([]map[string]any)[0]
	equal(t, "name with parents", below["rec_name"], "Administration / Scheduler / Actions")
	equal(t, "parent", below["parent."], map[string]any{"id": ref(t, db, "ir.menu_scheduler"), "rec_name": "Administration / Scheduler"})
	equal(t, "favorite", below["favorite"], false)
}

// testHiddenChildren has a user see an entry but not all of its children.
func testHiddenChildren(t *testing.T, db *models.Database) {
	operator := newUser(t, db, "operator")
	parent := create(t, db, "ir.ui.menu", models.Values{"name": "Shop"})
	open := create(t, db, "ir.ui.menu", models.Values{"name": "Sales", "parent": parent})
	closed := create(t, db, "ir.ui.menu", models.Values{"name": "Prices", "parent": parent,
		"groups": []any{[]any{"add", []any{ref(t, db, "res.group_admin")}}}})
	for _, c := range []struct {
		user int64
		want []int64
	}{{operator, []int64{open}}, {admin, []int64{open, closed}}} {
		row := call(t, db, c.user, "ir.ui.menu", "read", []any{parent}, []any{"childs"}).([]map[string]any)[0]
		equal(t, "childs", row["childs"], c.want)
	}
	refused(t, db, operator, models.KindUser, "ir.ui.menu", "read", []any{closed}, []any{"name"})
	refused(t, db, operator, models.KindUser, "ir.ui.menu", "write", []any{open}, map[string]any{"name": "Mine"})
	refused(t, db, admin, models.KindUser, "ir.ui.menu", "write", []any{parent}, map[string]any{"parent": open})
	refused(t, db, admin, models.KindUser, "ir.ui.menu", "write", []any{parent}, map[string]any{"name": "A / B"})
}

func testFavorites(t *testing.T, db *models.Database) {
	menu := ref(t, db, "ir.menu_cron_form")
	for range 2 {
		call(t, db, admin, "ir.ui.menu.favorite", "set", menu)
	}
	equal(t, "favorites", call(t, db, admin, "ir.ui.menu.favorite", "get"),
		[]any{[]any{menu, "Administration / Scheduler / Actions", "tryton-list"}})
	row := call(t, db, admin, "ir.ui.menu", "read", []any{menu}, []any{"favorite"}).([]map[string]any)[0]
	equal(t, "favorite", row["favorite"], true)
	call(t, db, admin, "ir.ui.menu.favorite", "unset", menu)
	equal(t, "favorites", call(t, db, admin, "ir.ui.menu.favorite", "get"), []any{})
}

func testGlobalSearch(t *testing.T, db *models.Database) {
	found := call(t, db, admin, "ir.model", "global_search", "schedul", int64(10), "ir.ui.menu").([]any)
	equal(t, "best", found[0], []any{14.0 / 33, "ir.ui.menu", "UI menu", ref(t, db, "ir.menu_scheduler"), "Administration / Scheduler", "tryton-folder"})
	if len(found) != 2 {
		t.Errorf("%d found, want Scheduler and its Actions: %v", len(found), found)
	}
	if found := call(t, db, admin, "ir.model", "global_search", "%%%", nil, "ir.ui.menu").([]any); len(found) != 0 {
		t.Errorf("%d found for signs of a pattern", len(found))
	}
	call(t, db, admin, "ir.ui.menu", "create", []any{map[string]any{"name": strings.Repeat("z", 200)}})
	if found := call(t, db, admin, "ir.model", "global_search", strings.Repeat("z", 250), nil, "ir.ui.menu").([]any); len(found) != 1 {
		t.Errorf("%d found for the first 200 letters of a longer text", len(found))
	}
}

func testIcons(t *testing.T, db *models.Database) {
	list := call(t, db, admin, "ir.ui.icon", "list_icons").([]any)
	var ids []any
	var names []string
	for _, item := range list {
		ids = append(ids, item.([]any)[0])
		names = append(names, item.([]any)[1].(string))
	}
	for _, row := range call(t, db, admin, "ir.ui.icon", "read", ids, []any{"name", "icon"}).([]map[string]any) {
		if !isSVG(row["icon"]) {
			t.Errorf("icon %s is no SVG: %v", row["name"], row["icon"])
		}
	}
	for _, row := range call(t, db, admin, "ir.ui.menu", "search_read", []any{}, int64(0), nil, nil, []any{"icon"}).([]map[string]any) {
		if !slices.Contains(names, row["icon"].(string)) {
			t.Errorf("the menu uses the icon %v, which the server does not have", row["icon"])
		}
	}
	choices := call(t, db, admin, "ir.ui.menu", "list_icons").([][2]any)
	if !slices.Contains(choices, [2]any{"tryton-save", "tryton-save"}) || !slices.Contains(choices, [2]any{"tryton-party", "tryton-party"}) {
		t.Errorf("a menu may have the icons %v", choices)
	}
}
