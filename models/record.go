package models

import (
	"slices"
	"strconv"

	"paytond/models/value"
)

// Record is one record of a model in a transaction: a saved one, whose fields
// are read when asked for (together with those of the records that it was
// found with), or one in memory with values only.
type Record struct {
	tx    *Tx
	class *Class
	id    int64
	group *[]*Record     // found together, read together
	own   map[string]any // values set in memory
	// changed lists the fields set since the record was made.
	changed []string
	// computing are the fields whose value is being computed: one that asks for
	// itself meanwhile is null.
	computing []string
}

// prefetch is how many records of a group are read in one statement.
const prefetch = 1000

// Browse returns the records with the ids, unread, in their order.
func (c *Class) Browse(tx *Tx, ids []int64) []*Record {
	tx = tx.Unchecked()
	records := make([]*Record, len(ids))
	block := make([]Record, len(ids))
	for i, id := range ids {
		block[i] = Record{tx: tx, class: c, id: id, group: &records}
		records[i] = &block[i]
	}
	return records
}

// New returns a record in memory; its values are parsed leniently: what a
// form holds while it is edited need not be valid yet.
func (c *Class) New(tx *Tx, values Values) *Record {
	r := &Record{tx: tx.Unchecked(), class: c, own: map[string]any{}}
	for name, v := range values {
		r.Set(name, v)
	}
	r.changed = nil
	return r
}

// ID is the record's id; zero or negative for one that is not saved.
func (r *Record) ID() int64 {
	if r == nil {
		return 0
	}
	return r.id
}

// Tx is the transaction of the record.
func (r *Record) Tx() *Tx { return r.tx }

// Class is the record's class.
func (r *Record) Class() *Class { return r.class }

// Model is the name of the record's model.
func (r *Record) Model() string { return r.class.Name }

// Ref is the reference to the record.
func (r *Record) Ref() value.Reference { return value.Reference{Model: r.class.Name, ID: r.id} }

// Name is the record's name as users read it.
func (r *Record) Name() string {
	if r == nil {
		return ""
	}
	name, _ := r.Get("rec_name").(string)
	return name
}

// IDsOf returns the ids of records.
func IDsOf(records []*Record) []int64 {
	ids := make([]int64, len(records))
	for i, r := range records {
		ids[i] = r.id
	}
	return ids
}

// Get returns the value of a field by name, nil for null and for what a
// record in memory does not have.
func (r *Record) Get(name string) any {
	if r == nil {
		return nil
	}
	if v, ok := r.own[name]; ok {
		return v
	}
	if !r.saved() {
		return r.computed(name)
	}
	row := r.tx.values()[key{r.class.Name, r.id}]
	if v, ok := row[name]; ok {
		return v
	}
	r.load(name)
	return r.tx.values()[key{r.class.Name, r.id}][name]
}

// saved reports whether the record stands for a row. The row with id 0 is that
// of the user who is the server itself.
func (r *Record) saved() bool { return r.id > 0 || r.id == 0 && r.group != nil }

// computed gives a record in memory the fields that follow from its others.
func (r *Record) computed(name string) any {
	b := r.class.fields[name]
	if b == nil {
		return nil
	}
	if b.with != nil && !slices.Contains(r.computing, name) {
		r.computing = append(r.computing, name)
		defer func() { r.computing = r.computing[:len(r.computing)-1] }()
		return normal(b.with(r))
	}
	if name == "rec_name" && r.class.recName != nil {
		return r.class.recName(r)
	}
	return nil
}

// load reads the field (with all fields that cost no more) for the group.
func (r *Record) load(name string) {
	b := r.class.fields[name]
	if b == nil {
		panic(failure{NotFoundError("'%s'", name)})
	}
	records := r.missing(name)
	if b.stored() && !b.lazy() {
		Must(r.class.loadEager(r.tx, records))
		return
	}
	Must(r.class.loadField(r.tx, records, b))
}

// missing returns the records of the group around r whose field is not read yet.
func (r *Record) missing(name string) []*Record {
	if r.group == nil {
		return []*Record{r}
	}
	group := *r.group
	start := max(0, slices.Index(group, r))
	records := make([]*Record, 0, min(len(group), prefetch))
	for i := 0; i < len(group) && len(records) < prefetch; i++ {
		other := group[(start+i)%len(group)]
		if !other.saved() {
			continue
		}
		if _, ok := r.tx.values()[key{r.class.Name, other.id}][name]; !ok {
			records = append(records, other)
		}
	}
	return records
}

// Set changes a field in memory. A value of the wrong type counts as null:
// what a half-filled form sends is no error.
func (r *Record) Set(name string, v any) {
	b := r.class.fields[name]
	if b == nil {
		r.own[name] = v // _parent_x and the like
		return
	}
	if v != nil {
		parsed, err := b.kind.parse(v)
		if err != nil {
			parsed = nil
		}
		v = parsed
	}
	if r.own == nil {
		r.own = map[string]any{}
	}
	r.own[name] = v
	if !slices.Contains(r.changed, name) {
		r.changed = append(r.changed, name)
	}
}

// link returns the target of a Many2One.
func (r *Record) link(f *Field) *Record {
	if r == nil {
		return nil
	}
	if parent, ok := r.own["_parent_"+f.name].(*Record); ok {
		return parent
	}
	id, ok := r.Get(f.name).(int64)
	if !ok || id < 0 {
		return nil
	}
	return r.tx.Class(f.Relation).linked(r, f, id)
}

// linked browses a target together with the targets of r's group, so that
// they are read together.
func (c *Class) linked(r *Record, f *Field, id int64) *Record {
	if r.group == nil || len(*r.group) < 2 {
		return c.Browse(r.tx, []int64{id})[0]
	}
	ids := []int64{id}
	for _, other := range *r.group {
		v, ok := r.tx.values()[key{r.class.Name, other.id}][f.name].(int64)
		if ok && v != id && len(ids) < prefetch {
			ids = append(ids, v)
		}
	}
	slices.Sort(ids[1:])
	return c.Browse(r.tx, slices.Compact(ids))[0]
}

func (r *Record) reference(f *Field) *Record {
	ref := valueOf[value.Reference](f, r)
	if ref.ID <= 0 || ref.Model == "" || r.tx.Lookup(ref.Model) == nil {
		return nil
	}
	return r.tx.Class(ref.Model).Browse(r.tx, []int64{ref.ID})[0]
}

func (r *Record) links(f *Field) []*Record {
	if r == nil {
		return nil
	}
	target := r.tx.Class(f.Relation)
	switch v := r.Get(f.name).(type) {
	case []int64:
		return target.Browse(r.tx, v)
	case []*Record:
		return v
	case []any: // as a form holds them
		return target.children(r, f, v)
	}
	return nil
}

// children makes records of the values that a form holds for a One2Many.
func (c *Class) children(parent *Record, f *Field, list []any) []*Record {
	var records []*Record
	for _, item := range list {
		switch v := item.(type) {
		case int64:
			records = append(records, c.Browse(parent.tx, []int64{v})[0])
		case map[string]any:
			child := c.FromForm(parent.tx, v)
			if f.RelationField != "" {
				child.own["_parent_"+f.RelationField] = parent
			}
			records = append(records, child)
		}
	}
	return records
}

// FromForm makes a record of the values that a client's form holds: saved or
// not (a negative id), its fields as edited, its parent as an object.
func (c *Class) FromForm(tx *Tx, values map[string]any) *Record {
	r := &Record{tx: tx.Unchecked(), class: c, own: map[string]any{}}
	for name, v := range values {
		if name == "id" {
			r.id, _ = v.(int64)
			continue
		}
		r.setForm(name, v)
	}
	r.changed = nil
	return r
}

func (r *Record) setForm(name string, v any) {
	b := r.class.fields[name]
	parent, isObject := v.(map[string]any)
	if b != nil && isObject && b.Relation != "" && b.kind.wire() == "many2one" {
		if target := r.tx.Lookup(b.Relation); target != nil {
			r.own["_parent_"+name] = target.FromForm(r.tx, parent)
			r.own[name] = nil
			if id, ok := parent["id"].(int64); ok {
				r.own[name] = id
			}
		}
		return
	}
	if rest, ok := cutParent(name); ok {
		r.setParent(rest[0], rest[1], v)
		return
	}
	r.Set(name, v)
}

// setParent keeps a flattened "_parent_payment.amount".
func (r *Record) setParent(field, name string, v any) {
	b := r.class.fields[field]
	if b == nil || r.tx.Lookup(b.Relation) == nil {
		return
	}
	parent, ok := r.own["_parent_"+field].(*Record)
	if !ok {
		parent = r.tx.Class(b.Relation).New(r.tx, nil)
		r.own["_parent_"+field] = parent
	}
	parent.Set(name, v)
}

// text is the id as users read it in messages.
func (r *Record) text() string { return strconv.FormatInt(r.id, 10) }
