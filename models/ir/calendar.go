package ir

import (
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

type month struct {
	models.Model
	Name         models.Char
	Abbreviation models.Char
	Index        models.Integer
}

// months is ir.calendar.month.
var months = models.Define(&month{
	Model:        models.Model{Name: "ir.calendar.month", String: "Month", Order: []domain.OrderTerm{{Field: "index"}}},
	Name:         models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Abbreviation: models.NewChar(models.Field{String: "Abbreviation", Required: true, Translate: true}),
	Index: models.NewInteger(models.Field{
		String: "Index", Required: true, Domain: []any{[]any{"index", ">=", 1}, []any{"index", "<=", 12}},
	}),
})

type day struct {
	models.Model
	Name         models.Char
	Abbreviation models.Char
	Index        models.Integer
}

// days is ir.calendar.day.
var days = models.Define(&day{
	Model:        models.Model{Name: "ir.calendar.day", String: "Day", Order: []domain.OrderTerm{{Field: "index"}}},
	Name:         models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Abbreviation: models.NewChar(models.Field{String: "Abbreviation", Required: true, Translate: true}),
	Index: models.NewInteger(models.Field{
		String: "Index", Required: true, Domain: []any{[]any{"index", ">=", 0}, []any{"index", "<=", 6}},
	}),
})

// Setup keeps the calendar for reading.
func (*month) Setup(c *models.Class) { readOnly(c) }

// Setup keeps the calendar for reading.
func (*day) Setup(c *models.Class) { readOnly(c) }

// readOnly leaves clients what reads the records of a model that has no windows.
func readOnly(c *models.Class) {
	c.Withhold("create", "write", "delete", "copy", "import_data", "export_data", "export_data_domain", "history_revisions",
		"fields_view_get", "on_change", "on_change_with", "view_toolbar_get", "resources")
}

// refuse keeps methods for the server itself.
func refuse(c *models.Class, names ...string) {
	for _, name := range names {
		c.Wrap(name, func(super do) do {
			return func(tx *models.Tx, a *models.Args) (any, error) {
				if tx.User() == 0 {
					return super(tx, a)
				}
				return nil, &models.Error{Kind: models.KindForbidden, Message: "Calling method " + name + " on " + c.Name + " is not allowed"}
			}
		})
	}
}

type date struct{ models.Model }

// today is ir.date: the day as the server has it.
var today = models.Define(&date{Model: models.Model{Name: "ir.date", String: "Date", ViewOnly: true}})

// Setup binds today, which may be asked in a time zone.
func (*date) Setup(c *models.Class) {
	c.Withhold("fields_view_get", "on_change", "on_change_with", "view_toolbar_get")
	c.Method(models.Method{Name: "today", ReadOnly: true, Help: "The day of today, in the time zone given.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			zone := a.Text(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return Today(tx, zone)
		}})
}

// Today is the day on which the transaction began, in a time zone or, with "",
// in that of the server's clock.
func Today(tx *models.Tx, zone string) (value.Date, error) { return Day(tx.Now(), zone) }

// Day is the day of a moment in a time zone or, with "", in that of the
// server's clock.
func Day(at time.Time, zone string) (value.Date, error) {
	place := time.Local
	if zone != "" {
		var err error
		if place, err = time.LoadLocation(zone); err != nil {
			return value.Date{}, models.BadRequest("%q is no time zone", zone)
		}
	}
	return value.DateOf(at.In(place)), nil
}
