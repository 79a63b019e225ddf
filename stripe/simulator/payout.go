package simulator

import "fmt"

// payout sends a part of the balance to the account's bank.
type payout struct {
	ID                 string   `json:"id"`
	Object             string   `json:"object"`
	Amount             int64    `json:"amount"`
	ArrivalDate        int64    `json:"arrival_date"`
	Automatic          bool     `json:"automatic"`
	BalanceTransaction text     `json:"balance_transaction"`
	Created            int64    `json:"created"`
	Currency           string   `json:"currency"`
	Description        text     `json:"description"`
	Destination        text     `json:"destination"`
	FailureBalance     text     `json:"failure_balance_transaction"`
	FailureCode        text     `json:"failure_code"`
	FailureMessage     text     `json:"failure_message"`
	Livemode           bool     `json:"livemode"`
	Metadata           metadata `json:"metadata"`
	Method             string   `json:"method"`
	Original           text     `json:"original_payout"`
	Reconciliation     string   `json:"reconciliation_status"`
	ReversedBy         text     `json:"reversed_by"`
	SourceType         string   `json:"source_type"`
	Statement          text     `json:"statement_descriptor"`
	Status             string   `json:"status"`
	Type               string   `json:"type"`
}

// available is what can be paid out in a currency now.
func (r *request) available(currency string) (sum int64) {
	for _, b := range r.account.BalanceEntries.newestFirst(nil) {
		if b.Currency == currency && r.aged(b).Status == "available" {
			sum += b.Net
		}
	}
	return sum
}

// payOut begins a payout; the money is on its way at once, and arrives when debits settle.
func (r *request) payOut(amount int64, currency string, automatic bool) *payout {
	p := &payout{ID: newID("po"), Object: "payout", Amount: amount, ArrivalDate: r.now.Add(r.sim.options.SettleAfter).Unix(), Automatic: automatic,
		Created: r.unix(), Currency: currency, Destination: "ba_simulated", Metadata: metadata{}, Method: "standard",
		Reconciliation: "not_applicable", SourceType: "card", Status: "in_transit", Type: "bank_account"}
	if automatic {
		p.Reconciliation, p.Description = "completed", "STRIPE PAYOUT"
	}
	line := r.enter("payout", p.ID, -amount, 0, currency, "STRIPE PAYOUT")
	line.AvailableOn = r.unix()
	p.BalanceTransaction = text(line.ID)
	r.account.Payouts.put(p.ID, p)
	r.emit("payout.created", p)
	r.schedule(r.sim.options.SettleAfter, "payout_arrives", p.ID)
	return p
}

// payOutAll pays out what is available, in every currency, as Stripe does by itself on the days that an account has set. What each payout
// consists of is marked on the lines of the balance.
func (r *request) payOutAll() (made []*payout) {
	sums := map[string][]*balanceTransaction{}
	var order []string
	for _, b := range r.account.BalanceEntries.newestFirst(nil) {
		if r.aged(b).Status != "available" || b.Own.Payout != "" || b.Type == "payout" {
			continue
		}
		if sums[b.Currency] == nil {
			order = append(order, b.Currency)
		}
		sums[b.Currency] = append(sums[b.Currency], b)
	}
	for _, currency := range order {
		if amount := r.available(currency); amount > 0 {
			p := r.payOut(amount, currency, true)
			for _, b := range sums[currency] {
				b.Own.Payout = p.ID
			}
			made = append(made, p)
		}
	}
	return made
}

// payoutArrives ends a payout well.
func (r *request) payoutArrives(p *payout) {
	if p.Status == "in_transit" {
		p.Status = "paid"
		r.emit("payout.paid", p)
	}
}

// createPayout pays out a sum by hand.
func (r *request) createPayout() (any, *apiError) {
	p := r.params
	amount, currency := p.integer("amount", 0), p.required("currency")
	description, statement, meta := p.str("description"), p.str("statement_descriptor"), p.metadata()
	p.enum("method", "standard", "instant")
	p.enum("source_type", "card", "bank_account", "fpx")
	if !p.has("amount") {
		p.fail(missingParam("amount"))
	}
	if e := p.finish(); e != nil {
		return nil, e
	}
	if amount < 1 {
		return nil, invalidParam("parameter_invalid_integer", "This value must be greater than or equal to 1.", "amount")
	}
	if left := r.available(currency); amount > left {
		return nil, invalidRequest("balance_insufficient", fmt.Sprintf("You have insufficient funds in your Stripe account for this transfer. Your card balance is too low: %s are available.",
			money(left, currency)), "")
	}
	made := r.payOut(amount, currency, false)
	made.Description, made.Statement, made.Metadata = text(description), text(statement), made.Metadata.merged(meta)
	return made, nil
}

func (r *request) findPayout() (*payout, *apiError) {
	p, ok := r.account.Payouts.get(r.id)
	if !ok {
		return nil, noSuch("payout", r.id, "payout")
	}
	return p, nil
}

func (r *request) retrievePayout() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.findPayout())
}

func (r *request) listPayouts() (any, *apiError) {
	status := r.params.enum("status", "pending", "in_transit", "paid", "failed", "canceled")
	span := r.createdFilter()
	return page(r, &r.account.Payouts, func(p *payout) bool {
		return (status == "" || p.Status == status) && span.holds(p.Created)
	})
}

// PayOut pays out all that is available to a key's account, as happens at Stripe by itself, and returns the ids of the payouts.
func (s *Simulator) PayOut(key string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(key)
	if err != nil {
		return nil, err
	}
	s.runDue()
	s.dirty = true
	var ids []string
	for _, p := range (&request{sim: s, account: a, now: s.now()}).payOutAll() {
		ids = append(ids, p.ID)
	}
	return ids, nil
}
