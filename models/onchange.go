package models

import (
	"slices"
)

// defaults returns the default values of the named fields as a form starts with.
func (c *Class) defaults(tx *Tx, names []string, withNames bool) (map[string]any, error) {
	result := map[string]any{}
	for _, name := range names {
		b := c.fields[name]
		if b == nil {
			return nil, NotFoundError("'%s'", name)
		}
		v := b.formDefault(tx)
		if v == nil && b.def == nil {
			continue
		}
		result[name] = v
		if id, ok := v.(int64); ok && withNames && b.Relation != "" {
			result[name+"."] = map[string]any{"rec_name": tx.Class(b.Relation).Browse(tx, []int64{id})[0].Name()}
		}
	}
	c.hideFields(tx, result)
	return result, nil
}

// formDefault is the default of a field for a form, where a name that the user
// typed into a relation counts.
func (b *bound) formDefault(tx *Tx) any {
	if typed, ok := tx.context["default_rec_name"].(string); ok && b.name == b.class.Model.RecName {
		return typed
	}
	return b.defaultFor(tx)
}

// defaultFor is the default of a field: booleans always have one.
func (b *bound) defaultFor(tx *Tx) any {
	var v any
	if b.def != nil {
		v = normal(b.def(tx.Unchecked()))
	}
	if _, boolean := b.kind.(booleanKind); boolean && v == nil {
		return false
	}
	return v
}

// onChange runs the functions bound to the changed fields on what the form
// holds, and returns for each field that has some what they changed.
func (c *Class) onChange(tx *Tx, values map[string]any, names []string) ([]any, error) {
	if err := c.checkForm(tx, values); err != nil {
		return nil, err
	}
	result := []any{}
	for _, name := range names {
		b := c.fields[name]
		if b == nil {
			return nil, NotFoundError("'%s'", name)
		}
		if len(b.onChange) == 0 {
			continue
		}
		r := c.FromForm(tx, values)
		for _, do := range b.onChange {
			do(r)
		}
		changes := r.changes()
		c.hideFields(tx, changes)
		result = append(result, changes)
	}
	return result, nil
}

// changes are the values set on the record in memory, as a client takes them.
func (r *Record) changes() map[string]any {
	result := map[string]any{}
	for _, name := range r.changed {
		b := r.class.fields[name]
		if b == nil {
			continue
		}
		v := r.own[name]
		result[name] = v
		if id, ok := v.(int64); ok && b.Relation != "" && id > 0 {
			result[name+"."] = map[string]any{"rec_name": r.link(b.Field).Name()}
		}
	}
	return result
}

// onChangeWith computes the named fields from what the form holds.
func (c *Class) onChangeWith(tx *Tx, values map[string]any, names []string) (map[string]any, error) {
	if err := c.checkForm(tx, values); err != nil {
		return nil, err
	}
	result := map[string]any{}
	for _, name := range names {
		b := c.fields[name]
		if b == nil {
			return nil, NotFoundError("'%s'", name)
		}
		if b.with == nil {
			continue
		}
		r := c.FromForm(tx, values)
		if !slices.Contains(b.withNames, name) { // a field may follow from its own text
			delete(r.own, name)
		}
		result[name] = normal(b.with(r))
	}
	c.hideFields(tx, result)
	return result, nil
}

// bindOnChange gives clients a method for each bound field.
func (c *Class) bindOnChange() {
	for _, b := range c.list {
		name := b.name
		if len(b.onChange) > 0 {
			c.Method(Method{Name: "on_change_" + name, ReadOnly: true, Do: func(tx *Tx, a *Args) (any, error) {
				values := a.Map(0)
				if a.Err() != nil {
					return nil, a.Err()
				}
				list, err := c.onChange(tx, values, []string{name})
				if err != nil {
					return nil, err
				}
				return list[0], nil
			}})
		}
		if b.with != nil {
			c.Method(Method{Name: "on_change_with_" + name, ReadOnly: true, Do: func(tx *Tx, a *Args) (any, error) {
				values := a.Map(0)
				if a.Err() != nil {
					return nil, a.Err()
				}
				result, err := c.onChangeWith(tx, values, []string{name})
				return result[name], err
			}})
		}
	}
}

// Selections binds a method that gives the values of a selection. With reads,
// the client sends what the form holds of those fields.
func (c *Class) Selections(name string, list func(r *Record) [][2]any, reads ...Named) {
	c.Method(Method{Name: name, ReadOnly: true, Help: "The values of a selection and their labels.", Do: func(tx *Tx, a *Args) (any, error) {
		values := map[string]any{}
		if len(reads) > 0 {
			values = a.Map(0)
		}
		if a.Err() != nil {
			return nil, a.Err()
		}
		if len(reads) > 0 {
			if err := c.checkForm(tx, values); err != nil {
				return nil, err
			}
		}
		return list(c.FromForm(tx, values)), nil
	}})
}

// Completion binds autocomplete_<field>: texts that complete what the form holds.
func (c *Class) Completion(f Named, list func(r *Record) []string, reads ...Named) {
	c.field(f).Autocomplete = names(reads)
	c.Method(Method{Name: "autocomplete_" + f.FieldName(), ReadOnly: true, Cache: day, Do: func(tx *Tx, a *Args) (any, error) {
		values := a.Map(0)
		if a.Err() != nil {
			return nil, a.Err()
		}
		if err := c.checkForm(tx, values); err != nil {
			return nil, err
		}
		return slices.Clip(list(c.FromForm(tx, values))), nil
	}})
}
