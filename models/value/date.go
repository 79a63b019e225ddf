package value

import (
	"cmp"
	"fmt"
	"time"
)

// Years that a date may have, as in Python.
const (
	minYear = 1
	maxYear = 9999
)

// Date is a calendar day without a time or a zone. Dates compare with ==. The zero value is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate is the given day, or an error when there is no such day between the years 1 and 9999.
func NewDate(year int, month time.Month, day int) (Date, error) {
	d := Date{year, month, day}
	if !d.Valid() {
		return Date{}, fmt.Errorf("there is no date %d-%d-%d", year, int(month), day)
	}
	return d, nil
}

// ParseDate reads "2006-01-02".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < minYear {
		return Date{}, fmt.Errorf("%q is not a date", shorten(text))
	}
	return DateOf(t), nil
}

// MustParseDate is ParseDate for constants in code; it panics where ParseDate returns an error.
func MustParseDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic("value.MustParseDate: " + err.Error())
	}
	return d
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Today is the day of now in now's own zone.
func Today(now time.Time) Date { return DateOf(now) }

// Valid tells whether d is a day of the calendar.
func (d Date) Valid() bool {
	return d.Year >= minYear && d.Year <= maxYear && DateOf(d.Time()) == d
}

// IsZero tells whether d is the zero value, which is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Time is midnight UTC of d.
func (d Date) Time() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// AddDays is the day n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return DateOf(d.Time().AddDate(0, 0, n)) }

// DaysSince is the number of days from o to d.
func (d Date) DaysSince(o Date) int {
	return int((d.Time().Unix() - o.Time().Unix()) / (24 * 60 * 60))
}

// Before tells whether d is earlier than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After tells whether d is later than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Compare is -1, 0 or +1 as d is before, the same as or after o.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// String is "2006-01-02".
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// TimeOfDay is a time on the clock, without day or zone. Compares with ==; the zero value is midnight.
type TimeOfDay struct {
	Hour, Minute, Second, Microsecond int
}

// NewTimeOfDay is the given time, or an error when a part is out of its range.
func NewTimeOfDay(hour, minute, second, microsecond int) (TimeOfDay, error) {
	t := TimeOfDay{hour, minute, second, microsecond}
	if !t.Valid() {
		return TimeOfDay{}, fmt.Errorf("there is no time %d:%d:%d.%06d", hour, minute, second, microsecond)
	}
	return t, nil
}

// ParseTimeOfDay reads "15:04", "15:04:05" or "15:04:05.999999".
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return TimeOfDayOf(t), nil
		}
	}
	return TimeOfDay{}, fmt.Errorf("%q is not a time", shorten(text))
}

// TimeOfDayOf is the time on the clock of t in t's own zone, to the microsecond.
func TimeOfDayOf(t time.Time) TimeOfDay {
	h, m, s := t.Clock()
	return TimeOfDay{h, m, s, t.Nanosecond() / 1000}
}

// Valid tells whether every part is in its range.
func (t TimeOfDay) Valid() bool {
	return within(t.Hour, 24) && within(t.Minute, 60) && within(t.Second, 60) && within(t.Microsecond, 1e6)
}

func within(n, limit int) bool { return n >= 0 && n < limit }

// Compare is -1, 0 or +1 as t is before, the same as or after o.
func (t TimeOfDay) Compare(o TimeOfDay) int {
	return cmp.Or(cmp.Compare(t.Hour, o.Hour), cmp.Compare(t.Minute, o.Minute),
		cmp.Compare(t.Second, o.Second), cmp.Compare(t.Microsecond, o.Microsecond))
}

// String is "15:04:05", with six decimals when there are microseconds.
func (t TimeOfDay) String() string {
	s := fmt.Sprintf("%02d:%02d:%02d", t.Hour, t.Minute, t.Second)
	if t.Microsecond != 0 {
		s += fmt.Sprintf(".%06d", t.Microsecond)
	}
	return s
}
