package ir

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type trigger struct {
	head
	Name             models.Char
	Action           models.Selection
	Active           models.Boolean
	Condition        models.Char
	LimitNumber      models.Integer
	MinimumTimeDelay models.TimeDelta
	Model            models.Many2One
	OnCreate         models.Boolean
	OnDelete         models.Boolean
	OnTime           models.Boolean
	OnWrite          models.Boolean
}

// triggers is ir.trigger.
var triggers = models.Define(&trigger{
	head: models.Model{Name: "ir.trigger", String: "Trigger", Checks: []models.Check{{Name: "on_exclusive",
		SQL:     `NOT ("on_time" = TRUE AND ("on_create" = TRUE OR "on_write" = TRUE OR "on_delete" = TRUE))`,
		Message: "A trigger is for the passing of time, or for changes, not for both."}}, Order: []domain.OrderTerm{{Field: "name"}}},
	Name:             models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Action:           models.NewSelection(models.Field{String: "Action", Required: true}),
	Active:           models.NewBoolean(models.Field{String: "Active"}),
	Condition:        models.NewChar(models.Field{String: "Condition", Help: "PYSON that says when it fires; \"self\" is the record.", Required: true}),
	LimitNumber:      models.NewInteger(models.Field{String: "Limit Number", Required: true}),
	MinimumTimeDelay: models.NewTimeDelta(models.Field{String: "Minimum Delay"}),
	Model:            models.NewMany2One(models.Field{String: "Model", Required: true, Index: true, Relation: "ir.model"}),
	OnCreate: models.NewBoolean(models.Field{
		String: "On Create", Index: true, States: map[string]any{"invisible": pyson.Eval("on_time", false)},
		Depends: []string{"on_time"},
	}),
	OnDelete: models.NewBoolean(models.Field{
		String: "On Delete", Index: true, States: map[string]any{"invisible": pyson.Eval("on_time", false)},
		Depends: []string{"on_time"},
	}),
	OnTime: models.NewBoolean(models.Field{
		String: "On Time", Index: true,
		States:  map[string]any{"invisible": pyson.Or(pyson.Eval("on_create", false), pyson.Eval("on_write", false), pyson.Eval("on_delete", false))},
		Depends: []string{"on_create", "on_write", "on_delete"},
	}),
	OnWrite: models.NewBoolean(models.Field{
		String: "On Write", Index: true, States: map[string]any{"invisible": pyson.Eval("on_time", false)},
		Depends: []string{"on_time"},
	}),
})

type triggerLog struct {
	models.Model
	RecordID models.Integer
	Trigger  models.Many2One
}

// triggerLogs is ir.trigger.log.
var triggerLogs = models.Define(&triggerLog{
	Model:    models.Model{Name: "ir.trigger.log", String: "Trigger Log", Internal: true},
	RecordID: models.NewInteger(models.Field{String: "Record ID", Required: true}),
	Trigger:  models.NewMany2One(models.Field{String: "Trigger", Required: true, Relation: "ir.trigger"}),
})

// Setup binds that a trigger by time is by nothing else.
func (t *trigger) Setup(c *models.Class) {
	c.DefaultValue(t.LimitNumber, int64(0))
	for _, event := range []models.Boolean{t.OnCreate, t.OnWrite, t.OnDelete} {
		c.OnChange(event, func(r *models.Record) {
			if event.Of(r) {
				t.OnTime.Set(r, false)
			}
		}, event)
	}
	c.OnChange(t.OnTime, func(r *models.Record) {
		if t.OnTime.Of(r) {
			t.OnCreate.Set(r, false)
			t.OnWrite.Set(r, false)
			t.OnDelete.Set(r, false)
		}
	}, t.OnTime)
}
