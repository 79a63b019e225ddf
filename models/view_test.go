package models_test

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql/sqltest"
)

var update = flag.Bool("update", false, "write the views that the tests draw into testdata/views")

// item is shown by the views of these tests.
type item struct {
	models.Model
	Name, Code, Unit  models.Char
	Amount            models.Numeric
	State             models.Selection
	Place             models.Integer
	Secret            models.Char
	Active            models.Boolean
	Parent, Owner     models.Many2One
	Childs            models.One2Many
	Companions        models.Many2Many
	Currency, Website models.Char
}

var Item = models.Define(&item{
	Model: models.Model{Name: "test.item", String: "Item"},
	Name:  models.NewChar(models.Field{String: "Name", Required: true, Help: "What it is <called> & why."}),
	Code:  models.NewChar(models.Field{String: "Code", States: map[string]any{"readonly": pyson.Equal(pyson.Eval("state", ""), "done"), "invisible": pyson.Not(pyson.Bool(pyson.Eval("place", 0)))}, Depends: []string{"unit"}}),
	Unit:  models.NewChar(models.Field{String: "Unit", Size: pyson.Eval("place", 5)}),
	Amount: models.NewNumeric(models.Field{String: "Amount", Digits: [2]any{16, pyson.Eval("place", 2)},
		Domain: []any{pyson.If(pyson.Equal(pyson.Eval("_parent_parent.state", ""), "done"), []any{"amount", ">", 0}, []any{})}}),
	State:    models.NewSelection(models.Field{String: "State", Readonly: true, Selection: [][2]any{{"draft", "Draft"}, {"done", "Done"}}}),
	Place:    models.NewInteger(models.Field{String: "Place"}),
	Secret:   models.NewChar(models.Field{String: "Secret"}),
	Active:   models.NewBoolean(models.Field{String: "Active"}),
	Parent:   models.NewMany2One(models.Field{String: "Parent", Relation: "test.item"}),
	Owner:    models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner", Context: map[string]any{"website": pyson.Eval("website", "")}}),
	Childs:   models.NewOne2Many(models.Field{String: "Childs", Relation: "test.item", RelationField: "parent", AddRemove: []any{[]any{"currency", "=", pyson.Eval("currency", "")}}}),
	Currency: models.NewChar(models.Field{String: "Currency"}),
	Website:  models.NewChar(models.Field{String: "Website"}),
	Companions: models.NewMany2Many(models.Field{String: "Companions", Relation: "test.owner",
		Through: "test.item-test.owner", RelationField: "item", RelationTarget: "owner"}),
})

func (i *item) Setup(c *models.Class) {
	c.DefaultValue(i.State, "draft")
	c.OnChangeWith(i.Unit, func(*models.Record) any { return "kg" }, i.Code)
	nothing := func(*models.Tx, []*models.Record) (any, error) { return nil, nil }
	c.Button(models.Button{Name: "finish", States: map[string]any{"invisible": pyson.Equal(pyson.Eval("state", ""), "done"), "icon": "tryton-ok"}}, nothing)
	c.Button(models.Button{Name: "guess", States: map[string]any{"readonly": pyson.Bool(pyson.Eval("website", ""))}, Change: []models.Named{i.Name, i.Code}}, nothing)
	c.ViewAttribute("/tree", "visual", pyson.If(pyson.Equal(pyson.Eval("state", ""), "done"), "muted", ""))
	c.ViewAttribute("//page[@id='more']", "states", map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("website", "")))})
}

type owner struct {
	models.Model
	Name models.Char
	Note models.Text
}

var Owner = models.Define(&owner{
	Model: models.Model{Name: "test.owner", String: "Owner"},
	Name:  models.NewChar(models.Field{String: "Name"}),
	Note:  models.NewText(models.Field{String: "Note"}),
})

type itemOwner struct {
	models.Model
	Item, Owner models.Many2One
}

var ItemOwner = models.Define(&itemOwner{
	Model: models.Model{Name: "test.item-test.owner", String: "Item - Owner", Internal: true, Table: "test_item_owner"},
	Item:  models.NewMany2One(models.Field{String: "Item", Relation: "test.item", Required: true, OnDelete: "CASCADE"}),
	Owner: models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner", Required: true, OnDelete: "CASCADE"}),
})

// gallery are modules with views: "first", with the models, and two that
// inherit from its views.
func gallery() []*models.Module {
	return []*models.Module{irDouble(),
		{Name: "first", Definitions: []models.Definition{Item, Owner, ItemOwner}, Data: []models.Data{
			viewData("item_form", "test.item", "form", `<?xml version="1.0"?>
				<form col="6">
					<!-- no client sees this -->
					<label name="name"/><field name="name"/>
					<label name="secret"/><field name="secret" colspan="3"/>
					<label name="owner"/><field name="owner"/>
					<notebook>
						<page id="more" string="More &amp; more"><field name="childs" colspan="4"/></page>
						<page name="companions"><field name="companions" view_ids="first.owner_list" mode="tree"/></page>
					</notebook>
					<button name="finish"/><button name="guess" string="Own text" icon="x"/>
					<link name="ir.act_open" icon="y"/>
				</form>`, nil),
			viewData("item_list", "test.item", "tree", `<tree sequence="place"><field name="name" icon="unit"/><field name="amount" symbol="currency"/><field name="owner"/><button name="finish"/></tree>`, models.Values{"field_childs": "childs"}),
			viewData("item_list_later", "test.item", "tree", `<tree><field name="code"/></tree>`, models.Values{"priority": int64(20)}),
			viewData("owner_list", "test.owner", "tree", `<tree><field name="name"/></tree>`, nil),
			{ID: "button_finish", Model: "ir.model.button", Values: models.Values{"model": "test.item", "name": "finish", "string": "Finish", "help": "Ends it", "confirm": "Really?"}}}},
		{Name: "second", Data: []models.Data{
			viewData("item_form_second", "test.item", "", `<data>
					<xpath expr="/form/field[@name='name']" position="after"><label name="code"/><field name="code"/></xpath>
					<xpath expr="/form/label[@name='owner']" position="before"><newline/></xpath>
					<xpath expr="/form/notebook" position="inside"><page id="second" string="Second"/></xpath>
					<xpath expr="//field[@name='childs']" position="replace_attributes"><field height="100" colspan="2"/></xpath>
				</data>`, models.Values{"inherit": models.Ref("first.item_form"), "priority": int64(1)})}},
		{Name: "third", Data: []models.Data{
			viewData("item_form_third", "test.item", "", `<data>
					<xpath expr="/form/field[@name='code']" position="replace"><field name="code" xfill="0"/><field name="amount"/></xpath>
					<xpath expr="//page[@id='second']" position="inside"><label name="website"/><field name="website" widget="url"/></xpath>
				</data>`, models.Values{"inherit": models.Ref("first.item_form"), "priority": int64(30)}),
			viewData("item_form_conditional", "test.item", "", `<data><xpath expr="//page[@id='second']" position="replace"/></data>`,
				models.Values{"inherit": models.Ref("first.item_form"), "priority": int64(31), "domain": pyson.Encode(pyson.Bool(pyson.Get(pyson.Eval("context", map[string]any{}), "short", false)))})}},
	}
}

// drawn is a view as JSON, to be read by people.
func drawn(t *testing.T, db *models.Database, context dict, model string, args ...any) string {
	t.Helper()
	v, err := modelstest.Call(db, 1, context, model, "fields_view_get", args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	encoded, err := value.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(encoded, &plain); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(plain); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestViews draws views and holds them against the files in testdata/views;
// -update writes them.
func TestViews(t *testing.T) {
	g := &guard{}
	modelstest.Each(t, g, gallery, func(t *testing.T, db *models.Database) {
		*g = guard{}
		form := ask(t, db, "ir.ui.view", "search", list{list{"name", "=", "item_form"}}).([]int64)[0]
		later := ask(t, db, "ir.ui.view", "search", list{list{"name", "=", "item_list_later"}}).([]int64)[0]
		ask(t, db, "ir.ui.view_tree_width", "create", list{dict{"model": "test.item", "field": "amount", "user": int64(1), "width": int64(123)}})
		tests := []struct {
			file    string
			context dict
			guard   guard
			model   string
			args    []any
		}{
			{"form", nil, guard{}, "test.item", []any{form, "form"}},
			{"form_short", dict{"short": true}, guard{}, "test.item", []any{nil, "form"}},
			{"form_limited", nil, guard{models: map[string]models.Rights{"test.owner": {}}, fields: map[string]map[string]models.Rights{"test.item": {"secret": {}, "code": {Read: true}}}, buttons: map[string]bool{"test.item.finish": false}}, "test.item", []any{false, "form"}},
			{"tree", dict{"view_tree_width": true}, guard{}, "test.item", []any{nil, "tree"}},
			{"tree_limited", nil, guard{models: map[string]models.Rights{"test.owner": {}}, fields: map[string]map[string]models.Rights{"test.item": {"name": {}, "currency": {}}}}, "test.item", []any{nil, "tree"}},
			{"tree_later", nil, guard{}, "test.item", []any{later, "tree"}},
			{"plain_form", nil, guard{}, "test.owner", []any{nil, "form"}},
			{"plain_tree", nil, guard{}, "test.owner", []any{nil, "tree"}},
		}
		for _, test := range tests {
			*g = test.guard
			got := drawn(t, db, test.context, test.model, test.args...)
			golden(t, filepath.Join("testdata", "views", test.file+".json"), got)
		}
	})
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// TestWrongViews has views that are refused when the database is updated.
func TestWrongViews(t *testing.T) {
	for _, test := range []struct{ model, kind, arch, want string }{
		{"test.item", "form", `<form><field name="nothing"/></form>`, `view wrong.broken: test.item has no field "nothing"`},
		{"test.item", "form", `<form><label name="nothing"/></form>`, `view wrong.broken: test.item has no field "nothing" for a label`},
		{"test.item", "form", `<form><button name="nothing"/></form>`, `view wrong.broken: test.item has no button "nothing"`},
		{"test.item", "form", `<form><link name="ir.nothing"/></form>`, `view wrong.broken: models: there is no data record "ir.nothing"`},
		{"test.item", "form", `<form><link name="nothing"/></form>`, `view wrong.broken: models: "nothing" names no module`},
		{"test.item", "form", `<form><field name="childs" view_ids="first.nothing"/></form>`, `view wrong.broken: models: there is no data record "first.nothing"`},
		{"test.item", "form", `<form>`, `view wrong.broken: The view "wrong.broken" cannot be shown: `},
		{"test.item", "form", ``, `view wrong.broken: The view "wrong.broken" cannot be shown: it has no text`},
		{"test.item", "form", `<tree/>`, `view wrong.broken: it is a "form" and has a <tree>`},
		{"test.item", "tree", `<tree sequence="nothing"/>`, `view wrong.broken: test.item has no field "nothing" for the attribute sequence`},
		{"test.nothing", "tree", `<tree/>`, `view wrong.broken: there is no model "test.nothing"`},
		{"test.item", "", `<data><xpath expr="/form/field[@name='nothing']" position="after"/></data>`, `view first.item_form: The view "wrong.broken" cannot be shown: /form/field[@name='nothing'] is not in the view`},
		{"test.item", "", `<data><xpath expr="/form[" position="after"/></data>`, `view first.item_form: The view "wrong.broken" cannot be shown: etree: `},
		{"test.item", "", `<data><xpath expr="/form" position="beside"/></data>`, `view first.item_form: The view "wrong.broken" cannot be shown: unknown position "beside"`},
		{"test.item", "", `<data><xpath expr="/form/field[@name='name']" position="after"><field name="nothing"/></xpath></data>`, `view first.item_form: test.item has no field "nothing"`},
		{"test.item", "", `<data><xpath expr="//page[@id='more']" position="replace"/></data>`, `no view of test.item has //page[@id='more'], which gets the attribute states`},
	} {
		more := models.Values{}
		if test.kind == "" {
			more["inherit"] = models.Ref("first.item_form")
		}
		modules := append(gallery()[:2], &models.Module{Name: "wrong", Data: []models.Data{viewData("broken", test.model, test.kind, test.arch, more)}})
		registry, err := models.Build(nil, modules...)
		if err != nil {
			t.Fatal(err)
		}
		db := models.NewDatabase(registry, sqltest.Database(t, sqltest.SQLite(t)), slog.New(slog.DiscardHandler))
		if err := db.Update(context.Background()); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.arch, err, test.want)
		}
	}
}

// TestUsersViews has views that an administrator broke: who draws them is told
// which, and the program starts all the same.
func TestUsersViews(t *testing.T) {
	modelstest.Each(t, nil, gallery, func(t *testing.T, db *models.Database) {
		form := ask(t, db, "ir.ui.view", "search", list{list{"name", "=", "item_form"}}).([]int64)[0]
		ids := ask(t, db, "ir.ui.view", "create", list{
			dict{"model": "test.item", "inherit": form, "arch": `<data><xpath expr="//nothing" position="after"/></data>`},
			dict{"model": "test.owner", "type": "form", "arch": `<form><field name="nothing"/></form>`}, dict{"model": "test.owner", "type": "tree", "arch": "<"},
			dict{"model": "test.item", "inherit": form, "arch": `<data><xpath expr="/form" position="replace"/></data>`, "priority": int64(1)}}).([]int64)
		if err := db.Update(context.Background()); err != nil {
			t.Errorf("update: %v", err)
		}
		for _, call := range []struct {
			model string
			args  []any
			want  string
		}{
			{"test.item", []any{form, "form"}, `The view "test.item `},
			{"test.owner", []any{ids[1], "form"}, `The view "test.owner `},
			{"test.owner", []any{ids[2], "tree"}, `The view "test.owner `},
			{"test.owner", []any{form, "form"}, `There is no view `},
			{"test.owner", []any{int64(999999), "form"}, `There is no view `},
			{"test.owner", []any{nil, "graph"}, `There is no view of type "graph" for "Owner".`},
		} {
			_, err := modelstest.Call(db, 1, nil, call.model, "fields_view_get", call.args...)
			if !models.IsKind(err, models.KindUser) || !strings.HasPrefix(err.Error(), call.want) {
				t.Errorf("%s %v: %v, want %s", call.model, call.args, err, call.want)
			}
		}
		ask(t, db, "ir.ui.view", "delete", ids)
		for _, none := range []any{false, ""} { // the web client's search windows name no view by an empty text
			if _, err := modelstest.Call(db, 1, nil, "test.item", "fields_view_get", none, "form"); err != nil {
				t.Errorf("the first view, asked for by %#v: %v", none, err)
			}
		}
		ask(t, db, "ir.ui.view", "create", list{dict{"model": "test.item", "type": "form", "priority": int64(1), "arch": `<form><field name="childs" mode="form"/></form>`}})
		if text := drawn(t, db, nil, "test.item", nil, "form"); strings.Count(text, `"arch"`) != 4 {
			t.Errorf("a form within itself is drawn %d times", strings.Count(text, `"arch"`))
		}
	})
}

// TestDepends has the fields that expressions read among those that a field
// depends on: declared ones first.
func TestDepends(t *testing.T) {
	registry, err := models.Build(nil, gallery()...)
	if err != nil {
		t.Fatal(err)
	}
	c := registry.Class("test.item")
	for name, want := range map[string][]string{"code": {"unit", "place", "state", "active"}, "unit": {"place", "active"}, "amount": {"parent", "place", "active"}, "owner": {"website", "active"}, "childs": {"currency", "active"}, "name": {"active"}, "active": nil} {
		if diff := cmp.Diff(want, c.Field(name).Depends); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"state"}, c.Buttons()["finish"].Depends); diff != "" {
		t.Error(diff)
	}
	if got := Item.Code.Depends; len(got) != 1 {
		t.Errorf("the declaration was changed: %v", got)
	}
}
