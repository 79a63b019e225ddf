package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
)

// TestWorkThatNobodyHeardOf processes a payment while no scheduler runs: the one that starts takes it up at once. Then one in a process of
// its own, which on SQLite no word reaches, takes up what comes. By their plan the scheduled actions would run after a quarter of an hour.
func TestWorkThatNobodyHeardOf(t *testing.T) {
	onEach(t, []string{roleRPC, roleCheckout}, func(b *bench) {
		c := b.session(demoUser, demoPassword)
		if err := b.db.Transact(b.Context(), models.Request{}, func(tx *models.Tx) error {
			_, err := tx.Exec(sql.SQL(`UPDATE "ir_cron" SET "next_call" = ?`, time.Now().UTC().Add(time.Hour).Truncate(time.Second)))
			return err
		}); err != nil {
			b.Fatal(err)
		}
		before := c.payment("Dora Saved", "31.00", "Before a scheduler ran", c.withCard("cus_saved"))
		c.process(before)
		other, err := NewApp(b.app.Config, slog.New(slog.NewTextHandler(b.log(), nil)))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := other.Close(); err != nil {
				b.Error(err)
			}
		})
		b.background(func(ctx context.Context) error { return other.Run(ctx, []string{roleScheduler}) })
		c.becomes("account.payment", before, "state", "succeeded")
		c.charged(before, 3100)
		after := c.payment("Dora Saved", "32.00", "In another process", c.withCard("cus_saved"))
		c.process(after)
		c.becomes("account.payment", after, "state", "succeeded")
		c.charged(after, 3200)
	})
}
