package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"

	"paytond/checkout"
	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/rpc"
	"paytond/rpc/guard"
	"paytond/scheduler"
	"paytond/sql"
	"paytond/stripe"
)

// Version is the series of Tryton whose clients are served, and our own release.
const Version = "6.0.0"

// The roles that a process may have.
const (
	roleRPC       = "rpc"
	roleCheckout  = "checkout"
	roleScheduler = "scheduler"
)

// App is the program: databases served by subsystems. Make it with NewApp, run
// it with Run, and Close it.
type App struct {
	Config    Config
	Databases *Databases
	Log       *slog.Logger
	gateway   *stripe.Gateway
	engine    *paymentstripe.Engine
	auth      *res.Authentication
	mail      *mailer // nil where no mail server is configured
	metrics   *metrics
	patience  patience
	web       net.Listener // on [web] listen, where listen was called
}

// NewApp wires what the configuration says. Nothing is opened yet.
func NewApp(c Config, log *slog.Logger) (*App, error) { return newApp(c, haste{}, log) }

// haste lets a bench of faults see in seconds what takes days, and die where it wants. The zero value is for everything else.
type haste struct {
	rate    int // of calls to Stripe, see stripe.Config
	times   paymentstripe.Times
	reached func(paymentstripe.Point)
}

func newApp(c Config, h haste, log *slog.Logger) (*App, error) {
	meters := newMetrics()
	gateway := stripe.New(stripe.Config{APIBase: c.Stripe.APIBase, Rate: h.rate, Logger: log, Observe: meters.stripeCall})
	vault, err := paymentstripe.NewVault(c.Stripe.MasterKey, c.Stripe.SecretsPath)
	if err != nil {
		return nil, err
	}
	linkAge := c.Checkout.LinkAge
	if linkAge == 0 {
		linkAge = -1 // for ever
	}
	engine := paymentstripe.NewEngine(paymentstripe.Config{Gateway: gateway, Vault: vault, JSURL: c.Stripe.JSURL, PublicURL: c.Web.Hostname, LinkAge: linkAge, Log: log,
		Times: h.times, Reached: h.reached})
	mail, err := newMailer(c.Email.URI, c.Email.From)
	if err != nil {
		return nil, err
	}
	if mail != nil && mail.exposed() {
		log.Warn("the password of the mail server crosses the network unencrypted; write [email] uri with smtps:// or smtp+tls://")
	}
	registry, err := newRegistry(c, engine)
	if err != nil {
		return nil, err
	}
	server, err := sql.NewServer(c.Database.URI, c.Database.Path)
	if err != nil {
		return nil, err
	}
	limits := res.DefaultLimits()
	limits.MaxAge, limits.Timeout = c.Session.MaxAge, c.Session.Timeout
	limits.MaxAttempts, limits.MaxNetworkAttempts = c.Session.MaxAttempts, c.Session.MaxNetworkAttempts
	limits.IPv4Bits, limits.IPv6Bits = c.Session.IPv4Bits, c.Session.IPv6Bits
	auth, err := res.NewAuthentication(limits)
	if err != nil {
		return nil, err
	}
	if auth.Services, err = res.ParseServices(c.Session.Authentications); err != nil {
		return nil, err
	}
	databases := NewDatabases(server.Limited(c.Database.Limits), registry, c.Database.List, log)
	meters.registry.MustRegister(databaseCollector{databases, engine})
	return &App{Config: c, Databases: databases, Log: log, gateway: gateway, engine: engine, auth: auth, mail: mail, metrics: meters,
		patience: defaultPatience()}, nil
}

// newRegistry builds the models of all modules.
func newRegistry(c Config, engine *paymentstripe.Engine) (*models.Registry, error) {
	users := res.DefaultConfig()
	users.Policy = res.Policy{Length: c.Password.Length, Entropy: c.Password.Entropy, Forbidden: c.Password.Forbidden}
	users.ResetTimeout = c.Password.ResetTimeout
	users.SessionAge = c.Session.MaxAge
	var mails ir.Config
	if c.Email.URI != "" {
		mails.From = c.Email.From
	}
	return models.Build(ir.NewAccess(res.RuleContext),
		ir.ModuleWith(mails),
		res.ModuleWith(users),
		country.Module(),
		currency.ModuleWith(currency.NewECB(fetch)),
		party.Module(),
		company.Module(),
		payment.AccountModule(),
		payment.Module(),
		paymentstripe.Module(engine),
	)
}

// Close closes the databases and the connections to Stripe.
func (a *App) Close() error {
	if a.web != nil {
		a.web.Close() // unless Run has
	}
	a.engine.Close()
	a.gateway.Close()
	return a.Databases.Close()
}

// Run serves in the roles until the context ends, and returns after the calls
// in flight are answered.
func (a *App) Run(ctx context.Context, roles []string) error {
	services, err := a.services(roles)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(services))
	for _, service := range services {
		go func() { failed <- service(ctx) }()
	}
	for range services {
		err = errors.Join(err, <-failed)
		cancel() // one that ends takes the others with it
	}
	return err
}

// services are what the roles make run, each until its context ends.
func (a *App) services(roles []string) ([]func(context.Context) error, error) {
	for _, role := range roles {
		if !slices.Contains([]string{roleRPC, roleCheckout, roleScheduler}, role) {
			return nil, fmt.Errorf("there is no role %q", role)
		}
	}
	var services []func(context.Context) error
	front, back := http.NewServeMux(), http.NewServeMux()
	if a.Config.Checkout.Listen == "" {
		back = front
	}
	if slices.Contains(roles, roleRPC) {
		clients, err := rpc.New(rpc.Config{Databases: a.Databases, Authentication: a.auth, Log: a.Log, Version: Version,
			Root: a.Config.Web.Root, Origins: a.Config.Web.CORS, Proxies: a.Config.Web.Proxies,
			MaxAnonymous: a.Config.Request.MaxSize, MaxAuthenticated: a.Config.Request.MaxSizeAuthenticated,
			MaxCalls: a.Config.Request.MaxCalls, Timeout: a.Config.Request.Timeout, Bus: a.Config.Bus, Observe: a.metrics.call})
		if err != nil {
			return nil, err
		}
		services = append(services, func(ctx context.Context) error {
			<-ctx.Done()
			clients.Stop()
			return nil
		})
		front.Handle("/", clients)
	}
	if slices.Contains(roles, roleCheckout) {
		pages, err := checkout.New(checkout.Config{Databases: a.Databases, Engine: a.engine, JSURL: a.Config.Stripe.JSURL,
			Proxies: a.Config.Web.Proxies, Log: a.Log})
		if err != nil {
			return nil, err
		}
		back.Handle("/{database}/account_payment_stripe/", a.metrics.watch("checkout", bounded(a.Config.Web.Proxies, pages)))
	}
	if slices.Contains(roles, roleRPC) || slices.Contains(roles, roleCheckout) && back == front {
		services = append(services, a.listener(a.Config.Web.Listen, front))
	}
	if slices.Contains(roles, roleCheckout) && back != front {
		services = append(services, a.listener(a.Config.Checkout.Listen, back))
	}
	if slices.Contains(roles, roleScheduler) {
		services = append(services, a.newScheduler().Run)
	}
	if len(services) == 0 {
		return nil, errors.New("no role is left to serve")
	}
	if a.Config.Metrics.Listen != "" {
		meter := http.NewServeMux()
		meter.Handle("GET /metrics", a.metrics.handler(a.Log))
		services = append(services, a.listener(a.Config.Metrics.Listen, meter))
	}
	return services, nil
}

// newScheduler runs the scheduled actions of all databases.
func (a *App) newScheduler() *scheduler.Scheduler {
	actions := map[string]scheduler.Action{}
	var sweeps []string
	for method, action := range a.engine.Actions() {
		if actions[method] = action; method != paymentstripe.ReconcileMethod { // which reads a week of Stripe's balance
			sweeps = append(sweeps, method)
		}
	}
	var send func(context.Context, ir.Mail) error
	if a.mail != nil {
		send = a.mail.send
	}
	actions[ir.SendQueueMethod] = ir.SendQueue(send)
	sweeps = append(sweeps, ir.SendQueueMethod)
	return scheduler.New(scheduler.Config{Databases: a.Databases.All, Claim: claimDue, Actions: actions, Sweeps: sweeps, Waiting: a.waiting, Default: runCron,
		Poll: a.Config.Scheduler.Poll, Log: a.Log, Observe: a.metrics.action})
}

// claimDue moves the scheduled actions that are due to their next call and returns their methods.
func claimDue(tx *models.Tx) ([]string, error) {
	var methods []string
	for _, r := range ir.DueCrons(tx) {
		if err := ir.PlanNext(tx, r, tx.Now()); err != nil {
			return nil, err
		}
		methods = append(methods, ir.Crons.Method.Of(r))
	}
	return methods, nil
}

// waiting names the scheduled actions that have work now, whoever has told of it.
func (a *App) waiting(tx *models.Tx) ([]string, error) {
	methods, err := a.engine.Waiting(tx)
	if err != nil || a.mail == nil {
		return methods, err
	}
	mail, err := ir.MailWaits(tx)
	if mail {
		methods = append(methods, ir.SendQueueMethod)
	}
	return methods, err
}

// runCron runs the scheduled actions with a method that needs no more than a transaction.
func runCron(tx *models.Tx, method string) error {
	for _, r := range ir.Crons.Search(tx, ir.Crons.Method.Eq(method)) {
		if err := ir.RunCron(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// listener serves HTTP on an address until the context ends.
func (a *App) listener(address string, mux *http.ServeMux) func(context.Context) error {
	mux.HandleFunc("GET /healthz", a.serveHealth)
	mux.HandleFunc("GET /readyz", (&readiness{databases: a.Databases}).serve(a.Log))
	return func(ctx context.Context) error {
		l, err := a.listenerAt(address)
		if err != nil {
			return err
		}
		a.Log.Info("listening", slog.String("address", l.Addr().String()))
		if err := a.serveHTTP(ctx, l, guard.Handler(mux)); err != nil {
			return fmt.Errorf("serve %s: %w", address, err)
		}
		return nil
	}
}

// listen takes the address of the clients ahead of Run, for those who tell it before, and puts the port that was found in the place of port 0.
func (a *App) listen() (err error) {
	if a.web, err = net.Listen("tcp", a.Config.Web.Listen); err != nil {
		return err
	}
	a.Config.Web.Listen = a.web.Addr().String()
	return nil
}

// listenerAt is the listener that listen has opened, or a new one.
func (a *App) listenerAt(address string) (net.Listener, error) {
	if a.web != nil && address == a.Config.Web.Listen {
		return a.web, nil
	}
	return net.Listen("tcp", address)
}

// serveHealth tells that the process answers; it asks nothing of the databases.
func (a *App) serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

// splitRoles reads "rpc,checkout,scheduler".
func splitRoles(text string) []string {
	var roles []string
	for _, role := range strings.Split(text, ",") {
		if role = strings.TrimSpace(role); role != "" {
			roles = append(roles, role)
		}
	}
	return roles
}
