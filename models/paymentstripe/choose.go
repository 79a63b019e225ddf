package paymentstripe

import (
	"paytond/models/payment"
	"paytond/stripe"
)

// Operations on a payment, as attempts name them.
const (
	opCharge         = "charge"          // token or source, at once
	opIntent         = "intent"          // payment method, the customer is not there
	opCheckout       = "checkout intent" // for a customer to confirm on the checkout page
	opCaptureCharge  = "capture charge"
	opCaptureIntent  = "capture intent"
	opCancel         = "cancel intent"
	opRelease        = "release charge" // that is authorised and not captured
	opRetrieveIntent = "retrieve intent"
	opRetrieveCharge = "retrieve charge"
	opFind           = "find" // what became of a call that created something
	nothing          = ""
)

// situation is all that decides what is to be done for a payment.
type situation struct {
	state                  string
	intent, charge, status string // ids, and what Stripe said last
	token, source, method  bool   // ways to charge that are named; token only when it is chargeable
	waits                  bool   // for its token to become chargeable: nothing else is charged instead
	customer               bool
	capture                bool // is to be captured
	captured, capturable   bool
	cancel                 bool
	pending                string // operation of a call of unknown outcome
}

// creates tells whether an operation makes an object at Stripe that may take money.
func creates(operation string) bool {
	return operation == opCharge || operation == opIntent || operation == opCheckout
}

// choose says which operation comes next for a payment. It is the whole policy of what is posted when; what is unknown is
// always found out first, so that there is never a second object at Stripe for one payment.
func choose(s situation, p purpose) string {
	open := s.state == payment.Approved || s.state == payment.Processing
	if creates(s.pending) && s.intent == "" && s.charge == "" {
		if open && !s.cancel {
			return s.pending // the same call with the same key
		}
		return opFind
	}
	switch {
	case s.cancel && s.intent != "":
		return opCancel
	case s.cancel && s.holds():
		return opRelease
	case s.cancel: // there turned out to be nothing to cancel, see planPayment
		return nothing
	case p == forRefresh:
		return s.retrieval()
	case p == forCheckout && s.intent != "":
		return opRetrieveIntent
	case p == forCheckout && open && s.charge == "":
		return opCheckout
	case p == forQueue && s.captured && (s.state == payment.Succeeded || s.state == payment.Failed): // see lookAt
		return s.retrieval()
	case s.state != payment.Processing || p == forCheckout:
		return nothing
	}
	return s.post()
}

// holds tells that an amount is authorised by a charge without an intent.
func (s situation) holds() bool { return s.charge != "" && s.capturable && !s.captured }

// held tells that Stripe is known to hold an amount that nobody has asked to capture.
func (s situation) held() bool {
	return s.capturable && !s.capture && !s.captured && (s.status == stripe.RequiresCapture || s.intent == "" && s.charge != "" && s.status == stripe.Succeeded)
}

// retrieval reads what there is at Stripe.
func (s situation) retrieval() string {
	switch {
	case s.intent != "":
		return opRetrieveIntent
	case s.charge != "":
		return opRetrieveCharge
	}
	return nothing
}

// post says how to go on with a payment in processing.
func (s situation) post() string {
	switch {
	case s.intent != "" && s.capturable && s.capture && !s.captured:
		return opCaptureIntent
	case s.held():
		return nothing // it waits for who captures or voids it, and shows why the last capture was refused
	case s.intent != "":
		return opRetrieveIntent
	case s.charge != "" && s.status == stripe.Succeeded && s.capture && !s.captured:
		return opCaptureCharge
	case s.charge != "":
		return opRetrieveCharge
	case s.waits:
		return nothing
	case s.token, s.source:
		return opCharge
	case s.method, s.customer:
		return opIntent
	}
	return nothing
}
