package paymentstripe

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"paytond/models"
	"paytond/stripe"
)

// schedulerChannel is where new work is announced, with the name of the scheduled action as payload.
const schedulerChannel = "scheduler"

// ReconcileMethod is the name of the scheduled action that compares the last days with Stripe; it costs more calls than the others.
const ReconcileMethod = "account.payment.stripe.account|reconcile"

// Config says how the engine reaches Stripe and is reached.
type Config struct {
	Gateway *stripe.Gateway
	// JSURL is the address of Stripe.js for checkout pages; empty means Stripe's own.
	JSURL string
	// PublicURL is the address of the checkout pages and webhooks as the world sees it, such as "https://pay.example.com"; empty means
	// that of the request that asks for it.
	PublicURL string
	// Vault keeps the keys of accounts; nil means one without a master key and without files.
	Vault *Vault
	// Workers is how many jobs are in flight at once for one account at Stripe, at most; 0 means 8. While Stripe says that there are
	// too many it is fewer.
	Workers int
	// LinkAge is for how long the link of a checkout page is good: DefaultLinkAge when 0, for ever when negative. The button makes
	// another.
	LinkAge time.Duration
	// Times are the engine's limits in time; the zero value is right but for tests, which have none.
	Times Times
	// Reached is called at each point of the engine; nil but for tests that end the process there.
	Reached func(Point)
	Log     *slog.Logger
}

// Engine does at Stripe what the records of a database ask for. It is safe for concurrent use. See doc.go.
type Engine struct {
	gateway   *stripe.Gateway
	vault     *Vault
	jsURL     string
	publicURL string
	workers   int
	linkAge   time.Duration
	times     Times
	onReached func(Point)
	log       *slog.Logger
	choices   choiceCache
	types     sync.Map // of payment methods by id, which never change
	lanes     *lanes

	life    context.Context // until Close
	end     context.CancelFunc
	running sync.WaitGroup // jobs that no caller waits for

	mu     sync.Mutex
	timers map[string]*time.Timer // by database, action and second
	closed bool
}

// NewEngine makes an engine. It makes no call and starts nothing. Times that break their promises to each other are a programming error
// and panic.
func NewEngine(c Config) *Engine {
	if c.Workers == 0 {
		c.Workers = 8
	}
	if c.LinkAge == 0 {
		c.LinkAge = DefaultLinkAge
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Vault == nil {
		c.Vault = &Vault{}
	}
	if c.JSURL == "" {
		c.JSURL = "https://js.stripe.com/v3/"
	}
	c.Times = c.Times.withDefaults()
	if !c.Times.sound() {
		panic(fmt.Sprintf("paymentstripe: the times %+v do not hold each other", c.Times))
	}
	life, end := context.WithCancel(context.Background())
	return &Engine{life: life, end: end, times: c.Times, onReached: c.Reached, gateway: c.Gateway, vault: c.Vault, jsURL: c.JSURL,
		publicURL: strings.TrimSuffix(c.PublicURL, "/"), workers: c.Workers, linkAge: c.LinkAge, log: c.Log,
		choices: choiceCache{lists: map[choiceKey]choiceList{}}, timers: map[string]*time.Timer{}, lanes: newLanes(c.Workers)}
}

// Close stops the timers of the engine and waits for the jobs that buttons began; their calls go on for Times.Grace at most, and their
// leases are given back.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	for _, t := range e.timers {
		t.Stop()
	}
	e.mu.Unlock()
	e.end()
	e.running.Wait()
}

// begin counts a job that nobody waits for; false when the engine is closed.
func (e *Engine) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.running.Add(1)
	return true
}

// Actions are the scheduled actions by the peer's names. Each works on all rows that are due when it runs, and may be called at any
// time, by any number of servers. An error says how many rows went wrong, never that the others were not tried.
func (e *Engine) Actions() map[string]func(context.Context, *models.Database) error {
	return map[string]func(context.Context, *models.Database) error{
		"account.payment|stripe_charge":                        e.sweep(payments, adoptPayments),
		"account.payment|stripe_capture_":                      e.sweep(payments, nil),
		"account.payment.stripe.refund|stripe_create":          e.sweep(refunds, adoptRefunds),
		"account.payment.stripe.customer|stripe_create":        e.sweep(customers, adoptCustomers),
		"account.payment.stripe.customer|stripe_intent_update": e.sweep(customers, nil),
		"account.payment.stripe.customer|stripe_delete":        e.sweep(customers, nil),
		"account.payment.stripe.account|fetch_events":          e.FetchEvents,
		ReconcileMethod: e.reconcileDaily,
	}
}

// sweep makes the action of a queue. adopt puts rows into the queue that came by another way, such as those of the peer's servers.
func (e *Engine) sweep(q *queue, adopt func(*models.Tx) error) func(context.Context, *models.Database) error {
	return func(ctx context.Context, db *models.Database) error {
		if adopt != nil {
			if err := db.Transact(ctx, models.Request{}, adopt); err != nil {
				return fmt.Errorf("%s: %w", q.action, err)
			}
		}
		return e.drain(ctx, db, q)
	}
}

// performSafely keeps a panic of one job from ending the server; the job's lease runs out, and it is done again.
func (e *Engine) performSafely(ctx context.Context, db *models.Database, j *job) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("panic in a job", slog.String("model", j.queue.model), slog.Int64("id", j.id), slog.Any("panic", p),
				slog.String("stack", string(debug.Stack())))
			err = fmt.Errorf("%s %d: panic", j.queue.model, j.id)
		}
	}()
	return e.perform(ctx, db, j)
}

// Waiting for a row that another holds.
const (
	patience = 10 * time.Second
	interval = 50 * time.Millisecond
)

// errBusy says that a row is being worked on elsewhere for longer than a person would wait.
var errBusy = &models.Error{Kind: models.KindUnavailable, Message: "The payment is being worked on. Please try again in a moment."}

// do works on one row now, whether it is due or not, until there is nothing more to do for the purpose. It returns the result of the
// last work, nil if there was none.
func (e *Engine) do(ctx context.Context, db *models.Database, q *queue, id int64, p purpose) (any, error) {
	for range 3 { // to find out about an earlier call gives no result
		j, err := e.claimOne(ctx, db, q, id, p)
		if err != nil {
			return nil, err
		}
		result, err := e.performSafely(ctx, db, j)
		if err != nil {
			return nil, err
		}
		if j.work == nil {
			return nil, nil
		}
		if result != nil {
			return result, nil
		}
	}
	return nil, nil
}

func (e *Engine) claimOne(ctx context.Context, db *models.Database, q *queue, id int64, p purpose) (*job, error) {
	for deadline := time.Now().Add(patience); ; {
		jobs, err := e.claim(ctx, db, q, p, 1, wanted{ids: []int64{id}})
		if err != nil {
			return nil, err
		}
		if len(jobs) == 1 {
			return jobs[0], nil
		}
		if time.Now().After(deadline) {
			return nil, errBusy
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.life.Done():
			return nil, errBusy
		case <-time.After(interval):
		}
	}
}

// soonTime is how long the caller of a button waits for Stripe; the work goes on after it.
const soonTime = 8 * time.Second

// soon works on the records as soon as the transaction is committed, outside of it, and has the caller wait a while for it, so that his
// client shows what came of it. It says nothing when it fails: the row stays due, and the page makes what it needs itself.
func (e *Engine) soon(tx *models.Tx, q *queue, p purpose, records []*models.Record) {
	db, ids, ctx := tx.Database(), models.IDsOf(records), context.WithoutCancel(tx.Ctx())
	tx.AfterCommit(func() {
		if !e.begin() {
			return // the row is due, so another server or the next start does it
		}
		ended := make(chan struct{})
		go func() {
			defer e.running.Done()
			defer close(ended)
			for _, id := range ids {
				if e.life.Err() != nil {
					return // the rows are due, as above
				}
				if _, err := e.do(ctx, db, q, id, p); err != nil {
					e.log.Warn("a call to Stripe did not succeed at once", slog.String("database", db.Name()),
						slog.String("model", q.model), slog.Int64("id", id), slog.Any("error", err))
				}
			}
		}()
		timer := time.NewTimer(soonTime)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
		}
	})
}

// wakeIn announces the work of a queue after a while, for a row that is to be tried again before the next scheduled sweep. It is lost
// when the server stops; the sweep is not. Rows of the same second share a timer.
func (e *Engine) wakeIn(db *models.Database, q *queue, delay time.Duration) {
	at := time.Now().Add(delay).Truncate(time.Second).Add(time.Second)
	name := fmt.Sprint(db.Name(), " ", q.action, " ", at.Unix())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.timers[name] != nil {
		return
	}
	e.timers[name] = time.AfterFunc(time.Until(at)+interval, func() {
		e.mu.Lock()
		delete(e.timers, name)
		e.mu.Unlock()
		err := db.Transact(context.Background(), models.Request{}, func(tx *models.Tx) error {
			return tx.Notify(schedulerChannel, q.action)
		})
		if err != nil {
			e.log.Info("the scheduler could not be woken", slog.String("database", db.Name()), slog.Any("error", err))
		}
	})
}
