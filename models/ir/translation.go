package ir

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

type translation struct {
	head
	Name             models.Char
	Fuzzy            models.Boolean
	Lang             models.Selection
	Model            models.Char
	Module           models.Char
	OverridingModule models.Char
	ResID            models.Integer
	Src              models.Text
	Type             models.Selection
	Value            models.Text
}

// Translations is ir.translation.
var Translations = models.Define(&translation{
	head:             models.Model{Name: "ir.translation", String: "Translation", Indexes: []models.Index{{Name: "lang_type_name_index", Columns: []string{"lang", "type", "name"}}}},
	Name:             models.NewChar(models.Field{String: "Field Name", Required: true}),
	Fuzzy:            models.NewBoolean(models.Field{String: "Fuzzy"}),
	Lang:             models.NewSelection(models.Field{String: "Language", SelectionMethod: "get_language"}),
	Model:            models.NewChar(models.Field{String: "Model", Readonly: true, Function: true}),
	Module:           models.NewChar(models.Field{String: "Module", Readonly: true}),
	OverridingModule: models.NewChar(models.Field{String: "Overriding Module", Readonly: true}),
	ResID:            models.NewInteger(models.Field{String: "Resource ID", Required: true, Index: true}),
	Src:              models.NewText(models.Field{String: "Source"}),
	Type: models.NewSelection(models.Field{
		String: "Type", Required: true,
		Selection: [][2]any{{"field", "Field"}, {"model", "Model"}, {"report", "Report"}, {"selection", "Selection"}, {"view", "View"}, {"wizard_button", "Wizard Button"}, {"help", "Help"}},
	}),
	Value: models.NewText(models.Field{String: "Translation Value"}),
})

// Setup binds the languages and the model that a name begins with.
func (t *translation) Setup(c *models.Class) {
	c.DefaultValue(t.Fuzzy, false)
	c.DefaultValue(t.ResID, int64(-1))
	forget := func(tx *models.Tx) error {
		tx.Database().Forget(models.TermsPlace)
		tx.AfterCommit(func() { tx.Database().Forget(models.TermsPlace) })
		return nil
	}
	c.AfterCreate(func(tx *models.Tx, _ []*models.Record) error { return forget(tx) })
	c.AfterWrite(func(tx *models.Tx, _ []*models.Record, _ models.Values) error { return forget(tx) })
	c.BeforeDelete(func(tx *models.Tx, _ []*models.Record) error { return forget(tx) })
	c.OnCopy(func(_ *models.Tx, values models.Values) { // a copy is the user's own, which no update changes
		values["module"], values["overriding_module"] = nil, nil
	})
	c.BindRecName(nil, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return domain.AnyOf(domain.C("src", clause.Op, clause.Value), domain.C("value", clause.Op, clause.Value),
			domain.C("name", clause.Op, clause.Value)), nil
	})
	c.Method(models.Method{Name: "get_language", ReadOnly: true, Help: "The languages as pairs of code and name.",
		Do: func(tx *models.Tx, _ *models.Args) (any, error) { return languageChoices(tx), nil }})
	c.Compute(t.Model, func(r *models.Record) any {
		model, _, _ := strings.Cut(t.Name.Of(r), ",")
		return model
	})
	c.Searcher(t.Model, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		text, ok := clause.Value.(string)
		if !ok {
			return nil, models.BadRequest("the model of a translation is searched by text")
		}
		switch clause.Op {
		case domain.Equal:
			return domain.AnyOf(t.Name.Eq(text), domain.C("name", domain.Like, text+",%")), nil
		case domain.Like, domain.ILike:
			return domain.C("name", clause.Op, text), nil
		}
		return nil, models.BadRequest("the model of a translation cannot be searched by \"%s\"", clause.Op)
	})
}

// languageChoices are the languages as a selection, English first.
func languageChoices(tx *models.Tx) [][2]any {
	all := tx.With(map[string]any{"active_test": false})
	choices := [][2]any{}
	for _, r := range append(Languages.Search(all, Languages.Code.Eq("en")), Languages.Search(all, Languages.Code.Ne("en"), models.OrderBy("code"))...) {
		choices = append(choices, [2]any{Languages.Code.Of(r), Languages.Name.Of(r)})
	}
	return choices
}
