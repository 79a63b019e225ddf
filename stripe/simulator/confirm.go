package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// confirmation is how an intent shall be confirmed.
type confirmation struct {
	methodID   string
	data       *paymentMethod // from payment_method_data, not yet kept
	OffSession bool
	ReturnURL  string
	Mandate    bool // the customer accepted a mandate
	NoAction   bool // error_on_requires_action
	SDK        bool // Stripe.js will show a challenge
}

// readConfirmation reads the parameters of a confirmation. On creation some of them are read elsewhere.
func (r *request) readConfirmation(creation bool) (confirmation, *apiError) {
	p := r.params
	c := confirmation{methodID: p.str("payment_method"), ReturnURL: p.str("return_url"), NoAction: p.boolean("error_on_requires_action"),
		SDK: p.boolean("use_stripe_sdk") || r.publishable}
	switch v := p.str("off_session"); v {
	case "", "false":
	case "true", "one_off", "recurring":
		c.OffSession = true
	default:
		p.fail(invalidParam("", "Invalid off_session: must be one of true, false, one_off, recurring", "off_session"))
	}
	if c.ReturnURL != "" && !strings.HasPrefix(c.ReturnURL, "http://") && !strings.HasPrefix(c.ReturnURL, "https://") && !strings.Contains(c.ReturnURL, "://") {
		p.fail(invalidParam("url_invalid", "Not a valid URL", "return_url"))
	}
	if p.has("mandate_data") || p.has("mandate") {
		if kind := p.str("mandate_data[customer_acceptance][type]"); p.has("mandate_data") && kind != "online" && kind != "offline" {
			p.fail(missingParam("mandate_data[customer_acceptance][type]"))
		}
		c.Mandate = true
		p.ignore("mandate_data", "mandate")
	}
	if p.has("payment_method_data") {
		if c.methodID != "" {
			p.fail(invalidParam("parameters_exclusive", "You may only specify one of these parameters: payment_method, payment_method_data.", "payment_method_data"))
		} else {
			m, e := r.readMethod("payment_method_data")
			if e != nil {
				return c, e
			}
			c.data = m
		}
	}
	r.ignoreBrowser()
	if !creation {
		p.ignore("receipt_email", "shipping", "payment_method_options", "setup_future_usage", "capture_method", "radar_options")
	}
	return c, p.err
}

// methodOf finds or keeps the payment method of a confirmation; nil when it names none.
func (r *request) methodOf(c confirmation) (*paymentMethod, *apiError) {
	if c.data != nil {
		r.account.Methods.put(c.data.ID, c.data)
		return c.data, nil
	}
	if c.methodID == "" {
		return nil, nil
	}
	return r.method(c.methodID, "payment_method")
}

// usable tells whether a method may be used for an intent of that customer and those types.
func (r *request) usable(m *paymentMethod, customer string, types []string, intent string) *apiError {
	switch {
	case !slices.Contains(types, m.Type):
		return invalidRequest("payment_intent_invalid_parameter", fmt.Sprintf("The PaymentMethod provided (%s) is not allowed for this %s. Please attach a payment method of one of the following types: %s",
			m.Type, intent, strings.Join(types, ", ")), "payment_method")
	case m.Own.Spent:
		return invalidRequest("", "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.", "payment_method")
	case m.Customer != "" && customer == "":
		return invalidRequest("", fmt.Sprintf("The PaymentMethod `%s` belongs to a Customer. Please include the Customer in the `customer` parameter on the %s.", m.ID, intent), "payment_method")
	case m.Customer != "" && string(m.Customer) != customer:
		return invalidRequest("", fmt.Sprintf("The payment method supplied (%s) belongs to a different Customer. Please include the Customer in the `customer` parameter on the %s.", m.ID, intent), "payment_method")
	}
	return nil
}

func (r *request) confirmPaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	if e != nil {
		return nil, e
	}
	usageLater := r.params.enum("setup_future_usage", "off_session", "on_session", "")
	c, e := r.readConfirmation(false)
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	switch pi.Status {
	case requiresPaymentMethod, requiresConfirmation, requiresAction:
	case succeeded:
		return nil, unexpectedState("You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.", pi)
	default:
		return nil, unexpectedState("You cannot confirm this PaymentIntent because it has a status of "+pi.Status+". Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.", pi)
	}
	m, e := r.methodOf(c)
	if e == nil && m != nil {
		e = r.usable(m, string(pi.Customer), pi.MethodTypes, "PaymentIntent")
	}
	if e != nil {
		return nil, e
	}
	if m != nil {
		if string(pi.PaymentMethod) != m.ID {
			pi.Own.Authenticated = false
		}
		pi.PaymentMethod = text(m.ID)
	}
	if pi.PaymentMethod == "" {
		return nil, unexpectedState("You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.", pi)
	}
	if e := pi.needsReturnURL(true, c); e != nil {
		return nil, e
	}
	if usageLater != "" {
		pi.SetupFutureUsage = text(usageLater)
	}
	return orError(pi, r.confirm(pi, c))
}

// confirm tries to pay: it may end in an action for the customer, in a charge or in a refusal.
func (r *request) confirm(pi *paymentIntent, c confirmation) *apiError {
	m, e := r.method(string(pi.PaymentMethod), "payment_method")
	if e != nil {
		return e
	}
	pi.Own.OffSession, pi.Own.ReturnURL = c.OffSession, c.ReturnURL
	pi.NextAction, pi.LastError = nil, nil
	if m.Type != "card" {
		return r.confirmDebit(pi, m, c)
	}
	switch r.challengeFor(m, c.OffSession, pi.Own.Authenticated) {
	case demandAction:
		if c.NoAction {
			return r.declineIntent(pi, m, authRequired)
		}
		r.demandAction(pi, c)
		return nil
	case demandRefusal:
		return r.declineIntent(pi, m, authRequired)
	}
	return r.payByCard(pi, m)
}

type demand int

const (
	demandNothing demand = iota
	demandAction
	demandRefusal
)

// challengeFor says what the card's bank demands.
func (r *request) challengeFor(m *paymentMethod, offSession, authenticated bool) demand {
	kind := m.Own.Card.behaviour().Challenge
	switch {
	case authenticated, kind == never:
		return demandNothing
	case !offSession:
		return demandAction
	case kind == onSessionOnly, kind == unlessSetUp && m.Own.SetUp:
		return demandNothing
	case kind == always && m.Own.SetUp && m.Own.Card.behaviour().Charge != nil:
		return demandNothing // the bank refuses for another reason
	}
	return demandRefusal
}

// demandAction leaves the intent to the customer.
func (r *request) demandAction(pi *paymentIntent, c confirmation) {
	pi.Status = requiresAction
	pi.NextAction = r.challengeAction(pi.ID, pi.ClientSecret, c)
	r.emit("payment_intent.requires_action", pi)
}

// challengeAction points at the simulated bank's challenge page.
func (r *request) challengeAction(id, secret string, c confirmation) *nextAction {
	url := r.sim.baseURL(r.http) + "/_simulator/challenge/" + r.account.Suffix + "/" + id + "?client_secret=" + secret
	if c.ReturnURL != "" && !c.SDK {
		return &nextAction{Type: "redirect_to_url", Redirect: &redirect{ReturnURL: c.ReturnURL, URL: url + "&redirect=1"}}
	}
	return &nextAction{Type: "use_stripe_sdk", SDK: map[string]any{"type": "three_d_secure_redirect", "stripe_js": url}}
}

// authenticate ends a challenge: the intent goes on, or falls back to wanting a payment method.
func (r *request) authenticateIntent(pi *paymentIntent, passed bool) *apiError {
	if pi.Status != requiresAction || pi.NextAction == nil || pi.NextAction.Microdeposits != nil {
		return unexpectedState("This PaymentIntent does not wait for authentication: its status is "+pi.Status+".", pi)
	}
	m, e := r.method(string(pi.PaymentMethod), "payment_method")
	if e != nil {
		return e
	}
	pi.NextAction = nil
	if !passed {
		e := r.failIntent(pi, newIntentError("invalid_request_error", authFailed, "", m))
		e.Status = 400
		return e
	}
	pi.Own.Authenticated = true
	return r.payByCard(pi, m)
}

// payByCard asks the bank for the money.
func (r *request) payByCard(pi *paymentIntent, m *paymentMethod) *apiError {
	behaviour := m.Own.Card.behaviour()
	if behaviour.Charge != nil {
		return r.declineIntent(pi, m, *behaviour.Charge)
	}
	c := r.chargeOfIntent(pi, m)
	c.authorise(r, pi.CaptureMethod == "manual")
	r.account.Charges.put(c.ID, c)
	pi.LatestCharge = text(c.ID)
	r.keepMethod(pi, m)
	r.emit("charge.succeeded", c)
	if !c.Captured {
		pi.Status, pi.AmountCapturable = requiresCapture, pi.Amount
		r.schedule(authorisationLasts, "expire", c.ID)
		r.emit("payment_intent.amount_capturable_updated", pi)
		return nil
	}
	pi.Status, pi.AmountReceived = succeeded, pi.Amount
	r.emit("payment_intent.succeeded", pi)
	r.afterCharge(c, behaviour)
	return nil
}

// keepMethod attaches a method that was to be saved, and spends one that belongs to nobody.
func (r *request) keepMethod(pi *paymentIntent, m *paymentMethod) {
	if pi.SetupFutureUsage != "" && pi.Customer != "" && m.Customer == "" {
		m.Customer = pi.Customer
		r.emit("payment_method.attached", m)
	}
	if pi.SetupFutureUsage == "off_session" {
		m.Own.SetUp = true
	}
	if m.Customer == "" {
		m.Own.Spent = true
	}
}

// declineIntent records a bank's refusal: a failed charge, and the intent wants another payment method.
func (r *request) declineIntent(pi *paymentIntent, m *paymentMethod, d decline) *apiError {
	c := r.chargeOfIntent(pi, m)
	c.refuse(d)
	r.account.Charges.put(c.ID, c)
	pi.LatestCharge = text(c.ID)
	r.emit("charge.failed", c)
	return r.failIntent(pi, newIntentError("card_error", d, c.ID, m))
}

// failIntent sets an intent back to wanting a payment method and makes the error that the call answers with.
func (r *request) failIntent(pi *paymentIntent, last *intentError) *apiError {
	pi.Status, pi.PaymentMethod, pi.LastError, pi.NextAction = requiresPaymentMethod, "", last, nil
	pi.Own.Authenticated = false
	r.emit("payment_intent.payment_failed", pi)
	return &apiError{Status: 402, Type: last.Type, Code: last.Code, DeclineCode: last.DeclineCode, Message: last.Message, Param: last.Param,
		Charge: last.Charge, Intent: pi, Method: last.PaymentMethod}
}
