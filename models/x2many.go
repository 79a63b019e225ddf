package models

import (
	"slices"

	"paytond/models/domain"
	"paytond/models/value"
)

// WriteLinks applies a client's commands for a One2Many or Many2Many of records that the caller has the right to change. What the commands
// do to other records is subject to the rights of tx's user.
func (c *Class) WriteLinks(tx *Tx, records []*Record, f Named, commands any) error {
	b := c.field(f)
	k, many := b.kind.(x2ManyKind)
	if !many || b.Function {
		return BadRequest("\"%s\" holds no links", b.name)
	}
	return c.writeLinks(tx, records, b, k, commands)
}

// writeLinks applies the commands that a client sends for a One2Many or
// Many2Many (PROTOCOL §2, "Writing x2many").
func (c *Class) writeLinks(tx *Tx, records []*Record, b *bound, k x2ManyKind, v any) error {
	commands, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		return BadRequest("the value for \"%s\" must be a list of commands", b.name)
	}
	for _, item := range commands {
		command, ok := item.([]any)
		if !ok || len(command) == 0 {
			return BadRequest("the value for \"%s\" must be a list of commands", b.name)
		}
		if err := c.applyCommand(tx, records, b, k, command); err != nil {
			return err
		}
	}
	return nil
}

func (c *Class) applyCommand(tx *Tx, records []*Record, b *bound, k x2ManyKind, command []any) error {
	name, _ := command[0].(string)
	a := NewArgs(command[1:]...)
	target := tx.Class(b.Relation)
	links := links{c, b, k, target}
	switch name {
	case "create":
		return links.create(tx, records, a)
	case "write":
		for i := 0; i+1 < a.Len(); i += 2 {
			ids, values := a.IDs(i), Values(a.Map(i+1))
			if a.Err() != nil {
				return a.Err()
			}
			if err := target.Write(tx, target.Browse(tx, ids), values); err != nil {
				return err
			}
		}
		return a.Err()
	case "delete":
		ids := a.IDs(0)
		if a.Err() != nil {
			return a.Err()
		}
		return target.Delete(tx, target.Browse(tx, ids))
	case "add":
		return links.add(tx, records, a.IDs(0), a)
	case "remove":
		return links.remove(tx, records, a.IDs(0), a)
	case "copy":
		ids, values := a.IDs(0), Values(a.Map(1))
		if a.Err() != nil {
			return a.Err()
		}
		for _, r := range records {
			copied, err := target.Copy(tx, target.Browse(tx, ids), links.own(r, values))
			if err != nil {
				return err
			}
			if k.many {
				if err := links.add(tx, []*Record{r}, IDsOf(copied), a); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return BadRequest("\"%s\" is no command of \"%s\"", name, b.name)
}

// links is one x2many field of records, as commands change it.
type links struct {
	c      *Class
	b      *bound
	k      x2ManyKind
	target *Class
}

// own adds to the values of a child the link back to its parent.
func (l links) own(r *Record, values Values) Values {
	result := Values{}
	for name, v := range values {
		result[name] = v
	}
	if !l.k.many {
		result[l.b.RelationField] = l.key(r)
	}
	return result
}

// key is what the link back holds for a record.
func (l links) key(r *Record) any {
	if back := l.target.fields[l.b.RelationField]; back != nil && !l.k.many {
		if _, ok := back.kind.(referenceKind); ok {
			return value.Reference{Model: l.c.Name, ID: r.id}
		}
	}
	return r.id
}

func (l links) create(tx *Tx, records []*Record, a *Args) error {
	var list []Values
	for _, item := range a.List(0) {
		values, ok := item.(map[string]any)
		if !ok {
			return BadRequest("\"create\" wants a list of values")
		}
		list = append(list, values)
	}
	if a.Err() != nil || len(list) == 0 {
		return a.Err()
	}
	for _, r := range records {
		children := make([]Values, len(list))
		for i, values := range list {
			children[i] = l.own(r, values)
		}
		created, err := l.target.Create(tx, children)
		if err != nil {
			return err
		}
		if l.k.many {
			if err := l.add(tx, []*Record{r}, IDsOf(created), a); err != nil {
				return err
			}
		}
	}
	return nil
}

// add links records; those that are linked already are left as they are.
func (l links) add(tx *Tx, records []*Record, ids []int64, a *Args) error {
	if a.Err() != nil {
		return a.Err()
	}
	for _, r := range records {
		have, _ := l.c.Browse(tx, []int64{r.id})[0].Get(l.b.name).([]int64)
		missing := without(unique(ids), have)
		if len(missing) == 0 {
			continue
		}
		if !l.k.many {
			if err := l.target.Write(tx, l.target.Browse(tx, missing), Values{l.b.RelationField: l.key(r)}); err != nil {
				return err
			}
			continue
		}
		rel := tx.Class(l.b.Through)
		rows := make([]Values, len(missing))
		for i, id := range missing {
			rows[i] = Values{l.b.RelationField: r.id, l.b.RelationTarget: id}
		}
		if _, err := rel.Create(tx.Unchecked(), rows); err != nil {
			return err
		}
	}
	return nil
}

// remove unlinks records without deleting them.
func (l links) remove(tx *Tx, records []*Record, ids []int64, a *Args) error {
	if a.Err() != nil || len(ids) == 0 {
		return a.Err()
	}
	if !l.k.many {
		var own []int64
		for _, r := range records {
			have, _ := l.c.Browse(tx, []int64{r.id})[0].Get(l.b.name).([]int64)
			own = append(own, have...)
		}
		return l.target.Write(tx, l.target.Browse(tx, common(ids, own)), Values{l.b.RelationField: nil})
	}
	rel := tx.Class(l.b.Through)
	rows := rel.SearchRecords(tx, domain.AllOf(
		domain.C(l.b.RelationField, domain.In, anys(IDsOf(records))),
		domain.C(l.b.RelationTarget, domain.In, anys(ids))))
	return rel.Delete(tx.Unchecked(), rows)
}

// common are the ids that are in both lists.
func common(ids, others []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !slices.Contains(others, id) })
}

// Copy stores copies of the records, with the defaults given instead of theirs.
// What the user cannot read is copied all the same; what he gives is subject to
// his rights.
func (c *Class) Copy(tx *Tx, records []*Record, defaults Values) ([]*Record, error) {
	if _, err := c.own(records); err != nil {
		return nil, err
	}
	base := tx.inBase()
	copies, err := c.copy(base, c.Browse(base, IDsOf(records)), defaults, nil)
	if err != nil {
		return nil, err
	}
	return c.Browse(tx, IDsOf(copies)), nil
}

// copy is Copy for records that belong to others which are being copied.
func (c *Class) copy(tx *Tx, records []*Record, defaults Values, within []*Record) ([]*Record, error) {
	if err := c.checkCopy(tx, records, defaults); err != nil {
		return nil, err
	}
	plain, given := Values{}, Values{}
	for name, v := range defaults {
		if c.fields[name].stored() {
			plain[name] = v
		} else {
			given[name] = v
		}
	}
	list := make([]Values, len(records))
	linked := make([]map[string][]int64, len(records))
	for i, r := range records {
		if slices.ContainsFunc(within, func(o *Record) bool { return o.class == c && o.id == r.id }) {
			return nil, UserError("The records of \"%s\" cannot be copied because they contain each other.", c.label())
		}
		list[i] = c.copyValues(tx, r, plain)
		linked[i] = c.linkedToCopy(r, list[i], defaults)
	}
	copies, err := c.Create(tx.Unchecked(), list)
	if err != nil {
		return nil, err
	}
	for i, r := range records {
		if err := c.writeRest(tx, copies[i:i+1], given); err != nil {
			return nil, err
		}
		if err := c.copyTranslations(tx, r.id, copies[i].id); err != nil {
			return nil, err
		}
		if err := c.copyLinks(tx, copies[i], linked[i], append(within, r)); err != nil {
			return nil, err
		}
	}
	if node, _ := c.rule(tx, Create); node == nil {
		return copies, nil
	}
	return copies, c.checkRule(tx, IDsOf(copies), Create)
}

func (c *Class) checkCopy(tx *Tx, records []*Record, defaults Values) error {
	if err := c.written(); err != nil {
		return err
	}
	if _, err := c.own(records); err != nil {
		return err
	}
	if err := c.checkNames(tx, defaults, Create); err != nil || !tx.check {
		return err
	}
	for _, mode := range []Mode{Read, Create} {
		if err := c.checkModel(tx, mode); err != nil {
			return err
		}
	}
	return c.checkRule(tx, unique(IDsOf(records)), Read)
}

// copyValues are the columns that a copy starts with. The relations that it
// takes over are not filled by their defaults.
func (c *Class) copyValues(tx *Tx, r *Record, defaults Values) Values {
	values := Values{}
	for _, b := range c.list {
		if _, many := b.kind.(x2ManyKind); many && !b.Function {
			values[b.name] = nil
		}
		if b.stored() && b.name != "id" {
			values[b.name] = r.Get(b.name)
		}
	}
	for _, change := range c.hooks.onCopy {
		change(tx.Unchecked(), values)
	}
	for name, v := range defaults {
		values[name] = v
	}
	return values
}

// linkedToCopy are the children and links of a record that its copy gets, as they
// are before anything is copied.
func (c *Class) linkedToCopy(r *Record, values, defaults Values) map[string][]int64 {
	linked := map[string][]int64{}
	for _, b := range c.list {
		_, many := b.kind.(x2ManyKind)
		_, given := defaults[b.name]
		_, kept := values[b.name]
		if many && kept && !given && !b.Function && !b.NoCopy {
			linked[b.name], _ = r.Get(b.name).([]int64)
		}
	}
	return linked
}

// copyLinks copies children, and links what is linked, to a copied record.
func (c *Class) copyLinks(tx *Tx, to *Record, linked map[string][]int64, within []*Record) error {
	for _, b := range c.list {
		ids := linked[b.name]
		if len(ids) == 0 {
			continue
		}
		k := b.kind.(x2ManyKind)
		l := links{c, b, k, tx.Class(b.Relation)}
		if k.many {
			if err := l.add(tx, []*Record{to}, ids, NewArgs()); err != nil {
				return err
			}
			continue
		}
		inner := tx
		if l.target.Internal { // part of the record that the user may copy, though he may not reach it itself
			inner = tx.Unchecked()
		}
		if _, err := l.target.copy(inner, l.target.Browse(inner, ids), l.own(to, nil), within); err != nil {
			return err
		}
	}
	return nil
}
