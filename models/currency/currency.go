package currency

import (
	"strings"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
)

// rateDigits are the digits of a rate: in all, and after the point.
var rateDigits = [2]any{12, 6}

type currency struct {
	models.Model
	Name        models.Char
	Symbol      models.Char
	Code        models.Char
	NumericCode models.Char
	Rate        models.Numeric
	Rates       models.One2Many
	Rounding    models.Numeric
	Digits      models.Integer
	Active      models.Boolean
}

// Currency is currency.currency.
var Currency = models.Define(&currency{
	Model: models.Model{Name: "currency.currency", String: "Currency", Order: models.Order("code", "id")},
	Name: models.NewChar(models.Field{String: "Name", Required: true, Translate: true,
		Help: "What the currency is called."}),
	Symbol: models.NewChar(models.Field{String: "Symbol", Required: true, Size: 10,
		Help: "The sign written beside amounts."}),
	Code: models.NewChar(models.Field{String: "Code", Required: true, Size: 3,
		Help: "The three letters of ISO 4217."}),
	NumericCode: models.NewChar(models.Field{String: "Numeric Code", Size: 3,
		Help: "The three digits of ISO 4217."}),
	Rate: models.NewNumeric(models.Field{String: "Current rate", Function: true, Readonly: true, Digits: rateDigits}),
	Rates: models.NewOne2Many(models.Field{String: "Rates", Relation: "currency.currency.rate", RelationField: "currency",
		Help: "What the currency was worth from which day on."}),
	Rounding: models.NewNumeric(models.Field{String: "Rounding factor", Required: true,
		Digits: [2]any{12, pyson.Eval("digits", 6)}, Depends: []string{"digits"},
		Help: "The smallest amount that there is in the currency."}),
	Digits: models.NewInteger(models.Field{String: "Digits", Required: true,
		Help: "How many digits are shown after the decimal point."}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to hide the currency from new choices."}),
})

// Setup binds the defaults, the current rate, and what clients ask about currencies.
func (x *currency) Setup(c *models.Class) {
	c.DefaultValue(x.Rounding, value.MustParse("0.01"))
	c.DefaultValue(x.Digits, int64(2))
	c.Getter(x.Rate, currentRates)
	c.OnChangeWith(x.Rate, rateOfForm, x.Rates)
	c.BindRecName(nil, searchName)
	c.Method(models.Method{Name: "get_symbol", ReadOnly: true, Records: 1, Cache: 24 * time.Hour, Do: getSymbol,
		Help: "get_symbol(id, sign) gives the symbol and 0 to write it before the amount, 1 after."})
	c.Method(models.Method{Name: "compute", ReadOnly: true, Do: computeAmount,
		Help: "compute(id, amount, id of another currency, round) gives the amount in the other currency."})
}

// searchName finds a currency by its name, its code and its number.
func searchName(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
	whole := clause.Value
	if text, ok := whole.(string); ok {
		whole = strings.Trim(text, "%") // a code is typed whole
	}
	nodes := []domain.Node{
		domain.C("name", clause.Op, clause.Value),
		domain.C("code", clause.Op, whole),
		domain.C("numeric_code", clause.Op, whole),
	}
	if clause.Op.Negative() {
		return domain.AllOf(nodes...), nil
	}
	return domain.AnyOf(nodes...), nil
}

// Date is the day that the transaction is about: "date" of its context, else today.
func Date(tx *models.Tx) value.Date {
	if day, ok := tx.Context("date").(value.Date); ok {
		return day
	}
	return today(tx)
}

// today is what ir.date answers, which modules above know better than this one.
func today(tx *models.Tx) value.Date {
	day, err := tx.Class("ir.date").Lookup("today").Do(tx, models.NewArgs())
	models.Must(err)
	return day.(value.Date)
}

// currentRates are the rates on the transaction's day; 0 where there is none yet.
func currentRates(tx *models.Tx, records []*models.Record) map[int64]any {
	ids := models.IDsOf(records)
	rates := make(map[int64]any, len(ids))
	for _, id := range ids {
		rates[id] = value.FromInt(0)
	}
	where := domain.AllOf(domain.C("currency", domain.In, ids), Rate.Date.Le(Date(tx)))
	for _, r := range Rate.Search(tx, where, models.OrderBy("date")) { // a later one overwrites
		rates[Rate.Currency.ID(r)] = Rate.Rate.Of(r)
	}
	return rates
}

// rateOfForm is the current rate among the lines that a form holds.
func rateOfForm(r *models.Record) any {
	day, rate := value.Date{}, value.FromInt(0)
	for _, line := range Currency.Rates.Of(r) {
		d := Rate.Date.Of(line)
		if !d.IsZero() && !d.After(Date(r.Tx())) && d.After(day) && !Rate.Rate.IsNull(line) {
			day, rate = d, Rate.Rate.Of(line)
		}
	}
	return rate
}

func getSymbol(tx *models.Tx, a *models.Args) (any, error) {
	ids, sign := a.IDs(0), a.Int(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if len(ids) != 1 {
		return nil, models.BadRequest("get_symbol is asked for one currency")
	}
	r := Currency.Get(tx.Unchecked(), ids[0])
	symbol := Currency.Symbol.Of(r)
	if symbol == "" {
		symbol = Currency.Code.Of(r)
	}
	position := int64(1)
	if symbolFirst(tx.Unchecked(), sign) {
		position = 0
	}
	return []any{symbol, position}, nil
}

// symbolFirst reports whether the language of the transaction writes the symbol before the amount.
func symbolFirst(tx *models.Tx, sign int64) bool {
	code, _ := tx.Context("language").(string)
	if code == "" {
		code = "en"
	}
	list := tx.Class("ir.lang").SearchRecords(tx, domain.C("code", domain.Equal, code), models.Limit(1))
	if len(list) == 0 {
		return false
	}
	field := "p_cs_precedes"
	if sign < 0 {
		field = "n_cs_precedes"
	}
	first, _ := list[0].Get(field).(bool)
	return first
}

func computeAmount(tx *models.Tx, a *models.Args) (any, error) {
	from, to, round := a.Int(0), a.Int(2), a.Bool(3, true)
	amount, ok := a.Any(1).(value.Decimal)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if !ok {
		return nil, models.BadRequest("argument 2 must be a decimal")
	}
	tx = tx.Unchecked()
	return Compute(tx, Currency.Get(tx, from), amount, Currency.Get(tx, to), round)
}

type rate struct {
	models.Model
	Date     models.Date
	Rate     models.Numeric
	Currency models.Many2One
}

// Rate is currency.currency.rate: what a currency is worth from a day on.
var Rate = models.Define(&rate{
	Model: models.Model{Name: "currency.currency.rate", String: "Currency Rate", RecName: "date",
		Order: models.Order("-date", "id"),
		Checks: []models.Check{{Name: "check_currency_rate", SQL: "rate >= 0",
			Message: "A currency rate must not be negative."}},
		Uniques: []models.Unique{{Name: "date_currency_uniq", Columns: []string{"date", "currency"},
			Message: "A currency can have only one rate for a day."}}},
	Date: models.NewDate(models.Field{String: "Date", Required: true, Index: true,
		Help: "From which day on the rate holds."}),
	Rate: models.NewNumeric(models.Field{String: "Rate", Required: true, Digits: rateDigits,
		Help: "How much of the currency one unit of the base currency is worth."}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", OnDelete: "CASCADE",
		Help: "The currency that has the rate."}),
})

// Setup binds the default date, and the date as the name of a rate.
func (x *rate) Setup(c *models.Class) {
	c.Default(x.Date, func(tx *models.Tx) any { return today(tx) })
	c.BindRecName(func(r *models.Record) string { return x.Date.Of(r).String() },
		func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) { return searchDay(clause), nil })
}

// searchDay finds rates by a day typed whole; another text fits none.
func searchDay(clause *domain.Clause) domain.Node {
	text, ok := clause.Value.(string)
	if !ok {
		return domain.C("date", clause.Op, clause.Value)
	}
	day, err := value.ParseDate(strings.Trim(text, "%"))
	if err != nil {
		return domain.AnyOf()
	}
	if clause.Op.Negative() {
		return domain.C("date", domain.NotEqual, day)
	}
	return domain.C("date", domain.Equal, day)
}
