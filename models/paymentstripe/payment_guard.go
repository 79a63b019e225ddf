package paymentstripe

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/stripe"
)

// What a clerk may not do by hand: lose sight of money that Stripe has taken or may still take.

// keepPaid refuses to delete drafts that were paid, or still could be.
func (x *paymentStripe) keepPaid(tx *models.Tx, payments []*models.Record) error {
	for _, r := range payments {
		switch {
		case x.StripeCaptured.Of(r):
			return models.UserError("Payment \"%s\" cannot be deleted because the customer has paid it: approve and process it.", r.Name())
		case x.hasAtStripe(tx, r):
			return models.UserError("Payment \"%s\" cannot be deleted as long as it could be paid at Stripe. Please try again once that is canceled.", r.Name())
		}
	}
	return nil
}

// paidOtherwise tells whether a payment was noted by hand as succeeded while Stripe may still take its money.
func (x *paymentStripe) paidOtherwise(tx *models.Tx, r *models.Record, state string) bool {
	return state == payment.Succeeded && tx.User() != 0 && x.mayTakeMoney(tx, r)
}

// hasAtStripe tells whether there is, or may be, something at Stripe by which a payment that is not over has been paid or could be, or a
// server works on it just now.
func (x *paymentStripe) hasAtStripe(tx *models.Tx, r *models.Record) bool {
	return x.StripeLease.Of(r) != "" || x.StripeCaptured.Of(r) || x.checkedOut(tx, r, payment.Draft) || x.mayTakeMoney(tx, r)
}

// mayTakeMoney tells whether Stripe has not taken the money of a payment, but still may: the customer has a page open, an amount is held, a
// debit is under way, or it is not known what became of a call.
func (x *paymentStripe) mayTakeMoney(tx *models.Tx, r *models.Record) bool {
	if x.StripeCaptured.Of(r) {
		return false
	}
	switch x.StripeStatus.Of(r) {
	case stripe.Processing, "pending":
		return true
	}
	return x.StripeCancel.Of(r) || x.checkedOut(tx, r, payment.Failed) || pendingAttempt(tx, payments, r.ID()) != nil
}

// checkMove refuses to take back to draft what was paid.
func (x *paymentStripe) checkMove(_ *models.Tx, records []*models.Record, values models.Values) error {
	state, _ := values["state"].(string)
	if state != payment.Draft {
		return nil
	}
	for _, r := range records {
		if payment.Payment.ProcessMethod.Of(r) == methodStripe && x.StripeCaptured.Of(r) {
			return models.UserError("Payment \"%s\" cannot go back to draft because the customer has paid it: process it.", r.Name())
		}
	}
	return nil
}

// checkChange refuses to lead a draft to another journal while something of it may be paid at the account of the one that it has: it would be
// canceled at the wrong one. And what the customer is being asked for is the amount that he authorises.
func (x *paymentStripe) checkChange(tx *models.Tx, records []*models.Record, values models.Values) error {
	base := payment.Payment
	for _, r := range records {
		switch {
		case r.Changes(values, base.Journal) && x.hasAtStripe(tx, r):
			return models.UserError("The journal of payment \"%s\" cannot be changed as long as it could be paid at Stripe. Please try again once that is canceled.", r.Name())
		case tx.User() != 0 && base.State.Of(r) != payment.Draft && r.Changes(values, base.Amount, x.StripeAmount) &&
			base.ProcessMethod.Of(r) == methodStripe && !x.StripeCapturable.Of(r):
			return models.UserError("The amount of payment \"%s\" cannot be changed before the customer has authorized it.", r.Name())
		}
	}
	return nil
}

// keepWhileOpen refuses to lead a journal elsewhere as long as there is, or may be, something at Stripe for drafts of it.
func (x *journalStripe) keepWhileOpen(tx *models.Tx, journals []*models.Record, values models.Values) error {
	base := payment.Journal
	for _, r := range journals {
		if !r.Changes(values, x.StripeAccount, base.ProcessMethod, base.Currency, base.Company) {
			continue
		}
		for _, p := range payment.Payment.Search(tx, domain.AllOf(payment.Payment.Journal.Eq(r.ID()), payment.Payment.State.Eq(payment.Draft))) {
			if Payment.hasAtStripe(tx, p) {
				return payment.UsedError(r)
			}
		}
	}
	return nil
}
