package sql

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// postgresSync is one run of Sync on PostgreSQL.
type postgresSync struct {
	tx      *Tx
	have    map[string]map[string]postgresColumn // by table and column
	keys    map[string]map[string]postgresKey    // foreign keys by table and name
	names   map[string]map[string]bool           // other constraints and indexes by table
	changed []string
}

type postgresColumn struct {
	typeName   string // as format_type writes it
	notNull    bool
	hasDefault bool
}

type postgresKey struct {
	references string
	onDelete   string
}

func (postgres) sync(ctx context.Context, tx *Tx, tables []Table) ([]string, error) {
	s := &postgresSync{tx: tx}
	err := s.run(ctx, tables)
	if pq.As(err, pqerror.DuplicateTable, pqerror.DuplicateColumn, pqerror.DuplicateObject) != nil {
		err = asSerialization(err)
		tx.failed = err
	}
	return s.changed, err
}

func (s *postgresSync) run(ctx context.Context, tables []Table) error {
	if err := s.look(ctx); err != nil {
		return err
	}
	for _, t := range tables {
		if err := s.table(ctx, t); err != nil {
			return err
		}
	}
	// After all tables are there.
	for _, t := range tables {
		if err := s.foreignKeys(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// look reads what the current schema has.
func (s *postgresSync) look(ctx context.Context) error {
	s.have = map[string]map[string]postgresColumn{}
	s.keys = map[string]map[string]postgresKey{}
	s.names = map[string]map[string]bool{}
	columns, err := s.tx.QueryAll(ctx, F{Text: `
		SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind IN ('r', 'p')
			AND a.attnum > 0 AND NOT a.attisdropped`})
	if err != nil {
		return err
	}
	for _, r := range columns {
		put(s.have, r[0].(string), r[1].(string), postgresColumn{r[2].(string), r[3].(bool), r[4].(bool)})
	}
	keys, err := s.tx.QueryAll(ctx, F{Text: `
		SELECT c.relname, k.conname, f.relname,
			CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET NULL'
				WHEN 'd' THEN 'SET DEFAULT' ELSE '' END
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
		WHERE c.relnamespace = to_regnamespace(current_schema()) AND k.contype = 'f'`})
	if err != nil {
		return err
	}
	for _, r := range keys {
		put(s.keys, r[0].(string), r[1].(string), postgresKey{r[2].(string), r[3].(string)})
	}
	names, err := s.tx.QueryAll(ctx, F{Text: `
		SELECT c.relname, k.conname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		WHERE c.relnamespace = to_regnamespace(current_schema()) AND k.contype <> 'f'
		UNION
		SELECT c.relname, i.relname
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		WHERE c.relnamespace = to_regnamespace(current_schema())`})
	if err != nil {
		return err
	}
	for _, r := range names {
		put(s.names, r[0].(string), r[1].(string), true)
	}
	return nil
}

func put[V any](m map[string]map[string]V, table, name string, v V) {
	if m[table] == nil {
		m[table] = map[string]V{}
	}
	m[table][name] = v
}

// do runs a statement and notes in words what it did.
func (s *postgresSync) do(ctx context.Context, what, statement string) error {
	if err := s.tx.ddl(ctx, "%s", statement); err != nil {
		return err
	}
	s.changed = append(s.changed, what)
	return nil
}

func (s *postgresSync) alter(ctx context.Context, t Table, what, action string) error {
	return s.do(ctx, t.Name+": "+what, "ALTER TABLE "+Quote(t.Name)+" "+action)
}

func (s *postgresSync) table(ctx context.Context, t Table) error {
	steps := []func(context.Context, Table) error{s.columns, s.primaryKey, s.checks, s.uniques, s.indexes}
	if s.have[t.Name] == nil {
		steps = append([]func(context.Context, Table) error{s.create}, steps...)
	}
	for _, step := range steps {
		if err := step(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// create makes a table of its primary key; the rest is added as to any table.
func (s *postgresSync) create(ctx context.Context, t Table) error {
	sequence := Quote(sequenceName(t.Name, t.PrimaryKey))
	if err := s.tx.ddl(ctx, `CREATE SEQUENCE %s AS integer`, sequence); err != nil {
		return err
	}
	literal := "'" + strings.ReplaceAll(sequence, "'", "''") + "'"
	lines := []string{fmt.Sprintf(`%s integer NOT NULL DEFAULT nextval(%s)`, Quote(t.PrimaryKey), literal)}
	for _, c := range t.Columns {
		lines = append(lines, postgres{}.columnText(c, c.NotNull))
		put(s.have, t.Name, c.Name, postgresColumn{postgres{}.columnType(c.Kind, c.Size), c.NotNull, c.Default != ""})
	}
	put(s.have, t.Name, t.PrimaryKey, postgresColumn{"integer", true, true})
	if err := s.do(ctx, t.Name+": create table",
		`CREATE TABLE `+Quote(t.Name)+` (`+strings.Join(lines, ", ")+`)`); err != nil {
		return err
	}
	return s.tx.ddl(ctx, `ALTER SEQUENCE %s OWNED BY %s.%s`, sequence, Quote(t.Name), Quote(t.PrimaryKey))
}

func (d postgres) columnText(c Column, notNull bool) string {
	text := Quote(c.Name) + " " + d.columnType(c.Kind, c.Size)
	if c.Default != "" {
		text += " DEFAULT " + c.Default
	}
	if notNull {
		text += " NOT NULL"
	}
	return text
}

func (s *postgresSync) columns(ctx context.Context, t Table) error {
	for _, c := range t.Columns {
		have, ok := s.have[t.Name][c.Name]
		if !ok {
			if err := s.addColumn(ctx, t, c); err != nil {
				return err
			}
			continue
		}
		if err := s.adaptColumn(ctx, t, c, have); err != nil {
			return err
		}
	}
	return s.relax(ctx, t)
}

func (s *postgresSync) addColumn(ctx context.Context, t Table, c Column) error {
	if err := s.alter(ctx, t, "add column "+c.Name, "ADD COLUMN "+postgres{}.columnText(c, false)); err != nil {
		return err
	}
	if !c.NotNull {
		return nil
	}
	return s.setNotNull(ctx, t, c)
}

func (s *postgresSync) adaptColumn(ctx context.Context, t Table, c Column, have postgresColumn) error {
	want := postgres{}.columnType(c.Kind, c.Size)
	widen, err := postgresWiden(have.typeName, c)
	if err != nil {
		return errType(t.Name, c.Name, have.typeName, want)
	}
	column := "ALTER COLUMN " + Quote(c.Name)
	if widen {
		if err := s.alter(ctx, t, "column "+c.Name+" to "+want, column+" TYPE "+want); err != nil {
			return err
		}
	}
	if c.Default != "" && !have.hasDefault {
		if err := s.alter(ctx, t, "default of "+c.Name, column+" SET DEFAULT "+c.Default); err != nil {
			return err
		}
	}
	if have.notNull && !c.NotNull {
		return s.alter(ctx, t, "drop not null of "+c.Name, column+" DROP NOT NULL")
	}
	if c.NotNull && !have.notNull {
		return s.setNotNull(ctx, t, c)
	}
	return nil
}

// setNotNull leaves a column alone that has rows without a value.
func (s *postgresSync) setNotNull(ctx context.Context, t Table, c Column) error {
	lacking, err := s.tx.exists(ctx, F{Text: fmt.Sprintf(
		`SELECT 1 FROM %s WHERE %s IS NULL LIMIT 1`, Quote(t.Name), Quote(c.Name))})
	if err != nil || lacking {
		return err
	}
	return s.alter(ctx, t, "set not null of "+c.Name, "ALTER COLUMN "+Quote(c.Name)+" SET NOT NULL")
}

// relax lets rows be inserted without a value for columns that nobody declares.
func (s *postgresSync) relax(ctx context.Context, t Table) error {
	for name, have := range s.have[t.Name] {
		if _, declared := t.column(name); declared || name == t.PrimaryKey || !have.notNull || have.hasDefault {
			continue
		}
		if err := s.alter(ctx, t, "drop not null of undeclared "+name,
			"ALTER COLUMN "+Quote(name)+" DROP NOT NULL"); err != nil {
			return err
		}
	}
	return nil
}

func (s *postgresSync) primaryKey(ctx context.Context, t Table) error {
	name := shortName(t.Name + "_pkey")
	if s.names[t.Name][name] {
		return nil
	}
	return s.alter(ctx, t, "primary key", fmt.Sprintf(
		"ADD CONSTRAINT %s PRIMARY KEY (%s)", Quote(name), Quote(t.PrimaryKey)))
}

func (s *postgresSync) checks(ctx context.Context, t Table) error {
	for _, c := range t.Checks {
		if s.names[t.Name][shortName(c.Name)] {
			continue
		}
		if err := s.alter(ctx, t, "add check "+c.Name, fmt.Sprintf(
			"ADD CONSTRAINT %s CHECK (%s)", Quote(shortName(c.Name)), c.Expr)); err != nil {
			return err
		}
	}
	return nil
}

func (s *postgresSync) uniques(ctx context.Context, t Table) error {
	for _, u := range t.Uniques {
		if s.names[t.Name][shortName(u.Name)] {
			continue
		}
		what := "add unique " + u.Name
		var err error
		if u.Where != "" { // only an index can be partial
			err = s.do(ctx, t.Name+": "+what, u.index().statement(t.Name))
		} else {
			err = s.alter(ctx, t, what, fmt.Sprintf(
				"ADD CONSTRAINT %s UNIQUE (%s)", Quote(shortName(u.Name)), quoteList(u.Columns)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// index is the unique index that does the same.
func (u Unique) index() Index {
	return Index{Name: u.Name, Columns: u.Columns, Where: u.Where, Unique: true}
}

func (s *postgresSync) indexes(ctx context.Context, t Table) error {
	for _, i := range t.Indexes {
		if s.names[t.Name][shortName(i.Name)] {
			continue
		}
		if err := s.do(ctx, t.Name+": add index "+i.Name, i.statement(t.Name)); err != nil {
			return err
		}
		put(s.names, t.Name, shortName(i.Name), true)
	}
	return nil
}

func (s *postgresSync) foreignKeys(ctx context.Context, t Table) error {
	for _, c := range t.Columns {
		if c.References == "" {
			continue
		}
		name := t.foreignKey(c)
		want := postgresKey{c.References, strings.ToUpper(c.OnDelete)}
		have, ok := s.keys[t.Name][name]
		if ok && have == want {
			continue
		}
		action := fmt.Sprintf("ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s)",
			Quote(name), Quote(c.Name), Quote(c.References), Quote(primaryKey(c.References)))
		if want.onDelete != "" {
			action += " ON DELETE " + want.onDelete
		}
		if ok {
			action = "DROP CONSTRAINT " + Quote(name) + ", " + action
		}
		if err := s.alter(ctx, t, "foreign key "+name, action); err != nil {
			return err
		}
	}
	return nil
}

var errNarrow = errors.New("not wider")

// sizedType takes "character varying(12)" or "timestamp(6) without time zone" apart.
var sizedType = regexp.MustCompile(`^([a-z ]+)(?:\((\d+)(?:,-?\d+)?\))?([a-z ]*)$`)

// postgresWiden tells whether a column of an existing type must be widened to
// hold what is declared; it is an error when that cannot be done in every case.
func postgresWiden(have string, c Column) (bool, error) {
	m := sizedType.FindStringSubmatch(have)
	if m == nil {
		return false, errNarrow
	}
	base, sized := m[1]+m[3], m[2] != ""
	size, _ := strconv.Atoi(m[2]) // 0 when there is none
	type pair struct {
		base string
		kind Kind
	}
	switch (pair{base, c.Kind}) {
	case pair{"bigint", Integer}, pair{"integer", Integer}, pair{"bigint", BigInteger},
		pair{"double precision", Float}, pair{"boolean", Boolean}, pair{"date", Date},
		pair{"timestamp without time zone", DateTime}, pair{"time without time zone", Time},
		pair{"interval", Interval}, pair{"text", Varchar}, pair{"text", Text}, pair{"bytea", Binary},
		pair{"json", JSON}, pair{"jsonb", JSON}, pair{"text", JSON}:
		return false, nil
	case pair{"smallint", Integer}, pair{"smallint", BigInteger}, pair{"integer", BigInteger}, pair{"real", Float}:
		return true, nil
	case pair{"numeric", Numeric}:
		return sized, nil
	case pair{"timestamp without time zone", Timestamp}:
		return sized && size < 6, nil
	case pair{"character varying", Varchar}:
		return sized && (c.Size == 0 || size < c.Size), nil
	case pair{"character varying", Text}:
		return sized, nil
	}
	return false, errNarrow
}
