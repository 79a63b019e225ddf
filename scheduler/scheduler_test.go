package scheduler_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/scheduler"
)

func TestMain(m *testing.M) {
	code := modelstest.Main(m)
	if err := goleak.Find(goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener")); code == 0 && err != nil {
		println(err.Error())
		code = 1
	}
	os.Exit(code)
}

type action struct {
	models.Model
	Method models.Char
	Due    models.Boolean
}

// Action stands for a scheduled action that is due until it is claimed.
var Action = models.Define(&action{
	Model:  models.Model{Name: "test.action", Order: models.Order("id")},
	Method: models.NewChar(models.Field{String: "Method"}),
	Due:    models.NewBoolean(models.Field{String: "Due"}),
})

func claim(tx *models.Tx) ([]string, error) {
	due := Action.Search(tx, Action.Due.Eq(true), models.ForUpdate())
	var methods []string
	for _, r := range due {
		methods = append(methods, Action.Method.Of(r))
	}
	return methods, Action.Write(tx, due, Action.Due.To(false))
}

func modules() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{Action}}}
}

// recorder notes the actions that run.
type recorder struct {
	mu  sync.Mutex
	ran []string
	got chan string
}

func (r *recorder) action(name string, err error) scheduler.Action {
	return func(context.Context, *models.Database) error {
		r.mu.Lock()
		r.ran = append(r.ran, name)
		r.mu.Unlock()
		if r.got != nil {
			r.got <- name
		}
		return err
	}
}

func config(db *models.Database, r *recorder) scheduler.Config {
	return scheduler.Config{
		Databases: func(context.Context) ([]*models.Database, error) { return []*models.Database{db}, nil },
		Claim:     claim,
		Default: func(tx *models.Tx, method string) error {
			if method != "sweep" {
				return models.NotFoundError("no %s", method)
			}
			_, err := Action.Create(tx, Action.Method.To("swept"))
			return err
		},
		Actions: map[string]scheduler.Action{
			"m|good": r.action("good", nil), "m|bad": r.action("bad", errors.New("no")),
			"m|panic": func(context.Context, *models.Database) error { panic("oh") },
		},
		Poll: time.Hour,
		Log:  slog.New(slog.DiscardHandler),
	}
}

func due(t *testing.T, db *models.Database, methods ...string) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, m := range methods {
			_, err := Action.Create(tx, Action.Method.To(m), Action.Due.To(true))
			models.Must(err)
		}
	})
}

func TestRunOnceRunsEachDueActionOnce(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		due(t, db, "m|bad", "m|panic", "m|good", "sweep", "no.model|x")
		r := &recorder{}
		s := scheduler.New(config(db, r))
		for range 2 {
			if err := s.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"bad", "good"}, r.ran); diff != "" {
			t.Error(diff)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if n := Action.Count(tx, Action.Method.Eq("swept")); n != 1 {
				t.Errorf("the default ran %d times", n)
			}
		})
	})
}

func TestManySchedulersShareTheDueActions(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		const actions = 40
		for range actions {
			due(t, db, "m|good")
		}
		r := &recorder{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s := scheduler.New(config(db, r))
				for range actions {
					if err := s.RunOnce(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if len(r.ran) != actions {
			t.Errorf("%d actions were due, %d ran", actions, len(r.ran))
		}
	})
}

func TestNewWorkWakesTheScheduler(t *testing.T) {
	modelstest.Each(t, nil, modules, func(t *testing.T, db *models.Database) {
		due(t, db, "m|good")
		r := &recorder{got: make(chan string, 10)}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- scheduler.New(config(db, r)).Run(ctx) }()
		wait(t, r, "good") // it listens since before its first look
		modelstest.Do(t, db, func(tx *models.Tx) { models.Must(tx.Notify(scheduler.Channel, "m|bad")) })
		wait(t, r, "bad")
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the scheduler does not stop")
		}
	})
}

func wait(t *testing.T, r *recorder, want string) {
	t.Helper()
	select {
	case got := <-r.got:
		if got != want {
			t.Fatalf("%q ran, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%q does not run", want)
	}
}
