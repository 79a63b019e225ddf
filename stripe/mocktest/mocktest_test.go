package mocktest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m.Run)) }

// TestReplay makes calls of the mock as a simulator tells of them: those of browsers are left out, and what is refused is kept.
func TestReplay(t *testing.T) {
	if os.Getenv(variable) == "" {
		t.Skip("stripe-mock is neither in PATH nor named by STRIPE_MOCK: go install github.com/stripe/stripe-mock@latest")
	}
	seen := Seen(t)
	call := func(key, body string) *http.Request {
		r := httptest.NewRequest("POST", "/v1/refunds", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	seen(call("sk_test_1", ""), []byte("charge=ch_1&amount=5"))
	seen(call("pk_test_1", ""), []byte("colour=red")) // as Stripe.js, whose calls are not ours
	r := &replayed{mock: os.Getenv(variable), client: http.DefaultClient}
	r.replay(call("rk_test_1", ""), []byte("charge=ch_1&colour=red"))
	if len(r.refused) != 1 || !strings.Contains(r.refused[0], "colour") {
		t.Errorf("refused: %q", r.refused)
	}
}
