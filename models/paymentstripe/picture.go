package paymentstripe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/models/value"
	"paytond/sql"
	"paytond/stripe"
)

// A picture is an object as Stripe showed it: in an answer or in an event. Pictures may come late and out of order, so one is taken over
// only where it does not lead back; see older.

// ranks of what Stripe says of an intent or charge: it goes up, with the one exception of a bank debit that fails.
var ranks = map[string]int{
	stripe.RequiresPaymentMethod: 1, stripe.RequiresConfirmation: 1, stripe.RequiresAction: 1,
	"pending": 2, stripe.Processing: 2, stripe.RequiresCapture: 3, stripe.Succeeded: 4, stripe.Canceled: 4, "failed": 4,
}

// older tells whether a picture with the status next shows less than is known. failed says that the picture shows a failure: what was
// under way at a bank can come back with one.
func older(known, next string, failed bool) bool {
	if ranks[known] == 2 && failed {
		return false
	}
	return ranks[next] < ranks[known] || ranks[known] == 4 && next != known
}

// applyResult takes over what a call for a payment gave.
func applyResult(tx *models.Tx, r *models.Record, result any) error {
	switch v := result.(type) {
	case *stripe.PaymentIntent:
		_, err := applyIntent(tx, r, v)
		return err
	case *stripe.Charge:
		_, err := applyCharge(tx, r, v)
		return err
	case noMethod:
		return applyNoMethod(tx, r, v)
	}
	return fmt.Errorf("a payment cannot take over a %T", result)
}

// notePicture keeps events of before an answer from showing what the answer has overtaken: a payment that has taken it over knows all that
// happened until then.
func notePicture(tx *models.Tx, id int64, a answered) error {
	x, r := Payment, payment.Payment.Browse(tx, id)[0]
	object, known := "", false
	switch v := a.result.(type) {
	case *stripe.PaymentIntent:
		object = v.ID
		known = x.StripePaymentIntentID.Of(r) == v.ID && x.StripeStatus.Of(r) == v.Status && (v.Charge != nil || v.ChargeID == "")
	case *stripe.Charge:
		object = v.ID
		known = x.StripeChargeID.Of(r) == v.ID && x.StripeStatus.Of(r) == v.Status
	}
	if !known {
		return nil
	}
	for _, c := range slices.Backward(a.calls) {
		if c.Object == object && c.Outcome == stripe.Done && c.Shown.After(x.StripeEventTime.Of(r)) {
			return writeChanged(tx, r, models.Values{"stripe_event_time": c.Shown})
		}
	}
	return nil
}

// applyIntent takes over the picture of the payment's intent. It reports whether the picture was one to take over.
func applyIntent(tx *models.Tx, r *models.Record, pi *stripe.PaymentIntent) (bool, error) {
	x := Payment
	known := x.StripeStatus.Of(r)
	failed := pi.Status == stripe.RequiresPaymentMethod && pi.LastError != nil
	if id := x.StripePaymentIntentID.Of(r); id != "" && id != pi.ID || hasForgotten(r, pi.ID) || older(known, pi.Status, failed) {
		return false, nil
	}
	if pi.Status == stripe.Succeeded && pi.Charge != nil && pi.Charge.Status == "failed" {
		return true, takeReturn(tx, r, pi.Charge)
	}
	values := methodValues(pi)
	if !keepsReason(r) || pi.Status == stripe.Succeeded && !lostByDispute(r) {
		maps.Copy(values, noErrorValues())
	}
	values["stripe_payment_intent_id"], values["stripe_status"] = pi.ID, pi.Status
	values["stripe_capturable"] = pi.Status == stripe.RequiresCapture
	if pi.ChargeID != "" {
		values["stripe_charge_id"] = pi.ChargeID
	}
	if pi.LastError != nil && waitsForCustomer(pi.Status) {
		values["stripe_error_message"] = pi.LastError.Message
		values["stripe_error_code"] = orNil(firstText(pi.LastError.DeclineCode, pi.LastError.Code))
		values["stripe_error_param"] = orNil(pi.LastError.Param)
		if pi.Charge != nil && isDebit(pi.Charge.MethodType) && pi.Charge.FailureCode != "" { // the bank's own reason
			values["stripe_error_message"], values["stripe_error_code"] = orNil(pi.Charge.FailureMessage), pi.Charge.FailureCode
		}
	}
	if pi.Status == stripe.Succeeded {
		values["stripe_captured"] = true
	}
	if pi.Status == stripe.Canceled && !x.StripeCancel.Of(r) && known != stripe.Canceled {
		values["stripe_error_message"] = "The payment was canceled at Stripe"
		values["stripe_error_code"] = orNil(pi.CancelReason)
	} else if pi.Status == stripe.Canceled {
		withoutErrors(values) // why is told already
	}
	if err := writeChanged(tx, r, values); err != nil {
		return false, err
	}
	if known == stripe.Succeeded && pi.Charge == nil {
		return true, nil // nothing new, and it does not say what was refunded
	}
	return true, followIntent(tx, r, pi, hasBounced(known, pi))
}

// followIntent moves the payment where its intent has gone.
func followIntent(tx *models.Tx, r *models.Record, pi *stripe.PaymentIntent, bounced bool) error {
	one := []*models.Record{r}
	switch {
	case foundTooLate(tx, r):
		return giveUp(tx, one)
	case pi.Status == stripe.Succeeded:
		if pi.Charge != nil {
			return settle(tx, r, capturedOf(pi.Charge), netOf(pi.Charge))
		}
		return settle(tx, r, pi.AmountReceived, pi.AmountReceived)
	case pi.Status == stripe.Canceled && beforeProcessing(r): // which cannot fail, and may be paid by another one
		return forgetIntent(tx, r)
	case pi.Status == stripe.Canceled && payment.Payment.State.Of(r) == payment.Succeeded: // it was paid otherwise
		return nil
	case pi.Status == stripe.Canceled && !Payment.StripeCancel.Of(r), bounced:
		return payment.Payment.Fail(tx, one)
	case pi.Status == stripe.RequiresCapture && Payment.StripeCapture.Of(r), Payment.StripeCancel.Of(r):
		return due(tx, one)
	case pi.Status == stripe.Processing:
		return schedule(tx, one, lookAgain)
	case authenticationWanted(tx, r, pi):
		return askToAuthenticate(tx, r)
	case refusedAlone(tx, r, pi):
		return payment.Payment.Fail(tx, one)
	}
	return nil
}

// beforeProcessing tells whether a payment is not processed yet.
func beforeProcessing(r *models.Record) bool {
	state := payment.Payment.State.Of(r)
	return state == payment.Draft || state == payment.Approved
}

// applyCharge takes over the picture of the payment's charge.
func applyCharge(tx *models.Tx, r *models.Record, c *stripe.Charge) (bool, error) {
	x := Payment
	intent := x.StripePaymentIntentID.Of(r)
	ofIntent, isNew := intent != "", x.StripeChargeID.Of(r) == ""
	if hasForgotten(r, c.ID) || hasForgotten(r, c.PaymentIntent) {
		return false, nil
	}
	if !ofIntent && c.PaymentIntent != "" { // the event of the charge was faster than what tells of its intent, which says all there is to say
		if err := writeChanged(tx, r, models.Values{"stripe_payment_intent_id": c.PaymentIntent}); err != nil {
			return false, err
		}
		return true, due(tx, []*models.Record{r})
	}
	if id := x.StripeChargeID.Of(r); id != "" && id != c.ID && !(ofIntent && c.PaymentIntent == intent && c.Status == stripe.Succeeded) {
		return false, nil // another try of the same intent
	}
	if c.Status == "failed" && c.ID == x.StripeChargeID.Of(r) && x.StripeStatus.Of(r) == stripe.Succeeded {
		return true, takeReturn(tx, r, c)
	}
	if !ofIntent && older(x.StripeStatus.Of(r), c.Status, c.Status == "failed") {
		return false, nil
	}
	if ofIntent && c.Status != stripe.Succeeded {
		return false, noteMethod(tx, r, c) // the intent says what a failed try means
	}
	values := models.Values{}
	if !lostByDispute(r) {
		values = noErrorValues()
	}
	values["stripe_charge_id"] = c.ID
	if !ofIntent || c.Captured {
		values["stripe_status"] = c.Status
	}
	switch {
	case c.Captured:
		values["stripe_captured"], values["stripe_capturable"] = true, false
	case c.Refunded:
		values["stripe_capturable"] = false
		if ofIntent {
			values["stripe_status"] = stripe.Canceled
		}
		if payment.Payment.State.Of(r) != payment.Failed {
			values["stripe_error_message"] = "The authorization was released at Stripe before anything was captured"
		} else {
			withoutErrors(values) // why is told already
		}
	case !ofIntent:
		values["stripe_capturable"] = c.Status == stripe.Succeeded
	}
	if c.Status == "failed" {
		values["stripe_error_message"], values["stripe_error_code"] = orNil(c.FailureMessage), orNil(firstText(c.DeclineCode, c.FailureCode))
	}
	if err := errors.Join(writeChanged(tx, r, values), noteMethod(tx, r, c)); err != nil {
		return false, err
	}
	if isNew && foundTooLate(tx, r) { // an old picture of one that was given up says that it is held, too
		return true, giveUp(tx, []*models.Record{r})
	}
	return true, followCharge(tx, r, c)
}

func followCharge(tx *models.Tx, r *models.Record, c *stripe.Charge) error {
	one := []*models.Record{r}
	switch {
	case c.Status == "failed":
		return payment.Payment.Fail(tx, one)
	case c.Status == "pending":
		return schedule(tx, one, lookAgain)
	case c.Captured:
		return settle(tx, r, capturedOf(c), netOf(c))
	case c.Refunded && payment.Payment.State.Of(r) == payment.Succeeded: // it was paid otherwise
		return nil
	case c.Refunded: // an authorisation that was given up or ran out
		return payment.Payment.Fail(tx, one)
	case Payment.StripeCapture.Of(r):
		return due(tx, one)
	}
	return nil
}

// netOf is what is left of a captured charge in minor units. Stripe counts the part of an authorisation that was not captured as refunded.
func netOf(c *stripe.Charge) int64 {
	captured, refunded := capturedOf(c), c.AmountRefunded
	if rest := c.Amount - captured; refunded >= rest {
		refunded -= rest
	}
	return max(0, captured-refunded)
}

// capturedOf is what was taken by a captured charge, in minor units.
func capturedOf(c *stripe.Charge) int64 {
	if c.AmountCaptured == 0 { // not said by old versions of the API
		return c.Amount
	}
	return c.AmountCaptured
}

// settle gives a paid payment the amount that is left of it: it has succeeded, or failed when nothing is left. What a dispute took stays
// lost: Stripe's charge does not count it. A picture that was made before a refund that is known counts as if it showed it; when a refund
// fails, the payment is looked at again.
func settle(tx *models.Tx, r *models.Record, captured, net int64) error {
	if Payment.StripeDisputeStatus.Of(r) == disputeLost && Payment.StripeDisputeLost.IsNull(r) {
		return nil // the peer's server took it off, and does not say how much it was
	}
	given, err := givenBack(tx, r)
	if err != nil {
		return err
	}
	amount := majorAmount(r, min(net, captured-given)).Sub(Payment.StripeDisputeLost.Of(r))
	one := []*models.Record{r}
	if amount.Sign() <= 0 {
		return payment.Payment.Fail(tx, one)
	}
	if !amount.Equal(payment.Payment.Amount.Of(r)) {
		if err := payment.Payment.Write(tx, one, payment.Payment.Amount.To(amount)); err != nil {
			return err
		}
	}
	return payment.Payment.Succeed(tx, one)
}

// givenBack is the sum of the refunds of a payment that Stripe has made, as far as they are known here, in minor units.
func givenBack(tx *models.Tx, r *models.Record) (sum int64, err error) {
	x := Refund
	for _, made := range x.Search(tx, domain.AllOf(x.Payment.Eq(r.ID()), x.StripeRefundID.Ne(nil), x.State.In(payment.Processing, payment.Succeeded))) {
		amount, err := minorAmount(r, x.Amount.Of(made))
		if err != nil {
			return 0, err
		}
		sum += amount
	}
	return sum, nil
}

// lookAt has a payment whose money was taken compared with Stripe soon: something has changed that its own pictures may not have shown.
func lookAt(tx *models.Tx, p *models.Record) error {
	if !Payment.StripeCaptured.Of(p) {
		return nil
	}
	return due(tx, []*models.Record{p})
}

// writeChanged writes those of the values that differ. What is only noted of Stripe on a payment, refund or account is no change of the record in
// the eyes of its users: it keeps its time of change, or a clerk with an open form would be told of a conflict whenever the engine worked.
// A customer has a history, so there it is one.
func writeChanged(tx *models.Tx, r *models.Record, values models.Values) error {
	var sets []sql.F
	changed := models.Values{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		old := r.Get(name)
		if old == v || old == nil && v == false {
			continue
		}
		stored := v
		if amount, ok := v.(value.Decimal); ok {
			if before, ok := old.(value.Decimal); ok && before.Equal(amount) {
				continue
			}
			stored = amount.Plain()
		}
		changed[name] = v
		sets = append(sets, sql.SQL(sql.Quote(name)+" = ?", stored))
	}
	if len(sets) == 0 {
		return nil
	}
	if c := r.Class(); c.History {
		return c.Write(tx, []*models.Record{r}, changed)
	}
	_, err := tx.Exec(sql.SQL(`UPDATE `+sql.Quote(r.Class().Table)+` SET ? WHERE "id" = ?`, sets, r.ID()))
	return err
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// declinePayment fails the payment, with what Stripe said, unless the customer can still help by authenticating himself.
func declinePayment(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	if e.ChargeID != "" {
		values["stripe_charge_id"] = e.ChargeID
	}
	if e.PaymentIntentID != "" {
		values["stripe_payment_intent_id"], values["stripe_status"] = e.PaymentIntentID, stripe.RequiresPaymentMethod
	}
	if err := writeChanged(tx, r, values); err != nil {
		return err
	}
	if e.PaymentIntentID != "" && (e.Code == authenticationRequired || e.DeclineCode == authenticationRequired) {
		return askToAuthenticate(tx, r)
	}
	return payment.Payment.Fail(tx, []*models.Record{r})
}

const authenticationRequired = "authentication_required"

// declineNoted only shows what Stripe said.
func declineNoted(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	return writeChanged(tx, r, errorOf(e))
}

// declineCapture leaves the amount authorised and the capture to be asked for again.
func declineCapture(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	values["stripe_capture"] = false
	return writeChanged(tx, r, values)
}

// declineCancel forgets an intent that Stripe does not have; any other refusal is shown.
func declineCancel(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	if e.Code == "resource_missing" {
		return forgetIntent(tx, r)
	}
	values := errorOf(e)
	values["stripe_cancel"] = false
	return writeChanged(tx, r, values)
}

// applyCanceled takes over what became of an intent that was to be canceled.
func applyCanceled(tx *models.Tx, r *models.Record, result any) error {
	pi, ok := result.(*stripe.PaymentIntent)
	switch {
	case !ok:
		return fmt.Errorf("a %T was canceled", result)
	case pi.Status == stripe.Canceled:
		return forgetIntent(tx, r)
	case pi.Status == stripe.Succeeded, pi.Status == stripe.Processing:
		if err := writeChanged(tx, r, models.Values{"stripe_cancel": false}); err != nil {
			return err
		}
		if _, err := applyIntent(tx, r, pi); err != nil {
			return err
		}
		return writeChanged(tx, r, models.Values{"stripe_error_message": "The customer paid before the payment could be canceled at Stripe"})
	}
	return due(tx, []*models.Record{r})
}

// forgetIntent lets a payment that may still be paid begin anew at Stripe.
func forgetIntent(tx *models.Tx, r *models.Record) error {
	values := models.Values{"stripe_cancel": false, "stripe_capturable": false}
	switch payment.Payment.State.Of(r) {
	case payment.Draft, payment.Approved, payment.Processing:
		values["stripe_forgotten"] = forgotten(r)
		values["stripe_payment_intent_id"], values["stripe_status"] = nil, nil
		values["stripe_charge_id"] = nil
		for _, name := range []string{"stripe_method_type", "stripe_mandate", "stripe_verify_url", "stripe_verify_arrival"} {
			values[name] = nil
		}
		values["stripe_idempotency_key"] = newToken()
	default:
		values["stripe_status"] = stripe.Canceled
	}
	if err := writeChanged(tx, r, values); err != nil {
		return err
	}
	if payment.Payment.State.Of(r) == payment.Processing {
		return due(tx, []*models.Record{r})
	}
	return nil
}

// forgotten are the ids at Stripe that a payment has given up, and those that it has now.
func forgotten(r *models.Record) string {
	x := Payment
	return strings.Join(slices.DeleteFunc([]string{x.StripeForgotten.Of(r), x.StripePaymentIntentID.Of(r), x.StripeChargeID.Of(r)},
		func(id string) bool { return id == "" }), " ")
}

// hasForgotten tells whether a payment has given up an intent or charge: an event that comes late must not tie it to that again.
func hasForgotten(r *models.Record, id string) bool {
	return id != "" && slices.Contains(strings.Fields(Payment.StripeForgotten.Of(r)), id)
}
