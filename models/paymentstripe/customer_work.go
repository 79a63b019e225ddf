package paymentstripe

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/sql"
	"paytond/stripe"
)

// Operations on a customer.
const (
	opCustomer         = "customer"       // made at Stripe from a token or from what a set-up intent brought
	opSetup            = "setup intent"   // for the customer to add a card on the checkout page
	opRetrieveSetup    = "retrieve setup" // what became of it
	opCancelSetup      = "cancel setup"   // that nobody has finished in time
	opDetach           = "detach"         // of a source or payment method
	opUpdate           = "update customer"
	opErase            = "delete customer" // at Stripe
	opRetrieveCustomer = "retrieve customer"
	opFindCustomer     = "find customer" // whether there is one, whose creation was not answered
)

// person is what the calls for a customer need to know.
type person struct {
	id                 string // "cus_…", "" while Stripe does not know him
	token, setup       string
	status             string // of the last set-up intent
	late               bool   // it was not finished in time
	kept               bool   // he was deactivated so lately that who did it may change his mind
	detach             string
	update             bool
	listed             bool // what he has is known here
	name, email, phone string
	language           string
	types              []string // of payment methods that can be kept
	metadata           map[string]string
}

func personOf(tx *models.Tx, r *models.Record) person {
	x := Customer
	p := person{id: x.StripeCustomerID.Of(r), token: x.StripeToken.Of(r), setup: x.StripeSetupIntentID.Of(r), status: x.StripeStatus.Of(r), detach: x.StripeDetach.Of(r), update: x.StripeUpdate.Of(r), listed: Identical.StripeListed.Of(r),
		metadata: map[string]string{"database": tx.Database().Name(), "customer": strconv.FormatInt(r.ID(), 10)}}
	p.metadata["party"] = strconv.FormatInt(x.Party.ID(r), 10)
	p.kept = keptFor(r) > 0
	p.late = waitsForCustomer(p.status) && setupEnds(r).Before(tx.Now())
	p.types = offeredTypes(x.StripeAccount.Of(r), nil)
	p.name, p.email, p.phone = partyContact(x.Party.Of(r))
	p.language = strings.ReplaceAll(languageOf(x.Party.Of(r), companyOf(x.StripeAccount.Of(r))), "_", "-")
	return p
}

func (p person) keyed(ctx context.Context, key string) map[string]string {
	return order{metadata: p.metadata}.keyed(ctx, key)
}

func (p person) described(ctx context.Context, key string) stripe.CustomerParams {
	params := stripe.CustomerParams{Name: p.name, Email: p.email, Phone: p.phone, Metadata: p.keyed(ctx, key)}
	if p.language != "" {
		params.Locales = []string{p.language}
	}
	return params
}

// chooseCustomer says which operation comes next for a customer.
func chooseCustomer(p person, active bool, pending string, why purpose) string {
	switch {
	case (pending == opCustomer || pending == opSetup) && active:
		return pending
	case !active && p.id != "" && p.kept && pending != opErase:
		return nothing
	case !active && p.id != "":
		return opErase
	case !active && (pending == opCustomer || pending == opRetrieveSetup): // he may have been made
		return opFindCustomer
	case !active:
		return nothing
	case p.detach != "" && p.id != "":
		return opDetach
	case p.setup != "" && (p.late || pending == opCancelSetup):
		return opCancelSetup
	case p.setup != "":
		return opRetrieveSetup
	case p.token != "" && p.id == "":
		return opCustomer
	case p.update && p.id != "" && why != forCheckout:
		return opUpdate
	case why == forPull && p.id != "":
		return opRetrieveCustomer
	case why == forQueue && p.id != "" && !p.listed:
		return opMethods
	case why == forCheckout && p.status != stripe.Succeeded: // else the link has served
		return opSetup
	}
	return nothing
}

// planCustomer is the plan of the queue of customers.
func (e *Engine) planCustomer(tx *models.Tx, r *models.Record, why purpose, pending *models.Record) (*work, error) {
	p, operation := personOf(tx, r), ""
	if pending != nil {
		operation = Attempt.Operation.Of(pending)
	}
	active, unknown := Customer.Active.Of(r), operation
	operation = chooseCustomer(p, active, operation, why)
	account := Customer.StripeAccount.Of(r)
	switch {
	case operation == nothing && !active && p.id != "":
		return nil, schedule(tx, []*models.Record{r}, keptFor(r))
	case operation == opErase && shared(tx, r):
		return nil, eraseKeys(tx, r)
	}
	w := &work{operation: operation, account: account.ID(), secret: Account.SecretKey.Of(account), write: true,
		done: applyCustomer, declined: declineNoted}
	switch operation {
	case opCustomer:
		w.call, w.lookup, w.settle, w.declined = p.create, p.find, true, declineCustomer
	case opFindCustomer:
		w.operation, w.find, w.lookup, w.settle = unknown, true, p.find, true
	case opSetup:
		w.call = p.createSetup
	case opRetrieveSetup:
		// What the set-up intent brought may make a customer at Stripe, so the call has a key; a repeated one gives the same customer.
		w.call, w.lookup, w.settle, w.declined = p.followSetup, p.find, true, declineSetup
	case opCancelSetup:
		w.call, w.lookup, w.declined = p.cancelSetup, p.retrieveSetup, declineSetup
	case opDetach:
		w.call, w.declined = p.detachSource, declineDetach
	case opMethods:
		w.write, w.call, w.declined = false, p.listMethods, declineList
	case opRetrieveCustomer:
		w.write, w.call, w.declined = false, p.retrieve, declineErase
	case opUpdate:
		w.call, w.declined = p.tell, declineUpdate
	case opErase:
		w.call, w.declined = p.erase, declineErase
	default:
		return nil, nil
	}
	return w, nil
}

// keptFor is for how long a customer is still left alone at Stripe; nothing of the kind for one who is active. A change of him puts it off.
func keptFor(r *models.Record) time.Duration {
	changed, _ := r.Get("write_date").(time.Time)
	if Customer.Active.Of(r) || changed.IsZero() {
		return 0
	}
	return max(0, eraseDelay-r.Tx().Now().Sub(changed))
}

// shared tells whether another record, which is in use, stands for the same customer at Stripe: he is not to be deleted there.
func shared(tx *models.Tx, r *models.Record) bool {
	x := Customer
	return x.Count(tx, domain.AllOf(x.StripeAccount.Eq(x.StripeAccount.ID(r)), x.StripeCustomerID.Eq(x.StripeCustomerID.Of(r)),
		x.Active.Eq(true), domain.C("id", domain.NotEqual, r.ID()))) > 0
}

func (p person) create(ctx context.Context, a *stripe.Account, key string) (any, error) {
	params := p.described(ctx, key)
	params.Source = p.token
	return result(a.CreateCustomer(ctx, key, params))
}

// pulled is the result of reading a customer who is known.
type pulled struct{ *stripe.Customer }

func (p person) retrieve(ctx context.Context, a *stripe.Account, _ string) (any, error) {
	c, err := a.RetrieveCustomer(ctx, p.id)
	return pulled{c}, err
}

func (p person) find(ctx context.Context, a *stripe.Account, key string, first time.Time) (any, error) {
	return lookFor(first, func(since, until time.Time) ([]*stripe.Customer, error) {
		return a.FindCustomers(ctx, "", since, until, map[string]string{"key": key})
	})
}

func (p person) createSetup(ctx context.Context, a *stripe.Account, key string) (any, error) {
	id := p.id
	if id != "" {
		known, err := customerExists(ctx, a, id)
		if err != nil {
			return nil, err
		}
		if !known {
			id = ""
		}
	}
	return result(a.CreateSetupIntent(ctx, key, stripe.SetupIntentParams{Customer: id, MethodTypes: p.types, Description: cut(p.name), Metadata: p.keyed(ctx, key)}))
}

// followSetup looks at the set-up intent. When it brought a payment method that belongs to nobody yet, the customer is made with it.
func (p person) followSetup(ctx context.Context, a *stripe.Account, key string) (any, error) {
	si, err := a.RetrieveSetupIntent(ctx, p.setup)
	if err != nil {
		return nil, err
	}
	if si.Status != stripe.Succeeded || si.Customer != "" || si.PaymentMethod == "" {
		return si, nil
	}
	params := p.described(ctx, key)
	params.PaymentMethod = si.PaymentMethod
	made, err := a.CreateCustomer(ctx, key, params)
	if err != nil {
		return nil, err
	}
	return registered{made, si.Mandate}, nil
}

// cancelSetup ends a set-up intent that was not finished in time. Where it was finished meanwhile, Stripe is asked what became of it.
func (p person) cancelSetup(ctx context.Context, a *stripe.Account, key string) (any, error) {
	return result(a.CancelSetupIntent(ctx, key, p.setup))
}

func (p person) retrieveSetup(ctx context.Context, a *stripe.Account, _ string, _ time.Time) (any, error) {
	return result(a.RetrieveSetupIntent(ctx, p.setup))
}

// registered is the result of making a customer with what a set-up intent brought; mandate is his consent to debits, "" for a card.
type registered struct {
	*stripe.Customer
	mandate string
}

// detached is the result of taking a source from a customer, told that of telling Stripe of his party, erased that of deleting him.
type (
	detached struct{}
	told     struct{ name, email, phone, language string }
	erased   struct{}
)

func (p person) tell(ctx context.Context, a *stripe.Account, key string) (any, error) {
	params := p.described(ctx, key)
	delete(params.Metadata, "key") // it is that of the creation, as the request
	delete(params.Metadata, "request")
	_, err := a.UpdateCustomer(ctx, key, p.id, params)
	return told{p.name, p.email, p.phone, p.language}, err
}

// detachSource takes a source or payment method from the customer. Stripe detaches a method from whoever has it, so it is looked at first.
func (p person) detachSource(ctx context.Context, a *stripe.Account, key string) (any, error) {
	if isMethod(p.detach) {
		m, err := a.RetrievePaymentMethod(ctx, p.detach)
		switch {
		case err != nil:
			return nil, err
		case m.Customer == "":
			return detached{}, nil // by a call that was not answered, or at the dashboard
		case m.Customer != p.id:
			return nil, &stripe.Error{Kind: stripe.InvalidRequest, Message: "The payment method " + p.detach + " is another customer's"}
		}
		_, err = a.DetachPaymentMethod(ctx, key, p.detach)
		return detached{}, err
	}
	return detached{}, a.DeleteSource(ctx, key, p.id, p.detach)
}

func (p person) erase(ctx context.Context, a *stripe.Account, key string) (any, error) {
	return erased{}, a.DeleteCustomer(ctx, key, p.id)
}

// applyCustomer takes over what a call for a customer gave.
func applyCustomer(tx *models.Tx, r *models.Record, result any) error {
	values := noErrorValues()
	switch v := result.(type) {
	case registered:
		if v.mandate != "" {
			noteMandate(values, r, v.mandate)
		}
		if err := writeChanged(tx, r, values); err != nil {
			return err
		}
		return applyCustomer(tx, r, v.Customer)
	case *stripe.Customer:
		values["stripe_customer_id"], values["stripe_token"] = v.ID, nil
		values["stripe_verify_url"], values["stripe_verify_arrival"] = nil, nil
		if Customer.StripeSetupIntentID.Of(r) != "" {
			values["stripe_setup_intent_id"], values["stripe_status"] = nil, stripe.Succeeded
		}
		if !Customer.Active.Of(r) { // found after he was given up
			if err := due(tx, []*models.Record{r}); err != nil {
				return err
			}
		}
	case *stripe.SetupIntent:
		return applySetup(tx, r, v)
	case detached:
		values["stripe_detach"] = nil
	case told:
		p := personOf(tx, r)
		if v != (told{p.name, p.email, p.phone, p.language}) { // the party changed once more meanwhile
			return due(tx, []*models.Record{r})
		}
		values["stripe_update"] = false
	case methodList:
		return keepMethods(tx, r, v)
	case erased:
		return eraseKeys(tx, r)
	case pulled:
		if v.Deleted { // at Stripe's dashboard, and no event has come
			return eraseKeys(tx, r)
		}
		if err := listAgain(tx, []*models.Record{r}); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a customer cannot take over a %T", result)
	}
	return writeChanged(tx, r, values)
}

// applySetup takes over the picture of a set-up intent; one that is over is forgotten, but for its status.
func applySetup(tx *models.Tx, r *models.Record, si *stripe.SetupIntent) error {
	if id := Customer.StripeSetupIntentID.Of(r); id != "" && id != si.ID {
		return nil
	}
	values := verifyValues(si.NextAction)
	maps.Copy(values, noErrorValues())
	values["stripe_setup_intent_id"], values["stripe_status"] = si.ID, si.Status
	if !si.Created.IsZero() {
		values["stripe_setup_created"] = si.Created.UTC()
	}
	if si.Mandate != "" {
		noteMandate(values, r, si.Mandate)
	}
	switch {
	case si.Status == stripe.Succeeded && si.Customer != "", si.Status == stripe.Canceled:
		values["stripe_setup_intent_id"] = nil
		if si.Customer != "" {
			values["stripe_customer_id"] = si.Customer
		}
		return writeChanged(tx, r, values)
	case si.Status == stripe.Succeeded: // the customer is to be made
		if err := writeChanged(tx, r, values); err != nil {
			return err
		}
		return due(tx, []*models.Record{r})
	case si.LastError != nil:
		values["stripe_error_message"] = si.LastError.Message
		values["stripe_error_code"] = orNil(firstText(si.LastError.DeclineCode, si.LastError.Code))
	}
	if err := writeChanged(tx, r, values); err != nil {
		return err
	}
	return schedule(tx, []*models.Record{r}, min(lookAgain, max(0, setupEnds(r).Sub(tx.Now()))))
}

// noteMandate notes a customer's consent. What becomes of a new one is told by events of its own.
func noteMandate(values models.Values, r *models.Record, id string) {
	if Customer.StripeMandate.Of(r) != id {
		values["stripe_mandate"], values["stripe_mandate_status"] = id, nil
	}
}

// setupEnds is when the set-up intent of a customer has been waited for long enough.
func setupEnds(r *models.Record) time.Time {
	created := Customer.StripeSetupCreated.Of(r)
	if created.IsZero() { // made by the peer's server: the first look tells
		return r.Tx().Now().Add(lookAgain)
	}
	delay := Account.SetupIntentDelay.Of(Customer.StripeAccount.Of(r))
	if delay <= 0 {
		delay = defaultSetupDelay
	}
	return created.Add(delay)
}

// eraseKeys forgets what Stripe knew a customer by, in the history too.
func eraseKeys(tx *models.Tx, r *models.Record) error {
	if err := writeChanged(tx, r, models.Values{"stripe_customer_id": nil, "stripe_token": nil, "stripe_setup_intent_id": nil,
		"stripe_checkout_id": nil, "stripe_mandate": nil, "stripe_mandate_status": nil, "stripe_detach": nil}); err != nil {
		return err
	}
	_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_customer__history" SET "stripe_customer_id" = NULL, "stripe_token" = NULL,
		"stripe_setup_intent_id" = NULL, "stripe_checkout_id" = NULL, "stripe_mandate" = NULL, "stripe_mandate_status" = NULL,
		"stripe_detach" = NULL WHERE "id" = ?`, r.ID()))
	return err
}

// declineCustomer gives up the token that Stripe refused.
func declineCustomer(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	values["stripe_token"] = nil
	return writeChanged(tx, r, values)
}

// declineSetup gives up a set-up intent whose method cannot be kept, or that Stripe does not have.
func declineSetup(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	values["stripe_setup_intent_id"], values["stripe_status"] = nil, nil
	return writeChanged(tx, r, values)
}

func declineDetach(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	if e.Code == "resource_missing" { // it is gone already
		values = noErrorValues()
	}
	values["stripe_detach"] = nil
	return writeChanged(tx, r, values)
}

func declineUpdate(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	values["stripe_update"] = false
	return writeChanged(tx, r, values)
}

func declineErase(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	if e.Code == "resource_missing" {
		return eraseKeys(tx, r)
	}
	return declineNoted(tx, r, e)
}

// adoptCustomers queues the customers that wait for Stripe without being in the queue: deactivated ones whose keys are not erased, and
// those with a token or set-up intent that the peer's server left.
func adoptCustomers(tx *models.Tx) error {
	x := Customer
	waiting := x.Search(tx.With(map[string]any{"active_test": false}), domain.AllOf(
		domain.C("stripe_next_attempt", domain.Equal, nil), domain.C("stripe_attempt_count", domain.Equal, nil),
		domain.AnyOf(
			domain.AllOf(x.Active.Eq(false), x.StripeCustomerID.Ne(nil)),
			domain.AllOf(x.StripeCustomerID.Ne(nil), Identical.StripeListed.Ne(true)),
			domain.AllOf(x.Active.Eq(true), domain.AnyOf(x.StripeSetupIntentID.Ne(nil), domain.AllOf(x.StripeToken.Ne(nil), x.StripeCustomerID.Eq(nil)))),
		)))
	return schedule(tx, waiting, 0)
}
