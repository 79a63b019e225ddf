package payment

import (
	"paytond/models"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql"
)

// lineDomain offers the lines of the payment's party and direction, in its currency.
var lineDomain = []any{
	pyson.If(pyson.Equal(pyson.Eval("kind", ""), Receivable),
		[]any{"OR", []any{"debit", ">", 0}, []any{"credit", "<", 0}},
		[]any{"OR", []any{"credit", ">", 0}, []any{"debit", "<", 0}}),
	[]any{"party", "in", []any{pyson.Eval("party", nil), nil}},
	[]any{"OR", []any{"second_currency", "=", pyson.Eval("currency", nil)}, []any{"second_currency", "=", nil}},
}

type line struct {
	models.Model
	Debit                models.Numeric
	Credit               models.Numeric
	AmountSecondCurrency models.Numeric
	SecondCurrency       models.Many2One
	Party                models.Many2One
	MaturityDate         models.Date
	Description          models.Char
	State                models.Selection
	PaymentAmount        models.Numeric
	PaymentBlocked       models.Boolean
	PaymentDirectDebit   models.Boolean
	Payments             models.One2Many
}

// Line is account.move.line: a line of bookkeeping as far as a payment reads it. The table is Tryton's, with fewer columns.
var Line = models.Define(&line{
	Model:  models.Model{Name: "account.move.line", String: "Account Move Line"},
	Debit:  models.NewNumeric(models.Field{String: "Debit", Required: true, Readonly: true}),
	Credit: models.NewNumeric(models.Field{String: "Credit", Required: true, Readonly: true}),
	AmountSecondCurrency: models.NewNumeric(models.Field{String: "Amount Second Currency", Readonly: true,
		Help: "The amount expressed in a second currency."}),
	SecondCurrency: models.NewMany2One(models.Field{String: "Second Currency", Relation: "currency.currency", Readonly: true,
		Help: "The second currency."}),
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Readonly: true, Index: true}),
	MaturityDate: models.NewDate(models.Field{String: "Maturity Date", Readonly: true,
		Help: "The day until which the line is to be paid."}),
	Description: models.NewChar(models.Field{String: "Description", Readonly: true}),
	State: models.NewSelection(models.Field{String: "State", Required: true, Readonly: true,
		Selection: [][2]any{{"draft", "Draft"}, {"valid", "Valid"}}}),
	PaymentAmount:  models.NewNumeric(models.Field{String: "Payment Amount", Function: true, Readonly: true}),
	PaymentBlocked: models.NewBoolean(models.Field{String: "Blocked", Readonly: true}),
	PaymentDirectDebit: models.NewBoolean(models.Field{String: "Direct Debit", Readonly: true,
		Help: "Check if the line will be paid by direct debit."}),
	Payments: models.NewOne2Many(models.Field{String: "Payments", Relation: "account.payment", RelationField: "line", Readonly: true, NoCopy: true}),
})

// Setup binds what is left to pay.
func (x *line) Setup(c *models.Class) {
	c.DefaultValue(x.State, "draft")
	c.BindRecName(idText, searchByID)
	c.Getter(x.PaymentAmount, x.open)
}

// open is the amount of each line less its payments that did not fail.
func (x *line) open(tx *models.Tx, lines []*models.Record) map[int64]any {
	paid := map[int64]value.Decimal{}
	rows, err := tx.Query(sql.SQL(`SELECT "line", `+tx.Dialect().Sum(`"amount"`)+` FROM "account_payment"
		WHERE "line" IN (?) AND "state" <> ? GROUP BY "line"`, models.IDsOf(lines), Failed))
	models.Must(err)
	for _, row := range rows {
		id, _ := row[0].(int64)
		text, _ := row[1].(string)
		amount, err := value.Parse(text)
		models.Must(err)
		paid[id] = amount
	}
	result := make(map[int64]any, len(lines))
	for _, r := range lines {
		amount := x.Credit.Of(r).Sub(x.Debit.Of(r)).Abs()
		if x.SecondCurrency.ID(r) > 0 {
			amount = x.AmountSecondCurrency.Of(r).Abs()
		}
		result[r.ID()] = amount.Sub(paid[r.ID()])
	}
	return result
}
