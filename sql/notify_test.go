package sql_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"paytond/sql"
	"paytond/sql/sqltest"
)

func receive(t *testing.T, c <-chan string) (string, bool) {
	t.Helper()
	select {
	case payload, ok := <-c:
		return payload, ok
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		return "", false
	}
}

func TestNotify(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		woken, err := db.Listen(ctx, "wake")
		if err != nil {
			t.Fatal(err)
		}
		other, err := db.Listen(t.Context(), "other")
		if err != nil {
			t.Fatal(err)
		}
		notify := func(channel string, payloads []string, result error) {
			err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				for _, p := range payloads {
					if err := tx.Notify(channel, p); err != nil {
						return err
					}
				}
				return result
			})
			if !errors.Is(err, result) {
				t.Error(err)
			}
		}
		notify("wake", []string{"undone"}, errors.New("no"))
		notify("elsewhere", []string{"x"}, nil)
		notify("wake", []string{"one", "two"}, nil)
		for _, want := range []string{"one", "two"} {
			if got, _ := receive(t, woken); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		cancel()
		if got, ok := receive(t, woken); ok {
			t.Errorf("%q after the end", got)
		}
		db.Close()
		if got, ok := receive(t, other); ok {
			t.Errorf("%q on another channel", got)
		}
	})
}

// A lost connection is made anew, and the listener told to look for itself.
func TestListenSurvivesLostConnection(t *testing.T) {
	db := counted(t, sqltest.Postgres(t))
	woken, err := db.Listen(t.Context(), "wake")
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, sql.SQL(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE 'LISTEN%'`))
	if got, ok := receive(t, woken); got != "" || !ok {
		t.Errorf("got %q, %v", got, ok)
	}
	transact(t, db, func(tx *sql.Tx) error { return tx.Notify("wake", "back") })
	if got, _ := receive(t, woken); got != "back" {
		t.Errorf("got %q", got)
	}
}
