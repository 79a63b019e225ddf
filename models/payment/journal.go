package payment

import (
	"paytond/models"
	"paytond/models/company"
	"paytond/models/domain"
)

type journal struct {
	models.Model
	Name          models.Char
	Active        models.Boolean
	Currency      models.Many2One
	Company       models.Many2One
	ProcessMethod models.Selection
}

// Journal is account.payment.journal: how the payments made through it are processed.
var Journal = models.Define(&journal{
	Model: models.Model{Name: "account.payment.journal", String: "Payment Journal", Order: models.Order("name", "id")},
	Name:  models.NewChar(models.Field{String: "Name", Required: true}),
	Active: models.NewBoolean(models.Field{String: "Active",
		Help: "Uncheck to exclude from future use."}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Required: true}),
	Company:  models.NewMany2One(models.Field{String: "Company", Relation: "company.company", Required: true, Index: true}),
	ProcessMethod: models.NewSelection(models.Field{String: "Process Method", Required: true,
		Selection: [][2]any{{"manual", "Manual"}}}),
})

// Setup gives a new journal the user's company and its currency, and keeps what payments were made with.
func (x *journal) Setup(c *models.Class) {
	c.Default(x.Company, companyOf)
	c.Default(x.Currency, func(tx *models.Tx) any {
		if id := tx.ContextID("company"); id > 0 {
			return idOrNil(company.Company.Currency.ID(company.Company.Get(tx, id)))
		}
		return nil
	})
	c.BeforeWrite(KeepOnceUsed(x.Currency, x.Company, x.ProcessMethod))
}

// KeepOnceUsed refuses to change the fields of journals that payments were made through: an amount would be one of another currency, what
// was paid by hand be paid by the process method once more, what is under way go to another account.
func KeepOnceUsed(fields ...models.Named) func(*models.Tx, []*models.Record, models.Values) error {
	return func(tx *models.Tx, journals []*models.Record, values models.Values) error {
		for _, r := range journals {
			if r.Changes(values, fields...) && Payment.Count(tx, domain.AllOf(Payment.Journal.Eq(r.ID()), Payment.State.Ne(Draft))) > 0 {
				return UsedError(r)
			}
		}
		return nil
	}
}

// UsedError says that a journal is to stay as it is.
func UsedError(journal *models.Record) error {
	return models.UserError("Payments were made through the journal \"%s\": make another journal instead of changing how this one pays.", journal.Name())
}

func companyOf(tx *models.Tx) any { return idOrNil(tx.ContextID("company")) }

func idOrNil(id int64) any {
	if id > 0 {
		return id
	}
	return nil
}
