package sql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"paytond/sql"
	"paytond/sql/sqltest"
)

func TestMain(m *testing.M) {
	code := sqltest.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// everything is a table with a column of every kind.
var everything = sql.Table{Name: "everything", Columns: []sql.Column{
	{Name: "integer", Kind: sql.Integer},
	{Name: "big", Kind: sql.BigInteger},
	{Name: "float", Kind: sql.Float},
	{Name: "amount", Kind: sql.Numeric},
	{Name: "active", Kind: sql.Boolean, Default: "false"},
	{Name: "date", Kind: sql.Date},
	{Name: "at", Kind: sql.DateTime},
	{Name: "stamp", Kind: sql.Timestamp},
	{Name: "time", Kind: sql.Time},
	{Name: "delay", Kind: sql.Interval},
	{Name: "name", Kind: sql.Varchar, Size: 20},
	{Name: "note", Kind: sql.Text},
	{Name: "data", Kind: sql.Binary},
	{Name: "json", Kind: sql.JSON},
}}

// synced gives a database with the tables.
func synced(t testing.TB, s *sql.Server, tables ...sql.Table) *sql.DB {
	t.Helper()
	db := sqltest.Database(t, s)
	transact(t, db, func(tx *sql.Tx) error {
		_, err := tx.Sync(t.Context(), tables)
		return err
	})
	return db
}

func transact(t testing.TB, db *sql.DB, fn func(tx *sql.Tx) error) {
	t.Helper()
	if err := db.Transact(t.Context(), sql.Options{}, fn); err != nil {
		t.Fatal(err)
	}
}

// all gives the rows of a query in a transaction that reads only.
func all(t testing.TB, db *sql.DB, q sql.F) [][]any {
	t.Helper()
	var rows [][]any
	err := db.Transact(t.Context(), sql.Options{ReadOnly: true}, func(tx *sql.Tx) (err error) {
		rows, err = tx.QueryAll(t.Context(), q)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func run(t testing.TB, db *sql.DB, q sql.F) {
	t.Helper()
	transact(t, db, func(tx *sql.Tx) error {
		_, err := tx.Exec(t.Context(), q)
		return err
	})
}

func columnNames(table sql.Table) []string {
	var names []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	return names
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	stamp := time.Date(2024, 2, 29, 23, 59, 58, 123456789, time.FixedZone("east", 3600))
	rows := [][]any{
		{
			int64(-7), int64(1) << 40, 1.5, "1.10", true,
			sql.DateValue(time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("west", -7200))),
			stamp.Truncate(time.Second), stamp, "23:59:58.000001", 36*time.Hour + 1500*time.Microsecond,
			"élan ? ''\\", "a\nb", []byte{0, 255, 1}, `{"a": [1, "x"]}`,
		},
		make([]any, 14),
		{0, 0, 0.0, "0", false, "0001-01-01", time.Time{}, time.Time{}, "00:00:00", -time.Minute, "", "", []byte{}, `5`},
	}
	utc := func(y int, m time.Month, d, h, min, s, ns int) time.Time {
		return time.Date(y, m, d, h, min, s, ns, time.UTC)
	}
	want := [][]any{
		{
			int64(-7), int64(1) << 40, 1.5, "1.10", true,
			utc(2024, 2, 29, 0, 0, 0, 0), utc(2024, 2, 29, 22, 59, 58, 0), utc(2024, 2, 29, 22, 59, 58, 123456000),
			"23:59:58.000001", 36*time.Hour + 1500*time.Microsecond,
			"élan ? ''\\", "a\nb", []byte{0, 255, 1}, `{"a": [1, "x"]}`,
		},
		make([]any, 14),
		{
			int64(0), int64(0), 0.0, "0", false,
			utc(1, 1, 1, 0, 0, 0, 0), utc(1, 1, 1, 0, 0, 0, 0), utc(1, 1, 1, 0, 0, 0, 0),
			"00:00:00", -time.Minute, "", "", []byte{}, `5`,
		},
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, everything)
		transact(t, db, func(tx *sql.Tx) error {
			_, err := tx.Insert(t.Context(), "everything", columnNames(everything), rows)
			return err
		})
		var names []sql.F
		for _, n := range columnNames(everything) {
			names = append(names, sql.SQL(sql.Quote(n)))
		}
		got := all(t, db, sql.SQL(`SELECT ? FROM everything ORDER BY id`, names))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
		// As conditions they find the same row again.
		for i, name := range columnNames(everything) {
			if name == "json" {
				continue
			}
			found := all(t, db, sql.SQL(`SELECT id FROM everything WHERE `+sql.Quote(name)+` = ?`, rows[0][i]))
			if diff := cmp.Diff([][]any{{int64(1)}}, found); diff != "" {
				t.Errorf("by %s: %s", name, diff)
			}
		}
	})
}

func TestScanConverts(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, everything)
		at := time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC)
		transact(t, db, func(tx *sql.Tx) error {
			_, err := tx.Insert(t.Context(), "everything", []string{"integer", "active", "stamp", "delay", "amount"},
				[][]any{{3, true, at, time.Second, "2.50"}})
			return err
		})
		transact(t, db, func(tx *sql.Tx) error {
			rows, err := tx.Query(t.Context(), sql.SQL(
				`SELECT MAX("integer"), COALESCE(active, active), MAX(stamp), MAX(delay), MAX(amount), MAX(note) FROM everything GROUP BY active`))
			if err != nil {
				return err
			}
			defer rows.Close()
			var (
				n      int
				active bool
				stamp  time.Time
				delay  time.Duration
				amount string
				note   any
			)
			if !rows.Next() {
				t.Fatal("no row")
			}
			if err := rows.Scan(&n, &active, &stamp, &delay, &amount, &note); err != nil {
				return err
			}
			got := []any{n, active, stamp, delay, amount, note}
			if diff := cmp.Diff([]any{3, true, at, time.Second, "2.50", nil}, got); diff != "" {
				t.Error(diff)
			}
			if err := rows.Scan(&n, &active, &stamp, &delay, &amount, &n); err == nil {
				t.Error("NULL was stored in an int")
			}
			return nil
		})
	})
}

func TestDialectText(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := sqltest.Database(t, s)
		d := db.Dialect()
		likes := []struct {
			text, pattern string
			fold, want    bool
		}{
			{"Élan", "élan", true, true},
			{"Élan", "élan", false, false},
			{"Élan", "É%", false, true},
			{"abc", "ABC", false, false},
			{"abc", "a_c", false, true},
			{"a%c", `a\%c`, false, true},
			{"abc", `a\%c`, false, false},
			{"a_c", `a\_c`, true, true},
			{"abcabd", "%ab_", false, true},
			{"abcabd", "%abc", false, false},
			{"", "%", false, true},
			{"", "_", false, false},
			{`a\b`, `a\\b`, false, true},
			{"xaaab", "%a%ab", false, true},
			{"ΣΊΣΥΦΟΣ", "σίσ%", true, true},
		}
		for _, c := range likes {
			rows := all(t, db, sql.SQL(`SELECT CASE WHEN `+d.Like("CAST(? AS text)", "?", c.fold)+` THEN 1 ELSE 0 END`, c.text, c.pattern))
			if got := rows[0][0] == int64(1); got != c.want {
				t.Errorf("%q like %q (fold %v): got %v", c.text, c.pattern, c.fold, got)
			}
		}
		if got := all(t, db, sql.SQL(`SELECT `+d.Like("CAST(NULL AS text)", "?", true), "%"))[0][0]; got != nil {
			t.Errorf("NULL like: %v", got)
		}

		casts := []struct {
			kind sql.Kind
			arg  any
			same any
		}{
			{sql.Date, "2024-02-29 10:00:00.000000", "2024-02-29"},
			{sql.Timestamp, "2024-02-29", "2024-02-29 00:00:00.000000"},
			{sql.DateTime, "2024-02-29 10:00:00.999999", "2024-02-29 10:00:00.000000"},
			{sql.Integer, "12", "12"},
			{sql.Numeric, "1.10", "1.1"},
			{sql.Varchar, "x", "x"},
			{sql.Time, "10:00:00", "10:00:00"},
		}
		for _, c := range casts {
			text := "CAST(? AS text)"
			if c.kind == sql.DateTime || c.kind == sql.Date { // through a timestamp, as from a column
				text = d.Cast("?", sql.Timestamp)
			}
			rows := all(t, db, sql.SQL(`SELECT 1 WHERE `+d.Cast(text, c.kind)+` = `+d.Cast("?", c.kind), c.arg, c.same))
			if len(rows) != 1 {
				t.Errorf("cast of %v to %v is not %v", c.arg, c.kind, c.same)
			}
		}

		transact(t, db, func(tx *sql.Tx) error {
			rows, err := tx.Query(t.Context(), sql.SQL(`SELECT `+d.Now()+`, `+d.Plus(d.Now(), "?"), 90*time.Second))
			if err != nil {
				return err
			}
			defer rows.Close()
			var now, later time.Time
			rows.Next()
			if err := rows.Scan(&now, &later); err != nil {
				return err
			}
			if away := time.Since(now).Abs(); away > time.Minute {
				t.Errorf("clock is %v away", away)
			}
			if d := later.Sub(now); d < 90*time.Second || d > 95*time.Second {
				t.Errorf("later by %v", d)
			}
			return nil
		})
	})
}

func TestServer(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		ctx := t.Context()
		ours, foreign := sqltest.Name(), sqltest.Name()
		for _, name := range []string{ours, foreign} {
			if err := s.Create(ctx, name); err != nil {
				t.Fatal(err)
			}
			defer s.Drop(context.Background(), name)
		}
		if err := s.Create(ctx, ours); sql.KindOf(err) != sql.Exists {
			t.Errorf("second create: %v", err)
		}
		db, err := s.Open(ctx, ours)
		if err != nil {
			t.Fatal(err)
		}
		if db.Name() != ours {
			t.Errorf("name %q", db.Name())
		}
		if err := db.Ping(ctx); err != nil {
			t.Error(err)
		}
		transact(t, db, func(tx *sql.Tx) error {
			_, err := tx.Sync(ctx, []sql.Table{{Name: "ir_configuration"}})
			return err
		})
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		names, err := s.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(names, ours) || slices.Contains(names, foreign) || !slices.IsSorted(names) {
			t.Errorf("list: %q", names)
		}
		for _, name := range []string{"absent", "../" + ours, "a/b", "", ".x", `a"b`} {
			if _, err := s.Open(ctx, name); !errors.Is(err, sql.ErrNotExist) {
				t.Errorf("open %q: %v", name, err)
			}
		}
		if err := s.Drop(ctx, "absent"); !errors.Is(err, sql.ErrNotExist) {
			t.Errorf("drop: %v", err)
		}
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		if names, err := s.List(canceled); sql.KindOf(err) != sql.Canceled {
			t.Errorf("canceled list: %v, %v", names, err)
		}
	})
}

func TestMemory(t *testing.T) {
	s := sqltest.SQLite(t)
	if err := s.Create(t.Context(), ":memory:"); err != nil {
		t.Fatal(err)
	}
	db, err := s.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	transact(t, db, func(tx *sql.Tx) error {
		if _, err := tx.Sync(t.Context(), []sql.Table{everything}); err != nil {
			return err
		}
		_, err := tx.Insert(t.Context(), "everything", nil, make([][]any, 3))
		return err
	})
	if got := all(t, db, sql.SQL(`SELECT COUNT(*) FROM everything`))[0][0]; got != int64(3) {
		t.Errorf("rows: %v", got)
	}
}

func TestNewServerRefuses(t *testing.T) {
	for _, uri := range []string{"mysql://x", "postgresql://u:s3cret@h:port/", "x"} {
		_, err := sql.NewServer(uri, "")
		if err == nil {
			t.Errorf("%s: no error", uri)
		} else if contains(err.Error(), "s3cret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
