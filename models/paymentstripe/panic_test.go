package paymentstripe_test

import (
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

// TestPanicEndsNothingElse has jobs and an event end in a panic: of a button, of a sweep and of what fetches events. The server lives, and
// what they were to do is done later.
func TestPanicEndsNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var left atomic.Int64
		panics := func(times int64, at paymentstripe.Point) {
			left.Store(times)
			w.reached = func(p paymentstripe.Point) {
				if p == at && left.Add(-1) >= 0 {
					panic("oh")
				}
			}
		}
		id := w.paid("100.00", "pm_card_visa")
		panics(1, paymentstripe.PointAnswered)
		w.call(w.clerk, "account.payment", "stripe_pull", []any{id})
		ids := w.byToken(3, nil)
		panics(1, paymentstripe.PointAnswered)
		if err := w.engine.Actions()[chargeAction](t.Context(), w.db); err == nil || w.count("succeeded", ids) != 2 {
			t.Errorf("a sweep with a panic ends with %v, %d payments are made", err, w.count("succeeded", ids))
		}
		w.abandoned()
		w.post()
		if w.count("succeeded", ids) != 3 || len(w.ledger()) != 4 {
			t.Errorf("later %d payments are made, by %v", w.count("succeeded", ids), w.ledger())
		}
		panics(1, paymentstripe.PointEventKept)
		_ = w.engine.Actions()[fetchAction](t.Context(), w.db) // it says that an event went wrong
		states := map[string]int{}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			for _, r := range paymentstripe.Event.Search(tx, paymentstripe.Event.EventID.Ne("")) {
				states[paymentstripe.Event.State.Of(r)]++
			}
		})
		if left.Load() >= 0 || states["error"] != 0 || states["new"] != 0 || len(states) == 0 {
			t.Errorf("after a panic and another try the events are %v", states)
		}
		if diff := cmp.Diff(len(w.eventIDs()), total(states)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
