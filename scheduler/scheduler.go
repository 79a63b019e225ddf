package scheduler

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"paytond/models"
)

// Channel is where a transaction announces new work: the payload is the method
// ("account.payment|stripe_charge") of the action to run now.
const Channel = "scheduler"

// Action does the work of one scheduled action in a database. It opens its own
// transactions, and may call others between them.
type Action func(ctx context.Context, db *models.Database) error

// Config is what a scheduler works with.
type Config struct {
	// Databases lists the databases to watch; asked again at each poll.
	Databases func(ctx context.Context) ([]*models.Database, error)
	// Claim moves the due actions of a database forward and returns their methods.
	Claim func(tx *models.Tx) ([]string, error)
	// Actions by method.
	Actions map[string]Action
	// Sweeps are the methods of the Actions that find their work by themselves, and cost little when there is none: they run when a
	// database begins to be watched, and when messages may have been lost.
	Sweeps []string
	// Waiting names the actions that have work by now, whoever was told of it; it is asked at each look, so it must cost next to nothing.
	// Nil for none.
	Waiting func(tx *models.Tx) ([]string, error)
	// Default runs any other method, in one transaction of the server's own.
	Default func(tx *models.Tx, method string) error
	// Poll is the time between two looks at each database, by default 5 s.
	Poll time.Duration
	Log  *slog.Logger
	// Observe is told of every action that has run: how it ended ("ok", "failed")
	// and how long it took; nil for nobody.
	Observe func(database, method, outcome string, took time.Duration)
}

// Scheduler watches databases. Make one with New.
type Scheduler struct {
	Config
	mu      sync.Mutex
	watched map[string]context.CancelFunc
	running sync.WaitGroup
}

// New makes a scheduler.
func New(c Config) *Scheduler {
	if c.Poll == 0 {
		c.Poll = 5 * time.Second
	}
	if c.Observe == nil {
		c.Observe = func(string, string, string, time.Duration) {}
	}
	return &Scheduler{Config: c, watched: map[string]context.CancelFunc{}}
}

// Run watches until the context ends, and returns after all actions have returned.
func (s *Scheduler) Run(ctx context.Context) error {
	defer s.running.Wait()
	for {
		if err := s.watchAll(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("the scheduler cannot list the databases", slog.Any("error", err))
		}
		if !sleep(ctx, s.Poll) {
			return nil
		}
	}
}

// RunOnce runs what is due now in every database, one action after the other.
func (s *Scheduler) RunOnce(ctx context.Context) error {
	databases, err := s.Databases(ctx)
	if err != nil {
		return err
	}
	for _, db := range databases {
		for _, method := range s.claimDue(ctx, db) {
			s.run(ctx, db, method)
		}
	}
	return ctx.Err()
}

// watchAll starts to watch the databases that are not watched yet, and ends with those that are gone.
func (s *Scheduler) watchAll(ctx context.Context) error {
	databases, err := s.Databases(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	here := map[string]bool{}
	for _, db := range databases {
		here[db.Name()] = true
		if s.watched[db.Name()] != nil {
			continue
		}
		watching, end := context.WithCancel(ctx)
		s.watched[db.Name()] = end
		s.running.Go(func() {
			defer end()
			s.watch(watching, db)
		})
	}
	for name, end := range s.watched {
		if !here[name] {
			end()
			delete(s.watched, name)
		}
	}
	return nil
}

// watch runs the actions of one database when they are due, asked for or have work, each beside the others.
func (s *Scheduler) watch(ctx context.Context, db *models.Database) {
	runs := &runs{scheduler: s, db: db, running: map[string]bool{}, again: map[string]bool{}}
	wake := s.listen(ctx, db)
	runs.start(ctx, s.Sweeps...) // nobody has heard what was told before
	for ctx.Err() == nil {
		if wake == nil { // what was told since it ended is found by the look that follows
			wake = s.listen(ctx, db)
		}
		runs.start(ctx, s.claimDue(ctx, db)...)
		runs.start(ctx, s.waiting(ctx, db)...)
		// A little chance keeps many servers from looking at the same instant.
		timer := time.NewTimer(s.Poll + rand.N(s.Poll/4))
		for looking := true; looking; {
			select {
			case <-ctx.Done():
				looking = false
			case <-timer.C:
				looking = false
			case method, open := <-wake:
				switch {
				case !open:
					wake = nil // polling goes on without
				case method == "": // the connection was lost, and who knows which messages with it
					runs.start(ctx, s.Sweeps...)
				default:
					runs.start(ctx, method)
				}
			}
		}
		timer.Stop()
	}
}

// listen gives what is told of new work; nil when it cannot be heard now.
func (s *Scheduler) listen(ctx context.Context, db *models.Database) <-chan string {
	wake, err := db.SQL.Listen(ctx, Channel)
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Error("the scheduler cannot listen", slog.String("database", db.Name()), slog.Any("error", err))
		}
		return nil
	}
	return wake
}

// runs are the actions of one database that run now. Each runs once at a time; one that is asked for while it runs, runs once more: what
// is new may have come behind it. So a long one keeps no other one waiting.
type runs struct {
	scheduler *Scheduler
	db        *models.Database
	mu        sync.Mutex
	running   map[string]bool
	again     map[string]bool
}

// start has the methods run, in goroutines that the scheduler waits for.
func (r *runs) start(ctx context.Context, methods ...string) {
	for _, method := range methods {
		if r.begin(method) {
			r.scheduler.running.Go(func() {
				for more := true; more; more = r.end(method) {
					r.scheduler.run(ctx, r.db, method)
				}
			})
		}
	}
}

// begin tells whether a method is to be run; false when it runs, and will once more.
func (r *runs) begin(method string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[method] {
		r.again[method] = true
		return false
	}
	r.running[method] = true
	return true
}

// end tells whether the method is to be run once more.
func (r *runs) end(method string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.again[method] {
		delete(r.again, method)
		return true
	}
	delete(r.running, method)
	return false
}

// claimDue moves what is due forward and returns its methods; an error is logged.
func (s *Scheduler) claimDue(ctx context.Context, db *models.Database) []string {
	return s.look(ctx, db, models.Request{Latest: true}, s.Claim)
}

// waiting are the methods that have work; an error is logged.
func (s *Scheduler) waiting(ctx context.Context, db *models.Database) []string {
	if s.Waiting == nil {
		return nil
	}
	return s.look(ctx, db, models.Request{ReadOnly: true}, s.Waiting)
}

// look asks a database in a transaction which methods are to be run.
func (s *Scheduler) look(ctx context.Context, db *models.Database, r models.Request, ask func(*models.Tx) ([]string, error)) []string {
	var methods []string
	err := db.Transact(ctx, r, func(tx *models.Tx) (err error) {
		methods, err = ask(tx)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Error("the scheduler cannot look for work", slog.String("database", db.Name()), slog.Any("error", err))
		}
		return nil
	}
	return methods
}

// run runs one action; its failure is logged, and does not keep others from running.
func (s *Scheduler) run(ctx context.Context, db *models.Database, method string) {
	if ctx.Err() != nil {
		return
	}
	log := s.Log.With(slog.String("database", db.Name()), slog.String("action", method))
	start := time.Now()
	action := s.Actions[method]
	if action == nil {
		action = s.inTransaction(method)
	}
	err := protect(ctx, db, action)
	switch {
	case err == nil:
		log.DebugContext(ctx, "scheduled action has run", slog.Duration("duration", time.Since(start)))
		s.Observe(db.Name(), method, "ok", time.Since(start))
	case ctx.Err() == nil:
		log.ErrorContext(ctx, "scheduled action failed", slog.Any("error", err), slog.Duration("duration", time.Since(start)))
		s.Observe(db.Name(), method, "failed", time.Since(start))
	}
}

// protect keeps a panic of one action from ending the others.
func protect(ctx context.Context, db *models.Database, action Action) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &models.Error{Kind: models.KindInternal, Message: "panic in a scheduled action: " + text(p)}
		}
	}()
	return action(ctx, db)
}

func text(p any) string {
	switch p := p.(type) {
	case error:
		return p.Error()
	case string:
		return p
	}
	return "unknown"
}

// inTransaction runs a method that is no Action in one transaction, as the server itself.
func (s *Scheduler) inTransaction(method string) Action {
	return func(ctx context.Context, db *models.Database) error {
		return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error { return s.Default(tx, method) })
	}
}

// sleep waits, and reports whether the context still lives.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
