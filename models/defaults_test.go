package models_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
)

// plan has defaults of every sort.
type plan struct {
	models.Model
	Name    models.Char
	Done    models.Boolean
	Wanted  models.Boolean
	Owner   models.Many2One
	Text    models.Char
	Steps   models.One2Many
	Owners  models.Many2Many
	Partial models.Char
}

var Plan = models.Define(&plan{
	Model:   models.Model{Name: "test.plan", String: "Plan"},
	Name:    models.NewChar(models.Field{String: "Name"}),
	Done:    models.NewBoolean(models.Field{String: "Done"}),
	Wanted:  models.NewBoolean(models.Field{String: "Wanted"}),
	Owner:   models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner"}),
	Text:    models.NewChar(models.Field{String: "Text", Function: true}),
	Steps:   models.NewOne2Many(models.Field{String: "Steps", Relation: "test.step", RelationField: "plan"}),
	Owners:  models.NewMany2Many(models.Field{String: "Owners", Relation: "test.owner", Through: "test.plan-test.owner", RelationField: "plan", RelationTarget: "owner"}),
	Partial: models.NewChar(models.Field{String: "Partial"}),
})

func (p *plan) Setup(c *models.Class) {
	c.DefaultValue(p.Wanted, true)
	first := func(tx *models.Tx) *models.Record {
		if found := Owner.Search(tx, nil, models.OrderBy("id"), models.Limit(1)); len(found) > 0 {
			return found[0]
		}
		return nil
	}
	c.Default(p.Owner, func(tx *models.Tx) any { return first(tx) })
	c.Default(p.Owners, func(tx *models.Tx) any {
		if r := first(tx); r != nil {
			return []int64{r.ID()}
		}
		return nil
	})
	c.DefaultValue(p.Steps, []any{map[string]any{}, map[string]any{"name": "second"}})
	c.DefaultValue(p.Text, "written")
	c.Getter(p.Text, func(_ *models.Tx, records []*models.Record) map[int64]any {
		values := map[int64]any{}
		for _, r := range records {
			values[r.ID()] = p.Partial.Of(r) + "!"
		}
		return values
	})
	c.Setter(p.Text, func(tx *models.Tx, records []*models.Record, v any) error {
		return p.Write(tx, records, p.Partial.To(v))
	})
}

type planStep struct {
	models.Model
	Name models.Char
	Plan models.Many2One
}

var PlanStep = models.Define(&planStep{
	Model: models.Model{Name: "test.step", String: "Step"},
	Name:  models.NewChar(models.Field{String: "Name"}),
	Plan:  models.NewMany2One(models.Field{String: "Plan", Relation: "test.plan", OnDelete: "CASCADE"}),
})

func (s *planStep) Setup(c *models.Class) { c.DefaultValue(s.Name, "step") }

type planOwner struct {
	models.Model
	Plan, Owner models.Many2One
}

var PlanOwner = models.Define(&planOwner{
	Model: models.Model{Name: "test.plan-test.owner", String: "Plan - Owner", Table: "test_plan_owner", Internal: true},
	Plan:  models.NewMany2One(models.Field{String: "Plan", Relation: "test.plan", Required: true, OnDelete: "CASCADE"}),
	Owner: models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner", Required: true, OnDelete: "CASCADE"}),
})

func plans() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{User, Owner, Plan, PlanStep, PlanOwner, Registers}}}
}

func TestDefaults(t *testing.T) {
	modelstest.Each(t, nil, plans, func(t *testing.T, db *models.Database) {
		names := list{"name", "done", "wanted", "owner", "text", "steps", "owners", "partial"}
		steps := list{dict{}, dict{"name": "second"}}
		if diff := cmp.Diff(dict{"done": false, "wanted": true, "owner": nil, "owners": nil, "text": "written", "steps": steps}, ask(t, db, "test.plan", "default_get", names)); diff != "" {
			t.Errorf("without owners: %s", diff)
		}
		ask(t, db, "test.owner", "create", list{dict{"name": "Ann"}, dict{"name": "Bob"}})
		want := dict{"done": false, "wanted": true, "owner": int64(1), "owner.": dict{"rec_name": "Ann"}, "text": "written", "steps": steps, "owners": []int64{1}}
		if diff := cmp.Diff(want, ask(t, db, "test.plan", "default_get", names)); diff != "" {
			t.Error(diff)
		}
		delete(want, "owner.")
		if diff := cmp.Diff(want, ask(t, db, "test.plan", "default_get", names, false)); diff != "" {
			t.Errorf("without names: %s", diff)
		}
		typed, err := modelstest.Call(db, 1, dict{"default_rec_name": "typed"}, "test.plan", "default_get", list{"name", "partial"})
		if diff := cmp.Diff(dict{"name": "typed"}, typed); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		// A new record gets them; what is given, null too, stays.
		created, err := modelstest.Call(db, 1, dict{"default_rec_name": "typed"}, "test.plan", "create", list{dict{}, dict{"done": nil, "wanted": nil, "owner": nil, "steps": list{}, "owners": nil, "text": nil}})
		if diff := cmp.Diff([]int64{1, 2}, created); diff != "" || err != nil {
			t.Fatalf("%v %s", err, diff)
		}
		got := row(t, db, "test.plan", 1, "name", "done", "wanted", "owner", "text", "steps.name", "owners")
		if diff := cmp.Diff(dict{"name": nil, "done": false, "wanted": true, "owner": int64(1), "text": "written!", "steps.": list{dict{"id": int64(1), "name": "step"}, dict{"id": int64(2), "name": "second"}}, "owners": []int64{1}}, got); diff != "" {
			t.Errorf("defaults: %s", diff)
		}
		got = row(t, db, "test.plan", 2, "done", "wanted", "owner", "text", "steps", "owners")
		if diff := cmp.Diff(dict{"done": nil, "wanted": nil, "owner": nil, "text": "!", "steps": []int64{}, "owners": []int64{}}, got); diff != "" {
			t.Errorf("given: %s", diff)
		}
		copied := ask(t, db, "test.plan", "copy", list{int64(1)}).([]int64)
		got = row(t, db, "test.plan", copied[0], "steps.name", "owners", "text")
		if diff := cmp.Diff(dict{"steps.": list{dict{"id": int64(3), "name": "step"}, dict{"id": int64(4), "name": "second"}}, "owners": []int64{1}, "text": "written!"}, got); diff != "" {
			t.Errorf("a copy: %s", diff)
		}
	})
}

func TestSingleton(t *testing.T) {
	g := &guard{}
	modelstest.Each(t, g, plans, func(t *testing.T, db *models.Database) {
		*g = guard{}
		ask(t, db, "test.owner", "create", list{dict{"name": "Ann"}})
		read := func() dict {
			return ask(t, db, "test.registers", "search_read", list{}, int64(0), nil, nil, list{"name", "owner", "owner.rec_name"}).([]dict)[0]
		}
		if diff := cmp.Diff(dict{"id": int64(1), "name": "first", "owner": nil, "owner.": nil}, read()); diff != "" {
			t.Errorf("before a write: %s", diff)
		}
		if diff := cmp.Diff(list{int64(1)}, list{ask(t, db, "test.registers", "search_count", list{})}); diff != "" {
			t.Error(diff)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if got := Registers.Name.Of(Registers.Single(tx)); got != "first" {
				t.Errorf("default %q", got)
			}
		})
		g.models = map[string]models.Rights{"test.registers": {Read: true}}
		if _, err := modelstest.Call(db, 1, nil, "test.registers", "write", list{int64(1)}, dict{"name": "x"}); !models.IsKind(err, models.KindUser) {
			t.Errorf("without the right: %v", err)
		}
		*g = guard{}
		for _, name := range []string{"second", "third"} {
			ask(t, db, "test.registers", "write", list{int64(1)}, dict{"name": name, "owner": int64(1)})
			if diff := cmp.Diff(dict{"id": int64(1), "name": name, "owner": int64(1), "owner.": dict{"id": int64(1), "rec_name": "Ann"}}, read()); diff != "" {
				t.Error(diff)
			}
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			if n, name := Registers.Count(tx, nil), Registers.Name.Of(Registers.Single(tx)); n != 1 || name != "third" {
				t.Errorf("%d records, the name is %q", n, name)
			}
		})
		g.models = map[string]models.Rights{"test.registers": {Write: true}}
		for _, method := range []string{"search", "search_read", "read", "search_count"} {
			if got, err := modelstest.Call(db, 1, nil, "test.registers", method, list{int64(1)}, list{"name"}); err == nil {
				t.Errorf("%s without the right to read: %v", method, got)
			}
		}
	})
}

// TestValidate checks what writes are checked for, in all that they touch.
func TestValidate(t *testing.T) {
	modelstest.Each(t, nil, everything, func(t *testing.T, db *models.Database) {
		ask(t, db, "test.item", "create", list{dict{"name": "x", "place": int64(2), "unit": "ab", "amount": dec("1.23")}, dict{"name": "done", "place": int64(5)}})
		modelstest.Do(t, db, func(tx *models.Tx) { models.Must(Item.Write(tx, Item.Browse(tx, 2), Item.State.To("done"))) })
		for _, test := range []struct {
			values dict
			want   string
		}{
			{dict{"amount": dec("1.234")}, `The number of digits in the value "1.234" for field "Amount" in "Item" exceeds the limit of "2".`},
			{dict{"place": int64(1)}, `The value "ab" for field "Unit" in "Item" is too long (2 > 1).`},
			{dict{"unit": "abc"}, `The value "abc" for field "Unit" in "Item" is too long (3 > 2).`},
			{dict{"state": "lost"}, `The value "lost" for field "State" in "Item" is not one of the allowed options.`},
			{dict{"parent": int64(2), "amount": dec("0")}, `The value for field "Amount" in "Item" is not valid according to its domain.`},
			{dict{"name": ""}, `A value is required for field "Name" in "Item".`},
			{dict{"parent": int64(99)}, `The records of "Item" could not be stored: a record that they refer to does not exist.`},
		} {
			_, err := modelstest.Call(db, 1, nil, "test.item", "write", list{int64(1)}, test.values)
			wantError(t, err, models.KindUser, test.want)
		}
		ask(t, db, "test.item", "write", list{int64(1)}, dict{"place": int64(3), "unit": "äöü", "amount": dec("1.2300"), "parent": int64(2)})
		if diff := cmp.Diff(dict{"unit": "äöü", "amount": dec("1.2300")}, row(t, db, "test.item", 1, "unit", "amount"), byDecimal); diff != "" {
			t.Error(diff)
		}
	})
}
