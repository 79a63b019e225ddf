package stripe

import (
	"context"
	"encoding/json"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// PaymentMethod is a card, bank account, … kept at Stripe.
type PaymentMethod struct {
	ID           string
	Type         string // "card", "us_bank_account", "sepa_debit", …
	Customer     string
	Brand        string // of a card, such as "visa"
	Bank         string // name of the bank, or its code
	Last4        string
	Fingerprint  string // equal for the same card or account, whoever's customer keeps it
	Funding      string // "credit", "debit", "prepaid"
	Country      string
	ExpMonth     int
	ExpYear      int
	BillingName  string
	BillingEmail string
	Metadata     map[string]string
	Created      time.Time
}

// ListPaymentMethods lists a customer's payment methods of a type; "" for all types.
func (a *Account) ListPaymentMethods(ctx context.Context, customer, methodType string) ([]*PaymentMethod, error) {
	params := &stripego.PaymentMethodListParams{Customer: &customer, Type: optional(methodType)}
	return listAll(ctx, a, listQuery{request{operation: "payment_method.list", ids: []string{customer}}, &params.ListParams, func() (*answer, error) {
		it := a.api.PaymentMethods.List(params)
		return it.PaymentMethodList().LastResponse, it.Err()
	}}, DecodePaymentMethod)
}

// RetrievePaymentMethod reads a payment method.
func (a *Account) RetrievePaymentMethod(ctx context.Context, id string) (*PaymentMethod, error) {
	params := &stripego.PaymentMethodParams{}
	return send(ctx, a, request{operation: "payment_method.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		m, err := a.api.PaymentMethods.Get(id, params)
		return m.LastResponse, err
	}, DecodePaymentMethod)
}

// AttachPaymentMethod gives a payment method to a customer.
func (a *Account) AttachPaymentMethod(ctx context.Context, key, id, customer string) (*PaymentMethod, error) {
	params := &stripego.PaymentMethodAttachParams{Customer: &customer}
	return send(ctx, a, request{operation: "payment_method.attach", key: key, write: true, ids: []string{id, customer}}, &params.Params, func() (*answer, error) {
		m, err := a.api.PaymentMethods.Attach(id, params)
		return m.LastResponse, err
	}, DecodePaymentMethod)
}

// DetachPaymentMethod takes a payment method from its customer, for good.
func (a *Account) DetachPaymentMethod(ctx context.Context, key, id string) (*PaymentMethod, error) {
	params := &stripego.PaymentMethodDetachParams{}
	return send(ctx, a, request{operation: "payment_method.detach", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		m, err := a.api.PaymentMethods.Detach(id, params)
		return m.LastResponse, err
	}, DecodePaymentMethod)
}

// wireMethodDetails is what a payment method says of its card or bank account, in the hash named like its type.
type wireMethodDetails struct {
	Brand, Last4, Fingerprint, Funding, Country string
	BankName                                    string `json:"bank_name"`
	BankCode                                    string `json:"bank_code"`
	ExpMonth                                    int    `json:"exp_month"`
	ExpYear                                     int    `json:"exp_year"`
}

// DecodePaymentMethod reads a payment method's JSON, from an answer or an event.
func DecodePaymentMethod(raw []byte) (*PaymentMethod, error) {
	var w struct {
		ID             string
		Type           string
		Customer       ref
		BillingDetails struct{ Name, Email string } `json:"billing_details"`
		Metadata       map[string]string
		Created        unixTime
	}
	if err := decodeObject(raw, "payment_method", &w); err != nil {
		return nil, err
	}
	d := detailsOf(raw, w.Type)
	bank := d.BankName
	if bank == "" {
		bank = d.BankCode
	}
	return &PaymentMethod{ID: w.ID, Type: w.Type, Customer: w.Customer.ID, Brand: d.Brand, Bank: bank, Last4: d.Last4,
		Fingerprint: d.Fingerprint, Funding: d.Funding, Country: d.Country, ExpMonth: d.ExpMonth, ExpYear: d.ExpYear,
		BillingName: w.BillingDetails.Name, BillingEmail: w.BillingDetails.Email, Metadata: w.Metadata,
		Created: w.Created.Time}, nil
}

// detailsOf reads the hash that is named like the type; a type without (known) details has none.
func detailsOf(raw []byte, methodType string) wireMethodDetails {
	var hashes map[string]json.RawMessage
	var d wireMethodDetails
	if json.Unmarshal(raw, &hashes) == nil && hashes[methodType] != nil {
		if json.Unmarshal(hashes[methodType], &d) != nil {
			return wireMethodDetails{}
		}
	}
	return d
}
