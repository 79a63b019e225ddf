package sql_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/sql"
	"paytond/sql/sqltest"
)

// syncTables runs Sync and gives what it changed, in order of the alphabet.
func syncTables(t testing.TB, db *sql.DB, tables ...sql.Table) []string {
	t.Helper()
	var changed []string
	transact(t, db, func(tx *sql.Tx) (err error) {
		changed, err = tx.Sync(t.Context(), tables)
		return err
	})
	slices.Sort(changed)
	return changed
}

func refused(t testing.TB, db *sql.DB, kind sql.ErrorKind, tables ...sql.Table) {
	t.Helper()
	err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
		_, err := tx.Sync(t.Context(), tables)
		return err
	})
	if err == nil || sql.KindOf(err) != kind {
		t.Errorf("kind %d: %v", sql.KindOf(err), err)
	}
}

var (
	syncParty = sql.Table{
		Name: "party",
		Columns: []sql.Column{
			{Name: "name", Kind: sql.Varchar, Index: true},
			{Name: "user", Kind: sql.Integer, References: "res_user-like", OnDelete: "SET NULL"},
			{Name: "parent", Kind: sql.Integer, References: "party", OnDelete: "CASCADE", Index: true},
		},
		Checks:  []sql.Check{{Name: "party_name_short", Expr: "length(name) < 50"}},
		Uniques: []sql.Unique{{Name: "party_name_unique", Columns: []string{"name"}, Where: "parent IS NULL"}},
		Indexes: []sql.Index{{Name: "party_lower_index", Expr: "lower(name)", Where: "parent IS NULL"}},
	}
	syncUser    = sql.Table{Name: "res_user-like", Columns: []sql.Column{{Name: "party", Kind: sql.Integer, References: "party", OnDelete: "RESTRICT"}}}
	syncHistory = sql.Table{Name: "party__history", Columns: []sql.Column{
		{Name: "id", Kind: sql.Integer, Index: true},
		{Name: "name", Kind: sql.Varchar},
	}}
)

func TestSyncIsIdempotent(t *testing.T) {
	tables := []sql.Table{syncParty, syncUser, syncHistory, everything}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := sqltest.Database(t, s)
		if got := syncTables(t, db, tables...); len(got) == 0 {
			t.Error("nothing was made")
		}
		if got := syncTables(t, db, tables...); len(got) != 0 {
			t.Errorf("again: %q", got)
		}
	})
}

// The names and types are those that trytond gives on PostgreSQL.
func TestSyncNamesAsTryton(t *testing.T) {
	db := synced(t, sqltest.Postgres(t), syncParty, syncUser, syncHistory)
	constraints := all(t, db, sql.SQL(`SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
		WHERE conrelid IN ('party'::regclass, 'party__history'::regclass) AND contype <> 'n' ORDER BY conname COLLATE "C"`))
	if diff := cmp.Diff([][]any{
		{"party__history_pkey", "PRIMARY KEY (__id)"},
		{"party_id_positive", "CHECK ((id >= 0))"},
		{"party_name_short", "CHECK ((length((name)::text) < 50))"},
		{"party_parent_fkey", "FOREIGN KEY (parent) REFERENCES party(id) ON DELETE CASCADE"},
		{"party_pkey", "PRIMARY KEY (id)"},
		{"party_user_fkey", `FOREIGN KEY ("user") REFERENCES "res_user-like"(id) ON DELETE SET NULL`},
	}, constraints); diff != "" {
		t.Error(diff)
	}
	indexes := all(t, db, sql.SQL(`SELECT indexname FROM pg_indexes WHERE tablename LIKE 'party%' ORDER BY indexname COLLATE "C"`))
	if diff := cmp.Diff([][]any{
		{"party__history_id_index"}, {"party__history_pkey"}, {"party_lower_index"}, {"party_name_index"},
		{"party_name_unique"}, {"party_parent_index"}, {"party_pkey"},
	}, indexes); diff != "" {
		t.Error(diff)
	}
	defaults := all(t, db, sql.SQL(`SELECT column_name, data_type, column_default FROM information_schema.columns
		WHERE table_name LIKE 'party%' AND column_default IS NOT NULL ORDER BY column_name COLLATE "C"`))
	if diff := cmp.Diff([][]any{
		{"__id", "integer", "nextval('party__history___id_seq'::regclass)"},
		{"id", "integer", "nextval('party_id_seq'::regclass)"},
	}, defaults); diff != "" {
		t.Error(diff)
	}
}

func TestSyncForeignKeysAct(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, syncParty, syncUser)
		run(t, db, sql.SQL(`INSERT INTO party (id, name) VALUES (1, 'a'), (2, 'b')`))
		run(t, db, sql.SQL(`INSERT INTO "res_user-like" (id, party) VALUES (1, 2), (2, NULL)`))
		run(t, db, sql.SQL(`INSERT INTO party (id, name, parent, "user") VALUES (3, 'c', 1, NULL), (4, 'd', 2, 2)`))
		run(t, db, sql.SQL(`DELETE FROM "res_user-like" WHERE id = 2`))
		run(t, db, sql.SQL(`DELETE FROM party WHERE id = 1`))
		got := all(t, db, sql.SQL(`SELECT id, parent, "user" FROM party ORDER BY id`))
		if diff := cmp.Diff([][]any{{int64(2), nil, nil}, {int64(4), int64(2), nil}}, got); diff != "" {
			t.Error(diff)
		}
		err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			_, err := tx.Exec(t.Context(), sql.SQL(`DELETE FROM party WHERE id = 2`))
			return err
		})
		if sql.KindOf(err) != sql.ForeignKeyViolation {
			t.Errorf("restrict: %v", err)
		}
	})
}

// A table with rows, which other rows refer to, gets more columns and
// constraints, wider types and fewer NOT NULLs, and keeps every row.
func TestSyncChangesTableWithRows(t *testing.T) {
	before := sql.Table{Name: "t", Columns: []sql.Column{
		{Name: "code", Kind: sql.Varchar, Size: 5, NotNull: true},
		{Name: "n", Kind: sql.Integer},
		{Name: "gone", Kind: sql.Varchar, NotNull: true},
		{Name: "at", Kind: sql.DateTime},
		{Name: "active", Kind: sql.Boolean},
		{Name: "late", Kind: sql.Integer},
		{Name: "other", Kind: sql.Integer},
	}}
	child := sql.Table{Name: "child", Columns: []sql.Column{{Name: "t", Kind: sql.Integer, References: "t", OnDelete: "CASCADE"}}}
	after := sql.Table{Name: "t", Columns: []sql.Column{
		{Name: "code", Kind: sql.Varchar, Size: 9},
		{Name: "n", Kind: sql.BigInteger, NotNull: true},
		{Name: "at", Kind: sql.Timestamp},
		{Name: "active", Kind: sql.Boolean, Default: "false"},
		{Name: "late", Kind: sql.Integer, NotNull: true},
		{Name: "other", Kind: sql.Integer, References: "child", OnDelete: "SET NULL", Index: true},
		{Name: "amount", Kind: sql.Numeric},
		{Name: "state", Kind: sql.Varchar, NotNull: true, Default: "'draft'"},
		{Name: "needed", Kind: sql.Integer, NotNull: true},
		{Name: "self", Kind: sql.Integer, References: "t", OnDelete: "RESTRICT"},
	},
		Checks:  []sql.Check{{Name: "t_n_positive", Expr: "n > 0"}},
		Uniques: []sql.Unique{{Name: "t_code_unique", Columns: []string{"code"}}},
	}
	want := map[string][]string{
		"sqlite": {
			"t: add check t_n_positive", "t: add column amount", "t: add column needed", "t: add column self", "t: add column state",
			"t: add index t_other_index", "t: add unique t_code_unique", "t: column at to TIMESTAMP(6)", "t: column code to VARCHAR(9)",
			"t: column n to BIGINT", "t: default of active", "t: drop not null of code", "t: drop not null of gone",
			"t: foreign key t_other_fkey", "t: set not null of n",
		},
		"postgresql": {
			"t: add check t_n_positive", "t: add column amount", "t: add column needed", "t: add column self", "t: add column state",
			"t: add index t_other_index", "t: add unique t_code_unique", "t: column at to timestamp(6) without time zone",
			"t: column code to character varying(9)", "t: column n to bigint", "t: default of active", "t: drop not null of code",
			"t: drop not null of undeclared gone", "t: foreign key t_other_fkey", "t: foreign key t_self_fkey",
			"t: set not null of n", "t: set not null of state",
		},
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, before, child)
		run(t, db, sql.SQL(`INSERT INTO t (code, n, gone, at, late) VALUES ('a', 1, 'x', ?, NULL), ('b', 2, 'y', ?, 2)`,
			"2024-01-02 03:04:05.000000", "2024-01-02 03:04:06.000000"))
		run(t, db, sql.SQL(`INSERT INTO child (t) VALUES (1), (1), (2)`))
		all(t, db, sql.SQL(`SELECT * FROM t`)) // a reader that knows the table as it was

		if diff := cmp.Diff(want[s.Dialect().Name()], syncTables(t, db, after, child)); diff != "" {
			t.Errorf("changes: %s", diff)
		}
		if got := syncTables(t, db, after, child); len(got) != 0 {
			t.Errorf("again: %q", got)
		}
		rows := all(t, db, sql.SQL(`SELECT id, code, n, gone, late, active, state, amount FROM t ORDER BY id`))
		if diff := cmp.Diff([][]any{
			{int64(1), "a", int64(1), "x", nil, nil, "draft", nil},
			{int64(2), "b", int64(2), "y", int64(2), nil, "draft", nil},
		}, rows); diff != "" {
			t.Errorf("rows: %s", diff)
		}
		if got := all(t, db, sql.SQL(`SELECT COUNT(*) FROM child`))[0][0]; got != int64(3) {
			t.Errorf("children: %v", got)
		}

		bad := map[string]sql.ErrorKind{
			`INSERT INTO t (code, n, late, needed) VALUES ('a', 1, 1, 1)`:           sql.UniqueViolation,
			`INSERT INTO t (code, n, late, needed) VALUES ('c', 0, 1, 1)`:           sql.CheckViolation,
			`INSERT INTO t (code, late, needed) VALUES ('c', 1, 1)`:                 sql.NotNullViolation,
			`INSERT INTO t (code, n, late, needed, other) VALUES ('c', 1, 1, 1, 9)`: sql.ForeignKeyViolation,
			`INSERT INTO t (code, n, late, needed, self) VALUES ('c', 1, 1, 1, 9)`:  sql.ForeignKeyViolation,
		}
		for text, kind := range bad {
			err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				_, err := tx.Exec(t.Context(), sql.SQL(text))
				return err
			})
			if err == nil || sql.KindOf(err) != kind {
				t.Errorf("%s: %v", text, err)
			}
		}
		run(t, db, sql.SQL(`INSERT INTO t (code, n, amount) VALUES ('c', 3, '1.10')`))
		run(t, db, sql.SQL(`DELETE FROM t WHERE id = 1`))
		rows = all(t, db, sql.SQL(`SELECT code, active, amount FROM t ORDER BY id`))
		if diff := cmp.Diff([][]any{{"b", nil, nil}, {"c", false, "1.10"}}, rows); diff != "" {
			t.Errorf("rows: %s", diff)
		}

		// When the values have come, NOT NULL comes too.
		run(t, db, sql.SQL(`UPDATE t SET late = 1, needed = 1`))
		if diff := cmp.Diff([]string{"t: set not null of late", "t: set not null of needed"}, syncTables(t, db, after, child)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSyncRefusesWhatWouldLose(t *testing.T) {
	column := func(k sql.Kind, size int) sql.Table {
		return sql.Table{Name: "t", Columns: []sql.Column{{Name: "c", Kind: k, Size: size}}}
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, column(sql.Varchar, 10))
		run(t, db, sql.SQL(`INSERT INTO t (c) VALUES ('x'), ('x')`))
		refused(t, db, sql.Other, column(sql.Integer, 0))
		refused(t, db, sql.Other, column(sql.Binary, 0))
		refused(t, db, sql.UniqueViolation, sql.Table{Name: "t", Uniques: []sql.Unique{{Name: "u", Columns: []string{"c"}}}})
		refused(t, db, sql.CheckViolation, sql.Table{Name: "t", Checks: []sql.Check{{Name: "k", Expr: "c = 'y'"}}})
		other := sql.Table{Name: "o", Columns: []sql.Column{{Name: "t", Kind: sql.Integer}}}
		syncTables(t, db, other)
		run(t, db, sql.SQL(`INSERT INTO o (t) VALUES (99)`))
		other.Columns[0].References = "t"
		refused(t, db, sql.ForeignKeyViolation, other)
		if got := syncTables(t, db, column(sql.Varchar, 5)); len(got) != 0 { // is wide enough
			t.Errorf("narrower: %q", got)
		}
		if got := syncTables(t, db, column(sql.Text, 0)); len(got) != 1 {
			t.Errorf("wider: %q", got)
		}
		if got := all(t, db, sql.SQL(`SELECT c FROM t`)); len(got) != 2 {
			t.Errorf("rows: %v", got)
		}
	})
}

func TestSyncCutsLongNames(t *testing.T) {
	long := sql.Table{Name: "account_payment_stripe_something_with_quite_a_long_name_x", Columns: []sql.Column{
		{Name: "reference_to_the_other", Kind: sql.Integer, References: "account_payment_stripe_something_with_quite_a_long_name_x", Index: true},
	}}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, long)
		if got := syncTables(t, db, long); len(got) != 0 {
			t.Errorf("again: %q", got)
		}
		transact(t, db, func(tx *sql.Tx) error {
			ids, err := tx.Insert(t.Context(), long.Name, []string{"id"}, [][]any{{7}})
			if diff := cmp.Diff([]int64{7}, ids); diff != "" {
				t.Error(diff)
			}
			return err
		})
	})
}

// Several programs may start on an empty database at once.
func TestSyncAtOnce(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := sqltest.Database(t, s)
		var starts sync.WaitGroup
		for range 4 {
			starts.Go(func() {
				err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
					_, err := tx.Sync(t.Context(), []sql.Table{syncParty, syncUser})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		starts.Wait()
		if got := syncTables(t, db, syncParty, syncUser); len(got) != 0 {
			t.Errorf("again: %q", got)
		}
	})
}

func TestInsert(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, everything, syncParty, syncUser, syncHistory)
		ctx := t.Context()
		const many = 7000
		var rows [][]any
		for i := range many {
			row := make([]any, len(everything.Columns))
			row[0], row[10] = i, fmt.Sprint(i)
			rows = append(rows, row)
		}
		transact(t, db, func(tx *sql.Tx) error {
			ids, err := tx.Insert(ctx, "everything", columnNames(everything), rows)
			if err != nil {
				return err
			}
			found, err := tx.QueryAll(ctx, sql.SQL(`SELECT id, "integer" FROM everything ORDER BY id`))
			if err != nil {
				return err
			}
			if len(ids) != many || len(found) != many {
				t.Fatalf("%d ids, %d rows", len(ids), len(found))
			}
			for i, f := range found {
				if f[0] != ids[i] || f[1] != int64(i) {
					t.Fatalf("row %d: %v, id %d", i, f, ids[i])
				}
			}
			if ids, err = tx.Insert(ctx, "everything", nil, nil); err != nil || len(ids) != 0 {
				t.Errorf("nothing: %v, %v", ids, err)
			}
			history, err := tx.Insert(ctx, "party__history", []string{"id", "name"}, [][]any{{9, "x"}, {8, "y"}})
			if diff := cmp.Diff([]int64{1, 2}, history); diff != "" {
				t.Errorf("history: %s", diff)
			}
			return err
		})
		// Ids that are given count too, whatever their order.
		transact(t, db, func(tx *sql.Tx) error {
			given, err := tx.Insert(ctx, "party", []string{"name", "id"}, [][]any{{"a", 30}, {"b", int64(0)}, {"c", 20}})
			if err != nil {
				return err
			}
			next, err := tx.Insert(ctx, "party", []string{"name"}, [][]any{{"d"}, {"e"}})
			if diff := cmp.Diff([][]int64{{30, 0, 20}, {31, 32}}, [][]int64{given, next}); diff != "" {
				t.Errorf("ids: %s", diff)
			}
			return err
		})
		err := db.Transact(ctx, sql.Options{}, func(tx *sql.Tx) error {
			_, err := tx.Insert(ctx, "party", []string{"name"}, [][]any{{"x", 1}})
			return err
		})
		if err == nil {
			t.Error("a row that is too long went in")
		}
	})
}

// What Sync did is undone with the transaction or the savepoint.
func TestSyncIsUndone(t *testing.T) {
	before := sql.Table{Name: "t", Columns: []sql.Column{{Name: "n", Kind: sql.Integer}}}
	after := sql.Table{Name: "t", Columns: []sql.Column{
		{Name: "n", Kind: sql.BigInteger, NotNull: true},
		{Name: "more", Kind: sql.Numeric, NotNull: true, Default: "'1'"},
	}, Checks: []sql.Check{{Name: "t_n", Expr: "n > 0"}}}
	no := errors.New("no")
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, before)
		run(t, db, sql.SQL(`INSERT INTO t (n) VALUES (1)`))
		var first []string
		change := func(tx *sql.Tx) (err error) {
			if first, err = tx.Sync(t.Context(), []sql.Table{after}); err != nil {
				return err
			}
			if _, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (n, more) VALUES (2, '3')`)); err != nil {
				return err
			}
			return no
		}
		if err := db.Transact(t.Context(), sql.Options{}, change); !errors.Is(err, no) {
			t.Fatal(err)
		}
		run(t, db, sql.SQL(`INSERT INTO t (n) VALUES (NULL)`))
		transact(t, db, func(tx *sql.Tx) error {
			if _, err := tx.Exec(t.Context(), sql.SQL(`DELETE FROM t WHERE n IS NULL`)); err != nil {
				return err
			}
			if err := tx.Savepoint(t.Context(), func() error { return change(tx) }); !errors.Is(err, no) {
				return err
			}
			_, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (n) VALUES (0)`))
			return err
		})
		run(t, db, sql.SQL(`DELETE FROM t WHERE n = 0`))
		slices.Sort(first)
		if diff := cmp.Diff(first, syncTables(t, db, after)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([][]any{{int64(1), "1"}}, all(t, db, sql.SQL(`SELECT n, more FROM t`))); diff != "" {
			t.Error(diff)
		}
	})
}
