package stripe

import (
	"context"
	"log/slog"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// SetupIntentParams describes a set-up intent: the wish to keep a payment method for later.
type SetupIntentParams struct {
	Customer    string // "" lets the method stay free until it is attached
	MethodTypes []string
	OnSession   bool // the method shall be used with the customer present only; the default is off session
	Description string
	Metadata    map[string]string
}

// SetupIntent is a set-up intent at Stripe. Its statuses are those of a payment intent that can apply.
type SetupIntent struct {
	ID            string
	Status        string
	Customer      string
	PaymentMethod string
	MethodTypes   []string
	ClientSecret  string // never logged
	Mandate       string
	LastError     *IntentError
	NextAction    *NextAction
	Metadata      map[string]string
	CancelReason  string
	Created       time.Time
	Livemode      bool
}

// LogValue keeps the client secret out of logs.
func (s *SetupIntent) LogValue() slog.Value { return slog.StringValue(s.ID + " " + s.Status) }

// CreateSetupIntent creates a set-up intent for a browser to finish.
func (a *Account) CreateSetupIntent(ctx context.Context, key string, p SetupIntentParams) (*SetupIntent, error) {
	params := &stripego.SetupIntentParams{Customer: optional(p.Customer), PaymentMethodTypes: optionalSlice(p.MethodTypes),
		Description: optional(p.Description), Metadata: p.Metadata, Usage: stripego.String("off_session")}
	if p.OnSession {
		params.Usage = stripego.String("on_session")
	}
	return send(ctx, a, request{operation: "setup_intent.create", key: key, write: true}, &params.Params, func() (*answer, error) {
		si, err := a.api.SetupIntents.New(params)
		return si.LastResponse, err
	}, DecodeSetupIntent)
}

// RetrieveSetupIntent reads a set-up intent.
func (a *Account) RetrieveSetupIntent(ctx context.Context, id string) (*SetupIntent, error) {
	params := &stripego.SetupIntentParams{}
	return send(ctx, a, request{operation: "setup_intent.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		si, err := a.api.SetupIntents.Get(id, params)
		return si.LastResponse, err
	}, DecodeSetupIntent)
}

// CancelSetupIntent ends a set-up intent that has not succeeded.
func (a *Account) CancelSetupIntent(ctx context.Context, key, id string) (*SetupIntent, error) {
	params := &stripego.SetupIntentCancelParams{}
	return send(ctx, a, request{operation: "setup_intent.cancel", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		si, err := a.api.SetupIntents.Cancel(id, params)
		return si.LastResponse, err
	}, DecodeSetupIntent)
}

// DecodeSetupIntent reads a set-up intent's JSON, from an answer or an event.
func DecodeSetupIntent(raw []byte) (*SetupIntent, error) {
	var w struct {
		ID            string
		Status        string
		Customer      ref
		PaymentMethod ref             `json:"payment_method"`
		MethodTypes   []string        `json:"payment_method_types"`
		ClientSecret  string          `json:"client_secret"`
		Mandate       ref             `json:"mandate"`
		LastError     *wireError      `json:"last_setup_error"`
		NextAction    *wireNextAction `json:"next_action"`
		Metadata      map[string]string
		CancelReason  string `json:"cancellation_reason"`
		Created       unixTime
		Livemode      bool
	}
	if err := decodeObject(raw, "setup_intent", &w); err != nil {
		return nil, err
	}
	return &SetupIntent{ID: w.ID, Status: w.Status, Customer: w.Customer.ID, PaymentMethod: w.PaymentMethod.ID,
		MethodTypes: w.MethodTypes, ClientSecret: w.ClientSecret, Mandate: w.Mandate.ID, LastError: w.LastError.decode(),
		NextAction: w.NextAction.decode(), Metadata: w.Metadata, CancelReason: w.CancelReason, Created: w.Created.Time,
		Livemode: w.Livemode}, nil
}
