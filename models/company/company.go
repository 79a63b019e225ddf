package company

import (
	_ "embed"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without a table of them

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/pyson"
	"paytond/models/value"
)

//go:embed timezones.txt
var timezones string

type company struct {
	models.Model
	Party     models.Many2One
	Currency  models.Many2One
	Timezone  models.Selection
	Header    models.Text
	Footer    models.Text
	Employees models.One2Many
}

// Company is company.company: a party that the database works for.
var Company = models.Define(&company{
	Model: models.Model{Name: "company.company", String: "Company"},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true, OnDelete: "CASCADE"}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Required: true,
		Help: "The currency in which the company keeps its books."}),
	Timezone: models.NewSelection(models.Field{String: "Timezone", SelectionMethod: "get_timezones",
		Help: "In which zone the company's days begin and end."}),
	Header: models.NewText(models.Field{String: "Header", Help: "What stands at the top of printed pages."}),
	Footer: models.NewText(models.Field{String: "Footer", Help: "What stands at the foot of printed pages."}),
	Employees: models.NewOne2Many(models.Field{String: "Employees", Relation: "company.employee", RelationField: "company",
		Help: "Who works in the company."}),
})

// Setup binds the party's name as the company's, and the list of time zones.
func (x *company) Setup(c *models.Class) {
	nameOfParty(c, x.Party)
	c.Selections("get_timezones", func(*models.Record) [][2]any { return zones() })
}

// zones are the time zones of the tz database as a selection. They are a
// method's: with them in its definition every window would carry the list.
func zones() [][2]any {
	list := [][2]any{{nil, ""}}
	for _, name := range strings.Fields(timezones) {
		list = append(list, [2]any{name, strings.ReplaceAll(name, "_", " ")})
	}
	return list
}

// nameOfParty has records named, and found, by the party behind a field.
func nameOfParty(c *models.Class, party models.Many2One) {
	c.BindRecName(func(r *models.Record) string { return party.Of(r).Name() },
		func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
			return domain.C(party.FieldName()+".rec_name", clause.Op, clause.Value), nil
		})
}

// Today is the day in the company's time zone; in that of the server for a
// company without one, or nil.
func Today(tx *models.Tx, company *models.Record) value.Date {
	day, err := ir.Today(tx, Company.Timezone.Of(company))
	models.Must(err)
	return day
}

// TodayHere is the day in the time zone of the company that the transaction works in.
func TodayHere(tx *models.Tx) value.Date {
	day, err := ir.Today(tx, zoneOf(tx))
	models.Must(err)
	return day
}

// Day is the day of a moment in the company's time zone, as [Today].
func Day(company *models.Record, at time.Time) value.Date {
	day, err := ir.Day(at, Company.Timezone.Of(company))
	models.Must(err)
	return day
}

type employee struct {
	models.Model
	Party        models.Many2One
	Company      models.Many2One
	StartDate    models.Date
	EndDate      models.Date
	Supervisor   models.Many2One
	Subordinates models.One2Many
}

// Employee is company.employee: a party that works in a company.
var Employee = models.Define(&employee{
	Model: models.Model{Name: "company.employee", String: "Employee"},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true,
		Context: map[string]any{"company": pyson.If(pyson.GreaterEqual(pyson.Eval("company", -1), 0),
			pyson.Eval("company", nil), nil)},
		Depends: []string{"company"}, Help: "The person who works there."}),
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", Required: true,
		Help: "Where the person works."}),
	StartDate: models.NewDate(models.Field{String: "Start Date", Domain: inOrder("start_date", "<=", "end_date"),
		Depends: []string{"end_date"}, Help: "The first day of work."}),
	EndDate: models.NewDate(models.Field{String: "End Date", Domain: inOrder("end_date", ">=", "start_date"),
		Depends: []string{"start_date"}, Help: "The last day of work."}),
	Supervisor: models.NewMany2One(models.Field{String: "Supervisor", Relation: "company.employee",
		Domain: sameCompany(), Depends: []string{"company"}, Help: "To whom the employee reports."}),
	Subordinates: models.NewOne2Many(models.Field{String: "Subordinates", Relation: "company.employee",
		RelationField: "supervisor", Domain: sameCompany(), Depends: []string{"company"},
		Help: "Who reports to the employee."}),
})

// inOrder wants two days in order where both are given.
func inOrder(field, op, other string) []any {
	both := pyson.And(pyson.Bool(pyson.Eval("start_date", "")), pyson.Bool(pyson.Eval("end_date", "")))
	return []any{pyson.If(both, []any{field, op, pyson.Eval(other, "")}, []any{})}
}

func sameCompany() []any { return []any{[]any{"company", "=", pyson.Eval("company", -1)}} }

// Setup binds the party's name as the employee's, and the current company as default.
func (x *employee) Setup(c *models.Class) {
	nameOfParty(c, x.Party)
	c.Default(x.Company, Current)
}

// Current is the company of the context as a default value, nil for none.
func Current(tx *models.Tx) any {
	if id := tx.ContextID("company"); id > 0 {
		return id
	}
	return nil
}

// Works tells whether the employee works in the company on the day.
func Works(employee *models.Record, day value.Date) bool {
	start, end := Employee.StartDate.Of(employee), Employee.EndDate.Of(employee)
	return (start.IsZero() || !start.After(day)) && (end.IsZero() || !end.Before(day))
}

// zoneOf is the time zone of the context's company, "" for none.
func zoneOf(tx *models.Tx) string {
	id := tx.ContextID("company")
	if id == 0 {
		return ""
	}
	zone := Company.Timezone.Of(Company.Get(tx.Unchecked(), id))
	if _, err := time.LoadLocation(zone); err != nil {
		return ""
	}
	return zone
}
