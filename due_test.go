package main

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/ir"
)

// TestServersRunEachActionOncePerDueTime has four servers look at the same time for what is due, day after day: each scheduled action falls
// to one of them, once.
func TestServersRunEachActionOncePerDueTime(t *testing.T) {
	onEach(t, nil, func(b *bench) {
		servers := []*models.Database{b.db}
		for range 3 {
			app, err := NewApp(b.app.Config, slog.New(slog.NewTextHandler(b.log(), nil)))
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() {
				if err := app.Close(); err != nil {
					b.Error(err)
				}
			})
			db, err := app.Databases.Get(b.Context(), b.name)
			if err != nil {
				b.Fatal(err)
			}
			db.Now = b.clock.now
			servers = append(servers, db)
		}
		var all []string
		if err := b.db.Transact(b.Context(), models.Request{}, func(tx *models.Tx) error {
			for _, r := range ir.Crons.Search(tx, ir.Crons.Active.Eq(true)) {
				all = append(all, ir.Crons.Method.Of(r))
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		slices.Sort(all)
		if len(all) < 8 {
			b.Fatalf("scheduled actions: %v", all)
		}
		for day := range 5 {
			b.clock.advance(32 * 24 * time.Hour) // the rarest is due, too
			if diff := cmp.Diff(all, b.claimed(servers)); diff != "" {
				b.Errorf("on day %d the servers run (-want +got):\n%s", day, diff)
			}
		}
	})
}

// claimed is what servers run that all look several times at once.
func (b *bench) claimed(servers []*models.Database) (methods []string) {
	var mu sync.Mutex
	var looking sync.WaitGroup
	begin := make(chan struct{})
	for _, db := range servers {
		looking.Go(func() {
			<-begin
			for range 3 {
				var mine []string
				err := db.Transact(context.Background(), models.Request{Latest: true}, func(tx *models.Tx) (err error) {
					mine, err = claimDue(tx)
					return err
				})
				mu.Lock()
				if err != nil {
					b.Error(err)
				}
				methods = append(methods, mine...)
				mu.Unlock()
			}
		})
	}
	close(begin)
	looking.Wait()
	slices.Sort(methods)
	return methods
}
