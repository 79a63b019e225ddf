package models

import (
	"math"
	"slices"
	"strings"

	"paytond/models/domain"
	"paytond/models/value"
	"paytond/sql"
)

// put keeps a read value in the transaction's cache.
func (r *Record) put(name string, v any) {
	k := key{r.class.Name, r.id}
	row := r.tx.values()[k]
	if row == nil {
		row = make(map[string]any, 16)
		r.tx.values()[k] = row
	}
	row[name] = v
}

// loadEager reads all columns that are not lazy of the records.
func (c *Class) loadEager(tx *Tx, records []*Record) error {
	var fields []*bound
	for _, b := range c.list {
		if b.stored() && !b.lazy() && b.name != "id" {
			fields = append(fields, b)
		}
	}
	return c.loadColumns(tx, records, fields)
}

// loadColumns reads columns of the records in one statement. Records that are
// not there are an error, as for the peer.
func (c *Class) loadColumns(tx *Tx, records []*Record, fields []*bound) error {
	if c.ViewOnly {
		return BadRequest("\"%s\" is not stored", c.Name)
	}
	ids := unique(IDsOf(records))
	columns := []string{`a."id"`}
	for _, b := range fields {
		columns = append(columns, b.read(tx, "a"))
	}
	rows, err := tx.sql.QueryAll(tx.ctx, sql.SQL("SELECT "+strings.Join(columns, ", ")+` FROM ? WHERE a."id" IN (?)`, c.from(tx, "a"), possible(ids)))
	if err != nil {
		return op(err, "read %s", c.Name)
	}
	for _, row := range rows {
		if err := c.keep(tx, fields, row); err != nil {
			return err
		}
	}
	if len(rows) < len(ids) {
		return c.gone(tx, ids)
	}
	return nil
}

// possible are those ids that a row can have: the columns are of 32 bits.
func possible(ids []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id < 0 || id > math.MaxInt32 })
}

// keep puts a row (the id, then the fields' columns) into the cache.
func (c *Class) keep(tx *Tx, fields []*bound, row []any) error {
	id, _ := row[0].(int64)
	k := key{c.Name, id}
	values := tx.values()[k]
	if values == nil {
		values = make(map[string]any, len(fields)+5) // and some that are computed
		tx.values()[k] = values
	}
	values["id"] = id
	for i, b := range fields {
		v := row[i+1]
		if v != nil {
			loaded, err := b.kind.load(v)
			if err != nil {
				return op(err, "read %s.%s of %d", c.Name, b.name, id)
			}
			v = loaded
		}
		values[b.name] = v
	}
	return nil
}

// gone is the error for ids of which some are not in the cache, so not there.
func (c *Class) gone(tx *Tx, ids []int64) error {
	var missing []int64
	for _, id := range ids {
		if tx.values()[key{c.Name, id}] == nil {
			missing = append(missing, id)
		}
	}
	return UserError("You are trying to read records \"%s\" of \"%s\" that don't exist anymore.", joinIDs(missing), c.label())
}

// loadField reads one field that is lazy, a relation or computed.
func (c *Class) loadField(tx *Tx, records []*Record, b *bound) error {
	switch k := b.kind.(type) {
	case x2ManyKind:
		if !b.Function {
			return c.loadLinks(tx, records, b, k)
		}
	}
	if b.name == "rec_name" && b.getter == nil {
		return c.loadNames(tx, records)
	}
	if b.stored() {
		return c.loadColumns(tx, records, []*bound{b})
	}
	values := b.getter(tx, records)
	for _, r := range records {
		r.put(b.name, normal(values[r.id]))
	}
	return nil
}

// normal brings what business code returns into the form of record values.
func normal(v any) any {
	switch v := v.(type) {
	case *Record:
		if v == nil {
			return nil
		}
		return v.id
	case []*Record:
		return IDsOf(v)
	case int:
		return int64(v)
	}
	return v
}

// loadNames computes the record names.
func (c *Class) loadNames(tx *Tx, records []*Record) error {
	for _, r := range records {
		switch {
		case c.recName != nil:
			r.put("rec_name", c.recName(r))
		case c.fields[c.RecName] != nil:
			name, _ := r.Get(c.RecName).(string)
			r.put("rec_name", name)
		default:
			_ = r.Get("create_date") // the record must be there
			r.put("rec_name", r.text())
		}
	}
	return nil
}

// loadLinks reads the ids behind a One2Many or Many2Many, in the field's order.
func (c *Class) loadLinks(tx *Tx, records []*Record, b *bound, k x2ManyKind) error {
	ids := unique(IDsOf(records))
	links := make(map[int64][]int64, len(ids))
	for _, id := range ids {
		links[id] = []int64{}
	}
	var rows [][]any
	var err error
	if k.many {
		rows, err = c.selectManyLinks(tx, b, ids)
	} else {
		rows, err = c.selectChildren(tx, b, ids)
	}
	if err != nil {
		return op(err, "read %s.%s", c.Name, b.name)
	}
	for _, row := range rows { // target id, id here
		target, _ := toInt(row[0])
		here, ok := row[1].(int64)
		if !ok {
			ref, _ := toReference(row[1])
			here = ref.(value.Reference).ID
		}
		links[here] = append(links[here], target)
	}
	for _, r := range records {
		r.put(b.name, links[r.id])
	}
	return nil
}

// selectChildren selects the records whose RelationField points to the ids.
func (c *Class) selectChildren(tx *Tx, b *bound, ids []int64) ([][]any, error) {
	target := tx.Class(b.Relation)
	back := target.fields[b.RelationField]
	keys := anys(ids)
	if _, ok := back.kind.(referenceKind); ok {
		for i, id := range ids {
			keys[i] = value.Reference{Model: c.Name, ID: id}
		}
	}
	return target.selectRows(tx.Unchecked(), domain.C(back.name, domain.In, keys), Search{Limit: -1, Order: b.Order}, back.name)
}

// selectManyLinks selects the targets that the relation table links to the ids,
// inactive ones too, as the peer does.
func (c *Class) selectManyLinks(tx *Tx, b *bound, ids []int64) ([][]any, error) {
	rel := tx.Class(b.Through)
	rows, err := rel.selectRows(tx.Unchecked(), domain.AllOf(domain.C(b.RelationField, domain.In, anys(ids)), domain.C(b.RelationTarget, domain.NotEqual, nil)),
		Search{Limit: -1, unordered: true}, b.RelationTarget, b.RelationField)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	targets := make([]int64, len(rows))
	for i, row := range rows {
		targets[i], _ = row[1].(int64)
	}
	all := tx.Unchecked().With(map[string]any{"active_test": false})
	sorted, err := tx.Class(b.Relation).searchIDs(all, domain.C("id", domain.In, anys(unique(targets))), Search{Limit: -1, Order: b.Order})
	if err != nil {
		return nil, err
	}
	holders := map[int64][]any{}
	for i, row := range rows {
		holders[targets[i]] = append(holders[targets[i]], row[2])
	}
	var result [][]any
	for _, target := range sorted {
		for _, here := range holders[target] {
			result = append(result, []any{target, here})
		}
	}
	return result, nil
}

func unique(ids []int64) []int64 {
	seen := make(map[int64]bool, len(ids))
	result := make([]int64, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			result = append(result, id)
		}
	}
	return result
}
