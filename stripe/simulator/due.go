package simulator

import (
	"slices"
	"time"
)

// due is something that will happen by itself.
type due struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	ID   string    `json:"id"`
}

// schedule has something happen after a while.
func (r *request) schedule(after time.Duration, what, id string) {
	r.account.Due = append(r.account.Due, due{At: r.now.Add(after), What: what, ID: id})
}

// runDue lets happen what is due by now, oldest first. The lock is held.
func (s *Simulator) runDue() {
	now := s.now()
	for _, a := range s.accounts {
		slices.SortStableFunc(a.Due, func(x, y due) int { return x.At.Compare(y.At) })
		for len(a.Due) > 0 && !a.Due[0].At.After(now) {
			one := a.Due[0]
			a.Due = a.Due[1:]
			s.happen(a, one)
			s.dirty = true
		}
	}
}

func (s *Simulator) happen(a *account, one due) {
	r := &request{sim: s, account: a, now: s.now()}
	switch one.What {
	case "expire":
		if c, ok := a.Charges.get(one.ID); ok {
			r.expire(c)
		}
	case "verification_ends":
		r.endVerification(one.ID)
	case "source_ends":
		if one, ok := a.Sources.get(one.ID); ok {
			r.endSource(one)
		}
	case "settle":
		if c, ok := a.Charges.get(one.ID); ok {
			r.settle(c)
		}
	case "payout_arrives":
		if p, ok := a.Payouts.get(one.ID); ok {
			r.payoutArrives(p)
		}
	case "refund_succeeds":
		if f, ok := a.Refunds.get(one.ID); ok {
			r.refundSucceeds(f)
		}
	case "refund_fails":
		if f, ok := a.Refunds.get(one.ID); ok {
			r.refundFails(f, "expired_or_canceled_card")
		}
	}
}
