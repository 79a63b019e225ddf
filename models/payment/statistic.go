package payment

import (
	"paytond/models"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/sql"
)

type statistic struct {
	models.Model
	Company        models.Many2One
	Journal        models.Many2One
	Currency       models.Many2One
	CurrencyDigits models.Integer
	Month          models.Date
	Kind           models.Selection
	State          models.Selection
	Count          models.Integer
	Amount         models.Numeric
}

// Statistic is account.payment.statistic: what the payments of a month come to, by journal, kind and state. It is a
// query, not a table: nobody writes it. Its ids are those of payments, one of each sum.
var Statistic = models.Define(&statistic{
	Model:          models.Model{Name: "account.payment.statistic", String: "Payment Statistic", Order: models.Order("-month", "journal", "id"), RecName: "month"},
	Company:        models.NewMany2One(models.Field{String: "Company", Readonly: true, Relation: "company.company"}),
	Journal:        models.NewMany2One(models.Field{String: "Journal", Readonly: true, Relation: "account.payment.journal"}),
	Currency:       models.NewMany2One(models.Field{String: "Currency", Readonly: true, Relation: "currency.currency"}),
	CurrencyDigits: models.NewInteger(models.Field{String: "Currency Digits", Readonly: true, Function: true}),
	Month:          models.NewDate(models.Field{String: "Month", Readonly: true, Help: "The first day of the month."}),
	Kind:           models.NewSelection(models.Field{String: "Kind", Readonly: true, Selection: kinds}),
	State:          models.NewSelection(models.Field{String: "State", Readonly: true, Selection: states}),
	Count:          models.NewInteger(models.Field{String: "Payments", Readonly: true, Help: "How many payments there are."}),
	Amount:         models.NewNumeric(models.Field{String: "Amount", Readonly: true, Digits: digits, Depends: []string{"currency_digits"}}),
})

// Setup binds the query and what follows from the currency.
func (x *statistic) Setup(c *models.Class) {
	c.TableQuery(func(tx *models.Tx) sql.F {
		month := tx.Dialect().Cast(`SUBSTR(`+tx.Dialect().Cast(`p."date"`, sql.Varchar)+`, 1, 7) || '-01'`, sql.Date)
		return sql.SQL(`SELECT MIN(p."id") AS "id", 0 AS "create_uid", MIN(p."create_date") AS "create_date", 0 AS "write_uid",
			MAX(p."write_date") AS "write_date", p."company", p."journal", j."currency", ` + month + ` AS "month", p."kind", p."state",
			COUNT(*) AS "count", ` + tx.Dialect().Sum(`p."amount"`) + ` AS "amount"
			FROM "account_payment" AS p JOIN "account_payment_journal" AS j ON j."id" = p."journal"
			GROUP BY p."company", p."journal", j."currency", ` + month + `, p."kind", p."state"`)
	})
	c.BindRecName(func(r *models.Record) string { return x.Month.Of(r).String() }, nil)
	c.Compute(x.CurrencyDigits, func(r *models.Record) any { return currency.Currency.Digits.Of(x.Currency.Of(r)) })
}

// statisticData are the graphs of payments, their sums in lists, and the calendar.
func statisticData() ir.Part {
	receivable := []any{[]any{"kind", "=", Receivable}}
	tabs := []ir.Tab{{Name: "Receivable", Domain: receivable}, {Name: "Payable", Domain: []any{[]any{"kind", "=", Payable}}}, {Name: "All"}}
	all := []models.Ref{groupPayment, groupApproval, groupAdmin}
	graph := func(id, name string, sequence int64, view models.Ref) ir.Part {
		return ir.Parts{
			ir.View{ID: string(view), Model: "account.payment.statistic", Type: "graph", Name: string(view)},
			ir.ActWindow{ID: "act_" + id, Name: name, Model: "account.payment.statistic", Tabs: tabs, Limit: 10000,
				Views: []models.Ref{view, "payment_statistic_view_list"}, Order: []any{[]any{"month", "ASC"}, []any{"id", "ASC"}}},
			ir.Menu{ID: "menu_" + id, Name: name, Parent: "menu_payment_statistics", Sequence: sequence, Icon: "tryton-graph", Action: models.Ref("act_" + id)},
		}
	}
	return ir.Parts{
		ir.View{ID: "payment_statistic_view_list", Model: "account.payment.statistic", Type: "tree", Name: "payment_statistic_list"},
		ir.Menu{ID: "menu_payment_statistics", Name: "Statistics", Parent: "menu_payments", Sequence: 90, Groups: all},
		graph("payment_by_month", "Payments by Month and State", 10, "payment_statistic_view_graph_month"),
		graph("payment_by_journal", "Payments by Journal and State", 20, "payment_statistic_view_graph_journal"),
		graph("payment_share", "Share of the Journals", 30, "payment_statistic_view_graph_share"),
		ir.View{ID: "payment_group_view_graph", Model: "account.payment.group", Type: "graph", Name: "payment_group_graph"},
		ir.ActWindow{ID: "act_payment_group_totals", Name: "Totals of Groups", Model: "account.payment.group",
			Views: []models.Ref{"payment_group_view_graph", "payment_group_view_list", "payment_group_view_form"}},
		ir.Menu{ID: "menu_payment_group_totals", Name: "Totals of Groups", Parent: "menu_payment_statistics", Sequence: 40, Icon: "tryton-graph",
			Action: "act_payment_group_totals"},
		ir.View{ID: "payment_view_calendar", Model: "account.payment", Type: "calendar", Name: "payment_calendar"},
		ir.ActWindow{ID: "act_payment_calendar", Name: "Payment Calendar", Model: "account.payment", Tabs: StateTabs(),
			Views: []models.Ref{"payment_view_calendar", "payment_view_list", "payment_view_form"}},
		ir.Menu{ID: "menu_payment_calendar", Name: "Payment Calendar", Parent: "menu_payments", Sequence: 25, Icon: "tryton-calendar",
			Action: "act_payment_calendar"},
		ir.Access{Model: "account.payment.statistic"},
		ir.Access{Model: "account.payment.statistic", Group: groupPayment, Read: true},
		ir.Access{Model: "account.payment.statistic", Group: groupApproval, Read: true},
		ir.Access{Model: "account.payment.statistic", Group: groupAdmin, Read: true},
		ir.CompanyRule("rule_group_payment_statistic_companies", "User in companies", "account.payment.statistic"),
	}
}
