// Command paytond serves Tryton's clients, the checkout page and Stripe's
// webhooks, and posts payments to Stripe. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"paytond/rpc/guard"
)

// commands is the command line.
type commands struct {
	Demo      demoCommand      `cmd:"" help:"Try paytond: one process with its own database, reference data and a simulator of Stripe."`
	Serve     serveCommand     `cmd:"" help:"Serve the databases of a configuration."`
	Admin     adminCommand     `cmd:"" help:"Create a database or bring it up to date, and set the administrator's password."`
	Reconcile reconcileCommand `cmd:"" help:"Compare the payments of a database with Stripe's balance, and print and store the differences."`
	Simulator simulatorCommand `cmd:"" help:"Run the simulator of Stripe alone."`
	Bench     benchCommand     `cmd:"" help:"Break things on purpose, and print what came of it."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "paytond:", err)
		os.Exit(1)
	}
}

// run parses the command line and does what it says until the context ends.
func run(ctx context.Context, args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("paytond"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("A server for Tryton's clients that takes payments through Stripe."))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil // asked to stop
	}
	return err
}

// newLog writes to standard error: text for a person, at the level of the configuration.
func newLog(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("configuration: [log] level: %w", err)
	}
	return slog.New(guard.LogHandler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l}))), nil
}
