package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/domain"
)

// TestMenus holds our menus against those recorded of the peer: place, sequence, icon, groups, and the action that
// they open. The folders of payments were recorded whole: there, what we add is told too.
func TestMenus(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	f, ours := found{}, b.menus()
	theirs := map[string]bool{}
	for _, row := range readTable(t, "menus-6.0.tsv") {
		name := row["menu"]
		theirs[name] = true
		mine, ok := ours[name]
		if !ok {
			f.note(name, "", "is missing")
			continue
		}
		for _, column := range []string{"sequence", "icon", "groups", "action type", "model or wizard", "views", "tab domains",
			"pyson_domain", "pyson_context", "pyson_order"} {
			f.notEqual(name, column, canonical(mine[column]), canonical(row[column]))
		}
	}
	for name := range ours {
		if parent, _ := cutLast(name, " / "); !theirs[name] && (strings.HasSuffix(parent, "Financial / Payments") || strings.HasSuffix(parent, "Configuration / Payments")) {
			f.note(name, "", "is added")
		}
	}
	f.judge(t, menuExcuses, "")
}

// cutLast cuts a text at the last separator; without one all is behind it.
func cutLast(text, separator string) (before, after string) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):]
	}
	return "", text
}

// menus are our menus by their complete names, with what the recording's columns say.
func (b *bench) menus() map[string]map[string]string {
	admin, all := b.session("admin", "admin"), map[string]map[string]string{}
	ids := map[string]int64{}
	b.do(func(tx *models.Tx) {
		menus := tx.Class("ir.ui.menu")
		for _, r := range menus.SearchRecords(tx, nil) {
			name := r.Name()
			if all[name] != nil {
				b.Errorf("there are two menus %s", name)
			}
			ids[name] = r.ID()
			all[name] = map[string]string{"sequence": fmt.Sprint(r.Get("sequence")), "icon": fmt.Sprint(r.Get("icon")), "views": "[]", "tab domains": "[]",
				"groups": namesOf(tx.Class("res.group").Browse(tx, r.Get("groups").([]int64)))}
		}
	})
	for name, menu := range all {
		actions := admin.must("model.ir.action.keyword.get_keyword", "tree_open", []any{"ir.ui.menu", ids[name]}).([]any)
		if len(actions) > 1 {
			b.Errorf("%s opens %d actions", name, len(actions))
		}
		if len(actions) > 0 {
			tellAction(menu, actions[0].(map[string]any))
		}
	}
	return all
}

// namesOf are the names of records, in their order by name.
func namesOf(records []*models.Record) string {
	var names []string
	for _, r := range records {
		names = append(names, r.Name())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// tellAction adds what a client is told of an action.
func tellAction(row map[string]string, action map[string]any) {
	row["action type"] = textOf(action["type"])
	row["model or wizard"] = textOf(action["res_model"]) + textOf(action["wiz_name"])
	var kinds []any
	views, _ := action["views"].([]any)
	for _, view := range views {
		kinds = append(kinds, view.([]any)[1])
	}
	row["views"], row["tab domains"] = selectionText(kinds), selectionText(action["domains"])
	for _, column := range []string{"pyson_domain", "pyson_context", "pyson_order"} {
		row[column] = textOf(action[column])
	}
}

// TestRights holds our rights on the models of payments against those recorded of the peer: rights on models and fields
// by group, the groups of buttons, rules.
func TestRights(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	f, ours, theirs := found{}, b.rights(), map[[2]string]string{}
	for _, row := range readTable(t, "access-6.0.tsv") {
		key, rights := recordedRight(row)
		theirs[key] = rights
		if mine, ok := ours[key]; ok {
			f.notEqual(key[0], key[1], mine, rights)
		} else {
			f.note(key[0], key[1], "is missing: "+rights)
		}
	}
	peers := peersOf(t)
	for key, rights := range ours {
		if _, ok := theirs[key]; !ok && peers[strings.Replace(key[0], " button ", ".", 1)] {
			f.note(key[0], key[1], "is added: "+rights)
		}
	}
	f.judge(t, rightsExcuses, "")
}

// peersOf are the names of the peer's models, and of their fields and buttons behind a dot. What we add is told by
// TestModels and TestFields; nobody but us could say who has which rights on it.
func peersOf(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, row := range readTable(t, "models-6.0.tsv") {
		names[row["model"]] = true
		for _, button := range strings.Fields(row["buttons"]) {
			names[row["model"]+"."+button] = true
		}
	}
	for _, row := range readTable(t, "fields-6.0.tsv") {
		names[row["model"]+"."+row["field"]] = true
	}
	return names
}

// recordedRight is a row as subject ("model", "model.field", "model button name" or "model rule") and place (the group, or
// "groups" of a button), and the rights there: those to read, write, create and delete, and a rule's domain.
func recordedRight(row map[string]string) (key [2]string, rights string) {
	group := strings.TrimSpace(row["group"])
	if strings.Contains(row["model"], " button ") {
		return [2]string{row["model"], "groups"}, strings.TrimSpace(group + " " + row["read"])
	}
	del, rule, _ := strings.Cut(row["delete"], " ")
	return [2]string{row["model"], or(group, everybody)}, rightsText(rule, row["read"] == "1", row["write"] == "1", row["create"] == "1", del == "1")
}

const everybody = "everybody"

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func rightsText(rule string, rights ...bool) string {
	var text []string
	for i, name := range []string{"read", "write", "create", "delete"} {
		if rights[i] {
			text = append(text, name)
		}
	}
	return strings.TrimSpace(or(strings.Join(text, " "), "nothing") + " " + canonical(rule))
}

// rights are what our records say of the models of payments, as recordedRight has it.
func (b *bench) rights() map[[2]string]string {
	all := map[[2]string]string{}
	b.do(func(tx *models.Tx) {
		about := domain.C("model.model", domain.Like, "account.payment%")
		for _, r := range tx.Class("ir.model.access").SearchRecords(tx, about) {
			all[[2]string{modelOf(r), groupOf(r)}] = permissions(r, "")
		}
		for _, r := range tx.Class("ir.model.field.access").SearchRecords(tx, domain.C("field.model.model", domain.Like, "account.payment%")) {
			field := tx.Class("ir.model.field").Browse(tx, []int64{r.Get("field").(int64)})[0]
			all[[2]string{modelOf(field) + "." + textOf(field.Get("name")), groupOf(r)}] = permissions(r, "")
		}
		for _, r := range tx.Class("ir.model.button").SearchRecords(tx, about) {
			groups := namesOf(tx.Class("res.group").Browse(tx, r.Get("groups").([]int64)))
			if textOf(r.Get("confirm")) != "" {
				groups += " confirm"
			}
			all[[2]string{modelOf(r) + " button " + textOf(r.Get("name")), "groups"}] = strings.TrimSpace(groups)
		}
		for _, r := range tx.Class("ir.rule.group").SearchRecords(tx, about) {
			group := namesOf(tx.Class("res.group").Browse(tx, r.Get("groups").([]int64)))
			if r.Get("global_p") == true {
				group += " (global)"
			}
			for _, rule := range tx.Class("ir.rule").Browse(tx, r.Get("rules").([]int64)) {
				all[[2]string{modelOf(r) + " rule", strings.TrimSpace(group)}] = permissions(r, textOf(rule.Get("domain")))
			}
		}
	})
	return all
}

func modelOf(r *models.Record) string {
	id, _ := r.Get("model").(int64)
	return textOf(r.Tx().Class("ir.model").Browse(r.Tx(), []int64{id})[0].Get("model"))
}

func groupOf(r *models.Record) string {
	id, ok := r.Get("group").(int64)
	if !ok {
		return everybody
	}
	return r.Tx().Class("res.group").Browse(r.Tx(), []int64{id})[0].Name()
}

func permissions(r *models.Record, rule string) string {
	return rightsText(rule, r.Get("perm_read") == true, r.Get("perm_write") == true, r.Get("perm_create") == true, r.Get("perm_delete") == true)
}
