package ir

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"paytond/models"
	"paytond/sql"
)

// SendQueueMethod is the name of the scheduled action that sends the messages of [Outbox].
const SendQueueMethod = "ir.email|send_queue"

// Errors of what sends messages; any other means that this message may go later.
var (
	// ErrMailRefused is the error for a message that the mail server will never take.
	ErrMailRefused = errors.New("the mail server refuses the message")
	// ErrMailServer is the error when the mail server takes no message at all now.
	ErrMailServer = errors.New("the mail server cannot be used")
)

const (
	// mailLease is how long a claimed message is left to who claimed it. It is longer than mailTime by far.
	mailLease = 5 * time.Minute
	// mailTime bounds the sending of one message.
	mailTime = 2 * time.Minute
	// mailSlice is how long the action sends before it lets other scheduled actions have their turn.
	mailSlice = 20 * time.Second
	// The times between tries grow from the first to the last; together with their number that is three days.
	firstMailDelay = 5 * time.Minute
	lastMailDelay  = 2 * time.Hour
	mailTries      = 40
)

// SendQueue makes the scheduled action that sends what [Queue] has queued.
// Without send nothing is sent, and what is queued stays so.
//
// A message is claimed with a lease in one transaction, sent outside of any,
// and what came of it is noted in another. If the server dies in between, the
// lease runs out and the message is sent again with the same Message-ID: at
// least once, and no more than once but for that. What fails is tried again,
// less and less often; what is refused, or has failed for three days, is set to
// failed with the reason, for people to look at. A mail server that cannot be
// used ends the run, the error says so, and no message is final up for it.
func SendQueue(send func(ctx context.Context, m Mail) error) func(context.Context, *models.Database) error {
	return func(ctx context.Context, db *models.Database) error {
		if send == nil {
			return nil
		}
		for start := time.Now(); ctx.Err() == nil; {
			letter, err := claimMail(ctx, db)
			if err != nil || letter == nil {
				return err
			}
			err = letter.send(ctx, db, send)
			if err != nil {
				return fmt.Errorf("e-mail %d: %w", letter.row, err)
			}
			if time.Since(start) > mailSlice {
				return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error { return tx.Notify(schedulerChannel, SendQueueMethod) })
			}
		}
		return ctx.Err()
	}
}

// MailWaits tells whether there is a message that could be sent now.
func MailWaits(tx *models.Tx) (bool, error) {
	rows, err := tx.Query(sql.SQL(`SELECT 1 FROM "ir_email_queue" WHERE `+dueMail(tx)+` LIMIT 1`, mailQueued))
	return len(rows) > 0, err
}

// dueMail is the condition of a message that waits to be claimed; its argument is the state.
func dueMail(tx *models.Tx) string {
	now := tx.Dialect().Now()
	return `"state" = ? AND "next_attempt" <= ` + now + ` AND ("lease_until" IS NULL OR "lease_until" < ` + now + `)`
}

// letter is a claimed message.
type letter struct {
	row      int64
	lease    string
	attempts int64 // this one included
	mail     Mail
	err      error // the row cannot be read
}

// claimMail takes the message that waits longest, nil if there is none.
func claimMail(ctx context.Context, db *models.Database) (*letter, error) {
	var l *letter
	err := db.Transact(ctx, models.Request{Latest: true}, func(tx *models.Tx) error {
		l = nil
		d, lease := tx.Dialect(), uuid.NewString()
		rows, err := tx.Query(sql.SQL(`WITH "due" AS MATERIALIZED (SELECT "id" FROM "ir_email_queue" WHERE `+dueMail(tx)+`
				ORDER BY "next_attempt", "id" LIMIT 1`+d.LockClause()+`)
			UPDATE "ir_email_queue" SET "lease" = ?, "lease_until" = `+d.Plus(d.Now(), "?")+`, "attempts" = "attempts" + 1
			WHERE "id" IN (SELECT "id" FROM "due") RETURNING "id", "attempts"`, mailQueued, lease, mailLease))
		if err != nil || len(rows) == 0 {
			return err
		}
		id, _ := rows[0][0].(int64)
		l = &letter{row: id, lease: lease}
		l.attempts, _ = rows[0][1].(int64)
		l.mail, l.err = mailOf(Outbox.Get(tx, id))
		return nil
	})
	return l, err
}

// send sends the message and notes what came of it. Its error ends the run.
func (l *letter) send(ctx context.Context, db *models.Database, send func(context.Context, Mail) error) error {
	// A message that is half sent when the server is asked to stop would be sent twice.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTime)
	defer cancel()
	sent := l.err
	if sent == nil {
		sent = send(ctx, l.mail)
	}
	if err := l.note(context.WithoutCancel(ctx), db, sent); err != nil {
		return err
	}
	if errors.Is(sent, ErrMailServer) {
		return sent
	}
	if sent != nil {
		db.Log.Warn("an e-mail was not sent", slog.String("database", db.Name()), slog.Int64("email", l.row),
			slog.Int64("attempt", l.attempts), slog.Any("error", sent))
	}
	return nil
}

// note writes down what came of the message, if the lease is still this one.
func (l *letter) note(ctx context.Context, db *models.Database, sent error) error {
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		var sets []sql.F
		final := false
		switch {
		case sent == nil:
			sets = []sql.F{sql.SQL(`"state" = ?`, mailSent), sql.SQL(`"sent_at" = ?`, tx.Now().Truncate(time.Second)), sql.SQL(`"error" = NULL`), sql.SQL(`"content" = NULL`)}
		case errors.Is(sent, ErrMailRefused), l.err != nil, l.attempts >= mailTries && !errors.Is(sent, ErrMailServer):
			sets, final = []sql.F{sql.SQL(`"state" = ?`, mailFailed), sql.SQL(`"error" = ?`, oneLine(sent))}, true
		case errors.Is(sent, ErrMailServer): // that is not the message's fault: it does not count, and waits no longer each time
			sets = append(later(tx, firstMailDelay), sql.SQL(`"error" = ?`, oneLine(sent)), sql.SQL(`"attempts" = "attempts" - 1`))
		default:
			sets = append(later(tx, mailDelay(l.attempts)), sql.SQL(`"error" = ?`, oneLine(sent)))
		}
		n, err := tx.Exec(sql.SQL(`UPDATE "ir_email_queue" SET ?, "lease" = NULL, "lease_until" = NULL WHERE "id" = ? AND "lease" = ?`, sets, l.row, l.lease))
		if err != nil || n == 0 || !final {
			return err
		}
		return l.tell(tx, sent)
	})
}

// tell has the clients of who wrote the message show that it will not arrive.
func (l *letter) tell(tx *models.Tx, why error) error {
	author, _ := Outbox.Get(tx, l.row).Get("create_uid").(int64)
	if author == 0 { // the server itself
		return nil
	}
	return Notify(tx, author, Notification{Title: "An e-mail was not sent: " + l.mail.Subject, Body: oneLine(why), Priority: 2})
}

func later(tx *models.Tx, delay time.Duration) []sql.F {
	d := tx.Dialect()
	return []sql.F{sql.SQL(`"next_attempt" = `+d.Plus(d.Now(), "?"), delay)}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// mailDelay is how long to wait after a number of tries.
func mailDelay(attempts int64) time.Duration {
	delay := firstMailDelay
	for i := int64(1); i < attempts && delay < lastMailDelay; i++ {
		delay *= 2
	}
	return min(delay, lastMailDelay)
}
