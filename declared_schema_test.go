package main

import (
	"fmt"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/sql"
)

// rows are those of a query, as texts.
func (b *bench) rows(query string) [][]string {
	b.Helper()
	var all [][]string
	b.do(func(tx *models.Tx) {
		found, err := tx.Query(sql.F{Text: query})
		models.Must(err)
		for _, row := range found {
			var texts []string
			for _, v := range row {
				texts = append(texts, fmt.Sprint(v))
			}
			all = append(all, texts)
		}
	})
	return all
}

// compareSchema compares the parts of one kind of those tables that we have; ours are by "table.part".
func compareSchema(f found, kind string, tables map[string]bool, ours map[string]string, theirs []map[string]string,
	part func(row map[string]string) (name, definition string)) {
	seen, known := map[string]bool{}, map[string]bool{}
	for _, row := range theirs {
		table := strings.Trim(row["table"], `"`)
		known[table] = true
		if !tables[table] {
			continue
		}
		name, definition := part(row)
		seen[table+"."+name] = true
		mine, ok := ours[table+"."+name]
		if !ok {
			f.note(table+"."+name, kind, "is missing: "+definition)
			continue
		}
		f.notEqual(table+"."+name, kind, mine, definition)
	}
	for name, definition := range ours {
		if table, _, _ := strings.Cut(name, "."); known[table] && !seen[name] {
			f.note(name, kind, "is added: "+definition)
		}
	}
}

// orderDirection is a term's direction as the wire has it.
func orderDirection(term domain.OrderTerm) string {
	direction := "ASC"
	if term.Desc {
		direction = "DESC"
	}
	if term.Nulls != "" {
		direction += " NULLS " + term.Nulls
	}
	return direction
}
