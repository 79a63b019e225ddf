package models

import (
	"errors"
	"fmt"

	"paytond/sql"
)

// Kind says what an error means to the caller; package rpc has the one table
// that turns a kind into its wire form.
type Kind int

// The kinds of errors. See PROTOCOL §1.4 and §1.5 for their wire forms.
const (
	KindInternal     Kind = iota // unexpected: logged, never shown in detail
	KindUser                     // a message for the user
	KindWarning                  // a question to the user
	KindConcurrency              // the record changed in the meanwhile
	KindLogin                    // one more login parameter is wanted
	KindUnauthorized             // no session, wrong password, session not fresh
	KindForbidden                // the method may not be called
	KindNotFound                 // no such model, method or field
	KindBadRequest               // arguments of the wrong shape
	KindTooMany                  // rate limit
	KindUnavailable              // a peer (database, Stripe) does not answer
)

// Error is an error with a kind. Name, Message and Description are shown to
// the user as the kind has it; Detail is the third element of a UserError
// (a domain and the definitions of its fields) and may be nil.
type Error struct {
	Kind        Kind
	Name        string
	Message     string
	Description string
	Detail      any
	Err         error

	format string // with args, the message as it is translated
	args   []any
}

// Error returns the message.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// UserError returns an error that the client shows in a dialog, in the user's
// language where ir.message has the format in it. The format is a literal: a
// test collects them.
func UserError(format string, args ...any) error { return said(KindUser, format, args) }

func said(kind Kind, format string, args []any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), format: format, args: args}
}

// NotFoundError says that a model, method, field or record has no such name.
func NotFoundError(format string, args ...any) error {
	return &Error{Kind: KindNotFound, Message: fmt.Sprintf(format, args...)}
}

// BadRequest says that the arguments of a call have the wrong shape.
func BadRequest(format string, args ...any) error {
	return &Error{Kind: KindBadRequest, Message: fmt.Sprintf(format, args...)}
}

// ErrorKind returns the kind of err: for an error of the database one that
// says whether to try again, and KindInternal for all others.
func ErrorKind(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	switch sql.KindOf(err) {
	case sql.NotExist:
		return KindNotFound
	case sql.Unavailable, sql.Busy, sql.Serialization, sql.Canceled, sql.ReadOnly: // the last: it was made a standby
		return KindUnavailable
	}
	return KindInternal
}

// failure carries an error through a panic from a lazy read up to Transact.
type failure struct{ err error }

// Must raises err, if any, to the enclosing Transact.
func Must(err error) {
	if err != nil {
		panic(failure{err})
	}
}

// Raised is the error of a panic that was recovered: the one that Must or a lazy read raised, or one that tells of any other panic.
func Raised(p any) error {
	switch p := p.(type) {
	case failure:
		return p.err
	case error:
		return fmt.Errorf("panic: %w", p)
	default:
		return fmt.Errorf("panic: %v", p)
	}
}

// must1 is Must for calls that return a value too.
func must1[T any](v T, err error) T {
	Must(err)
	return v
}

// InDoubt tells that a transaction may have been committed all the same: the
// connection was lost while it was.
func InDoubt(err error) bool {
	var e *sql.Error
	return errors.As(err, &e) && e.InDoubt
}

// withDetail adds to an error what a client needs to explain it.
func withDetail(detail any, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Detail = detail
	}
	return err
}
