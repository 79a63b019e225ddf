package ir

import (
	"strings"

	"paytond/models"
	"paytond/models/pyson"
)

// Administration are the rights, rules and groups on the models of ir. Module
// res has it among its data, because the groups are there: all may read what a
// client needs, administrators may change it.
func Administration() Parts {
	var parts Parts
	for _, model := range strings.Fields(`ir.action ir.action.act_window ir.action.act_window.domain ir.action.act_window.view
		ir.action.keyword ir.action.report ir.action.url ir.action.wizard ir.cron ir.email.template ir.lang ir.message ir.model
		ir.model.access ir.model.field.access ir.model.button ir.model.button.click ir.model.button.rule ir.model.field ir.module
		ir.module.dependency ir.rule ir.rule.group ir.sequence.type ir.translation ir.trigger ir.trigger.log ir.ui.icon ir.ui.menu ir.ui.view`) {
		parts = append(parts,
			Access{Model: model, Read: true},
			Access{Model: model, Group: admin, Read: true, Write: true, Create: true, Delete: true})
	}
	parts = append(parts,
		Access{Model: "ir.model.data", Read: true},
		Access{Model: "ir.email", Read: true, Create: true},
		Access{Model: "ir.ui.view_tree_state"},
		Access{Model: "ir.ui.view_tree_state", Group: admin, Read: true, Write: true, Create: true, Delete: true},
		Access{Model: "ir.email.queue"},
		Access{Model: "ir.email.queue", Group: admin, Read: true, Delete: true},
		Access{Model: "ir.queue"},
		Access{Model: "ir.queue", Group: admin, Read: true},
	)
	for _, model := range []string{"ir.ui.menu", "ir.action", "ir.action.keyword", "ir.action.report", "ir.action.act_window", "ir.action.wizard", "ir.action.url"} {
		parts = append(parts, Rule{ID: "rule_group_" + flat(model), Name: "User in groups", Model: model, Global: true,
			Domains: [][]any{{[]any{"groups", "=", nil}}, {[]any{"groups", "in", pyson.Eval("groups", []any{})}}}})
	}
	return append(parts, sequenceRules(), ownRules(), exportRules(), adminGroups(), adminButtons())
}

// admin is the group of administrators.
const admin = models.Ref("res.group_admin")

func sequenceRules() Parts {
	var parts Parts
	for _, model := range []string{"ir.sequence", "ir.sequence.strict"} {
		parts = append(parts, Rule{ID: "rule_group_" + flat(model), Name: "User in groups", Model: model, Global: true,
			Except:  []models.Mode{models.Read},
			Domains: [][]any{{[]any{"sequence_type.groups", "in", pyson.Eval("groups", []any{})}}}})
	}
	return parts
}

// ownRules keep what belongs to a user from others.
func ownRules() Parts {
	own := func(field string) [][]any {
		return [][]any{{[]any{field, "=", pyson.Get(pyson.Eval("user", map[string]any{}), "id", -1)}}}
	}
	reading := []models.Mode{models.Write, models.Create, models.Delete}
	return Parts{
		Rule{ID: "rule_group_session", Name: "Own session", Model: "ir.session", Global: true, Domains: own("create_uid")},
		Rule{ID: "rule_group_session_wizard", Name: "Own session", Model: "ir.session.wizard", Global: true, Domains: own("create_uid")},
		Rule{ID: "rule_group_ui_menu_favorite", Name: "Own favorite", Model: "ir.ui.menu.favorite", Global: true, Domains: own("user")},
		Rule{ID: "rule_group_ui_view_tree_width", Name: "Own width", Model: "ir.ui.view_tree_width", Default: true, Domains: own("user")},
		Rule{ID: "rule_group_ui_view_tree_width_admin", Name: "Any width", Model: "ir.ui.view_tree_width", Groups: []models.Ref{admin}},
		Rule{ID: "rule_group_view_search", Name: "Own view search", Model: "ir.ui.view_search", Default: true, Domains: own("user")},
		Rule{ID: "rule_group_view_search_common", Name: "Common view search", Model: "ir.ui.view_search", Default: true,
			Domains: [][]any{{[]any{"user", "=", nil}}}, Except: reading},
		Rule{ID: "rule_group_view_search_admin", Name: "Any view search", Model: "ir.ui.view_search", Groups: []models.Ref{admin}},
	}
}

// exportRules let the user who made an export, and groups, use and change it.
func exportRules() Parts {
	var parts Parts
	reading := []models.Mode{models.Write, models.Create, models.Delete}
	for _, m := range []struct{ model, prefix string }{{"ir.export", ""}, {"ir.export.line", "export."}} {
		mine := []any{[]any{m.prefix + "create_uid", "=", pyson.Get(pyson.Eval("user", map[string]any{}), "id", -1)}}
		id := "rule_group_" + flat(m.model)
		parts = append(parts,
			Rule{ID: id + "_read", Name: "User in groups", Model: m.model, Default: true, Except: reading,
				Domains: [][]any{mine, {[]any{m.prefix + "groups", "in", pyson.Eval("groups", []any{})}}}},
			Rule{ID: id + "_write", Name: "User in modification groups", Model: m.model, Default: true,
				Domains: [][]any{mine, {[]any{m.prefix + "write_groups", "in", pyson.Eval("groups", []any{})}}}},
			Rule{ID: id + "_any", Name: "Any export", Model: m.model, Groups: []models.Ref{admin}, Domains: [][]any{{}}})
	}
	return parts
}

// adminGroups show the administration to administrators alone.
func adminGroups() Parts {
	menus := []string{"menu_administration", "menu_ui", "menu_action", "menu_models", "menu_sequences", "menu_scheduler", "menu_localization", "menu_modules"}
	for _, p := range pages() {
		menus = append(menus, "menu_"+p.id)
	}
	for _, w := range localizationMenu {
		menus = append(menus, "menu_"+w.id)
	}
	var parts Parts
	for _, w := range localizationMenu {
		parts = append(parts, Raw{ID: "act_" + w.id + "_admin", Model: "ir.action-res.group",
			Values: models.Values{"action": models.Ref("ir.act_" + w.id), "group": admin}})
	}
	for _, id := range menus {
		parts = append(parts, Raw{ID: id + "_admin", Model: "ir.ui.menu-res.group",
			Values: models.Values{"menu": models.Ref("ir." + id), "group": admin}})
	}
	return parts
}

// adminButtons are the buttons of ir: here, because rows of buttons need those
// of their models, which follow the data of ir.
func adminButtons() Parts {
	return Parts{
		Button{Model: "ir.cron", Name: "run_once", String: "Run Once", Groups: []models.Ref{admin}},
		Button{Model: "ir.email.queue", Name: "send_again", String: "Send Again", Groups: []models.Ref{admin}},
		Button{Model: "ir.lang", Name: "load_translations", String: "Load translations",
			Confirm: "Load the translations of the languages?"},
		Button{Model: "ir.lang", Name: "unload_translations", String: "Unload translations",
			Confirm: "Remove the translations of the languages?"},
	}
}
