package ir

import (
	"slices"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type cron struct {
	models.Model
	Method         models.Selection
	IntervalNumber models.Integer
	IntervalType   models.Selection
	Minute         models.Integer
	Hour           models.Integer
	Weekday        models.Many2One
	Day            models.Integer
	NextCall       models.DateTime
	Active         models.Boolean
}

// Crons is ir.cron: what the scheduler does and when.
var Crons = models.Define(&cron{
	Model:          models.Model{Name: "ir.cron", String: "Cron", RecName: "method"},
	Method:         models.NewSelection(models.Field{String: "Method", Required: true, SelectionMethod: "get_methods"}),
	IntervalNumber: models.NewInteger(models.Field{String: "Interval Number", Required: true}),
	IntervalType: models.NewSelection(models.Field{String: "Interval Type", Required: true, Unsorted: true,
		Selection: [][2]any{{"minutes", "Minutes"}, {"hours", "Hours"}, {"days", "Days"}, {"weeks", "Weeks"}, {"months", "Months"}}}),
	Minute: models.NewInteger(models.Field{String: "Minute", Depends: []string{"interval_type"},
		States: notFor("minutes"), Domain: within("minute", 0, 59)}),
	Hour: models.NewInteger(models.Field{String: "Hour", Depends: []string{"interval_type"},
		States: notFor("minutes", "hours"), Domain: within("hour", 0, 23)}),
	Weekday: models.NewMany2One(models.Field{String: "Day of Week", Relation: "ir.calendar.day", Depends: []string{"interval_type"},
		States: notFor("minutes", "hours", "days")}),
	Day: models.NewInteger(models.Field{String: "Day", Depends: []string{"interval_type"},
		States: notFor("minutes", "hours", "days", "weeks"), Domain: within("day", 1, 31)}),
	NextCall: models.NewDateTime(models.Field{String: "Next Call", Index: true}),
	Active:   models.NewBoolean(models.Field{String: "Active"}),
})

func notFor(types ...any) map[string]any {
	return map[string]any{"invisible": pyson.In(pyson.Eval("interval_type", ""), types)}
}

func within(field string, least, most int64) []any {
	return []any{"OR", []any{field, "=", nil}, []any{[]any{field, ">=", least}, []any{field, "<=", most}}}
}

// cronMethod is what a scheduled action may call.
type cronMethod struct {
	name, label string
	run         func(*models.Tx) error
}

// CronMethod lets scheduled actions call run under a name as "model|method".
// It is called in the Setup of an extension of ir.cron. run is called in a
// transaction of the server itself (user 0), with the company in the context
// where the action has companies.
func CronMethod(c *models.Class, name, label string, run func(*models.Tx) error) {
	c.Hook("method", cronMethod{name, label, run})
}

func cronMethods(c *models.Class) []cronMethod {
	var list []cronMethod
	for _, hook := range c.Hooks("method") {
		list = append(list, hook.(cronMethod))
	}
	return list
}

// Setup binds the list of methods and the button that runs an action now.
func (c *cron) Setup(class *models.Class) {
	class.DefaultValue(c.Active, true)
	class.DefaultValue(c.IntervalNumber, int64(1))
	// Run by hand it is only announced: the scheduler sends outside of any transaction.
	CronMethod(class, SendQueueMethod, "Send E-mails", func(tx *models.Tx) error { return tx.Notify(schedulerChannel, SendQueueMethod) })
	class.Selections("get_methods", func(*models.Record) [][2]any {
		var list [][2]any
		for _, m := range cronMethods(class) {
			list = append(list, [2]any{m.name, m.label})
		}
		return list
	})
	class.BindRecName(func(r *models.Record) string {
		for _, m := range cronMethods(class) {
			if m.name == c.Method.Of(r) {
				return m.label
			}
		}
		return c.Method.Of(r)
	}, nil)
	class.Validate(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if c.IntervalNumber.Of(r) < 1 {
				return models.UserError("The interval number of a scheduled action must be 1 or more.")
			}
		}
		return nil
	})
	class.Button(models.Button{Name: "run_once"}, func(tx *models.Tx, records []*models.Record) (any, error) {
		for _, r := range records {
			if err := RunCron(tx, r); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// Schedule is when a scheduled action is called, as its fields say; -1 stands
// for a field that is empty.
type Schedule struct {
	Number                     int
	Type                       string // minutes, hours, days, weeks or months
	Minute, Hour, Weekday, Day int    // Weekday: Monday is 0
}

// Next is the time of the call after now: now plus the interval, then set to
// the minute, hour and day that the schedule wants. A day beyond the end of
// its month is the month's last.
func (s Schedule) Next(now time.Time) time.Time {
	t := s.step(now).Truncate(time.Second)
	minute, hour, day := t.Minute(), t.Hour(), t.Day()
	coarser := []string{"minutes", "hours", "days", "weeks", "months"}
	from := slices.Index(coarser, s.Type)
	if s.Minute >= 0 && from > 0 {
		minute = s.Minute
	}
	if s.Hour >= 0 && from > 1 {
		hour = s.Hour
	}
	if s.Day > 0 && from > 3 {
		day = min(s.Day, lastDay(t.Year(), t.Month()))
	}
	t = time.Date(t.Year(), t.Month(), day, hour, minute, t.Second(), 0, t.Location())
	if s.Weekday >= 0 && from > 2 {
		ahead := (s.Weekday - (int(t.Weekday())+6)%7 + 7) % 7
		t = t.AddDate(0, 0, ahead)
	}
	return t
}

func (s Schedule) step(now time.Time) time.Time {
	switch s.Type {
	case "minutes":
		return now.Add(time.Duration(s.Number) * time.Minute)
	case "hours":
		return now.Add(time.Duration(s.Number) * time.Hour)
	case "days":
		return now.AddDate(0, 0, s.Number)
	case "weeks":
		return now.AddDate(0, 0, 7*s.Number)
	}
	first := time.Date(now.Year(), now.Month()+time.Month(s.Number), 1, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), now.Location())
	return first.AddDate(0, 0, min(now.Day(), lastDay(first.Year(), first.Month()))-1)
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// CronSchedule is the schedule of a scheduled action.
func CronSchedule(r *models.Record) Schedule {
	s := Schedule{Number: int(Crons.IntervalNumber.Of(r)), Type: Crons.IntervalType.Of(r), Minute: -1, Hour: -1, Weekday: -1, Day: -1}
	for field, part := range map[models.Integer]*int{Crons.Minute: &s.Minute, Crons.Hour: &s.Hour, Crons.Day: &s.Day} {
		if !field.IsNull(r) {
			*part = int(field.Of(r))
		}
	}
	if d := Crons.Weekday.Of(r); d != nil {
		s.Weekday = int(days.Index.Of(d))
	}
	return s
}

// DueCrons returns the active scheduled actions whose time has come, those
// that wait longest first. Their rows are locked until the end of the
// transaction; rows that another server has locked are left out.
func DueCrons(tx *models.Tx) []*models.Record {
	return Crons.Search(tx, domain.AnyOf(Crons.NextCall.Le(tx.Now()), Crons.NextCall.Eq(nil)),
		models.OrderBy("next_call", "id"), models.ForUpdate())
}

// RunCron calls the method of a scheduled action as the server itself: once,
// or once for each of the action's companies. It does not change its next call.
func RunCron(tx *models.Tx, r *models.Record) error {
	name := Crons.Method.Of(r)
	for _, m := range cronMethods(r.Class()) {
		if m.name != name {
			continue
		}
		server := tx.As(0)
		companies, _ := companiesOf(r)
		if len(companies) == 0 {
			return m.run(server)
		}
		for _, company := range companies {
			if err := m.run(server.With(map[string]any{"company": company})); err != nil {
				return err
			}
		}
		return nil
	}
	return models.NotFoundError("the method %q of a scheduled action", name)
}

// companiesOf are the companies for which an action runs; module company has the field.
func companiesOf(r *models.Record) ([]int64, bool) {
	if r.Class().Field("companies") == nil {
		return nil, false
	}
	ids, ok := r.Get("companies").([]int64)
	return ids, ok
}

// PlanNext sets the next call of a scheduled action that was called at now.
func PlanNext(tx *models.Tx, r *models.Record, now time.Time) error {
	return Crons.Write(tx, []*models.Record{r}, Crons.NextCall.To(CronSchedule(r).Next(now)))
}
