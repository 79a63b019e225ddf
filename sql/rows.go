package sql

import (
	stdsql "database/sql"
	"fmt"
	"time"
)

// Rows are the rows of a query. They are to be closed, or read to their end,
// before the transaction can do anything else.
type Rows struct {
	tx    *Tx
	rows  *stdsql.Rows
	names []string
	kinds []resultKind
}

type resultKind struct {
	kind  Kind
	known bool
}

func newRows(tx *Tx, rows *stdsql.Rows) (*Rows, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &Rows{tx: tx, rows: rows}
	for _, t := range types {
		kind, known := tx.db.engine.kind(t.DatabaseTypeName())
		r.names = append(r.names, t.Name())
		r.kinds = append(r.kinds, resultKind{kind, known})
	}
	tx.reading = true
	return r, nil
}

// Columns gives the names of the columns.
func (r *Rows) Columns() []string { return r.names }

// Next goes to the next row; it is false at the end and after an error.
func (r *Rows) Next() bool {
	if r.rows.Next() {
		return true
	}
	r.tx.reading = false
	return false
}

// Err is the error that ended Next, nil at the end of the rows.
func (r *Rows) Err() error { return r.tx.fail(r.rows.Err()) }

// Close ends the reading; it may be called again.
func (r *Rows) Close() error {
	r.tx.reading = false
	return r.tx.fail(r.rows.Close())
}

// Values gives the row in the forms that the package documentation lists.
func (r *Rows) Values() ([]any, error) {
	raw := make([]any, len(r.kinds))
	dest := make([]any, len(r.kinds))
	for i := range raw {
		dest[i] = &raw[i]
	}
	if err := r.rows.Scan(dest...); err != nil {
		return nil, r.tx.fail(err)
	}
	for i, k := range r.kinds {
		v, err := normalise(raw[i], k.kind, k.known)
		if err != nil {
			return nil, fmt.Errorf("sql: column %s: %w", r.names[i], err)
		}
		raw[i] = v
	}
	return raw, nil
}

// Scan stores the row in variables: pointers to any, int64, int, float64, bool,
// string, []byte, time.Time or time.Duration, or a sql.Scanner such as
// sql.Null[string]. It converts the raw forms of expressions on SQLite. NULL
// goes only into any, []byte and a Scanner.
func (r *Rows) Scan(dest ...any) error {
	values, err := r.Values()
	if err != nil {
		return err
	}
	if len(dest) != len(values) {
		return fmt.Errorf("sql: %d variables for %d columns", len(dest), len(values))
	}
	for i, d := range dest {
		if err := assign(d, values[i]); err != nil {
			return fmt.Errorf("sql: column %s: %w", r.names[i], err)
		}
	}
	return nil
}

func assign(dest, v any) error {
	switch dest := dest.(type) {
	case *any:
		*dest = v
		return nil
	case stdsql.Scanner:
		return dest.Scan(v)
	case *[]byte:
		return convert(dest, v, v == nil)
	case *int64:
		return scanInto(dest, v)
	case *int:
		return scanInto(dest, v)
	case *float64:
		return scanInto(dest, v)
	case *bool:
		return scanInto(dest, v)
	case *string:
		return scanInto(dest, v)
	case *time.Time:
		if s, ok := v.(string); ok {
			t, err := parseTime(s)
			*dest = t
			return err
		}
		return convert(dest, v, false)
	case *time.Duration:
		if us, ok := v.(int64); ok {
			v = time.Duration(us) * time.Microsecond
		}
		return convert(dest, v, false)
	}
	return fmt.Errorf("cannot store %T in %T", v, dest)
}

// scanInto converts as database/sql does.
func scanInto[T any](dest *T, v any) error {
	var n stdsql.Null[T]
	if err := n.Scan(v); err != nil {
		return err
	}
	if !n.Valid {
		return fmt.Errorf("cannot store NULL in %T", dest)
	}
	*dest = n.V
	return nil
}

func convert[T any](dest *T, v any, zero bool) error {
	if zero {
		*dest = *new(T)
		return nil
	}
	t, ok := v.(T)
	if !ok {
		return fmt.Errorf("cannot store %T in %T", v, dest)
	}
	*dest = t
	return nil
}
