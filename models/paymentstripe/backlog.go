package paymentstripe

import (
	"context"
	"strings"
	"time"

	"paytond/models"
	"paytond/sql"
)

// Backlog is what waits in one queue of a database.
type Backlog struct {
	Queue   string        // the model of its rows
	Due     int64         // rows that could be worked on now
	Oldest  time.Duration // how long the oldest of them has been due
	Leased  int64         // rows that somebody works on
	Planned int64         // rows that will be looked at later
}

// EventBacklog is how many events of one state there are.
type EventBacklog struct {
	State  string
	Count  int64
	Oldest time.Duration // how long ago Stripe made the oldest of them
}

// recent is how far back finished events are counted.
const recent = 24 * time.Hour

// Backlogs measures the queues and the events of a database, for who watches it. Finished events count for a day, others always.
func (e *Engine) Backlogs(ctx context.Context, db *models.Database) (work []Backlog, events []EventBacklog, err error) {
	err = db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		work, events = nil, nil
		for _, q := range queues {
			b, err := backlogOf(tx, q)
			if err != nil {
				return err
			}
			work = append(work, b)
		}
		events, err = eventBacklogs(tx)
		return err
	})
	return work, events, err
}

func backlogOf(tx *models.Tx, q *queue) (Backlog, error) {
	now := tx.Dialect().Now()
	due := `"stripe_lease_until" IS NULL AND "stripe_next_attempt" <= ` + now
	rows, err := tx.Query(sql.F{Text: `SELECT
		COUNT(CASE WHEN ` + due + ` THEN 1 END), MIN(CASE WHEN ` + due + ` THEN "stripe_next_attempt" END),
		COUNT(CASE WHEN "stripe_lease_until" >= ` + now + ` THEN 1 END),
		COUNT(CASE WHEN "stripe_next_attempt" > ` + now + ` THEN 1 END), ` + now + ` FROM ` + sql.Quote(tx.Class(q.model).Table) +
		` WHERE "stripe_next_attempt" IS NOT NULL OR "stripe_lease_until" IS NOT NULL`})
	if err != nil {
		return Backlog{}, err
	}
	b := Backlog{Queue: q.model}
	b.Due, _ = rows[0][0].(int64)
	b.Leased, _ = rows[0][2].(int64)
	b.Planned, _ = rows[0][3].(int64)
	b.Oldest = since(moment(rows[0][4]), rows[0][1])
	return b, nil
}

// Waiting names the scheduled actions that have rows which could be worked on now, for who polls: it reads an index of each queue.
func (e *Engine) Waiting(tx *models.Tx) ([]string, error) {
	parts := make([]string, len(queues))
	for i, q := range queues {
		parts[i] = `CASE WHEN EXISTS (SELECT 1 FROM ` + sql.Quote(tx.Class(q.model).Table) + ` WHERE ` + dueSQL(tx) + `) THEN 1 ELSE 0 END`
	}
	rows, err := tx.Query(sql.F{Text: `SELECT ` + strings.Join(parts, ", ")})
	if err != nil {
		return nil, err
	}
	var methods []string
	for i, q := range queues {
		if n, _ := rows[0][i].(int64); n > 0 {
			methods = append(methods, q.action)
		}
	}
	return methods, nil
}

func eventBacklogs(tx *models.Tx) ([]EventBacklog, error) {
	rows, err := tx.Query(sql.SQL(`SELECT "state", COUNT(*), MIN("created") FROM `+sql.Quote(Event.In(tx).Table)+
		` WHERE "state" IN (?) OR "created" > ? GROUP BY "state"`, []string{eventNew, eventParked, eventError}, tx.Now().Add(-recent)))
	if err != nil {
		return nil, err
	}
	var all []EventBacklog
	for _, row := range rows {
		b := EventBacklog{Oldest: since(tx.Now(), row[2])}
		b.State, _ = row[0].(string)
		b.Count, _ = row[1].(int64)
		all = append(all, b)
	}
	return all, nil
}

// since is the time from a timestamp to now; nothing for none.
func since(now time.Time, v any) time.Duration {
	t := moment(v)
	if t.IsZero() {
		return 0
	}
	return max(0, now.Sub(t))
}

// moment reads a timestamp that an expression gave: on SQLite it is a text.
func moment(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v
	case string:
		for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04:05", time.RFC3339Nano} {
			if t, err := time.Parse(layout, v); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
