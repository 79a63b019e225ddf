package faults

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/stripe/simulator"
)

// Table is the reliability table.
type Table struct {
	payments, calls, attempts         int
	twice, lost, wrong, refundedTwice int
	unmatched                         int
	kills                             map[string]int
	took                              time.Duration
	details                           []string
}

func (t *Table) tell(format string, args ...any) {
	if len(t.details) < 20 {
		t.details = append(t.details, fmt.Sprintf(format, args...))
	}
}

// bad counts what should not be.
func (t *Table) bad() int { return t.twice + t.lost + t.wrong + t.refundedTwice + t.unmatched }

// String is the table for people.
func (t *Table) String() string {
	total, parts := 0, []string{}
	for point, n := range t.kills {
		total += n
		parts = append(parts, fmt.Sprintf("%s %d", point, n))
	}
	slices.Sort(parts)
	var b strings.Builder
	row := func(what string, v any) { fmt.Fprintf(&b, "  %-34s %v\n", what, v) }
	row("payments", t.payments)
	row("servers killed", total)
	row("calls that reached Stripe", t.calls)
	row("attempts recorded", t.attempts)
	row("charged twice", t.twice)
	row("lost", t.lost)
	row("refunded twice", t.refundedTwice)
	row("in a wrong state", t.wrong)
	row("charges that belong to no payment", t.unmatched)
	row("time", t.took.Round(time.Second))
	fmt.Fprintf(&b, "  killed at: %s\n", strings.Join(parts, ", "))
	for _, d := range t.details {
		fmt.Fprintf(&b, "  ! %s\n", d)
	}
	return b.String()
}

// verdict compares what happened with the fates.
func (r *run) verdict(ctx context.Context) (*Table, error) {
	t := &Table{payments: len(r.payments), kills: r.kills, calls: r.Simulator.Calls()}
	lines := map[int64][]simulator.LedgerLine{}
	for _, l := range r.Simulator.Ledger() {
		id, err := strconv.ParseInt(l.Metadata["payment"], 10, 64)
		switch {
		case l.Status == "failed":
		case err != nil:
			t.unmatched++
		default:
			lines[id] = append(lines[id], l)
		}
	}
	err := r.Database.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		*t = Table{payments: t.payments, kills: t.kills, calls: t.calls, unmatched: t.unmatched, attempts: int(paymentstripe.Attempt.Count(tx, domain.And{}))}
		for some := range slices.Chunk(r.payments, 500) {
			for _, p := range some {
				r.judge(tx, t, p, lines[p.id])
			}
		}
		return nil
	})
	known := map[int64]bool{}
	for _, p := range r.payments {
		known[p.id] = true
	}
	for id := range lines {
		if !known[id] {
			t.unmatched++
		}
	}
	return t, err
}

// judge holds one payment against its lines in Stripe's ledger.
func (r *run) judge(tx *models.Tx, t *Table, p *paid, lines []simulator.LedgerLine) {
	record := payment.Payment.Get(tx, p.id)
	state, amount, s := payment.Payment.State.Of(record), payment.Payment.Amount.Of(record), paymentstripe.Payment
	want := simulator.LedgerLine{Amount: p.cents, Captured: p.cents}
	wantState, wantAmount := payment.Succeeded, p.cents
	switch p.fate {
	case fateDeclined:
		wantState = payment.Failed
	case fateHeld:
		wantState, want.Captured = payment.Processing, 0
	case fateRefunded:
		want.Refunded, wantAmount = givenBack, p.cents-givenBack
	}
	switch {
	case len(lines) > 1:
		t.twice++
		t.tell("payment %d: %d charges", p.id, len(lines))
	case p.fate == fateDeclined && len(lines) > 0, p.fate != fateDeclined && len(lines) == 0:
		t.lost++
		t.tell("payment %d (%s): %d charges", p.id, state, len(lines))
	case p.fate == fateRefunded && lines[0].Refunded > want.Refunded:
		t.refundedTwice++
		t.tell("payment %d: %d refunded", p.id, lines[0].Refunded)
	case len(lines) == 1 && (lines[0].Amount != want.Amount || lines[0].Captured != want.Captured || lines[0].Refunded != want.Refunded):
		t.wrong++
		t.tell("payment %d (%s): Stripe has %d, captured %d, refunded %d", p.id, state, lines[0].Amount, lines[0].Captured, lines[0].Refunded)
	case state != wantState || !amount.Equal(cents(wantAmount)) || p.fate == fateHeld && !s.StripeCapturable.Of(record):
		t.wrong++
		t.tell("payment %d is %s with %s, want %s with %s (%s)", p.id, state, amount.Plain(), wantState, cents(wantAmount).Plain(), s.StripeErrorMessage.Of(record))
	}
}
