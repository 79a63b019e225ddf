package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"paytond/models"
	"paytond/models/paymentstripe"
	"paytond/rpc"
	"paytond/sql"
	"paytond/stripe"
)

// metrics is what Prometheus may ask for. Names and labels are described in
// README.md; none of them holds data of users.
type metrics struct {
	registry    *prometheus.Registry
	rpcCalls    *prometheus.CounterVec
	rpcSeconds  *prometheus.HistogramVec
	stripeCalls *prometheus.HistogramVec
	actions     *prometheus.HistogramVec
	pages       *prometheus.HistogramVec
}

// buckets go from what a cached answer takes to the longest call, in seconds.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

func newMetrics() *metrics {
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "paytond", Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		rpcCalls: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "paytond", Name: "rpc_calls_total",
			Help: "Calls of clients."}, []string{"method", "status", "outcome"}),
		rpcSeconds:  histogram("rpc_call_duration_seconds", "Time from the head of a call to its answer.", "method"),
		stripeCalls: histogram("stripe_call_duration_seconds", "Calls to Stripe, without waiting for the rate limit.", "operation", "outcome", "status"),
		actions:     histogram("scheduler_action_duration_seconds", "Scheduled actions that have run.", "database", "action", "outcome"),
		pages:       histogram("checkout_request_duration_seconds", "Checkout pages, their files and webhooks.", "kind", "status"),
	}
	m.registry.MustRegister(m.rpcCalls, m.rpcSeconds, m.stripeCalls, m.actions, m.pages,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) call(o rpc.Observation) {
	m.rpcCalls.WithLabelValues(o.Method, strconv.Itoa(o.Status), o.Outcome).Inc()
	m.rpcSeconds.WithLabelValues(o.Method).Observe(o.Duration.Seconds())
}

func (m *metrics) stripeCall(c stripe.Call) {
	m.stripeCalls.WithLabelValues(c.Operation, c.Outcome.String(), strconv.Itoa(c.HTTPStatus)).Observe(c.Duration.Seconds())
}

func (m *metrics) action(database, method, outcome string, took time.Duration) {
	m.actions.WithLabelValues(database, method, outcome).Observe(took.Seconds())
}

// watch measures what is asked of a handler.
func (m *metrics) watch(kind string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		m.pages.WithLabelValues(kind, strconv.Itoa(seen.status)).Observe(time.Since(began).Seconds())
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// handler answers Prometheus.
func (m *metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: promErrors{log}, ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: 2, Timeout: 30 * time.Second})
}

// promErrors writes what could not be collected to our log.
type promErrors struct{ log *slog.Logger }

// Println writes one error.
func (p promErrors) Println(v ...any) { p.log.Warn("metrics", "error", fmt.Sprint(v...)) }

// What is asked of the databases each time that Prometheus comes.
var (
	queueDue     = describe("queue_due", "Rows that wait for their turn to be worked on.", "queue")
	queueAge     = describe("queue_oldest_due_seconds", "How long the oldest of them has been due.", "queue")
	queueLeased  = describe("queue_leased", "Rows that a server works on.", "queue")
	queuePlanned = describe("queue_planned", "Rows that will be looked at later.", "queue")
	eventCount   = describe("stripe_events", "Events of Stripe: those of the last day, and all that are not finished.", "state")
	eventAge     = describe("stripe_events_oldest_seconds", "How long ago Stripe made the oldest of them.", "state")
	poolOpen     = describe("database_connections_open", "Connections with the database.")
	poolUsed     = describe("database_connections_in_use", "Connections that a transaction uses.")
	poolMax      = describe("database_connections_max", "Connections that there may be.")
	poolWaits    = describe("database_connection_waits_total", "Transactions that had to wait for a connection.")
	poolWaited   = describe("database_connection_wait_seconds_total", "How long they waited together.")
	databaseUp   = describe("database_up", "Whether the database answers: 1 or 0.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("paytond_"+name, help, append([]string{"database"}, labels...), nil)
}

// databaseCollector asks the open databases how they are.
type databaseCollector struct {
	databases *Databases
	engine    *paymentstripe.Engine
}

// Describe is empty: which databases there are is not known before.
func (databaseCollector) Describe(chan<- *prometheus.Desc) {}

// collectTime bounds what is asked of one database.
const collectTime = 5 * time.Second

// Collect asks all databases at the same time.
func (c databaseCollector) Collect(out chan<- prometheus.Metric) {
	var all sync.WaitGroup
	for _, db := range c.databases.Open() {
		all.Go(func() { c.collect(db, out) })
	}
	all.Wait()
}

func (c databaseCollector) collect(db *models.Database, out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{db.Name()}, labels...)...)
	}
	counter := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, db.Name())
	}
	s := db.SQL.Stats()
	gauge(poolOpen, float64(s.Open))
	gauge(poolUsed, float64(s.InUse))
	gauge(poolMax, float64(s.Max))
	counter(poolWaits, float64(s.Waited))
	counter(poolWaited, s.WaitedFor.Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), collectTime)
	defer cancel()
	work, events, err := c.engine.Backlogs(ctx, db)
	if err != nil {
		gauge(databaseUp, 0)
		db.Log.Warn("the queues cannot be measured", slog.Any("error", err))
		return
	}
	gauge(databaseUp, 1)
	for _, b := range work {
		gauge(queueDue, float64(b.Due), b.Queue)
		gauge(queueAge, b.Oldest.Seconds(), b.Queue)
		gauge(queueLeased, float64(b.Leased), b.Queue)
		gauge(queuePlanned, float64(b.Planned), b.Queue)
	}
	for _, e := range events {
		gauge(eventCount, float64(e.Count), e.State)
		gauge(eventAge, e.Oldest.Seconds(), e.State)
	}
}

// readiness tells whether the databases can be reached. Its answer holds for a
// moment, so that who asks often does no harm.
type readiness struct {
	databases *Databases
	mu        sync.Mutex
	asked     time.Time
	err       error
}

const readyFor = time.Second

// check asks the databases, unless it just has.
func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) < readyFor {
		return r.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), collectTime)
	defer cancel()
	r.err = r.ask(ctx)
	r.asked = time.Now()
	return r.err
}

func (r *readiness) ask(ctx context.Context) error {
	all := r.databases.Open()
	if len(all) == 0 { // nobody has asked for one yet
		var err error
		if all, err = r.databases.All(ctx); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return errors.New("there is no database to serve")
	}
	var failed error
	for _, db := range all {
		if err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
			_, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "ir_configuration"`))
			return err
		}); err != nil {
			failed = errors.Join(failed, fmt.Errorf("database %s: %w", db.Name(), err))
		}
	}
	return failed
}

// serve answers 200 when all is there, else 503; why not is in the log only.
func (r *readiness) serve(log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := r.check(request.Context()); err != nil {
			log.WarnContext(request.Context(), "not ready", slog.Any("error", err))
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "not ready")
			return
		}
		fmt.Fprintln(w, "ok")
	}
}
