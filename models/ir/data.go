package ir

import (
	"fmt"

	"paytond/models"
	"paytond/models/pyson"
)

// data are the records of the module: icons, languages, the calendar, and what
// administrators see.
func data() []models.Data {
	return Records(iconData(), languageData(), calendarData(), menuData(), viewData(), adminData(), emailData(), localizationData(),
		Cron{ID: "cron_send_queue", Method: SendQueueMethod, Number: 5, Type: "minutes"})
}

// languageData are the languages with the formats that people expect of them.
// Users may change them.
func languageData() Parts {
	var parts Parts
	for _, l := range []struct{ code, name, date, point, comma, grouping string }{
		{"en", "English", "%m/%d/%Y", ".", ",", "[3, 3, 0]"},
		{"de", "German", "%d.%m.%Y", ",", ".", "[3, 3, 0]"},
		{"es", "Spanish", "%d/%m/%Y", ",", ".", "[3, 3, 0]"},
		{"fr", "French", "%d.%m.%Y", ",", " ", "[3, 0]"},
	} {
		english := l.code == "en"
		values := models.Values{"code": l.code, "name": l.name, "date": l.date, "translatable": english,
			"decimal_point": l.point, "thousands_sep": l.comma, "grouping": l.grouping,
			"mon_decimal_point": l.point, "mon_thousands_sep": l.comma, "mon_grouping": l.grouping,
			"p_cs_precedes": english, "n_cs_precedes": english, "p_sep_by_space": !english, "n_sep_by_space": !english}
		if english {
			values["am"], values["pm"] = "AM", "PM"
		}
		parts = append(parts, Raw{ID: "lang_" + l.code, Model: "ir.lang", Values: values, NoUpdate: true})
	}
	return parts
}

func calendarData() Parts {
	var parts Parts
	for i, name := range []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"} {
		parts = append(parts, Raw{ID: fmt.Sprintf("calendar_month_%02d", i+1), Model: "ir.calendar.month",
			Values: models.Values{"name": name, "abbreviation": name[:3], "index": int64(i + 1)}})
	}
	for i, name := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"} {
		parts = append(parts, Raw{ID: fmt.Sprintf("calendar_day_%d", i), Model: "ir.calendar.day",
			Values: models.Values{"name": name, "abbreviation": name[:3], "index": int64(i)}})
	}
	return parts
}

// menuData is the menu itself: the window that clients open after login.
func menuData() Parts {
	return Parts{
		View{ID: "menu_view_tree_tree", Model: "ir.ui.menu", Type: "tree", Name: "menu_tree", FieldChilds: "childs", Priority: 10},
		View{ID: "menu_view_list", Model: "ir.ui.menu", Type: "tree", Name: "menu_list", Priority: 20},
		View{ID: "menu_view_form", Model: "ir.ui.menu", Type: "form", Name: "menu_form"},
		Raw{ID: "act_menu_tree", Model: "ir.action.act_window", Values: models.Values{"name": "Menu", "usage": "menu",
			"res_model": "ir.ui.menu", "domain": pyson.Encode([]any{[]any{"parent", "=", nil}})}},
		Raw{ID: "act_menu_tree_view1", Model: "ir.action.act_window.view", Values: models.Values{
			"act_window": models.Ref("act_menu_tree"), "view": models.Ref("menu_view_tree_tree"), "sequence": int64(10)}},
		Menu{ID: "menu_administration", Name: "Administration", Sequence: 9999, Icon: "tryton-settings"},
		Menu{ID: "menu_ui", Name: "User Interface", Parent: "menu_administration", Sequence: 50},
		Menu{ID: "menu_action", Name: "Actions", Parent: "menu_ui", Sequence: 50},
		Menu{ID: "menu_models", Name: "Models", Parent: "menu_administration", Sequence: 50},
		Menu{ID: "menu_sequences", Name: "Sequences", Parent: "menu_administration", Sequence: 20},
		Menu{ID: "menu_scheduler", Name: "Scheduler", Parent: "menu_administration", Sequence: 50},
		Menu{ID: "menu_localization", Name: "Localization", Parent: "menu_administration", Sequence: 30},
		Menu{ID: "menu_modules", Name: "Modules", Parent: "menu_administration", Sequence: 20},
	}
}

// page is a menu entry of administrators with the window behind it.
type page struct {
	id, name, model string
	parent          models.Ref
	sequence        int64
	tree, form      string // views, by the name of id and file; form may be missing
	tabs            []Tab
}

// pages are the entries below Administration.
func pages() []page {
	return []page{
		{"menu_list", "Menu", "ir.ui.menu", "menu_ui", 10, "menu_view_list", "menu_view_form", nil},
		{"view_form", "Views", "ir.ui.view", "menu_ui", 10, "view_view_tree", "view_view_form", nil},
		{"icon_form", "Icons", "ir.ui.icon", "menu_ui", 20, "icon_view_tree", "icon_view_form", nil},
		{"view_tree_width_form", "View Tree Width", "ir.ui.view_tree_width", "menu_ui", 50, "view_tree_width_view_tree", "", nil},
		{"view_tree_state", "Tree State", "ir.ui.view_tree_state", "menu_ui", 50, "view_tree_state_tree", "", nil},
		{"view_search", "View Search", "ir.ui.view_search", "menu_ui", 50, "view_search_tree", "view_search_form", nil},
		{"action_form", "Actions", "ir.action", "menu_action", 10, "action_view_tree", "action_view_form", nil},
		{"action_report_form", "Reports", "ir.action.report", "menu_action", 20, "action_report_view_tree", "action_report_view_form", nil},
		{"action_act_window_form", "Window Actions", "ir.action.act_window", "menu_action", 20, "action_act_window_view_tree", "action_act_window_view_form", nil},
		{"action_url_form", "URLs", "ir.action.url", "menu_action", 20, "action_url_view_tree", "action_url_view_form", nil},
		{"action_wizard_form", "Wizards", "ir.action.wizard", "menu_action", 50, "action_wizard_view_tree", "action_wizard_view_form", nil},
		{"email_template_form", "E-mail Templates", "ir.email.template", "menu_action", 50, "email_template_view_list", "email_template_view_form", nil},
		{"model_form", "Models", "ir.model", "menu_models", 10, "model_view_tree", "model_view_form", nil},
		{"model_fields_form", "Fields", "ir.model.field", "menu_model_form", 20, "model_fields_view_tree", "model_fields_view_form", nil},
		{"model_data_form", "Data", "ir.model.data", "menu_model_form", 50, "model_data_view_list", "", nil},
		{"model_access_form", "Models Access", "ir.model.access", "menu_models", 30, "model_access_view_tree", "model_access_view_form", nil},
		{"model_field_access_form", "Fields Access", "ir.model.field.access", "menu_model_access_form", 10, "model_field_access_view_tree", "model_field_access_view_form", nil},
		{"model_button_form", "Buttons", "ir.model.button", "menu_model_access_form", 20, "model_button_view_list", "model_button_view_form", nil},
		{"rule_group_form", "Record Rules", "ir.rule.group", "menu_models", 30, "rule_group_view_tree", "rule_group_view_form", nil},
		{"attachment_form", "Attachments", "ir.attachment", "menu_models", 50, "attachment_view_tree", "attachment_view_form", nil},
		{"note_form", "Notes", "ir.note", "menu_models", 50, "note_view_list", "note_view_form", nil},
		{"export_form", "Exports", "ir.export", "menu_models", 50, "export_view_tree", "export_view_form", nil},
		{"email_form", "E-mails", "ir.email", "menu_models", 50, "email_view_list", "email_view_form", nil},
		{"email_queue_form", "Outgoing E-mails", "ir.email.queue", "menu_email_form", 10, "email_queue_view_list", "email_queue_view_form", []Tab{
			{"To Send", []any{[]any{"state", "=", mailQueued}}, true}, {"Failed", []any{[]any{"state", "=", mailFailed}}, true}, {"All", nil, false}}},
		{"sequence_form", "Sequences", "ir.sequence", "menu_sequences", 10, "sequence_view_tree", "sequence_view_form", nil},
		{"sequence_strict_form", "Sequences Strict", "ir.sequence.strict", "menu_sequences", 10, "sequence_strict_view_tree", "sequence_strict_view_form", nil},
		{"sequence_type_form", "Types", "ir.sequence.type", "menu_sequences", 20, "sequence_type_view_tree", "sequence_type_view_form", nil},
		{"cron_form", "Actions", "ir.cron", "menu_scheduler", 10, "cron_view_tree", "cron_view_form", nil},
		{"lang_form", "Languages", "ir.lang", "menu_localization", 10, "lang_view_tree", "lang_view_form", nil},
		{"translation_form", "Translations", "ir.translation", "menu_localization", 20, "translation_view_tree", "translation_view_form", []Tab{
			{"Modules", []any{[]any{"module", "!=", nil}}, false}, {"Local", []any{[]any{"module", "=", nil}}, false}}},
		{"message_form", "Message", "ir.message", "menu_localization", 20, "message_view_tree", "", nil},
		{"module_form", "Modules", "ir.module", "menu_modules", 10, "module_view_tree", "module_view_form", nil},
	}
}

func adminData() Parts {
	var parts Parts
	for _, p := range pages() {
		views := []models.Ref{models.Ref(p.tree)}
		if p.form != "" {
			views = append(views, models.Ref(p.form))
		}
		parts = append(parts,
			ActWindow{ID: "act_" + p.id, Name: p.name, Model: p.model, Views: views, Tabs: p.tabs},
			Menu{ID: "menu_" + p.id, Name: p.name, Parent: p.parent, Sequence: p.sequence, Action: models.Ref("act_" + p.id)})
	}
	return parts
}

// viewData are the views of administrators: those of pages, and of the lines in their forms.
func viewData() Parts {
	var parts Parts
	add := func(id, model, kind string) {
		if id != "" && id != "menu_view_list" && id != "menu_view_form" { // which menuData has
			parts = append(parts, View{ID: id, Model: model, Type: kind, Name: id})
		}
	}
	for _, p := range pages() {
		add(p.tree, p.model, "tree")
		add(p.form, p.model, "form")
	}
	add("action_keyword_view_list", "ir.action.keyword", "tree")
	add("action_keyword_view_form", "ir.action.keyword", "form")
	add("act_window_view_view_list", "ir.action.act_window.view", "tree")
	add("act_window_domain_view_list", "ir.action.act_window.domain", "tree")
	add("model_button_rule_view_list", "ir.model.button.rule", "tree")
	add("model_button_rule_view_form", "ir.model.button.rule", "form")
	add("model_button_click_view_list", "ir.model.button.click", "tree")
	add("rule_view_tree", "ir.rule", "tree")
	add("rule_view_form", "ir.rule", "form")
	add("export_line_view_tree", "ir.export.line", "tree")
	return parts
}

// emailData offers the e-mails about the records of any model.
func emailData() Parts {
	one := pyson.Equal(pyson.Eval("active_ids", []any{}), []any{pyson.Eval("active_id", "")})
	return Parts{
		ActWindow{ID: "act_email_form_relate", Name: "E-mail Archives", Model: "ir.email",
			Views: []models.Ref{"email_view_list", "email_view_form"},
			Domain: []any{pyson.If(one,
				[]any{"resource", "=", []any{pyson.Eval("active_model", ""), pyson.Eval("active_id", "")}},
				[]any{"resource.id", "in", pyson.Eval("active_ids", ""), pyson.Eval("active_model", "")})}},
		Keyword{ID: "act_email_form_relate_keyword", Keyword: "form_relate", Action: "act_email_form_relate"},
	}
}
