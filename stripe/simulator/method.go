package simulator

import (
	"strings"
)

// paymentMethod is a card or bank account to pay with.
type paymentMethod struct {
	ID            string      `json:"id"`
	Object        string      `json:"object"`
	Billing       billing     `json:"billing_details"`
	Card          *methodCard `json:"card,omitempty"`
	USBankAccount *usBank     `json:"us_bank_account,omitempty"`
	SEPADebit     *sepaDebit  `json:"sepa_debit,omitempty"`
	Created       int64       `json:"created"`
	Customer      text        `json:"customer"`
	Livemode      bool        `json:"livemode"`
	Metadata      metadata    `json:"metadata"`
	Type          string      `json:"type"`
	Own           ownMethod   `json:"_simulator"`
}

// ownMethod is what the simulator alone knows of a payment method.
type ownMethod struct {
	Card     ownCard   `json:"card"`
	Bank     *bankFate `json:"bank,omitempty"`
	SetUp    bool      `json:"set_up"`   // the customer authenticated it for later, so that payments off session pass
	Spent    bool      `json:"spent"`    // used without a customer, or detached: never to be used again
	Verified bool      `json:"verified"` // of a bank account: it was proved to be the customer's
}

type methodCard struct {
	Brand             string     `json:"brand"`
	Checks            cardChecks `json:"checks"`
	Country           text       `json:"country"`
	ExpMonth          int        `json:"exp_month"`
	ExpYear           int        `json:"exp_year"`
	Fingerprint       text       `json:"fingerprint"`
	Funding           string     `json:"funding"`
	GeneratedFrom     text       `json:"generated_from"`
	Last4             string     `json:"last4"`
	Networks          networks   `json:"networks"`
	ThreeDSecureUsage usage      `json:"three_d_secure_usage"`
	Wallet            text       `json:"wallet"`
}

type cardChecks struct {
	Line1      text `json:"address_line1_check"`
	PostalCode text `json:"address_postal_code_check"`
	CVC        text `json:"cvc_check"`
}

type networks struct {
	Available []string `json:"available"`
	Preferred text     `json:"preferred"`
}

type usage struct {
	Supported bool `json:"supported"`
}

func (r *request) newCardMethod(d cardDetails) *paymentMethod {
	return &paymentMethod{ID: newID("pm"), Object: "payment_method", Created: r.unix(), Metadata: metadata{}, Type: "card",
		Own: ownMethod{Card: d.Own},
		Card: &methodCard{Brand: d.Brand, Checks: cardChecks{CVC: text(d.CVCCheck)}, Country: text(d.Country), ExpMonth: d.ExpMonth,
			ExpYear: d.ExpYear, Fingerprint: text(d.Fingerprint), Funding: d.Funding, Last4: d.Last4,
			Networks: networks{Available: []string{d.Brand}}, ThreeDSecureUsage: usage{Supported: true}}}
}

// readBilling reads billing_details below prefix.
func readBilling(p *params, prefix string) billing {
	at := func(name string) string {
		if prefix == "" {
			return "billing_details[" + name + "]"
		}
		return prefix + "[billing_details][" + name + "]"
	}
	base := strings.TrimSuffix(at("address"), "]") + "]"
	return billing{Name: text(p.str(at("name"))), Email: text(p.str(at("email"))), Phone: text(p.str(at("phone"))),
		Address: *readAddress(p, base)}
}

// readMethod reads the hashes type, card, us_bank_account, sepa_debit and billing_details; prefix is "" or "payment_method_data".
func (r *request) readMethod(prefix string) (*paymentMethod, *apiError) {
	at := func(name string) string {
		if prefix == "" {
			return name
		}
		return prefix + "[" + name + "]"
	}
	p := r.params
	kind := p.required(at("type"))
	details := readBilling(p, prefix)
	p.ignore(at("allow_redisplay"), at("guid"), at("muid"), at("sid"), at("payment_user_agent"), at("referrer"), at("time_on_page"), at("radar_options"))
	if p.err != nil {
		return nil, p.err
	}
	var m *paymentMethod
	var e *apiError
	switch kind {
	case "card":
		if name, ok := p.given(at("card") + "[token]"); ok {
			m, e = r.methodOfToken(name)
			break
		}
		var d cardDetails
		if d, e = readCard(p, at("card"), r.now); e == nil {
			m = r.newCardMethod(d)
		}
	case "us_bank_account":
		m, e = r.readUSBank(at("us_bank_account"), details)
	case "sepa_debit":
		m, e = r.readSEPA(at("sepa_debit"), details)
	default:
		e = invalidParam("", "Invalid type: must be one of card, us_bank_account, sepa_debit", at("type"))
	}
	if e != nil {
		return nil, e
	}
	m.Billing = details
	return m, nil
}

func (r *request) methodOfToken(id string) (*paymentMethod, *apiError) {
	d, e := r.useToken(id, "card[token]")
	if e != nil {
		return nil, e
	}
	return r.newCardMethod(d), nil
}

func (r *request) createMethod() (any, *apiError) {
	m, e := r.readMethod("")
	if e != nil {
		return nil, e
	}
	m.Metadata = m.Metadata.merged(r.params.metadata())
	r.ignoreBrowser()
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	r.account.Methods.put(m.ID, m)
	return m, nil
}

// method finds a payment method. Names such as pm_card_visa make a new one, as at Stripe; a card of the older kind is one too.
func (r *request) method(id, param string) (*paymentMethod, *apiError) {
	if m, ok := r.account.Methods.get(id); ok {
		return m, nil
	}
	if name, ok := strings.CutPrefix(id, "pm_card_"); ok {
		if d, ok := namedCard(name, r.now); ok {
			m := r.newCardMethod(d)
			r.account.Methods.put(m.ID, m)
			return m, nil
		}
	}
	if m, ok := r.namedBankMethod(id); ok {
		r.account.Methods.put(m.ID, m)
		return m, nil
	}
	if c, ok := r.account.Cards.get(id); ok {
		return r.cardAsMethod(c), nil
	}
	return nil, noSuch("PaymentMethod", id, param)
}

// cardAsMethod shows a customer's card as a payment method with the card's id. It is kept, so that what happens to it stays.
func (r *request) cardAsMethod(c *card) *paymentMethod {
	m := r.newCardMethod(cardDetails{Brand: brandName(c.Brand), Country: string(c.Country), ExpMonth: c.ExpMonth, ExpYear: c.ExpYear,
		Fingerprint: string(c.Fingerprint), Funding: c.Funding, Last4: c.Last4, CVCCheck: string(c.CVCCheck), Own: c.Own})
	m.ID, m.Customer = c.ID, c.Customer
	r.account.Methods.put(m.ID, m)
	return m
}

func (r *request) retrieveMethod() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.method(r.id, "id"))
}

func (r *request) updateMethod() (any, *apiError) {
	m, e := r.method(r.id, "id")
	if e != nil {
		return nil, e
	}
	updated := *m
	if r.params.has("billing_details") {
		updated.Billing = readBilling(r.params, "")
	}
	updated.Metadata = m.Metadata.merged(r.params.metadata())
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	*m = updated
	r.emit("payment_method.updated", m)
	return m, nil
}

// attachable tells whether a payment method can be kept for a customer.
func (r *request) attachable(m *paymentMethod, customer string) *apiError {
	switch {
	case m.Customer != "" && string(m.Customer) != customer:
		return invalidRequest("", "The payment method you provided has already been attached to a customer.", "")
	case m.Own.Spent:
		return invalidRequest("", "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.", "")
	case m.Type == "us_bank_account" && !m.Own.Verified:
		return invalidRequest("", "This bank account must be verified before it can be attached to a Customer: use a SetupIntent or PaymentIntent.", "")
	case m.Type == "card" && m.Own.Card.behaviour().Attach != nil:
		e := cardError(*m.Own.Card.behaviour().Attach)
		e.Method = m
		return e
	}
	return nil
}

func (r *request) attachMethod() (any, *apiError) {
	customer := r.params.required("customer")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	m, e := r.method(r.id, "id")
	if e != nil {
		return nil, e
	}
	if _, e := r.customer(customer, "customer"); e != nil {
		return nil, e
	}
	if e := r.attachable(m, customer); e != nil {
		return nil, e
	}
	m.Customer = text(customer)
	r.emit("payment_method.attached", m)
	return m, nil
}

func (r *request) detachMethod() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	m, e := r.method(r.id, "id")
	if e != nil {
		return nil, e
	}
	if m.Customer == "" {
		return nil, invalidRequest("", "The payment method you provided is not attached to a customer so detachment is impossible.", "")
	}
	if c, ok := r.account.Customers.get(string(m.Customer)); ok {
		if string(c.InvoiceSettings.DefaultMethod) == m.ID {
			c.InvoiceSettings.DefaultMethod = ""
		}
		if string(c.DefaultSource) == m.ID {
			c.DefaultSource = ""
		}
	}
	r.account.Cards.remove(m.ID)
	m.Customer, m.Own.Spent = "", true
	r.emit("payment_method.detached", m)
	return m, nil
}

func (r *request) listMethods() (any, *apiError) {
	customer := r.id
	if customer == "" {
		customer = r.params.str("customer")
	}
	kind := r.params.enum("type", "card", "us_bank_account", "sepa_debit", "link", "paypal", "ideal", "bancontact")
	if customer == "" {
		r.params.fail(missingParam("customer"))
	} else if _, ok := r.account.Customers.get(customer); !ok && r.params.err == nil {
		return nil, noSuch("customer", customer, "customer")
	}
	for _, c := range r.account.Cards.newestFirst(func(c *card) bool { return string(c.Customer) == customer }) {
		if _, ok := r.account.Methods.get(c.ID); !ok {
			r.cardAsMethod(c)
		}
	}
	return page(r, &r.account.Methods, func(m *paymentMethod) bool {
		return string(m.Customer) == customer && (kind == "" || m.Type == kind)
	})
}
