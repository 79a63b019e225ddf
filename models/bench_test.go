package models_test

import (
	"fmt"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// pay is about as wide and as linked as a payment.
type pay struct {
	models.Model
	Journal, Party, Company, Line models.Many2One
	Amount                        models.Numeric
	Digits                        models.Integer
	Date                          models.Date
	State, Kind                   models.Selection
	Description, Reference, Note  models.Char
}

var Pay = models.Define(&pay{
	Model:   models.Model{Name: "test.pay", String: "Pay", RecName: "description", Order: models.Order("-date", "-id")},
	Journal: models.NewMany2One(models.Field{String: "Journal", Relation: "test.owner", Required: true}),
	Party:   models.NewMany2One(models.Field{String: "Party", Relation: "test.owner", Required: true, Domain: []any{[]any{"name", "!=", "nobody"}}}),
	Company: models.NewMany2One(models.Field{String: "Company", Relation: "test.owner", Required: true, Index: true}),
	Line:    models.NewMany2One(models.Field{String: "Line", Relation: "test.owner"}),
	Amount: models.NewNumeric(models.Field{String: "Amount", Required: true, Digits: [2]any{16, pyson.Eval("digits", 2)},
		States: map[string]any{"readonly": pyson.NotEqual(pyson.Eval("state", ""), "draft")}}),
	Digits:      models.NewInteger(models.Field{String: "Digits", Function: true}),
	Date:        models.NewDate(models.Field{String: "Date", Required: true}),
	State:       models.NewSelection(models.Field{String: "State", Readonly: true, Index: true, Selection: [][2]any{{"draft", "Draft"}, {"approved", "Approved"}, {"succeeded", "Succeeded"}}}),
	Kind:        models.NewSelection(models.Field{String: "Kind", Required: true, Selection: [][2]any{{"payable", "Payable"}, {"receivable", "Receivable"}}}),
	Description: models.NewChar(models.Field{String: "Description", States: map[string]any{"required": pyson.Equal(pyson.Eval("state", ""), "approved")}}),
	Reference:   models.NewChar(models.Field{String: "Reference", Size: 50}),
	Note:        models.NewChar(models.Field{String: "Note"}),
})

func (p *pay) Setup(c *models.Class) {
	c.DefaultValue(p.State, "draft")
	c.DefaultValue(p.Kind, "receivable")
	c.Compute(p.Digits, func(*models.Record) any { return int64(2) })
}

func payments() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{User, Owner, Pay}}}
}

// onBoth runs a benchmark on both databases, with n payments of 500 parties.
func onBoth(b *testing.B, n int, run func(b *testing.B, db *models.Database)) {
	for _, s := range []*sql.Server{sqltest.SQLite(b), sqltest.Postgres(b)} {
		b.Run(s.Dialect().Name(), func(b *testing.B) {
			db := modelstest.Open(b, s, &guard{}, payments()...)
			fill(b, db, n)
			b.ReportAllocs()
			for b.Loop() {
				run(b, db)
			}
		})
	}
}

func fill(b *testing.B, db *models.Database, n int) {
	var owners []models.Values
	for i := range 500 {
		owners = append(owners, models.Values{"name": fmt.Sprintf("Party %03d", i)})
	}
	modelstest.Do(b, db, func(tx *models.Tx) {
		_, err := tx.Class("test.owner").Create(tx, owners)
		models.Must(err)
		rows := [][]any{}
		for i := range n {
			rows = append(rows, []any{int64(i%5 + 1), int64(i%500 + 1), int64(1), fmt.Sprintf("%d.%02d", i, i%100), fmt.Sprintf("2026-%02d-%02d", i%12+1, i%28+1), []string{"draft", "approved", "succeeded"}[i%3], "receivable", fmt.Sprint("Invoice ", i)})
		}
		for start := 0; start < len(rows); start += 1000 {
			var places []sql.F
			for _, row := range rows[start:min(start+1000, len(rows))] {
				places = append(places, sql.SQL("(?)", row))
			}
			_, err := tx.Exec(sql.SQL(`INSERT INTO "test_pay" ("journal", "party", "company", "amount", "date", "state", "kind", "description") VALUES ?`, places))
			models.Must(err)
		}
	})
}

func callAs(b *testing.B, db *models.Database, method string, args ...any) any {
	result, err := modelstest.Call(db, 1, map[string]any{"company": int64(1)}, "test.pay", method, args...)
	if err != nil {
		b.Fatal(err)
	}
	return result
}

// BenchmarkSearchRead lists 1000 payments as a client does, with the answer's text.
func BenchmarkSearchRead(b *testing.B) {
	names := []any{"rec_name", "amount", "digits", "date", "state", "kind", "description", "journal", "journal.rec_name", "party", "party.rec_name", "company", "company.rec_name", "line", "line.rec_name", "_timestamp", "_write", "_delete"}
	onBoth(b, 1000, func(b *testing.B, db *models.Database) {
		rows := callAs(b, db, "search_read", []any{[]any{"company", "=", int64(1)}}, int64(0), int64(1000), nil, names)
		if n := len(rows.([]map[string]any)); n != 1000 {
			b.Fatalf("%d rows", n)
		}
		if _, err := value.Append(nil, rows); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkCreate stores 1000 payments in one call.
func BenchmarkCreate(b *testing.B) {
	var list []any
	for i := range 1000 {
		list = append(list, map[string]any{"journal": int64(1), "party": int64(i%500 + 1), "company": int64(1), "amount": value.FromMinor(int64(i), 2), "date": value.MustParseDate("2026-11-24"), "description": "x"})
	}
	onBoth(b, 0, func(b *testing.B, db *models.Database) { callAs(b, db, "create", list) })
}

// BenchmarkCount counts among 100000 payments, as the tabs of a list do.
func BenchmarkCount(b *testing.B) {
	onBoth(b, 100000, func(b *testing.B, db *models.Database) {
		if n := callAs(b, db, "search_count", []any{[]any{"state", "=", "draft"}, []any{"company", "=", int64(1)}}); n != int64(33334) {
			b.Fatalf("%v are counted", n)
		}
	})
}

// BenchmarkSearch finds the newest of 100000 payments by part of a party's name.
func BenchmarkSearch(b *testing.B) {
	onBoth(b, 100000, func(b *testing.B, db *models.Database) {
		callAs(b, db, "search", []any{[]any{"party", "ilike", "%12%"}, []any{"state", "!=", "draft"}}, int64(0), int64(1000), nil)
	})
}

// BenchmarkWrite changes 1000 payments in one call.
func BenchmarkWrite(b *testing.B) {
	onBoth(b, 1000, func(b *testing.B, db *models.Database) {
		ids := make([]any, 1000)
		for i := range ids {
			ids[i] = int64(i + 1)
		}
		callAs(b, db, "write", ids, map[string]any{"note": "written"})
	})
}
