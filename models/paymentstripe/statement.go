package paymentstripe

import (
	"context"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/value"
	"paytond/stripe"
)

// statement is what Stripe has of an account in a period.
type statement struct {
	account *stripe.Account
	charges map[string]*theirCharge
	refunds map[string]theirRefund
}

type theirRefund struct {
	*stripe.Refund
	at time.Time
}

// unmet are the payments and refunds here of which the statement tells nothing.
type unmet struct {
	payments []*ourPayment
	refunds  map[string]*ourRefund // by id at Stripe
}

// read takes the lines of the balance, day by day, and completes the charges and disputes that they name.
func (s *statement) read(ctx context.Context, span period) error {
	for day := span.from; day.Before(span.until); day = day.Add(24 * time.Hour) {
		until := day.Add(24 * time.Hour)
		if until.After(span.until) {
			until = span.until
		}
		lines, err := s.account.ListBalance(ctx, day, until)
		if err != nil {
			return err
		}
		for _, line := range lines {
			s.take(line)
		}
	}
	for id := range s.charges {
		if err := s.complete(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// take sorts a line in; one that comes from no charge, refund or dispute is none of our business.
func (s *statement) take(line *stripe.BalanceLine) {
	charge := func(id string) *theirCharge {
		if s.charges[id] == nil {
			s.charges[id] = &theirCharge{at: line.Created}
		}
		return s.charges[id]
	}
	switch {
	case line.Charge != nil:
		charge(line.Charge.ID).Charge = line.Charge
	case line.Refund != nil && line.Refund.Charge != "":
		s.refunds[line.Refund.ID] = theirRefund{line.Refund, line.Created}
		charge(line.Refund.Charge)
	case line.Dispute != nil && line.Dispute.Charge != "":
		charge(line.Dispute.Charge).disputed = true
	}
}

// complete reads what no line has shown of a charge.
func (s *statement) complete(ctx context.Context, id string) (err error) {
	c := s.charges[id]
	if c.Charge == nil {
		if c.Charge, err = s.account.RetrieveCharge(ctx, id); err != nil {
			return err
		}
	}
	if c.Disputed || c.disputed {
		c.disputes, err = s.account.ListDisputes(ctx, id)
	}
	return err
}

// compare holds the statement against what is here, and gives what is here and of the period, and not in the statement.
func (s *statement) compare(tx *models.Tx, account int64, span period) (found []Difference, left *unmet, err error) {
	met := map[int64]bool{}
	for _, c := range s.charges {
		var ours *ourPayment
		if r := findPayment(tx, account, c.PaymentIntent, c.ID, c.Metadata); r != nil {
			if ours, err = ourPaymentOf(r); err != nil {
				return nil, nil, err
			}
			met[ours.id] = met[ours.id] || ours.charge == "" || ours.charge == c.ID
		}
		found = append(found, compareCharge(ours, *c)...)
	}
	x := Refund
	for id, got := range s.refunds {
		var ours *ourRefund
		if records := x.Search(tx, x.StripeRefundID.Eq(id), models.Limit(1)); len(records) > 0 {
			if ours, err = ourRefundOf(records[0]); err != nil {
				return nil, nil, err
			}
		}
		found = append(found, compareRefund(ours, got.Refund, got.at)...)
	}
	left, err = s.unmet(tx, account, span, met)
	return found, left, err
}

// unmet are the payments of the days of the period that say that they have money, and its refunds that say that they were made.
func (s *statement) unmet(tx *models.Tx, account int64, span period, met map[int64]bool) (*unmet, error) {
	left := &unmet{refunds: map[string]*ourRefund{}}
	base, x := payment.Payment, Refund
	days := domain.AllOf(domain.C("date", domain.GreaterEqual, value.DateOf(span.from)), domain.C("date", domain.LessEqual, value.DateOf(span.until)))
	for _, r := range base.Search(tx, domain.AllOf(domain.C("journal.stripe_account", domain.Equal, account), days, base.State.Eq(payment.Succeeded)),
		models.OrderBy("id")) {
		if met[r.ID()] {
			continue
		}
		ours, err := ourPaymentOf(r)
		if err != nil {
			return nil, err
		}
		left.payments = append(left.payments, ours)
	}
	for _, r := range x.Search(tx, domain.AllOf(domain.C("payment.journal.stripe_account", domain.Equal, account), x.State.Eq(payment.Succeeded),
		x.StripeRefundID.Ne(nil), domain.C("create_date", domain.GreaterEqual, span.from), domain.C("create_date", domain.Less, span.until))) {
		id := x.StripeRefundID.Of(r)
		if _, told := s.refunds[id]; told {
			continue
		}
		ours, err := ourRefundOf(r)
		if err != nil {
			return nil, err
		}
		left.refunds[id] = ours
	}
	return left, nil
}

// lookUp asks Stripe for what the statement does not tell of: it may have happened before or after the period.
func (s *statement) lookUp(ctx context.Context, left *unmet) (found []Difference, err error) {
	for _, p := range left.payments {
		c, err := s.chargeOf(ctx, p)
		if err != nil {
			return nil, err
		}
		if c == nil {
			found = append(found, Difference{Kind: missingThere, About: aboutPayment, Payment: p.id, Object: p.charge, Currency: p.currency,
				Here: p.amount, StateHere: p.state, At: p.day})
			continue
		}
		found = append(found, compareCharge(p, *c)...)
	}
	for id, r := range left.refunds {
		got, err := s.account.RetrieveRefund(ctx, id)
		switch {
		case isMissing(err):
			found = append(found, Difference{Kind: missingThere, About: aboutRefund, Payment: r.payment, Refund: r.id, Object: id,
				Currency: r.currency, Here: r.amount, StateHere: r.state, At: r.at})
		case err != nil:
			return nil, err
		default:
			found = append(found, compareRefund(r, got, r.at)...)
		}
	}
	return found, nil
}

// chargeOf finds the charge of a payment here; nil when Stripe has none.
func (s *statement) chargeOf(ctx context.Context, p *ourPayment) (*theirCharge, error) {
	id := p.charge
	if id == "" && p.intent != "" {
		pi, err := s.account.RetrievePaymentIntent(ctx, p.intent)
		if isMissing(err) || err == nil && pi.ChargeID == "" {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		id = pi.ChargeID
	}
	if id == "" {
		return nil, nil
	}
	s.charges[id] = &theirCharge{at: p.day}
	if err := s.complete(ctx, id); isMissing(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return s.charges[id], nil
}

// isMissing tells that Stripe does not have what was asked for.
func isMissing(err error) bool {
	e := stripe.AsError(err)
	return e != nil && e.Code == "resource_missing"
}

func ourPaymentOf(r *models.Record) (*ourPayment, error) {
	base, x := payment.Payment, Payment
	amount, err := minorAmount(r, base.Amount.Of(r))
	return &ourPayment{id: r.ID(), state: base.State.Of(r), dispute: x.StripeDisputeStatus.Of(r), disputeID: x.StripeDisputeID.Of(r), intent: x.StripePaymentIntentID.Of(r),
		charge: x.StripeChargeID.Of(r), amount: amount, currency: currencyCode(r), day: base.Date.Of(r).Time()}, err
}

func ourRefundOf(r *models.Record) (*ourRefund, error) {
	p := Refund.Payment.Of(r)
	amount, err := minorAmount(p, Refund.Amount.Of(r))
	made, _ := r.Get("create_date").(time.Time)
	return &ourRefund{id: r.ID(), payment: p.ID(), state: Refund.State.Of(r), amount: amount, currency: currencyCode(p), at: made}, err
}
