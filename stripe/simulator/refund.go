package simulator

import (
	"fmt"
	"time"
)

// refund gives money back.
type refund struct {
	ID                 string   `json:"id"`
	Object             string   `json:"object"`
	Amount             int64    `json:"amount"`
	BalanceTransaction text     `json:"balance_transaction"`
	Charge             text     `json:"charge"`
	Created            int64    `json:"created"`
	Currency           string   `json:"currency"`
	FailureBalance     string   `json:"failure_balance_transaction,omitempty"`
	FailureReason      string   `json:"failure_reason,omitempty"`
	Metadata           metadata `json:"metadata"`
	PaymentIntent      text     `json:"payment_intent"`
	Reason             text     `json:"reason"`
	ReceiptNumber      text     `json:"receipt_number"`
	SourceTransfer     text     `json:"source_transfer_reversal"`
	Status             string   `json:"status"`
	TransferReversal   text     `json:"transfer_reversal"`
}

func (r *request) createRefund() (any, *apiError) {
	p := r.params
	chargeID, intentID := p.str("charge"), p.str("payment_intent")
	amount := p.integer("amount", 0)
	hasAmount := p.has("amount")
	reason := p.enum("reason", "duplicate", "fraudulent", "requested_by_customer")
	meta := p.metadata()
	p.ignore("refund_application_fee", "reverse_transfer")
	switch {
	case chargeID == "" && intentID == "":
		p.fail(invalidParam("parameter_missing", "One of the following params should be provided for this request: payment_intent or charge.", ""))
	case chargeID != "" && intentID != "":
		p.fail(invalidParam("parameters_exclusive", "You may only specify one of these parameters: payment_intent, charge.", ""))
	case hasAmount && amount <= 0 && p.err == nil:
		p.fail(invalidParam("parameter_invalid_integer", "Invalid positive integer", "amount"))
	}
	if e := p.finish(); e != nil {
		return nil, e
	}
	c, e := r.chargeToRefund(chargeID, intentID)
	if e != nil {
		return nil, e
	}
	left := c.Amount - c.AmountRefunded
	if !hasAmount {
		amount = left
	}
	if e := refundable(c, amount, left); e != nil {
		return nil, e
	}
	f := r.refund(c, amount, reason)
	f.Metadata = f.Metadata.merged(meta)
	r.emit("refund.created", f)
	r.emit("charge.refunded", c)
	return f, nil
}

func (r *request) chargeToRefund(chargeID, intentID string) (*charge, *apiError) {
	param := "charge"
	if intentID != "" {
		pi, ok := r.account.PaymentIntents.get(intentID)
		if !ok {
			return nil, noSuch("payment_intent", intentID, "payment_intent")
		}
		chargeID, param = string(pi.LatestCharge), "payment_intent"
		if chargeID == "" {
			return nil, invalidRequest("", "This PaymentIntent ("+intentID+") does not have a successful charge to refund.", param)
		}
	}
	c, ok := r.account.Charges.get(chargeID)
	if !ok {
		return nil, noSuch("charge", chargeID, param)
	}
	return c, nil
}

func refundable(c *charge, amount, left int64) *apiError {
	switch {
	case c.Disputed && !c.Own.Card.behaviour().Inquiry:
		return invalidRequest("charge_disputed", fmt.Sprintf("Charge %s has been charged back; cannot issue a refund.", c.ID), "")
	case c.Status != "succeeded":
		return invalidRequest("charge_not_refundable", "This charge is "+c.Status+" and cannot be refunded.", "")
	case left <= 0:
		return invalidRequest("charge_already_refunded", fmt.Sprintf("Charge %s has already been refunded.", c.ID), "")
	case amount > left:
		return invalidRequest("", fmt.Sprintf("Refund amount (%s) is greater than unrefunded amount on charge (%s)", money(amount, c.Currency), money(left, c.Currency)), "amount")
	case !c.Captured && amount != left:
		return invalidRequest("charge_not_refundable", "You cannot partially refund an uncaptured charge. Instead, capture the charge for an amount less than the original amount.", "amount")
	}
	return nil
}

// refund gives back amount, which was checked before.
func (r *request) refund(c *charge, amount int64, reason string) *refund {
	f := &refund{ID: newID("re"), Object: "refund", Amount: amount, Charge: text(c.ID), Created: r.unix(), Currency: c.Currency,
		Metadata: metadata{}, PaymentIntent: c.PaymentIntent, Reason: text(reason), Status: "succeeded"}
	c.AmountRefunded += amount
	c.Refunded = c.AmountRefunded == c.Amount
	if c.Captured {
		f.BalanceTransaction = text(r.enter("refund", f.ID, -amount, 0, c.Currency, "REFUND FOR CHARGE").ID)
	} else {
		c.Own.Gone = true
		if pi, ok := r.account.PaymentIntents.get(string(c.PaymentIntent)); ok && pi.Status == requiresCapture {
			pi.Status, pi.AmountCapturable, pi.CanceledAt = canceled, 0, stamp(r.unix())
			r.emit("payment_intent.canceled", pi)
		}
	}
	r.account.Refunds.put(f.ID, f)
	switch {
	case c.Own.Card.behaviour().RefundFate == "pending", c.Own.Bank != nil:
		f.Status = "pending"
		r.schedule(r.sim.options.SettleAfter, "refund_succeeds", f.ID)
	case c.Own.Card.behaviour().RefundFate == "fails":
		r.schedule(r.sim.options.SettleAfter, "refund_fails", f.ID)
	}
	return f
}

// refundSucceeds ends a pending refund well.
func (r *request) refundSucceeds(f *refund) {
	if f.Status != "pending" {
		return
	}
	f.Status = "succeeded"
	r.emit("charge.refund.updated", f)
	r.emit("refund.updated", f)
}

// refundFails takes a refund back: the money returns to the account, the charge counts it no more.
func (r *request) refundFails(f *refund, reason string) {
	if f.Status == "failed" || f.Status == "canceled" {
		return
	}
	f.Status, f.FailureReason = "failed", reason
	f.FailureBalance = r.enter("refund_failure", f.ID, f.Amount, 0, f.Currency, "REFUND FAILURE").ID
	if c, ok := r.account.Charges.get(string(f.Charge)); ok {
		c.AmountRefunded -= f.Amount
		c.Refunded = false
		r.emit("charge.updated", c)
	}
	r.emit("charge.refund.updated", f)
	r.emit("refund.updated", f)
	r.emit("refund.failed", f)
}

func (r *request) findRefund() (*refund, *apiError) {
	f, ok := r.account.Refunds.get(r.id)
	if !ok {
		return nil, noSuch("refund", r.id, "id")
	}
	return f, nil
}

func (r *request) retrieveRefund() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.findRefund())
}

func (r *request) updateRefund() (any, *apiError) {
	f, e := r.findRefund()
	if e != nil {
		return nil, e
	}
	meta := r.params.metadata()
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	f.Metadata = f.Metadata.merged(meta)
	r.emit("charge.refund.updated", f)
	return f, nil
}

func (r *request) listRefunds() (any, *apiError) {
	chargeID, intentID := r.params.str("charge"), r.params.str("payment_intent")
	span := r.createdFilter()
	return page(r, &r.account.Refunds, func(f *refund) bool {
		return (chargeID == "" || string(f.Charge) == chargeID) && (intentID == "" || string(f.PaymentIntent) == intentID) && span.holds(f.Created)
	})
}

// balanceTransaction is a line of the account's balance.
type balanceTransaction struct {
	ID                string       `json:"id"`
	Object            string       `json:"object"`
	Amount            int64        `json:"amount"`
	AvailableOn       int64        `json:"available_on"`
	Created           int64        `json:"created"`
	Currency          string       `json:"currency"`
	Description       text         `json:"description"`
	ExchangeRate      stamp        `json:"exchange_rate"`
	Fee               int64        `json:"fee"`
	FeeDetails        []feeDetails `json:"fee_details"`
	Net               int64        `json:"net"`
	ReportingCategory string       `json:"reporting_category"`
	Source            text         `json:"source"`
	Status            string       `json:"status"`
	Type              string       `json:"type"`
	Own               ownBalance   `json:"_simulator"`
}

// ownBalance is what the simulator alone knows of a line of the balance.
type ownBalance struct {
	Payout string `json:"payout"` // the automatic payout that it is a part of
}

type feeDetails struct {
	Amount      int64  `json:"amount"`
	Application text   `json:"application"`
	Currency    string `json:"currency"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

// fee is the simulated price of a payment: 1.5 % and 25 units, rounded half up.
func fee(amount int64) int64 { return (amount*15+500)/1000 + 25 }

// enter writes a line of the balance; it becomes available two days later.
func (r *request) enter(kind, source string, amount, fees int64, currency, description string) *balanceTransaction {
	b := &balanceTransaction{ID: newID("txn"), Object: "balance_transaction", Amount: amount, Created: r.unix(), Currency: currency,
		AvailableOn: r.now.Add(48 * time.Hour).Unix(), Description: text(description), Fee: fees, Net: amount - fees,
		ReportingCategory: kind, Source: text(source), Status: "pending", Type: kind, FeeDetails: []feeDetails{}}
	if fees != 0 {
		b.FeeDetails = append(b.FeeDetails, feeDetails{Amount: fees, Currency: currency, Description: "Stripe processing fees", Type: "stripe_fee"})
	}
	if kind == "dispute" || kind == "dispute_reversal" {
		b.Type = "adjustment"
	}
	r.account.BalanceEntries.put(b.ID, b)
	return b
}

func (r *request) retrieveBalanceEntry() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	b, ok := r.account.BalanceEntries.get(r.id)
	if !ok {
		return nil, noSuch("balance_transaction", r.id, "id")
	}
	return r.aged(b), nil
}

// aged shows whether a line is available by now.
func (r *request) aged(b *balanceTransaction) *balanceTransaction {
	copied := *b
	if copied.AvailableOn <= r.unix() {
		copied.Status = "available"
	}
	return &copied
}

func (r *request) listBalanceEntries() (any, *apiError) {
	kind, source, payout := r.params.str("type"), r.params.str("source"), r.params.str("payout")
	span := r.createdFilter()
	return page(r, &r.account.BalanceEntries, func(b *balanceTransaction) bool {
		return (kind == "" || b.Type == kind) && (payout == "" || b.Own.Payout == payout || string(b.Source) == payout) && (source == "" || string(b.Source) == source) && span.holds(b.Created)
	})
}

// retrieveBalance sums the balance by currency.
func (r *request) retrieveBalance() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	sums := map[string]map[string]int64{"pending": {}, "available": {}}
	var currencies []string
	seen := map[string]bool{}
	for _, b := range r.account.BalanceEntries.newestFirst(nil) {
		sums[r.aged(b).Status][b.Currency] += b.Net
		if !seen[b.Currency] {
			seen[b.Currency] = true
			currencies = append(currencies, b.Currency)
		}
	}
	if len(currencies) == 0 {
		currencies = []string{"eur"}
	}
	lines := func(status string) []any {
		var out []any
		for _, c := range currencies {
			out = append(out, map[string]any{"amount": sums[status][c], "currency": c, "source_types": map[string]any{"card": sums[status][c]}})
		}
		return out
	}
	return map[string]any{"object": "balance", "livemode": false, "available": lines("available"), "pending": lines("pending")}, nil
}
