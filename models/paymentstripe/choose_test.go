package paymentstripe

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"paytond/models/payment"
	"paytond/stripe"
)

// TestChooseNeverMakesASecondObject draws situations: whatever is known or unknown, nothing that takes money is made beside what there is.
func TestChooseNeverMakesASecondObject(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
		s := situation{
			state:  rapid.SampledFrom([]string{payment.Draft, payment.Approved, payment.Processing, payment.Succeeded, payment.Failed}).Draw(t, "state"),
			intent: rapid.SampledFrom([]string{"", "pi_1"}).Draw(t, "intent"),
			charge: rapid.SampledFrom([]string{"", "ch_1"}).Draw(t, "charge"),
			status: rapid.SampledFrom([]string{"", stripe.RequiresPaymentMethod, stripe.Processing, stripe.RequiresCapture, stripe.Succeeded, stripe.Canceled}).Draw(t, "status"),
			token:  flag("token"), waits: flag("waits"), source: flag("source"), method: flag("method"), customer: flag("customer"),
			capture: flag("capture"), captured: flag("captured"), capturable: flag("capturable"), cancel: flag("cancel"),
			pending: rapid.SampledFrom([]string{"", opCharge, opIntent, opCheckout, opCaptureIntent, opCancel}).Draw(t, "pending"),
		}
		why := rapid.SampledFrom([]purpose{forQueue, forCheckout, forRefresh}).Draw(t, "purpose")
		op := choose(s, why)
		open := s.state == payment.Approved || s.state == payment.Processing
		switch {
		case creates(op) && (s.intent != "" || s.charge != ""):
			t.Fatalf("%s though there is an object", op)
		case creates(op) && !open:
			t.Fatalf("%s of a payment in %s", op, s.state)
		case creates(op) && s.cancel:
			t.Fatalf("%s though the payment is to be canceled", op)
		case creates(s.pending) && creates(op) && op != s.pending:
			t.Fatalf("%s while it is not known what became of %s", op, s.pending)
		case (op == opCaptureIntent || op == opCaptureCharge) && (s.captured || !s.capture):
			t.Fatalf("%s that nobody asked for", op)
		case (op == opCharge || op == opIntent) && s.waits && s.pending == "":
			t.Fatalf("%s while the payment's own token cannot be charged yet", op)
		case creates(op) && op != opCheckout && s.pending == "" && s.state != payment.Processing:
			t.Fatalf("%s before process", op)
		}
	})
}

// TestBackoffGrowsAndObeysStripe draws many delays for each try: they begin at twice that of the try before, up to the last, and are spread
// over a quarter more, so that many rows do not come back at once.
func TestBackoffGrowsAndObeysStripe(t *testing.T) {
	times := Times{}.withDefaults()
	for tries := int64(1); tries < 80; tries++ {
		least := times.LastDelay
		if tries < 12 {
			least = min(times.LastDelay, times.FirstDelay*time.Duration(int64(1)<<(tries-1)))
		}
		low, high := time.Duration(1<<62), time.Duration(0)
		for range 200 {
			got := times.backoff(tries, nil)
			low, high = min(low, got), max(high, got)
		}
		if low < least || low > least+least/20 || high > least+least/4+1 || high < least+least/5 {
			t.Errorf("try %d waits between %s and %s, want from %s to a quarter more", tries, low, high, least)
		}
	}
	if got := times.backoff(1, &stripe.Error{RetryAfter: 90 * time.Second}); got < 90*time.Second {
		t.Errorf("Stripe asked for 90 s and got %s", got)
	}
}

func TestNetOfCharges(t *testing.T) {
	for _, test := range []struct {
		what string
		c    stripe.Charge
		want int64
	}{
		{"whole", stripe.Charge{Amount: 100, AmountCaptured: 100}, 100},
		{"a part given back", stripe.Charge{Amount: 100, AmountCaptured: 100, AmountRefunded: 30}, 70},
		{"all given back", stripe.Charge{Amount: 100, AmountCaptured: 100, AmountRefunded: 100}, 0},
		{"a part captured", stripe.Charge{Amount: 100, AmountCaptured: 60, AmountRefunded: 40}, 60},
		{"a part captured, a part of it given back", stripe.Charge{Amount: 100, AmountCaptured: 60, AmountRefunded: 50}, 50},
		{"captured not said", stripe.Charge{Amount: 100}, 100},
	} {
		if got := netOf(&test.c); got != test.want {
			t.Errorf("%s: %d, want %d", test.what, got, test.want)
		}
	}
}

func TestOlderPictures(t *testing.T) {
	for _, test := range []struct {
		known, next string
		failed      bool
		want        bool
	}{
		{"", stripe.RequiresPaymentMethod, false, false},
		{stripe.RequiresPaymentMethod, stripe.Succeeded, false, false},
		{stripe.Succeeded, stripe.RequiresPaymentMethod, true, true},
		{stripe.Succeeded, stripe.Canceled, false, true},
		{stripe.Succeeded, stripe.Succeeded, false, false},
		{stripe.Processing, stripe.RequiresPaymentMethod, true, false},
		{stripe.Processing, stripe.RequiresAction, false, true},
		{stripe.RequiresCapture, stripe.RequiresPaymentMethod, true, true},
		{stripe.Canceled, stripe.RequiresPaymentMethod, false, true},
	} {
		if got := older(test.known, test.next, test.failed); got != test.want {
			t.Errorf("%q after %q (failed %v): %v", test.next, test.known, test.failed, got)
		}
	}
}
