package currency

import (
	"embed"

	"paytond/models"
	"paytond/models/ir"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

// Module is the module currency where no rates can be fetched.
func Module() *models.Module { return ModuleWith(ECB{}) }

// ModuleWith is the module with a source of rates.
func ModuleWith(source Source) *models.Module {
	f := newFetcher(source)
	return &models.Module{
		Name:        "currency",
		Definitions: []models.Definition{Currency, Rate, Cron, CronCurrency, f, newSchedule(f)},
		Views:       views,
		Locale:      catalogues,
		Data:        data(),
	}
}

func data() []models.Data {
	admin := models.Ref("group_currency_admin")
	return ir.Records(
		ir.Group{ID: "group_currency_admin", Name: "Currency Administration"},
		adminIn("user_admin_group_currency_admin", admin),

		ir.View{ID: "currency_view_form", Model: "currency.currency", Type: "form", Name: "currency_form"},
		ir.View{ID: "currency_view_tree", Model: "currency.currency", Type: "tree", Name: "currency_tree"},
		ir.View{ID: "currency_rate_view_list", Model: "currency.currency.rate", Type: "tree", Name: "currency_rate_list"},
		ir.View{ID: "currency_rate_view_form", Model: "currency.currency.rate", Type: "form", Name: "currency_rate_form"},
		ir.View{ID: "currency_rate_view_graph", Model: "currency.currency.rate", Type: "graph", Name: "currency_rate_graph"},
		ir.View{ID: "cron_view_list", Model: "currency.cron", Type: "tree", Name: "cron_list"},
		ir.View{ID: "cron_view_form", Model: "currency.cron", Type: "form", Name: "cron_form"},

		ir.ActWindow{ID: "act_currency_form", Name: "Currencies", Model: "currency.currency",
			Views: []models.Ref{"currency_view_tree", "currency_view_form"}},
		ir.ActWindow{ID: "act_cron_form", Name: "Scheduled Rate Updates", Model: "currency.cron",
			Views: []models.Ref{"cron_view_list", "cron_view_form"}},
		ir.Menu{ID: "menu_currency", Name: "Currency", Sequence: 50, Icon: "tryton-currency", Groups: []models.Ref{admin}},
		ir.Menu{ID: "menu_currency_form", Name: "Currencies", Parent: "menu_currency", Sequence: 10, Action: "act_currency_form"},
		ir.Menu{ID: "menu_cron_form", Name: "Scheduled Rate Updates", Parent: "menu_currency", Sequence: 20, Action: "act_cron_form"},

		ir.Access{Model: "currency.currency", Read: true},
		ir.Access{Model: "currency.currency", Group: admin, Read: true, Write: true, Create: true, Delete: true},
		ir.Access{Model: "currency.cron", Read: true},
		ir.Access{Model: "currency.cron", Group: admin, Read: true, Write: true, Create: true, Delete: true},
		ir.Button{Model: "currency.cron", Name: "run", String: "Run"},
		ir.Cron{ID: "cron_cron", Method: "currency.cron|update", Number: 1, Type: "days"},
	)
}

// adminIn puts the administrator into a group.
func adminIn(id string, group models.Ref) ir.Raw {
	return ir.Raw{ID: id, Model: "res.user-res.group",
		Values: models.Values{"user": models.Ref("res.user_admin"), "group": group}}
}
