package models

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"paytond/models/domain"
	"paytond/models/pyson"
)

// describeView completes the XML for the client and collects the definitions.
func (c *Class) describeView(tx *Tx, v *view) error {
	v.rights = c.fieldRights(tx)
	v.relate = map[string]map[string]any{}
	clean(v.doc)
	for _, a := range translatable(v.doc.Root()) {
		a.Value = tx.Term(Term{"view", c.Name, a.Value})
	}
	for _, a := range c.attributes {
		path, err := etree.CompilePath(a.Path)
		if err != nil {
			return op(err, "view attribute of %s", c.Name)
		}
		for _, e := range v.doc.FindElementsPath(path) {
			e.CreateAttr(a.Attribute, pyson.Encode(a.Value))
			c.needVars(v, a.Value)
		}
	}
	if err := c.walk(tx, v, v.doc.Root()); err != nil {
		return err
	}
	c.needMore(v)
	return c.define(tx, v)
}

// clean drops comments, processing instructions and the space between elements.
func clean(doc *etree.Document) {
	var walk func(e *etree.Element)
	walk = func(e *etree.Element) {
		for i := len(e.Child) - 1; i >= 0; i-- {
			switch child := e.Child[i].(type) {
			case *etree.Element:
				walk(child)
			default:
				e.RemoveChildAt(i)
			}
		}
	}
	walk(&doc.Element)
}

// walk visits the elements: a copy of the children, since some are replaced.
func (c *Class) walk(tx *Tx, v *view, e *etree.Element) error {
	for _, attr := range []string{"icon", "symbol", "sequence", "spell", "cell", "start", "end", "dtstart", "dtend", "color", "background_color", "currency"} {
		b := c.fields[e.SelectAttrValue(attr, "")]
		switch {
		case b == nil:
		case c.mayShow(tx, v, b):
			v.need(b.name)
		default:
			e.RemoveAttr(attr)
		}
	}
	switch e.Tag {
	case "field", "label", "separator", "group", "page", "image", "prefix", "suffix", "x", "y":
		done, err := c.describeElement(tx, v, e)
		if err != nil || done {
			return err
		}
	case "button":
		c.describeButton(tx, v, e)
	case "link":
		c.describeLink(tx, e)
	}
	for _, child := range e.ChildElements() {
		if err := c.walk(tx, v, child); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) need(name string) {
	if !slices.Contains(v.names, name) {
		v.names = append(v.names, name)
	}
}

// describeElement looks at an element that names a field; done means that its
// children are not to be visited.
func (c *Class) describeElement(tx *Tx, v *view, e *etree.Element) (done bool, err error) {
	name := e.SelectAttrValue("name", "")
	b := c.fields[name]
	if b == nil {
		if name != "" && e.Tag == "field" {
			return true, fmt.Errorf("%s has no field %q", c.Name, name)
		}
		return false, nil
	}
	if !c.mayShow(tx, v, b) {
		c.hide(v, e)
		return true, nil
	}
	v.need(name)
	if e.Tag != "field" {
		return false, nil
	}
	return true, c.describeField(tx, v, e, b)
}

// mayShow reports whether the user may read the field and what it links to.
func (c *Class) mayShow(tx *Tx, v *view, b *bound) bool {
	if r, limited := v.rights[b.name]; limited && !r.Read {
		return false
	}
	target := tx.Lookup(b.Relation)
	return target == nil || target.modelRights(tx).Read
}

// hide takes away a field that the user may not read; in a form an empty label
// keeps its place.
func (c *Class) hide(v *view, e *etree.Element) {
	parent, index := e.Parent(), e.Index()
	parent.RemoveChildAt(index)
	if v.kind != "form" {
		return
	}
	label := etree.NewElement("label")
	label.CreateAttr("id", e.SelectAttrValue("name", ""))
	if colspan := e.SelectAttr("colspan"); colspan != nil {
		label.CreateAttr("colspan", colspan.Value)
	}
	parent.InsertChildAt(index, label)
}

// describeField resolves view_ids of a relation and fetches its first view.
func (c *Class) describeField(tx *Tx, v *view, e *etree.Element, b *bound) error {
	for _, child := range e.ChildElements() { // prefix, suffix
		if err := c.walk(tx, v, child); err != nil {
			return err
		}
	}
	if text := e.SelectAttrValue("domain", ""); text != "" && v.kind == "graph" { // of what is counted
		if expr, err := pyson.Decode(text); err == nil {
			c.needVars(v, expr)
		}
	}
	if b.Relation == "" || v.kind != "form" {
		return nil
	}
	var ids []string
	for _, ref := range strings.Split(e.SelectAttrValue("view_ids", ""), ",") {
		if ref != "" {
			ids = append(ids, strconv.FormatInt(tx.Ref(Ref(ref)), 10))
		}
	}
	if ids != nil {
		e.CreateAttr("view_ids", strings.Join(ids, ","))
	}
	if e.SelectAttr("mode") == nil {
		e.CreateAttr("mode", "tree,form")
	}
	v.relate[b.name] = map[string]any{}
	if _, many := b.kind.(x2ManyKind); !many || e.SelectAttrValue("widget", "") == "many2many_select" {
		return nil
	}
	return prefetchView(tx, v, e, b, ids)
}

// maxViews is how deep forms within forms are fetched ahead.
const maxViews = 3

func prefetchView(tx *Tx, v *view, e *etree.Element, b *bound, ids []string) error {
	target := tx.Class(b.Relation)
	mode, _, _ := strings.Cut(e.SelectAttrValue("mode", ""), ",")
	place, id, echo := mode, int64(0), any(nil)
	if len(ids) > 0 {
		place = ids[0]
		id, _ = strconv.ParseInt(ids[0], 10, 64)
		echo = id
	}
	if v.depth >= maxViews {
		return nil
	}
	child, err := target.fieldsView(tx, id, mode, echo, v.depth+1)
	if err != nil {
		return err
	}
	v.relate[b.name][place] = child
	return nil
}

// describeButton adds what the declaration and the button's record say.
func (c *Class) describeButton(tx *Tx, v *view, e *etree.Element) {
	name := e.SelectAttrValue("name", "")
	b := c.buttons[name]
	if b == nil {
		return
	}
	label, help, confirm := c.buttonTexts(tx, name)
	setMissing(e, "string", label)
	setMissing(e, "help", help)
	setMissing(e, "confirm", confirm)
	states := maps.Clone(b.States)
	if states == nil {
		states = map[string]any{}
	}
	states["depends"] = anys(b.Depends)
	if _, may := c.mayPress(tx, name); !may {
		states["readonly"] = true
	}
	e.CreateAttr("states", pyson.Encode(states))
	if rules, ok := c.registry.access.(Rules); ok && rules.Ruled(tx.Unchecked(), c.Name, name) {
		e.CreateAttr("rule", "1")
	}
	if b.Change == nil {
		e.CreateAttr("type", "class")
	} else {
		e.CreateAttr("type", "instance")
		e.CreateAttr("change", pyson.Encode(anys(names(b.Change))))
	}
	for _, need := range b.Depends {
		if c.fields[need] != nil {
			v.need(need)
		}
	}
}

func setMissing(e *etree.Element, attr, value string) {
	if e.SelectAttr(attr) == nil {
		e.CreateAttr(attr, value)
	}
}

// buttonTexts are the texts of a button's record.
func (c *Class) buttonTexts(tx *Tx, name string) (label, help, confirm string) {
	free := tx.Unchecked()
	buttons := free.Lookup("ir.model.button")
	if buttons == nil {
		return name, "", ""
	}
	found := buttons.SearchRecords(free, domain.AllOf(domain.C("model", "=", c.Name), domain.C("name", "=", name)), Limit(1))
	if len(found) == 0 {
		return name, "", ""
	}
	return text(found[0].Get("string")), text(found[0].Get("help")), text(found[0].Get("confirm"))
}

// describeLink gives a link the id of its action.
func (c *Class) describeLink(tx *Tx, e *etree.Element) {
	name := e.SelectAttrValue("name", "")
	e.CreateAttr("id", strconv.FormatInt(tx.actionID(Ref(name)), 10))
}

// needVars adds the fields that an expression reads.
func (c *Class) needVars(v *view, expr any) {
	for _, name := range c.depending(expr) {
		v.need(name)
	}
}

// needMore adds the fields that the drawn ones depend on.
func (c *Class) needMore(v *view) {
	if c.fields["active"] != nil {
		v.need("active")
	}
	if b := c.fields[v.childs]; b != nil {
		v.need(v.childs)
		if b.RelationField != "" {
			v.need(b.RelationField)
		}
	}
	for i := 0; i < len(v.names); i++ { // grows while it goes
		for _, name := range c.fields[v.names[i]].Depends {
			if c.fields[name] != nil {
				v.need(name)
			}
		}
	}
}

// define collects the definitions.
func (c *Class) define(tx *Tx, v *view) error {
	v.fields = make(map[string]any, len(v.names))
	for _, name := range v.names {
		b := c.fields[name]
		if r, limited := v.rights[name]; limited && !r.Read {
			continue
		}
		d := b.limited(b.definition(tx), v.rights)
		if views, ok := v.relate[name]; ok {
			d["views"] = views
		}
		if b.Relation != "" && v.kind == "tree" {
			related, err := tx.Class(b.Relation).FieldsGet(tx, nil)
			if err != nil {
				return err
			}
			d["relation_fields"] = related
		}
		v.fields[name] = d
	}
	if v.kind == "tree" && tx.context["view_tree_width"] == true {
		c.applyWidths(tx, v)
	}
	return nil
}

// applyWidths sets the widths that the user gave the columns.
func (c *Class) applyWidths(tx *Tx, v *view) {
	free := tx.Unchecked()
	widths := free.Lookup("ir.ui.view_tree_width")
	if widths == nil {
		return
	}
	saved := map[string]int64{}
	for _, r := range widths.SearchRecords(free, domain.AllOf(domain.C("model", "=", c.Name), domain.C("user", "=", tx.user))) {
		saved[text(r.Get("field"))], _ = r.Get("width").(int64)
	}
	for _, e := range v.doc.FindElements("//field") {
		if width := saved[e.SelectAttrValue("name", "")]; width > 0 {
			e.CreateAttr("width", strconv.FormatInt(width, 10))
		}
	}
}
