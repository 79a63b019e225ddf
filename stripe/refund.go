package stripe

import (
	"context"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// RefundParams describes a refund of a charge or of an intent's charge; name one of the two.
type RefundParams struct {
	Charge, PaymentIntent string
	Amount                int64  // minor units; 0 means all that is left
	Reason                string // "duplicate", "fraudulent", "requested_by_customer" or ""
	Metadata              map[string]string
}

// Refund is a refund at Stripe.
type Refund struct {
	ID            string
	Status        string // "pending", "requires_action", "succeeded", "failed" or "canceled"
	Amount        int64
	Currency      string
	Charge        string
	PaymentIntent string
	Reason        string
	FailureReason string
	// BalanceTransaction is where the money left the account. It is empty for the release of an authorisation (a void, or what a partial capture
	// left over), which Stripe shows as a refund though no money moves.
	BalanceTransaction string
	Metadata           map[string]string
	Created            time.Time
}

// CreateRefund gives money back. A refund may be pending and fail later.
func (a *Account) CreateRefund(ctx context.Context, key string, p RefundParams) (*Refund, error) {
	params := &stripego.RefundParams{Charge: optional(p.Charge), PaymentIntent: optional(p.PaymentIntent),
		Amount: optionalAmount(p.Amount), Reason: optional(p.Reason), Metadata: p.Metadata}
	return send(ctx, a, request{operation: refundCreation, key: key, write: true}, &params.Params, func() (*answer, error) {
		r, err := a.api.Refunds.New(params)
		return r.LastResponse, err
	}, DecodeRefund)
}

// RetrieveRefund reads a refund.
func (a *Account) RetrieveRefund(ctx context.Context, id string) (*Refund, error) {
	params := &stripego.RefundParams{}
	return send(ctx, a, request{operation: "refund.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		r, err := a.api.Refunds.Get(id, params)
		return r.LastResponse, err
	}, DecodeRefund)
}

// ListRefunds lists the refunds of a charge, or of an intent's charge, newest first; name one of the two.
func (a *Account) ListRefunds(ctx context.Context, charge, paymentIntent string) ([]*Refund, error) {
	params := &stripego.RefundListParams{Charge: optional(charge), PaymentIntent: optional(paymentIntent)}
	id := charge + paymentIntent
	return listAll(ctx, a, listQuery{request{operation: "refund.list", ids: []string{id}}, &params.ListParams, func() (*answer, error) {
		it := a.api.Refunds.List(params)
		return it.RefundList().LastResponse, it.Err()
	}}, DecodeRefund)
}

// DecodeRefund reads a refund's JSON, from an answer or an event.
func DecodeRefund(raw []byte) (*Refund, error) {
	var w struct {
		ID            string
		Status        string
		Amount        int64
		Currency      string
		Charge        ref
		PaymentIntent ref `json:"payment_intent"`
		Reason        string
		FailureReason string `json:"failure_reason"`
		Balance       ref    `json:"balance_transaction"`
		Metadata      map[string]string
		Created       unixTime
	}
	if err := decodeObject(raw, "refund", &w); err != nil {
		return nil, err
	}
	return &Refund{ID: w.ID, Status: w.Status, Amount: w.Amount, Currency: w.Currency, Charge: w.Charge.ID,
		PaymentIntent: w.PaymentIntent.ID, Reason: w.Reason, FailureReason: w.FailureReason,
		BalanceTransaction: w.Balance.ID, Metadata: w.Metadata,
		Created: w.Created.Time}, nil
}
