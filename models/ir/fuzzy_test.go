package ir_test

import (
	"testing"
	"testing/fstest"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

// TestFuzzyTexts loads a module's translations, of which one is marked as fuzzy, and has a record's become it.
func TestFuzzyTexts(t *testing.T) {
	po := "msgctxt \"view:test.x:\"\nmsgid \"A\"\nmsgstr \"Ah\"\n\n#, fuzzy\nmsgctxt \"view:test.x:\"\nmsgid \"B\"\nmsgstr \"Beh\"\n"
	modules := func() []*models.Module {
		return []*models.Module{ir.Module(), res.Module(), {Name: "extra", Locale: fstest.MapFS{"locale/fr.po": {Data: []byte(po)}}}}
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		for range 2 { // loaded once more they are the same
			modelstest.Do(t, db, func(tx *models.Tx) { models.Must(ir.TranslateInto(tx, "fr")) })
			rows := in(t, db, "en", "ir.translation", "search_read", []any{[]any{"module", "=", "extra"}}, 0, nil, []any{[]any{"src", "ASC"}}, []any{"value", "fuzzy"}).([]map[string]any)
			var got []any
			for _, r := range rows {
				got = append(got, r["value"], r["fuzzy"])
			}
			equal(t, "translations", got, []any{"Ah", false, "Beh", true})
		}
		modelstest.Do(t, db, func(tx *models.Tx) {
			tx = tx.With(map[string]any{"language": "fr"})
			said := func(source string) string { return tx.Term(models.Term{Type: "view", Name: "test.x", Source: source}) }
			equal(t, "what users read", []string{said("A"), said("B")}, []string{"Ah", "B"})
		})
		testEmptyTextChanges(t, db)
		testOthersTranslationsStay(t, db)
	})
}

// tab makes a tab of some window without a name.
func tab(t *testing.T, db *models.Database) int64 {
	t.Helper()
	window := in(t, db, "en", "ir.action.act_window", "search", []any{}, 0, 1, nil).([]int64)[0]
	return in(t, db, "en", tabs, "create", []any{map[string]any{"act_window": window}}).([]int64)[0]
}

const tabs = "ir.action.act_window.domain"

// testEmptyTextChanges gives a record a text where it had none, and takes it away again: its translation is out of date.
func testEmptyTextChanges(t *testing.T, db *models.Database) {
	id := tab(t, db)
	name := func(language string) any {
		return in(t, db, language, tabs, "read", []any{id}, []any{"name"}).([]map[string]any)[0]["name"]
	}
	write := func(language string, name any) {
		in(t, db, language, tabs, "write", []any{id}, map[string]any{"name": name})
	}
	write("fr", "Un")
	equal(t, "the name in French alone", []any{name("en"), name("fr")}, []any{nil, "Un"})
	write("en", "One")
	equal(t, "once there is an English one", []any{name("en"), name("fr")}, []any{"One", "One"})
	write("fr", "Un")
	write("en", nil)
	equal(t, "once there is none any more", []any{name("en"), name("fr")}, []any{nil, nil})
}

// testOthersTranslationsStay deletes a record: translations of one with its number, whose model's name is like it, stay.
func testOthersTranslationsStay(t *testing.T, db *models.Database) {
	id := tab(t, db)
	in(t, db, "fr", tabs, "write", []any{id}, map[string]any{"name": "Un"})
	in(t, db, "en", "ir.translation", "create", []any{map[string]any{"lang": "fr", "type": "model", "name": "ir.action.actXwindow.domain,name",
		"res_id": id, "src": "Other", "value": "Autre"}})
	in(t, db, "en", tabs, "delete", []any{id})
	left := in(t, db, "en", "ir.translation", "search_read", []any{[]any{"res_id", "=", id}, []any{"name", "like", "%.domain,name"}}, 0, nil, nil, []any{"value"}).([]map[string]any)
	if len(left) != 1 || left[0]["value"] != "Autre" {
		t.Errorf("left of the translations: %v", left)
	}
}
