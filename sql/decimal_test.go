package sql_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paytond/sql"
	"paytond/sql/sqltest"
)

var amounts = sql.Table{Name: "amounts", Columns: []sql.Column{{Name: "amount", Kind: sql.Numeric, Index: true}}}

// decimalText draws decimals of few values, so that some are equal, and of many digits.
var decimalText = rapid.Custom(func(t *rapid.T) string {
	whole := rapid.OneOf(
		rapid.Map(rapid.Int64Range(0, 12), func(n int64) string { return fmt.Sprint(n) }),
		rapid.StringMatching(`[1-9][0-9]{0,30}`),
	).Draw(t, "whole")
	frac := rapid.SampledFrom([]string{"", ".0", ".1", ".10", ".9", ".09", ".000000000000000000001"}).Draw(t, "frac")
	sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
	text := sign + whole + frac
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-") // there is no negative zero
	}
	return text
})

func rat(t interface{ Fatalf(string, ...any) }, v any) *big.Rat {
	s, _ := v.(string)
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("no decimal: %v", v)
	}
	return r
}

func scale(s string) int {
	_, frac, _ := strings.Cut(s, ".")
	return len(frac)
}

// Decimals come back as they went, and their order, comparison and sum are
// those of math/big, whatever the database.
func TestDecimalsAreExact(t *testing.T) {
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, amounts)
		d := db.Dialect()
		rapid.Check(t, func(r *rapid.T) {
			texts := rapid.SliceOfN(decimalText, 1, 12).Draw(r, "amounts")
			pivot := decimalText.Draw(r, "pivot")
			run(t, db, sql.SQL(`DELETE FROM amounts`))
			var rows [][]any
			for _, text := range texts {
				rows = append(rows, []any{text})
			}
			transact(t, db, func(tx *sql.Tx) error {
				_, err := tx.Insert(t.Context(), "amounts", []string{"amount"}, rows)
				return err
			})
			if diff := cmp.Diff(rows, all(t, db, sql.SQL(`SELECT amount FROM amounts ORDER BY id`))); diff != "" {
				r.Fatalf("in and out: %s", diff)
			}
			checkOrder(r, all(t, db, sql.SQL(`SELECT amount FROM amounts ORDER BY amount`)))
			checkComparison(r, texts, pivot, all(t, db, sql.SQL(`SELECT
				COUNT(CASE WHEN amount < ? THEN 1 END), COUNT(CASE WHEN amount = ? THEN 1 END),
				COUNT(CASE WHEN ? < amount THEN 1 END), COUNT(CASE WHEN amount IN (?, ?) THEN 1 END) FROM amounts`,
				pivot, pivot, pivot, pivot, pivot))[0])
			totals := all(t, db, sql.SQL(`SELECT `+d.Sum("amount")+`, MIN(amount), MAX(amount),
				COUNT(DISTINCT amount) FROM amounts`))[0]
			checkTotals(r, texts, totals)
			sum := new(big.Rat).Sub(rat(r, totals[0]), rat(r, pivot))
			above := all(t, db, sql.SQL(`SELECT COUNT(*) FROM amounts HAVING `+d.Sum("amount")+` > `+d.Cast("?", sql.Numeric), pivot))
			if (sum.Sign() > 0) != (len(above) == 1) {
				r.Fatalf("sum %v above %s: %v", totals[0], pivot, above)
			}
		})
	})
}

func checkOrder(r *rapid.T, rows [][]any) {
	for i := 1; i < len(rows); i++ {
		if rat(r, rows[i-1][0]).Cmp(rat(r, rows[i][0])) > 0 {
			r.Fatalf("order: %v", rows)
		}
	}
}

func checkComparison(r *rapid.T, texts []string, pivot string, got []any) {
	want := []any{int64(0), int64(0), int64(0), int64(0)}
	for _, text := range texts {
		i := 1 + rat(r, text).Cmp(rat(r, pivot))
		want[i] = want[i].(int64) + 1
	}
	want[3] = want[1]
	if diff := cmp.Diff(want, got); diff != "" {
		r.Fatalf("less, equal, greater, in: %s", diff)
	}
}

func checkTotals(r *rapid.T, texts []string, got []any) {
	sum, digits := new(big.Rat), 0
	least, most := rat(r, texts[0]), rat(r, texts[0])
	distinct := map[string]bool{}
	for _, text := range texts {
		v := rat(r, text)
		sum.Add(sum, v)
		digits = max(digits, scale(text))
		distinct[v.String()] = true
		if v.Cmp(least) < 0 {
			least = v
		}
		if v.Cmp(most) > 0 {
			most = v
		}
	}
	if want := sum.FloatString(digits); got[0] != want {
		r.Fatalf("sum %v, want %s", got[0], want)
	}
	if rat(r, got[1]).Cmp(least) != 0 || rat(r, got[2]).Cmp(most) != 0 {
		r.Fatalf("least %v, most %v of %v", got[1], got[2], texts)
	}
	if got[3] != int64(len(distinct)) {
		r.Fatalf("%v distinct of %v", got[3], texts)
	}
}

func TestDecimalForms(t *testing.T) {
	forms := map[string]string{
		"1E+2": "100", "1E-7": "0.0000001", "1.50E1": "15.0", "-0.00": "0.00", "+1": "1",
		".5": "0.5", "5.": "5", "007.10": "7.10", "12e0": "12", "0": "0", "-1.5E-3": "-0.0015",
	}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, amounts)
		for in, want := range forms {
			run(t, db, sql.SQL(`DELETE FROM amounts`))
			run(t, db, sql.SQL(`INSERT INTO amounts (amount) VALUES (?)`, in))
			if got := all(t, db, sql.SQL(`SELECT amount FROM amounts WHERE amount = ?`, want)); !cmp.Equal(got, [][]any{{want}}) {
				t.Errorf("%s: got %v, want %s", in, got, want)
			}
		}
		for _, bad := range []string{"", "x", "1,5", "1..2", "1E", "--1", "1e999999999"} {
			err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
				_, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO amounts (amount) VALUES (?)`, bad))
				return err
			})
			if err == nil {
				t.Errorf("%q was stored", bad)
			}
		}
		run(t, db, sql.SQL(`DELETE FROM amounts`))
		run(t, db, sql.SQL(`INSERT INTO amounts (amount) VALUES (NULL)`))
		if got := all(t, db, sql.SQL(`SELECT `+db.Dialect().Sum("amount")+` FROM amounts`))[0][0]; got != nil {
			t.Errorf("sum of nothing: %v", got)
		}
	})
}

func TestDecimalUniqueIsByValue(t *testing.T) {
	unique := sql.Table{Name: "prices", Columns: []sql.Column{{Name: "price", Kind: sql.Numeric}},
		Uniques: []sql.Unique{{Name: "prices_price_unique", Columns: []string{"price"}}}}
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		db := synced(t, s, unique)
		run(t, db, sql.SQL(`INSERT INTO prices (price) VALUES ('1.1')`))
		err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			_, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO prices (price) VALUES (?)`, "1.10"))
			return err
		})
		if sql.KindOf(err) != sql.UniqueViolation {
			t.Errorf("error: %v", err)
		}
	})
}
