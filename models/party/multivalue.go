package party

import (
	"paytond/models"
	"paytond/models/domain"
)

// MultiValue is a function field whose value stands in records of the model
// Values, in their field of the same name. Where that model has a field
// "company", the record of the context's company counts before the one without.
type MultiValue struct {
	Field models.Named
	// Values is the model of the values; Parent its link back, "" for a
	// configuration of one record.
	Values, Parent string
	// Default is the value where there is no record; nil for null.
	Default func(tx *models.Tx) any
}

// Bind binds how the field is read, written and defaulted.
func (m MultiValue) Bind(c *models.Class) {
	c.Getter(m.Field, m.get)
	c.Setter(m.Field, m.set)
	switch {
	case m.Parent == "":
		c.Default(m.Field, m.Configured)
	case m.Default != nil:
		c.Default(m.Field, m.Default)
	}
}

// Configured is the value of a configuration's field, whether or not its one
// record is stored yet; nil for null.
func (m MultiValue) Configured(tx *models.Tx) any { return m.values(tx, nil)[0] }

func (m MultiValue) get(tx *models.Tx, records []*models.Record) map[int64]any {
	kept := m.values(tx, models.IDsOf(records))
	values := make(map[int64]any, len(records))
	for _, r := range records {
		holder := r.ID()
		if m.Parent == "" {
			holder = 0
		}
		v, found := kept[holder]
		if !found && m.Default != nil {
			v = m.Default(tx)
		}
		values[r.ID()] = v
	}
	return values
}

// values are the values kept for the holders by their ids; under 0 that of a configuration.
func (m MultiValue) values(tx *models.Tx, holders []int64) map[int64]any {
	kept := map[int64]any{}
	for _, company := range m.companies(tx) {
		for _, row := range tx.Class(m.Values).SearchRecords(tx, m.where(tx, company, holders), models.OrderBy("id")) {
			holder := int64(0)
			if m.Parent != "" {
				holder, _ = row.Get(m.Parent).(int64)
			}
			if _, found := kept[holder]; !found {
				kept[holder] = row.Get(m.Field.FieldName())
			}
		}
	}
	return kept
}

// companies are the companies whose values count, the first before the next; 0 is none.
func (m MultiValue) companies(tx *models.Tx) []int64 {
	if company := tx.ContextID("company"); company > 0 && m.perCompany(tx) {
		return []int64{company, 0}
	}
	return []int64{0}
}

func (m MultiValue) perCompany(tx *models.Tx) bool { return tx.Class(m.Values).Field("company") != nil }

func (m MultiValue) where(tx *models.Tx, company int64, holders []int64) domain.Node {
	var nodes []domain.Node
	if m.Parent != "" {
		nodes = append(nodes, domain.C(m.Parent, domain.In, holders))
	}
	switch {
	case company > 0:
		nodes = append(nodes, domain.C("company", domain.Equal, company))
	case m.perCompany(tx):
		nodes = append(nodes, domain.C("company", domain.Equal, nil))
	}
	return domain.AllOf(nodes...)
}

func (m MultiValue) set(tx *models.Tx, records []*models.Record, v any) error {
	class, company := tx.Class(m.Values), m.companies(tx)[0]
	for _, r := range records {
		rows := class.SearchRecords(tx, m.where(tx, company, []int64{r.ID()}), models.OrderBy("id"), models.Limit(1))
		values := models.Values{m.Field.FieldName(): v}
		if len(rows) > 0 {
			if err := class.Write(tx, rows, values); err != nil {
				return err
			}
			continue
		}
		if m.Parent != "" {
			values[m.Parent] = r.ID()
		}
		if company > 0 {
			values["company"] = company
		}
		if _, err := class.Create(tx, []models.Values{values}); err != nil {
			return err
		}
	}
	return nil
}
