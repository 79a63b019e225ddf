package sql_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paytond/sql"
	"paytond/sql/sqltest"
)

// rows counts those of table t.
func rowsOf(t *testing.T, db *sql.DB) int64 {
	t.Helper()
	var n int64
	err := db.Transact(t.Context(), sql.Options{ReadOnly: true}, func(tx *sql.Tx) error {
		rows, err := tx.QueryAll(t.Context(), sql.SQL(`SELECT COUNT(*) FROM t`))
		if err == nil {
			n, _ = rows[0][0].(int64)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, db *sql.DB, text string) error {
	return db.Transact(ctx, sql.Options{}, func(tx *sql.Tx) error {
		_, err := tx.Exec(ctx, sql.SQL(`INSERT INTO t (x) VALUES (?)`, text))
		return err
	})
}

func makeTable(t *testing.T, db *sql.DB) {
	t.Helper()
	err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
		_, err := tx.Exec(t.Context(), sql.SQL(`CREATE TABLE t (x TEXT)`))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// limited opens a database of a server with short limits.
func limited(t *testing.T, uri, name string) *sql.DB {
	t.Helper()
	s, err := sql.NewServer(uri, "")
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.Limited(sql.Limits{Statement: time.Second, Lock: time.Second / 2, Idle: 2 * time.Second, Connections: 4}).Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestPostgresRestarts has connections in the pool, and transactions under way, when the server goes down.
func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	c := sqltest.NewCluster(t)
	db := limited(t, c.URI, "postgres")
	makeTable(t, db)
	var all sync.WaitGroup
	for range 4 { // fill the pool
		all.Go(func() {
			if err := insert(t.Context(), db, "before"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
		if _, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (x) VALUES ('half')`)); err != nil {
			return err
		}
		c.Stop()
		_, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (x) VALUES ('other half')`))
		return err
	})
	if sql.KindOf(err) != sql.Unavailable {
		t.Errorf("in a transaction: %v, of kind %v", err, sql.KindOf(err))
	}
	if err := insert(t.Context(), db, "while it is down"); sql.KindOf(err) != sql.Unavailable {
		t.Errorf("while it is down: %v, of kind %v", err, sql.KindOf(err))
	}
	c.Start()
	for range 6 { // more than there are dead connections
		if err := insert(t.Context(), db, "after"); err != nil {
			t.Errorf("after the start: %v", err)
		}
	}
	if n := rowsOf(t, db); n != 10 {
		t.Errorf("%d rows, want the 4 before and the 6 after", n)
	}
}

// TestPostgresFailsOver turns the server into one that only reads, as the one that is no longer the primary does.
func TestPostgresFailsOver(t *testing.T) {
	c := sqltest.NewCluster(t)
	db := limited(t, c.URI+"&target_session_attrs=any", "postgres")
	makeTable(t, db)
	if err := insert(t.Context(), db, "before"); err != nil {
		t.Fatal(err)
	}
	// What the connections in the pool are told is not seen by new ones: these lead to the new primary.
	err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
		if _, err := tx.Exec(t.Context(), sql.SQL(`SET TRANSACTION READ ONLY`)); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (x) VALUES ('on the old one')`))
		return err
	})
	if sql.KindOf(err) != sql.ReadOnly {
		t.Errorf("%v, of kind %v", err, sql.KindOf(err))
	}
	if s := db.Stats(); s.Open != 0 {
		t.Errorf("%d connections to the old server are kept", s.Open)
	}
	if err := insert(t.Context(), db, "on the new one"); err != nil {
		t.Error(err)
	}
}

func TestPostgresLimits(t *testing.T) {
	t.Parallel()
	uri := sqltest.PostgresURI(t)
	made := sqltest.Database(t, sqltest.Postgres(t))
	makeTable(t, made)
	db := limited(t, uri, made.Name())
	began := time.Now()
	err := db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
		_, err := tx.Exec(t.Context(), sql.SQL(`SELECT pg_sleep(60)`))
		return err
	})
	if sql.KindOf(err) != sql.Canceled || time.Since(began) > 10*time.Second {
		t.Errorf("a slow statement: %v after %v", err, time.Since(began))
	}
	held := make(chan struct{})
	done := make(chan error)
	var once sync.Once
	go func() {
		done <- made.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error {
			_, err := tx.Exec(t.Context(), sql.SQL(`LOCK TABLE t`))
			once.Do(func() { close(held) })
			time.Sleep(6 * time.Second)
			return err
		})
	}()
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := insert(ctx, db, "locked out"); sql.KindOf(err) != sql.Busy {
		t.Errorf("a table that is locked: %v, of kind %v", err, sql.KindOf(err))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if s := db.Stats(); s.Max != 4 || s.InUse != 0 {
		t.Errorf("stats: %+v", s)
	}
}

// proxy passes bytes on to a Unix socket, until it is told to swallow them.
type proxy struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	stalled  bool
	open     []net.Conn
	running  sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target}
	p.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.keep(c)
			p.running.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		for _, c := range p.open {
			c.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, c)
}

func (p *proxy) stall(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = on
}

func (p *proxy) isStalled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stalled
}

func (p *proxy) serve(c net.Conn) {
	server, err := net.Dial("unix", p.target)
	if err != nil {
		c.Close()
		return
	}
	p.keep(server)
	p.running.Go(func() { p.pass(server, c) })
	p.pass(c, server)
}

// pass forwards bytes; once stalled, those of a connection are lost for ever.
func (p *proxy) pass(to io.WriteCloser, from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.isStalled() {
			to.Write(buffer[:n])
		}
		if err != nil {
			if !p.isStalled() {
				to.Close()
			}
			return
		}
	}
}

// TestNetworkStalls has the network swallow all bytes without closing anything: the worst that it can do.
func TestNetworkStalls(t *testing.T) {
	t.Parallel()
	uri, err := url.Parse(sqltest.PostgresURI(t))
	if err != nil {
		t.Fatal(err)
	}
	if uri.Query().Get("host") == "" {
		t.Skip("the server given has no Unix socket")
	}
	made := sqltest.Database(t, sqltest.Postgres(t))
	makeTable(t, made)
	p := newProxy(t, filepath.Join(uri.Query().Get("host"), ".s.PGSQL.5432"))
	db := limited(t, "postgresql://postgres@"+p.listener.Addr().String()+"/?sslmode=disable&connect_timeout=2", made.Name())
	if err := insert(t.Context(), db, "before"); err != nil {
		t.Fatal(err)
	}
	p.stall(true)
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = insert(ctx, db, "swallowed")
	if kind := sql.KindOf(err); kind != sql.Unavailable && kind != sql.Canceled || time.Since(began) > 25*time.Second {
		t.Errorf("%v, of kind %v, after %v", err, kind, time.Since(began))
	}
	p.stall(false)
	if err := insert(t.Context(), db, "after"); err != nil {
		t.Errorf("when the network is back: %v", err)
	}
	if n := rowsOf(t, db); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// TestSQLiteFileIsLocked has another program hold the file's lock.
func TestSQLiteFileIsLocked(t *testing.T) {
	t.Parallel()
	db := sqltest.Database(t, sqltest.SQLite(t))
	makeTable(t, db)
	other := lockFile(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancel()
	began := time.Now()
	if err := insert(ctx, db, "locked out"); sql.KindOf(err) != sql.Busy && sql.KindOf(err) != sql.Canceled {
		t.Errorf("%v, of kind %v", err, sql.KindOf(err))
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it takes %v to say so", took)
	}
	if n := rowsOf(t, db); n != 0 { // reading goes on
		t.Errorf("%d rows", n)
	}
	other()
	if err := insert(t.Context(), db, "after"); err != nil {
		t.Error(err)
	}
}

// TestSQLiteFileIsLockedShortly shows that a lock that is held for a moment is waited for.
func TestSQLiteFileIsLockedShortly(t *testing.T) {
	t.Parallel()
	db := sqltest.Database(t, sqltest.SQLite(t))
	makeTable(t, db)
	release := lockFile(t, db)
	go func() {
		time.Sleep(time.Second)
		release()
	}()
	if err := insert(t.Context(), db, "late"); err != nil {
		t.Error(err)
	}
}

// lockFile begins a transaction that writes, as another program would, and returns what ends it.
func lockFile(t *testing.T, db *sql.DB) (release func()) {
	t.Helper()
	other := reopen(t, db)
	held, let, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		other.Transact(context.Background(), sql.Options{}, func(*sql.Tx) error {
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	var once sync.Once
	release = func() {
		once.Do(func() { close(let) })
		<-done
	}
	t.Cleanup(release)
	return release
}

// reopen opens the file of a database once more.
func reopen(t *testing.T, db *sql.DB) *sql.DB {
	t.Helper()
	var file string
	err := db.Transact(t.Context(), sql.Options{ReadOnly: true}, func(tx *sql.Tx) error {
		rows, err := tx.QueryAll(t.Context(), sql.SQL(`SELECT file FROM pragma_database_list WHERE name = 'main'`))
		if err == nil {
			file, _ = rows[0][0].(string)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sql.NewServer("sqlite://", filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.Open(t.Context(), db.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return other
}

// TestSQLiteMakesItsDirectory creates the first database of a server that has no directory yet.
func TestSQLiteMakesItsDirectory(t *testing.T) {
	s, err := sql.NewServer("sqlite://", filepath.Join(t.TempDir(), "var", "paytond"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	db, err := s.Open(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestSQLiteDiskIsFull fills a small disk: on a file system in memory where one can be mounted, else the test is skipped, but not in CI
// of who may mount.
func TestSQLiteDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	unmount, err := smallDisk(dir)
	if err != nil {
		t.Skipf("no small disk can be made: %v", err)
	}
	t.Cleanup(unmount)
	s, err := sql.NewServer("sqlite://", dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), "small"); err != nil {
		t.Fatal(err)
	}
	db, err := s.Open(t.Context(), "small")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	makeTable(t, db)
	var kept int64
	for kept = 0; ; kept++ {
		if err = insert(t.Context(), db, strings.Repeat("x", 20_000)); err != nil {
			break
		}
		if kept > 1000 {
			t.Fatal("the disk is never full")
		}
	}
	if sql.KindOf(err) != sql.Unavailable {
		t.Errorf("%v, of kind %v", err, sql.KindOf(err))
	}
	err = db.Transact(t.Context(), sql.Options{}, func(tx *sql.Tx) error { // several statements, none of which may stay
		for range 50 {
			if _, err := tx.Exec(t.Context(), sql.SQL(`INSERT INTO t (x) VALUES (?)`, strings.Repeat("y", 20_000))); err != nil {
				return err
			}
		}
		return nil
	})
	if sql.KindOf(err) != sql.Unavailable {
		t.Errorf("%v, of kind %v", err, sql.KindOf(err))
	}
	if n := rowsOf(t, db); n != kept {
		t.Errorf("%d rows, want %d", n, kept)
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	if err := insert(t.Context(), db, "there is room again"); err != nil {
		t.Error(err)
	}
}
