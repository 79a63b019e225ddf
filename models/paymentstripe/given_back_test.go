package paymentstripe_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

// TestPendingRefunds gives back in parts what a bank takes its time for: a part that is under way counts once.
func TestPendingRefunds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("100.00", "pm_card_pendingRefund")
		first := w.refund(payment, "60.00")
		w.refundNow()
		if diff := cmp.Diff(map[string]any{"state": "processing", "stripe_error_message": nil}, w.read(refundModel, first, "state", "stripe_error_message")); diff != "" {
			t.Fatalf("the first refund (-want +got):\n%s", diff)
		}
		if got := w.payment(payment, "amount")["amount"]; got != "40.00" {
			t.Fatalf("of the payment there is left %v", got)
		}
		_, err := w.try(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal("40.01")}})
		if !models.IsKind(err, models.KindUser) {
			t.Errorf("a refund of more than is left: %v", err)
		}
		second := w.refund(payment, "40.00")
		w.refundNow()
		if got := w.read(refundModel, second, "state", "stripe_refund_id"); got["state"] != "processing" || got["stripe_refund_id"] == nil {
			t.Errorf("the second refund is %v", got)
		}
		both := w.paid("100.00", "pm_card_pendingRefund")
		parts := []int64{w.refund(both, "60.00"), w.refund(both, "40.00")}
		w.refundNow()
		for _, id := range parts {
			if got := w.read(refundModel, id, "state", "stripe_refund_id"); got["state"] != "processing" || got["stripe_refund_id"] == nil {
				t.Errorf("of two refunds that were approved together one is %v", got)
			}
		}
		if diff := cmp.Diff([]string{"10000 10000 10000", "10000 10000 10000"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestPendingRefundOfTheDashboard takes a refund over that was begun at Stripe, takes its time, and leaves less than drafts here ask for.
func TestPendingRefundOfTheDashboard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("100.00", "pm_card_pendingRefund")
		w.call(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal("90.00")}})
		w.sim.Advance(time.Minute)
		if err := w.sim.RefundAtDashboard(w.payment(payment, "stripe_charge_id")["stripe_charge_id"].(string), 6000); err != nil {
			t.Fatal(err)
		}
		w.run("account.payment.stripe.account|fetch_events")
		if diff := cmp.Diff([]string{"draft 90.00", "processing 60.00"}, w.refunds(payment)); diff != "" {
			t.Errorf("the refunds (-want +got):\n%s", diff)
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Event
			for _, r := range x.Search(tx, x.State.Eq("error")) {
				t.Errorf("event %s: %s", x.Type.Of(r), x.Message.Of(r))
			}
		})
	})
}

// refunds are the refunds of a payment, oldest first, as "state amount".
func (w *world) refunds(payment int64) (list []string) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		list = nil
		x := paymentstripe.Refund
		for _, r := range x.Search(tx, x.Payment.Eq(payment), models.OrderBy("id")) {
			list = append(list, fmt.Sprint(x.State.Of(r), " ", x.Amount.Of(r).Plain()))
		}
	})
	return list
}

// TestRefundOfWhatIsGone has Stripe refuse refunds for good: what went away at the dashboard without being heard of, and what is disputed.
func TestRefundOfWhatIsGone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for code, happens := range map[string]func(charge string) error{
			"charge_already_refunded": func(charge string) error { return w.sim.RefundAtDashboard(charge, 0) },
			"charge_disputed":         func(charge string) error { return w.sim.Dispute(charge, 0, "fraudulent") },
		} {
			payment := w.paid("70.00", "pm_card_visa")
			id := w.refund(payment, "70.00")
			if err := happens(w.payment(payment, "stripe_charge_id")["stripe_charge_id"].(string)); err != nil {
				t.Fatal(err)
			}
			w.refundNow()
			got := w.read(refundModel, id, "state", "stripe_error_code", "stripe_error_message")
			if message, _ := got["stripe_error_message"].(string); got["state"] != "failed" || got["stripe_error_code"] != code || message == "" {
				t.Errorf("%s: the refund is %v", code, got)
			}
			if diff := cmp.Diff([]string{"refund declined"}, w.attempts("refund", id)); diff != "" {
				t.Errorf("%s: the calls (-want +got):\n%s", code, diff)
			}
		}
	})
}

// TestRefundOfNothingLeft refuses refunds of payments of which there is nothing, or not yet anything, to give back.
func TestRefundOfNothingLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		gone := w.paid("70.00", "pm_card_visa")
		w.refund(gone, "70.00")
		w.refundNow()
		held := w.authorised("30.00")
		for what, payment := range map[string]int64{"given back": gone, "held": held} {
			_, err := w.try(w.clerk, refundModel, "create", []any{map[string]any{"payment": payment, "amount": decimal("1.00")}})
			if !models.IsKind(err, models.KindUser) {
				t.Errorf("a refund of what is %s: %v", what, err)
			}
		}
	})
}

// TestRefundIsMirroredOnce refuses a second record of one refund at Stripe, whoever would make it.
func TestRefundIsMirroredOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.paid("70.00", "pm_card_visa")
		mirror := func() error {
			return w.db.Transact(context.Background(), models.Request{}, func(tx *models.Tx) error {
				x := paymentstripe.Refund
				_, err := x.Create(tx, x.Payment.To(payment), x.Amount.To(decimal("10.00")), x.State.To("processing"), x.StripeRefundID.To("re_1"))
				return err
			})
		}
		if err := mirror(); err != nil {
			t.Fatal(err)
		}
		if err := mirror(); err == nil {
			t.Error("a refund was mirrored twice")
		}
	})
}
