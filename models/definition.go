package models

import (
	"maps"
	"slices"
	"strings"

	"paytond/models/domain"
	"paytond/models/pyson"
)

// FieldsGet is what a client learns of the named fields (nil for all) that
// the user may read.
func (c *Class) FieldsGet(tx *Tx, names []string) (map[string]any, error) {
	rights := c.fieldRights(tx)
	result := map[string]any{}
	for _, b := range c.list {
		if names != nil && !slices.Contains(names, b.name) {
			continue
		}
		if r, limited := rights[b.name]; limited && !r.Read {
			continue
		}
		result[b.name] = b.limited(b.definition(tx), rights)
	}
	for _, name := range names {
		if c.fields[name] == nil {
			return nil, NotFoundError("'%s'", name)
		}
	}
	return result, nil
}

// limited makes the definition of a field read-only that the user may not write.
func (b *bound) limited(definition map[string]any, rights map[string]Rights) map[string]any {
	if r, ok := rights[b.name]; ok && !r.Write {
		definition["readonly"] = true
		states := maps.Clone(b.States)
		delete(states, "readonly")
		definition["states"] = encodePYSON(states)
	}
	return definition
}

// definition describes the field to a client (PROTOCOL §6.3).
func (b *bound) definition(tx *Tx) map[string]any {
	label, help := b.inWords(tx)
	d := map[string]any{
		"name": b.name, "type": b.kind.wire(), "string": label, "help": help,
		"required": b.Required, "readonly": b.Readonly || b.Function && b.setter == nil && !b.class.ViewOnly,
		"states": encodePYSON(b.States), "domain": encodePYSON(orEmpty(b.Domain)), "context": encodePYSON(b.Context),
		"depends": texts(b.Depends), "loading": "eager",
		"on_change": []string{}, "on_change_with": texts(b.withNames),
		"searchable": b.searchable(), "sortable": b.sortable(),
		"create": true, "delete": true,
	}
	if b.lazy() || b.Translate {
		d["loading"] = "lazy"
	}
	if len(b.onChange) > 0 {
		d["on_change"] = texts(b.onChangeNames)
	}
	b.describeKind(tx, d)
	return d
}

func orEmpty(list []any) any {
	if list == nil {
		return []any{}
	}
	return list
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// encodePYSON is the text of an expression; no map is an empty one.
func encodePYSON(v any) string {
	if m, ok := v.(map[string]any); ok && m == nil {
		v = map[string]any{}
	}
	return pyson.Encode(v)
}

func (b *bound) searchable() bool {
	if b.name == "rec_name" || b.searcher != nil {
		return true
	}
	_, binary := b.kind.(binaryKind)
	return !b.Function && !binary && !b.class.ViewOnly
}

func (b *bound) sortable() bool {
	if b.name == "rec_name" || b.order != nil {
		return true
	}
	return b.stored() && !b.class.ViewOnly
}

// describeKind adds what only this type of field has.
func (b *bound) describeKind(tx *Tx, d map[string]any) {
	switch k := b.kind.(type) {
	case charKind:
		d["translate"] = b.Translate
		d["autocomplete"] = texts(b.Autocomplete)
		if b.Size != nil {
			d["size"] = pyson.Encode(b.Size)
		}
	case integerKind:
	case floatKind, numericKind:
		d["digits"] = "null"
		if b.Digits[1] != nil {
			d["digits"] = pyson.Encode([]any{b.Digits[0], b.Digits[1]})
		}
	case timeKind, dateTimeKind:
		d["format"] = pyson.Encode(b.format(k))
	case timeDeltaKind:
		d["converter"] = nil
	case selectionKind, multiSelectionKind:
		b.describeSelection(tx, d)
	case referenceKind:
		b.describeSelection(tx, d)
		b.describeRelation(d)
	case many2OneKind:
		d["relation"] = b.Relation
		if back := b.backward(tx); back != "" {
			d["relation_field"] = back
		}
		b.describeRelation(d)
	case x2ManyKind:
		b.describeMany(tx, d, k)
	case binaryKind:
		d["filename"] = b.Filename
	case dictKind:
		d["schema_model"] = b.SchemaModel
	}
}

func (b *bound) format(k kind) any {
	if b.Format != nil {
		return b.Format
	}
	if t, ok := k.(dateTimeKind); ok && t.micro {
		return "%H:%M:%S.%f"
	}
	return "%H:%M:%S"
}

func (b *bound) describeSelection(tx *Tx, d map[string]any) {
	if b.SelectionMethod != "" {
		d["selection"] = b.SelectionMethod
	} else {
		list := make([]any, len(b.Selection))
		for i, item := range b.Selection {
			list[i] = []any{item[0], b.option(tx, item[1])}
		}
		d["selection"] = list
	}
	d["selection_change_with"] = texts(b.SelectionChangeWith)
	d["sort"] = !b.Unsorted
	d["help_selection"] = nil
}

func (b *bound) describeRelation(d map[string]any) {
	d["datetime_field"] = nil
	if b.DatetimeField != "" {
		d["datetime_field"] = b.DatetimeField
	}
	d["search_context"] = encodePYSON(b.SearchContext)
	d["search_order"] = pyson.Encode(b.SearchOrder)
}

func (b *bound) describeMany(tx *Tx, d map[string]any, k x2ManyKind) {
	d["relation"] = b.Relation
	if !k.many && b.RelationField != "" {
		d["relation_field"] = b.RelationField
	}
	if b.AddRemove != nil || k.many {
		d["add_remove"] = pyson.Encode(orEmpty(b.AddRemove))
	}
	if b.Size != nil {
		d["size"] = pyson.Encode(b.Size)
	}
	order := b.Order
	if target := tx.Lookup(b.Relation); order == nil && target != nil {
		order = target.visibleOrder(tx)
	}
	d["order"] = wireOrder(order)
	b.describeRelation(d)
}

// visibleOrder is the model's own order without fields that the user may not read.
func (c *Class) visibleOrder(tx *Tx) []domain.OrderTerm {
	rights := c.fieldRights(tx)
	return slices.DeleteFunc(slices.Clone(c.Order), func(term domain.OrderTerm) bool {
		first, _, _ := strings.Cut(term.Field, ".")
		r, limited := rights[first]
		return limited && !r.Read
	})
}

// wireOrder is an order as clients get it: at last by the id.
func wireOrder(order []domain.OrderTerm) []any {
	wire, _ := domain.Order(order).Wire().([]any)
	for _, term := range order {
		if term.Field == "id" {
			return wire
		}
	}
	return append(wire, []any{"id", nil})
}

// backward is the One2Many of the target that a Many2One mirrors, "" if there is none.
func (b *bound) backward(tx *Tx) string {
	target := tx.Lookup(b.Relation)
	if target == nil || b.Function {
		return ""
	}
	for _, other := range target.list {
		k, ok := other.kind.(x2ManyKind)
		if ok && !k.many && !other.Function && other.Relation == b.class.Name && other.RelationField == b.name {
			return other.name
		}
	}
	return ""
}
