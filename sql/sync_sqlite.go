package sql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// SQLite's ALTER TABLE can add a column and little more. The remedy that its
// manual gives first, copying a table and dropping the old one, would within a
// transaction delete the rows that refer to it, as foreign keys cannot be
// switched off there. All that Sync changes leaves stored rows as they are, so
// it takes the second: it adds columns with ALTER TABLE and then writes the new
// text of the table into the schema itself
// (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table
// Schema Changes"). Rows are checked against new constraints before, and the
// whole is undone with the transaction.

// sqliteSync is one run of Sync on SQLite.
type sqliteSync struct {
	tx      *Tx
	tables  map[string]string // the text that made each table
	indexes map[string]bool
	changed []string
}

// sqliteColumn is a column that exists.
type sqliteColumn struct {
	name, typeName string
	notNull        bool
	defaultText    string
	references     string
	onDelete       string
}

func (sqlite) sync(ctx context.Context, tx *Tx, tables []Table) ([]string, error) {
	s := &sqliteSync{tx: tx}
	if err := s.look(ctx); err != nil {
		return nil, err
	}
	var rewritten []string
	for _, t := range tables {
		again, err := s.table(ctx, t)
		if err != nil {
			return nil, err
		}
		if again {
			rewritten = append(rewritten, t.Name)
		}
	}
	return s.changed, s.verify(ctx, rewritten)
}

func (s *sqliteSync) look(ctx context.Context) error {
	s.tables, s.indexes = map[string]string{}, map[string]bool{}
	rows, err := s.tx.QueryAll(ctx, F{Text: `
		SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL`})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r[0] == "table" {
			s.tables[r[1].(string)] = r[2].(string)
		} else {
			s.indexes[r[1].(string)] = true
		}
	}
	return nil
}

func (s *sqliteSync) note(t Table, format string, args ...any) {
	s.changed = append(s.changed, t.Name+": "+fmt.Sprintf(format, args...))
}

// table tells whether it wrote the text of a table anew.
func (s *sqliteSync) table(ctx context.Context, t Table) (rewritten bool, err error) {
	text, exists := s.tables[t.Name]
	if exists {
		rewritten, err = s.adapt(ctx, t, text)
	} else {
		var columns []sqliteColumn
		for _, c := range t.Columns {
			columns = append(columns, declared(c))
		}
		s.note(t, "create table")
		err = s.tx.ddl(ctx, "%s", createText(t, columns))
	}
	if err != nil {
		return false, err
	}
	return rewritten, s.addIndexes(ctx, t)
}

func declared(c Column) sqliteColumn {
	return sqliteColumn{
		name:        c.Name,
		typeName:    sqlite{}.columnType(c.Kind, c.Size),
		notNull:     c.NotNull,
		defaultText: c.Default,
		references:  c.References,
		onDelete:    strings.ToUpper(c.OnDelete),
	}
}

// keyText begins every table. AUTOINCREMENT never gives the id of a deleted row again.
func keyText(t Table) string {
	return "CREATE TABLE " + Quote(t.Name) + " (\n\t" + Quote(t.PrimaryKey) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
}

// createText is the one text for a table, so that comparing texts is enough to
// know whether something is to be done.
func createText(t Table, columns []sqliteColumn) string {
	lines := []string{keyText(t)}
	for _, c := range columns {
		lines = append(lines, c.text())
	}
	for _, c := range t.Checks {
		lines = append(lines, fmt.Sprintf("CONSTRAINT %s CHECK (%s)", Quote(shortName(c.Name)), c.Expr))
	}
	for _, c := range columns {
		if c.typeName == "NUMERIC_TEXT" {
			lines = append(lines, fmt.Sprintf("CONSTRAINT %s CHECK (DECIMAL_VALID(%s))",
				Quote(shortName(t.Name+"_"+c.name+"_decimal")), Quote(c.name)))
		}
	}
	for _, c := range columns {
		if c.references == "" {
			continue
		}
		line := fmt.Sprintf("CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s)",
			Quote(t.foreignKey(Column{Name: c.name})), Quote(c.name), Quote(c.references), Quote(primaryKey(c.references)))
		if c.onDelete != "" {
			line += " ON DELETE " + c.onDelete
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ",\n\t") + "\n)"
}

func (c sqliteColumn) text() string {
	text := Quote(c.name) + " " + c.typeName
	if c.typeName == "NUMERIC_TEXT" {
		text += " COLLATE DECIMAL"
	}
	if c.defaultText != "" {
		text += " DEFAULT " + c.defaultText
	}
	if c.notNull {
		text += " NOT NULL"
	}
	return text
}

// adapt brings a table that exists to its declaration.
func (s *sqliteSync) adapt(ctx context.Context, t Table, text string) (rewritten bool, err error) {
	if !strings.HasPrefix(text, keyText(t)) {
		return false, &Error{Kind: Other, Table: t.Name, Err: fmt.Errorf("table %s was not made by Sync", t.Name)}
	}
	have, err := s.columns(ctx, t)
	if err != nil {
		return false, err
	}
	columns, added, err := s.merge(ctx, t, have)
	if err != nil {
		return false, err
	}
	want := createText(t, columns)
	if want == text {
		return false, nil
	}
	for _, c := range added {
		s.note(t, "add column %s", c.name)
		plain := sqliteColumn{name: c.name, typeName: c.typeName, defaultText: c.defaultText}
		if err := s.tx.ddl(ctx, "ALTER TABLE %s ADD COLUMN %s", Quote(t.Name), plain.text()); err != nil {
			return false, err
		}
	}
	if err := s.tryNotNull(ctx, t, columns, len(have)); err != nil {
		return false, err
	}
	want = createText(t, columns)
	s.noteChanges(t, have, columns, text)
	if err := s.checkRows(ctx, t); err != nil {
		return false, err
	}
	return true, s.rewrite(ctx, t, want)
}

// columns reads the columns of a table, save for the primary key.
func (s *sqliteSync) columns(ctx context.Context, t Table) ([]sqliteColumn, error) {
	rows, err := s.tx.QueryAll(ctx, SQL(`
		SELECT i.name, upper(i.type), i."notnull", i.dflt_value, f."table", f.on_delete
		FROM pragma_table_info(?) AS i LEFT JOIN pragma_foreign_key_list(?) AS f ON f."from" = i.name
		ORDER BY i.cid`, t.Name, t.Name))
	if err != nil {
		return nil, err
	}
	var columns []sqliteColumn
	for _, r := range rows {
		c := sqliteColumn{name: r[0].(string), typeName: r[1].(string), notNull: r[2].(int64) != 0}
		c.defaultText, _ = r[3].(string)
		c.references, _ = r[4].(string)
		if action, _ := r[5].(string); action != "NO ACTION" {
			c.onDelete = action
		}
		if c.name != t.PrimaryKey {
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// merge gives the columns that the table shall have, in the order in which it
// has them, those to be added last. A NOT NULL that rows contradict is left out.
func (s *sqliteSync) merge(ctx context.Context, t Table, have []sqliteColumn) (all, added []sqliteColumn, err error) {
	for _, h := range have {
		c, ok := t.column(h.name)
		if !ok {
			h.notNull = h.notNull && h.defaultText != ""
			all = append(all, h)
			continue
		}
		w := declared(c)
		if w.typeName, err = sqliteWiden(h.typeName, c); err != nil {
			return nil, nil, errType(t.Name, c.Name, h.typeName, sqlite{}.columnType(c.Kind, c.Size))
		}
		if h.defaultText != "" {
			w.defaultText = h.defaultText
		}
		if w.notNull && !h.notNull {
			if w.notNull, err = s.full(ctx, t, c.Name); err != nil {
				return nil, nil, err
			}
		}
		all = append(all, w)
	}
	for _, c := range t.Columns {
		if !slices.ContainsFunc(have, func(h sqliteColumn) bool { return h.name == c.Name }) {
			added = append(added, declared(c))
		}
	}
	return append(all, added...), added, nil
}

// tryNotNull takes NOT NULL away from added columns for which rows have no value.
func (s *sqliteSync) tryNotNull(ctx context.Context, t Table, columns []sqliteColumn, from int) error {
	for i := from; i < len(columns); i++ {
		if !columns[i].notNull {
			continue
		}
		full, err := s.full(ctx, t, columns[i].name)
		if err != nil {
			return err
		}
		columns[i].notNull = full
	}
	return nil
}

// full tells that no row lacks a value in the column.
func (s *sqliteSync) full(ctx context.Context, t Table, column string) (bool, error) {
	lacking, err := s.tx.exists(ctx, F{Text: fmt.Sprintf(
		`SELECT 1 FROM %s WHERE %s IS NULL LIMIT 1`, Quote(t.Name), Quote(column))})
	return !lacking, err
}

// noteChanges tells what the new text of a table changes.
func (s *sqliteSync) noteChanges(t Table, have, want []sqliteColumn, oldText string) {
	for i, h := range have {
		w := want[i]
		if h.typeName != w.typeName {
			s.note(t, "column %s to %s", w.name, w.typeName)
		}
		if h.defaultText != w.defaultText {
			s.note(t, "default of %s", w.name)
		}
		if h.notNull && !w.notNull {
			s.note(t, "drop not null of %s", w.name)
		}
		if !h.notNull && w.notNull {
			s.note(t, "set not null of %s", w.name)
		}
		if h.references != w.references || h.onDelete != w.onDelete {
			s.note(t, "foreign key %s", t.foreignKey(Column{Name: w.name}))
		}
	}
	for _, c := range t.Checks {
		if !strings.Contains(oldText, "CONSTRAINT "+Quote(shortName(c.Name))+" ") {
			s.note(t, "add check %s", c.Name)
		}
	}
}

// checkRows refuses checks that rows contradict.
func (s *sqliteSync) checkRows(ctx context.Context, t Table) error {
	for _, c := range t.Checks {
		broken, err := s.tx.exists(ctx, F{Text: fmt.Sprintf(
			`SELECT 1 FROM %s WHERE NOT (%s) LIMIT 1`, Quote(t.Name), c.Expr)})
		if err != nil {
			return fmt.Errorf("check %s: %w", c.Name, err)
		}
		if broken {
			return s.tx.fail(&Error{Kind: CheckViolation, Table: t.Name, Constraint: c.Name,
				Err: fmt.Errorf("rows of %s contradict the check %s", t.Name, c.Name)})
		}
	}
	return nil
}

// rewrite puts a new text of a table in place of the old one.
func (s *sqliteSync) rewrite(ctx context.Context, t Table, text string) error {
	// Rows from before a column was added take its value from the text, where
	// a default may have come since: this writes the values into them.
	if err := s.tx.ddl(ctx, `UPDATE %[1]s SET %[2]s = %[2]s`, Quote(t.Name), Quote(t.PrimaryKey)); err != nil {
		return err
	}
	version, err := s.tx.QueryAll(ctx, F{Text: `PRAGMA schema_version`})
	if err != nil {
		return err
	}
	if err := s.tx.ddl(ctx, `PRAGMA writable_schema = ON`); err != nil {
		return err
	}
	// Not left on after an error, which RESET is not reached by.
	defer s.tx.tx.ExecContext(context.WithoutCancel(ctx), `PRAGMA writable_schema = OFF`)
	_, err = s.tx.Exec(ctx, SQL(`UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?`, text, t.Name))
	if err != nil {
		return err
	}
	// Other connections read the schema again by the version, this one by RESET.
	if err := s.tx.ddl(ctx, `PRAGMA schema_version = %d`, version[0][0].(int64)+1); err != nil {
		return err
	}
	return s.tx.ddl(ctx, `PRAGMA writable_schema = RESET`)
}

// verify checks tables whose text was written anew, and their references.
func (s *sqliteSync) verify(ctx context.Context, tables []string) error {
	for _, t := range tables {
		rows, err := s.tx.QueryAll(ctx, SQL(`PRAGMA integrity_check(?)`, F{Text: Quote(t)}))
		if err != nil {
			return fmt.Errorf("check of %s: %w", t, err)
		}
		if len(rows) != 1 || rows[0][0] != "ok" {
			return s.tx.fail(&Error{Kind: Other, Table: t, Err: fmt.Errorf("check of %s: %v", t, rows)})
		}
		rows, err = s.tx.QueryAll(ctx, SQL(`PRAGMA foreign_key_check(?)`, F{Text: Quote(t)}))
		if err != nil {
			return fmt.Errorf("references of %s: %w", t, err)
		}
		if len(rows) > 0 {
			return s.tx.fail(&Error{Kind: ForeignKeyViolation, Table: t,
				Err: fmt.Errorf("%d rows of %s refer to rows of %v that do not exist", len(rows), t, rows[0][2])})
		}
	}
	return nil
}

func (s *sqliteSync) addIndexes(ctx context.Context, t Table) error {
	for _, u := range t.Uniques {
		if s.indexes[shortName(u.Name)] {
			continue
		}
		s.note(t, "add unique %s", u.Name)
		if err := s.tx.ddl(ctx, "%s", u.index().statement(t.Name)); err != nil {
			return err
		}
	}
	for _, i := range t.Indexes {
		if s.indexes[shortName(i.Name)] {
			continue
		}
		s.note(t, "add index %s", i.Name)
		if err := s.tx.ddl(ctx, "%s", i.statement(t.Name)); err != nil {
			return err
		}
		s.indexes[shortName(i.Name)] = true
	}
	return nil
}

// sqliteWiden gives the type that a column shall have. Only types that store
// values in the same way can follow each other.
func sqliteWiden(have string, c Column) (string, error) {
	want := sqlite{}.columnType(c.Kind, c.Size)
	if have == want {
		return have, nil
	}
	kind, known := sqlite{}.kind(have)
	if !known {
		return "", errNarrow
	}
	var size int
	fmt.Sscanf(have, "VARCHAR(%d)", &size)
	switch {
	case kind == BigInteger && c.Kind == Integer,
		kind == Timestamp && c.Kind == DateTime,
		kind == Text && (c.Kind == Varchar || c.Kind == JSON),
		kind == Varchar && c.Kind == Varchar && c.Size > 0 && (size == 0 || size >= c.Size),
		kind == Varchar && c.Kind == Text && size == 0:
		return have, nil // wide enough
	case kind == Integer && c.Kind == BigInteger,
		kind == DateTime && c.Kind == Timestamp,
		kind == Varchar && (c.Kind == Varchar || c.Kind == Text):
		return want, nil
	}
	return "", errNarrow
}
