package paymentstripe_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/currency"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
)

// TestAmountsOfCurrencies charges in currencies with no, two and three decimals and in those that Stripe counts otherwise than they are
// written, and names amounts that Stripe takes in no case.
func TestAmountsOfCurrencies(t *testing.T) {
	tests := []struct {
		code, amount string
		digits       int64
		minor        int64 // 0: refused
		message      string
	}{
		{"EUR", "12.34", 2, 1234, ""},
		{"EUR", "0.49", 2, 0, "amount 0.49 in EUR: it is below what Stripe accepts (0.50)"},
		{"EUR", "999999.99", 2, 99999999, ""},
		{"EUR", "1000000.00", 2, 0, "amount 1000000.00 in EUR: it is above what Stripe accepts (999999.99)"},
		{"JPY", "1234", 0, 1234, ""},
		{"JPY", "49", 0, 0, "amount 49 in JPY: it is below what Stripe accepts (50)"},
		{"KWD", "1.230", 3, 1230, ""},
		{"KWD", "1.234", 3, 0, `amount "1.234" in KWD: it has more decimals than the currency`},
		{"ISK", "500", 0, 50000, ""},
		{"UGX", "5000", 0, 500000, ""},
		{"HUF", "175.50", 2, 17550, ""},
	}
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		journals := map[string]int64{"EUR": w.journal}
		want := []string{}
		for _, test := range tests {
			if journals[test.code] == 0 {
				journals[test.code] = w.journalIn(test.code, test.digits)
			}
			id := w.approved(w.alice, test.amount, map[string]any{"journal": journals[test.code]})
			if test.minor == 0 {
				err := modelstest.Try(w.db, models.Request{}, func(tx *models.Tx) error {
					_, err := processAll(tx, id)
					return err
				})
				if wanted := fmt.Sprintf("Payment \"%d\" cannot be made through Stripe: %s.", id, test.message); !models.IsKind(err, models.KindUser) || err.Error() != wanted {
					t.Errorf("%s %s: %v, want %s", test.amount, test.code, err, wanted)
				}
				if state := w.state(id); state != "approved" {
					t.Errorf("%s %s became %s", test.amount, test.code, state)
				}
				continue
			}
			w.process(id)
			w.post()
			got := w.payment(id, "state", "amount", "stripe_error_message", "stripe_error_param")
			expected := map[string]any{"state": "succeeded", "amount": test.amount, "stripe_error_message": nil, "stripe_error_param": nil}
			want = append(want, fmt.Sprint(test.minor, test.minor, 0))
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", test.amount, test.code, diff)
			}
		}
		if diff := cmp.Diff(want, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// journalIn makes a Stripe journal in a currency.
func (w *world) journalIn(code string, digits int64) (id int64) {
	w.t.Helper()
	rounding := map[int64]string{0: "1", 2: "0.01", 3: "0.001"}[digits]
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		c, j := currency.Currency, payment.Journal
		r, err := c.Create(tx, c.Name.To(code), c.Code.To(code), c.Symbol.To(code), c.Digits.To(digits), c.Rounding.To(decimal(rounding)))
		models.Must(err)
		made, err := j.Create(tx, j.Name.To("Stripe "+code), j.Company.To(w.company), j.Currency.To(r.ID()), j.ProcessMethod.To("stripe"),
			paymentstripe.Journal.StripeAccount.To(w.stripeAccount))
		models.Must(err)
		id = made.ID()
	})
	return id
}
