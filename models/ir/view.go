package ir

import (
	"encoding/xml"
	"io"
	"io/fs"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type view struct {
	head
	Name        models.Char
	Arch        models.Text
	Data        models.Text
	Domain      models.Char
	FieldChilds models.Char
	Inherit     models.Many2One
	Model       models.Char
	Module      models.Char
	Priority    models.Integer
	Type        models.Selection
}

// viewRecords is ir.ui.view.
var viewRecords = models.Define(&view{
	head: models.Model{Name: "ir.ui.view", String: "View", RecName: "model", Order: []domain.OrderTerm{{Field: "priority"}}},
	Name: models.NewChar(models.Field{
		String: "Name", Readonly: true,
		States:  map[string]any{"invisible": pyson.Not(pyson.And(pyson.Bool(pyson.Eval("module", "")), pyson.Bool(pyson.Eval("name", ""))))},
		Depends: []string{"module"},
	}),
	Arch: models.NewText(models.Field{
		String: "View Architecture", Function: true,
		States: map[string]any{"readonly": pyson.Bool(pyson.Eval("name", ""))}, Depends: []string{"name"},
	}),
	Data: models.NewText(models.Field{String: "Data"}),
	Domain: models.NewChar(models.Field{
		String: "Domain", States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("inherit", "")))},
		Depends: []string{"inherit"},
	}),
	FieldChilds: models.NewChar(models.Field{
		String:  "Children Field",
		States:  map[string]any{"invisible": pyson.NotEqual(pyson.Eval("type", ""), "tree")},
		Depends: []string{"type"},
	}),
	Inherit: models.NewMany2One(models.Field{String: "Inherited View", Index: true, Relation: "ir.ui.view", OnDelete: "CASCADE"}),
	Model: models.NewChar(models.Field{
		String: "Model", Index: true,
		States: map[string]any{"required": pyson.NotEqual(pyson.Eval("type", ""), "board")},
	}),
	Module: models.NewChar(models.Field{
		String: "Module", Readonly: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("module", "")))},
	}),
	Priority: models.NewInteger(models.Field{String: "Priority", Required: true, Index: true}),
	Type: models.NewSelection(models.Field{
		String: "View Type", Index: true,
		Selection: [][2]any{{nil, ""}, {"tree", "Tree"}, {"form", "Form"}, {"graph", "Graph"}, {"calendar", "Calendar"}, {"board", "Board"}, {"list-form", "List Form"}},
		Domain:    []any{pyson.If(pyson.Bool(pyson.Eval("inherit", "")), []any{"type", "=", nil}, []any{"type", "!=", nil})},
		Depends:   []string{"inherit"},
	}),
})

// Setup binds the text of a view.
func (v *view) Setup(c *models.Class) {
	c.DefaultValue(v.Priority, int64(16))
	c.Default(v.Module, loading)
	c.BindRecName(func(r *models.Record) string {
		if v.Type.Of(r) == "" {
			return v.Model.Of(r) + " (" + v.Inherit.Of(r).Name() + ")"
		}
		return v.Model.Of(r) + " (" + v.Type.Of(r) + ")"
	}, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return domain.AnyOf(domain.C("model", clause.Op, clause.Value), domain.C("name", clause.Op, clause.Value)), nil
	})
	c.Compute(v.Arch, v.arch)
	c.Setter(v.Arch, func(tx *models.Tx, records []*models.Record, text any) error {
		return v.Write(tx, records, v.Data.To(text))
	})
	c.Validate(v.check)
}

// arch is the text kept in the record, or the module's file view/<name>.xml.
func (v *view) arch(r *models.Record) any {
	if text := v.Data.Of(r); text != "" {
		return text
	}
	for _, m := range r.Tx().Registry().Modules {
		if m.Name == v.Module.Of(r) && m.Views != nil {
			if data, err := fs.ReadFile(m.Views, "view/"+v.Name.Of(r)+".xml"); err == nil {
				return string(data)
			}
		}
	}
	return nil
}

// check refuses a view without text or with text that is no XML.
func (v *view) check(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		text, _ := v.arch(r).(string)
		if text == "" {
			return models.UserError("The view \"%s\" of \"%s\" has no text: there is no file view/%s.xml in module \"%s\".",
				r.Name(), v.Model.Of(r), v.Name.Of(r), v.Module.Of(r))
		}
		reader := xml.NewDecoder(strings.NewReader(text))
		for {
			_, err := reader.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				return models.UserError("The view \"%s\" is no XML: %s", r.Name(), err)
			}
		}
		if err := checkPYSON(v.Domain.Of(r)); err != nil {
			return models.UserError("The domain of the view \"%s\" is not valid: %s", r.Name(), err)
		}
	}
	return nil
}
