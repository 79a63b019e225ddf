package paymentstripe

import (
	"paytond/models"
	"paytond/models/payment"
	"paytond/stripe"
)

// Bank debits: their money comes days after the customer has agreed, or does not come, or is taken back when it was there.

// isDebit tells the types of payment methods that are bank debits.
func isDebit(kind string) bool { return kind == methodACH || kind == methodSEPA }

// methodValues are what an intent tells of what it is paid with. What it does not tell stays.
func methodValues(pi *stripe.PaymentIntent) models.Values {
	values := verifyValues(pi.NextAction)
	kind, mandate := "", ""
	if pi.LastError != nil {
		kind = pi.LastError.MethodType
	}
	if pi.Charge != nil {
		kind, mandate = firstText(pi.Charge.MethodType, kind), pi.Charge.Mandate
		putPaidWith(values, pi.Charge)
	}
	if values["stripe_verify_url"] != nil {
		kind = methodACH // only such accounts are verified by deposits
	}
	if kind != "" {
		values["stripe_method_type"] = kind
	}
	if mandate != "" {
		values["stripe_mandate"] = mandate
	}
	return values
}

// verifyValues are where and from when on the customer proves that a bank account is his; nothing once that is done or given up.
func verifyValues(next *stripe.NextAction) models.Values {
	values := models.Values{"stripe_verify_url": nil, "stripe_verify_arrival": nil}
	if next != nil && next.Type == stripe.VerifyMicrodeposits && next.URL != "" {
		values["stripe_verify_url"] = next.URL
		if !next.By.IsZero() {
			values["stripe_verify_arrival"] = next.By.UTC()
		}
	}
	return values
}

// hasBounced tells whether the picture of an intent shows that a debit that was under way at a bank has failed. It need not be known that
// it was under way: a debit has a charge only once the bank was asked.
func hasBounced(known string, pi *stripe.PaymentIntent) bool {
	if pi.Status != stripe.RequiresPaymentMethod || pi.LastError == nil {
		return false
	}
	return ranks[known] == 2 || isDebit(pi.LastError.MethodType) && pi.LastError.ChargeID != ""
}

// takeReturn fails a payment whose money the bank has taken back after it was there.
func takeReturn(tx *models.Tx, r *models.Record, c *stripe.Charge) error {
	if err := writeChanged(tx, r, models.Values{"stripe_charge_id": c.ID, "stripe_status": "failed", "stripe_error_message": orNil(c.FailureMessage),
		"stripe_error_code": orNil(c.FailureCode), "stripe_error_param": nil}); err != nil {
		return err
	}
	return payment.Payment.Fail(tx, []*models.Record{r})
}

// noteMethod notes what a charge of the payment's intent is made with, for that the intent's own events do not tell.
func noteMethod(tx *models.Tx, r *models.Record, c *stripe.Charge) error {
	values := models.Values{}
	if c.MethodType != "" {
		values["stripe_method_type"] = c.MethodType
	}
	if c.Mandate != "" {
		values["stripe_mandate"] = c.Mandate
	}
	putPaidWith(values, c)
	return writeChanged(tx, r, values)
}

// putPaidWith notes the card or account of a charge as customers know it; what does not tell its number stays as it is.
func putPaidWith(values models.Values, c *stripe.Charge) {
	if c.Last4 != "" {
		values["stripe_paid_with"] = label(firstText(c.Brand, c.Bank, c.MethodType), c.Last4, 0, 0)
	}
}

// keepsReason tells whether the reason that is shown is the last word: what comes later of the charge or intent is not to wipe it away.
func keepsReason(r *models.Record) bool {
	return payment.Payment.State.Of(r) == payment.Failed || lostByDispute(r)
}
