package currency_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/models/value"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

// published is a source of rates for tests; nil fails.
type published map[value.Date]map[string]value.Decimal

func (p published) Rates(context.Context, value.Date, value.Date) (map[value.Date]map[string]value.Decimal, error) {
	if p == nil {
		return nil, errors.New("the source does not answer")
	}
	return p, nil
}

func modulesWith(source currency.Source) func() []*models.Module {
	return func() []*models.Module {
		return []*models.Module{ir.Module(), res.Module(), country.Module(), currency.ModuleWith(source)}
	}
}

var dec = value.MustParse

func day(text string) value.Date { return value.MustParseDate(text) }

// add stores a currency with rates by day.
func add(tx *models.Tx, code, symbol string, rates map[string]string) *models.Record {
	c := currency.Currency
	r, err := c.Create(tx, c.Name.To(code), c.Code.To(code), c.Symbol.To(symbol))
	models.Must(err)
	for date, rate := range rates {
		_, err := currency.Rate.Create(tx, currency.Rate.Currency.To(r), currency.Rate.Date.To(day(date)), currency.Rate.Rate.To(dec(rate)))
		models.Must(err)
	}
	return r
}

func TestRates(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modulesWith(published{}), func(t *testing.T, db *models.Database) {
		db.Now = func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
		var euro, dollar, yen int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			euro = add(tx, "EUR", "€", map[string]string{"2026-01-01": "1"}).ID()
			dollar = add(tx, "USD", "$", map[string]string{"2026-01-01": "1.1", "2026-11-24": "1.25", "2026-11-25": "2"}).ID()
			yen = add(tx, "JPY", "¥", nil).ID()
			for id, want := range map[int64]string{euro: "1", dollar: "1.25", yen: "0"} {
				if got := currency.Currency.Rate.Of(currency.Currency.Get(tx, id)); !got.Equal(dec(want)) {
					t.Errorf("rate of %d: got %s, want %s", id, got, want)
				}
			}
			before := tx.With(map[string]any{"date": day("2026-11-23")})
			if got := currency.Currency.Rate.Of(currency.Currency.Get(before, dollar)); !got.Equal(dec("1.1")) {
				t.Errorf("rate of the day before: got %s", got)
			}
		})
		for _, test := range []struct {
			from, to int64
			amount   string
			round    bool
			want     string
		}{
			{euro, dollar, "10.01", true, "12.51"},
			{euro, dollar, "10.01", false, "12.5125"},
			{dollar, euro, "1", true, "0.80"},
			{euro, euro, "1.005", true, "1.00"},
			{euro, yen, "1", true, ""},
			{yen, euro, "1", true, ""},
		} {
			got, err := modelstest.Call(db, 1, nil, "currency.currency", "compute", test.from, dec(test.amount), test.to, test.round)
			if test.want == "" {
				if !models.IsKind(err, models.KindUser) {
					t.Errorf("without a rate: got %v, %v", got, err)
				}
				continue
			}
			if err != nil || !got.(value.Decimal).Equal(dec(test.want)) {
				t.Errorf("%s: got %v, %v, want %s", test.amount, got, err, test.want)
			}
		}
		for name, values := range map[string]map[string]any{
			"a second rate for a day": {"currency": dollar, "date": day("2026-11-24"), "rate": dec("1")},
			"a negative rate":         {"currency": yen, "date": day("2026-11-24"), "rate": dec("-1")},
			"too many digits":         {"currency": yen, "date": day("2026-11-24"), "rate": dec("1.1234567")},
		} {
			if _, err := modelstest.Call(db, 1, nil, "currency.currency.rate", "create", []any{values}); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestClientCalls(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modulesWith(published{}), func(t *testing.T, db *models.Database) {
		created, err := modelstest.Call(db, 1, nil, "currency.currency", "create", []any{map[string]any{
			"active": true, "digits": int64(2), "rounding": dec("0.01"), "code": "EUR", "name": "Euro", "symbol": "€"}})
		if err != nil {
			t.Fatal(err)
		}
		id := created.([]int64)[0]
		for _, sign := range []int64{-1, 0, 1} {
			got, err := modelstest.Call(db, 1, map[string]any{"language": "en"}, "currency.currency", "get_symbol", id, sign)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]any{"€", int64(0)}, got); diff != "" {
				t.Errorf("get_symbol with sign %d: %s", sign, diff)
			}
		}
		if _, err := modelstest.Call(db, 1, nil, "currency.currency", "get_symbol", "x", int64(1)); !models.IsKind(err, models.KindBadRequest) {
			t.Errorf("get_symbol of nonsense: got %v", err)
		}
		line := func(date, rate string) map[string]any {
			return map[string]any{"id": int64(-1), "date": day(date), "rate": dec(rate)}
		}
		got, err := modelstest.Call(db, 1, nil, "currency.currency", "on_change_with",
			map[string]any{"id": id, "rates": []any{line("2020-01-01", "2"), line("2021-01-01", "3"), line("9999-01-01", "4")}}, []any{"rate"})
		if err != nil {
			t.Fatal(err)
		}
		if rate := got.(map[string]any)["rate"]; !rate.(value.Decimal).Equal(dec("3")) {
			t.Errorf("the rate of a form: got %v, want 3", rate)
		}
		found, err := modelstest.Call(db, 1, nil, "currency.currency", "search", []any{[]any{"rec_name", "ilike", "%eur%"}})
		if err != nil || len(found.([]int64)) != 1 {
			t.Errorf("search by code: got %v, %v", found, err)
		}
		outsider := newUser(t, db)
		if _, err := modelstest.Call(db, outsider, nil, "currency.currency", "write", []any{id}, map[string]any{"name": "x"}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a user without the group writes a currency: got %v", err)
		}
		if _, err := modelstest.Call(db, outsider, nil, "currency.currency", "read", []any{id}, []any{"name", "rate"}); err != nil {
			t.Errorf("a user without the group reads a currency: %v", err)
		}
	})
}

// newUser adds a user without groups.
func newUser(t *testing.T, db *models.Database) (id int64) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		r, err := res.User.Create(tx, res.User.Name.To("Outsider"), res.User.Login.To("outsider"))
		models.Must(err)
		id = r.ID()
	})
	return id
}

func TestFetch(t *testing.T) {
	source := published{
		day("2026-11-20"): {"EUR": dec("1"), "USD": dec("1.05"), "JPY": dec("160")},
		day("2026-11-23"): {"EUR": dec("1"), "USD": dec("1.1"), "JPY": dec("165")},
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modulesWith(source), func(t *testing.T, db *models.Database) {
		db.Now = func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
		var cron, dollar, yen int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			dollar, yen = add(tx, "USD", "$", nil).ID(), add(tx, "JPY", "¥", nil).ID()
			c := currency.Cron
			r, err := c.Create(tx, c.Source.To("ecb"), c.Frequency.To("daily"), c.Day.To(nil), c.Currency.To(dollar),
				c.LastUpdate.To(day("2026-11-21")), c.Currencies.To([]any{[]any{"add", []any{yen}}}))
			models.Must(err)
			cron = r.ID()
		})
		for range 2 { // pressed again, it changes nothing
			if _, err := modelstest.Call(db, 1, nil, "currency.cron", "run", []any{cron}); err != nil {
				t.Fatal(err)
			}
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if got := currency.Cron.LastUpdate.Of(currency.Cron.Get(tx, cron)); got != day("2026-11-24") {
				t.Errorf("last update: got %s", got)
			}
			got := map[string]string{}
			for _, r := range currency.Rate.Search(tx, currency.Rate.Currency.Eq(yen)) {
				got[currency.Rate.Date.Of(r).String()] = currency.Rate.Rate.Of(r).Reduce().String()
			}
			want := map[string]string{"2026-11-22": "152.380952", "2026-11-23": "150", "2026-11-24": "150"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			for _, r := range currency.Rate.Search(tx, currency.Rate.Currency.Eq(dollar)) {
				if got := currency.Rate.Rate.Of(r); !got.Equal(dec("1")) {
					t.Errorf("the base currency is worth %s", got)
				}
			}
		})
	})
}

func TestFetchFails(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modulesWith(published(nil)), func(t *testing.T, db *models.Database) {
		var cron int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			c := currency.Cron
			r, err := c.Create(tx, c.Source.To("ecb"), c.Currency.To(add(tx, "EUR", "€", nil)))
			models.Must(err)
			cron = r.ID()
		})
		if _, err := modelstest.Call(db, 1, nil, "currency.cron", "run", []any{cron}); !models.IsKind(err, models.KindUser) {
			t.Errorf("without an answer of the source: got %v", err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			actions := ir.Crons.Search(tx, domain.C("method", domain.Equal, "currency.cron|update"))
			if len(actions) != 1 {
				t.Fatalf("%d scheduled actions fetch rates, want 1", len(actions))
			}
			if err := ir.RunCron(tx, actions[0]); err != nil {
				t.Errorf("nothing is due, so nothing is asked: %v", err)
			}
		})
	})
}
