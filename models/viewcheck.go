package models

import (
	"errors"
	"fmt"

	"github.com/beevik/etree"
)

// checkViews draws every view that modules bring, and says all that is wrong
// with them: fields, buttons, actions and views that they name and that are not
// there, and places that inheriting views do not find. Views that users made
// are left out; theirs are checked when they are drawn.
func checkViews(tx *Tx) error {
	records := tx.Lookup("ir.ui.view")
	if records == nil {
		return nil
	}
	var wrong []error
	used := map[string]bool{}
	for _, r := range records.SearchRecords(tx, nil, OrderBy("id")) {
		if !ofModule(r) {
			continue
		}
		if err := raised(func() error { return checkView(tx, r, used) }); err != nil {
			wrong = append(wrong, fmt.Errorf("view %s: %w", viewName(r), err))
		}
	}
	for _, c := range tx.Registry().Classes() {
		for _, a := range c.attributes {
			if !used[c.Name+" "+a.Path] && used[c.Name] {
				wrong = append(wrong, fmt.Errorf("no view of %s has %s, which gets the attribute %s", c.Name, a.Path, a.Attribute))
			}
		}
	}
	return errors.Join(wrong...)
}

// ofModule reports whether the text of a view is a module's file.
func ofModule(r *Record) bool {
	data := r.class.fields["data"]
	return text(r.Get("module")) != "" && text(r.Get("name")) != "" && (data == nil || text(r.Get("data")) == "")
}

// checkView draws a view together with the modules' views that inherit from it.
func checkView(tx *Tx, r *Record, used map[string]bool) error {
	model := text(r.Get("model"))
	if model == "" {
		return nil // a board
	}
	c := tx.Lookup(model)
	if c == nil {
		return fmt.Errorf("there is no model %q", model)
	}
	base := r
	if parent, ok := r.Get("inherit").(int64); ok {
		base = r.class.Browse(tx, []int64{parent})[0]
		if base.Get("model") == r.Get("model") {
			return nil // drawn with its base
		}
	}
	var others []*Record
	for _, other := range inheriting(tx, base, model) {
		if ofModule(other) {
			others = append(others, other)
		}
	}
	v, err := c.mergeView(tx, base, text(r.Get("type")), others)
	if err != nil {
		return err
	}
	if root := v.doc.Root().Tag; root != v.kind {
		return fmt.Errorf("it is a %q and has a <%s>", v.kind, root)
	}
	used[c.Name] = true
	for _, a := range c.attributes {
		if path, err := etree.CompilePath(a.Path); err == nil && v.doc.FindElementPath(path) != nil {
			used[c.Name+" "+a.Path] = true
		}
	}
	if err := c.checkNamesIn(v.doc.Root()); err != nil {
		return err
	}
	return c.describeView(tx, v)
}

// checkNamesIn refuses what a client would pass over in silence: the label of
// no field, a button that nothing is bound to.
func (c *Class) checkNamesIn(e *etree.Element) error {
	name := e.SelectAttrValue("name", "")
	switch {
	case e.Tag == "label" && name != "" && c.fields[name] == nil:
		return fmt.Errorf("%s has no field %q for a label", c.Name, name)
	case e.Tag == "button" && c.buttons[name] == nil:
		return fmt.Errorf("%s has no button %q", c.Name, name)
	}
	for _, attr := range []string{"symbol", "sequence", "currency"} {
		if field := e.SelectAttrValue(attr, ""); field != "" && c.fields[field] == nil {
			return fmt.Errorf("%s has no field %q for the attribute %s", c.Name, field, attr)
		}
	}
	for _, child := range e.ChildElements() {
		if err := c.checkNamesIn(child); err != nil {
			return err
		}
	}
	return nil
}
