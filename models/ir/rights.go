package ir

import (
	"paytond/models"
)

type modelAccess struct {
	head
	Active      models.Boolean
	Description models.Text
	Group       models.Many2One
	Model       models.Many2One
	PermCreate  models.Boolean
	PermDelete  models.Boolean
	PermRead    models.Boolean
	PermWrite   models.Boolean
}

// modelAccesses is ir.model.access.
var modelAccesses = models.Define(&modelAccess{
	head:        models.Model{Name: "ir.model.access", String: "Model access"},
	Active:      models.NewBoolean(models.Field{String: "Active"}),
	Description: models.NewText(models.Field{String: "Description"}),
	Group:       models.NewMany2One(models.Field{String: "Group", Relation: "res.group", OnDelete: "CASCADE"}),
	Model:       models.NewMany2One(models.Field{String: "Model", Required: true, Relation: "ir.model", OnDelete: "CASCADE"}),
	PermCreate:  models.NewBoolean(models.Field{String: "Create Access"}),
	PermDelete:  models.NewBoolean(models.Field{String: "Delete Access"}),
	PermRead:    models.NewBoolean(models.Field{String: "Read Access"}),
	PermWrite:   models.NewBoolean(models.Field{String: "Write Access"}),
})

type fieldAccess struct {
	models.Model
	Active      models.Boolean
	Description models.Text
	Field       models.Many2One
	Group       models.Many2One
	PermCreate  models.Boolean
	PermDelete  models.Boolean
	PermRead    models.Boolean
	PermWrite   models.Boolean
}

// fieldAccesses is ir.model.field.access.
var fieldAccesses = models.Define(&fieldAccess{
	Model:       models.Model{Name: "ir.model.field.access", String: "Model Field Access"},
	Active:      models.NewBoolean(models.Field{String: "Active"}),
	Description: models.NewText(models.Field{String: "Description"}),
	Field:       models.NewMany2One(models.Field{String: "Field", Required: true, Relation: "ir.model.field", OnDelete: "CASCADE"}),
	Group:       models.NewMany2One(models.Field{String: "Group", Relation: "res.group", OnDelete: "CASCADE"}),
	PermCreate:  models.NewBoolean(models.Field{String: "Create Access"}),
	PermDelete:  models.NewBoolean(models.Field{String: "Delete Access"}),
	PermRead:    models.NewBoolean(models.Field{String: "Read Access"}),
	PermWrite:   models.NewBoolean(models.Field{String: "Write Access"}),
})

// rightsTable is what the records of rights have in common.
type rightsTable struct{ read, write, create, del models.Boolean }

func (t rightsTable) bind(c *models.Class) {
	for _, perm := range []models.Boolean{t.read, t.write, t.create, t.del} {
		c.DefaultValue(perm, false)
	}
}

func (m *modelAccess) table() rightsTable {
	return rightsTable{m.PermRead, m.PermWrite, m.PermCreate, m.PermDelete}
}

func (f *fieldAccess) table() rightsTable {
	return rightsTable{f.PermRead, f.PermWrite, f.PermCreate, f.PermDelete}
}

// Setup binds the question of clients for the user's rights.
func (m *modelAccess) Setup(c *models.Class) {
	m.table().bind(c)
	c.BindRecName(func(r *models.Record) string { return m.Model.Of(r).Name() }, nil)
	c.Method(models.Method{Name: "get_access", ReadOnly: true, Help: "The user's rights on models: 0 or 1, true where nothing limits them.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			names := a.Texts(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return accessOf(tx, names), nil
		}})
}

// accessOf tells clients the rights on the models as Tryton does: 1 and 0
// where records limit them, else true. An unknown model is not limited.
func accessOf(tx *models.Tx, names []string) map[string]any {
	tables, u := tablesOf(tx), answering(tx).user(tx)
	result := map[string]any{}
	for _, name := range names {
		rights, limited := u.sum(tables.models[name])
		if tx.User() == 0 || !limited {
			result[name] = map[string]any{"read": true, "write": true, "create": true, "delete": true}
			continue
		}
		result[name] = map[string]any{"read": bit(rights.Read), "write": bit(rights.Write), "create": bit(rights.Create), "delete": bit(rights.Delete)}
	}
	return result
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Setup binds the field's name.
func (f *fieldAccess) Setup(c *models.Class) {
	f.table().bind(c)
	c.BindRecName(func(r *models.Record) string { return f.Field.Of(r).Name() }, nil)
}
