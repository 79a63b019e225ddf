package models

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"paytond/models/domain"
	"paytond/models/value"
	"paytond/sql"
)

// tables are the tables of the class: its own and its history.
func (c *Class) tables() []sql.Table {
	if c.written() != nil {
		return nil
	}
	t := sql.Table{Name: c.Table}
	for _, b := range c.list {
		if b.stored() && b.name != "id" {
			t.Columns = append(t.Columns, b.column())
		}
	}
	for _, k := range c.Checks {
		t.Checks = append(t.Checks, sql.Check{Name: c.constraint(k.Name), Expr: k.SQL})
	}
	for _, u := range c.Uniques {
		t.Uniques = append(t.Uniques, sql.Unique{Name: c.constraint(u.Name), Columns: u.Columns, Where: u.Where})
	}
	for _, x := range c.Indexes {
		t.Indexes = append(t.Indexes, sql.Index{Name: c.constraint(x.Name), Columns: x.Columns, Where: x.Where, Unique: x.Unique})
	}
	if !c.History {
		return []sql.Table{t}
	}
	return []sql.Table{t, c.historyOf(t)}
}

// constraint is the full name of a constraint or index, which begins with the
// table's as in Tryton.
func (c *Class) constraint(name string) string {
	if strings.HasPrefix(name, c.Table+"_") {
		return name
	}
	return c.Table + "_" + name
}

// historyOf is the table of a table's versions: the same columns, nothing required.
func (c *Class) historyOf(t sql.Table) sql.Table {
	h := sql.Table{Name: c.historyTable(), PrimaryKey: "__id",
		Columns: []sql.Column{{Name: "id", Kind: sql.Integer, Index: true}}}
	for _, column := range t.Columns {
		h.Columns = append(h.Columns, sql.Column{Name: column.Name, Kind: column.Kind, Size: column.Size})
	}
	return h
}

func (b *bound) column() sql.Column {
	kind, _ := b.kind.column()
	column := sql.Column{Name: b.name, Kind: kind, NotNull: b.Required, Index: b.Index}
	if b.Relation != "" && b.class.registry.classes[b.Relation] != nil && b.OnDelete != "-" {
		column.References = b.class.registry.classes[b.Relation].Table
		column.OnDelete = b.onDelete()
	}
	if _, ok := b.kind.(booleanKind); ok {
		column.Default = "FALSE"
	}
	if size, ok := b.Size.(int); ok && kind == sql.Varchar {
		column.Size = size
	}
	return column
}

// Update brings the database to what the registry declares: tables, then the
// records of the modules. It creates an empty database's content and repeats
// without harm. Progress goes to the log.
func (d *Database) Update(ctx context.Context) error {
	err := d.Transact(ctx, Request{Latest: true, Context: map[string]any{"active_test": false}}, func(tx *Tx) error {
		if err := tx.Lock("update"); err != nil {
			return err
		}
		var tables []sql.Table
		for _, c := range d.Registry.Classes() {
			tables = append(tables, c.tables()...)
		}
		changed, err := tx.sql.Sync(ctx, tables)
		if err != nil {
			return op(err, "tables")
		}
		d.Log.Info("tables are up to date", slog.Int("tables", len(tables)), slog.Int("changes", len(changed)))
		if err := d.loadModules(tx); err != nil {
			return err
		}
		return checkViews(tx)
	})
	d.Forget("")
	return err
}

func (d *Database) loadModules(tx *Tx) error {
	if tx.Lookup("ir.model.data") == nil {
		return nil // a registry without module ir, in tests, has nowhere to note data
	}
	l := &loader{tx: tx, known: map[Ref]known{}}
	if err := l.read(); err != nil {
		return err
	}
	for i, m := range d.Registry.Modules {
		l.tx = tx.With(map[string]any{"module": m.Name})
		l.module = m.Name
		rows := m.Data
		if tx.Lookup("ir.message") != nil {
			rows = append(slices.Clone(rows), d.Registry.messageData(m.Name)...)
		}
		for _, row := range rows {
			if err := l.load(row); err != nil {
				return op(err, "data %s.%s", m.Name, row.ID)
			}
		}
		if m.Ready != nil {
			if err := m.Ready(l.tx); err != nil {
				return op(err, "module %s", m.Name)
			}
			if err := l.read(); err != nil { // Ready may have brought records too
				return err
			}
		}
		d.Log.Info("module is up to date", slog.String("module", m.Name), slog.Int("records", len(m.Data)),
			slog.String("progress", fmt.Sprintf("%d/%d", i+1, len(d.Registry.Modules))))
	}
	for _, m := range d.Registry.Modules {
		if m.Done == nil {
			continue
		}
		if err := m.Done(tx); err != nil {
			return op(err, "module %s", m.Name)
		}
	}
	return nil
}

// loader brings the modules' records into the database.
type loader struct {
	tx     *Tx
	module string
	known  map[Ref]known
}

// known is a data record that the database has.
type known struct {
	row    int64 // in ir.model.data
	model  string
	id     int64
	values string // as last loaded
}

func (l *loader) read() error {
	data := l.tx.Class("ir.model.data")
	rows, err := data.selectRows(l.tx, nil, Search{Limit: -1, unordered: true}, "module", "fs_id", "model", "db_id", "values")
	if err != nil {
		return err
	}
	for _, row := range rows {
		id, _ := toInt(row[0])
		db, _ := row[4].(int64)
		l.known[Ref(text(row[1])+"."+text(row[2]))] = known{id, text(row[3]), db, text(row[5])}
	}
	return nil
}

// load creates or changes one record. A record whose declaration is as it was
// at the last load is left alone, and so are a user's changes to it.
func (l *loader) load(row Data) error {
	c := l.tx.Class(row.Model)
	values, err := l.resolve(c, row.Values)
	if err != nil {
		return err
	}
	encoded, err := value.Append(nil, map[string]any(values))
	if err != nil {
		return err
	}
	ref := l.full(Ref(row.ID))
	k, exists := l.known[ref]
	if exists && (k.values == string(encoded) || row.NoUpdate) {
		return nil
	}
	if exists {
		if found, err := c.searchIDs(l.tx, domain.C("id", "=", k.id), Search{Limit: 1}); err != nil || len(found) == 0 {
			return err // a user removed it: so it stays
		}
		if err := c.Write(l.tx, c.Browse(l.tx, []int64{k.id}), values); err != nil {
			return err
		}
		return l.note(ref, known{k.row, row.Model, k.id, string(encoded)}, row.NoUpdate)
	}
	created, err := c.Create(l.tx, []Values{values})
	if err != nil {
		return err
	}
	return l.note(ref, known{0, row.Model, created[0].id, string(encoded)}, row.NoUpdate)
}

// full is a reference with its module.
func (l *loader) full(ref Ref) Ref {
	if slices.Contains([]byte(ref), '.') {
		return ref
	}
	return Ref(l.module + "." + string(ref))
}

// note remembers the record under its name.
func (l *loader) note(ref Ref, k known, noUpdate bool) error {
	data := l.tx.Class("ir.model.data")
	module, name, _ := ref.cut()
	values := Values{"module": module, "fs_id": name, "model": k.model, "db_id": k.id, "values": k.values, "fs_values": k.values, "noupdate": noUpdate}
	for field := range values {
		if data.fields[field] == nil {
			delete(values, field)
		}
	}
	if k.row > 0 {
		l.known[ref] = k
		return data.Write(l.tx, data.Browse(l.tx, []int64{k.row}), values)
	}
	created, err := data.Create(l.tx, []Values{values})
	if err != nil {
		return err
	}
	k.row = created[0].id
	l.known[ref] = k
	return nil
}

// resolve replaces references to data records by their ids.
func (l *loader) resolve(c *Class, values Values) (Values, error) {
	result := make(Values, len(values))
	for name, v := range values {
		switch ref := v.(type) {
		case Ref:
			k, ok := l.known[l.full(ref)]
			if !ok {
				return nil, fmt.Errorf("%s of %s refers to %s, which is not there", name, c.Name, ref)
			}
			v = k.id
		case RefTo:
			k, ok := l.known[l.full(ref.Ref)]
			if !ok {
				return nil, fmt.Errorf("%s of %s refers to %s, which is not there", name, c.Name, ref.Ref)
			}
			v = value.Reference{Model: ref.Model, ID: k.id}
		case []Ref:
			ids := make([]any, len(ref))
			for i, r := range ref {
				ids[i] = l.known[l.full(r)].id
			}
			v = []any{[]any{"add", ids}}
		}
		result[name] = v
	}
	return result, nil
}
