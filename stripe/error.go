package stripe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// Kind is the class of an error, from Stripe's documentation of its API.
type Kind string

// The kinds of errors. Rate limit covers lock timeouts too; Connection is every call that got no (whole) answer.
const (
	Card           Kind = "card"
	InvalidRequest Kind = "invalid_request"
	Authentication Kind = "authentication"
	Permission     Kind = "permission"
	RateLimit      Kind = "rate_limit"
	Idempotency    Kind = "idempotency"
	API            Kind = "api"
	Connection     Kind = "connection"
	TooMany        Kind = "too_many" // a list is longer than is read; what was sought may be further on
)

// Error is what went wrong with a call. Its text is fit for the clerk and holds no secret.
type Error struct {
	Kind            Kind
	Code            string // Stripe's code, such as "card_declined"; may be empty
	DeclineCode     string // the issuer's reason, such as "insufficient_funds"
	Message         string // Stripe's message, in English
	Param           string // the parameter that Stripe found wrong
	RequestID       string // Stripe's "req_…"
	HTTPStatus      int    // 0 when no answer came
	ShouldRetry     Advice // what Stripe's Stripe-Should-Retry header said
	RetryAfter      time.Duration
	Replayed        bool   // the answer is a stored one: asking again with the same key gives it again
	PaymentIntentID string // the intent that the error is about
	SetupIntentID   string // the set-up intent that the error is about
	PaymentMethodID string // the payment method that was refused
	ChargeID        string // the charge that failed
	Call            Call   // the call that it comes from

	unsent bool // nothing left this process
	cause  error
}

// Advice is Stripe's own word on whether to try again.
type Advice int

// What Stripe-Should-Retry can say.
const (
	Unsaid Advice = iota
	RetryYes
	RetryNo
)

// Error gives the message, with the code where Stripe named one.
func (e *Error) Error() string {
	code := e.Code
	if e.DeclineCode != "" && e.DeclineCode != e.Code {
		code = strings.TrimPrefix(code+"/"+e.DeclineCode, "/")
	}
	if code == "" {
		return "stripe: " + e.Message
	}
	return fmt.Sprintf("stripe: %s (%s)", e.Message, code)
}

// Unwrap gives what was below: context.Canceled, context.DeadlineExceeded or a network error; nil for Stripe's own answers.
func (e *Error) Unwrap() error { return e.cause }

// AsError finds the *Error in err; nil when there is none.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// newError reads what the library returned together with what the transport saw.
func (a *Account) newError(err error, seen *observation) *Error {
	e := &Error{HTTPStatus: seen.status, RequestID: seen.header.Get("Request-Id"), RetryAfter: retryAfter(seen.header),
		Replayed: seen.header.Get("Idempotent-Replayed") == "true", unsent: !seen.sent}
	switch seen.header.Get("Stripe-Should-Retry") {
	case "true":
		e.ShouldRetry = RetryYes
	case "false":
		e.ShouldRetry = RetryNo
	}
	var answered *stripego.Error
	switch {
	case errors.As(err, &answered):
		e.Kind = kindOf(string(answered.Type), string(answered.Code), seen.status)
		e.read(answered)
	case seen.status == 0 || seen.incomplete:
		e.Kind, e.cause = Connection, plainCause(err)
		e.Message = connectionMessage(e.cause)
	case seen.status >= 400:
		e.Kind = kindOf("", "", seen.status)
		e.Message = fmt.Sprintf("Stripe answered with status %d and no explanation", seen.status)
	default:
		// A success that cannot be read: something was done, nobody knows what.
		e.Kind, e.Message = API, "Stripe's answer could not be read"
	}
	e.Message = a.scrub(e.Message)
	return e
}

func (e *Error) read(s *stripego.Error) {
	e.Code, e.DeclineCode, e.Message, e.Param = string(s.Code), string(s.DeclineCode), s.Msg, s.Param
	e.ChargeID = s.ChargeID
	if s.PaymentIntent != nil {
		e.PaymentIntentID = s.PaymentIntent.ID
		if e.ChargeID == "" && s.PaymentIntent.LatestCharge != nil {
			e.ChargeID = s.PaymentIntent.LatestCharge.ID
		}
	}
	if s.SetupIntent != nil {
		e.SetupIntentID = s.SetupIntent.ID
	}
	if s.PaymentMethod != nil {
		e.PaymentMethodID = s.PaymentMethod.ID
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("Stripe answered with status %d", e.HTTPStatus)
	}
}

// kindOf derives the kind from the answer's type, code and status. Stripe types authentication, permission and
// rate limit errors as invalid requests, so the status speaks first for those.
func kindOf(typ, code string, status int) Kind {
	switch {
	case typ == "idempotency_error" || code == "idempotency_key_in_use":
		return Idempotency
	case status == 429 || code == "lock_timeout" || code == "rate_limit":
		return RateLimit
	case typ == "card_error":
		return Card
	case status == 401:
		return Authentication
	case status == 403:
		return Permission
	case status >= 500 || typ == "api_error":
		return API
	case status == 409:
		return Idempotency
	case status >= 400:
		return InvalidRequest
	}
	return API
}

// plainCause strips the URL that net/http puts around a failure: it may hold a client secret.
func plainCause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func connectionMessage(err error) string {
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "The call to Stripe was cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "Stripe did not answer in time"
	case errors.As(err, &dns):
		return "Stripe's address could not be found"
	}
	return "Stripe could not be reached"
}

// scrub takes the secret key out of a text that came from outside.
func (a *Account) scrub(text string) string {
	if a.key == "" {
		return text
	}
	return strings.ReplaceAll(text, a.key, RedactedKey(a.key))
}

// RedactedKey shows what kind of key it is and nothing of its secret part: "sk_test_…".
func RedactedKey(key string) string {
	for _, prefix := range []string{"sk_test_", "sk_live_", "rk_test_", "rk_live_", "pk_test_", "pk_live_", "whsec_"} {
		if strings.HasPrefix(key, prefix) {
			return prefix + "…"
		}
	}
	if key == "" {
		return "(no key)"
	}
	return "…"
}
