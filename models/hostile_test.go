package models_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/value"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// registers is a singleton for the hostile.
type registers struct {
	models.Model
	Name  models.Char
	Owner models.Many2One
}

var Registers = models.Define(&registers{
	Model: models.Model{Name: "test.registers", String: "Registers", Singleton: true},
	Name:  models.NewChar(models.Field{String: "Name"}),
	Owner: models.NewMany2One(models.Field{String: "Owner", Relation: "test.owner"}),
})

func (r *registers) Setup(c *models.Class) { c.DefaultValue(r.Name, "first") }

// everything is all models of these tests together.
func everything() []*models.Module {
	definitions := []models.Definition{Sample, Target, Mark, Linked, Link, Node, Order, Line, Note, Label, OrderLabel, Vault, Friend, File, Item, Owner, ItemOwner, AskForm, Registers}
	first := gallery()[1]
	return []*models.Module{irDouble(), {Name: "first", Definitions: definitions, Data: first.Data}, {Name: "test", Wizards: []*models.Wizard{asking}, Data: dialogs()[1].Data}}
}

// furnish gives the models a few records.
func furnish(t testing.TB, db *models.Database) {
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, m := range []string{"res.user", "test.reference.target", "test.label", "test.owner"} {
			for _, name := range []string{"A", "B"} {
				_, err := tx.Class(m).Create(tx, []models.Values{{"name": name}})
				models.Must(err)
			}
		}
		for m, values := range map[string]models.Values{
			"test.sample": {"char": "x", "integer": int64(1), "many2one": int64(1), "reference": "test.reference.target,1"}, "test.linked": {}, "test.node": {}, "test.item": {"name": "x"},
			"test.order": {"name": "A", "lines": list{list{"create", list{dict{"name": "l"}}}}}, "test.vault": {"name": "x"}, "test.note": {"resource": "test.order,1"},
		} {
			_, err := tx.Class(m).Create(tx, []models.Values{values})
			models.Must(err)
		}
	})
}

var hostileModels = []string{"test.sample", "test.order", "test.line", "test.linked", "test.vault", "test.item", "test.ask", "test.registers", "test.node"}

// wire is a value as package rpc decodes it.
func wire(text string) any {
	v, err := value.Decode([]byte(text))
	if err != nil {
		panic(text + ": " + err.Error())
	}
	return v
}

// hostile are values that no honest client sends, most of them anywhere.
func hostile() []any {
	texts := []string{`null`, `true`, `0`, `-1`, `1`, `2147483648`, `9223372036854775807`, `-9223372036854775808`, `0.5`, `1e308`, `-0.0`, `""`, `"x"`, `"1"`, `"-1"`, `"\u0000"`, `"a\u0000b"`, `"'; DROP TABLE test_sample; --"`,
		`"<script>alert(1)</script>"`, `"test.sample,1"`, `"test.reference.target,1"`, `"test.sample,99999999999999999999"`, `"nothing,1"`, `",,"`, `"%"`, `"\\"`, `"\ud83d\ude00"`, `[]`, `[[]]`, `[null]`, `[1]`, `["x"]`, `[[1]]`, `[[["id","=",1]]]`, `["id","=",1]`, `[1,1,1]`,
		`[9223372036854775807]`, `["create"]`, `["create",[{}]]`, `[["create",[{}]]]`, `[["add",[99]]]`, `[["add",[1]]]`, `[["remove",[1]]]`, `[["delete",[1]]]`, `[["write",[1],{"id":5}]]`, `[["copy",[1],{}]]`, `[["create",[{"id":1,"create_uid":"x","rec_name":5}]]]`,
		`{}`, `{"id":1}`, `{"id":"x","name":{}}`, `{"":""}`, `{"a.b":1}`, `{"_parent_origin.x":1}`, `{"many2one":{"id":1,"name":5}}`, `{"__class__":"Decimal","decimal":"1E+900"}`, `{"__class__":"Decimal","decimal":"0.00000000000000000000000000000000000001"}`,
		`{"__class__":"date","year":1,"month":1,"day":1}`, `{"__class__":"date","year":9999,"month":12,"day":31}`, `{"__class__":"datetime","year":9999,"month":12,"day":31,"hour":23,"minute":59,"second":59,"microsecond":999999}`,
		`{"__class__":"time","hour":23,"minute":59,"second":59,"microsecond":999999}`, `{"__class__":"timedelta","seconds":1e9}`, `{"__class__":"timedelta","seconds":-9e9}`, `{"__class__":"bytes","base64":"AP8="}`, `{"__class__":"Eval","v":"x"}`, `["OR"]`, `["OR",[]]`, `["AND",["id","=",1]]`,
		`[["name","in",[]]]`, `[["id","in","x"]]`, `[["id","where",[]]]`, `[["id","child_of",[1]]]`, `[["id","=",{}]]`, `[["rec_name","=",5]]`, `[["create_date","<","x"]]`, `[["nothing","=",1]]`, `[["id","ASC"]]`, `[["name","DESC NULLS"]]`, `["name","rec_name","id","_timestamp","_write"]`, `["nothing"]`, `["create_uid.name"]`, `["id."]`, `["."]`, `["..."]`}
	var values []any
	for _, text := range texts {
		values = append(values, wire(text))
	}
	return append(values, math.NaN(), math.Inf(1), "\xff\xfe")
}

// huge are values that are hostile by their size.
func huge() []any {
	deep := any(list{})
	for range 3000 {
		deep = list{deep}
	}
	many := make(list, 40000)
	words := make(list, 40000)
	for i := range many {
		many[i], words[i] = int64(i), fmt.Sprint("w", i)
	}
	return []any{deep, many, words, strings.Repeat("x", 1<<20), strings.Repeat("many2one.", 5000) + "name", list{strings.Repeat("targets.", 5000) + "name"}, list{list{"id", "in", many}}, list{list{"rec_name", "in", words}}, list{list{"char", "in", words}}}
}

var errHarmless = errors.New("undo")

// attack calls a method in a transaction that is undone, and fails the test if
// the answer cannot be written to the wire or the error is one of ours.
func attack(t testing.TB, db *models.Database, object, method string, args ...any) models.Kind {
	t.Helper()
	m, err := db.Registry.Method("model", object, method)
	if err != nil {
		return models.ErrorKind(err)
	}
	err = db.Transact(context.Background(), models.Request{User: 1, Check: true}, func(tx *models.Tx) error {
		result, err := m.Do(tx, models.NewArgs(args...))
		if err == nil {
			if _, err = value.Append(nil, result); err != nil {
				return fmt.Errorf("the result cannot be encoded: %w", err)
			}
			err = errHarmless
		}
		return err
	})
	if errors.Is(err, errHarmless) {
		return -1
	}
	if kind := models.ErrorKind(err); kind != models.KindInternal {
		return kind
	}
	t.Errorf("%s: %s.%s%.200s: %.300v", db.SQL.Dialect().Name(), object, method, fmt.Sprintf("%v", args), err)
	return models.KindInternal
}

// TestHostileArguments puts hostile values in the place of every argument of
// every method, of every field in create, write and on_change, and beside every
// operator in a domain.
func TestHostileArguments(t *testing.T) {
	modelstest.Each(t, nil, everything, func(t *testing.T, db *models.Database) {
		furnish(t, db)
		one := list{int64(1)}
		usual := map[string][]any{"search": {list{}, int64(0), nil, nil}, "search_read": {list{}, int64(0), nil, nil, list{"id"}}, "export_data_domain": {list{}, list{"id"}, int64(0), nil, nil}, "write": {one, dict{}}, "copy": {one, dict{}}, "read": {one, list{"id"}},
			"export_data": {one, list{"id"}}, "import_data": {list{"id"}, list{}}, "on_change": {dict{}, list{}}, "on_change_with": {dict{}, list{}}, "default_get": {list{}, true}, "fields_view_get": {nil, "form"}}
		for i, model := range hostileModels {
			values := hostile()
			if i < 2 {
				values = append(values, huge()...)
			}
			c := db.Registry.Class(model)
			for _, method := range c.Methods() {
				args := usual[method]
				for position := range max(len(args), 1) {
					for _, v := range values {
						changed := append(list{}, args...)
						if len(changed) <= position {
							changed = append(changed, v)
						}
						changed[position] = v
						attack(t, db, model, method, changed...)
					}
				}
			}
			if i < 2 || model == "test.registers" {
				hostileFields(t, db, c, hostile())
			}
		}
		hostileFields(t, db, db.Registry.Class("test.sample"), huge())
	})
}

// hostileFields puts each value into each field, and beside some operator.
func hostileFields(t *testing.T, db *models.Database, c *models.Class, values []any) {
	operators := []string{"=", "!=", "<", ">=", "in", "not in", "like", "not ilike", "child_of", "not parent_of", "where", "not where", "~"}
	for i, name := range c.Fields() {
		for j, v := range values {
			attack(t, db, c.Name, "create", list{dict{name: v}})
			attack(t, db, c.Name, "write", list{int64(1)}, dict{name: v})
			attack(t, db, c.Name, "pre_validate", dict{name: v})
			attack(t, db, c.Name, "on_change", dict{name: v, "id": int64(1)}, list{name})
			attack(t, db, c.Name, "on_change_with", dict{"id": v, "name": v}, list{"unit", "copied", "rec_name"})
			attack(t, db, c.Name, "import_data", list{name}, list{list{v}})
			for k := range 3 {
				attack(t, db, c.Name, "search_count", list{list{name, operators[(i+j+5*k)%len(operators)], v}})
			}
			attack(t, db, c.Name, "search", list{list{name + ".name", operators[(i+j)%len(operators)], v}})
		}
	}
}

// FuzzCalls decodes arguments as package rpc does and calls methods with them on
// both databases, which have to agree.
func FuzzCalls(f *testing.F) {
	for _, seed := range []struct {
		model, method int
		args          string
	}{
		{0, 0, `[[["char","=","x"]],0,10,[["char","DESC"]]]`}, {0, 0, `[["OR",["integer",">",1],[["many2one.name","ilike","a%"]]]]`}, {0, 1, `[[["targets","where",[["value","=",null]]]],0,null,null,["char","many2one.rec_name"]]`},
		{1, 2, `[[1],["name","lines.name","labels","_timestamp"]]`}, {1, 3, `[[{"name":"B","lines":[["create",[{"name":"l"}]]],"labels":[["add",[1]]]}]]`}, {1, 4, `[[1],{"code":"c","lines":[["write",[1],{"name":"m"}],["copy",[1]]]}]`},
		{4, 5, `[{"name":"n","id":1},["name"]]`}, {0, 0, `[[["numeric","<",{"__class__":"Decimal","decimal":"1.10"}]]]`}, {0, 3, `[[{"date":{"__class__":"date","year":2026,"month":11,"day":24},"selects":["foo"]}]]`}, {1, 6, `[[1],["name","lines/name"]]`},
		{0, 0, `[[["reference","=",["test.reference.target",1]]]]`}, {0, 0, `[[["many2one","child_of",[1],"parent"]]]`}, {5, 7, `[null,"form"]`}, {3, 8, `[[1],{"targets":[["add",[2]]]}]`},
	} {
		f.Add(uint8(seed.model), uint8(seed.method), seed.args)
	}
	methods := []string{"search", "search_read", "read", "create", "write", "on_change", "export_data", "fields_view_get", "copy", "search_count", "delete", "import_data", "on_change_with", "pre_validate"}
	databases := map[string]*models.Database{}
	for _, s := range []*sql.Server{sqltest.SQLite(f), sqltest.Postgres(f)} {
		registry, err := models.Build(nil, everything()...)
		if err != nil {
			f.Fatal(err)
		}
		db := models.NewDatabase(registry, sqltest.Database(f, s), slog.New(slog.DiscardHandler))
		if err := db.Update(context.Background()); err != nil {
			f.Fatal(err)
		}
		furnish(f, db)
		databases[s.Dialect().Name()] = db
	}
	f.Fuzz(func(t *testing.T, model, method uint8, text string) {
		decoded, err := value.Decode([]byte(text))
		args, ok := decoded.([]any)
		if err != nil || !ok {
			return
		}
		object, name := hostileModels[int(model)%len(hostileModels)], methods[int(method)%len(methods)]
		one := attack(t, databases["sqlite"], object, name, args...)
		other := attack(t, databases["postgresql"], object, name, args...)
		if one != other {
			t.Errorf("%s.%s%s ends with kind %d on SQLite and %d on PostgreSQL", object, name, text, one, other)
		}
	})
}
