package party_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/res"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

func modules() []*models.Module {
	return []*models.Module{ir.Module(), res.Module(), country.Module(), currency.Module(), party.Module()}
}

// each runs a test in a new database on both kinds.
func each(t *testing.T, test func(t *testing.T, db *models.Database)) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, test)
}

// add stores a party.
func add(tx *models.Tx, name string, assigns ...models.Assign) *models.Record {
	r, err := party.Party.Create(tx, append(assigns, party.Party.Name.To(name))...)
	models.Must(err)
	return r
}

func commands(list ...map[string]any) []any {
	items := make([]any, len(list))
	for i, values := range list {
		items[i] = values
	}
	return []any{[]any{"create", items}}
}

func TestCreateAsClient(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		call := func(method string, args ...any) any {
			t.Helper()
			got, err := modelstest.Call(db, 1, map[string]any{"language": "en"}, "party.party", method, args...)
			if err != nil {
				t.Fatalf("%s: %v", method, err)
			}
			return got
		}
		defaults := call("default_get", []any{"active", "addresses", "categories", "code", "code_readonly", "lang", "name"}, false)
		want := map[string]any{"active": true, "addresses": []any{map[string]any{}}, "categories": []int64{}, "code_readonly": true, "lang": nil}
		if diff := cmp.Diff(want, defaults); diff != "" {
			t.Errorf("defaults: %s", diff)
		}
		ids := call("create", []any{map[string]any{"active": true, "lang": nil, "name": "Alice Martin",
			"addresses": commands(map[string]any{"active": true})}}).([]int64)
		rows := call("read", []any{ids[0]}, []any{"rec_name", "full_name", "code", "code_readonly", "lang", "phone", "email",
			"distance", "tax_identifier", "active", "replaced_by"}).([]map[string]any)
		row := map[string]any{"id": ids[0], "rec_name": "Alice Martin", "full_name": "Alice Martin", "code": "1", "code_readonly": true,
			"lang": nil, "phone": "", "email": "", "distance": nil, "tax_identifier": nil, "active": true, "replaced_by": nil}
		if diff := cmp.Diff(row, rows[0]); diff != "" {
			t.Errorf("party: %s", diff)
		}
		if got := call("create", []any{map[string]any{"name": "Bob Stone"}}).([]int64); len(got) != 1 {
			t.Fatalf("created %v", got)
		}
		found := call("search_read", []any{}, int64(0), int64(10), nil, []any{"code"}).([]map[string]any)
		if len(found) != 2 || found[1]["code"] != "2" {
			t.Errorf("parties in order: got %v", found)
		}
	})
}

// TestCopy has a user duplicate a party: the rows that hold its language are no model for him, and copied all the same.
func TestCopy(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		call := func(method string, args ...any) any {
			t.Helper()
			got, err := modelstest.Call(db, 1, map[string]any{}, "party.party", method, args...)
			if err != nil {
				t.Fatalf("%s: %v", method, err)
			}
			return got
		}
		created := call("create", []any{map[string]any{"name": "Alice Martin", "lang": int64(1), "addresses": commands(map[string]any{"city": "Nice"})}}).([]int64)
		copied := call("copy", []any{created[0]}, map[string]any{}).([]int64)
		want := []map[string]any{{"id": copied[0], "name": "Alice Martin", "lang": int64(1), "addresses.": []any{map[string]any{"city": "Nice"}}}}
		got := call("read", []any{copied[0]}, []any{"name", "lang", "addresses.city"}).([]map[string]any)
		for _, address := range got[0]["addresses."].([]any) {
			delete(address.(map[string]any), "id")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCode(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			p := party.Party
			own := add(tx, "Own", p.Code.To("ABC"))
			next := add(tx, "Next")
			if got := p.Code.Of(own) + " " + p.Code.Of(next); got != "ABC 1" {
				t.Errorf("codes: got %s", got)
			}
			if got := len(p.Addresses.Of(next)); got != 1 {
				t.Errorf("a new party has %d addresses, want the empty one", got)
			}
			nameless := add(tx, "")
			if got := nameless.Name(); got != "[2]" {
				t.Errorf("a party without name is called %s", got)
			}
			copies, err := p.In(tx).Copy(tx, []*models.Record{own}, nil)
			models.Must(err)
			if got := p.Code.Of(copies[0]); got != "3" {
				t.Errorf("a copy has the code %s", got)
			}
			if got := len(p.Addresses.Of(copies[0])); got != 1 {
				t.Errorf("a copy has %d addresses, the original one", got)
			}
		})
		_, err := modelstest.Call(db, 1, nil, "party.party", "create", []any{map[string]any{"name": "Twin", "code": "ABC"}})
		if !models.IsKind(err, models.KindUser) {
			t.Errorf("a code twice: got %v", err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			settings := party.Configuration.Single(tx)
			if got := party.Configuration.PartySequence.Of(settings).Name(); got != "Party" {
				t.Errorf("the sequence of codes is %q", got)
			}
		})
		if _, err := modelstest.Call(db, 1, nil, "party.configuration", "write", []any{int64(1)}, map[string]any{"party_sequence": nil}); err != nil {
			t.Fatal(err)
		}
		_, err = modelstest.Call(db, 1, nil, "party.party", "create", []any{map[string]any{"name": "No code"}})
		if !models.IsKind(err, models.KindUser) {
			t.Errorf("no code and no sequence: got %v", err)
		}
	})
}

func TestSearchName(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			p := party.Party
			bob := add(tx, "Bob Stone", p.Code.To("B77"),
				p.Identifiers.To(commands(map[string]any{"type": "be_vat", "code": "0403019261"}, map[string]any{"code": "free text"})),
				p.ContactMechanisms.To(commands(map[string]any{"type": "phone", "value": "+32 2/123 45 67"},
					map[string]any{"type": "email", "email": "bob@example.com"})))
			add(tx, "Alice Martin")
			for typed, want := range map[string]int{
				"%Bob%": 1, "%stone": 1, "B77%": 1, "%b77%": 1, "%0403%": 1, "%3212345%": 0, "%+3221234567%": 1,
				"%123 45%": 1, "%bob@%": 1, "%": 2, "%nobody%": 0, `%'; DROP TABLE party_party; --%`: 0,
			} {
				found := p.Search(tx, domain.C("rec_name", domain.ILike, typed))
				if len(found) != want || want == 1 && found[0].ID() != bob.ID() {
					t.Errorf("%q finds %d parties, want %d", typed, len(found), want)
				}
			}
			if got := party.Identifier.Code.Of(p.TaxIdentifier.Of(bob)); got != "0403019261" {
				t.Errorf("tax identifier: got %q", got)
			}
			for _, test := range []struct {
				clause domain.Node
				want   int
			}{
				{domain.C("tax_identifier", domain.ILike, "%0403%"), 1},
				{domain.C("tax_identifier.code", domain.Equal, "0403019261"), 1},
				{domain.C("tax_identifier", domain.Equal, nil), 1},
				{domain.C("tax_identifier", domain.NotEqual, nil), 1},
				{domain.C("tax_identifier", domain.ILike, "%free%"), 0},
			} {
				if got := int(p.Count(tx, test.clause)); got != test.want {
					t.Errorf("%v: got %d, want %d", test.clause, got, test.want)
				}
			}
		})
	})
}

func TestDistance(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			add(tx, "Alice")
			zoe := add(tx, "Zoe")
			related := tx.With(map[string]any{"related_party": zoe.ID()})
			first := party.Party.Search(related, nil)[0]
			if first.ID() != zoe.ID() || party.Party.Distance.IsNull(first) {
				t.Errorf("the party at hand comes first, not %s", first.Name())
			}
			if got := party.Party.Search(tx, nil)[0].Name(); got != "Alice" {
				t.Errorf("without one they come by name, first %s", got)
			}
		})
	})
}

func TestContactMechanisms(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		got, err := modelstest.Call(db, 1, nil, "party.contact_mechanism", "on_change_value",
			map[string]any{"type": "phone", "value": "0123 456", "id": int64(-1), "party": nil})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"email": "0123 456", "website": "0123 456", "skype": "0123 456", "sip": "0123 456",
			"other_value": "0123 456", "value_compact": "0123456", "url": "tel:0123456"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("on_change_value: %s", diff)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			p, m := party.Party, party.ContactMechanism
			bob := add(tx, "Bob", p.ContactMechanisms.To(commands(
				map[string]any{"type": "email", "email": "old@example.com", "website": nil, "active": false},
				map[string]any{"type": "email", "email": "bob@example.com", "website": nil, "other_value": nil},
				map[string]any{"type": "website", "website": "https://example.com", "email": ""},
				map[string]any{"type": "mobile", "other_value": "0470 / 12 34 56"},
			)))
			if got := p.Email.Of(bob) + " " + p.Website.Of(bob) + " " + p.Mobile.Of(bob) + p.Phone.Of(bob); got != "bob@example.com https://example.com 0470 / 12 34 56" {
				t.Errorf("ways to reach the party: got %s", got)
			}
			mobile := m.Search(tx, m.Type.Eq("mobile"))[0]
			if got := m.ValueCompact.Of(mobile) + " " + m.URL.Of(mobile); got != "0470123456 tel:0470123456" {
				t.Errorf("mobile: got %s", got)
			}
			models.Must(m.Write(tx, []*models.Record{mobile}, m.OtherValue.To("02 1"), m.Email.To("x")))
			if got := m.Value.Of(m.Get(tx, mobile.ID())); got != "02 1" {
				t.Errorf("changed mobile: got %s", got)
			}
		})
	})
}

func TestLanguage(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			langs := tx.Class("ir.lang").SearchRecords(tx, nil)
			english, other := langs[0], langs[1]
			models.Must(party.Configuration.In(tx).Write(tx, []*models.Record{stored(tx)}, models.Values{"party_lang": english.ID()}))
			bob := add(tx, "Bob")
			if got := party.Party.Lang.ID(bob); got != english.ID() {
				t.Errorf("a new party has the language %d, want %d", got, english.ID())
			}
			models.Must(party.Party.Write(tx, []*models.Record{bob}, party.Party.Lang.To(other)))
			if got := party.Party.Lang.ID(party.Party.Get(tx, bob.ID())); got != other.ID() {
				t.Errorf("the changed language is %d, want %d", got, other.ID())
			}
			if got := len(party.Party.Langs.Of(party.Party.Get(tx, bob.ID()))); got != 1 {
				t.Errorf("the language is kept in %d records", got)
			}
			models.Must(party.Party.Write(tx, []*models.Record{bob}, party.Party.Lang.To(nil)))
			if got := party.Party.Lang.ID(party.Party.Get(tx, bob.ID())); got != 0 {
				t.Errorf("no language reads as %d", got)
			}
		})
	})
}

// stored is the configuration, stored.
func stored(tx *models.Tx) *models.Record {
	r, err := party.Configuration.Create(tx)
	models.Must(err)
	return r
}

func TestCategories(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			c := party.Category
			top, err := c.Create(tx, c.Name.To("Customers"))
			models.Must(err)
			below, err := c.Create(tx, c.Name.To("Good"), c.Parent.To(top))
			models.Must(err)
			if got := below.Name(); got != "Customers / Good" {
				t.Errorf("full name: got %s", got)
			}
			found := c.Search(tx, domain.C("rec_name", domain.ILike, "%customers / go%"))
			if len(found) != 1 || found[0].ID() != below.ID() {
				t.Errorf("the path finds %d categories", len(found))
			}
			bob := add(tx, "Bob", party.Party.Categories.To([]any{[]any{"add", []any{below.ID()}}}))
			if got := party.Party.Search(tx, &domain.Clause{Field: "categories", Op: domain.ChildOf, Value: []any{top.ID()}, Model: "parent"}); len(got) != 1 || got[0].ID() != bob.ID() {
				t.Errorf("parties below a category: got %d", len(got))
			}
		})
		for name, change := range map[string]func(tx *models.Tx) error{
			"a name twice": func(tx *models.Tx) error {
				_, err := party.Category.Create(tx, party.Category.Name.To("Customers"))
				return err
			},
			"a separator in a name": func(tx *models.Tx) error {
				_, err := party.Category.Create(tx, party.Category.Name.To("a / b"))
				return err
			},
			"a circle": func(tx *models.Tx) error {
				all := party.Category.Search(tx, nil)
				top, below := all[0], all[1]
				return party.Category.Write(tx, []*models.Record{top}, party.Category.Parent.To(below))
			},
		} {
			if err := modelstest.Try(db, models.Request{}, change); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestIdentifiers(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		got, err := modelstest.Call(db, 1, nil, "party.identifier", "on_change_with_code",
			map[string]any{"type": "be_vat", "code": "BE 0403.019.261", "id": int64(-1)})
		if err != nil || got != "0403019261" {
			t.Errorf("on_change_with_code: got %v, %v", got, err)
		}
		for code, valid := range map[string]bool{"0403019261": true, "0403019262": false, "x": false} {
			_, err := modelstest.Call(db, 1, nil, "party.party", "create", []any{map[string]any{"name": "x",
				"identifiers": commands(map[string]any{"type": "be_vat", "code": code})}})
			if valid != (err == nil) || !valid && !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: got %v", code, err)
			}
		}
		types := func() int {
			got, err := modelstest.Call(db, 1, nil, "party.identifier", "get_types")
			if err != nil {
				t.Fatal(err)
			}
			return len(got.([][2]any))
		}
		all := types()
		if _, err := modelstest.Call(db, 1, nil, "party.configuration", "write", []any{int64(1)},
			map[string]any{"identifier_types": []any{"eu_vat", "be_vat"}}); err != nil {
			t.Fatal(err)
		}
		if got := types(); got != 3 || all < 20 {
			t.Errorf("%d of %d types, want the empty one and two", got, all)
		}
	})
}
