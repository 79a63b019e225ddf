package party

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

// Module is the module party as main lists it.
func Module() *models.Module {
	return &models.Module{
		Name: "party",
		Definitions: []models.Definition{
			Category, Party, PartyLang, PartyCategory, Identifier, ReplaceAsk,
			Address, AddressFormat, AddressSubdivisionType, ContactMechanism, ContactMechanismLanguage,
			Configuration, ConfigurationSequence, ConfigurationLang,
		},
		Wizards: []*models.Wizard{replaceWizard()},
		Reports: []*models.Report{labelReport()},
		Views:   views,
		Locale:  catalogues,
		Data:    ir.Records(groups(), sequences(), viewRecords(), actions(), menus(), rights(), formats()),
	}
}

const admin = models.Ref("group_party_admin")

func groups() ir.Parts {
	return ir.Parts{
		ir.Group{ID: "group_party_admin", Name: "Party Administration"},
		ir.Raw{ID: "user_admin_group_party_admin", Model: "res.user-res.group",
			Values: models.Values{"user": models.Ref("res.user_admin"), "group": admin}},
	}
}

func sequences() ir.Parts {
	return ir.Parts{
		ir.SequenceType{ID: "sequence_type_party", Name: "Party", Groups: []models.Ref{"res.group_admin", admin}},
		ir.Sequence{ID: "sequence_party", Name: "Party", Type: "sequence_type_party"},
		ir.Raw{ID: "configuration_party_sequence", Model: "party.configuration.party_sequence", NoUpdate: true,
			Values: models.Values{"party_sequence": models.Ref("sequence_party")}},
	}
}

func viewRecords() ir.Parts {
	return ir.Parts{
		ir.View{ID: "party_view_tree", Model: "party.party", Type: "tree", Name: "party_tree"},
		ir.View{ID: "party_view_form", Model: "party.party", Type: "form", Name: "party_form"},
		ir.View{ID: "identifier_form", Model: "party.identifier", Type: "form", Name: "identifier_form"},
		ir.View{ID: "identifier_list", Model: "party.identifier", Type: "tree", Name: "identifier_list", Priority: 10},
		ir.View{ID: "identifier_list_sequence", Model: "party.identifier", Type: "tree", Name: "identifier_list_sequence", Priority: 20},
		ir.View{ID: "replace_ask_view_form", Model: "party.replace.ask", Type: "form", Name: "replace_ask_form"},
		ir.View{ID: "category_view_form", Model: "party.category", Type: "form", Name: "category_form"},
		ir.View{ID: "category_view_tree", Model: "party.category", Type: "tree", Name: "category_tree", FieldChilds: "childs"},
		ir.View{ID: "category_view_list", Model: "party.category", Type: "tree", Name: "category_list", Priority: 10},
		ir.View{ID: "address_view_tree", Model: "party.address", Type: "tree", Name: "address_tree", Priority: 10},
		ir.View{ID: "address_view_tree_sequence", Model: "party.address", Type: "tree", Name: "address_tree_sequence", Priority: 20},
		ir.View{ID: "address_view_form", Model: "party.address", Type: "form", Name: "address_form"},
		ir.View{ID: "address_format_view_list", Model: "party.address.format", Type: "tree", Name: "address_format_list"},
		ir.View{ID: "address_format_view_form", Model: "party.address.format", Type: "form", Name: "address_format_form"},
		ir.View{ID: "address_subdivision_type_view_list", Model: "party.address.subdivision_type", Type: "tree",
			Name: "address_subdivision_type_list"},
		ir.View{ID: "address_subdivision_type_view_form", Model: "party.address.subdivision_type", Type: "form",
			Name: "address_subdivision_type_form"},
		ir.View{ID: "contact_mechanism_view_tree", Model: "party.contact_mechanism", Type: "tree",
			Name: "contact_mechanism_tree", Priority: 10},
		ir.View{ID: "contact_mechanism_view_tree_sequence", Model: "party.contact_mechanism", Type: "tree",
			Name: "contact_mechanism_tree_sequence", Priority: 20},
		ir.View{ID: "contact_mechanism_view_form", Model: "party.contact_mechanism", Type: "form", Name: "contact_mechanism_form"},
		ir.View{ID: "party_configuration_view_form", Model: "party.configuration", Type: "form", Name: "configuration_form"},
	}
}

func window(id, name, model string, views ...models.Ref) ir.ActWindow {
	return ir.ActWindow{ID: id, Name: name, Model: model, Views: views}
}

func actions() ir.Parts {
	categories := window("act_category_tree", "Categories", "party.category", "category_view_tree", "category_view_form")
	categories.Domain = []any{[]any{"parent", "=", nil}}
	byCategory := window("act_party_by_category", "Parties by Category", "party.party", "party_view_tree", "party_view_form")
	byCategory.Domain = []any{[]any{"categories", "child_of", pyson.Eval("active_ids", []any{}), "parent"}}
	byCategory.Context = map[string]any{"categories": pyson.Eval("active_ids", []any{})}
	byCategory.Keywords = []ir.On{{Keyword: "tree_open", Model: "party.category"}}
	return ir.Parts{
		window("act_party_form", "Parties", "party.party", "party_view_tree", "party_view_form"),
		byCategory,
		categories,
		window("act_category_list", "Categories", "party.category", "category_view_list", "category_view_form"),
		window("act_address_form", "Addresses", "party.address", "address_view_tree", "address_view_form"),
		window("act_contact_mechanism_form", "Contact Mechanisms", "party.contact_mechanism",
			"contact_mechanism_view_tree", "contact_mechanism_view_form"),
		window("act_address_format_form", "Address Formats", "party.address.format",
			"address_format_view_list", "address_format_view_form"),
		window("act_address_subdivision_type_form", "Address Subdivision Types", "party.address.subdivision_type",
			"address_subdivision_type_view_list", "address_subdivision_type_view_form"),
		window("act_party_configuration_form", "Configuration", "party.configuration", "party_configuration_view_form"),
		ir.ReportAction{ID: "report_label", Name: "Labels",
			Keywords: []ir.On{{Keyword: "form_print", Model: "party.party"}}, Report: "party.label", Model: "party.party"},
		ir.WizardAction{ID: "wizard_replace", Name: "Replace", Groups: []models.Ref{admin},
			Keywords: []ir.On{{Keyword: "form_action", Model: "party.party"}}, Wizard: "party.replace", Model: "party.party"},
	}
}

func menus() ir.Parts {
	only := []models.Ref{admin}
	return ir.Parts{
		ir.Menu{ID: "menu_party", Name: "Party", Sequence: 10, Icon: "tryton-party"},
		ir.Menu{ID: "menu_configuration", Name: "Configuration", Parent: "menu_party", Icon: "tryton-settings", Groups: only},
		ir.Menu{ID: "menu_party_form", Name: "Parties", Parent: "menu_party", Sequence: 10, Action: "act_party_form"},
		ir.Menu{ID: "menu_address_form", Name: "Addresses", Parent: "menu_party", Sequence: 20, Action: "act_address_form"},
		ir.Menu{ID: "menu_contact_mechanism_form", Name: "Contact Mechanisms", Parent: "menu_party", Sequence: 20,
			Action: "act_contact_mechanism_form"},
		ir.Menu{ID: "menu_category_tree", Name: "Categories", Parent: "menu_party", Sequence: 50, Icon: "tryton-tree",
			Action: "act_category_tree"},
		ir.Menu{ID: "menu_category_list", Name: "Categories", Parent: "menu_category_tree", Sequence: 10, Action: "act_category_list"},
		ir.Menu{ID: "menu_party_configuration", Name: "Configuration", Parent: "menu_configuration", Sequence: 10,
			Action: "act_party_configuration_form", Groups: only},
		ir.Menu{ID: "menu_address_format_form", Name: "Address Formats", Parent: "menu_configuration", Sequence: 50,
			Action: "act_address_format_form"},
		ir.Menu{ID: "menu_address_subdivision_type_form", Name: "Address Subdivision Types", Parent: "menu_configuration",
			Sequence: 50, Action: "act_address_subdivision_type_form"},
	}
}

// rights let all read what only the group of administrators may change.
func rights() ir.Parts {
	var parts ir.Parts
	for _, model := range []string{"party.category", "party.address.format", "party.address.subdivision_type", "party.configuration"} {
		parts = append(parts, ir.Access{Model: model, Read: true},
			ir.Access{Model: model, Group: admin, Read: true, Write: true, Create: true, Delete: true})
	}
	return parts
}
