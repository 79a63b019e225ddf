package models_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
)

// clock makes each transaction of the database a second later.
func clock(db *models.Database) func(second int) time.Time {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	next := now
	db.Now = func() time.Time { next = next.Add(time.Second); return next }
	return func(second int) time.Time { return now.Add(time.Duration(second) * time.Second) }
}

func TestHistory(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		at := clock(db)
		user(t, db, "Ann")
		ask(t, db, "test.order", "create", list{dict{"name": "A", "lines": list{list{"create", list{dict{"name": "l"}}}}}, dict{"name": "Z"}}) // second 2
		ask(t, db, "test.order", "write", list{int64(1)}, dict{"name": "B"}, list{int64(1)}, dict{"code": "x"})                                // 3
		ask(t, db, "test.order", "write", list{int64(1)}, dict{"name": "C"})                                                                   // 4
		ask(t, db, "test.order", "delete", list{int64(1)})                                                                                     // 5
		for _, test := range []struct {
			second int
			want   any
		}{{1, nil}, {2, dict{"name": "A", "code": nil}}, {3, dict{"name": "B", "code": "x"}}, {4, dict{"name": "C", "code": "x"}}, {5, nil}} {
			context := dict{"_datetime": at(test.second).Add(time.Millisecond)}
			ids, err := modelstest.Call(db, 1, context, "test.order", "search", list{list{"id", "=", int64(1)}})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := modelstest.Call(db, 1, context, "test.order", "read", list{int64(1)}, list{"name", "code"})
			if test.want == nil {
				if err == nil || len(idsIn(ids)) != 0 {
					t.Errorf("second %d: found %v, read %v", test.second, ids, rows)
				}
				continue
			}
			if err != nil || len(idsIn(ids)) != 1 {
				t.Fatalf("second %d: found %v: %v", test.second, ids, err)
			}
			got := rows.([]dict)[0]
			delete(got, "id")
			if diff := cmp.Diff(test.want, any(got)); diff != "" {
				t.Errorf("second %d: %s", test.second, diff)
			}
		}
		found, err := modelstest.Call(db, 1, dict{"_datetime": at(3)}, "test.order", "search", list{list{"name", "=", "B"}})
		if diff := cmp.Diff([]int64{1}, found); diff != "" || err != nil {
			t.Errorf("search in the past: %v %s", err, diff)
		}
		// What is written is not looked at as it was: the first order is gone, whatever the context says.
		if _, err := modelstest.Call(db, 1, dict{"_datetime": at(3)}, "test.order", "write", list{int64(1)}, dict{"name": "D"}); !models.IsKind(err, models.KindUser) {
			t.Errorf("written in the past: %v", err)
		}
		if got, err := modelstest.Call(db, 1, dict{"_datetime": ""}, "test.order", "search", list{}); err != nil || !cmp.Equal(got, []int64{2}) {
			t.Errorf("an empty _datetime: %v %v", got, err)
		}
		want := list{list{at(5), int64(1), "Ann"}, list{at(4), int64(1), "Ann"}, list{at(3), int64(1), "Ann"}, list{at(2), int64(1), "Ann"}, list{at(2), int64(2), "Ann"}}
		if diff := cmp.Diff(want, ask(t, db, "test.order", "history_revisions", list{int64(1), int64(2)})); diff != "" {
			t.Errorf("revisions: %s", diff)
		}
		if diff := cmp.Diff(list{}, ask(t, db, "test.order", "history_revisions", list{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTimestamps(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		clock(db)
		ask(t, db, "test.order", "create", list{dict{"name": "A", "lines": list{list{"create", list{dict{"name": "l"}, dict{"name": "m"}}}}}})
		stamps := func() dict {
			line := row(t, db, "test.line", 1, "_timestamp")["_timestamp"]
			return dict{"_timestamp": dict{"test.order,1": row(t, db, "test.order", 1, "_timestamp")["_timestamp"], "test.line,1": line, "test.line,99": nil, "no.model,1": "1.0"}}
		}
		fresh, old := stamps(), stamps()
		change := func(context dict, method string, args ...any) error {
			_, err := modelstest.Call(db, 1, context, "test.order", method, args...)
			return err
		}
		both := dict{"name": "B", "lines": list{list{"write", list{int64(1)}, dict{"name": "x"}}, list{"write", list{int64(1)}, dict{"name": "y"}}}}
		if err := change(fresh, "write", list{int64(1)}, both, list{int64(1)}, dict{"code": "twice"}); err != nil {
			t.Fatalf("with what was read: %v", err)
		}
		for name, args := range map[string][]any{"write": {list{int64(1)}, dict{"name": "C"}}, "delete": {list{int64(1)}}} {
			if err := change(old, name, args...); !models.IsKind(err, models.KindConcurrency) {
				t.Errorf("%s with an old timestamp: %v", name, err)
			}
		}
		now := stamps()
		now["_timestamp"].(dict)["test.line,1"] = old["_timestamp"].(dict)["test.line,1"]
		if err := change(now, "write", list{int64(1)}, both); !models.IsKind(err, models.KindConcurrency) {
			t.Errorf("a child that changed: %v", err)
		}
		if err := change(now, "write", list{int64(1)}, dict{"lines": list{list{"delete", list{int64(1)}}}}); !models.IsKind(err, models.KindConcurrency) {
			t.Errorf("the deletion of a child that changed: %v", err)
		}
		if got := row(t, db, "test.order", 1, "name", "code"); !cmp.Equal(got, dict{"name": "B", "code": "twice"}) {
			t.Errorf("after refusals: %v", got)
		}
		if err := change(dict{"_timestamp": dict{"test.order,1": nil, "test.line,1": int64(5)}}, "write", list{int64(1)}, both); err != nil {
			t.Errorf("null: %v", err)
		}
	})
}

// TestButtonsCheckTimestamps presses a button on a record that has changed.
func TestButtonsCheckTimestamps(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		clock(db)
		ask(t, db, "test.book", "create", list{dict{"title": "A"}})
		stamp := dict{"_timestamp": dict{"test.book,1": row(t, db, "test.book", 1, "_timestamp")["_timestamp"]}}
		ask(t, db, "test.book", "write", list{int64(1)}, dict{"title": "B"})
		if _, err := modelstest.Call(db, 1, stamp, "test.book", "lend", list{int64(1)}); !models.IsKind(err, models.KindConcurrency) {
			t.Errorf("a button: %v", err)
		}
		if got := row(t, db, "test.book", 1, "state"); got["state"] != "in" {
			t.Errorf("state %v", got)
		}
	})
}

// TestConcurrentWrites has transactions write the same record at once: each
// says that it saw the first version, so one only may succeed.
func TestConcurrentWrites(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.order", "create", list{dict{"name": "A"}})
		stamp := row(t, db, "test.order", 1, "_timestamp")["_timestamp"]
		const writers = 8
		results := make(chan error)
		for i := range writers {
			go func() {
				_, err := modelstest.Call(db, 1, dict{"_timestamp": dict{"test.order,1": stamp}}, "test.order", "write", list{int64(1)}, dict{"name": fmt.Sprint(i)})
				results <- err
			}()
		}
		done := 0
		for range writers {
			if err := <-results; err == nil {
				done++
			} else if !models.IsKind(err, models.KindConcurrency) {
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d writes succeeded", done)
		}
	})
}
