package ir_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
)

func isSVG(v any) bool {
	text, _ := v.(string)
	reader := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := reader.Token(); err == io.EOF {
			return strings.HasPrefix(text, "<svg ")
		} else if err != nil {
			return false
		}
	}
}

// testActionValue holds a window against the shape recorded from the peer.
func testActionValue(t *testing.T, db *models.Database) {
	act := ref(t, db, "ir.act_cron_form")
	want := map[string]any{"id": act, "name": "Actions", "type": "ir.action.act_window", "records": "selected", "icon.": nil,
		"res_model": "ir.cron", "limit": nil, "context_model": nil, "context_domain": nil,
		"pyson_domain": "[]", "pyson_context": "{}", "pyson_order": `[["id", null]]`, "pyson_search_value": "[]",
		"views":   []any{[]any{ref(t, db, "ir.cron_view_tree"), "tree"}, []any{ref(t, db, "ir.cron_view_form"), "form"}},
		"domains": []any{}}
	equal(t, "value", call(t, db, admin, "ir.action", "get_action_value", act), want)
	equal(t, "value by name", call(t, db, admin, "ir.action.act_window", "get", "ir.act_cron_form"), want)
	refused(t, db, admin, models.KindBadRequest, "ir.action.act_window", "get", int64(149))

	want["name"], want["keyword"] = "Administration / Scheduler / Actions", "tree_open"
	equal(t, "opened", call(t, db, admin, "ir.action.keyword", "get_keyword", "tree_open", []any{"ir.ui.menu", ref(t, db, "ir.menu_cron_form")}), []any{want})

	menu := call(t, db, admin, "ir.action", "get_action_value", ref(t, db, "ir.act_menu_tree")).(map[string]any)
	equal(t, "domain of the menu", menu["pyson_domain"], `[["parent", "=", null]]`)
	equal(t, "order of the menu", menu["pyson_order"], `[["sequence", "ASC NULLS LAST"], ["id", null]]`)
	tabs := call(t, db, admin, "ir.action", "get_action_value", ref(t, db, "ir.act_translation_form")).(map[string]any)
	equal(t, "tabs", tabs["domains"], []any{[]any{"Modules", `[["module", "!=", null]]`, false}, []any{"Local", `[["module", "=", null]]`, false}})
}

// testTitle leaves out a menu's name that repeats its parent's.
func testTitle(t *testing.T, db *models.Database) {
	opened := call(t, db, admin, "ir.action.keyword", "get_keyword", "tree_open", []any{"ir.ui.menu", ref(t, db, "ir.menu_model_form")}).([]any)
	equal(t, "title", opened[0].(map[string]any)["name"], "Administration / Models")
}

func testActionGroups(t *testing.T, db *models.Database) {
	operator := newUser(t, db, "operator")
	act := create(t, db, "ir.action.url", models.Values{"name": "Help", "url": "https://example.com/",
		"groups":   []any{[]any{"add", []any{ref(t, db, "res.group_admin")}}},
		"keywords": []any{[]any{"create", []any{map[string]any{"keyword": "form_action", "model": "res.user,-1"}}}}})
	value := map[string]any{"id": act, "name": "Help", "type": "ir.action.url", "records": "selected", "icon.": nil, "url": "https://example.com/"}
	equal(t, "value", call(t, db, admin, "ir.action", "get_action_value", act), value)
	refused(t, db, operator, models.KindUser, "ir.action", "get_action_value", act)

	value["keyword"] = "form_action"
	equal(t, "toolbar", call(t, db, admin, "res.user", "view_toolbar_get").(map[string]any)["action"], []any{value})
	equal(t, "an operator's toolbar", call(t, db, operator, "res.user", "view_toolbar_get").(map[string]any)["action"], []any{})
	row := call(t, db, admin, "ir.action.url", "read", []any{act}, []any{"name", "type", "groups", "active"}).([]map[string]any)[0]
	equal(t, "shared fields", row, map[string]any{"id": act, "name": "Help", "type": "ir.action.url", "active": true, "groups": []int64{ref(t, db, "res.group_admin")}})

	call(t, db, admin, "ir.action.url", "write", []any{act}, map[string]any{"name": "Manual", "active": false})
	row = call(t, db, admin, "ir.action", "read", []any{act}, []any{"name", "active"}).([]map[string]any)[0]
	equal(t, "written", row, map[string]any{"id": act, "name": "Manual", "active": false})
	copied := call(t, db, admin, "ir.action.url", "copy", []any{act}, map[string]any{}).([]int64)
	if copied[0] == act {
		t.Error("the copy has the id of the action copied")
	}
	call(t, db, admin, "ir.action.url", "delete", []any{act})
	equal(t, "rows left", call(t, db, admin, "ir.action", "search_count", []any{clause("id", "=", act), clause("active", "in", []any{true, false})}), int64(0))
}

// testToolbar holds what every model offers: the e-mails about its records.
func testToolbar(t *testing.T, db *models.Database) {
	bar := call(t, db, admin, "ir.ui.menu", "view_toolbar_get").(map[string]any)
	equal(t, "print", bar["print"], []any{})
	equal(t, "exports", bar["exports"], []map[string]any{})
	equal(t, "emails", bar["emails"], []map[string]any{})
	relate := bar["relate"].([]any)[0].(map[string]any)
	equal(t, "name", relate["name"], "E-mail Archives")
	equal(t, "order", relate["pyson_order"], `[["create_date", "DESC"], ["id", null]]`)
	equal(t, "domain", relate["pyson_domain"], `[{"__class__": "If", "c": {"__class__": "Equal", "s1": {"__class__": "Eval", "v": "active_ids", "d": []}, "s2": [{"__class__": "Eval", "v": "active_id", "d": ""}]}, "t": ["resource", "=", [{"__class__": "Eval", "v": "active_model", "d": ""}, {"__class__": "Eval", "v": "active_id", "d": ""}]], "e": ["resource.id", "in", {"__class__": "Eval", "v": "active_ids", "d": ""}, {"__class__": "Eval", "v": "active_model", "d": ""}]}]`)
}

// testAdminWindows opens every window of the administration as a client does.
func testAdminWindows(t *testing.T, db *models.Database) {
	rows := call(t, db, admin, "ir.action.act_window", "search_read", []any{clause("res_model", "like", "ir.%")}, int64(0), nil, nil, []any{"res_model", "views"}).([]map[string]any)
	if len(rows) < 30 {
		t.Errorf("only %d windows", len(rows))
	}
	for _, row := range rows {
		model := row["res_model"].(string)
		for _, view := range row["views"].([]any) {
			v := view.([]any)
			if _, err := modelstest.Call(db, admin, nil, model, "fields_view_get", v[0], v[1]); err != nil {
				t.Errorf("%s of %s: %v", v[1], model, err)
			}
		}
		for _, method := range []string{"fields_get", "default_get"} {
			if _, err := modelstest.Call(db, admin, nil, model, method, nil); method == "fields_get" && err != nil {
				t.Errorf("%s.%s: %v", model, method, err)
			}
		}
		if _, err := modelstest.Call(db, admin, nil, model, "search_read", []any{}, int64(0), int64(5), nil, nil); err != nil {
			t.Errorf("read %s: %v", model, err)
		}
	}
}
