package simulator

import "strings"

// token stands for a card once.
type token struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Card     *card  `json:"card"`
	ClientIP text   `json:"client_ip"`
	Created  int64  `json:"created"`
	Livemode bool   `json:"livemode"`
	Type     string `json:"type"`
	Used     bool   `json:"used"`
}

// card is a card of the older kind, on a customer or in a token.
type card struct {
	ID           string   `json:"id"`
	Object       string   `json:"object"`
	City         text     `json:"address_city"`
	AddrCountry  text     `json:"address_country"`
	Line1        text     `json:"address_line1"`
	Line1Check   text     `json:"address_line1_check"`
	Line2        text     `json:"address_line2"`
	State        text     `json:"address_state"`
	Zip          text     `json:"address_zip"`
	ZipCheck     text     `json:"address_zip_check"`
	Brand        string   `json:"brand"`
	Country      text     `json:"country"`
	Customer     text     `json:"customer"`
	CVCCheck     text     `json:"cvc_check"`
	DynamicLast4 text     `json:"dynamic_last4"`
	ExpMonth     int      `json:"exp_month"`
	ExpYear      int      `json:"exp_year"`
	Fingerprint  text     `json:"fingerprint"`
	Funding      string   `json:"funding"`
	Last4        string   `json:"last4"`
	Metadata     metadata `json:"metadata"`
	Name         text     `json:"name"`
	Tokenization text     `json:"tokenization_method"`
	Own          ownCard  `json:"_simulator"`
}

// longBrands are the names that the older API writes out.
func longBrands() map[string]string {
	return map[string]string{"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover",
		"diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}
}

// brandName finds the short name of a long one.
func brandName(long string) string {
	for short, name := range longBrands() {
		if name == long {
			return short
		}
	}
	return strings.ToLower(long)
}

func newCard(d cardDetails) *card {
	return &card{ID: newID("card"), Object: "card", Brand: longBrands()[d.Brand], Country: text(d.Country), CVCCheck: text(d.CVCCheck),
		ExpMonth: d.ExpMonth, ExpYear: d.ExpYear, Fingerprint: text(d.Fingerprint), Funding: d.Funding, Last4: d.Last4,
		Metadata: metadata{}, Own: d.Own}
}

func (c *card) details() cardDetails {
	return cardDetails{Brand: brandName(c.Brand), Country: string(c.Country), ExpMonth: c.ExpMonth, ExpYear: c.ExpYear,
		Fingerprint: string(c.Fingerprint), Funding: c.Funding, Last4: c.Last4, CVCCheck: string(c.CVCCheck), Own: c.Own}
}

func (r *request) createToken() (any, *apiError) {
	if !r.params.has("card") {
		r.params.fail(invalidParam("parameter_missing", "You must supply either a card, customer, PII data, bank account, or account legal entity to create a token.", ""))
		return nil, r.params.finish()
	}
	d, e := readCard(r.params, "card", r.now)
	if e != nil {
		return nil, e
	}
	c := newCard(d)
	for name, field := range map[string]*text{"name": &c.Name, "address_line1": &c.Line1, "address_line2": &c.Line2, "address_city": &c.City,
		"address_state": &c.State, "address_zip": &c.Zip, "address_country": &c.AddrCountry} {
		*field = text(r.params.str("card[" + name + "]"))
	}
	r.params.ignore("card[currency]")
	r.ignoreBrowser()
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	t := &token{ID: newID("tok"), Object: "token", Card: c, Created: r.unix(), Type: "card"}
	r.account.Tokens.put(t.ID, t)
	return t, nil
}

func (r *request) retrieveToken() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	t, ok := r.account.Tokens.get(r.id)
	if !ok {
		return nil, noSuch("token", r.id, "id")
	}
	return t, nil
}

// useToken takes a token, which works once, or a named test token, which always works.
func (r *request) useToken(id, param string) (cardDetails, *apiError) {
	if name, ok := strings.CutPrefix(id, "tok_"); ok {
		if d, ok := namedCard(name, r.now); ok {
			return d, nil
		}
	}
	t, ok := r.account.Tokens.get(id)
	if !ok {
		return cardDetails{}, noSuch("token", id, param)
	}
	if t.Used {
		return cardDetails{}, invalidRequest("token_already_used", "You cannot use a Stripe token more than once: "+id+".", param)
	}
	t.Used = true
	return t.Card.details(), nil
}

// attached is what was kept for a customer: a card or a source.
type attached struct {
	object any
	id     string
}

// attachSource keeps a token's card, or a source, for a customer; the first one becomes the default.
func (r *request) attachSource(c *customer, id string) (*attached, *apiError) {
	if one, ok := r.account.Sources.get(id); ok {
		if e := one.keepable(c.ID); e != nil {
			return nil, e
		}
		if refused := one.Own.Card.behaviour().Attach; refused != nil {
			return nil, cardError(*refused)
		}
		one.Customer = c.ID
		if c.DefaultSource == "" {
			c.DefaultSource = text(one.ID)
		}
		return &attached{one, one.ID}, nil
	}
	d, e := r.useToken(id, "source")
	if e != nil {
		return nil, e
	}
	if refused := d.Own.behaviour().Attach; refused != nil {
		return nil, cardError(*refused)
	}
	one := newCard(d)
	one.Customer = text(c.ID)
	r.account.Cards.put(one.ID, one)
	if c.DefaultSource == "" {
		c.DefaultSource = text(one.ID)
	}
	return &attached{one, one.ID}, nil
}

// owns tells whether a card or source is kept for a customer.
func (r *request) owns(c *customer, id string) bool {
	if one, ok := r.account.Sources.get(id); ok {
		return one.Customer == c.ID
	}
	one, ok := r.account.Cards.get(id)
	return ok && string(one.Customer) == c.ID
}

func (r *request) createSource() (any, *apiError) {
	source := r.params.required("source")
	r.params.ignore("validate")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	c, e := r.customer(r.id, "id")
	if e != nil {
		return nil, e
	}
	one, e := r.attachSource(c, source)
	if e != nil {
		return nil, e
	}
	r.emit("customer.source.created", one.object)
	return one.object, nil
}

func (r *request) listSources() (any, *apiError) {
	object := r.params.enum("object", "card", "bank_account", "source", "all")
	if _, e := r.customer(r.id, "id"); e != nil {
		return nil, e
	}
	all := &table[any]{}
	for _, id := range r.account.Sources.Order {
		if one := r.account.Sources.Rows[id]; one.Customer == r.id && object != "card" && object != "bank_account" {
			all.put(id, one)
		}
	}
	for _, id := range r.account.Cards.Order {
		if one := r.account.Cards.Rows[id]; string(one.Customer) == r.id && (object == "" || object == "all" || object == "card") {
			all.put(id, one)
		}
	}
	return page(r, all, nil)
}

// ownCardOf finds a card of the customer in the path.
func (r *request) ownCardOf() (*customer, *card, *apiError) {
	c, e := r.customer(r.id, "id")
	if e != nil {
		return nil, nil, e
	}
	one, ok := r.account.Cards.get(r.second)
	if !ok || string(one.Customer) != c.ID {
		return nil, nil, noSuch("source", r.second, "id")
	}
	return c, one, nil
}

func (r *request) retrieveSource() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if one, ok := r.account.Sources.get(r.second); ok && one.Customer == r.id {
		return one, nil
	}
	_, one, e := r.ownCardOf()
	return orError(one, e)
}

func (r *request) deleteSource() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if one, ok := r.account.Sources.get(r.second); ok && one.Customer == r.id {
		return r.detachSource(one)
	}
	c, one, e := r.ownCardOf()
	if e != nil {
		return nil, e
	}
	r.account.Cards.remove(one.ID)
	if m, ok := r.account.Methods.get(one.ID); ok {
		m.Customer, m.Own.Spent = "", true
	}
	if string(c.DefaultSource) == one.ID {
		c.DefaultSource = ""
		if rest := r.account.Cards.newestFirst(func(x *card) bool { return string(x.Customer) == c.ID }); len(rest) > 0 {
			c.DefaultSource = text(rest[0].ID)
		}
	}
	r.emit("customer.source.deleted", one)
	return map[string]any{"id": one.ID, "object": "card", "deleted": true}, nil
}
