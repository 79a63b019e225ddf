package models_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
)

// guard is an access that a test may change between calls.
type guard struct {
	models  map[string]models.Rights
	fields  map[string]map[string]models.Rights
	buttons map[string]bool // those that name groups: whether the user is in one
	rules   map[string]map[models.Mode]domain.Node
}

func (g *guard) Model(_ *models.Tx, model string) models.Rights {
	if r, ok := g.models[model]; ok {
		return r
	}
	return models.AllRights
}

func (g *guard) Fields(_ *models.Tx, model string) map[string]models.Rights { return g.fields[model] }

func (g *guard) Button(_ *models.Tx, model, button string) (named, member bool) {
	member, named = g.buttons[model+"."+button]
	return named, member
}

func (g *guard) Rule(_ *models.Tx, model string, mode models.Mode) (domain.Node, []string) {
	node := g.rules[model][mode]
	if node == nil {
		return nil, nil
	}
	return node, []string{"the rule"}
}

// every is the same rule for all modes.
func every(node domain.Node) map[models.Mode]domain.Node {
	return map[models.Mode]domain.Node{models.Read: node, models.Write: node, models.Create: node, models.Delete: node}
}

// vault is a model with something of every sort to hide.
type vault struct {
	models.Model
	Name   models.Char
	Hidden models.Char
	Frozen models.Char
	Key    models.Char
	Copied models.Char
	Told   models.Char
	Parent models.Many2One
	Childs models.One2Many
	Files  models.One2Many
	About  models.Reference
	Friend models.Many2Many
}

var Vault = models.Define(&vault{
	Model:  models.Model{Name: "test.vault", String: "Vault", History: true, Order: models.Order("hidden", "id")},
	Name:   models.NewChar(models.Field{String: "Name", Required: true}),
	Hidden: models.NewChar(models.Field{String: "Hidden"}),
	Frozen: models.NewChar(models.Field{String: "Frozen"}),
	Key:    models.NewChar(models.Field{String: "Key", Secret: true}),
	Copied: models.NewChar(models.Field{String: "Copied", Function: true}),
	Told:   models.NewChar(models.Field{String: "Told", Function: true}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "test.vault"}),
	Childs: models.NewOne2Many(models.Field{String: "Childs", Relation: "test.vault", RelationField: "parent"}),
	Files:  models.NewOne2Many(models.Field{String: "Files", Relation: "test.file", RelationField: "vault"}),
	About:  models.NewReference(models.Field{String: "About", Selection: [][2]any{{"test.vault", "Vault"}}}),
	Friend: models.NewMany2Many(models.Field{String: "Friends", Relation: "test.vault", Through: "test.vault-test.vault", RelationField: "origin", RelationTarget: "target"}),
})

func (v *vault) Setup(c *models.Class) {
	c.DefaultValue(v.Hidden, "from the server")
	c.DefaultValue(v.Frozen, "ice")
	c.OnChange(v.Name, func(r *models.Record) { v.Hidden.Set(r, "leak"); v.Frozen.Set(r, "ok") }, v.Name)
	c.OnChangeWith(v.Copied, func(r *models.Record) any { return v.Name.Of(r) }, v.Name)
	c.OnChangeWith(v.Told, v.told, v.Name, v.Parent, v.Childs, v.About)
	c.Selections("names", func(r *models.Record) [][2]any { return [][2]any{{v.told(r), ""}} }, v.Parent)
	c.Completion(v.Name, func(*models.Record) []string { return []string{"secret street"} }, v.Name)
	c.Button(models.Button{Name: "open"}, func(tx *models.Tx, records []*models.Record) (any, error) {
		return nil, v.Write(tx, records, v.Frozen.To("opened"))
	})
}

// told is the name of the record and of those that it links to.
func (v *vault) told(r *models.Record) any {
	text := v.Name.Of(r) + " " + v.Parent.Of(r).Name()
	if about := v.About.Of(r); about != nil {
		text += " " + about.Name()
	}
	for _, child := range v.Childs.Of(r) {
		text += " " + v.Name.Of(child)
	}
	return text
}

type friend struct {
	models.Model
	Origin, Target models.Many2One
}

var Friend = models.Define(&friend{
	Model:  models.Model{Name: "test.vault-test.vault", String: "Friend", Table: "test_friend", Internal: true},
	Origin: models.NewMany2One(models.Field{String: "Origin", Relation: "test.vault", Required: true, OnDelete: "CASCADE"}),
	Target: models.NewMany2One(models.Field{String: "Target", Relation: "test.vault", Required: true, OnDelete: "CASCADE"}),
})

// file is internal: reached through its vault it must stay so.
type file struct {
	models.Model
	Vault models.Many2One
	Name  models.Char
}

var File = models.Define(&file{
	Model: models.Model{Name: "test.file", String: "File", Internal: true},
	Vault: models.NewMany2One(models.Field{String: "Vault", Relation: "test.vault"}),
	Name:  models.NewChar(models.Field{String: "Name"}),
})

func bank() []*models.Module {
	return []*models.Module{{Name: "test", Definitions: []models.Definition{Vault, Friend, File, User}}}
}

// guarded runs a test on databases with three vaults, 2 and 3 in 1, of which 3
// is called "dark"; each vault is a friend of, and about, the next.
func guarded(t *testing.T, test func(t *testing.T, db *models.Database, g *guard)) {
	g := &guard{}
	modelstest.Each(t, g, bank, func(t *testing.T, db *models.Database) {
		*g = guard{}
		user(t, db, "Ann")
		modelstest.Do(t, db, func(tx *models.Tx) {
			first := create(Vault.Create(tx, Vault.Name.To("first"), Vault.Hidden.To("h1"), Vault.Key.To("k1")))
			second := create(Vault.Create(tx, Vault.Name.To("second"), Vault.Hidden.To("h2"), Vault.Key.To("k2"), Vault.Parent.To(first)))
			third := create(Vault.Create(tx, Vault.Name.To("dark"), Vault.Hidden.To("h3"), Vault.Parent.To(first), Vault.About.To(first)))
			models.Must(Vault.Write(tx, []*models.Record{first}, Vault.About.To(second)))
			models.Must(Vault.Write(tx, []*models.Record{second}, Vault.About.To(third), Vault.Parent.To(third)))
			for _, pair := range [][2]*models.Record{{first, second}, {second, third}, {third, first}} {
				create(Friend.Create(tx, Friend.Origin.To(pair[0]), Friend.Target.To(pair[1])))
			}
			create(File.Create(tx, File.Vault.To(first), File.Name.To("paper")))
		})
		test(t, db, g)
	})
}

type call struct {
	method string
	args   []any
}

// each calls methods of vaults as user 1 and hands on what came of it.
func each(db *models.Database, calls []call, check func(c call, result any, err error)) {
	for _, c := range calls {
		result, err := modelstest.Call(db, 1, dict{}, "test.vault", c.method, c.args...)
		check(c, result, err)
	}
}

// refused fails for each call that is not refused with words for the user.
func refused(t *testing.T, db *models.Database, why string, calls ...call) {
	t.Helper()
	each(db, calls, func(c call, result any, err error) {
		if kind := models.ErrorKind(err); err == nil || kind != models.KindUser && kind != models.KindBadRequest {
			t.Errorf("%s: %s%v gives %v, %v", why, c.method, c.args, result, err)
		}
	})
}

// conceals fails for each call whose answer, or error, has one of the words.
func conceals(t *testing.T, db *models.Database, why string, words []string, calls ...call) {
	t.Helper()
	each(db, calls, func(c call, result any, err error) {
		text := fmt.Sprint(result, err)
		for _, word := range words {
			if strings.Contains(text, word) {
				t.Errorf("%s: %s%v tells %q: %s", why, c.method, c.args, word, text)
			}
		}
		if models.ErrorKind(err) == models.KindInternal && err != nil {
			t.Errorf("%s: %s%v: %v", why, c.method, c.args, err)
		}
	})
}

// finds fails unless the clause finds the ids.
func finds(t *testing.T, db *models.Database, clause list, want ...int64) {
	t.Helper()
	got, err := modelstest.Call(db, 1, dict{}, "test.vault", "search", list{clause}, int64(0), nil, list{list{"id", nil}})
	if err != nil || !slices.Equal(idsIn(got), want) {
		t.Errorf("%v finds %v %v, want %v", clause, got, err, want)
	}
}

func TestModelRights(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		one := list{int64(1)}
		reading := []call{{"read", []any{one, list{"name"}}}, {"search", []any{list{}}}, {"search_count", []any{list{}}}, {"search_read", []any{list{}, int64(0), nil, nil, list{"name"}}}, {"export_data", []any{one, list{"name"}}},
			{"export_data_domain", []any{list{}, list{"name"}}}, {"history_revisions", []any{one}}, {"copy", []any{one}}, {"on_change", []any{dict{"id": int64(1)}, list{"name"}}}, {"on_change_name", []any{dict{}}}, {"on_change_with", []any{dict{}, list{"copied"}}},
			{"on_change_with_copied", []any{dict{}}}, {"autocomplete_name", []any{dict{}}}, {"pre_validate", []any{dict{}}}, {"open", []any{one}}}
		g.models = map[string]models.Rights{"test.vault": {Write: true, Create: true, Delete: true}}
		refused(t, db, "no reading", reading...)
		g.models = map[string]models.Rights{"test.vault": {Read: true}}
		refused(t, db, "reading only", call{"write", []any{one, dict{"name": "x"}}}, call{"create", []any{list{dict{"name": "x"}}}}, call{"delete", []any{one}}, call{"copy", []any{one}},
			call{"import_data", []any{list{"name"}, list{list{"x"}}}}, call{"import_data", []any{list{"id", "name"}, list{list{"1", "x"}}}})
		each(db, reading[:7], func(c call, _ any, err error) {
			if err != nil {
				t.Errorf("%s: %v", c.method, err)
			}
		})
		g.models = map[string]models.Rights{"test.vault": {Read: true, Write: true}}
		refused(t, db, "no creating or deleting", call{"write", []any{one, dict{"childs": list{list{"create", list{dict{"name": "x"}}}}}}}, call{"write", []any{one, dict{"childs": list{list{"delete", list{int64(2)}}}}}},
			call{"write", []any{one, dict{"childs": list{list{"copy", list{int64(2)}}}}}}, call{"write", []any{one, dict{"friend": list{list{"create", list{dict{"name": "x"}}}}}}})
		if n := Count(t, db); n != 3 {
			t.Errorf("%d vaults", n)
		}
	})
}

func Count(t *testing.T, db *models.Database) (n int64) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) { n = Vault.Count(tx, nil) })
	return n
}

func TestFieldRights(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		g.fields = map[string]map[string]models.Rights{"test.vault": {"hidden": {}, "frozen": {Read: true}}}
		one := list{int64(1)}
		clause := list{"hidden", "like", "h%"}
		refused(t, db, "a hidden field", call{"read", []any{one, list{"hidden"}}}, call{"read", []any{one, list{"parent.hidden"}}}, call{"read", []any{list{int64(2)}, list{"parent.hidden"}}}, call{"read", []any{one, list{"childs.hidden"}}}, call{"read", []any{one, list{"about.hidden"}}},
			call{"search_read", []any{list{}, int64(0), nil, nil, list{"hidden"}}}, call{"search", []any{list{clause}}}, call{"search_count", []any{list{"OR", list{"id", "=", int64(1)}, clause}}}, call{"search", []any{list{list{"parent.hidden", "=", "h1"}}}},
			call{"search", []any{list{list{"childs.hidden", "=", "h2"}}}}, call{"search", []any{list{list{"friend.hidden", "=", "h2"}}}}, call{"search", []any{list{list{"about.hidden", "=", "h2", "test.vault"}}}}, call{"search", []any{list{list{"parent", "where", list{clause}}}}},
			call{"search", []any{list{list{"childs", "not where", list{clause}}}}}, call{"search", []any{list{}, int64(0), nil, list{list{"hidden", nil}}}}, call{"search", []any{list{}, int64(0), nil, list{list{"parent.hidden", nil}}}}, call{"export_data", []any{one, list{"hidden"}}},
			call{"export_data", []any{list{int64(2)}, list{"parent/hidden"}}}, call{"export_data", []any{one, list{"childs/hidden"}}}, call{"export_data_domain", []any{list{clause}, list{"name"}}},
			call{"write", []any{one, dict{"hidden": "x"}}}, call{"create", []any{list{dict{"name": "x", "hidden": "x"}}}}, call{"copy", []any{one, dict{"hidden": "x"}}}, call{"write", []any{one, dict{"childs": list{list{"write", list{int64(3)}, dict{"hidden": "x"}}}}}},
			call{"write", []any{one, dict{"frozen": "x"}}}, call{"create", []any{list{dict{"name": "x", "frozen": "x"}}}}, call{"import_data", []any{list{"name", "frozen"}, list{list{"x", "x"}}}}, call{"copy", []any{one, dict{"frozen": "x"}}})
		conceals(t, db, "a hidden field", []string{"h1", "h2", "from the server", "leak", "hidden"}, call{"search_read", []any{list{}}}, call{"fields_get", nil}, call{"fields_get", []any{list{"hidden", "name"}}}, call{"default_get", []any{list{"hidden", "frozen", "name"}}},
			call{"on_change", []any{dict{}, list{"name"}}}, call{"on_change_name", []any{dict{}}}, call{"read", []any{one, nil}}, call{"search", []any{list{}}})
		got, err := modelstest.Call(db, 1, nil, "test.vault", "fields_get", list{"frozen", "name"})
		if err != nil || got.(dict)["frozen"].(dict)["readonly"] != true || got.(dict)["name"].(dict)["readonly"] != false {
			t.Errorf("definitions: %v %v", got, err)
		}
		created := ask(t, db, "test.vault", "create", list{dict{"name": "new"}}).([]int64)
		modelstest.Do(t, db, func(tx *models.Tx) { // defaults are the server's words, not the user's
			r := Vault.Get(tx, created[0])
			if Vault.Hidden.Of(r) != "from the server" || Vault.Frozen.Of(r) != "ice" {
				t.Errorf("defaults %q %q", Vault.Hidden.Of(r), Vault.Frozen.Of(r))
			}
		})
	})
}

func TestRules(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		g.fields = map[string]map[string]models.Rights{"test.vault": {"hidden": {}}} // of which a rule may speak
		g.rules = map[string]map[models.Mode]domain.Node{"test.vault": every(domain.AllOf(domain.C("name", "!=", "dark"), domain.C("hidden", "!=", "none")))}
		dark := list{int64(3)}
		refused(t, db, "a record behind a rule", call{"read", []any{dark, list{"name"}}}, call{"read", []any{list{int64(1), int64(3)}, list{"id"}}}, call{"read", []any{list{int64(2)}, list{"parent.rec_name"}}}, call{"read", []any{list{int64(2)}, list{"about.name"}}},
			call{"write", []any{dark, dict{"name": "x"}}}, call{"delete", []any{dark}}, call{"copy", []any{dark}}, call{"export_data", []any{dark, list{"name"}}}, call{"export_data", []any{list{int64(2)}, list{"parent/name"}}}, call{"history_revisions", []any{dark}}, call{"open", []any{dark}},
			call{"write", []any{list{int64(1)}, dict{"childs": list{list{"write", dark, dict{"name": "x"}}}}}}, call{"write", []any{list{int64(1)}, dict{"childs": list{list{"delete", dark}}}}}, call{"write", []any{list{int64(1)}, dict{"friend": list{list{"copy", dark}}}}},
			call{"write", []any{list{int64(2)}, dict{"name": "dark"}}}, call{"create", []any{list{dict{"name": "dark"}}}}, call{"copy", []any{list{int64(1)}, dict{"name": "dark"}}}, call{"import_data", []any{list{"id", "name"}, list{list{"3", "x"}}}})
		for _, test := range []struct {
			clause list
			want   []int64
		}{
			{list{"name", "like", "%"}, []int64{1, 2}}, {list{"parent.name", "=", "dark"}, nil}, {list{"parent", "=", "dark"}, nil}, {list{"parent", "ilike", "d%"}, nil}, {list{"parent", "where", list{list{"name", "=", "dark"}}}, nil},
			{list{"parent", "not where", list{list{"name", "=", "dark"}}}, []int64{2}}, {list{"parent.id", "=", int64(3)}, []int64{2}}, {list{"parent", "=", int64(3)}, []int64{2}}, {list{"childs.name", "=", "dark"}, nil}, {list{"childs", "=", "dark"}, nil}, {list{"childs", "=", int64(3)}, nil},
			{list{"childs", "=", nil}, []int64{1, 2}}, {list{"childs", "not where", list{list{"name", "=", "dark"}}}, []int64{1, 2}}, {list{"friend.name", "=", "dark"}, nil}, {list{"friend.name", "=", "second"}, []int64{1}}, {list{"friend", "!=", nil}, []int64{1}}, {list{"friend.friend.name", "=", "dark"}, nil},
			{list{"about.name", "=", "dark", "test.vault"}, nil}, {list{"about.name", "=", "second", "test.vault"}, []int64{1}},
		} {
			finds(t, db, test.clause, test.want...)
		}
		if n := ask(t, db, "test.vault", "search_count", list{}); n != int64(2) {
			t.Errorf("%v are counted", n)
		}
		want := []dict{{"id": int64(1), "childs": []int64{}, "childs.": list{}, "friend": []int64{2}, "friend.": list{dict{"id": int64(2), "name": "second"}}},
			{"id": int64(2), "childs": []int64{}, "childs.": list{}, "friend": []int64{}, "friend.": list{}}}
		got := ask(t, db, "test.vault", "read", list{int64(1), int64(2)}, list{"childs", "friend", "childs.name", "friend.name"})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got := ask(t, db, "test.vault", "export_data", list{int64(1)}, list{"name", "friend/name", "childs/name"}); !cmp.Equal(got, [][]any{{"first", "second", ""}}) {
			t.Errorf("export %v", got)
		}
		g.rules["test.vault"] = map[models.Mode]domain.Node{models.Write: domain.C("name", "!=", "dark"), models.Delete: domain.C("id", "=", int64(1))}
		want = []dict{{"id": int64(1), "_write": true, "_delete": true}, {"id": int64(3), "_write": false, "_delete": false}}
		if diff := cmp.Diff(want, ask(t, db, "test.vault", "read", list{int64(1), int64(3)}, list{"_write", "_delete"})); diff != "" {
			t.Error(diff)
		}
		refused(t, db, "other modes", call{"write", []any{dark, dict{"name": "x"}}}, call{"delete", []any{list{int64(2)}}})
	})
}

func TestSecretsAndInternals(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		one := list{int64(1)}
		conceals(t, db, "a secret", []string{"k1", "k2"}, call{"read", []any{one, list{"key"}}}, call{"read", []any{list{int64(3)}, list{"about.key", "parent.key"}}}, call{"read", []any{one, list{"childs.key", "friend.key"}}}, call{"search_read", []any{list{}}}, call{"export_data", []any{one, list{"key", "friend/key"}}})
		refused(t, db, "a secret", call{"search", []any{list{list{"key", "like", "k%"}}}}, call{"search", []any{list{list{"parent.key", "=", "k1"}}}}, call{"search", []any{list{list{"friend", "where", list{list{"key", "=", "k2"}}}}}}, call{"search", []any{list{}, int64(0), nil, list{list{"key", nil}}}},
			call{"search", []any{list{}, int64(0), nil, list{list{"parent.key", nil}}}})
		if got := row(t, db, "test.vault", 1, "files"); !cmp.Equal(got, dict{"files": []int64{}}) {
			t.Errorf("internal records: %v", got)
		}
		refused(t, db, "internal", call{"read", []any{one, list{"files.name"}}}, call{"search", []any{list{list{"files.name", "=", "paper"}}}}, call{"search", []any{list{list{"files", "=", "paper"}}}}, call{"write", []any{one, dict{"files": list{list{"create", list{dict{"name": "x"}}}}}}},
			call{"write", []any{one, dict{"files": list{list{"write", one, dict{"name": "x"}}}}}}, call{"write", []any{one, dict{"files": list{list{"delete", one}}}}}, call{"export_data", []any{one, list{"files/name"}}})
		for _, method := range []string{"read", "search", "search_read", "search_count", "create", "write", "delete", "copy", "export_data", "import_data", "history_revisions"} {
			if _, err := modelstest.Call(db, 1, nil, "test.file", method, one, list{}); !models.IsKind(err, models.KindForbidden) {
				t.Errorf("%s of an internal model: %v", method, err)
			}
		}
	})
}

// TestButtonRights has the groups of a button decide, and the right to write to the model where it names none.
func TestButtonRights(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		open := call{"open", []any{list{int64(1)}}}
		for _, test := range []struct {
			name    string
			rights  models.Rights
			buttons map[string]bool
			may     bool
		}{
			{"nothing limited", models.AllRights, nil, true},
			{"another group's", models.AllRights, map[string]bool{"test.vault.open": false}, false},
			{"the user's group's, though he may not write", models.Rights{Read: true}, map[string]bool{"test.vault.open": true}, true},
			{"the user's group's, though he may not read", models.Rights{Write: true}, map[string]bool{"test.vault.open": true}, false},
			{"nobody's, and he may not write", models.Rights{Read: true}, nil, false},
			{"nobody's, and he may not read", models.Rights{Write: true}, nil, false},
			{"nobody's, and he may write", models.Rights{Read: true, Write: true}, nil, true},
		} {
			g.models, g.buttons = map[string]models.Rights{"test.vault": test.rights}, test.buttons
			each(db, []call{open}, func(_ call, _ any, err error) {
				if (err == nil) != test.may || err != nil && models.ErrorKind(err) != models.KindUser {
					t.Errorf("%s: %v", test.name, err)
				}
			})
		}
	})
}

// TestForms has what follows from a form tell nothing of records that the user may not read, though the form names them.
func TestForms(t *testing.T) {
	guarded(t, func(t *testing.T, db *models.Database, g *guard) {
		const dark = int64(3)
		asked := func(values dict) []call {
			return []call{{"on_change_with", []any{values, list{"told"}}}, {"on_change_with_told", []any{values}}, {"names", []any{values}},
				{"on_change", []any{values, list{"name"}}}, {"pre_validate", []any{values}}, {"autocomplete_name", []any{values}}}
		}
		hidden := []dict{{"id": dark}, {"parent": dark}, {"id": int64(1), "parent": dark}, {"parent": dict{"id": dark}}, {"_parent_parent.parent": dark}, {"about": "test.vault,3"},
			{"about": list{"test.vault", dark}}, {"childs": list{dark}}, {"childs": list{dict{"id": int64(-1), "parent": int64(1)}, dict{"id": dark}}}, {"childs": list{dict{"parent": dark}}},
			{"parent": dict{"id": int64(-1), "parent": dark}}, {"id": dark, "name": "mine", "parent": int64(1)}}
		for _, values := range hidden {
			each(db, asked(values)[:2], func(c call, result any, err error) {
				if err != nil {
					t.Errorf("where nothing is hidden: %s%v: %v", c.method, c.args, err)
				}
			})
		}
		g.rules = map[string]map[models.Mode]domain.Node{"test.vault": every(domain.C("name", "!=", "dark"))}
		for _, values := range hidden {
			conceals(t, db, "hidden by a rule", []string{"dark"}, asked(values)...)
			refused(t, db, "hidden by a rule", asked(values)...)
		}
		seen := []dict{{"id": int64(1), "name": "x", "childs": list{int64(2), dict{"id": int64(-2), "name": "y"}}, "about": "test.vault,2"},
			{"id": int64(2), "parent": dark, "about": "test.vault,3"}} // which it has already
		for _, values := range seen {
			each(db, asked(values), func(c call, result any, err error) {
				if err != nil {
					t.Errorf("%s%v: %v", c.method, c.args, err)
				}
			})
		}
		refused(t, db, "internal", asked(dict{"files": list{int64(1)}})...)
		g.rules, g.models = nil, map[string]models.Rights{"test.vault": {}}
		refused(t, db, "no reading", asked(dict{"parent": int64(1)})...)
	})
}
