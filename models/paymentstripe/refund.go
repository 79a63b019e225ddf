package paymentstripe

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/pyson"
	"paytond/models/value"
)

type refund struct {
	models.Model
	Payment              models.Many2One
	Amount               models.Numeric
	StripeAmount         models.Integer
	Reason               models.Selection
	State                models.Selection
	StripeIdempotencyKey models.Char
	StripeRefundID       models.Char
	StripeErrorMessage   models.Char
	StripeErrorCode      models.Char
	StripeErrorParam     models.Char
	CurrencyDigits       models.Integer
	// What follows is ours.
	StripeAttempts     models.One2Many
	StripeLease        models.Char
	StripeOrigin       models.Char
	StripeLeaseUntil   models.Timestamp
	StripeNextAttempt  models.Timestamp
	StripeAttemptCount models.Integer
}

var onceDraft = map[string]any{"readonly": notDraft}

// Refund is account.payment.stripe.refund: money of a payment that is given back.
var Refund = models.Define(&refund{
	Model: models.Model{Name: "account.payment.stripe.refund", String: "Stripe Payment Refund",
		Indexes: []models.Index{{Name: "stripe_refund_id", Columns: []string{"stripe_refund_id"}, Where: `"stripe_refund_id" <> ''`, Unique: true}}},
	Payment: models.NewMany2One(models.Field{String: "Payment", Relation: "account.payment", RelationField: "stripe_refunds",
		Required: true, Index: true, Fixed: true, States: onceDraft, Depends: []string{"state"},
		Domain: []any{
			[]any{"process_method", "=", methodStripe},
			[]any{"OR", []any{"stripe_charge_id", "!=", nil}, []any{"stripe_payment_intent_id", "!=", nil}},
		}}),
	Amount: models.NewNumeric(models.Field{String: "Amount", Required: true, Fixed: true, States: onceDraft,
		Digits: [2]any{16, pyson.Eval("currency_digits", 2)}, Depends: []string{"currency_digits", "state"}}),
	StripeAmount: models.NewInteger(models.Field{String: "Stripe Amount", Function: true, Readonly: true}),
	Reason: models.NewSelection(models.Field{String: "Reason", Fixed: true, States: onceDraft, Depends: []string{"state"},
		Selection: [][2]any{{nil, ""}, {"duplicate", "Duplicate"}, {"fraudulent", "Fraudulent"},
			{"requested_by_customer", "Requested by Customer"}}}),
	State: models.NewSelection(models.Field{String: "State", Readonly: true, Index: true,
		Selection: [][2]any{{payment.Draft, "Draft"}, {payment.Approved, "Approved"}, {payment.Processing, "Processing"},
			{payment.Succeeded, "Succeeded"}, {payment.Failed, "Failed"}}}),
	StripeIdempotencyKey: readonlyText("Stripe Idempotency Key", ""),
	StripeRefundID:       readonlyText("Stripe Refund ID", ""),
	StripeErrorMessage:   readonlyText("Stripe Error Message", "stripe_error_message"),
	StripeErrorCode:      readonlyText("Stripe Error Code", "stripe_error_code"),
	StripeErrorParam:     readonlyText("Stripe Error Param", "stripe_error_param"),
	CurrencyDigits:       models.NewInteger(models.Field{String: "Currency Digits", Function: true, Readonly: true}),
	StripeAttempts: models.NewOne2Many(models.Field{String: "Calls to Stripe", Relation: "account.payment.stripe.attempt",
		RelationField: "refund", Readonly: true, NoCopy: true}),
	StripeLease:        leaseField(),
	StripeOrigin:       originField(),
	StripeLeaseUntil:   leaseUntilField(),
	StripeNextAttempt:  nextAttemptField(),
	StripeAttemptCount: attemptCountField(),
})

// Setup binds the workflow. An approved refund is given back by the engine.
func (x *refund) Setup(c *models.Class) {
	c.DefaultValue(x.State, payment.Draft)
	c.Default(x.StripeIdempotencyKey, func(*models.Tx) any { return newToken() })
	c.OnChangeWith(x.CurrencyDigits, func(r *models.Record) any {
		if p := x.Payment.Of(r); p != nil {
			return payment.Payment.CurrencyDigits.Of(p)
		}
		return nil
	}, x.Payment, models.Path("_parent_payment.currency_digits"))
	c.Compute(x.StripeAmount, func(r *models.Record) any {
		if n, err := minorAmount(x.Payment.Of(r), x.Amount.Of(r)); err == nil {
			return n
		}
		return nil
	})
	for _, t := range [][2]string{{payment.Draft, payment.Approved}, {payment.Approved, payment.Draft}, {payment.Approved, payment.Processing},
		{payment.Processing, payment.Succeeded}, {payment.Processing, payment.Failed}, {payment.Succeeded, payment.Failed}} {
		c.Transition(t[0], t[1])
	}
	button := func(name, icon, from string, do func(*models.Tx, []*models.Record) error) {
		c.Button(models.Button{Name: name, Depends: []string{"state"},
			States: map[string]any{"invisible": pyson.NotEqual(state, from), "icon": icon}},
			func(tx *models.Tx, refunds []*models.Record) (any, error) { return nil, do(tx.Unchecked(), refunds) })
	}
	button("draft", "tryton-back", payment.Approved, x.Redraft)
	button("approve", "tryton-forward", payment.Draft, x.Approve)
	c.Validate(x.checkAmount)
	c.BeforeDelete(x.keepUnlessDraft)
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		for _, f := range []models.Named{x.StripeRefundID, x.StripeErrorMessage, x.StripeErrorCode, x.StripeErrorParam} {
			delete(values, f.FieldName())
		}
		values["state"], values["stripe_idempotency_key"] = payment.Draft, newToken()
		forgetQueue(values)
	})
}

// Redraft takes approved refunds back to draft.
func (x *refund) Redraft(tx *models.Tx, refunds []*models.Record) error {
	moved, err := x.In(tx).Move(tx, refunds, payment.Draft)
	if err != nil {
		return err
	}
	return schedule(tx, moved, noTime)
}

// Approve lets draft refunds be given back.
func (x *refund) Approve(tx *models.Tx, refunds []*models.Record) error {
	moved, err := x.In(tx).Move(tx, refunds, payment.Approved)
	if err != nil {
		return err
	}
	return due(tx, moved)
}

// checkAmount refuses to ask for nothing to be given back, or for more than there is left of the payment. What Stripe has made, here or
// at its dashboard, is a fact; and of a refund that was approved before all went away Stripe is the judge, whose refusal fails it.
func (x *refund) checkAmount(tx *models.Tx, refunds []*models.Record) error {
	for _, r := range refunds {
		p := x.Payment.Of(r)
		switch {
		case x.State.Of(r) == payment.Failed || x.State.Of(r) == payment.Succeeded || x.StripeRefundID.Of(r) != "":
		case x.State.Of(r) == payment.Processing && refundable(p).Sign() <= 0:
		case x.Amount.Of(r).Sign() <= 0:
			return models.UserError("The amount of refund \"%s\" must be more than nothing.", r.Name())
		case x.open(tx, p).Cmp(refundable(p)) > 0:
			return models.UserError("The refunds of payment \"%s\" are more than its amount.", p.Name())
		}
	}
	return nil
}

// refundable is what was captured of a payment and is not gone: its amount, which settle lowers, unless all of it went back. A payment that
// has failed keeps the amount that it had.
func refundable(p *models.Record) value.Decimal {
	if !Payment.StripeCaptured.Of(p) || payment.Payment.State.Of(p) == payment.Failed {
		return value.Decimal{}
	}
	return payment.Payment.Amount.Of(p)
}

// open is the sum of the refunds of a payment that are not over and that Stripe has not made: those that it has, also those that their bank
// takes its time for, have lowered the payment's amount.
func (x *refund) open(tx *models.Tx, p *models.Record) value.Decimal {
	var sum value.Decimal
	for _, r := range x.Search(tx, domain.AllOf(x.Payment.Eq(p.ID()), x.State.NotIn(payment.Failed, payment.Succeeded),
		domain.AnyOf(x.StripeRefundID.Eq(nil), x.StripeRefundID.Eq("")))) {
		sum = sum.Add(x.Amount.Of(r))
	}
	return sum
}

func (x *refund) keepUnlessDraft(_ *models.Tx, refunds []*models.Record) error {
	for _, r := range refunds {
		if x.State.Of(r) != payment.Draft {
			return models.UserError("To delete refund \"%s\" you must reset it to draft state.", r.Name())
		}
	}
	return nil
}
