package ir

import (
	"paytond/models"
	"paytond/models/domain"
)

type moduleRow struct {
	models.Model
	Name         models.Char
	Childs       models.One2Many
	Dependencies models.One2Many
	Parents      models.One2Many
	State        models.Selection
	Version      models.Char
}

// modules is ir.module.
var modules = models.Define(&moduleRow{
	Model:  models.Model{Name: "ir.module", String: "Module", Uniques: []models.Unique{{Name: "name_uniq", Columns: []string{"name"}, Message: "A module is listed once."}}, Order: []domain.OrderTerm{{Field: "name"}}},
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Readonly: true}),
	Childs: models.NewOne2Many(models.Field{String: "Childs", Readonly: true, Function: true, Relation: "ir.module"}),
	Dependencies: models.NewOne2Many(models.Field{
		String: "Dependencies", Readonly: true, Relation: "ir.module.dependency", RelationField: "module",
	}),
	Parents: models.NewOne2Many(models.Field{String: "Parents", Readonly: true, Function: true, Relation: "ir.module"}),
	State: models.NewSelection(models.Field{
		String: "State", Readonly: true,
		Selection: [][2]any{{"not activated", "Not Activated"}, {"activated", "Activated"}, {"to upgrade", "To be upgraded"}, {"to remove", "To be removed"}, {"to activate", "To be activated"}},
	}),
	Version: models.NewChar(models.Field{String: "Version", Readonly: true, Function: true}),
})

type dependency struct {
	models.Model
	Name   models.Char
	Module models.Many2One
	State  models.Selection
}

// dependencies is ir.module.dependency.
var dependencies = models.Define(&dependency{
	Model:  models.Model{Name: "ir.module.dependency", String: "Module dependency"},
	Name:   models.NewChar(models.Field{String: "Name"}),
	Module: models.NewMany2One(models.Field{String: "Module", Required: true, Relation: "ir.module"}),
	State: models.NewSelection(models.Field{
		String: "State", Readonly: true, Function: true,
		Selection: [][2]any{{"not activated", "Not Activated"}, {"activated", "Activated"}, {"to upgrade", "To be upgraded"}, {"to remove", "To be removed"}, {"to activate", "To be activated"}, {"unknown", "Unknown"}},
	}),
})

// version is that of the Tryton modules whose models and protocol ours are.
const version = "6.0"

// Setup binds what follows from the program: its modules are its own.
func (m *moduleRow) Setup(c *models.Class) {
	c.DefaultValue(m.State, "not activated")
	c.Compute(m.Version, func(*models.Record) any { return version })
	none := func(*models.Record) any { return []int64{} }
	c.Compute(m.Parents, none)
	c.Compute(m.Childs, none)
	refuse(c, "create", "write", "delete", "copy", "import_data")
}

// Setup binds the state of the module that is needed.
func (d *dependency) Setup(c *models.Class) {
	c.Compute(d.State, func(r *models.Record) any {
		for _, other := range modules.Search(r.Tx(), modules.Name.Eq(d.Name.Of(r)), models.Limit(1)) {
			return modules.State.Of(other)
		}
		return "unknown"
	})
	refuse(c, "create", "write", "delete", "copy", "import_data")
}

// syncModules keeps a row for each of the program's modules. All are active.
func syncModules(tx *models.Tx) error {
	rows := map[string]*models.Record{}
	for _, r := range modules.Search(tx, nil) {
		rows[modules.Name.Of(r)] = r
	}
	for _, m := range tx.Registry().Modules {
		r := rows[m.Name]
		delete(rows, m.Name)
		if r != nil && modules.State.Of(r) == "activated" {
			continue
		}
		var err error
		if r == nil {
			_, err = modules.Create(tx, modules.Name.To(m.Name), modules.State.To("activated"))
		} else {
			err = modules.Write(tx, []*models.Record{r}, modules.State.To("activated"))
		}
		if err != nil {
			return err
		}
	}
	for _, r := range rows { // of another program on this database
		if err := modules.Write(tx, []*models.Record{r}, modules.State.To("not activated")); err != nil {
			return err
		}
	}
	return nil
}
