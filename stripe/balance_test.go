package stripe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

func TestBalanceLines(t *testing.T) {
	ctx, from := t.Context(), time.Now().Add(-time.Minute)
	a, sim := simulated(t, simulator.Options{})
	pay := func(key string) *stripe.PaymentIntent {
		return must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, key, stripe.PaymentIntentParams{Amount: 1000, Currency: "eur",
			PaymentMethod: "pm_card_visa", Confirm: true}))
	}
	one, two := pay("b1"), pay("b2")
	must[*stripe.Refund](t)(a.CreateRefund(ctx, "b3", stripe.RefundParams{PaymentIntent: one.ID, Amount: 300}))
	if err := sim.Dispute(two.ChargeID, 0, "fraudulent"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range must[[]*stripe.BalanceLine](t)(a.ListBalance(ctx, from, from.Add(time.Hour))) {
		what := "nothing"
		switch {
		case b.Charge != nil:
			what = fmt.Sprintf("charge refunded %d disputed %v", b.Charge.AmountRefunded, b.Charge.Disputed)
		case b.Refund != nil:
			what = "refund of " + b.Refund.Charge
		case b.Dispute != nil:
			what = b.Dispute.Status + " dispute of " + b.Dispute.Charge
		}
		got = append(got, fmt.Sprintf("%s %d %s: %s", b.Category, b.Amount, b.Currency, what))
	}
	want := []string{
		"dispute -1000 eur: needs_response dispute of " + two.ChargeID,
		"refund -300 eur: refund of " + one.ChargeID,
		"charge 1000 eur: charge refunded 0 disputed true",
		"charge 1000 eur: charge refunded 300 disputed false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the balance (-want +got):\n%s", diff)
	}
	if lines := must[[]*stripe.BalanceLine](t)(a.ListBalance(ctx, from.Add(-time.Hour), from)); len(lines) != 0 {
		t.Errorf("before there were %d lines", len(lines))
	}
}
