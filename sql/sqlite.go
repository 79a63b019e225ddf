package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	sqlitedriver "modernc.org/sqlite"
)

const (
	suffix     = ".sqlite"
	maxReaders = 8
)

type sqliteServer struct {
	dir    string
	driver *sqlitedriver.Driver
}

func (s *sqliteServer) dialect() Dialect { return sqlite{} }

func (s *sqliteServer) file(name string) string { return filepath.Join(s.dir, name+suffix) }

// connector opens connections with our functions, without a name registered
// for the whole program.
type connector struct {
	driver *sqlitedriver.Driver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// pool opens a file. Mode is rw, or rwc to make it. A reader cannot write, a
// writer takes the write lock when its transaction begins, so that it cannot
// fail half-way.
func (s *sqliteServer) pool(file, mode string, size int, reader bool) (*stdsql.DB, error) {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(5000)")
	q.Add("_pragma", "foreign_keys(1)")
	q.Add("_dqs", "0") // "x" is an identifier and never a text
	dsn := memory
	if file != memory {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		dsn = "file:" + (&url.URL{Path: absolute}).EscapedPath()
		q.Set("mode", mode)
		q.Add("_pragma", "journal_mode(WAL)")
	}
	if reader {
		q.Set("_query_only", "1")
	} else {
		q.Set("_txlock", "immediate")
	}
	pool := stdsql.OpenDB(connector{s.driver, dsn + "?" + q.Encode()})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool, nil
}

func (s *sqliteServer) open(ctx context.Context, name string) (*DB, error) {
	file := memory
	if name != memory {
		file = s.file(name)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, &Error{Kind: NotExist, Err: fmt.Errorf("database %q: %w", name, fs.ErrNotExist)}
		}
	}
	write, err := s.pool(file, "rw", 1, false)
	if err != nil {
		return nil, err
	}
	read := write
	if file != memory {
		if read, err = s.pool(file, "rw", maxReaders, true); err != nil {
			return nil, err
		}
	}
	db := newDB(name, sqlite{}, write, read, newLocalPosts())
	if err := readable(ctx, db.read); err != nil {
		db.Close()
		return nil, wrap(ctx, sqlite{}, err)
	}
	return db, nil
}

// readable tells a database from any other file; a Ping does not look inside.
func readable(ctx context.Context, pool *stdsql.DB) error {
	var n int
	return pool.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_schema`).Scan(&n)
}

// copy has SQLite write the other file: a consistent one, even while it is in use.
func (s *sqliteServer) copy(ctx context.Context, from, to string) error {
	if from == memory || to == memory {
		return &Error{Kind: NotExist, Err: fmt.Errorf("a database in memory cannot be copied")}
	}
	if _, err := os.Stat(s.file(to)); err == nil {
		return &Error{Kind: Exists, Err: fmt.Errorf("database %q: %w", to, fs.ErrExist)}
	}
	db, err := s.open(ctx, from)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.write.ExecContext(ctx, `VACUUM INTO ?`, s.file(to))
	return wrap(ctx, sqlite{}, err)
}

func (s *sqliteServer) create(ctx context.Context, name string) error {
	if name == memory {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); s.dir != "" && err != nil {
		return &Error{Kind: Unavailable, Err: err}
	}
	// Made empty first, as only this says that it was there already.
	f, err := os.OpenFile(s.file(name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &Error{Kind: Exists, Err: fmt.Errorf("database %q: %w", name, fs.ErrExist)}
	}
	if err != nil {
		return &Error{Kind: Unavailable, Err: err}
	}
	f.Close()
	db, err := s.open(ctx, name)
	if err != nil {
		return err
	}
	return db.Close()
}

func (s *sqliteServer) drop(ctx context.Context, name string) error {
	if name == memory {
		return nil
	}
	err := os.Remove(s.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return &Error{Kind: NotExist, Err: fmt.Errorf("database %q: %w", name, fs.ErrNotExist)}
	}
	for _, beside := range []string{"-wal", "-shm"} {
		if e := os.Remove(s.file(name) + beside); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return wrap(ctx, sqlite{}, err)
}

func (s *sqliteServer) list(ctx context.Context) ([]string, error) {
	dir := s.dir
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir) // in order
	if err != nil {
		return nil, &Error{Kind: Unavailable, Err: err}
	}
	names := []string{}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), suffix)
		if ok && checkName(name) == nil && s.ours(ctx, name) {
			names = append(names, name)
		}
	}
	if ctx.Err() != nil { // else those not asked would look like those not ours
		return nil, wrap(ctx, sqlite{}, ctx.Err())
	}
	return names, nil
}

// ours looks for our table; a file that cannot be read is not ours.
func (s *sqliteServer) ours(ctx context.Context, name string) bool {
	// Not through open, which would turn a foreign file into WAL mode.
	dsn := "file:" + (&url.URL{Path: s.file(name)}).EscapedPath() + "?mode=ro&_pragma=busy_timeout(1000)"
	pool := stdsql.OpenDB(connector{s.driver, dsn})
	defer pool.Close()
	var found bool
	err := pool.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'ir_configuration')`).Scan(&found)
	return err == nil && found
}
