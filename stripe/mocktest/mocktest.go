// Package mocktest holds the requests that tests make of the simulator against stripe-mock, Stripe's own stand-in: it keeps no state, but
// knows Stripe's description of the API, and refuses what is not in it. What the mock refuses fails the test.
package mocktest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// variable tells the tests of a package where the mock listens that its TestMain started.
const variable = "PAYTOND_TEST_STRIPE_MOCK"

// Start runs the stripe-mock that STRIPE_MOCK names or PATH holds, for all tests of a package; stop ends it. Without one nothing is
// started, but where CI is true that is an error.
func Start() (stop func(), err error) {
	path := os.Getenv("STRIPE_MOCK")
	if path == "" {
		path, _ = exec.LookPath("stripe-mock")
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			return nil, fmt.Errorf("stripe-mock is missing")
		}
		return func() {}, nil
	}
	// What it prints goes to a file: nobody reads a pipe while the tests run, and a full one would stop it.
	out, err := os.CreateTemp("", "stripe-mock")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); _ = out.Close(); _ = os.Remove(out.Name()) }
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		printed, err := os.ReadFile(out.Name())
		if err != nil {
			stop()
			return nil, err
		}
		if _, rest, ok := strings.Cut(string(printed), "Listening for HTTP at address: "); ok {
			if address, _, whole := strings.Cut(rest, "\n"); whole {
				return stop, os.Setenv(variable, address)
			}
		}
	}
	stop()
	return nil, fmt.Errorf("stripe-mock did not say where it listens")
}

// Main runs the tests of a package beside a mock and gives the exit status.
func Main(run func() int) int {
	stop, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stop()
	return run()
}

// Seen gives what a simulator tells of its calls (its option Seen), for a test: each that was made with a secret key is made of the mock,
// too. It is nil where there is no mock.
func Seen(t testing.TB) func(*http.Request, []byte) {
	address := os.Getenv(variable)
	if address == "" {
		return nil
	}
	r := &replayed{mock: address, client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}}
	t.Cleanup(func() {
		r.client.CloseIdleConnections()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, text := range r.refused {
			t.Errorf("stripe-mock refuses %s", text)
		}
	})
	return func(request *http.Request, body []byte) {
		if key, _ := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer "); strings.HasPrefix(key, "sk_") || strings.HasPrefix(key, "rk_") {
			r.replay(request, body)
		}
	}
}

type replayed struct {
	mock    string // address
	client  *http.Client
	mu      sync.Mutex
	refused []string
}

func (r *replayed) replay(request *http.Request, body []byte) {
	if err := r.ask(request.Method, request.URL.RequestURI(), request.Header, body); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.refused = append(r.refused, fmt.Sprintf("%s %s %s: %v", request.Method, request.URL.RequestURI(), body, err))
	}
}

// Ask makes a call of the mock. The error says why it refuses it; asked is false where there is no mock.
func Ask(method, path string, header http.Header, body []byte) (asked bool, err error) {
	address := os.Getenv(variable)
	if address == "" {
		return false, nil
	}
	r := &replayed{mock: address, client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
	return true, r.ask(method, path, header, body)
}

// ask makes the call with an example key: the mock knows none, and wants keys to look like Stripe's.
func (r *replayed) ask(method, path string, header http.Header, body []byte) error {
	copied, err := http.NewRequest(method, "http://"+r.mock+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	copied.Header = header.Clone()
	copied.Header.Set("Authorization", "Bearer sk_test_123")
	answer, err := r.client.Do(copied)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		err = fmt.Errorf("status %d: %.1000s", answer.StatusCode, text)
	}
	return err
}
