// Package modelstest gives tests a database that serves the models of some
// modules: one on SQLite and one on PostgreSQL, so that every test of models
// runs on both.
package modelstest

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"paytond/models"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// Main runs the tests of a package and stops the PostgreSQL cluster that they
// started: os.Exit(modelstest.Main(m)) in TestMain.
func Main(m *testing.M) int { return sqltest.Main(m) }

// Each runs the test on both databases, each created and updated for the
// registry of the modules.
func Each(t *testing.T, access models.Access, modules func() []*models.Module, test func(t *testing.T, db *models.Database)) {
	t.Helper()
	sqltest.Each(t, func(t *testing.T, s *sql.Server) {
		test(t, Open(t, s, access, modules()...))
	})
}

// Open serves a new database of the server, closed with the test. The tests of
// one program whose modules declare the same get copies of one database.
func Open(t testing.TB, s *sql.Server, access models.Access, modules ...*models.Module) *models.Database {
	t.Helper()
	registry, err := models.Build(access, modules...)
	if err != nil {
		t.Fatal(err)
	}
	serve := func(db *sql.DB) *models.Database {
		return models.NewDatabase(registry, db, slog.New(slog.DiscardHandler))
	}
	return serve(sqltest.Prepared(t, s, describe(registry), func(db *sql.DB) error { return serve(db).Update(context.Background()) }))
}

// describe is the same for registries that make the same database.
func describe(r *models.Registry) string {
	var b strings.Builder
	for _, m := range r.Modules {
		fmt.Fprintf(&b, "%s %v\n", m.Name, m.Data)
	}
	for _, c := range r.Classes() {
		fmt.Fprintf(&b, "%s %v %v %v %v", c.Name, c.History, c.Checks, c.Uniques, c.Indexes)
		for _, name := range c.Fields() {
			f := c.Field(name)
			fmt.Fprintf(&b, " %s %s %v %v %s %s", name, f.Kind(), f.Required, f.Function, f.Relation, f.OnDelete)
		}
	}
	return b.String()
}

// Do runs business code in a transaction of the server itself.
func Do(t testing.TB, db *models.Database, fn func(tx *models.Tx)) {
	t.Helper()
	err := Try(db, models.Request{}, func(tx *models.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Try runs business code in a transaction and returns its error.
func Try(db *models.Database, r models.Request, fn func(tx *models.Tx) error) error {
	return db.Transact(context.Background(), r, fn)
}

// Call calls a method as a client of the user does: checked, with the context.
func Call(db *models.Database, user int64, context_ map[string]any, object, method string, args ...any) (result any, err error) {
	m, err := db.Registry.Method("model", object, method)
	if err != nil {
		return nil, err
	}
	request := models.Request{User: user, Context: context_, ReadOnly: m.ReadOnly, Check: true}
	m.Prepare(context.Background(), db, request, args)
	err = db.Transact(context.Background(), request, func(tx *models.Tx) error {
		result, err = m.Do(tx, models.NewArgs(args...))
		return err
	})
	return result, err
}
