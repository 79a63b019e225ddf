package stripe

import (
	"cmp"
	"context"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// ChargeParams describes a charge by token, or by a source of a customer.
type ChargeParams struct {
	Amount          int64  // minor units
	Currency        string // lower case
	Source          string // "tok_…" or "src_…"; with Customer, one of its cards ("card_…"), or "" for its default
	Customer        string
	AuthorizeOnly   bool // captured by CaptureCharge
	Description     string
	Metadata        map[string]string
	StatementSuffix string
	ReceiptEmail    string
}

// Charge is one movement of money at Stripe.
type Charge struct {
	ID                 string
	Status             string // "succeeded", "pending" or "failed"
	Amount             int64
	AmountCaptured     int64
	AmountRefunded     int64
	Currency           string
	Captured, Paid     bool
	Refunded, Disputed bool
	Customer           string
	PaymentIntent      string
	PaymentMethod      string
	MethodType         string // "card", "us_bank_account", …
	Brand, Bank        string // of a card as "visa"; the name or code of a bank
	Last4              string // of the card's or account's number
	Mandate            string // the payer's consent to a bank debit
	Dispute            string
	FailureCode        string
	DeclineCode        string // of the card's bank, where FailureCode is card_declined
	FailureMessage     string
	BalanceTransaction string
	CaptureBefore      time.Time // when the authorisation ends
	ReceiptURL         string
	Description        string
	Metadata           map[string]string
	Created            time.Time
	Livemode           bool
}

// CreateCharge takes (or authorises) money at once. A decline is an *Error of kind Card with the ChargeID of the failed charge.
func (a *Account) CreateCharge(ctx context.Context, key string, p ChargeParams) (*Charge, error) {
	params := &stripego.ChargeParams{Amount: &p.Amount, Currency: &p.Currency, Customer: optional(p.Customer),
		Description: optional(p.Description), Metadata: p.Metadata, StatementDescriptorSuffix: optional(p.StatementSuffix),
		ReceiptEmail: optional(p.ReceiptEmail), Capture: stripego.Bool(!p.AuthorizeOnly)}
	if p.Source != "" {
		if err := params.SetSource(p.Source); err != nil {
			return nil, a.refused(ctx, request{operation: "charge.create", key: key},
				&Error{Kind: InvalidRequest, Message: "The source cannot be used", Param: "source", unsent: true, cause: err})
		}
	}
	return send(ctx, a, request{operation: "charge.create", key: key, write: true}, &params.Params, func() (*answer, error) {
		c, err := a.api.Charges.New(params)
		return c.LastResponse, err
	}, DecodeCharge)
}

// RetrieveCharge reads a charge.
func (a *Account) RetrieveCharge(ctx context.Context, id string) (*Charge, error) {
	params := &stripego.ChargeParams{}
	return send(ctx, a, request{operation: "charge.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		c, err := a.api.Charges.Get(id, params)
		return c.LastResponse, err
	}, DecodeCharge)
}

// CaptureCharge takes amount (minor units; 0 means all) of an authorised charge and releases the rest.
func (a *Account) CaptureCharge(ctx context.Context, key, id string, amount int64) (*Charge, error) {
	params := &stripego.ChargeCaptureParams{Amount: optionalAmount(amount)}
	return send(ctx, a, request{operation: "charge.capture", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		c, err := a.api.Charges.Capture(id, params)
		return c.LastResponse, err
	}, DecodeCharge)
}

// FindCharges lists the charges that fit, newest first.
func (a *Account) FindCharges(ctx context.Context, l Lookup) ([]*Charge, error) {
	params := &stripego.ChargeListParams{Customer: optional(l.Customer), CreatedRange: createdRange(l.Since, l.Until)}
	found, err := listAll(ctx, a, listQuery{request{operation: "charge.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.Charges.List(params)
		return it.ChargeList().LastResponse, it.Err()
	}}, DecodeCharge)
	return matching(found, l.Metadata, func(c *Charge) map[string]string { return c.Metadata }), err
}

// DecodeCharge reads a charge's JSON, from an answer or an event.
func DecodeCharge(raw []byte) (*Charge, error) {
	var w struct {
		ID                 string
		Status             string
		Amount             int64
		AmountCaptured     int64 `json:"amount_captured"`
		AmountRefunded     int64 `json:"amount_refunded"`
		Currency           string
		Captured, Paid     bool
		Refunded, Disputed bool
		Customer           ref
		PaymentIntent      ref `json:"payment_intent"`
		PaymentMethod      ref `json:"payment_method"`
		Source             ref
		Dispute            ref
		FailureCode        string `json:"failure_code"`
		FailureMessage     string `json:"failure_message"`
		Outcome            struct{ Type, Reason string }
		BalanceTransaction ref `json:"balance_transaction"`
		Details            struct {
			Type string
			Card struct {
				Brand, Last4  string
				CaptureBefore unixTime `json:"capture_before"`
			}
			USBankAccount struct {
				Mandate  ref
				BankName string `json:"bank_name"`
				Last4    string
			} `json:"us_bank_account"`
			SEPADebit struct {
				Mandate  ref
				BankCode string `json:"bank_code"`
				Last4    string
			} `json:"sepa_debit"`
		} `json:"payment_method_details"`
		ReceiptURL  string `json:"receipt_url"`
		Description string
		Metadata    map[string]string
		Created     unixTime
		Livemode    bool
	}
	if err := decodeObject(raw, "charge", &w); err != nil {
		return nil, err
	}
	method := w.PaymentMethod.ID
	if method == "" {
		method = w.Source.ID
	}
	declined := ""
	if w.FailureCode == "card_declined" && w.Outcome.Type == "issuer_declined" {
		declined = w.Outcome.Reason
	}
	d := w.Details
	mandate := cmp.Or(d.USBankAccount.Mandate.ID, d.SEPADebit.Mandate.ID)
	return &Charge{ID: w.ID, Status: w.Status, Amount: w.Amount, AmountCaptured: w.AmountCaptured, AmountRefunded: w.AmountRefunded,
		Currency: w.Currency, Captured: w.Captured, Paid: w.Paid, Refunded: w.Refunded, Disputed: w.Disputed || w.Dispute.ID != "",
		Customer: w.Customer.ID, PaymentIntent: w.PaymentIntent.ID, PaymentMethod: method, MethodType: d.Type, Mandate: mandate, Dispute: w.Dispute.ID,
		Brand: d.Card.Brand, Bank: cmp.Or(d.USBankAccount.BankName, d.SEPADebit.BankCode),
		Last4:       cmp.Or(d.Card.Last4, d.USBankAccount.Last4, d.SEPADebit.Last4),
		FailureCode: w.FailureCode, FailureMessage: w.FailureMessage, DeclineCode: declined, BalanceTransaction: w.BalanceTransaction.ID,
		CaptureBefore: d.Card.CaptureBefore.Time, ReceiptURL: w.ReceiptURL, Description: w.Description,
		Metadata: w.Metadata, Created: w.Created.Time, Livemode: w.Livemode}, nil
}
