package models_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// TestImport brings rows in as the clients send them and reads back what they made.
func TestImport(t *testing.T) {
	books := []any{"name", "books/title", "books/price", "books/lent", "books/tags"}
	tests := []struct {
		name, model string
		paths       []any
		rows        []any
		count       int64
		read        []any
		want        [][]any
	}{
		{"rows of a one2many belong with the record above", "test.shelf", books, []any{
			list{"Top", "A", "1.50", "2026-11-24", "new"},
			list{"", "B", "2", "", "new,a\\,b"},
			list{"Low", "C", "", "", ""},
			list{"Bare"}, // a client leaves cells out at the end
		}, 3, books, [][]any{
			{"Bare", "", "", "", ""},
			{"Low", "C", "", "", ""},
			{"Top", "B", dec("2"), "", "new,a,b"}, {"", "A", dec("1.5"), value.MustParseDate("2026-11-24"), "new"},
		}},
		{"an id changes the record, and lines of it", "test.shelf", list{"id", "name", "books/id", "books/title"}, []any{
			list{"Old", "Renamed", "1", "Changed"}, list{"", "", "", "More"},
		}, 1, list{"name", "books/title"}, [][]any{{"Renamed", "Changed"}, {"", "More"}}},
		{"links by name and reference, labels of selections", "test.book", list{"title", "shelf", "related", "state"}, []any{
			list{"D", "Old", "test.shelf,Old", "In"},
		}, 1, list{"title", "shelf/name", "related/rec_name", "state"}, [][]any{{"First", "Old", "", "in"}, {"D", "Old", "Old", "in"}}},
		{"what a client has typed", "test.book", list{"title", "price", "lent"}, []any{
			list{"D", dec("3.25"), value.MustParseDate("2026-01-02")},
		}, 1, list{"title", "price", "lent"}, [][]any{{"First", "", ""}, {"D", dec("3.25"), value.MustParseDate("2026-01-02")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
				stock(t, db)
				call := func(method string, args ...any) any {
					got, err := modelstest.Call(db, 1, nil, test.model, method, args...)
					if err != nil {
						t.Fatalf("%s: %v", method, err)
					}
					return got
				}
				if got := call("import_data", test.paths, test.rows); got != test.count {
					t.Errorf("imported %v, want %d", got, test.count)
				}
				got := call("export_data_domain", list{list{"rec_name", "!=", "Old"}}, test.read, int64(0), nil, nil)
				if diff := cmp.Diff(test.want, got, byDecimal); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// stock makes what rows of TestImport refer to.
func stock(t *testing.T, db *models.Database) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		old := create(Shelf.Create(tx, Shelf.Name.To("Old")))
		create(Book.Create(tx, Book.Title.To("First"), Book.Shelf.To(old)))
		create(Tag.Create(tx, Tag.Name.To("new")))
		create(Tag.Create(tx, Tag.Name.To("a,b")))
	})
}

// TestImportTellsTheRow has something wrong in each import: it names the row, and nothing is kept.
func TestImportTellsTheRow(t *testing.T) {
	tests := []struct {
		name, model string
		paths       []any
		bad         []any
		want        string
	}{
		{"an unknown name", "test.book", list{"title", "shelf"}, list{"B", "Nowhere"}, `Row 2: There is no "Shelf" called "Nowhere".`},
		{"a name of several", "test.book", list{"title", "tags"}, list{"B", "twice"}, `Row 2: There are several of "Tag" called "twice".`},
		{"an unknown tag", "test.book", list{"title", "tags"}, list{"B", "new,none"}, `Row 2: There is no "Tag" called "none".`},
		{"no date", "test.book", list{"title", "lent"}, list{"B", "yesterday"}, `Row 2: The value for field "Lent" in "Book" is not valid ("yesterday" is no date).`},
		{"no number", "test.book", list{"title", "digits"}, list{"B", "few"}, `Row 2: The value for field "Digits" in "Book" is not valid (expected an integer, not string).`},
		{"no reference", "test.book", list{"title", "related"}, list{"B", "Old"}, `Row 2: "Old" must be a model and a name, with a comma between them, for "Related".`},
		{"no model", "test.book", list{"title", "related"}, list{"B", "test.none,Old"}, `Row 2: "test.none" is no model for "Related".`},
		{"what is missing", "test.book", list{"title"}, list{""}, `Row 2: A value is required for field "Title" in "Book".`},
		{"a column that is none", "test.book", list{"title", "pages"}, list{"B", "3"}, `Row 1: "pages" is not a field that can be imported.`},
		{"a path through no one2many", "test.book", list{"title", "shelf/name"}, list{"B", "x"}, `Row 1: "shelf" is not a field that can be imported.`},
		{"lines without a path", "test.shelf", list{"name", "books"}, list{"B", "C"}, `Row 2: "books" is not a field that can be imported.`},
		{"a line", "test.shelf", list{"name", "books/title", "books/lent"}, list{"", "B", "never"}, `Row 2: The value for field "Lent" in "Book" is not valid ("never" is no date).`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, nil, library, func(t *testing.T, db *models.Database) {
				stock(t, db)
				modelstest.Do(t, db, func(tx *models.Tx) {
					create(Tag.Create(tx, Tag.Name.To("twice")))
					create(Tag.Create(tx, Tag.Name.To("twice")))
				})
				good := list{"Good"}
				_, err := modelstest.Call(db, 1, nil, test.model, "import_data", test.paths, list{good, test.bad})
				if !models.IsKind(err, models.KindUser) || err.Error() != test.want {
					t.Errorf("%v\nwant %s", err, test.want)
				}
				left, err := modelstest.Call(db, 1, nil, test.model, "search_count", list{list{"rec_name", "=", "Good"}})
				if err != nil || left != int64(0) {
					t.Errorf("%v rows are left, %v", left, err)
				}
			})
		})
	}
}

// TestImportSeveralChoices takes several keys or labels of a selection, and refuses what is neither.
func TestImportSeveralChoices(t *testing.T) {
	modelstest.Each(t, nil, samples, func(t *testing.T, db *models.Database) {
		try := func(word string) error {
			_, err := modelstest.Call(db, 1, nil, "test.sample", "import_data", list{"char", "selects"}, list{list{"x", word}})
			return err
		}
		if err := try("foo,Bar, Foobar"); err != nil {
			t.Fatal(err)
		}
		if err := try("foo,qux"); !models.IsKind(err, models.KindUser) {
			t.Errorf("what is no choice: %v", err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			found := Sample.Search(tx, nil)
			if len(found) != 1 {
				t.Fatalf("%d records", len(found))
			}
			if diff := cmp.Diff([]string{"bar", "foo", "foobar"}, found[0].Get("selects")); diff != "" {
				t.Error(diff)
			}
		})
	})
}
