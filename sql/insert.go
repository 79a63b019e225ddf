package sql

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// historySuffix marks a table that keeps the past of another one.
const historySuffix = "__history"

// primaryKey is the name of the primary key of a table: Tryton's own rule.
func primaryKey(table string) string {
	if strings.HasSuffix(table, historySuffix) {
		return "__id"
	}
	return "id"
}

// maxRows limits the rows of one INSERT.
const maxRows = 1000

// Insert adds rows, each with a value for each of the columns, and gives their
// ids (__id for a history table) in the same order. Ids may be among the
// columns; the database goes on counting above them.
func (tx *Tx) Insert(ctx context.Context, table string, columns []string, rows [][]any) ([]int64, error) {
	ids := make([]int64, 0, len(rows))
	size := 1 // DEFAULT VALUES makes one row
	if len(columns) > 0 {
		size = max(1, min(maxRows, tx.db.engine.maxArgs()/len(columns)))
	}
	for batch := range slices.Chunk(rows, size) {
		more, err := tx.insert(ctx, table, columns, batch)
		if err != nil {
			return nil, fmt.Errorf("insert into %s: %w", table, err)
		}
		ids = append(ids, more...)
	}
	if slices.Contains(columns, primaryKey(table)) && len(ids) > 0 {
		if err := tx.db.engine.countFrom(ctx, tx, table, slices.Max(ids)); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (tx *Tx) insert(ctx context.Context, table string, columns []string, rows [][]any) ([]int64, error) {
	var values, names []F
	for _, c := range columns {
		names = append(names, F{Text: Quote(c)})
	}
	for _, row := range rows {
		if len(row) != len(columns) {
			return nil, fmt.Errorf("sql: %d values for %d columns", len(row), len(columns))
		}
		places := strings.TrimSuffix(strings.Repeat("?, ", len(row)), ", ")
		values = append(values, F{Text: "(" + places + ")", Args: row})
	}
	into := F{Text: "INSERT INTO " + Quote(table)}
	returning := F{Text: "RETURNING " + Quote(primaryKey(table))}
	q := Join([]F{into, SQL("(?) VALUES ?", names, values), returning}, " ")
	if len(columns) == 0 {
		q = Join([]F{into, {Text: "DEFAULT VALUES"}, returning}, " ")
	}
	return tx.insertedIDs(ctx, q, columns, rows, primaryKey(table))
}

// insertedIDs does not rely on the order of RETURNING, which SQLite leaves
// open: ids rise in the order of rows, unless they were given.
func (tx *Tx) insertedIDs(ctx context.Context, q F, columns []string, rows [][]any, key string) ([]int64, error) {
	returned, err := tx.QueryAll(ctx, q)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(returned))
	for i, row := range returned {
		id, ok := row[0].(int64)
		if !ok {
			return nil, fmt.Errorf("sql: id %v is no integer", row[0])
		}
		ids[i] = id
	}
	at := slices.Index(columns, key)
	if at < 0 {
		slices.Sort(ids)
		return ids, nil
	}
	for i, row := range rows {
		given, err := bind(tx.db.engine, row[at])
		if err != nil {
			return nil, err
		}
		id, ok := given.(int64)
		if !ok {
			return nil, fmt.Errorf("sql: id %v is no integer", row[at])
		}
		ids[i] = id
	}
	return ids, nil
}

// countFrom has nothing to do: AUTOINCREMENT counts above every id that was there.
func (sqlite) countFrom(context.Context, *Tx, string, int64) error { return nil }

// countFrom moves the sequence above an id that was given.
func (postgres) countFrom(ctx context.Context, tx *Tx, table string, id int64) error {
	sequence := sequenceName(table, primaryKey(table))
	q := SQL(`SELECT setval(s.name, ?) FROM `+Quote(sequence)+` AS q,
		(SELECT CAST(CAST(? AS text) AS regclass) AS name) AS s
		WHERE q.last_value < ? OR q.last_value = ? AND NOT q.is_called`, id, Quote(sequence), id, id)
	_, err := tx.QueryAll(ctx, q)
	return err
}
