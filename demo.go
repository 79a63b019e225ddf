package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"paytond/stripe/simulator"
)

// demoCommand is paytond demo: everything in one process, to be tried.
type demoCommand struct {
	Data      string `help:"Directory that keeps the data from one start to the next." type:"path"`
	Listen    string `help:"Address for Tryton's clients and the checkout page." default:"127.0.0.1:8000"`
	Simulator string `help:"Address of the simulator of Stripe; any free port when it is taken." default:"127.0.0.1:12111"`
	Root      string `help:"Directory of the sao web client's files, served at the address when given." type:"existingdir"`
	LogLevel  string `help:"debug, info, warn or error." default:"warn"`
}

// demoDatabase is the name of the demo's database.
const demoDatabase = "demo"

// Run makes the demo's data where they are missing and serves them until the context ends.
func (d *demoCommand) Run(ctx context.Context) (err error) {
	if d.Data == "" {
		d.Data = filepath.Join(dataHome(), "paytond-demo")
	}
	if err := os.MkdirAll(d.Data, 0o700); err != nil {
		return err
	}
	log, err := newLog(d.LogLevel)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	sim, err := simulator.New(simulator.Options{StateFile: filepath.Join(d.Data, "stripe.json"), Logger: log})
	if err != nil {
		return err
	}
	if err := seedCustomers(sim); err != nil {
		return err
	}
	stripeAt, err := listenNear(d.Simulator)
	if err != nil {
		return err
	}
	simulated := make(chan error, 1)
	go func() { simulated <- sim.Run(ctx, stripeAt) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-simulated, sim.Close())
	}()

	app, err := NewApp(d.config("http://"+stripeAt.Addr().String()), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	if err := app.listen(); err != nil {
		return err
	}
	d.Listen = app.Config.Web.Listen
	if err := d.prepare(ctx, app, os.Stdout); err != nil {
		return err
	}
	return app.Run(ctx, []string{roleRPC, roleCheckout, roleScheduler})
}

// config is the demo's configuration: nothing is read from a file.
func (d *demoCommand) config(stripeBase string) Config {
	c := DefaultConfig()
	c.Database.Path = d.Data
	c.Web.Listen, c.Web.Root = d.Listen, d.Root
	c.Stripe.APIBase, c.Stripe.JSURL = stripeBase, stripeBase+"/v3/"
	return c
}

// listenNear listens on the address, or on any free port of its host when the
// port is taken.
func listenNear(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, splitErr
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// prepare makes the database and its data at the first start, and tells how to get in.
func (d *demoCommand) prepare(ctx context.Context, app *App, out io.Writer) error {
	names, err := app.Databases.List(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintln(out, "Making the demo's database, a few seconds …")
	}
	db, err := app.Databases.Update(ctx, demoDatabase)
	if err != nil {
		return err
	}
	if err := translateInto(ctx, db, "de", "es", "fr"); err != nil {
		return err
	}
	if err := new(demoData).make(ctx, db); err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	link, err := waitingLink(ctx, db, "http://"+d.Listen)
	if err != nil {
		return err
	}
	app.Log.Info("demo data are ready", slog.String("directory", d.Data))
	fmt.Fprintf(out, `
paytond demo
  Tryton client     http://%s   database %s
  Users             %s / %s (clerk)     admin / admin (administrator)
  To be paid        %s
  Stripe simulator  %s/
  Data              %s

These passwords are for trying only: never serve this database to others.
Cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for 3-D Secure.
Ctrl-C stops.
`, d.Listen, demoDatabase, demoUser, demoPassword, link, app.Config.Stripe.APIBase, d.Data)
	return nil
}
