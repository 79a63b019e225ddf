package sql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Sync brings the database to what the tables declare and tells in words what
// it changed; nothing, when called again. It makes tables that are missing, adds
// columns, constraints and indexes, widens types, and drops a NOT NULL that is
// not declared any more, as it does for columns that no declaration has. It
// never drops a table, a column or a row. A constraint or index is known by its
// name alone. NOT NULL is set on a column that exists only when no row lacks a
// value, and tried again the next time.
//
// The tables may refer to each other in any order, and to tables that exist.
//
// It is an error when a column exists with a type that cannot be widened to the
// declared one, or when rows contradict a constraint that is to be added.
func (tx *Tx) Sync(ctx context.Context, tables []Table) (changed []string, err error) {
	if err := tx.Lock(ctx, "sql.Sync"); err != nil {
		return nil, err
	}
	complete := make([]Table, len(tables))
	for i, t := range tables {
		complete[i] = t.complete()
	}
	return tx.db.engine.sync(ctx, tx, complete)
}

// complete fills in what Tryton's rules add to a declaration.
func (t Table) complete() Table {
	if t.PrimaryKey == "" {
		t.PrimaryKey = primaryKey(t.Name)
	}
	var columns []Column
	indexes := append([]Index(nil), t.Indexes...)
	for _, c := range t.Columns {
		if c.Name == t.PrimaryKey {
			continue
		}
		columns = append(columns, c)
		if c.Index {
			indexes = append(indexes, Index{Name: t.Name + "_" + c.Name + "_index", Columns: []string{c.Name}})
		}
	}
	t.Columns, t.Indexes = columns, indexes
	if t.PrimaryKey == "id" {
		positive := Check{Name: t.Name + "_id_positive", Expr: "id >= 0"}
		t.Checks = append([]Check{positive}, t.Checks...)
	}
	return t
}

func (t Table) column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// foreignKey is the name of the foreign key of a column.
func (t Table) foreignKey(c Column) string { return shortName(t.Name + "_" + c.Name + "_fkey") }

// statement makes the index.
func (i Index) statement(table string) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if i.Unique {
		b.WriteString("UNIQUE ")
	}
	fmt.Fprintf(&b, "INDEX %s ON %s (", Quote(shortName(i.Name)), Quote(table))
	if i.Expr != "" {
		b.WriteString(i.Expr)
	} else {
		b.WriteString(quoteList(i.Columns))
	}
	b.WriteString(")")
	if i.Where != "" {
		b.WriteString(" WHERE " + i.Where)
	}
	return b.String()
}

func quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// maxName is PostgreSQL's limit for a name, in bytes.
const maxName = 63

// shortName is the name of a constraint or an index. For one that is too long
// trytond takes its hash, cut to the limit; so do we, to know it again.
func shortName(name string) string {
	if len(name) <= maxName {
		return name
	}
	hash := sha256.Sum256([]byte(name))
	return hex.EncodeToString(hash[:])[:maxName]
}

// ConstraintName is the name that a declared constraint or index has in the
// database, and in an Error.
func ConstraintName(declared string) string { return shortName(declared) }

// sequenceName is that of the sequence of ids, which PostgreSQL itself cuts.
func sequenceName(table, key string) string {
	name := table + "_" + key + "_seq"
	return name[:min(len(name), maxName)]
}

// ddl runs a statement that is made of declarations.
func (tx *Tx) ddl(ctx context.Context, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if strings.Contains(text, "?") {
		return fmt.Errorf("sql: a declaration holds a question mark: %s", text)
	}
	if _, err := tx.Exec(ctx, F{Text: text}); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}

// exists reports whether the query gives a row.
func (tx *Tx) exists(ctx context.Context, q F) (bool, error) {
	rows, err := tx.QueryAll(ctx, q)
	return len(rows) > 0, err
}

// errType tells that a column cannot become what is declared.
func errType(table, column, have, want string) error {
	return &Error{
		Kind:   Other,
		Table:  table,
		Column: column,
		Err:    fmt.Errorf("column %s.%s is %s and cannot become %s without risk", table, column, have, want),
	}
}

// asSerialization has Transact try again when somebody else made the same
// thing meanwhile, in a transaction whose end this one does not see.
func asSerialization(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	return &Error{Kind: Serialization, Constraint: e.Constraint, Table: e.Table, Column: e.Column, Err: err}
}
