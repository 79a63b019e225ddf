package models_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/value"
)

// ask is the form of the wizard of these tests.
type askForm struct {
	models.Model
	Name   models.Char
	Count  models.Integer
	Price  models.Numeric
	Day    models.Date
	Owner  models.Many2One
	Owners models.Many2Many
	Lines  models.One2Many
}

var AskForm = models.Define(&askForm{
	Model:  models.Model{Name: "test.ask", String: "Ask", ViewOnly: true},
	Name:   models.NewChar(models.Field{String: "Name"}),
	Count:  models.NewInteger(models.Field{String: "Count"}),
	Price:  models.NewNumeric(models.Field{String: "Price"}),
	Day:    models.NewDate(models.Field{String: "Day"}),
	Owner:  models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner"}),
	Owners: models.NewMany2Many(models.Field{String: "Owners", Relation: "test.owner", Function: true}),
	Lines:  models.NewOne2Many(models.Field{String: "Lines", Relation: "test.ask", Function: true}),
})

func (f *askForm) Setup(c *models.Class) { c.DefaultValue(f.Name, "by the model") }

// asking goes from a form over a check to an action and another form.
var asking = &models.Wizard{Name: "test.asking", Start: "start", End: "reload menu", States: map[string]models.State{
	"start": {View: "test.ask", ViewID: "test.ask_form", Buttons: []models.StateButton{{State: "end", String: "Cancel", Icon: "tryton-cancel"}, {State: "check", String: "Go", Icon: "tryton-ok", Default: true}, {State: "other", NoValidate: true}},
		Defaults: func(s *models.Session) (models.Values, error) {
			values := models.Values{"count": len(s.Records())}
			if found := Owner.Search(s.Tx, nil, models.Limit(1)); len(found) > 0 {
				values["owner"] = found[0]
			}
			return values, nil
		}},
	"check": {Next: func(s *models.Session) (string, error) {
		form := s.Form("start")
		switch AskForm.Name.Of(form) {
		case "stay":
			return "start", nil
		case "fail":
			return "", models.UserError("This name fails.")
		case "rename":
			return "end", Owner.Write(s.Tx, s.Records(), Owner.Name.To("renamed"))
		case "lines":
			total := value.Decimal{}
			for _, line := range AskForm.Lines.Of(form) {
				total = total.Add(AskForm.Price.Of(line))
			}
			AskForm.Price.Set(s.Form("other"), total)
			AskForm.Owners.Set(s.Form("other"), Owner.Search(s.Tx, nil))
			return "other", nil
		case "loop":
			return "check", nil
		case "nowhere":
			return "nowhere", nil
		}
		return "open", nil
	}},
	"open": {Action: "ir.act_open", Then: "other", Prepare: func(s *models.Session, action map[string]any) (map[string]any, error) {
		action["name"] = fmt.Sprintf("Open %s", AskForm.Name.Of(s.Form("start")))
		return map[string]any{"ids": []int64{7}}, nil
	}},
	"other":     {View: "test.ask", Buttons: []models.StateButton{{State: "open_only", String: "Open"}}},
	"open_only": {Action: "ir.act_open"},
}}

func dialogs() []*models.Module {
	return []*models.Module{irDouble(), {Name: "test", Definitions: []models.Definition{AskForm, Owner}, Wizards: []*models.Wizard{asking},
		Data: []models.Data{viewData("ask_form", "test.ask", "form", `<form><field name="name"/><field name="count"/><field name="owner"/></form>`, nil)}}}
}

// step calls a method of the wizard as a user.
func step(db *models.Database, user int64, context_ dict, method string, args ...any) (result any, err error) {
	m, err := db.Registry.Method("wizard", "test.asking", method)
	if err != nil {
		return nil, err
	}
	err = db.Transact(context.Background(), models.Request{User: user, Context: context_, Check: true}, func(tx *models.Tx) error {
		result, err = m.Do(tx, models.NewArgs(args...))
		return err
	})
	return result, err
}

// begin starts the wizard for a user and returns its session.
func begin(t *testing.T, db *models.Database, user int64) int64 {
	t.Helper()
	result, err := step(db, user, nil, "create")
	if err != nil {
		t.Fatal(err)
	}
	started := result.([]any)
	if started[1] != "start" || started[2] != "end" {
		t.Errorf("states %v", started)
	}
	return started[0].(int64)
}

func TestWizard(t *testing.T) {
	modelstest.Each(t, nil, dialogs, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.owner", "create", list{dict{"name": "Ann"}, dict{"name": "Bob"}})
		id := begin(t, db, 1)
		on := dict{"active_model": "test.owner", "active_id": int64(2), "active_ids": list{int64(1), int64(2)}}
		result, err := step(db, 1, on, "execute", id, dict{}, "start")
		if err != nil {
			t.Fatal(err)
		}
		shown := result.(dict)["view"].(dict)
		if diff := cmp.Diff(dict{"name": "by the model", "count": int64(2), "owner": int64(1), "owner.": dict{"rec_name": "Ann"}}, shown["defaults"]); diff != "" {
			t.Error(diff)
		}
		if v := shown["fields_view"].(dict); shown["state"] != "start" || v["type"] != "form" || v["model"] != "test.ask" || len(v["fields"].(dict)) != 3 {
			t.Errorf("shown: %v", shown)
		}
		buttons := list{
			dict{"state": "end", "string": "Cancel", "icon": "tryton-cancel", "default": false, "validate": false, "states": "{}"}, dict{"state": "check", "string": "Go", "icon": "tryton-ok", "default": true, "validate": true, "states": "{}"},
			dict{"state": "other", "string": "", "icon": "", "default": false, "validate": false, "states": "{}"}}
		if diff := cmp.Diff(buttons, shown["buttons"]); diff != "" {
			t.Error(diff)
		}
		day := value.MustParseDate("2026-11-24")
		result, err = step(db, 1, on, "execute", id, dict{"start": dict{"name": "x", "price": dec("1.50"), "day": day, "nothing": int64(1)}, "nowhere": dict{"a": int64(1)}, "check": dict{}}, "check")
		if err != nil {
			t.Fatal(err)
		}
		actions := list{list{dict{"id": int64(1), "name": "Open x"}, dict{"ids": []int64{7}}}}
		if diff := cmp.Diff(actions, result.(dict)["actions"]); diff != "" || result.(dict)["view"].(dict)["state"] != "other" {
			t.Errorf("%v %s", result, diff)
		}
		// What was answered is kept: going back shows it again.
		result, err = step(db, 1, on, "execute", id, dict{"start": dict{"name": "stay"}}, "check")
		if err != nil {
			t.Fatal(err)
		}
		defaults := result.(dict)["view"].(dict)["defaults"].(dict)
		if diff := cmp.Diff(dict{"name": "stay", "count": int64(2), "price": dec("1.50"), "day": day, "owner": int64(1), "owner.": dict{"rec_name": "Ann"}}, defaults, byDecimal); diff != "" {
			t.Error(diff)
		}
		lines := list{dict{"id": int64(-1), "price": dec("1.10")}, dict{"id": int64(-2), "price": dec("2")}}
		result, err = step(db, 1, on, "execute", id, dict{"start": dict{"name": "lines", "lines": lines}}, "check")
		if err != nil {
			t.Fatal(err)
		}
		defaults = result.(dict)["view"].(dict)["defaults"].(dict)
		if diff := cmp.Diff(dec("3.10"), defaults["price"], byDecimal); diff != "" || !cmp.Equal(defaults["owners"], []int64{1, 2}) {
			t.Errorf("%v %s", defaults, diff)
		}
		result, err = step(db, 1, on, "execute", id, dict{}, "open_only")
		if diff := cmp.Diff(dict{"actions": list{list{dict{"id": int64(1), "name": "Open"}, dict{}}}}, result); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if result, err := step(db, 1, on, "execute", id, dict{}, "end"); err != nil || len(result.(dict)) != 0 {
			t.Errorf("end: %v %v", result, err)
		}
		if result, err := step(db, 1, on, "delete", id); err != nil || result != "reload menu" {
			t.Errorf("delete: %v %v", result, err)
		}
		if _, err := step(db, 1, on, "execute", id, dict{}, "start"); !models.IsKind(err, models.KindUser) {
			t.Errorf("a session that has ended: %v", err)
		}
	})
}

func TestWizardRefusals(t *testing.T) {
	g := &guard{}
	modelstest.Each(t, g, dialogs, func(t *testing.T, db *models.Database) {
		*g = guard{}
		ask(t, db, "test.owner", "create", list{dict{"name": "Ann"}, dict{"name": "Bob"}})
		id := begin(t, db, 1)
		named := func(name string) dict { return dict{"start": dict{"name": name}} }
		for _, test := range []struct {
			user    int64
			context dict
			id      any
			data    any
			state   any
			kind    models.Kind
		}{
			{2, nil, id, dict{}, "start", models.KindUser}, {1, nil, id + 100, dict{}, "start", models.KindUser}, {1, nil, int64(0), dict{}, "start", models.KindUser}, {1, nil, int64(1) << 60, dict{}, "start", models.KindUser}, {1, nil, "x", dict{}, "start", models.KindBadRequest},
			{1, nil, id, list{}, "start", models.KindBadRequest}, {1, nil, id, dict{}, list{}, models.KindBadRequest}, {1, nil, id, dict{}, "nowhere", models.KindNotFound}, {1, nil, id, named("nowhere"), "check", models.KindNotFound}, {1, nil, id, named("fail"), "check", models.KindUser},
			{1, nil, id, named("loop"), "check", models.KindInternal}, {1, dict{"active_model": "ir.session.wizard", "active_ids": list{id}}, id, named("rename"), "check", models.KindUser},
			{1, dict{"active_model": "ir.action", "active_ids": list{int64(1)}}, id, named("rename"), "check", models.KindBadRequest}, {1, dict{"active_model": "test.owner", "active_id": int64(99)}, id, dict{}, "start", models.KindUser},
			{1, dict{"active_model": "test.owner", "active_ids": list{int64(99), "x", dict{}}}, id, dict{}, "end", -1}, {1, dict{"active_model": int64(5)}, id, dict{}, "end", -1}, {1, nil, id, dict{"start": "x", "other": nil}, "end", -1},
			{1, nil, id, dict{"start": dict{"owner": int64(99), "price": "x", "day": dict{}, "lines": "x", "id": dict{}}}, "end", -1},
		} {
			_, err := step(db, test.user, test.context, "execute", test.id, test.data, test.state)
			if (err == nil) != (test.kind == -1) || err != nil && models.ErrorKind(err) != test.kind {
				t.Errorf("%v %v %v %v: %v of kind %d", test.context, test.id, test.data, test.state, err, models.ErrorKind(err))
			}
		}
		if _, err := step(db, 2, nil, "delete", id); err != nil {
			t.Error(err)
		}
		if _, err := step(db, 1, nil, "execute", id, dict{}, "end"); err != nil {
			t.Errorf("deleted by another user: %v", err)
		}
		g.models = map[string]models.Rights{"test.owner": {}}
		for _, ids := range []dict{{"active_ids": list{int64(1)}}, {"active_id": int64(1)}, {}} {
			ids["active_model"] = "test.owner"
			if _, err := step(db, 1, ids, "execute", id, dict{}, "start"); !models.IsKind(err, models.KindUser) {
				t.Errorf("on a model that may not be read: %v", err)
			}
		}
		*g = guard{rules: map[string]map[models.Mode]domain.Node{"test.owner": every(domain.C("name", "!=", "Bob"))}}
		for _, ids := range []dict{{"active_ids": list{int64(1), int64(2)}}, {"active_id": int64(2)}} {
			ids["active_model"] = "test.owner"
			if _, err := step(db, 1, ids, "execute", id, named("rename"), "check"); !models.IsKind(err, models.KindUser) {
				t.Errorf("on a record behind a rule: %v", err)
			}
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, r := range Owner.Search(tx, nil) {
				if r.Name() == "renamed" {
					t.Error("a refused step changed a record")
				}
			}
		})
		if _, err := db.Registry.Method("wizard", "test.nothing", "create"); !models.IsKind(err, models.KindNotFound) {
			t.Error(err)
		}
		if _, err := db.Registry.Method("wizard", "test.asking", "start"); !models.IsKind(err, models.KindForbidden) {
			t.Error(err)
		}
	})
}
