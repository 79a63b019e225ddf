package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"paytond/models"
)

// wrong are values that stand where others are wanted. None of them is the id of a record.
var wrong = []any{nil, true, -1, 999999, 1.5, math.MaxInt64, "text", "", []any{}, []any{"text"}, []any{nil}, []any{[]any{}},
	[]any{999999, 999999}, []any{map[string]any{}}, []any{[]any{"create", []any{map[string]any{"id": "x"}}}}, map[string]any{}, map[string]any{"name": map[string]any{"a": []any{1}}},
	map[string]any{"__class__": "Decimal", "decimal": "1"}, map[string]any{"__class__": "date", "year": 2026, "month": 1, "day": 1},
	map[string]any{"__class__": "bytes", "base64": "AA=="}, map[string]any{"__class__": "timedelta", "seconds": 1e12}, map[string]any{"__class__": "none"}}

// standard are calls of the methods that all models have, as they should be; ids of an own record are put in for 0.
func standard(model string, values map[string]any) map[string][]any {
	return map[string][]any{
		"search":             {[]any{[]any{"id", ">", 0}}, 0, 10, []any{[]any{"id", "ASC"}}},
		"search_count":       {[]any{[]any{"id", ">", 0}}},
		"search_read":        {[]any{[]any{"id", ">", 0}}, 0, 10, nil, []any{"rec_name"}},
		"read":               {[]any{0}, []any{"rec_name"}},
		"create":             {[]any{values}},
		"write":              {[]any{0}, values},
		"delete":             {[]any{999999}},
		"copy":               {[]any{0}, map[string]any{}},
		"fields_get":         {[]any{"id"}},
		"fields_view_get":    {nil, "form"},
		"view_toolbar_get":   {},
		"default_get":        {[]any{"id"}, true},
		"on_change":          {values, []any{"id"}},
		"on_change_with":     {values, []any{"id"}},
		"pre_validate":       {values},
		"export_data":        {[]any{0}, []any{"rec_name"}},
		"export_data_domain": {[]any{[]any{"id", ">", 0}}, []any{"rec_name"}, 0, 10, nil},
		"import_data":        {[]any{"description"}, []any{[]any{"text"}}},
		"history_revisions":  {[]any{0}},
		"resources":          {0},
	}
}

// TestWrongTypes puts values of wrong types into each argument of each method. Whatever is answered, it is no fault of the
// server, and no refused call leaves anything.
func TestWrongTypes(t *testing.T) {
	onEach(t, []string{roleRPC}, func(b *bench) {
		clerk := b.session(demoUser, demoPassword)
		b.Run("standard", func(t *testing.T) { clerk.on(t).wrongArguments() })
		b.Run("values", func(t *testing.T) { clerk.on(t).wrongValues() })
		b.Run("context", func(t *testing.T) { clerk.on(t).wrongContexts() })
		b.Run("all methods", func(t *testing.T) { b.session("admin", "admin").on(t).wrongCalls() })
	})
}

// blameless checks that an answer is no fault of the server, and reports whether the call was refused.
func (c *client) blameless(a answer, method string, params ...any) bool {
	c.Helper()
	if a.status >= 500 || internal(a) || a.status == http.StatusUnauthorized {
		text, _ := json.Marshal(params)
		c.Errorf("%s %.300s: %s", method, text, a)
	}
	return a.status != http.StatusOK || a.member("error") != nil
}

// wrongArguments tries the standard methods of two models, with one argument wrong at a time.
func (c *client) wrongArguments() {
	party := c.named("party.party", "Bob Stone")
	draft := first(c.must("model.account.payment.search", []any{[]any{"state", "=", "draft"}}, 0, 1, nil))
	for model, id := range map[string]int64{"party.party": party, "account.payment": draft} {
		for method, params := range standard(model, map[string]any{"description": "text"}) {
			before := c.census()
			refused := true
			for i := range params {
				for _, v := range wrong {
					changed := withID(params, id)
					changed[i] = v
					refused = c.blameless(c.try("model."+model+"."+method, changed...), method, changed...) && refused
				}
			}
			if after := c.census(); refused && fmt.Sprint(before) != fmt.Sprint(after) {
				c.Errorf("%s.%s was refused each time, and changed something", model, method)
			}
		}
	}
}

// withID puts an id for 0.
func withID(params []any, id int64) []any {
	own := slices.Clone(params)
	for i, v := range own {
		if list, ok := v.([]any); ok && len(list) == 1 && list[0] == 0 {
			own[i] = []any{id}
		} else if v == 0 && i == 0 {
			own[i] = id
		}
	}
	return own
}

// wrongValues writes a value of a wrong type into each field that clients may write, of a model with fields of most types
// and of one with children; and searches by it.
func (c *client) wrongValues() {
	draft := first(c.must("model.account.payment.search", []any{[]any{"state", "=", "draft"}}, 0, 1, nil))
	party := first(c.must("model.party.party.search", []any{[]any{"name", "=", "Bob Stone"}}, 0, 1, nil))
	for model, id := range map[string]int64{"account.payment": draft, "party.party": party} {
		before := c.read(model, id, "rec_name", "_timestamp")
		for _, field := range c.db.Registry.Class(model).Fields() {
			for _, v := range wrong {
				values := map[string]any{field: v}
				refused := c.blameless(c.try("model."+model+".write", []int64{id}, values), "write", values)
				if now := c.read(model, id, "rec_name", "_timestamp"); refused && fmt.Sprint(now) != fmt.Sprint(before) {
					c.Errorf("%s.write of %v was refused, and changed the record", model, values)
				} else {
					before = now
				}
				c.blameless(c.try("model."+model+".pre_validate", values), "pre_validate", values)
				c.blameless(c.try("model."+model+".on_change", values, []string{field}), "on_change", values)
				for _, op := range []string{"=", "!=", "<", "in", "ilike", "child_of", "where"} {
					where := []any{[]any{field, op, v}}
					c.blameless(c.try("model."+model+".search", where, 0, 1, nil), "search", where)
				}
			}
		}
	}
}

// wrongContexts puts wrong values into the context.
func (c *client) wrongContexts() {
	for _, key := range []string{"language", "company", "employee", "company_filter", "companies", "groups", "active_test", "active_id", "active_ids", "active_model",
		"_timestamp", "_datetime", "_user", "_check_access", "_base_url", "default_rec_name", "client", "direct_print", "party.party.name", "view_tree_width", "fuzzy_translation"} {
		for _, v := range wrong {
			other := *c
			other.context = map[string]any{key: v}
			for _, call := range [][]any{{"model.party.party.search_read", []any{}, 0, 1, nil, []string{"rec_name", "lang.rec_name"}}, {"model.account.payment.default_get", []string{"company", "date", "journal"}},
				{"model.account.payment.search_count", []any{}}, {"model.account.payment.fields_view_get", nil, "tree"}, {"model.account.payment.write", []int64{}, map[string]any{}},
				{"model.res.user.get_preferences", true}, {"model.ir.model.get_names"}} {
				method, _ := call[0].(string)
				c.blameless(other.try(method, call[1:]...), method+" "+key, v)
			}
		}
	}
}

// wrongCalls calls every method there is with arguments that are all wrong in the same way.
func (c *client) wrongCalls() {
	few := []any{nil, -1, "text", []any{999999}, []any{map[string]any{"id": []any{}}}, map[string]any{"id": "x"}}
	for _, method := range c.db.Registry.MethodNames() {
		if method == "model.ir.cron.run_once" {
			continue // has the scheduler do things; it is tried with the buttons, by ids that are not there
		}
		for _, v := range few {
			a := c.try(method, v, v, v, v, v)
			if a.status == http.StatusUnauthorized {
				c.Errorf("%s %v ended the session", method, v)
				c.authorization = c.session("admin", "admin").authorization
			}
			c.blameless(a, method, v)
		}
		c.blameless(c.try(method), method)
		if strings.HasPrefix(method, "wizard.") {
			c.blameless(c.try(method, 999999, map[string]any{}, "start"), method)
		}
	}
}

// buttons are the full names of the methods that are buttons.
func buttons(r *models.Registry) []string {
	var all []string
	for _, c := range r.Classes() {
		for name := range c.Buttons() {
			all = append(all, strings.Join([]string{"model", c.Name, name}, "."))
		}
	}
	return all
}

// TestButtonsOfNothing presses every button on records that are not there, on none, and on one twice.
func TestButtonsOfNothing(t *testing.T) {
	onEach(t, []string{roleRPC}, func(b *bench) {
		for _, who := range [][2]string{{"admin", "admin"}, {demoUser, demoPassword}} {
			c := b.session(who[0], who[1])
			for _, method := range buttons(b.db.Registry) {
				c.clear(who[0]+" "+method+" of nothing", c.try(method, []int64{999999}))
				c.clear(who[0]+" "+method+" twice", c.try(method, []int64{999999, 999999}))
				c.blameless(c.try(method, []int64{}), method)
				c.blameless(c.try(method, map[string]any{}), method)
			}
		}
	})
}
