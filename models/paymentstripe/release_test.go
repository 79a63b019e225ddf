package paymentstripe_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
)

// TestUnreadableAccountIsAskedLessAndLess fetches the events of an account whose key is revoked: each failure counts, though the account
// has no other task, and the next try is further away each time.
func TestUnreadableAccountIsAskedLessAndLess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.sim.Revoke(secretKey, false)
		for tries := int64(1); tries <= 6; tries++ {
			_ = w.engine.Actions()["account.payment.stripe.account|fetch_events"](t.Context(), w.db) // it says that the account cannot be read
			if got := w.accountRow("stripe_attempt_count")["stripe_attempt_count"]; got != tries {
				t.Fatalf("after failure %d the account counts %v", tries, got)
			}
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			d := tx.Dialect()
			rows, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "account_payment_stripe_account" WHERE "stripe_next_attempt" > `+d.Plus(d.Now(), "?"), 50*time.Second))
			models.Must(err)
			if n, _ := rows[0][0].(int64); n != 1 {
				t.Error("after six failures the account is asked again within a minute")
			}
		})
		w.sim.Revoke(secretKey, true)
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.accountRow("stripe_attempt_count")["stripe_attempt_count"]; got != int64(0) {
			t.Errorf("when the account can be read again it counts %v", got)
		}
	})
}

// TestPageForgetsNoPlan opens the page of a payment that waits to be tried again: there is nothing to do for the page, and the try stays.
func TestPageForgetsNoPlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.byToken(1, nil)[0]
		w.post() // a charge, for which the page has nothing to do
		token := "01234567890123456789012345678901"
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			d := tx.Dialect()
			_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_checkout_id" = ?, "stripe_attempt_count" = 3,
				"stripe_next_attempt" = `+d.Plus(d.Now(), "?")+` WHERE "id" = ?`, token, 6*time.Hour, id))
			models.Must(err)
		})
		before := w.payment(id, "stripe_next_attempt", "stripe_attempt_count")
		w.page("account.payment", token)
		after := w.payment(id, "stripe_next_attempt", "stripe_attempt_count", "stripe_lease")
		if after["stripe_next_attempt"] != before["stripe_next_attempt"] || after["stripe_attempt_count"] != before["stripe_attempt_count"] || after["stripe_lease"] != nil {
			t.Errorf("before %v, after %v", before, after)
		}
	})
}

// TestStopBeginsNothing stops the engine while a button works on many payments: the one at hand is finished, no other one begun.
func TestStopBeginsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := []any{}
		for range 5 {
			ids = append(ids, w.paid("10.00", "pm_card_visa"))
		}
		var stop sync.Once
		stopped, asked := make(chan struct{}), 0
		w.onRequest = func(r *http.Request) {
			if !strings.Contains(r.URL.Path, "/payment_intents/") {
				return
			}
			asked++ // one after the other
			stop.Do(func() {
				go func() { w.engine.Close(); close(stopped) }()
				time.Sleep(100 * time.Millisecond)
			})
		}
		_, _ = w.try(w.clerk, "account.payment", "stripe_pull", ids)
		<-stopped
		if asked != 1 {
			t.Errorf("Stripe was asked about %d payments", asked)
		}
	})
}
