package checkout

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"paytond/models"
	"paytond/rpc/guard"
)

// DefaultJSURL is where Stripe serves Stripe.js.
const DefaultJSURL = "https://js.stripe.com/v3/"

// Databases opens the databases that are served. Errors are of kind NotFound
// for an unknown name; with any other, the database counts as not available.
type Databases interface {
	Get(ctx context.Context, name string) (*models.Database, error)
}

// Config is what the handler needs and what can be set.
type Config struct {
	Databases Databases
	Engine    Engine
	JSURL     string       // of Stripe.js; DefaultJSURL when empty
	Log       *slog.Logger // nil means none
	// Proxies are those in front, whose X-Forwarded-For is believed.
	Proxies guard.Proxies
	// Pages and Webhooks are the limits of each client address for the two; 5 a
	// second, 30 at once and 100 a second, 500 at once where they are zero.
	// Stripe sends all of its events from a few addresses, some of them in bulk.
	Pages, Webhooks Limit
	// Now is the clock of the limits; nil means time.Now.
	Now func() time.Time
}

//go:embed pages/*.html
var pageFiles embed.FS

type handler struct {
	Config
	pages, webhooks *limiter
	assets          map[string]asset
	templates       *template.Template
}

// New returns the handler for everything below /{database}/account_payment_stripe/.
// An error means that JSURL is no address of http or https.
func New(c Config) (http.Handler, error) {
	if c.JSURL == "" {
		c.JSURL = DefaultJSURL
	}
	policy, err := securityPolicy(c.JSURL)
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Pages == (Limit{}) {
		c.Pages = Limit{PerSecond: 5, Burst: 30}
	}
	if c.Webhooks == (Limit{}) {
		c.Webhooks = Limit{PerSecond: 100, Burst: 500}
	}
	h := &handler{Config: c, pages: newLimiter(c.Pages), webhooks: newLimiter(c.Webhooks), assets: loadAssets()}
	h.templates = template.Must(template.New("").ParseFS(pageFiles, "pages/*.html"))
	return withHeaders(policy, h.routes()), nil
}

func (h *handler) routes() http.Handler {
	const base = "/{database}/account_payment_stripe/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"checkout/{model}/{token}", h.servePage)
	mux.HandleFunc("POST "+base+"checkout/{model}/{token}", h.serveRefresh)
	mux.HandleFunc("POST "+base+"webhook/{identifier}", h.serveWebhook)
	mux.HandleFunc("GET "+base+"static/{file}", h.serveAsset)
	return mux
}

// securityPolicy lets a page load its own files and Stripe's, and nothing else.
func securityPolicy(jsURL string) (string, error) {
	u, err := url.Parse(jsURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", fmt.Errorf("checkout: %q is no address of Stripe.js", jsURL)
	}
	origin := u.Scheme + "://" + u.Host
	scripts, frames, calls := origin, origin, origin
	if origin == "https://js.stripe.com" { // what Stripe's security guide asks for: its API and the banks' frames have other names
		scripts += " https://*.js.stripe.com"
		frames += " https://*.js.stripe.com https://hooks.stripe.com"
		calls += " https://api.stripe.com"
	}
	return "default-src 'none'; script-src 'self' " + scripts + "; style-src 'self'; img-src 'self'; frame-src " + frames +
		"; connect-src 'self' " + calls + "; form-action 'self'; base-uri 'none'; frame-ancestors 'none'", nil
}

// withHeaders sets what every answer has, errors of the router included.
func withHeaders(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Frame-Options", "DENY")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Robots-Tag", "noindex, nofollow")
		next.ServeHTTP(w, r)
	})
}

// plainName is what tokens, identifiers and names of models look like. Anything
// else leads nowhere, and does not need to be looked up to know.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// notFound is the error of a path that leads nowhere.
func notFound() error { return models.NotFoundError("no such link") }

// database opens the database that the path names. An error is of kind
// NotFound or Unavailable.
func (h *handler) database(r *http.Request) (*models.Database, error) {
	name := r.PathValue("database")
	if !plainName.MatchString(name) {
		return nil, notFound()
	}
	db, err := h.Databases.Get(r.Context(), name)
	if err != nil && !models.IsKind(err, models.KindNotFound) {
		err = &models.Error{Kind: models.KindUnavailable, Message: "the database cannot be opened", Err: err}
	}
	return db, err
}

// workTime bounds what one request may have us do. It goes on when the client
// goes away: what happened at Stripe should be written down all the same.
const workTime = 40 * time.Second

func workContext(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), workTime)
}

// logFault notes an error, if there is one, that is not the client's. The path is not noted: it holds the token.
func (h *handler) logFault(r *http.Request, what string, err error) {
	if err == nil {
		return
	}
	switch models.ErrorKind(err) {
	case models.KindNotFound, models.KindBadRequest, models.KindTooMany:
	case models.KindUnavailable:
		h.Log.Warn(what, slog.String("database", r.PathValue("database")), slog.Any("error", err))
	default:
		h.Log.Error(what, slog.String("database", r.PathValue("database")), slog.Any("error", err))
	}
}
