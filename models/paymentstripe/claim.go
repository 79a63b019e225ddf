package paymentstripe

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/rpc/guard"
	"paytond/sql"
	"paytond/stripe"
)

// noTime takes a row out of the queue.
const noTime = time.Duration(-1)

// queue is a table whose rows are the work, see doc.go.
type queue struct {
	model  string
	field  string // the field of an attempt that points to a row
	action string // the scheduled action that works on it
	owner  string // SQL for the Stripe account of a row
}

// The queues.
var (
	payments = &queue{model: "account.payment", field: "payment", action: "account.payment|stripe_charge",
		owner: `(SELECT j."stripe_account" FROM "account_payment_journal" j WHERE j."id" = "account_payment"."journal")`}
	refunds = &queue{model: "account.payment.stripe.refund", field: "refund", action: "account.payment.stripe.refund|stripe_create",
		owner: `(SELECT j."stripe_account" FROM "account_payment" p JOIN "account_payment_journal" j ON j."id" = p."journal"
			WHERE p."id" = "account_payment_stripe_refund"."payment")`}
	customers = &queue{model: "account.payment.stripe.customer", field: "customer", action: "account.payment.stripe.customer|stripe_create",
		owner: `"stripe_account"`}
	accounts = &queue{model: "account.payment.stripe.account", field: "stripe_account", action: "account.payment.stripe.account|fetch_events",
		owner: `"id"`}
	queues = []*queue{payments, refunds, customers, accounts}
)

// planner is the function that says what is to be done on a row; nil for nothing. pending is the newest call that changes something at
// Stripe, if its outcome is not known.
func (e *Engine) planner(q *queue) func(tx *models.Tx, r *models.Record, p purpose, pending *models.Record) (*work, error) {
	switch q {
	case payments:
		return e.planPayment
	case refunds:
		return e.planRefund
	case customers:
		return e.planCustomer
	default:
		return e.planFetch
	}
}

// purpose is what a row was claimed for.
type purpose int

const (
	forQueue    purpose = iota // it is due
	forCheckout                // a customer opened its page
	forRefresh                 // it is to become what Stripe says of it
	forPull                    // the same, by the button of a customer, of whom little is asked otherwise
	forMore                    // the events behind those that were just taken
)

// work is one thing to do at Stripe. The functions are made in the transaction that claims the row, from what it read; call and lookup
// run outside of any transaction, done and declined in the one that ends the work.
type work struct {
	operation string
	account   int64
	secret    string
	write     bool // it changes something at Stripe, so it has a key
	find      bool // it is only to be found out what became of the pending call
	settle    bool // that the lookup finds nothing proves something only after Times.Settle
	// call does the work. Its error says the outcome, see stripe.OutcomeOf.
	call func(ctx context.Context, a *stripe.Account, key string) (any, error)
	// lookup asks Stripe what became of the call with the key, first used at the time; nil means that Stripe knows of nothing. Without it the call is repeated.
	lookup   func(ctx context.Context, a *stripe.Account, key string, first time.Time) (any, error)
	done     func(tx *models.Tx, r *models.Record, result any) error
	declined func(tx *models.Tx, r *models.Record, e *stripe.Error) error
}

// job is a claimed row with its work.
type job struct {
	queue   *queue
	id      int64
	lease   string
	tries   int64     // this one included
	claimed time.Time // by the database's clock, by which all ages are reckoned: those of servers may differ
	origin  string    // of the request that asked for it
	work    *work     // nil when there is nothing to do
	key     string
	attempt int64     // the row of the attempt with the key
	pending int64     // the row of an earlier call with the key, of which it is not known what became; 0 for none
	lookup  bool      // ask first what became of the key
	settled bool      // that earlier call is no longer under way
	since   time.Time // when the key was first used
	aside   bool      // it was claimed for another purpose than that it is due
	next    any       // when it was due to be looked at then; nil for not at all
}

// wanted says which rows to claim: those of the ids that nobody works on, or else those of an account that are due.
type wanted struct {
	ids     []int64
	account int64 // 0 for rows without one
}

// claim takes up to limit rows of the queue. A row whose work cannot be planned keeps no other one from being claimed: it is set aside for
// a while, with the reason, unless somebody waits for it, who is told.
func (e *Engine) claim(ctx context.Context, db *models.Database, q *queue, p purpose, limit int, which wanted) ([]*job, error) {
	for {
		jobs, err := e.claimAll(ctx, db, q, p, limit, which)
		bad, ok := errors.AsType[*unplannable](err)
		if !ok || p != forQueue || temporary(ctx, err) {
			return jobs, err
		}
		e.log.ErrorContext(ctx, "the work on a record cannot be planned", slog.String("database", db.Name()), slog.String("model", q.model),
			slog.Int64("id", bad.id), slog.Any("error", bad.err))
		if err := e.setAside(ctx, db, q, bad); err != nil || len(which.ids) > 0 {
			return nil, errors.Join(bad, err)
		}
	}
}

// claimAll is the transaction of claim: all rows are planned, or none is claimed.
func (e *Engine) claimAll(ctx context.Context, db *models.Database, q *queue, p purpose, limit int, which wanted) ([]*job, error) {
	var jobs []*job
	err := db.Transact(ctx, models.Request{Latest: true}, func(tx *models.Tx) (err error) {
		var next map[int64]any
		if p != forQueue {
			if next, err = planned(tx, q, which.ids); err != nil {
				return err
			}
		}
		if jobs, err = e.lease(tx, q, limit, which); err != nil || len(jobs) == 0 {
			return err
		}
		e.reached(PointClaiming)
		for _, j := range jobs {
			j.aside, j.next = p != forQueue, next[j.id]
			if err := e.planOrSay(tx, j, p); err != nil {
				return err
			}
		}
		e.reached(PointKeyed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(jobs) > 0 {
		e.reached(PointClaimed)
	}
	return jobs, nil
}

// planned gives by id when the rows are to be looked at, and holds them until the transaction ends: a claim forgets it. A row whose lease
// has run out is to be looked at now.
func planned(tx *models.Tx, q *queue, ids []int64) (map[int64]any, error) {
	d := tx.Dialect()
	rows, err := tx.Query(sql.SQL(`SELECT "id", CASE WHEN "stripe_lease_until" IS NULL THEN "stripe_next_attempt" ELSE `+d.Now()+` END
		FROM `+sql.Quote(tx.Class(q.model).Table)+` WHERE "id" IN (?)`+d.LockClause(), ids))
	if err != nil {
		return nil, err
	}
	next := map[int64]any{}
	for _, row := range rows {
		id, _ := row[0].(int64)
		next[id] = row[1]
	}
	return next, nil
}

// lease claims rows, without a plan.
func (e *Engine) lease(tx *models.Tx, q *queue, limit int, which wanted) ([]*job, error) {
	lease := newToken()
	rows, err := tx.Query(claimSQL(tx, q, lease, e.times.Lease, limit, which))
	if err != nil {
		return nil, err
	}
	jobs := make([]*job, 0, len(rows))
	for _, row := range rows {
		id, _ := row[0].(int64)
		tries, _ := row[1].(int64)
		jobs = append(jobs, &job{queue: q, id: id, lease: lease, tries: tries, claimed: moment(row[2])})
	}
	return jobs, nil
}

// dueSQL is the condition of a row that waits to be claimed.
func dueSQL(tx *models.Tx) string {
	now := tx.Dialect().Now()
	return `("stripe_lease_until" IS NULL AND "stripe_next_attempt" <= ` + now + ` OR "stripe_lease_until" < ` + now + `)`
}

// claimSQL is the one statement that claims: rows that others are claiming at this moment are passed over. The rows are chosen once:
// PostgreSQL may run a subquery for each row of the table, each time with others, and claim more than the limit.
func claimSQL(tx *models.Tx, q *queue, lease string, life time.Duration, limit int, which wanted) sql.F {
	d := tx.Dialect()
	table := sql.Quote(tx.Class(q.model).Table)
	where := sql.SQL(dueSQL(tx)+` AND COALESCE(`+q.owner+`, 0) = ?`, which.account)
	if len(which.ids) > 0 {
		where = sql.SQL(`"id" IN (?) AND ("stripe_lease_until" IS NULL OR "stripe_lease_until" < `+d.Now()+`)`, which.ids)
	}
	return sql.SQL(`WITH "due" AS MATERIALIZED (SELECT "id" FROM `+table+` WHERE ?
			ORDER BY "stripe_next_attempt", "id" LIMIT ?`+d.LockClause()+`)
		UPDATE `+table+` SET "stripe_lease" = ?, "stripe_lease_until" = `+d.Plus(d.Now(), "?")+`,
		"stripe_next_attempt" = NULL, "stripe_attempt_count" = COALESCE("stripe_attempt_count", 0) + 1
		WHERE "id" IN (SELECT "id" FROM "due")
		RETURNING "id", "stripe_attempt_count", `+d.Now(), where, limit, lease, life)
}

// dueAccounts are the accounts that have rows in the queue that are due; 0 stands for rows without one.
func dueAccounts(tx *models.Tx, q *queue) ([]int64, error) {
	rows, err := tx.Query(sql.F{Text: `SELECT DISTINCT COALESCE(` + q.owner + `, 0) FROM ` + sql.Quote(tx.Class(q.model).Table) + ` WHERE ` + dueSQL(tx)})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, row := range rows {
		id, _ := row[0].(int64)
		ids = append(ids, id)
	}
	return ids, nil
}

// plan decides what a job does and commits to it: the row of the attempt, with its key, is in the database before the call.
func (e *Engine) plan(tx *models.Tx, j *job, p purpose) error {
	r := tx.Class(j.queue.model).Browse(tx, []int64{j.id})[0]
	pending := pendingAttempt(tx, j.queue, j.id)
	w, err := e.planner(j.queue)(tx, r, p, pending)
	if err != nil || w == nil {
		return err
	}
	j.work = w
	if j.origin = guard.RequestID(tx.Ctx()); j.origin == "" { // the scheduler does what somebody has asked for before
		j.origin, _ = r.Get("stripe_origin").(string)
	}
	if !w.write {
		return nil
	}
	w.follow(pending)
	return j.commit(tx, r, pending, e.times)
}

// pendingAttempt is the newest call on a row that may have done something, if it is not known whether it has; else nil. A later call with
// the same key that was not sent, or that Stripe refused to execute, says nothing about it.
func pendingAttempt(tx *models.Tx, q *queue, id int64) *models.Record {
	x := Attempt
	found := x.Search(tx, domain.AllOf(domain.C(q.field, domain.Equal, id), x.IdempotencyKey.Ne(nil), domain.AnyOf(
		x.Outcome.In(begun, done, declined, resolved), domain.AllOf(x.Outcome.Eq(unknown), x.Untouched.Eq(false)))),
		models.OrderBy("-id"), models.Limit(1))
	if len(found) == 0 {
		return nil
	}
	if outcome := x.Outcome.Of(found[0]); outcome == begun || outcome == unknown {
		return found[0]
	}
	return nil
}

// commit chooses the key, and writes the row of the attempt.
func (j *job) commit(tx *models.Tx, r *models.Record, pending *models.Record, times Times) error {
	if pending != nil && Attempt.Operation.Of(pending) == j.work.operation {
		j.key = Attempt.IdempotencyKey.Of(pending)
		j.pending, j.since = pending.ID(), j.firstUse(tx)
		k := knowledge{begun: Attempt.Outcome.Of(pending) == begun, repeatable: Attempt.Repeatable.Of(pending),
			first: j.claimed.Sub(j.since), last: j.claimed.Sub(Attempt.Started.Of(pending))}
		var same bool
		same, j.lookup, j.settled = k.next(j.work.find, j.work.lookup != nil, j.work.settle, times)
		if !same { // to do it twice is harmless
			j.key, j.since, j.pending = freshKey(tx, r), j.claimed, 0
		}
	} else {
		j.key, j.since = freshKey(tx, r), j.claimed
	}
	if first := firstAttempt(tx, j.key); first != nil { // a call that is repeated must be the same
		j.origin = Attempt.Origin.Of(first)
	}
	if j.lookup { // the attempt that is looked for has its row already
		j.attempt = pending.ID()
		return nil
	}
	made, err := Attempt.Create(tx, models.Assign{Field: j.queue.field, Value: j.id}, Attempt.StripeAccount.To(j.work.account),
		Attempt.Operation.To(j.work.operation), Attempt.IdempotencyKey.To(j.key), Attempt.Started.To(j.claimed), Attempt.Outcome.To(begun), Attempt.Origin.To(orNil(j.origin)))
	if err != nil {
		return err
	}
	j.attempt = made.ID()
	return nil
}

// knowledge is what is known of the key of a call whose outcome is not.
type knowledge struct {
	begun, repeatable bool          // no answer is recorded; the answer was that it may be made again
	first, last       time.Duration // since the key was first and last used
}

// next says how to go on: with the same key or another one, and whether Stripe is to be asked first; only when the last use has settled
// does its answer that it has nothing prove anything. find: it is only to be found out; can: Stripe can be asked; settle: nothing proves
// something only then.
func (k knowledge) next(find, can, settle bool, t Times) (same, lookup, settled bool) {
	repeat := (k.begun || k.repeatable) && k.first < t.KeyLife
	lookup = find || can && !repeat
	return lookup || repeat, lookup, !settle || k.last >= t.Settle
}

// firstUse is when the job's key was first used.
func (j *job) firstUse(tx *models.Tx) time.Time {
	first := firstAttempt(tx, j.key)
	if first == nil {
		return j.claimed
	}
	return Attempt.Started.Of(first)
}

// firstAttempt is the row of the first call with a key, nil if there was none.
func firstAttempt(tx *models.Tx, key string) *models.Record {
	found := Attempt.Search(tx, Attempt.IdempotencyKey.Eq(key), models.OrderBy("started", "id"), models.Limit(1))
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// freshKey is a key that no call had: the record's own for its first call (the peer's servers use it, too), then random ones.
func freshKey(tx *models.Tx, r *models.Record) string {
	own := ""
	if r.Class().Field("stripe_idempotency_key") != nil {
		own, _ = r.Get("stripe_idempotency_key").(string)
	}
	if own == "" || Attempt.Count(tx, Attempt.IdempotencyKey.Eq(own)) > 0 {
		return newToken()
	}
	return own
}

// schedule has the records looked at after the delay, unless they are looked at before; noTime takes them out of the queue. It is no
// change of the records in the eyes of their users.
func schedule(tx *models.Tx, records []*models.Record, delay time.Duration) error {
	if len(records) == 0 {
		return nil
	}
	_, err := tx.Exec(sql.SQL(`UPDATE `+sql.Quote(records[0].Class().Table)+` SET "stripe_next_attempt" = ?, "stripe_attempt_count" = 0
		WHERE "id" IN (?)`, nextAttempt(tx, delay), models.IDsOf(records)))
	return err
}

// nextAttempt is the new value of the column: the earlier of what it is and the time after the delay.
func nextAttempt(tx *models.Tx, delay time.Duration) sql.F {
	if delay < 0 {
		return sql.SQL("NULL")
	}
	d := tx.Dialect()
	at := sql.SQL(d.Plus(d.Now(), "?"), delay)
	return sql.SQL(`CASE WHEN "stripe_next_attempt" < ? THEN "stripe_next_attempt" ELSE ? END`, at, at)
}

// due has the records looked at as soon as the transaction is committed.
func due(tx *models.Tx, records []*models.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := schedule(tx, records, 0); err != nil {
		return err
	}
	if origin := guard.RequestID(tx.Ctx()); origin != "" {
		_, err := tx.Exec(sql.SQL(`UPDATE `+sql.Quote(records[0].Class().Table)+` SET "stripe_origin" = ? WHERE "id" IN (?)`, origin, models.IDsOf(records)))
		if err != nil {
			return err
		}
	}
	for _, q := range queues {
		if q.model == records[0].Model() {
			return tx.Notify(schedulerChannel, q.action)
		}
	}
	return nil
}
