package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"paytond/stripe"
)

// maxBody bounds a request's body.
const maxBody = 1 << 20

// request is one call of the API on its way through the simulator. Its handlers hold the simulator's lock.
type request struct {
	sim            *Simulator
	http           *http.Request // nil for what happens by itself
	account        *account
	params         *params
	id, second     string
	path           string
	now            time.Time
	publishable    bool
	requestID      string
	idempotencyKey string
	expansions     []string
}

func (r *request) unix() int64 { return r.now.Unix() }

// orError is for handlers that answer with an object or an error: a typed nil must not become an answer.
func orError[T any](object T, e *apiError) (any, *apiError) {
	if e != nil {
		return nil, e
	}
	return object, nil
}

// ignoreBrowser notes what Stripe.js sends along.
func (r *request) ignoreBrowser() {
	r.params.ignore("key", "client_secret", "use_stripe_sdk", "expected_payment_method_type", "payment_user_agent", "referrer", "time_on_page",
		"guid", "muid", "sid", "client_attribution_metadata", "client_context", "pasted_fields")
}

// answer is a finished response.
type answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

func jsonAnswer(status int, body any) answer {
	raw, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		panic("simulator: an answer that cannot be written: " + err.Error())
	}
	return answer{Status: status, Header: map[string]string{}, Body: append(raw, '\n')}
}

func errorAnswer(e *apiError, a *account) answer {
	out := jsonAnswer(e.Status, e.body(a))
	if e.ShouldRetry != "" {
		out.Header["Stripe-Should-Retry"] = e.ShouldRetry
	}
	if e.RetryAfter > 0 {
		out.Header["Retry-After"] = strconv.Itoa(int(e.RetryAfter / time.Second))
	}
	return out
}

// serveAPI answers a call under /v1/.
func (s *Simulator) serveAPI(w http.ResponseWriter, h *http.Request) {
	requestID := "req_" + randomText(14)
	allowBrowser(w.Header())
	if h.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	form, raw, e := readForm(h)
	if e != nil {
		s.write(w, requestID, "", errorAnswer(e, nil))
		return
	}
	if s.options.Seen != nil {
		s.options.Seen(h, raw)
	}
	out := s.call(h, form, raw, requestID)
	if out.abort {
		panic(http.ErrAbortHandler) // the connection breaks without an answer
	}
	if s.options.Wrote != nil && !strings.HasPrefix(requestKey(h, form), "pk_") {
		s.options.Wrote(h.Method+" "+h.URL.Path, out.answer.Status, out.answer.Body)
	}
	s.write(w, requestID, h.Header.Get("Idempotency-Key"), out.answer)
}

// readForm reads the parameters from the query and a form body.
func readForm(h *http.Request) (url.Values, []byte, *apiError) {
	raw, err := io.ReadAll(io.LimitReader(h.Body, maxBody+1))
	if err != nil || len(raw) > maxBody {
		return nil, nil, invalidParam("", "The request's body is too large or broke off.", "")
	}
	form := h.URL.Query()
	if len(bytes.TrimSpace(raw)) == 0 {
		return form, raw, nil
	}
	if kind := h.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return nil, nil, invalidParam("", "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.", "")
	}
	posted, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, nil, invalidParam("", "Invalid request: the form cannot be read.", "")
	}
	for k, v := range posted {
		form[k] = append(form[k], v...)
	}
	return form, raw, nil
}

// result is what a call ends in.
type result struct {
	answer answer
	abort  bool
}

// call makes one call: key, endpoint, faults, idempotency, execution.
func (s *Simulator) call(h *http.Request, form url.Values, raw []byte, requestID string) result {
	r, found, e := s.begin(h, form, requestID)
	if e != nil {
		return result{answer: errorAnswer(e, nil)}
	}
	fault := s.takeFault(found.operation)
	if fault.Latency > 0 {
		if !s.sleep(h, fault.Latency) {
			return result{abort: true}
		}
	}
	if out, done := fault.before(); done {
		return out
	}
	if h.Method != http.MethodPost || r.idempotencyKey == "" {
		out, _ := s.execute(r, found, fault)
		return fault.after(out)
	}
	return s.callOnce(r, found, raw, fault)
}

// begin authenticates a request and finds its endpoint.
func (s *Simulator) begin(h *http.Request, form url.Values, requestID string) (*request, route, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	a, publishable, e := s.authenticate(h, form)
	if e != nil {
		return nil, route{}, e
	}
	if s.tooFast(a) {
		return nil, route{}, rateLimited()
	}
	if v := h.Header.Get("Stripe-Version"); v != "" && len(v) < 10 {
		return nil, route{}, invalidParam("", "Invalid Stripe API version: "+v, "")
	}
	found, id, second, ok := s.findRoute(h.Method, h.URL.Path)
	if !ok {
		return nil, route{}, &apiError{Status: http.StatusNotFound, Type: "invalid_request_error", unexecuted: true,
			Message: "Unrecognized request URL (" + h.Method + ": " + h.URL.Path + "). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."}
	}
	if publishable && !found.public {
		e := forbidden("This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.")
		e.Code = "secret_key_required"
		return nil, route{}, e
	}
	if permission := s.denied[requestKey(h, form)]; permission[found.operation] {
		return nil, route{}, forbidden("The provided key '" + maskKey(requestKey(h, form)) + "' does not have the required permissions for this endpoint on account '" + a.ID + "'.")
	}
	key := strings.TrimSpace(h.Header.Get("Idempotency-Key"))
	if len(key) > 255 {
		return nil, route{}, invalidParam("", "Idempotency keys can be at most 255 characters.", "")
	}
	r := &request{sim: s, http: h, account: a, params: parseParams(maps.Clone(form)), id: id, second: second, path: h.URL.Path,
		now: s.now(), publishable: publishable, requestID: requestID, idempotencyKey: key}
	r.params.used["key"] = true
	r.expansions = r.params.list("expand")
	return r, found, nil
}

// execute runs the endpoint under the lock. The second result tells whether it was executed at all, or refused for its parameters.
func (s *Simulator) execute(r *request, found route, fault Fault) (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.now = s.now()
	s.runDue()
	object, e := found.handle(r)
	var out answer
	executed := true
	switch {
	case e != nil:
		executed = !e.unexecuted
		out = errorAnswer(e, r.account)
	default:
		body := r.account.wire(object)
		if e := r.expand(body, r.expansions); e != nil {
			out = errorAnswer(e, r.account)
			break
		}
		if r.publishable {
			body = publicView(body)
		}
		out = jsonAnswer(http.StatusOK, body)
	}
	if fault.Kind == ServerErrorAfter {
		out = errorAnswer(serverError(), nil)
	}
	if r.http.Method != http.MethodGet {
		s.dirty = true
	}
	return out, executed
}

// write sends an answer.
func (s *Simulator) write(w http.ResponseWriter, requestID, key string, out answer) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", requestID)
	h.Set("Stripe-Version", stripe.APIVersion)
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Date", s.clock().Format(http.TimeFormat))
	if key != "" {
		h.Set("Idempotency-Key", key)
	}
	for k, v := range out.Header {
		h.Set(k, v)
	}
	w.WriteHeader(out.Status)
	_, _ = w.Write(out.Body)
}

// allowBrowser lets pages of any origin call, as Stripe.js does.
func allowBrowser(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Stripe-Version")
	h.Set("Access-Control-Expose-Headers", "Request-Id, Stripe-Should-Retry, Idempotent-Replayed")
	h.Set("Access-Control-Max-Age", "300")
}
