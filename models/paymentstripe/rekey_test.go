package paymentstripe_test

import (
	"strings"
	"testing"

	"paytond/models"
	"paytond/stripe/simulator"
)

// TestKeyOfAnotherAccountWaits changes the secret key while it is not known whether a charge was made: to one of another account, or of
// which nobody can tell, that is refused until it is known, or until Stripe does not take the old one any more.
func TestKeyOfAnotherAccountWaits(t *testing.T) {
	const same, other, old = "sk_test_51AAAAbbbbCCCCdddNext", "sk_test_51EEEEffffGGGGhhhOther", "sk_test_other"
	each(t, func(t *testing.T, w *world) {
		refused := func(when, key string, want bool) {
			t.Helper()
			values := map[string]any{"secret_key": key}
			if strings.HasPrefix(key, "sk_live_") { // both keys are of one mode
				values["publishable_key"] = "pk_live_world"
			}
			err := w.writeAccount(values)
			got := models.IsKind(err, models.KindUser) && strings.Contains(err.Error(), "can only be changed to another one of the same account")
			if got != want || !want && err != nil && !models.IsKind(err, models.KindWarning) {
				t.Errorf("%s: %s: %v", when, key, err)
			}
		}
		const first = "sk_test_51AAAAbbbbCCCCdddFirst"
		if err := w.writeAccount(map[string]any{"secret_key": first}); err != nil {
			t.Fatal(err)
		}
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: simulator.ServerErrorAfter, Count: 1})
		ids := w.byToken(1, nil)
		w.post()
		refused("pending", other, true)
		refused("pending", old, true)
		live := strings.Replace(same, "_test_", "_live_", 1) // beside a key for tests it cannot be right, whatever is pending
		if err := w.writeAccount(map[string]any{"secret_key": live}); !models.IsKind(err, models.KindUser) {
			t.Errorf("pending: %s: %v", live, err)
		}
		refused("pending", strings.Replace(same, "51AAAA", "51ZZZZ", 1), true)
		refused("pending", same, false)
		w.sim.Revoke(first, false)
		w.settled()
		w.now()
		w.post()
		refused("revoked", other, true)
		refused("revoked", old, false)
		w.sim.Revoke(first, true)
		for range 4 {
			w.settled()
			w.now()
			w.post()
		}
		if n := w.count("succeeded", ids); n != 1 {
			t.Fatalf("the payment is not made: %v", w.attempts("payment", ids[0]))
		}
		if err := w.writeAccount(map[string]any{"secret_key": other}); err != nil {
			t.Errorf("when all is known: %v", err)
		}
	})
}
