package models

import (
	"errors"
	"fmt"
	"slices"

	"github.com/beevik/etree"

	"paytond/models/domain"
	"paytond/models/pyson"
)

// FieldsViewGet is a view as clients draw it (PROTOCOL §6.2): the XML with the
// views that inherit from it merged and its buttons described, and the
// definitions of all fields that it needs. viewID 0 means the first view of
// the type; echo is what the client gave for it.
func (c *Class) FieldsViewGet(tx *Tx, viewID int64, viewType string, echo any) (map[string]any, error) {
	return c.fieldsView(tx, viewID, viewType, echo, 0)
}

// fieldsView is FieldsViewGet for a view at a depth within others.
func (c *Class) fieldsView(tx *Tx, viewID int64, viewType string, echo any, depth int) (map[string]any, error) {
	v, err := c.loadView(tx, viewID, viewType)
	if err != nil {
		return nil, err
	}
	v.depth = depth
	if err := raised(func() error { return c.describeView(tx, v) }); err != nil {
		return nil, v.failed(err)
	}
	return v.wire(c, echo)
}

func (v *view) wire(c *Class, echo any) (map[string]any, error) {
	v.doc.WriteSettings = etree.WriteSettings{CanonicalAttrVal: false}
	arch, err := v.doc.WriteToString()
	if err != nil {
		return nil, op(err, "view of %s", c.Name)
	}
	var childs any
	if v.childs != "" {
		childs = v.childs
	}
	return map[string]any{"model": c.Name, "type": v.kind, "view_id": echo, "arch": arch, "field_childs": childs, "fields": v.fields}, nil
}

// view is a view in the making.
type view struct {
	name   string // for messages
	kind   string
	childs string
	depth  int
	doc    *etree.Document
	names  []string // fields that it needs
	fields map[string]any
	relate map[string]map[string]any // x2many field -> its prefetched views
	rights map[string]Rights
}

// failed says which view cannot be shown: its text is a person's.
func (v *view) failed(err error) error {
	if ErrorKind(err) != KindInternal {
		return err
	}
	return UserError("The view \"%s\" cannot be shown: %s", v.name, err)
}

func (c *Class) callFieldsViewGet(tx *Tx, a *Args) (any, error) {
	viewType := a.Text(1)
	if viewType == "" {
		viewType = "form"
	}
	id := int64(0)
	if view := a.Any(0); view != false && view != "" { // as null, the first view of the type
		id = a.Int(0)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.FieldsViewGet(tx, id, viewType, a.Any(0))
}

// loadView finds the view's record and merges those that inherit from it; a
// model without one gets a view of its fields.
func (c *Class) loadView(tx *Tx, viewID int64, viewType string) (*view, error) {
	free := tx.Unchecked()
	base, err := c.baseView(free, viewID, viewType)
	if err != nil {
		return nil, err
	}
	if base == nil {
		return c.plainView(viewType)
	}
	return c.mergeView(free, base, viewType, inheriting(free, base, c.Name))
}

// baseView is the record of the view that others inherit from, nil for none.
func (c *Class) baseView(tx *Tx, viewID int64, viewType string) (*Record, error) {
	records := tx.Class("ir.ui.view")
	where := domain.AllOf(domain.C("model", "=", c.Name), domain.C("type", "=", viewType), domain.C("inherit", "=", nil))
	if viewID > 0 {
		where = domain.C("id", "=", viewID)
	}
	found := records.SearchRecords(tx, where, OrderBy("priority", "id"), Limit(1))
	switch {
	case len(found) == 0 && viewID == 0:
		return nil, nil
	case len(found) == 0 || found[0].Get("model") != c.Name:
		return nil, UserError("There is no view %d of \"%s\".", viewID, c.label())
	}
	if parent, ok := found[0].Get("inherit").(int64); ok {
		return records.Browse(tx, []int64{parent})[0], nil
	}
	return found[0], nil
}

// mergeView makes a view of a record and of those that inherit from it.
func (c *Class) mergeView(tx *Tx, base *Record, viewType string, others []*Record) (*view, error) {
	v := &view{name: viewName(base), kind: text(base.Get("type")), childs: text(base.Get("field_childs")), doc: etree.NewDocument()}
	if v.kind == "" {
		v.kind = viewType
	}
	if err := v.doc.ReadFromString(text(base.Get("arch"))); err != nil {
		return nil, v.failed(err)
	}
	if v.doc.Root() == nil {
		return nil, v.failed(errors.New("it has no text"))
	}
	for _, other := range others {
		if !applies(tx, other) {
			continue
		}
		if err := v.inherit(text(other.Get("arch"))); err != nil {
			return nil, (&view{name: viewName(other)}).failed(err)
		}
	}
	if v.doc.Root() == nil {
		return nil, v.failed(errors.New("nothing is left of it"))
	}
	return v, nil
}

// viewName is what people know a view by: its module and file, or its id.
func viewName(r *Record) string {
	if r.class.fields["name"] != nil && text(r.Get("name")) != "" {
		return text(r.Get("module")) + "." + text(r.Get("name"))
	}
	return text(r.Get("model")) + " " + r.text()
}

// applies evaluates the domain of an inheriting view, PYSON on the context.
func applies(tx *Tx, r *Record) bool {
	if r.class.fields["domain"] == nil || text(r.Get("domain")) == "" {
		return true
	}
	expr, err := pyson.Decode(text(r.Get("domain")))
	if err != nil {
		return false
	}
	v, err := pyson.Evaluate(expr, map[string]any{"context": tx.Contexts()}, tx.now)
	return err == nil && pyson.Truthy(v)
}

// inheriting returns the views of the model that inherit from one, in the order
// of their modules.
func inheriting(tx *Tx, base *Record, model string) []*Record {
	found := base.class.SearchRecords(tx, domain.AllOf(domain.C("inherit", "=", base.id), domain.C("model", "=", model)), OrderBy("priority", "id"))
	place := map[string]int{}
	for i, m := range tx.Registry().Modules {
		place[m.Name] = i
	}
	slices.SortStableFunc(found, func(a, b *Record) int { return place[text(a.Get("module"))] - place[text(b.Get("module"))] })
	return found
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// plainView shows a model that has no view of its own.
func (c *Class) plainView(kind string) (*view, error) {
	v := &view{name: c.Name, kind: kind, doc: etree.NewDocument()}
	root := v.doc.CreateElement(kind)
	switch kind {
	case "tree":
		name := "rec_name"
		if c.fields[c.Model.RecName] != nil {
			name = c.Model.RecName
		} else if c.fields[name] == nil {
			name = "id"
		}
		root.CreateElement("field").CreateAttr("name", name)
	case "form":
		for _, b := range c.list {
			if slices.Contains(generated, b.name) {
				continue
			}
			root.CreateElement("label").CreateAttr("name", b.name)
			field := root.CreateElement("field")
			field.CreateAttr("name", b.name)
			switch b.kind.(type) {
			case x2ManyKind:
				field.CreateAttr("colspan", "4")
			}
		}
	default:
		return nil, UserError("There is no view of type \"%s\" for \"%s\".", kind, c.label())
	}
	return v, nil
}

// inherit applies a <data> document of <xpath expr position> elements.
func (v *view) inherit(arch string) error {
	doc := etree.NewDocument()
	if err := doc.ReadFromString(arch); err != nil {
		return err
	}
	if doc.Root() == nil {
		return errors.New("it has no text")
	}
	for _, spec := range doc.Root().ChildElements() {
		expr := spec.SelectAttrValue("expr", "")
		path, err := etree.CompilePath(expr)
		if err != nil {
			return err
		}
		target := v.doc.FindElementPath(path)
		if target == nil {
			return fmt.Errorf("%s is not in the view", expr)
		}
		if err := place(target, spec); err != nil {
			return err
		}
	}
	return nil
}

// place puts the children of spec where its position says, relative to target.
func place(target, spec *etree.Element) error {
	parent, index := target.Parent(), target.Index()
	position := spec.SelectAttrValue("position", "inside")
	switch position {
	case "replace_attributes":
		for _, child := range spec.ChildElements() {
			for _, attr := range child.Attr {
				target.CreateAttr(attr.Key, attr.Value)
			}
		}
		return nil
	case "inside":
		for _, child := range spec.ChildElements() {
			target.AddChild(child.Copy())
		}
		return nil
	case "replace":
		parent.RemoveChildAt(index)
	case "after":
		index++
	case "before":
	default:
		return fmt.Errorf("unknown position %q", position)
	}
	for i, child := range spec.ChildElements() {
		parent.InsertChildAt(index+i, child.Copy())
	}
	return nil
}
