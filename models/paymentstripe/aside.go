package paymentstripe

import (
	"context"
	"errors"
	"fmt"

	"paytond/models"
	"paytond/sql"
)

// unplannable is why it cannot be decided what to do on a row. Its text is fit for the clerk.
type unplannable struct {
	id  int64
	err error
}

func (u *unplannable) Error() string {
	if models.ErrorKind(u.err) == models.KindUser {
		return "What is to be done at Stripe could not be decided: " + u.err.Error()
	}
	return "What is to be done at Stripe could not be decided; the server's log says why"
}

func (u *unplannable) Unwrap() error { return u.err }

// planOrSay plans a job, and says of an error or panic on which row it came up.
func (e *Engine) planOrSay(tx *models.Tx, j *job, p purpose) (err error) {
	finished := false
	defer func() {
		if finished {
			return
		}
		err = &unplannable{j.id, models.Raised(recover())}
	}()
	err = e.plan(tx, j, p)
	finished = true
	if err != nil {
		return &unplannable{j.id, err}
	}
	return nil
}

// temporary tells that an error says nothing of the row that it came up on: the database was busy or away, or we are to stop.
func temporary(ctx context.Context, err error) bool {
	switch sql.KindOf(err) {
	case sql.Serialization, sql.Busy, sql.Unavailable, sql.Canceled, sql.ReadOnly:
		return true
	}
	return ctx.Err() != nil || models.ErrorKind(err) == models.KindUnavailable || errors.Is(err, context.Canceled)
}

// setAside lets a row wait that could not be planned, as one whose call has no outcome does: it is tried again, later and later, and says
// why.
func (e *Engine) setAside(ctx context.Context, db *models.Database, q *queue, bad *unplannable) error {
	err := db.Transact(ctx, models.Request{Latest: true}, func(tx *models.Tx) error {
		jobs, err := e.lease(tx, q, 1, wanted{ids: []int64{bad.id}})
		if err != nil || len(jobs) == 0 {
			return err // somebody else has it by now
		}
		j := jobs[0]
		if _, err := j.free(tx, e.times.backoff(j.tries, nil), j.tries); err != nil {
			return err
		}
		r := tx.Class(q.model).Browse(tx, []int64{j.id})[0]
		if err := noteError(tx, r, bad); err != nil {
			return err
		}
		return e.reportUnclear(tx, q, r, j.tries, bad)
	})
	if err != nil {
		return fmt.Errorf("set %s %d aside: %w", q.model, bad.id, err)
	}
	return nil
}
