package ir

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/sql"
)

type attachment struct {
	models.Model
	Name                   models.Char
	CopyToResources        models.MultiSelection
	CopyToResourcesVisible models.Boolean
	Data                   models.Binary
	DataSize               models.Integer
	Description            models.Text
	FileID                 models.Char
	LastModification       models.DateTime
	LastUser               models.Char
	Link                   models.Char
	Resource               models.Reference
	Summary                models.Char
	Type                   models.Selection
}

// Attachments is ir.attachment.
var Attachments = models.Define(&attachment{
	Model: models.Model{Name: "ir.attachment", String: "Attachment", Order: []domain.OrderTerm{{Field: "create_date", Desc: true}, {Field: "id", Desc: true}}},
	Name:  models.NewChar(models.Field{String: "Name", Required: true}),
	CopyToResources: models.NewMultiSelection(models.Field{
		String: "Copy to Resources", SelectionMethod: "get_copy_to_resources",
		SelectionChangeWith: []string{"resource"},
		States:              map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("copy_to_resources_visible", "")))},
		Depends:             []string{"copy_to_resources_visible"},
	}),
	CopyToResourcesVisible: models.NewBoolean(models.Field{String: "Copy to Resources Visible", Readonly: true, Function: true}),
	Data: models.NewBinary(models.Field{
		String: "Data", Filename: "name",
		States:  map[string]any{"invisible": pyson.NotEqual(pyson.Eval("type", ""), "data")},
		Depends: []string{"type", "name"},
	}),
	DataSize: models.NewInteger(models.Field{
		String: "Data size", Readonly: true, Function: true,
		States:  map[string]any{"invisible": pyson.NotEqual(pyson.Eval("type", ""), "data")},
		Depends: []string{"type"},
	}),
	Description: models.NewText(models.Field{String: "Description"}),
	FileID:      models.NewChar(models.Field{String: "File ID", Readonly: true}),
	LastModification: models.NewDateTime(models.Field{
		String: "Last Modification", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_modification", "")))},
	}),
	LastUser: models.NewChar(models.Field{
		String: "Last User", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_user", "")))},
	}),
	Link: models.NewChar(models.Field{
		String: "Link", States: map[string]any{"invisible": pyson.NotEqual(pyson.Eval("type", ""), "link")},
		Depends: []string{"type"},
	}),
	Resource: models.NewReference(models.Field{String: "Resource", Required: true, Index: true, SelectionMethod: "get_models"}),
	Summary:  models.NewChar(models.Field{String: "Summary", Readonly: true, Function: true}),
	Type:     models.NewSelection(models.Field{String: "Type", Required: true, Selection: [][2]any{{"data", "Data"}, {"link", "Link"}}}),
})

// Setup binds what an attachment shows of its content.
func (t *attachment) Setup(c *models.Class) {
	resource{t.Resource, t.CopyToResourcesVisible, t.LastModification, t.LastUser}.bind(c)
	c.DefaultValue(t.Type, "data")
	c.OnChangeWith(t.Summary, func(r *models.Record) any { return firstLine(t.Description.Of(r)) }, t.Description)
	c.Getter(t.DataSize, dataSizes)
}

// dataSizes are the lengths of the contents, without reading these.
func dataSizes(tx *models.Tx, records []*models.Record) map[int64]any {
	rows, err := tx.Query(sql.SQL(`SELECT "id", COALESCE(LENGTH("data"), 0) FROM "ir_attachment" WHERE "id" IN (?)`, models.IDsOf(records)))
	models.Must(err)
	sizes := map[int64]any{}
	for _, row := range rows {
		id, _ := row[0].(int64)
		sizes[id] = row[1]
	}
	return sizes
}
