package paymentstripe

import (
	"paytond/models"
	"paytond/models/currency"
	"paytond/models/payment"
	"paytond/models/pyson"
)

// methodStripe is the process method of journals that pay through Stripe.
const methodStripe = "stripe"

type journalStripe struct {
	models.Extension
	StripeAccount             models.Many2One
	StripePaymentMethods      models.MultiSelection
	StripeStatementDescriptor models.Char
}

// stripeOnly are the states of what only a journal of Stripe's has.
var stripeOnly = map[string]any{"invisible": pyson.NotEqual(pyson.Eval("process_method", ""), methodStripe)}

// Journal is what the module adds to account.payment.journal.
var Journal = models.Define(&journalStripe{
	Extension: models.Extension{Name: "account.payment.journal"},
	StripeAccount: models.NewMany2One(models.Field{String: "Account", Relation: "account.payment.stripe.account",
		OnDelete: "RESTRICT", Depends: []string{"process_method"},
		States: map[string]any{
			"required":  pyson.Equal(pyson.Eval("process_method", ""), methodStripe),
			"invisible": pyson.NotEqual(pyson.Eval("process_method", ""), methodStripe),
		}}),
	StripePaymentMethods: models.NewMultiSelection(models.Field{String: "Payment Methods", Unsorted: true, Selection: methodTypes,
		States: stripeOnly, Depends: []string{"process_method"},
		Help: "What customers can pay with on checkout pages; those of the account when nothing is chosen."}),
	StripeStatementDescriptor: journalStatement(),
})

func journalStatement() models.Char {
	f := statementField("Statement Descriptor")
	f.States, f.Depends = stripeOnly, []string{"process_method"}
	return f
}

// Setup adds the process method, and keeps the account that payments were made with.
func (x *journalStripe) Setup(c *models.Class) {
	payment.AddMethod(c, payment.Method{Name: methodStripe, String: "Stripe", Process: processGroup})
	c.Validate(checkMethods(x.StripePaymentMethods, x.StripeStatementDescriptor))
	c.Validate(x.checkOffered)
	c.BeforeWrite(payment.KeepOnceUsed(x.StripeAccount))
	c.BeforeWrite(x.keepWhileOpen)
}

func journalCurrency(r *models.Record) string {
	return currency.Currency.Code.Of(payment.Journal.Currency.Of(r))
}
