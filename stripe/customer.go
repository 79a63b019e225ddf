package stripe

import (
	"context"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// CustomerParams is what paytond tells Stripe of a customer. On creation empty texts are left out; on update
// Name, Email, Phone and Description are set to exactly what is here, so that an empty one is cleared at Stripe. Empty Locales
// leave what Stripe has: its API cannot clear them.
type CustomerParams struct {
	Name, Email, Phone, Description string
	Locales                         []string          // preferred languages, such as "fr-FR"
	Source                          string            // token or source to attach and make the default; "" for none
	PaymentMethod                   string            // payment method to attach, on creation only
	Metadata                        map[string]string // added to what Stripe has
}

// Customer is a customer at Stripe.
type Customer struct {
	ID                              string
	Name, Email, Phone, Description string
	Locales                         []string
	DefaultSource                   string
	DefaultPaymentMethod            string // of the invoice settings
	Metadata                        map[string]string
	Created                         time.Time
	Livemode, Deleted               bool
}

// CreateCustomer creates a customer. A Source or PaymentMethod that the bank refuses is a Card error.
func (a *Account) CreateCustomer(ctx context.Context, key string, p CustomerParams) (*Customer, error) {
	params := &stripego.CustomerParams{Name: optional(p.Name), Email: optional(p.Email), Phone: optional(p.Phone),
		Description: optional(p.Description), Source: optional(p.Source), PaymentMethod: optional(p.PaymentMethod),
		PreferredLocales: optionalSlice(p.Locales), Metadata: p.Metadata}
	return send(ctx, a, request{operation: "customer.create", key: key, write: true}, &params.Params, func() (*answer, error) {
		c, err := a.api.Customers.New(params)
		return c.LastResponse, err
	}, decodeCustomer)
}

// RetrieveCustomer reads a customer; one that was deleted comes back with Deleted set.
func (a *Account) RetrieveCustomer(ctx context.Context, id string) (*Customer, error) {
	params := &stripego.CustomerParams{}
	return send(ctx, a, request{operation: "customer.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		c, err := a.api.Customers.Get(id, params)
		return c.LastResponse, err
	}, decodeCustomer)
}

// UpdateCustomer brings a customer to what p says: an e-mail address or phone that it lacks is taken away. A description and languages stay
// without others; Stripe has no way to take languages away.
func (a *Account) UpdateCustomer(ctx context.Context, key, id string, p CustomerParams) (*Customer, error) {
	params := &stripego.CustomerParams{Name: &p.Name, Email: &p.Email, Phone: &p.Phone, Description: optional(p.Description),
		PreferredLocales: optionalSlice(p.Locales), Source: optional(p.Source), Metadata: p.Metadata}
	return send(ctx, a, request{operation: "customer.update", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		c, err := a.api.Customers.Update(id, params)
		return c.LastResponse, err
	}, decodeCustomer)
}

// DeleteCustomer deletes a customer and all its sources and payment methods, for good.
func (a *Account) DeleteCustomer(ctx context.Context, key, id string) error {
	params := &stripego.CustomerParams{}
	_, err := send(ctx, a, request{operation: "customer.delete", key: key, write: true, ids: []string{id}}, &params.Params, func() (*answer, error) {
		c, err := a.api.Customers.Del(id, params)
		return c.LastResponse, err
	}, decodeCustomer)
	return err
}

// FindCustomers lists the customers created in [since, until] whose metadata hold every pair of match, newest first: how to learn
// whether a creation of unknown outcome was done. An e-mail narrows the list; "" does not.
func (a *Account) FindCustomers(ctx context.Context, email string, since, until time.Time, match map[string]string) ([]*Customer, error) {
	params := &stripego.CustomerListParams{Email: optional(email), CreatedRange: createdRange(since, until)}
	found, err := listAll(ctx, a, listQuery{request{operation: "customer.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.Customers.List(params)
		return it.CustomerList().LastResponse, it.Err()
	}}, decodeCustomer)
	return matching(found, match, func(c *Customer) map[string]string { return c.Metadata }), err
}

func decodeCustomer(raw []byte) (*Customer, error) {
	var w struct {
		ID              string
		Name            string
		Email           string
		Phone           string
		Description     string
		Locales         []string `json:"preferred_locales"`
		DefaultSource   ref      `json:"default_source"`
		InvoiceSettings struct {
			Method ref `json:"default_payment_method"`
		} `json:"invoice_settings"`
		Metadata map[string]string
		Created  unixTime
		Livemode bool
		Deleted  bool
	}
	if err := decodeObject(raw, "customer", &w); err != nil {
		return nil, err
	}
	return &Customer{ID: w.ID, Name: w.Name, Email: w.Email, Phone: w.Phone, Description: w.Description, Locales: w.Locales,
		DefaultSource: w.DefaultSource.ID, DefaultPaymentMethod: w.InvoiceSettings.Method.ID, Metadata: w.Metadata,
		Created: w.Created.Time, Livemode: w.Livemode, Deleted: w.Deleted}, nil
}
