package models_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
)

// TestFuzzyTranslations reads which translations are marked as fuzzy, of a file as a translator's program writes it and of one of our own.
func TestFuzzyTranslations(t *testing.T) {
	label := func(name, source, value string, fuzzy bool) models.Translation {
		return models.Translation{Phrase: models.Phrase{Term: models.Term{Type: "field", Name: "test.book," + name, Source: source}, Module: "test"}, Value: value, Fuzzy: fuzzy}
	}
	want := []models.Translation{label("a", "A", "Ah", false), label("b", "B", "Beh", true), label("c", "C", "Ceh", false),
		label("d", "D fuzzy", "#, fuzzy", true), label("e", "E", "Eh", false), label("f", "F", "Ef", false)}
	files := map[string]string{
		"our own": string(models.WritePo(want)),
		"a program's": `#, fuzzy
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\n"
msgctxt "field:test.book,a:"
msgid "A"
msgstr "Ah"
# of somebody
#, c-format, fuzzy
#| msgid "Be"
msgctxt "field:test.book,b:"
msgid "B"
msgstr ""
"Beh"

#. no word of fuzzy
#, fuzzy-not
msgctxt "field:test.book,c:"
msgid "C"
msgstr "Ceh"
#,fuzzy
msgctxt "field:test.book,d:"
msgid "D fuzzy"
msgstr "#, fuzzy"
msgctxt "field:test.book,e:"
msgid "E"
msgstr "Eh"

#, fuzzy
#~ msgctxt "field:test.book,gone:"
#~ msgid "Gone"
#~ msgstr "Weg"

msgctxt "field:test.book,f:"
msgid "F"
msgstr "Ef"
`}
	for name, file := range files {
		m := &models.Module{Name: "test", Locale: fstest.MapFS{"locale/xx.po": {Data: []byte(file)}}}
		got, err := m.Translations("xx")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
