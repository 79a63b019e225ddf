package payment

import (
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

// idText is the name of records that have none but their id.
func idText(r *models.Record) string { return strconv.FormatInt(r.ID(), 10) }

// searchByID finds records by the text of their id, for names made by idText:
// a pattern without wildcards inside, and lists, are looked up; what is no
// number names nothing.
func searchByID(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
	var ids []any
	for _, v := range listed(clause.Value) {
		text, _ := v.(string)
		if id, err := strconv.ParseInt(strings.Trim(text, "%"), 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	if clause.Op.Negative() {
		return domain.C("id", domain.NotIn, ids), nil
	}
	return domain.C("id", domain.In, ids), nil
}

func listed(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}
