package paymentstripe_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// TestPostgresRestartsWhileTheEnginePosts stops PostgreSQL when a charge is on its way to Stripe, several times: the answers cannot be
// recorded, and other rows not be claimed. In the end each payment is charged, once.
func TestPostgresRestartsWhileTheEnginePosts(t *testing.T) {
	cluster := sqltest.NewCluster(t)
	server, err := sql.NewServer(cluster.URI, "")
	if err != nil {
		t.Fatal(err)
	}
	w := worldOn(t, world{}, func(w *world) *models.Database {
		registry, err := models.Build(ir.NewAccess(res.RuleContext), w.modules()...)
		if err != nil {
			t.Fatal(err)
		}
		db := models.NewDatabase(registry, sqltest.Database(t, server), slog.New(slog.DiscardHandler))
		if err := db.Update(t.Context()); err != nil {
			t.Fatal(err)
		}
		return db
	})
	ids := w.byToken(40, nil)
	var restarts sync.WaitGroup
	var mu sync.Mutex
	sent := 0
	w.onRequest = func(r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/v1/charges" {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if sent++; slices.Contains([]int{3, 14, 27}, sent) {
			restarts.Wait() // the last one
			cluster.Stop()
			restarts.Go(func() {
				time.Sleep(300 * time.Millisecond)
				cluster.Start()
			})
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	failed := 0
	for w.chargedOnce() < len(ids) && ctx.Err() == nil {
		if err := w.engine.Actions()[chargeAction](ctx, w.db); err != nil {
			failed++
			time.Sleep(100 * time.Millisecond)
		}
		restarts.Wait()
		w.abandoned()
	}
	if failed == 0 || sent <= len(ids) { // what could not be recorded is sent again, with its key
		t.Errorf("%d sweeps failed, %d charges were sent", failed, sent)
	}
	if n := w.count("succeeded", ids); n != len(ids) || len(w.ledger()) != len(ids) {
		t.Errorf("%d of %d payments succeeded, by %d charges", n, len(ids), len(w.ledger()))
	}
}

// chargedOnce counts the payments that have succeeded.
func (w *world) chargedOnce() (n int) {
	rows := []any{}
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		found, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "account_payment" WHERE "state" = 'succeeded'`))
		models.Must(err)
		rows = found[0]
	})
	count, _ := rows[0].(int64)
	return int(count)
}

// abandoned lets the leases run out, and makes due what waits.
func (w *world) abandoned() {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		d := tx.Dialect()
		_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_lease_until" = `+d.Plus(d.Now(), "?")+` WHERE "stripe_lease" IS NOT NULL`, -time.Second))
		models.Must(err)
	})
	w.now()
}
