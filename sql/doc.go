// Package sql puts PostgreSQL (lib/pq) and SQLite (modernc.org/sqlite) behind one
// small interface: a [Server] holds databases, a [DB] is one of them, a [Tx] is a
// transaction and [F] a piece of SQL text with its arguments.
//
// # Text
//
// Statements are text with ? for arguments. Everything that comes from outside
// is an argument; identifiers come from declarations and pass through [Quote].
// What differs between the databases is asked of the [Dialect].
//
// # Transactions
//
// All work happens in [DB.Transact]. It retries on a serialization failure, a
// deadlock or a busy database, so the function given to it may run more than
// once and must keep its effects inside the database or in [Tx.AfterCommit].
// On PostgreSQL a transaction is REPEATABLE READ. On SQLite there is one
// writer at a time (BEGIN IMMEDIATE) beside any number of readers.
//
// # Values
//
// Read values are the same on both databases:
//
//	Integer, BigInteger        int64
//	Float                      float64
//	Numeric                    string, exact, plain notation, scale kept ("1.10")
//	Boolean                    bool
//	Date, DateTime, Timestamp  time.Time in UTC
//	Time                       string "15:04:05" or "15:04:05.000001"
//	Interval                   time.Duration
//	Varchar, Text, JSON        string
//	Binary                     []byte
//	NULL                       nil
//
// SQLite knows the type of a column but not of an expression: there the result
// of an expression may be raw, that is int64 for a boolean or an interval and
// string for a date or a timestamp. A caller that selects expressions accepts
// both, or scans with [Rows.Scan] into a typed variable, which converts.
//
// Arguments may be any of these Go types, other integers and floats, a
// [DateValue], a [database/sql/driver.Valuer] or a named type of one of them.
// A time.Time is a timestamp: it is bound as UTC and cut to microseconds. A
// decimal is passed as text. lib/pq sends all arguments as text without a
// type, so PostgreSQL takes '1.10' as numeric where it is compared with a
// numeric column.
package sql
