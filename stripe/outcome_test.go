package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"paytond/stripe"
)

func TestOutcome(t *testing.T) {
	type want struct {
		outcome            stripe.Outcome
		untouched, sameKey bool
	}
	for name, test := range map[string]struct {
		err  *stripe.Error
		want want
	}{
		"declined card":             {&stripe.Error{Kind: stripe.Card, Code: "card_declined", HTTPStatus: 402}, want{stripe.Declined, false, false}},
		"authentication required":   {&stripe.Error{Kind: stripe.Card, Code: "authentication_required", HTTPStatus: 402}, want{stripe.Declined, false, false}},
		"wrong parameter":           {&stripe.Error{Kind: stripe.InvalidRequest, Code: "parameter_unknown", HTTPStatus: 400}, want{stripe.Declined, true, false}},
		"nothing there":             {&stripe.Error{Kind: stripe.InvalidRequest, Code: "resource_missing", HTTPStatus: 404}, want{stripe.Declined, true, false}},
		"already succeeded":         {&stripe.Error{Kind: stripe.InvalidRequest, Code: "payment_intent_unexpected_state", HTTPStatus: 400}, want{stripe.Unknown, false, false}},
		"already captured":          {&stripe.Error{Kind: stripe.InvalidRequest, Code: "charge_already_captured", HTTPStatus: 400}, want{stripe.Unknown, false, false}},
		"wrong key":                 {&stripe.Error{Kind: stripe.Authentication, HTTPStatus: 401}, want{stripe.Unknown, true, true}},
		"missing permission":        {&stripe.Error{Kind: stripe.Permission, HTTPStatus: 403}, want{stripe.Unknown, true, true}},
		"too many requests":         {&stripe.Error{Kind: stripe.RateLimit, HTTPStatus: 429}, want{stripe.Unknown, true, true}},
		"lock timeout":              {&stripe.Error{Kind: stripe.RateLimit, Code: "lock_timeout", HTTPStatus: 429, ShouldRetry: stripe.RetryYes}, want{stripe.Unknown, true, true}},
		"key in use":                {&stripe.Error{Kind: stripe.Idempotency, Code: "idempotency_key_in_use", HTTPStatus: 409}, want{stripe.Unknown, false, true}},
		"key of another request":    {&stripe.Error{Kind: stripe.Idempotency, HTTPStatus: 400}, want{stripe.Unknown, false, false}},
		"server error":              {&stripe.Error{Kind: stripe.API, HTTPStatus: 500}, want{stripe.Unknown, false, true}},
		"stored server error":       {&stripe.Error{Kind: stripe.API, HTTPStatus: 500, Replayed: true}, want{stripe.Unknown, false, false}},
		"server error, no retry":    {&stripe.Error{Kind: stripe.API, HTTPStatus: 500, ShouldRetry: stripe.RetryNo}, want{stripe.Unknown, false, false}},
		"no answer":                 {&stripe.Error{Kind: stripe.Connection}, want{stripe.Unknown, false, true}},
		"Stripe says: try again":    {&stripe.Error{Kind: stripe.Card, HTTPStatus: 402, ShouldRetry: stripe.RetryYes}, want{stripe.Unknown, false, true}},
		"nothing known at all":      {&stripe.Error{}, want{stripe.Unknown, false, true}},
		"declined, stored answer":   {&stripe.Error{Kind: stripe.Card, Replayed: true}, want{stripe.Declined, false, false}},
		"Stripe says: do not retry": {&stripe.Error{Kind: stripe.RateLimit, HTTPStatus: 429, ShouldRetry: stripe.RetryNo}, want{stripe.Unknown, true, false}},
	} {
		got := want{test.err.Outcome(), test.err.Untouched(), test.err.SameKey()}
		if got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
		if got := stripe.OutcomeOf(fmt.Errorf("post payment 7: %w", test.err)); got != test.want.outcome {
			t.Errorf("%s, wrapped: got %v, want %v", name, got, test.want.outcome)
		}
	}
	if got := stripe.OutcomeOf(nil); got != stripe.Done {
		t.Errorf("no error is %v", got)
	}
	for _, foreign := range []error{context.Canceled, errors.New("disk full")} {
		if got := stripe.OutcomeOf(foreign); got != stripe.Unknown {
			t.Errorf("%v is %v", foreign, got)
		}
	}
}

func TestRedactedKey(t *testing.T) {
	for key, want := range map[string]string{"sk_test_abc": "sk_test_…", "rk_live_abc": "rk_live_…", "whsec_abc": "whsec_…", "abc": "…", "": "(no key)"} {
		if got := stripe.RedactedKey(key); got != want {
			t.Errorf("RedactedKey(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestLivemode(t *testing.T) {
	for key, want := range map[string][2]bool{"sk_test_1": {false, true}, "sk_live_1": {true, true}, "rk_live_1": {true, true}, "pk_live_1": {false, false}, "": {false, false}} {
		if live, ok := stripe.Livemode(key); [2]bool{live, ok} != want {
			t.Errorf("Livemode(%q) = %v, %v", key, live, ok)
		}
	}
}
