package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/value"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// TestReconcileCommand compares the demo's database with the simulator, before and after a payment says that it has money.
func TestReconcileCommand(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	day := value.Today(time.Now())
	compare := func() (string, error) {
		var out bytes.Buffer
		err := b.app.reconcile(t.Context(), &out, b.name, day.AddDays(-1), day)
		return out.String(), err
	}
	if out, err := compare(); err != nil || !strings.HasPrefix(out, "No differences with Stripe") {
		t.Fatalf("%v\n%s", err, out)
	}
	b.do(func(tx *models.Tx) {
		n, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "state" = 'succeeded' WHERE "id" IN (SELECT MIN("id") FROM "account_payment"
			WHERE "journal" IN (SELECT "id" FROM "account_payment_journal" WHERE "process_method" = 'stripe'))`))
		models.Must(err)
		if n != 1 {
			t.Fatal("the demo has no payment")
		}
	})
	out, err := compare()
	if err == nil || err.Error() != "1 differences with Stripe" || !strings.Contains(out, "missing there  payment") || !strings.Contains(out, "at Stripe nothing") {
		t.Errorf("%v\n%s", err, out)
	}
	if err := b.app.reconcile(t.Context(), &bytes.Buffer{}, sqltest.Name(), day, day); err == nil {
		t.Error("a database that is not there is compared")
	}
}
