package paymentstripe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"paytond/models"
	"paytond/rpc/guard"
	"paytond/sql"
	"paytond/stripe"
)

// perform does a claimed job: the calls, outside of any transaction, then the one transaction that records what came of them. The
// result is what the work's call gave; the error is that of the call or of the recording.
func (e *Engine) perform(ctx context.Context, db *models.Database, j *job) (any, error) {
	if j.work == nil {
		return nil, e.release(ctx, db, j)
	}
	ctx = guard.WithRequestID(ctx, j.origin)
	calls := callLog{reached: e.reached}
	account := e.accountAt(j.work.secret).OnCall(calls.add)
	e.reached(PointCalling)
	var a answered
	a.result, a.looked, a.err = e.call(ctx, account, j, &calls)
	a.calls = calls.list
	e.heard(j.work.secret, a)
	e.reached(PointCalled)
	if err := e.finish(ctx, db, j, a); err != nil {
		return nil, fmt.Errorf("record what Stripe answered for %s %d: %w", j.queue.model, j.id, err)
	}
	e.reached(PointFinished)
	return a.result, a.err
}

// answered is what came of the calls of a job.
type answered struct {
	result any
	calls  []stripe.Call
	looked bool // Stripe has said what became of the earlier call
	err    error
}

// finish records what was answered, and plans the next try where there is to be one. What cannot be recorded counts as unknown: it is
// asked for again with the same key, and the row says so.
func (e *Engine) finish(ctx context.Context, db *models.Database, j *job, a answered) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	delay := e.times.backoff(j.tries, a.err)
	err := db.Transact(ctx, models.Request{}, func(tx *models.Tx) error { return e.record(tx, j, a, delay) })
	if err != nil && models.ErrorKind(err) != models.KindUnavailable {
		a.result, a.looked, a.err = nil, false, unrecorded{err}
		noted := db.Transact(ctx, models.Request{}, func(tx *models.Tx) error { return e.record(tx, j, a, delay) })
		err = errors.Join(err, noted)
	}
	if stripe.OutcomeOf(a.err) == stripe.Unknown {
		e.wakeIn(db, j.queue, delay)
	}
	return err
}

// unrecorded is why what Stripe answered could not be taken over. Its text is fit for the clerk.
type unrecorded struct{ err error }

func (u unrecorded) Error() string {
	if models.ErrorKind(u.err) == models.KindUser {
		return "What Stripe answered could not be taken over: " + u.err.Error()
	}
	return "What Stripe answered could not be taken over; the server's log says why"
}

func (u unrecorded) Unwrap() error { return u.err }

// call asks what became of the key where that must be known first, and makes the call.
func (e *Engine) call(ctx context.Context, account *stripe.Account, j *job, calls *callLog) (result any, looked bool, err error) {
	ctx, cancel := e.callContext(ctx)
	defer cancel()
	if !j.lookup {
		result, err = j.work.call(ctx, account, j.key)
		if j.pending == 0 || j.work.lookup == nil || calls.sent(j.key) || stripe.OutcomeOf(err) == stripe.Unknown {
			return result, false, err
		}
		// This time the call was not needed, or refused before it was sent; but the earlier one may have done something.
	}
	if !j.settled {
		return nil, false, errUnsettled
	}
	found, askErr := j.work.lookup(ctx, account, j.key, j.since)
	if found != nil || askErr != nil || j.lookup {
		return found, stripe.OutcomeOf(askErr) != stripe.Unknown, askErr
	}
	return result, true, err
}

// callContext bounds the calls of a job. They go on for a while when the server is asked to stop, so that it need not be found out
// later what became of them.
func (e *Engine) callContext(ctx context.Context) (context.Context, context.CancelFunc) {
	calls, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.times.Work)
	later := func() { time.AfterFunc(e.times.Grace, cancel) }
	asked, closed := context.AfterFunc(ctx, later), context.AfterFunc(e.life, later)
	return calls, func() {
		asked()
		closed()
		cancel()
	}
}

// errUnsettled says that it is too early to ask Stripe what became of a call.
var errUnsettled = errors.New("the last call to Stripe may still be under way")

// release gives a row back on which there was nothing to do. What it waits for otherwise goes on as it was.
func (e *Engine) release(ctx context.Context, db *models.Database, j *job) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		if !j.aside {
			_, err := j.free(tx, noTime, 0)
			return err
		}
		mine, err := j.free(tx, noTime, j.tries-1)
		if err != nil || !mine || j.next == nil {
			return err
		}
		_, err = tx.Exec(sql.SQL(`UPDATE `+sql.Quote(tx.Class(j.queue.model).Table)+` SET "stripe_next_attempt" = ?
			WHERE "id" = ? AND "stripe_next_attempt" IS NULL`, j.next, j.id))
		return err
	})
}

// free ends the lease, if it is still the job's, and sets when the row is looked at next. Who asked for the row while it was claimed
// has set that already, and is not forgotten.
func (j *job) free(tx *models.Tx, delay time.Duration, tries int64) (bool, error) {
	next := sql.SQL(`"stripe_next_attempt"`)
	if delay >= 0 {
		next = nextAttempt(tx, delay)
	}
	n, err := tx.Exec(sql.SQL(`UPDATE `+sql.Quote(tx.Class(j.queue.model).Table)+` SET "stripe_lease" = NULL, "stripe_lease_until" = NULL,
		"stripe_next_attempt" = ?, "stripe_attempt_count" = ? WHERE "id" = ? AND "stripe_lease" = ?`, next, tries, j.id, j.lease))
	return n == 1, err
}

// errLeaseLost says that another server has the row by now.
var errLeaseLost = errors.New("the lease has run out")

// record writes the attempts down, always, and the outcome, if the lease is still the job's. Who lost it changes nothing; and as what he
// was answered is not taken over, his call counts as one of unknown outcome, else nobody would look for what it made.
func (e *Engine) record(tx *models.Tx, j *job, a answered, delay time.Duration) error {
	outcome := stripe.OutcomeOf(a.err)
	tries, nothingFound := int64(0), j.lookup && a.result == nil && outcome == stripe.Done
	switch {
	case outcome == stripe.Unknown:
		tries = j.tries
	case nothingFound: // Stripe has nothing: do it with a new key
		delay = 0
	default:
		delay = noTime
	}
	mine, err := j.free(tx, delay, tries)
	if err != nil {
		return err
	}
	e.reached(PointFreed)
	if !mine {
		a.looked, a.err = false, errLeaseLost
	}
	if err := j.recordCalls(tx, a); err != nil || !mine || nothingFound {
		return err
	}
	e.reached(PointRecording)
	r := tx.Class(j.queue.model).Browse(tx, []int64{j.id})[0]
	switch outcome {
	case stripe.Done:
		if err = j.work.done(tx, r, a.result); err == nil && j.queue == payments {
			err = notePicture(tx, j.id, a)
		}
	case stripe.Declined:
		err = j.work.declined(tx, r, stripe.AsError(a.err))
	default:
		if err = noteError(tx, r, a.err); err == nil {
			err = e.reportUnclear(tx, j.queue, r, j.tries, a.err)
		}
	}
	e.reached(PointTakenOver)
	return err
}

// recordCalls completes the row of the attempt and adds rows for the other calls that were made along the way.
func (j *job) recordCalls(tx *models.Tx, a answered) error {
	written := j.lookup // that row is an older one
	for _, c := range a.calls {
		if c.IdempotencyKey != "" && c.IdempotencyKey == j.key {
			written = true
			if err := Attempt.Write(tx, Attempt.Browse(tx, j.attempt), described(c, a.err)...); err != nil {
				return err
			}
			continue
		}
		assigns := append(described(c, nil), Attempt.Started.To(c.Started.UTC()), models.Assign{Field: j.queue.field, Value: j.id},
			Attempt.StripeAccount.To(j.work.account), Attempt.Operation.To(c.Operation), Attempt.Origin.To(orNil(j.origin)))
		if _, err := Attempt.Create(tx, assigns...); err != nil {
			return err
		}
	}
	if a.looked {
		if err := Attempt.Write(tx, Attempt.Browse(tx, j.pending), Attempt.Outcome.To(resolved)); err != nil {
			return err
		}
	}
	if j.attempt == 0 || written {
		return nil
	}
	return Attempt.Write(tx, Attempt.Browse(tx, j.attempt), Attempt.Outcome.To(unsent))
}

// described are the values of an attempt that a call gives, but for when it began: where a key's age is reckoned from it that is when its
// row was made, by the database's clock. err is that of the work that the call belongs to. A call that was done counts
// as unknown when the work did not get further: repeated with its key it gives the same answer.
func described(c stripe.Call, err error) []models.Assign {
	outcome, repeatable, untouched := c.Outcome, false, false
	e := stripe.AsError(err)
	switch {
	case e != nil && e.Call.IdempotencyKey == c.IdempotencyKey:
		repeatable, untouched = e.SameKey(), e.Untouched()
	case stripe.OutcomeOf(err) != stripe.Done:
		outcome, repeatable, untouched = stripe.Unknown, true, !c.Sent
	}
	return []models.Assign{
		Attempt.Duration.To(c.Duration), Attempt.Outcome.To(outcome.String()),
		Attempt.HTTPStatus.To(int64(c.HTTPStatus)), Attempt.RequestID.To(orNil(c.RequestID)), Attempt.ObjectID.To(orNil(c.Object)),
		Attempt.ErrorCode.To(orNil(c.ErrorCode)), Attempt.ErrorMessage.To(orNil(c.ErrorMessage)), Attempt.Replayed.To(c.Replayed),
		Attempt.Repeatable.To(repeatable), Attempt.Untouched.To(untouched),
	}
}

// callLog collects the calls of a job.
type callLog struct {
	reached func(Point)
	mu      sync.Mutex
	list    []stripe.Call
}

func (l *callLog) add(_ context.Context, c stripe.Call) {
	l.reached(PointAnswered)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, c)
}

// sent tells whether a call with the key has left for Stripe.
func (l *callLog) sent(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.list, func(c stripe.Call) bool { return c.IdempotencyKey == key && c.Sent })
}

// noteError shows on the record why a call has no outcome yet.
func noteError(tx *models.Tx, r *models.Record, err error) error {
	if r.Class().Field("stripe_error_message") == nil || errors.Is(err, errUnsettled) {
		return nil
	}
	message, code, param := err.Error(), "", ""
	if e := stripe.AsError(err); e != nil {
		message, code, param = e.Message, e.Code, e.Param
	}
	values := models.Values{"stripe_error_message": message}
	if r.Class().Field("stripe_error_code") != nil { // an account has the message alone
		values["stripe_error_code"], values["stripe_error_param"] = orNil(code), orNil(param)
	}
	return writeChanged(tx, r, values)
}

// errorOf are the values that tell a clerk why Stripe said no.
func errorOf(e *stripe.Error) models.Values {
	code := e.Code
	if e.DeclineCode != "" {
		code = e.DeclineCode
	}
	return models.Values{"stripe_error_message": e.Message, "stripe_error_code": orNil(code), "stripe_error_param": orNil(e.Param)}
}

// noErrorValues clear what errorOf set.
func noErrorValues() models.Values {
	return models.Values{"stripe_error_message": nil, "stripe_error_code": nil, "stripe_error_param": nil}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// lookAgain is when to look at what takes its time at a bank, should the event that tells of it be lost.
const lookAgain = 6 * time.Hour
