package paymentstripe

import (
	"context"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"paytond/models"
	"paytond/models/ir"
)

// pageReport has the texts of the checkout pages among those of the module, by the name of the report with which the peer draws them.
// The pages are drawn by package checkout.
var pageReport = &models.Report{Name: "account.payment.stripe.checkout", Texts: pageEnglish.texts()}

// say is the words with each of the texts said otherwise.
func (w PageWords) say(in func(string) string) PageWords {
	eachText(reflect.ValueOf(&w).Elem(), func(text reflect.Value) { text.SetString(in(text.String())) })
	return w
}

func (w PageWords) texts() (list []string) {
	eachText(reflect.ValueOf(&w).Elem(), func(text reflect.Value) { list = append(list, text.String()) })
	return list
}

// eachText goes through the texts of words, and of words within them.
func eachText(words reflect.Value, do func(reflect.Value)) {
	for i := range words.NumField() {
		if field := words.Field(i); field.Kind() == reflect.Struct {
			eachText(field, do)
		} else {
			do(field)
		}
	}
}

// PageWords are the texts of checkout pages in the first of the languages that there is, with its code; English where there is none. Without
// a database, or where it does not answer, they are those that come with the program.
func (e *Engine) PageWords(ctx context.Context, db *models.Database, languages []string) (code string, w PageWords) {
	if db != nil {
		err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
			code = chooseLanguage(languages, func(code string) bool { return bundled(code) != nil || translatable(tx, code) })
			tx = tx.With(map[string]any{"language": code})
			w = pageEnglish.say(func(source string) string { return pageReport.Say(tx, source) })
			return nil
		})
		if err == nil {
			return code, w
		}
	}
	code = chooseLanguage(languages, func(code string) bool { return bundled(code) != nil })
	said := bundled(code)
	return code, pageEnglish.say(func(source string) string {
		if text := said[source]; text != "" {
			return text
		}
		return source
	})
}

// chooseLanguage finds the first language that there is, exactly or without its country, as codes of ir.lang are written; else it is English.
func chooseLanguage(languages []string, there func(code string) bool) string {
	for _, wanted := range languages {
		language, country, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(wanted), "-", "_"), "_")
		language = strings.ToLower(language)
		for _, code := range []string{language + "_" + country, language} {
			if plainLanguage(code) && (code == models.BaseLanguage || there(code)) {
				return code
			}
		}
	}
	return models.BaseLanguage
}

// plainLanguage tells what looks like a code of a language: browsers may ask for anything.
func plainLanguage(code string) bool {
	return len(code) >= 2 && len(code) <= 20 && !strings.HasSuffix(code, "_") && !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	})
}

// translatable tells whether the database is translated into a language.
func translatable(tx *models.Tx, code string) bool {
	r := ir.Language(tx, code)
	return r != nil && ir.Languages.Code.Of(r) == code && ir.Languages.Translatable.Of(r)
}

// bundled is what the pages say in a language that comes with the program, by the English text; nil for another language.
func bundled(code string) map[string]string { return bundledPages()[code] }

var bundledPages = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{models.BaseLanguage: {}}
	files, _ := fs.Glob(catalogues, "locale/*.po") // the pattern is a good one
	for _, file := range files {
		code := strings.TrimSuffix(path.Base(file), ".po")
		list, err := (&models.Module{Name: "account_payment_stripe", Locale: catalogues}).Translations(code)
		if err != nil {
			panic(err) // the file is part of the program, and read by tests
		}
		said := map[string]string{}
		for _, t := range list {
			if t.Type == "report" && t.Name == pageReport.Name && !t.Fuzzy && slices.Contains(pageReport.Texts, t.Source) {
				said[t.Source] = t.Value
			}
		}
		all[code] = said
	}
	return all
})
