package currency

import (
	"context"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/pyson"
	"paytond/models/value"
)

type cron struct {
	models.Model
	Source     models.Selection
	Frequency  models.Selection
	Weekday    models.Many2One
	Day        models.Integer
	Currency   models.Many2One
	Currencies models.Many2Many
	LastUpdate models.Date
}

var (
	weekly  = pyson.Equal(pyson.Eval("frequency", ""), "weekly")
	monthly = pyson.Equal(pyson.Eval("frequency", ""), "monthly")
)

// Cron is currency.cron: which rates are fetched from where and how often.
var Cron = models.Define(&cron{
	Model: models.Model{Name: "currency.cron", String: "Currency Cron"},
	Source: models.NewSelection(models.Field{String: "Source", Required: true,
		Selection: [][2]any{{"ecb", "European Central Bank"}}, Help: "Who publishes the rates."}),
	Frequency: models.NewSelection(models.Field{String: "Frequency", Required: true,
		Selection: [][2]any{{"daily", "Daily"}, {"weekly", "Weekly"}, {"monthly", "Monthly"}},
		Help:      "How often the rates are fetched."}),
	Weekday: models.NewMany2One(models.Field{String: "Day of Week", Relation: "ir.calendar.day",
		States:  map[string]any{"required": weekly, "invisible": pyson.Not(weekly)},
		Depends: []string{"frequency"}}),
	Day: models.NewInteger(models.Field{String: "Day of Month",
		Domain: []any{pyson.If(monthly, []any{[]any{"day", ">=", 1}, []any{"day", "<=", 31}},
			[]any{[]any{"day", "=", nil}})},
		States:  map[string]any{"required": monthly, "invisible": pyson.Not(monthly)},
		Depends: []string{"frequency"}}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Required: true,
		Help: "The currency whose unit the rates are for."}),
	Currencies: models.NewMany2Many(models.Field{String: "Currencies", Relation: "currency.currency",
		Through: "currency.cron-currency.currency", RelationField: "cron", RelationTarget: "currency",
		Help: "The currencies whose rates are fetched."}),
	LastUpdate: models.NewDate(models.Field{String: "Last Update", Required: true}),
})

// Setup binds the defaults: once a month, as of today.
func (x *cron) Setup(c *models.Class) {
	c.DefaultValue(x.Frequency, "monthly")
	c.DefaultValue(x.Day, int64(1))
	c.Default(x.LastUpdate, func(tx *models.Tx) any { return today(tx) })
	c.OnChange(x.Frequency, func(r *models.Record) {
		if x.Frequency.Of(r) != "monthly" {
			x.Day.Set(r, nil)
		}
	}, x.Frequency)
}

type cronCurrency struct {
	models.Model
	Cron     models.Many2One
	Currency models.Many2One
}

// CronCurrency is currency.cron-currency.currency: a currency that a cron fetches.
var CronCurrency = models.Define(&cronCurrency{
	Model: models.Model{Name: "currency.cron-currency.currency", String: "Currency Cron - Currency", Internal: true},
	Cron: models.NewMany2One(models.Field{String: "Cron", Relation: "currency.cron", Required: true, Index: true,
		OnDelete: "CASCADE"}),
	Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Required: true, Index: true,
		OnDelete: "CASCADE"}),
})

// Source publishes rates of exchange.
type Source interface {
	// Rates gives the published rates by day and currency code, each against
	// the same base currency, from the last day published before since on.
	Rates(ctx context.Context, since value.Date, today value.Date) (map[value.Date]map[string]value.Decimal, error)
}

// fetcher adds to currency.cron what needs a source of rates.
type fetcher struct {
	models.Extension
	source Source
}

func newFetcher(source Source) *fetcher {
	return models.Define(&fetcher{Extension: models.Extension{Name: "currency.cron"}, source: source})
}

// Setup binds the button, and the same for the scheduler.
func (f *fetcher) Setup(c *models.Class) {
	c.Button(models.Button{Name: "run"}, func(tx *models.Tx, crons []*models.Record) (any, error) {
		for _, r := range crons {
			if err := f.update(tx, r, true); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// updateAll fetches what is due for all crons.
func (f *fetcher) updateAll(tx *models.Tx) error {
	for _, r := range Cron.Search(tx, nil) {
		if err := f.update(tx, r, false); err != nil {
			return err
		}
	}
	return nil
}

// schedule offers the fetch of rates as a scheduled action.
type schedule struct {
	models.Extension
	fetcher *fetcher
}

func newSchedule(f *fetcher) *schedule {
	return models.Define(&schedule{Extension: models.Extension{Name: "ir.cron"}, fetcher: f})
}

// Setup binds the scheduled action under Tryton's name.
func (s *schedule) Setup(c *models.Class) {
	ir.CronMethod(c, "currency.cron|update", "Update Currency Rates", s.fetcher.updateAll)
}

// update stores the rates of the days that are due; a pressed button also
// fetches today's when nothing is.
func (f *fetcher) update(tx *models.Tx, r *models.Record, pressed bool) error {
	now := today(tx)
	days := rhythmOf(r).due(Cron.LastUpdate.Of(r), now)
	if len(days) == 0 && pressed {
		days = []value.Date{now}
	}
	if len(days) == 0 {
		return nil
	}
	published, err := f.source.Rates(tx.Ctx(), days[0], now)
	if err != nil {
		tx.Database().Log.Warn("fetch of currency rates failed", "error", err)
		return models.UserError("The rates of \"%s\" cannot be fetched now. Try again later.", Cron.Currency.Of(r).Name())
	}
	for _, day := range days {
		if err := store(tx, r, day, latest(published, day)); err != nil {
			return err
		}
	}
	return Cron.Write(tx, []*models.Record{r}, Cron.LastUpdate.To(days[len(days)-1]))
}

// rhythm is when rates are wanted: daily, weekly on a weekday (Monday is 0),
// or monthly on a day, the last one in shorter months.
type rhythm struct {
	frequency    string
	weekday, day int
}

func rhythmOf(r *models.Record) rhythm {
	weekday, _ := Cron.Weekday.Of(r).Get("index").(int64)
	return rhythm{Cron.Frequency.Of(r), int(weekday), int(Cron.Day.Of(r))}
}

// due are the wanted days after last up to today.
func (h rhythm) due(last, today value.Date) []value.Date {
	var days []value.Date
	for day := h.next(last); !day.After(today); day = h.next(day) {
		days = append(days, day)
	}
	return days
}

// next is the first wanted day after day.
func (h rhythm) next(day value.Date) value.Date {
	switch h.frequency {
	case "weekly":
		day = day.AddDays(1)
		for (int(day.Time().Weekday())+6)%7 != h.weekday {
			day = day.AddDays(1)
		}
		return day
	case "monthly":
		if this := inMonth(day.Year, day.Month, h.day); this.After(day) {
			return this
		}
		return inMonth(day.Year, day.Month+1, h.day)
	}
	return day.AddDays(1)
}

// inMonth is the wanted day of a month, or its last.
func inMonth(year int, month time.Month, wanted int) value.Date {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
	return value.DateOf(last.AddDate(0, 0, min(wanted, last.Day())-last.Day()))
}

// latest are the rates of the last published day up to day, nil if there is none.
func latest(published map[value.Date]map[string]value.Decimal, day value.Date) map[string]value.Decimal {
	var best value.Date
	for d := range published {
		if !d.After(day) && d.After(best) {
			best = d
		}
	}
	return published[best]
}

// store writes the rates of a day, over those that there are. The cron's own
// currency is worth 1.
func store(tx *models.Tx, r *models.Record, day value.Date, rates map[string]value.Decimal) error {
	base := Cron.Currency.Of(r)
	unit, ok := rates[Currency.Code.Of(base)]
	if len(rates) == 0 {
		return nil
	}
	if !ok || unit.IsZero() {
		return models.UserError("The source publishes no rate of \"%s\".", base.Name())
	}
	for _, c := range append([]*models.Record{base}, Cron.Currencies.Of(r)...) {
		rate, ok := rates[Currency.Code.Of(c)]
		if !ok {
			continue
		}
		against, err := rate.Quo(unit)
		if err != nil {
			return err
		}
		if err := put(tx, c, day, against.Quantize(6)); err != nil {
			return err
		}
	}
	return nil
}

func put(tx *models.Tx, c *models.Record, day value.Date, rate value.Decimal) error {
	have := Rate.Search(tx, domain.AllOf(Rate.Currency.Eq(c.ID()), Rate.Date.Eq(day)))
	if len(have) > 0 {
		return Rate.Write(tx, have, Rate.Rate.To(rate))
	}
	_, err := Rate.Create(tx, Rate.Currency.To(c.ID()), Rate.Date.To(day), Rate.Rate.To(rate))
	return err
}
