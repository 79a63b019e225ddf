package ir_test

import (
	"testing"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/value"
)

func TestFormats(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(nil), modules, func(t *testing.T, db *models.Database) {
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, test := range []struct {
				language, amount string
				digits           int
				symbol, want     string
			}{
				{"en", "1234567.5", 2, "€", "€1,234,567.50"},
				{"en", "-1234.5", 2, "$", "-$1,234.50"},
				{"de", "1234567.5", 2, "€", "1.234.567,50\u00a0€"},
				{"de", "-0.5", 2, "€", "-0,50\u00a0€"},
				{"es", "999", 2, "€", "999,00\u00a0€"},
				{"fr", "1234567.5", 2, "€", "1\u00a0234\u00a0567,50\u00a0€"},
				{"fr", "0", 2, "", "0,00"},
				{"en", "1234", 0, "¥", "¥1,234"},
				{"de", "1.5", 3, "KD", "1,500\u00a0KD"},
				{"", "1234.5", 2, "X", "1234.50\u00a0X"},
				{"en", "123456789012345678901234.99", 2, "", "123,456,789,012,345,678,901,234.99"},
			} {
				got := ir.FormatMoney(ir.Language(tx, test.language), value.MustParse(test.amount), test.digits, test.symbol)
				if got != test.want {
					t.Errorf("%s in %q with %d digits: got %q, want %q", test.amount, test.language, test.digits, got, test.want)
				}
			}
			// India groups by three, then by two; a group may be the last.
			for grouping, want := range map[string]string{"[3, 2, 0]": "12,34,567", "[3, 127]": "1234,567", "[]": "1234567", "[3]": "1234,567"} {
				en := ir.Language(tx, "en")
				models.Must(ir.Languages.Write(tx, []*models.Record{en}, ir.Languages.MonGrouping.To(grouping)))
				if got := ir.FormatMoney(ir.Languages.Get(tx, en.ID()), value.FromInt(1234567), 0, ""); got != want {
					t.Errorf("grouping %s: got %q, want %q", grouping, got, want)
				}
			}
			day := value.MustParseDate("2026-01-02")
			for language, want := range map[string]string{"en": "01/02/2026", "de": "02.01.2026", "es": "02/01/2026", "": "2026-01-02"} {
				if got := ir.FormatDate(ir.Language(tx, language), day); got != want {
					t.Errorf("date in %q: got %q, want %q", language, got, want)
				}
			}
		})
	})
}
