package simulator

import (
	"math/rand/v2"
	"net/http"
	"path"
	"time"

	"golang.org/x/time/rate"
)

// FaultKind is a way to fail.
type FaultKind string

// The ways to fail. The zero value does no more than be slow.
const (
	OnlySlow         FaultKind = ""
	DropBefore       FaultKind = "drop_before"        // the connection breaks, nothing was done
	DropAfter        FaultKind = "drop_after"         // it was done, then the connection breaks
	TooManyRequests  FaultKind = "rate_limit"         // 429
	LockTimeout      FaultKind = "lock_timeout"       // 429 with Stripe's advice to retry
	Conflict         FaultKind = "conflict"           // the same as 409, as it is said of some objects
	ServerErrorFirst FaultKind = "server_error"       // 500, nothing was done and nothing is kept under the key
	ServerErrorAfter FaultKind = "server_error_after" // it was done, but the answer is a 500, now and on every replay
	BadGateway       FaultKind = "bad_gateway"        // 502 with a page that is no JSON, nothing was done
	CutShort         FaultKind = "cut_short"          // it was done, the answer ends in the middle
	Unavailable      FaultKind = "unavailable"        // 503 with Retry-After
)

// Fault makes calls fail.
type Fault struct {
	Operation string        `json:"operation"` // such as "payment_intent.create", "charge.*"; "*" for all
	Kind      FaultKind     `json:"kind"`
	Skip      int           `json:"skip"`   // so many calls pass before
	Count     int           `json:"count"`  // so many calls fail; 0 means all until it is cleared
	Chance    float64       `json:"chance"` // of a call to fail, up to 1; 0 means that each fails
	Latency   time.Duration `json:"latency"`
	Busy      time.Duration `json:"busy"` // waits while the idempotency key is taken, so that a second request meets the first
}

// kinds lists what can be asked for.
func faultKinds() []FaultKind {
	return []FaultKind{OnlySlow, DropBefore, DropAfter, TooManyRequests, LockTimeout, Conflict, ServerErrorFirst, ServerErrorAfter, BadGateway, CutShort, Unavailable}
}

// AddFault makes the calls that it names fail.
func (s *Simulator) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults ends all faults.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds the fault for a call and counts it.
func (s *Simulator) takeFault(operation string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if fits, err := path.Match(f.Operation, operation); err != nil || !fits {
			continue
		}
		if f.Chance > 0 && rand.Float64() >= f.Chance {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Count > 0 {
			if f.Count--; f.Count == 0 {
				s.faults = append(s.faults[:i], s.faults[i+1:]...)
			}
		}
		return taken
	}
	return Fault{}
}

// before ends the calls that fail before anything is done.
func (f Fault) before() (result, bool) {
	switch f.Kind {
	case DropBefore:
		return result{abort: true}, true
	case TooManyRequests:
		return result{answer: errorAnswer(rateLimited(), nil)}, true
	case LockTimeout, Conflict:
		status := http.StatusTooManyRequests
		if f.Kind == Conflict {
			status = http.StatusConflict
		}
		return result{answer: errorAnswer(&apiError{Status: status, Type: "invalid_request_error", Code: "lock_timeout", ShouldRetry: "true",
			Message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate."}, nil)}, true
	case ServerErrorFirst:
		return result{answer: errorAnswer(serverError(), nil)}, true
	case BadGateway:
		return result{answer: answer{Status: http.StatusBadGateway, Header: map[string]string{"Content-Type": "text/html"}, Body: []byte("<html><body>Bad gateway</body></html>\n")}}, true
	case Unavailable:
		return result{answer: errorAnswer(&apiError{Status: http.StatusServiceUnavailable, Type: "api_error", RetryAfter: 2 * time.Second, ShouldRetry: "true",
			Message: "Stripe is temporarily unavailable."}, nil)}, true
	}
	return result{}, false
}

// after spoils the answers of what was done.
func (f Fault) after(out answer) result {
	switch f.Kind {
	case DropAfter:
		return result{abort: true}
	case CutShort:
		return result{answer: answer{Status: out.Status, Header: out.Header, Body: out.Body[:len(out.Body)/2]}}
	}
	return result{answer: out}
}

func rateLimited() *apiError {
	return &apiError{Status: http.StatusTooManyRequests, Type: "invalid_request_error", Code: "rate_limit", ShouldRetry: "false", unexecuted: true,
		Message: "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."}
}

// tooFast counts a call against the account's limit. The lock is held.
func (s *Simulator) tooFast(a *account) bool {
	if s.options.Rate <= 0 {
		return false
	}
	l := s.limiters[a]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(s.options.Rate), s.options.Rate)
		s.limiters[a] = l
	}
	return !l.Allow()
}

func serverError() *apiError {
	return &apiError{Status: http.StatusInternalServerError, Type: "api_error",
		Message: "Sorry! There was an error while talking to one of our backends. Support has been notified."}
}

// sleep waits unless the caller goes away; it tells whether it waited to the end.
func (s *Simulator) sleep(h *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.Context().Done():
		return false
	}
}
