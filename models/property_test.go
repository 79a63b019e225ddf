package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// getter reads a record's paths for domain.Match.
func getter(r *models.Record) domain.Getter {
	return func(path string) (any, error) {
		name, rest, dotted := strings.Cut(path, ".")
		if name == "rec_name" { // whose value is never null
			name = r.Class().RecName
		}
		f := r.Class().Field(name)
		if f == nil {
			return nil, fmt.Errorf("no field %s", name)
		}
		targets := targetsOf(r, f)
		switch f.Kind() {
		case "one2many", "many2many":
			getters := make([]domain.Getter, len(targets))
			for i, target := range targets {
				getters[i] = getter(target)
			}
			if !dotted {
				return getters, nil
			}
			values := make([]any, len(targets))
			for i, get := range getters {
				v, err := get(rest)
				if err != nil {
					return nil, err
				}
				values[i] = v
			}
			return values, nil
		}
		if !dotted {
			return r.Get(name), nil
		}
		if len(targets) == 0 {
			return nil, nil
		}
		return getter(targets[0])(rest)
	}
}

func targetsOf(r *models.Record, f *models.Field) []*models.Record {
	switch v := r.Get(f.FieldName()).(type) {
	case int64:
		if f.Relation != "" {
			return r.Tx().Class(f.Relation).Browse(r.Tx(), []int64{v})
		}
	case []int64:
		return r.Tx().Class(f.Relation).Browse(r.Tx(), v)
	case value.Reference:
		return r.Tx().Class(v.Model).Browse(r.Tx(), []int64{v.ID})
	}
	return nil
}

// The values that records and clauses are drawn from: few, so that they meet.
var (
	words    = []any{nil, "", "a", "A", "ab", "b%", "a_b", `a\b`, "é", "É", "foo", "x'; --", "<b>&"}
	patterns = []any{nil, "", "%", "_", "a%", "%b", "A%", `a\_b`, `%\\%`, `b\%`, "é", "%É%", "__", `a\`, `\\`, "%a%b%"}
	numbers  = []any{nil, int64(-1), int64(0), int64(1), int64(2)}
	floats   = []any{nil, -1.5, 0.0, 0.5, 1.0, int64(1)}
	decimals = []any{nil, dec("1"), dec("1.0"), dec("1.10"), dec("-2"), dec("0.00"), dec("10.5"), dec("9.99"), dec("123456789012345678.01")}
	bools    = []any{nil, true, false}
	days     = []any{nil, value.MustParseDate("1999-12-31"), value.MustParseDate("2020-02-29"), value.MustParseDate("2026-11-24")}
	moments  = []any{nil, time.Date(2020, 2, 29, 5, 6, 7, 0, time.UTC), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC)}
	times    = []any{nil, value.TimeOfDay{Hour: 5, Minute: 6, Second: 7}, value.TimeOfDay{}, value.TimeOfDay{Hour: 23, Minute: 59, Second: 59, Microsecond: 1}}
	spans    = []any{nil, time.Duration(0), time.Hour, -36 * time.Hour, 1500 * time.Millisecond}
	sets     = []any{nil, []any{}, []any{"foo"}, []any{"bar", "foo"}, []any{"foobar"}}
	ids      = []any{nil, int64(1), int64(2), int64(3)}
	abouts   = []any{nil, "test.sample,1", "test.sample,2", "test.linked,1", "test.sample,-1"}
	links    = []string{"many2one", "targets", "notes", "marks"}
	refs     = []any{nil, "test.reference.target,1", "test.reference.target,2", "test.reference.target,-1"}
)

const (
	orders = "= != < <= > >= in not_in"
	likes  = " like not_like ilike not_ilike"
)

// compared says what a field may be compared with.
type compared struct {
	name string
	ops  string
	pool []any
}

var (
	scalars = []compared{
		{"char", orders + likes, words}, {"boolean", "= != in not_in", bools}, {"integer", orders, slices.Concat(numbers, []any{dec("0.5"), 1.0, 1.5, int64(1) << 40})},
		{"float", orders, floats}, {"numeric", orders, decimals}, {"date", orders, days}, {"datetime", orders, moments}, {"time", orders, times}, {"timedelta", orders, spans},
	}
	own = slices.Concat(scalars, []compared{
		{"selects", "= !=", sets}, {"selects", "in not_in", []any{"foo", "bar", "nope"}}, {"reference", "= != in not_in", refs}, {"many2one", "= != in not_in", ids}, {"targets", "= != in not_in", ids}, {"notes", "= != in not_in", ids}, {"marks", "= != in not_in", ids},
		{"many2one", "= != like not_like ilike not_ilike", []any{"a", "A%", "é", "foo"}}, {"targets", "= != ilike not_ilike", []any{"a", "%b", "foo"}}, {"marks", "= != ilike not_ilike", []any{"a", "%b"}}, {"id", orders, ids},
	})
	ofTarget = []compared{{"name", orders + likes, words}, {"value", orders, numbers}, {"id", "= != in not_in", ids}, {"origin", "= != in not_in", ids}, {"about", "= != in not_in", abouts}, {"rec_name", likes[1:], []any{"a%", "%b%"}}}
)

func drawOne(t *rapid.T, pool []any, label string) any { return rapid.SampledFrom(pool).Draw(t, label) }

// drawClause compares a field of a sample or, deep, of a target.
func drawClause(t *rapid.T, fields []compared, prefix, model string) domain.Node {
	f := rapid.SampledFrom(fields).Draw(t, "field")
	op := domain.Op(strings.ReplaceAll(rapid.SampledFrom(strings.Fields(f.ops)).Draw(t, "op"), "_", " "))
	pool := f.pool
	switch op.Positive() {
	case domain.In:
		return &domain.Clause{Field: prefix + f.name, Op: op, Value: rapid.SliceOfN(rapid.SampledFrom(pool), 0, 3).Draw(t, "list"), Model: model}
	case domain.Like, domain.ILike:
		if f.name == "char" || f.name == "name" {
			pool = patterns
		}
	}
	return &domain.Clause{Field: prefix + f.name, Op: op, Value: drawOne(t, pool, "value"), Model: model}
}

// drawNode makes a domain on samples.
func drawNode(t *rapid.T, depth int) domain.Node {
	kinds := 6
	if depth > 2 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return drawClause(t, ofTarget, rapid.SampledFrom(links).Draw(t, "link")+".", "")
	case 1:
		return drawClause(t, ofTarget, "reference.", "test.reference.target")
	case 2:
		op := rapid.SampledFrom([]domain.Op{domain.Where, domain.NotWhere}).Draw(t, "op")
		return domain.C(rapid.SampledFrom(links).Draw(t, "link"), op, drawGroup(t, func() domain.Node { return drawClause(t, ofTarget, "", "") }))
	case 3:
		return drawClause(t, own, rapid.SampledFrom([]string{"many2one.origin.", "targets.origin.", "notes.origin.", "marks.origin."}).Draw(t, "path"), "")
	case 5, 6:
		return drawGroup(t, func() domain.Node { return drawNode(t, depth+1) })
	}
	return drawClause(t, own, "", "")
}

func drawGroup(t *rapid.T, part func() domain.Node) domain.Node {
	var parts []domain.Node
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		parts = append(parts, part())
	}
	if rapid.Bool().Draw(t, "or") && len(parts) > 0 {
		return domain.Or(parts)
	}
	return domain.And(parts)
}

// drawRecords replaces all samples and targets.
func drawRecords(t *rapid.T, tx *models.Tx) {
	for _, m := range []*models.Model{&Sample.Model, &Target.Model} {
		models.Must(m.Delete(tx, m.Search(tx, nil)))
	}
	var targets, list []models.Values
	for id := range int64(3) {
		targets = append(targets, models.Values{"id": id + 1, "name": drawOne(t, words, "name"), "value": drawOne(t, numbers, "value")})
	}
	for id := range int64(6) {
		values := models.Values{"id": id + 1, "reference": drawOne(t, refs, "reference"), "many2one": drawOne(t, ids, "many2one"), "selects": drawOne(t, sets, "selects")}
		for _, f := range scalars {
			pool := f.pool
			if f.name == "integer" {
				pool = numbers
			}
			values[f.name] = drawOne(t, pool, f.name)
		}
		list = append(list, values)
	}
	_, err := tx.Class("test.reference.target").Create(tx, targets)
	models.Must(err)
	_, err = tx.Class("test.sample").Create(tx, list)
	models.Must(err)
	for id := range int64(3) {
		models.Must(Target.Write(tx, Target.Browse(tx, id+1), Target.Origin.To(drawOne(t, ids, "origin")), Target.About.To(drawOne(t, abouts, "about"))))
		for _, sample := range rapid.SliceOfNDistinct(rapid.Int64Range(1, 6), 0, 3, rapid.ID).Draw(t, "marks") {
			_, err := Mark.Create(tx, Mark.Sample.To(sample), Mark.Target.To(id+1))
			models.Must(err)
		}
	}
}

// TestSearchAsMatch draws records and domains: the search in the database finds
// those records that package domain says it should.
func TestSearchAsMatch(t *testing.T) {
	modelstest.Each(t, nil, samples, func(t *testing.T, db *models.Database) {
		rapid.Check(t, func(t *rapid.T) {
			err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
				drawRecords(t, tx)
				for range 10 {
					searchAsMatch(t, tx, drawNode(t, 0))
				}
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				t.Fatal(err)
			}
		})
	})
}

var errUndo = errors.New("undo")

func searchAsMatch(t *rapid.T, tx *models.Tx, where domain.Node) {
	text, _ := value.Append(nil, domain.Format(where))
	var want []int64
	for _, r := range Sample.Search(tx, nil, models.OrderBy("id")) {
		ok, err := domain.Match(where, getter(r))
		if errors.Is(err, domain.ErrNotInMemory) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if ok {
			want = append(want, r.ID())
		}
	}
	got, err := tx.Class("test.sample").Search(tx, where, models.Search{Limit: -1, Order: models.Order("id")})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	n, err := tx.Class("test.sample").Count(tx, where)
	if !slices.Equal(got, want) || err != nil || n != int64(len(want)) {
		t.Fatalf("%s finds %v, counts %d %v, should be %v", text, got, n, err, want)
	}
}
