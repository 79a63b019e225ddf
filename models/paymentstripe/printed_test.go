package paymentstripe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paper/papertest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
)

// printed is what the document of a record says, from the line that begins with from on.
func (w *world) printed(report, model, from string, id int64) []string {
	w.t.Helper()
	m, err := w.db.Registry.Method("report", report, "execute")
	if err != nil {
		w.t.Fatal(err)
	}
	var pdf []byte
	err = modelstest.Try(w.db, models.Request{User: w.clerk, Context: map[string]any{"company": w.company}, ReadOnly: true, Check: true}, func(tx *models.Tx) error {
		result, err := m.Do(tx, models.NewArgs([]any{id}, map[string]any{"model": model}))
		if err == nil {
			pdf = result.([]any)[1].([]byte)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	said := papertest.Text(w.t, pdf)
	at := slices.IndexFunc(said, func(line string) bool { return strings.HasPrefix(line, from) })
	if at < 0 {
		w.t.Fatalf("%q is not among %q", from, said)
	}
	for i, line := range said { // the days on which the test runs
		for _, word := range strings.Fields(line) {
			if strings.Count(word, "/") == 2 {
				line = strings.ReplaceAll(line, word, "DAY")
			}
		}
		said[i] = line
	}
	return said[at : len(said)-1]
}

func (w *world) receipt(id int64) []string {
	return w.printed("account.payment.receipt", "account.payment", "Receipt", id)
}

func TestReceiptOfAStripePayment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("100.00", "pm_card_visa")
		intent := w.payment(id, "stripe_payment_intent_id", "stripe_paid_with")
		if intent["stripe_paid_with"] != "Visa ****4242" {
			t.Errorf("it was paid with %v", intent["stripe_paid_with"])
		}
		head := []string{"Receipt", fmt.Sprintf("Payment No. %d", id)}
		facts := func(state string) []string {
			return []string{"Paid €100.00", "Date DAY", "State " + state, "Paid with Visa ****4242",
				fmt.Sprintf("Reference Stripe %s", intent["stripe_payment_intent_id"]), "Currency Euro (EUR)", "Issued on DAY"}
		}
		check := func(when string, want ...[]string) {
			t.Helper()
			if diff := cmp.Diff(slices.Concat(append([][]string{head}, want...)...), w.receipt(id)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		check("paid", facts("Paid"))
		w.refund(id, "30.00")
		check("a refund that is not at Stripe yet", facts("Paid"))
		w.refundNow()
		check("refunded in part", facts("Paid, refunded in part"), []string{"Refunds", "Date State Amount", "DAY Refunded €30.00", "Refunded €30.00", "Remaining amount €70.00"})
		w.refund(id, "70.00")
		w.refundNow()
		check("refunded", facts("Refunded"), []string{"Refunds", "Date State Amount", "DAY Refunded €30.00", "DAY Refunded €70.00", "Refunded €100.00", "Remaining amount €0.00"})
		group := w.payment(id, "group")["group"].(int64)
		statement := w.printed("account.payment.group.statement", "account.payment.group", "No.", group)
		want := []string{"No. Date Party Description State Amount Returned Net", fmt.Sprintf("%d DAY Alice Martin Refunded 100.00 100.00 0.00", id),
			"Total (1) €100.00", "Returned €100.00", "Net €0.00", "By State", "State Payments Amount Returned Net", "Refunded 1 100.00 100.00 0.00"}
		if diff := cmp.Diff(want, statement); diff != "" {
			t.Errorf("statement (-want +got):\n%s", diff)
		}
	})
}

// What a dispute has taken is no refund.
func TestReceiptAfterADispute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook(signingSecret)
		part, all := w.paid("40.00", "pm_card_visa"), w.paid("40.00", "pm_card_visa")
		w.disputes(identifier, part, 1500, "needs_response", "lost")
		w.disputes(identifier, all, 4000, "needs_response", "lost")
		for id, want := range map[int64][]string{
			part: {"Paid €40.00", "State Paid", "Taken back by the bank €15.00", "Remaining amount €25.00"},
			all:  {"Paid €40.00", "State Taken back", "Taken back by the bank €40.00", "Remaining amount €0.00"},
		} {
			said := w.receipt(id)
			for _, line := range want {
				if !slices.Contains(said, line) {
					t.Errorf("%q is not among %q", line, said)
				}
			}
		}
	})
}

// A payment of before the card was noted tells the one that was chosen, as Stripe listed it; a failed one tells none.
func TestReceiptTellsTheChosenCard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("5.00", "pm_card_visa")
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			f := paymentstripe.Fingerprint
			_, err := f.Create(tx, f.Customer.To(w.customers["cus_alice"]), f.Method.To("pm_old"), f.Label.To("Mastercard ****5454 12/2027"))
			models.Must(err)
			models.Must(payment.Payment.In(tx).Write(tx, payment.Payment.Browse(tx, id), models.Values{"stripe_paid_with": nil, "stripe_customer_payment_method": "pm_old"}))
		})
		if said := w.receipt(id); !slices.Contains(said, "Paid with Mastercard ****5454") {
			t.Errorf("the receipt says %q", said)
		}
	})
}
