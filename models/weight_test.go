package models_test

import (
	"slices"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
)

// A path back and forth multiplies what is shown with every step, and so do ids and paths that are said many times over:
// what no answer could hold is refused before it is made.
func TestAnswerIsBounded(t *testing.T) {
	modelstest.Each(t, nil, everything, func(t *testing.T, db *models.Database) {
		const lines = 300 // 300^3 is too many, 300^2 is not
		modelstest.Do(t, db, func(tx *models.Tx) {
			var commands list
			for range lines {
				commands = append(commands, dict{"name": "l"})
			}
			_, err := tx.Class("test.order").Create(tx, []models.Values{{"name": "A", "lines": list{list{"create", commands}}}})
			models.Must(err)
		})
		far := "lines.order.lines.order.lines.name"
		refused := []struct {
			method string
			args   []any
		}{
			{"read", list{list{int64(1)}, list{far}}},
			{"search_read", list{list{}, int64(0), nil, nil, list{far}}},
			{"export_data", list{list{int64(1)}, list{"lines/order/lines/order/lines/name"}}},
			{"export_data_domain", list{list{}, list{"lines/order/lines/order/lines/name"}}},
			{"export_data", list{slices.Repeat(list{int64(1)}, 2000), slices.Repeat(list{"name"}, 2000)}},
			{"export_data", list{list{int64(1)}, slices.Repeat(list{"lines/name", "name"}, 10000)}},
		}
		for i, test := range refused {
			if _, err := modelstest.Call(db, 1, nil, "test.order", test.method, test.args...); !models.IsKind(err, models.KindBadRequest) {
				t.Errorf("%d %s: %v", i, test.method, err)
			}
		}
		got, err := modelstest.Call(db, 1, nil, "test.order", "export_data", list{int64(1)}, list{"lines/order/lines/name"})
		if err != nil || len(got.([][]any)) != lines*lines {
			t.Errorf("%d lines (%v)", len(got.([][]any)), err)
		}
	})
}
