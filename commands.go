package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"golang.org/x/term"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/res"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// serveCommand is paytond serve.
type serveCommand struct {
	Config string `short:"c" help:"Configuration file, in trytond.conf's sections and keys." type:"existingfile"`
	Roles  string `help:"What this process does: any of rpc, checkout and scheduler." default:"rpc,checkout,scheduler"`
}

// Run serves until the context ends.
func (s *serveCommand) Run(ctx context.Context) error {
	app, err := openApp(s.Config, func(*Config) {})
	if err != nil {
		return err
	}
	return errors.Join(app.Run(ctx, splitRoles(s.Roles)), app.Close())
}

// openApp makes the program of a configuration file and the environment, and of what the command changes.
func openApp(path string, change func(*Config)) (*App, error) {
	c, err := LoadConfig(path, os.Environ())
	if err != nil {
		return nil, err
	}
	change(&c)
	log, err := newLog(c.Log.Level)
	if err != nil {
		return nil, err
	}
	return NewApp(c, log)
}

// adminCommand is paytond admin, as users of trytond-admin expect it.
type adminCommand struct {
	Config       string   `short:"c" help:"Configuration file, in trytond.conf's sections and keys." type:"existingfile"`
	Database     []string `short:"d" help:"Name of a database, created if it is not there." required:""`
	Email        string   `short:"e" help:"E-mail address of the administrator."`
	PasswordFile string   `help:"File whose first line is the administrator's password." type:"existingfile"`
	Language     []string `short:"l" help:"Languages of users beside English: de, es, fr."`
	Password     bool     `short:"p" help:"Ask for the administrator's password again, for a database that has one."`
}

// Run creates or updates the databases.
func (c *adminCommand) Run(ctx context.Context) error {
	// To change a large table takes as long as it takes.
	app, err := openApp(c.Config, func(all *Config) { all.Database.Limits = sql.Limits{} })
	if err != nil {
		return err
	}
	defer app.Close()
	for _, name := range c.Database {
		if err := c.update(ctx, app, name); err != nil {
			return fmt.Errorf("database %s: %w", name, err)
		}
	}
	return nil
}

func (c *adminCommand) update(ctx context.Context, app *App, name string) error {
	db, err := app.Databases.Update(ctx, name)
	if err != nil {
		return err
	}
	if err := translateInto(ctx, db, c.Language...); err != nil {
		return err
	}
	has, err := hasPassword(ctx, db)
	if err != nil {
		return err
	}
	var password string
	if !has || c.Password || c.PasswordFile != "" {
		if password, err = c.readPassword(name); err != nil {
			return err
		}
	}
	return setAdministrator(ctx, db, password, c.Email)
}

// translateInto loads the texts of languages for users to choose.
func translateInto(ctx context.Context, db *models.Database, codes ...string) error {
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error { return ir.TranslateInto(tx, codes...) })
}

// hasPassword reports whether the administrator has one already.
func hasPassword(ctx context.Context, db *models.Database) (has bool, err error) {
	err = db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		has = !res.User.PasswordHash.IsNull(administrator(tx))
		return nil
	})
	return has, err
}

func administrator(tx *models.Tx) *models.Record { return res.User.Get(tx, tx.Ref("res.user_admin")) }

// setAdministrator sets what is given of the administrator's password and address.
func setAdministrator(ctx context.Context, db *models.Database, password, email string) error {
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		var assigns []models.Assign
		if password != "" {
			assigns = append(assigns, res.User.Password.To(password))
		}
		if email != "" {
			assigns = append(assigns, res.User.Email.To(email))
		}
		if assigns == nil {
			return nil
		}
		return res.User.Write(tx, []*models.Record{administrator(tx)}, assigns...)
	})
}

// readPassword takes the password from the file given, from the one that
// TRYTONPASSFILE names, or from the terminal.
func (c *adminCommand) readPassword(database string) (string, error) {
	path := c.PasswordFile
	if path == "" {
		path = os.Getenv("TRYTONPASSFILE")
	}
	if path != "" {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		line, _, _ := strings.Cut(string(content), "\n")
		if line = strings.TrimRight(line, "\r"); line == "" {
			return "", fmt.Errorf("%s holds no password", path)
		}
		return line, nil
	}
	return askPassword(database)
}

// askPassword asks twice, unseen.
func askPassword(database string) (string, error) {
	input := int(os.Stdin.Fd())
	if !term.IsTerminal(input) {
		return "", errors.New("the administrator's password is wanted: give --password-file or TRYTONPASSFILE")
	}
	for {
		fmt.Fprintf(os.Stderr, "Administrator's password for %s: ", database)
		first, err := term.ReadPassword(input)
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", err
		}
		fmt.Fprint(os.Stderr, "The same again: ")
		second, err := term.ReadPassword(input)
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return "", err
		}
		if len(first) > 0 && string(first) == string(second) {
			return string(first), nil
		}
		fmt.Fprintln(os.Stderr, "They differ or are empty.")
	}
}

// simulatorCommand is paytond simulator.
type simulatorCommand struct {
	Listen string `help:"Address to listen on." default:"127.0.0.1:12111"`
	State  string `help:"File that keeps the simulator's data; none are kept without." type:"path"`
}

// Run serves the simulator until the context ends.
func (s *simulatorCommand) Run(ctx context.Context) error {
	log, err := newLog("info")
	if err != nil {
		return err
	}
	return runSimulator(ctx, s.Listen, s.State, log, os.Stdout)
}

func runSimulator(ctx context.Context, address, state string, log *slog.Logger, out io.Writer) error {
	sim, err := simulator.New(simulator.Options{StateFile: state, Logger: log})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Stripe simulator: http://%s/\n", l.Addr())
	return errors.Join(sim.Run(ctx, l), sim.Close())
}
