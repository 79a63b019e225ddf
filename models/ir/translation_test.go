package ir_test

import (
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
)

// in calls a method as the administrator does in a language.
func in(t *testing.T, db *models.Database, language, object, method string, args ...any) any {
	t.Helper()
	result, err := modelstest.Call(db, admin, map[string]any{"language": language}, object, method, args...)
	if err != nil {
		t.Fatalf("%s.%s: %v", object, method, err)
	}
	return result
}

// saying is what an error of a call in a language says.
func saying(db *models.Database, language, object, method string, args ...any) string {
	_, err := modelstest.Call(db, admin, map[string]any{"language": language}, object, method, args...)
	if err == nil {
		return ""
	}
	return err.Error()
}

// testTranslations loads French and looks at all that users read in it.
func testTranslations(t *testing.T, db *models.Database) {
	modelstest.Do(t, db, func(tx *models.Tx) { models.Must(ir.TranslateInto(tx, "fr")) })
	read := func(language string) []any {
		fields := in(t, db, language, "ir.cron", "fields_get", []any{"interval_type", "create_date", "next_call"}).(map[string]any)
		kind := fields["interval_type"].(map[string]any)
		view := in(t, db, language, "ir.translation.update.start", "fields_view_get", nil, "form").(map[string]any)
		menu := in(t, db, language, "ir.ui.menu", "read", []any{ref(t, db, "ir.menu_scheduler")}, []any{"name", "rec_name"}).([]map[string]any)[0]
		model := in(t, db, language, "ir.model", "search_read", []any{[]any{"model", "=", "ir.cron"}}, 0, 1, nil, []any{"name"}).([]map[string]any)[0]
		names := in(t, db, language, "ir.model", "get_names").(map[string]any)
		return []any{kind["string"], kind["selection"].([]any)[2], fields["create_date"].(map[string]any)["string"], menu["name"],
			model["name"], names["ir.cron"], strings.Contains(view["arch"].(string), "Add what the language lacks"),
			saying(db, language, "ir.lang", "delete", []any{ref(t, db, "ir.lang_en")}),
			saying(db, language, "ir.cron", "create", []any{map[string]any{"interval_type": "days"}})}
	}
	english := []any{"Interval Type", []any{"days", "Days"}, "Created at", "Scheduler", "Cron", "Cron", true,
		"The language English cannot be deleted.", `A value is required for field "Method" in "Cron".`}
	french := []any{"Type d'intervalle", []any{"days", "Jours"}, "Créé le", "Planificateur", "Action planifiée", "Action planifiée", false,
		"La langue anglaise ne peut pas être supprimée.", "Une valeur est requise pour le champ « Méthode » dans « Action planifiée »."}
	equal(t, "in English", read("en"), english)
	equal(t, "in French", read("fr"), french)
	equal(t, "in the French of Canada, which falls back to French", read("fr_CA"), french)
	equal(t, "in a language without translations", read("it"), english)
	equal(t, "in a language that is an attack", read("fr' OR '1'='1"), english)
	db.Forget(models.TermsPlace)
	for _, language := range []string{"en", "fr", "fr_XA", "fr_XB", "yy", "zz"} {
		in(t, db, language, "ir.cron", "fields_get", []any{"interval_type"})
	}
	equal(t, "languages whose texts are kept, as there are such", db.Forget(models.TermsPlace), 2)
}

// testTranslatedRecords changes the name of a menu in one language and in another.
func testTranslatedRecords(t *testing.T, db *models.Database) {
	modelstest.Do(t, db, func(tx *models.Tx) { models.Must(ir.TranslateInto(tx, "fr")) })
	id := in(t, db, "en", "ir.ui.menu", "create", []any{map[string]any{"name": "Tasks"}}).([]int64)[0]
	name := func(language string) any {
		return in(t, db, language, "ir.ui.menu", "read", []any{id}, []any{"name"}).([]map[string]any)[0]["name"]
	}
	found := func(language, name string) any {
		return in(t, db, language, "ir.ui.menu", "search", []any{[]any{"name", "=", name}, []any{"id", "=", id}}, 0, nil, []any{[]any{"name", "ASC"}})
	}
	in(t, db, "fr", "ir.ui.menu", "write", []any{id}, map[string]any{"name": "Tâches"})
	equal(t, "names", []any{name("en"), name("fr"), name("fr_BE"), name("de")}, []any{"Tasks", "Tâches", "Tâches", "Tasks"})
	equal(t, "found by its name in French", found("fr", "Tâches"), []int64{id})
	equal(t, "not found by its English name in French", found("fr", "Tasks"), []int64{})
	copied := in(t, db, "fr", "ir.ui.menu", "copy", []any{id}).([]int64)[0]
	equal(t, "name of a copy in English", in(t, db, "en", "ir.ui.menu", "read", []any{copied}, []any{"name"}).([]map[string]any)[0]["name"], "Tasks")
	equal(t, "name of a copy in French", in(t, db, "fr", "ir.ui.menu", "read", []any{copied}, []any{"name"}).([]map[string]any)[0]["name"], "Tâches")
	in(t, db, "en", "ir.ui.menu", "write", []any{id}, map[string]any{"name": "Work"})
	equal(t, "names once the English one changed: the French one is out of date", []any{name("en"), name("fr")}, []any{"Work", "Work"})
	fuzzy, err := modelstest.Call(db, admin, map[string]any{"language": "fr", "fuzzy_translation": true}, "ir.ui.menu", "read", []any{id}, []any{"name"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "as translators see it", fuzzy.([]map[string]any)[0]["name"], "Tâches")
	in(t, db, "en", "ir.ui.menu", "delete", []any{id, copied})
	equal(t, "translations of what is deleted", in(t, db, "en", "ir.translation", "search_count",
		[]any{[]any{"name", "=", "ir.ui.menu,name"}, []any{"res_id", "in", []any{id, copied}}}), int64(0))
}

// run runs a wizard through states with the values of forms, and returns what it shows at last.
func run(t *testing.T, db *models.Database, name string, steps ...any) map[string]any {
	t.Helper()
	w := db.Registry.Wizard(name)
	if w == nil {
		t.Fatalf("there is no wizard %s", name)
	}
	step := func(method string, args ...any) (result any) {
		m, err := db.Registry.Method("wizard", name, method)
		if err == nil {
			err = modelstest.Try(db, models.Request{User: admin, Check: true, Context: map[string]any{"language": "en"}}, func(tx *models.Tx) error {
				result, err = m.Do(tx, models.NewArgs(args...))
				return err
			})
		}
		if err != nil {
			t.Fatalf("wizard %s: %v", name, err)
		}
		return result
	}
	id := step("create").([]any)[0]
	var last map[string]any
	for i := 0; i < len(steps); i += 2 {
		last = step("execute", id, steps[i+1], steps[i]).(map[string]any)
	}
	return last
}

// testTranslationWizards loads, changes, synchronises, cleans and exports translations as an administrator does.
func testTranslationWizards(t *testing.T, db *models.Database) {
	french, german := ref(t, db, "ir.lang_fr"), ref(t, db, "ir.lang_de")
	run(t, db, "ir.lang.config", "start", map[string]any{}, "load", map[string]any{"start": map[string]any{"languages": []any{french, german}}})
	count := func(where ...any) any { return in(t, db, "en", "ir.translation", "search_count", where) }
	if n := count([]any{"lang", "=", "de"}).(int64); n < 500 {
		t.Errorf("there are %d translations into German", n)
	}
	label := func() any {
		return in(t, db, "fr", "ir.cron", "fields_get", []any{"minute"}).(map[string]any)["minute"].(map[string]any)["string"]
	}
	equal(t, "a field's label", label(), "Minute")
	ids := in(t, db, "en", "ir.translation", "search", []any{[]any{"lang", "=", "fr"}, []any{"name", "=", "ir.cron,minute"}, []any{"type", "=", "field"}}).([]int64)
	in(t, db, "en", "ir.translation", "write", ids, map[string]any{"value": "Min."})
	equal(t, "a field's label as a user changed it", label(), "Min.")

	in(t, db, "en", "ir.translation", "create", []any{map[string]any{"lang": "fr", "type": "field", "name": "ir.cron,minute", "src": "Minute",
		"value": "La minute", "module": "ir"}})
	in(t, db, "en", "ir.translation", "create", []any{map[string]any{"lang": "fr", "type": "view", "name": "ir.gone", "src": "Gone", "value": "Parti", "module": "ir"}})
	run(t, db, "ir.translation.clean", "start", map[string]any{}, "clean", map[string]any{})
	equal(t, "translations of what is no more", count([]any{"name", "=", "ir.gone"}), int64(0))

	run(t, db, "ir.translation.set", "start", map[string]any{}, "set_", map[string]any{})
	equal(t, "the program's text of a field", count([]any{"lang", "=", "en"}, []any{"name", "=", "ir.cron,hour"}, []any{"src", "=", "Hour"}), int64(1))
	in(t, db, "en", "ir.translation", "delete", in(t, db, "en", "ir.translation", "search", []any{[]any{"lang", "=", "fr"}, []any{"name", "=", "ir.cron,hour"}}))
	run(t, db, "ir.translation.update", "start", map[string]any{}, "work", map[string]any{"start": map[string]any{"language": french}})
	equal(t, "what French lacks is there to be filled", count([]any{"lang", "=", "fr"}, []any{"name", "=", "ir.cron,hour"}, []any{"value", "=", nil}), int64(1))

	shown := run(t, db, "ir.translation.export", "start", map[string]any{}, "export", map[string]any{"start": map[string]any{
		"language": french, "module": in(t, db, "en", "ir.module", "search", []any{[]any{"name", "=", "ir"}}).([]int64)[0]}})
	file := string(shown["view"].(map[string]any)["defaults"].(map[string]any)["file"].([]byte))
	for _, part := range []string{"msgctxt \"field:ir.cron,minute:\"\nmsgid \"Minute\"\n", "msgctxt \"model:ir.ui.menu,name:menu_scheduler\"\nmsgid \"Scheduler\"\nmsgstr \"Planificateur\""} {
		if !strings.Contains(file, part) {
			t.Errorf("the exported file lacks %q", part)
		}
	}
	in(t, db, "en", "ir.lang", "unload_translations", []any{french, german})
	equal(t, "translations of modules once they are unloaded", count([]any{"lang", "in", []any{"fr", "de"}}, []any{"module", "!=", nil}), int64(0))
}
