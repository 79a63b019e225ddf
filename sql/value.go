package sql

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DateValue is an argument that is a day: the date of the time as it stands in
// its own location, without its time of day.
type DateValue time.Time

const (
	dateForm      = "2006-01-02"
	timestampForm = "2006-01-02 15:04:05.000000"
	timeForm      = "15:04:05.999999"
)

// bind gives an argument the form in which the engine stores it.
func bind(e engine, arg any) (any, error) {
	switch v := arg.(type) {
	case nil, bool, int64, float64, string, []byte:
		return v, nil
	case int:
		return int64(v), nil
	case time.Time:
		return formatTime(v.UTC(), timestampForm)
	case DateValue:
		return formatTime(time.Time(v), dateForm)
	case time.Duration:
		return e.interval(v), nil
	case driver.Valuer:
		inner, err := v.Value()
		if err != nil {
			return nil, err
		}
		if _, again := inner.(driver.Valuer); again {
			return nil, fmt.Errorf("%T is no value of a driver", inner)
		}
		return bind(e, inner)
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if t, ok := v.(time.Time); ok && err == nil { // arg was a pointer to it
		return bind(e, t)
	}
	return v, err
}

// formatTime refuses years that the text form cannot order.
func formatTime(t time.Time, form string) (any, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return nil, fmt.Errorf("year %d is out of range", y)
	}
	return t.Format(form), nil
}

// normalise turns what a driver read from a column of a kind (if known) into
// the one form that is the same for all databases.
func normalise(v any, kind Kind, known bool) (any, error) {
	if b, ok := v.([]byte); ok && len(b) == 0 {
		v = []byte{} // SQLite's driver gives nil, which is not NULL here
	}
	if !known {
		if t, ok := v.(time.Time); ok {
			return t.UTC(), nil
		}
		return v, nil
	}
	if b, ok := v.([]byte); ok && kind != Binary {
		v = string(b)
	}
	switch v := v.(type) {
	case int64:
		switch kind {
		case Boolean:
			return v != 0, nil
		case Interval:
			return time.Duration(v) * time.Microsecond, nil
		case Float:
			return float64(v), nil
		}
	case string:
		return normaliseText(v, kind)
	case time.Time:
		if kind == Time {
			return v.Format(timeForm), nil
		}
		return v.UTC(), nil
	}
	return v, nil
}

func normaliseText(s string, kind Kind) (any, error) {
	switch kind {
	case Numeric:
		if p, ok := plain(s); ok {
			return p, nil
		}
	case Date, DateTime, Timestamp:
		return parseTime(s)
	case Interval:
		return parseInterval(s)
	case Binary:
		return []byte(s), nil
	}
	return s, nil
}

// parseTime reads a date or a timestamp in storage form; the time of day and
// its fraction may be missing.
func parseTime(s string) (time.Time, error) {
	form := timestampForm[:19] // Parse accepts a fraction after the seconds
	if len(s) == len(dateForm) {
		form = dateForm
	}
	return time.Parse(form, strings.Replace(s, "T", " ", 1))
}

// parseInterval reads PostgreSQL's output form of an interval, for example
// "1 year 2 mons -3 days -04:05:06.789". As EXTRACT(EPOCH) does, it counts a
// year as 365.25 days and a month as 30 days.
func parseInterval(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	units := map[string]time.Duration{"year": day * 1461 / 4, "mon": 30 * day, "day": day}
	var sum time.Duration
	words := strings.Fields(s)
	for i := 0; i < len(words); i++ {
		if strings.Contains(words[i], ":") {
			clock, err := parseClock(words[i])
			if err != nil {
				return 0, err
			}
			sum += clock
			continue
		}
		n, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil || i+1 == len(words) {
			return 0, fmt.Errorf("sql: interval %q", s)
		}
		i++
		unit, ok := units[strings.TrimSuffix(words[i], "s")]
		if !ok {
			return 0, fmt.Errorf("sql: interval %q", s)
		}
		sum += time.Duration(n) * unit
	}
	return sum, nil
}

// parseClock reads "-04:05:06.789".
func parseClock(s string) (time.Duration, error) {
	text, negative := strings.CutPrefix(s, "-")
	text = strings.TrimPrefix(text, "+")
	text = strings.Replace(text, ":", "h", 1)
	text = strings.Replace(text, ":", "m", 1)
	d, err := time.ParseDuration(text + "s")
	if negative {
		d = -d
	}
	return d, err
}
