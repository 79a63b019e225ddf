package paymentstripe

import (
	"paytond/models"
)

// States of a stored event.
const (
	eventNew     = "new"
	eventApplied = "applied" // it changed something, or said what was known
	eventIgnored = "ignored" // none of our business
	eventStale   = "stale"   // older than what is known
	eventParked  = "parked"  // about an object that is not known here (yet)
	eventError   = "error"
)

type event struct {
	models.Model
	StripeAccount models.Many2One
	EventID       models.Char
	Type          models.Char
	Created       models.DateTime
	ObjectID      models.Char
	State         models.Selection
	Message       models.Char
	Attempts      models.Integer
	Payment       models.Many2One
	Payload       models.Text
}

// Event is account.payment.stripe.event: what Stripe told us, each event once.
var Event = models.Define(&event{
	Model: models.Model{Name: "account.payment.stripe.event", String: "Stripe Event", RecName: "event_id", Order: models.Order("-created", "-id"),
		Uniques: []models.Unique{{Name: "event_unique", Columns: []string{"stripe_account", "event_id"},
			Message: "An event of Stripe is stored once."}}},
	StripeAccount: models.NewMany2One(models.Field{String: "Account", Relation: "account.payment.stripe.account", Required: true,
		Readonly: true, OnDelete: "CASCADE"}),
	EventID:  models.NewChar(models.Field{String: "Event ID", Required: true, Readonly: true}),
	Type:     models.NewChar(models.Field{String: "Type", Required: true, Readonly: true}),
	Created:  models.NewDateTime(models.Field{String: "Created", Required: true, Readonly: true}),
	ObjectID: models.NewChar(models.Field{String: "Object at Stripe", Readonly: true, Index: true}),
	State: models.NewSelection(models.Field{String: "State", Required: true, Readonly: true, Unsorted: true,
		Selection: [][2]any{{eventNew, "New"}, {eventApplied, "Applied"}, {eventIgnored, "Ignored"}, {eventStale, "Too Old"},
			{eventParked, "Unknown Object"}, {eventError, "Error"}}}),
	Message:  models.NewChar(models.Field{String: "Message", Readonly: true}),
	Attempts: models.NewInteger(models.Field{String: "Attempts", Readonly: true}),
	Payment: models.NewMany2One(models.Field{String: "Payment", Relation: "account.payment", Readonly: true, OnDelete: "SET NULL",
		Index: true}),
	Payload: models.NewText(models.Field{String: "Payload", Required: true, Readonly: true, Lazy: true,
		Help: "The event as Stripe sent it, without client secrets."}),
})
