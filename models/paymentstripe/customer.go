package paymentstripe

import (
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/party"
	"paytond/models/pyson"
)

type customer struct {
	models.Model
	Party                models.Many2One
	StripeAccount        models.Many2One
	StripeCheckoutNeeded models.Boolean
	StripeCheckoutID     models.Char
	StripeSetupIntentID  models.Char
	StripeCustomerID     models.Char
	StripeToken          models.Char
	StripeErrorMessage   models.Char
	StripeErrorCode      models.Char
	StripeErrorParam     models.Char
	Active               models.Boolean
	// What follows is ours.
	StripeIdempotencyKey models.Char
	StripeStatus         models.Char
	StripeDetach         models.Char
	StripeUpdate         models.Boolean
	StripeMandate        models.Char
	StripeMandateStatus  models.Char
	StripeEventTime      models.DateTime
	StripeSetupCreated   models.DateTime
	StripeVerifyURL      models.Char
	StripeVerifyArrival  models.DateTime
	StripeAttempts       models.One2Many
	StripeLease          models.Char
	StripeOrigin         models.Char
	StripeLeaseUntil     models.Timestamp
	StripeNextAttempt    models.Timestamp
	StripeAttemptCount   models.Integer
}

var (
	linked      = pyson.Or(pyson.Bool(pyson.Eval("stripe_customer_id", "")), token)
	onceLinked  = map[string]any{"readonly": linked}
	onceCreated = map[string]any{"readonly": pyson.And(linked, pyson.GreaterEqual(pyson.Eval("id", -1), 0))}
)

// Customer is account.payment.stripe.customer: a party as a customer of a Stripe account.
var Customer = models.Define(&customer{
	Model: models.Model{Name: "account.payment.stripe.customer", String: "Stripe Customer", History: true,
		Indexes: []models.Index{{Name: "stripe_customer_id", Columns: []string{"stripe_customer_id"}, Where: `"stripe_customer_id" IS NOT NULL`}}},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", RelationField: "stripe_customers", Required: true,
		Index: true, Fixed: true, States: onceLinked, Depends: []string{"stripe_customer_id", "stripe_token"}}),
	StripeAccount: models.NewMany2One(models.Field{String: "Account", Relation: "account.payment.stripe.account", Required: true,
		Fixed: true, States: onceLinked, Depends: []string{"stripe_customer_id", "stripe_token"}}),
	StripeCheckoutNeeded: models.NewBoolean(models.Field{String: "Stripe Checkout Needed", Function: true, Readonly: true}),
	StripeCheckoutID:     readonlyText("Stripe Checkout ID", ""),
	StripeSetupIntentID:  readonlyText("Stripe SetupIntent ID", ""),
	StripeCustomerID:     models.NewChar(models.Field{String: "Stripe Customer ID", Fixed: true, States: onceCreated, Depends: []string{"stripe_token"}}),
	StripeToken:          readonlyText("Stripe Token", ""),
	StripeErrorMessage:   readonlyText("Stripe Error Message", "stripe_error_message"),
	StripeErrorCode:      readonlyText("Stripe Error Code", "stripe_error_code"),
	StripeErrorParam:     readonlyText("Stripe Error Param", "stripe_error_param"),
	Active:               models.NewBoolean(models.Field{String: "Active", Help: "Uncheck to exclude from future use."}),
	StripeIdempotencyKey: readonlyText("Stripe Idempotency Key", ""),
	StripeStatus: models.NewChar(models.Field{String: "Status at Stripe", Readonly: true, States: shownWhenSet("stripe_status"),
		Help: "What Stripe last said of the card or account that is being added."}),
	StripeDetach: models.NewChar(models.Field{String: "Source to Detach", Readonly: true, States: shownWhenSet("stripe_detach"),
		Help: "The card or account that is to be taken from the customer at Stripe."}),
	StripeUpdate: models.NewBoolean(models.Field{String: "Update at Stripe", Readonly: true,
		Help: "The party has changed since Stripe was told of it."}),
	StripeMandate: models.NewChar(models.Field{String: "Mandate", Readonly: true, States: shownWhenSet("stripe_mandate"),
		Help: "The customer's consent to debits of the bank account that was added last, by its id at Stripe."}),
	StripeMandateStatus: models.NewChar(models.Field{String: "Status of the Mandate", Readonly: true, States: shownWhenSet("stripe_mandate_status"),
		Help: "What Stripe last said of the mandate; nothing can be debited by one that is inactive."}),
	StripeEventTime: models.NewDateTime(models.Field{String: "Last Event at Stripe", Readonly: true,
		Help: "When the newest event happened that is known of the set-up intent."}),
	StripeSetupCreated: models.NewDateTime(models.Field{String: "SetupIntent Created", Readonly: true,
		Help: "When the set-up intent was made. One that is not finished is canceled after the delay that the account sets."}),
	StripeVerifyURL:     verifyURLField(),
	StripeVerifyArrival: verifyArrivalField(),
	StripeAttempts: models.NewOne2Many(models.Field{String: "Calls to Stripe", Relation: "account.payment.stripe.attempt",
		RelationField: "customer", Readonly: true, NoCopy: true}),
	StripeLease:        leaseField(),
	StripeOrigin:       originField(),
	StripeLeaseUntil:   leaseUntilField(),
	StripeNextAttempt:  nextAttemptField(),
	StripeAttemptCount: attemptCountField(),
})

// eraseDelay is how long a customer that was deactivated is left alone at Stripe, for who changes his mind.
const eraseDelay = time.Hour

// Setup binds the name, and that a customer is never deleted here, only deactivated.
func (x *customer) Setup(c *models.Class) {
	c.Default(x.StripeIdempotencyKey, func(*models.Tx) any { return newToken() })
	c.BindRecName(func(r *models.Record) string {
		if id := x.StripeCustomerID.Of(r); id != "" {
			return id
		}
		return x.Party.Of(r).Name()
	}, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		id, name := domain.C("stripe_customer_id", clause.Op, clause.Value), domain.C("party.rec_name", clause.Op, clause.Value)
		if clause.Op.Negative() {
			return domain.AllOf(id, name), nil
		}
		return domain.AnyOf(id, name), nil
	})
	c.Compute(x.StripeCheckoutNeeded, func(r *models.Record) any {
		return x.StripeToken.Of(r) == "" || x.StripeCustomerID.Of(r) != ""
	})
	c.InsteadOfDelete(func(tx *models.Tx, customers []*models.Record) error {
		return x.Write(tx, customers, x.Active.To(false))
	})
	c.AfterWrite(func(tx *models.Tx, customers []*models.Record, values models.Values) error {
		active, written := values["active"].(bool)
		switch {
		case !written:
			return nil
		case active:
			return schedule(tx, customers, noTime)
		}
		if err := schedule(tx, customers, noTime); err != nil { // whatever else was to be done for him at once
			return err
		}
		return schedule(tx, customers, eraseDelay)
	})
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		for _, f := range []models.Named{x.StripeCheckoutID, x.StripeSetupIntentID, x.StripeCustomerID, x.StripeToken, x.StripeErrorMessage,
			x.StripeErrorCode, x.StripeErrorParam, x.StripeStatus, x.StripeDetach, x.StripeUpdate, x.StripeMandate, x.StripeMandateStatus,
			x.StripeEventTime, x.StripeSetupCreated, x.StripeVerifyURL, x.StripeVerifyArrival} {
			delete(values, f.FieldName())
		}
		values["stripe_idempotency_key"] = newToken()
		forgetQueue(values)
	})
}

type partyStripe struct {
	models.Extension
	StripeCustomers models.One2Many
}

// Party is what the module adds to party.party.
var Party = models.Define(&partyStripe{
	Extension: models.Extension{Name: "party.party"},
	StripeCustomers: models.NewOne2Many(models.Field{String: "Stripe Customers", Relation: "account.payment.stripe.customer",
		RelationField: "party", NoCopy: true}),
})

// Setup has Stripe told of a party whose name or language changes.
func (x *partyStripe) Setup(c *models.Class) {
	c.AfterWrite(func(tx *models.Tx, parties []*models.Record, values models.Values) error {
		_, name := values["name"]
		_, lang := values["lang"]
		if !name && !lang {
			return nil
		}
		return tellStripe(tx, models.IDsOf(parties))
	})
}

type contactStripe struct{ models.Extension }

// Contact makes changes of party.contact_mechanism known to Stripe. It adds no field.
var Contact = models.Define(&contactStripe{models.Extension{Name: "party.contact_mechanism"}})

// Setup has Stripe told of a party whose e-mail or phone changes.
func (x *contactStripe) Setup(c *models.Class) {
	tell := func(tx *models.Tx, contacts []*models.Record) error {
		var parties []int64
		for _, r := range contacts {
			parties = append(parties, party.ContactMechanism.Party.ID(r))
		}
		return tellStripe(tx, parties)
	}
	c.AfterCreate(tell)
	c.BeforeWrite(func(tx *models.Tx, contacts []*models.Record, values models.Values) error {
		if _, moves := values["party"]; !moves {
			return nil
		}
		return tell(tx, contacts) // who has it no more
	})
	c.AfterWrite(func(tx *models.Tx, contacts []*models.Record, _ models.Values) error { return tell(tx, contacts) })
	c.BeforeDelete(tell)
}

// tellStripe has the customers of the parties updated at Stripe. It writes also on those that are to be updated anyhow: who is at it now must
// not note that Stripe knows all, without having seen this change.
func tellStripe(tx *models.Tx, parties []int64) error {
	if len(parties) == 0 {
		return nil
	}
	x, ids := Customer, make([]any, len(parties))
	for i, id := range parties {
		ids[i] = id
	}
	known := x.Search(tx, domain.AllOf(x.Party.In(ids...), x.StripeCustomerID.Ne(nil), x.StripeCustomerID.Ne("")))
	if len(known) > 0 {
		if err := x.Write(tx, known, x.StripeUpdate.To(true)); err != nil {
			return err
		}
	}
	return due(tx, known)
}

// partyContact is what Stripe is told of a party.
func partyContact(r *models.Record) (name, email, phone string) {
	return r.Name(), party.Party.Email.Of(r), party.Party.Phone.Of(r)
}
