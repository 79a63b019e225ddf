package models

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"paytond/models/pyson"
)

// Module is a room of business models, as main lists them: what Tryton calls
// a module.
type Module struct {
	Name        string
	Definitions []Definition
	Wizards     []*Wizard
	Reports     []*Report
	// Views holds view/*.xml, Locale locale/*.po; nil if there are none.
	Views, Locale fs.FS
	// Data are the records that the module brings: groups, menus, actions,
	// access rights. See data.go.
	Data []Data
	// Ready is called in the transaction that creates or updates a database,
	// after the module's data.
	Ready func(tx *Tx) error
	// Done is called in the same transaction once all modules are up to date.
	Done func(tx *Tx) error
	// Extend is called for every class of every module, after all Setup.
	Extend func(c *Class)
}

// Registry is the immutable set of classes, wizards and reports made of the modules.
type Registry struct {
	Modules []*Module
	classes map[string]*Class
	names   []string // of the classes, by module
	wizards map[string]*Wizard
	reports map[string]*Report
	access  Access
	// messages are what the program says to users, by "module.id" of ir.message
	messages map[string]string
	// bundled are what documents say in other languages, by language, as the modules' files have it.
	bundled sync.Map
}

// Build makes a registry of the modules, which stand in the order of their
// dependencies. Errors are those of a declaration: an unknown field, a
// relation to nowhere, an extension of nothing.
func Build(access Access, modules ...*Module) (r *Registry, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, ok := p.(string)
			if !ok {
				panic(p)
			}
			err = fmt.Errorf("%s", text)
		}
	}()
	r = &Registry{Modules: modules, access: access, classes: map[string]*Class{},
		wizards: map[string]*Wizard{}, reports: map[string]*Report{}}
	for _, m := range modules {
		for _, d := range m.Definitions {
			if err := r.define(m, d); err != nil {
				return nil, err
			}
		}
		for _, w := range m.Wizards {
			r.wizards[w.Name] = w
		}
		for _, w := range m.Reports {
			r.reports[w.Name] = w
		}
	}
	for _, m := range modules {
		for _, d := range m.Definitions {
			if s, ok := d.(setup); ok {
				s.Setup(r.classes[definedName(d)])
			}
		}
	}
	for _, m := range modules {
		if m.Extend == nil {
			continue
		}
		for _, c := range r.Classes() {
			m.Extend(c)
		}
	}
	for _, name := range r.names {
		if err := r.classes[name].finish(); err != nil {
			return nil, err
		}
	}
	r.messages, err = messagesOf(modules)
	return r, err
}

func definedName(d Definition) string {
	if model, extension := d.definition(); model != nil {
		return model.Name
	} else {
		return extension.Name
	}
}

func (r *Registry) define(m *Module, d Definition) error {
	model, extension := d.definition()
	if extension != nil {
		c := r.classes[extension.Name]
		if c == nil {
			return fmt.Errorf("models: module %s extends %s, which no module before it declares", m.Name, extension.Name)
		}
		c.Uniques = append(slices.Clone(c.Uniques), extension.Uniques...)
		c.Indexes = append(slices.Clone(c.Indexes), extension.Indexes...)
		return c.add(m.Name, extension.fields)
	}
	if r.classes[model.Name] != nil {
		return fmt.Errorf("models: %s is declared twice", model.Name)
	}
	own := *model // extensions add to the class's copy, never to the declaration
	c := &Class{Model: &own, registry: r, module: m.Name, fields: map[string]*bound{},
		methods: map[string]*Method{}, buttons: map[string]*Button{}, moves: map[[2]string]bool{}}
	r.classes[model.Name] = c
	r.names = append(r.names, model.Name)
	if err := c.add(m.Name, standardFields(model)); err != nil {
		return err
	}
	if err := c.add(m.Name, model.fields); err != nil {
		return err
	}
	bindStandard(c)
	return nil
}

func (c *Class) add(module string, fields []*Field) error {
	for _, f := range fields {
		if c.fields[f.name] != nil {
			return fmt.Errorf("models: %s declares the field %s twice", c.Name, f.name)
		}
		own := *f
		own.Depends = slices.Clone(f.Depends)
		b := &bound{Field: &own, class: c, module: module}
		c.fields[f.name] = b
		c.list = append(c.list, b)
	}
	return nil
}

// standardFields are those that every model has.
func standardFields(m *Model) []*Field {
	id := NewInteger(Field{String: "ID", Readonly: true})
	id.name = "id"
	rec := NewChar(Field{String: "Record Name", Readonly: true, Function: true})
	rec.name = "rec_name"
	if m.ViewOnly {
		return []*Field{id.Field}
	}
	fields := []*Field{id.Field}
	for _, f := range []struct {
		name string
		*Field
	}{
		{"create_uid", NewMany2One(Field{String: "Created by", Readonly: true, Relation: "res.user", OnDelete: "-"}).Field},
		{"create_date", NewTimestamp(Field{String: "Created at", Readonly: true}).Field},
		{"write_uid", NewMany2One(Field{String: "Edited by", Readonly: true, Relation: "res.user", OnDelete: "-"}).Field},
		{"write_date", NewTimestamp(Field{String: "Edited at", Readonly: true}).Field},
	} {
		f.Field.name = f.name
		fields = append(fields, f.Field)
	}
	return append(fields, rec.Field)
}

// finish checks the class and completes what follows from its fields.
func (c *Class) finish() error {
	if b := c.fields["active"]; b != nil && b.def == nil {
		b.def = func(*Tx) any { return true }
	}
	if b := c.fields["active"]; b != nil && b.Help == "" {
		b.Help = "Clear it to hide the record from new choices."
	}
	for _, b := range c.list {
		b.dependOn(b.States, b.Domain, b.Context, b.SearchContext, b.SearchOrder, b.AddRemove, b.Size, b.Digits[:], b.Format)
		if err := b.check(); err != nil {
			return fmt.Errorf("models: %s.%s: %w", c.Name, b.name, err)
		}
		if active := c.fields["active"]; active != nil && !active.Function && b != active {
			b.freezeInactive()
		}
	}
	for _, b := range c.buttons {
		b.Depends = union(b.Depends, c.depending(b.States))
		for _, name := range b.Depends {
			if c.fields[name] == nil {
				return fmt.Errorf("models: button %s of %s depends on %q, which is no field", b.Name, c.Name, name)
			}
		}
	}
	c.bindMethods()
	for _, name := range c.withheld {
		if c.methods[name] == nil {
			return fmt.Errorf("models: %s has no method %q to withhold", c.Name, name)
		}
		delete(c.methods, name)
	}
	return nil
}

// dependOn adds the fields that the field's expressions read to those that it
// declares to depend on: a client needs them to evaluate the expressions.
func (b *bound) dependOn(exprs ...any) {
	for _, name := range b.class.depending(exprs) {
		if name != b.name {
			b.Depends = union(b.Depends, []string{name})
		}
	}
}

// depending are the fields of the class that expressions read.
func (c *Class) depending(exprs any) []string {
	var found []string
	for _, name := range pyson.Vars(exprs) {
		if parent, ok := cutParent(name); ok {
			name = parent[0]
		}
		name, _, _ = strings.Cut(name, ".")
		if c.fields[name] != nil {
			found = union(found, []string{name})
		}
	}
	return found
}

// union is list with those of more that it does not have.
func union(list, more []string) []string {
	for _, name := range more {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// freezeInactive makes the field of a deactivated record read-only.
func (b *bound) freezeInactive() {
	inactive := pyson.Not(pyson.Eval("active", true))
	states := maps.Clone(b.States)
	if states == nil {
		states = map[string]any{}
	}
	if before, ok := states["readonly"]; ok {
		states["readonly"] = pyson.Or(before, inactive)
	} else if !b.Readonly {
		states["readonly"] = inactive
	}
	b.States = states
	if !slices.Contains(b.Depends, "active") {
		b.Depends = append(b.Depends, "active")
	}
}

func (b *bound) check() error {
	switch b.kind.(type) {
	case many2OneKind, x2ManyKind:
		if b.Relation == "" {
			return fmt.Errorf("relation to nowhere")
		}
		if b.class.registry.classes[b.Relation] == nil && b.class.registry.classes["res.user"] != nil {
			return fmt.Errorf("unknown relation %q", b.Relation)
		}
	}
	if k, ok := b.kind.(x2ManyKind); ok && k.many && !b.Function && !b.class.ViewOnly && b.class.registry.classes[b.Through] == nil {
		return fmt.Errorf("unknown relation table %q", b.Through)
	}
	if b.Function && b.getter == nil && b.with != nil {
		b.class.Compute(b, b.with)
	}
	if b.Function && b.getter == nil && !b.class.ViewOnly && b.name != "rec_name" {
		return fmt.Errorf("a function field without getter")
	}
	if b.Fixed && b.States["readonly"] == nil {
		return fmt.Errorf("fixed, but never read-only")
	}
	if b.SelectionMethod != "" && b.class.methods[b.SelectionMethod] == nil {
		return fmt.Errorf("the selection method %q is not bound", b.SelectionMethod)
	}
	for _, name := range b.Depends {
		if b.class.fields[strings.TrimPrefix(name, "_parent_")] == nil && !strings.Contains(name, ".") {
			return fmt.Errorf("depends on %q, which is no field", name)
		}
	}
	return nil
}

// Access is what says what users may do; nil in tests that check nothing.
func (r *Registry) Access() Access { return r.access }

// Class returns the class of a model, nil if there is none.
func (r *Registry) Class(name string) *Class { return r.classes[name] }

// Classes returns all classes, module after module.
func (r *Registry) Classes() []*Class {
	result := make([]*Class, len(r.names))
	for i, n := range r.names {
		result[i] = r.classes[n]
	}
	return result
}

// Wizard returns a wizard, nil if there is none.
func (r *Registry) Wizard(name string) *Wizard { return r.wizards[name] }

// Report returns a report, nil if there is none.
func (r *Registry) Report(name string) *Report { return r.reports[name] }

// Method finds what a client names: type is "model", "wizard" or "report".
// The error is of kind NotFound for an unknown object and of kind Forbidden
// for a method that may not be called.
func (r *Registry) Method(objectType, object, method string) (*Method, error) {
	var m *Method
	switch objectType {
	case "model":
		c := r.classes[object]
		if c == nil {
			return nil, NotFoundError("'%s'", object)
		}
		m = c.Lookup(method)
	case "wizard":
		w := r.wizards[object]
		if w == nil {
			return nil, NotFoundError("'%s'", object)
		}
		m = w.method(method)
	case "report":
		p := r.reports[object]
		if p == nil {
			return nil, NotFoundError("'%s'", object)
		}
		m = p.method(method)
	default:
		return nil, NotFoundError("'%s.%s.%s'", objectType, object, method)
	}
	if m == nil {
		return nil, &Error{Kind: KindForbidden, Message: fmt.Sprintf("Calling method %s on %s is not allowed", method, object)}
	}
	return m, nil
}

// MethodNames returns the full names of all methods that clients may call, sorted.
func (r *Registry) MethodNames() []string {
	var result []string
	for name, c := range r.classes {
		for _, m := range c.Methods() {
			result = append(result, "model."+name+"."+m)
		}
	}
	for name := range r.wizards {
		for _, m := range []string{"create", "delete", "execute"} {
			result = append(result, "wizard."+name+"."+m)
		}
	}
	for name, p := range r.reports {
		if p.Execute == nil {
			continue
		}
		result = append(result, "report."+name+".execute")
	}
	slices.Sort(result)
	return result
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
