package value

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"
)

// typed turns an object of a known "__class__" into its value and leaves any other as it is.
func typed(m map[string]any) (any, error) {
	name, ok := m["__class__"].(string)
	if !ok {
		return m, nil
	}
	v, err := classValue(name, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shorten(name), err)
	}
	return v, nil
}

func classValue(name string, m map[string]any) (any, error) {
	switch name {
	case "Decimal":
		return decimalOf(m)
	case "date":
		return dateOf(m)
	case "time":
		return timeOfDayOf(m)
	case "datetime":
		return dateTimeOf(m)
	case "timedelta":
		return timeDeltaOf(m)
	case "bytes":
		return bytesOf(m)
	}
	return m, nil
}

func decimalOf(m map[string]any) (any, error) {
	text, ok := m["decimal"].(string)
	if !ok {
		return nil, fmt.Errorf("text is missing in %q", "decimal")
	}
	return Parse(text)
}

// parts reads integers out of an object and remembers the first that is missing or too large.
type parts struct {
	m   map[string]any
	err error
}

func (p *parts) get(name string) int {
	n, ok := p.m[name].(int64)
	if (!ok || n != int64(int32(n))) && p.err == nil {
		p.err = fmt.Errorf("%q is not a fitting number", name)
	}
	return int(n)
}

// optional is get for a part that may be left out.
func (p *parts) optional(name string) int {
	if _, ok := p.m[name]; !ok {
		return 0
	}
	return p.get(name)
}

func dateOf(m map[string]any) (any, error) {
	p := parts{m: m}
	year, month, day := p.get("year"), p.get("month"), p.get("day")
	if p.err != nil {
		return nil, p.err
	}
	return asAny(NewDate(year, time.Month(month), day))
}

func timeOfDayOf(m map[string]any) (any, error) {
	p := parts{m: m}
	t := TimeOfDay{p.get("hour"), p.get("minute"), p.get("second"), p.optional("microsecond")}
	if p.err != nil {
		return nil, p.err
	}
	return asAny(NewTimeOfDay(t.Hour, t.Minute, t.Second, t.Microsecond))
}

func dateTimeOf(m map[string]any) (any, error) {
	day, err := dateOf(m)
	if err != nil {
		return nil, err
	}
	clock, err := timeOfDayOf(m)
	if err != nil {
		return nil, err
	}
	return At(day.(Date), clock.(TimeOfDay)), nil
}

// At is the moment in UTC at which the clock shows t on day d.
func At(d Date, t TimeOfDay) time.Time {
	return time.Date(d.Year, d.Month, d.Day, t.Hour, t.Minute, t.Second, t.Microsecond*1000, time.UTC)
}

// timeDeltaOf rounds to microseconds. Go's durations reach 292 years; longer ones are errors.
func timeDeltaOf(m map[string]any) (any, error) {
	switch s := m["seconds"].(type) {
	case int64:
		if s > math.MaxInt64/int64(time.Second) || s < math.MinInt64/int64(time.Second) {
			return nil, fmt.Errorf("%d seconds are out of range", s)
		}
		return time.Duration(s) * time.Second, nil
	case float64:
		if math.Abs(s) >= math.MaxInt64/float64(time.Second) {
			return nil, fmt.Errorf("%v seconds are out of range", s)
		}
		return time.Duration(math.Round(s*1e6)) * time.Microsecond, nil
	}
	return nil, fmt.Errorf("%q is not a number", "seconds")
}

// bytesOf ignores white space, since some senders break lines.
func bytesOf(m map[string]any) (any, error) {
	text, ok := m["base64"].(string)
	if !ok {
		return nil, fmt.Errorf("text is missing in %q", "base64")
	}
	if strings.ContainsAny(text, " \t") {
		text = strings.Join(strings.Fields(text), "")
	}
	b, err := base64.StdEncoding.DecodeString(text) // skips line ends itself
	if err != nil {
		return nil, fmt.Errorf("base64: %w", err)
	}
	return b, nil
}

func asAny[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}
