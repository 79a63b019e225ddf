package simulator

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Options says how a simulator behaves. The zero value is fit for tests.
type Options struct {
	// Now is the clock; nil means time.Now. Advance adds to it.
	Now func() time.Time
	// PublicURL is the address under which a browser reaches the simulator; "" means the one that the request named.
	PublicURL string
	// StateFile keeps the data across restarts; "" keeps nothing.
	StateFile string
	// Endpoints receive the events of the accounts from the start.
	Endpoints []Endpoint
	// SettleAfter is how long bank debits, pending refunds and failing refunds take; 0 means five seconds.
	SettleAfter time.Duration
	// Rate is how many calls of the API a second one account may make, bursts of one second included; above it they are refused with 429.
	// 0 means no limit.
	Rate int
	// RetryAfter are the pauses before a webhook that was not taken is sent again; nil means Stripe's habit, shortened.
	RetryAfter []time.Duration
	// Seen is told of each call of the API, with its body, before it is answered; nil for nobody.
	Seen func(*http.Request, []byte)
	// Wrote is told of each answer of the API to a secret key, by its method and path, and, as "event" with status 0, of each event that is
	// sent to a webhook; nil for nobody.
	Wrote func(call string, status int, body []byte)
	// Logger receives one record per delivery; nil means none.
	Logger *slog.Logger
}

// Simulator stands in for Stripe. It is an http.Handler, safe for concurrent use; Close ends its deliveries.
type Simulator struct {
	options Options
	logger  *slog.Logger
	routes  []route
	mux     *http.ServeMux
	stop    context.CancelFunc
	work    sync.WaitGroup

	mu         sync.Mutex
	offset     time.Duration
	accounts   map[string]*account
	limiters   map[*account]*rate.Limiter
	faults     []*Fault
	revoked    map[string]bool
	denied     map[string]map[string]bool
	deliveries []*delivery
	sending    int
	held       bool
	changed    chan struct{}
	lastBase   string
	calls      int
	dirty      bool
}

// New returns a simulator, with the data of its state file where there is one. An unreadable state file is an error.
func New(o Options) (*Simulator, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SettleAfter == 0 {
		o.SettleAfter = 5 * time.Second
	}
	if o.RetryAfter == nil {
		o.RetryAfter = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 5 * time.Minute, time.Hour}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Simulator{options: o, logger: o.Logger, routes: routes(), accounts: map[string]*account{}, revoked: map[string]bool{},
		denied: map[string]map[string]bool{}, limiters: map[*account]*rate.Limiter{}, changed: make(chan struct{})}
	if err := s.load(); err != nil {
		return nil, err
	}
	s.mux = s.handlers()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.work.Go(func() { s.deliver(ctx) })
	if o.StateFile != "" {
		s.work.Go(func() { s.persist(ctx) })
	}
	return s, nil
}

// Close ends deliveries and writes the state a last time.
func (s *Simulator) Close() error {
	s.stop()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = true
	return s.save()
}

// Run serves on l until ctx ends, then closes the simulator. What is due happens within a second.
func (s *Simulator) Run(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.Tick()
			continue
		case err := <-served:
			return errors.Join(err, s.Close())
		case <-ctx.Done():
		}
		break
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(end)
	<-served
	return errors.Join(err, s.Close())
}

// Tick lets happen what is due.
func (s *Simulator) Tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runDue()
}

// Advance moves the clock forward and lets happen what is due by then.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	s.offset += d
	s.mu.Unlock()
	s.Tick()
}

// now is the simulator's time. The lock is held.
func (s *Simulator) now() time.Time { return s.options.Now().Add(s.offset).UTC() }

// clock is the simulator's time, for who does not hold the lock.
func (s *Simulator) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// baseURL is the address under which a browser reaches the simulator. The lock is held.
func (s *Simulator) baseURL(h *http.Request) string {
	if s.options.PublicURL != "" {
		return strings.TrimSuffix(s.options.PublicURL, "/")
	}
	if h != nil && h.Host != "" {
		s.lastBase = "http://" + h.Host
		if h.TLS != nil {
			s.lastBase = "https://" + h.Host
		}
	}
	return s.lastBase
}

// ServeHTTP answers the API, Stripe.js, the pages of the simulated bank and the simulator's own controls.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, h *http.Request) { s.mux.ServeHTTP(w, h) }

func (s *Simulator) handlers() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/", s.serveAPI)
	s.handleBrowser(mux)
	s.handleControl(mux)
	s.handleDashboard(mux)
	return mux
}
