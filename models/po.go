package models

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/beevik/etree"
	"github.com/leonelquinteros/gotext"
)

// Phrase is a translatable text of a module: a term, or with Resource the value
// of a field in a data record of that name, or with Type "report" a line of a
// template.
type Phrase struct {
	Term
	Module, Resource string
}

// Context is the text's msgctxt in a .po file, as Tryton's.
func (t Phrase) Context() string { return t.Type + ":" + t.Name + ":" + t.Resource }

// Translation is a text in another language.
type Translation struct {
	Phrase
	Value string
	Fuzzy bool // of a text that has changed since: kept for translators, not shown to users
}

// Translations are those of a module's file locale/<language>.po, in the order
// of their contexts; none where there is no such file.
func (m *Module) Translations(language string) ([]Translation, error) {
	return m.readPo(language + ".po")
}

// template is the module's file of all texts without translations, from which
// the messages are known.
func (m *Module) template() ([]Translation, error) { return m.readPo(m.Name + ".pot") }

func (m *Module) readPo(name string) ([]Translation, error) {
	if m.Locale == nil {
		return nil, nil
	}
	data, err := fs.ReadFile(m.Locale, path.Join("locale", name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	firm, fuzzy := partFuzzy(string(data))
	list, err := m.parsePo(name, firm, false)
	if err != nil {
		return nil, err
	}
	unsure, err := m.parsePo(name, fuzzy, true)
	list = append(list, unsure...)
	slices.SortFunc(list, func(a, b Translation) int { return comparePhrases(a.Phrase, b.Phrase) })
	return list, err
}

// partFuzzy parts the entries of a .po file that are marked as fuzzy from the
// others: the library passes over comments, of which the mark is one.
func partFuzzy(file string) (firm, fuzzy string) {
	var parts [2]strings.Builder
	part, complete := 0, false // of the entry: where it belongs, and whether the next line may begin another
	for line := range strings.Lines(file) {
		words := strings.TrimSpace(line)
		comment := strings.HasPrefix(words, "#")
		if complete && (comment || strings.HasPrefix(words, "msgctxt") || strings.HasPrefix(words, "msgid")) {
			part, complete = 0, false
		}
		switch {
		case strings.HasPrefix(words, "#,"):
			flags := strings.FieldsFunc(words[2:], func(r rune) bool { return r == ',' || r == ' ' })
			if slices.Contains(flags, "fuzzy") {
				part = 1
			}
		case strings.HasPrefix(words, "msgstr"), strings.HasPrefix(words, "#~"):
			complete = true
		}
		parts[part].WriteString(line)
	}
	return parts[0].String(), parts[1].String()
}

func (m *Module) parsePo(name, text string, fuzzy bool) ([]Translation, error) {
	file := gotext.NewPo()
	file.Parse([]byte(text))
	var list []Translation
	for context, texts := range file.GetDomain().GetCtxTranslations() {
		kind, rest, _ := strings.Cut(context, ":")
		cut := strings.LastIndexByte(rest, ':')
		if cut < 0 {
			return nil, fmt.Errorf("models: module %s: %q in %s is no context", m.Name, context, name)
		}
		for source, t := range texts {
			if source == "" {
				continue // which the library has in every context
			}
			text := Phrase{Term: Term{kind, rest[:cut], source}, Module: m.Name, Resource: rest[cut+1:]}
			list = append(list, Translation{Phrase: text, Value: t.Trs[0], Fuzzy: fuzzy})
		}
	}
	return list, nil
}

func comparePhrases(a, b Phrase) int {
	if n := strings.Compare(a.Context(), b.Context()); n != 0 {
		return n
	}
	return strings.Compare(a.Source, b.Source)
}

// messageField is where a message stands in a .po file.
const messageField = "ir.message,text"

// messagesOf are the messages of the modules' templates by their full names.
func messagesOf(modules []*Module) (map[string]string, error) {
	found := map[string]string{}
	for _, m := range modules {
		list, err := m.template()
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if t.Name == messageField {
				found[m.Name+"."+t.Resource] = t.Source
			}
		}
	}
	return found, nil
}

// messageData are the records of ir.message that follow from the module's template.
func (r *Registry) messageData(module string) []Data {
	var list []Data
	for _, name := range sortedKeys(r.messages) {
		if of, id, _ := strings.Cut(name, "."); of == module {
			list = append(list, Data{ID: id, Model: "ir.message", Values: Values{"text": r.messages[name]}})
		}
	}
	return list
}

// translatable are the attributes of a view that users read.
func translatable(root *etree.Element) []*etree.Attr {
	var found []*etree.Attr
	for i := range root.Attr {
		switch root.Attr[i].Key {
		case "string", "sum", "confirm", "help":
			if root.Attr[i].Value != "" {
				found = append(found, &root.Attr[i])
			}
		}
	}
	for _, child := range root.ChildElements() {
		found = append(found, translatable(child)...)
	}
	return found
}

// Message is the text in the program of a message of a module, "" for none.
func (r *Registry) Message(module, id string) string { return r.messages[module+"."+id] }

// WritePo writes translations as a .po file, sorted by context.
func WritePo(list []Translation) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Translation) int { return comparePhrases(a.Phrase, b.Phrase) })
	var b strings.Builder
	b.WriteString("msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=utf-8\\n\"\n")
	for _, t := range list {
		b.WriteByte('\n')
		if t.Fuzzy {
			b.WriteString("#, fuzzy\n")
		}
		fmt.Fprintf(&b, "msgctxt %s\nmsgid %s\nmsgstr %s\n", poText(t.Context()), poText(t.Source), poText(t.Value))
	}
	return []byte(b.String())
}

// poText is a text in quotes, as .po files have it.
func poText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
