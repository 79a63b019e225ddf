package stripe

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// Call describes one request that was made to Stripe (or was refused before it was sent).
type Call struct {
	Operation      string        // such as "payment_intent.create"
	IdempotencyKey string        // "" on reads
	RequestID      string        // Stripe's "req_…"; "" when no answer came
	HTTPStatus     int           // 0 when no answer came
	Outcome        Outcome       // what is known after the call
	Replayed       bool          // Stripe answered with the stored answer of an earlier request of the same key
	Sent           bool          // it left this process, whole or in part
	Started        time.Time     // when it began
	Duration       time.Duration // waiting for the rate limit not included
	Shown          time.Time     // what was answered is the object as it was then or later, by Stripe's clock; zero when that is not known
	Object         string        // id of the object that was answered or acted on; "" when unknown
	ErrorKind      Kind          // "" when it succeeded
	ErrorCode      string        // Stripe's code, such as "card_declined"
	ErrorMessage   string        // Stripe's message
}

// request is one call about to be made.
type request struct {
	operation string
	key       string // idempotency key
	write     bool
	ids       []string // the ids that go into the path: none may be empty
}

// answer is what came back: the raw object.
type answer = stripego.APIResponse

// send makes one call: it checks the request, waits for the rate limit, runs do and decodes what came back.
// A nil params is for calls of the library that take none.
func send[T any](ctx context.Context, a *Account, r request, params *stripego.Params,
	do func() (*answer, error), decode func([]byte) (T, error)) (T, error) {
	var none T
	if err := r.check(); err != nil {
		return none, a.refused(ctx, r, err)
	}
	if a.refusal != "" {
		return none, a.refused(ctx, r, &Error{Kind: Authentication, Message: a.refusal, unsent: true})
	}
	if a.limiter != nil {
		if err := a.limiter.Wait(ctx); err != nil {
			return none, a.refused(ctx, r, &Error{Kind: Connection, Message: "The call waited too long for its turn", unsent: true, cause: err})
		}
	}
	// Timers stand still while a machine is suspended: who wakes up late must not send what others may have done since.
	if deadline, ok := ctx.Deadline(); ok && time.Now().Round(0).After(deadline.Round(0)) {
		return none, a.refused(ctx, r, &Error{Kind: Connection, Message: "The call came too late to be made", unsent: true,
			cause: context.DeadlineExceeded})
	}
	seen := &observation{}
	params.Context = context.WithValue(ctx, observationKey{}, seen)
	if r.key != "" {
		params.IdempotencyKey = stripego.String(r.key)
	}
	started := time.Now()
	got, err := do()
	call := Call{Operation: r.operation, IdempotencyKey: r.key, Started: started, Duration: time.Since(started), Sent: seen.sent,
		RequestID: seen.header.Get("Request-Id"), HTTPStatus: seen.status,
		Replayed: seen.header.Get("Idempotent-Replayed") == "true"}
	if len(r.ids) > 0 {
		call.Object = r.ids[0]
	}
	var value T
	if err == nil {
		value, err = decode(got.RawJSON)
	}
	if err != nil {
		return none, a.failed(ctx, call, a.newError(err, seen))
	}
	if id := objectID(got.RawJSON); id != "" {
		call.Object = id
	}
	call.Outcome = Done
	if !call.Replayed {
		call.Shown = shown(seen.header, call.Duration)
	}
	a.tell(ctx, call)
	return value, nil
}

// shown is the earliest moment, in whole seconds of Stripe's clock, at which the object can have been as it was answered; zero where Stripe
// does not tell the time. The clocks that write the header and the times of objects and events may differ by a second.
func shown(h http.Header, took time.Duration) time.Time {
	answered, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return answered.Add(-took - time.Second).Truncate(time.Second).UTC()
}

// check finds what must not be sent at all.
func (r request) check() *Error {
	if r.write && r.key == "" {
		return &Error{Kind: InvalidRequest, Message: r.operation + " needs an idempotency key", unsent: true}
	}
	if len(r.key) > 255 {
		return &Error{Kind: InvalidRequest, Message: "The idempotency key is longer than 255 characters", unsent: true}
	}
	for _, id := range r.ids {
		if !wellFormedID(id) {
			return &Error{Kind: InvalidRequest, Code: "resource_missing", Message: r.operation + " needs the id of an object at Stripe",
				unsent: true}
		}
	}
	return nil
}

// wellFormedID tells whether id can be a Stripe id: an empty one would turn a read into a list.
func wellFormedID(id string) bool {
	for _, c := range []byte(id) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return id != "" && len(id) <= 255
}

func (a *Account) refused(ctx context.Context, r request, err *Error) error {
	return a.failed(ctx, Call{Operation: r.operation, IdempotencyKey: r.key, Started: time.Now()}, err)
}

// failed completes a call that did not succeed and ties it to its error.
func (a *Account) failed(ctx context.Context, c Call, err *Error) error {
	err.Call = c // its operation is a part of what the error means
	c.Outcome = err.Outcome()
	c.ErrorKind, c.ErrorCode, c.ErrorMessage = err.Kind, err.Code, err.Message
	if c.Object == "" {
		c.Object = err.PaymentIntentID
	}
	err.Call = c
	a.tell(ctx, c)
	return err
}

func (a *Account) tell(ctx context.Context, c Call) {
	level := slog.LevelInfo
	if c.Outcome == Unknown {
		level = slog.LevelWarn
	}
	a.gateway.logger.Log(ctx, level, "stripe call", "operation", c.Operation, "outcome", c.Outcome.String(),
		"status", c.HTTPStatus, "request", c.RequestID, "object", c.Object, "duration", c.Duration,
		"kind", string(c.ErrorKind), "code", c.ErrorCode, "replayed", c.Replayed)
	a.gateway.observe(c)
	for _, observe := range a.onCall {
		observe(ctx, c)
	}
}

func objectID(raw []byte) string {
	var o struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &o) // lists have none
	return o.ID
}

// observation is what the transport saw of one call; the library does not hand out headers of all failures.
type observation struct {
	status     int
	header     http.Header
	sent       bool // the request's head left for the network
	incomplete bool // the answer broke off
}

type observationKey struct{}

// transport notes what it sees and keeps net/http from sending a write twice by itself.
type transport struct{ next http.RoundTripper }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	seen, _ := req.Context().Value(observationKey{}).(*observation)
	if seen == nil {
		return next.RoundTrip(req)
	}
	req = req.Clone(withSendTrace(req.Context(), seen))
	if req.Method != http.MethodGet {
		req.GetBody = nil // net/http repeats a request that has an Idempotency-Key on a broken connection: retry is the caller's
	}
	res, err := next.RoundTrip(req)
	if err == nil {
		seen.status, seen.header = res.StatusCode, res.Header
		res.Body = &watchedBody{ReadCloser: res.Body, seen: seen}
	}
	return res, err
}

// CloseIdleConnections passes on what http.Client asks of its transport.
func (t *transport) CloseIdleConnections() {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	if c, ok := next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// watchedBody notes an answer that breaks off.
type watchedBody struct {
	io.ReadCloser
	seen *observation
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.seen.incomplete = true
	}
	return n, err
}

// retryAfter reads the header's seconds; 0 when absent or a date (which Stripe does not send).
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}
