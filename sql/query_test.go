package sql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/sql"
	"paytond/sql/sqltest"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func TestText(t *testing.T) {
	a, b := sql.SQL("a = ?", 1), sql.SQL("b IN (?)", []int64{2, 3})
	cases := []struct {
		name string
		got  sql.F
		text string
		args []any
	}{
		{"splice", sql.SQL("x AND ? AND c = ?", a, "z"), "x AND a = ? AND c = ?", []any{1, "z"}},
		{"list of F", sql.SQL("SELECT ?", []sql.F{sql.SQL("a"), a}), "SELECT a, a = ?", []any{1}},
		{"ints", b, "b IN (?, ?)", []any{int64(2), int64(3)}},
		{"strings", sql.SQL("IN (?)", []string{"x", "y"}), "IN (?, ?)", []any{"x", "y"}},
		{"anys", sql.SQL("IN (?)", []any{nil}), "IN (?)", []any{nil}},
		{"empty", sql.SQL("IN (?)", []string{}), "IN (NULL)", nil},
		{"and", sql.And(a, sql.F{}, b), "(a = ?) AND (b IN (?, ?))", []any{1, int64(2), int64(3)}},
		{"and of one", sql.And(sql.F{}, a), "a = ?", []any{1}},
		{"and of none", sql.And(), "TRUE", nil},
		{"or", sql.Or(a, a), "(a = ?) OR (a = ?)", []any{1, 1}},
		{"or of none", sql.Or(sql.F{}), "FALSE", nil},
		{"not", sql.Not(a), "NOT (a = ?)", []any{1}},
		{"join", sql.Join([]sql.F{a, {}, a}, "; "), "a = ?; a = ?", []any{1, 1}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(sql.F{Text: c.text, Args: c.args}, c.got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if got := sql.Quote(`a"b`); got != `"a""b"` {
		t.Errorf("quote: %s", got)
	}
}

func TestTextPanicsWhenCountsDiffer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	sql.SQL("a = ?")
}

func TestManyIDs(t *testing.T) {
	ids := make([]int64, 100_000)
	for i := range ids {
		ids[i] = int64(i)
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, sql.Table{Name: "t"})
		run(t, db, sql.SQL(`INSERT INTO t (id) VALUES (5), (99999), (100000)`))
		got := all(t, db, sql.SQL(`SELECT id FROM t WHERE id IN (?) AND TRUE ORDER BY id`, ids))
		if diff := cmp.Diff([][]any{{int64(5)}, {int64(99999)}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNeutralConditions(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := sqltest.Database(t, s)
		got := all(t, db, sql.SQL(`SELECT 1 WHERE ? AND ?`, sql.And(), sql.Not(sql.Or())))
		if len(got) != 1 {
			t.Error("not neutral")
		}
	})
}
