package models

import (
	"fmt"
	"slices"

	"paytond/models/domain"
	"paytond/sql"
)

// Class is a model as the registry built it: the declaration, its extensions
// and the behaviour that they bound. It is read-only once built.
type Class struct {
	*Model
	registry *Registry
	fields   map[string]*bound
	list     []*bound // in the order of declaration
	methods  map[string]*Method
	withheld []string
	buttons  map[string]*Button
	moves    map[[2]string]bool // allowed transitions of the state field
	hooks    hooks

	recName       func(*Record) string
	searchRecName func(*Tx, *domain.Clause) (domain.Node, error)
	belongsTo     string // field that names the record which one is part of
	attributes    []ViewAttribute
	module        string
	named         map[string][]any
	query         func(*Tx) sql.F // see TableQuery
}

// bound is a field with the behaviour bound to it.
type bound struct {
	*Field
	class *Class

	def      func(*Tx) any
	getter   func(*Tx, []*Record) map[int64]any
	setter   func(*Tx, []*Record, any) error
	searcher func(*Tx, *domain.Clause) (domain.Node, error)
	show     func(stored any) any
	order    func(tx *Tx, alias string) []sql.F

	onChange      []func(*Record)
	onChangeNames []string
	with          func(*Record) any
	withNames     []string

	terms  func(alias string) string // see [Class.TranslatedBy]
	module string                    // that declares it
}

// stored reports whether the field is a column.
func (b *bound) stored() bool {
	_, ok := b.kind.column()
	return ok && !b.Function
}

// lazy fields are left out when a list is read: function fields and what is big.
func (b *bound) lazy() bool {
	switch b.kind.(type) {
	case x2ManyKind, binaryKind, referenceKind, dictKind:
		return true
	}
	return b.Lazy || b.Function
}

// hooks are what Setup binds to the life of records.
type hooks struct {
	beforeCreate []func(*Tx, []Values) error
	beforeWrite  []func(*Tx, []*Record, Values) error
	afterWrite   []func(*Tx, []*Record, Values) error
	afterCreate  []func(*Tx, []*Record) error
	beforeDelete []func(*Tx, []*Record) error
	validate     []func(*Tx, []*Record) error
	onCopy       []func(*Tx, Values)
	del          func(tx *Tx, records []*Record) error
}

// field returns the bound field; Setup uses it, so an unknown name panics at start-up.
func (c *Class) field(f Named) *bound {
	b := c.fields[f.FieldName()]
	if b == nil {
		panic(fmt.Sprintf("models: %s has no field %q", c.Name, f.FieldName()))
	}
	return b
}

// Change lets an extension alter the declaration of a field, for this class only.
func (c *Class) Change(f Named, change func(f *Field)) { change(c.field(f).Field) }

// Default binds the default value of a field for new records.
func (c *Class) Default(f Named, def func(*Tx) any) { c.field(f).def = def }

// DefaultValue binds a constant default.
func (c *Class) DefaultValue(f Named, v any) { c.Default(f, func(*Tx) any { return v }) }

// OnChange binds what changes in the record when the client changes the
// field. reads names the fields that the client sends for it. Several
// functions bound to one field run in turn.
func (c *Class) OnChange(f Named, do func(*Record), reads ...Named) {
	b := c.field(f)
	b.onChange = append(b.onChange, do)
	b.onChangeNames = addNames(b.onChangeNames, names(reads))
}

// OnChangeWith binds the value that the field takes from others while the
// client edits. A function field without getter is computed by it too.
func (c *Class) OnChangeWith(f Named, compute func(*Record) any, reads ...Named) {
	b := c.field(f)
	b.with = compute
	b.withNames = addNames(b.withNames, names(reads))
}

// addNames adds what the peer's clients always get, the id, after the names.
func addNames(list, more []string) []string {
	for _, n := range append(more, "id") {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// Getter binds the values of a function field, for many records at once, by id.
func (c *Class) Getter(f Named, get func(*Tx, []*Record) map[int64]any) { c.field(f).getter = get }

// Compute binds the value of a function field of one record.
func (c *Class) Compute(f Named, get func(*Record) any) {
	c.Getter(f, func(_ *Tx, records []*Record) map[int64]any {
		values := make(map[int64]any, len(records))
		for _, r := range records {
			values[r.id] = get(r)
		}
		return values
	})
}

// Setter binds what writing a function field does.
func (c *Class) Setter(f Named, set func(*Tx, []*Record, any) error) { c.field(f).setter = set }

// Searcher binds how a clause on a function field is searched. The clause's
// field is relative to this model and may go on with a dot.
func (c *Class) Searcher(f Named, search func(*Tx, *domain.Clause) (domain.Node, error)) {
	c.field(f).searcher = search
}

// OrderBy binds the SQL expressions that order records by the field; alias is
// the quoted name of the model's table in the query.
func (c *Class) OrderBy(f Named, order func(tx *Tx, alias string) []sql.F) { c.field(f).order = order }

// TableQuery makes the rows of a query those of the model, which has no table then and cannot be written: a summary of
// other models'. The query gives a column for each stored field, id and create_date and the like among them, in which
// ids are unique.
func (c *Class) TableQuery(query func(tx *Tx) sql.F) { c.query = query }

// Stored tells whether the model has a table of its own.
func (c *Class) Stored() bool { return !c.ViewOnly && c.query == nil }

// written refuses to write a model that has no table.
func (c *Class) written() error {
	if !c.Stored() {
		return BadRequest("\"%s\" is not stored", c.Name)
	}
	return nil
}

// TranslatedBy says where the translations of a field are that are those of the
// program's terms: in the rows of ir.translation, alias x, that fit the SQL
// condition; alias is the name of the model's table. Users do not write them.
func (c *Class) TranslatedBy(f Named, condition func(alias string) string) {
	c.field(f).terms = condition
}

// BindRecName binds the name of a record, and how a name is searched; nil keeps what is.
func (c *Class) BindRecName(name func(*Record) string, search func(*Tx, *domain.Clause) (domain.Node, error)) {
	if name != nil {
		c.recName = name
	}
	if search != nil {
		c.searchRecName = search
	}
}

// BeforeCreate binds a look at the values before they are stored; it may change them.
func (c *Class) BeforeCreate(do func(*Tx, []Values) error) {
	c.hooks.beforeCreate = append(c.hooks.beforeCreate, do)
}

// AfterCreate binds what follows the storing of new records.
func (c *Class) AfterCreate(do func(*Tx, []*Record) error) {
	c.hooks.afterCreate = append(c.hooks.afterCreate, do)
}

// BeforeWrite binds a look at records and values before a write; it may change the values.
func (c *Class) BeforeWrite(do func(*Tx, []*Record, Values) error) {
	c.hooks.beforeWrite = append(c.hooks.beforeWrite, do)
}

// AfterWrite binds what follows a write.
func (c *Class) AfterWrite(do func(*Tx, []*Record, Values) error) {
	c.hooks.afterWrite = append(c.hooks.afterWrite, do)
}

// BeforeDelete binds a look at records before they are removed.
func (c *Class) BeforeDelete(do func(*Tx, []*Record) error) {
	c.hooks.beforeDelete = append(c.hooks.beforeDelete, do)
}

// InsteadOfDelete replaces the removal of records, as for a Stripe customer
// that is only deactivated.
func (c *Class) InsteadOfDelete(do func(*Tx, []*Record) error) { c.hooks.del = do }

// Validate binds a check of records after each create and write.
func (c *Class) Validate(check func(*Tx, []*Record) error) {
	c.hooks.validate = append(c.hooks.validate, check)
}

// OnCopy binds a change of the values that a copy starts with: the columns of
// the original, and null for each relation to many, whose children are copied
// afterwards unless the change takes it out of the values.
func (c *Class) OnCopy(change func(*Tx, Values)) { c.hooks.onCopy = append(c.hooks.onCopy, change) }

// ViewAttribute sets an attribute of the elements that an XPath finds in the
// model's views: PYSON, as "states" or "tree_invisible".
type ViewAttribute struct {
	Path      string
	Attribute string
	Value     any
}

// ViewAttribute adds an attribute to the model's views.
func (c *Class) ViewAttribute(path, attribute string, v any) {
	c.attributes = append(c.attributes, ViewAttribute{path, attribute, v})
}

// Button is a button of the client: who may press it and what it shows.
type Button struct {
	Name     string
	Readonly bool // not writing: an "instance" button is one, too
	Fresh    bool // wants a fresh session
	Stale    bool // may be pressed on what somebody changed since the client read it: it looks at what is there now
	// States is PYSON by "invisible", "readonly", "icon" and "pre_validate".
	States  map[string]any
	Depends []string
	// Change makes it an instance button: nothing is saved, the values named
	// are sent and the changed ones come back.
	Change []Named
}

// Button binds a button that works on saved records. What it returns goes to
// the client: nil, the name of a client action, or the id of an action.
func (c *Class) Button(b Button, do func(tx *Tx, records []*Record) (any, error)) {
	c.buttons[b.Name] = &b
	c.Method(Method{Name: b.Name, Records: 1, Fresh: b.Fresh, ReadOnly: b.Readonly, button: true,
		Do: func(tx *Tx, a *Args) (any, error) {
			records := a.Records(tx, c, 0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return do(tx, records)
		}})
}

// Wrap replaces a method or button by one that may call the method before it.
func (c *Class) Wrap(name string, wrap func(super func(*Tx, *Args) (any, error)) func(*Tx, *Args) (any, error)) {
	m := c.methods[name]
	if m == nil {
		panic(fmt.Sprintf("models: %s has no method %q to wrap", c.Name, name))
	}
	m.Do = wrap(m.Do)
}

// Withhold takes methods away from clients, also such as are bound later: the
// server itself has the class's functions.
func (c *Class) Withhold(names ...string) { c.withheld = append(c.withheld, names...) }

// Hook adds a function to a named list of the class's, for what a module lets
// others add to; see Hooks.
func (c *Class) Hook(name string, fn any) {
	if c.named == nil {
		c.named = map[string][]any{}
	}
	c.named[name] = append(c.named[name], fn)
}

// Hooks returns the functions added by Hook, in their order.
func (c *Class) Hooks(name string) []any { return c.named[name] }

// Transition allows the state field to go from one value to another.
func (c *Class) Transition(from, to string) { c.moves[[2]string{from, to}] = true }

// Move writes the new state of those records that may go there from theirs,
// and returns them. The others are left alone, as in Tryton's workflow.
func (c *Class) Move(tx *Tx, records []*Record, state string, more ...Assign) ([]*Record, error) {
	var moved []*Record
	for _, r := range records {
		from, _ := r.Get("state").(string)
		if c.moves[[2]string{from, state}] {
			moved = append(moved, r)
		}
	}
	if len(moved) == 0 {
		return nil, nil
	}
	values := valuesOf(more)
	values["state"] = state
	return moved, c.Write(tx, moved, values)
}

// Allows reports whether a transition is declared.
func (c *Class) Allows(from, to string) bool { return c.moves[[2]string{from, to}] }

// Fields returns the names of the class's fields in the order of declaration.
func (c *Class) Fields() []string {
	result := make([]string, len(c.list))
	for i, f := range c.list {
		result[i] = f.name
	}
	return result
}

// Field returns the declaration of a field as the class has it, nil if there is none.
func (c *Class) Field(name string) *Field {
	if b := c.fields[name]; b != nil {
		return b.Field
	}
	return nil
}

// Buttons returns the names of the buttons.
func (c *Class) Buttons() map[string]*Button { return c.buttons }

// Module is the module that declares the model.
func (c *Class) Module() string { return c.module }

// Kind is the wire name of a field's type ("many2one").
func (f *Field) Kind() string { return f.kind.wire() }
