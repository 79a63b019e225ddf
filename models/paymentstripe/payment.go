package paymentstripe

import (
	"paytond/models"
	"paytond/models/payment"
	"paytond/models/pyson"
)

type paymentStripe struct {
	models.Extension
	StripeAccount                        models.Many2One
	StripeAmount                         models.Integer
	StripeChargeID                       models.Char
	StripeCapture                        models.Boolean
	StripeCaptured                       models.Boolean
	StripeCaptureNeeded                  models.Boolean
	StripeCapturable                     models.Boolean
	StripeToken                          models.Char
	StripeChargeable                     models.Boolean
	StripeCustomer                       models.Many2One
	StripeCustomerSource                 models.Char
	StripeCustomerSourceSelection        models.Selection
	StripeCustomerPaymentMethod          models.Char
	StripeCustomerPaymentMethodSelection models.Selection
	StripePaymentIntentID                models.Char
	StripeCheckoutID                     models.Char
	StripeCheckoutNeeded                 models.Boolean
	StripeIdempotencyKey                 models.Char
	StripeErrorMessage                   models.Char
	StripeErrorCode                      models.Char
	StripeErrorParam                     models.Char
	StripeDisputeReason                  models.Char
	StripeDisputeStatus                  models.Char
	StripeRefunds                        models.One2Many
	// What follows is ours.
	StripeCheckoutURL   models.Char
	StripeDisputeID     models.Char
	StripeDisputeAmount models.Numeric
	StripeDisputeDue    models.DateTime
	StripeDisputeTime   models.DateTime
	StripeDisputeLost   models.Numeric
	StripeStatus        models.Char
	StripeEventTime     models.DateTime
	StripeCancel        models.Boolean
	StripeForgotten     models.Char
	StripeAttempts      models.One2Many
	StripeLease         models.Char
	StripeOrigin        models.Char
	StripeLeaseUntil    models.Timestamp
	StripeNextAttempt   models.Timestamp
	StripeAttemptCount  models.Integer

	StripeMethodType    models.Char
	StripePaidWith      models.Char
	StripeMandate       models.Char
	StripeVerifyURL     models.Char
	StripeVerifyArrival models.DateTime
}

// PYSON of the payment form. Only what is shown for a Stripe journal reads process_method.
var (
	state        = pyson.Eval("state", "")
	notStripe    = pyson.NotEqual(pyson.Eval("process_method", ""), methodStripe)
	token        = pyson.Bool(pyson.Eval("stripe_token", ""))
	customerSet  = pyson.Bool(pyson.Eval("stripe_customer", ""))
	intentSet    = pyson.Bool(pyson.Eval("stripe_payment_intent_id", ""))
	chargeSet    = pyson.Bool(pyson.Eval("stripe_charge_id", ""))
	capturing    = pyson.Bool(pyson.Eval("stripe_capture_needed", ""))
	notDraft     = pyson.NotEqual(state, payment.Draft)
	notOpen      = pyson.Not(pyson.In(state, []any{payment.Draft, payment.Approved}))
	fixedAmount  = map[string]any{"readonly": pyson.And(notDraft, pyson.Not(capturing))}
	amountReads  = []string{"state", "currency_digits", "stripe_capture_needed"}
	sourceStates = map[string]any{
		"invisible": pyson.Or(notStripe, token, intentSet, pyson.Not(customerSet)),
		"readonly":  notOpen,
	}
	methodStates = map[string]any{
		"invisible": pyson.Or(notStripe, token, pyson.Not(customerSet)),
		"readonly":  pyson.Or(notOpen, intentSet),
	}
)

// shownWhenSet are the states of a read-only field that is shown only when it says something.
func shownWhenSet(name string) map[string]any {
	return map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval(name, "")))}
}

func readonlyText(label, name string) models.Char {
	f := models.Field{String: label, Readonly: true}
	if name != "" {
		f.States = shownWhenSet(name)
	}
	return models.NewChar(f)
}

// verifyURLField is where the customer of a record tells which deposits have arrived on his bank account.
func verifyURLField() models.Char {
	return models.NewChar(models.Field{String: "Verification of the Account", Readonly: true, States: shownWhenSet("stripe_verify_url"),
		Help: "The page of Stripe where the customer proves with the small deposits that have arrived that the bank account is his."})
}

// verifyArrivalField is when the deposits arrive.
func verifyArrivalField() models.DateTime {
	return models.NewDateTime(models.Field{String: "Deposits Arrive", Readonly: true, States: shownWhenSet("stripe_verify_arrival"),
		Help: "When the small deposits for the verification of the bank account are expected to be on it."})
}

// Payment is what the module adds to account.payment.
var Payment = models.Define(&paymentStripe{
	Extension: models.Extension{Name: "account.payment", Indexes: []models.Index{
		{Name: "stripe_checkout_id", Columns: []string{"stripe_checkout_id"}, Where: `"stripe_checkout_id" IS NOT NULL`},
		{Name: "stripe_payment_intent_id", Columns: []string{"stripe_payment_intent_id"}, Where: `"stripe_payment_intent_id" IS NOT NULL`},
		{Name: "stripe_charge_id", Columns: []string{"stripe_charge_id"}, Where: `"stripe_charge_id" IS NOT NULL`},
	}},
	StripeAccount: models.NewMany2One(models.Field{String: "Stripe Account", Relation: "account.payment.stripe.account",
		Function: true, Readonly: true}),
	StripeAmount: models.NewInteger(models.Field{String: "Stripe Amount", Function: true, Fixed: true, States: fixedAmount, Depends: amountReads}),
	StripeChargeID: models.NewChar(models.Field{String: "Stripe Charge ID", Readonly: true, Depends: []string{"process_method"},
		States: map[string]any{"invisible": pyson.Or(notStripe, pyson.Not(chargeSet))}}),
	StripeCapture: models.NewBoolean(models.Field{String: "Stripe Capture", Depends: []string{"process_method", "state"},
		Fixed: true, States: map[string]any{"invisible": notStripe, "readonly": notDraft}}),
	StripeCaptured:      models.NewBoolean(models.Field{String: "Stripe Captured", Readonly: true}),
	StripeCaptureNeeded: models.NewBoolean(models.Field{String: "Stripe Capture Needed", Function: true, Readonly: true}),
	StripeCapturable: models.NewBoolean(models.Field{String: "Stripe Capturable",
		Depends: []string{"process_method", "stripe_payment_intent_id", "stripe_capture_needed"},
		States:  map[string]any{"invisible": pyson.Or(notStripe, pyson.Not(intentSet), pyson.Not(capturing))}}),
	StripeToken: readonlyText("Stripe Token", "stripe_token"),
	StripeChargeable: models.NewBoolean(models.Field{String: "Stripe Chargeable",
		Depends: []string{"process_method", "stripe_token"},
		States:  map[string]any{"invisible": pyson.Or(notStripe, pyson.Not(token))}}),
	StripeCustomer: models.NewMany2One(models.Field{String: "Stripe Customer", Relation: "account.payment.stripe.customer",
		Domain: []any{
			[]any{"party", "=", pyson.Eval("party", -1)},
			[]any{"stripe_account", "=", pyson.Eval("stripe_account", -1)},
		},
		Depends: []string{"party", "stripe_account", "process_method", "stripe_customer_source", "stripe_token",
			"stripe_payment_intent_id", "state"},
		States: map[string]any{
			"invisible": notStripe,
			"required":  pyson.Bool(pyson.Eval("stripe_customer_source", "")),
			"readonly":  pyson.Or(notOpen, token, intentSet),
		}}),
	StripeCustomerSource: models.NewChar(models.Field{String: "Stripe Customer Source", States: sourceStates,
		Depends: []string{"process_method", "stripe_token", "stripe_payment_intent_id", "stripe_customer", "state"}}),
	StripeCustomerSourceSelection: models.NewSelection(models.Field{String: "Stripe Customer Source", Function: true,
		SelectionMethod:     "get_stripe_customer_sources",
		SelectionChangeWith: []string{"stripe_customer", "stripe_customer_source"}, States: sourceStates,
		Depends: []string{"process_method", "stripe_token", "stripe_customer", "stripe_payment_intent_id", "state"}}),
	StripeCustomerPaymentMethod: models.NewChar(models.Field{String: "Stripe Payment Method", States: methodStates,
		Depends: []string{"process_method", "stripe_token", "stripe_customer", "stripe_payment_intent_id", "state"}}),
	StripeCustomerPaymentMethodSelection: models.NewSelection(models.Field{String: "Stripe Customer Payment Method", Function: true,
		SelectionMethod:     "get_stripe_customer_payment_methods",
		SelectionChangeWith: []string{"stripe_customer", "stripe_customer_payment_method"}, States: methodStates,
		Depends: []string{"process_method", "stripe_token", "stripe_customer", "stripe_payment_intent_id", "state"}}),
	StripePaymentIntentID: readonlyText("Stripe Payment Intent", "stripe_payment_intent_id"),
	StripeCheckoutID:      readonlyText("Stripe Checkout ID", ""),
	StripeCheckoutNeeded:  models.NewBoolean(models.Field{String: "Stripe Checkout Needed", Function: true, Readonly: true}),
	StripeIdempotencyKey:  readonlyText("Stripe Idempotency Key", ""),
	StripeErrorMessage:    readonlyText("Stripe Error Message", "stripe_error_message"),
	StripeErrorCode:       readonlyText("Stripe Error Code", "stripe_error_code"),
	StripeErrorParam:      readonlyText("Stripe Error Param", "stripe_error_param"),
	StripeDisputeReason:   readonlyText("Stripe Dispute Reason", "stripe_dispute_reason"),
	StripeDisputeStatus:   readonlyText("Stripe Dispute Status", "stripe_dispute_status"),
	StripeRefunds: models.NewOne2Many(models.Field{String: "Refunds", Relation: "account.payment.stripe.refund", RelationField: "payment", NoCopy: true,
		Depends: []string{"process_method", "stripe_charge_id", "stripe_payment_intent_id"},
		States:  map[string]any{"invisible": pyson.Or(notStripe, pyson.And(pyson.Not(chargeSet), pyson.Not(intentSet)))}}),
	StripeCheckoutURL: models.NewChar(models.Field{String: "Stripe Checkout URL", Readonly: true, Function: true,
		Help: "The address of the page on which the customer pays, once there is one."}),
	StripeDisputeID: readonlyText("Stripe Dispute ID", "stripe_dispute_id"),
	StripeDisputeAmount: models.NewNumeric(models.Field{String: "Disputed Amount", Readonly: true, States: shownWhenSet("stripe_dispute_status"),
		Digits: [2]any{16, pyson.Eval("currency_digits", 2)}, Depends: []string{"currency_digits"},
		Help: "How much of the payment the customer objects to."}),
	StripeDisputeLost: models.NewNumeric(models.Field{String: "Lost by Disputes", Readonly: true, States: shownWhenSet("stripe_dispute_lost"),
		Digits: [2]any{16, pyson.Eval("currency_digits", 2)}, Depends: []string{"currency_digits"},
		Help: "What disputes have taken from the amount. Stripe's charge does not count it."}),
	StripeDisputeDue: models.NewDateTime(models.Field{String: "Answer Dispute Until", Readonly: true, States: shownWhenSet("stripe_dispute_due"),
		Help: "Until when Stripe takes evidence against the dispute, in its dashboard."}),
	StripeDisputeTime: models.NewDateTime(models.Field{String: "Last Event of the Dispute", Readonly: true,
		Help: "When the newest event happened that is known of the dispute."}),
	StripeStatus: models.NewChar(models.Field{String: "Status at Stripe", Readonly: true, States: shownWhenSet("stripe_status"),
		Help: "What Stripe last said of the payment intent or charge."}),
	StripeEventTime: models.NewDateTime(models.Field{String: "Last Event at Stripe", Readonly: true,
		Help: "When the newest event happened that the payment knows of."}),
	StripeCancel: models.NewBoolean(models.Field{String: "Cancel at Stripe", Readonly: true,
		Help: "The payment intent is to be canceled at Stripe."}),
	StripeForgotten: models.NewChar(models.Field{String: "Given Up at Stripe", Readonly: true,
		Help: "The payment intents and charges that the payment had before it began anew: what is told of them is not its business any more."}),
	StripeAttempts: models.NewOne2Many(models.Field{String: "Calls to Stripe", Relation: "account.payment.stripe.attempt",
		RelationField: "payment", Readonly: true, NoCopy: true, Depends: []string{"process_method"}, States: map[string]any{"invisible": notStripe}}),
	StripeMethodType: models.NewChar(models.Field{String: "Payment Method Type", Readonly: true, States: shownWhenSet("stripe_method_type"),
		Help: "What it is paid with, as Stripe calls it: card, us_bank_account, sepa_debit."}),
	StripePaidWith: models.NewChar(models.Field{String: "Paid With", Readonly: true, States: shownWhenSet("stripe_paid_with"),
		Help: "The card or account that is charged, by its last digits."}),
	StripeMandate: models.NewChar(models.Field{String: "Mandate", Readonly: true, States: shownWhenSet("stripe_mandate"),
		Help: "The customer's consent to the debit, by its id at Stripe."}),
	StripeVerifyURL:     verifyURLField(),
	StripeVerifyArrival: verifyArrivalField(),
	StripeLease:         leaseField(),
	StripeOrigin:        originField(),
	StripeLeaseUntil:    leaseUntilField(),
	StripeNextAttempt:   nextAttemptField(),
	StripeAttemptCount:  attemptCountField(),
})
