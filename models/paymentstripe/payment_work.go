package paymentstripe

import (
	"context"
	"strconv"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/currency"
	"paytond/models/payment"
	"paytond/rpc/guard"
	"paytond/stripe"
)

// situationOf reads what decides about a payment.
func situationOf(r *models.Record, pending *models.Record) situation {
	x := Payment
	s := situation{state: payment.Payment.State.Of(r), intent: x.StripePaymentIntentID.Of(r), charge: x.StripeChargeID.Of(r),
		status: x.StripeStatus.Of(r), token: x.StripeToken.Of(r) != "" && x.StripeChargeable.Of(r),
		waits: x.StripeToken.Of(r) != "" && !x.StripeChargeable.Of(r), source: x.StripeCustomerSource.Of(r) != "",
		method: x.StripeCustomerPaymentMethod.Of(r) != "", customer: x.StripeCustomer.ID(r) > 0, capture: x.StripeCapture.Of(r),
		captured: x.StripeCaptured.Of(r), capturable: x.StripeCapturable.Of(r), cancel: x.StripeCancel.Of(r)}
	if pending != nil {
		s.pending = Attempt.Operation.Of(pending)
	}
	return s
}

// order is what the calls for a payment need to know of it.
type order struct {
	amount      int64
	amountErr   error
	currency    string // lower case
	description string
	metadata    map[string]string
	capture     bool
	customer    string // "cus_…"
	token       string
	source      string
	method      string
	intent      string
	charge      string
	types       []string // of the payment methods that the payment may be made with
	statement   string
}

func orderOf(tx *models.Tx, r *models.Record) order {
	x, base := Payment, payment.Payment
	o := order{currency: strings.ToLower(currency.Currency.Code.Of(base.Currency.Of(r))), description: base.Description.Of(r),
		capture: x.StripeCapture.Of(r), token: x.StripeToken.Of(r), source: x.StripeCustomerSource.Of(r),
		method: x.StripeCustomerPaymentMethod.Of(r), intent: x.StripePaymentIntentID.Of(r), charge: x.StripeChargeID.Of(r),
		metadata: map[string]string{"database": tx.Database().Name(), "payment": strconv.FormatInt(r.ID(), 10)}}
	if o.description == "" {
		o.description = base.Company.Of(r).Name() + " " + r.Name()
	}
	o.metadata["company"], o.metadata["number"] = base.Company.Of(r).Name(), r.Name()
	if group := base.Group.Of(r); group != nil {
		o.metadata["group"] = group.Name()
	}
	o.description, o.metadata = cut(o.description), cutAll(o.metadata)
	if journal := base.Journal.Of(r); accountOf(journal) != nil {
		o.types = fittingTypes(offeredTypes(accountOf(journal), journal), o.currency, o.capture)
		o.statement = statementText(accountOf(journal), journal)
	}
	if c := x.StripeCustomer.Of(r); c != nil {
		o.customer = Customer.StripeCustomerID.Of(c)
	}
	o.amount, o.amountErr = minorAmount(r, base.Amount.Of(r))
	if o.amountErr == nil {
		o.amountErr = stripe.CheckAmount(o.amount, o.currency)
	}
	return o
}

// keyed is the metadata with the key, by which the object is found again, and the request that asked for it.
func (o order) keyed(ctx context.Context, key string) map[string]string {
	m := map[string]string{"key": key}
	if origin := guard.RequestID(ctx); origin != "" {
		m["request"] = origin
	}
	for k, v := range o.metadata {
		m[k] = v
	}
	return m
}

// planPayment is the plan of the queue of payments.
func (e *Engine) planPayment(tx *models.Tx, r *models.Record, p purpose, pending *models.Record) (*work, error) {
	account := accountOf(payment.Payment.Journal.Of(r))
	if account == nil {
		return nil, nil
	}
	s := situationOf(r, pending)
	if s.cancel && s.intent == "" && !s.holds() && !creates(s.pending) {
		s.cancel = false
		if err := writeChanged(tx, r, models.Values{"stripe_cancel": false}); err != nil {
			return nil, err
		}
	}
	operation := choose(s, p)
	o := orderOf(tx, r)
	w := &work{operation: operation, account: account.ID(), secret: Account.SecretKey.Of(account),
		done: applyResult, declined: declinePayment}
	w.settle = creates(operation) || operation == opFind
	switch operation {
	case opCharge:
		w.write, w.call, w.lookup = true, o.createCharge, o.findCharge
	case opIntent:
		w.write, w.call, w.lookup = true, e.payOffSession(o), o.findIntent
	case opCheckout:
		w.write, w.call, w.lookup, w.declined = true, o.createForCheckout, o.findIntent, declineNoted
	case opCaptureCharge:
		w.write, w.call, w.lookup, w.declined = true, o.captureCharge, o.retrieveCharge, declineCapture
	case opCaptureIntent:
		w.write, w.call, w.lookup, w.declined = true, o.captureIntent, o.retrieveIntent, declineCapture
	case opCancel:
		w.write, w.call, w.lookup = true, o.cancelIntent, o.retrieveIntent
		w.done, w.declined = applyCanceled, declineCancel
	case opRelease:
		w.write, w.call, w.lookup = true, o.releaseCharge, o.findReleased
		w.done, w.declined = applyReleased, declineCancel
	case opFind:
		w.write, w.find, w.operation, w.lookup = true, true, Attempt.Operation.Of(pending), o.findIntent
		if w.operation == opCharge {
			w.lookup = o.findCharge
		}
	case opRetrieveIntent:
		w.call, w.declined = once(o.retrieveIntent), declineNoted
	case opRetrieveCharge:
		w.call, w.declined = once(o.retrieveCharge), declineNoted
	default:
		return nil, nil
	}
	return w, nil
}

// asking is the signature of a call that changes nothing.
type asking = func(context.Context, *stripe.Account, string, time.Time) (any, error)

// once makes a reading work of a lookup.
func once(ask asking) func(context.Context, *stripe.Account, string) (any, error) {
	return func(ctx context.Context, a *stripe.Account, key string) (any, error) {
		return ask(ctx, a, key, time.Time{})
	}
}

// refused is the error for what Stripe need not be asked for.
func refused(err error) error {
	return &stripe.Error{Kind: stripe.InvalidRequest, Message: err.Error(), Param: "amount"}
}

func (o order) createCharge(ctx context.Context, a *stripe.Account, key string) (any, error) {
	if o.amountErr != nil {
		return nil, refused(o.amountErr)
	}
	p := stripe.ChargeParams{Amount: o.amount, Currency: o.currency, Source: o.token, AuthorizeOnly: !o.capture,
		Description: o.description, StatementSuffix: o.statement, Metadata: o.keyed(ctx, key)}
	if o.token == "" {
		p.Source, p.Customer = o.source, o.customer
	}
	return result(a.CreateCharge(ctx, key, p))
}

// result turns a typed nil into a plain one.
func result[T any](v *T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// payOffSession charges the payment's method, or the one that the customer would use.
func (e *Engine) payOffSession(o order) func(context.Context, *stripe.Account, string) (any, error) {
	return func(ctx context.Context, a *stripe.Account, key string) (any, error) {
		if o.amountErr != nil {
			return nil, refused(o.amountErr)
		}
		method, kind, err := e.methodFor(ctx, a, o)
		switch {
		case err != nil:
			return nil, err
		case method == "":
			return noMethod{kind}, nil
		}
		p := stripe.PaymentIntentParams{Amount: o.amount, Currency: o.currency,
			Customer: o.customer, PaymentMethod: method, MethodTypes: []string{kind}, ManualCapture: !o.capture, Confirm: true,
			OffSession: true, Description: o.description, Metadata: o.keyed(ctx, key)}
		return result(a.CreatePaymentIntent(ctx, key, o.stated(p)))
	}
}

// methodFor finds the payment method to charge, and its type. Without one it gives "" and the reason.
func (e *Engine) methodFor(ctx context.Context, a *stripe.Account, o order) (method, kind string, err error) {
	if o.method != "" {
		kind, err = e.methodType(ctx, a, o.method)
		return o.method, kind, err
	}
	if o.customer == "" {
		return "", "The customer is not known to Stripe yet", nil
	}
	c, err := a.RetrieveCustomer(ctx, o.customer)
	if failed := stripe.AsError(err); failed != nil && failed.Code == "resource_missing" || err == nil && c.Deleted {
		return "", "Stripe does not know the customer " + o.customer, nil
	} else if err != nil {
		return "", "", err
	}
	methods, err := a.ListPaymentMethods(ctx, o.customer, "")
	if err != nil {
		return "", "", err
	}
	for _, wanted := range []string{c.DefaultPaymentMethod, c.DefaultSource} {
		for _, m := range methods {
			if m.ID == wanted && wanted != "" && o.offers(m.Type) {
				return m.ID, m.Type, nil
			}
		}
	}
	for _, m := range methods { // the newest first
		if o.offers(m.Type) {
			return m.ID, m.Type, nil
		}
	}
	return "", "The customer has no card or account at Stripe yet", nil
}

// methodType asks for the type of a payment method once.
func (e *Engine) methodType(ctx context.Context, a *stripe.Account, id string) (string, error) {
	if kind, ok := e.types.Load(id); ok {
		return kind.(string), nil
	}
	m, err := a.RetrievePaymentMethod(ctx, id)
	if err != nil {
		return "", err
	}
	e.types.Store(id, m.Type)
	return m.Type, nil
}

// createForCheckout makes an intent that the customer confirms on the checkout page. What he pays with is kept for him, if Stripe knows
// him as a customer.
func (o order) createForCheckout(ctx context.Context, a *stripe.Account, key string) (any, error) {
	if o.amountErr != nil {
		return nil, refused(o.amountErr)
	}
	if o.customer != "" {
		known, err := customerExists(ctx, a, o.customer)
		if err != nil {
			return nil, err
		}
		if !known {
			o.customer = ""
		}
	}
	if len(o.types) == 0 {
		return nil, &stripe.Error{Kind: stripe.InvalidRequest, Param: "payment_method_types", Message: o.nothingFits()}
	}
	p := stripe.PaymentIntentParams{Amount: o.amount, Currency: o.currency, Customer: o.customer,
		MethodTypes: o.types, ManualCapture: !o.capture, SaveForLater: o.customer != "", Description: o.description,
		Metadata: o.keyed(ctx, key)}
	return result(a.CreatePaymentIntent(ctx, key, o.stated(p)))
}

// customerExists asks whether Stripe has a customer that is not deleted.
func customerExists(ctx context.Context, a *stripe.Account, id string) (bool, error) {
	c, err := a.RetrieveCustomer(ctx, id)
	if e := stripe.AsError(err); e != nil && e.Code == "resource_missing" {
		return false, nil
	}
	return err == nil && !c.Deleted, err
}

func (o order) captureCharge(ctx context.Context, a *stripe.Account, key string) (any, error) {
	if o.amountErr != nil {
		return nil, refused(o.amountErr)
	}
	return result(a.CaptureCharge(ctx, key, o.charge, o.amount))
}

func (o order) captureIntent(ctx context.Context, a *stripe.Account, key string) (any, error) {
	if o.amountErr != nil {
		return nil, refused(o.amountErr)
	}
	return result(a.CapturePaymentIntent(ctx, key, o.intent, o.amount))
}

func (o order) cancelIntent(ctx context.Context, a *stripe.Account, key string) (any, error) {
	return result(a.CancelPaymentIntent(ctx, key, o.intent, ""))
}

func (o order) retrieveIntent(ctx context.Context, a *stripe.Account, _ string, _ time.Time) (any, error) {
	return result(a.RetrievePaymentIntent(ctx, o.intent))
}

func (o order) retrieveCharge(ctx context.Context, a *stripe.Account, _ string, _ time.Time) (any, error) {
	return result(a.RetrieveCharge(ctx, o.charge))
}

func (o order) findIntent(ctx context.Context, a *stripe.Account, key string, first time.Time) (any, error) {
	return lookFor(first, func(since, until time.Time) ([]*stripe.PaymentIntent, error) {
		return a.FindPaymentIntents(ctx, stripe.Lookup{Since: since, Until: until, Metadata: map[string]string{"key": key}})
	})
}

func (o order) findCharge(ctx context.Context, a *stripe.Account, key string, first time.Time) (any, error) {
	return lookFor(first, func(since, until time.Time) ([]*stripe.Charge, error) {
		return a.FindCharges(ctx, stripe.Lookup{Since: since, Until: until, Metadata: map[string]string{"key": key}})
	})
}
