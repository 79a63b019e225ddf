package rpc

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// TestBusCannotListen has clients wait for the messages of a database that is closed: all are refused, and on PostgreSQL,
// where that is a trouble, the log tells it once.
func TestBusCannotListen(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		closed := sqltest.Database(t, s)
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		db, all := models.NewDatabase(nil, closed, slog.New(slog.NewTextHandler(&said, nil))), newStays()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			answers := make(chan error, 2)
			for range 2 {
				go func() {
					_, err := all.of(db, time.Minute).next(ctx, nil, nil, "")
					answers <- err
				}()
			}
			for range 2 {
				if refused, ok := (<-answers).(*refusal); !ok || refused.status != http.StatusServiceUnavailable {
					t.Errorf("answered %v", refused)
				}
			}
			cancel()
		}
		all.mu.Lock()
		told := strings.Count(said.String(), "cannot be listened to")
		all.mu.Unlock()
		if want := map[string]int{"sqlite": 0, "postgresql": 1}[closed.Dialect().Name()]; told != want {
			t.Errorf("told %d times, want %d:\n%s", told, want, said.String())
		}
		all.heed(db, nil)
		all.heed(db, http.ErrServerClosed)
		all.heed(db, http.ErrServerClosed)
		if again := strings.Count(said.String(), "cannot be listened to"); again != told+1 {
			t.Errorf("of a second trouble it is told %d times", again-told)
		}
	})
}
