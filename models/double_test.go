package models_test

import "paytond/models"

// The least of module ir that the framework works with: what modules brought,
// views, buttons, actions, widths and the sessions of wizards.

// head lets a struct have a member of its own called Model.
type head = models.Model

type dataDouble struct {
	head
	Module, FsID, Model models.Char
	DbID                models.Integer
	Values              models.Text
	Noupdate            models.Boolean
}

var dataRecords = models.Define(&dataDouble{
	head:     models.Model{Name: "ir.model.data", String: "Data"},
	Module:   models.NewChar(models.Field{String: "Module"}),
	FsID:     models.NewChar(models.Field{String: "Name"}),
	Model:    models.NewChar(models.Field{String: "Model"}),
	DbID:     models.NewInteger(models.Field{String: "Record"}),
	Values:   models.NewText(models.Field{String: "Values"}),
	Noupdate: models.NewBoolean(models.Field{String: "No Update"}),
})

type viewDouble struct {
	head
	Model, Type, Name, Module, FieldChilds, Domain models.Char
	Arch                                           models.Text
	Inherit                                        models.Many2One
	Priority                                       models.Integer
}

var viewRecords = models.Define(&viewDouble{
	head:        models.Model{Name: "ir.ui.view", String: "View"},
	Model:       models.NewChar(models.Field{String: "Model"}),
	Type:        models.NewChar(models.Field{String: "Type"}),
	Name:        models.NewChar(models.Field{String: "Name"}),
	Module:      models.NewChar(models.Field{String: "Module"}),
	FieldChilds: models.NewChar(models.Field{String: "Childs"}),
	Domain:      models.NewChar(models.Field{String: "Domain"}),
	Arch:        models.NewText(models.Field{String: "Text"}),
	Inherit:     models.NewMany2One(models.Field{String: "Inherit", Relation: "ir.ui.view", OnDelete: "CASCADE"}),
	Priority:    models.NewInteger(models.Field{String: "Priority"}),
})

func (v *viewDouble) Setup(c *models.Class) {
	c.DefaultValue(v.Priority, int64(16))
	c.Default(v.Module, func(tx *models.Tx) any { return tx.Context("module") })
}

type buttonDouble struct {
	head
	Model, Name, String, Help, Confirm models.Char
}

var buttonRecords = models.Define(&buttonDouble{
	head:    models.Model{Name: "ir.model.button", String: "Button"},
	Model:   models.NewChar(models.Field{String: "Model"}),
	Name:    models.NewChar(models.Field{String: "Name"}),
	String:  models.NewChar(models.Field{String: "String"}),
	Help:    models.NewChar(models.Field{String: "Help"}),
	Confirm: models.NewChar(models.Field{String: "Confirm"}),
})

type widthDouble struct {
	head
	Model, Field models.Char
	User         models.Integer
	Width        models.Integer
}

var widthRecords = models.Define(&widthDouble{
	head:  models.Model{Name: "ir.ui.view_tree_width", String: "Width"},
	Model: models.NewChar(models.Field{String: "Model"}),
	Field: models.NewChar(models.Field{String: "Field"}),
	User:  models.NewInteger(models.Field{String: "User"}),
	Width: models.NewInteger(models.Field{String: "Width"}),
})

type actionDouble struct {
	head
	Name models.Char
}

var actionRecords = models.Define(&actionDouble{
	head: models.Model{Name: "ir.action", String: "Action"},
	Name: models.NewChar(models.Field{String: "Name"}),
})

func (a *actionDouble) Setup(c *models.Class) {
	c.Method(models.Method{Name: "get_action_value", ReadOnly: true, Do: func(tx *models.Tx, args *models.Args) (any, error) {
		return map[string]any{"id": args.Int(0), "name": a.Name.Of(a.Get(tx, args.Int(0)))}, args.Err()
	}})
}

type sessionDouble struct {
	head
	Data models.Text
}

var sessionRecords = models.Define(&sessionDouble{
	head: models.Model{Name: "ir.session.wizard", String: "Session", Internal: true},
	Data: models.NewText(models.Field{String: "Data"}),
})

// irDouble is the module with these, and actions for links and wizards.
func irDouble() *models.Module {
	return &models.Module{Name: "ir",
		Definitions: []models.Definition{User, dataRecords, viewRecords, buttonRecords, widthRecords, actionRecords, sessionRecords},
		Data:        []models.Data{{ID: "act_open", Model: "ir.action", Values: models.Values{"name": "Open"}}}}
}

// viewData is a view as a module brings it.
func viewData(id, model, kind, arch string, more models.Values) models.Data {
	values := models.Values{"model": model, "name": id, "arch": arch}
	if kind != "" {
		values["type"] = kind
	}
	for name, v := range more {
		values[name] = v
	}
	return models.Data{ID: id, Model: "ir.ui.view", Values: values}
}
