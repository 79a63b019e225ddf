package paymentstripe

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"paytond/models"
	"paytond/models/payment"
	"paytond/stripe"
)

// Operations on a refund.
const (
	opRefund         = "refund"
	opRetrieveRefund = "retrieve refund"
)

// refundPicture is what Stripe says of a refund, and of the charge that it lowers where that could be read.
type refundPicture struct {
	refund *stripe.Refund
	charge *stripe.Charge
}

// planRefund is the plan of the queue of refunds: one that is approved is given back, one that takes its time is looked at.
func (e *Engine) planRefund(tx *models.Tx, r *models.Record, why purpose, _ *models.Record) (*work, error) {
	x, p := Refund, Refund.Payment.Of(r)
	account := accountOf(payment.Payment.Journal.Of(p))
	open := x.State.Of(r) == payment.Approved || x.State.Of(r) == payment.Processing
	if account == nil || !open && (why != forRefresh || x.StripeRefundID.Of(r) == "") {
		return nil, nil
	}
	w := &work{account: account.ID(), secret: Account.SecretKey.Of(account), done: applyRefund, declined: declineRefund}
	o := orderOf(tx, p)
	if id := x.StripeRefundID.Of(r); id != "" {
		w.operation, w.declined = opRetrieveRefund, declineNoted
		w.call = func(ctx context.Context, a *stripe.Account, _ string) (any, error) {
			got, err := a.RetrieveRefund(ctx, id)
			return withCharge(ctx, a, got, err)
		}
		return w, nil
	}
	if _, err := x.In(tx).Move(tx, []*models.Record{r}, payment.Processing); err != nil {
		return nil, err
	}
	amount, amountErr := minorAmount(p, x.Amount.Of(r))
	params := stripe.RefundParams{PaymentIntent: o.intent, Amount: amount, Reason: x.Reason.Of(r)}
	if o.intent == "" {
		params.Charge = o.charge
	}
	o.metadata["refund"] = strconv.FormatInt(r.ID(), 10)
	w.operation, w.write, w.settle = opRefund, true, true
	w.call = func(ctx context.Context, a *stripe.Account, key string) (any, error) {
		if amountErr != nil {
			return nil, refused(amountErr)
		}
		params.Metadata = o.keyed(ctx, key)
		got, err := a.CreateRefund(ctx, key, params)
		if e := stripe.AsError(err); e != nil && e.Code == "charge_already_refunded" { // by this very refund, should Stripe have forgotten its key
			if found, lookErr := w.lookup(ctx, a, key, time.Time{}); found != nil || lookErr != nil {
				return found, lookErr
			}
		}
		return withCharge(ctx, a, got, err)
	}
	w.lookup = func(ctx context.Context, a *stripe.Account, key string, _ time.Time) (any, error) {
		all, err := a.ListRefunds(ctx, params.Charge, params.PaymentIntent)
		for _, got := range all {
			if got.Metadata["key"] == key {
				return withCharge(ctx, a, got, nil)
			}
		}
		return nil, err
	}
	return w, nil
}

// withCharge adds the charge to a refund. That it cannot be read is no failure of the refund: an event or the next look tells of it.
func withCharge(ctx context.Context, a *stripe.Account, got *stripe.Refund, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	picture := refundPicture{refund: got}
	if got.Charge != "" {
		picture.charge, _ = a.RetrieveCharge(ctx, got.Charge)
	}
	return picture, nil
}

// applyRefund takes over what became of a refund.
func applyRefund(tx *models.Tx, r *models.Record, result any) error {
	picture, ok := result.(refundPicture)
	if !ok {
		return fmt.Errorf("a refund cannot take over a %T", result)
	}
	if _, err := takeRefund(tx, r, picture.refund); err != nil {
		return err
	}
	if picture.charge == nil {
		return lookAt(tx, Refund.Payment.Of(r))
	}
	_, err := applyCharge(tx, Refund.Payment.Of(r), picture.charge)
	return err
}

// takeRefund takes over the picture of a refund alone. It reports whether the refund has another state now, so that its payment may have
// another amount.
func takeRefund(tx *models.Tx, r *models.Record, got *stripe.Refund) (moved bool, err error) {
	x, one := Refund, []*models.Record{r}
	over := got.Status == "failed" || got.Status == "canceled"
	if x.State.Of(r) == payment.Failed && x.StripeRefundID.Of(r) == got.ID && !over {
		return false, nil // an older picture: what has failed stays so
	}
	values := noErrorValues()
	values["stripe_refund_id"] = got.ID
	if got.Amount > 0 { // what went back is a fact, whatever was changed here while it was not known
		values["amount"] = majorAmount(x.Payment.Of(r), got.Amount)
	}
	if over {
		values["stripe_error_message"] = "The refund has " + map[string]string{"failed": "failed", "canceled": "been canceled"}[got.Status] + " at Stripe"
		values["stripe_error_code"] = orNil(got.FailureReason)
	}
	if err := writeChanged(tx, r, values); err != nil {
		return false, err
	}
	to := ""
	switch got.Status {
	case "succeeded":
		to = payment.Succeeded
	case "failed", "canceled":
		to = payment.Failed
	default: // pending, requires_action
		return false, schedule(tx, one, lookAgain)
	}
	list, err := x.In(tx).Move(tx, one, to)
	return len(list) > 0, err
}

// declineRefund fails a refund.
func declineRefund(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	if err := writeChanged(tx, r, errorOf(e)); err != nil {
		return err
	}
	_, err := Refund.In(tx).Move(tx, []*models.Record{r}, payment.Failed)
	return err
}
