package payment

import (
	"embed"
	"io/fs"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/pyson"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

//go:embed account/locale
var accountCatalogues embed.FS

// AccountModule is the module account: the menu Financial and its groups, that the payments stand in.
func AccountModule() *models.Module {
	account, admin := models.Ref("group_account"), models.Ref("group_account_admin")
	return &models.Module{
		Name:        "account",
		Definitions: []models.Definition{},
		Locale:      inside(accountCatalogues, "account"),
		Data: ir.Records(
			ir.Group{ID: "group_account", Name: "Account"},
			ir.Group{ID: "group_account_admin", Name: "Account Administration"},
			adminIn("user_admin_group_account", account),
			adminIn("user_admin_group_account_admin", admin),
			ir.Menu{ID: "menu_account", Name: "Financial", Sequence: 60, Icon: "tryton-account", Groups: []models.Ref{account, admin}},
			ir.Menu{ID: "menu_account_configuration", Name: "Configuration", Parent: "menu_account", Sequence: 0,
				Icon: "tryton-settings", Groups: []models.Ref{admin}},
		),
	}
}

// inside is a folder of embedded files.
func inside(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // no name of a folder
	}
	return sub
}

// adminIn makes the administrator of a new database a member of a group.
func adminIn(id string, group models.Ref) ir.Raw {
	return ir.Raw{ID: id, Model: "res.user-res.group", Values: models.Values{"user": models.Ref("res.user_admin"), "group": group}}
}

// Module is the module account_payment.
func Module() *models.Module {
	return &models.Module{
		Name: "account_payment",
		Definitions: []models.Definition{Journal, Group, Payment, Statistic, ProcessStart, Line, DirectDebit, Party,
			GroupSequence},
		Wizards: []*models.Wizard{processWizard()},
		Reports: []*models.Report{receiptReport(), statementReport()},
		Views:   views,
		Locale:  catalogues,
		Data:    data(),
	}
}

const (
	groupPayment  = models.Ref("group_payment")
	groupApproval = models.Ref("group_payment_approval")
	groupAdmin    = models.Ref("account.group_account_admin")
)

func data() []models.Data {
	return ir.Records(
		ir.Group{ID: "group_payment", Name: "Payment"},
		ir.Group{ID: "group_payment_approval", Name: "Payment Approval"},
		adminIn("user_admin_group_payment", groupPayment),
		adminIn("user_admin_group_payment_approval", groupApproval),
		viewData(),
		windowData(),
		ir.WizardAction{ID: "act_process_payments", Name: "Process Payments",
			Keywords: []ir.On{{Keyword: "form_action", Model: "account.payment"}},
			Wizard:   "account.payment.process", Model: "account.payment"},
		printData(),
		menuData(),
		statisticData(),
		accessData(),
		ir.CompanyRule("rule_group_payment_journal_companies", "User in companies", "account.payment.journal"),
		ir.CompanyRule("rule_group_payment_group_companies", "User in companies", "account.payment.group"),
		ir.CompanyRule("rule_group_payment_companies", "User in companies", "account.payment"),
		ir.SequenceType{ID: "sequence_type_account_payment_group", Name: "Account Payment Group",
			Groups: []models.Ref{"res.group_admin", groupAdmin}},
		ir.Sequence{ID: "sequence_account_payment_group", Name: "Default Account Payment Group",
			Type: "sequence_type_account_payment_group"},
	)
}

// printData offers the documents of payments and groups in the clients' Print menu.
func printData() ir.Part {
	report := func(id, name, report, model, extension string) ir.Part {
		return ir.ReportAction{ID: id, Name: name, Report: report, Model: model, Template: "html", Extension: extension,
			Keywords: []ir.On{{Keyword: "form_print", Model: model}}}
	}
	return ir.Parts{
		report("report_receipt", "Receipt", "account.payment.receipt", "account.payment", "pdf"),
		report("report_receipt_html", "Receipt (HTML)", "account.payment.receipt", "account.payment", ""),
		report("report_statement", "Statement", "account.payment.group.statement", "account.payment.group", "pdf"),
		report("report_statement_html", "Statement (HTML)", "account.payment.group.statement", "account.payment.group", ""),
	}
}

func viewData() ir.Part {
	return ir.Parts{
		ir.View{ID: "payment_journal_view_form", Model: "account.payment.journal", Type: "form", Name: "payment_journal_form"},
		ir.View{ID: "payment_journal_view_list", Model: "account.payment.journal", Type: "tree", Name: "payment_journal_list"},
		ir.View{ID: "payment_group_view_form", Model: "account.payment.group", Type: "form", Name: "payment_group_form"},
		ir.View{ID: "payment_group_view_list", Model: "account.payment.group", Type: "tree", Name: "payment_group_list"},
		ir.View{ID: "payment_view_form", Model: "account.payment", Type: "form", Name: "payment_form"},
		ir.View{ID: "payment_view_list", Model: "account.payment", Type: "tree", Name: "payment_list"},
		ir.View{ID: "payment_process_start_view_form", Model: "account.payment.process.start", Type: "form",
			Name: "payment_process_start_form"},
		ir.View{ID: "move_line_view_list", Model: "account.move.line", Type: "tree", Name: "move_line_list"},
		ir.View{ID: "move_line_view_form", Model: "account.move.line", Type: "form", Name: "move_line_form"},
		ir.View{ID: "party_view_form", Model: "party.party", Inherit: "party.party_view_form", Name: "party_form"},
	}
}

func windowData() ir.Part {
	payments := []models.Ref{"payment_view_list", "payment_view_form"}
	newest := []any{[]any{"date", "DESC"}, []any{"id", nil}}
	return ir.Parts{
		ir.ActWindow{ID: "act_payment_journal_form", Name: "Journals", Model: "account.payment.journal",
			Views: []models.Ref{"payment_journal_view_list", "payment_journal_view_form"}},
		ir.ActWindow{ID: "act_payment_group_form", Name: "Groups", Model: "account.payment.group",
			Views: []models.Ref{"payment_group_view_list", "payment_group_view_form"}},
		ir.ActWindow{ID: "act_payment_form", Name: "Payments", Model: "account.payment",
			Views: payments, Tabs: StateTabs(), Order: newest},
		ir.ActWindow{ID: "act_payment_form_group_open", Name: "Payments",
			Keywords: []ir.On{{Keyword: "tree_open", Model: "account.payment.group"}},
			Model:    "account.payment", Views: payments, Order: newest,
			Domain: []any{[]any{"group", "=", pyson.Eval("active_id", "")}}},
	}
}

// StateTabs are the tabs of a list of what goes through the states of a payment. Those where work waits are counted.
func StateTabs() []ir.Tab {
	tabs := make([]ir.Tab, 0, len(states)+1)
	for _, s := range states {
		tabs = append(tabs, ir.Tab{Name: s[1].(string), Domain: []any{[]any{"state", "=", s[0]}},
			Count: s[0] != Succeeded && s[0] != Failed})
	}
	return append(tabs, ir.Tab{Name: "All"})
}

func menuData() ir.Part {
	return ir.Parts{
		ir.Menu{ID: "menu_payments", Name: "Payments", Parent: "account.menu_account", Sequence: 20},
		ir.Menu{ID: "menu_payment_configuration", Name: "Payments", Parent: "account.menu_account_configuration", Sequence: 50},
		ir.Menu{ID: "menu_payment_journal_form", Name: "Journals", Parent: "menu_payment_configuration", Sequence: 10,
			Action: "act_payment_journal_form"},
		ir.Menu{ID: "menu_payment_form", Name: "Payments", Parent: "menu_payments", Sequence: 20, Action: "act_payment_form"},
		ir.Menu{ID: "menu_payment_group_form", Name: "Groups", Parent: "menu_payments", Sequence: 30,
			Action: "act_payment_group_form"},
	}
}

func accessData() ir.Part {
	full := func(model string, group models.Ref) ir.Part {
		return ir.Access{Model: model, Group: group, Read: true, Write: true, Create: true, Delete: true}
	}
	return ir.Parts{
		ir.Access{Model: "account.payment.journal"},
		full("account.payment.journal", groupAdmin),
		ir.Access{Model: "account.payment.journal", Group: groupPayment, Read: true},
		ir.Access{Model: "account.payment.group"},
		full("account.payment.group", groupAdmin),
		full("account.payment.group", groupPayment),
		ir.Access{Model: "account.payment"},
		full("account.payment", groupAdmin),
		full("account.payment", groupPayment),
		ir.Access{Model: "account.payment", Group: groupApproval, Read: true},
		ir.Access{Model: "account.move.line", Read: true},
		ir.Access{Model: "account.configuration.payment_group_sequence"},
		full("account.configuration.payment_group_sequence", groupAdmin),
		ir.FieldAccess{Model: "account.payment", Field: "state", Read: true},
		ir.Button{Model: "account.payment", Name: "draft", String: "Draft", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: "account.payment", Name: "approve", String: "Approve", Groups: []models.Ref{groupApproval}},
		ir.Button{Model: "account.payment", Name: "succeed", String: "Succeed", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: "account.payment", Name: "fail", String: "Fail", Groups: []models.Ref{groupPayment}},
	}
}
