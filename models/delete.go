package models

import (
	"paytond/models/domain"
	"paytond/sql"
)

// Delete removes the records.
func (c *Class) Delete(tx *Tx, records []*Record) error {
	if len(records) == 0 {
		return nil
	}
	ids, err := c.own(records)
	if err != nil {
		return err
	}
	ids = unique(ids)
	if err := c.checkChange(tx, ids, Delete); err != nil {
		return err
	}
	for _, before := range c.hooks.beforeDelete {
		if err := before(tx.Unchecked(), records); err != nil {
			return err
		}
	}
	if c.hooks.del != nil {
		return c.hooks.del(tx.Unchecked(), records)
	}
	if err := c.deleteLinks(tx, ids); err != nil {
		return err
	}
	tx.touched()
	if _, err := tx.sql.Exec(tx.ctx, sql.SQL("DELETE FROM "+sql.Quote(c.Table)+` WHERE "id" IN (?)`, ids)); err != nil {
		if sql.KindOf(err) == sql.ForeignKeyViolation {
			return UserError("The records of \"%s\" cannot be deleted: they are used elsewhere.", c.label())
		}
		return op(err, "delete %s", c.Name)
	}
	if err := c.dropTranslations(tx, ids); err != nil {
		return err
	}
	return c.keepDeletion(tx, ids)
}

// deleteLinks looks after the records that a Many2One links to those that are
// to be deleted: it refuses where the link is RESTRICT, and deletes them through
// the framework where it is CASCADE, so that their own hooks run.
func (c *Class) deleteLinks(tx *Tx, ids []int64) error {
	free := tx.Unchecked().With(map[string]any{"active_test": false})
	var cascades []*bound
	for _, other := range c.registry.Classes() {
		for _, b := range other.list {
			if _, link := b.kind.(many2OneKind); !link || other.ViewOnly || !b.stored() || b.Relation != c.Name {
				continue
			}
			switch b.onDelete() {
			case "CASCADE":
				cascades = append(cascades, b)
			case "RESTRICT":
				if users, err := b.users(free, ids); err != nil || len(users) > 0 {
					return orError(err, "The records of \"%s\" cannot be deleted: they are used by the field \"%s\" of \"%s\".", c.label(), b.label(), other.label())
				}
			}
		}
	}
	for _, b := range cascades {
		users, err := b.users(free, ids)
		if err != nil {
			return err
		}
		if err := b.class.Delete(free, b.class.Browse(free, users)); err != nil {
			return err
		}
	}
	return nil
}

// orError is err, or an error for the user where there is none.
func orError(err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	return UserError(format, args...)
}

// users are the records whose link leads to one of ids, but are not among them.
func (b *bound) users(tx *Tx, ids []int64) ([]int64, error) {
	found, err := b.class.searchIDs(tx, domain.C(b.name, domain.In, anys(ids)), Search{Limit: -1, unordered: true})
	if b.Relation == b.class.Name {
		found = without(found, ids)
	}
	return found, err
}

// onDelete is what happens to the record when the target of a Many2One is deleted.
func (b *bound) onDelete() string {
	switch {
	case b.OnDelete == "-":
		return ""
	case b.OnDelete != "":
		return b.OnDelete
	case b.Required:
		return "RESTRICT"
	}
	return "SET NULL"
}
