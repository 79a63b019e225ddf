package models

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Phrases are all translatable texts of the modules, without repetition, in the
// order of modules and contexts: names of models, fields and their helps,
// selections, buttons of wizards, views, translated fields of the data, and
// messages. The error is that of a view that cannot be read.
func (r *Registry) Phrases() ([]Phrase, error) {
	var list []Phrase
	for _, m := range r.Modules {
		found, err := r.phrasesOf(m)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(found, comparePhrases)
		list = append(list, slices.Compact(found)...)
	}
	return list, nil
}

func (r *Registry) phrasesOf(m *Module) ([]Phrase, error) {
	var list []Phrase
	add := func(resource string, terms ...Term) {
		for _, t := range terms {
			if t.Source != "" {
				list = append(list, Phrase{t, m.Name, resource})
			}
		}
	}
	for _, c := range r.Classes() {
		if c.module == m.Name {
			add("", c.label())
		}
		for _, b := range c.list {
			if b.module == m.Name && !slices.Contains(generated, b.name) {
				add("", b.texts()...)
			}
		}
	}
	for _, w := range m.Wizards {
		for _, name := range sortedKeys(w.States) {
			for _, button := range w.States[name].Buttons {
				add("", w.button(name, button))
			}
		}
	}
	for _, d := range append(slices.Clone(m.Data), r.messageData(m.Name)...) {
		for _, t := range r.dataTexts(d) {
			add(d.ID, t)
		}
	}
	for _, p := range m.Reports {
		for _, source := range p.Texts {
			add("", Term{"report", p.Name, source})
		}
	}
	err := m.viewTexts(func(t Term) { add("", t) })
	return list, err
}

// Sayings are the messages that follow from declarations, by module: those of
// constraints, and the names of the fields that every model has.
func (r *Registry) Sayings() map[string][]string {
	found := map[string][]string{}
	for _, c := range r.Classes() {
		for _, u := range c.Uniques {
			found[c.module] = append(found[c.module], u.Message)
		}
		for _, k := range c.Checks {
			found[c.module] = append(found[c.module], k.Message)
		}
		for _, b := range c.list {
			if slices.Contains(generated, b.name) {
				found[r.Modules[0].Name] = append(found[r.Modules[0].Name], b.String)
			}
		}
	}
	return found
}

// texts are what the declaration of the field says.
func (b *bound) texts() []Term {
	list := []Term{b.label(), {"help", b.place(), b.Help}}
	for _, item := range b.Selection {
		if label, ok := item[1].(string); ok {
			list = append(list, Term{"selection", b.place(), label})
		}
	}
	return list
}

// dataTexts are the translated fields of a data record. The name of an action
// of any kind is that of its row in ir.action.
func (r *Registry) dataTexts(d Data) []Term {
	c := r.classes[d.Model]
	if c == nil {
		return nil
	}
	var list []Term
	for _, name := range sortedKeys(d.Values) {
		source, ok := d.Values[name].(string)
		b := c.fields[name]
		if !ok || b == nil {
			continue
		}
		if action := r.classes["ir.action"]; name == "name" && action != nil && c.fields["action"] != nil && strings.HasPrefix(c.Name, "ir.action.") {
			b = action.fields[name]
		}
		if b.Translate {
			list = append(list, Term{"model", b.place(), source})
		}
	}
	return list
}

// viewTexts tells what the module's views say.
func (m *Module) viewTexts(tell func(Term)) error {
	for _, d := range m.Data {
		name, _ := d.Values["name"].(string)
		model, _ := d.Values["model"].(string)
		if d.Model != "ir.ui.view" || name == "" || m.Views == nil {
			continue
		}
		data, err := fs.ReadFile(m.Views, "view/"+name+".xml")
		if err != nil {
			return op(err, "view %s of module %s", name, m.Name)
		}
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(data); err != nil {
			return op(err, "view %s of module %s", name, m.Name)
		}
		for _, a := range translatable(doc.Root()) {
			tell(Term{"view", model, a.Value})
		}
	}
	return nil
}
