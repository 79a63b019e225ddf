package ir

import (
	"fmt"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type button struct {
	head
	Name    models.Char
	Clicks  models.One2Many
	Confirm models.Text
	Groups  models.Many2Many
	Help    models.Text
	Model   models.Many2One
	Reset   models.Many2Many
	ResetBy models.Many2Many
	Rules   models.One2Many
	String  models.Char
}

// buttons is ir.model.button.
var buttons = models.Define(&button{
	head:    models.Model{Name: "ir.model.button", String: "Model Button", Uniques: []models.Unique{{Name: "ir_model_button_name_model_uniq", Columns: []string{"name", "model"}, Message: "A button is listed once in its model."}}, Order: []domain.OrderTerm{{Field: "model"}}},
	Name:    models.NewChar(models.Field{String: "Name", Required: true, Readonly: true}),
	Clicks:  models.NewOne2Many(models.Field{String: "Clicks", Relation: "ir.model.button.click", RelationField: "button"}),
	Confirm: models.NewText(models.Field{String: "Confirm", Help: "The question that a client asks before the button is pressed.", Translate: true}),
	Groups:  models.NewMany2Many(models.Field{String: "Groups", Relation: "res.group", Through: "ir.model.button-res.group", RelationField: "button", RelationTarget: "group"}),
	Help:    models.NewText(models.Field{String: "Help", Translate: true}),
	Model: models.NewMany2One(models.Field{
		String: "Model", Required: true, Readonly: true, Index: true, Relation: "ir.model", OnDelete: "CASCADE",
	}),
	Reset: models.NewMany2Many(models.Field{
		String: "Reset", Relation: "ir.model.button", Through: "ir.model.button-button.reset", RelationField: "button", RelationTarget: "button_ruled",
		Domain:    []any{[]any{"model", "=", pyson.Eval("model", -1)}, []any{"id", "!=", pyson.Eval("id", -1)}},
		AddRemove: []any{[]any{"model", "=", pyson.Eval("model", -1)}, []any{"id", "!=", pyson.Eval("id", -1)}},
		Depends:   []string{"model", "id"},
	}),
	ResetBy: models.NewMany2Many(models.Field{
		String: "Reset by", Help: "The buttons that make the clicks counted so far void.", Relation: "ir.model.button", Through: "ir.model.button-button.reset", RelationField: "button_ruled", RelationTarget: "button",
		Domain:    []any{[]any{"model", "=", pyson.Eval("model", -1)}, []any{"id", "!=", pyson.Eval("id", -1)}},
		AddRemove: []any{[]any{"model", "=", pyson.Eval("model", -1)}, []any{"id", "!=", pyson.Eval("id", -1)}},
		Depends:   []string{"model", "id"},
	}),
	Rules:  models.NewOne2Many(models.Field{String: "Rules", Relation: "ir.model.button.rule", RelationField: "button"}),
	String: models.NewChar(models.Field{String: "Label", Translate: true}),
})

// Setup binds the name of a button for administrators.
func (b *button) Setup(c *models.Class) {
	c.BindRecName(func(r *models.Record) string {
		return fmt.Sprintf("%s (%s)", or(b.String.Of(r), b.Name.Of(r)), b.Model.Of(r).Name())
	}, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return domain.AnyOf(domain.C("string", clause.Op, clause.Value), domain.C("name", clause.Op, clause.Value)), nil
	})
}
