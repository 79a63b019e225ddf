package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"paytond/models"
	"paytond/rpc/byhand"
	"paytond/scheduler/faults"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// benchCommand is paytond bench.
type benchCommand struct {
	Faults benchFaults `cmd:"" help:"Kill servers in the middle of their work, and compare Stripe's ledger with the database."`
	Calls  benchCalls  `cmd:"" help:"Measure calls of clients beside a handler written by hand for them."`
	Worker benchWorker `cmd:"" hidden:"" help:"A server that bench faults kills."`
}

// benchFaults is paytond bench faults.
type benchFaults struct {
	Payments int           `help:"How many payments to make." default:"1000"`
	Kills    int           `help:"How many servers to kill, at each point of the engine in turn and at random times." default:"50"`
	Servers  int           `help:"How many servers share the database at once; on SQLite one." default:"1"`
	Chaos    bool          `help:"Let Stripe fail, too: calls lost before and after they act, slow and refused, events late, twice and shuffled."`
	URI      string        `help:"Server whose database is made for it: postgresql://… or sqlite://, which keeps it in a temporary directory." default:"sqlite://"`
	Patience time.Duration `help:"How long to wait at the end until all is settled." default:"5m"`
	Log      string        `help:"File for what the servers say; nothing is kept without." type:"path"`
}

// Run breaks things and prints the table; what went wrong makes an error.
func (b *benchFaults) Run(ctx context.Context) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	var log io.Writer = io.Discard
	if b.Log != "" {
		file, err := os.Create(b.Log)
		if err != nil {
			return err
		}
		defer file.Close()
		log = file
	}
	s, err := openShop(ctx, b.URI, log)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	t, err := faults.Run(ctx, faults.Config{Payments: b.Payments, Kills: b.Kills, Servers: b.Servers, Chaos: b.Chaos, Patience: b.Patience,
		Database: s.db, Simulator: s.sim, Log: log,
		Shop: faults.Shop{Company: s.data.company, Account: s.data.account, SecretKey: demoSecret, Journal: s.data.card, Good: s.data.dora, Declined: s.data.carl},
		Server: func(ctx context.Context, crashAt, listen string) *exec.Cmd {
			return exec.CommandContext(ctx, program, "bench", "worker", "--uri", b.URI, "--path", s.path, "--stripe", s.stripe, "--crash-at", crashAt, "--listen", listen)
		}})
	if t != nil {
		fmt.Printf("\n%s, %d servers at once, chaos at Stripe: %v\n%s", kindOf(b.URI), b.Servers, b.Chaos, t)
	}
	return err
}

// benchWorker is a server like serve, whose days pass in seconds, and which kills itself at a point of the engine.
type benchWorker struct {
	URI      string `required:""`
	Path     string
	Stripe   string `required:"" help:"Address of the simulator."`
	Listen   string `help:"Address for webhooks; none are taken without."`
	CrashAt  string `help:"POINT:N kills the process the Nth time that it reaches the point."`
	LogLevel string `default:"warn"`
}

// Run serves until it is killed.
func (w *benchWorker) Run(ctx context.Context) error {
	log, err := newLog(w.LogLevel)
	if err != nil {
		return err
	}
	reached, err := faults.CrashAt(w.CrashAt)
	if err != nil {
		return err
	}
	app, err := newApp(benchConfig(w.URI, w.Path, w.Stripe, w.Listen), haste{rate: -1, times: faults.Times(), reached: reached}, log)
	if err != nil {
		return err
	}
	roles := []string{roleScheduler}
	if w.Listen != "" {
		roles = append(roles, roleCheckout)
	}
	return errors.Join(app.Run(ctx, roles), app.Close())
}

// benchCalls is paytond bench calls.
type benchCalls struct {
	Payments int    `help:"How many payments the database has." default:"1000"`
	Rounds   int    `help:"How many rounds to measure; in each, both are called in turn." default:"40"`
	URI      string `help:"Server whose database is made for it: postgresql://… or sqlite://, which keeps it in a temporary directory." default:"sqlite://"`
}

// Run measures and prints the table.
func (b *benchCalls) Run(ctx context.Context) error {
	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s, %d payments\n  %-22s %10s %10s %8s\n", kindOf(b.URI), b.Payments, "call", "paytond", "by hand", "ratio")
	for _, r := range results {
		fmt.Printf("  %-22s %10s %10s %8.2f\n", r.Name, r.Ours.Round(time.Microsecond), r.Hand.Round(time.Microsecond), r.Ratio())
	}
	return nil
}

func (b *benchCalls) measure(ctx context.Context) (results []byhand.Result, err error) {
	s, err := openShop(ctx, b.URI, io.Discard)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return nil, err
	}
	if err := s.app.listen(); err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- s.app.Run(serving, []string{roleRPC}) }()
	defer func() { stop(); err = errors.Join(err, <-served) }()
	return byhand.Compare(ctx, byhand.Config{Payments: b.Payments, Rounds: b.Rounds, Address: "http://" + s.app.Config.Web.Listen + "/" + s.db.Name() + "/",
		Login: demoUser, Password: demoPassword, Database: s.db, Company: s.data.company, Journal: s.data.card, Party: s.data.alice})
}

// shop is a database with the demo's records and a Stripe of its own.
type shop struct {
	app    *App
	db     *models.Database
	data   demoData
	sim    *simulator.Simulator
	stripe string // address of the simulator
	path   string // directory of SQLite
	undo   []func() error
}

// openShop makes a shop on a server. It must be closed whether or not there was an error.
func openShop(ctx context.Context, uri string, log io.Writer) (s *shop, err error) {
	s = &shop{}
	if s.path, err = os.MkdirTemp("", "paytond-bench"); err != nil {
		return s, err
	}
	s.undo = append(s.undo, func() error { return os.RemoveAll(s.path) })
	if err := s.openStripe(); err != nil {
		return s, err
	}
	if s.app, err = newApp(benchConfig(uri, s.path, s.stripe, "127.0.0.1:0"), haste{}, slog.New(slog.NewTextHandler(log, nil))); err != nil {
		return s, err
	}
	name := fmt.Sprintf("bench_%d", os.Getpid())
	s.undo = append(s.undo, func() error {
		server, err := sql.NewServer(uri, s.path)
		if err != nil {
			return err
		}
		return server.Drop(context.Background(), name)
	}, s.app.Close)
	if s.db, err = s.app.Databases.Update(ctx, name); err != nil {
		return s, err
	}
	return s, s.data.make(ctx, s.db)
}

func (s *shop) openStripe() (err error) {
	if s.sim, err = simulator.New(simulator.Options{RetryAfter: slices.Repeat([]time.Duration{500 * time.Millisecond}, 5)}); err != nil {
		return err
	}
	s.undo = append(s.undo, s.sim.Close)
	if err := seedCustomers(s.sim); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.stripe = "http://" + listener.Addr().String()
	serving, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.sim.Run(serving, listener) }()
	s.undo = append(s.undo, func() error { stop(); return <-served })
	return nil
}

// close removes all that was made.
func (s *shop) close() (err error) {
	for _, one := range slices.Backward(s.undo) {
		err = errors.Join(err, one())
	}
	return err
}

func benchConfig(uri, path, stripeBase, listen string) Config {
	c := DefaultConfig()
	c.Database.URI, c.Database.Path = uri, path
	c.Stripe.APIBase, c.Stripe.JSURL = stripeBase, stripeBase+"/v3/"
	c.Scheduler.Poll = 200 * time.Millisecond
	c.Web.Listen = listen
	return c
}

// kindOf is the kind of the database server: postgresql or sqlite.
func kindOf(uri string) string {
	kind, _, _ := strings.Cut(uri, ":")
	return kind
}
