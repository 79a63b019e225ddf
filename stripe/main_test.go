package stripe_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"paytond/stripe"
	"paytond/stripe/mocktest"
	"paytond/stripe/simulator"
)

func TestMain(m *testing.M) {
	code := mocktest.Main(m.Run)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

const testKey = "sk_test_gateway4Secret"

// simulated returns an account of a gateway that talks to a simulator of its own.
func simulated(t *testing.T, o simulator.Options) (*stripe.Account, *simulator.Simulator) {
	t.Helper()
	gateway, sim := gatewayTo(t, o, stripe.Config{})
	return gateway.Account(testKey), sim
}

func gatewayTo(t *testing.T, o simulator.Options, c stripe.Config) (*stripe.Gateway, *simulator.Simulator) {
	t.Helper()
	o.Seen, o.Wrote = mocktest.Seen(t), mocktest.Wrote(t)
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	c.APIBase, c.Rate = server.URL, -1
	gateway := stripe.New(c)
	t.Cleanup(func() {
		gateway.Close()
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	return gateway, sim
}

// must returns what a call brought, or ends the test.
func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// mustFail returns a call's error, or ends the test; the error must not tell the key.
func mustFail(t *testing.T, err error) *stripe.Error {
	t.Helper()
	e := stripe.AsError(err)
	if e == nil {
		t.Fatalf("got %v, want an error of Stripe", err)
	}
	if strings.Contains(err.Error(), testKey) {
		t.Fatalf("the error tells the secret key: %v", err)
	}
	return e
}
