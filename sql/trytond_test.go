package sql_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/sql"
	"paytond/sql/sqltest"
)

// The schema that trytond 6.0 made on PostgreSQL, as it was recorded.
const (
	recordedColumns     = "../../shared/protocol/schema-6.0.tsv"
	recordedConstraints = "../../shared/protocol/schema-6.0-constraints.tsv"
)

// Declarations make the columns, constraints and indexes that trytond made, with
// the same names, so Sync finds nothing to change in a database of trytond's.
func TestSchemaOfTrytond(t *testing.T) {
	columns, constraints := record(t, recordedColumns), record(t, recordedConstraints)
	tables := declare(t, columns, constraints)
	// Tables that are referred to but are not in the record.
	var others []string
	for _, table := range tables {
		for _, c := range table.Columns {
			known := func(t sql.Table) bool { return t.Name == c.References }
			if c.References != "" && !slices.ContainsFunc(tables, known) {
				tables = append(tables, sql.Table{Name: c.References})
				others = append(others, c.References)
			}
		}
	}

	db := synced(t, sqltest.Postgres(t), tables...)
	if got := syncTables(t, db, tables...); len(got) != 0 {
		t.Errorf("again: %q", got)
	}
	made := all(t, db, sql.SQL(`
		SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
			AND c.relname NOT IN (?)`, others))
	var want [][]string
	for _, c := range columns {
		typeName := c[2]
		if typeName == "timestamp without time zone" {
			typeName = "timestamp(6) without time zone" // the same
		}
		want = append(want, []string{c[0], c[1], typeName, c[3]})
	}
	if diff := cmp.Diff(sortedRows(want), sortedRows(texts(made))); diff != "" {
		t.Errorf("columns: %s", diff)
	}
	made = all(t, db, sql.SQL(`
		SELECT relname, conname, pg_get_constraintdef(k.oid)
			FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
			WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u') AND relname NOT IN (?)
		UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT IN (?)
			AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)`, others, others))
	want = nil
	for _, c := range constraints {
		if c[1] != "exclude" { // not declared: an index can stand for it
			want = append(want, []string{strings.Trim(c[0], `"`), c[2], c[3]})
		}
	}
	// Some tables of trytond lack these two; to have them does no harm.
	extra := func(row []string) bool {
		return !slices.ContainsFunc(want, func(w []string) bool { return slices.Equal(w, row) }) &&
			(row[2] == "CHECK ((id >= 0))" || row[1] == "ir_cache_pkey")
	}
	if diff := cmp.Diff(sortedRows(want), sortedRows(slices.DeleteFunc(texts(made), extra))); diff != "" {
		t.Errorf("constraints: %s", diff)
	}
}

func record(t *testing.T, path string) [][]string {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no record of trytond's schema: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows[1:] // without the names of the columns
}

var kinds = map[string]sql.Kind{
	"integer": sql.Integer, "timestamp(6) without time zone": sql.Timestamp, "timestamp without time zone": sql.Timestamp,
	"timestamp(0) without time zone": sql.DateTime, "boolean": sql.Boolean, "text": sql.Text, "numeric": sql.Numeric,
	"double precision": sql.Float, "date": sql.Date, "bytea": sql.Binary, "interval": sql.Interval,
	"character varying": sql.Varchar, "character varying(2)": sql.Varchar, "character varying(3)": sql.Varchar,
	"character varying(10)": sql.Varchar, "character varying(512)": sql.Varchar,
}

var (
	foreignKey = regexp.MustCompile(`^FOREIGN KEY \("?(\w+)"?\) REFERENCES "?([\w-]+)"?\(id\)(?: ON DELETE (.*))?$`)
	listed     = regexp.MustCompile(`\(([^()]*)\)$`)
)

// declare makes declarations of the record.
func declare(t *testing.T, columns, constraints [][]string) []sql.Table {
	var tables []sql.Table
	for _, c := range columns {
		if len(tables) == 0 || tables[len(tables)-1].Name != c[0] {
			tables = append(tables, sql.Table{Name: c[0]})
		}
		kind, ok := kinds[c[2]]
		if !ok {
			t.Fatalf("type %s", c[2])
		}
		column := sql.Column{Name: c[1], Kind: kind, NotNull: c[3] == "NO"}
		if m := listed.FindStringSubmatch(c[2]); m != nil && kind == sql.Varchar {
			for _, digit := range m[1] {
				column.Size = column.Size*10 + int(digit-'0')
			}
		}
		if kind == sql.Boolean {
			column.Default = c[4]
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, column)
	}
	for _, c := range constraints {
		name := strings.Trim(c[0], `"`)
		i := slices.IndexFunc(tables, func(t sql.Table) bool { return t.Name == name })
		constrain(t, &tables[i], c[1], c[2], c[3])
	}
	return tables
}

func constrain(t *testing.T, table *sql.Table, kind, name, definition string) {
	column := func(name string) *sql.Column {
		i := slices.IndexFunc(table.Columns, func(c sql.Column) bool { return c.Name == name })
		return &table.Columns[i]
	}
	switch kind {
	case "foreign key":
		m := foreignKey.FindStringSubmatch(definition)
		if m == nil {
			t.Fatalf("foreign key %s", definition)
		}
		column(m[1]).References, column(m[1]).OnDelete = m[2], m[3]
	case "check":
		if name != table.Name+"_id_positive" {
			expr := strings.TrimSuffix(strings.TrimPrefix(definition, "CHECK ("), ")")
			table.Checks = append(table.Checks, sql.Check{Name: name, Expr: expr})
		}
	case "unique", "index":
		names := strings.Split(strings.ReplaceAll(listed.FindStringSubmatch(definition)[1], `"`, ""), ", ")
		if kind == "unique" {
			table.Uniques = append(table.Uniques, sql.Unique{Name: name, Columns: names})
		} else if strings.Contains(definition, " NULLS FIRST") {
			expr := listed.FindStringSubmatch(definition)[1]
			table.Indexes = append(table.Indexes, sql.Index{Name: name, Expr: expr})
		} else if len(names) == 1 {
			column(names[0]).Index = true
		} else {
			table.Indexes = append(table.Indexes, sql.Index{Name: name, Columns: names})
		}
	}
}

func texts(rows [][]any) [][]string {
	var all [][]string
	for _, r := range rows {
		var row []string
		for _, v := range r {
			row = append(row, v.(string))
		}
		all = append(all, row)
	}
	return all
}

func sortedRows(rows [][]string) [][]string {
	slices.SortFunc(rows, slices.Compare)
	return rows
}
