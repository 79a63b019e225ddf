package ir_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

func TestScheduleNext(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	none := ir.Schedule{Minute: -1, Hour: -1, Weekday: -1, Day: -1}
	with := func(number int, kind string, change func(*ir.Schedule)) ir.Schedule {
		s := none
		s.Number, s.Type = number, kind
		if change != nil {
			change(&s)
		}
		return s
	}
	for _, c := range []struct {
		name      string
		schedule  ir.Schedule
		now, want string
	}{
		{"minutes", with(15, "minutes", nil), "2026-11-24 20:28:41", "2026-11-24 20:43:41"},
		{"minutes know no minute", with(5, "minutes", func(s *ir.Schedule) { s.Minute, s.Hour = 30, 3 }), "2026-11-24 20:28:41", "2026-11-24 20:33:41"},
		{"hours", with(1, "hours", nil), "2026-11-24 23:30:00", "2026-11-25 00:30:00"},
		{"hours at a minute", with(1, "hours", func(s *ir.Schedule) { s.Minute = 5 }), "2026-11-24 20:28:41", "2026-11-24 21:05:41"},
		{"days at an hour", with(1, "days", func(s *ir.Schedule) { s.Hour, s.Minute = 3, 0 }), "2026-11-24 20:28:41", "2026-11-25 03:00:41"},
		{"weeks", with(1, "weeks", nil), "2026-11-24 20:28:41", "2026-12-01 20:28:41"},
		{"weeks on Friday", with(1, "weeks", func(s *ir.Schedule) { s.Weekday = 4 }), "2026-11-24 20:28:41", "2026-12-04 20:28:41"},
		{"weeks on the same day", with(1, "weeks", func(s *ir.Schedule) { s.Weekday = 1 }), "2026-11-24 20:28:41", "2026-12-01 20:28:41"},
		{"months from the 31st", with(1, "months", nil), "2026-01-31 10:00:00", "2026-02-28 10:00:00"},
		{"months on the 31st", with(1, "months", func(s *ir.Schedule) { s.Day = 31 }), "2026-03-05 10:00:00", "2026-04-30 10:00:00"},
		{"months over the year", with(3, "months", func(s *ir.Schedule) { s.Day, s.Hour = 1, 0 }), "2026-11-24 20:28:41", "2027-02-01 00:28:41"},
		{"leap year", with(12, "months", nil), "2028-02-29 10:00:00", "2029-02-28 10:00:00"},
	} {
		if got := c.schedule.Next(at(c.now)); !got.Equal(at(c.want)) {
			t.Errorf("%s: after %s comes %s, want %s", c.name, c.now, got.Format(time.DateTime), c.want)
		}
	}
}

// TestScheduleGoesOn checks that the next call is later for any schedule
// without fixed parts, and at the wanted weekday with one.
func TestScheduleGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0).UTC()
		s := ir.Schedule{Number: rapid.IntRange(1, 60).Draw(t, "number"), Minute: -1, Hour: -1, Day: -1,
			Type:    rapid.SampledFrom([]string{"minutes", "hours", "days", "weeks", "months"}).Draw(t, "type"),
			Weekday: rapid.IntRange(-1, 6).Draw(t, "weekday")}
		next := s.Next(now)
		if !next.After(now) {
			t.Fatalf("after %s comes %s", now, next)
		}
		if (s.Type == "weeks" || s.Type == "months") && s.Weekday >= 0 && (int(next.Weekday())+6)%7 != s.Weekday {
			t.Fatalf("%s is no weekday %d", next, s.Weekday)
		}
	})
}

// counting is a module with a method for scheduled actions.
type counting struct {
	models.Extension
	called *int
}

func (x *counting) Setup(c *models.Class) {
	ir.CronMethod(c, "ir.cron|count", "Count", func(tx *models.Tx) error {
		if tx.User() != 0 {
			return errors.New("not called as the server")
		}
		*x.called++
		return nil
	})
}

func TestCron(t *testing.T) {
	called := 0
	modules := func() []*models.Module {
		extension := models.Define(&counting{Extension: models.Extension{Name: "ir.cron"}, called: &called})
		return append(modules(), &models.Module{Name: "counting", Definitions: []models.Definition{extension},
			Data: ir.Records(ir.Cron{ID: "cron_count", Method: "ir.cron|count", Number: 15, Type: "minutes"})})
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		called = 0
		id := ref(t, db, "counting.cron_count")
		equal(t, "methods", call(t, db, admin, "ir.cron", "get_methods"), [][2]any{{ir.SendQueueMethod, "Send E-mails"}, {"ir.cron|count", "Count"}})
		call(t, db, admin, "ir.cron", "run_once", []any{id})
		equal(t, "calls after run_once", called, 1)
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, r := range ir.DueCrons(tx) {
				models.Must(ir.RunCron(tx, r))
				models.Must(ir.PlanNext(tx, r, tx.Now()))
			}
		})
		equal(t, "calls", called, 2)
		modelstest.Do(t, db, func(tx *models.Tx) {
			equal(t, "due", len(ir.DueCrons(tx)), 0)
			equal(t, "name", ir.Crons.Get(tx, id).Name(), "Count")
		})
		before := db.Now
		defer func() { db.Now = before }()
		db.Now = func() time.Time { return before().Add(16 * time.Minute) }
		modelstest.Do(t, db, func(tx *models.Tx) { equal(t, "due later", len(ir.DueCrons(tx)), 2) })
		refused(t, db, admin, models.KindUser, "ir.cron", "write", []any{id}, map[string]any{"interval_number": int64(0)})
		refused(t, db, admin, models.KindUser, "ir.cron", "write", []any{id}, map[string]any{"minute": int64(60)})
		refused(t, db, admin, models.KindUser, "ir.cron", "write", []any{id}, map[string]any{"method": "ir.cron|no"})
	})
}
