package simulator

import (
	"fmt"
	"strings"
	"time"
)

// authorisationLasts is how long an authorised amount waits for its capture.
const authorisationLasts = 7 * 24 * time.Hour

// charge is one movement of money, or the attempt at it.
type charge struct {
	ID                 string         `json:"id"`
	Object             string         `json:"object"`
	Amount             int64          `json:"amount"`
	AmountCaptured     int64          `json:"amount_captured"`
	AmountRefunded     int64          `json:"amount_refunded"`
	Application        text           `json:"application"`
	ApplicationFee     text           `json:"application_fee"`
	ApplicationAmount  stamp          `json:"application_fee_amount"`
	BalanceTransaction text           `json:"balance_transaction"`
	Billing            billing        `json:"billing_details"`
	Statement          text           `json:"calculated_statement_descriptor"`
	Captured           bool           `json:"captured"`
	Created            int64          `json:"created"`
	Currency           string         `json:"currency"`
	Customer           text           `json:"customer"`
	Description        text           `json:"description"`
	Dispute            text           `json:"dispute"`
	Disputed           bool           `json:"disputed"`
	FailureBalance     text           `json:"failure_balance_transaction"`
	FailureCode        text           `json:"failure_code"`
	FailureMessage     text           `json:"failure_message"`
	FraudDetails       map[string]any `json:"fraud_details"`
	Invoice            text           `json:"invoice"`
	Livemode           bool           `json:"livemode"`
	Metadata           metadata       `json:"metadata"`
	OnBehalfOf         text           `json:"on_behalf_of"`
	Outcome            *outcome       `json:"outcome"`
	Paid               bool           `json:"paid"`
	PaymentIntent      text           `json:"payment_intent"`
	PaymentMethod      text           `json:"payment_method"`
	Details            map[string]any `json:"payment_method_details"`
	ReceiptEmail       text           `json:"receipt_email"`
	ReceiptNumber      text           `json:"receipt_number"`
	ReceiptURL         text           `json:"receipt_url"`
	Refunded           bool           `json:"refunded"`
	Review             text           `json:"review"`
	Shipping           text           `json:"shipping"`
	Source             any            `json:"source"` // a card or a source
	SourceTransfer     text           `json:"source_transfer"`
	StatementDesc      text           `json:"statement_descriptor"`
	StatementSuffix    text           `json:"statement_descriptor_suffix"`
	Status             string         `json:"status"`
	TransferData       text           `json:"transfer_data"`
	TransferGroup      text           `json:"transfer_group"`
	Own                ownCharge      `json:"_simulator"`
}

// ownCharge is what the simulator alone knows of a charge.
type ownCharge struct {
	Card ownCard   `json:"card"`
	Bank *bankFate `json:"bank,omitempty"`
	Gone bool      `json:"gone"` // the authorisation ended or was released
}

type outcome struct {
	NetworkStatus string `json:"network_status"`
	Reason        text   `json:"reason"`
	RiskLevel     string `json:"risk_level"`
	RiskScore     int    `json:"risk_score"`
	SellerMessage string `json:"seller_message"`
	Type          string `json:"type"`
}

func (r *request) newCharge(amount int64, currency string) *charge {
	return &charge{ID: newID("ch"), Object: "charge", Amount: amount, Currency: currency, Created: r.unix(), Metadata: metadata{},
		FraudDetails: map[string]any{}, Status: "pending"}
}

// chargeOfIntent begins the charge of an intent.
func (r *request) chargeOfIntent(pi *paymentIntent, m *paymentMethod) *charge {
	c := r.newCharge(pi.Amount, pi.Currency)
	c.Customer, c.Description, c.PaymentIntent, c.PaymentMethod = pi.Customer, pi.Description, text(pi.ID), text(m.ID)
	c.ReceiptEmail, c.StatementDesc, c.StatementSuffix = pi.ReceiptEmail, pi.Statement, pi.StatementSuffix
	c.Metadata, c.Billing = pi.Metadata.merged(nil), m.Billing
	c.Own = ownCharge{Card: m.Own.Card, Bank: m.Own.Bank}
	c.Details = map[string]any{"type": m.Type, m.Type: r.methodDetails(m, pi.Own.Authenticated)}
	return c
}

func (r *request) methodDetails(m *paymentMethod, authenticated bool) any {
	switch {
	case m.Card != nil:
		d := toMap(m.Card)
		delete(d, "generated_from")
		delete(d, "networks")
		delete(d, "three_d_secure_usage")
		d["network"], d["installments"], d["mandate"], d["three_d_secure"] = m.Card.Brand, nil, nil, nil
		if authenticated {
			d["three_d_secure"] = map[string]any{"authentication_flow": "challenge", "result": "authenticated", "result_reason": nil, "version": "2.2.0"}
		}
		d["capture_before"] = r.now.Add(authorisationLasts).Unix()
		return d
	case m.USBankAccount != nil:
		return toMap(m.USBankAccount)
	}
	return toMap(m.SEPADebit)
}

// authorise is the bank's consent; with hold the money is only reserved.
func (c *charge) authorise(r *request, hold bool) {
	c.Status, c.Paid = "succeeded", true
	c.Outcome = &outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", RiskScore: 20, SellerMessage: "Payment complete.", Type: "authorized"}
	c.ReceiptURL = text(r.sim.baseURL(r.http) + "/_simulator/receipts/" + c.ID)
	if !hold {
		r.book(c, c.Amount)
	}
}

// book takes the money that was authorised.
func (r *request) book(c *charge, amount int64) {
	c.Captured, c.AmountCaptured = true, amount
	c.BalanceTransaction = text(r.enter("charge", c.ID, amount, fee(amount), c.Currency, string(c.Description)).ID)
}

// refuse is the bank's refusal.
func (c *charge) refuse(d decline) {
	c.Status, c.FailureCode, c.FailureMessage = "failed", text(d.Code), text(d.Message)
	reason, kind, network := d.DeclineCode, "issuer_declined", "declined_by_network"
	if reason == "" {
		reason = d.Code
	}
	if reason == "fraudulent" {
		kind, network, reason = "blocked", "not_sent_to_network", "highest_risk_level"
	}
	c.Outcome = &outcome{NetworkStatus: network, Reason: text(reason), RiskLevel: "normal", RiskScore: 30,
		SellerMessage: "The bank did not return any further details with this decline.", Type: kind}
}

// createCharge is the older way to pay: by token or by a customer's card, without any challenge.
func (r *request) createCharge() (any, *apiError) {
	p := r.params
	amount, currency := readAmount(p)
	c := r.newCharge(amount, currency)
	c.Customer, c.Description = text(p.str("customer")), text(p.str("description"))
	c.ReceiptEmail, c.StatementDesc, c.StatementSuffix = text(p.str("receipt_email")), text(p.str("statement_descriptor")), text(p.str("statement_descriptor_suffix"))
	c.Metadata = c.Metadata.merged(p.metadata())
	source := p.str("source")
	hold := p.has("capture") && !p.boolean("capture")
	p.ignore("shipping", "transfer_group")
	if source == "" && c.Customer == "" {
		p.fail(invalidParam("parameter_missing", "Must provide source or customer.", ""))
	}
	if e := p.finish(); e != nil {
		return nil, e
	}
	if e := r.chargeWith(c, source, hold); e != nil {
		return nil, e
	}
	r.account.Charges.put(c.ID, c)
	behaviour := c.Own.Card.behaviour()
	if one, ok := r.account.Sources.get(string(c.PaymentMethod)); ok && one.Type == "three_d_secure" {
		behaviour.Challenge = never // it was answered
	}
	refused := behaviour.Charge
	if refused == nil && (behaviour.Challenge == always || behaviour.Challenge == unlessSetUp) {
		refused = &authRequiredCharge
	}
	if refused != nil {
		c.refuse(*refused)
		r.emit("charge.failed", c)
		e := cardError(*refused)
		e.Charge = c.ID
		return nil, e
	}
	c.authorise(r, hold)
	r.emit("charge.succeeded", c)
	if hold {
		r.schedule(authorisationLasts, "expire", c.ID)
	} else {
		r.afterCharge(c, behaviour)
	}
	return c, nil
}

// chargeWith notes on a charge what it is made with: a source, or a card.
func (r *request) chargeWith(c *charge, source string, hold bool) *apiError {
	if owner, ok := r.account.Customers.get(string(c.Customer)); ok && source == "" {
		source = string(owner.DefaultSource)
	}
	if one, ok := r.account.Sources.get(source); ok {
		if c.Customer != "" && one.Customer != "" && one.Customer != string(c.Customer) {
			return invalidRequest("missing", fmt.Sprintf("Customer %s does not have a linked source with ID %s.", c.Customer, source), "source").as404()
		}
		return r.chargeSource(c, one, hold)
	}
	one, e := r.sourceOf(c, source)
	if e != nil {
		return e
	}
	c.Source, c.PaymentMethod, c.Own.Card = one, text(one.ID), one.Own
	c.Details = map[string]any{"type": "card", "card": r.methodDetails(r.newCardMethod(one.details()), false)}
	return nil
}

// sourceOf finds the card to charge.
func (r *request) sourceOf(c *charge, source string) (*card, *apiError) {
	if c.Customer == "" {
		d, e := r.useToken(source, "source")
		if e != nil {
			return nil, e
		}
		return newCard(d), nil
	}
	owner, e := r.customer(string(c.Customer), "customer")
	if e != nil {
		return nil, e
	}
	if strings.HasPrefix(source, "tok_") {
		return nil, invalidRequest("missing", fmt.Sprintf("Customer %s does not have a linked source with ID %s.", owner.ID, source), "source").as404()
	}
	if source == "" {
		source = string(owner.DefaultSource)
	}
	if source == "" {
		return nil, cardError(decline{Code: "missing", Message: "Cannot charge a customer that has no active card", Param: "card"})
	}
	one, ok := r.account.Cards.get(source)
	if !ok || string(one.Customer) != owner.ID {
		return nil, invalidRequest("missing", fmt.Sprintf("Customer %s does not have a linked source with ID %s.", owner.ID, source), "source").as404()
	}
	return one, nil
}

// afterCharge sets in motion what some test cards bring on themselves.
func (r *request) afterCharge(c *charge, behaviour testCard) {
	if behaviour.Dispute != "" {
		r.dispute(c, c.Amount, behaviour.Dispute, behaviour.Inquiry)
	}
}

func (r *request) charge() (*charge, *apiError) {
	c, ok := r.account.Charges.get(r.id)
	if !ok {
		return nil, noSuch("charge", r.id, "id")
	}
	return c, nil
}

func (r *request) retrieveCharge() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.charge())
}

func (r *request) updateCharge() (any, *apiError) {
	c, e := r.charge()
	if e != nil {
		return nil, e
	}
	updated := *c
	updated.Description = text(orKeep(r.params, "description", string(c.Description)))
	updated.ReceiptEmail = text(orKeep(r.params, "receipt_email", string(c.ReceiptEmail)))
	updated.Metadata = c.Metadata.merged(r.params.metadata())
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	*c = updated
	r.emit("charge.updated", c)
	return c, nil
}

func (r *request) captureCharge() (any, *apiError) {
	c, e := r.charge()
	if e != nil {
		return nil, e
	}
	amount := r.params.integer("amount", c.Amount)
	r.params.ignore("receipt_email", "statement_descriptor", "statement_descriptor_suffix")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	switch {
	case c.PaymentIntent != "":
		return nil, invalidRequest("", "This charge was created by a PaymentIntent. Capture the PaymentIntent instead.", "")
	case c.Captured:
		return nil, invalidRequest("charge_already_captured", fmt.Sprintf("Charge %s has already been captured.", c.ID), "")
	case c.Own.Gone:
		return nil, invalidRequest("charge_expired_for_capture", fmt.Sprintf("Charge %s can no longer be captured: it has been refunded or has expired.", c.ID), "")
	case c.Status != "succeeded":
		return nil, invalidRequest("charge_already_captured", fmt.Sprintf("Charge %s is not capturable.", c.ID), "")
	case amount <= 0 || amount > c.Amount:
		return nil, invalidRequest("amount_too_large", "The amount to capture is greater than the amount of the charge.", "amount")
	}
	r.capture(c, amount)
	return c, nil
}

// capture books amount and releases the rest, which Stripe counts as refunded.
func (r *request) capture(c *charge, amount int64) {
	r.book(c, amount)
	if rest := c.Amount - amount; rest > 0 {
		r.giveUp(c, rest)
	}
	r.emit("charge.captured", c)
	r.afterCharge(c, c.Own.Card.behaviour())
}

// release gives up an authorisation; Stripe counts it as refunded.
func (r *request) release(c *charge) {
	c.Own.Gone, c.Refunded = true, true
	r.giveUp(c, c.Amount)
	r.emit("charge.refunded", c)
}

// giveUp shows what was authorised and not captured as a refund that moves no money.
func (r *request) giveUp(c *charge, amount int64) {
	c.AmountRefunded += amount
	f := &refund{ID: newID("re"), Object: "refund", Amount: amount, Charge: text(c.ID), Created: r.unix(), Currency: c.Currency,
		Metadata: metadata{}, PaymentIntent: c.PaymentIntent, Status: "succeeded"}
	r.account.Refunds.put(f.ID, f)
}

// expire ends an authorisation that nobody captured.
func (r *request) expire(c *charge) {
	if c.Captured || c.Own.Gone {
		return
	}
	c.Own.Gone, c.Refunded, c.AmountRefunded = true, true, c.Amount
	r.emit("charge.expired", c)
	if pi, ok := r.account.PaymentIntents.get(string(c.PaymentIntent)); ok && pi.Status == requiresCapture {
		pi.Status, pi.CancelReason, pi.CanceledAt, pi.AmountCapturable = canceled, "automatic", stamp(r.unix()), 0
		r.emit("payment_intent.canceled", pi)
	}
}

func (r *request) listCharges() (any, *apiError) {
	customer, intent := r.params.str("customer"), r.params.str("payment_intent")
	span := r.createdFilter()
	return page(r, &r.account.Charges, func(c *charge) bool {
		return (customer == "" || string(c.Customer) == customer) && (intent == "" || string(c.PaymentIntent) == intent) && span.holds(c.Created)
	})
}
