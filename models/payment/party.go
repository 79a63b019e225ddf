package payment

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type directDebit struct {
	models.Model
	Party              models.Many2One
	Company            models.Many2One
	PaymentDirectDebit models.Boolean
}

// DirectDebit is party.party.payment_direct_debit: whether a party debits what it is owed by itself, by company.
var DirectDebit = models.Define(&directDebit{
	Model: models.Model{Name: "party.party.payment_direct_debit", String: "Party Payment Direct Debit", Internal: true},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", RelationField: "payment_direct_debits",
		OnDelete: "CASCADE", Index: true, Context: map[string]any{"company": pyson.Eval("company", -1)}, Depends: []string{"company"}}),
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", OnDelete: "CASCADE", Index: true}),
	PaymentDirectDebit: models.NewBoolean(models.Field{String: "Direct Debit", Lazy: true,
		Help: "Check if supplier does direct debit."}),
})

type partyPayment struct {
	models.Extension
	PaymentDirectDebit  models.Boolean
	PaymentDirectDebits models.One2Many
}

// Party is what the module adds to party.party.
var Party = models.Define(&partyPayment{
	Extension: models.Extension{Name: "party.party"},
	PaymentDirectDebit: models.NewBoolean(models.Field{String: "Direct Debit", Function: true,
		Help: "Check if supplier does direct debit."}),
	PaymentDirectDebits: models.NewOne2Many(models.Field{String: "Direct Debits",
		Relation: "party.party.payment_direct_debit", RelationField: "party"}),
})

// Setup binds payment_direct_debit to the row of the context's company.
func (x *partyPayment) Setup(c *models.Class) {
	c.Getter(x.PaymentDirectDebit, func(tx *models.Tx, parties []*models.Record) map[int64]any {
		result := make(map[int64]any, len(parties))
		for _, r := range parties {
			result[r.ID()] = false
		}
		for _, row := range debitRows(tx, parties) {
			result[DirectDebit.Party.ID(row)] = DirectDebit.PaymentDirectDebit.Of(row)
		}
		return result
	})
	c.Setter(x.PaymentDirectDebit, func(tx *models.Tx, parties []*models.Record, v any) error {
		yes, _ := v.(bool)
		tx = tx.Unchecked()
		known := map[int64]bool{}
		rows := debitRows(tx, parties)
		for _, row := range rows {
			known[DirectDebit.Party.ID(row)] = true
		}
		if len(rows) > 0 {
			if err := DirectDebit.Write(tx, rows, DirectDebit.PaymentDirectDebit.To(yes)); err != nil {
				return err
			}
		}
		for _, r := range parties {
			if known[r.ID()] || !yes {
				continue
			}
			if _, err := DirectDebit.Create(tx, DirectDebit.Party.To(r.ID()), DirectDebit.Company.To(companyOf(tx)),
				DirectDebit.PaymentDirectDebit.To(true)); err != nil {
				return err
			}
		}
		return nil
	})
}

// debitRows are the parties' rows for the context's company.
func debitRows(tx *models.Tx, parties []*models.Record) []*models.Record {
	ids := make([]any, len(parties))
	for i, r := range parties {
		ids[i] = r.ID()
	}
	return DirectDebit.Search(tx.Unchecked(), domain.AllOf(DirectDebit.Party.In(ids...), DirectDebit.Company.Eq(companyOf(tx))))
}
