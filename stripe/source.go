package stripe

import (
	"context"
	"encoding/json"
	"fmt"

	stripego "github.com/stripe/stripe-go/v76"
)

// Source is a card, bank account or source of the older kind on a customer.
type Source struct {
	ID          string
	Object      string // "card", "bank_account" or "source"
	Type        string // of a source: "card", "sepa_debit", …
	Customer    string
	Brand       string
	Bank        string
	Last4       string
	Fingerprint string
	Country     string
	Status      string // of a source or bank account
	ExpMonth    int
	ExpYear     int
}

// ListSources lists a customer's sources; object ("card", "bank_account", "source") narrows the list, "" does not.
func (a *Account) ListSources(ctx context.Context, customer, object string) ([]*Source, error) {
	params := &stripego.PaymentSourceListParams{Customer: &customer, Object: optional(object)}
	return listAll(ctx, a, listQuery{request{operation: "source.list", ids: []string{customer}}, &params.ListParams, func() (*answer, error) {
		it := a.api.PaymentSources.List(params)
		return it.PaymentSourceList().LastResponse, it.Err()
	}}, DecodeSource)
}

// AttachSource adds a token or source to a customer; the default stays what it was unless there was none.
func (a *Account) AttachSource(ctx context.Context, key, customer, source string) (*Source, error) {
	params := &stripego.PaymentSourceParams{Customer: &customer, Source: &stripego.PaymentSourceSourceParams{Token: &source}}
	return send(ctx, a, request{operation: "source.attach", key: key, write: true, ids: []string{customer, source}}, &params.Params, func() (*answer, error) {
		s, err := a.api.PaymentSources.New(params)
		return s.LastResponse, err
	}, DecodeSource)
}

// DeleteSource takes a source from a customer, for good.
func (a *Account) DeleteSource(ctx context.Context, key, customer, source string) error {
	params := &stripego.PaymentSourceParams{Customer: &customer}
	_, err := send(ctx, a, request{operation: "source.delete", key: key, write: true, ids: []string{source, customer}}, &params.Params, func() (*answer, error) {
		s, err := a.api.PaymentSources.Del(source, params)
		return s.LastResponse, err
	}, decodeAny)
	return err
}

// decodeAny is for answers of which only the success matters.
func decodeAny(raw []byte) (struct{}, error) { return struct{}{}, nil }

// DecodeSource reads the JSON of a card, bank account or source.
func DecodeSource(raw []byte) (*Source, error) {
	var w struct {
		wireMethodDetails
		ID, Object, Type, Status string
		Customer                 ref
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("read a source: %w", err)
	}
	if w.Object != "card" && w.Object != "bank_account" && w.Object != "source" {
		return nil, fmt.Errorf("read a source: it is a %q", w.Object)
	}
	d := w.wireMethodDetails
	if w.Object == "source" {
		d = detailsOf(raw, w.Type)
	}
	bank := d.BankName
	if bank == "" {
		bank = d.BankCode
	}
	return &Source{ID: w.ID, Object: w.Object, Type: w.Type, Customer: w.Customer.ID, Brand: d.Brand, Bank: bank, Last4: d.Last4,
		Fingerprint: d.Fingerprint, Country: d.Country, Status: w.Status, ExpMonth: d.ExpMonth, ExpYear: d.ExpYear}, nil
}
