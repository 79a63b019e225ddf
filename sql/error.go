package sql

import (
	"context"
	"errors"
	"fmt"
)

// ErrorKind says what went wrong, in words that both databases share.
type ErrorKind int

// The kinds of error.
const (
	Other               ErrorKind = iota // the statement itself is wrong, or anything not named below
	UniqueViolation                      // a value occurs twice
	ForeignKeyViolation                  // a row is referred to, or a reference leads nowhere
	NotNullViolation                     // a value is missing
	CheckViolation                       // a check does not hold
	Serialization                        // concurrent transactions collided; a new attempt may succeed
	Busy                                 // the database or a lock is held by somebody else for too long
	NotExist                             // there is no such database
	Exists                               // there is already such a database
	Unavailable                          // the server cannot be reached or shuts down
	ReadOnly                             // a write in a read-only transaction or database
	Canceled                             // the context ended
	Unfit                                // a value is too long or too large for where it is to be kept or compared
)

// ErrNotExist is what errors.Is finds in an error of kind NotExist.
var ErrNotExist = errors.New("database does not exist")

// Error is every error of this package that came from a database.
type Error struct {
	Kind       ErrorKind
	Constraint string // name, where known; SQLite does not name foreign keys
	Table      string
	Column     string
	InDoubt    bool  // the commit may have been done or not: its answer was lost
	Err        error // what the driver said
}

// Error tells the driver's words.
func (e *Error) Error() string { return fmt.Sprintf("sql: %v", e.Err) }

// Unwrap gives the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrNotExist) true for the kind NotExist.
func (e *Error) Is(target error) bool { return target == ErrNotExist && e.Kind == NotExist }

// KindOf gives the kind of the first *Error in err's chain, Other when there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Other
}

// wrap makes an *Error of what a driver said. Errors of the context come first,
// as a driver reports the interrupted statement in many ways.
func wrap(ctx context.Context, e engine, err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*Error](err); done {
		return err
	}
	if ctx.Err() != nil {
		return &Error{Kind: Canceled, Err: errors.Join(ctx.Err(), err)}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &Error{Kind: Canceled, Err: err}
	}
	if wrapped := e.classify(err); wrapped != nil {
		return wrapped
	}
	return &Error{Kind: Other, Err: err}
}
