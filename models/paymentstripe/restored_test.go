package paymentstripe_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
)

// TestRestoredBackup goes back to a backup that was made between *Process* and the charge, after Stripe has forgotten the key: once the
// events are fetched nothing is charged again, as the README has it done.
func TestRestoredBackup(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		saved, byToken := w.approved(w.alice, "20.00", nil), w.approved(w.bob, "21.00", nil)
		w.withToken(byToken, "tok_visa")
		w.process(saved, byToken)
		statements := func(list ...string) {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				for _, statement := range list {
					_, err := tx.Exec(sql.SQL(statement))
					models.Must(err)
				}
			})
		}
		statements(`CREATE TABLE "backup" AS SELECT * FROM "account_payment"`)
		w.post()
		w.run("account.payment.stripe.account|fetch_events")

		statements(`DELETE FROM "account_payment_stripe_event"`, `UPDATE "account_payment_stripe_account" SET "last_event" = NULL`,
			`DELETE FROM "account_payment"`, `INSERT INTO "account_payment" SELECT * FROM "backup"`, `DROP TABLE "backup"`)
		for _, id := range []int64{saved, byToken} {
			if state := w.state(id); state != "processing" || len(w.attempts("payment", id)) > 0 {
				t.Fatalf("in the backup the payment is %s, with %v", state, w.attempts("payment", id))
			}
		}
		w.sim.Advance(25 * time.Hour)
		w.run("account.payment.stripe.account|fetch_events")
		for range 2 {
			w.post()
			w.now()
		}
		for _, id := range []int64{saved, byToken} {
			if state := w.state(id); state != "succeeded" {
				t.Errorf("the payment is %s, after %v", state, w.attempts("payment", id))
			}
		}
		ledger := w.ledger()
		slices.Sort(ledger)
		if diff := cmp.Diff([]string{"2000 2000 0", "2100 2100 0"}, ledger); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}
