package company

import (
	"embed"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/pyson"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

// Module is the module company as main lists it.
func Module() *models.Module {
	definitions := []models.Definition{Company, Employee, ConfigStart, User, UserCompany, UserEmployee, CronCompany}
	return &models.Module{
		Name:        "company",
		Definitions: append(definitions, extensions()...),
		Wizards:     []*models.Wizard{configWizard()},
		Reports:     []*models.Report{letterReport()},
		Views:       views,
		Locale:      catalogues,
		Data:        ir.Records(groups(), viewRecords(), actions(), menus(), rights()),
	}
}

const (
	admin         = models.Ref("group_company_admin")
	employeeAdmin = models.Ref("group_employee_admin")
)

func groups() ir.Parts {
	var parts ir.Parts
	for _, g := range []struct {
		group    models.Ref
		id, name string
	}{
		{admin, "user_admin_company_admin", "Company Administration"},
		{employeeAdmin, "user_admin_employee_admin", "Employee Administration"},
	} {
		parts = append(parts, ir.Group{ID: string(g.group), Name: g.name},
			ir.Raw{ID: g.id, Model: "res.user-res.group",
				Values: models.Values{"user": models.Ref("res.user_admin"), "group": g.group}})
	}
	return parts
}

func viewRecords() ir.Parts {
	return ir.Parts{
		ir.View{ID: "company_view_form", Model: "company.company", Type: "form", Name: "company_form"},
		ir.View{ID: "company_view_list", Model: "company.company", Type: "tree", Name: "company_list", Priority: 10},
		ir.View{ID: "company_config_view_form", Model: "company.company", Type: "form", Name: "company_config_form", Priority: 100},
		ir.View{ID: "company_config_start_view_form", Model: "company.company.config.start", Type: "form",
			Name: "company_config_start_form"},
		ir.View{ID: "employee_view_form", Model: "company.employee", Type: "form", Name: "employee_form", Priority: 10},
		ir.View{ID: "employee_view_tree", Model: "company.employee", Type: "tree", Name: "employee_tree"},
		ir.View{ID: "user_view_form", Model: "res.user", Name: "user_form", Inherit: "res.user_view_form"},
		ir.View{ID: "user_view_form_preferences", Model: "res.user", Name: "user_form_preferences",
			Inherit: "res.user_view_form_preferences"},
		ir.View{ID: "sequence_view_form", Model: "ir.sequence", Name: "sequence_form", Inherit: "ir.sequence_view_form"},
		ir.View{ID: "sequence_view_tree", Model: "ir.sequence", Name: "sequence_tree", Inherit: "ir.sequence_view_tree"},
		ir.View{ID: "cron_view_form", Model: "ir.cron", Name: "cron_form", Inherit: "ir.cron_view_form"},
	}
}

func actions() ir.Parts {
	return ir.Parts{
		ir.ActWindow{ID: "act_company_list", Name: "Companies", Model: "company.company",
			Views: []models.Ref{"company_view_list", "company_view_form"}},
		ir.ActWindow{ID: "act_employee_form", Name: "Employees", Model: "company.employee",
			Views: []models.Ref{"employee_view_tree", "employee_view_form"}},
		ir.ActWindow{ID: "act_employee_subordinates", Name: "Supervised by", Model: "company.employee",
			Views:    []models.Ref{"employee_view_tree", "employee_view_form"},
			Domain:   []any{[]any{"supervisor", "in", pyson.Eval("active_ids", []any{})}},
			Keywords: []ir.On{{Keyword: "form_relate", Model: "company.employee"}}},
		ir.WizardAction{ID: "act_company_config", Name: "Configure Company", Wizard: "company.company.config", Window: true,
			Groups: []models.Ref{admin}, Keywords: []ir.On{{Keyword: "form_action", Model: "company.company"}}},
		ir.ReportAction{ID: "report_letter", Name: "Letter", Report: "party.letter", Model: "party.party",
			Keywords: []ir.On{{Keyword: "form_print", Model: "party.party"}}},
	}
}

func menus() ir.Parts {
	return ir.Parts{
		ir.Menu{ID: "menu_company", Name: "Company", Sequence: 20, Icon: "tryton-company",
			Groups: []models.Ref{admin, employeeAdmin}},
		ir.Menu{ID: "menu_company_list", Name: "Companies", Parent: "menu_company", Sequence: 10, Action: "act_company_list"},
		ir.Menu{ID: "menu_employee_form", Name: "Employees", Parent: "menu_company", Sequence: 20, Action: "act_employee_form"},
	}
}

// rights let all read, the groups of administrators change, and show a company
// only its own sequences.
func rights() ir.Parts {
	own := [][]any{
		{[]any{"company", "in", pyson.Eval("companies", []any{})}},
		{[]any{"company", "=", nil}},
	}
	return ir.Parts{
		ir.Access{Model: "company.company", Read: true},
		ir.Access{Model: "company.company", Group: admin, Read: true, Write: true, Create: true, Delete: true},
		ir.Access{Model: "company.employee", Read: true},
		ir.Access{Model: "company.employee", Group: employeeAdmin, Read: true, Write: true, Create: true, Delete: true},
		ir.Rule{ID: "rule_group_sequence_companies", Name: "User in companies", Model: "ir.sequence", Global: true, Domains: own},
		ir.Rule{ID: "rule_group_sequence_strict_companies", Name: "User in companies", Model: "ir.sequence.strict",
			Global: true, Domains: own},
	}
}
