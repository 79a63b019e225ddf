package paymentstripe

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"paytond/models"
	"paytond/models/pyson"
)

type account struct {
	models.Model
	Name                 models.Char
	SecretKey            models.Char
	PublishableKey       models.Char
	WebhookIdentifier    models.Char
	WebhookEndpoint      models.Char
	WebhookSigningSecret models.Char
	LastEvent            models.Char
	// What follows is ours.
	SetupIntentDelay          models.TimeDelta
	StripeEmailTemplate       models.Many2One
	StripePaymentMethods      models.MultiSelection
	StripeStatementDescriptor models.Char
	WebhookPreviousSecret     models.Char
	WebhookUnsigned           models.Boolean
	WebhookRotating           models.Boolean
	WebhookEndpointID         models.Char
	WebhookPreviousEndpoint   models.Char
	WebhookURL                models.Char
	WebhookDoomed             models.Char
	StripeTest                models.Boolean
	StripeCheck               models.Char
	StripeTested              models.DateTime
	StripeLivemode            models.Boolean
	StripeErrorMessage        models.Char
	StripeLease               models.Char
	StripeOrigin              models.Char
	StripeLeaseUntil          models.Timestamp
	StripeNextAttempt         models.Timestamp
	StripeAttemptCount        models.Integer
}

// Account is account.payment.stripe.account: the keys of an account at Stripe, and how Stripe tells us what happens there.
var Account = models.Define(&account{
	Model: models.Model{Name: "account.payment.stripe.account", String: "Stripe Account",
		Uniques: []models.Unique{{Name: "webhook_identifier_unique", Columns: []string{"webhook_identifier"},
			Message: "The webhook identifier must be unique."}}},
	Name: models.NewChar(models.Field{String: "Name", Required: true}),
	SecretKey: models.NewChar(models.Field{String: "Secret Key", Required: true,
		Help: "The secret or restricted key of Stripe's dashboard, or where the server finds it: env:NAME for a variable of its environment, file:/path for a file."}),
	PublishableKey:    models.NewChar(models.Field{String: "Publishable Key", Required: true}),
	WebhookIdentifier: models.NewChar(models.Field{String: "Webhook Identifier", Readonly: true}),
	WebhookEndpoint: models.NewChar(models.Field{String: "Webhook Endpoint", Help: "The URL to be called by Stripe.",
		Function: true, Readonly: true}),
	WebhookSigningSecret: models.NewChar(models.Field{String: "Webhook Signing Secret",
		Help:    "The secret with which Stripe signs what it sends to the webhook.",
		States:  map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("webhook_identifier", "")))},
		Depends: []string{"webhook_identifier"}}),
	LastEvent: models.NewChar(models.Field{String: "Last Event", Readonly: true}),
	SetupIntentDelay: models.NewTimeDelta(models.Field{String: "SetupIntent Delay", Required: true,
		Help: "How long a customer may take to add a card or account; then what is not finished is canceled at Stripe."}),
	StripeEmailTemplate: models.NewMany2One(models.Field{String: "E-mail for Authentication", Relation: "ir.email.template", OnDelete: "SET NULL",
		Domain: []any{[]any{"model.model", "=", "account.payment"}},
		Help:   "What is written to a customer whose bank asks for his authentication; a text of the server's own when nothing is chosen."}),
	StripePaymentMethods: models.NewMultiSelection(models.Field{String: "Payment Methods", Unsorted: true, Selection: methodTypes,
		Help: "What customers can pay with on checkout pages; cards when nothing is chosen. Each must be enabled in Stripe's dashboard."}),
	StripeStatementDescriptor: statementField("Statement Descriptor"),
	WebhookPreviousSecret: models.NewChar(models.Field{String: "Previous Signing Secret", States: shownWhenSet("webhook_previous_secret"),
		Help: "A second secret with which Stripe may sign, until it is retired."}),
	WebhookUnsigned: models.NewBoolean(models.Field{String: "Webhook Unsigned", Function: true, Readonly: true,
		Help: "Stripe is asked for each event that comes, as nothing proves where it comes from."}),
	WebhookRotating: models.NewBoolean(models.Field{String: "Webhook Rotating", Function: true, Readonly: true,
		Help: "Two signing secrets are in use."}),
	WebhookEndpointID: models.NewChar(models.Field{String: "Endpoint at Stripe", Readonly: true, States: shownWhenSet("webhook_endpoint_id")}),
	WebhookPreviousEndpoint: models.NewChar(models.Field{String: "Previous Endpoint at Stripe", Readonly: true,
		States: shownWhenSet("webhook_previous_endpoint")}),
	WebhookURL: models.NewChar(models.Field{String: "Endpoint to Create", Readonly: true, States: shownWhenSet("webhook_url"),
		Help: "The address for which an endpoint is to be made at Stripe."}),
	WebhookDoomed: models.NewChar(models.Field{String: "Endpoints to Delete", Readonly: true, States: shownWhenSet("webhook_doomed"),
		Help: "The endpoints that are to be deleted at Stripe."}),
	StripeTest: models.NewBoolean(models.Field{String: "Keys to Test", Readonly: true, Help: "Stripe is to be asked what it says of the keys."}),
	StripeCheck: models.NewChar(models.Field{String: "Stripe Says", Readonly: true, States: shownWhenSet("stripe_check"),
		Help: "What Stripe answered when the keys were last tested."}),
	StripeTested:       models.NewDateTime(models.Field{String: "Tested", Readonly: true, States: shownWhenSet("stripe_tested")}),
	StripeLivemode:     models.NewBoolean(models.Field{String: "Live Mode", Readonly: true, Help: "The keys move real money."}),
	StripeErrorMessage: readonlyText("Stripe Error Message", "stripe_error_message"),
	StripeLease:        leaseField(),
	StripeOrigin:       originField(),
	StripeLeaseUntil:   leaseUntilField(),
	StripeNextAttempt:  nextAttemptField(),
	StripeAttemptCount: attemptCountField(),
})

// defaultSetupDelay is the peer's, since its series 6.2.
const defaultSetupDelay = 30 * 24 * time.Hour

// Setup binds what follows from the fields. What needs the gateway is bound by the engine, see account_engine.go.
func (x *account) Setup(c *models.Class) {
	c.DefaultValue(x.StripePaymentMethods, []string{methodCard})
	c.DefaultValue(x.SetupIntentDelay, defaultSetupDelay)
	c.Validate(func(_ *models.Tx, accounts []*models.Record) error {
		for _, r := range accounts {
			if !x.SetupIntentDelay.IsNull(r) && x.SetupIntentDelay.Of(r) <= 0 {
				return models.UserError("The delay of set-up intents of the account \"%s\" must be more than nothing.", r.Name())
			}
		}
		return nil
	})
	c.OnChangeWith(x.WebhookUnsigned, func(r *models.Record) any {
		return x.WebhookIdentifier.Of(r) != "" && x.WebhookSigningSecret.Of(r) == "" && x.WebhookPreviousSecret.Of(r) == ""
	}, x.WebhookIdentifier, x.WebhookSigningSecret, x.WebhookPreviousSecret)
	c.OnChangeWith(x.WebhookRotating, func(r *models.Record) any {
		return x.WebhookPreviousSecret.Of(r) != "" || x.WebhookPreviousEndpoint.Of(r) != ""
	}, x.WebhookPreviousSecret, x.WebhookPreviousEndpoint)
	c.ViewAttribute("/form/label[@id='unsigned']", "states",
		map[string]any{"invisible": pyson.Not(pyson.Eval("webhook_unsigned", false))})
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		for _, f := range []models.Named{x.WebhookIdentifier, x.WebhookSigningSecret, x.WebhookPreviousSecret, x.WebhookEndpointID,
			x.WebhookPreviousEndpoint, x.WebhookURL, x.WebhookDoomed, x.LastEvent, x.StripeTest, x.StripeCheck, x.StripeTested,
			x.StripeErrorMessage} {
			delete(values, f.FieldName())
		}
		forgetQueue(values)
	})
	c.BeforeDelete(func(_ *models.Tx, accounts []*models.Record) error {
		for _, r := range accounts {
			if x.WebhookEndpointID.Of(r) != "" || x.WebhookPreviousEndpoint.Of(r) != "" || x.WebhookDoomed.Of(r) != "" {
				return models.UserError("Stripe calls the webhook of the account \"%s\". Remove its URL before you delete the account.", r.Name())
			}
		}
		return nil
	})
}

// ready brings the accounts of a database that an older program, or the peer's, made to what this one needs.
func (e *Engine) ready(tx *models.Tx) error {
	x := Account
	if without := x.Search(tx, x.SetupIntentDelay.Eq(nil)); len(without) > 0 {
		if err := x.Write(tx, without, x.SetupIntentDelay.To(defaultSetupDelay)); err != nil {
			return err
		}
	}
	return e.resealKeys(tx)
}

// newToken is a text of 128 random bits that nobody can guess.
func newToken() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}
