package ir_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// take takes numbers of a sequence, each in a transaction of its own.
func take(t *testing.T, db *models.Database, model string, id int64, n int, context map[string]any) (numbers []string) {
	t.Helper()
	for range n {
		modelstest.Do(t, db, func(tx *models.Tx) {
			number, err := ir.NextNumber(tx.With(context), tx.Class(model).Browse(tx, []int64{id})[0])
			models.Must(err)
			numbers = append(numbers, number)
		})
	}
	return numbers
}

func newSequence(t *testing.T, db *models.Database, model string, values models.Values) int64 {
	kind := create(t, db, "ir.sequence.type", models.Values{"name": t.Name()})
	all := models.Values{"name": t.Name(), "sequence_type": kind}
	for name, v := range values {
		all[name] = v
	}
	return create(t, db, model, all)
}

func testSequences(t *testing.T, db *models.Database) {
	for _, model := range []string{"ir.sequence", "ir.sequence.strict"} {
		next := func(id int64) any {
			return call(t, db, admin, model, "read", []any{id}, []any{"number_next"}).([]map[string]any)[0]["number_next"]
		}
		plain := newSequence(t, db, model, nil)
		equal(t, "next before", next(plain), int64(1))
		equal(t, model, take(t, db, model, plain, 3, nil), []string{"1", "2", "3"})
		equal(t, "next after", next(plain), int64(4))

		dressed := newSequence(t, db, model, models.Values{"prefix": "P${year}-${month}/", "suffix": "-$day", "padding": int64(4), "number_increment": int64(10), "number_next_internal": int64(7)})
		date := map[string]any{"date": value.Date{Year: 2026, Month: 3, Day: 5}}
		equal(t, model, take(t, db, model, dressed, 2, date), []string{"P2026-03/0007-05", "P2026-03/0017-05"})
		modelstest.Do(t, db, func(tx *models.Tx) {
			c := tx.Class(model)
			models.Must(c.Write(tx, c.Browse(tx, []int64{dressed}), models.Values{"number_next": int64(100), "number_increment": int64(1), "prefix": nil, "suffix": ""}))
		})
		equal(t, model, take(t, db, model, dressed, 2, nil), []string{"0100", "0101"})
		modelstest.Do(t, db, func(tx *models.Tx) {
			c := tx.Class(model)
			models.Must(c.Delete(tx, c.Browse(tx, []int64{dressed})))
		})

		for _, wrong := range []models.Values{{"prefix": "${week}"}, {"number_increment": int64(0)}, {"timestamp_rounding": 0.0}} {
			err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
				c := tx.Class(model)
				return c.Write(tx, c.Browse(tx, []int64{plain}), wrong)
			})
			if models.ErrorKind(err) != models.KindUser {
				t.Errorf("%v on a sequence gives the error %v", wrong, err)
			}
		}
	}
}

// testTimestamps never gives a number twice, not even in the same second.
func testTimestamps(t *testing.T, db *models.Database) {
	before := db.Now
	defer func() { db.Now = before }()
	db.Now = func() time.Time { return time.Unix(946681200+1000, 0) }
	decimal := newSequence(t, db, "ir.sequence", models.Values{"type": "decimal timestamp"})
	equal(t, "decimal", take(t, db, "ir.sequence", decimal, 3, nil), []string{"1000", "1001", "1002"})
	hexadecimal := newSequence(t, db, "ir.sequence.strict", models.Values{"type": "hexadecimal timestamp"})
	equal(t, "hexadecimal", take(t, db, "ir.sequence.strict", hexadecimal, 2, nil), []string{"3E8", "3E9"})
}

// testConcurrentNumbers takes numbers at the same time: none twice, and of a
// strict sequence none left out although some transactions are undone.
func testConcurrentNumbers(t *testing.T, db *models.Database) {
	for _, model := range []string{"ir.sequence", "ir.sequence.strict"} {
		id := newSequence(t, db, model, nil)
		var mu sync.Mutex
		taken := map[string]int{}
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := range 5 {
					for {
						var number string
						undone := fmt.Errorf("undone")
						err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) (err error) {
							number, err = ir.NextNumber(tx, tx.Class(model).Browse(tx, []int64{id})[0])
							if err == nil && i == 2 && worker%2 == 0 {
								return undone
							}
							return err
						})
						if err == undone {
							break
						}
						if err == nil {
							mu.Lock()
							taken[number]++
							mu.Unlock()
							break
						}
					}
				}
			})
		}
		wg.Wait()
		if len(taken) != 18 {
			t.Errorf("%s gave %d different numbers to 18 takers: %v", model, len(taken), taken)
		}
		for i := range 18 {
			if number := fmt.Sprint(i + 1); model == "ir.sequence.strict" && taken[number] != 1 {
				t.Errorf("%s gave %s %d times", model, number, taken[number])
			}
		}
	}
}
