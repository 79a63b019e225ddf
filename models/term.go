package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"paytond/models/domain"
	"paytond/sql"
)

// BaseLanguage is the language of what is written in the program, and of the
// columns of translated fields.
const BaseLanguage = "en"

// Term is a text of the program by the place where users read it: Type and
// Name as in Tryton's ir.translation ("field", "account.payment,amount").
type Term struct{ Type, Name, Source string }

// String is the text in the language of the program.
func (t Term) String() string { return t.Source }

// catalogue are the texts of one language, as ir.translation and ir.message have them.
type catalogue struct {
	read     time.Time
	words    map[Term]string
	messages map[string]string // by the text in the program
}

// keptTerms is how long a server may keep texts that another one has changed.
const keptTerms = time.Minute

// TermsPlace is where texts are kept, see [Database.Forget].
const TermsPlace = "ir.translation:"

// code is what a language may be called: it becomes part of queries.
var code = regexp.MustCompile(`^[a-zA-Z]{2,8}([_@][A-Za-z0-9]{1,8}){0,2}$`)

// Language is the language of the context, else that of the program.
func (tx *Tx) Language() string {
	language, _ := tx.context["language"].(string)
	if !code.MatchString(language) {
		return BaseLanguage
	}
	return language
}

// languages are the language of the context and those that stand in for it:
// for "es_419" also "es".
func (tx *Tx) languages() []string {
	language := tx.Language()
	list := []string{language}
	for {
		cut := strings.LastIndexAny(language, "_@")
		if cut < 0 {
			return list
		}
		language = language[:cut]
		list = append(list, language)
	}
}

// Term is the term's text in the language of the context, or as it is in the
// program where there is no translation.
func (tx *Tx) Term(t Term) string {
	if t.Source == "" {
		return ""
	}
	return cmp.Or(tx.catalogue().words[t], t.Source)
}

// Say is a message of the program in the language of the context, see
// [UserError]. A translation that does not take the same arguments is not used.
func (tx *Tx) Say(format string, args ...any) string {
	own := make([]any, len(args))
	for i, a := range args {
		own[i] = tx.inLanguage(a)
	}
	return fmt.Sprintf(cmp.Or(tx.catalogue().messages[format], format), own...)
}

// inLanguage translates an argument of a message: a term, or what another error says.
func (tx *Tx) inLanguage(arg any) any {
	switch a := arg.(type) {
	case Term:
		return tx.Term(a)
	case error:
		if e, ok := errors.AsType[*Error](a); ok && e.format != "" {
			return tx.Say(e.format, e.args...)
		}
	}
	return arg
}

// catalogue finds the texts of the context's language, read at most a minute ago.
func (tx *Tx) catalogue() *catalogue {
	place := TermsPlace + tx.Language()
	kept, _ := tx.database.caches.Load(place)
	if c, ok := kept.(*catalogue); ok && tx.now.Sub(c.read) < keptTerms {
		return c
	}
	c := &catalogue{read: tx.now, words: map[Term]string{}, messages: map[string]string{}}
	if tx.Lookup("ir.translation") != nil {
		tx.readTerms(c)
		tx.readMessages(c)
	}
	if tx.knownLanguage() {
		tx.database.caches.Store(place, c)
	}
	return c
}

// knownLanguage tells whether the context's language is the program's or one of the database, and not a word that a client made up: what
// is kept by language must not grow with every word.
func (tx *Tx) knownLanguage() bool {
	languages := tx.Lookup("ir.lang")
	return languages == nil || tx.Language() == BaseLanguage ||
		len(languages.SearchRecords(tx.Unchecked().With(map[string]any{"active_test": false}), domain.C("code", domain.Equal, tx.Language()), Limit(1))) > 0
}

// readTerms reads the translations of what is no record. Those of a language
// win over those of one that stands in for it, local ones over those of modules.
func (tx *Tx) readTerms(c *catalogue) {
	list := tx.languages()
	rank := `CASE t."lang"`
	for i := range list {
		rank += fmt.Sprintf(" WHEN ? THEN %d", len(list)-i)
	}
	rows := must1(tx.Query(sql.SQL(`SELECT t."type", t."name", t."src", t."value"
		FROM "ir_translation" AS t
		WHERE t."lang" IN (?) AND t."res_id" = -1 AND t."value" <> '' AND t."fuzzy" = ?
		ORDER BY `+rank+` END, CASE WHEN t."module" IS NULL THEN 1 ELSE 0 END, t."id"`,
		append([]any{anys(list), false}, anys(list)...)...)))
	for _, row := range rows {
		c.words[Term{text(row[0]), text(row[1]), text(row[2])}] = text(row[3])
	}
}

// readMessages reads the messages as ir.message has them in the language.
func (tx *Tx) readMessages(c *catalogue) {
	formats := tx.Registry().messages
	if tx.Lookup("ir.message") == nil || len(formats) == 0 {
		return
	}
	value := tx.Class("ir.message").fields["text"].read(tx, "m")
	rows := must1(tx.Query(sql.SQL(`SELECT d."module", d."fs_id", ` + value + ` FROM "ir_message" AS m
		JOIN "ir_model_data" AS d ON d."model" = 'ir.message' AND d."db_id" = m."id"`)))
	for _, row := range rows {
		format, said := formats[text(row[0])+"."+text(row[1])], text(row[2])
		if format != "" && SameArguments(format, said) {
			c.messages[format] = said
		}
	}
}

// bundledWord is what a document says in the first of the languages that a
// module's file translates it into; "" if none does.
func (r *Registry) bundledWord(languages []string, t Term) string {
	for _, language := range languages {
		kept, ok := r.bundled.Load(language)
		if !ok {
			words := r.bundledWords(language)
			if kept = words; len(words) > 0 { // else anybody could fill the memory with languages
				r.bundled.Store(language, words)
			}
		}
		if said := kept.(map[Term]string)[t]; said != "" {
			return said
		}
	}
	return ""
}

func (r *Registry) bundledWords(language string) map[Term]string {
	words := map[Term]string{}
	for _, m := range r.Modules {
		list := must1(m.Translations(language))
		for _, t := range list {
			if t.Type == "report" && !t.Fuzzy {
				words[t.Term] = t.Value
			}
		}
	}
	return words
}

// argument is a place in a message for one of its arguments.
var argument = regexp.MustCompile(`%(\[(\d+)\])?[-+# 0]*[0-9]*(\.[0-9]+)?([a-zA-Z%])`)

// SameArguments reports whether a translation shows the same arguments as the
// message, each once, in any order (%[2]s is the second).
func SameArguments(format, translation string) bool {
	a, b := arguments(format), arguments(translation)
	if len(a) != len(b) {
		return false
	}
	for place, verb := range a {
		if b[place] != verb {
			return false
		}
	}
	return true
}

// arguments are the verbs of a message by the number of their argument.
func arguments(format string) map[string]string {
	found := map[string]string{}
	next := 1
	for _, m := range argument.FindAllStringSubmatch(format, -1) {
		if m[4] == "%" {
			continue
		}
		if m[2] != "" {
			_, _ = fmt.Sscan(m[2], &next)
		}
		found[fmt.Sprint(next)] = m[4]
		next++
	}
	return found
}

// translate puts an error into the language of the request, for those who read it.
func (d *Database) translate(ctx context.Context, r Request, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.format == "" || r.Context["language"] == nil {
		return err
	}
	said := *e
	failed := d.SQL.Transact(ctx, sql.Options{ReadOnly: true}, func(t *sql.Tx) (err error) {
		tx := &Tx{core: &core{ctx: ctx, database: d, sql: t, readOnly: true, now: d.Now().UTC()}, context: r.Context, cache: newCache()}
		defer recoverFailure(&err)
		said.Message = tx.Say(e.format, e.args...)
		return nil
	})
	if failed != nil {
		return err // in English, rather than hidden behind another error
	}
	return &said
}
