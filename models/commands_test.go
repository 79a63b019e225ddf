package models_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
)

type order struct {
	models.Model
	Name   models.Char
	Code   models.Char
	Amount models.Numeric
	Active models.Boolean
	Lines  models.One2Many
	Notes  models.One2Many
	Labels models.Many2Many
}

var Order = models.Define(&order{
	Model: models.Model{Name: "test.order", String: "Order", History: true,
		Checks:  []models.Check{{Name: "amount_positive", SQL: "amount >= 0", Message: "An order costs something."}},
		Uniques: []models.Unique{{Name: "a_name_that_is_longer_than_the_sixty_three_bytes_of_postgresql", Columns: []string{"name", "code"}, Message: "There is an order with this name and code."}}},
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Size: 10}),
	Code:   models.NewChar(models.Field{String: "Code"}),
	Amount: models.NewNumeric(models.Field{String: "Amount"}),
	Active: models.NewBoolean(models.Field{String: "Active"}),
	Lines:  models.NewOne2Many(models.Field{String: "Lines", Relation: "test.line", RelationField: "order", Order: models.Order("name")}),
	Notes:  models.NewOne2Many(models.Field{String: "Notes", Relation: "test.note", RelationField: "resource"}),
	Labels: models.NewMany2Many(models.Field{String: "Labels", Relation: "test.label", Through: "test.order-test.label", RelationField: "order", RelationTarget: "label", Order: models.Order("name")}),
})

type line struct {
	models.Model
	Order, Product models.Many2One
	Name           models.Char
	Active         models.Boolean
	Notes          models.One2Many
}

var Line = models.Define(&line{
	Model:   models.Model{Name: "test.line", String: "Line"},
	Order:   models.NewMany2One(models.Field{String: "Order", Relation: "test.order", OnDelete: "CASCADE"}),
	Product: models.NewMany2One(models.Field{String: "Product", Relation: "test.label", OnDelete: "RESTRICT"}),
	Name:    models.NewChar(models.Field{String: "Name", Required: true}),
	Active:  models.NewBoolean(models.Field{String: "Active"}),
	Notes:   models.NewOne2Many(models.Field{String: "Notes", Relation: "test.note", RelationField: "resource"}),
})

func (l *line) Setup(c *models.Class) { c.DefaultValue(l.Name, "line") }

type note struct {
	models.Model
	Resource models.Reference
	Name     models.Char
}

var Note = models.Define(&note{
	Model:    models.Model{Name: "test.note", String: "Note"},
	Resource: models.NewReference(models.Field{String: "Resource", Required: true, Selection: [][2]any{{"test.order", "Order"}, {"test.line", "Line"}}}),
	Name:     models.NewChar(models.Field{String: "Name"}),
})

type label struct {
	models.Model
	Name   models.Char
	Parent models.Many2One
	Active models.Boolean
}

var Label = models.Define(&label{
	Model:  models.Model{Name: "test.label", String: "Label", Order: models.Order("name"), Uniques: []models.Unique{{Name: "name_unique", Columns: []string{"name"}, Message: "Labels have different names."}}},
	Name:   models.NewChar(models.Field{String: "Name", Required: true}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "test.label"}),
	Active: models.NewBoolean(models.Field{String: "Active"}),
})

type orderLabel struct {
	models.Model
	Order, Label models.Many2One
}

var OrderLabel = models.Define(&orderLabel{
	Model: models.Model{Name: "test.order-test.label", String: "Order - Label", Table: "test_order_label"},
	Order: models.NewMany2One(models.Field{String: "Order", Relation: "test.order", Required: true, OnDelete: "CASCADE"}),
	Label: models.NewMany2One(models.Field{String: "Label", Relation: "test.label", Required: true, OnDelete: "RESTRICT"}),
})

func shop() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{Order, Line, Note, Label, OrderLabel, User}}}
}

type (
	list = []any
	dict = map[string]any
)

// ask calls a method of a model as user 1 and fails the test on an error.
func ask(t *testing.T, db *models.Database, model, method string, args ...any) any {
	t.Helper()
	result, err := modelstest.Call(db, 1, dict{}, model, method, args...)
	if err != nil {
		t.Fatalf("%s.%s%v: %v", model, method, args, err)
	}
	return result
}

// row reads one record.
func row(t *testing.T, db *models.Database, model string, id int64, names ...any) dict {
	t.Helper()
	r := ask(t, db, model, "read", list{id}, names).([]dict)[0]
	delete(r, "id")
	return r
}

func wantError(t *testing.T, err error, kind models.Kind, text string) {
	t.Helper()
	if models.ErrorKind(err) != kind || err == nil || err.Error() != text {
		t.Errorf("error %q of kind %d, want %q of kind %d", err, models.ErrorKind(err), text, kind)
	}
}

func TestCommands(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.label", "create", list{dict{"name": "red"}, dict{"name": "blue"}, dict{"name": "old", "active": false}})
		ask(t, db, "test.order", "create", list{
			dict{"name": "A", "lines": list{list{"create", list{dict{"name": "b", "notes": list{list{"create", list{dict{"name": "deep"}}}}}, dict{"name": "a"}}}},
				"notes": list{list{"create", list{dict{"name": "n"}}}}, "labels": list{list{"add", list{int64(1), int64(3)}}, list{"create", list{dict{"name": "new"}}}}},
			dict{"name": "B", "lines": nil, "labels": list{}},
		})
		steps := []struct {
			commands dict
			want     dict // of order 1: lines by name, notes, labels by name (inactive too)
		}{
			{nil, dict{"lines": "a2 b1", "notes": "n2", "labels": "new4 old3 red1"}},
			{dict{"lines": list{list{"add", list{int64(1)}}, list{"write", list{int64(1)}, dict{"name": "z"}}}}, dict{"lines": "a2 z1", "notes": "n2", "labels": "new4 old3 red1"}},
			{dict{"lines": list{list{"create", list{dict{}}}, list{"remove", list{int64(1)}}}}, dict{"lines": "a2 line3", "notes": "n2", "labels": "new4 old3 red1"}},
			{dict{"lines": list{list{"add", list{int64(1)}}, list{"delete", list{int64(2), int64(3)}}}}, dict{"lines": "z1", "notes": "n2", "labels": "new4 old3 red1"}},
			{dict{"lines": list{list{"copy", list{int64(1)}, dict{"name": "y"}}, list{"write", list{int64(1)}, dict{"name": "x"}, list{int64(1)}, dict{"active": true}}}}, dict{"lines": "x1 y4", "notes": "n2", "labels": "new4 old3 red1"}},
			{dict{"labels": list{list{"remove", list{int64(3)}}, list{"add", list{int64(2), int64(2), int64(1)}}, list{"write", list{int64(4)}, dict{"name": "lila"}}}}, dict{"lines": "x1 y4", "notes": "n2", "labels": "blue2 lila4 red1"}},
			{dict{"labels": list{list{"copy", list{int64(2)}, dict{"name": "green"}}, list{"remove", list{int64(1), int64(2)}}}, "notes": list{list{"copy", list{int64(2)}}, list{"write", list{int64(2)}, dict{"name": "m"}}}},
				dict{"lines": "x1 y4", "notes": "m2 n4", "labels": "green5 lila4"}},
			{dict{"notes": list{list{"delete", list{int64(2)}}}, "lines": list{list{"write", list{int64(1)}, dict{"active": false}}}}, dict{"lines": "y4", "notes": "n4", "labels": "green5 lila4"}},
		}
		for i, step := range steps {
			if step.commands != nil {
				ask(t, db, "test.order", "write", list{int64(1)}, step.commands)
			}
			if diff := cmp.Diff(step.want, linkedNames(t, db, 1)); diff != "" {
				t.Errorf("step %d: %s", i, diff)
			}
		}
		if diff := cmp.Diff(dict{"lines": "", "notes": "", "labels": ""}, linkedNames(t, db, 2)); diff != "" {
			t.Errorf("the other order: %s", diff)
		}
	})
}

// linkedNames shows what an order is linked to: names with ids, in order.
func linkedNames(t *testing.T, db *models.Database, id int64) dict {
	t.Helper()
	result := dict{}
	for name, v := range row(t, db, "test.order", id, "lines.name", "notes.name", "labels.name") {
		var words []string
		for _, r := range v.([]any) {
			linked := r.(dict)
			words = append(words, linked["name"].(string)+string(rune('0'+linked["id"].(int64))))
		}
		result[strings.TrimSuffix(name, ".")] = strings.Join(words, " ")
	}
	return result
}

func TestRemoveLeavesOthersAlone(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		child := list{list{"create", list{dict{"name": "l"}}}}
		ask(t, db, "test.order", "create", list{dict{"name": "A", "lines": child}, dict{"name": "B", "lines": child}})
		ask(t, db, "test.order", "write", list{int64(1)}, dict{"lines": list{list{"remove", list{int64(1), int64(2)}}}})
		if got := row(t, db, "test.order", 2, "lines")["lines"]; !cmp.Equal(got, []int64{2}) {
			t.Errorf("lines of the other order: %v", got)
		}
		ask(t, db, "test.order", "write", list{int64(1), int64(2)}, dict{"lines": child}, list{int64(1)}, dict{"name": "C"})
		if got := row(t, db, "test.order", 1, "lines", "name"); !cmp.Equal(got, dict{"lines": []int64{3}, "name": "C"}) {
			t.Errorf("written to both: %v", got)
		}
	})
}

func TestWrongCommands(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.order", "create", list{dict{"name": "A"}})
		for _, v := range []any{"x", int64(1), list{"create"}, list{list{}}, list{list{int64(1)}}, list{list{"make", list{}}}, list{list{"create", list{int64(1)}}}, list{list{"create", "x"}},
			list{list{"write", list{int64(1)}, "x"}}, list{list{"add", "x"}}, list{list{"delete", dict{}}}, list{list{"create", list{dict{"nothing": int64(1)}}}}, list{list{"copy", nil, list{}}}} {
			for _, field := range []string{"lines", "labels"} {
				for _, method := range []string{"write", "create"} {
					args := list{list{int64(1)}, dict{field: v}}
					if method == "create" {
						args = list{list{dict{"name": "B", field: v}}}
					}
					_, err := modelstest.Call(db, 1, nil, "test.order", method, args...)
					if err == nil || models.ErrorKind(err) == models.KindInternal {
						t.Errorf("%s of %v: %v", method, v, err)
					}
				}
			}
		}
		if n := ask(t, db, "test.order", "search_count", list{}); n != int64(1) {
			t.Errorf("%d orders", n)
		}
	})
}

func TestCopy(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.label", "create", list{dict{"name": "red"}, dict{"name": "blue"}})
		ask(t, db, "test.order", "create", list{dict{"name": "A", "amount": dec("1.50"), "lines": list{list{"create", list{dict{"name": "l", "notes": list{list{"create", list{dict{"name": "deep"}}}}}, dict{"name": "m"}}}},
			"labels": list{list{"add", list{int64(1), int64(2)}}}}})
		copies := ask(t, db, "test.order", "copy", list{int64(1)}, dict{"code": "x", "labels": list{list{"add", list{int64(2)}}}})
		if diff := cmp.Diff([]int64{2}, copies); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(dict{"lines": "l3 m4", "notes": "", "labels": "blue2"}, linkedNames(t, db, 2)); diff != "" {
			t.Error(diff)
		}
		got := row(t, db, "test.line", 3, "notes.name", "order.code", "order.amount")
		want := dict{"notes.": list{dict{"id": int64(2), "name": "deep"}}, "order.": dict{"id": int64(2), "code": "x", "amount": dec("1.50")}}
		if diff := cmp.Diff(want, got, byDecimal); diff != "" {
			t.Error(diff)
		}
	})
}

func TestConstraintErrors(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.label", "create", list{dict{"name": "red"}, dict{"name": "blue"}})
		ask(t, db, "test.order", "create", list{dict{"name": "A", "code": "1", "lines": list{list{"create", list{dict{"product": int64(1)}}}}, "labels": list{list{"add", list{int64(2)}}}}})
		tests := []struct {
			model, method string
			args          []any
			want          string
		}{
			{"test.order", "create", list{list{dict{"name": "A", "code": "1"}}}, "There is an order with this name and code."},
			{"test.order", "create", list{list{dict{"name": "B", "amount": dec("-1")}}}, "An order costs something."},
			{"test.order", "write", list{list{int64(1)}, dict{"amount": dec("-0.01")}}, "An order costs something."},
			{"test.label", "write", list{list{int64(2)}, dict{"name": "red"}}, "Labels have different names."},
			{"test.label", "copy", list{list{int64(2)}}, "Labels have different names."},
			{"test.label", "create", list{list{dict{}}}, `A value is required for field "Name" in "Label".`},
			{"test.label", "create", list{list{dict{"name": ""}}}, `A value is required for field "Name" in "Label".`},
			{"test.label", "write", list{list{int64(1)}, dict{"name": nil}}, `A value is required for field "Name" in "Label".`},
			{"test.label", "delete", list{list{int64(1)}}, `The records of "Label" cannot be deleted: they are used by the field "Product" of "Line".`},
			{"test.label", "delete", list{list{int64(2)}}, `The records of "Label" cannot be deleted: they are used by the field "Label" of "Order - Label".`},
			{"test.line", "create", list{list{dict{"order": int64(99)}}}, `The records of "Line" could not be stored: a record that they refer to does not exist.`},
			{"test.line", "create", list{list{dict{"order": int64(99999999999)}}}, "The number 99999999999 is too large."},
			{"test.order", "write", list{list{int64(1)}, dict{"name": "longer than ten"}}, `The value "longer than ten" for field "Name" in "Order" is too long (15 > 10).`},
			{"test.order", "write", list{list{int64(1)}, dict{"labels": list{list{"add", list{int64(99)}}}}}, `The records of "Order - Label" could not be stored: a record that they refer to does not exist.`},
		}
		for _, test := range tests {
			_, err := modelstest.Call(db, 1, nil, test.model, test.method, test.args...)
			wantError(t, err, models.KindUser, test.want)
		}
		ask(t, db, "test.order", "delete", list{int64(1)})
		if n := ask(t, db, "test.line", "search_count", list{}); n != int64(0) {
			t.Errorf("%d lines outlive their order", n)
		}
	})
}

func TestActiveTest(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.label", "create", list{dict{"name": "red"}, dict{"name": "old", "active": false}})
		ask(t, db, "test.order", "create", list{
			dict{"name": "A", "lines": list{list{"create", list{dict{"name": "l"}, dict{"name": "off", "active": false}}}}, "labels": list{list{"add", list{int64(1), int64(2)}}}},
			dict{"name": "B", "active": false}})
		for _, test := range []struct {
			context dict
			model   string
			domain  list
			want    []int64
		}{
			{nil, "test.order", list{}, []int64{1}},
			{dict{"active_test": false}, "test.order", list{}, []int64{1, 2}},
			{nil, "test.order", list{list{"active", "=", false}}, []int64{2}},
			{nil, "test.order", list{list{"active", "in", list{true, false}}}, []int64{1, 2}},
			{nil, "test.order", list{"OR", list{list{"name", "=", "B"}, list{"active", "=", false}}, list{list{"name", "=", "A"}}}, []int64{1, 2}},
			{nil, "test.order", list{list{"lines.name", "=", "off"}}, nil},
			{nil, "test.order", list{list{"lines", "where", list{list{"name", "=", "off"}, list{"active", "=", false}}}}, []int64{1}},
			{dict{"active_test": false}, "test.order", list{list{"lines.name", "=", "off"}}, []int64{1}},
			{nil, "test.order", list{list{"labels.name", "=", "old"}}, []int64{1}},
			{nil, "test.line", list{list{"order.name", "=", "A"}}, []int64{1}},
		} {
			got, err := modelstest.Call(db, 1, test.context, test.model, "search", test.domain)
			if diff := cmp.Diff(test.want, idsIn(got)); diff != "" || err != nil {
				t.Errorf("%v %v: %v %s", test.context, test.domain, err, diff)
			}
		}
		if diff := cmp.Diff(dict{"lines": []int64{1}, "labels": []int64{2, 1}}, row(t, db, "test.order", 1, "lines", "labels")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTrees(t *testing.T) {
	modelstest.Each(t, nil, shop, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.label", "create", list{dict{"name": "a"}})
		ask(t, db, "test.label", "create", list{dict{"name": "b", "parent": int64(1)}, dict{"name": "c"}})
		ask(t, db, "test.label", "create", list{dict{"name": "d", "parent": int64(2)}})
		ask(t, db, "test.line", "create", list{dict{"product": int64(4)}, dict{"product": int64(1)}, dict{}, dict{"product": int64(3)}})
		for _, test := range []struct {
			model  string
			clause list
			want   []int64
		}{
			{"test.label", list{"parent", "child_of", list{int64(1)}}, []int64{1, 2, 4}},
			{"test.label", list{"parent", "child_of", list{int64(2), int64(3)}, "parent"}, []int64{2, 3, 4}},
			{"test.label", list{"parent", "not child_of", list{int64(2)}}, []int64{1, 3}},
			{"test.label", list{"parent", "parent_of", list{int64(4)}}, []int64{1, 2, 4}},
			{"test.label", list{"parent", "not parent_of", list{int64(4)}}, []int64{3}},
			{"test.label", list{"parent", "child_of", "b"}, []int64{2, 4}},
			{"test.line", list{"product", "child_of", list{int64(2)}, "parent"}, []int64{1}},
			{"test.line", list{"product", "child_of", list{int64(1)}, "parent"}, []int64{1, 2}},
			{"test.line", list{"product", "not child_of", list{int64(1)}, "parent"}, []int64{4}},
			{"test.line", list{"product", "not child_of", list{}, "parent"}, []int64{1, 2, 3, 4}},
			{"test.line", list{"product", "parent_of", list{int64(2)}, "parent"}, []int64{2}},
			{"test.line", list{"product.parent", "child_of", list{int64(2)}}, []int64{1}},
			{"test.order", list{"labels", "child_of", list{int64(1)}, "parent"}, nil},
		} {
			got := ask(t, db, test.model, "search", list{test.clause}, int64(0), nil, list{list{"id", "ASC"}})
			if diff := cmp.Diff(test.want, idsIn(got)); diff != "" {
				t.Errorf("%v: %s", test.clause, diff)
			}
		}
		for _, clause := range []list{{"product", "child_of", list{int64(1)}, "nothing"}, {"name", "child_of", list{int64(1)}}, {"product", "child_of", list{int64(1)}, "name"}, {"product", "child_of", dict{}, "parent"}} {
			if _, err := modelstest.Call(db, 1, nil, "test.line", "search", list{clause}); err == nil || models.ErrorKind(err) == models.KindInternal {
				t.Errorf("%v: %v", clause, err)
			}
		}
		modelstest.Do(t, db, func(tx *models.Tx) { // a circle must end
			models.Must(Label.Write(tx, Label.Browse(tx, 1), Label.Parent.To(int64(4))))
			if n := Label.Count(tx, domain.C("parent", "child_of", list{int64(2)})); n != 3 {
				t.Errorf("%d records in the circle", n)
			}
		})
	})
}

// person stands for the users of module res.
type person struct {
	models.Model
	Name models.Char
}

var User = models.Define(&person{
	Model: models.Model{Name: "res.user", String: "User"},
	Name:  models.NewChar(models.Field{String: "Name"}),
})

// user makes user 1.
func user(t *testing.T, db *models.Database, name string) {
	t.Helper()
	ask(t, db, "res.user", "create", list{dict{"name": name}})
}
