package paymentstripe_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
	"paytond/stripe"
)

const differenceModel = "account.payment.stripe.difference"

// compared are the differences of the last day, without ids and times, each in a line.
func (w *world) compared() []string {
	w.t.Helper()
	now := time.Now()
	found, err := w.engine.Reconcile(w.t.Context(), w.db, now.Add(-12*time.Hour), now.Add(12*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	lines := []string{}
	for _, d := range found {
		line := fmt.Sprintf("%s %s here %d %s there %d %s", d.Kind, d.About, d.Here, d.StateHere, d.There, d.StateThere)
		if d.Payment > 0 {
			line = fmt.Sprintf("payment %d: %s", d.Payment, line)
		}
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

// alter changes a column behind the back of everybody.
func (w *world) alter(table string, id int64, column string, v any) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		_, err := tx.Exec(sql.SQL(`UPDATE `+sql.Quote(table)+` SET `+sql.Quote(column)+` = ? WHERE "id" = ?`, v, id))
		models.Must(err)
	})
}

// TestReconciliationAgrees lets everything happen that moves money, and finds no difference.
func TestReconciliationAgrees(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.paid("40.00", "pm_card_visa")
		part := w.paid("50.00", "pm_card_visa")
		w.refund(part, "20.00")
		whole := w.paid("60.00", "pm_card_visa")
		w.refund(whole, "60.00")
		w.refundNow()
		w.authorised("70.00")
		captured := w.authorised("80.00")
		w.call(w.clerk, "account.payment", "write", []any{captured}, map[string]any{"amount": decimal("30.00")})
		w.call(w.clerk, "account.payment", "stripe_do_capture", []any{captured})
		w.byToken(1, nil)
		w.post()
		for i, won := range []bool{true, false} {
			id := w.paid(fmt.Sprintf("9%d.00", i), "pm_card_visa")
			charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
			w.sim.Advance(time.Second)
			if err := w.sim.Dispute(charge, 1500, "fraudulent"); err != nil {
				t.Fatal(err)
			}
			c, err := w.account.RetrieveCharge(t.Context(), charge)
			if err != nil {
				t.Fatal(err)
			}
			w.sim.Advance(time.Second)
			if err := w.sim.DecideDispute(c.Dispute, won); err != nil {
				t.Fatal(err)
			}
		}
		w.run("account.payment.stripe.account|fetch_events")
		w.post()
		if diff := cmp.Diff([]string{}, w.compared()); diff != "" {
			t.Errorf("differences (-want +got):\n%s", diff)
		}
	})
}

// TestReconciliationFindsDifferences makes up a difference of each kind, finds it once, and finds it gone when it is mended.
func TestReconciliationFindsDifferences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []int64
		for range 9 {
			ids = append(ids, w.paid("40.00", "pm_card_visa"))
		}
		charge := func(id int64) string { return w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string) }
		if got := w.compared(); len(got) != 0 {
			t.Fatalf("before anything was made up: %q", got)
		}
		w.alter("account_payment", ids[1], "amount", decimal("39.99"))
		w.alter("account_payment", ids[2], "state", "failed")
		w.alter("account_payment", ids[3], "stripe_charge_id", "ch_nobody")
		w.alter("account_payment", ids[3], "stripe_payment_intent_id", "pi_nobody")
		w.alter("account_payment", ids[3], "stripe_idempotency_key", "nobody")
		modelstest.Do(t, w.db, func(tx *models.Tx) { // nor does the metadata lead to it
			_, err := tx.Exec(sql.SQL(`DELETE FROM "account_payment_stripe_attempt" WHERE "payment" = ?`, ids[3]))
			models.Must(err)
		})
		w.refund(ids[4], "10.00")
		w.refundNow()
		lost := w.refund(ids[5], "10.00")
		w.refundNow()
		w.alter("account_payment_stripe_refund", lost, "stripe_refund_id", "re_nobody")
		if err := w.sim.RefundAtDashboard(charge(ids[6]), 1000); err != nil { // of which no event has come
			t.Fatal(err)
		}
		if err := w.sim.Dispute(charge(ids[7]), 0, "fraudulent"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.account.CreateCharge(t.Context(), "elsewhere", stripe.ChargeParams{Amount: 777, Currency: "eur", Source: "tok_visa"}); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{
			fmt.Sprintf("payment %d: amount payment here 3999 succeeded there 4000 succeeded", ids[1]): true,
			fmt.Sprintf("payment %d: state payment here 4000 failed there 4000 succeeded", ids[2]):     true,
			fmt.Sprintf("payment %d: missing_there payment here 4000 succeeded there 0", ids[3]):       true,
			"missing_here payment here 0 there 4000 succeeded":                                         true,
			fmt.Sprintf("payment %d: missing_there refund here 1000 succeeded there 0", ids[5]):        true,
			"missing_here refund here 0 there 1000 succeeded":                                          true,
			fmt.Sprintf("payment %d: amount payment here 4000 succeeded there 3000 succeeded", ids[6]): true,
			fmt.Sprintf("payment %d: missing_here dispute here 0 there 4000 needs_response", ids[7]):   true,
			"missing_here payment here 0 there 777 succeeded":                                          true,
		}
		for range 2 {
			got := map[string]bool{}
			for _, line := range w.compared() {
				got[line] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("differences (-want +got):\n%s", diff)
			}
		}
		count := func(state string) any {
			return w.call(w.clerk, differenceModel, "search_count", []any{[]any{"state", "=", state}})
		}
		if open := count("open"); open != int64(10) { // the refunds that are missing here are two: one of the dashboard, one of the changed record
			t.Errorf("%v differences are stored", open)
		}
		w.alter("account_payment", ids[1], "amount", decimal("40.00"))
		w.alter("account_payment", ids[2], "state", "succeeded")
		w.run("account.payment.stripe.account|fetch_events") // brings the refund and the dispute
		w.post()
		if got := w.compared(); len(got) != 3 { // the refund whose id was changed has found its own again
			t.Errorf("after some was mended: %q", got)
		}
		if open, gone := count("open"), count("gone"); open != int64(3) || gone != int64(7) {
			t.Errorf("%v are open, %v are gone", open, gone)
		}
		rows := w.call(w.clerk, differenceModel, "search_read", []any{[]any{"payment", "=", ids[1]}}, int64(0), nil, nil,
			[]any{"state", "kind", "url", "amount_here", "currency"}).([]map[string]any)
		if len(rows) != 1 || rows[0]["state"] != "gone" || rows[0]["url"] != "https://dashboard.stripe.com/test/payments/"+charge(ids[1]) {
			t.Errorf("the clerk reads %v", rows)
		}
		if _, err := w.try(w.approver, differenceModel, "search", []any{}, int64(0), nil, nil); !models.IsKind(err, models.KindUser) {
			t.Errorf("an approver may read: %v", err)
		}
	})
}

// TestReconciliationSaysWhatItCannotCompare has no key for one of two accounts: the other one is compared.
func TestReconciliationSaysWhatItCannotCompare(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("40.00", "pm_card_visa")
		w.alter("account_payment", id, "state", "failed")
		w.otherAccount("sk_test_other")
		w.sim.Revoke("sk_test_other", false)
		found, err := w.engine.Reconcile(t.Context(), w.db, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err == nil || len(found) != 1 || found[0].Payment != id {
			t.Errorf("found %v, %v", found, err)
		}
		now := time.Now()
		if _, err := w.engine.Reconcile(t.Context(), w.db, now, now); !models.IsKind(err, models.KindUser) {
			t.Errorf("no time at all: %v", err)
		}
		if err := w.engine.Actions()["account.payment.stripe.account|reconcile"](t.Context(), w.db); err == nil {
			t.Error("the scheduled action does not fail")
		}
	})
}
