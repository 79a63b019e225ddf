package models

import (
	"slices"

	"paytond/models/domain"
	"paytond/sql"
)

// BelongsTo says that a record of the class is part of the one that a reference field names: who may read that one reads it, and
// who may write to that one creates, changes and deletes it. It is a record rule, and holds wherever rules do. What belongs to such a
// part belongs to the same; no more than that is followed.
func (c *Class) BelongsTo(f Named) { c.belongsTo = c.field(f).name }

// within is the operator of that rule. Clients have no word for it.
const within domain.Op = "within"

// belonging is the rule by which records of the class belong to others, nil for none, and what it is called.
func (c *Class) belonging(mode Mode) (domain.Node, []string) {
	if c.belongsTo == "" {
		return nil, nil
	}
	if mode != Read {
		mode = Write
	}
	return &domain.Clause{Field: c.belongsTo, Op: within, Value: mode}, []string{c.fields[c.belongsTo].String}
}

// owned is the condition that the user of the transaction has the right to the record that a reference names.
func (t *translator) owned(b *bound, mode Mode, alias string) (sql.F, error) {
	user := *t.tx
	user.check = true
	expr := col(alias, b.name)
	model := "RTRIM(" + expr + ", '-0123456789')" // with the comma
	var free []string
	var conditions []sql.F
	for _, target := range t.tx.Registry().Classes() {
		if !target.Stored() || !target.modelRights(&user).Can(mode) || target.belongsTo != "" && t.owning {
			continue
		}
		rule, _ := target.rule(&user, mode)
		if rule == nil {
			free = append(free, target.Name+",")
			continue
		}
		inner := &translator{tx: t.tx.Unchecked(), n: t.n + 1000, owning: true}
		far := inner.alias()
		where, err := inner.where(target, rule, far)
		if err != nil {
			return sql.F{}, err
		}
		conditions = append(conditions, sql.SQL("CASE WHEN "+model+" = ? THEN EXISTS (SELECT 1 FROM ? WHERE ?) ELSE FALSE END", target.Name+",", target.from(t.tx, far),
			sql.And(sql.SQL(col(far, "id")+" = CAST(SUBSTR("+expr+", ?) AS INTEGER)", int64(len(target.Name)+2)), where)))
	}
	if len(free) > 0 {
		conditions = slices.Insert(conditions, 0, sql.SQL(model+" IN (?)", free))
	}
	return sql.Or(conditions...), nil
}
