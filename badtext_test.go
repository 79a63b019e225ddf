package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/sql"
)

// hostile is a text that means something to SQL, HTML, patterns, formats, templates, paths and terminals; it is all harmless
// where texts are only texts.
const hostile = `x'); DROP TABLE party_party; -- "<script>alert('1')</script>" \ %' _ ? $1 %s {{.}} ${x} ../../etc/passwd &amp; é 漢 ` + "\u202e\u200b\t\x1b[31m🂡"

// long is more than an index of PostgreSQL takes, however well it is packed.
var long = func() string {
	random, text := rand.New(rand.NewPCG(1, 2)), make([]byte, 20_000)
	for i := range text {
		text[i] = byte('!' + random.IntN(90))
	}
	return string(text)
}()

// untried are the models of which clients can create no record here: one that nobody may, one whose owner nobody may create, and one that
// needs an action which only other modules have.
var untried = []string{"ir.model.data", "ir.module.dependency", "ir.trigger"}

// TestHostileTexts writes hostile texts into every text field of every model that clients may create records of: they are
// stored as they are, or refused in clear words, and nothing else happens. Then it searches by them.
func TestHostileTexts(t *testing.T) {
	onEach(t, []string{roleRPC, roleCheckout}, func(b *bench) {
		admin := b.session("admin", "admin")
		admin.must("model.ir.export.create", []any{map[string]any{"name": "Example", "resource": "party.party"}}) // lines have need of it
		var not []string
		for _, c := range b.db.Registry.Classes() {
			if c.Lookup("create") == nil || c.Singleton || len(textFields(c)) == 0 {
				continue
			}
			b.Run(c.Name, func(t *testing.T) {
				if !admin.on(t).hostileRecord(c) {
					not = append(not, c.Name)
				}
			})
		}
		if diff := cmp.Diff(untried, not); diff != "" {
			b.Errorf("models that no record could be created of (-want +got):\n%s", diff)
		}
	})
}

// hostileRecord creates a record with hostile texts, and reports whether that could be tried at all.
func (c *client) hostileRecord(class *models.Class) bool {
	values, possible := c.fill(class)
	if !possible {
		return false
	}
	before := c.census()
	texts := textFields(class)
	for _, field := range texts {
		c.hostileField(class, values, field)
	}
	if diff := cmp.Diff(before, c.census()); diff != "" {
		c.Errorf("rows are left or lost:\n%s", diff)
	}
	for _, text := range []string{"a\x00b", long} {
		for _, field := range texts {
			own := with(values, field, text)
			a := c.try("model."+class.Name+".create", []any{own})
			if c.blameless(a, "create", field); a.member("result") != nil {
				c.remove(class, first(a.member("result")))
			}
		}
	}
	return true
}

func with(values map[string]any, field string, v any) map[string]any {
	own := map[string]any{field: v}
	for name, v := range values {
		if name != field {
			own[name] = v
		}
	}
	return own
}

// textFields are those that clients may write a text into.
func textFields(class *models.Class) []string {
	var names []string
	for _, name := range class.Fields() {
		f := class.Field(name)
		if slices.Contains([]string{"char", "text"}, f.Kind()) && !f.Readonly && name != "rec_name" {
			names = append(names, name)
		}
	}
	return names
}

// hostileField creates a record with a hostile text in one field, reads it, searches by it and deletes it.
func (c *client) hostileField(class *models.Class, values map[string]any, field string) {
	method := "model." + class.Name + "."
	a := c.try(method+"create", []any{with(values, field, hostile)})
	refused := c.blameless(a, "create", field)
	for _, where := range [][]any{{field, "=", hostile}, {field, "ilike", "%" + hostile + "%"}, {field, "not like", hostile}, {field, "in", []string{hostile}}, {"rec_name", "ilike", hostile}} {
		c.blameless(c.try(method+"search", []any{where}, 0, 10, nil), "search", where)
	}
	if refused {
		return
	}
	id := first(a.member("result"))
	read := c.try(method+"read", []int64{id}, []string{field, "rec_name"})
	if c.blameless(read, "read", field); !class.Field(field).Function && !class.Field(field).Secret {
		rows, _ := read.member("result").([]any)
		if len(rows) != 1 || rows[0].(map[string]any)[field] != hostile {
			c.Errorf("%s was stored otherwise: %s", field, read)
		}
		found := c.must(method+"search", []any{[]any{field, "=", hostile}, []any{"id", "=", id}}, 0, nil, nil)
		if first(found) != id {
			c.Errorf("%s is not found by its text: %v", field, found)
		}
	}
	c.blameless(c.try(method+"export_data", []int64{id}, []string{field, "rec_name"}), "export_data", field)
	again := c.try(method+"copy", []int64{id}, map[string]any{})
	c.blameless(again, "copy", field)
	c.remove(class, first(again.member("result")))
	c.remove(class, id)
}

// remove deletes a record, if there is one, also where the model itself only deactivates or keeps it.
func (c *client) remove(class *models.Class, id int64) {
	c.Helper()
	if id == 0 {
		return
	}
	c.do(func(tx *models.Tx) {
		free := tx.With(map[string]any{"active_test": false})
		if err := free.Class(class.Name).Delete(free, free.Class(class.Name).Browse(free, []int64{id})); err != nil && !models.IsKind(err, models.KindUser) {
			models.Must(err)
		}
		_, err := tx.Exec(sql.SQL("DELETE FROM "+sql.Quote(class.Table)+" WHERE id = ?", id))
		models.Must(err)
	})
}

// fill makes the values that a record must have, texts harmless; not possible where a record is needed that is not there.
func (c *client) fill(class *models.Class) (values map[string]any, possible bool) {
	values = map[string]any{}
	defaults := c.defaults(class.Name, class.Fields()...)
	for _, name := range class.Fields() {
		f := class.Field(name)
		own := f.Relation == "ir.action" && strings.HasPrefix(class.Name, "ir.action.") // made with the record
		if !f.Required || f.Function || defaults[name] != nil || own {
			continue
		}
		v := c.example(class, f)
		if v == nil {
			return nil, false
		}
		values[name] = v
	}
	for name, v := range extra[class.Name] {
		values[name] = v
	}
	a := c.try("model."+class.Name+".create", []any{values})
	if c.blameless(a, "create", values) {
		c.Logf("a plain record is refused: %s", a)
		return nil, false
	}
	c.remove(class, first(a.member("result")))
	return values, true
}

// extra are values that the models' own rules ask for.
var extra = map[string]map[string]any{
	"account.payment.stripe.account": {"secret_key": "sk_test_example", "publishable_key": "pk_test_example"},
	"party.contact_mechanism":        {"type": "other"},
	"ir.ui.view":                     {"model": "party.party", "type": "form", "data": "<form/>"},
	"ir.action":                      {"name": "Example"},
	"ir.action.act_window":           {"name": "Example"},
	"ir.action.report":               {"name": "Example"},
	"ir.action.wizard":               {"name": "Example", "wiz_name": "party.replace"},
	"ir.action.url":                  {"name": "Example"},
	"ir.rule":                        {"domain": "[]"},
}

// example is a value of a field, nil if there is none to be had.
func (c *client) example(class *models.Class, f *models.Field) any {
	switch f.Kind() {
	case "char", "text":
		const text = "Example"
		if most, ok := f.Size.(int); ok {
			return text[:min(most, len(text))]
		}
		return text
	case "integer", "biginteger", "float":
		return 1
	case "numeric":
		return map[string]any{"__class__": "Decimal", "decimal": "1"}
	case "boolean":
		return true
	case "date":
		return map[string]any{"__class__": "date", "year": 2026, "month": 1, "day": 1}
	case "datetime", "timestamp":
		return map[string]any{"__class__": "datetime", "year": 2026, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}
	case "selection":
		for _, option := range f.Selection {
			if option[0] != nil && option[0] != "" {
				return option[0]
			}
		}
		if f.SelectionMethod != "" && len(f.SelectionChangeWith) == 0 {
			return secondOf(c.try("model." + class.Name + "." + f.SelectionMethod).member("result"))
		}
	case "many2one":
		if id := first(c.try("model."+f.Relation+".search", []any{}, 0, 1, nil).member("result")); id > 0 {
			return id
		}
	case "reference":
		return fmt.Sprintf("party.party,%d", c.named("party.party", "Bob Stone"))
	}
	return nil
}

// secondOf is the value of a selection after the empty one.
func secondOf(selection any) any {
	list, _ := selection.([]any)
	for _, option := range list {
		if pair, _ := option.([]any); len(pair) == 2 && pair[0] != nil && pair[0] != "" {
			return pair[0]
		}
	}
	return nil
}
