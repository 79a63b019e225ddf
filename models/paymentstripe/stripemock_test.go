package paymentstripe_test

import (
	"net/http"
	"testing"

	"paytond/stripe/mocktest"
)

// TestMockIsAsked sends what the mock must refuse, and what it must take.
func TestMockIsAsked(t *testing.T) {
	for body, wrong := range map[string]bool{"source=tok_visa&amount=100&currency=eur": false, "source=tok_visa&amount=much&currency=eur": true, "colour=red": true} {
		asked, err := mocktest.Ask("POST", "/v1/charges", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(body))
		if !asked {
			t.Skip("stripe-mock is neither in PATH nor named by STRIPE_MOCK: go install github.com/stripe/stripe-mock@latest")
		}
		if (err != nil) != wrong {
			t.Errorf("%s: %v", body, err)
		}
	}
}
