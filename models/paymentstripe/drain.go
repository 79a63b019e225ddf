package paymentstripe

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"paytond/models"
	"paytond/stripe"
)

// recheck is how often a sweep that goes on looks whether another account has work by now.
const recheck = time.Second

// drain works on the due rows of a queue until there are none, or the context ends. Each account is worked for by itself: one with many
// rows, or one that Stripe holds up, keeps no other one waiting.
func (e *Engine) drain(ctx context.Context, db *models.Database, q *queue) error {
	type result struct {
		account int64
		tally
	}
	ended := make(chan result)
	running, sum, far := map[int64]bool{}, tally{}, progress{queue: q, told: time.Now()}
	defer func() { far.end(e, db) }()
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for ctx.Err() == nil && sum.broken == nil {
		lanes, err := e.lanesOf(ctx, db, q)
		sum.broken = err
		for account, lane := range lanes {
			if running[account] {
				continue
			}
			running[account] = true
			go func() { ended <- result{account, e.drainAccount(ctx, db, q, account, lane, &far.worked)} }()
		}
		if len(running) == 0 {
			break
		}
		select {
		case r := <-ended:
			delete(running, r.account)
			sum.join(r.tally)
		case <-tick.C:
			far.tell(ctx, e, db)
		case <-ctx.Done():
		}
	}
	for range running {
		sum.join((<-ended).tally)
	}
	return errors.Join(sum.err(q), ctx.Err())
}

// progress is how far a sweep is. Only one that takes long says it.
type progress struct {
	queue  *queue
	worked atomic.Int64 // rows, whatever came of them
	told   time.Time
	long   bool
}

// tell writes to the log how many rows were worked on and how many wait for their turn, when it is time for that again.
func (p *progress) tell(ctx context.Context, e *Engine, db *models.Database) {
	if time.Since(p.told) < e.times.Tell {
		return
	}
	p.told, p.long = time.Now(), true
	var left Backlog
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) (err error) {
		left, err = backlogOf(tx, p.queue)
		return err
	})
	if err != nil {
		return // the sweep itself meets it, too
	}
	e.log.Info("a sweep goes on", "database", db.Name(), "action", p.queue.action, "worked", p.worked.Load(), "waiting", left.Due)
}

// end tells the sum of a sweep that took long.
func (p *progress) end(e *Engine, db *models.Database) {
	if p.long {
		e.log.Info("a sweep has ended", "database", db.Name(), "action", p.queue.action, "worked", p.worked.Load())
	}
}

// lanesOf are the lanes of the accounts that have due rows in a queue.
func (e *Engine) lanesOf(ctx context.Context, db *models.Database, q *queue) (map[int64]*lane, error) {
	var lanes map[int64]*lane
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		ids, err := dueAccounts(tx, q)
		if err != nil {
			return err
		}
		lanes = map[int64]*lane{}
		for _, id := range ids {
			secret := ""
			if id > 0 {
				secret = Account.SecretKey.Of(Account.Get(tx, id))
			}
			lanes[id] = e.laneOf(secret)
		}
		return nil
	})
	return lanes, err
}

// laneOf is the lane of an account by its stored key. Those whose key cannot be had share one: their calls reach nobody.
func (e *Engine) laneOf(stored string) *lane {
	secret, err := e.vault.resolve("secret_key", stored, secretPrefixes)
	if err != nil {
		secret = ""
	}
	return e.lanes.of(secret)
}

// heard has the lane of an account learn from the calls of a job.
func (e *Engine) heard(stored string, a answered) {
	retryAfter := time.Duration(0)
	if failed := stripe.AsError(a.err); failed != nil {
		retryAfter = failed.RetryAfter
	}
	l := e.laneOf(stored)
	for _, c := range a.calls {
		l.hear(c, retryAfter)
	}
}

// drainAccount works on the due rows of one account, as many at once as its lane has room for.
func (e *Engine) drainAccount(ctx context.Context, db *models.Database, q *queue, account int64, l *lane, worked *atomic.Int64) (sum tally) {
	seat, ended, inFlight := l.sit(), make(chan error), 0
	defer seat.leave()
	reap := func(err error) {
		inFlight--
		seat.giveBack(1)
		sum.add(err)
		worked.Add(1)
	}
	defer func() {
		for inFlight > 0 {
			reap(<-ended)
		}
	}()
	for ctx.Err() == nil {
		n, again, changed := seat.take()
		if n > 0 {
			jobs, err := e.claim(ctx, db, q, forQueue, n, wanted{account: account})
			seat.giveBack(n - len(jobs))
			if err != nil {
				sum.broken = err
				return sum
			}
			for _, j := range jobs {
				inFlight++
				go func() {
					_, err := e.performSafely(ctx, db, j)
					ended <- err
				}()
			}
			if inFlight == 0 {
				return sum
			}
			if changed = nil; len(jobs) < n {
				again = recheck // something new may come while what is in flight takes its time
			}
		}
		await(ctx, ended, reap, again, changed)
	}
	return sum
}

// await waits until a job ends, or there may be room or work again.
func await(ctx context.Context, ended <-chan error, reap func(error), again time.Duration, changed <-chan struct{}) {
	timer := time.NewTimer(again)
	defer timer.Stop()
	select {
	case err := <-ended:
		reap(err)
	case <-changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// tally counts the jobs of a sweep that went wrong.
type tally struct {
	failed int
	first  error
	broken error // the rows could not be claimed
}

// add counts what a job gave. That Stripe said no, or nothing yet, is a result and no failure.
func (t *tally) add(err error) {
	if err == nil || stripe.AsError(err) != nil || errors.Is(err, errUnsettled) {
		return
	}
	t.failed++
	if t.first == nil {
		t.first = err
	}
}

func (t *tally) join(other tally) {
	t.failed += other.failed
	if t.first == nil {
		t.first = other.first
	}
	if t.broken == nil {
		t.broken = other.broken
	}
}

func (t *tally) err(q *queue) error {
	switch {
	case t.broken != nil:
		return fmt.Errorf("%s: %w", q.action, t.broken)
	case t.failed > 0:
		return fmt.Errorf("%s: %d of the rows went wrong, the first: %w", q.action, t.failed, t.first)
	}
	return nil
}
