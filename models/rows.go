package models

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paytond/models/domain"
	"paytond/models/value"
)

// ReadRows is the client's read: one object per id with the named fields.
// Names may be dotted, and _timestamp, _write and _delete. The order of rows
// is that of the ids, without repetition.
func (c *Class) ReadRows(tx *Tx, ids []int64, names []string) ([]map[string]any, error) {
	if err := c.checkRead(tx, names); err != nil {
		return nil, err
	}
	ids = unique(ids)
	if len(ids) == 0 {
		return []map[string]any{}, nil
	}
	if err := c.checkRule(tx, ids, Read); err != nil {
		return nil, err
	}
	return c.rows(tx, ids, names)
}

// maxDots bounds the links that a name to be read follows.
const maxDots = 10

// checkRead refuses unknown fields and those that the user may not read.
func (c *Class) checkRead(tx *Tx, names []string) error {
	if err := c.checkModel(tx, Read); err != nil {
		return err
	}
	for _, name := range names {
		if strings.Count(name, ".") > maxDots {
			return BadRequest("a name leads through too many links")
		}
		first, rest, dotted := strings.Cut(name, ".")
		b := c.fields[first]
		if b == nil && first != "_timestamp" && first != "_write" && first != "_delete" {
			return NotFoundError("'%s'", first)
		}
		if !dotted {
			continue
		}
		if b == nil || b.Relation == "" && b.Kind() != "reference" {
			return NotFoundError("'%s'", name) // it leads through what is no link
		}
		if target := tx.Lookup(b.Relation); target != nil {
			if err := target.checkRead(tx, []string{rest}); err != nil {
				return err
			}
		}
	}
	return c.checkFields(tx, names, Read)
}

func (c *Class) rows(tx *Tx, ids []int64, names []string) ([]map[string]any, error) {
	rows, _, err := c.weighedRows(tx, ids, names)
	return rows, err
}

// weighedRows are rows with what each of them weighs with all that it links to.
func (c *Class) weighedRows(tx *Tx, ids []int64, names []string) ([]map[string]any, []weight, error) {
	plain, dotted := splitNames(names)
	records := c.Browse(tx, ids)
	rows := make([]map[string]any, len(records))
	for i, r := range records {
		rows[i] = make(map[string]any, len(names)+1)
		rows[i]["id"] = r.id
	}
	if err := c.loadAsked(tx, records, append(sortedKeys(dotted), plain...)); err != nil {
		return nil, nil, err
	}
	for _, name := range plain {
		if err := c.fill(tx, records, rows, name); err != nil {
			return nil, nil, err
		}
	}
	weights := weigh(rows)
	for _, first := range sortedKeys(dotted) {
		if err := c.follow(tx, records, rows, weights, first, dotted[first]); err != nil {
			return nil, nil, err
		}
	}
	return rows, weights, nil
}

// loadAsked reads only what is asked for, in one statement, where that is all that will be read: where something asked
// for is computed, all columns are read when it is.
func (c *Class) loadAsked(tx *Tx, records []*Record, names []string) error {
	var fields []*bound
	for _, name := range names {
		b := c.fields[name]
		if name == "rec_name" && c.recName == nil && b.getter == nil {
			b = c.fields[c.RecName]
		}
		switch _, many := kindOf(b).(x2ManyKind); {
		case name == "id" || name == "_write" || name == "_delete":
		case name == "_timestamp":
			for _, part := range []*bound{c.fields["create_date"], c.fields["write_date"]} {
				if !slices.Contains(fields, part) {
					fields = append(fields, part)
				}
			}
		case slices.Contains(fields, b): // asked for twice
		case b != nil && b.stored():
			fields = append(fields, b)
		case many && !b.Function:
		default:
			return nil
		}
	}
	if len(fields) == 0 {
		return nil
	}
	for some := range slices.Chunk(records, prefetch) {
		if err := c.loadColumns(tx, some, fields); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(b *bound) kind {
	if b == nil {
		return nil
	}
	return b.kind
}

// splitNames groups dotted names by their first part.
func splitNames(names []string) (plain []string, dotted map[string][]string) {
	dotted = map[string][]string{}
	for _, name := range names {
		first, rest, ok := strings.Cut(name, ".")
		if ok && rest != "" {
			dotted[first] = append(dotted[first], rest)
		} else {
			plain = append(plain, first)
		}
	}
	return plain, dotted
}

// fill sets one plain name in all rows.
func (c *Class) fill(tx *Tx, records []*Record, rows []map[string]any, name string) error {
	switch name {
	case "_timestamp":
		for i, r := range records {
			rows[i][name] = r.Timestamp()
		}
	case "_write", "_delete":
		return c.fillAllowed(tx, rows, name)
	default:
		_, binary := c.fields[name].kind.(binaryKind)
		size := binary && tx.context[c.Name+"."+name] == "size"
		if tx.check && c.fields[name].Secret {
			for _, row := range rows {
				row[name] = nil
			}
			return nil
		}
		shown, err := c.shownTargets(tx, records, name)
		if err != nil {
			return err
		}
		for i, r := range records {
			v := r.Get(name)
			if ids, ok := v.([]int64); ok && shown != nil {
				v = shown(ids)
			}
			if data, ok := v.([]byte); ok && size {
				v = int64(len(data))
			}
			if show := c.fields[name].show; show != nil {
				v = show(v)
			}
			rows[i][name] = v
		}
	}
	return nil
}

// Shown has clients read a stored field otherwise than it is kept, wherever and however they read it: show makes what they see of a value
// that is stored. Business code reads what is stored.
func (c *Class) Shown(f Named, show func(stored any) any) { c.fields[f.FieldName()].show = show }

// fillAllowed says for each row whether the record rules allow to write or delete it.
func (c *Class) fillAllowed(tx *Tx, rows []map[string]any, name string) error {
	mode := map[string]Mode{"_write": Write, "_delete": Delete}[name]
	rule, _ := c.rule(tx, mode)
	allowed := map[int64]bool{}
	if rule != nil {
		ids := make([]int64, len(rows))
		for i, row := range rows {
			ids[i] = row["id"].(int64)
		}
		found, err := c.searchIDs(tx.With(map[string]any{"active_test": false}), domain.C("id", domain.In, anys(ids)), Search{Limit: -1, unordered: true, rule: rule})
		if err != nil {
			return err
		}
		for _, id := range found {
			allowed[id] = true
		}
	}
	for _, row := range rows {
		row[name] = rule == nil || allowed[row["id"].(int64)]
	}
	return nil
}

// Timestamp is the time of the record's last change as clients keep it:
// seconds since 1970 with six decimals.
func (r *Record) Timestamp() string {
	changed, ok := r.Get("write_date").(time.Time)
	if !ok {
		changed, _ = r.Get("create_date").(time.Time)
	}
	return fmt.Sprintf("%d.%06d", changed.Unix(), changed.Nanosecond()/1000)
}

// shownTargets returns a filter of the ids in a relation to many of the
// records that leaves those the user may see, none of a model that he may not
// read; nil where he may see all.
func (c *Class) shownTargets(tx *Tx, records []*Record, name string) (func([]int64) []int64, error) {
	b := c.fields[name]
	if _, many := b.kind.(x2ManyKind); !many || !tx.check {
		return nil, nil
	}
	target := tx.Class(b.Relation)
	if !target.modelRights(tx).Read {
		return func([]int64) []int64 { return []int64{} }, nil
	}
	if rule, _ := target.rule(tx, Read); rule == nil {
		return nil, nil
	}
	var all []int64
	for _, r := range records {
		ids, _ := r.Get(name).([]int64)
		all = append(all, ids...)
	}
	seen, err := target.onlySeen(tx, unique(all))
	shown := make(map[int64]bool, len(seen))
	for _, id := range seen {
		shown[id] = true
	}
	return func(ids []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !shown[id] })
	}, err
}

// follow reads names of linked records into "<first>." of each row. As in the
// peer, what a link leads to is refused where the user may not read it, while
// lists show what he may.
func (c *Class) follow(tx *Tx, records []*Record, rows []map[string]any, weights []weight, first string, names []string) error {
	b := c.fields[first]
	targets := map[string][]int64{}
	for _, r := range records {
		for _, ref := range b.targets(r) {
			targets[ref.Model] = append(targets[ref.Model], ref.ID)
		}
	}
	_, many := b.kind.(x2ManyKind)
	found := map[value.Reference]linkedRow{}
	for _, model := range sortedKeys(targets) {
		target := tx.Class(model)
		linked, own, err := target.readLinked(tx, unique(targets[model]), names, many)
		if err != nil {
			return err
		}
		for i, row := range linked {
			found[value.Reference{Model: model, ID: row["id"].(int64)}] = linkedRow{row, own[i]}
		}
	}
	var all load
	for i, r := range records {
		refs := b.targets(r)
		for _, ref := range refs {
			weights[i] += found[ref].weight
		}
		if err := all.add(tx, weights[i]); err != nil {
			return err
		}
		rows[i][first+"."] = followed(refs, found, many)
	}
	return nil
}

// readLinked reads the targets of a relation: those that the user may see, or
// where it is a single link all, or an error.
func (c *Class) readLinked(tx *Tx, ids []int64, names []string, many bool) ([]map[string]any, []weight, error) {
	err := c.checkRead(tx, names)
	if err != nil {
		return nil, nil, err
	}
	if many {
		ids, err = c.onlySeen(tx, ids)
	} else if rule, _ := c.rule(tx, Read); rule != nil {
		err = c.checkRule(tx, ids, Read)
	}
	if err != nil {
		return nil, nil, err
	}
	return c.weighedRows(tx, ids, names)
}

func followed(refs []value.Reference, found map[value.Reference]linkedRow, many bool) any {
	if !many {
		if len(refs) == 0 {
			return nil
		}
		return found[refs[0]].row
	}
	list := make([]any, 0, len(refs))
	for _, ref := range refs {
		if linked, ok := found[ref]; ok {
			list = append(list, linked.row)
		}
	}
	return list
}

// targets are the references that a record's relation field holds.
func (b *bound) targets(r *Record) []value.Reference {
	switch v := r.Get(b.name).(type) {
	case int64:
		if b.Relation != "" {
			return []value.Reference{{Model: b.Relation, ID: v}}
		}
	case []int64:
		refs := make([]value.Reference, len(v))
		for i, id := range v {
			refs[i] = value.Reference{Model: b.Relation, ID: id}
		}
		return refs
	case value.Reference:
		if v.ID > 0 && r.tx.Lookup(v.Model) != nil {
			return []value.Reference{v}
		}
	}
	return nil
}
