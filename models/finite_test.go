package models_test

import (
	"math"
	"testing"

	"paytond/models"
	"paytond/models/modelstest"
)

// TestNumbersAreFinite refuses what no client could be told: imported, sent or given by the program. Nothing is kept of it.
func TestNumbersAreFinite(t *testing.T) {
	modelstest.Each(t, nil, samples, func(t *testing.T, db *models.Database) {
		refused := func(what any, err error) {
			t.Helper()
			if !models.IsKind(err, models.KindUser) {
				t.Errorf("%v: %v", what, err)
			}
		}
		for _, cell := range []any{"NaN", "Inf", "-infinity", "1e999", math.NaN(), math.Inf(-1)} {
			_, err := modelstest.Call(db, 1, nil, "test.sample", "import_data", list{"char", "float"}, list{list{"A", cell}})
			refused(cell, err)
		}
		for _, cell := range []string{"NaN", "1:Inf", "1e300", "-1e300:1"} {
			_, err := modelstest.Call(db, 1, nil, "test.sample", "import_data", list{"char", "timedelta"}, list{list{"A", cell}})
			refused(cell, err)
		}
		for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			_, err := modelstest.Call(db, 1, nil, "test.sample", "create", list{map[string]any{"float": n}})
			refused(n, err)
		}
		for _, cell := range []string{"1e308", "-2.5"} {
			if _, err := modelstest.Call(db, 1, nil, "test.sample", "import_data", list{"char", "float"}, list{list{"B", cell}}); err != nil {
				t.Errorf("%s: %v", cell, err)
			}
		}
		kept, err := modelstest.Call(db, 1, nil, "test.sample", "search_count", list{})
		if err != nil || kept != int64(2) {
			t.Errorf("%v records are kept, %v", kept, err)
		}
	})
}
