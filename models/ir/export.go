package ir

import (
	"paytond/models"
	"paytond/models/pyson"
)

type export struct {
	models.Model
	Name         models.Char
	ExportFields models.One2Many
	Groups       models.Many2Many
	Resource     models.Char
	WriteGroups  models.Many2Many
}

// exports is ir.export.
var exports = models.Define(&export{
	Model:        models.Model{Name: "ir.export", String: "Export"},
	Name:         models.NewChar(models.Field{String: "Name"}),
	ExportFields: models.NewOne2Many(models.Field{String: "Fields", Relation: "ir.export.line", RelationField: "export"}),
	Groups:       models.NewMany2Many(models.Field{String: "Groups", Help: "Who may use the export.", Relation: "res.group", Through: "ir.export-res.group", RelationField: "export", RelationTarget: "group"}),
	Resource:     models.NewChar(models.Field{String: "Resource"}),
	WriteGroups: models.NewMany2Many(models.Field{
		String: "Modification Groups", Help: "Who may change the export.", Relation: "res.group", Through: "ir.export-write-res.group", RelationField: "export", RelationTarget: "group",
		States:    map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("groups", "")))},
		Domain:    []any{[]any{"id", "in", pyson.Eval("groups", []any{})}},
		AddRemove: []any{[]any{"id", "in", pyson.Eval("groups", []any{})}}, Depends: []string{"groups"},
	}),
})

type exportLine struct {
	models.Model
	Name   models.Char
	Export models.Many2One
}

// exportLines is ir.export.line.
var exportLines = models.Define(&exportLine{
	Model:  models.Model{Name: "ir.export.line", String: "Export line"},
	Name:   models.NewChar(models.Field{String: "Name"}),
	Export: models.NewMany2One(models.Field{String: "Export", Required: true, Index: true, Relation: "ir.export", OnDelete: "CASCADE"}),
})

// Setup binds how clients change the fields of a saved export.
func (e *export) Setup(c *models.Class) {
	c.Method(models.Method{Name: "update", Help: "Replaces the fields of saved exports by paths.", Records: 1,
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			records, paths := a.Records(tx, c, 0), a.Texts(1)
			if a.Err() != nil {
				return nil, a.Err()
			}
			fresh := make([]any, len(paths))
			for i, path := range paths {
				fresh[i] = map[string]any{"name": path}
			}
			for _, r := range records {
				old, _ := r.Get("export_fields").([]int64)
				err := c.Write(tx, []*models.Record{r}, models.Values{"export_fields": []any{
					[]any{"delete", anys(old)}, []any{"create", fresh}}})
				if err != nil {
					return nil, err
				}
			}
			return nil, nil
		}})
}
