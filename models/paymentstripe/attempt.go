package paymentstripe

import (
	"paytond/models"
)

// Outcomes of an attempt.
const (
	begun    = "begun" // committed before the call; stays so when the process dies in the call
	done     = "done"
	declined = "declined"
	unknown  = "unknown"
	unsent   = "unsent"   // the call turned out not to be needed
	resolved = "resolved" // unknown once; Stripe was asked since what became of it
)

type attempt struct {
	models.Model
	Payment        models.Many2One
	Refund         models.Many2One
	Customer       models.Many2One
	StripeAccount  models.Many2One
	Operation      models.Char
	IdempotencyKey models.Char
	Started        models.Timestamp
	Duration       models.TimeDelta
	Outcome        models.Selection
	HTTPStatus     models.Integer
	RequestID      models.Char
	Origin         models.Char
	ObjectID       models.Char
	ErrorCode      models.Char
	ErrorMessage   models.Char
	Replayed       models.Boolean
	Repeatable     models.Boolean
	Untouched      models.Boolean
}

// Attempt is account.payment.stripe.attempt: one call to Stripe's API. The row of a call that changes something there is committed
// before the call is made.
var Attempt = models.Define(&attempt{
	Model:    models.Model{Name: "account.payment.stripe.attempt", String: "Call to Stripe", RecName: "operation", Order: models.Order("-started", "-id")},
	Payment:  attemptOf("Payment", "account.payment"),
	Refund:   attemptOf("Refund", "account.payment.stripe.refund"),
	Customer: attemptOf("Customer", "account.payment.stripe.customer"),
	StripeAccount: models.NewMany2One(models.Field{String: "Account", Relation: "account.payment.stripe.account", Readonly: true,
		OnDelete: "CASCADE"}),
	Operation:      models.NewChar(models.Field{String: "Operation", Required: true, Readonly: true}),
	IdempotencyKey: models.NewChar(models.Field{String: "Idempotency Key", Readonly: true, Index: true}),
	Started:        models.NewTimestamp(models.Field{String: "Started", Required: true, Readonly: true}),
	Duration:       models.NewTimeDelta(models.Field{String: "Duration", Readonly: true}),
	Outcome: models.NewSelection(models.Field{String: "Outcome", Required: true, Readonly: true, Unsorted: true,
		Selection: [][2]any{{begun, "Begun"}, {done, "Done"}, {declined, "Declined"}, {unknown, "Unknown"}, {unsent, "Not Needed"},
			{resolved, "Looked Up"}}}),
	HTTPStatus:   models.NewInteger(models.Field{String: "HTTP Status", Readonly: true}),
	RequestID:    models.NewChar(models.Field{String: "Request at Stripe", Readonly: true}),
	Origin:       models.NewChar(models.Field{String: "Request", Readonly: true, Help: "The id of the request that asked for it, as it is in the server's log and in the object's metadata at Stripe."}),
	ObjectID:     models.NewChar(models.Field{String: "Object at Stripe", Readonly: true}),
	ErrorCode:    models.NewChar(models.Field{String: "Error Code", Readonly: true}),
	ErrorMessage: models.NewChar(models.Field{String: "Error Message", Readonly: true}),
	Replayed: models.NewBoolean(models.Field{String: "Replayed", Readonly: true,
		Help: "Stripe gave the stored answer to an earlier call with the same key."}),
	Repeatable: models.NewBoolean(models.Field{String: "Repeatable", Readonly: true,
		Help: "The call may be made again with the same key."}),
	Untouched: models.NewBoolean(models.Field{String: "Untouched", Readonly: true,
		Help: "Stripe surely did nothing."}),
})

func attemptOf(label, model string) models.Many2One {
	return models.NewMany2One(models.Field{String: label, Relation: model, RelationField: "stripe_attempts", Readonly: true,
		OnDelete: "CASCADE", Index: true})
}
