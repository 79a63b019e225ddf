package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"paytond/models"
	"paytond/rpc/guard"
	"paytond/sql"
)

// Databases opens the databases of a server when they are first asked for and
// keeps them open.
type Databases struct {
	server   *sql.Server
	registry *models.Registry
	listed   bool // whether clients may ask for the names
	log      *slog.Logger

	opening *guard.Budget // one at a time

	mu   sync.Mutex
	open map[string]*models.Database
}

// NewDatabases serves the server's databases with the registry.
func NewDatabases(server *sql.Server, registry *models.Registry, listed bool, log *slog.Logger) *Databases {
	return &Databases{server: server, registry: registry, listed: listed, log: log, open: map[string]*models.Database{},
		opening: guard.NewBudget(1, waiters, openTime)}
}

// List returns the names of the databases for the login window, sorted; an
// error of kind Forbidden where the configuration keeps them secret.
func (d *Databases) List(ctx context.Context) ([]string, error) {
	if !d.listed {
		return nil, &models.Error{Kind: models.KindForbidden, Message: "The list of databases is switched off."}
	}
	return d.server.List(ctx)
}

// Get returns an open database; the error is of kind NotFound for an unknown
// name, and for a database that holds none of our tables.
func (d *Databases) Get(ctx context.Context, name string) (*models.Database, error) {
	return d.get(ctx, name, isServed)
}

// opened is the database if it is open already, else nil.
func (d *Databases) opened(name string) *models.Database {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open[name]
}

func (d *Databases) get(ctx context.Context, name string, check func(context.Context, *sql.DB) error) (*models.Database, error) {
	if db := d.opened(name); db != nil {
		return db, nil
	}
	// One after the other: many that ask for names that there are not, must not each connect to the server.
	leave, err := d.opening.Take(ctx, 1)
	if err != nil {
		return nil, &models.Error{Kind: models.KindUnavailable, Message: "The database cannot be reached.", Err: err}
	}
	defer leave()
	if db := d.opened(name); db != nil { // by another, meanwhile
		return db, nil
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	connection, err := d.server.Open(ctx, name)
	if err == nil {
		if err = check(ctx, connection); err != nil {
			err = errors.Join(err, connection.Close())
		}
	}
	switch {
	case errors.Is(err, sql.ErrNotExist):
		return nil, &models.Error{Kind: models.KindNotFound, Message: fmt.Sprintf("There is no database %q.", name), Err: err}
	case err != nil:
		return nil, &models.Error{Kind: models.KindUnavailable, Message: "The database cannot be reached.", Err: err}
	}
	db := models.NewDatabase(d.registry, connection, d.log.With(slog.String("database", name)))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[name] = db
	return db, nil
}

// openTime bounds the opening of one database, waiters how many may wait for theirs.
const (
	openTime = 15 * time.Second
	waiters  = 256
)

// Open returns the databases that are open already.
func (d *Databases) Open() []*models.Database {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.SortedFunc(maps.Values(d.open), func(a, b *models.Database) int { return strings.Compare(a.Name(), b.Name()) })
}

// isServed is sql.ErrNotExist for a database that nobody has made ready for us:
// a server has others too, such as "postgres".
func isServed(ctx context.Context, db *sql.DB) error {
	err := db.Transact(ctx, sql.Options{ReadOnly: true}, func(tx *sql.Tx) error {
		_, err := tx.QueryAll(ctx, sql.SQL(`SELECT COUNT(*) FROM "ir_configuration"`))
		return err
	})
	if err != nil && sql.KindOf(err) == sql.Other {
		return fmt.Errorf("%w: %w", sql.ErrNotExist, err)
	}
	return err
}

func anyDatabase(context.Context, *sql.DB) error { return nil }

// All returns every database that can be served, open.
func (d *Databases) All(ctx context.Context) ([]*models.Database, error) {
	names, err := d.server.List(ctx)
	if err != nil {
		return nil, err
	}
	var all []*models.Database
	var failed error
	for _, name := range names {
		db, err := d.Get(ctx, name)
		if err != nil { // one that is broken must not keep the others from being served
			failed = errors.Join(failed, fmt.Errorf("database %s: %w", name, err))
			continue
		}
		all = append(all, db)
	}
	if len(all) > 0 && failed != nil {
		d.log.Error("some databases cannot be opened", slog.Any("error", failed))
		failed = nil
	}
	return all, failed
}

// Update creates a database where there is none and brings it to what the
// registry declares.
func (d *Databases) Update(ctx context.Context, name string) (*models.Database, error) {
	db, err := d.get(ctx, name, anyDatabase)
	if errors.Is(err, sql.ErrNotExist) {
		if err := d.server.Create(ctx, name); err != nil {
			return nil, fmt.Errorf("create the database %s: %w", name, err)
		}
		db, err = d.get(ctx, name, anyDatabase)
	}
	if err != nil {
		return nil, err
	}
	return db, db.Update(ctx)
}

// Close closes all databases.
func (d *Databases) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var failed error
	for name, db := range d.open {
		failed = errors.Join(failed, db.SQL.Close())
		delete(d.open, name)
	}
	return failed
}
