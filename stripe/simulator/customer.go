package simulator

import (
	"net/mail"
	"strings"
)

// customer is a customer.
type customer struct {
	ID              string          `json:"id"`
	Object          string          `json:"object"`
	Address         *address        `json:"address"`
	Balance         int64           `json:"balance"`
	Created         int64           `json:"created"`
	Currency        text            `json:"currency"`
	DefaultSource   text            `json:"default_source"`
	Delinquent      bool            `json:"delinquent"`
	Description     text            `json:"description"`
	Discount        text            `json:"discount"`
	Email           text            `json:"email"`
	InvoicePrefix   string          `json:"invoice_prefix"`
	InvoiceSettings invoiceSettings `json:"invoice_settings"`
	Livemode        bool            `json:"livemode"`
	Metadata        metadata        `json:"metadata"`
	Name            text            `json:"name"`
	Phone           text            `json:"phone"`
	Locales         []string        `json:"preferred_locales"`
	Shipping        text            `json:"shipping"`
	TaxExempt       string          `json:"tax_exempt"`
	TestClock       text            `json:"test_clock"`
}

type invoiceSettings struct {
	CustomFields   text `json:"custom_fields"`
	DefaultMethod  text `json:"default_payment_method"`
	Footer         text `json:"footer"`
	RenderingOther text `json:"rendering_options"`
}

func (r *request) newCustomer(id string) *customer {
	return &customer{ID: id, Object: "customer", Created: r.unix(), InvoicePrefix: strings.ToUpper(randomText(8)), TaxExempt: "none",
		Locales: []string{}, Metadata: metadata{}}
}

// read applies the parameters that creation and update share.
func (c *customer) read(p *params) {
	set := func(name string, field *text, limit int) {
		if v, ok := p.given(name); ok {
			if len([]rune(v)) > limit {
				p.fail(invalidParam("parameter_invalid_string_blank", "Invalid string: "+name+" is too long", name))
			}
			*field = text(v)
		}
	}
	set("name", &c.Name, 256)
	set("email", &c.Email, 512)
	set("phone", &c.Phone, 20)
	set("description", &c.Description, 5000)
	if c.Email != "" {
		if parsed, err := mail.ParseAddress(string(c.Email)); err != nil || parsed.Address != string(c.Email) {
			p.fail(invalidParam("email_invalid", "Invalid email address: "+string(c.Email), "email"))
		}
	}
	if p.has("preferred_locales") {
		c.Locales = append([]string{}, p.list("preferred_locales")...)
	}
	if v, ok := p.given("address"); ok && v == "" {
		c.Address = nil
	} else if p.has("address") {
		c.Address = readAddress(p, "address")
	}
	if v, ok := p.given("invoice_settings[default_payment_method]"); ok {
		c.InvoiceSettings.DefaultMethod = text(v)
	}
	c.Metadata = c.Metadata.merged(p.metadata())
	p.ignore("shipping", "tax_exempt", "balance", "tax")
}

func readAddress(p *params, prefix string) *address {
	one := func(name string) text { return text(p.str(prefix + "[" + name + "]")) }
	return &address{City: one("city"), Country: one("country"), Line1: one("line1"), Line2: one("line2"), PostalCode: one("postal_code"),
		State: one("state")}
}

func (r *request) createCustomer() (any, *apiError) {
	c := r.newCustomer(newID("cus"))
	c.read(r.params)
	source, method := r.params.str("source"), r.params.str("payment_method")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	var m *paymentMethod
	var e *apiError
	if method != "" {
		if m, e = r.method(method, "payment_method"); e == nil {
			e = r.attachable(m, c.ID)
		}
		if e != nil {
			return nil, e
		}
	}
	var one *attached
	if source != "" {
		if one, e = r.attachSource(c, source); e != nil {
			return nil, e
		}
	}
	r.account.Customers.put(c.ID, c)
	r.emit("customer.created", c)
	if one != nil {
		r.emit("customer.source.created", one.object)
	}
	if m != nil {
		m.Customer = text(c.ID)
		r.emit("payment_method.attached", m)
	}
	return c, nil
}

// customer finds a customer that was not deleted.
func (r *request) customer(id, param string) (*customer, *apiError) {
	c, ok := r.account.Customers.get(id)
	if !ok {
		return nil, noSuch("customer", id, param)
	}
	return c, nil
}

func (r *request) retrieveCustomer() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if r.account.deletedCustomer(r.id) {
		return map[string]any{"id": r.id, "object": "customer", "deleted": true}, nil
	}
	return orError(r.customer(r.id, "id"))
}

// deletedCustomer tells whether a customer was there once: an event of its deletion stays.
func (a *account) deletedCustomer(id string) bool {
	if _, ok := a.Customers.get(id); ok {
		return false
	}
	for _, e := range a.Events.Rows {
		if e.Type == "customer.deleted" && e.Data.Object["id"] == id {
			return true
		}
	}
	return false
}

func (r *request) updateCustomer() (any, *apiError) {
	c, e := r.customer(r.id, "id")
	if e != nil {
		return nil, e
	}
	updated := *c
	updated.read(r.params)
	source, def := r.params.str("source"), r.params.str("default_source")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if m := string(updated.InvoiceSettings.DefaultMethod); m != "" {
		if one, ok := r.account.Methods.get(m); !ok || string(one.Customer) != c.ID {
			return nil, noSuch("PaymentMethod", m, "invoice_settings[default_payment_method]")
		}
	}
	if def != "" {
		if !r.owns(c, def) {
			return nil, noSuch("source", def, "default_source")
		}
		updated.DefaultSource = text(def)
	}
	var one *attached
	if source != "" {
		if one, e = r.attachSource(&updated, source); e != nil {
			return nil, e
		}
		updated.DefaultSource = text(one.id)
	}
	*c = updated
	if one != nil {
		r.emit("customer.source.created", one.object)
	}
	r.emit("customer.updated", c)
	return c, nil
}

func (r *request) deleteCustomer() (any, *apiError) {
	c, e := r.customer(r.id, "id")
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	for _, m := range r.account.Methods.newestFirst(func(m *paymentMethod) bool { return string(m.Customer) == c.ID }) {
		m.Customer, m.Own.Spent = "", true
	}
	for _, one := range r.account.Cards.newestFirst(func(x *card) bool { return string(x.Customer) == c.ID }) {
		r.account.Cards.remove(one.ID)
	}
	for _, one := range r.account.Sources.newestFirst(func(x *source) bool { return x.Customer == c.ID }) {
		one.Customer, one.Status = "", sourceConsumed
	}
	r.account.Customers.remove(c.ID)
	r.emit("customer.deleted", c)
	return map[string]any{"id": c.ID, "object": "customer", "deleted": true}, nil
}

func (r *request) listCustomers() (any, *apiError) {
	email := r.params.str("email")
	span := r.createdFilter()
	return page(r, &r.account.Customers, func(c *customer) bool {
		return (email == "" || string(c.Email) == email) && span.holds(c.Created)
	})
}
