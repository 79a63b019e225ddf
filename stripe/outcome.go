package stripe

import "errors"

// Outcome is what is known after a call.
type Outcome int

// The three outcomes. The zero value is Unknown, so that what nobody decided is never taken for done or refused.
//
//   - Unknown: it may or may not have been done, or Stripe is busy, or the account's key is at fault. Try again later,
//     with the same key where [Error.SameKey] says so; otherwise look at Stripe first.
//   - Done: Stripe did it and answered with the object.
//   - Declined: Stripe or the bank said no, and would say no again. Nothing was taken.
const (
	Unknown Outcome = iota
	Done
	Declined
)

// String gives "unknown", "done" or "declined".
func (o Outcome) String() string {
	switch o {
	case Done:
		return "done"
	case Declined:
		return "declined"
	}
	return "unknown"
}

// OutcomeOf says what an error returned by an Account's method means; nil is Done and a foreign error Unknown.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Done
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome()
	}
	return Unknown
}

// Outcome says whether the call was declined or its fate is unknown. Stripe's own advice to retry comes first.
// Wrong keys and missing permissions are the account's trouble and not the payment's, so they are Unknown: nothing was
// posted and the next try may succeed.
func (e *Error) Outcome() Outcome {
	if e.ShouldRetry == RetryYes {
		return Unknown
	}
	switch e.Kind {
	case Card:
		return Declined
	case InvalidRequest:
		if e.StateDiffers() {
			return Unknown
		}
		return Declined
	}
	return Unknown
}

const refundCreation = "refund.create"

// StateDiffers tells that the object at Stripe is not in the state that the caller believed, such as a confirmation of an intent
// that had succeeded already. The object must be read again; the payment has not failed. A refund of what is gone or disputed is refused for
// good: there is nothing that could be read to make it succeed.
func (e *Error) StateDiffers() bool {
	switch e.Code {
	case "charge_already_refunded", "charge_disputed":
		return e.Call.Operation != refundCreation
	case "payment_intent_unexpected_state", "setup_intent_unexpected_state", "intent_invalid_state",
		"charge_already_captured", "charge_expired_for_capture",
		"resource_already_exists", "payment_method_unexpected_state":
		return true
	}
	return false
}

// Untouched tells that Stripe surely did nothing: the request never left, or was refused before it was executed.
// After an Untouched error a new key is as good as the old one.
func (e *Error) Untouched() bool {
	switch e.Kind {
	case Authentication, Permission, InvalidRequest:
		return !e.StateDiffers()
	case RateLimit:
		return true
	}
	return e.unsent
}

// SameKey tells whether the call may be made again with the same key and then bring another answer. It is false after
// a decline, after a stored answer (Stripe keeps the answer to an executed request, a 500 too, for 24 hours),
// when the key was used for other parameters, and when Stripe says so.
func (e *Error) SameKey() bool {
	if e.Outcome() == Declined || e.Replayed || e.ShouldRetry == RetryNo {
		return false
	}
	switch e.Kind {
	case Idempotency:
		return e.Code == "idempotency_key_in_use" || e.HTTPStatus == 409
	case InvalidRequest:
		return false
	}
	return true
}
