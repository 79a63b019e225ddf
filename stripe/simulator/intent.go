package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// Statuses of payment and set-up intents.
const (
	requiresPaymentMethod = "requires_payment_method"
	requiresConfirmation  = "requires_confirmation"
	requiresAction        = "requires_action"
	processing            = "processing"
	requiresCapture       = "requires_capture"
	canceled              = "canceled"
	succeeded             = "succeeded"
)

// paymentIntent is a payment, from the wish to the money.
type paymentIntent struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	Amount           int64             `json:"amount"`
	AmountCapturable int64             `json:"amount_capturable"`
	AmountReceived   int64             `json:"amount_received"`
	Application      text              `json:"application"`
	ApplicationFee   stamp             `json:"application_fee_amount"`
	Automatic        *automaticMethods `json:"automatic_payment_methods"`
	CanceledAt       stamp             `json:"canceled_at"`
	CancelReason     text              `json:"cancellation_reason"`
	CaptureMethod    string            `json:"capture_method"`
	ClientSecret     string            `json:"client_secret"`
	Confirmation     string            `json:"confirmation_method"`
	Created          int64             `json:"created"`
	Currency         string            `json:"currency"`
	Customer         text              `json:"customer"`
	Description      text              `json:"description"`
	Invoice          text              `json:"invoice"`
	LastError        *intentError      `json:"last_payment_error"`
	LatestCharge     text              `json:"latest_charge"`
	Livemode         bool              `json:"livemode"`
	Metadata         metadata          `json:"metadata"`
	NextAction       *nextAction       `json:"next_action"`
	OnBehalfOf       text              `json:"on_behalf_of"`
	PaymentMethod    text              `json:"payment_method"`
	MethodOptions    map[string]any    `json:"payment_method_options"`
	MethodTypes      []string          `json:"payment_method_types"`
	Processing       text              `json:"processing"`
	ReceiptEmail     text              `json:"receipt_email"`
	Review           text              `json:"review"`
	SetupFutureUsage text              `json:"setup_future_usage"`
	Shipping         text              `json:"shipping"`
	Source           text              `json:"source"`
	Statement        text              `json:"statement_descriptor"`
	StatementSuffix  text              `json:"statement_descriptor_suffix"`
	Status           string            `json:"status"`
	TransferData     text              `json:"transfer_data"`
	TransferGroup    text              `json:"transfer_group"`
	Own              ownIntent         `json:"_simulator"`
}

// ownIntent is what the simulator alone knows of an intent.
type ownIntent struct {
	OffSession    bool   `json:"off_session"`
	Authenticated bool   `json:"authenticated"` // the customer passed the challenge for the current method
	ReturnURL     string `json:"return_url"`
	Attempts      int    `json:"attempts"` // at the verification of micro-deposits
}

type automaticMethods struct {
	AllowRedirects string `json:"allow_redirects"`
	Enabled        bool   `json:"enabled"`
}

// intentError is the last error of an intent.
type intentError struct {
	Charge        string         `json:"charge,omitempty"`
	Code          string         `json:"code,omitempty"`
	DeclineCode   string         `json:"decline_code,omitempty"`
	DocURL        string         `json:"doc_url,omitempty"`
	Message       string         `json:"message"`
	Param         string         `json:"param,omitempty"`
	PaymentMethod *paymentMethod `json:"payment_method,omitempty"`
	Type          string         `json:"type"`
}

type nextAction struct {
	Type          string         `json:"type"`
	SDK           map[string]any `json:"use_stripe_sdk,omitempty"`
	Redirect      *redirect      `json:"redirect_to_url,omitempty"`
	Microdeposits *microdeposits `json:"verify_with_microdeposits,omitempty"`
}

type redirect struct {
	ReturnURL string `json:"return_url"`
	URL       string `json:"url"`
}

type microdeposits struct {
	Arrival int64  `json:"arrival_date"`
	URL     string `json:"hosted_verification_url"`
	Type    string `json:"microdeposit_type"`
}

func newIntentError(typ string, d decline, chargeID string, m *paymentMethod) *intentError {
	e := &intentError{Type: typ, Code: d.Code, DeclineCode: d.DeclineCode, Message: d.Message, Param: d.Param, Charge: chargeID}
	if d.Code != "" {
		e.DocURL = "https://stripe.com/docs/error-codes/" + d.Code
	}
	if m != nil {
		copied := *m
		e.PaymentMethod = &copied
	}
	return e
}

// methodTypes are the types that the simulator can take money with.
func methodTypes() []string {
	return []string{"card", "us_bank_account", "sepa_debit", "link", "bancontact", "ideal"}
}

// automaticTypes is what an account's dashboard would enable for a currency.
func automaticTypes(currency string) []string {
	switch currency {
	case "usd":
		return []string{"card", "us_bank_account"}
	case "eur":
		return []string{"card", "sepa_debit"}
	}
	return []string{"card"}
}

// read applies the parameters that creation and update share.
func (pi *paymentIntent) read(r *request) {
	p := r.params
	pi.Description = text(orKeep(p, "description", string(pi.Description)))
	pi.ReceiptEmail = text(orKeep(p, "receipt_email", string(pi.ReceiptEmail)))
	pi.Statement = text(orKeep(p, "statement_descriptor", string(pi.Statement)))
	pi.StatementSuffix = text(orKeep(p, "statement_descriptor_suffix", string(pi.StatementSuffix)))
	for _, name := range []string{"statement_descriptor", "statement_descriptor_suffix"} {
		if len(p.values[name]) > 22 {
			p.fail(invalidParam("", "The statement descriptor must be at most 22 characters.", name))
		}
		if strings.ContainsAny(p.values[name], `<>\'"*`) {
			p.fail(invalidParam("", "The statement descriptor contains characters that are not allowed.", name))
		}
	}
	if len(pi.Description) > 1000 {
		p.fail(invalidParam("", "Invalid string: description must be at most 1000 characters", "description"))
	}
	if v := p.enum("setup_future_usage", "off_session", "on_session", ""); p.has("setup_future_usage") {
		pi.SetupFutureUsage = text(v)
	}
	if v := p.enum("capture_method", "automatic", "automatic_async", "manual"); v != "" {
		pi.CaptureMethod = v
	}
	pi.Metadata = pi.Metadata.merged(p.metadata())
	p.ignore("payment_method_options", "shipping", "transfer_group", "radar_options")
}

// orKeep reads a text where it was sent and keeps the old one otherwise.
func orKeep(p *params, name, old string) string {
	if v, ok := p.given(name); ok {
		return v
	}
	return old
}

// readTypes reads which kinds of payment methods an intent takes.
func (r *request) readTypes(currency string) (types []string, automatic *automaticMethods) {
	p := r.params
	types = slices.Clone(p.list("payment_method_types"))
	for _, one := range types {
		if !slices.Contains(methodTypes(), one) {
			p.fail(invalidParam("", fmt.Sprintf("The payment method type \"%s\" is invalid. Please ensure the provided type is activated in your dashboard (https://dashboard.stripe.com/account/payments/settings) and your account is enabled for any preview features that you are trying to use.", one), "payment_method_types"))
		}
		if slices.Contains([]string{"us_bank_account"}, one) && currency != "" && currency != "usd" {
			p.fail(invalidParam("", "The currency provided ("+currency+") is invalid for the payment method type us_bank_account. This payment method supports usd.", "payment_method_types"))
		}
		if slices.Contains([]string{"sepa_debit", "bancontact", "ideal"}, one) && currency != "" && currency != "eur" {
			p.fail(invalidParam("", "The currency provided ("+currency+") is invalid for the payment method type "+one+". This payment method supports eur.", "payment_method_types"))
		}
	}
	enabled := p.boolean("automatic_payment_methods[enabled]")
	redirects := p.enum("automatic_payment_methods[allow_redirects]", "always", "never")
	if p.has("automatic_payment_methods") && len(types) > 0 {
		p.fail(invalidParam("", "You may only specify one of these parameters: payment_method_types, automatic_payment_methods.", "automatic_payment_methods"))
	}
	if len(types) > 0 {
		return types, nil
	}
	if p.has("automatic_payment_methods") && !enabled {
		return []string{"card"}, nil
	}
	if redirects == "" {
		redirects = "always"
	}
	return automaticTypes(currency), &automaticMethods{AllowRedirects: redirects, Enabled: true}
}

// readAmount reads an amount and its currency as strictly as Stripe.
func readAmount(p *params) (amount int64, currency string) {
	currency = strings.ToLower(p.required("currency"))
	p.required("amount")
	amount = p.integer("amount", 0)
	if p.err != nil {
		return amount, currency
	}
	p.fail(checkAmount(amount, currency))
	return amount, currency
}

func (r *request) createPaymentIntent() (any, *apiError) {
	p := r.params
	amount, currency := readAmount(p)
	id := newID("pi")
	pi := &paymentIntent{ID: id, Object: "payment_intent", Amount: amount, Currency: currency, CaptureMethod: "automatic",
		ClientSecret: id + "_secret_" + randomText(25), Confirmation: "automatic", Created: r.unix(), MethodOptions: map[string]any{},
		Status: requiresPaymentMethod, Customer: text(p.str("customer")), Metadata: metadata{}}
	pi.read(r)
	pi.MethodTypes, pi.Automatic = r.readTypes(currency)
	if v := p.enum("confirmation_method", "automatic", "manual"); v != "" {
		pi.Confirmation = v
	}
	confirm := p.boolean("confirm")
	c, e := r.readConfirmation(true)
	if e != nil {
		return nil, e
	}
	if !confirm {
		for _, name := range []string{"off_session", "return_url", "mandate_data", "error_on_requires_action"} {
			if p.has(name) {
				p.fail(invalidParam("", "You cannot set `"+name+"` when creating a PaymentIntent unless `confirm` is true.", name))
			}
		}
	}
	if e := p.finish(); e != nil {
		return nil, e
	}
	if pi.Customer != "" {
		if _, e := r.customer(string(pi.Customer), "customer"); e != nil {
			return nil, e
		}
	}
	m, e := r.methodOf(c)
	if e == nil && m != nil {
		e = r.usable(m, string(pi.Customer), pi.MethodTypes, "PaymentIntent")
	}
	if e != nil {
		return nil, e
	}
	if m != nil {
		pi.PaymentMethod, pi.Status = text(m.ID), requiresConfirmation
	}
	if e := pi.needsReturnURL(confirm, c); e != nil {
		return nil, e
	}
	r.account.PaymentIntents.put(pi.ID, pi)
	r.emit("payment_intent.created", pi)
	if !confirm {
		return pi, nil
	}
	return orError(pi, r.confirm(pi, c))
}

// needsReturnURL is Stripe's refusal to confirm on the server what might redirect.
func (pi *paymentIntent) needsReturnURL(confirm bool, c confirmation) *apiError {
	if !confirm || pi.Automatic == nil || pi.Automatic.AllowRedirects == "never" || c.ReturnURL != "" || c.SDK {
		return nil
	}
	return invalidRequest("", "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.", "")
}

// paymentIntent finds an intent; with a publishable key its client secret must be given.
func (r *request) paymentIntent() (*paymentIntent, *apiError) {
	pi, ok := r.account.PaymentIntents.get(r.id)
	if !ok {
		return nil, noSuch("payment_intent", r.id, "intent").as404()
	}
	secret, given := r.params.given("client_secret")
	if (given || r.publishable) && secret != pi.ClientSecret {
		if secret == "" {
			return nil, missingParam("client_secret")
		}
		return nil, invalidRequest("", "The client_secret provided does not match the client_secret associated with the PaymentIntent.", "client_secret")
	}
	return pi, nil
}

// as404 gives a missing object the status of a missing address.
func (e *apiError) as404() *apiError {
	e.Status = 404
	return e
}

func (r *request) retrievePaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	r.ignoreBrowser()
	if e == nil {
		e = r.params.finish()
	}
	return orError(pi, e)
}

func (r *request) updatePaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	if e != nil {
		return nil, e
	}
	updated := *pi
	updated.read(r)
	updated.Amount = r.params.integer("amount", pi.Amount)
	updated.Currency = strings.ToLower(orKeep(r.params, "currency", pi.Currency))
	updated.Customer = text(orKeep(r.params, "customer", string(pi.Customer)))
	method, hasMethod := r.params.given("payment_method")
	if r.params.has("payment_method_types") {
		updated.MethodTypes, updated.Automatic = r.readTypes(updated.Currency)
	}
	r.params.fail(checkAmount(updated.Amount, updated.Currency))
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	changesMoney := updated.Amount != pi.Amount || updated.Currency != pi.Currency
	if (pi.Status == succeeded || pi.Status == canceled || pi.Status == requiresCapture || pi.Status == processing) && (changesMoney || hasMethod) {
		return nil, unexpectedState("This PaymentIntent's amount could not be updated because it has a status of "+pi.Status+". You may only update the amount of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.", pi)
	}
	if c := string(updated.Customer); c != "" {
		if _, e := r.customer(c, "customer"); e != nil {
			return nil, e
		}
	}
	if hasMethod && method != "" {
		m, e := r.method(method, "payment_method")
		if e == nil {
			e = r.usable(m, string(updated.Customer), updated.MethodTypes, "PaymentIntent")
		}
		if e != nil {
			return nil, e
		}
		updated.PaymentMethod, updated.Status, updated.NextAction = text(m.ID), requiresConfirmation, nil
		updated.Own.Authenticated = false
	}
	*pi = updated
	return pi, nil
}

func unexpectedState(message string, pi *paymentIntent) *apiError {
	e := invalidRequest("payment_intent_unexpected_state", message, "")
	e.Intent = pi
	return e
}

func (r *request) cancelPaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	reason := r.params.enum("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned")
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	switch pi.Status {
	case succeeded, canceled, processing:
		return nil, unexpectedState("You cannot cancel this PaymentIntent because it has a status of "+pi.Status+". Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.", pi)
	}
	r.cancel(pi, reason)
	return pi, nil
}

// cancel ends an intent; what was authorised is released, which Stripe shows as a refund of the whole.
func (r *request) cancel(pi *paymentIntent, reason string) {
	authorised := pi.Status == requiresCapture
	pi.Status, pi.CancelReason, pi.CanceledAt = canceled, text(reason), stamp(r.unix())
	pi.AmountCapturable, pi.NextAction = 0, nil
	if c, ok := r.account.Charges.get(string(pi.LatestCharge)); ok && authorised {
		r.release(c)
	}
	r.emit("payment_intent.canceled", pi)
}

func (r *request) capturePaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	if e != nil {
		return nil, e
	}
	amount := r.params.integer("amount_to_capture", pi.AmountCapturable)
	if r.params.has("metadata") {
		defer func(m map[string]string) { pi.Metadata = pi.Metadata.merged(m) }(r.params.metadata())
	}
	r.params.ignore("statement_descriptor", "statement_descriptor_suffix", "final_capture")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if pi.Status != requiresCapture {
		return nil, unexpectedState("This PaymentIntent could not be captured because it has a status of "+pi.Status+". Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", pi)
	}
	if amount <= 0 || amount > pi.AmountCapturable {
		return nil, invalidRequest("amount_too_large", fmt.Sprintf("The provided amount_to_capture (%d) is not between 1 and the remaining amount capturable (%d).", amount, pi.AmountCapturable), "amount_to_capture")
	}
	c, ok := r.account.Charges.get(string(pi.LatestCharge))
	if !ok {
		return nil, noSuch("charge", string(pi.LatestCharge), "")
	}
	r.capture(c, amount)
	pi.Status, pi.AmountReceived, pi.AmountCapturable = succeeded, amount, 0
	r.emit("payment_intent.succeeded", pi)
	return pi, nil
}

func (r *request) listPaymentIntents() (any, *apiError) {
	customer := r.params.str("customer")
	span := r.createdFilter()
	return page(r, &r.account.PaymentIntents, func(pi *paymentIntent) bool {
		return (customer == "" || string(pi.Customer) == customer) && span.holds(pi.Created)
	})
}
