package faults

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paytond/models"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/value"
	"paytond/sql"
)

// fate is what shall become of a payment of the run.
type fate int

// The fates, given to payments in turn.
const (
	fatePaid     fate = iota // the customer's card is charged
	fateToken                // a token is charged
	fateDeclined             // the card is refused
	fateHeld                 // the amount is only authorised
	fateCaptured             // authorised, and captured later
	fateRefunded             // charged, and a part given back later
	fates
)

// givenBack is what is given back of a payment, in cents.
const givenBack = 40

// paid is a payment with its fate.
type paid struct {
	id     int64
	fate   fate
	cents  int64
	change bool // its capture or refund was asked for
}

// makePayments makes payments and puts them in processing, in one transaction.
func (r *run) makePayments(ctx context.Context, n int) error {
	var made []*paid
	err := r.Database.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		made = nil
		tx = tx.With(map[string]any{"company": r.Shop.Company.ID()})
		for i := range n {
			p := &paid{fate: fate((len(r.payments) + i) % int(fates)), cents: int64(100 + len(r.payments) + i)}
			record, err := r.makePayment(tx, p)
			if err != nil {
				return err
			}
			p.id = record.ID()
			made = append(made, p)
		}
		var ids []int64
		for _, p := range made {
			ids = append(ids, p.id)
		}
		records := payment.Payment.Browse(tx, ids...)
		if err := payment.Payment.Approve(tx, records); err != nil {
			return err
		}
		_, err := payment.Group.Process(tx, records)
		return err
	})
	if err == nil {
		r.payments = append(r.payments, made...)
	}
	return err
}

func (r *run) makePayment(tx *models.Tx, p *paid) (*models.Record, error) {
	x, s := payment.Payment, paymentstripe.Payment
	owner := r.Shop.Good
	if p.fate == fateDeclined {
		owner = r.Shop.Declined
	}
	assigns := []models.Assign{x.Journal.To(r.Shop.Journal), x.Kind.To(payment.Receivable), x.Party.To(owner), x.Amount.To(cents(p.cents))}
	switch p.fate {
	case fateToken:
		assigns = append(assigns, s.StripeToken.To("tok_visa"), s.StripeChargeable.To(true))
	case fateHeld, fateCaptured:
		assigns = append(assigns, s.StripeCapture.To(false))
	}
	return x.Create(tx, assigns...)
}

func cents(n int64) value.Decimal { return value.MustParse(fmt.Sprintf("%d.%02d", n/100, n%100)) }

// askForMore asks for the captures and refunds of the payments that have come so far, as a clerk would. It reports whether all were
// asked for.
func (r *run) askForMore(ctx context.Context) (all bool, err error) {
	byID, waiting := map[int64]*paid{}, []int64{}
	for _, p := range r.payments {
		if !p.change && (p.fate == fateCaptured || p.fate == fateRefunded) {
			byID[p.id] = p
			waiting = append(waiting, p.id)
		}
	}
	var asked []int64
	for some := range slices.Chunk(waiting, 200) {
		err = r.Database.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
			now := []int64{}
			for _, record := range payment.Payment.Browse(tx, some...) {
				done, err := r.askFor(tx, record, byID[record.ID()])
				if err != nil {
					return err
				}
				if done {
					now = append(now, record.ID())
				}
			}
			tx.AfterCommit(func() { asked = append(asked, now...) })
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	for _, id := range asked {
		byID[id].change = true
	}
	return len(asked) == len(waiting), nil
}

func (r *run) askFor(tx *models.Tx, record *models.Record, p *paid) (bool, error) {
	s := paymentstripe.Payment
	switch {
	case p.fate == fateCaptured && s.StripeCapturable.Of(record):
		_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_capture" = ?, "stripe_next_attempt" = `+tx.Dialect().Now()+
			` WHERE "id" = ?`, true, record.ID()))
		return err == nil, err
	case p.fate == fateRefunded && payment.Payment.State.Of(record) == payment.Succeeded:
		x := paymentstripe.Refund
		made, err := x.Create(tx, x.Payment.To(record.ID()), x.Amount.To(cents(givenBack)))
		if err != nil {
			return false, err
		}
		return true, x.Approve(tx, []*models.Record{made})
	}
	return false, nil
}

// settling is how far ahead a row may be due and still count as work that is not over: what is looked at in hours is over.
const settling = 10 * time.Minute

// unsettled counts the rows that are still to be worked on, and the payments that are not where their fate leads.
func (r *run) unsettled(ctx context.Context) (n int64, err error) {
	err = r.Database.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		n = 0
		for _, table := range []string{"account_payment", "account_payment_stripe_refund"} {
			rows, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM `+sql.Quote(table)+` WHERE "stripe_lease" IS NOT NULL OR "stripe_next_attempt" <= `+
				tx.Dialect().Plus(tx.Dialect().Now(), "?"), settling))
			if err != nil {
				return err
			}
			count, _ := rows[0][0].(int64)
			n += count
		}
		return nil
	})
	return n, err
}
