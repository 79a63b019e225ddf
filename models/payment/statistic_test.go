package payment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/value"
)

// dated creates a payment with a date.
func (w *world) dated(date value.Date, amount string) int64 {
	w.t.Helper()
	return w.call(w.clerk, "account.payment", "create", []any{map[string]any{"journal": w.journal, "party": w.party, "kind": "receivable",
		"amount": value.MustParse(amount), "date": date}}).([]int64)[0]
}

// otherCompany makes a company with a journal and a draft of 1000, and another user of both.
func (w *world) otherCompany() {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		own, err := party.Party.Create(tx, party.Party.Name.To("Other Company"))
		models.Must(err)
		c, err := company.Company.Create(tx, company.Company.Party.To(own.ID()), company.Company.Currency.To(w.euro))
		models.Must(err)
		j, p := payment.Journal, payment.Payment
		journal, err := j.Create(tx, j.Name.To("Elsewhere"), j.Company.To(c.ID()), j.Currency.To(w.euro), j.ProcessMethod.To("manual"))
		models.Must(err)
		_, err = p.Create(tx, p.Company.To(c.ID()), p.Journal.To(journal.ID()), p.Kind.To("receivable"), p.Party.To(w.party),
			p.Amount.To(value.MustParse("1000")), p.Date.To(value.Date{Year: 2026, Month: 3, Day: 3}))
		models.Must(err)
	})
}

func TestStatistic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.dated(value.Date{Year: 2026, Month: 3, Day: 1}, "0.10")
		approved := w.dated(value.Date{Year: 2026, Month: 3, Day: 31}, "0.20")
		w.dated(value.Date{Year: 2026, Month: 3, Day: 15}, "0.20")
		w.dated(value.Date{Year: 2026, Month: 4, Day: 1}, "7")
		w.call(w.approver, "account.payment", "approve", []any{approved})
		w.otherCompany()
		read := func(where ...any) []map[string]any {
			rows := w.call(w.clerk, "account.payment.statistic", "search_read", where, int64(0), nil,
				[]any{[]any{"month", "ASC"}, []any{"amount", "DESC"}}, []any{"month", "state", "count", "amount", "journal.rec_name", "currency_digits"}).([]map[string]any)
			for _, row := range rows {
				delete(row, "id")
				row["amount"] = row["amount"].(value.Decimal).String()
				row["journal"] = row["journal."].(map[string]any)["rec_name"]
				delete(row, "journal.")
			}
			return rows
		}
		march, april := value.Date{Year: 2026, Month: 3, Day: 1}, value.Date{Year: 2026, Month: 4, Day: 1}
		row := func(month value.Date, state string, count int64, amount string) map[string]any {
			return map[string]any{"month": month, "state": state, "count": count, "amount": amount, "journal": "Manual EUR", "currency_digits": int64(2)}
		}
		want := []map[string]any{row(march, "draft", 2, "0.30"), row(march, "approved", 1, "0.20"), row(april, "draft", 1, "7")}
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Errorf("sums of the user's company: %s", diff)
		}
		if diff := cmp.Diff(want[2:], read([]any{"amount", ">", value.MustParse("1")}, []any{"month", ">=", april})); diff != "" {
			t.Errorf("the sums above 1 from April on: %s", diff)
		}
		if n := w.call(w.clerk, "account.payment.statistic", "search_count", []any{[]any{"journal.name", "=", "Manual EUR"}}); n != int64(3) {
			t.Errorf("%v sums are counted", n)
		}
		for method, args := range map[string][]any{"create": {[]any{map[string]any{}}}, "write": {[]any{int64(1)}, map[string]any{"count": int64(1)}}, "delete": {[]any{int64(1)}}} {
			if _, err := w.try(w.clerk, "account.payment.statistic", method, args...); err == nil {
				t.Errorf("a sum can be changed by %s", method)
			}
		}
	})
}

// TestGraphs looks at what clients need to draw the graphs and the calendar.
func TestGraphs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, want := range []struct {
			view   models.Ref
			model  string
			kind   string
			fields []string
		}{
			{"account_payment.payment_statistic_view_graph_month", "account.payment.statistic", "graph", []string{"amount", "currency_digits", "month", "state"}},
			{"account_payment.payment_statistic_view_graph_journal", "account.payment.statistic", "graph", []string{"amount", "currency_digits", "journal", "state"}},
			{"account_payment.payment_group_view_graph", "account.payment.group", "graph", []string{"currency_digits", "number", "payment_amount", "payment_amount_succeeded"}},
			{"account_payment.payment_view_calendar", "account.payment", "calendar", []string{"amount", "calendar_color", "company", "currency_digits", "date", "party", "state"}},
		} {
			var id int64
			modelstest.Do(t, w.db, func(tx *models.Tx) { id = tx.Ref(want.view) })
			got := w.call(w.clerk, want.model, "fields_view_get", id, want.kind).(map[string]any)
			var fields []string
			for name := range got["fields"].(map[string]any) {
				fields = append(fields, name)
			}
			slices.Sort(fields)
			if diff := cmp.Diff(want.fields, fields); diff != "" || !strings.HasPrefix(got["arch"].(string), "<"+want.kind) {
				t.Errorf("%s: fields %s\n%s", want.view, diff, got["arch"])
			}
		}
	})
}
