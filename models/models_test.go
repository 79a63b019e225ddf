package models_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/pyson"
	"paytond/models/value"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

type shelf struct {
	models.Model
	Name   models.Char
	Parent models.Many2One
	Active models.Boolean
	Books  models.One2Many
}

var Shelf = models.Define(&shelf{
	Model:  models.Model{Name: "test.shelf", String: "Shelf", Order: models.Order("name")},
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Size: 20}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "test.shelf"}),
	Active: models.NewBoolean(models.Field{String: "Active"}),
	Books:  models.NewOne2Many(models.Field{String: "Books", Relation: "test.book", RelationField: "shelf"}),
})

type book struct {
	models.Model
	Title   models.Char
	Shelf   models.Many2One
	Price   models.Numeric
	Digits  models.Integer
	State   models.Selection
	Lent    models.Date
	Seen    models.Timestamp
	Tags    models.Many2Many
	Related models.Reference
	Double  models.Numeric
	Cover   models.Binary
}

var Book = models.Define(&book{
	Model:  models.Model{Name: "test.book", String: "Book", RecName: "title", History: true, Order: models.Order("-price", "id")},
	Title:  models.NewChar(models.Field{String: "Title", Required: true}),
	Shelf:  models.NewMany2One(models.Field{String: "Shelf", Relation: "test.shelf", OnDelete: "CASCADE", Domain: []any{[]any{"name", "!=", "Forbidden"}}}),
	Price:  models.NewNumeric(models.Field{String: "Price", Digits: [2]any{16, pyson.Eval("digits", int64(2))}, Depends: []string{"digits"}}),
	Digits: models.NewInteger(models.Field{String: "Digits"}),
	State: models.NewSelection(models.Field{String: "State", Readonly: true,
		Selection: [][2]any{{"in", "In"}, {"out", "Out"}}}),
	Lent:    models.NewDate(models.Field{String: "Lent", States: map[string]any{"required": pyson.Equal(pyson.Eval("state", ""), "out")}, Depends: []string{"state"}}),
	Seen:    models.NewTimestamp(models.Field{String: "Seen"}),
	Tags:    models.NewMany2Many(models.Field{String: "Tags", Relation: "test.tag", Through: "test.book-test.tag", RelationField: "book", RelationTarget: "tag"}),
	Related: models.NewReference(models.Field{String: "Related", Selection: [][2]any{{"test.shelf", "Shelf"}, {"test.book", "Book"}}}),
	Double:  models.NewNumeric(models.Field{String: "Double", Function: true}),
	Cover:   models.NewBinary(models.Field{String: "Cover"}),
})

func (b *book) Setup(c *models.Class) {
	c.DefaultValue(b.State, "in")
	c.DefaultValue(b.Digits, int64(2))
	c.OnChangeWith(b.Double, func(r *models.Record) any { return b.Price.Of(r).Add(b.Price.Of(r)) }, b.Price)
	c.OnChange(b.Shelf, func(r *models.Record) { b.Lent.Set(r, nil) }, b.Shelf, b.Lent)
	c.Transition("in", "out")
	c.Button(models.Button{Name: "lend"}, func(tx *models.Tx, records []*models.Record) (any, error) {
		_, err := c.Move(tx, records, "out", b.Lent.To(value.Today(tx.Now())))
		return nil, err
	})
}

type tag struct {
	models.Model
	Name models.Char
}

var Tag = models.Define(&tag{
	Model: models.Model{Name: "test.tag", String: "Tag"},
	Name:  models.NewChar(models.Field{String: "Name"}),
})

type bookTag struct {
	models.Model
	Book, Tag models.Many2One
}

var BookTag = models.Define(&bookTag{
	Model: models.Model{Name: "test.book-test.tag", String: "Book - Tag", Table: "test_book_tag"},
	Book:  models.NewMany2One(models.Field{String: "Book", Relation: "test.book", Required: true, OnDelete: "CASCADE"}),
	Tag:   models.NewMany2One(models.Field{String: "Tag", Relation: "test.tag", Required: true, OnDelete: "CASCADE"}),
})

func library() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{Shelf, Book, Tag, BookTag, User}}}
}

// byDecimal compares decimals by value.
var byDecimal = cmp.Comparer(func(a, b value.Decimal) bool { return a.Equal(b) })

// idsIn is a result of ids, nil for none.
func idsIn(v any) []int64 {
	if ids, _ := v.([]int64); len(ids) > 0 {
		return ids
	}
	return nil
}

func dec(s string) value.Decimal { return value.MustParse(s) }

func TestCreateReadWriteDelete(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		var id int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			s, err := Shelf.Create(tx, Shelf.Name.To("Poetry"))
			models.Must(err)
			r, err := Book.Create(tx, Book.Title.To("Odes"), Book.Shelf.To(s), Book.Price.To(dec("12.50")),
				Book.Lent.To(value.MustParseDate("2026-11-24")), Book.Seen.To(time.Date(2026, 11, 24, 1, 2, 3, 456789000, time.UTC)),
				Book.Related.To(s), Book.Cover.To([]byte{0, 1, 255}))
			models.Must(err)
			id = r.ID()
		})
		modelstest.Do(t, db, func(tx *models.Tx) {
			r := Book.Get(tx, id)
			if got := Book.Price.Of(r).String(); got != "12.50" {
				t.Errorf("price = %s", got)
			}
			if got := Shelf.Name.Of(Book.Shelf.Of(r)); got != "Poetry" {
				t.Errorf("shelf = %q", got)
			}
			if got := Book.Double.Of(r).String(); got != "25.00" {
				t.Errorf("double = %s", got)
			}
			if got := Book.Lent.Of(r).String(); got != "2026-11-24" {
				t.Errorf("lent = %s", got)
			}
			if got := Book.Seen.Of(r).Format(models.TimestampLayout); got != "2026-11-24 01:02:03.456789" {
				t.Errorf("seen = %s", got)
			}
			if got := Book.Related.Of(r).Name(); got != "Poetry" {
				t.Errorf("related = %q", got)
			}
			if diff := cmp.Diff([]byte{0, 1, 255}, Book.Cover.Of(r)); diff != "" {
				t.Error(diff)
			}
			models.Must(Book.Write(tx, []*models.Record{r}, Book.Title.To("Odes II")))
			if got := r.Name(); got != "Odes II" {
				t.Errorf("name after write = %q", got)
			}
			if got := len(Shelf.Books.Of(Book.Shelf.Of(r))); got != 1 {
				t.Errorf("%d books on the shelf", got)
			}
			models.Must(Shelf.Delete(tx, []*models.Record{Book.Shelf.Of(r)}))
			if got := Book.Count(tx, nil); got != 0 {
				t.Errorf("%d books left", got)
			}
		})
		revisions, err := modelstest.Call(db, 1, nil, "test.book", "history_revisions", []any{id})
		if err == nil && len(revisions.([]any)) < 2 {
			t.Errorf("revisions = %v", revisions)
		}
	})
}

func TestValidation(t *testing.T) {
	tests := []struct {
		name   string
		values []models.Assign
		want   string
	}{
		{"required", nil, `A value is required for field "Title" in "Book".`},
		{"digits", []models.Assign{Book.Title.To("x"), Book.Price.To(dec("1.234"))}, `The number of digits in the value "1.234" for field "Price" in "Book" exceeds the limit of "2".`},
		{"selection", []models.Assign{Book.Title.To("x"), Book.State.To("lost")}, `The value "lost" for field "State" in "Book" is not one of the allowed options.`},
		{"required by state", []models.Assign{Book.Title.To("x"), Book.State.To("out")}, `A value is required for field "Lent" in "Book".`},
		{"wrong type", []models.Assign{Book.Title.To(int64(5))}, `The value for field "Title" in "Book" is not valid (expected text, not int64).`},
	}
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		for _, test := range tests {
			err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
				_, err := Book.Create(tx, test.values...)
				return err
			})
			if err == nil || err.Error() != test.want || !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: error %v, want %s", test.name, err, test.want)
			}
		}
		err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
			s, err := Shelf.Create(tx, Shelf.Name.To("Forbidden"))
			models.Must(err)
			_, err = Book.Create(tx, Book.Title.To("x"), Book.Shelf.To(s))
			return err
		})
		if err == nil || err.Error() != `The value for field "Shelf" in "Book" is not valid according to its domain.` {
			t.Errorf("domain: %v", err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if n := Book.Count(tx, nil) + Shelf.Count(tx, nil); n != 0 {
				t.Errorf("%d records are left of refused creations", n)
			}
		})
	})
}

func TestSearch(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			top := create(Shelf.Create(tx, Shelf.Name.To("Top")))
			low := create(Shelf.Create(tx, Shelf.Name.To("Low"), Shelf.Parent.To(top)))
			old := create(Shelf.Create(tx, Shelf.Name.To("Old"), Shelf.Active.To(false)))
			red := create(Tag.Create(tx, Tag.Name.To("Red")))
			create(Book.Create(tx, Book.Title.To("Äpfel"), Book.Shelf.To(top), Book.Price.To(dec("9.90"))))
			create(Book.Create(tx, Book.Title.To("Birnen"), Book.Shelf.To(low), Book.Price.To(dec("10.10")), models.Assign{Field: "tags", Value: []any{[]any{"add", []any{red.ID()}}}}))
			create(Book.Create(tx, Book.Title.To("100% pure_"), Book.Shelf.To(old), Book.Related.To(top)))
		})
		tests := []struct {
			domain string
			want   []string
		}{
			{`[]`, []string{"100% pure_", "Birnen", "Äpfel"}},
			{`[["price",">",{"__class__":"Decimal","decimal":"9.9"}]]`, []string{"Birnen"}},
			{`[["price","=",{"__class__":"Decimal","decimal":"9.9"}]]`, []string{"Äpfel"}},
			{`[["price","!=",{"__class__":"Decimal","decimal":"9.9"}]]`, []string{"Birnen"}},
			{`[["price","=",null]]`, []string{"100% pure_"}},
			{`[["title","ilike","ä%"]]`, []string{"Äpfel"}},
			{`[["title","like","ä%"]]`, nil},
			{`[["title","like","100\\% pure\\_"]]`, []string{"100% pure_"}},
			{`[["title","not ilike","%e%"]]`, nil},
			{`["OR",[["title","=","Birnen"]],["AND",["price","<",{"__class__":"Decimal","decimal":"10"}],[]]]`, []string{"Birnen", "Äpfel"}},
			{`[["title","in",["Birnen",null]]]`, []string{"Birnen"}},
			{`[["title","in",[]]]`, nil},
			{`[["title","not in",[]]]`, []string{"100% pure_", "Birnen", "Äpfel"}},
			{`[["shelf.name","=","Top"]]`, []string{"Äpfel"}},
			{`[["shelf","ilike","%lo%"]]`, []string{"Birnen"}},
			{`[["shelf","child_of",[1]]]`, []string{"Birnen", "Äpfel"}},
			{`[["shelf.parent.name","=","Top"]]`, []string{"Birnen"}},
			{`[["shelf","where",[["name","like","T%"]]]]`, []string{"Äpfel"}},
			{`[["tags.name","=","Red"]]`, []string{"Birnen"}},
			{`[["tags","=",null]]`, []string{"100% pure_", "Äpfel"}},
			{`[["tags","in",[1]]]`, []string{"Birnen"}},
			{`[["related","=","test.shelf,1"]]`, []string{"100% pure_"}},
			{`[["related","=",["test.shelf",1]]]`, []string{"100% pure_"}},
			{`[["related.name","=","Top","test.shelf"]]`, []string{"100% pure_"}},
			{`[["rec_name","ilike","%irn%"]]`, []string{"Birnen"}},
			{`[["title","=","x'; DROP TABLE test_book; --"]]`, nil},
		}
		for _, test := range tests {
			raw, err := value.Decode([]byte(test.domain))
			if err != nil {
				t.Fatal(err)
			}
			result, err := modelstest.Call(db, 1, nil, "test.book", "search_read", raw, int64(0), nil, nil, []any{"title"})
			if err != nil {
				t.Errorf("%s: %v", test.domain, err)
				continue
			}
			var got []string
			for _, row := range result.([]map[string]any) {
				got = append(got, row["title"].(string))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: %s", test.domain, diff)
			}
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if n := Shelf.Count(tx, nil); n != 2 {
				t.Errorf("%d active shelves", n)
			}
			if n := Shelf.Count(tx, domain.C("active", "=", false)); n != 1 {
				t.Errorf("%d inactive shelves", n)
			}
		})
		for _, bad := range []string{`[["nothing","=",1]]`, `[["title","~",1]]`, `[["title.x","=",1]]`, `[["price","=","abc"]]`, `[["related.name","=","x"]]`} {
			raw, _ := value.Decode([]byte(bad))
			if _, err := modelstest.Call(db, 1, nil, "test.book", "search", raw); models.ErrorKind(err) == models.KindInternal {
				t.Errorf("%s: %v", bad, err)
			}
		}
	})
}

func create(r *models.Record, err error) *models.Record {
	models.Must(err)
	return r
}

func TestOrder(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.shelf", "create", list{dict{"name": "B"}, dict{"name": "A", "parent": int64(1)}, dict{"name": "C", "parent": int64(2)}})
		ask(t, db, "test.book", "create", list{dict{"title": "1", "shelf": int64(1), "price": dec("9")}, dict{"title": "2", "shelf": int64(2), "price": dec("10.00")}, dict{"title": "3"}, dict{"title": "4", "shelf": int64(3), "price": dec("9.0")}})
		for _, test := range []struct {
			order any
			want  string
		}{
			{nil, "3214"}, {list{}, "1234"}, {list{list{"price", nil}}, "1423"}, {list{list{"price", "DESC"}}, "3214"}, {list{list{"price", "asc nulls first"}}, "3142"}, {list{list{"price", "DESC NULLS LAST"}}, "2143"},
			{list{list{"shelf", "ASC"}}, "2143"}, {list{list{"shelf", "DESC"}}, "3412"}, {list{list{"shelf.name", "ASC"}}, "2143"}, {list{list{"shelf.parent", "ASC"}}, "4213"}, {list{list{"shelf.parent.name", "DESC"}}, "1324"},
			{list{list{"shelf.rec_name", "ASC NULLS FIRST"}}, "3214"}, {list{list{"title", "DESC"}}, "4321"}, {list{list{"rec_name", "DESC"}}, "4321"}, {list{list{"shelf.id", "DESC"}}, "3421"}, {list{list{"price", "ASC"}, list{"id", "DESC"}}, "4123"},
			{list{list{"id", "DESC"}}, "4321"}, {list{list{"create_date", "DESC"}, list{"title", "DESC"}}, "4321"}, {list{list{"create_uid", "DESC"}}, "1234"},
		} {
			got := ""
			for _, r := range ask(t, db, "test.book", "search_read", list{}, int64(0), nil, test.order, list{"title"}).([]dict) {
				got += r["title"].(string)
			}
			if got != test.want {
				t.Errorf("order %v: %s, want %s", test.order, got, test.want)
			}
		}
		if got := ask(t, db, "test.book", "search", list{}, int64(1), int64(2), list{list{"title", nil}}); !cmp.Equal(got, []int64{2, 3}) {
			t.Errorf("second page is %v", got)
		}
		if got := ask(t, db, "test.book", "search", list{}, int64(3), nil, list{list{"title", nil}}); !cmp.Equal(got, []int64{4}) {
			t.Errorf("from the fourth on: %v", got)
		}
		for _, order := range []any{list{list{"nothing", "ASC"}}, list{list{"double", "ASC"}}, list{list{"tags", "ASC"}}, list{list{"title.x", "ASC"}}, list{list{"shelf.nothing", nil}}, list{list{"title; DROP TABLE test_book", nil}},
			list{list{"title", "SIDEWAYS"}}, list{"title"}, "title", int64(1), list{list{"shelf.parent.parent.parent.parent.parent.parent.name", nil}}} {
			_, err := modelstest.Call(db, 1, nil, "test.book", "search", list{}, int64(0), nil, order)
			if err == nil || models.ErrorKind(err) == models.KindInternal {
				t.Errorf("order %v: %v", order, err)
			}
		}
	})
}

func TestFormCalls(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) { create(Shelf.Create(tx, Shelf.Name.To("Top"))) })
		tests := []struct {
			method string
			args   []any
			want   any
		}{
			{"default_get", []any{[]any{"state", "title", "digits"}}, map[string]any{"state": "in", "digits": int64(2)}},
			{"default_get", []any{[]any{"state"}, dict{"company": int64(1)}}, map[string]any{"state": "in"}},
			{"on_change", []any{map[string]any{"id": int64(-1), "shelf": int64(1), "lent": nil}, []any{"shelf", "title"}}, []any{map[string]any{"lent": nil}}},
			{"on_change_shelf", []any{map[string]any{"shelf": int64(1)}}, map[string]any{"lent": nil}},
			{"on_change_with", []any{map[string]any{"price": dec("1.5")}, []any{"double"}}, map[string]any{"double": dec("3.0")}},
			{"on_change_with_double", []any{map[string]any{"price": dec("1.5")}}, dec("3.0")},
			{"search_count", []any{[]any{}}, int64(0)},
			{"create", []any{[]any{map[string]any{"title": "A", "shelf": int64(1)}}}, []int64{1}},
			{"read", []any{[]any{int64(1)}, []any{"title", "shelf.rec_name", "shelf"}}, []map[string]any{{"id": int64(1), "title": "A", "shelf": int64(1),
				"shelf.": map[string]any{"id": int64(1), "rec_name": "Top"}}}},
			{"write", []any{[]any{int64(1)}, map[string]any{"title": "B"}}, nil},
			{"lend", []any{[]any{int64(1)}}, nil},
			{"read", []any{[]any{int64(1)}, []any{"state"}}, []map[string]any{{"id": int64(1), "state": "out"}}},
			{"lend", []any{[]any{int64(1)}}, nil},
			{"copy", []any{[]any{int64(1)}, map[string]any{"title": "C"}}, []int64{2}},
			{"export_data", []any{[]any{int64(2)}, []any{"title", "shelf/name", "state.translated"}}, [][]any{{"C", "Top", "Out"}}},
			{"import_data", []any{[]any{"title", "shelf", "price"}, []any{[]any{"D", "Top", "1.50"}}}, int64(1)},
			{"delete", []any{[]any{int64(1), int64(2)}}, nil},
		}
		compare := cmp.Comparer(func(a, b value.Decimal) bool { return a.Equal(b) })
		for _, test := range tests {
			got, err := modelstest.Call(db, 1, map[string]any{}, "test.book", test.method, test.args...)
			if err != nil {
				t.Errorf("%s: %v", test.method, err)
				continue
			}
			if diff := cmp.Diff(test.want, got, compare); diff != "" {
				t.Errorf("%s: %s", test.method, diff)
			}
		}
		if _, err := modelstest.Call(db, 1, nil, "test.book", "delete", []any{int64(3), int64(3)}); err == nil || err.Error() != "Duplicate ids" {
			t.Errorf("duplicate ids: %v", err)
		}
	})
}

func TestConcurrencyCheck(t *testing.T) {
	modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
		var stamp string
		modelstest.Do(t, db, func(tx *models.Tx) {
			r := create(Book.Create(tx, Book.Title.To("A")))
			stamp = r.Timestamp()
		})
		context := map[string]any{"_timestamp": map[string]any{"test.book,1": stamp, "test.book,9": "1.000000"}}
		write := func() error {
			_, err := modelstest.Call(db, 1, context, "test.book", "write", []any{int64(1)}, map[string]any{"title": "B"})
			return err
		}
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if err := write(); !models.IsKind(err, models.KindConcurrency) {
			t.Errorf("second write with the old timestamp: %v", err)
		}
	})
}
