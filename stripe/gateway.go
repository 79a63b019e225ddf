package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"golang.org/x/time/rate"
)

// APIVersion is the version of Stripe's API that requests ask for and that endpoints should be created with.
const APIVersion = stripego.APIVersion

// DefaultTimeout bounds one call to Stripe, connection included, when Config brings no HTTP client.
const DefaultTimeout = 30 * time.Second

// DefaultRate is how many calls a second are made with one secret key when Config names no rate: what
// Stripe allows in test mode, a quarter of what it allows in live mode.
const DefaultRate = 25

// Config says how Stripe is reached.
type Config struct {
	// APIBase is the address of the API, such as "http://127.0.0.1:12111"; empty means Stripe's own.
	APIBase string
	// HTTPClient makes the requests; nil means one with DefaultTimeout that follows no redirects.
	HTTPClient *http.Client
	// Logger receives one record per call; nil means none. Keys and client secrets are never logged.
	Logger *slog.Logger
	// Rate is the greatest number of calls a second with one secret key, bursts of one second included; 0 means DefaultRate,
	// below 0 means no limit.
	Rate int
	// Observe is told of every call after it ended, of whichever account; nil for nobody.
	Observe func(Call)
}

// Gateway makes calls to Stripe for any number of accounts. It is safe for concurrent use.
type Gateway struct {
	apiBase  string
	http     *http.Client
	logger   *slog.Logger
	observe  func(Call)
	rate     int
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

// New returns a gateway. It makes no call.
func New(c Config) *Gateway {
	if c.APIBase == "" {
		c.APIBase = stripego.APIURL
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: DefaultTimeout, CheckRedirect: refuseRedirect, Transport: ownTransport()}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.Observe == nil {
		c.Observe = func(Call) {}
	}
	observed := *c.HTTPClient
	observed.Transport = &transport{next: c.HTTPClient.Transport}
	return &Gateway{apiBase: c.APIBase, http: &observed, logger: c.Logger, observe: c.Observe, rate: c.Rate,
		limiters: map[string]*rate.Limiter{}}
}

// ownTransport keeps enough connections open for postings side by side, and shares them with nobody.
func ownTransport() *http.Transport {
	return &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second}
}

// refuseRedirect keeps the secret key from following a redirect to another host.
func refuseRedirect(*http.Request, []*http.Request) error {
	return errors.New("stripe does not redirect")
}

// Close drops the idle connections. The gateway may still be used afterwards.
func (g *Gateway) Close() { g.http.CloseIdleConnections() }

// limiter returns the limiter that all users of a secret key share; nil where there is no limit.
func (g *Gateway) limiter(secretKey string) *rate.Limiter {
	if g.rate < 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.limiters[secretKey]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(g.rate), g.rate)
		g.limiters[secretKey] = l
	}
	return l
}

// Account makes the calls of one Stripe account, known by its secret key.
// Every method is safe for concurrent use and returns errors as *[Error].
type Account struct {
	gateway *Gateway
	key     string
	api     *client.API
	backend stripego.Backend
	limiter *rate.Limiter
	onCall  []func(context.Context, Call)
	refusal string // why no call is made; "" when calls are made
}

// Unusable returns an account that makes no call: each fails with the reason, of kind Authentication, for who cannot get at the key now.
func (g *Gateway) Unusable(reason string) *Account {
	a := g.Account("")
	a.refusal = reason
	return a
}

// Account returns the account of a secret (or restricted) key. It makes no call and checks nothing.
func (g *Gateway) Account(secretKey string) *Account {
	backends := stripego.NewBackendsWithConfig(&stripego.BackendConfig{
		HTTPClient:        g.http,
		URL:               stripego.String(g.apiBase),
		MaxNetworkRetries: stripego.Int64(0),
		EnableTelemetry:   stripego.Bool(false),
		LeveledLogger:     &stripego.LeveledLogger{Level: stripego.LevelNull},
	})
	return &Account{gateway: g, key: secretKey, api: client.New(secretKey, backends), backend: backends.API,
		limiter: g.limiter(secretKey)}
}

// OnCall returns a copy of the account that also tells observe of every call after it ended, failed or not,
// in the goroutine that made the call: the place to write down attempts.
func (a *Account) OnCall(observe func(context.Context, Call)) *Account {
	b := *a
	b.onCall = append(append([]func(context.Context, Call){}, a.onCall...), observe)
	return &b
}

// String names the account without its key.
func (a *Account) String() string { return "stripe account " + RedactedKey(a.key) }

// GoString keeps %#v from printing the key.
func (a *Account) GoString() string { return a.String() }

// LogValue keeps the key out of logs.
func (a *Account) LogValue() slog.Value { return slog.StringValue(a.String()) }
