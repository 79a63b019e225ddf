package faults

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/paymentstripe"
	"paytond/stripe/simulator"
)

// breakStripe makes calls to Stripe fail by chance, in every way it knows.
func (r *run) breakStripe() {
	for _, kind := range []simulator.FaultKind{simulator.DropBefore, simulator.DropAfter, simulator.TooManyRequests, simulator.LockTimeout,
		simulator.Conflict, simulator.ServerErrorFirst, simulator.ServerErrorAfter, simulator.CutShort, simulator.BadGateway} {
		r.Simulator.AddFault(simulator.Fault{Operation: "*", Kind: kind, Chance: 0.015})
	}
	r.Simulator.AddFault(simulator.Fault{Operation: "*", Chance: 0.05, Latency: 300 * time.Millisecond})
	r.Simulator.AddFault(simulator.Fault{Operation: "*.create", Chance: 0.02, Latency: Times().Work + 200*time.Millisecond}) // longer than a server waits
	r.Simulator.AddFault(simulator.Fault{Operation: "*.create", Chance: 0.02, Busy: 500 * time.Millisecond})
}

// shuffleEvents keeps events back and lets them go late, in any order and now and then twice.
func (r *run) shuffleEvents(ctx context.Context) {
	for ctx.Err() == nil {
		r.Simulator.Hold()
		rest(ctx, 500*time.Millisecond+rand.N(time.Second))
		r.Simulator.Release([]simulator.Order{simulator.Shuffled, simulator.Reversed}[rand.N(2)], rand.N(2) == 0)
		flushing, cancel := context.WithTimeout(ctx, 3*time.Second)
		_ = r.Simulator.Flush(flushing) // what is not delivered by then is late, as intended
		cancel()
	}
	r.Simulator.Release(simulator.AsCreated, false)
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// takeWebhooks has Stripe send its events to the balancer.
func (r *run) takeWebhooks(ctx context.Context) error {
	const identifier = "0123456789abcdef0123456789abcdef"
	secret, err := r.Simulator.AddEndpoint(r.Shop.SecretKey, simulator.Endpoint{
		URL: "http://" + r.balancer.address + "/" + r.Database.Name() + "/account_payment_stripe/webhook/" + identifier})
	if err != nil {
		return err
	}
	return r.Database.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		a := paymentstripe.Account
		return a.Write(tx, []*models.Record{a.Get(tx, r.Shop.Account.ID())}, a.WebhookIdentifier.To(identifier), a.WebhookSigningSecret.To(secret))
	})
}

// balancer passes requests on to one of the servers, alive or not, as the balancer of a cluster does.
type balancer struct {
	address string
	server  *http.Server
	mu      sync.Mutex
	targets []string
}

func newBalancer() (*balancer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &balancer{address: l.Addr().String()}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: b.pick()}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	b.server = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Second}
	go b.server.Serve(l) // ends with close
	return b, nil
}

func (b *balancer) pick() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.targets) == 0 {
		return "127.0.0.1:1" // nobody is there
	}
	return b.targets[rand.N(len(b.targets))]
}

func (b *balancer) add(address string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = append(b.targets, address)
}

func (b *balancer) remove(address string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = slices.DeleteFunc(b.targets, func(a string) bool { return a == address })
}

func (b *balancer) close() error { return b.server.Close() }
