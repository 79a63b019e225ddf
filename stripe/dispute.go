package stripe

import (
	"context"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// Dispute is a customer's objection to a charge, with his bank.
type Dispute struct {
	ID            string
	Status        string // "needs_response", "under_review", "won", "lost", "warning_…"
	Reason        string
	Amount        int64 // the disputed part of the charge, minor units
	Currency      string
	Charge        string
	PaymentIntent string
	DueBy         time.Time // evidence until then; zero when none is asked
	Refundable    bool      // the charge may still be refunded
	Metadata      map[string]string
	Created       time.Time
}

// ListDisputes lists the disputes of a charge, the newest first.
func (a *Account) ListDisputes(ctx context.Context, charge string) ([]*Dispute, error) {
	params := &stripego.DisputeListParams{Charge: optional(charge)}
	return listAll(ctx, a, listQuery{request{operation: "dispute.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.Disputes.List(params)
		return it.DisputeList().LastResponse, it.Err()
	}}, DecodeDispute)
}

// CloseDispute accepts a dispute: it is lost at once.
func (a *Account) CloseDispute(ctx context.Context, key, id string) (*Dispute, error) {
	params := &stripego.DisputeParams{}
	return send(ctx, a, request{operation: "dispute.close", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		d, err := a.api.Disputes.Close(id, params)
		return d.LastResponse, err
	}, DecodeDispute)
}

// DecodeDispute reads a dispute's JSON, from an answer or an event.
func DecodeDispute(raw []byte) (*Dispute, error) {
	var w struct {
		ID, Status, Reason string
		Amount             int64
		Currency           string
		Charge             ref
		PaymentIntent      ref `json:"payment_intent"`
		Evidence           *struct {
			DueBy unixTime `json:"due_by"`
		} `json:"evidence_details"`
		Refundable bool `json:"is_charge_refundable"`
		Metadata   map[string]string
		Created    unixTime
	}
	if err := decodeObject(raw, "dispute", &w); err != nil {
		return nil, err
	}
	d := &Dispute{ID: w.ID, Status: w.Status, Reason: w.Reason, Amount: w.Amount, Currency: w.Currency, Charge: w.Charge.ID,
		PaymentIntent: w.PaymentIntent.ID, Refundable: w.Refundable, Metadata: w.Metadata, Created: w.Created.Time}
	if w.Evidence != nil {
		d.DueBy = w.Evidence.DueBy.Time
	}
	return d, nil
}
