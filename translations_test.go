package main

import (
	"bytes"
	goflag "flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
)

var updateTexts = goflag.Bool("update-texts", false, "write the modules' files of translatable texts anew")

// languages are those into which everything is translated.
var languages = []string{"de", "es", "fr"}

// leastTranslated is how much of the program must be translated, in percent. What is new may wait for who knows the language.
const leastTranslated = 97

// folders are where the modules have their locale/.
var folders = map[string]string{
	"ir": "models/ir", "res": "models/res", "country": "models/country", "currency": "models/currency", "party": "models/party",
	"company": "models/company", "account": "models/payment/account", "account_payment": "models/payment",
	"account_payment_stripe": "models/paymentstripe",
}

// speakers are the folders whose messages belong to a module; those of the others belong to ir.
var speakers = map[string]string{
	"models/res": "res", "models/country": "country", "models/currency": "currency", "models/party": "party",
	"models/company": "company", "models/payment": "account_payment", "models/paymentstripe": "account_payment_stripe",
}

// messages are what the program says to users, by module: the literals given to UserError and Say.
func messages(t *testing.T) map[string][]string {
	found := map[string][]string{}
	for _, room := range []string{"models", "rpc", "checkout", "scheduler"} {
		err := filepath.WalkDir(room, func(path string, _ os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				module := speakers[filepath.Dir(path)]
				if module == "" {
					module = "ir"
				}
				found[module] = append(found[module], messagesIn(t, path)...)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// messagesIn are the messages of one file. A message that is no literal cannot be translated.
func messagesIn(t *testing.T, path string) []string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		at, speaks := map[string]int{"UserError": 0, "orError": 1, "Say": 0}[callee(call)]
		if !speaks || at >= len(call.Args) {
			return true
		}
		switch message, literal := literalText(call.Args[at]); {
		case literal:
			found = append(found, message)
		case !passesOn(call.Args[at]):
			t.Errorf("%s: the message is no literal: it cannot be translated", files.Position(call.Pos()))
		}
		return true
	})
	return found
}

func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// passesOn reports whether a message is somebody else's: a variable "format", what an error
// has, a name of a field, or a transaction where a report speaks.
func passesOn(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "format" || e.Name == "tx"
	case *ast.SelectorExpr:
		return slices.Contains([]string{"format", "String", "Help", "Tx", "tx"}, e.Sel.Name)
	}
	return false
}

// literalText is the value of a text written in the code, in parts perhaps.
func literalText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		a, first := literalText(e.X)
		b, second := literalText(e.Y)
		return a + b, first && second && e.Op == token.ADD
	}
	return "", false
}

// messageID names a message after its words; the end tells those apart that begin alike.
func messageID(message string) string {
	name := strings.Join(strings.FieldsFunc(strings.ToLower(message), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "_")
	if len(name) > 40 {
		name = name[:40]
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(message))
	return fmt.Sprintf("msg_%s_%04x", strings.Trim(name, "_"), sum.Sum32()&0xffff)
}

// phrases are all translatable texts by module: those of the registry, and the messages of the program.
func phrases(t *testing.T) map[string][]models.Translation {
	registry := builtRegistry(t)
	list, err := registry.Phrases()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]models.Translation{}
	for _, p := range list {
		if p.Name != "ir.message,text" {
			found[p.Module] = append(found[p.Module], models.Translation{Phrase: p})
		}
	}
	said := messages(t)
	for module, more := range registry.Sayings() {
		said[module] = append(said[module], more...)
	}
	for module, list := range said {
		slices.Sort(list)
		for _, message := range slices.Compact(list) {
			if strings.ContainsFunc(message, unicode.IsLetter) && message != "%s" {
				found[module] = append(found[module], models.Translation{Phrase: models.Phrase{Module: module,
					Term: models.Term{Type: "model", Name: "ir.message,text", Source: message}, Resource: messageID(message)}})
			}
		}
	}
	return found
}

// file is the path of a file with texts of a module.
func file(module, name string) string { return filepath.Join(folders[module], "locale", name) }

// translated are the translations of a module's .po file by context and source.
func translated(t *testing.T, module, language string) map[models.Phrase]string {
	m := &models.Module{Name: module, Locale: os.DirFS(folders[module])}
	list, err := m.Translations(language)
	if err != nil {
		t.Fatal(err)
	}
	found := map[models.Phrase]string{}
	for _, x := range list {
		if x.Fuzzy {
			t.Errorf("%s: %s %q is marked as fuzzy: see whether it still fits", file(module, language+".po"), x.Context(), x.Source)
		}
		found[x.Phrase] = x.Value
	}
	return found
}

// TestTranslations holds the modules' files of texts against the program, and tells what is not translated into every
// language: nothing is translated that the program does not say, and a translated message shows the same values.
func TestTranslations(t *testing.T) {
	all := phrases(t)
	if *updateTexts {
		writeTexts(t, all)
	}
	for _, module := range slices.Sorted(maps.Keys(all)) {
		want := models.WritePo(all[module])
		if got, err := os.ReadFile(file(module, module+".pot")); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program says (%v); run go test -run TestTranslations -update-texts .\n%s",
				file(module, module+".pot"), err, cmp.Diff(lines(got), lines(want)))
		}
	}
	for _, language := range languages {
		texts, done := 0, 0
		for _, module := range slices.Sorted(maps.Keys(all)) {
			have := translated(t, module, language)
			for _, x := range all[module] {
				texts++
				if checkTranslation(t, language, x.Phrase, have[x.Phrase]) {
					done++
				}
				delete(have, x.Phrase)
			}
			for x := range have {
				t.Errorf("%s translates %s %q, which the program does not say", file(module, language+".po"), x.Context(), x.Source)
			}
		}
		t.Logf("%s: %d of %d texts are translated (%d %%)", language, done, texts, 100*done/texts)
		if 100*done < leastTranslated*texts {
			t.Errorf("%s: less than %d %% is translated", language, leastTranslated)
		}
	}
}

func checkTranslation(t *testing.T, language string, x models.Phrase, value string) bool {
	switch {
	case value == "":
		t.Logf("%s: %s %q is not translated", language, x.Context(), x.Source)
	case (x.Name == "ir.message,text" || x.Type == "report") && !models.SameArguments(x.Source, value):
		t.Errorf("%s: %q does not show the values of %q", language, value, x.Source)
	default:
		return true
	}
	return false
}

func lines(text []byte) []string { return strings.Split(string(text), "\n") }

// writeTexts writes the files anew. What is translated stays; a text that is new takes the translation of the
// same words elsewhere.
func writeTexts(t *testing.T, all map[string][]models.Translation) {
	for _, language := range languages {
		known := map[string]string{}
		for module := range all {
			for x, value := range translated(t, module, language) {
				known[x.Source] = value
			}
		}
		for module, list := range all {
			have := translated(t, module, language)
			var written []models.Translation
			for _, x := range list {
				if x.Value = have[x.Phrase]; x.Value == "" {
					x.Value = known[x.Source]
				}
				if x.Value != "" {
					written = append(written, x)
				}
			}
			write(t, file(module, language+".po"), models.WritePo(written))
		}
	}
	for module, list := range all {
		write(t, file(module, module+".pot"), models.WritePo(list))
	}
}

func write(t *testing.T, path string, content []byte) {
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
