package models

import (
	"strings"
	"time"

	"paytond/models/domain"
	"paytond/sql"
)

// from is the class's table under an alias: for a class with history and a
// context with a _datetime, the rows as they were then.
func (c *Class) from(tx *Tx, alias string) sql.F {
	if c.query != nil {
		return sql.SQL("(?) AS "+alias, c.query(tx))
	}
	at, ok := tx.historyTime()
	if !ok || !c.History {
		return sql.SQL(sql.Quote(c.Table) + " AS " + alias)
	}
	changed := `COALESCE(h."write_date", h."create_date")`
	return sql.SQL(`(SELECT * FROM (SELECT h.*, ROW_NUMBER() OVER (PARTITION BY h."id" ORDER BY `+changed+` DESC, h."__id" DESC) AS __rank FROM `+
		sql.Quote(c.historyTable())+` AS h WHERE `+changed+` <= ?) AS v WHERE v.__rank = 1 AND v."create_date" IS NOT NULL) AS `+alias, at)
}

func (c *Class) historyTable() string { return c.Table + "__history" }

// historyTime is the _datetime of the context; the empty text means none.
func (tx *Tx) historyTime() (time.Time, bool) {
	t, ok := tx.context["_datetime"].(time.Time)
	return t, ok
}

// order is an ORDER BY in the making: its terms and the joins that they need.
type order struct {
	*translator
	joins []sql.F
	terms []sql.F
}

// maxJoins bounds how far an order follows links.
const maxJoins = 5

// add appends what a term means: a column, a relation's own order, or what the
// class binds for a function field. own is for terms that the user did not
// choose: the orders of models, in which fields may be that he must not read.
func (o *order) add(c *Class, term domain.OrderTerm, alias string, depth int, own bool) error {
	name, rest, dotted := strings.Cut(term.Field, ".")
	if name == "rec_name" && !dotted {
		name = c.sortName()
	}
	b := c.fields[name]
	if b == nil {
		return NotFoundError("'%s'", name)
	}
	if !own {
		if err := c.checkFields(o.tx, []string{name}, Read); err != nil {
			return err
		}
	}
	if b.order != nil && !dotted {
		for _, f := range b.order(o.tx.Unchecked(), alias) {
			o.term(f, term, true)
		}
		return nil
	}
	if !b.stored() || b.Secret && o.tx.check {
		return BadRequest("\"%s\" cannot be ordered by \"%s\"", c.Name, name)
	}
	_, relation := b.kind.(many2OneKind)
	if dotted && (!relation || depth >= maxJoins) {
		return BadRequest("\"%s\" cannot be ordered by \"%s\"", c.Name, term.Field)
	}
	if relation && rest != "id" && depth < maxJoins {
		return o.relation(b, rest, term, alias, depth, own)
	}
	o.term(sql.SQL(b.read(o.tx, alias)), term, depth > 0 || !b.Required && b.name != "id")
	return nil
}

// sortName is the field that records are ordered by when they are ordered by
// their names: the id where the name is no column.
func (c *Class) sortName() string {
	for _, name := range []string{"rec_name", c.RecName} {
		if b := c.fields[name]; b != nil && (b.order != nil || b.stored()) {
			return name
		}
	}
	return "id"
}

// relation orders by the target's order, or by the dotted rest of the path.
func (o *order) relation(b *bound, rest string, term domain.OrderTerm, alias string, depth int, own bool) error {
	target := o.tx.Class(b.Relation)
	far := o.alias()
	o.joins = append(o.joins, sql.SQL(" LEFT JOIN ? ON "+col(far, "id")+" = "+col(alias, b.name), target.from(o.tx, far)))
	if rest != "" {
		if !own && rest != "rec_name" {
			if err := target.checkModel(o.tx, Read); err != nil {
				return err
			}
		}
		term.Field = rest
		return o.add(target, term, far, depth+1, own)
	}
	terms := target.Order
	if len(terms) == 0 {
		terms = []domain.OrderTerm{{Field: "rec_name"}}
	}
	for _, t := range terms {
		t.Desc = t.Desc != term.Desc
		if term.Nulls != "" {
			t.Nulls = term.Nulls
		}
		if err := o.add(target, t, far, depth+1, true); err != nil {
			return err
		}
	}
	return nil
}

// term appends an expression; nulls come last going up and first going down
// unless the term says otherwise, on both databases.
func (o *order) term(expr sql.F, t domain.OrderTerm, nullable bool) {
	text := " ASC"
	nulls := " NULLS LAST"
	if t.Desc {
		text, nulls = " DESC", " NULLS FIRST"
	}
	if t.Nulls != "" {
		nulls = " NULLS " + strings.TrimPrefix(strings.ToUpper(t.Nulls), "NULLS ")
	}
	if nullable || t.Nulls != "" {
		text += nulls
	}
	o.terms = append(o.terms, sql.SQL("?"+text, expr))
}

// selectRows returns columns (the id first) of the matching rows, in order.
func (c *Class) selectRows(tx *Tx, where domain.Node, s Search, columns ...string) ([][]any, error) {
	t := &translator{tx: tx}
	alias := t.alias()
	condition, err := t.condition(c, where, s.rule, alias)
	if err != nil {
		return nil, err
	}
	o := &order{translator: t}
	if !s.unordered {
		if err := o.all(c, s.Order, alias); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	b.WriteString("SELECT " + col(alias, "id"))
	for _, name := range columns {
		b.WriteString(", " + col(alias, name))
	}
	q := sql.SQL(b.String()+" FROM ?? WHERE ?", c.from(tx, alias), sql.Join(o.joins, ""), sql.And(condition))
	if len(o.terms) > 0 {
		q = sql.SQL("? ORDER BY ?", q, o.terms)
	}
	if s.Limit >= 0 {
		q = sql.SQL("? LIMIT ?", q, int64(s.Limit))
	} else if s.Offset > 0 {
		q = sql.SQL("? LIMIT ?", q, int64(1)<<62)
	}
	if s.Offset > 0 {
		q = sql.SQL("? OFFSET ?", q, int64(s.Offset))
	}
	if s.lock {
		if lock := tx.Dialect().LockClause(); lock != "" {
			q = sql.SQL("?"+strings.Replace(lock, "FOR UPDATE", "FOR UPDATE OF "+alias, 1), q)
		}
	}
	return tx.find(q)
}

// maxValues bounds the values in a domain: SQLite has a limit of arguments.
const maxValues = 30000

// find runs the query that a domain became.
func (tx *Tx) find(q sql.F) ([][]any, error) {
	if len(q.Args) > maxValues {
		return nil, BadRequest("the domain has too many values")
	}
	return tx.sql.QueryAll(tx.ctx, q)
}

// all adds the terms of an order, or the class's own, and the id at last: rows
// that are equal in all else keep their places.
func (o *order) all(c *Class, terms []domain.OrderTerm, alias string) error {
	own := terms == nil
	if own {
		terms = c.Order
	}
	byID := false
	for _, t := range terms {
		if err := o.add(c, t, alias, 0, own); err != nil {
			return err
		}
		byID = byID || t.Field == "id"
	}
	if !byID {
		o.terms = append(o.terms, sql.SQL(col(alias, "id")+" ASC"))
	}
	return nil
}

// activeTest hides inactive records, unless the context or the domain speaks of them.
func (c *Class) activeTest(tx *Tx, where domain.Node) domain.Node {
	if c.fields["active"] == nil || !c.fields["active"].stored() || tx.context["active_test"] == false {
		return where
	}
	for _, name := range domain.Fields(where) {
		if name == "active" {
			return where
		}
	}
	active := domain.C("active", domain.Equal, true)
	if where == nil {
		return active
	}
	return domain.AllOf(where, active)
}

// searchIDs returns the ids of the matching records, without regard to access
// on the model.
func (c *Class) searchIDs(tx *Tx, where domain.Node, s Search) ([]int64, error) {
	rows, err := c.selectRows(tx, where, s)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i], _ = row[0].(int64)
	}
	return ids, nil
}

// Search returns the ids of the records that match, as far as the user may see them.
func (c *Class) Search(tx *Tx, where domain.Node, s Search) ([]int64, error) {
	rule, err := c.visible(tx)
	if err != nil {
		return nil, err
	}
	s.rule = rule
	return c.searchIDs(tx, where, s)
}

// condition is the domain together with the test for active records and with
// the record rules, which are not the user's words: their fields may be hidden
// from him.
func (t *translator) condition(c *Class, where, rule domain.Node, alias string) (sql.F, error) {
	condition, err := t.where(c, c.activeTest(t.tx, where), alias)
	if err != nil || rule == nil {
		return condition, err
	}
	ruled, err := t.trusted().where(c, rule, alias)
	return sql.And(condition, ruled), err
}

// visible returns the record rules for reading; an error where the user may not read the model.
func (c *Class) visible(tx *Tx) (domain.Node, error) {
	if c.ViewOnly {
		return nil, BadRequest("\"%s\" is not stored", c.Name)
	}
	if err := c.checkModel(tx, Read); err != nil {
		return nil, err
	}
	rule, _ := c.rule(tx, Read)
	return rule, nil
}

// Count returns the number of records that match, as far as the user may see them.
func (c *Class) Count(tx *Tx, where domain.Node) (int64, error) {
	rule, err := c.visible(tx)
	if err != nil {
		return 0, err
	}
	t := &translator{tx: tx}
	alias := t.alias()
	condition, err := t.condition(c, where, rule, alias)
	if err != nil {
		return 0, err
	}
	rows, err := tx.find(sql.SQL("SELECT COUNT(*) FROM ? WHERE ?", c.from(tx, alias), sql.And(condition)))
	if err != nil {
		return 0, err
	}
	return toInt(rows[0][0])
}

// SearchRecords is Search for business code: it returns records and raises failures.
func (c *Class) SearchRecords(tx *Tx, where domain.Node, options ...SearchOption) []*Record {
	s := Search{Limit: -1}
	for _, o := range options {
		o(&s)
	}
	tx = tx.Unchecked()
	return c.Browse(tx, must1(c.searchIDs(tx, where, s)))
}
