package pyson

import (
	"errors"
	"fmt"
	"time"

	"paytond/models/value"
)

var errOutOfRange = errors.New("out of range")

// maxDelta bounds the parts of dates, so that no sum overflows; it is far more than a calendar has days.
const maxDelta = 1_000_000_000_000

// whole evaluates an argument as an integer; given is false for null.
func (e *evaluator) whole(arg any) (n int64, given bool, err error) {
	v, err := e.value(arg)
	if err != nil || v == nil {
		return 0, false, err
	}
	d, isNumber := value.Number(v)
	n, isWhole := d.Int64()
	if !isNumber || !isWhole {
		return 0, false, fmt.Errorf("%s is not a whole number", value.Describe(v))
	}
	if n > maxDelta || n < -maxDelta {
		return 0, false, errOutOfRange
	}
	return n, true, nil
}

// wholes evaluates several arguments as integers, null as 0.
func (e *evaluator) wholes(args []any) ([]int64, error) {
	r := make([]int64, len(args))
	for i, arg := range args {
		n, _, err := e.whole(arg)
		if err != nil {
			return nil, err
		}
		r[i] = n
	}
	return r, nil
}

// evalDate's arguments: year, month, day, their deltas, start.
func evalDate(e *evaluator, args []any) (any, error) {
	start, err := e.value(args[6])
	if err != nil {
		return nil, err
	}
	day := value.Today(e.now)
	switch s := start.(type) {
	case value.Date:
		day = s
	case time.Time:
		day = value.DateOf(s)
	}
	day, err = e.shiftDay(day, args)
	if err != nil {
		return nil, err
	}
	return day, nil
}

// shiftDay replaces the parts of a day that are given and not zero, adds years and months, cuts the
// day to the length of its month, and adds days.
func (e *evaluator) shiftDay(day value.Date, args []any) (value.Date, error) {
	n, err := e.wholes(args[:6])
	if err != nil {
		return day, err
	}
	year, month, dayOfMonth := either(n[0], day.Year), either(n[1], int(day.Month)), either(n[2], day.Day)
	if month < 1 || month > 12 || dayOfMonth < 1 {
		return day, fmt.Errorf("there is no month %d with a day %d", month, dayOfMonth)
	}
	months := (year+n[3])*12 + (month - 1) + n[4]
	if months < 12 || months >= 10000*12 {
		return day, errOutOfRange
	}
	first := value.Date{Year: int(months / 12), Month: time.Month(months%12 + 1), Day: 1}
	first.Day = int(min(dayOfMonth, daysIn(first)))
	if n[5] > maxDays || n[5] < -maxDays {
		return day, errOutOfRange
	}
	shifted := first.AddDays(int(n[5]))
	if !shifted.Valid() {
		return day, errOutOfRange
	}
	return shifted, nil
}

// maxDays is more days than there are between the first and the last date.
const maxDays = 4_000_000

func either(n int64, otherwise int) int64 {
	if n != 0 {
		return n
	}
	return int64(otherwise)
}

func daysIn(d value.Date) int64 {
	return int64(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day())
}

// evalDateTime's arguments: those of evalDate, then hour, minute, second, microsecond, their deltas.
func evalDateTime(e *evaluator, args []any) (any, error) {
	start, err := e.value(args[6])
	if err != nil {
		return nil, err
	}
	from := e.now.UTC()
	switch s := start.(type) {
	case value.Date:
		from = s.Time()
	case time.Time:
		from = s.UTC()
	}
	day, err := e.shiftDay(value.DateOf(from), args)
	if err != nil {
		return nil, err
	}
	clock, err := e.clock(value.TimeOfDayOf(from), args[7:11])
	if err != nil {
		return nil, err
	}
	return e.shiftTime(value.At(day, clock), args[11:])
}

// clock is from with the parts replaced that are given.
func (e *evaluator) clock(from value.TimeOfDay, args []any) (value.TimeOfDay, error) {
	parts := []*int{&from.Hour, &from.Minute, &from.Second, &from.Microsecond}
	for i, arg := range args {
		n, given, err := e.whole(arg)
		if err != nil {
			return from, err
		}
		if given {
			*parts[i] = int(n)
		}
	}
	return value.NewTimeOfDay(from.Hour, from.Minute, from.Second, from.Microsecond)
}

func (e *evaluator) shiftTime(t time.Time, args []any) (any, error) {
	n, err := e.wholes(args)
	if err != nil {
		return nil, err
	}
	seconds := n[0]*3600 + n[1]*60 + n[2] + n[3]/1e6
	t = time.Unix(t.Unix()+seconds, int64(t.Nanosecond())+n[3]%1e6*1000).UTC()
	if !value.DateOf(t).Valid() {
		return nil, errOutOfRange
	}
	return t, nil
}

// evalTimeDelta's arguments: days, seconds, microseconds, each with a fraction if need be.
func evalTimeDelta(e *evaluator, args []any) (any, error) {
	units := []int64{24 * 60 * 60 * 1e6, 1e6, 1}
	var sum value.Decimal
	for i, arg := range args {
		v, err := e.value(arg)
		if err != nil {
			return nil, err
		}
		n, ok := value.Number(v)
		if !ok {
			return nil, fmt.Errorf("%s is not a number", value.Describe(v))
		}
		sum = sum.Add(n.Mul(value.FromInt(units[i])))
	}
	n, ok := sum.Quantize(0).Int64()
	if d := time.Duration(n) * time.Microsecond; ok && d.Microseconds() == n {
		return d, nil
	}
	return nil, errOutOfRange
}
