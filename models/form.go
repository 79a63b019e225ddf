package models

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"paytond/models/value"
)

// checkForm refuses to compute anything for a form of a model that the user may
// not read, or that names records which he may not read: what follows from
// them would tell him what they hold. Models without records are open to all.
func (c *Class) checkForm(tx *Tx, values map[string]any) error {
	if !c.ViewOnly {
		if err := c.checkModel(tx, Read); err != nil {
			return err
		}
	}
	if !tx.check || tx.user == 0 || c.registry.access == nil {
		return nil
	}
	named := namedRecords{}
	named.of(c.FromForm(tx, values))
	for _, target := range slices.SortedFunc(maps.Keys(named), func(a, b *Class) int { return cmp.Compare(a.Name, b.Name) }) {
		rule, err := target.visible(tx)
		if err != nil {
			return err
		}
		if rule == nil {
			continue
		}
		if err := target.checkRule(tx, unique(named[target]), Read); err != nil {
			return err
		}
	}
	return nil
}

// namedRecords are the ids of the saved records that a form names.
type namedRecords map[*Class][]int64

func (n namedRecords) add(c *Class, id int64) {
	if c != nil && !c.ViewOnly && id > 0 {
		n[c] = append(n[c], id)
	}
}

// of adds what a record of a form is, and links to.
func (n namedRecords) of(r *Record) {
	n.add(r.class, r.id)
	for name, v := range r.own {
		if parent, ok := v.(*Record); ok && strings.HasPrefix(name, "_parent_") {
			n.of(parent)
			continue
		}
		b := r.class.fields[name]
		if b == nil {
			continue
		}
		switch v := v.(type) {
		case int64:
			if target := r.tx.Lookup(b.Relation); target != nil && !r.holds(name, v) {
				n.add(target, v)
			}
		case value.Reference:
			if !r.holds(name, v) {
				n.add(r.tx.Lookup(v.Model), v.ID)
			}
		case []any:
			n.children(r, b, v)
		}
	}
}

// children adds the records of a relation to many, without the way back to the record that has them.
func (n namedRecords) children(r *Record, b *bound, list []any) {
	target := r.tx.Lookup(b.Relation)
	if target == nil {
		return
	}
	for _, child := range target.children(r, b.Field, list) {
		delete(child.own, "_parent_"+b.RelationField)
		n.of(child)
	}
}

// holds reports whether the saved record links so, too: who may read the
// record reads what follows from that.
func (r *Record) holds(name string, v any) bool {
	return r.id > 0 && !r.class.ViewOnly && r.class.Browse(r.tx, []int64{r.id})[0].Get(name) == v
}
