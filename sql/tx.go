package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"hash/fnv"
)

// Tx is a transaction. It belongs to one goroutine and to the function that
// [DB.Transact] called.
type Tx struct {
	db         *DB
	ctx        context.Context
	tx         *stdsql.Tx
	after      []func()
	failed     error // of a statement outside any savepoint: the transaction is lost
	reading    bool  // Rows are open
	savepoints int
}

var errReading = errors.New("sql: the rows of the statement before are not closed")

// Dialect gives the pieces of text that differ between databases.
func (tx *Tx) Dialect() Dialect { return tx.db.engine }

// Query runs a statement that gives rows.
func (tx *Tx) Query(ctx context.Context, q F) (*Rows, error) {
	text, args, err := tx.prepare(q)
	if err != nil {
		return nil, err
	}
	inner, err := tx.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, tx.failIn(ctx, err)
	}
	rows, err := newRows(tx, inner)
	if err != nil {
		inner.Close()
		return nil, tx.failIn(ctx, err)
	}
	return rows, nil
}

// QueryAll runs a statement and gives all its rows, with the values that the
// package documentation lists.
func (tx *Tx) QueryAll(ctx context.Context, q F) ([][]any, error) {
	rows, err := tx.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]any
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return all, rows.Err()
}

// Exec runs a statement and gives the number of rows that it affected.
func (tx *Tx) Exec(ctx context.Context, q F) (affected int64, err error) {
	text, args, err := tx.prepare(q)
	if err != nil {
		return 0, err
	}
	result, err := tx.tx.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, tx.failIn(ctx, err)
	}
	return result.RowsAffected()
}

func (tx *Tx) prepare(q F) (string, []any, error) {
	if tx.failed != nil {
		return "", nil, tx.failed
	}
	if tx.reading {
		return "", nil, errReading
	}
	return q.render(tx.db.engine.place, func(v any) (any, error) { return bind(tx.db.engine, v) })
}

func (tx *Tx) fail(err error) error { return tx.failIn(tx.ctx, err) }

// failIn wraps an error of a statement and remembers that the transaction is lost.
func (tx *Tx) failIn(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	err = wrap(ctx, tx.db.engine, err)
	if e, ok := errors.AsType[*Error](err); ok {
		tx.db.engine.nameConstraint(tx, e)
	}
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// AfterCommit has fn run once after the commit, in the order of the calls; not
// at all when the transaction, or the savepoint it was called in, is undone.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Notify sends a payload of up to 8000 bytes to all that [DB.Listen] on the
// channel, at the moment of the commit.
func (tx *Tx) Notify(channel, payload string) error {
	return tx.db.posts.notify(tx, channel, payload)
}

// Lock waits until no other transaction holds the lock of this name, and holds
// it to the end of this one. On SQLite it does nothing, as a transaction that
// writes is alone.
//
// Without [Options.ReadCommitted] the transaction still sees the database as
// it was at its first statement, which can be before the lock was given: then
// only a write that collides shows it, as an error of kind Serialization.
func (tx *Tx) Lock(ctx context.Context, name string) error {
	h := fnv.New64a()
	h.Write([]byte(name))
	q := tx.db.engine.lock(int64(h.Sum64()))
	if q.IsZero() {
		return nil
	}
	_, err := tx.Exec(ctx, q)
	return err
}

// Savepoint runs fn and undoes only what fn did when it returns an error (which
// Savepoint returns) or panics. The transaction goes on, save after an error of
// kind Serialization, which loses it whole.
func (tx *Tx) Savepoint(ctx context.Context, fn func() error) error {
	tx.savepoints++
	name := Quote(fmt.Sprintf("s%d", tx.savepoints))
	if _, err := tx.Exec(ctx, F{Text: "SAVEPOINT " + name}); err != nil {
		return err
	}
	after := len(tx.after)
	done := false
	defer func() {
		if !done { // a panic is under way; Transact undoes all, unless the caller recovers
			tx.undo(name, after)
		}
	}()
	err := fn()
	done = true
	if err == nil {
		err = tx.failed
	}
	if err != nil {
		if lost := tx.undo(name, after); lost != nil {
			return errors.Join(err, lost)
		}
		return err
	}
	_, err = tx.Exec(ctx, F{Text: "RELEASE SAVEPOINT " + name})
	return err
}

// undo goes back to a savepoint. It does not heed the context of the savepoint:
// what was begun must be undone even when that has ended.
func (tx *Tx) undo(name string, after int) error {
	if retryable(tx.failed) {
		return nil
	}
	tx.failed, tx.reading = nil, false
	tx.after = tx.after[:after]
	if _, err := tx.Exec(tx.ctx, F{Text: "ROLLBACK TO SAVEPOINT " + name}); err != nil {
		return err
	}
	_, err := tx.Exec(tx.ctx, F{Text: "RELEASE SAVEPOINT " + name})
	return err
}
