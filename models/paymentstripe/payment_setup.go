package paymentstripe

import (
	"paytond/models"
	"paytond/models/currency"
	"paytond/models/payment"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/stripe"
)

// Setup binds the fields that follow from others, the checks and what the workflow does at Stripe. What needs the gateway
// is bound by the engine, see setup.go.
func (x *paymentStripe) Setup(c *models.Class) {
	base := payment.Payment
	c.Change(base.Amount, func(f *models.Field) {
		f.States, f.Depends = fixedAmount, append(f.Depends, "stripe_capture_needed")
	})
	c.DefaultValue(x.StripeCapture, true)
	c.Default(x.StripeIdempotencyKey, func(*models.Tx) any { return newToken() })
	x.setupFollowing(c)
	c.OnChange(base.Party, func(r *models.Record) {
		for _, f := range []models.Char{x.StripeCustomerSource, x.StripeCustomerPaymentMethod} {
			f.Set(r, nil)
		}
		x.StripeCustomer.Set(r, nil)
		x.StripeCustomerSourceSelection.Set(r, nil)
		x.StripeCustomerPaymentMethodSelection.Set(r, nil)
	})
	c.Validate(x.checkKind)
	c.BeforeDelete(x.keepPaid)
	c.BeforeWrite(x.checkMove)
	c.BeforeWrite(x.checkChange)
	c.AfterWrite(x.released)
	c.AfterWrite(x.relinked)
	c.OnCopy(x.copied)
	payment.PrintMore(c, printed)
}

// checkKind refuses to give money away through Stripe.
func (x *paymentStripe) checkKind(_ *models.Tx, payments []*models.Record) error {
	for _, r := range payments {
		journal := payment.Payment.Journal.Of(r)
		if payment.Journal.ProcessMethod.Of(journal) == methodStripe && payment.Payment.Kind.Of(r) != payment.Receivable {
			return models.UserError("To pay \"%s\", you cannot use a stripe journal \"%s\".", r.Name(), journal.Name())
		}
	}
	return nil
}

// copied makes the copy of a payment a new one in Stripe's eyes.
func (x *paymentStripe) copied(_ *models.Tx, values models.Values) {
	for _, f := range []models.Named{x.StripeChargeID, x.StripePaymentIntentID, x.StripeToken, x.StripeChargeable, x.StripeCheckoutID,
		x.StripeCaptured, x.StripeCapturable, x.StripeErrorMessage, x.StripeErrorCode, x.StripeErrorParam, x.StripeDisputeReason,
		x.StripeDisputeStatus, x.StripeDisputeID, x.StripeDisputeAmount, x.StripeDisputeDue, x.StripeDisputeTime, x.StripeDisputeLost,
		x.StripeStatus, x.StripeEventTime, x.StripeCancel, x.StripeForgotten, x.StripeMethodType, x.StripePaidWith, x.StripeMandate, x.StripeVerifyURL,
		x.StripeVerifyArrival} {
		delete(values, f.FieldName())
	}
	values["stripe_idempotency_key"] = newToken()
	forgetQueue(values)
}

func (x *paymentStripe) setupFollowing(c *models.Class) {
	base := payment.Payment
	c.OnChangeWith(x.StripeAccount, func(r *models.Record) any {
		if account := accountOf(base.Journal.Of(r)); account != nil {
			return account.ID()
		}
		return nil
	}, base.Journal)
	c.OnChangeWith(x.StripeCheckoutNeeded, func(r *models.Record) any { return x.checkoutNeeded(r) },
		base.ProcessMethod, x.StripeToken, x.StripePaymentIntentID, x.StripeStatus, x.StripeCustomerSource, x.StripeCustomerSourceSelection,
		x.StripeCustomerPaymentMethod, x.StripeCustomerPaymentMethodSelection)
	c.Compute(x.StripeCaptureNeeded, func(r *models.Record) any { return x.captureNeeded(r) })
	c.Compute(x.StripeAmount, func(r *models.Record) any {
		if n, err := minorAmount(r, base.Amount.Of(r)); err == nil {
			return n
		}
		return nil
	})
	c.Setter(x.StripeAmount, func(tx *models.Tx, payments []*models.Record, v any) error {
		n, ok := v.(int64)
		if !ok {
			return nil
		}
		for _, r := range payments {
			if err := base.Write(tx, []*models.Record{r}, base.Amount.To(majorAmount(r, n))); err != nil {
				return err
			}
		}
		return nil
	})
	follow := func(selection models.Selection, stored models.Char) {
		c.Compute(selection, func(r *models.Record) any { return r.Get(stored.FieldName()) })
		// The selection is only the way to choose; the stored field comes with it.
		c.Setter(selection, func(*models.Tx, []*models.Record, any) error { return nil })
		c.OnChange(selection, func(r *models.Record) { stored.Set(r, r.Get(selection.FieldName())) }, selection, stored)
	}
	follow(x.StripeCustomerSourceSelection, x.StripeCustomerSource)
	follow(x.StripeCustomerPaymentMethodSelection, x.StripeCustomerPaymentMethod)
}

// checkoutNeeded tells that nobody can be charged unless the customer acts: there is nothing to charge, or Stripe waits for him.
func (x *paymentStripe) checkoutNeeded(r *models.Record) bool {
	if payment.Payment.ProcessMethod.Of(r) != methodStripe {
		return false
	}
	if x.StripePaymentIntentID.Of(r) != "" {
		return waitsForCustomer(x.StripeStatus.Of(r))
	}
	for _, named := range []models.Named{x.StripeToken, x.StripeCustomerSource, x.StripeCustomerSourceSelection,
		x.StripeCustomerPaymentMethod, x.StripeCustomerPaymentMethodSelection} {
		if text, _ := r.Get(named.FieldName()).(string); text != "" {
			return false
		}
	}
	return true
}

// waitsForCustomer tells whether an intent of the status goes on only when the customer does something.
func waitsForCustomer(status string) bool {
	switch status {
	case stripe.RequiresPaymentMethod, stripe.RequiresConfirmation, stripe.RequiresAction:
		return true
	}
	return false
}

// captureNeeded tells that an amount is or will be only authorised until somebody asks for its capture.
func (x *paymentStripe) captureNeeded(r *models.Record) bool {
	return payment.Payment.ProcessMethod.Of(r) == methodStripe &&
		(x.StripeChargeID.Of(r) != "" || x.StripePaymentIntentID.Of(r) != "") &&
		!x.StripeCapture.Of(r) && !x.StripeCaptured.Of(r)
}

// accountOf is the Stripe account of a journal, nil if it has none.
func accountOf(journal *models.Record) *models.Record {
	if journal == nil {
		return nil
	}
	return Journal.StripeAccount.Of(journal)
}

// currencyCode is the ISO code of a payment's currency.
func currencyCode(r *models.Record) string {
	return currency.Currency.Code.Of(payment.Payment.Currency.Of(r))
}

// minorAmount is an amount of the payment's currency in the units that Stripe counts.
func minorAmount(r *models.Record, amount value.Decimal) (int64, error) {
	return stripe.MinorUnits(amount.Plain(), currencyCode(r))
}

// majorAmount is the amount of Stripe's units in the payment's currency.
func majorAmount(r *models.Record, n int64) value.Decimal {
	return value.FromMinor(n, stripe.Digits(currencyCode(r)))
}

// buttonStates of the payment's own buttons.
var (
	checkoutStates = map[string]any{"invisible": pyson.Or(
		pyson.Not(pyson.In(pyson.Eval("state", payment.Draft), []any{payment.Approved, payment.Processing})),
		pyson.Not(pyson.Eval("stripe_checkout_needed", false)))}
	captureStates = map[string]any{"invisible": pyson.Or(
		pyson.NotEqual(pyson.Eval("state", payment.Draft), payment.Processing),
		pyson.Not(capturing))}
	voidStates = map[string]any{"icon": "tryton-cancel", "invisible": pyson.Or(
		pyson.NotEqual(pyson.Eval("state", payment.Draft), payment.Processing),
		pyson.Not(pyson.Eval("stripe_capturable", false)))}
	pullStates = map[string]any{"invisible": pyson.Or(notStripe, pyson.And(pyson.Not(intentSet), pyson.Not(chargeSet)))}
)
