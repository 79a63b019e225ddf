package stripe

import (
	"context"
	"log/slog"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// Statuses of a payment intent.
const (
	RequiresPaymentMethod = "requires_payment_method" // new, or the last attempt failed: see LastError
	RequiresConfirmation  = "requires_confirmation"
	RequiresAction        = "requires_action"  // the customer must authenticate, or micro-deposits be verified
	Processing            = "processing"       // a bank debit under way
	RequiresCapture       = "requires_capture" // authorised
	Canceled              = "canceled"
	Succeeded             = "succeeded"
)

// VerifyMicrodeposits is the type of the next action that proves that a bank account is the customer's.
const VerifyMicrodeposits = "verify_with_microdeposits"

// PaymentIntentParams describes a payment intent to create.
type PaymentIntentParams struct {
	Amount          int64    // minor units
	Currency        string   // lower case ISO code
	Customer        string   // "cus_…" or ""
	PaymentMethod   string   // "pm_…", "card_…" or ""
	MethodTypes     []string // "card", "us_bank_account", …; empty means what the account's dashboard enables
	ManualCapture   bool     // authorise only; captured by CapturePaymentIntent
	Confirm         bool     // pay at once with PaymentMethod
	OffSession      bool     // the customer is not there: authentication_required is an error instead of an action; needs Confirm
	SaveForLater    bool     // keep the method for payments off session
	Description     string
	Metadata        map[string]string
	StatementSuffix string // what the customer's statement shows after the account's prefix
	Statement       string // all that it shows; not for cards
	ReceiptEmail    string
	ReturnURL       string // where a redirect comes back to; only with Confirm
}

// PaymentIntent is a payment at Stripe.
type PaymentIntent struct {
	ID               string
	Status           string
	Amount           int64 // asked
	AmountCapturable int64
	AmountReceived   int64
	AmountRefunded   int64 // of the latest charge, where it is known
	Currency         string
	Customer         string
	PaymentMethod    string
	MethodTypes      []string
	ManualCapture    bool
	SaveForLater     bool   // the method is kept, and the customer's consent is for later payments too
	ClientSecret     string // lets a browser finish the payment: never logged
	ChargeID         string // the latest charge
	Charge           *Charge
	LastError        *IntentError
	NextAction       *NextAction
	Description      string
	Metadata         map[string]string
	CanceledAt       time.Time
	CancelReason     string
	Created          time.Time
	Livemode         bool
}

// IntentError is why the last attempt failed.
type IntentError struct {
	Type, Code, DeclineCode, Message, Param string
	ChargeID, PaymentMethod                 string
	MethodType                              string // of PaymentMethod, such as "us_bank_account"; "" if not said
}

// NextAction is what the customer must still do.
type NextAction struct {
	Type string    // "use_stripe_sdk", "redirect_to_url", VerifyMicrodeposits
	URL  string    // where to do it, if anywhere
	By   time.Time // when the micro-deposits arrive
	Code bool      // one micro-deposit comes with a code in its text, instead of two with amounts to tell
}

// LogValue keeps the client secret out of logs.
func (p *PaymentIntent) LogValue() slog.Value { return slog.StringValue(p.ID + " " + p.Status) }

// CreatePaymentIntent creates an intent and, with Confirm, pays with it. A decline is an *Error of kind Card whose
// PaymentIntentID names the intent that was created all the same.
func (a *Account) CreatePaymentIntent(ctx context.Context, key string, p PaymentIntentParams) (*PaymentIntent, error) {
	params := &stripego.PaymentIntentParams{Amount: &p.Amount, Currency: &p.Currency, Customer: optional(p.Customer),
		PaymentMethod: optional(p.PaymentMethod), PaymentMethodTypes: optionalSlice(p.MethodTypes),
		Description: optional(p.Description), Metadata: p.Metadata, StatementDescriptorSuffix: optional(p.StatementSuffix),
		StatementDescriptor: optional(p.Statement), ReceiptEmail: optional(p.ReceiptEmail), Confirm: optionalTrue(p.Confirm), OffSession: optionalTrue(p.OffSession),
		ReturnURL: optional(p.ReturnURL)}
	if p.Confirm && len(p.MethodTypes) == 0 && p.ReturnURL == "" {
		// Stripe refuses to confirm without a return address unless redirects are ruled out.
		params.AutomaticPaymentMethods = &stripego.PaymentIntentAutomaticPaymentMethodsParams{Enabled: stripego.Bool(true),
			AllowRedirects: stripego.String("never")}
	}
	if p.ManualCapture {
		params.CaptureMethod = stripego.String("manual")
	}
	if p.SaveForLater {
		params.SetupFutureUsage = stripego.String("off_session")
	}
	params.AddExpand("latest_charge")
	return send(ctx, a, request{operation: "payment_intent.create", key: key, write: true}, &params.Params, func() (*answer, error) {
		pi, err := a.api.PaymentIntents.New(params)
		return pi.LastResponse, err
	}, DecodePaymentIntent)
}

// RetrievePaymentIntent reads an intent with its latest charge.
func (a *Account) RetrievePaymentIntent(ctx context.Context, id string) (*PaymentIntent, error) {
	params := &stripego.PaymentIntentParams{}
	params.AddExpand("latest_charge")
	return send(ctx, a, request{operation: "payment_intent.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		pi, err := a.api.PaymentIntents.Get(id, params)
		return pi.LastResponse, err
	}, DecodePaymentIntent)
}

// ConfirmParams says how to pay an intent that exists.
type ConfirmParams struct {
	PaymentMethod string // "" for the intent's own
	OffSession    bool
	ReturnURL     string
}

// ConfirmPaymentIntent pays an intent from here, without a browser.
func (a *Account) ConfirmPaymentIntent(ctx context.Context, key, id string, p ConfirmParams) (*PaymentIntent, error) {
	params := &stripego.PaymentIntentConfirmParams{PaymentMethod: optional(p.PaymentMethod), OffSession: optionalTrue(p.OffSession),
		ReturnURL: optional(p.ReturnURL)}
	params.AddExpand("latest_charge")
	return send(ctx, a, request{operation: "payment_intent.confirm", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		pi, err := a.api.PaymentIntents.Confirm(id, params)
		return pi.LastResponse, err
	}, DecodePaymentIntent)
}

// CapturePaymentIntent takes amount (minor units; 0 means all) of what was authorised and releases the rest.
func (a *Account) CapturePaymentIntent(ctx context.Context, key, id string, amount int64) (*PaymentIntent, error) {
	params := &stripego.PaymentIntentCaptureParams{AmountToCapture: optionalAmount(amount)}
	params.AddExpand("latest_charge")
	return send(ctx, a, request{operation: "payment_intent.capture", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		pi, err := a.api.PaymentIntents.Capture(id, params)
		return pi.LastResponse, err
	}, DecodePaymentIntent)
}

// CancelPaymentIntent ends an intent; an authorisation is released. Reason is one of Stripe's ("requested_by_customer", "abandoned",
// "duplicate", "fraudulent") or "".
func (a *Account) CancelPaymentIntent(ctx context.Context, key, id, reason string) (*PaymentIntent, error) {
	params := &stripego.PaymentIntentCancelParams{CancellationReason: optional(reason)}
	params.AddExpand("latest_charge")
	return send(ctx, a, request{operation: "payment_intent.cancel", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		pi, err := a.api.PaymentIntents.Cancel(id, params)
		return pi.LastResponse, err
	}, DecodePaymentIntent)
}

// Lookup narrows a search for objects whose creation had an unknown outcome.
type Lookup struct {
	Customer     string    // "" for any
	Since, Until time.Time // of creation, both included; zero for open
	Metadata     map[string]string
}

// FindPaymentIntents lists the intents that fit, newest first. It reads Stripe's lists, which know an intent at once, and not Stripe's
// search, which may lag by a minute; so give a Customer or a Since wherever possible.
func (a *Account) FindPaymentIntents(ctx context.Context, l Lookup) ([]*PaymentIntent, error) {
	params := &stripego.PaymentIntentListParams{Customer: optional(l.Customer), CreatedRange: createdRange(l.Since, l.Until)}
	params.AddExpand("data.latest_charge")
	found, err := listAll(ctx, a, listQuery{request{operation: "payment_intent.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.PaymentIntents.List(params)
		return it.PaymentIntentList().LastResponse, it.Err()
	}}, DecodePaymentIntent)
	return matching(found, l.Metadata, func(p *PaymentIntent) map[string]string { return p.Metadata }), err
}
