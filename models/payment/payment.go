package payment

import (
	"paytond/models"
	"paytond/models/company"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/pyson"
)

// States of a payment.
const (
	Draft      = "draft"
	Approved   = "approved"
	Processing = "processing"
	Succeeded  = "succeeded"
	Failed     = "failed"
)

// Kinds of a payment.
const (
	Payable    = "payable"
	Receivable = "receivable"
)

var (
	state = pyson.Eval("state", "")
	// onceDraft makes a field read-only for payments that are no draft.
	onceDraft = map[string]any{"readonly": pyson.NotEqual(state, Draft)}
	ofCompany = []any{[]any{"company", "=", pyson.Eval("company", -1)}}
	kinds     = [][2]any{{Payable, "Payable"}, {Receivable, "Receivable"}}
	states    = [][2]any{{Draft, "Draft"}, {Approved, "Approved"}, {Processing, "Processing"},
		{Succeeded, "Succeeded"}, {Failed, "Failed"}}
)

// digits are those of a field currency_digits of the same record.
var digits = [2]any{16, pyson.Eval("currency_digits", 2)}

type payment struct {
	models.Model
	Company        models.Many2One
	Journal        models.Many2One
	Currency       models.Many2One
	CurrencyDigits models.Integer
	Kind           models.Selection
	Party          models.Many2One
	Date           models.Date
	Amount         models.Numeric
	Line           models.Many2One
	Description    models.Char
	Origin         models.Reference
	Group          models.Many2One
	ProcessMethod  models.Selection
	ApprovedBy     models.Many2One
	SucceededBy    models.Many2One
	FailedBy       models.Many2One
	State          models.Selection
	CalendarColor  models.Char
}

// Payment is account.payment: an amount to take from a party or to give to it.
var Payment = models.Define(&payment{
	Model: models.Model{Name: "account.payment", String: "Payment", Order: models.Order("-date", "id")},
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", Required: true, Index: true,
		Fixed: true, States: onceDraft, Depends: []string{"state"}}),
	Journal: models.NewMany2One(models.Field{String: "Journal", Relation: "account.payment.journal", Required: true,
		Fixed: true, States: onceDraft, Domain: ofCompany, Depends: []string{"state", "company"}}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Function: true,
		Readonly: true}),
	CurrencyDigits: models.NewInteger(models.Field{String: "Currency Digits", Function: true, Readonly: true}),
	Kind: models.NewSelection(models.Field{String: "Kind", Required: true, Selection: kinds,
		Fixed: true, States: onceDraft, Depends: []string{"state"}}),
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true,
		Context: map[string]any{"company": pyson.Eval("company", -1)}, Fixed: true,
		States: onceDraft, Depends: []string{"state", "company"}}),
	Date: models.NewDate(models.Field{String: "Date", Required: true, Fixed: true, States: onceDraft, Depends: []string{"state"}}),
	Amount: models.NewNumeric(models.Field{String: "Amount", Required: true, Digits: digits,
		Fixed: true, States: onceDraft, Depends: []string{"state", "currency_digits"}}),
	Line: models.NewMany2One(models.Field{String: "Line", Relation: "account.move.line", RelationField: "payments",
		OnDelete: "RESTRICT", Fixed: true, States: onceDraft, Domain: lineDomain,
		Depends: []string{"state", "party", "currency", "kind", "company"}}),
	Description: models.NewChar(models.Field{String: "Description", Fixed: true, States: onceDraft, Depends: []string{"state"}}),
	Origin: models.NewReference(models.Field{String: "Origin", SelectionMethod: "get_origin", Index: true,
		Fixed: true, States: onceDraft, Depends: []string{"state"}}),
	Group: models.NewMany2One(models.Field{String: "Group", Relation: "account.payment.group", RelationField: "payments",
		Readonly: true, OnDelete: "RESTRICT", Domain: ofCompany, Depends: []string{"state", "company"},
		States: map[string]any{"required": pyson.In(state, []any{Processing, Succeeded})}}),
	ProcessMethod: models.NewSelection(models.Field{String: "Process Method", SelectionMethod: "get_process_methods",
		Function: true, Readonly: true}),
	ApprovedBy:  notedBy("Approved by", Approved, Processing, Succeeded, Failed),
	SucceededBy: notedBy("Success Noted by", Succeeded, Processing),
	FailedBy:    notedBy("Failure Noted by", Failed, Processing),
	State:       models.NewSelection(models.Field{String: "State", Readonly: true, Index: true, Selection: states}),
	CalendarColor: models.NewChar(models.Field{String: "Calendar Color", Function: true, Readonly: true,
		Help: "The color of the payment in the calendar, by its state."}),
})

// notedBy is the employee who did a step; fixed in the states that follow it.
func notedBy(label string, fixed ...any) models.Many2One {
	return models.NewMany2One(models.Field{String: label, Relation: "company.employee", Domain: ofCompany,
		Fixed: true, States: map[string]any{"readonly": pyson.In(state, fixed)}, Depends: []string{"company", "state"}})
}

// colorOf is the color in the calendar of payments in a state, "" for none.
func colorOf(state string) string {
	switch state {
	case Draft:
		return "#7f8c8d"
	case Approved:
		return "#2980b9"
	case Processing:
		return "#e67e22"
	case Succeeded:
		return "#27ae60"
	case Failed:
		return "#c0392b"
	}
	return ""
}

// Setup binds defaults, the fields that follow from others, and the workflow.
func (x *payment) Setup(c *models.Class) {
	c.Default(x.Company, companyOf)
	c.Default(x.Date, func(tx *models.Tx) any { return company.TodayHere(tx) })
	c.DefaultValue(x.Kind, Payable)
	c.DefaultValue(x.State, Draft)
	c.BindRecName(idText, searchByID)

	x.setupFollowing(c)
	c.Compute(x.CalendarColor, func(r *models.Record) any { return colorOf(x.State.Of(r)) })
	c.Method(models.Method{Name: "get_origin", ReadOnly: true, Help: "The values of a selection and their labels.", Do: func(*models.Tx, *models.Args) (any, error) {
		return []any{[]any{nil, ""}}, nil
	}})
	c.Method(models.Method{Name: "get_process_methods", ReadOnly: true, Help: "The values of a selection and their labels.", Do: func(tx *models.Tx, _ *models.Args) (any, error) {
		return Journal.In(tx).Field("process_method").Selection, nil
	}})
	x.setupWorkflow(c)
	c.ViewAttribute("/tree", "visual", pyson.If(pyson.Equal(state, Failed), "danger",
		pyson.If(pyson.Equal(state, Succeeded), "success", "")))
	c.BeforeDelete(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if x.State.Of(r) != Draft {
				return models.UserError("To delete payment \"%s\" you must reset it to draft state.", r.Name())
			}
		}
		return nil
	})
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		for _, f := range []models.Named{x.Group, x.ApprovedBy, x.SucceededBy, x.FailedBy} {
			values[f.FieldName()] = nil
		}
		values["state"] = Draft
	})
}

// setupFollowing binds what follows from the journal, the kind, the party and the line.
func (x *payment) setupFollowing(c *models.Class) {
	c.OnChangeWith(x.Currency, func(r *models.Record) any {
		return idOrNil(Journal.Currency.ID(x.Journal.Of(r)))
	}, x.Journal)
	c.OnChangeWith(x.CurrencyDigits, func(r *models.Record) any {
		if journal := x.Journal.Of(r); journal != nil {
			return currency.Currency.Digits.Of(Journal.Currency.Of(journal))
		}
		return nil
	}, x.Journal)
	c.OnChangeWith(x.ProcessMethod, func(r *models.Record) any {
		if journal := x.Journal.Of(r); journal != nil {
			return Journal.ProcessMethod.Of(journal)
		}
		return nil
	}, x.Journal)
	c.Searcher(x.Currency, Through("currency", "journal.currency"))
	c.Searcher(x.ProcessMethod, Through("process_method", "journal.process_method"))
	noLine := func(r *models.Record) { x.Line.Set(r, nil) }
	c.OnChange(x.Kind, noLine, x.Kind)
	c.OnChange(x.Party, noLine, x.Party, x.Company)
	c.OnChange(x.Line, func(r *models.Record) {
		if line := x.Line.Of(r); line != nil {
			x.Date.Set(r, line.Get("maturity_date"))
			x.Amount.Set(r, line.Get("payment_amount"))
		}
	}, x.Line, models.Path("_parent_line.maturity_date"), models.Path("_parent_line.payment_amount"))
}

// Through searches a function field by the stored path that it follows.
func Through(field, path string) func(*models.Tx, *domain.Clause) (domain.Node, error) {
	return func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		moved := *clause
		moved.Field = path + clause.Field[len(field):]
		return &moved, nil
	}
}
