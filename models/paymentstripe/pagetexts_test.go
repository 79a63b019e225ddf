package paymentstripe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
)

// The pages speak the languages that come with the program, though the database is not translated into them, and what translators made of
// them in the client; a language of the translators' own where they have made one.
func TestPageWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		check := func(want string, languages ...string) {
			t.Helper()
			code, said := w.engine.PageWords(t.Context(), w.db, languages)
			if diff := cmp.Diff(want, code+" "+said.PaidTitle); diff != "" {
				t.Errorf("%q (-want +got):\n%s", languages, diff)
			}
		}
		check("en Thank you, that is paid", "", "xx", "../../de", "*")
		check("de Danke, das ist bezahlt", "", "de-AT", "fr")
		check("fr Merci, c’est payé", "ru", "fr_CH")
		check("es Gracias, ya está pagado", "ES")
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			models.Must(ir.TranslateInto(tx, "de"))
			c := tx.Class("ir.translation")
			found := c.SearchRecords(tx, domain.AllOf(domain.C("type", domain.Equal, "report"), domain.C("name", domain.Equal, "account.payment.stripe.checkout"),
				domain.C("src", domain.Equal, "Thank you, that is paid"), domain.C("lang", domain.Equal, "de")))
			models.Must(c.Write(tx, found, models.Values{"value": "Vielen Dank für Ihren Einkauf"}))
			l := ir.Languages
			_, err := l.Create(tx, l.Code.To("it"), l.Name.To("Italiano"), l.Date.To("%d/%m/%Y"), l.DecimalPoint.To(","), l.ThousandsSep.To("."), l.Translatable.To(true))
			models.Must(err)
			_, err = c.Create(tx, []models.Values{{"type": "report", "name": "account.payment.stripe.checkout", "lang": "it", "src": "Thank you, that is paid",
				"value": "Grazie, è pagato", "res_id": int64(-1), "module": "account_payment_stripe", "fuzzy": false}})
			models.Must(err)
		})
		check("de Vielen Dank für Ihren Einkauf", "de")
		check("it Grazie, è pagato", "it", "de")
		code, said := w.engine.PageWords(t.Context(), nil, []string{"it", "de"})
		if code != "de" || said.PaidTitle != "Danke, das ist bezahlt" || said.Debit.SEPA != "SEPA-Lastschrift" {
			t.Errorf("without a database: %s %s %s", code, said.PaidTitle, said.Debit.SEPA)
		}
	})
}
