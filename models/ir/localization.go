package ir

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type (
	setStart     struct{ models.Model }
	setSucceed   struct{ models.Model }
	cleanStart   struct{ models.Model }
	cleanSucceed struct{ models.Model }
	updateStart  struct {
		models.Model
		Language models.Many2One
	}
	exportStart struct {
		models.Model
		Language models.Many2One
		Module   models.Many2One
	}
	exportResult struct {
		models.Model
		Language models.Many2One
		Module   models.Many2One
		File     models.Binary
		Filename models.Char
	}
	langConfigStart struct {
		models.Model
		Languages models.Many2Many
	}
)

func viewOnly(name, label string) models.Model {
	return models.Model{Name: name, String: label, ViewOnly: true}
}

// The forms of the wizards that keep translations.
var (
	translationSetStart     = models.Define(&setStart{viewOnly("ir.translation.set.start", "Set Translation")})
	translationSetSucceed   = models.Define(&setSucceed{viewOnly("ir.translation.set.succeed", "Set Translation")})
	translationCleanStart   = models.Define(&cleanStart{viewOnly("ir.translation.clean.start", "Clean translation")})
	translationCleanSucceed = models.Define(&cleanSucceed{viewOnly("ir.translation.clean.succeed", "Clean translation")})
	translationUpdateStart  = models.Define(&updateStart{
		Model: viewOnly("ir.translation.update.start", "Update translation"),
		Language: models.NewMany2One(models.Field{String: "Language", Required: true, Relation: "ir.lang",
			Domain: []any{[]any{"translatable", "=", true}}}),
	})
	translationExportStart = models.Define(&exportStart{
		Model: viewOnly("ir.translation.export.start", "Export translation"),
		Language: models.NewMany2One(models.Field{String: "Language", Required: true, Relation: "ir.lang",
			Domain: []any{[]any{"translatable", "=", true}, []any{"code", "!=", models.BaseLanguage}}}),
		Module: models.NewMany2One(models.Field{String: "Module", Required: true, Relation: "ir.module",
			Domain: []any{[]any{"state", "in", []any{"activated", "to upgrade", "to remove"}}}}),
	})
	translationExportResult = models.Define(&exportResult{
		Model:    viewOnly("ir.translation.export.result", "Export translation"),
		Language: models.NewMany2One(models.Field{String: "Language", Readonly: true, Relation: "ir.lang"}),
		Module:   models.NewMany2One(models.Field{String: "Module", Readonly: true, Relation: "ir.module"}),
		File:     models.NewBinary(models.Field{String: "File", Readonly: true, Filename: "filename", Depends: []string{"filename"}}),
		Filename: models.NewChar(models.Field{String: "Filename"}),
	})
	// langConfig is what the wizard asks that makes languages ready for users.
	langConfig = models.Define(&langConfigStart{
		Model:     viewOnly("ir.lang.config.start", "Configure languages"),
		Languages: models.NewMany2Many(models.Field{String: "Languages", Relation: "ir.lang"}),
	})
)

// Setup proposes the user's language.
func (u *updateStart) Setup(c *models.Class) { c.Default(u.Language, ownLanguage) }

// Setup proposes the user's language.
func (e *exportStart) Setup(c *models.Class) {
	c.Default(e.Language, func(tx *models.Tx) any {
		if tx.Language() == models.BaseLanguage {
			return nil
		}
		return ownLanguage(tx)
	})
}

// Setup proposes the languages that the database has.
func (l *langConfigStart) Setup(c *models.Class) {
	c.Default(l.Languages, func(tx *models.Tx) any {
		return models.IDsOf(Languages.Search(tx, Languages.Translatable.Eq(true)))
	})
}

// ownLanguage is the language of the context, if the database is translated into it.
func ownLanguage(tx *models.Tx) any {
	found := Languages.Search(tx, domain.AllOf(Languages.Code.Eq(tx.Language()), Languages.Translatable.Eq(true)), models.Limit(1))
	if len(found) == 0 {
		return nil
	}
	return found[0].ID()
}

// ask is the form that a wizard begins with, with the button that goes on.
func ask(view, next, label, icon string) models.State {
	return models.State{View: view, ViewID: models.Ref("ir." + viewOf(view)), Buttons: []models.StateButton{
		{State: "end", String: "Cancel", Icon: "tryton-cancel"},
		{State: next, String: label, Icon: icon, Default: true}}}
}

// tell is the form that a wizard ends with.
func tell(view, label, icon string) models.State {
	return models.State{View: view, ViewID: models.Ref("ir." + viewOf(view)), Buttons: []models.StateButton{
		{State: "end", String: label, Icon: icon, Default: true}}}
}

// viewOf is the name of the view of a wizard's form.
func viewOf(model string) string { return flat(model)[len("ir_"):] + "_view_form" }

func localizationWizards() []*models.Wizard {
	work := func(do func(tx *models.Tx) error, next string) models.State {
		return models.State{Next: func(s *models.Session) (string, error) { return next, do(s.Tx) }}
	}
	return []*models.Wizard{
		{Name: "ir.translation.set", Start: "start", States: map[string]models.State{
			"start": ask("ir.translation.set.start", "set_", "Set", "tryton-ok"), "set_": work(setSources, "succeed"),
			"succeed": tell("ir.translation.set.succeed", "OK", "tryton-ok")}},
		{Name: "ir.translation.clean", Start: "start", States: map[string]models.State{
			"start": ask("ir.translation.clean.start", "clean", "Clean", "tryton-ok"), "clean": work(clean, "succeed"),
			"succeed": tell("ir.translation.clean.succeed", "OK", "tryton-ok")}},
		{Name: "ir.translation.update", Start: "start", States: map[string]models.State{
			"start": ask("ir.translation.update.start", "work", "Update", "tryton-ok"),
			"work": {Next: func(s *models.Session) (string, error) {
				return "update", synchronise(s.Tx, Languages.Code.Of(translationUpdateStart.Language.Of(s.Form("start"))))
			}},
			"update": {Action: "ir.act_translation_form", Prepare: func(s *models.Session, action map[string]any) (map[string]any, error) {
				code := Languages.Code.Of(translationUpdateStart.Language.Of(s.Form("start")))
				action["pyson_domain"] = pyson.Encode([]any{[]any{"module", "!=", nil}, []any{"lang", "=", code}})
				return nil, nil
			}}}},
		{Name: "ir.translation.export", Start: "start", States: map[string]models.State{
			"start":  ask("ir.translation.export.start", "export", "Export", "tryton-ok"),
			"export": {Next: func(*models.Session) (string, error) { return "result", nil }},
			"result": exportedState()}},
		{Name: "ir.lang.config", Start: "start", States: map[string]models.State{
			"start": ask("ir.lang.config.start", "load", "Load", "tryton-ok"),
			"load": {Next: func(s *models.Session) (string, error) {
				var codes []string
				for _, r := range langConfig.Languages.Of(s.Form("start")) {
					codes = append(codes, Languages.Code.Of(r))
				}
				return "end", TranslateInto(s.Tx, codes...)
			}}}},
	}
}

// exportedState shows the file with the translations.
func exportedState() models.State {
	state := tell("ir.translation.export.result", "Close", "tryton-close")
	state.Defaults = func(s *models.Session) (models.Values, error) {
		form := s.Form("start")
		language, module := translationExportStart.Language.Of(form), translationExportStart.Module.Of(form)
		code := Languages.Code.Of(language)
		file, err := exportTranslations(s.Tx, code, modules.Name.Of(module))
		return models.Values{"language": language.ID(), "module": module.ID(), "file": file, "filename": code + ".po"}, err
	}
	return state
}

// localizationData are the wizards' forms and places in the menu.
func localizationData() Parts {
	parts := Parts{}
	for _, model := range []string{"ir.translation.set.start", "ir.translation.set.succeed", "ir.translation.clean.start",
		"ir.translation.clean.succeed", "ir.translation.update.start", "ir.translation.export.start", "ir.translation.export.result",
		"ir.lang.config.start"} {
		parts = append(parts, View{ID: viewOf(model), Model: model, Type: "form", Name: viewOf(model)})
	}
	for _, w := range localizationMenu {
		parts = append(parts, WizardAction{ID: "act_" + w.id, Name: w.name, Wizard: w.wizard, Window: w.window},
			Menu{ID: "menu_" + w.id, Name: w.name, Parent: "menu_localization", Sequence: w.sequence, Action: models.Ref("act_" + w.id)})
	}
	return parts
}

// localizationMenu are the wizards for administrators.
var localizationMenu = []struct {
	id, name, wizard string
	sequence         int64
	window           bool
}{
	{"lang_config", "Configure Languages", "ir.lang.config", 15, false},
	{"translation_set", "Set Translations", "ir.translation.set", 30, false},
	{"translation_clean", "Clean Translations", "ir.translation.clean", 40, false},
	{"translation_update", "Synchronize Translations", "ir.translation.update", 50, false},
	{"translation_export", "Export Translations", "ir.translation.export", 60, false},
}
