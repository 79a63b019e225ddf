package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"

	"paytond/stripe"
)

// endpoint is an address that wants events.
type endpoint struct {
	ID          string      `json:"id"`
	Object      string      `json:"object"`
	APIVersion  text        `json:"api_version"`
	Application text        `json:"application"`
	Created     int64       `json:"created"`
	Description text        `json:"description"`
	Enabled     []string    `json:"enabled_events"`
	Livemode    bool        `json:"livemode"`
	Metadata    metadata    `json:"metadata"`
	Status      string      `json:"status"`
	URL         string      `json:"url"`
	Own         ownEndpoint `json:"_simulator"`
}

type ownEndpoint struct {
	Secret     string `json:"secret"`
	Configured bool   `json:"configured"` // comes from Options, not from the API
}

// Endpoint is a webhook endpoint that accounts have from the start.
type Endpoint struct {
	Account string   // what the account's keys end in; "" for every account
	URL     string   // where events are sent
	Secret  string   // signing secret; "" makes one
	Events  []string // types; empty means all
	// APIVersion is the version in which events are written; "" means the newest that the simulator knows. Before 2022-11-15 an
	// intent carries its charges and a charge its refunds.
	APIVersion string
}

func (e *endpoint) wants(kind string) bool {
	return e.Status == "enabled" && slices.ContainsFunc(e.Enabled, func(p string) bool { return matchType(p, kind) })
}

// configureEndpoints gives an account the endpoints of the options, and takes those of earlier options.
func (s *Simulator) configureEndpoints(a *account) {
	for _, one := range a.Endpoints.newestFirst(func(e *endpoint) bool { return e.Own.Configured }) {
		a.Endpoints.remove(one.ID)
	}
	for _, e := range s.options.Endpoints {
		if e.Account == "" || e.Account == a.Suffix {
			a.addEndpoint(s, e).Own.Configured = true
		}
	}
}

func (a *account) addEndpoint(s *Simulator, e Endpoint) *endpoint {
	events, secret := e.Events, e.Secret
	if len(events) == 0 {
		events = []string{"*"}
	}
	if secret == "" {
		secret = "whsec_" + randomText(32)
	}
	one := &endpoint{ID: newID("we"), Object: "webhook_endpoint", Created: s.now().Unix(), Enabled: events, Metadata: metadata{}, Status: "enabled",
		URL: e.URL, APIVersion: text(e.APIVersion), Own: ownEndpoint{Secret: secret}}
	a.Endpoints.put(one.ID, one)
	return one
}

func (r *request) createEndpoint() (any, *apiError) {
	p := r.params
	address := p.required("url")
	events := p.list("enabled_events")
	if len(events) == 0 {
		p.fail(missingParam("enabled_events"))
	}
	if u, err := url.Parse(address); p.err == nil && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		p.fail(invalidParam("url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.", "url"))
	}
	version, description, meta := p.str("api_version"), p.str("description"), p.metadata()
	p.ignore("connect")
	if e := p.finish(); e != nil {
		return nil, e
	}
	one := r.account.addEndpoint(r.sim, Endpoint{URL: address, Events: events, APIVersion: version})
	one.Description, one.Metadata = text(description), one.Metadata.merged(meta)
	body := r.account.wire(one)
	body["secret"] = one.Own.Secret // shown this once
	return body, nil
}

func (r *request) findEndpoint() (*endpoint, *apiError) {
	e, ok := r.account.Endpoints.get(r.id)
	if !ok {
		return nil, noSuch("webhook endpoint", r.id, "id")
	}
	return e, nil
}

func (r *request) retrieveEndpoint() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.findEndpoint())
}

func (r *request) updateEndpoint() (any, *apiError) {
	one, e := r.findEndpoint()
	if e != nil {
		return nil, e
	}
	updated := *one
	updated.URL = orKeep(r.params, "url", one.URL)
	updated.Description = text(orKeep(r.params, "description", string(one.Description)))
	if events := r.params.list("enabled_events"); len(events) > 0 {
		updated.Enabled = events
	}
	if r.params.has("disabled") {
		updated.Status = "enabled"
		if r.params.boolean("disabled") {
			updated.Status = "disabled"
		}
	}
	updated.Metadata = one.Metadata.merged(r.params.metadata())
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	*one = updated
	return one, nil
}

func (r *request) deleteEndpoint() (any, *apiError) {
	one, e := r.findEndpoint()
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	r.account.Endpoints.remove(one.ID)
	return map[string]any{"id": one.ID, "object": "webhook_endpoint", "deleted": true}, nil
}

func (r *request) listEndpoints() (any, *apiError) {
	return page(r, &r.account.Endpoints, nil)
}

// delivery is an event on its way to an endpoint.
type delivery struct {
	account  *account
	event    *event
	endpoint *endpoint
	attempts int
	after    time.Time // not before, by the real clock
}

// queue has an event delivered to whoever wants it. The lock is held.
func (s *Simulator) queue(a *account, e *event) {
	for _, id := range a.Endpoints.Order {
		if one := a.Endpoints.Rows[id]; one.wants(e.Type) {
			s.deliveries = append(s.deliveries, &delivery{account: a, event: e, endpoint: one})
		}
	}
	s.announce()
}

// announce wakes whoever waits for a change. The lock is held.
func (s *Simulator) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// deliver sends events, one at a time in the order of their creation, until ctx ends. An event that was not taken is tried again later,
// and does not hold up the ones after it.
func (s *Simulator) deliver(ctx context.Context) {
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		d, wait, changed := s.nextDelivery()
		if d == nil {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-changed:
			case <-timer.C:
			}
			timer.Stop()
			continue
		}
		s.finish(d, s.post(ctx, client, d))
	}
}

// nextDelivery takes the first delivery that may go; otherwise it says how long to wait at most.
func (s *Simulator) nextDelivery() (d *delivery, wait time.Duration, changed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait = time.Hour
	if s.held {
		return nil, wait, s.changed
	}
	for i, one := range s.deliveries {
		left := time.Until(one.after)
		if left <= 0 {
			s.deliveries = append(s.deliveries[:i:i], s.deliveries[i+1:]...)
			s.sending++
			return one, 0, nil
		}
		wait = min(wait, left)
	}
	return nil, wait, s.changed
}

// post sends one event and tells whether it was taken.
func (s *Simulator) post(ctx context.Context, client *http.Client, d *delivery) bool {
	s.mu.Lock()
	payload, address, secret, at := mustPayload(d), d.endpoint.URL, d.endpoint.Own.Secret, s.now()
	s.mu.Unlock()
	if s.options.Wrote != nil && d.endpoint.APIVersion == "" {
		s.options.Wrote("event", 0, payload)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	req.Header.Set("Stripe-Signature", stripe.SignatureHeader(payload, secret, at))
	res, err := client.Do(req)
	if err != nil {
		s.logger.Info("webhook not delivered", "event", d.event.Type, "attempt", d.attempts+1, "error", "no answer")
		return false
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	_ = res.Body.Close()
	s.logger.Info("webhook delivered", "event", d.event.Type, "attempt", d.attempts+1, "status", res.StatusCode)
	return res.StatusCode >= 200 && res.StatusCode < 300
}

// listsBefore is the version of the API from which objects no longer carry the lists of what belongs to them.
const listsBefore = "2022-11-15"

// mustPayload writes an event in the version that its endpoint wants.
func mustPayload(d *delivery) []byte {
	e := *d.event
	if v := string(d.endpoint.APIVersion); v != "" {
		e.APIVersion = v
		if v < listsBefore {
			e.Data.Object = d.account.withLists(e.Data.Object)
		}
	}
	raw, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		panic("simulator: an event that cannot be written: " + err.Error())
	}
	return raw
}

// withLists writes an intent or a charge as older versions of the API did.
func (a *account) withLists(object map[string]any) map[string]any {
	old := maps.Clone(object)
	id, _ := object["id"].(string)
	list := func(data []any) map[string]any {
		return map[string]any{"object": "list", "data": data, "has_more": false, "url": ""}
	}
	switch object["object"] {
	case "payment_intent":
		delete(old, "latest_charge")
		old["charges"] = list(rows(&a.Charges, func(c *charge) bool { return string(c.PaymentIntent) == id }))
	case "charge":
		old["refunds"] = list(rows(&a.Refunds, func(f *refund) bool { return string(f.Charge) == id }))
	}
	return old
}

// finish notes what became of a delivery, and plans the next attempt where there is one.
func (s *Simulator) finish(d *delivery, taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sending--
	switch {
	case taken:
		d.event.Pending = max(0, d.event.Pending-1)
	case d.attempts < len(s.options.RetryAfter):
		d.after = time.Now().Add(s.options.RetryAfter[d.attempts])
		d.attempts++
		s.deliveries = append(s.deliveries, d)
	}
	s.announce()
}

// Hold keeps events back until Release.
func (s *Simulator) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
}

// Order is the order in which held events are released.
type Order int

// The orders of Release.
const (
	AsCreated Order = iota
	Reversed
	Shuffled
)

// Release lets the held events go; with twice, each is sent two times.
func (s *Simulator) Release(order Order, twice bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if twice {
		s.deliveries = append(s.deliveries, slices.Clone(s.deliveries)...)
	}
	switch order {
	case Reversed:
		slices.Reverse(s.deliveries)
	case Shuffled:
		rand.Shuffle(len(s.deliveries), func(i, j int) { s.deliveries[i], s.deliveries[j] = s.deliveries[j], s.deliveries[i] })
	}
	s.held = false
	s.announce()
}

// Resend delivers an event again to all endpoints that want it. It tells whether there is such an event.
func (s *Simulator) Resend(eventID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if e, ok := a.Events.get(eventID); ok {
			s.queue(a, e)
			return true
		}
	}
	return false
}

// Flush waits until every event that can be delivered now was delivered; those that wait for another attempt are not waited for.
func (s *Simulator) Flush(ctx context.Context) error {
	for {
		s.mu.Lock()
		busy := s.sending > 0 || !s.held && slices.ContainsFunc(s.deliveries, func(d *delivery) bool { return d.attempts == 0 })
		changed := s.changed
		s.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
