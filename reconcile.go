package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"paytond/models/value"
)

// reconcileCommand is paytond reconcile.
type reconcileCommand struct {
	Config   string `short:"c" help:"Configuration file, in trytond.conf's sections and keys." type:"existingfile"`
	Database string `short:"d" help:"Name of the database." required:""`
	From     string `help:"First day, such as 2026-10-01 (UTC)." required:""`
	To       string `help:"Last day, that day included; today counts up to now." required:""`
}

// Run compares and prints; that there are differences is an error.
func (c *reconcileCommand) Run(ctx context.Context) error {
	from, err := value.ParseDate(c.From)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	to, err := value.ParseDate(c.To)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	app, err := openApp(c.Config, func(*Config) {})
	if err != nil {
		return err
	}
	return errors.Join(app.reconcile(ctx, os.Stdout, c.Database, from, to), app.Close())
}

// reconcile compares the days from one to another of a database with Stripe, and tells of the differences.
func (a *App) reconcile(ctx context.Context, out io.Writer, database string, from, to value.Date) error {
	db, err := a.Databases.Get(ctx, database)
	if err != nil {
		return fmt.Errorf("database %s: %w", database, err)
	}
	until := to.AddDays(1).Time()
	if now := time.Now().UTC(); until.After(now) {
		until = now
	}
	found, err := a.engine.Reconcile(ctx, db, from.Time(), until)
	for _, d := range found {
		fmt.Fprintf(out, "account %d  %s\n", d.Account, d)
	}
	switch {
	case err != nil:
		return err
	case len(found) > 0:
		return fmt.Errorf("%d differences with Stripe", len(found))
	}
	fmt.Fprintf(out, "No differences with Stripe from %s to %s.\n", from, to)
	return nil
}
