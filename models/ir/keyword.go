package ir

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

type keyword struct {
	head
	Action  models.Many2One
	Groups  models.One2Many
	Keyword models.Selection
	Model   models.Reference
}

// keywords is ir.action.keyword.
var keywords = models.Define(&keyword{
	head:   models.Model{Name: "ir.action.keyword", String: "Action keyword", Indexes: []models.Index{{Name: "keyword_model_index", Columns: []string{"keyword", "model"}}}},
	Action: models.NewMany2One(models.Field{String: "Action", Index: true, Relation: "ir.action", OnDelete: "CASCADE"}),
	Groups: models.NewOne2Many(models.Field{String: "Groups", Readonly: true, Function: true, Relation: "res.group"}),
	Keyword: models.NewSelection(models.Field{
		String: "Keyword", Required: true,
		Selection: [][2]any{{"tree_open", "Open tree"}, {"form_print", "Print form"}, {"form_action", "Action form"}, {"form_relate", "Form relate"}, {"graph_open", "Open Graph"}},
	}),
	Model: models.NewReference(models.Field{String: "Model", SelectionMethod: "models_get"}),
})

// Setup binds where actions are offered.
func (k *keyword) Setup(c *models.Class) {
	c.BindRecName(func(r *models.Record) string { return k.Action.Of(r).Name() }, nil)
	c.Compute(k.Groups, func(r *models.Record) any { return Actions.Groups.Of(k.Action.Of(r)) })
	c.Searcher(k.Groups, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		under := *clause
		under.Field = "action." + clause.Field
		return &under, nil
	})
	c.Selections("models_get", func(r *models.Record) [][2]any {
		return append([][2]any{{nil, ""}}, storedModels(r.Tx())...)
	})
	c.Method(models.Method{Name: "get_keyword", ReadOnly: true, Cache: keep,
		Help: "The actions offered under a keyword for [model, id]; id -1 means the model in general.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			name, of := a.Text(0), a.List(1)
			if a.Err() != nil {
				return nil, a.Err()
			}
			target := models.NewArgs(of...)
			model, id := target.Text(0), int64(-1)
			if target.Any(1) != nil {
				id = target.Int(1)
			}
			if target.Err() != nil {
				return nil, target.Err()
			}
			return k.offered(tx, name, value.Reference{Model: model, ID: id})
		}})
}

// offered are the values of the actions that the user finds under a keyword,
// by name.
func (k *keyword) offered(tx *models.Tx, name string, of value.Reference) ([]any, error) {
	places := []domain.Node{k.Model.Eq(value.Reference{Model: of.Model, ID: value.NoID}), k.Model.Eq(nil)}
	if of.ID >= 0 {
		places = append(places, k.Model.Eq(of))
	}
	ids, err := k.In(tx).Search(tx, domain.AllOf(k.Keyword.Eq(name), domain.AnyOf(places...),
		domain.C("action.active", domain.Equal, true)), models.Search{Limit: -1})
	if err != nil {
		return nil, err
	}
	var list []map[string]any
	for _, r := range k.Browse(tx, ids...) {
		v, err := ActionValue(tx, k.Action.ID(r))
		if err != nil {
			return nil, err
		}
		v["keyword"] = name
		if name == "tree_open" && of.Model == Menus.In(tx).Name && of.ID >= 0 {
			v["name"] = title(Menus.Get(tx, of.ID).Name())
		}
		list = append(list, v)
	}
	slices.SortStableFunc(list, func(a, b map[string]any) int {
		return strings.Compare(a["name"].(string), b["name"].(string))
	})
	values := make([]any, len(list))
	for i, v := range list {
		values[i] = v
	}
	return values, nil
}

// title is the path of a menu as the title of what it opens: a name that only
// repeats its parent's is left out.
func title(path string) string {
	names := strings.Split(path, separator)
	if n := len(names); n > 1 && names[n-1] == names[n-2] {
		names = names[:n-1]
	}
	return strings.Join(names, separator)
}

// storedModels are the stored models that clients work with, as a selection.
func storedModels(tx *models.Tx) [][2]any {
	var list [][2]any
	for _, c := range tx.Registry().Classes() {
		if !c.ViewOnly && !c.Internal {
			list = append(list, [2]any{c.Name, tx.Term(c.Label())})
		}
	}
	slices.SortFunc(list, func(a, b [2]any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return list
}

// bindToolbar gives a model the method that tells clients what its windows
// offer: actions, exports and e-mail templates.
func bindToolbar(c *models.Class) {
	if c.Internal {
		return
	}
	c.Method(models.Method{Name: "view_toolbar_get", ReadOnly: true, Cache: keep, Help: "What the windows of the model offer.",
		Do: func(tx *models.Tx, _ *models.Args) (any, error) { return toolbar(tx, c.Name) }})
}

func toolbar(tx *models.Tx, model string) (any, error) {
	bar := map[string]any{}
	of := value.Reference{Model: model, ID: value.NoID}
	for place, name := range map[string]string{"print": "form_print", "action": "form_action", "relate": "form_relate"} {
		list, err := keywords.offered(tx, name, of)
		if err != nil {
			return nil, err
		}
		bar[place] = list
	}
	var err error
	if bar["exports"], err = rows(tx, exports.In(tx), exports.Resource.Eq(model), "name", "export_fields.name"); err != nil {
		return nil, err
	}
	bar["emails"], err = rows(tx, emailTemplates.In(tx), domain.C("model.model", domain.Equal, model), "name")
	return bar, err
}

// rows are the named fields of the records that the user may see, none where
// he may not read the model.
func rows(tx *models.Tx, c *models.Class, where domain.Node, names ...string) ([]map[string]any, error) {
	ids, err := c.Search(tx, where, models.Search{Limit: -1})
	if err != nil {
		if models.IsKind(err, models.KindUser) {
			return []map[string]any{}, nil
		}
		return nil, err
	}
	return c.ReadRows(tx, ids, names)
}
