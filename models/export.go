package models

import (
	"fmt"
	"strings"
)

// callExport answers export_data(ids, paths): rows of cells.
func (c *Class) callExport(tx *Tx, a *Args) (any, error) {
	ids, paths := a.IDs(0), a.Texts(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.export(tx, ids, paths)
}

// callExportDomain answers export_data_domain(domain, paths, offset, limit, order).
func (c *Class) callExportDomain(tx *Tx, a *Args) (any, error) {
	where, paths := a.Domain(0), a.Texts(1)
	s := Search{Offset: int(a.Int(2)), Limit: a.Limit(3), Order: a.Order(4)}
	if a.Err() != nil {
		return nil, a.Err()
	}
	ids, err := c.Search(tx, where, s)
	if err != nil {
		return nil, err
	}
	return c.export(tx, ids, paths)
}

// column is one path of an export.
type column struct {
	path   []string
	read   string         // the name under which its values are read
	model  string         // of the link at its end
	labels map[string]any // of the selection at its end, when they are wanted
}

// export reads the paths ("journal/rec_name", "kind.translated") of records as
// the user may; a path through a relation to many gives more rows for a record.
func (c *Class) export(tx *Tx, ids []int64, paths []string) (any, error) {
	columns := make([]column, len(paths))
	names := make([]string, len(paths))
	for i, path := range paths {
		var err error
		if columns[i], err = c.exportColumn(tx, path); err != nil {
			return nil, err
		}
		names[i] = columns[i].read
	}
	records, err := c.ReadRows(tx, ids, names)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]map[string]any, len(records))
	for _, r := range records {
		byID[r["id"].(int64)] = r
	}
	rows := [][]any{}
	e := exporter{tx: tx}
	for _, id := range ids {
		some, err := e.record(byID[id], columns, 0)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// exportColumn finds out what is at the end of a path. The models behind a
// reference are not known before it is read.
func (c *Class) exportColumn(tx *Tx, path string) (column, error) {
	path, translated := strings.CutSuffix(path, ".translated")
	names := strings.Split(path, "/")
	col := column{path: names, read: strings.Join(names, ".")}
	class := c
	for i, name := range names {
		b := class.fields[name]
		if b == nil || name == "" {
			return col, NotFoundError("'%s'", name)
		}
		if i == len(names)-1 {
			return col, col.end(tx, b, translated)
		}
		if class = tx.Lookup(b.Relation); class == nil {
			break
		}
	}
	return col, nil
}

func (col *column) end(tx *Tx, b *bound, translated bool) error {
	switch b.kind.(type) {
	case x2ManyKind:
		col.read += ".rec_name"
	case many2OneKind:
		col.model = b.Relation
	}
	if !translated {
		return nil
	}
	list := b.Selection
	if b.SelectionMethod != "" && len(b.SelectionChangeWith) == 0 {
		var err error
		if list, err = b.selectionOf(tx); err != nil {
			return err
		}
	}
	col.labels = make(map[string]any, len(list))
	for _, item := range list {
		col.labels[text(item[0])] = b.option(tx, item[1])
	}
	return nil
}

// exporter makes the rows of an export, up to what one answer may hold: the same
// ids and paths may be asked for many times over.
type exporter struct {
	tx   *Tx
	load load
}

// line is an empty row.
func (e *exporter) line(columns []column) ([]any, error) {
	return make([]any, len(columns)), e.load.add(e.tx, weight(len(columns))*cellWeight)
}

// record makes the rows of one record of what was read. All paths through
// the same relation go together, line by line.
func (e *exporter) record(row map[string]any, columns []column, depth int) ([][]any, error) {
	first, err := e.line(columns)
	if err != nil {
		return nil, err
	}
	rows := [][]any{first}
	done := make([]bool, len(columns))
	for i, col := range columns {
		if done[i] {
			continue
		}
		name := col.path[depth]
		if depth == len(col.path)-1 {
			rows[0][i] = col.cell(row, name)
			if err := e.load.add(e.tx, weightOf(rows[0][i])); err != nil {
				return nil, err
			}
			continue
		}
		var sub []column
		var places []int
		for j := i; j < len(columns); j++ {
			if columns[j].path[depth] == name && len(columns[j].path) > depth+1 {
				sub, places, done[j] = append(sub, columns[j]), append(places, j), true
			}
		}
		line := 0
		for _, child := range linkedRows(row, name) {
			lines, err := e.record(child, sub, depth+1)
			if err != nil {
				return nil, err
			}
			for _, cells := range lines {
				if len(rows) <= line {
					next, err := e.line(columns)
					if err != nil {
						return nil, err
					}
					rows = append(rows, next)
				}
				for k, place := range places {
					rows[line][place] = cells[k]
				}
				line++
			}
		}
	}
	return filled(rows), nil
}

// filled has the empty text for null, as the peer does.
func filled(rows [][]any) [][]any {
	for _, cells := range rows {
		for i, v := range cells {
			if v == nil {
				cells[i] = ""
			}
		}
	}
	return rows
}

func linkedRows(row map[string]any, name string) []map[string]any {
	switch linked := row[name+"."].(type) {
	case map[string]any:
		return []map[string]any{linked}
	case []any:
		rows := make([]map[string]any, len(linked))
		for i, r := range linked {
			rows[i] = r.(map[string]any)
		}
		return rows
	}
	return nil
}

// cell is the value of a record in a column: the label of a selection, the
// names of linked records, and a link with its model.
func (col column) cell(row map[string]any, name string) any {
	v := row[name]
	if _, many := row[name+"."].([]any); many {
		var names []string
		for _, r := range linkedRows(row, name) {
			names = append(names, text(r["rec_name"]))
		}
		return strings.Join(names, ",")
	}
	if col.labels != nil {
		if label, ok := col.labels[text(v)]; ok {
			return label
		}
	}
	if id, ok := v.(int64); ok && col.model != "" {
		return fmt.Sprintf("%s,%d", col.model, id)
	}
	return v
}
