package paymentstripe_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// TestClaimTakesNoMoreThanItMay claims under the plans that PostgreSQL may choose by its statistics: with each the limit holds.
func TestClaimTakesNoMoreThanItMay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.byToken(20, nil)
		for _, off := range [][]string{nil, {"hashjoin", "mergejoin"}, {"hashjoin", "mergejoin", "hashagg", "sort", "material"},
			{"nestloop"}, {"nestloop", "hashjoin"}} {
			err := modelstest.Try(w.db, models.Request{Latest: true}, func(tx *models.Tx) error {
				if tx.Dialect().Name() == "postgresql" {
					for _, name := range off {
						_, err := tx.Exec(sql.SQL(`SET LOCAL enable_` + name + ` = off`))
						models.Must(err)
					}
				}
				rows, err := tx.Query(paymentstripe.ClaimPayments(tx, 3, w.stripeAccount))
				models.Must(err)
				if len(rows) != 3 {
					t.Errorf("without %v %d rows are claimed, want 3", off, len(rows))
				}
				return errUndone
			})
			if err != errUndone {
				t.Fatal(err)
			}
		}
	})
}

var errUndone = &models.Error{Kind: models.KindUser, Message: "undone"}

// TestWrongClockFindsTheCharge has the server's clock go wrong by hours, before and behind, when the answer to a charge is one that Stripe
// would only repeat: what it made is found all the same, and nothing is charged twice.
func TestWrongClockFindsTheCharge(t *testing.T) {
	for _, off := range []time.Duration{-9 * time.Hour, 9 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: simulator.ServerErrorAfter, Count: 1})
				w.db.Now = func() time.Time { return time.Now().Add(off) }
				if off > 0 { // the database's clock is behind Stripe's
					w.sim.Advance(off)
				}
				id := w.byToken(1, nil)[0]
				w.post()
				w.db.Now = time.Now
				for range 3 {
					w.settled()
					w.now()
					w.post()
				}
				if diff := cmp.Diff([]string{"1000 1000 0"}, w.ledger()); diff != "" {
					t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
				}
				if state := w.state(id); state != "succeeded" {
					t.Errorf("the payment is %s: %v", state, w.attempts("payment", id))
				}
			})
		})
	}
}
