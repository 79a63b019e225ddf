package scheduler_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/scheduler"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// run runs a scheduler until the test ends, and checks that it stops.
func run(t *testing.T, c scheduler.Config) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- scheduler.New(c).Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the scheduler does not stop")
		}
	})
}

// TestLongActionKeepsNoOtherWaiting asks for actions while a long one runs: another runs beside it; the long one itself runs once more, when
// it has ended, however often it was asked for.
func TestLongActionKeepsNoOtherWaiting(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		r := &recorder{got: make(chan string, 10)}
		release := make(chan struct{})
		c := config(db, r)
		c.Actions["m|long"] = func(ctx context.Context, _ *models.Database) error {
			r.got <- "long"
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}
		due(t, db, "m|long")
		run(t, c)
		wait(t, r, "long")
		ask := func(methods ...string) {
			modelstest.Do(t, db, func(tx *models.Tx) {
				for _, m := range methods {
					models.Must(tx.Notify(scheduler.Channel, m))
				}
			})
		}
		ask("m|long", "m|long", "m|good")
		wait(t, r, "good")
		ask("m|long", "m|bad")
		wait(t, r, "bad")
		release <- struct{}{}
		wait(t, r, "long")
		release <- struct{}{}
		ask("m|good")
		wait(t, r, "good")
		select {
		case more := <-r.got:
			t.Errorf("%s ran once more", more)
		default:
		}
	})
}

// TestLostMessageIsFoundByPolling makes an action due without a word to anybody.
func TestLostMessageIsFoundByPolling(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		r := &recorder{got: make(chan string, 10)}
		c := config(db, r)
		c.Poll = 50 * time.Millisecond
		due(t, db, "m|good")
		run(t, c)
		wait(t, r, "good")
		due(t, db, "m|bad")
		wait(t, r, "bad")
	})
}

// TestBeginningRunsTheSweeps begins to watch a database in which nothing is due: whatever nobody has heard of is looked for, and no other
// action runs.
func TestBeginningRunsTheSweeps(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		r := &recorder{got: make(chan string, 10)}
		c := config(db, r)
		c.Sweeps = []string{"m|bad"}
		run(t, c)
		wait(t, r, "bad")
		modelstest.Do(t, db, func(tx *models.Tx) { models.Must(tx.Notify(scheduler.Channel, "m|good")) })
		wait(t, r, "good") // and neither before
	})
}

// TestWorkWithoutAWordIsFound has work that is neither due by its plan nor told of: the looks find it.
func TestWorkWithoutAWordIsFound(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		r := &recorder{got: make(chan string, 100)}
		c := config(db, r)
		c.Poll = 50 * time.Millisecond
		c.Waiting = func(tx *models.Tx) (methods []string, err error) {
			if Action.Count(tx, Action.Method.Eq("waits")) > 0 {
				methods = []string{"m|good"}
			}
			return methods, nil
		}
		due(t, db, "m|bad")
		run(t, c)
		wait(t, r, "bad")
		modelstest.Do(t, db, func(tx *models.Tx) {
			_, err := Action.Create(tx, Action.Method.To("waits"))
			models.Must(err)
		})
		wait(t, r, "good")
	})
}

// TestDatabasesComeAndGo begins to watch a database when it is listed, and ends when it is not any more.
func TestDatabasesComeAndGo(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		r := &recorder{got: make(chan string, 100)}
		c := config(db, r)
		c.Poll = 20 * time.Millisecond
		c.Sweeps = []string{"m|bad"}
		var here, looked atomic.Int64
		c.Databases = func(context.Context) ([]*models.Database, error) {
			if here.Load() == 0 {
				return nil, nil
			}
			return []*models.Database{db}, nil
		}
		c.Waiting = func(*models.Tx) ([]string, error) { looked.Add(1); return nil, nil }
		run(t, c)
		here.Store(1)
		wait(t, r, "bad")
		here.Store(0)
		for deadline, last := time.Now().Add(10*time.Second), int64(-1); last != looked.Load(); time.Sleep(200 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("a database that is gone is looked at still")
			}
			last = looked.Load()
		}
		here.Store(1)
		wait(t, r, "bad")
	})
}

// TestLostConnectionRunsTheSweeps cuts the connection on which the scheduler listens: messages may be lost with it.
func TestLostConnectionRunsTheSweeps(t *testing.T) {
	db := modelstest.Open(t, sqltest.Postgres(t), nil, modules()...)
	r := &recorder{got: make(chan string, 10)}
	c := config(db, r)
	c.Sweeps = []string{"m|good", "m|bad"}
	run(t, c)
	for range 2 {
		<-r.got // as it begins
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		rows, err := tx.Query(sql.SQL(`SELECT pg_terminate_backend("pid") FROM "pg_stat_activity"
			WHERE "datname" = current_database() AND "query" LIKE 'LISTEN%'`))
		models.Must(err)
		if len(rows) == 0 {
			t.Fatal("nobody listens")
		}
	})
	got := map[string]bool{}
	for range 2 {
		select {
		case name := <-r.got:
			got[name] = true
		case <-time.After(20 * time.Second):
			t.Fatalf("after the connection was cut only %v ran", got)
		}
	}
	if !got["good"] || !got["bad"] {
		t.Errorf("after the connection was cut ran %v", got)
	}
}
