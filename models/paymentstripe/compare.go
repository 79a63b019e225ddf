package paymentstripe

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/models/payment"
	"paytond/stripe"
)

// Kinds of differences.
const (
	missingHere  = "missing_here"
	missingThere = "missing_there"
	otherAmount  = "amount"
	otherState   = "state"
)

// What a difference is about.
const (
	aboutPayment = "payment"
	aboutRefund  = "refund"
	aboutDispute = "dispute"
)

// Difference is one thing in which what is known here is not what Stripe has. Amounts are in minor units of the currency.
type Difference struct {
	Account               int64
	Kind, About           string
	Payment, Refund       int64  // ids here; 0 for none
	Object                string // id at Stripe; empty for none
	Currency              string // upper case
	Here, There           int64
	StateHere, StateThere string    // the state here, and the one that Stripe's would be here
	At                    time.Time // when the money moved at Stripe, or the day of what Stripe does not have
	Charge                string    // the charge at Stripe that it belongs to; may be empty
}

// key tells differences of an account from each other.
func (d Difference) key() string {
	parts := []string{d.Kind, d.About, d.Object}
	if d.Object == "" {
		parts = append(parts, strconv.FormatInt(d.Payment, 10), strconv.FormatInt(d.Refund, 10))
	}
	return strings.Join(parts, ":")
}

// ourPayment is what is known here of a payment.
type ourPayment struct {
	id             int64
	state          string
	dispute        string // status of the one that is shown
	disputeID      string
	intent, charge string
	amount         int64
	currency       string // upper case
	day            time.Time
}

// ourRefund is what is known here of a refund.
type ourRefund struct {
	id, payment int64
	state       string
	amount      int64
	currency    string // upper case
	at          time.Time
}

// theirCharge is a charge whose money moved, as Stripe has it now, with its disputes, the newest first.
type theirCharge struct {
	*stripe.Charge
	disputed bool // a line tells of a dispute
	disputes []*stripe.Dispute
	at       time.Time
}

// left is what the account has of the charge: less what was given back, and what disputes took for good.
func (c theirCharge) left() int64 {
	if c.Status != stripe.Succeeded || !c.Captured {
		return 0
	}
	left := netOf(c.Charge)
	for _, d := range c.disputes {
		if d.Status == disputeLost {
			left -= d.Amount
		}
	}
	return max(0, left)
}

// state is that of a payment that has all the charge's pictures.
func (c theirCharge) state() string {
	switch {
	case c.Status == stripe.Succeeded && !c.Captured && !c.Refunded, c.Status == "pending":
		return payment.Processing
	case c.left() > 0:
		return payment.Succeeded
	}
	return payment.Failed
}

// compareCharge holds a charge against the payment here; nil for none.
func compareCharge(p *ourPayment, c theirCharge) []Difference {
	d := Difference{About: aboutPayment, Object: c.ID, Charge: c.ID, Currency: strings.ToUpper(c.Currency), There: c.left(), StateThere: c.state(), At: c.at}
	if p != nil {
		d.Payment, d.Here, d.StateHere = p.id, p.amount, p.state
	}
	var list []Difference
	add := func(kind string) {
		d.Kind = kind
		list = append(list, d)
	}
	switch {
	case p == nil, p.charge != "" && p.charge != c.ID: // a second charge of one payment is one that nobody knows of
		if c.left() == 0 {
			return nil // it came and went
		}
		d.There = capturedOf(c.Charge)
		add(missingHere)
		return list
	case p.state != d.StateThere:
		add(otherState)
	case p.currency != d.Currency, p.state == payment.Succeeded && p.amount != c.left():
		add(otherAmount)
	}
	return append(list, compareDispute(p, c)...)
}

// compareDispute holds the dispute that the payment shows against that one there, or the newest.
func compareDispute(p *ourPayment, c theirCharge) []Difference {
	if len(c.disputes) == 0 {
		return nil
	}
	d := c.disputes[0]
	if i := slices.IndexFunc(c.disputes, func(d *stripe.Dispute) bool { return d.ID == p.disputeID }); i >= 0 {
		d = c.disputes[i]
	}
	if p.dispute == d.Status {
		return nil
	}
	kind := otherState
	if p.dispute == "" {
		kind = missingHere
	}
	return []Difference{{Kind: kind, About: aboutDispute, Payment: p.id, Object: d.ID, Charge: c.ID, Currency: strings.ToUpper(c.Currency),
		There: d.Amount, StateHere: p.dispute, StateThere: d.Status, At: c.at}}
}

// refundState is the state here of a refund with Stripe's status.
func refundState(status string) string {
	switch status {
	case "succeeded":
		return payment.Succeeded
	case "failed", "canceled":
		return payment.Failed
	}
	return payment.Processing
}

// compareRefund holds a refund against the one here; nil for none.
func compareRefund(r *ourRefund, got *stripe.Refund, at time.Time) []Difference {
	d := Difference{About: aboutRefund, Object: got.ID, Charge: got.Charge, Currency: strings.ToUpper(got.Currency), There: got.Amount,
		StateThere: refundState(got.Status), At: at}
	switch {
	case r == nil && d.StateThere == payment.Failed:
		return nil
	case r == nil:
		d.Kind = missingHere
		return []Difference{d}
	}
	d.Refund, d.Payment, d.Here, d.StateHere = r.id, r.payment, r.amount, r.state
	switch {
	case r.state != d.StateThere:
		d.Kind = otherState
	case r.amount != got.Amount:
		d.Kind = otherAmount
	default:
		return nil
	}
	return []Difference{d}
}
