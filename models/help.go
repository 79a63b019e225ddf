package models

import "strings"

// standardHelp is what system.methodHelp tells of the methods that models have in common. Each takes the
// context as one more argument, the last.
var standardHelp = map[string]string{
	"fields_get":         "fields_get([names]): the definitions of the named fields, or of all, by name.",
	"default_get":        "default_get(names, with_rec_name=true): default values of the named fields.",
	"pre_validate":       "pre_validate(values): checks what a form holds, without saving it.",
	"fields_view_get":    "fields_view_get(view id or null, type): a view with the definitions of its fields.",
	"on_change":          "on_change(values, names): for each named field, what changes with it in a form.",
	"on_change_with":     "on_change_with(values, names): the values that the named fields take from a form.",
	"search":             "search(domain, offset=0, limit=null, order=null): ids of records.",
	"search_count":       "search_count(domain): how many records there are.",
	"search_read":        "search_read(domain, offset=0, limit=null, order=null, names): records with the named fields.",
	"read":               "read(ids, names): records with the named fields; party.rec_name reads through a relation.",
	"create":             "create([values, ...]): makes records and returns their ids, in the order of the values.",
	"write":              "write(ids, values, ids, values, ...): changes records.",
	"delete":             "delete(ids): deletes records.",
	"copy":               "copy(ids, default={}): copies records and returns the ids of the copies.",
	"history_revisions":  "history_revisions(ids): when the records were changed, and by whom: [[time, id, user], ...].",
	"export_data":        "export_data(ids, paths): rows of the values at the paths, such as party/rec_name.",
	"export_data_domain": "export_data_domain(domain, paths, offset=0, limit=null, order=null): export_data of what the domain finds.",
	"import_data":        "import_data(paths, rows): creates records of rows of texts, changes those with an id; returns their number.",
	"resources":          "resources(id): how many attachments and notes a record has.",
	"view_toolbar_get":   "view_toolbar_get(): the reports, actions, relates, exports and e-mails that a client offers for records.",
}

// helpFor is what is told of a method that says nothing itself.
func helpFor(m *Method) string {
	if help := standardHelp[m.Name]; help != "" {
		return help
	}
	for _, kind := range []struct{ prefix, help string }{
		{"on_change_with_", "(values): the value that the field takes from what a form holds."},
		{"on_change_", "(values): what changes in a form with the field."},
		{"autocomplete_", "(values): texts that complete what a form holds."},
	} {
		if strings.HasPrefix(m.Name, kind.prefix) {
			return m.Name + kind.help
		}
	}
	if m.button {
		return m.Name + "(ids): presses the button on records; returns null, or what the client is to do."
	}
	return ""
}

var wizardHelp = map[string]string{
	"create":  "create(): begins a session: [session id, first state, end state].",
	"execute": "execute(session id, data, state): what the state shows or does; data is {state: {field: value}}. Context: active_model, active_id, active_ids.",
	"delete":  "delete(session id): ends the session.",
}

const reportHelp = "execute(ids, data): [extension, content, print directly, name of the file]; data is {model, id, ids}."
