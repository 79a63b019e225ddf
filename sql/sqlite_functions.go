package sql

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	sqlitedriver "modernc.org/sqlite"
)

// newSQLiteDriver makes a driver whose connections have the collation and the
// functions that the dialect relies on:
//
//	DECIMAL               collation of decimals by value
//	DECIMAL_VALID(x)      true for a decimal and for NULL
//	DECIMAL_SUM(x)        aggregate
//	TEXT_LIKE(x, p)       pattern match with the escape \
//	TEXT_ILIKE(x, p)      the same without regard to case
//	CLOCK_TIMESTAMP()     now, with microseconds
//	TIMESTAMP_PLUS(x, n)  a timestamp or date moved by microseconds
func newSQLiteDriver() (*sqlitedriver.Driver, error) {
	d := &sqlitedriver.Driver{}
	if err := d.RegisterCollationUtf8("DECIMAL", compareDecimals); err != nil {
		return nil, err
	}
	always := func(fn scalar, args int32) *sqlitedriver.FunctionImpl {
		return &sqlitedriver.FunctionImpl{NArgs: args, Deterministic: true, Scalar: fn}
	}
	functions := map[string]*sqlitedriver.FunctionImpl{
		"DECIMAL_VALID":   always(decimalValid, 1),
		"TEXT_LIKE":       always(textLike, 2),
		"TEXT_ILIKE":      always(textILike, 2),
		"TIMESTAMP_PLUS":  always(timestampPlus, 2),
		"CLOCK_TIMESTAMP": {Scalar: clockTimestamp},
		"DECIMAL_SUM": {NArgs: 1, Deterministic: true,
			MakeAggregate: func(sqlitedriver.FunctionContext) (sqlitedriver.AggregateFunction, error) {
				return &decimalSum{}, nil
			}},
	}
	for name, implementation := range functions {
		if err := d.RegisterFunction(name, implementation); err != nil {
			return nil, fmt.Errorf("sqlite function %s: %w", name, err)
		}
	}
	return d, nil
}

type scalar = func(*sqlitedriver.FunctionContext, []driver.Value) (driver.Value, error)

func decimalValid(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil {
		return true, nil
	}
	s, ok := args[0].(string)
	if ok {
		_, ok = parseDigits(s)
	}
	return ok, nil
}

func textLike(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, pattern, ok := twoTexts(args)
	if !ok {
		return nil, nil
	}
	return like([]rune(text), []rune(pattern)), nil
}

func textILike(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
	text, pattern, ok := twoTexts(args)
	if !ok {
		return nil, nil
	}
	return like([]rune(strings.ToLower(text)), []rune(strings.ToLower(pattern))), nil
}

// twoTexts is not ok when one of the arguments is NULL.
func twoTexts(args []driver.Value) (a, b string, ok bool) {
	if args[0] == nil || args[1] == nil {
		return "", "", false
	}
	return fmt.Sprint(args[0]), fmt.Sprint(args[1]), true
}

// like matches greedily and goes back to the last % when stuck.
func like(text, pattern []rune) bool {
	t, p := 0, 0
	backT, backP := -1, -1 // where to go on from after the last %
	for t < len(text) || p < len(pattern) {
		if p < len(pattern) {
			if pattern[p] == '%' {
				backT, backP = t, p+1
				p++
				continue
			}
			if width, ok := matchOne(text[t:], pattern[p:]); ok {
				t++
				p += width
				continue
			}
		}
		if backP < 0 || backT >= len(text) {
			return false
		}
		backT++
		t, p = backT, backP
	}
	return true
}

// matchOne matches the first letter; width is how much of the pattern it took.
func matchOne(text, pattern []rune) (width int, ok bool) {
	if len(text) == 0 {
		return 0, false
	}
	switch {
	case pattern[0] == '_':
		return 1, true
	case pattern[0] == '\\' && len(pattern) > 1:
		return 2, pattern[1] == text[0]
	}
	return 1, pattern[0] == text[0]
}

func clockTimestamp(*sqlitedriver.FunctionContext, []driver.Value) (driver.Value, error) {
	return time.Now().UTC().Format(timestampForm), nil
}

func timestampPlus(_ *sqlitedriver.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[0] == nil || args[1] == nil {
		return nil, nil
	}
	text, ok := args[0].(string)
	if !ok {
		return nil, fmt.Errorf("TIMESTAMP_PLUS: %T is no timestamp", args[0])
	}
	t, err := parseTime(text)
	if err != nil {
		return nil, err
	}
	us, ok := args[1].(int64)
	if !ok {
		return nil, fmt.Errorf("TIMESTAMP_PLUS: %T is no interval", args[1])
	}
	return formatTime(t.Add(time.Duration(us)*time.Microsecond), timestampForm)
}

// decimalSum is the aggregate DECIMAL_SUM.
type decimalSum struct {
	total total
}

func (s *decimalSum) Step(_ *sqlitedriver.FunctionContext, args []driver.Value) error {
	return s.add(args[0], 1)
}

func (s *decimalSum) WindowInverse(_ *sqlitedriver.FunctionContext, args []driver.Value) error {
	return s.add(args[0], -1)
}

func (s *decimalSum) add(v driver.Value, sign int) error {
	switch v := v.(type) {
	case nil:
		return nil
	case int64:
		s.total.add(fmt.Sprint(v), sign)
		return nil
	case string:
		if s.total.add(v, sign) {
			return nil
		}
	}
	return fmt.Errorf("DECIMAL_SUM: %v is no decimal", v)
}

func (s *decimalSum) WindowValue(*sqlitedriver.FunctionContext) (driver.Value, error) {
	if s.total.count == 0 {
		return nil, nil
	}
	return s.total.String(), nil
}

func (s *decimalSum) Final(*sqlitedriver.FunctionContext) {}
