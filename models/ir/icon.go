package ir

import (
	"io/fs"
	"slices"

	"paytond/models"
	"paytond/models/domain"
)

type icon struct {
	models.Model
	Name     models.Char
	Icon     models.Char
	Module   models.Char
	Path     models.Char
	Sequence models.Integer
}

// icons is ir.ui.icon.
var icons = models.Define(&icon{
	Model:    models.Model{Name: "ir.ui.icon", String: "Icon", Order: []domain.OrderTerm{{Field: "sequence", Nulls: "FIRST"}}},
	Name:     models.NewChar(models.Field{String: "Name", Required: true, Index: true}),
	Icon:     models.NewChar(models.Field{String: "Icon", Readonly: true, Function: true, Depends: []string{"path"}}),
	Module:   models.NewChar(models.Field{String: "Module", Required: true, Readonly: true}),
	Path:     models.NewChar(models.Field{String: "SVG Path", Required: true, Readonly: true}),
	Sequence: models.NewInteger(models.Field{String: "Sequence"}),
})

// Setup binds the list of icons and their drawings.
func (i *icon) Setup(c *models.Class) {
	c.DefaultValue(i.Sequence, int64(10))
	c.Default(i.Module, loading)
	c.Compute(i.Icon, i.svg)
	c.Method(models.Method{Name: "list_icons", ReadOnly: true, Help: "The icons of the server: id and name.",
		Do: func(tx *models.Tx, _ *models.Args) (any, error) {
			list := []any{}
			for _, r := range i.Search(tx, nil, models.OrderBy("sequence", "id")) {
				list = append(list, []any{r.ID(), i.Name.Of(r)})
			}
			return list, nil
		}})
}

// loading is the module whose data is being loaded, nil for a user.
func loading(tx *models.Tx) any { return tx.Context("module") }

// svg is the drawing: in module ir made of our table, in others a file.
func (i *icon) svg(r *models.Record) any {
	if i.Module.Of(r) == "ir" {
		return drawn(i.Name.Of(r))
	}
	for _, m := range r.Tx().Registry().Modules {
		if m.Name == i.Module.Of(r) && m.Views != nil {
			if data, err := fs.ReadFile(m.Views, i.Path.Of(r)); err == nil {
				return string(data)
			}
		}
	}
	return nil
}

// iconChoices are the names of all icons that a menu may have: those that
// clients bring and those of the server.
func iconChoices(tx *models.Tx) [][2]any {
	names := slices.Clone(clientIcons())
	for _, r := range icons.Search(tx, nil) {
		names = append(names, icons.Name.Of(r))
	}
	slices.Sort(names)
	var list [][2]any
	for _, name := range slices.Compact(names) {
		list = append(list, [2]any{name, name})
	}
	return list
}

// clientIcons are the icons that both clients have in their own files.
func clientIcons() []string {
	return []string{"tryton-add", "tryton-archive", "tryton-attach", "tryton-back", "tryton-bookmark", "tryton-bookmark-border",
		"tryton-bookmarks", "tryton-cancel", "tryton-clear", "tryton-close", "tryton-copy", "tryton-create", "tryton-date",
		"tryton-delete", "tryton-email", "tryton-error", "tryton-exit", "tryton-export", "tryton-filter",
		"tryton-format-align-center", "tryton-format-align-justify", "tryton-format-align-left", "tryton-format-align-right",
		"tryton-format-bold", "tryton-format-color-text", "tryton-format-italic", "tryton-format-underline", "tryton-forward",
		"tryton-history", "tryton-import", "tryton-info", "tryton-launch", "tryton-link", "tryton-log", "tryton-menu",
		"tryton-note", "tryton-ok", "tryton-open", "tryton-print", "tryton-public", "tryton-refresh", "tryton-remove",
		"tryton-save", "tryton-search", "tryton-star", "tryton-star-border", "tryton-switch", "tryton-translate",
		"tryton-unarchive", "tryton-undo", "tryton-warning"}
}
