package payment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/paper/papertest"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/value"
)

// The actions of the Print menu.
const (
	receiptPDF, receiptHTML     = models.Ref("account_payment.report_receipt"), models.Ref("account_payment.report_receipt_html")
	statementPDF, statementHTML = models.Ref("account_payment.report_statement"), models.Ref("account_payment.report_statement_html")
)

// print has the report of an action printed as a client of the user does.
func (w *world) print(user int64, action models.Ref, ids ...any) (extension string, content any, name string, err error) {
	w.t.Helper()
	report, model := "account.payment.receipt", "account.payment"
	if strings.Contains(string(action), "statement") {
		report, model = "account.payment.group.statement", "account.payment.group"
	}
	return w.printAs(user, report, action, map[string]any{"model": model, "ids": ids}, ids...)
}

func (w *world) printAs(user int64, report string, action models.Ref, data map[string]any, ids ...any) (extension string, content any, name string, err error) {
	w.t.Helper()
	m, err := w.db.Registry.Method("report", report, "execute")
	if err != nil {
		w.t.Fatal(err)
	}
	err = modelstest.Try(w.db, models.Request{User: user, Context: w.context(), ReadOnly: true, Check: true}, func(tx *models.Tx) error {
		if action != "" {
			data["action_id"] = tx.Ref(action)
		}
		result, err := m.Do(tx, models.NewArgs(ids, data))
		if err == nil {
			parts := result.([]any)
			extension, content, name = parts[0].(string), parts[1], parts[3].(string)
		}
		return err
	})
	return extension, content, name, err
}

// said is what the document of an action says.
func (w *world) said(action models.Ref, ids ...any) []string {
	w.t.Helper()
	extension, content, _, err := w.print(w.clerk, action, ids...)
	if err != nil {
		w.t.Fatal(err)
	}
	if extension == "html" {
		return papertest.HTML(w.t, content.(string))
	}
	return papertest.Text(w.t, content.([]byte))
}

// settle gives the company and the party their addresses, the party a language, and the clock a day.
func (w *world) settle(language string) {
	w.db.Now = func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		address := func(owner int64, street, code, city, nation string) {
			a, c := party.Address, country.Country
			found := c.Search(tx, c.Code.Eq(nation))
			models.Must(a.Write(tx, a.Search(tx, a.Party.Eq(owner)), a.Street.To(street), a.PostalCode.To(code), a.City.To(city), a.Country.To(found[0])))
		}
		own := company.Company.Get(tx, w.company)
		address(company.Company.Party.ID(own), "1 High Street", "AB1 2CD", "Bristol", "GB")
		address(w.party, "12 rue de l'Église", "75001", "Paris", "FR")
		models.Must(company.Company.Write(tx, []*models.Record{own}, company.Company.Footer.To("Registered in Bristol, no. 123")))
		if language != "" {
			models.Must(party.Party.Write(tx, party.Party.Browse(tx, w.party), party.Party.Lang.To(ir.Language(tx, language))))
		}
	})
}

// set moves a payment where no button needs to be pressed, for what is printed of it.
func (w *world) set(id int64, values ...models.Assign) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		models.Must(payment.Payment.Write(tx, payment.Payment.Browse(tx, id), values...))
	})
}

// paid makes a payment, and has it succeed in a group of its own.
func (w *world) paid(amount string, values ...models.Assign) (id, group int64) {
	w.t.Helper()
	id = w.pay(amount)
	w.set(id, values...)
	w.call(w.approver, "account.payment", "approve", []any{id})
	if _, err := w.wizard("account.payment.process", "process", id); err != nil {
		w.t.Fatal(err)
	}
	w.call(w.clerk, "account.payment", "succeed", []any{id})
	modelstest.Do(w.t, w.db, func(tx *models.Tx) { group = payment.Payment.Group.ID(payment.Payment.Get(tx, id)) })
	return id, group
}

// A receipt speaks the party's language, though nobody has had the database translated into it.
func TestReceiptInFourLanguages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		id, _ := w.paid("1234.50", payment.Payment.Description.To("Order <7> & more"))
		head := []string{"1 High Street", "Reference Company BRISTOL", "AB1 2CD", "UNITED KINGDOM", "Alice Martin", "12 rue de l'Église", "75001 PARIS", "FRANCE"}
		for language, want := range map[string][]string{
			"en": {"Receipt", "Payment No. 1", "Paid €1,234.50", "Date 11/25/2026", "Description Order <7> & more", "State Paid", "Currency Euro (EUR)", "Issued on 11/25/2026", "Registered in Bristol, no. 123 Page 1 of 1"},
			"de": {"Quittung", "Zahlung Nr. 1", "Bezahlt 1.234,50 €", "Datum 25.11.2026", "Beschreibung Order <7> & more", "Status Bezahlt", "Währung Euro (EUR)", "Ausgestellt am 25.11.2026", "Registered in Bristol, no. 123 Seite 1 von 1"},
			"es": {"Recibo", "Pago n.º 1", "Pagado 1.234,50 €", "Fecha 25/11/2026", "Descripción Order <7> & more", "Estado Pagado", "Moneda Euro (EUR)", "Emitido el 25/11/2026", "Registered in Bristol, no. 123 Página 1 de 1"},
			"fr": {"Reçu", "Paiement n° 1", "Payé 1 234,50 €", "Date 25.11.2026", "Description Order <7> & more", "État Payé", "Devise Euro (EUR)", "Émis le 25.11.2026", "Registered in Bristol, no. 123 Page 1 sur 1"},
		} {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				models.Must(party.Party.Write(tx, party.Party.Browse(tx, w.party), party.Party.Lang.To(ir.Language(tx, language))))
			})
			if diff := cmp.Diff(slices.Concat(head, want), w.said(receiptPDF, id)); diff != "" {
				t.Errorf("%s, PDF (-want +got):\n%s", language, diff)
			}
			page := strings.Join(w.said(receiptHTML, id), " ")
			for _, line := range want[:len(want)-1] {
				if !strings.Contains(page, line) {
					t.Errorf("%s, HTML lacks %q:\n%s", language, line, page)
				}
			}
		}
	})
}

// Words that a translator changed in the client are used on paper, too.
func TestReceiptUsesTranslatedWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("de")
		id, _ := w.paid("1.00")
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			models.Must(ir.TranslateInto(tx, "de"))
			c := tx.Class("ir.translation")
			found := c.SearchRecords(tx, domain.AllOf(domain.C("type", domain.Equal, "report"),
				domain.C("name", domain.Equal, "account.payment.receipt"), domain.C("src", domain.Equal, "Receipt"), domain.C("lang", domain.Equal, "de")))
			models.Must(c.Write(tx, found, models.Values{"value": "Kassenbeleg"}))
		})
		if said := w.said(receiptPDF, id); !slices.Contains(said, "Kassenbeleg") || slices.Contains(said, "Quittung") {
			t.Errorf("the receipt says %q", said)
		}
	})
}

// Only what was paid is called a receipt.
func TestPaperTellsTheState(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		p := payment.Payment
		for _, test := range []struct {
			kind, state string
			want        []string
		}{
			{payment.Receivable, payment.Draft, []string{"Payment", "To be paid €10.00", "State Not paid yet", "This is not a receipt: the payment has not been made yet."}},
			{payment.Receivable, payment.Approved, []string{"Payment", "To be paid €10.00", "State Not paid yet", "This is not a receipt: the payment has not been made yet."}},
			{payment.Receivable, payment.Processing, []string{"Payment", "To be paid €10.00", "State Being processed", "This is not a receipt: the payment has not been made yet."}},
			{payment.Receivable, payment.Succeeded, []string{"Receipt", "Paid €10.00", "State Paid"}},
			{payment.Receivable, payment.Failed, []string{"Payment", "Amount €10.00", "State Failed", "This is not a receipt: the payment has failed."}},
			{payment.Payable, payment.Approved, []string{"Payment", "To be paid to you €10.00", "State Not paid yet", "This is not a receipt: the payment has not been made yet."}},
			{payment.Payable, payment.Succeeded, []string{"Payment Advice", "Paid to you €10.00", "State Paid"}},
		} {
			id, _ := w.paid("10.00")
			w.set(id, p.Kind.To(test.kind), p.State.To(test.state))
			said := w.said(receiptPDF, id)
			for _, line := range test.want {
				if !slices.Contains(said, line) {
					t.Errorf("%s, %s: %q is not among %q", test.kind, test.state, line, said)
				}
			}
			if receipt := strings.Contains(strings.Join(said, " "), "Receipt"); receipt != (test.want[0] == "Receipt") {
				t.Errorf("%s, %s: called a receipt: %t", test.kind, test.state, receipt)
			}
		}
	})
}

func TestAmountsOnPaper(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("de")
		for _, test := range []struct {
			code, symbol, rounding string
			digits                 int64
			amount, want           string
		}{
			{"JPY", "¥", "1", 0, "1234567", "Bezahlt 1.234.567 ¥"},
			{"KWD", "KD", "0.001", 3, "1234.567", "Bezahlt 1.234,567 KD"},
			{"TND", "DT", "0.001", 3, "0.000", "Bezahlt 0,000 DT"},
			{"CHF", "CHF", "0.05", 2, "99999999999.95", "Bezahlt 99.999.999.999,95 CHF"},
		} {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				c, j := currency.Currency, payment.Journal
				made, err := c.Create(tx, c.Name.To(test.code), c.Code.To(test.code), c.Symbol.To(test.symbol), c.Digits.To(test.digits), c.Rounding.To(value.MustParse(test.rounding)))
				models.Must(err)
				journal, err := j.Create(tx, j.Name.To(test.code), j.Company.To(w.company), j.Currency.To(made), j.ProcessMethod.To("manual"))
				models.Must(err)
				w.journal = journal.ID()
			})
			id, group := w.paid(test.amount)
			if said := w.said(receiptPDF, id); !slices.Contains(said, test.want) {
				t.Errorf("%q is not among %q", test.want, said)
			}
			net := "Net " + ir.FormatMoney(nil, value.MustParse(test.amount), int(test.digits), "")
			if said := strings.Join(w.said(statementHTML, group), " "); !strings.Contains(strings.ReplaceAll(said, ",", ""), strings.Fields(net)[1]) {
				t.Errorf("%q is not in %q", net, said)
			}
		}
	})
}

func TestStatementSumsUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		first, second, third := w.pay("10.10"), w.pay("20.20"), w.pay("1000.00")
		w.set(third, payment.Payment.Description.To("A long description that is wrapped within its column, as it must"))
		w.call(w.approver, "account.payment", "approve", []any{first, second, third})
		if _, err := w.wizard("account.payment.process", "process", first, second, third); err != nil {
			t.Fatal(err)
		}
		w.call(w.clerk, "account.payment", "succeed", []any{first, third})
		w.call(w.clerk, "account.payment", "fail", []any{second})
		var group int64
		modelstest.Do(t, w.db, func(tx *models.Tx) { group = payment.Payment.Group.ID(payment.Payment.Get(tx, first)) })
		want := []string{"1 High Street", "Reference Company BRISTOL", "AB1 2CD", "UNITED KINGDOM", "Statement of Payments", "Group 1",
			"Journal Manual EUR", "Payments Received", "Currency Euro (EUR)", "Issued on 11/25/2026", "Payments",
			"No. Date Party Description State Amount Returned Net",
			"1 11/25/2026 Alice Martin Paid 10.10 10.10", "2 11/25/2026 Alice Martin Failed 20.20 0.00",
			"3 11/25/2026 Alice Martin A long description Paid 1,000.00 1,000.00", "that is wrapped", "within its column,", "as it must",
			"Total (3) €1,030.30", "Net €1,010.10", "By State", "State Payments Amount Returned Net",
			"Paid 2 1,010.10 1,010.10", "Failed 1 20.20 0.00", "Registered in Bristol, no. 123 Page 1 of 1"}
		if diff := cmp.Diff(want, w.said(statementPDF, group)); diff != "" {
			t.Errorf("PDF (-want +got):\n%s", diff)
		}
		page := strings.Join(w.said(statementHTML, group), " ")
		for _, line := range []string{"Total (3) €1,030.30", "Net €1,010.10", "Group 1"} {
			if !strings.Contains(page, line) {
				t.Errorf("HTML lacks %q:\n%s", line, page)
			}
		}
	})
}

// Hostile texts of parties and payments stay texts.
func TestHostileTextsOnPaper(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		const evil = `</dd><script>alert(1)</script>"onload=' {nb} %!d(string) ${x} {{.}}`
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			models.Must(party.Party.Write(tx, party.Party.Browse(tx, w.party), party.Party.Name.To(evil)))
		})
		id, group := w.paid("1.00", payment.Payment.Description.To(evil+strings.Repeat("W", 500)))
		for _, action := range []models.Ref{receiptPDF, receiptHTML} {
			if said := strings.Join(w.said(action, id), " "); !strings.Contains(strings.ReplaceAll(said, " ", ""), strings.ReplaceAll(evil, " ", "")) {
				t.Errorf("%s does not show the text as it is: %s", action, said)
			}
		}
		w.said(statementPDF, group)
		w.said(statementHTML, group)
	})
}

func TestSeveralOnPaper(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		first, _ := w.paid("1.00")
		second := w.pay("2.00")
		said := w.said(receiptPDF, first, second)
		for _, line := range []string{"Receipt", "Payment", "Paid €1.00", "To be paid €2.00"} {
			if !slices.Contains(said, line) {
				t.Errorf("%q is not among %q", line, said)
			}
		}
		if extension, _, name, err := w.print(w.clerk, receiptPDF, first, second); err != nil || extension != "pdf" || name != "Receipt-1-2" {
			t.Errorf("%s.%s, %v", name, extension, err)
		}
		if extension, content, _, err := w.printAs(w.clerk, "account.payment.receipt", "", map[string]any{"model": "account.payment"}, first); err != nil || extension != "pdf" || len(content.([]byte)) == 0 {
			t.Errorf("without an action: %s, %v", extension, err)
		}
	})
}

func TestWhoMayPrint(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.settle("")
		id, group := w.paid("1.00")
		stranger := w.stranger()
		abroad := w.abroad()
		for _, test := range []struct {
			name string
			do   func() error
			want string // "" where it is printed
		}{
			{"approver", func() error { _, _, _, err := w.print(w.approver, receiptPDF, id); return err }, ""},
			{"approver, group", func() error { _, _, _, err := w.print(w.approver, statementPDF, group); return err }, "are not allowed"},
			{"nobody's member", func() error { _, _, _, err := w.print(stranger, receiptPDF, id); return err }, "are not allowed"},
			{"another company", func() error { _, _, _, err := w.print(abroad, receiptPDF, id); return err }, "User in companies"},
			{"unknown", func() error { _, _, _, err := w.print(w.clerk, receiptHTML, id, int64(9999)); return err }, "9999"},
			{"nothing", func() error { _, _, _, err := w.print(w.clerk, receiptPDF); return err }, "nothing to print"},
			{"another model", func() error {
				_, _, _, err := w.printAs(w.clerk, "account.payment.receipt", receiptPDF, map[string]any{"model": "party.party"}, w.party)
				return err
			}, "prints"},
			{"no model", func() error {
				_, _, _, err := w.printAs(w.clerk, "account.payment.receipt", receiptPDF, map[string]any{}, id)
				return err
			}, "model"},
			{"an action of another report", func() error {
				_, _, _, err := w.printAs(w.clerk, "account.payment.receipt", statementHTML, map[string]any{"model": "account.payment"}, id)
				return err
			}, ""},
			{"as a table", func() error {
				modelstest.Do(t, w.db, func(tx *models.Tx) {
					models.Must(tx.Class("ir.action.report").Write(tx, tx.Class("ir.action.report").Browse(tx, []int64{tx.Ref(receiptPDF)}), models.Values{"extension": "csv"}))
				})
				_, _, _, err := w.print(w.clerk, receiptPDF, id)
				return err
			}, "csv"},
			{"letters", func() error {
				modelstest.Do(t, w.db, func(tx *models.Tx) {
					models.Must(party.Party.Write(tx, party.Party.Browse(tx, w.party), party.Party.Name.To("山田太郎")))
				})
				_, _, _, err := w.print(w.clerk, statementPDF, group)
				return err
			}, "山田太郎"},
		} {
			err := test.do()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	})
}
