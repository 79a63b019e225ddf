package paymentstripe

import (
	"context"
	"fmt"
	"time"

	"paytond/models"
	"paytond/stripe"
)

// releaseCharge gives up an authorisation. Stripe has no other way for a charge without an intent than a refund of what was not captured,
// which moves no money.
func (o order) releaseCharge(ctx context.Context, a *stripe.Account, key string) (any, error) {
	_, err := a.CreateRefund(ctx, key, stripe.RefundParams{Charge: o.charge, Metadata: o.keyed(ctx, key)})
	if e := stripe.AsError(err); err != nil && (e == nil || e.Code != "charge_already_refunded") { // else it was released otherwise
		return nil, err
	}
	return result(a.RetrieveCharge(ctx, o.charge))
}

// findReleased finds the charge when its amount is held no more, whether it was released, ran out or was captured meanwhile.
func (o order) findReleased(ctx context.Context, a *stripe.Account, _ string, _ time.Time) (any, error) {
	c, err := a.RetrieveCharge(ctx, o.charge)
	if err != nil || c.Status == stripe.Succeeded && !c.Captured && !c.Refunded {
		return nil, err
	}
	return c, nil
}

// applyReleased takes over what became of a charge whose authorisation was to be given up.
func applyReleased(tx *models.Tx, r *models.Record, result any) error {
	c, ok := result.(*stripe.Charge)
	if !ok {
		return fmt.Errorf("a %T was released", result)
	}
	if _, err := applyCharge(tx, r, c); err != nil {
		return err
	}
	values := noErrorValues()
	values["stripe_cancel"] = false
	return writeChanged(tx, r, values)
}

// withoutErrors leaves what the record says of errors as it is.
func withoutErrors(values models.Values) {
	for name := range noErrorValues() {
		delete(values, name)
	}
}
