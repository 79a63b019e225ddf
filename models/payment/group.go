package payment

import (
	"paytond/models"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/value"
	"paytond/sql"
)

type group struct {
	models.Model
	Number                 models.Char
	Company                models.Many2One
	Journal                models.Many2One
	Kind                   models.Selection
	Payments               models.One2Many
	CurrencyDigits         models.Integer
	PaymentAmount          models.Numeric
	PaymentAmountSucceeded models.Numeric
	PaymentComplete        models.Boolean
	PaymentCount           models.Integer
}

// Group is account.payment.group: payments that were processed together.
var Group = models.Define(&group{
	Model:  models.Model{Name: "account.payment.group", String: "Payment Group", RecName: "number"},
	Number: models.NewChar(models.Field{String: "Number", Required: true, Readonly: true}),
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", Required: true, Readonly: true,
		Index: true}),
	Journal: models.NewMany2One(models.Field{String: "Journal", Relation: "account.payment.journal", Required: true,
		Readonly: true, Domain: ofCompany, Depends: []string{"company"}}),
	Kind: models.NewSelection(models.Field{String: "Kind", Required: true, Readonly: true, Selection: kinds}),
	Payments: models.NewOne2Many(models.Field{String: "Payments", Relation: "account.payment", RelationField: "group",
		Readonly: true, NoCopy: true, Domain: ofCompany, Depends: []string{"company"}}),
	CurrencyDigits: models.NewInteger(models.Field{String: "Currency Digits", Function: true, Readonly: true}),
	PaymentAmount: models.NewNumeric(models.Field{String: "Payment Total Amount", Help: "The sum of all payment amounts.",
		Function: true, Readonly: true, Digits: digits, Depends: []string{"currency_digits"}}),
	PaymentAmountSucceeded: models.NewNumeric(models.Field{String: "Payment Succeeded",
		Help:     "The sum of the amounts of the successful payments.",
		Function: true, Readonly: true, Digits: digits, Depends: []string{"currency_digits"}}),
	PaymentComplete: models.NewBoolean(models.Field{String: "Payment Complete",
		Help: "All the payments in the group are complete.", Function: true, Readonly: true}),
	PaymentCount: models.NewInteger(models.Field{String: "Payment Count", Help: "The number of payments in the group.",
		Function: true, Readonly: true}),
})

// Setup binds the number of new groups and the sums over their payments.
func (x *group) Setup(c *models.Class) {
	c.Default(x.Company, companyOf)
	c.OnChangeWith(x.CurrencyDigits, func(r *models.Record) any {
		if journal := x.Journal.Of(r); journal != nil {
			return currency.Currency.Digits.Of(Journal.Currency.Of(journal))
		}
		return nil
	}, x.Journal)
	c.Getter(x.PaymentAmount, totals(func(t total) any { return decimalOrNil(t.amount) }))
	c.Getter(x.PaymentAmountSucceeded, totals(func(t total) any { return decimalOrNil(t.succeeded) }))
	c.Getter(x.PaymentCount, totals(func(t total) any { return t.count }))
	c.Getter(x.PaymentComplete, totals(func(t total) any { return t.open == 0 }))
	c.Searcher(x.PaymentComplete, searchComplete)
	c.BeforeCreate(func(tx *models.Tx, list []models.Values) error {
		for _, values := range list {
			if number, _ := values["number"].(string); number == "" {
				n, err := nextNumber(tx, values["company"])
				if err != nil {
					return err
				}
				values["number"] = n
			}
		}
		return nil
	})
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		delete(values, "number")
	})
}

// total is what the payments of a group come to; a nil amount is that of no payment.
type total struct {
	amount, succeeded *value.Decimal
	count, open       int64
}

// totals makes a getter of one part of the totals. All parts come from one statement, added up here exactly.
func totals(part func(total) any) func(*models.Tx, []*models.Record) map[int64]any {
	return func(tx *models.Tx, groups []*models.Record) map[int64]any {
		result := make(map[int64]any, len(groups))
		for id, t := range sumUp(tx, models.IDsOf(groups)) {
			result[id] = part(t)
		}
		return result
	}
}

func sumUp(tx *models.Tx, groups []int64) map[int64]total {
	sums := make(map[int64]total, len(groups))
	for _, id := range groups {
		sums[id] = total{}
	}
	rows, err := tx.Query(sql.SQL(`SELECT "group", "state", `+tx.Dialect().Sum(`"amount"`)+`, COUNT(*)
		FROM "account_payment" WHERE "group" IN (?) GROUP BY "group", "state"`, groups))
	models.Must(err)
	for _, row := range rows {
		id, _ := row[0].(int64)
		state, _ := row[1].(string)
		text, _ := row[2].(string)
		count, _ := row[3].(int64)
		amount, err := value.Parse(text)
		models.Must(err)
		t := sums[id]
		t.count += count
		t.amount = plus(t.amount, amount)
		switch state {
		case Succeeded:
			t.succeeded = plus(t.succeeded, amount)
		case Failed:
		default:
			t.open += count
		}
		sums[id] = t
	}
	return sums
}

func plus(sum *value.Decimal, more value.Decimal) *value.Decimal {
	if sum != nil {
		more = sum.Add(more)
	}
	return &more
}

func decimalOrNil(d *value.Decimal) any {
	if d == nil {
		return nil
	}
	return *d
}

// searchComplete finds the groups without a payment that is still open, or those with one.
func searchComplete(tx *models.Tx, clause *domain.Clause) (domain.Node, error) {
	wanted := false
	for _, v := range listed(clause.Value) {
		yes, _ := v.(bool)
		wanted = wanted || yes
	}
	if clause.Op.Negative() {
		wanted = !wanted
	}
	rows, err := tx.Query(sql.SQL(`SELECT DISTINCT "group" FROM "account_payment"
		WHERE "group" IS NOT NULL AND "state" NOT IN (?)`, []string{Succeeded, Failed}))
	if err != nil {
		return nil, err
	}
	open := make([]any, len(rows))
	for i, row := range rows {
		open[i] = row[0]
	}
	if wanted {
		return domain.C("id", domain.NotIn, open), nil
	}
	return domain.C("id", domain.In, open), nil
}
