package models

import (
	"slices"
	"strconv"
	"strings"

	"paytond/models/domain"
	"paytond/sql"
)

// translator makes SQL conditions of domains. It numbers the tables of its query.
type translator struct {
	tx     *Tx
	n      int
	owning bool // it is about what records belong to
}

func (t *translator) alias() string {
	t.n++
	return sql.Quote("t" + strconv.Itoa(t.n))
}

// col is a column of an aliased table.
func col(alias, name string) string { return alias + "." + sql.Quote(name) }

// where is the condition that the node means for rows of c's table under the alias.
func (t *translator) where(c *Class, n domain.Node, alias string) (sql.F, error) {
	switch n := n.(type) {
	case nil:
		return sql.F{}, nil
	case domain.And:
		return t.all(c, n, alias, sql.And)
	case domain.Or:
		return t.all(c, n, alias, sql.Or)
	case *domain.Clause:
		return t.clause(c, n, alias)
	}
	return sql.F{}, BadRequest("no domain: %T", n)
}

func (t *translator) all(c *Class, nodes []domain.Node, alias string, join func(...sql.F) sql.F) (sql.F, error) {
	parts := make([]sql.F, 0, len(nodes))
	for _, n := range nodes {
		part, err := t.where(c, n, alias)
		if err != nil {
			return sql.F{}, err
		}
		parts = append(parts, part)
	}
	return balance(parts, join), nil
}

// balance joins many parts as a flat tree: SQLite bounds the depth of an
// expression, and a chain of ANDs is as deep as it is long.
func balance(parts []sql.F, join func(...sql.F) sql.F) sql.F {
	const width = 100
	for len(parts) > width {
		var groups []sql.F
		for chunk := range slices.Chunk(parts, width) {
			groups = append(groups, join(chunk...))
		}
		parts = groups
	}
	return join(parts...)
}

func (t *translator) clause(c *Class, cl *domain.Clause, alias string) (sql.F, error) {
	name, rest, dotted := strings.Cut(cl.Field, ".")
	b := c.fields[name]
	if b == nil {
		return sql.F{}, NotFoundError("'%s'", name)
	}
	if cl.Op == within {
		return t.owned(b, cl.Value.(Mode), alias)
	}
	if err := c.checkFields(t.tx, []string{name}, Read); err != nil {
		return sql.F{}, err
	}
	if b.Secret && t.tx.check {
		return sql.F{}, BadRequest("the field \"%s\" of \"%s\" cannot be searched", name, c.Name)
	}
	if name == "rec_name" {
		return t.recName(c, cl, alias)
	}
	if b.searcher != nil {
		node, err := b.searcher(t.tx.Unchecked(), cl)
		if err != nil {
			return sql.F{}, err
		}
		return t.trusted().where(c, node, alias)
	}
	if b.Function {
		return sql.F{}, BadRequest("the field \"%s\" of \"%s\" cannot be searched", name, c.Name)
	}
	switch k := b.kind.(type) {
	case many2OneKind:
		return t.many2One(b, cl, rest, dotted, alias)
	case x2ManyKind:
		return t.x2Many(b, k, cl, rest, dotted, alias)
	case referenceKind:
		return t.reference(b, cl, rest, dotted, alias)
	}
	if dotted {
		return sql.F{}, BadRequest("the field \"%s\" of \"%s\" is no relation", name, c.Name)
	}
	return t.scalar(b, cl, b.read(t.tx, alias))
}

// trusted translates what business code made: without access checks.
func (t *translator) trusted() *translator {
	if !t.tx.check {
		return t
	}
	return &translator{tx: t.tx.Unchecked(), n: t.n + 1000, owning: t.owning}
}

// recName searches the record's name: as the class binds it, else by its name
// field; a model without name matches everything, as the peer does. What the
// class binds is asked for the positive operator only.
func (t *translator) recName(c *Class, cl *domain.Clause, alias string) (sql.F, error) {
	if c.searchRecName != nil {
		positive := *cl
		positive.Op = cl.Op.Positive()
		node, err := c.searchRecName(t.tx.Unchecked(), &positive)
		if err != nil {
			return sql.F{}, err
		}
		f, err := t.trusted().where(c, node, alias)
		if cl.Op.Negative() {
			f = sql.SQL("COALESCE(?, FALSE) = FALSE", sql.And(f))
		}
		return f, err
	}
	if c.fields[c.RecName] == nil {
		return sql.And(), nil
	}
	return t.clause(c, &domain.Clause{Field: c.RecName, Op: cl.Op, Value: cl.Value}, alias)
}

// inTarget is "expr IN (ids of the target that match)".
func (t *translator) inTarget(target *Class, expr string, n domain.Node, path string) (sql.F, error) {
	alias := t.alias()
	where, err := t.reach(target, n, path, alias)
	if err != nil {
		return sql.F{}, err
	}
	return sql.SQL(expr+" IN (SELECT "+col(alias, "id")+" FROM ? WHERE ?)", target.from(t.tx, alias), where), nil
}

// reach is the condition for rows behind a link: that they match, and that the
// user may see them, so that a search reveals nothing that a read would not.
// That they are there, path "id", he knows already.
func (t *translator) reach(target *Class, n domain.Node, path, alias string) (sql.F, error) {
	where, err := t.where(target, n, alias)
	if err != nil || !t.tx.check || path == "id" {
		return sql.And(where), err
	}
	rule, err := target.visible(t.tx)
	if err != nil || rule == nil {
		return sql.And(where), err
	}
	ruled, err := t.trusted().where(target, rule, alias)
	return sql.And(where, ruled), err
}

// many2One searches through a link. Null fits only "= null" and "in [null]".
func (t *translator) many2One(b *bound, cl *domain.Clause, rest string, dotted bool, alias string) (sql.F, error) {
	target := t.tx.Class(b.Relation)
	expr := col(alias, b.name)
	var node domain.Node
	path, negative := rest, false
	switch {
	case dotted:
		node = relative(cl, rest)
	case cl.Op.Positive() == domain.Where:
		node, _ = cl.Value.(domain.Node)
		negative = cl.Op.Negative()
	case cl.Op.Positive() == domain.ChildOf || cl.Op.Positive() == domain.ParentOf:
		if target == b.class && (cl.Model == "" || cl.Model == b.name) {
			return t.tree(target, col(alias, "id"), b.name, cl)
		}
		return t.tree(target, expr, cl.Model, cl)
	case isText(cl.Value):
		node, path = domain.C("rec_name", cl.Op, cl.Value), "rec_name"
	default:
		return t.scalar(b, cl, expr)
	}
	f, err := t.inTarget(target, expr, node, path)
	if negative {
		f = sql.SQL(expr+" IS NOT NULL AND NOT (?)", f)
	}
	return f, err
}

func relative(cl *domain.Clause, rest string) domain.Node {
	return &domain.Clause{Field: rest, Op: cl.Op, Value: cl.Value, Model: cl.Model}
}

// isText reports whether a clause's value names records instead of their ids.
func isText(v any) bool {
	switch v := v.(type) {
	case string:
		return true
	case []any:
		return slices.ContainsFunc(v, isText)
	}
	return false
}

// x2Many searches through the rows that link to this one. One that fits is
// enough, for a negative operator too, which also fits where there is none.
func (t *translator) x2Many(b *bound, k x2ManyKind, cl *domain.Clause, rest string, dotted bool, alias string) (sql.F, error) {
	target := t.tx.Class(b.Relation)
	var node domain.Node
	without, orNone := false, cl.Op.Negative()
	switch {
	case dotted:
		node = relative(cl, rest)
	case cl.Op.Positive() == domain.Where:
		node, _ = cl.Value.(domain.Node)
		without, orNone = cl.Op.Negative(), false
	case cl.Value == nil:
		without, orNone = cl.Op == domain.Equal, false
	case isText(cl.Value) && cl.Op.Positive() != domain.ChildOf && cl.Op.Positive() != domain.ParentOf:
		node = domain.C("rec_name", cl.Op, cl.Value)
	default:
		node = &domain.Clause{Field: "id", Op: cl.Op, Value: cl.Value, Model: cl.Model}
	}
	return t.x2ManyLinks(b, k, target, node, alias, without, orNone)
}

// x2ManyLinks is true where a linked record that the user may see matches, or
// without, where none does; orNone adds where there is none at all.
func (t *translator) x2ManyLinks(b *bound, k x2ManyKind, target *Class, node domain.Node, alias string, without, orNone bool) (sql.F, error) {
	id := col(alias, "id")
	f, err := t.linked(b, k, target, node)
	if err != nil || !orNone {
		if without {
			return sql.SQL(id+" NOT IN (?)", f), err
		}
		return sql.SQL(id+" IN (?)", f), err
	}
	some, err := t.linked(b, k, target, nil)
	return sql.SQL("("+id+" IN (?) OR "+id+" NOT IN (?))", f, some), err
}

// linked selects the ids on this side whose linked records match. As in a read,
// inactive records count through a Many2Many, not through a One2Many.
func (t *translator) linked(b *bound, k x2ManyKind, target *Class, node domain.Node) (sql.F, error) {
	far := t.alias()
	if !k.many {
		node = target.activeTest(t.tx, node)
	}
	where, err := t.reach(target, node, "", far)
	if err != nil {
		return sql.F{}, err
	}
	if k.many {
		rel := t.tx.Class(b.Through)
		near := t.alias()
		return sql.SQL("SELECT "+col(near, b.RelationField)+" FROM "+sql.Quote(rel.Table)+" AS "+near+
			" JOIN ? ON "+col(far, "id")+" = "+col(near, b.RelationTarget)+
			" WHERE ?", target.from(t.tx, far), sql.And(sql.SQL(col(near, b.RelationField)+" IS NOT NULL"), where)), nil
	}
	back := target.fields[b.RelationField]
	if back == nil {
		return sql.F{}, BadRequest("\"%s\" has no field \"%s\"", target.Name, b.RelationField)
	}
	expr, own := sql.SQL(col(far, back.name)), sql.F{}
	if _, ok := back.kind.(referenceKind); ok {
		expr = sql.SQL("CAST(SUBSTR("+col(far, back.name)+", ?) AS INTEGER)", int64(len(b.class.Name)+2))
		own = sql.SQL(t.tx.Dialect().Like(col(far, back.name), "?", false), domain.EscapeLike(b.class.Name)+",%")
	}
	return sql.SQL("SELECT ? FROM ? WHERE ?", expr, target.from(t.tx, far),
		sql.And(sql.SQL(col(far, back.name)+" IS NOT NULL"), own, where)), nil
}

// reference searches a "model,id" column; the fourth element of a clause names
// the model behind a dotted path.
func (t *translator) reference(b *bound, cl *domain.Clause, rest string, dotted bool, alias string) (sql.F, error) {
	expr := col(alias, b.name)
	if !dotted {
		return t.scalar(b, cl, expr)
	}
	target := t.tx.Lookup(cl.Model)
	if target == nil {
		return sql.F{}, BadRequest("the clause on \"%s\" must name a model", cl.Field)
	}
	far := t.alias()
	where, err := t.reach(target, &domain.Clause{Field: rest, Op: cl.Op, Value: cl.Value}, rest, far)
	if err != nil {
		return sql.F{}, err
	}
	id := t.tx.Dialect().Cast(col(far, "id"), sql.Varchar)
	return sql.SQL(expr+" IN (SELECT ? || "+id+" FROM ? WHERE ?)", target.Name+",", target.from(t.tx, far), sql.And(where)), nil
}

// tree searches records below or above others by the target's field to its
// parent, by default "parent". No record is below or above none.
func (t *translator) tree(target *Class, expr, parent string, cl *domain.Clause) (sql.F, error) {
	if parent == "" {
		parent = "parent"
	}
	b := target.fields[parent]
	if b == nil || !b.stored() || b.Relation != target.Name {
		return sql.F{}, BadRequest("\"%s\" is no tree by \"%s\"", target.Name, parent)
	}
	if err := target.checkFields(t.tx, []string{parent}, Read); err != nil {
		return sql.F{}, err
	}
	if len(listOf(cl.Value)) == 0 {
		if cl.Op.Negative() {
			return sql.And(), nil
		}
		return sql.Or(), nil
	}
	alias, next := t.alias(), t.alias()
	where, err := t.where(target, roots(cl.Value), alias)
	if err != nil {
		return sql.F{}, err
	}
	table := sql.Quote(target.Table)
	step := " SELECT " + col(next, "id") + " FROM " + table + " AS " + next + " JOIN tree ON " + col(next, parent) + " = tree.id"
	if cl.Op.Positive() == domain.ParentOf {
		step = " SELECT " + col(next, parent) + " FROM " + table + " AS " + next + " JOIN tree ON " + col(next, "id") + " = tree.id WHERE " + col(next, parent) + " IS NOT NULL"
	}
	f := sql.SQL(expr+" IN (WITH RECURSIVE tree(id) AS (SELECT "+col(alias, "id")+" FROM "+table+" AS "+alias+
		" WHERE ? UNION"+step+") SELECT id FROM tree)", sql.And(where))
	if cl.Op.Negative() {
		f = sql.SQL(expr+" IS NOT NULL AND NOT (?)", f)
	}
	return f, nil
}

// roots are the records that an operator on trees starts from: given by id or by name.
func roots(v any) domain.Node {
	switch v := v.(type) {
	case string:
		return domain.C("rec_name", domain.ILike, v)
	case []any:
		if isText(v) {
			return domain.C("rec_name", domain.In, v)
		}
	}
	return domain.C("id", domain.In, listOf(v))
}
