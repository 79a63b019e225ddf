package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// DB is one database. It is safe for concurrent use.
type DB struct {
	name   string
	engine engine
	write  *stdsql.DB
	read   *stdsql.DB // the same as write, save for a SQLite file
	posts  posts
	writer chan struct{}   // holds one value while a transaction writes, where only one may; nil where many may
	life   context.Context // ends with Close
	end    context.CancelFunc
	close  sync.Once
}

// posts carries notifications from transactions to listeners.
type posts interface {
	notify(tx *Tx, channel, payload string) error
	listen(ctx context.Context, channel string) (<-chan string, error)
}

func newDB(name string, e engine, write, read *stdsql.DB, p posts) *DB {
	db := &DB{name: name, engine: e, write: write, read: read, posts: p}
	if _, one := e.(sqlite); one {
		db.writer = make(chan struct{}, 1)
	}
	db.life, db.end = context.WithCancel(context.Background())
	return db
}

// Name is the name under which the database was opened.
func (db *DB) Name() string { return db.name }

// Dialect gives the pieces of text that differ between databases.
func (db *DB) Dialect() Dialect { return db.engine }

// Pool and PoolTx are those of the standard library, for what measures this package against doing without it.
type (
	Pool   = stdsql.DB
	PoolTx = stdsql.Tx
)

// Pools are the connections themselves. They are the same but for a SQLite file.
func (db *DB) Pools() (read, write *Pool) { return db.read, db.write }

// Close ends all listening and closes the connections; it waits for running statements.
func (db *DB) Close() error {
	var err error
	db.close.Do(func() {
		db.end()
		err = db.write.Close()
		if db.read != db.write {
			err = errors.Join(db.read.Close(), err)
		}
	})
	return err
}

// Ping checks that the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return wrap(ctx, db.engine, db.read.PingContext(ctx))
}

// Listen gives the payloads that transactions send to a channel with
// [Tx.Notify] from now on. An empty payload means that some may have been
// missed, after a lost connection: look for work now. The channel closes when
// ctx ends or the database is closed. On SQLite only transactions of this DB
// are heard.
func (db *DB) Listen(ctx context.Context, channel string) (<-chan string, error) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(db.life, cancel)
	context.AfterFunc(ctx, func() { stop() })
	c, err := db.posts.listen(ctx, channel)
	if err != nil {
		cancel()
		return nil, wrap(ctx, db.engine, err)
	}
	return c, nil
}

// Options of a transaction.
type Options struct {
	// ReadOnly makes every write an error of kind ReadOnly (save on a
	// database in memory), and on SQLite lets the transaction run beside others.
	ReadOnly bool
	// ReadCommitted, on PostgreSQL, lets each statement see what was committed
	// before it: for a claim with [Dialect.LockClause], which else collides
	// with rows claimed since the transaction began, and after [Tx.Lock].
	ReadCommitted bool
}

const (
	attempts     = 5
	firstBackoff = 10 * time.Millisecond
	// busyTime is how long is tried again what somebody else holds: each attempt has waited for itself already.
	busyTime = 8 * time.Second
	// writerTime is how long a transaction waits until others of the program have written.
	writerTime = 30 * time.Second
)

// Transact runs fn in a transaction and commits it when fn returns nil. After
// an error or a panic everything is undone. After an error of kind
// Serialization or Busy, in fn or in the commit, all is done again, five times
// at most: so fn may run more than once. Functions given to [Tx.AfterCommit]
// run after the commit. A transaction that could not even begin, because the
// connection was lost or the server is about to restart, is begun again too.
//
// When the connection is lost in the commit, nobody knows what became of it: the
// error is of kind Unavailable and [Error.InDoubt].
//
// A transaction that writes must not wait inside fn for another one that
// writes: on SQLite that one only begins when fn has returned.
//
// An error of a statement spoils the transaction, on both databases, unless it
// happened inside [Tx.Savepoint]: it is not committed even if fn returns nil.
func (db *DB) Transact(ctx context.Context, opts Options, fn func(*Tx) error) error {
	began, backoff := time.Now(), firstBackoff
	for attempt := 1; ; attempt++ {
		tx, err := db.attempt(ctx, opts, fn)
		if err == nil {
			for _, after := range tx.after {
				after()
			}
			return nil
		}
		if attempt == attempts || !(retryable(err) || tx == nil && KindOf(err) == Unavailable || tx != nil && retryable(tx.failed)) ||
			KindOf(err) == Busy && time.Since(began) > busyTime {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(backoff/2 + rand.N(backoff)):
		}
		backoff *= 2
	}
}

func retryable(err error) bool {
	kind := KindOf(err)
	return kind == Serialization || kind == Busy
}

// attempt gives the transaction also with an error, nil when it did not begin.
func (db *DB) attempt(ctx context.Context, opts Options, fn func(*Tx) error) (*Tx, error) {
	pool := db.write
	if opts.ReadOnly {
		pool = db.read
	} else {
		leave, err := db.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	inner, err := pool.BeginTx(ctx, db.engine.options(opts))
	if err != nil {
		return nil, fmt.Errorf("begin: %w", wrap(ctx, db.engine, err))
	}
	tx := &Tx{db: db, ctx: ctx, tx: inner}
	// Undoes after an error and a panic alike; after a commit it does nothing.
	defer inner.Rollback()
	if err := fn(tx); err != nil {
		if !opts.ReadOnly && (KindOf(err) == ReadOnly || KindOf(tx.failed) == ReadOnly) {
			inner.Rollback() // so that this connection is idle, too
			db.demoted()
		}
		return tx, err
	}
	if tx.failed != nil {
		return tx, tx.failed
	}
	if err := inner.Commit(); err != nil {
		err = tx.fail(err)
		if e, ok := errors.AsType[*Error](err); ok && (e.Kind == Unavailable || e.Kind == Canceled) && !db.engine.undone(e) {
			e.InDoubt = true
		}
		return tx, fmt.Errorf("commit: %w", err)
	}
	return tx, nil
}

// enter waits until no other transaction of this program writes, where only one may. When another program keeps the file locked,
// those who wait behind each other are not kept for ever.
func (db *DB) enter(ctx context.Context) (leave func(), err error) {
	if db.writer == nil {
		return func() {}, nil
	}
	timer := time.NewTimer(writerTime)
	defer timer.Stop()
	select {
	case db.writer <- struct{}{}:
		return func() { <-db.writer }, nil
	case <-ctx.Done():
		return nil, wrap(ctx, db.engine, ctx.Err())
	case <-timer.C:
		return nil, &Error{Kind: Busy, Err: errors.New("other transactions write for too long")}
	}
}

// demoted leaves a server that takes no writes any more, after a failover: idle
// connections are closed, and the next transaction asks the uri's hosts anew.
func (db *DB) demoted() {
	db.write.SetMaxIdleConns(0)
	db.write.SetMaxIdleConns(idleConnections)
}

// Stats is what the connections with a database are at.
type Stats struct {
	Open, InUse, Max int           // connections, of those that write and those that read together
	Waited           int64         // how many times one had to be waited for
	WaitedFor        time.Duration // and for how long together
}

// Stats tells what the connections are at.
func (db *DB) Stats() Stats {
	s := stats(db.write.Stats())
	if db.read != db.write {
		r := stats(db.read.Stats())
		s = Stats{s.Open + r.Open, s.InUse + r.InUse, s.Max + r.Max, s.Waited + r.Waited, s.WaitedFor + r.WaitedFor}
	}
	return s
}

func stats(s stdsql.DBStats) Stats {
	return Stats{s.OpenConnections, s.InUse, s.MaxOpenConnections, s.WaitCount, s.WaitDuration}
}
