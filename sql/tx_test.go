package sql_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/sql"
	"paytond/sql/sqltest"
)

// counter is a table with one number.
var counter = sql.Table{Name: "counter", Columns: []sql.Column{{Name: "n", Kind: sql.Integer}}}

func counted(t testing.TB, s *sql.Server) *sql.DB {
	db := synced(t, s, counter)
	run(t, db, sql.SQL(`INSERT INTO counter (n) VALUES (0)`))
	return db
}

func numbers(t testing.TB, db *sql.DB) []any {
	var ns []any
	for _, r := range all(t, db, sql.SQL(`SELECT n FROM counter ORDER BY id`)) {
		ns = append(ns, r[0])
	}
	return ns
}

func TestTransactUndoes(t *testing.T) {
	boom := errors.New("boom")
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			tx.AfterCommit(func() { t.Error("ran after an error") })
			if _, err := tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 1`)); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("error: %v", err)
		}
		func() {
			defer func() {
				if got := recover(); got != "panic" {
					t.Errorf("recovered %v", got)
				}
			}()
			db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				if _, err := tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 2`)); err != nil {
					return err
				}
				panic("panic")
			})
		}()
		// An error that fn hides is not committed either.
		err = db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 3`))
			tx.Exec(t.Context(), sql.SQL(`INSERT INTO counter (id, n) VALUES (1, 3)`))
			tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 4`))
			return nil
		})
		if sql.KindOf(err) != sql.UniqueViolation {
			t.Errorf("hidden error: %v", err)
		}
		if diff := cmp.Diff([]any{int64(0)}, numbers(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAfterCommit(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		var ran []string
		transact(t, db, func(tx *sql.Tx) error {
			ran = nil
			tx.AfterCommit(func() { ran = append(ran, "first", fmt.Sprint(numbers(t, db))) })
			tx.Savepoint(t.Context(), func() error {
				tx.AfterCommit(func() { ran = append(ran, "undone") })
				return errors.New("no")
			})
			tx.Savepoint(t.Context(), func() error {
				tx.AfterCommit(func() { ran = append(ran, "second") })
				return nil
			})
			_, err := tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 1`))
			return err
		})
		if diff := cmp.Diff([]string{"first", "[1]", "second"}, ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSavepoint(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		ctx := t.Context()
		transact(t, db, func(tx *sql.Tx) error {
			set := func(n int) error {
				_, err := tx.Exec(ctx, sql.SQL(`UPDATE counter SET n = ?`, n))
				return err
			}
			if err := tx.Savepoint(ctx, func() error { return set(1) }); err != nil {
				return err
			}
			err := tx.Savepoint(ctx, func() error {
				if err := set(2); err != nil {
					return err
				}
				inner := tx.Savepoint(ctx, func() error {
					_, err := tx.Exec(ctx, sql.SQL(`INSERT INTO counter (id) VALUES (1)`))
					return err
				})
				if sql.KindOf(inner) != sql.UniqueViolation {
					t.Errorf("inner: %v", inner)
				}
				_, err := tx.Exec(ctx, sql.SQL(`SELECT nonsense FROM counter`))
				return err
			})
			if err == nil {
				t.Error("no error")
			}
			func() {
				defer func() { recover() }()
				tx.Savepoint(ctx, func() error { set(3); panic("x") })
			}()
			return nil
		})
		if diff := cmp.Diff([]any{int64(1)}, numbers(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRowsMustBeClosed(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		transact(t, db, func(tx *sql.Tx) error {
			rows, err := tx.Query(t.Context(), sql.SQL(`SELECT n, id FROM counter`))
			if err != nil {
				return err
			}
			if diff := cmp.Diff([]string{"n", "id"}, rows.Columns()); diff != "" {
				t.Error(diff)
			}
			rows.Next()
			if _, err := tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 1`)); err == nil {
				t.Error("a statement went through while rows were open")
			}
			rows.Close()
			_, err = tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = 1`))
			return err
		})
	})
}

func TestErrorKinds(t *testing.T) {
	parent := sql.Table{Name: "parent"}
	child := sql.Table{Name: "child",
		Columns: []sql.Column{
			{Name: "parent", Kind: sql.Integer, References: "parent", OnDelete: "RESTRICT"},
			{Name: "code", Kind: sql.Varchar, NotNull: true, Default: "'x'"},
			{Name: "n", Kind: sql.Integer},
			{Name: "active", Kind: sql.Boolean},
		},
		Checks:  []sql.Check{{Name: "child_n_small", Expr: "n < 10"}},
		Uniques: []sql.Unique{{Name: "child_code_n_unique", Columns: []string{"code", "n"}}},
		Indexes: []sql.Index{{Name: "child_active_unique", Expr: "(n + 0)", Where: "active", Unique: true}},
	}
	insert := func(text string) sql.F { return sql.SQL(`INSERT INTO child ` + text) }
	cases := []struct {
		name  string
		q     sql.F
		want  sql.ErrorKind
		table string
		field string
		names []string // on sqlite, on postgresql
	}{
		{"unique", insert(`(code, n) VALUES ('a', 1), ('a', 1)`), sql.UniqueViolation, "child", "", []string{"child_code_n_unique", "child_code_n_unique"}},
		{"index", insert(`(code, n, active) VALUES ('a', 1, TRUE), ('b', 1, TRUE)`), sql.UniqueViolation, "", "", []string{"child_active_unique", "child_active_unique"}},
		{"primary key", insert(`(id) VALUES (7), (7)`), sql.UniqueViolation, "child", "", []string{"child_pkey", "child_pkey"}},
		{"reference", insert(`(parent) VALUES (99)`), sql.ForeignKeyViolation, "", "", []string{"", "child_parent_fkey"}},
		{"restrict", sql.SQL(`DELETE FROM parent WHERE id = 1`), sql.ForeignKeyViolation, "", "", []string{"", "child_parent_fkey"}},
		{"null", insert(`(code) VALUES (NULL)`), sql.NotNullViolation, "child", "code", []string{"", ""}},
		{"check", insert(`(n) VALUES (10)`), sql.CheckViolation, "", "", []string{"child_n_small", "child_n_small"}},
		{"negative id", insert(`(id) VALUES (-1)`), sql.CheckViolation, "", "", []string{"child_id_positive", "child_id_positive"}},
		{"nonsense", sql.SQL(`SELECT nothing FROM nowhere`), sql.Other, "", "", []string{"", ""}},
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, child, parent)
		run(t, db, sql.SQL(`INSERT INTO parent (id) VALUES (1)`))
		run(t, db, insert(`(parent) VALUES (1)`))
		for _, c := range cases {
			err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				_, err := tx.Exec(t.Context(), c.q)
				return err
			})
			if err == nil || sql.KindOf(err) != c.want {
				t.Errorf("%s: kind %d: %v", c.name, sql.KindOf(err), err)
				continue
			}
			e, _ := errors.AsType[*sql.Error](err)
			name := c.names[0]
			if s.Dialect().Name() == "postgresql" {
				name = c.names[1]
			}
			if e.Constraint != name {
				t.Errorf("%s: constraint %q", c.name, e.Constraint)
			}
			if c.table != "" && e.Table != c.table || c.field != "" && e.Column != c.field {
				t.Errorf("%s: table %q, column %q", c.name, e.Table, e.Column)
			}
		}
		err := db.Transact(t.Context(), sql.Options{ReadOnly: true}, func(tx *sql.Tx) error {
			_, err := tx.Exec(t.Context(), insert(`(n) VALUES (1)`))
			return err
		})
		if sql.KindOf(err) != sql.ReadOnly {
			t.Errorf("write in a read-only transaction: %v", err)
		}
	})
}

func TestCancel(t *testing.T) {
	long := map[string]string{
		"postgresql": `SELECT pg_sleep(60)`,
		"sqlite":     `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n`,
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := db.Transact(ctx, sql.Options{}, func(tx *sql.Tx) error {
			_, err := tx.QueryAll(ctx, sql.SQL(long[s.Dialect().Name()]))
			return err
		})
		if sql.KindOf(err) != sql.Canceled || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error: %v", err)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("took %v", d)
		}
		run(t, db, sql.SQL(`UPDATE counter SET n = 1`)) // still works
	})
}

func TestNoServer(t *testing.T) {
	s, err := sql.NewServer("postgresql://nobody@127.0.0.1:1/?sslmode=disable", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "x"); sql.KindOf(err) != sql.Unavailable {
		t.Errorf("open: %v", err)
	}
	if _, err := s.List(t.Context()); sql.KindOf(err) != sql.Unavailable {
		t.Errorf("list: %v", err)
	}
}

// Two transactions read the number before either has written it. On PostgreSQL
// one of them collides and is done again.
func TestRetryAfterCollision(t *testing.T) {
	db := counted(t, sqltest.Postgres(t))
	var both sync.WaitGroup // until both have read
	both.Add(2)
	var runs [2]int
	var done sync.WaitGroup
	for i := range runs {
		done.Go(func() {
			err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				runs[i]++
				rows, err := tx.QueryAll(t.Context(), sql.SQL(`SELECT n FROM counter`))
				if err != nil {
					return err
				}
				if runs[i] == 1 {
					both.Done()
					both.Wait()
				}
				_, err = tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = ?`, rows[0][0].(int64)+1))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if runs[0]+runs[1] != 3 {
		t.Errorf("runs: %v", runs)
	}
	if diff := cmp.Diff([]any{int64(2)}, numbers(t, db)); diff != "" {
		t.Error(diff)
	}
}

func TestRetryGivesUp(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		runs := 0
		err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			runs++
			return fmt.Errorf("wrapped: %w", &sql.Error{Kind: sql.Serialization, Err: errors.New("again")})
		})
		if runs != 5 || sql.KindOf(err) != sql.Serialization {
			t.Errorf("%d runs, %v", runs, err)
		}
	})
}

func TestManyWriters(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		var writers sync.WaitGroup
		for range 8 {
			writers.Go(func() {
				for range 10 {
					err := db.Transact(t.Context(), sql.Options{ReadCommitted: true}, func(tx *sql.Tx) error {
						if err := tx.Lock(t.Context(), "counter"); err != nil {
							return err
						}
						rows, err := tx.QueryAll(t.Context(), sql.SQL(`SELECT n FROM counter`))
						if err != nil {
							return err
						}
						_, err = tx.Exec(t.Context(), sql.SQL(`UPDATE counter SET n = ?`, rows[0][0].(int64)+1))
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		if diff := cmp.Diff([]any{int64(80)}, numbers(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

// A reader sees the database as it was, and neither waits for a writer nor
// makes it wait.
func TestReadersAndWriter(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := counted(t, s)
		q := sql.SQL(`SELECT n FROM counter`)
		err := db.Transact(t.Context(), sql.Options{ReadOnly: true}, func(tx *sql.Tx) error {
			before, err := tx.QueryAll(t.Context(), q)
			if err != nil {
				return err
			}
			run(t, db, sql.SQL(`UPDATE counter SET n = 1`))
			after, err := tx.QueryAll(t.Context(), q)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("the view changed: %s", diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]any{int64(1)}, numbers(t, db)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestClaim(t *testing.T) {
	const jobs, workers = 60, 6
	job := sql.Table{Name: "job", Columns: []sql.Column{{Name: "owner", Kind: sql.Integer, Index: true}}}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, job)
		transact(t, db, func(tx *sql.Tx) error {
			_, err := tx.Insert(t.Context(), "job", nil, make([][]any, jobs))
			return err
		})
		claim := func(worker int) (ids []any, err error) {
			err = db.Transact(t.Context(), sql.Options{ReadCommitted: true}, func(tx *sql.Tx) error {
				ids = nil
				rows, err := tx.QueryAll(t.Context(), sql.SQL(
					`WITH due AS MATERIALIZED (
						SELECT id FROM job WHERE owner IS NULL ORDER BY id LIMIT 4`+db.Dialect().LockClause()+`)
					UPDATE job SET owner = ? WHERE id IN (SELECT id FROM due) RETURNING id`, worker))
				for _, r := range rows {
					ids = append(ids, r[0])
				}
				return err
			})
			return ids, err
		}
		var mu sync.Mutex
		times := map[any]int{}
		var all sync.WaitGroup
		for worker := range workers {
			all.Go(func() {
				for {
					ids, err := claim(worker)
					if err != nil {
						t.Error(err)
					}
					if len(ids) == 0 {
						return
					}
					mu.Lock()
					for _, id := range ids {
						times[id]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if len(times) != jobs {
			t.Errorf("%d jobs claimed", len(times))
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("job %v claimed %d times", id, n)
			}
		}
	})
}

// What one transaction has locked, another one passes over without waiting.
func TestClaimSkipsLocked(t *testing.T) {
	db := synced(t, sqltest.Postgres(t), counter)
	run(t, db, sql.SQL(`INSERT INTO counter (n) VALUES (1), (2)`))
	first := sql.SQL(`SELECT id FROM counter ORDER BY id LIMIT 1` + db.Dialect().LockClause())
	transact(t, db, func(one *sql.Tx) error {
		if _, err := one.QueryAll(t.Context(), first); err != nil {
			return err
		}
		transact(t, db, func(two *sql.Tx) error {
			rows, err := two.QueryAll(t.Context(), first)
			if diff := cmp.Diff([][]any{{int64(2)}}, rows); diff != "" {
				t.Error(diff)
			}
			return err
		})
		return nil
	})
}
