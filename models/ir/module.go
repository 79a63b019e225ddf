package ir

import (
	"embed"
	"net/mail"

	"paytond/models"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

// head embeds a model's head under another name, for models that have a field
// called model themselves.
type head = models.Model

// Config is what the configuration file says about e-mails.
type Config struct {
	// From is the address that e-mails come from, "Name <address>" or the
	// address alone; empty where there is no mail server.
	From string
}

// Module is Tryton's module ir. It stands first: every other module needs it.
func Module() *models.Module { return ModuleWith(Config{}) }

// ModuleWith is the module with what the program gives it.
func ModuleWith(config Config) *models.Module {
	return &models.Module{
		Name: "ir",
		Definitions: []models.Definition{
			Configurations, cacheStates, Translations, SequenceTypes, Sequences, StrictSequences,
			Menus, favorites, viewRecords, treeWidths, treeStates, viewSearches, icons,
			Actions, keywords, printings, windows, windowViews, windowDomains, launches, links,
			Models, modelFields, modelAccesses, fieldAccesses, buttons, buttonRules, clicks, buttonResets, modelDatas,
			Attachments, Notes, noteReads, Avatars, AvatarImages, Crons, Languages, exports, exportLines,
			ruleGroups, rules, modules, dependencies, today, triggers, triggerLogs, Sessions, WizardSessions, tasks,
			translationSetStart, translationSetSucceed, translationCleanStart, translationCleanSucceed, translationUpdateStart,
			translationExportStart, translationExportResult, langConfig,
			months, days, messages, Emails, emailAddresses, Outbox, emailTemplates, emailTemplateReports,
		},
		Wizards: localizationWizards(),
		Views:   views,
		Locale:  catalogues,
		Data:    data(),
		Ready:   ready,
		Done:    loadAll,
		Extend:  func(c *models.Class) { extend(c, config) },
	}
}

// ready writes what follows from the registry, before other modules' data.
func ready(tx *models.Tx) error {
	if err := SyncModels(tx); err != nil {
		return err
	}
	return syncModules(tx)
}

// extend gives every model what ir knows about all of them.
func extend(c *models.Class, config Config) {
	bindToolbar(c)
	if c.ViewOnly {
		return
	}
	bindResources(c)
	bindButtonRules(c)
	bindForgetting(c)
	if c.Name == Emails.Model.Name && config.From != "" {
		from := config.From
		if address, err := mail.ParseAddress(from); err == nil {
			from = address.Address
		}
		c.Hook(mailFrom, from)
	}
}
