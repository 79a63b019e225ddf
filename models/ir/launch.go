package ir

import (
	"cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type launch struct {
	head
	Name     models.Char
	Action   models.Many2One
	Active   models.Boolean
	Groups   models.Many2Many
	Icon     models.Many2One
	Keywords models.One2Many
	Model    models.Char
	Records  models.Selection
	Type     models.Char
	Usage    models.Char
	Window   models.Boolean
	WizName  models.Char
}

// launches is ir.action.wizard.
var launches = models.Define(&launch{
	head:   models.Model{Name: "ir.action.wizard", String: "Action wizard"},
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Function: true}),
	Action: models.NewMany2One(models.Field{String: "Action", Required: true, Relation: "ir.action", OnDelete: "CASCADE"}),
	Active: models.NewBoolean(models.Field{String: "Active", Function: true}),
	Groups: models.NewMany2Many(models.Field{String: "Groups", Function: true, Relation: "res.group"}),
	Icon:   models.NewMany2One(models.Field{String: "Icon", Function: true, Relation: "ir.ui.icon"}),
	Keywords: models.NewOne2Many(models.Field{
		String: "Keywords", Function: true, Relation: "ir.action.keyword", RelationField: "action",
	}),
	Model: models.NewChar(models.Field{String: "Model"}),
	Records: models.NewSelection(models.Field{
		String: "Records", Help: "Whether the action runs on the selected records or on all listed ones.", Function: true, Selection: [][2]any{{"selected", "Selected"}, {"listed", "Listed"}},
	}),
	Type:    models.NewChar(models.Field{String: "Type", Required: true, Readonly: true, Function: true}),
	Usage:   models.NewChar(models.Field{String: "Usage", Function: true}),
	Window:  models.NewBoolean(models.Field{String: "Window", Help: "Opens the wizard in a window of its own."}),
	WizName: models.NewChar(models.Field{String: "Wizard name", Required: true}),
})

type link struct {
	models.Model
	Name     models.Char
	Action   models.Many2One
	Active   models.Boolean
	Groups   models.Many2Many
	Icon     models.Many2One
	Keywords models.One2Many
	Records  models.Selection
	Type     models.Char
	URL      models.Char
	Usage    models.Char
}

// links is ir.action.url.
var links = models.Define(&link{
	Model:  models.Model{Name: "ir.action.url", String: "Action URL"},
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Function: true}),
	Action: models.NewMany2One(models.Field{String: "Action", Required: true, Relation: "ir.action", OnDelete: "CASCADE"}),
	Active: models.NewBoolean(models.Field{String: "Active", Function: true}),
	Groups: models.NewMany2Many(models.Field{String: "Groups", Function: true, Relation: "res.group"}),
	Icon:   models.NewMany2One(models.Field{String: "Icon", Function: true, Relation: "ir.ui.icon"}),
	Keywords: models.NewOne2Many(models.Field{
		String: "Keywords", Function: true, Relation: "ir.action.keyword", RelationField: "action",
	}),
	Records: models.NewSelection(models.Field{
		String: "Records", Help: "Whether the action runs on the selected records or on all listed ones.", Function: true, Selection: [][2]any{{"selected", "Selected"}, {"listed", "Listed"}},
	}),
	Type:  models.NewChar(models.Field{String: "Type", Required: true, Readonly: true, Function: true}),
	URL:   models.NewChar(models.Field{String: "Action Url", Required: true}),
	Usage: models.NewChar(models.Field{String: "Usage", Function: true}),
})

type printing struct {
	head
	Name                models.Char
	Action              models.Many2One
	Active              models.Boolean
	DirectPrint         models.Boolean
	Extension           models.Selection
	Groups              models.Many2Many
	Icon                models.Many2One
	IsCustom            models.Boolean
	Keywords            models.One2Many
	Model               models.Char
	Module              models.Char
	Records             models.Selection
	Report              models.Char
	ReportContent       models.Binary
	ReportContentCustom models.Binary
	ReportContentHTML   models.Binary
	ReportContentName   models.Char
	ReportName          models.Char
	Single              models.Boolean
	TemplateExtension   models.Selection
	Translatable        models.Boolean
	Type                models.Char
	Usage               models.Char
}

// printings is ir.action.report.
var printings = models.Define(&printing{
	head:        models.Model{Name: "ir.action.report", String: "Action report"},
	Name:        models.NewChar(models.Field{String: "Name", Required: true, Function: true}),
	Action:      models.NewMany2One(models.Field{String: "Action", Required: true, Relation: "ir.action", OnDelete: "CASCADE"}),
	Active:      models.NewBoolean(models.Field{String: "Active", Function: true}),
	DirectPrint: models.NewBoolean(models.Field{String: "Direct Print"}),
	Extension: models.NewSelection(models.Field{
		String: "Extension", Help: "Into what the document is converted; empty for the template's own kind.",
		Selection: [][2]any{{"", ""}, {"odt", "OpenDocument Text"}, {"pdf", "PDF"}, {"html", "HTML"}, {"txt", "Plain Text"}, {"csv", "CSV"}},
	}),
	Groups:   models.NewMany2Many(models.Field{String: "Groups", Function: true, Relation: "res.group"}),
	Icon:     models.NewMany2One(models.Field{String: "Icon", Function: true, Relation: "ir.ui.icon"}),
	IsCustom: models.NewBoolean(models.Field{String: "Is Custom", Readonly: true, Function: true}),
	Keywords: models.NewOne2Many(models.Field{
		String: "Keywords", Function: true, Relation: "ir.action.keyword", RelationField: "action",
	}),
	Model:  models.NewChar(models.Field{String: "Model"}),
	Module: models.NewChar(models.Field{String: "Module", Readonly: true, Index: true}),
	Records: models.NewSelection(models.Field{
		String: "Records", Help: "Whether the action runs on the selected records or on all listed ones.", Function: true, Selection: [][2]any{{"selected", "Selected"}, {"listed", "Listed"}},
	}),
	Report: models.NewChar(models.Field{
		String: "Path", States: map[string]any{"invisible": pyson.Eval("is_custom", false)},
		Depends: []string{"is_custom"},
	}),
	ReportContent: models.NewBinary(models.Field{
		String: "Content", Function: true, Filename: "report_content_name",
		Depends: []string{"report_content_name"},
	}),
	ReportContentCustom: models.NewBinary(models.Field{String: "Content"}),
	ReportContentHTML: models.NewBinary(models.Field{
		String: "Content HTML", Function: true,
		States:  map[string]any{"invisible": pyson.Not(pyson.In(pyson.Eval("template_extension", ""), []any{"html", "xhtml"}))},
		Depends: []string{"template_extension"},
	}),
	ReportContentName: models.NewChar(models.Field{String: "Content Name", Readonly: true, Function: true}),
	ReportName:        models.NewChar(models.Field{String: "Internal Name", Required: true}),
	Single:            models.NewBoolean(models.Field{String: "Single", Help: "Prints one record at a time."}),
	TemplateExtension: models.NewSelection(models.Field{
		String: "Template Extension", Required: true,
		Selection: [][2]any{{"odt", "OpenDocument Text"}, {"odp", "OpenDocument Presentation"}, {"ods", "OpenDocument Spreadsheet"}, {"odg", "OpenDocument Graphics"}, {"txt", "Plain Text"}, {"xml", "XML"}, {"html", "HTML"}, {"xhtml", "XHTML"}},
	}),
	Translatable: models.NewBoolean(models.Field{String: "Translatable", Help: "Prints in the language of the reader."}),
	Type:         models.NewChar(models.Field{String: "Type", Required: true, Readonly: true, Function: true}),
	Usage:        models.NewChar(models.Field{String: "Usage", Function: true}),
})

// Setup binds the wizard's value for clients.
func (l *launch) Setup(c *models.Class) {
	bindKind(c, func(r *models.Record, v map[string]any) {
		v["wiz_name"], v["window"] = l.WizName.Of(r), l.Window.Of(r)
	})
	c.Validate(func(tx *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if tx.Registry().Wizard(l.WizName.Of(r)) == nil {
				return models.UserError("There is no wizard \"%s\".", l.WizName.Of(r))
			}
		}
		return nil
	})
}

// Setup binds the address for clients.
func (l *link) Setup(c *models.Class) {
	bindKind(c, func(r *models.Record, v map[string]any) { v["url"] = l.URL.Of(r) })
}

// Setup binds the report's value for clients.
func (p *printing) Setup(c *models.Class) {
	bindKind(c, func(r *models.Record, v map[string]any) {
		v["report_name"], v["direct_print"] = p.ReportName.Of(r), p.DirectPrint.Of(r)
	})
	c.DefaultValue(p.TemplateExtension, "odt")
	c.Compute(p.IsCustom, func(r *models.Record) any { return len(p.ReportContentCustom.Of(r)) > 0 })
	c.OnChangeWith(p.ReportContentName, func(r *models.Record) any {
		return p.Name.Of(r) + "." + p.TemplateExtension.Of(r)
	}, p.Name, p.TemplateExtension)
	for _, content := range []models.Binary{p.ReportContent, p.ReportContentHTML} {
		c.Compute(content, func(r *models.Record) any { return r.Get("report_content_custom") })
		c.Setter(content, func(tx *models.Tx, records []*models.Record, v any) error {
			return p.Write(tx, records, p.ReportContentCustom.To(v))
		})
	}
}

// ReportExtension is the kind of document that the action wants by which a
// client has a report printed ("html"): data is what the client sent. Without
// an action of that report it is the fallback.
func ReportExtension(tx *models.Tx, report string, data map[string]any, fallback string) string {
	id, _ := data["action_id"].(int64)
	if id <= 0 {
		return fallback
	}
	p := printings
	found := p.Search(tx.Unchecked(), domain.AllOf(domain.C("id", domain.Equal, id), p.ReportName.Eq(report)))
	if len(found) == 0 {
		return fallback
	}
	return cmp.Or(p.Extension.Of(found[0]), p.TemplateExtension.Of(found[0]))
}
