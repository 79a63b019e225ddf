// Package sqltest gives tests a real database of either kind: SQLite in a
// directory of the test, and PostgreSQL as a private cluster that one test
// program starts on demand, with a Unix socket only.
//
// A package whose tests use PostgreSQL stops the cluster at the end:
//
//	func TestMain(m *testing.M) { os.Exit(sqltest.Main(m)) }
//
// The environment variable PAYTOND_TEST_PG names an existing server instead, by
// the uri of a user who may create databases.
package sqltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"paytond/sql"
)

// Each runs a subtest on SQLite and one on PostgreSQL.
func Each(t *testing.T, test func(t *testing.T, s *sql.Server)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgresql", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite gives a server whose databases are deleted with the test.
func SQLite(t testing.TB) *sql.Server {
	t.Helper()
	s, err := sql.NewServer("sqlite://", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Postgres gives the server that all tests of the program share. Without
// PostgreSQL the test is skipped, but fails where CI=true.
func Postgres(t testing.TB) *sql.Server {
	t.Helper()
	s, err := sql.NewServer(PostgresURI(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// PostgresURI gives the uri of that server, for a program that a test starts.
func PostgresURI(t testing.TB) string {
	t.Helper()
	uri, err := shared.uri()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no PostgreSQL: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	return uri
}

var databases atomic.Int64

// Name gives a database name that no other test has.
func Name() string { return fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1)) }

// Database makes an empty database and opens it; both end with the test.
func Database(t testing.TB, s *sql.Server) *sql.DB {
	t.Helper()
	ctx := context.Background()
	name := Name()
	if err := s.Create(ctx, name); err != nil {
		t.Fatal(err)
	}
	return opened(t, s, name)
}

// opened opens a database that ends with the test.
func opened(t testing.TB, s *sql.Server, name string) *sql.DB {
	t.Helper()
	ctx := context.Background()
	t.Cleanup(func() {
		if err := s.Drop(ctx, name); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	db, err := s.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close %s: %v", name, err)
		}
	})
	return db
}

// Prepared makes a database as a copy of one that prepare filled, and opens it;
// it ends with the test. For each key and kind of server prepare runs once in
// the program, so that the tests of a package do not each make the same tables.
// The databases of SQLite stand in a directory of the program.
func Prepared(t testing.TB, s *sql.Server, key string, prepare func(db *sql.DB) error) *sql.DB {
	t.Helper()
	p := templates.of(s.Dialect().Name() + " " + key)
	p.once.Do(func() { p.err = p.make(s, prepare) })
	if p.err != nil {
		t.Fatal(p.err)
	}
	name := Name()
	if err := p.server.Copy(context.Background(), p.name, name); err != nil {
		t.Fatal(err)
	}
	return opened(t, p.server, name)
}

// template is a prepared database.
type template struct {
	once   sync.Once
	err    error
	server *sql.Server
	name   string
}

// templateSet are those of the program.
type templateSet struct {
	mu   sync.Mutex
	made map[string]*template
	dir  string // of SQLite's
}

var templates = templateSet{made: map[string]*template{}}

func (s *templateSet) of(key string) *template {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[key] == nil {
		s.made[key] = &template{}
	}
	return s.made[key]
}

// directory is where SQLite's prepared databases and their copies stand.
func (s *templateSet) directory() (dir string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		s.dir, err = os.MkdirTemp("", "ptd")
	}
	return s.dir, err
}

func (p *template) make(s *sql.Server, prepare func(db *sql.DB) error) (err error) {
	ctx := context.Background()
	p.server, p.name = s, Name()
	if s.Dialect().Name() == "sqlite" {
		dir, err := templates.directory()
		if err != nil {
			return err
		}
		if p.server, err = sql.NewServer("sqlite://", dir); err != nil {
			return err
		}
	}
	if err := p.server.Create(ctx, p.name); err != nil {
		return err
	}
	db, err := p.server.Open(ctx, p.name)
	if err != nil {
		return err
	}
	return errors.Join(prepare(db), db.Close())
}

// Main runs the tests of a package and then stops the cluster, if one was
// started. It gives the code to exit with.
//
// A goroutine that is still there when all tests have passed is a failure.
func Main(m *testing.M) int {
	code := m.Run()
	shared.stop()
	os.RemoveAll(templates.dir)
	if code != 0 {
		return code
	}
	err := goleak.Find(
		// Connections of HTTP clients that are kept for the next request.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
