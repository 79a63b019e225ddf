package sql

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Server is where databases live: a PostgreSQL server, or a directory of SQLite files.
type Server struct {
	backend backend
}

type backend interface {
	dialect() Dialect
	list(ctx context.Context) ([]string, error)
	open(ctx context.Context, name string) (*DB, error)
	create(ctx context.Context, name string) error
	drop(ctx context.Context, name string) error
	copy(ctx context.Context, from, to string) error
}

// NewServer makes a server of the settings uri and path of the section
// [database] in trytond.conf:
//
//	postgresql://user:password@host:port/
//	postgresql:///?host=/run/postgresql     by a Unix socket
//	sqlite:// (or nothing)                  files NAME.sqlite in the directory path
//
// A PostgreSQL uri takes the parameters of lib/pq; sslmode is "prefer" unless
// given, as trytond has it. Nothing is connected to yet.
func NewServer(uri, path string) (*Server, error) {
	if uri == "" {
		uri = "sqlite://"
	}
	u, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("database uri: %w", withoutSecrets(err))
	}
	switch u.Scheme {
	case "postgresql", "postgres":
		return &Server{&postgresServer{uri: *u}}, nil
	case "sqlite":
		driver, err := newSQLiteDriver()
		if err != nil {
			return nil, err
		}
		return &Server{&sqliteServer{dir: path, driver: driver}}, nil
	}
	return nil, fmt.Errorf("database uri: neither postgresql nor sqlite but %q", u.Scheme)
}

// withoutSecrets takes the uri, which can hold a password, out of a parse error.
func withoutSecrets(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// Limits bound what a database may take. Times of 0 are without bound.
type Limits struct {
	// Statement ends a statement that takes longer. PostgreSQL does so itself;
	// a connection that stays silent for longer still is given up.
	Statement time.Duration
	// Lock ends a statement that waits longer for a row that another holds.
	Lock time.Duration
	// Idle ends a transaction in which nothing happens for longer.
	Idle time.Duration
	// Connections is how many are held with one database, 32 by default.
	Connections int
}

// DefaultLimits are for a program that serves; one that changes tables needs more time.
func DefaultLimits() Limits {
	return Limits{Statement: time.Minute, Lock: 10 * time.Second, Idle: 5 * time.Minute, Connections: 32}
}

func (l Limits) connections() int {
	if l.Connections > 0 {
		return l.Connections
	}
	return 32
}

// Limited returns the same server, with limits for the databases that are opened
// from now on. Those of SQLite have none but what contexts say, and one that
// writes at a time.
func (s *Server) Limited(l Limits) *Server {
	if p, ok := s.backend.(*postgresServer); ok {
		return &Server{&postgresServer{uri: p.uri, limits: l}}
	}
	return s
}

// Dialect gives the pieces of text that differ between databases.
func (s *Server) Dialect() Dialect { return s.backend.dialect() }

// List names the databases that hold a table ir_configuration, which paytond
// and trytond make, in order. Those that cannot be read are left out.
func (s *Server) List(ctx context.Context) ([]string, error) { return s.backend.list(ctx) }

// Open connects to a database; errors.Is(err, ErrNotExist) when there is none
// of this name. The name ":memory:" makes a new SQLite database in memory each
// time: it has one connection, so one transaction at a time.
func (s *Server) Open(ctx context.Context, name string) (*DB, error) {
	if err := checkName(name); err != nil {
		return nil, &Error{Kind: NotExist, Err: err}
	}
	return s.backend.open(ctx, name)
}

// Create makes an empty database; an error of kind Exists when there is one.
func (s *Server) Create(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return s.backend.create(ctx, name)
}

// Copy makes a database with all that another holds. On PostgreSQL nobody may
// be connected to the other.
func (s *Server) Copy(ctx context.Context, from, to string) error {
	if err := checkName(from); err != nil {
		return &Error{Kind: NotExist, Err: err}
	}
	if err := checkName(to); err != nil {
		return err
	}
	return s.backend.copy(ctx, from, to)
}

// Drop deletes a database and all its data. On PostgreSQL nobody may be connected.
func (s *Server) Drop(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return &Error{Kind: NotExist, Err: err}
	}
	return s.backend.drop(ctx, name)
}

const memory = ":memory:"

// validName keeps away path separators, hidden files and what would need
// quoting in a URL; 63 bytes is PostgreSQL's limit.
var validName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$`)

func checkName(name string) error {
	if name == memory || validName.MatchString(name) && !strings.Contains(name, "..") {
		return nil
	}
	return fmt.Errorf("%q is no name of a database", name)
}
