package simulator_test

import (
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	secretKey      = "sk_test_shop"
	publishableKey = "pk_test_shop"
)

// started runs a simulator and returns it with an account's gateway and its address.
func started(t *testing.T) (*simulator.Simulator, *stripe.Account, string) {
	t.Helper()
	return startedWith(t, simulator.Options{})
}

func startedWith(t *testing.T, o simulator.Options) (*simulator.Simulator, *stripe.Account, string) {
	t.Helper()
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: -1})
	t.Cleanup(func() {
		gateway.Close()
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return sim, gateway.Account(secretKey), server.URL
}
