package company

import (
	"paytond/models"
	"paytond/models/pyson"
	"paytond/models/res"
)

type user struct {
	models.Extension
	Companies     models.Many2Many
	Company       models.Many2One
	CompanyFilter models.Selection
	Employees     models.Many2Many
	Employee      models.Many2One
}

// User adds to res.user in which companies a user works, and as which employee.
var User = models.Define(&user{
	Extension: models.Extension{Name: "res.user"},
	Companies: models.NewMany2Many(models.Field{String: "Companies", Relation: "company.company",
		Through: "res.user-company.company", RelationField: "user", RelationTarget: "company",
		Help: "The companies that the user may work in."}),
	Company: models.NewMany2One(models.Field{String: "Current Company", Relation: "company.company",
		Domain:  []any{[]any{"id", "in", pyson.Eval("companies", []any{})}},
		Depends: []string{"companies"}, Help: "The company that the user works in now."}),
	CompanyFilter: models.NewSelection(models.Field{String: "Company Filter",
		Selection: [][2]any{{"one", "Current"}, {"all", "All"}},
		Help:      "Whether the records of the other companies are shown too."}),
	Employees: models.NewMany2Many(models.Field{String: "Employees", Relation: "company.employee",
		Through: "res.user-company.employee", RelationField: "user", RelationTarget: "employee",
		Domain:  []any{[]any{"company", "in", pyson.Eval("companies", []any{})}},
		Depends: []string{"companies"}, Help: "The employees that the user may act as."}),
	Employee: models.NewMany2One(models.Field{String: "Current Employee", Relation: "company.employee",
		Domain: []any{[]any{"company", "=", pyson.Eval("company", -1)},
			[]any{"id", "in", pyson.Eval("employees", []any{})}},
		Depends: []string{"company", "employees"}, Help: "The employee that the user acts as now."}),
})

var _ res.UserExtension = (*user)(nil)

// Setup binds the defaults, and the employee that goes with a company.
func (x *user) Setup(c *models.Class) {
	c.Default(x.Companies, func(tx *models.Tx) any {
		if id := tx.ContextID("company"); id > 0 {
			return []int64{id}
		}
		return nil
	})
	c.Default(x.Company, Current)
	c.DefaultValue(x.CompanyFilter, "one")
	c.OnChange(x.Company, func(r *models.Record) {
		x.Employee.Set(r, nil)
		for _, e := range x.Employees.Of(r) {
			if id := Employee.Company.ID(e); id > 0 && id == x.Company.ID(r) {
				x.Employee.Set(r, e.ID())
				return
			}
		}
	}, x.Company, x.Employees)
}

// EmployeeOf is the employee that the transaction's user acts as, nil if there is none.
func EmployeeOf(tx *models.Tx) *models.Record {
	tx = tx.Unchecked()
	if tx.User() == 0 {
		return nil
	}
	return User.Employee.Of(res.User.Get(tx, tx.User()))
}

// Preferences are the company and employee with their names, and the filter;
// in the whole preferences also the companies and employees to choose from.
func (x *user) Preferences(r *models.Record, contextOnly bool) map[string]any {
	preferences := map[string]any{"company_filter": x.CompanyFilter.Of(r)}
	for _, f := range []models.Many2One{x.Company, x.Employee} {
		if target := f.Of(r); target != nil {
			preferences[f.FieldName()] = target.ID()
			preferences[f.FieldName()+".rec_name"] = target.Name()
		}
	}
	if !contextOnly {
		preferences["companies"] = models.IDsOf(x.Companies.Of(r))
		preferences["employees"] = models.IDsOf(x.Employees.Of(r))
	}
	return preferences
}

// PreferenceFields are what a user may change of himself.
func (x *user) PreferenceFields() []models.Named {
	return []models.Named{x.Company, x.Employee, x.CompanyFilter}
}

// RuleContext gives record rules the companies and employees that the user
// works with, and the employee that he is.
func (x *user) RuleContext(tx *models.Tx) map[string]any {
	if tx.User() == 0 {
		return map[string]any{"companies": []any{}, "employees": []any{}, "employee": nil}
	}
	r := res.User.Get(tx, tx.User())
	context := map[string]any{"employee": nil}
	if e := x.Employee.ID(r); e > 0 {
		context["employee"] = e
	}
	context["companies"], context["employees"] = []any{}, []any{}
	switch x.CompanyFilter.Of(r) {
	case "one":
		context["companies"], context["employees"] = one(x.Company.ID(r)), one(x.Employee.ID(r))
	case "all":
		context["companies"], context["employees"] = all(x.Companies.Of(r)), all(x.Employees.Of(r))
	}
	return context
}

func one(id int64) []any {
	if id == 0 {
		return []any{}
	}
	return []any{id}
}

func all(records []*models.Record) []any {
	list := make([]any, len(records))
	for i, r := range records {
		list[i] = r.ID()
	}
	return list
}

// StatusBar is the employee where he is called otherwise than the user, the
// company where the user has several, and the company's currency.
func (x *user) StatusBar(r *models.Record) string {
	text := ""
	if name := x.Employee.Of(r).Name(); name != "" && name != r.Name() {
		text += " - " + name
	}
	company := x.Company.Of(r)
	if company == nil {
		return text
	}
	if len(x.Companies.Of(r)) > 1 {
		text += " - " + company.Name()
	}
	code, _ := Company.Currency.Of(company).Get("code").(string)
	return text + " [" + code + "]"
}

type userCompany struct {
	models.Model
	User    models.Many2One
	Company models.Many2One
}

// UserCompany is res.user-company.company: which user may work in which company.
var UserCompany = models.Define(&userCompany{
	Model:   models.Model{Name: "res.user-company.company", String: "User - Company", Internal: true},
	User:    link("User", "res.user"),
	Company: link("Company", "company.company"),
})

type userEmployee struct {
	models.Model
	User     models.Many2One
	Employee models.Many2One
}

// UserEmployee is res.user-company.employee: which user may act as which employee.
var UserEmployee = models.Define(&userEmployee{
	Model:    models.Model{Name: "res.user-company.employee", String: "User - Employee", Internal: true},
	User:     link("User", "res.user"),
	Employee: link("Employee", "company.employee"),
})

// link is a side of a table between two models.
func link(label, relation string) models.Many2One {
	return models.NewMany2One(models.Field{String: label, Relation: relation, Required: true, Index: true, OnDelete: "CASCADE"})
}
