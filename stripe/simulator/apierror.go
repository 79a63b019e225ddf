package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// apiError is an answer other than success.
type apiError struct {
	Status      int
	Type        string
	Code        string
	DeclineCode string
	Message     string
	Param       string
	Charge      string
	Intent      *paymentIntent
	Setup       *setupIntent
	Method      *paymentMethod
	ShouldRetry string        // value of Stripe-Should-Retry; "" for none
	RetryAfter  time.Duration // 0 for none
	unexecuted  bool          // refused before the endpoint began: not kept under the idempotency key
}

// body is the error's envelope.
func (e *apiError) body(a *account) map[string]any {
	inner := map[string]any{"type": e.Type, "message": e.Message}
	for name, v := range map[string]string{"code": e.Code, "decline_code": e.DeclineCode, "param": e.Param, "charge": e.Charge} {
		if v != "" {
			inner[name] = v
		}
	}
	if e.Code != "" {
		inner["doc_url"] = "https://stripe.com/docs/error-codes/" + e.Code
	}
	if e.Intent != nil {
		inner["payment_intent"] = toMap(e.Intent)
	}
	if e.Setup != nil {
		inner["setup_intent"] = toMap(e.Setup)
	}
	if e.Method != nil {
		inner["payment_method"] = toMap(e.Method)
	}
	return map[string]any{"error": inner}
}

// invalidParam is a fault of the parameters, found before anything is executed.
func invalidParam(code, message, param string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Message: message, Param: param, unexecuted: true}
}

func missingParam(name string) *apiError {
	return invalidParam("parameter_missing", "Missing required param: "+name+".", name)
}

// invalidRequest is a refusal by an endpoint that was executed.
func invalidRequest(code, message, param string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Message: message, Param: param}
}

func noSuch(kind, id, param string) *apiError {
	status := http.StatusBadRequest
	if param == "id" {
		status = http.StatusNotFound
	}
	return &apiError{Status: status, Type: "invalid_request_error", Code: "resource_missing", Param: param,
		Message: fmt.Sprintf("No such %s: '%s'", kind, id)}
}

func unauthorized(message string) *apiError {
	return &apiError{Status: http.StatusUnauthorized, Type: "invalid_request_error", Message: message, unexecuted: true}
}

func forbidden(message string) *apiError {
	return &apiError{Status: http.StatusForbidden, Type: "invalid_request_error", Message: message, unexecuted: true}
}

// cardError is a refusal by a bank.
func cardError(d decline) *apiError {
	return &apiError{Status: http.StatusPaymentRequired, Type: "card_error", Code: d.Code, DeclineCode: d.DeclineCode, Message: d.Message, Param: d.Param}
}
