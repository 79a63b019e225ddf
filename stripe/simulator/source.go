package simulator

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Statuses of a source. It goes from pending to chargeable and, once charged, to consumed if it serves once; it fails when its customer refuses,
// and is canceled when nobody goes on with it in time.
const (
	sourcePending    = "pending"
	sourceChargeable = "chargeable"
	sourceConsumed   = "consumed"
	sourceFailed     = "failed"
	sourceCanceled   = "canceled"
)

// sourceLasts is how long a source waits for its customer, and then, if it serves once, for its charge.
const sourceLasts = 6 * time.Hour

// redirectTypes are the types of source whose customer decides on a page of his bank, with the currencies that they take; none means any.
func redirectTypes() map[string][]string {
	return map[string][]string{"three_d_secure": nil, "bancontact": {"eur"}, "eps": {"eur"}, "giropay": {"eur"}, "ideal": {"eur"},
		"p24": {"eur", "pln"}, "sofort": {"eur"}}
}

// source is a way to pay of the generation between tokens and payment methods.
type source struct {
	ID           string          `json:"id"`
	Object       string          `json:"object"`
	Amount       stamp           `json:"amount"`
	ClientSecret string          `json:"client_secret"`
	Created      int64           `json:"created"`
	Currency     text            `json:"currency"`
	Customer     string          `json:"customer,omitempty"`
	Flow         string          `json:"flow"`
	Livemode     bool            `json:"livemode"`
	Metadata     metadata        `json:"metadata"`
	Owner        sourceOwner     `json:"owner"`
	Redirect     *sourceRedirect `json:"redirect,omitempty"`
	Statement    text            `json:"statement_descriptor"`
	Status       string          `json:"status"`
	Type         string          `json:"type"`
	Usage        string          `json:"usage"`
	Card         map[string]any  `json:"card,omitempty"`
	ThreeD       map[string]any  `json:"three_d_secure,omitempty"`
	Bancontact   map[string]any  `json:"bancontact,omitempty"`
	EPS          map[string]any  `json:"eps,omitempty"`
	Giropay      map[string]any  `json:"giropay,omitempty"`
	Ideal        map[string]any  `json:"ideal,omitempty"`
	P24          map[string]any  `json:"p24,omitempty"`
	Sofort       map[string]any  `json:"sofort,omitempty"`
	Own          ownSource       `json:"_simulator"`
}

// ownSource is what the simulator alone knows of a source.
type ownSource struct {
	Card      ownCard     `json:"card"`
	Details   cardDetails `json:"details"`
	ReturnURL string      `json:"return_url"`
}

type sourceOwner struct {
	Address         *address `json:"address"`
	Email           text     `json:"email"`
	Name            text     `json:"name"`
	Phone           text     `json:"phone"`
	VerifiedAddress *address `json:"verified_address"`
	VerifiedEmail   text     `json:"verified_email"`
	VerifiedName    text     `json:"verified_name"`
	VerifiedPhone   text     `json:"verified_phone"`
}

type sourceRedirect struct {
	FailureReason text   `json:"failure_reason"`
	ReturnURL     string `json:"return_url"`
	Status        string `json:"status"`
	URL           string `json:"url"`
}

// details is the member of a source that has the name of its type.
func (s *source) details() *map[string]any {
	return map[string]*map[string]any{"card": &s.Card, "three_d_secure": &s.ThreeD, "bancontact": &s.Bancontact, "eps": &s.EPS,
		"giropay": &s.Giropay, "ideal": &s.Ideal, "p24": &s.P24, "sofort": &s.Sofort}[s.Type]
}

func (r *request) createSourceObject() (any, *apiError) {
	p := r.params
	kind := p.required("type")
	currencies, redirects := redirectTypes()[kind]
	if p.err == nil && !redirects && kind != "card" {
		p.fail(invalidParam("", "Invalid source type: the simulator knows card, "+strings.Join(slices.Sorted(maps.Keys(redirectTypes())), ", ")+".", "type"))
	}
	s := &source{ID: newID("src"), Object: "source", Created: r.unix(), Metadata: metadata{}.merged(p.metadata()), Type: kind, Usage: "single_use",
		Statement: text(p.str("statement_descriptor"))}
	s.ClientSecret = strings.Replace(s.ID, "src_", "src_client_secret_", 1)
	s.Owner = sourceOwner{Email: text(p.str("owner[email]")), Name: text(p.str("owner[name]")), Phone: text(p.str("owner[phone]"))}
	if p.has("owner[address]") {
		s.Owner.Address = readAddress(p, "owner[address]")
	}
	s.Amount, s.Currency = stamp(p.integer("amount", 0)), text(strings.ToLower(p.str("currency")))
	if s.Amount < 0 {
		p.fail(invalidParam("parameter_invalid_integer", "This value must be greater than or equal to 1.", "amount"))
	}
	r.ignoreBrowser()
	var e *apiError
	if redirects {
		e = r.readRedirectSource(s, currencies)
	} else {
		e = r.readCardSource(s)
	}
	if e != nil {
		return nil, e
	}
	r.account.Sources.put(s.ID, s)
	r.schedule(sourceLasts, "source_ends", s.ID)
	if s.Status == sourceChargeable {
		r.emit("source.chargeable", s)
	}
	return s, nil
}

// readCardSource reads a card's source, which can be charged at once; it serves as often as is wanted unless it is made for once.
func (r *request) readCardSource(s *source) *apiError {
	p := r.params
	usage := p.enum("usage", "reusable", "single_use")
	p.ignore("redirect")
	var d cardDetails
	var e *apiError
	if id := p.str("token"); id != "" {
		d, e = r.useToken(id, "token")
	} else {
		d, e = readCard(p, "card", r.now)
	}
	if e == nil {
		e = p.finish()
	}
	if e != nil {
		return e
	}
	if s.Usage = usage; usage == "" {
		s.Usage = "reusable"
	}
	s.Flow, s.Status, s.Own.Card, s.Own.Details = "none", sourceChargeable, d.Own, d
	s.Card = map[string]any{"address_line1_check": nil, "address_zip_check": nil, "brand": longBrands()[d.Brand], "country": d.Country,
		"cvc_check": text(d.CVCCheck), "dynamic_last4": nil, "exp_month": d.ExpMonth, "exp_year": d.ExpYear, "fingerprint": d.Fingerprint,
		"funding": d.Funding, "last4": d.Last4, "name": nil, "three_d_secure": "optional", "tokenization_method": nil}
	return nil
}

// readRedirectSource reads a source whose customer is still to decide, at his bank.
func (r *request) readRedirectSource(s *source, currencies []string) *apiError {
	p := r.params
	p.enum("usage", "single_use")
	s.Own.ReturnURL = p.required("redirect[return_url]")
	p.ignore(s.Type, "flow")
	switch {
	case s.Amount == 0:
		p.fail(missingParam("amount"))
	case s.Currency == "":
		p.fail(missingParam("currency"))
	case currencies != nil && !slices.Contains(currencies, string(s.Currency)):
		p.fail(invalidParam("invalid_currency", "The currency provided ("+string(s.Currency)+") is invalid for sources of type "+s.Type+".", "currency"))
	}
	if s.Type == "three_d_secure" && p.err == nil {
		one, ok := r.account.Sources.get(p.required("three_d_secure[card]"))
		if !ok || one.Type != "card" {
			return noSuch("source", p.str("three_d_secure[card]"), "three_d_secure[card]")
		}
		s.Own.Card, s.Own.Details = one.Own.Card, one.Own.Details
	}
	if e := p.finish(); e != nil {
		return e
	}
	s.Flow, s.Status, *s.details() = "redirect", sourcePending, map[string]any{}
	if s.Type == "three_d_secure" {
		s.ThreeD = map[string]any{"authenticated": false, "card": p.str("three_d_secure[card]"), "customer": nil}
	}
	s.Redirect = &sourceRedirect{ReturnURL: s.Own.ReturnURL, Status: "pending",
		URL: r.sim.baseURL(r.http) + "/_simulator/challenge/" + r.account.Suffix + "/" + s.ID + "?client_secret=" + s.ClientSecret}
	return nil
}

func (r *request) findSource() (*source, *apiError) {
	s, ok := r.account.Sources.get(r.id)
	if !ok {
		return nil, noSuch("source", r.id, "id")
	}
	if r.publishable && r.params.str("client_secret") != s.ClientSecret {
		return nil, invalidRequest("", "The client_secret provided does not match the client_secret associated with this source.", "client_secret")
	}
	return s, nil
}

func (r *request) retrieveSourceObject() (any, *apiError) {
	s, e := r.findSource()
	r.ignoreBrowser()
	if e == nil {
		e = r.params.finish()
	}
	return orError(s, e)
}

func (r *request) updateSourceObject() (any, *apiError) {
	s, e := r.findSource()
	if e != nil {
		return nil, e
	}
	meta := s.Metadata.merged(r.params.metadata())
	owner := s.Owner
	owner.Email, owner.Name = text(orKeep(r.params, "owner[email]", string(s.Owner.Email))), text(orKeep(r.params, "owner[name]", string(s.Owner.Name)))
	owner.Phone = text(orKeep(r.params, "owner[phone]", string(s.Owner.Phone)))
	r.params.ignore("mandate", "source_order")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	s.Metadata, s.Owner = meta, owner
	return s, nil
}

// authenticateSource is the customer's decision at his bank.
func (r *request) authenticateSource(s *source, agreed bool) *apiError {
	switch {
	case s.Status != sourcePending:
		return notChargeable()
	case agreed:
		s.Status, s.Redirect.Status = sourceChargeable, "succeeded"
		if s.ThreeD != nil {
			s.ThreeD["authenticated"] = true
		}
		r.emit("source.chargeable", s)
	default:
		s.Status, s.Redirect.Status, s.Redirect.FailureReason = sourceFailed, "failed", "declined"
		r.emit("source.failed", s)
	}
	return nil
}

// endSource cancels a source with which nobody went on.
func (r *request) endSource(s *source) {
	if s.Status == sourcePending || s.Status == sourceChargeable && s.Usage == "single_use" {
		s.Status = sourceCanceled
		r.emit("source.canceled", s)
	}
}

func notChargeable() *apiError {
	return invalidRequest("payment_method_unexpected_state", "The source you provided is not in a chargeable state.", "source")
}

// keepable tells whether a source can be attached to a customer.
func (s *source) keepable(customer string) *apiError {
	switch {
	case s.Status != sourceChargeable:
		return notChargeable()
	case s.Usage != "reusable":
		return invalidRequest("payment_method_unexpected_state", "The source you provided is not reusable and cannot be attached to a customer.", "source")
	case s.Customer != "" && s.Customer != customer:
		return invalidRequest("", "The source you provided has already been attached to a customer.", "source")
	}
	return nil
}

// detachSource takes a source from its customer: it can be charged no more.
func (r *request) detachSource(s *source) (any, *apiError) {
	if c, ok := r.account.Customers.get(s.Customer); ok && string(c.DefaultSource) == s.ID {
		c.DefaultSource = ""
	}
	s.Customer, s.Status = "", sourceConsumed
	r.emit("customer.source.deleted", s)
	return s, nil
}

// chargeSource begins a charge by a source: what it may not be charged for is refused, and one that serves once has served.
func (r *request) chargeSource(c *charge, s *source, hold bool) *apiError {
	switch {
	case s.Status != sourceChargeable:
		return notChargeable()
	case s.Customer != "" && c.Customer == "":
		return invalidRequest("missing", "The source you provided is attached to a customer: pass the customer, too.", "source")
	case s.Amount != 0 && (int64(s.Amount) != c.Amount || string(s.Currency) != c.Currency):
		return invalidRequest("", "The amount and currency of the charge must be those of the source.", "amount")
	case hold && s.Own.Card.Number == "":
		return invalidRequest("", "Sources of type "+s.Type+" do not support capture=false.", "capture")
	}
	if s.Usage == "single_use" {
		s.Status = sourceConsumed
	}
	c.Source, c.PaymentMethod, c.Own.Card = toMap(s), text(s.ID), s.Own.Card
	c.Details = map[string]any{"type": s.Type, s.Type: map[string]any{}}
	if s.Own.Card.Number != "" {
		c.Details = map[string]any{"type": "card", "card": r.methodDetails(r.newCardMethod(s.Own.Details), s.Type == "three_d_secure")}
	}
	return nil
}
