package sql

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

func (postgres) classify(err error) *Error {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return &Error{
			Kind:       postgresKind(e.Code),
			Constraint: e.Constraint,
			Table:      e.Table,
			Column:     e.Column,
			Err:        err,
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok || lostConnection(err) {
		return &Error{Kind: Unavailable, Err: err}
	}
	return nil
}

// nameConstraint has nothing to add: PostgreSQL says it all.
func (postgres) nameConstraint(*Tx, *Error) {}

// undone is never certain: a server that is stopped while it waits for its standby says that it ends, and has committed.
func (postgres) undone(*Error) bool { return false }

func lostConnection(err error) bool {
	for _, e := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.EPIPE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func postgresKind(code pqerror.Code) ErrorKind {
	switch code {
	case pqerror.UniqueViolation, pqerror.ExclusionViolation:
		return UniqueViolation
	case pqerror.ForeignKeyViolation, pqerror.RestrictViolation:
		return ForeignKeyViolation
	case pqerror.NotNullViolation:
		return NotNullViolation
	case pqerror.CheckViolation:
		return CheckViolation
	case pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected:
		return Serialization
	case pqerror.LockNotAvailable, pqerror.ObjectInUse:
		return Busy
	case pqerror.InvalidCatalogName:
		return NotExist
	case pqerror.DuplicateDatabase:
		return Exists
	case pqerror.ReadOnlySQLTransaction:
		return ReadOnly
	case "25P03": // idle for too long in a transaction: the connection is closed
		return Unavailable
	case pqerror.QueryCanceled:
		return Canceled
	case pqerror.AdminShutdown, pqerror.CrashShutdown, pqerror.CannotConnectNow, pqerror.TooManyConnections:
		return Unavailable
	}
	switch code.Class() {
	case "08", "53", "57", "58": // connection exception, insufficient resources (a full disk), operator intervention, system error
		return Unavailable
	case "22", "54": // data exception, program limit exceeded: of a long text in an index, say
		return Unfit
	}
	return Other
}
