package payment

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
)

type groupSequence struct {
	models.Model
	Company              models.Many2One
	PaymentGroupSequence models.Many2One
}

// GroupSequence is account.configuration.payment_group_sequence: the sequence that numbers a company's groups.
var GroupSequence = models.Define(&groupSequence{
	Model:   models.Model{Name: "account.configuration.payment_group_sequence", String: "Payment Group Sequence"},
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", OnDelete: "CASCADE", Index: true}),
	PaymentGroupSequence: models.NewMany2One(models.Field{String: "Payment Group Sequence", Relation: "ir.sequence",
		Required: true}),
})

// nextNumber is the next number of a group: of the company's own sequence, of that of all companies, or of the module's.
func nextNumber(tx *models.Tx, company any) (string, error) {
	x := GroupSequence
	rows := x.Search(tx, domain.AnyOf(x.Company.Eq(company), x.Company.Eq(nil)))
	var sequence int64
	for _, row := range rows {
		if sequence == 0 || x.Company.ID(row) > 0 {
			sequence = x.PaymentGroupSequence.ID(row)
		}
	}
	if sequence == 0 {
		sequence = tx.Ref("account_payment.sequence_account_payment_group")
	}
	return ir.NextNumber(tx, ir.Sequences.Get(tx, sequence))
}
