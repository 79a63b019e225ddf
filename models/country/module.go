package country

import (
	"embed"
	"strings"

	"paytond/models"
	"paytond/models/ir"
)

//go:embed locale
var catalogues embed.FS

//go:embed countries.tsv
var countries string

// Module is the module country as main lists it.
func Module() *models.Module {
	return &models.Module{
		Name:        "country",
		Definitions: []models.Definition{Country, Subdivision},
		Views:       views,
		Locale:      catalogues,
		Data:        data(),
		Ready:       load,
	}
}

func data() []models.Data {
	return ir.Records(
		ir.View{ID: "country_view_form", Model: "country.country", Type: "form", Name: "country_form"},
		ir.View{ID: "country_view_tree", Model: "country.country", Type: "tree", Name: "country_tree"},
		ir.View{ID: "subdivision_view_form", Model: "country.subdivision", Type: "form", Name: "subdivision_form"},
		ir.View{ID: "subdivision_view_tree", Model: "country.subdivision", Type: "tree", Name: "subdivision_tree"},
		ir.ActWindow{ID: "act_country_form", Name: "Countries", Model: "country.country",
			Views: []models.Ref{"country_view_tree", "country_view_form"}},
		ir.Menu{ID: "menu_country_form", Name: "Countries", Parent: "ir.menu_administration", Sequence: 30,
			Icon: "tryton-country", Action: "act_country_form", Groups: []models.Ref{"res.group_admin"}},
	)
}

// load adds the countries whose code is not there yet.
func load(tx *models.Tx) error {
	all := tx.With(map[string]any{"active_test": false})
	known := map[string]bool{}
	for _, r := range Country.Search(all, Country.Code.Ne(nil)) {
		known[Country.Code.Of(r)] = true
	}
	var list []models.Values
	for line := range strings.Lines(countries) {
		p := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if !known[p[0]] {
			list = append(list, models.Values{"code": p[0], "code3": p[1], "code_numeric": p[2], "name": p[3], "active": true})
		}
	}
	_, err := Country.In(tx).Create(tx, list)
	return err
}
