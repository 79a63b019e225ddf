package paymentstripe_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
)

// TestEngineKeepsItsFields tries to write and to create every stored field by which the engine works. All that a client may write is what
// people type in, or what a peer's script sets.
func TestEngineKeepsItsFields(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		customer := w.customer(w.bob, "cus_bob", "pm_card_visa")
		payment := w.paid("10.00", "pm_card_visa")
		refund := w.refund(payment, "1.00")
		for _, k := range []struct {
			model string
			id    int64
			by    int64 // who may write most of the model
			want  string
		}{
			{"account.payment", payment, w.clerk, `stripe_capture stripe_chargeable stripe_customer stripe_customer_payment_method
				stripe_customer_source stripe_token`},
			{"account.payment.stripe.refund", refund, w.clerk, `payment amount reason`},
			{"account.payment.stripe.customer", customer, w.clerk, `party stripe_account stripe_customer_id stripe_token active`},
			{"account.payment.stripe.account", w.stripeAccount, 1, `name secret_key publishable_key webhook_signing_secret
				setup_intent_delay stripe_email_template stripe_payment_methods stripe_statement_descriptor webhook_previous_secret`},
		} {
			var stored []string
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				stored = nil
				c := tx.Class(k.model)
				for _, name := range c.Fields() {
					f := c.Field(name)
					own := k.model != "account.payment" || strings.HasPrefix(name, "stripe_")
					switch name {
					case "id", "create_date", "create_uid", "write_date", "write_uid", "stripe_attempts", "stripe_refunds": // lines have rights of their own
						own = false
					}
					if own && !f.Function {
						stored = append(stored, name)
					}
				}
			})
			open := []string{}
			for _, name := range stored {
				_, written := w.try(k.by, k.model, "write", []any{k.id}, map[string]any{name: nil})
				_, created := w.try(k.by, k.model, "create", []any{map[string]any{name: nil}})
				if !denied(written) || !denied(created) {
					open = append(open, name)
				}
			}
			want := strings.Fields(k.want)
			slices.Sort(want)
			slices.Sort(open)
			if diff := cmp.Diff(want, open); diff != "" {
				t.Errorf("what clients may write of %s (-want +got):\n%s", k.model, diff)
			}
		}
		// A form of the peer's sends the box that it shows: empty it is no change, ticked it would be captured.
		for ticked, want := range map[bool]bool{false: false, true: true} {
			_, err := w.try(w.clerk, "account.payment", "create", []any{map[string]any{"stripe_capturable": ticked}})
			if denied(err) != want {
				t.Errorf("creation with stripe_capturable = %v: %v", ticked, err)
			}
		}
	})
}

// denied tells whether a right to a field is what the client lacks.
func denied(err error) bool {
	return models.IsKind(err, models.KindUser) && strings.HasPrefix(err.Error(), "You are not allowed to access the field")
}
