// Package stripe is the gateway to Stripe's API: calls, the reading of errors, webhook signatures and
// the arithmetic between decimal amounts and Stripe's minor units. It is the only package that knows the
// stripe-go library; callers see the types of this package alone.
//
// What always holds:
//
//   - Every write carries an idempotency key that the caller chose (and committed) before; a write without
//     one is refused before anything is sent.
//   - Nothing is retried in here. A call is made once, and its [Outcome] says what is known afterwards.
//   - A secret key never appears in an error, a log record or a printed value.
//   - Amounts are int64 in the currency's minor unit, as Stripe counts them; [MinorUnits] and [DecimalText]
//     translate and never round.
//   - Objects are read defensively: a field that is missing, or is an id where an object was expected, is no
//     error, so events of another API version than the library's can be read as well.
package stripe
