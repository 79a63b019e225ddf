package payment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
)

// A table may name what is chosen by its key, in English, or in the language of who imports it.
func TestImportByTranslatedLabels(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		modelstest.Do(t, w.db, func(tx *models.Tx) { models.Must(ir.TranslateInto(tx, "de", "fr")) })
		paths := []any{"journal", "party", "kind", "amount"}
		for _, language := range []string{"de", "fr"} {
			context := w.context()
			context["language"] = language
			got, err := modelstest.Call(w.db, w.clerk, context, "account.payment", "fields_get", []any{"kind"})
			if err != nil {
				t.Fatal(err)
			}
			label := got.(map[string]any)["kind"].(map[string]any)["selection"].([]any)[1].([]any)[1].(string)
			if label == "Receivable" {
				t.Fatalf("%s: the label is not translated", language)
			}
			sample := w.pay("1.00")
			exported, err := modelstest.Call(w.db, w.clerk, context, "account.payment", "export_data", []any{sample}, []any{"kind.translated", "kind"})
			if want := [][]any{{label, "receivable"}}; err != nil || !cmp.Equal(want, exported) {
				t.Errorf("%s: exported as %v (%v), want %v", language, exported, err, want)
			}
			w.call(w.clerk, "account.payment", "delete", []any{sample})
			for _, word := range []string{"receivable", "Receivable", label} {
				if _, err := modelstest.Call(w.db, w.clerk, context, "account.payment", "import_data", paths, []any{[]any{"Manual EUR", "Alice Martin", word, "5.00"}}); err != nil {
					t.Errorf("%s, %q: %v", language, word, err)
				}
			}
			if _, err := modelstest.Call(w.db, w.clerk, context, "account.payment", "import_data", paths, []any{[]any{"Manual EUR", "Alice Martin", "Quatsch", "5.00"}}); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: what is no label: %v", language, err)
			}
		}
		kinds := map[string]int{}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			for _, r := range tx.Class("account.payment").SearchRecords(tx, nil) {
				kinds[r.Get("kind").(string)]++
			}
		})
		if diff := cmp.Diff(map[string]int{"receivable": 6}, kinds); diff != "" {
			t.Error(diff)
		}
	})
}
