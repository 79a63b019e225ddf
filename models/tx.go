package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"paytond/sql"
)

// Database is one database served with a registry.
type Database struct {
	Registry *Registry
	SQL      *sql.DB
	Log      *slog.Logger
	// Now is the clock of the program; tests set it.
	Now func() time.Time

	caches sync.Map // see Cached
}

// NewDatabase serves db with the registry.
func NewDatabase(r *Registry, db *sql.DB, log *slog.Logger) *Database {
	return &Database{Registry: r, SQL: db, Log: log, Now: time.Now}
}

// Name is the database's name.
func (d *Database) Name() string { return d.SQL.Name() }

// Request says for whom a transaction runs.
type Request struct {
	User     int64
	Context  map[string]any
	ReadOnly bool
	// Check makes every access count against the user's rights. Business
	// code runs unchecked.
	Check bool
	// Latest makes every statement see what others committed before it, for
	// claims of rows: on PostgreSQL, READ COMMITTED instead of one snapshot.
	Latest bool
}

// Tx is a transaction as one user, in one context. Derived transactions
// (With, Unchecked, As) share the database transaction.
type Tx struct {
	*core
	user    int64
	context map[string]any
	check   bool
	cache   *cache
}

type core struct {
	ctx      context.Context
	database *Database
	sql      *sql.Tx
	readOnly bool
	now      time.Time
	writes   int            // how often something was written
	stamps   map[string]any // _timestamp of the request, see checkTimestamps
}

// cache keeps the values read, by record, until something is written in the transaction.
type cache struct {
	writes int // as they were when the values were read
	values map[key]map[string]any
}

type key struct {
	model string
	id    int64
}

// Transact runs fn in a transaction, and again after a serialization failure:
// fn must change nothing outside of it. An error or panic rolls back.
func (d *Database) Transact(ctx context.Context, r Request, fn func(tx *Tx) error) error {
	err := d.SQL.Transact(ctx, sql.Options{ReadOnly: r.ReadOnly, ReadCommitted: r.Latest}, func(t *sql.Tx) (err error) {
		tx := &Tx{core: &core{ctx: ctx, database: d, sql: t, readOnly: r.ReadOnly,
			now: d.Now().UTC().Truncate(time.Microsecond)},
			user: r.User, context: r.Context, check: r.Check}
		if !r.ReadOnly && tx.context["_datetime"] != nil { // what is written is checked as it is, not as it was
			tx = tx.With(map[string]any{"_datetime": nil})
		}
		if stamps, ok := r.Context["_timestamp"].(map[string]any); ok {
			tx.stamps = maps.Clone(stamps)
		}
		tx.cache = newCache()
		defer recoverFailure(&err)
		return fn(tx)
	})
	return d.translate(ctx, r, err)
}

// recoverFailure turns the panic of a lazy read back into its error.
func recoverFailure(err *error) {
	switch p := recover().(type) {
	case nil:
	case failure:
		*err = p.err
	default:
		panic(p)
	}
}

// raised calls fn and turns the panic of a lazy read back into its error.
func raised(fn func() error) (err error) {
	defer recoverFailure(&err)
	return fn()
}

func newCache() *cache { return &cache{values: map[key]map[string]any{}} }

// touched forgets what was read: something was written.
func (c *core) touched() { c.writes++ }

// values are the values read since the last write.
func (tx *Tx) values() map[key]map[string]any {
	if tx.cache.writes != tx.writes {
		clear(tx.cache.values)
		tx.cache.writes = tx.writes
	}
	return tx.cache.values
}

// Class returns the class of a model; an unknown name is a programming error.
func (tx *Tx) Class(name string) *Class {
	c := tx.database.Registry.classes[name]
	if c == nil {
		panic(failure{NotFoundError("'%s'", name)})
	}
	return c
}

// Lookup returns the class of a model, nil if there is none.
func (tx *Tx) Lookup(name string) *Class { return tx.database.Registry.classes[name] }

// Registry is the registry that the transaction works with.
func (tx *Tx) Registry() *Registry { return tx.database.Registry }

// Database is the database of the transaction.
func (tx *Tx) Database() *Database { return tx.database }

// Ctx is the context that cancels the transaction.
func (tx *Tx) Ctx() context.Context { return tx.ctx }

// User is the id of the user for whom the transaction runs; 0 is the server itself.
func (tx *Tx) User() int64 { return tx.user }

// Now is the time at which the transaction began, UTC.
func (tx *Tx) Now() time.Time { return tx.now }

// Checked reports whether access is checked.
func (tx *Tx) Checked() bool { return tx.check }

// Context returns a value of the context, nil if there is none.
func (tx *Tx) Context(name string) any { return tx.context[name] }

// Contexts returns a copy of the whole context.
func (tx *Tx) Contexts() map[string]any {
	if tx.context == nil {
		return map[string]any{}
	}
	return maps.Clone(tx.context)
}

// ContextID returns a context value that is an id, 0 if there is none.
func (tx *Tx) ContextID(name string) int64 {
	id, _ := tx.context[name].(int64)
	return id
}

// ContextIDs returns a context value that is a list of ids.
func (tx *Tx) ContextIDs(name string) []int64 {
	switch v := tx.context[name].(type) {
	case []int64:
		return v
	case []any:
		a := NewArgs(v)
		return a.IDs(0)
	}
	return nil
}

// With returns the transaction with more context.
func (tx *Tx) With(more map[string]any) *Tx {
	merged := tx.Contexts()
	maps.Copy(merged, more)
	t := *tx
	t.context = merged
	t.cache = newCache()
	return &t
}

// Unchecked returns the transaction without access checks.
func (tx *Tx) Unchecked() *Tx {
	if !tx.check {
		return tx
	}
	t := *tx
	t.check = false
	return &t
}

// As returns the transaction as another user, unchecked; 0 is the server itself.
func (tx *Tx) As(user int64) *Tx {
	t := *tx
	t.user, t.check = user, false
	return &t
}

// AfterCommit has fn called once the transaction is committed.
func (tx *Tx) AfterCommit(fn func()) { tx.sql.AfterCommit(fn) }

// Notify sends a message to the listeners of a channel when the transaction is committed.
func (tx *Tx) Notify(channel, payload string) error { return tx.sql.Notify(channel, payload) }

// Lock holds a named lock until the end of the transaction.
func (tx *Tx) Lock(name string) error { return tx.sql.Lock(tx.ctx, name) }

// Dialect is the dialect of the database.
func (tx *Tx) Dialect() sql.Dialect { return tx.database.SQL.Dialect() }

// Query runs a statement and returns its rows: for what search and read
// cannot say. Write it with the models' tables only.
func (tx *Tx) Query(q sql.F) ([][]any, error) { return tx.sql.QueryAll(tx.ctx, q) }

// Exec runs a statement that changes rows; what was read is forgotten.
func (tx *Tx) Exec(q sql.F) (int64, error) {
	tx.touched()
	return tx.sql.Exec(tx.ctx, q)
}

// Cached returns a value kept in memory for the database, made by build when
// it is not there; name is its place. See [Database.Forget].
func Cached[T any](tx *Tx, name string, build func() T) T {
	if v, ok := tx.database.caches.Load(name); ok {
		return v.(T)
	}
	v := build()
	tx.database.caches.Store(name, v)
	return v
}

// Forget empties the memory of the database for names that begin with prefix, and returns how many there were.
func (d *Database) Forget(prefix string) (forgotten int) {
	d.caches.Range(func(k, _ any) bool {
		if strings.HasPrefix(k.(string), prefix) {
			d.caches.Delete(k)
			forgotten++
		}
		return true
	})
	return forgotten
}

// IsKind reports whether err is an Error of the kind.
func IsKind(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// op wraps an unexpected error with where it happened.
func op(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
