package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect gives the pieces of SQL text that differ between the databases. The
// arguments are SQL text too, for example a quoted column or a ?.
type Dialect interface {
	// Name is "postgresql" or "sqlite".
	Name() string
	// Like is true where expr, a text, matches the pattern with %, _ and the
	// escape \. It is sensitive to case unless asked otherwise; then letters
	// of every script are folded (on PostgreSQL as its locale knows them).
	Like(expr, pattern string, caseInsensitive bool) string
	// Sum is the aggregate that adds up a Numeric expression exactly.
	Sum(expr string) string
	// LockClause ends a SELECT whose rows are to be locked until the end of
	// the transaction, passing over those that others have locked. On SQLite
	// it is empty: a transaction that writes is alone.
	LockClause() string
	// Now is the clock of the database in the storage form of a Timestamp.
	// It advances during a transaction.
	Now() string
	// Plus is a timestamp moved by an Interval, such as a ? with a time.Duration.
	Plus(timestamp, interval string) string
	// Cast converts an expression to the storage form of a kind, and gives it
	// that kind's order. An expression over a Numeric column (COALESCE, CASE)
	// needs it on SQLite, where only the column itself compares as a number.
	Cast(expr string, kind Kind) string
}

// engine is a Dialect with what this package alone needs to know.
type engine interface {
	Dialect
	place(n int) string                // of the argument n
	interval(d time.Duration) any      // the storage form of a duration
	kind(typeName string) (Kind, bool) // of a result column
	maxArgs() int                      // of one statement
	options(o Options) *stdsql.TxOptions
	lock(key int64) F                // zero when none is needed
	classify(err error) *Error       // nil for what is no error of this database
	nameConstraint(tx *Tx, e *Error) // fills in what the driver did not say
	undone(e *Error) bool            // whether a commit with this error has certainly not been done
	countFrom(ctx context.Context, tx *Tx, table string, id int64) error
	sync(ctx context.Context, tx *Tx, tables []Table) ([]string, error)
}

// postgres is the engine of PostgreSQL.
type postgres struct{}

// sqlite is the engine of SQLite.
type sqlite struct{}

var (
	_ engine = postgres{}
	_ engine = sqlite{}
)

func (postgres) Name() string { return "postgresql" }
func (sqlite) Name() string   { return "sqlite" }

func (postgres) Like(expr, pattern string, caseInsensitive bool) string {
	operator := "LIKE"
	if caseInsensitive {
		operator = "ILIKE"
	}
	return fmt.Sprintf(`%s %s %s ESCAPE '\'`, expr, operator, pattern)
}

func (sqlite) Like(expr, pattern string, caseInsensitive bool) string {
	if caseInsensitive {
		return fmt.Sprintf(`TEXT_ILIKE(%s, %s)`, expr, pattern)
	}
	return fmt.Sprintf(`TEXT_LIKE(%s, %s)`, expr, pattern)
}

func (postgres) Sum(expr string) string { return "SUM(" + expr + ")" }
func (d sqlite) Sum(expr string) string { return d.Cast("DECIMAL_SUM("+expr+")", Numeric) }

func (postgres) LockClause() string { return " FOR UPDATE SKIP LOCKED" }
func (sqlite) LockClause() string   { return "" }

func (postgres) Now() string { return "(clock_timestamp() AT TIME ZONE 'UTC')" }
func (sqlite) Now() string   { return "CLOCK_TIMESTAMP()" }

func (postgres) Plus(timestamp, interval string) string {
	return fmt.Sprintf("(CAST(%s AS timestamp) + CAST(%s AS interval))", timestamp, interval)
}

func (sqlite) Plus(timestamp, interval string) string {
	return fmt.Sprintf("TIMESTAMP_PLUS(%s, %s)", timestamp, interval)
}

func (d postgres) Cast(expr string, kind Kind) string {
	if kind == DateTime { // a cast to timestamp(0) would round
		return "date_trunc('second', CAST(" + expr + " AS timestamp))"
	}
	return "CAST(" + expr + " AS " + d.columnType(kind, 0) + ")"
}

func (sqlite) Cast(expr string, kind Kind) string {
	switch kind {
	case Integer, BigInteger, Interval:
		return "CAST(" + expr + " AS INTEGER)"
	case Float:
		return "CAST(" + expr + " AS REAL)"
	case Numeric:
		return "(CAST(" + expr + " AS TEXT) COLLATE DECIMAL)"
	case Boolean:
		return "(" + expr + " <> 0)"
	case Date:
		return "date(" + expr + ")"
	case DateTime:
		return "(substr(TIMESTAMP_PLUS(" + expr + ", 0), 1, 19) || '.000000')"
	case Timestamp:
		return "TIMESTAMP_PLUS(" + expr + ", 0)"
	case Time:
		return "time(" + expr + ")"
	case Binary:
		return "CAST(" + expr + " AS BLOB)"
	}
	return "CAST(" + expr + " AS TEXT)"
}

// columnType is the type of a column as format_type of PostgreSQL writes it.
func (postgres) columnType(kind Kind, size int) string {
	switch kind {
	case Integer:
		return "integer"
	case BigInteger:
		return "bigint"
	case Float:
		return "double precision"
	case Numeric:
		return "numeric"
	case Boolean:
		return "boolean"
	case Date:
		return "date"
	case DateTime:
		return "timestamp(0) without time zone"
	case Timestamp:
		return "timestamp(6) without time zone"
	case Time:
		return "time without time zone"
	case Interval:
		return "interval"
	case Varchar:
		if size > 0 {
			return fmt.Sprintf("character varying(%d)", size)
		}
		return "character varying"
	case Binary:
		return "bytea"
	case JSON:
		return "jsonb"
	}
	return "text"
}

// columnType is the declared type of a column. Its letters decide how SQLite
// stores values (https://www.sqlite.org/datatype3.html#determination_of_column_affinity):
// a decimal or a JSON text must have TEXT in it to stay as it was written.
func (sqlite) columnType(kind Kind, size int) string {
	switch kind {
	case Integer:
		return "INTEGER"
	case BigInteger:
		return "BIGINT"
	case Float:
		return "FLOAT"
	case Numeric:
		return "NUMERIC_TEXT"
	case Boolean:
		return "BOOLEAN"
	case Date:
		return "DATE"
	case DateTime:
		return "TIMESTAMP(0)"
	case Timestamp:
		return "TIMESTAMP(6)"
	case Time:
		return "TIME"
	case Interval:
		return "INTERVAL"
	case Varchar:
		if size > 0 {
			return fmt.Sprintf("VARCHAR(%d)", size)
		}
		return "VARCHAR"
	case Binary:
		return "BLOB"
	case JSON:
		return "JSON_TEXT"
	}
	return "TEXT"
}

func (postgres) place(n int) string { return "$" + strconv.Itoa(n) }

// A number would be a name, which SQLite looks up in a list of all names.
func (sqlite) place(int) string { return "?" }

func (postgres) interval(d time.Duration) any {
	return fmt.Sprintf("%d microseconds", d.Microseconds())
}
func (sqlite) interval(d time.Duration) any { return d.Microseconds() }

// One less than what the protocol and the library allow.
func (postgres) maxArgs() int { return 65534 }
func (sqlite) maxArgs() int   { return 32765 }

func (postgres) lock(key int64) F { return SQL(`SELECT pg_advisory_xact_lock(?)`, key) }
func (sqlite) lock(int64) F       { return F{} }

func (postgres) options(o Options) *stdsql.TxOptions {
	level := stdsql.LevelRepeatableRead
	if o.ReadCommitted {
		level = stdsql.LevelReadCommitted
	}
	return &stdsql.TxOptions{Isolation: level, ReadOnly: o.ReadOnly}
}

func (sqlite) options(o Options) *stdsql.TxOptions { return &stdsql.TxOptions{ReadOnly: o.ReadOnly} }

func (postgres) kind(typeName string) (Kind, bool) {
	switch typeName {
	case "INT2", "INT4":
		return Integer, true
	case "INT8":
		return BigInteger, true
	case "FLOAT4", "FLOAT8":
		return Float, true
	case "NUMERIC":
		return Numeric, true
	case "BOOL":
		return Boolean, true
	case "DATE":
		return Date, true
	case "TIMESTAMP", "TIMESTAMPTZ":
		return Timestamp, true
	case "TIME", "TIMETZ":
		return Time, true
	case "INTERVAL":
		return Interval, true
	case "BYTEA":
		return Binary, true
	case "JSON", "JSONB":
		return JSON, true
	}
	return Text, true // whatever else is read as its text
}

func (sqlite) kind(typeName string) (Kind, bool) {
	base, _, _ := strings.Cut(typeName, "(")
	switch base {
	case "INTEGER":
		return Integer, true
	case "BIGINT":
		return BigInteger, true
	case "FLOAT":
		return Float, true
	case "NUMERIC_TEXT":
		return Numeric, true
	case "BOOLEAN":
		return Boolean, true
	case "DATE":
		return Date, true
	case "TIMESTAMP":
		if typeName == "TIMESTAMP(0)" {
			return DateTime, true
		}
		return Timestamp, true
	case "TIME":
		return Time, true
	case "INTERVAL":
		return Interval, true
	case "VARCHAR":
		return Varchar, true
	case "TEXT":
		return Text, true
	case "BLOB":
		return Binary, true
	case "JSON_TEXT":
		return JSON, true
	}
	return 0, false
}
