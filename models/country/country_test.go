package country_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

func modules() []*models.Module {
	return []*models.Module{ir.Module(), res.Module(), country.Module()}
}

func TestCountries(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			if got := country.Country.Count(tx, nil); got != 249 {
				t.Errorf("got %d countries, want 249", got)
			}
			for typed, want := range map[string]int{"fr": 1, "%fr%": 7, "FRA": 1, "%250%": 1, "%rance%": 1, "%ran%": 2} {
				found := country.Country.Search(tx, domain.C("rec_name", domain.ILike, typed))
				isFrance := func(r *models.Record) bool { return country.Country.Code.Of(r) == "FR" }
				if len(found) != want || !slices.ContainsFunc(found, isFrance) {
					t.Errorf("%q finds %d records, want %d with France", typed, len(found), want)
				}
			}
			if got := len(country.Country.Search(tx, domain.C("rec_name", domain.NotILike, "%fr%"))); got >= 249 || got < 240 {
				t.Errorf("%d countries are not like fr", got)
			}
			france := country.Country.Search(tx, country.Country.Code.Eq("FR"))
			models.Must(country.Country.Write(tx, france, country.Country.Name.To("Gaul"), country.Country.Active.To(false)))
		})
		if err := db.Update(context.Background()); err != nil {
			t.Fatal(err)
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			all := tx.With(map[string]any{"active_test": false})
			if got := country.Country.Count(all, nil); got != 249 {
				t.Errorf("an update makes %d countries of 249", got)
			}
			if got := country.Country.Count(tx, country.Country.Code.Eq("FR")); got != 0 {
				t.Error("an update brings a deactivated country back")
			}
		})
	})
}

func TestSubdivisions(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			land := country.Country.Search(tx, country.Country.Code.In("FR", "BE"))
			s := country.Subdivision
			region, err := s.Create(tx, s.Country.To(land[0]), s.Code.To("BE-VLG"), s.Name.To("Flanders"), s.Type.To("region"))
			models.Must(err)
			if _, err := s.Create(tx, s.Country.To(land[0]), s.Code.To("BE-VAN"), s.Name.To("Antwerp"), s.Type.To("province"),
				s.Parent.To(region)); err != nil {
				t.Errorf("a part of a part of the same country: %v", err)
			}
			if _, err := s.Create(tx, s.Country.To(land[1]), s.Code.To("FR-X"), s.Name.To("X"), s.Parent.To(region)); !models.IsKind(err, models.KindUser) {
				t.Errorf("a part of another country's part: got %v", err)
			}
			if _, err := s.Create(tx, s.Country.To(land[1]), s.Code.To("FR-Y"), s.Name.To("Y"), s.Type.To("galaxy")); !models.IsKind(err, models.KindUser) {
				t.Errorf("an unknown kind: got %v", err)
			}
			if got := len(country.Country.Subdivisions.Of(land[0])); got != 2 {
				t.Errorf("the country has %d subdivisions, want 2", got)
			}
		})
	})
}
