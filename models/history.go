package models

import (
	"strings"

	"paytond/sql"
)

// callRevisions answers history_revisions(ids): [datetime, id, user name] of
// each version, newest first; nothing without ids or history.
func (c *Class) callRevisions(tx *Tx, a *Args) (any, error) {
	ids := a.IDs(0)
	if a.Err() != nil {
		return nil, a.Err()
	}
	result := []any{}
	if !c.History || len(ids) == 0 {
		return result, nil
	}
	if err := c.checkModel(tx, Read); err != nil {
		return nil, err
	}
	if rule, _ := c.rule(tx, Read); rule != nil { // else deleted records have revisions, too
		if err := c.checkRule(tx, unique(ids), Read); err != nil {
			return nil, err
		}
	}
	rows, err := tx.sql.QueryAll(tx.ctx, sql.SQL(`SELECT DISTINCT COALESCE(h."write_date", h."create_date") AS changed, h."id", u."name" FROM `+
		sql.Quote(c.historyTable())+` AS h LEFT JOIN "res_user" AS u ON u."id" = COALESCE(h."write_uid", h."create_uid") WHERE h."id" IN (?) ORDER BY changed DESC, h."id"`, possible(unique(ids))))
	if err != nil {
		return nil, op(err, "history of %s", c.Name)
	}
	for _, row := range rows {
		at, err := toTime(row[0])
		if err != nil {
			return nil, err
		}
		result = append(result, []any{at, row[1], row[2]})
	}
	return result, nil
}

// keepHistory adds the records as they are now to the history.
func (c *Class) keepHistory(tx *Tx, ids []int64) error {
	if !c.History {
		return nil
	}
	var columns []string
	for _, b := range c.list {
		if b.stored() {
			columns = append(columns, sql.Quote(b.name))
		}
	}
	list := strings.Join(columns, ", ")
	_, err := tx.sql.Exec(tx.ctx, sql.SQL("INSERT INTO "+sql.Quote(c.historyTable())+" ("+list+") SELECT "+list+
		" FROM "+sql.Quote(c.Table)+` WHERE "id" IN (?)`, unique(ids)))
	return op(err, "history of %s", c.Name)
}

// keepDeletion notes in the history that the records are gone.
func (c *Class) keepDeletion(tx *Tx, ids []int64) error {
	if !c.History {
		return nil
	}
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, tx.userID(), tx.now}
	}
	for _, row := range rows {
		if _, err := tx.sql.Exec(tx.ctx, sql.SQL("INSERT INTO "+sql.Quote(c.historyTable())+
			` ("id", "write_uid", "write_date") VALUES (?)`, row)); err != nil {
			return op(err, "history of %s", c.Name)
		}
	}
	return nil
}
