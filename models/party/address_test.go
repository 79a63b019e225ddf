package party_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/party"
)

func TestAddress(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		var france, bob int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			france = country.Country.Search(tx, country.Country.Code.Eq("FR"))[0].ID()
			r := add(tx, "Bob Stone", party.Party.Addresses.To(commands(map[string]any{"street": "1, rue du Bac\n2e étage",
				"postal_code": "75007", "city": "Paris", "country": france, "name": "B"})))
			bob = r.ID()
			a := party.Party.Addresses.Of(r)[0]
			if got, want := a.Name(), "Bob Stone, B, 1, rue du Bac, 75007, Paris, FR"; got != want {
				t.Errorf("name: got %s, want %s", got, want)
			}
			if got, want := party.Address.FullAddress.Of(a), "B\n1, rue du Bac\n2e étage\n75007 PARIS\nFRANCE"; got != want {
				t.Errorf("address: got %q, want %q", got, want)
			}
			home := party.Address.Get(tx.With(map[string]any{"address_with_party": true, "address_from_country": france}), a.ID())
			if got, want := party.FullAddress(home), "Bob Stone\nB\n1, rue du Bac\n2e étage\n75007 PARIS"; got != want {
				t.Errorf("label: got %q, want %q", got, want)
			}
			if got := len(party.Address.Search(tx, domain.C("rec_name", domain.ILike, "%rue du%"))); got != 1 {
				t.Errorf("the street finds %d addresses", got)
			}
			f := party.AddressFormat
			if _, err := f.Create(tx, f.Format_.To("${wrong}")); !models.IsKind(err, models.KindUser) {
				t.Errorf("an unknown variable: got %v", err)
			}
			alice := add(tx, "Alice")
			if err := party.Address.Write(tx, []*models.Record{a}, party.Address.Party.To(alice)); !models.IsKind(err, models.KindUser) {
				t.Errorf("an address goes to another party: got %v", err)
			}
		})
		for method, values := range map[string]map[string]any{
			"autocomplete_city":        {"country": france, "postal_code": "75007", "subdivision": nil},
			"autocomplete_postal_code": {"country": nil, "city": "Paris", "subdivision": nil},
		} {
			got, err := modelstest.Call(db, 1, nil, "party.address", method, values)
			want := map[string][]string{"autocomplete_city": {"Paris"}, "autocomplete_postal_code": {"75007"}}[method]
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v %s", method, err, diff)
			}
		}
		got, err := modelstest.Call(db, 1, nil, "party.address", "autocomplete_city", map[string]any{"country": nil, "postal_code": "12"})
		if diff := cmp.Diff([]string{}, got); err != nil || diff != "" {
			t.Errorf("nothing known: %v %s", err, diff)
		}
		if _, err := modelstest.Call(db, 1, nil, "party.party", "write", []any{bob}, map[string]any{"addresses": []any{}}); err != nil {
			t.Error(err)
		}
		got, err = modelstest.Call(db, 1, nil, "party.address", "on_change_with_subdivision_types", map[string]any{"country": nil, "id": int64(-1)})
		if diff := cmp.Diff([]string{}, got); err != nil || diff != "" {
			t.Errorf("subdivision types: %v %s", err, diff)
		}
	})
}

func TestSubdivisionOfAddress(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			lands := country.Country.Search(tx, country.Country.Code.In("ES", "IT"))
			spain, italy := lands[1], lands[0]
			s := country.Subdivision
			madrid, err := s.Create(tx, s.Country.To(spain), s.Code.To("ES-M"), s.Name.To("Madrid"), s.Type.To("province"))
			models.Must(err)
			region, err := s.Create(tx, s.Country.To(spain), s.Code.To("ES-MD"), s.Name.To("Madrid"), s.Type.To("autonomous community"))
			models.Must(err)
			bob := add(tx, "Bob")
			a := party.Address
			if _, err := a.Create(tx, a.Party.To(bob), a.Country.To(spain), a.Subdivision.To(madrid)); err != nil {
				t.Errorf("a province of Spain: %v", err)
			}
			if _, err := a.Create(tx, a.Party.To(bob), a.Country.To(spain), a.Subdivision.To(region)); !models.IsKind(err, models.KindUser) {
				t.Errorf("a community of Spain: got %v", err)
			}
			form := a.In(tx).FromForm(tx, map[string]any{"id": int64(-1), "country": italy.ID(), "subdivision": madrid.ID()})
			result, err := a.In(tx).Lookup("on_change_country").Do(tx, models.NewArgs(map[string]any{"id": form.ID(), "country": italy.ID(), "subdivision": madrid.ID()}))
			if diff := cmp.Diff(map[string]any{"subdivision": nil}, result); err != nil || diff != "" {
				t.Errorf("another country: %v %s", err, diff)
			}
		})
	})
}
