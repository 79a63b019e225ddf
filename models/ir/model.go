package ir

import (
	"cmp"
	"fmt"
	"slices"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type model struct {
	head
	Name          models.Char
	Fields        models.One2Many
	GlobalSearchP models.Boolean
	Info          models.Text
	Model         models.Char
	Module        models.Char
}

// Models is ir.model.
var Models = models.Define(&model{
	head: models.Model{Name: "ir.model", String: "Model", Uniques: []models.Unique{{Name: "ir_model_model_uniq", Columns: []string{"model"}, Message: "A model is listed once."}}, Order: []domain.OrderTerm{{Field: "model"}}},
	Name: models.NewChar(models.Field{
		String: "Model Description", Translate: true,
		States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))}, Depends: []string{"module"},
	}),
	Fields:        models.NewOne2Many(models.Field{String: "Fields", Relation: "ir.model.field", RelationField: "model"}),
	GlobalSearchP: models.NewBoolean(models.Field{String: "Global Search"}),
	Info: models.NewText(models.Field{
		String: "Information", States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))},
		Depends: []string{"module"},
	}),
	Model: models.NewChar(models.Field{
		String: "Model Name", Required: true,
		States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))}, Depends: []string{"module"},
	}),
	Module: models.NewChar(models.Field{String: "Module", Readonly: true}),
})

type modelField struct {
	head
	Name             models.Char
	Access           models.Boolean
	FieldDescription models.Char
	Help             models.Text
	Model            models.Many2One
	Module           models.Char
	Relation         models.Char
	Ttype            models.Char
}

// modelFields is ir.model.field.
var modelFields = models.Define(&modelField{
	head: models.Model{Name: "ir.model.field", String: "Model field", Uniques: []models.Unique{{Name: "ir_model_field_name_model_uniq", Columns: []string{"name", "model"}, Message: "A field is listed once in its model."}}, Order: []domain.OrderTerm{{Field: "name"}}},
	Name: models.NewChar(models.Field{
		String: "Name", Required: true, States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))},
		Depends: []string{"module"},
	}),
	Access: models.NewBoolean(models.Field{
		String: "Access", States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("relation", "")))},
		Depends: []string{"relation"},
	}),
	FieldDescription: models.NewChar(models.Field{
		String: "Field Description", Translate: true,
		States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))}, Depends: []string{"module"},
	}),
	Help: models.NewText(models.Field{
		String: "Help", Translate: true, States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))},
		Depends: []string{"module"},
	}),
	Model: models.NewMany2One(models.Field{
		String: "Model", Required: true, Index: true, Relation: "ir.model", OnDelete: "CASCADE",
		States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))}, Depends: []string{"module"},
	}),
	Module: models.NewChar(models.Field{String: "Module"}),
	Relation: models.NewChar(models.Field{
		String: "Model Relation", States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))},
		Depends: []string{"module"},
	}),
	Ttype: models.NewChar(models.Field{
		String: "Field Type", States: map[string]any{"readonly": pyson.Bool(pyson.Eval("module", ""))},
		Depends: []string{"module"},
	}),
})

type modelData struct {
	head
	DbID      models.Integer
	FsID      models.Char
	FsValues  models.Text
	Model     models.Char
	Module    models.Char
	Noupdate  models.Boolean
	OutOfSync models.Boolean
	Values    models.Text
}

// modelDatas is ir.model.data.
var modelDatas = models.Define(&modelData{
	head: models.Model{Name: "ir.model.data", String: "Model data", RecName: "fs_id",
		Uniques: []models.Unique{{Name: "ir_model_data_fs_id_module_model_uniq", Columns: []string{"fs_id", "module", "model"}, Message: "A data record has one name in its module."}}},
	DbID: models.NewInteger(models.Field{
		String: "Resource ID", Index: true,
		States: map[string]any{"required": pyson.Not(pyson.Eval("noupdate", false))},
	}),
	FsID:      models.NewChar(models.Field{String: "Identifier on File System", Required: true, Index: true}),
	FsValues:  models.NewText(models.Field{String: "Values on File System"}),
	Model:     models.NewChar(models.Field{String: "Model", Required: true, Index: true}),
	Module:    models.NewChar(models.Field{String: "Module", Required: true, Index: true}),
	Noupdate:  models.NewBoolean(models.Field{String: "No Update"}),
	OutOfSync: models.NewBoolean(models.Field{String: "Out of Sync", Readonly: true, Function: true}),
	Values:    models.NewText(models.Field{String: "Values"}),
})

// Setup binds the lists of models that clients ask for.
func (m *model) Setup(c *models.Class) {
	c.TranslatedBy(m.Name, func(alias string) string {
		return `x."type" = 'model' AND x."res_id" = -1 AND x."name" = ` + alias + `."model" || ',name'`
	})
	c.DefaultValue(m.GlobalSearchP, false)
	c.BindRecName(nil, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		either := domain.AnyOf
		if clause.Op.Negative() {
			either = domain.AllOf
		}
		return either(domain.C("name", clause.Op, clause.Value), domain.C("model", clause.Op, clause.Value)), nil
	})
	list := func(wanted func(*models.Class) bool) func(*models.Tx, *models.Args) (any, error) {
		return func(tx *models.Tx, _ *models.Args) (any, error) {
			names := []string{}
			for _, class := range byModule(tx) {
				if wanted(class) {
					names = append(names, class.Name)
				}
			}
			return names, nil
		}
	}
	c.Method(models.Method{Name: "list_models", ReadOnly: true, Help: "The names of all models, module after module.",
		Do: list(func(*models.Class) bool { return true })})
	c.Method(models.Method{Name: "list_history", ReadOnly: true, Help: "The names of the models that keep their past.",
		Do: list(func(class *models.Class) bool { return class.History })})
	c.Method(models.Method{Name: "get_names", ReadOnly: true, Help: "The labels of all models by name.",
		Do: func(tx *models.Tx, _ *models.Args) (any, error) {
			names := map[string]any{}
			for _, class := range tx.Registry().Classes() {
				names[class.Name] = tx.Term(class.Label())
			}
			return names, nil
		}})
	c.Method(models.Method{Name: "global_search", ReadOnly: true, Do: m.globalSearch,
		Help: "Records of any model by their names: likeness, model, its label, id, name and icon."})
}

// byModule are all classes ordered by the name of their module, then their own.
func byModule(tx *models.Tx) []*models.Class {
	return slices.SortedFunc(slices.Values(tx.Registry().Classes()), func(a, b *models.Class) int {
		return cmp.Or(cmp.Compare(a.Module(), b.Module()), cmp.Compare(a.Name, b.Name))
	})
}

func label(c *models.Class) string { return or(c.Model.String, c.Name) }

// globalSearch looks into the models with global search and into the menu.
func (m *model) globalSearch(tx *models.Tx, a *models.Args) (any, error) {
	text, limit, menuModel := beginning(a.Text(0)), a.Limit(1), or(a.Text(2), Menus.In(tx).Name)
	if a.Err() != nil {
		return nil, a.Err()
	}
	names := []string{menuModel}
	for _, r := range m.Search(tx, m.GlobalSearchP.Eq(true), models.OrderBy("model")) {
		if name := m.Model.Of(r); name != menuModel {
			names = append(names, name)
		}
	}
	found := [][]any{}
	for _, name := range names {
		c := tx.Lookup(name)
		if c == nil || c.ViewOnly || c.Internal {
			continue
		}
		ids, err := c.Search(tx, domain.C("rec_name", domain.ILike, "%"+domain.EscapeLike(text)+"%"), models.Search{Limit: limit})
		if models.IsKind(err, models.KindUser) {
			continue // not for this user
		}
		if err != nil {
			return nil, err
		}
		for _, r := range c.Browse(tx, ids) {
			var icon any
			if name == menuModel {
				icon = r.Get("icon")
			}
			found = append(found, []any{likeness(r.Name(), text), name, tx.Term(c.Label()), r.ID(), r.Name(), icon})
		}
	}
	slices.SortStableFunc(found, func(a, b []any) int { return cmp.Compare(b[0].(float64), a[0].(float64)) })
	if limit >= 0 && len(found) > limit {
		found = found[:limit]
	}
	list := make([]any, len(found))
	for i, row := range found {
		list[i] = row
	}
	return list, nil
}

// mostTyped is how many letters of what is typed are looked for: comparing takes as long as both texts multiplied.
const mostTyped = 200

// beginning cuts a typed text where nothing that could be found goes on.
func beginning(typed string) string {
	if letters := []rune(typed); len(letters) > mostTyped {
		return string(letters[:mostTyped])
	}
	return typed
}

// likeness is twice the letters that two texts share, in their order, by all letters.
func likeness(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x)+len(y) == 0 {
		return 1
	}
	return 2 * float64(alike(x, y)) / float64(len(x)+len(y))
}

// alike counts the letters of the longest part that both have, and so on left and right of it.
func alike(x, y []rune) int {
	var length, atX, atY int
	ends := make([]int, len(y)+1)
	for i := range x {
		before := 0
		for j := range y {
			last := ends[j+1]
			ends[j+1] = 0
			if x[i] == y[j] {
				ends[j+1] = before + 1
				if ends[j+1] > length {
					length, atX, atY = ends[j+1], i+1, j+1
				}
			}
			before = last
		}
	}
	if length == 0 {
		return 0
	}
	return length + alike(x[:atX-length], y[:atY-length]) + alike(x[atX:], y[atY:])
}

// Setup binds a field's name for users.
func (f *modelField) Setup(c *models.Class) {
	c.DefaultValue(f.Access, false)
	for kind, field := range map[string]models.Named{"field": f.FieldDescription, "help": f.Help} {
		c.TranslatedBy(field, func(alias string) string {
			return `x."type" = '` + kind + `' AND x."res_id" = -1 AND x."name" = (SELECT m."model" FROM "ir_model" AS m WHERE m."id" = ` +
				alias + `."model") || ',' || ` + alias + `."name"`
		})
	}
	c.BindRecName(func(r *models.Record) string {
		return fmt.Sprintf("%s (%s)", or(f.FieldDescription.Of(r), f.Name.Of(r)), f.Name.Of(r))
	}, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return domain.AnyOf(domain.C("field_description", clause.Op, clause.Value), domain.C("name", clause.Op, clause.Value)), nil
	})
}

// Setup binds whether a record is as its module declares it.
func (d *modelData) Setup(c *models.Class) {
	c.DefaultValue(d.Noupdate, false)
	c.Compute(d.OutOfSync, func(r *models.Record) any { return d.Values.Of(r) != d.FsValues.Of(r) })
}
