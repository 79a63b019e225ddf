package ir

import (
	"cmp"
	"fmt"
	"strings"

	"paytond/models"
	"paytond/models/pyson"
)

// Part is anything that declares data records: the types of this file.
type Part interface{ Data() []models.Data }

// Records are the records of the parts, one after the other, as a Module wants them.
func Records(parts ...Part) []models.Data {
	var list []models.Data
	for _, p := range parts {
		list = append(list, p.Data()...)
	}
	return list
}

// Raw is a record without a constructor of its own.
type Raw models.Data

// Data returns the record.
func (r Raw) Data() []models.Data { return []models.Data{models.Data(r)} }

// Parts are parts as one.
type Parts []Part

// Data returns the records of all parts.
func (p Parts) Data() []models.Data { return Records(p...) }

// ModelRef names the row of a model in ir.model.
func ModelRef(model string) models.Ref { return models.Ref("ir.model/" + model) }

// FieldRef names the row of a field in ir.model.field.
func FieldRef(model, field string) models.Ref { return models.Ref("ir.field/" + model + "/" + field) }

// Group is a group of users.
type Group struct{ ID, Name string }

// Data returns the group.
func (g Group) Data() []models.Data {
	return []models.Data{{ID: g.ID, Model: "res.group", Values: models.Values{"name": g.Name}}}
}

// View is a view in the module's view/<Name>.xml. Inherit names the view that
// it changes; then Type stays empty. Domain is PYSON over the context: an
// inherited view counts only where it holds.
type View struct {
	ID, Model, Type, Name string
	Inherit               models.Ref
	FieldChilds           string
	Priority              int64 // by default 16
	Domain                any
}

// Data returns the view.
func (v View) Data() []models.Data {
	values := models.Values{"name": v.Name, "priority": int64(16), "model": v.Model}
	put(values, "type", v.Type)
	put(values, "inherit", v.Inherit)
	put(values, "field_childs", v.FieldChilds)
	put(values, "domain", encoded(v.Domain))
	if v.Priority != 0 {
		values["priority"] = v.Priority
	}
	return []models.Data{{ID: v.ID, Model: "ir.ui.view", Values: values}}
}

// Icon is an SVG in the module's files at Path, as "icon/name.svg". The icons
// of Tryton's clients and of all our menus are in module ir already.
type Icon struct{ ID, Name, Path string }

// Data returns the icon.
func (i Icon) Data() []models.Data {
	return []models.Data{{ID: i.ID, Model: "ir.ui.icon", Values: models.Values{"name": i.Name, "path": i.Path}}}
}

// Menu is an entry of the menu. Action, if any, is the action that it opens;
// only users of one of the Groups see it, all where there is none. Icon is by
// default tryton-folder, with an action tryton-list.
type Menu struct {
	ID, Name string
	Parent   models.Ref
	Sequence int64
	Icon     string
	Action   models.Ref
	Groups   []models.Ref
}

// Data returns the entry, what it opens and its groups.
func (m Menu) Data() []models.Data {
	values := models.Values{"name": m.Name, "sequence": m.Sequence, "icon": m.icon()}
	put(values, "parent", m.Parent)
	list := []models.Data{{ID: m.ID, Model: "ir.ui.menu", Values: values}}
	if m.Action != "" {
		list = append(list, Keyword{ID: m.ID + "_keyword", Keyword: "tree_open", Action: m.Action,
			Record: models.RefTo{Model: "ir.ui.menu", Ref: models.Ref(m.ID)}}.Data()...)
	}
	return append(list, groups("ir.ui.menu-res.group", "menu", models.Ref(m.ID), m.ID, m.Groups)...)
}

func (m Menu) icon() string {
	switch {
	case m.Icon != "":
		return m.Icon
	case m.Action != "":
		return "tryton-list"
	}
	return "tryton-folder"
}

// Keyword is a place where an action is offered: Keyword is tree_open,
// form_print, form_action, form_relate or graph_open. Model means all records
// of a model, Record one record (a menu entry).
type Keyword struct {
	ID, Keyword string
	Action      models.Ref
	Model       string
	Record      models.RefTo
}

// Data returns the keyword.
func (k Keyword) Data() []models.Data {
	values := models.Values{"keyword": k.Keyword, "action": k.Action}
	if k.Model != "" {
		values["model"] = k.Model + ",-1"
	} else if k.Record.Model != "" {
		values["model"] = k.Record
	}
	return []models.Data{{ID: k.ID, Model: "ir.action.keyword", Values: values}}
}

// On is a place for an action on the records of a model, see [Keyword].
type On struct{ Keyword, Model string }

// common is what all kinds of actions have.
type common struct {
	ID, Name string
	Icon     models.Ref
	Records  string
	Groups   []models.Ref
	Keywords []On
}

func (a common) data(model string, values models.Values) []models.Data {
	values["name"] = a.Name
	put(values, "icon", a.Icon)
	put(values, "records", a.Records)
	list := []models.Data{{ID: a.ID, Model: model, Values: values}}
	for i, on := range a.Keywords {
		list = append(list, Keyword{ID: fmt.Sprintf("%s_keyword%d", a.ID, i+1), Keyword: on.Keyword,
			Action: models.Ref(a.ID), Model: on.Model}.Data()...)
	}
	return append(list, groups("ir.action-res.group", "action", models.Ref(a.ID), a.ID, a.Groups)...)
}

// Tab is a tab above a list: a label, a domain (PYSON as Go values) and
// whether the client shows how many records it has.
type Tab struct {
	Name   string
	Domain []any
	Count  bool
}

// ActWindow opens a window on records of a model. Domain, Context, Order,
// SearchValue and ContextDomain are PYSON as Go values; nil for none. Keywords
// offer the action on records of models, Groups limit who gets it.
type ActWindow struct {
	ID, Name      string
	Icon          models.Ref
	Groups        []models.Ref
	Keywords      []On
	Model         string
	Views         []models.Ref
	Tabs          []Tab
	Domain        []any
	Context       map[string]any
	Order         []any // of [2]any or []any{field, direction}
	SearchValue   []any
	Limit         int64
	ContextModel  string
	ContextDomain []any
}

// Data returns the action with its views and tabs.
func (a ActWindow) Data() []models.Data {
	values := models.Values{}
	put(values, "res_model", a.Model)
	put(values, "context_model", a.ContextModel)
	put(values, "domain", encodedList(a.Domain))
	put(values, "order", encodedList(a.Order))
	put(values, "search_value", encodedList(a.SearchValue))
	put(values, "context_domain", encodedList(a.ContextDomain))
	if a.Context != nil {
		values["context"] = pyson.Encode(a.Context)
	}
	if a.Limit != 0 {
		values["limit"] = a.Limit
	}
	list := common{a.ID, a.Name, a.Icon, "", a.Groups, a.Keywords}.data("ir.action.act_window", values)
	for i, view := range a.Views {
		list = append(list, models.Data{ID: fmt.Sprintf("%s_view%d", a.ID, i+1), Model: "ir.action.act_window.view",
			Values: models.Values{"act_window": models.Ref(a.ID), "view": view, "sequence": int64(10 * (i + 1))}})
	}
	for i, tab := range a.Tabs {
		tab.add(&list, a.ID, i)
	}
	return list
}

func (t Tab) add(list *[]models.Data, action string, i int) {
	domain := t.Domain
	if domain == nil {
		domain = []any{}
	}
	*list = append(*list, models.Data{ID: fmt.Sprintf("%s_domain%d", action, i+1), Model: "ir.action.act_window.domain",
		Values: models.Values{"act_window": models.Ref(action), "name": t.Name, "sequence": int64(10 * (i + 1)),
			"domain": pyson.Encode(domain), "count": t.Count}})
}

// WizardAction starts a wizard; Model says for the records of which models
// (comma between); Window opens it in a tab. Icon names an icon record
// ("ir.tryton_launch"); Records is "selected" (the default) or "listed".
type WizardAction struct {
	ID, Name      string
	Icon          models.Ref
	Records       string
	Groups        []models.Ref
	Keywords      []On
	Wizard, Model string
	Window        bool
}

// Data returns the action.
func (a WizardAction) Data() []models.Data {
	values := models.Values{"wiz_name": a.Wizard, "window": a.Window}
	put(values, "model", a.Model)
	return common{a.ID, a.Name, a.Icon, a.Records, a.Groups, a.Keywords}.data("ir.action.wizard", values)
}

// ReportAction prints a report on records of Model. Template is the kind of
// document that the report writes, by default "odt"; Extension the kind that the
// user gets, by default the same.
type ReportAction struct {
	ID, Name                 string
	Icon                     models.Ref
	Records                  string
	Groups                   []models.Ref
	Keywords                 []On
	Report, Model, Extension string
	Template                 string
	DirectPrint              bool
}

// Data returns the action.
func (a ReportAction) Data() []models.Data {
	values := models.Values{"report_name": a.Report, "model": a.Model, "direct_print": a.DirectPrint, "template_extension": cmp.Or(a.Template, "odt")}
	put(values, "extension", a.Extension)
	return common{a.ID, a.Name, a.Icon, a.Records, a.Groups, a.Keywords}.data("ir.action.report", values)
}

// URLAction opens an address in a browser.
type URLAction struct {
	ID, Name string
	Icon     models.Ref
	Groups   []models.Ref
	Keywords []On
	URL      string
}

// Data returns the action.
func (a URLAction) Data() []models.Data {
	return common{a.ID, a.Name, a.Icon, "", a.Groups, a.Keywords}.data("ir.action.url", models.Values{"url": a.URL})
}

// Access is what the users of a group may do with a model; without Group what
// all may who are in none of the groups that the model names.
type Access struct {
	Model                       string
	Group                       models.Ref
	Read, Write, Create, Delete bool
}

// Data returns the right.
func (a Access) Data() []models.Data {
	values := permissions(a.Group, a.Read, a.Write, a.Create, a.Delete)
	values["model"] = ModelRef(a.Model)
	return []models.Data{{ID: accessID("access", a.Model, a.Group), Model: "ir.model.access", Values: values}}
}

// FieldAccess is what the users of a group may do with a field, see [Access].
type FieldAccess struct {
	Model, Field                string
	Group                       models.Ref
	Read, Write, Create, Delete bool
}

// Data returns the right.
func (a FieldAccess) Data() []models.Data {
	values := permissions(a.Group, a.Read, a.Write, a.Create, a.Delete)
	values["field"] = FieldRef(a.Model, a.Field)
	return []models.Data{{ID: accessID("access", a.Model+"."+a.Field, a.Group), Model: "ir.model.field.access", Values: values}}
}

func permissions(group models.Ref, read, write, create, del bool) models.Values {
	values := models.Values{"perm_read": read, "perm_write": write, "perm_create": create, "perm_delete": del}
	put(values, "group", group)
	return values
}

func accessID(kind, object string, group models.Ref) string {
	id := kind + "_" + flat(object)
	if group != "" {
		id += "_" + flat(string(group))
	}
	return id
}

// Button names a button for users: its label, its help and the question asked
// before. Only users of one of the Groups may press it, all where there is none.
type Button struct {
	Model, Name, String, Help, Confirm string
	Groups                             []models.Ref
}

// ButtonID is the id that [Button] gives its record within the module.
func ButtonID(model, name string) string { return "button_" + flat(model) + "_" + name }

// Data returns the button and its groups.
func (b Button) Data() []models.Data {
	id := ButtonID(b.Model, b.Name)
	values := models.Values{"model": ModelRef(b.Model), "name": b.Name, "string": b.String}
	put(values, "help", b.Help)
	put(values, "confirm", b.Confirm)
	list := []models.Data{{ID: id, Model: "ir.model.button", Values: values}}
	return append(list, groups("ir.model.button-res.group", "button", models.Ref(id), id, b.Groups)...)
}

// ButtonGroups lets more groups press a button that is declared elsewhere:
// Button is its record, as "account_payment." + [ButtonID].
type ButtonGroups struct {
	Button models.Ref
	Groups []models.Ref
}

// Data returns the links.
func (b ButtonGroups) Data() []models.Data {
	return groups("ir.model.button-res.group", "button", b.Button, flat(string(b.Button)), b.Groups)
}

// Rule limits which records of a model users may touch: each of Domains is
// PYSON as Go values, evaluated with the user's user, groups, companies and
// employees. Global rules bind everybody; rules of Groups (or Default, for
// users in no group of such a rule) widen each other. Except lists the modes
// that the rule leaves alone.
type Rule struct {
	ID, Name, Model string
	Domains         [][]any
	Global, Default bool
	Groups          []models.Ref
	Except          []models.Mode
}

// Data returns the rule's group, its domains and its groups of users.
func (r Rule) Data() []models.Data {
	values := models.Values{"name": r.Name, "model": ModelRef(r.Model), "global_p": r.Global, "default_p": r.Default,
		"perm_read": true, "perm_write": true, "perm_create": true, "perm_delete": true}
	for _, mode := range r.Except {
		values["perm_"+string(mode)] = false
	}
	list := []models.Data{{ID: r.ID, Model: "ir.rule.group", Values: values}}
	for i, domain := range r.Domains {
		list = append(list, models.Data{ID: fmt.Sprintf("%s_rule%d", r.ID, i+1), Model: "ir.rule",
			Values: models.Values{"rule_group": models.Ref(r.ID), "domain": pyson.Encode(domain)}})
	}
	return append(list, groups("ir.rule.group-res.group", "rule_group", models.Ref(r.ID), r.ID, r.Groups)...)
}

// CompanyRule is the global rule that users see only records of their companies.
func CompanyRule(id, name, model string) Rule {
	return Rule{ID: id, Name: name, Model: model, Global: true,
		Domains: [][]any{{[]any{"company", "in", pyson.Eval("companies", []any{})}}}}
}

// Cron calls Method ("model|method") each Number Type (minutes, hours, days,
// weeks, months). Users may change it: it is not updated.
type Cron struct {
	ID, Method string
	Number     int64
	Type       string
	Inactive   bool
}

// Data returns the scheduled action.
func (c Cron) Data() []models.Data {
	return []models.Data{{ID: c.ID, Model: "ir.cron", NoUpdate: true, Values: models.Values{
		"method": c.Method, "interval_number": c.Number, "interval_type": c.Type, "active": !c.Inactive}}}
}

// SequenceType is a use of sequences; its Groups may edit them.
type SequenceType struct {
	ID, Name string
	Groups   []models.Ref
}

// Data returns the type and its groups.
func (s SequenceType) Data() []models.Data {
	list := []models.Data{{ID: s.ID, Model: "ir.sequence.type", Values: models.Values{"name": s.Name}}}
	return append(list, groups("ir.sequence.type-res.group", "sequence_type", models.Ref(s.ID), s.ID, s.Groups)...)
}

// Sequence gives numbers. Strict ones have no gaps. Users may change it: it is not updated.
type Sequence struct {
	ID, Name       string
	Type           models.Ref
	Prefix, Suffix string
	Padding        int64
	Strict         bool
}

// Data returns the sequence.
func (s Sequence) Data() []models.Data {
	values := models.Values{"name": s.Name, "sequence_type": s.Type, "padding": s.Padding}
	put(values, "prefix", s.Prefix)
	put(values, "suffix", s.Suffix)
	model := "ir.sequence"
	if s.Strict {
		model = "ir.sequence.strict"
	}
	return []models.Data{{ID: s.ID, Model: model, NoUpdate: true, Values: values}}
}

// groups links a record to groups of users.
func groups(model, origin string, record models.Ref, id string, list []models.Ref) []models.Data {
	var links []models.Data
	for _, group := range list {
		links = append(links, models.Data{ID: id + "_" + flat(string(group)), Model: model,
			Values: models.Values{origin: record, "group": group}})
	}
	return links
}

func flat(name string) string { return strings.NewReplacer(".", "_", "/", "_").Replace(name) }

// put sets a value that is not empty.
func put[T ~string](values models.Values, name string, v T) {
	if v != "" {
		values[name] = v
	}
}

// encoded is PYSON as text, "" for nothing.
func encoded(v any) string {
	if v == nil {
		return ""
	}
	return pyson.Encode(v)
}

func encodedList(list []any) string {
	if list == nil {
		return ""
	}
	return pyson.Encode(list)
}
