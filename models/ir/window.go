package ir

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type window struct {
	models.Model
	Name             models.Char
	ActWindowDomains models.One2Many
	ActWindowViews   models.One2Many
	Action           models.Many2One
	Active           models.Boolean
	Context          models.Char
	ContextDomain    models.Char
	ContextModel     models.Char
	Domain           models.Char
	Domains          models.Binary
	Groups           models.Many2Many
	Icon             models.Many2One
	Keywords         models.One2Many
	Limit            models.Integer
	Order            models.Char
	PysonContext     models.Char
	PysonDomain      models.Char
	PysonOrder       models.Char
	PysonSearchValue models.Char
	Records          models.Selection
	ResModel         models.Char
	SearchValue      models.Char
	Type             models.Char
	Usage            models.Char
	Views            models.Binary
}

// windows is ir.action.act_window.
var windows = models.Define(&window{
	Model: models.Model{Name: "ir.action.act_window", String: "Action act window"},
	Name:  models.NewChar(models.Field{String: "Name", Required: true, Function: true}),
	ActWindowDomains: models.NewOne2Many(models.Field{
		String: "Domains", Relation: "ir.action.act_window.domain", RelationField: "act_window",
	}),
	ActWindowViews: models.NewOne2Many(models.Field{
		String: "Views", Relation: "ir.action.act_window.view", RelationField: "act_window",
	}),
	Action:        models.NewMany2One(models.Field{String: "Action", Required: true, Relation: "ir.action", OnDelete: "CASCADE"}),
	Active:        models.NewBoolean(models.Field{String: "Active", Function: true}),
	Context:       models.NewChar(models.Field{String: "Context Value"}),
	ContextDomain: models.NewChar(models.Field{String: "Context Domain", Help: "A part of the domain that is evaluated anew with each refresh."}),
	ContextModel:  models.NewChar(models.Field{String: "Context Model"}),
	Domain:        models.NewChar(models.Field{String: "Domain Value"}),
	Domains:       models.NewBinary(models.Field{String: "Domains", Readonly: true, Function: true}),
	Groups:        models.NewMany2Many(models.Field{String: "Groups", Function: true, Relation: "res.group"}),
	Icon:          models.NewMany2One(models.Field{String: "Icon", Function: true, Relation: "ir.ui.icon"}),
	Keywords: models.NewOne2Many(models.Field{
		String: "Keywords", Function: true, Relation: "ir.action.keyword", RelationField: "action",
	}),
	Limit:            models.NewInteger(models.Field{String: "Limit", Help: "How many records the list shows at first."}),
	Order:            models.NewChar(models.Field{String: "Order Value"}),
	PysonContext:     models.NewChar(models.Field{String: "PySON Context", Readonly: true, Function: true}),
	PysonDomain:      models.NewChar(models.Field{String: "PySON Domain", Readonly: true, Function: true}),
	PysonOrder:       models.NewChar(models.Field{String: "PySON Order", Readonly: true, Function: true}),
	PysonSearchValue: models.NewChar(models.Field{String: "PySON Search Criteria", Readonly: true, Function: true}),
	Records: models.NewSelection(models.Field{
		String: "Records", Help: "Whether the action runs on the selected records or on all listed ones.", Function: true, Selection: [][2]any{{"selected", "Selected"}, {"listed", "Listed"}},
	}),
	ResModel:    models.NewChar(models.Field{String: "Model"}),
	SearchValue: models.NewChar(models.Field{String: "Search Criteria", Help: "What the list is searched by at first."}),
	Type:        models.NewChar(models.Field{String: "Type", Required: true, Readonly: true, Function: true}),
	Usage:       models.NewChar(models.Field{String: "Usage", Function: true}),
	Views:       models.NewBinary(models.Field{String: "Views", Readonly: true, Function: true}),
})

type windowView struct {
	models.Model
	ActWindow models.Many2One
	Active    models.Boolean
	Sequence  models.Integer
	View      models.Many2One
}

// windowViews is ir.action.act_window.view.
var windowViews = models.Define(&windowView{
	Model:     models.Model{Name: "ir.action.act_window.view", String: "Action act window view", Order: []domain.OrderTerm{{Field: "sequence", Nulls: "FIRST"}}},
	ActWindow: models.NewMany2One(models.Field{String: "Action", Relation: "ir.action.act_window", OnDelete: "CASCADE"}),
	Active:    models.NewBoolean(models.Field{String: "Active"}),
	Sequence:  models.NewInteger(models.Field{String: "Sequence"}),
	View:      models.NewMany2One(models.Field{String: "View", Required: true, Relation: "ir.ui.view", OnDelete: "CASCADE"}),
})

type windowDomain struct {
	models.Model
	Name      models.Char
	ActWindow models.Many2One
	Active    models.Boolean
	Count     models.Boolean
	Domain    models.Char
	Sequence  models.Integer
}

// windowDomains is ir.action.act_window.domain.
var windowDomains = models.Define(&windowDomain{
	Model: models.Model{Name: "ir.action.act_window.domain", String: "Action act window domain", Order: []domain.OrderTerm{{Field: "sequence", Nulls: "FIRST"}}},
	Name:  models.NewChar(models.Field{String: "Name", Translate: true}),
	ActWindow: models.NewMany2One(models.Field{
		String: "Action", Required: true, Index: true, Relation: "ir.action.act_window", OnDelete: "CASCADE",
	}),
	Active:   models.NewBoolean(models.Field{String: "Active"}),
	Count:    models.NewBoolean(models.Field{String: "Count"}),
	Domain:   models.NewChar(models.Field{String: "Domain"}),
	Sequence: models.NewInteger(models.Field{String: "Sequence"}),
})

// Setup binds the window's value for clients.
func (w *window) Setup(c *models.Class) {
	bindKind(c, w.describe)
	c.DefaultValue(w.Context, "{}")
	for field, get := range map[models.Named]func(*models.Record) any{
		w.PysonDomain: w.domain, w.PysonContext: w.context, w.PysonOrder: w.order, w.PysonSearchValue: w.searchValue,
		w.Views: w.views, w.Domains: w.domains,
	} {
		c.Compute(field, get)
	}
	c.Method(models.Method{Name: "get", ReadOnly: true, Cache: keep, Help: "The window of a data record, \"module.id\", as clients open it.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			name := a.Text(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			if module, _, ok := strings.Cut(name, "."); !ok || module == "" {
				return nil, models.BadRequest("%q names no data record", name)
			}
			return ActionValue(tx, tx.Ref(models.Ref(name)))
		}})
	c.Validate(w.check)
}

// describe adds to an action's value what a window tells clients.
func (w *window) describe(r *models.Record, v map[string]any) {
	v["res_model"], v["limit"] = r.Get("res_model"), r.Get("limit")
	v["context_model"], v["context_domain"] = r.Get("context_model"), r.Get("context_domain")
	v["pyson_domain"], v["pyson_context"] = w.domain(r), w.context(r)
	v["pyson_order"], v["pyson_search_value"] = w.order(r), w.searchValue(r)
	v["views"], v["domains"] = w.views(r), w.domains(r)
	if c := r.Tx().Lookup(w.ResModel.Of(r)); c != nil && c.Singleton {
		v["res_id"] = int64(1)
	}
}

func or(text, byDefault string) string {
	if text == "" {
		return byDefault
	}
	return text
}

func (w *window) domain(r *models.Record) any      { return or(w.Domain.Of(r), "[]") }
func (w *window) context(r *models.Record) any     { return or(w.Context.Of(r), "{}") }
func (w *window) searchValue(r *models.Record) any { return or(w.SearchValue.Of(r), "[]") }

// order is the window's order, or the model's own.
func (w *window) order(r *models.Record) any {
	if text := w.Order.Of(r); text != "" {
		return text
	}
	c := r.Tx().Lookup(w.ResModel.Of(r))
	if c == nil {
		return "null"
	}
	list := []any{}
	for _, term := range c.Order {
		if term.Field != "id" || term.Desc {
			list = append(list, []any{term.Field, term.Direction()})
		}
	}
	if !slices.ContainsFunc(list, func(t any) bool { return t.([]any)[0] == "id" }) {
		list = append(list, []any{"id", nil})
	}
	return pyson.Encode(list)
}

// views are the window's views; without any the first tree and form of the model.
func (w *window) views(r *models.Record) any {
	list := []any{}
	for _, v := range w.ActWindowViews.Of(r) {
		if shown := windowViews.View.Of(v); windowViews.Active.Of(v) && shown != nil {
			list = append(list, []any{shown.ID(), shown.Get("type")})
		}
	}
	if len(list) == 0 {
		list = append(list, []any{nil, "tree"}, []any{nil, "form"})
	}
	return list
}

func (w *window) domains(r *models.Record) any {
	list := []any{}
	for _, d := range w.ActWindowDomains.Of(r) {
		if windowDomains.Active.Of(d) {
			list = append(list, []any{windowDomains.Name.Of(d), or(windowDomains.Domain.Of(d), "[]"), windowDomains.Count.Of(d)})
		}
	}
	return list
}

// check refuses what clients could not read, and models that are not there.
func (w *window) check(tx *models.Tx, records []*models.Record) error {
	for _, r := range records {
		for _, model := range []string{w.ResModel.Of(r), w.ContextModel.Of(r)} {
			if model != "" && tx.Lookup(model) == nil {
				return models.UserError("The model \"%s\" of the window \"%s\" does not exist.", model, w.Name.Of(r))
			}
		}
		for _, text := range []string{w.Domain.Of(r), w.Context.Of(r), w.Order.Of(r), w.SearchValue.Of(r), w.ContextDomain.Of(r)} {
			if err := checkPYSON(text); err != nil {
				return models.UserError("\"%s\" in the window \"%s\" is not valid: %s", text, w.Name.Of(r), err)
			}
		}
	}
	return nil
}

// checkPYSON refuses a text that is no PYSON; no text is none.
func checkPYSON(text string) error {
	if text == "" {
		return nil
	}
	_, err := pyson.Decode(text)
	return err
}
