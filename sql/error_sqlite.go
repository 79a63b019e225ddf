package sql

import (
	"errors"
	"strings"

	sqlitedriver "modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

func (sqlite) classify(err error) *Error {
	e, ok := errors.AsType[*sqlitedriver.Error](err)
	if !ok {
		return nil
	}
	return &Error{Kind: sqliteKind(e.Code()), Err: err}
}

func sqliteKind(code int) ErrorKind {
	switch code {
	case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY, sqlitelib.SQLITE_CONSTRAINT_ROWID:
		return UniqueViolation
	case sqlitelib.SQLITE_CONSTRAINT_FOREIGNKEY, sqlitelib.SQLITE_CONSTRAINT_TRIGGER:
		return ForeignKeyViolation // RESTRICT is reported as a trigger
	case sqlitelib.SQLITE_CONSTRAINT_NOTNULL:
		return NotNullViolation
	case sqlitelib.SQLITE_CONSTRAINT_CHECK:
		return CheckViolation
	}
	switch code & 0xff { // the primary code
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return Busy
	case sqlitelib.SQLITE_READONLY:
		return ReadOnly
	case sqlitelib.SQLITE_INTERRUPT:
		return Canceled
	case sqlitelib.SQLITE_TOOBIG:
		return Unfit
	case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_FULL:
		return Unavailable
	}
	return Other
}

// undone is so when there was no room for the commit.
func (sqlite) undone(e *Error) bool {
	inner, ok := errors.AsType[*sqlitedriver.Error](e.Err)
	return ok && inner.Code()&0xff == sqlitelib.SQLITE_FULL
}

// nameConstraint reads names out of SQLite's message, the only place that has
// them: "UNIQUE constraint failed: t.a, t.b", "NOT NULL constraint failed: t.a",
// "CHECK constraint failed: name". What went wrong is known by the code already;
// a message in another form leaves the names empty.
func (sqlite) nameConstraint(tx *Tx, e *Error) {
	inner, ok := errors.AsType[*sqlitedriver.Error](e.Err)
	if !ok {
		return
	}
	_, detail, ok := strings.Cut(inner.Error(), " constraint failed: ")
	if !ok {
		return
	}
	if i := strings.LastIndex(detail, " ("); i >= 0 { // the number of the code
		detail = detail[:i]
	}
	switch e.Kind {
	case CheckViolation:
		e.Constraint = detail
	case NotNullViolation:
		e.Table, e.Column, _ = strings.Cut(detail, ".")
	case UniqueViolation:
		if name, ok := strings.CutPrefix(detail, "index '"); ok {
			e.Constraint = strings.TrimSuffix(name, "'")
			return
		}
		e.Table, e.Constraint = tx.uniqueIndex(strings.Split(detail, ", "))
	}
}

// uniqueIndex finds the unique index over columns given as "table.column".
func (tx *Tx) uniqueIndex(columns []string) (table, index string) {
	var names []string
	for _, c := range columns {
		t, name, _ := strings.Cut(c, ".")
		table = t
		names = append(names, name)
	}
	err := tx.tx.QueryRowContext(tx.ctx, `
		SELECT l.name FROM pragma_index_list($1) AS l
		WHERE l."unique" AND (SELECT group_concat(i.name, ',') FROM
			(SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) AS i) = $2
		ORDER BY l.seq DESC`, table, strings.Join(names, ",")).Scan(&index)
	if err != nil && len(names) == 1 { // no index: the primary key itself
		return table, table + "_pkey"
	}
	return table, index
}
