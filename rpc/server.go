package rpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/rpc/v2"

	"paytond/models"
	"paytond/rpc/guard"
)

// Server answers the clients' requests.
type Server struct {
	config Config
	calls  *rpc.Server
	mux    *http.ServeMux
	pack   packer
	// users are the doors of those who have shown a session, guests those of all others, of whom each site has a share.
	users, guests doors
	shares        *guard.Shares
	// drawing bounds the pictures that are scaled at once: each unpacks to much, and who asks has shown nothing.
	drawing *guard.Budget
	// polls are the requests that wait for messages, stays the databases whose messages they wait for.
	polls    *guard.Budget
	stays    stays
	stopping chan struct{}
	stop     sync.Once
}

// New makes a server. The error is one of the configuration.
func New(c Config) (*Server, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Server{config: c, calls: rpc.NewServer(), mux: http.NewServeMux(),
		users: newDoors(c.MaxCalls, 4*c.MaxCalls, c.MaxHeld), guests: newDoors(strangers, 0, max(strangersHeld, c.MaxAnonymous)),
		shares:  guard.NewShares(strangersOfSite),
		drawing: guard.NewBudget(2, 64, patience),
		polls:   guard.NewBudget(maxPolls, 0, 0), stays: newStays(), stopping: make(chan struct{})}
	s.calls.RegisterCodec(codec{}, "application/json")
	s.calls.RegisterCodec(xmlCodec{}, "text/xml")
	objects := &objects{s}
	for name, receiver := range map[string]any{
		"model": objects, "wizard": objects, "report": objects,
		"common": &common{s}, "system": &system{s}, "unknown": &unknown{},
	} {
		if err := s.calls.RegisterService(receiver, name); err != nil {
			return nil, fmt.Errorf("rpc: %w", err)
		}
	}
	s.mux.HandleFunc("POST /{$}", s.serveCall)
	s.mux.HandleFunc("POST /{database}/{$}", s.serveCall)
	s.mux.HandleFunc("POST /{database}", redirectSlash)
	s.mux.HandleFunc("POST /{database}/bus", s.serveBus)
	s.mux.HandleFunc("POST /{database}/user/application/{$}", s.serveApplication)
	s.mux.HandleFunc("DELETE /{database}/user/application/{$}", s.serveApplication)
	s.mux.HandleFunc("GET /{database}/{page}/{model}", s.servePage)
	s.mux.HandleFunc("OPTIONS /", serveOptions)
	s.mux.HandleFunc("GET /avatar/{database}/{uuid}", s.serveAvatar)
	s.mux.HandleFunc("GET /", s.serveFile)
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			s.config.Log.ErrorContext(r.Context(), "panic in a request", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			http.Error(w, "Internal server error", http.StatusInternalServerError)
		}
	}()
	if !s.allowOrigin(w, r) {
		http.Error(w, "The origin is not allowed.", http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// exchange is one call: what is known of its request, for those who answer it.
type exchange struct {
	server   *Server
	database string // its name, "" for a call to the server itself
	db       *models.Database
	dbErr    error // why db is nil
	caller   caller
	callErr  error  // why nobody was recognised, if it is not just so
	name     string // of the method
	found    bool   // whether there is such a method
	address  netip.Addr
	ctx      context.Context
	doors    doors
	held     []func() // give back what the call holds of the doors' budgets
}

// leave gives back what the call holds.
func (x *exchange) leave() {
	for _, giveBack := range x.held {
		giveBack()
	}
}

// hold takes a share of a budget until the call ends.
func (x *exchange) hold(b *guard.Budget, weight int64) error {
	giveBack, err := b.Take(x.ctx, weight)
	if err == nil {
		x.held = append(x.held, giveBack)
		return nil
	}
	if errors.Is(err, guard.ErrFull) {
		return overloaded()
	}
	return err
}

func overloaded() *refusal {
	return &refusal{status: http.StatusServiceUnavailable, text: "The server has too much to do. Try again in a moment.",
		header: http.Header{"Retry-After": {strconv.Itoa(int(retryOverloaded.Seconds()))}}}
}

type exchangeKey struct{}

func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

// serveCall prepares the exchange and passes the request through gorilla/rpc.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.config.Timeout)
	defer cancel()
	x := &exchange{server: s, database: r.PathValue("database"), address: s.address(r), ctx: ctx}
	defer x.leave()
	r = r.WithContext(context.WithValue(ctx, exchangeKey{}, x))
	if err := s.enter(r, x); err != nil {
		x.refuseEarly(w, r, err)
		return
	}
	nameKind(r)
	out := s.pack.writer(w, r)
	defer out.close()
	s.calls.ServeHTTP(out, r)
}

// nameKind writes the type of a request as gorilla knows it, whose match is
// exact. A call without one is JSON.
func nameKind(r *http.Request) {
	switch kind := strings.ToLower(r.Header.Get("Content-Type")); {
	case kind == "", strings.Contains(kind, "json"):
		r.Header.Set("Content-Type", "application/json")
	case strings.Contains(kind, "xml"):
		r.Header.Set("Content-Type", "text/xml")
	}
}

// enter finds out who calls, and waits until there is room for the call.
func (s *Server) enter(r *http.Request, x *exchange) error {
	x.doors = s.guests
	byKey := sessionScheme(r)
	if x.database != "" && byKey { // cheap to check; a password is not
		s.recognise(r, x)
	}
	if x.caller.known() {
		x.doors = s.users
	} else if leave, err := s.shares.Take(x.address); err == nil {
		x.held = append(x.held, leave)
	} else {
		return overloaded()
	}
	if err := x.hold(x.doors.calls, 1); err != nil {
		return err
	}
	if x.database != "" && !byKey {
		s.recognise(r, x)
	}
	return nil
}

func (s *Server) recognise(r *http.Request, x *exchange) {
	if x.db, x.dbErr = s.config.Databases.Get(r.Context(), x.database); x.dbErr == nil {
		x.caller, x.callErr = s.identify(r, x.db)
	}
}

// redirectSlash sends a client that forgot the last slash to the right address.
func redirectSlash(w http.ResponseWriter, r *http.Request) {
	target := url.URL{Path: "/" + r.PathValue("database") + "/", RawPath: "/" + url.PathEscape(r.PathValue("database")) + "/",
		RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", target.String())
	w.WriteHeader(http.StatusPermanentRedirect)
}

func serveOptions(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" {
		for request, answer := range map[string]string{
			"Access-Control-Request-Method":  "Access-Control-Allow-Methods",
			"Access-Control-Request-Headers": "Access-Control-Allow-Headers",
		} {
			if v := r.Header.Get(request); v != "" {
				w.Header().Set(answer, v)
			}
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// allowOrigin checks where the page that calls comes from and tells the
// browser that it may read the answer.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if !s.knownOrigin(origin, s.host(r)) && !(origin == "null" && takesNullOrigin(r.URL.Path)) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Max-Age", "43200")
	return true
}

func (s *Server) knownOrigin(origin, host string) bool {
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, host) {
		return true
	}
	for _, o := range s.config.Origins {
		if strings.EqualFold(strings.TrimSuffix(o, "/"), origin) {
			return true
		}
	}
	return false
}

// host is the host that the client asked.
func (s *Server) host(r *http.Request) string {
	if host := s.config.Proxies.Forwarded(r, "X-Forwarded-Host"); host != "" {
		return host
	}
	return r.Host
}

// baseURL is the address of the server as the client sees it, without a last slash.
func (s *Server) baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(s.config.Proxies.Forwarded(r, "X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + s.host(r)
}

// address is the client's, the zero Addr if it is unknown.
func (s *Server) address(r *http.Request) netip.Addr { return s.config.Proxies.Client(r) }
