package res

import "paytond/models"

// cascade is a required link of a relation table: the row goes with its target.
func cascade(label, model string) models.Many2One {
	return models.NewMany2One(models.Field{String: label, Relation: model, Required: true, OnDelete: "CASCADE", Index: true})
}

type userGroup struct {
	models.Model
	User, Group models.Many2One
}

// UserGroup is res.user-res.group: which users are in which groups.
var UserGroup = models.Define(&userGroup{
	Model: models.Model{Name: "res.user-res.group", Internal: true, String: "User - Group"},
	User:  cascade("User", "res.user"), Group: cascade("Group", "res.group"),
})

type userAction struct {
	models.Model
	User, Action models.Many2One
}

// UserAction is res.user-ir.action: what is run for a user after login.
var UserAction = models.Define(&userAction{
	Model: models.Model{Name: "res.user-ir.action", Internal: true, String: "User - Action"},
	User:  cascade("User", "res.user"), Action: cascade("Action", "ir.action"),
})

type menuGroup struct {
	models.Model
	Menu, Group models.Many2One
}

// MenuGroup is ir.ui.menu-res.group: which groups see a menu entry.
var MenuGroup = models.Define(&menuGroup{
	Model: models.Model{Name: "ir.ui.menu-res.group", Internal: true, String: "UI Menu - Group"},
	Menu:  cascade("Menu", "ir.ui.menu"), Group: cascade("Group", "res.group"),
})

type actionGroup struct {
	models.Model
	Action, Group models.Many2One
}

// ActionGroup is ir.action-res.group: which groups may use an action.
var ActionGroup = models.Define(&actionGroup{
	Model:  models.Model{Name: "ir.action-res.group", Internal: true, String: "Action - Group"},
	Action: cascade("Action", "ir.action"), Group: cascade("Group", "res.group"),
})

type buttonGroup struct {
	models.Model
	Button, Group models.Many2One
	Active        models.Boolean
}

// ButtonGroup is ir.model.button-res.group: which groups may press a button.
var ButtonGroup = models.Define(&buttonGroup{
	Model:  models.Model{Name: "ir.model.button-res.group", Internal: true, String: "Model Button - Group"},
	Button: cascade("Button", "ir.model.button"), Group: cascade("Group", "res.group"),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Uncheck to exclude from future use."}),
})

type ruleGroup struct {
	models.Model
	RuleGroup, Group models.Many2One
}

// RuleGroup is ir.rule.group-res.group: to which groups record rules apply.
var RuleGroup = models.Define(&ruleGroup{
	Model:     models.Model{Name: "ir.rule.group-res.group", Internal: true, String: "Rule Group - Group"},
	RuleGroup: cascade("Rule Group", "ir.rule.group"), Group: cascade("Group", "res.group"),
})

type sequenceTypeGroup struct {
	models.Model
	SequenceType, Group models.Many2One
}

// SequenceTypeGroup is ir.sequence.type-res.group: which groups edit the sequences of a type.
var SequenceTypeGroup = models.Define(&sequenceTypeGroup{
	Model:        models.Model{Name: "ir.sequence.type-res.group", Internal: true, String: "Sequence Type - Group"},
	SequenceType: cascade("Sequence Type", "ir.sequence.type"), Group: cascade("User Groups", "res.group"),
})

type exportGroup struct {
	models.Model
	Export, Group models.Many2One
}

// ExportGroup is ir.export-res.group: which groups use a predefined export.
var ExportGroup = models.Define(&exportGroup{
	Model:  models.Model{Name: "ir.export-res.group", Internal: true, String: "Export Group"},
	Export: cascade("Export", "ir.export"), Group: cascade("Group", "res.group"),
})

type exportWriteGroup struct {
	models.Model
	Export, Group models.Many2One
}

// ExportWriteGroup is ir.export-write-res.group: which groups change a predefined export.
var ExportWriteGroup = models.Define(&exportWriteGroup{
	Model:  models.Model{Name: "ir.export-write-res.group", Internal: true, String: "Export Modification Group"},
	Export: cascade("Export", "ir.export"), Group: cascade("Group", "res.group"),
})
