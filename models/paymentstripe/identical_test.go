package paymentstripe_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/paymentstripe"
)

const customerModel = "account.payment.stripe.customer"

// TestIdenticalCustomers gives two customers the same card: each shows the other, until one loses it.
func TestIdenticalCustomers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.customer(w.alice, "cus_alice", "pm_card_visa", "pm_card_mastercard"), w.customer(w.bob, "cus_bob", "pm_card_visa")
		other := w.customer(w.bob, "cus_other", "pm_card_amex")
		list := func() { w.run(customerModel + "|stripe_create") }
		list()
		check := func(what string, want map[int64][]int64) {
			t.Helper()
			for id, ids := range want {
				if diff := cmp.Diff(ids, w.read(customerModel, id, "identical_customers")["identical_customers"]); diff != "" {
					t.Errorf("%s: customer %d (-want +got):\n%s", what, id, diff)
				}
			}
		}
		check("listed", map[int64][]int64{one: {two}, two: {one}, other: {}})
		found := w.call(w.clerk, customerModel, "search", []any{[]any{"identical_customers", "=", two}}, int64(0), nil, nil)
		if diff := cmp.Diff([]int64{one}, found); diff != "" {
			t.Errorf("searched (-want +got):\n%s", diff)
		}
		methods, err := w.account.ListPaymentMethods(t.Context(), "cus_bob", "")
		if err != nil {
			t.Fatal(err)
		}
		w.sim.Advance(time.Minute)
		if _, err := w.account.DetachPaymentMethod(t.Context(), "detach", methods[0].ID); err != nil { // at the dashboard
			t.Fatal(err)
		}
		w.run("account.payment.stripe.account|fetch_events")
		w.sim.Advance(time.Minute)
		if _, err := w.account.AttachPaymentMethod(t.Context(), "attach", "pm_card_visa", "cus_other"); err != nil {
			t.Fatal(err)
		}
		w.run("account.payment.stripe.account|fetch_events")
		list()
		check("moved", map[int64][]int64{one: {other}, two: {}, other: {one}})
		w.call(w.clerk, customerModel, "delete", []any{other})
		check("deactivated", map[int64][]int64{one: {}})
		w.now()
		list()
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			if n := paymentstripe.Fingerprint.Count(tx, paymentstripe.Fingerprint.Customer.Eq(other)); n != 0 {
				t.Errorf("%d cards of an erased customer are kept", n)
			}
		})
	})
}

// TestReplacedPartyKeepsItsCustomers joins Bob into Alice: his customers and payments, also those that are done, are hers then.
func TestReplacedPartyKeepsItsCustomers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		card := w.customer(w.bob, "cus_bob", "pm_card_visa")
		gone := w.customer(w.bob, "cus_gone")
		w.call(w.clerk, customerModel, "delete", []any{gone})
		paid, open := w.approved(w.bob, "10.00", nil), w.approved(w.bob, "20.00", nil)
		w.process(paid)
		w.post()
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			models.Must(party.Replace(tx, party.Party.Get(tx, w.bob), party.Party.Get(tx, w.alice)))
		})
		for _, id := range []int64{card, gone} {
			if got := w.read(customerModel, id, "party")["party"]; got != w.alice {
				t.Errorf("customer %d is of party %v", id, got)
			}
		}
		for _, id := range []int64{paid, open} {
			if got := w.payment(id, "party")["party"]; got != w.alice {
				t.Errorf("payment %d is of party %v", id, got)
			}
		}
		w.process(open)
		w.post()
		if got := w.payment(open, "state", "stripe_customer"); got["state"] != "succeeded" || got["stripe_customer"] != card {
			t.Errorf("the payment that was open is %v", got)
		}
	})
}
