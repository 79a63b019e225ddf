package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

// listener is a shop's webhook: it verifies and keeps the events.
type listener struct {
	server *httptest.Server
	mu     sync.Mutex
	secret string
	refuse int // so many requests are answered with an error
	events []*stripe.Event
	bad    []error
}

func listen(t *testing.T) *listener {
	l := &listener{}
	l.server = httptest.NewServer(l)
	t.Cleanup(l.server.Close)
	return l
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse > 0 {
		l.refuse--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	event, e := stripe.VerifyEvent(body, r.Header.Get("Stripe-Signature"), []string{l.secret}, 0, time.Now())
	if err != nil || e != nil {
		l.bad = append(l.bad, fmt.Errorf("%v, %v", err, e))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	l.events = append(l.events, event)
}

func (l *listener) types() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		out = append(out, e.Type)
	}
	return out
}

func listening(t *testing.T, o simulator.Options, types ...string) (*listener, *simulator.Simulator, api, func()) {
	t.Helper()
	l := listen(t)
	sim, _, base := startedWith(t, o)
	secret, err := sim.AddEndpoint(secretKey, simulator.Endpoint{URL: l.server.URL, Events: types})
	if err != nil {
		t.Fatal(err)
	}
	l.secret = secret
	flush := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := sim.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if len(l.bad) > 0 {
			t.Fatal(l.bad)
		}
	}
	return l, sim, api{t, base, secretKey}, flush
}

const paying = "amount=1000&currency=eur&payment_method_types[]=card&confirm=true&payment_method=pm_card_visa"

func TestEventsAreDelivered(t *testing.T) {
	l, _, a, flush := listening(t, simulator.Options{})
	id := a.made("/v1/payment_intents", paying)
	flush()
	if diff := cmp.Diff([]string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}, l.types()); diff != "" {
		t.Error(diff)
	}
	last := l.events[2]
	if pi, err := stripe.DecodePaymentIntent(last.Object); err != nil || pi.ID != id || pi.Status != stripe.Succeeded || last.APIVersion != stripe.APIVersion || last.RequestID == "" {
		t.Errorf("got %+v, %+v, %v", last, pi, err)
	}
	first := l.events[0]
	if pi, err := stripe.DecodePaymentIntent(first.Object); err != nil || pi.Status == stripe.Succeeded {
		t.Errorf("the first event shows a later state: %+v, %v", pi, err)
	}
	if r := a.get("/v1/events/" + last.ID); r.at("pending_webhooks") != 0.0 {
		t.Errorf("got %v", r.Body)
	}
}

func TestOnlyWantedEventsAreDelivered(t *testing.T) {
	l, _, a, flush := listening(t, simulator.Options{}, "charge.*", "payment_intent.succeeded")
	a.made("/v1/payment_intents", paying)
	a.made("/v1/customers", "")
	flush()
	if diff := cmp.Diff([]string{"charge.succeeded", "payment_intent.succeeded"}, l.types()); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedEventsAreSentAgain(t *testing.T) {
	l, _, a, flush := listening(t, simulator.Options{RetryAfter: []time.Duration{10 * time.Millisecond, 10 * time.Millisecond}})
	l.refuse = 2 // the first event twice, or the first two once
	a.made("/v1/payment_intents", paying)
	flush()
	deadline := time.Now().Add(5 * time.Second)
	for len(l.types()) < 3 && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	got := l.types()
	slices.Sort(got)
	if diff := cmp.Diff([]string{"charge.succeeded", "payment_intent.created", "payment_intent.succeeded"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHeldEvents(t *testing.T) {
	l, sim, a, flush := listening(t, simulator.Options{})
	sim.Hold()
	a.made("/v1/payment_intents", paying)
	flush() // nothing to wait for
	if got := l.types(); len(got) != 0 {
		t.Fatalf("delivered while held: %v", got)
	}
	sim.Release(simulator.Reversed, true)
	flush()
	want := []string{"payment_intent.succeeded", "charge.succeeded", "payment_intent.created", "payment_intent.succeeded", "charge.succeeded", "payment_intent.created"}
	if diff := cmp.Diff(want, l.types()); diff != "" {
		t.Error(diff)
	}
	if !sim.Resend(l.events[0].ID) || sim.Resend("evt_none") {
		t.Error("sending again")
	}
	flush()
	if got := l.types(); len(got) != 7 || got[6] != "payment_intent.succeeded" {
		t.Errorf("got %v", got)
	}
}

func TestEndpointsThroughTheAPI(t *testing.T) {
	l := listen(t)
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	r := a.post("/v1/webhook_endpoints", "url="+l.server.URL+"&enabled_events[]=charge.succeeded")
	l.secret = r.text("secret")
	a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa")
	a.made("/v1/webhook_endpoints/"+r.text("id"), "disabled=true")
	a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := sim.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if got := l.types(); len(got) != 1 || len(l.bad) > 0 {
		t.Errorf("got %v, %v", got, l.bad)
	}
}

// An endpoint of an older version of the API gets objects as they were written then; they are read all the same.
func TestOlderVersions(t *testing.T) {
	l := listen(t)
	sim, _, base := startedWith(t, simulator.Options{Endpoints: []simulator.Endpoint{{URL: l.server.URL, Secret: "whsec_old", APIVersion: "2020-08-27"}}})
	l.secret = "whsec_old"
	a := api{t, base, secretKey}
	pi := a.made("/v1/payment_intents", paying)
	a.made("/v1/refunds", "amount=300&payment_intent="+pi)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := sim.Flush(ctx); err != nil || len(l.bad) > 0 {
		t.Fatal(err, l.bad)
	}
	charge := sim.Ledger()[0].ID
	for _, e := range l.events {
		if e.APIVersion != "2020-08-27" {
			t.Errorf("got %+v", e)
		}
		if e.Type == "payment_intent.succeeded" {
			if got, err := stripe.DecodePaymentIntent(e.Object); err != nil || got.ChargeID != charge || got.Charge == nil {
				t.Errorf("got %+v, %v", got, err)
			}
		}
	}
}

// A new address and secret in the options take the place of those in the state file.
func TestConfiguredEndpointsMove(t *testing.T) {
	file := filepath.Join(t.TempDir(), "simulator.json")
	for _, secret := range []string{"whsec_first", "whsec_second"} {
		l := listen(t)
		sim, err := simulator.New(simulator.Options{StateFile: file, Endpoints: []simulator.Endpoint{{URL: l.server.URL, Secret: secret}}})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(sim)
		l.secret = secret
		a := api{t, server.URL, secretKey}
		a.made("/v1/customers", "")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		err = sim.Flush(ctx)
		cancel()
		if got := l.types(); err != nil || len(got) != 1 || len(l.bad) > 0 {
			t.Errorf("%s: got %v, %v, %v", secret, got, l.bad, err)
		}
		if r := a.get("/v1/webhook_endpoints"); len(r.at("data").([]any)) != 1 {
			t.Errorf("got %v", r.Body)
		}
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRate(t *testing.T) {
	_, _, base := startedWith(t, simulator.Options{Rate: 3})
	a := api{t, base, secretKey}
	refused := 0
	for range 8 {
		if r := a.get("/v1/account"); r.Status == 429 && r.text("error.code") == "rate_limit" {
			refused++
		}
	}
	if refused < 3 || refused > 5 {
		t.Errorf("%d of 8 calls are refused at 3 a second", refused)
	}
}

// The data outlive a restart: objects, idempotency keys, the clock and what is due.
func TestStateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "simulator.json")
	open := func() (*simulator.Simulator, api, func()) {
		sim, err := simulator.New(simulator.Options{StateFile: file, SettleAfter: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(sim)
		return sim, api{t, server.URL, secretKey}, func() {
			server.Close()
			if err := sim.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	sim, a, closed := open()
	c := a.made("/v1/customers", "name=Alice&payment_method=pm_card_visa&metadata[party]=7")
	charge := a.do("POST", "/v1/charges", "amount=1000&currency=eur&source=tok_createDispute", "Idempotency-Key", "k1")
	debit := a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=us_bank_account&payment_method=pm_usBankAccount_success&confirm=true&mandate_data[customer_acceptance][type]=offline")
	wait := a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=card&payment_method=pm_card_authenticationRequired&confirm=true")
	events := a.get("/v1/events?limit=100")
	sim.Advance(30 * time.Minute)
	closed()

	sim, a, closed = open()
	defer func() { closed() }()
	if r := a.get("/v1/customers/" + c); r.text("name") != "Alice" || r.text("metadata.party") != "7" || r.at("email") != nil {
		t.Errorf("the customer is %v", r.Body)
	}
	if r := a.do("POST", "/v1/charges", "amount=1000&currency=eur&source=tok_createDispute", "Idempotency-Key", "k1"); r.text("id") != charge.text("id") {
		t.Errorf("the key is forgotten: %v", r.Body)
	}
	if diff := cmp.Diff(events.Body, a.get("/v1/events?limit=100").Body); diff != "" {
		t.Errorf("the events differ: %s", diff)
	}
	if r := a.challenge(wait, "complete"); r.text("status") != "succeeded" {
		t.Errorf("the challenge goes on with %v", r.Body)
	}
	sim.Advance(31 * time.Minute)
	if r := a.get("/v1/payment_intents/" + debit); r.text("status") != "succeeded" {
		t.Errorf("the debit is %v", r.text("status"))
	}
	left, err := filepath.Glob(file + ".*")
	if err != nil || len(left) != 0 {
		t.Errorf("left beside the file: %v, %v", left, err)
	}
}

func TestBrokenStateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "simulator.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if sim, err := simulator.New(simulator.Options{StateFile: file}); err == nil {
		sim.Close()
		t.Error("a broken file passes for an empty one")
	}
}

func TestRun(t *testing.T) {
	sim, err := simulator.New(simulator.Options{SettleAfter: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sim.Run(ctx, l) }()
	a := api{t, "http://" + l.Addr().String(), secretKey}
	a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=us_bank_account&payment_method=pm_usBankAccount_success&confirm=true&mandate_data[customer_acceptance][type]=offline")
	deadline := time.Now().Add(5 * time.Second)
	for sim.Ledger()[0].Status != "succeeded" && time.Now().Before(deadline) { // nobody calls: the clock alone does it
		time.Sleep(20 * time.Millisecond)
	}
	if line := sim.Ledger()[0]; line.Status != "succeeded" || line.Captured != 1000 {
		t.Errorf("got %+v", line)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestControls(t *testing.T) {
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	charge := a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa")
	post := func(path, form string) int {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, base+"/_simulator/"+path+"?"+form, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	for _, test := range []struct {
		path, form string
		want       int
	}{
		{"refund", "charge=" + charge + "&amount=100", 200}, {"refund", "charge=" + charge + "&amount=901", 400}, {"refund", "charge=ch_none", 400},
		{"refund", "charge=" + charge + "&amount=x", 400}, {"dispute", "charge=" + charge + "&amount=500", 200}, {"dispute", "charge=" + charge, 400},
		{"advance", "duration=24h", 200}, {"advance", "duration=-1h", 400}, {"advance", "duration=soon", 400},
		{"faults", "operation=charge.create&kind=rate_limit&count=1", 200}, {"faults", "kind=earthquake", 400}, {"faults", "kind=drop_after&count=x", 400},
		{"resend", "event=evt_none", 400}, {"hold", "", 200}, {"release", "order=shuffled", 200}, {"decide_dispute", "dispute=dp_none", 400},
		{"customer", "key=" + secretKey + "&id=cus_known&name=Alice&method=pm_card_visa", 200}, {"customer", "key=" + secretKey, 400},
		{"customer", "key=sk_live_x&id=cus_other", 400}, {"customer", "key=" + secretKey + "&id=cus_other&method=pm_none", 400},
	} {
		if got := post(test.path, test.form); got != test.want {
			t.Errorf("%s %s: %d, want %d", test.path, test.form, got, test.want)
		}
	}
	if r := a.get("/v1/customers/cus_known/payment_methods"); r.text("data.0.card.brand") != "visa" {
		t.Errorf("the known customer: %v", r.Body)
	}
	if r := a.do(http.MethodGet, "/v1/customers/cus_other", ""); r.Status != 404 {
		t.Errorf("a customer half made: %v", r.Body)
	}
	if r := a.post("/v1/charges", "amount=1000&currency=eur&source=tok_visa"); r.Status != 429 {
		t.Errorf("the fault does not work: %d", r.Status)
	}
	a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa")
	if line := sim.Ledger()[0]; line.Refunded != 100 || !line.Disputed {
		t.Errorf("got %+v", line)
	}
	dispute := a.get("/v1/disputes").text("data.0.id")
	if got := post("decide_dispute", "dispute="+dispute+"&won=true"); got != 200 {
		t.Errorf("got %d", got)
	}
	if r := a.get("/v1/disputes/" + dispute); r.text("status") != "won" {
		t.Errorf("got %v", r.Body)
	}
	if r := a.do(http.MethodGet, "/v1/account", ""); r.Status != 200 {
		t.Errorf("got %v", r.Body)
	}
}
