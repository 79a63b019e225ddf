package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paytond/models"
	"paytond/sql"
	"paytond/sql/sqltest"
)

// What a client is told when its call was not done, or perhaps.
const (
	saidUnavailable = "The database does not answer at the moment. Nothing was saved."
	saidInDoubt     = "The database was lost while it saved"
)

// crowd are users who create parties, each with an address and a telephone number, while the database is in trouble.
type crowd struct {
	*client
	running sync.WaitGroup
	street  string // of each party's address
	mu      sync.Mutex
	said    map[string]string // what was answered, by the party's name: "saved", "refused" or "in doubt"
}

// gather has so many users create parties, whose addresses have that street, until stop is closed.
func (c *client) gather(users int, street string, stop <-chan struct{}) *crowd {
	all := &crowd{client: c, street: street, said: map[string]string{}}
	for user := range users {
		all.running.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					all.create(fmt.Sprintf("Party %d.%d", user, n))
				}
			}
		})
	}
	return all
}

// create makes one party and remembers what was answered.
func (c *crowd) create(name string) {
	a := c.try("model.party.party.create", []any{map[string]any{"name": name,
		"addresses":          []any{[]any{"create", []any{map[string]any{"street": c.street}}}},
		"contact_mechanisms": []any{[]any{"create", []any{map[string]any{"type": "phone", "value": name}}}}}})
	failure, _ := a.member("error").([]any)
	said := ""
	switch {
	case a.status == http.StatusOK && a.member("result") != nil:
		said = "saved"
	case a.status == http.StatusOK && len(failure) == 2 && strings.HasPrefix(fmt.Sprint(failure[0]), saidUnavailable),
		a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		said = "refused"
	case a.status == http.StatusOK && len(failure) == 2 && strings.HasPrefix(fmt.Sprint(failure[0]), saidInDoubt):
		said = "in doubt"
	default:
		c.Errorf("%s: %s", name, a)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said[name] = said
}

// count is how often something was answered.
func (c *crowd) count(said string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.said {
		if s == said {
			n++
		}
	}
	return n
}

// await waits until something was answered so many times more.
func (c *crowd) await(said string, more int) {
	c.Helper()
	goal := c.count(said) + more
	for deadline := time.Now().Add(time.Minute); c.count(said) < goal; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatalf("%q is answered %d times, want %d", said, c.count(said), goal)
		}
	}
}

// compare checks that what was answered is so: whole parties are there, or nothing of them.
func (c *crowd) compare() {
	c.Helper()
	c.running.Wait()
	there := map[string][3]int64{}
	c.do(func(tx *models.Tx) {
		rows, err := tx.Query(sql.F{Text: `SELECT p.name, (SELECT COUNT(*) FROM party_address a WHERE a.party = p.id),
			(SELECT COUNT(*) FROM party_contact_mechanism m WHERE m.party = p.id) FROM party_party p WHERE p.name LIKE 'Party %'`})
		models.Must(err)
		for _, row := range rows {
			name, _ := row[0].(string)
			addresses, _ := row[1].(int64)
			numbers, _ := row[2].(int64)
			there[name] = [3]int64{there[name][0] + 1, addresses, numbers}
		}
	})
	for name, said := range c.said {
		if got := there[name]; said == "saved" && got != [3]int64{1, 1, 1} || said == "refused" && got != [3]int64{} ||
			said == "in doubt" && got != [3]int64{} && got != [3]int64{1, 1, 1} {
			c.Errorf("%s was %s; there are %v of it, its addresses and its numbers", name, said, got)
		}
	}
	c.Logf("%d saved, %d refused, %d in doubt", c.count("saved"), c.count("refused"), c.count("in doubt"))
}

// brief are limits that let tests wait shortly.
func brief(c *Config) {
	c.Database.Limits = sql.Limits{Statement: 3 * time.Second, Lock: time.Second, Idle: 5 * time.Second, Connections: 8}
}

// administer runs a statement in the database "postgres", as an administrator would.
func administer(t *testing.T, uri, statement string) {
	t.Helper()
	server, err := sql.NewServer(uri, "")
	if err != nil {
		t.Fatal(err)
	}
	db, err := server.Open(t.Context(), "postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Transact(t.Context(), sql.Options{ReadOnly: strings.HasPrefix(statement, "SELECT")}, func(tx *sql.Tx) error {
		_, err := tx.QueryAll(t.Context(), sql.F{Text: statement})
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// hold begins a transaction that writes, as another program would, makes a statement in it, and returns what ends it.
func hold(t *testing.T, uri, path, name, statement string) (release func()) {
	t.Helper()
	server, err := sql.NewServer(uri, path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := server.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	let, held, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- other.Transact(context.Background(), sql.Options{}, func(tx *sql.Tx) error {
			defer func() { <-let }()
			defer close(held)
			if statement == "" { // SQLite has locked the file already
				return nil
			}
			_, err := tx.Exec(context.Background(), sql.F{Text: statement})
			return err
		})
	}()
	<-held
	release = sync.OnceFunc(func() {
		close(let)
		if err := errors.Join(<-done, other.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(release)
	return release
}

// TestPostgresRestartsUnderLoad stops and starts PostgreSQL three times while users work.
func TestPostgresRestartsUnderLoad(t *testing.T) {
	cluster := sqltest.NewCluster(t)
	b := newBench(t, cluster.URI, "", []string{roleRPC}, brief)
	clerk, stop := b.session(demoUser, demoPassword), make(chan struct{})
	users := clerk.gather(6, "Street", stop)
	for range 3 {
		users.await("saved", 10)
		cluster.Stop()
		users.await("refused", 10)
		cluster.Start()
	}
	users.await("saved", 10)
	close(stop)
	users.compare()
}

// TestPostgresRefuses lets no connection in, and throws out those that there are, as when there are too many.
func TestPostgresRefuses(t *testing.T) {
	cluster := sqltest.NewCluster(t)
	administer(t, cluster.URI, "CREATE ROLE shop LOGIN CREATEDB")
	b := newBench(t, strings.Replace(cluster.URI, "postgres@", "shop@", 1), "", []string{roleRPC}, brief)
	clerk, stop := b.session(demoUser, demoPassword), make(chan struct{})
	users := clerk.gather(4, "Street", stop)
	users.await("saved", 10)
	administer(t, cluster.URI, "ALTER ROLE shop CONNECTION LIMIT 0")
	administer(t, cluster.URI, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'")
	users.await("refused", 10)
	administer(t, cluster.URI, "ALTER ROLE shop CONNECTION LIMIT -1")
	users.await("saved", 10)
	close(stop)
	users.compare()
}

// TestPostgresFailsOver turns the standby into the primary while users work; the program knows both from the start.
func TestPostgresFailsOver(t *testing.T) {
	primary := sqltest.NewCluster(t)
	standby := primary.Standby()
	uri := strings.Replace(primary.URI, filepath.Dir(primary.Socket()), filepath.Dir(primary.Socket())+","+filepath.Dir(standby.Socket()), 1) +
		"&target_session_attrs=read-write"
	b := newBench(t, uri, "", allRoles, brief)
	clerk, stop := b.session(demoUser, demoPassword), make(chan struct{})
	users := clerk.gather(4, "Street", stop)
	users.await("saved", 10)
	primary.Stop() // it sends the standby what it has
	users.await("refused", 5)
	administer(t, standby.URI, "SELECT pg_promote()")
	users.await("saved", 10)
	close(stop)
	users.compare()
	id := clerk.payment("Dora Saved", "12.34", "After", clerk.withCard("cus_saved")) // the scheduler has followed
	clerk.process(id)
	clerk.becomes("account.payment", id, "state", "succeeded")
}

// TestPostgresIsSlow has another program lock a table for longer than calls may take.
func TestPostgresIsSlow(t *testing.T) {
	t.Parallel() // it mostly waits
	b := newBench(t, sqltest.PostgresURI(t), "", []string{roleRPC}, brief)
	clerk := b.session(demoUser, demoPassword)
	release := hold(t, sqltest.PostgresURI(t), "", b.name, "LOCK TABLE party_party")
	users := &crowd{client: clerk, said: map[string]string{}}
	for n := range 2 {
		began := time.Now()
		users.create(fmt.Sprintf("Party 0.%d", n))
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it takes %v to say no", took)
		}
	}
	if users.count("refused") != 2 {
		t.Errorf("answers: %v", users.said)
	}
	if a := b.send("GET", "/readyz", nil); a.status != http.StatusOK { // other tables can be worked with
		t.Errorf("ready: %s", a)
	}
	release()
	users.create("Party 1.0")
	users.compare()
}

// TestSQLiteIsLocked has another program write to the file for longer than calls may wait. Reading goes on.
func TestSQLiteIsLocked(t *testing.T) {
	t.Parallel() // it mostly waits
	dir := t.TempDir()
	b := newBench(t, "sqlite://", dir, []string{roleRPC, roleCheckout})
	clerk := b.session(demoUser, demoPassword)
	release := hold(t, "sqlite://", dir, b.name, "")
	users := &crowd{client: clerk, said: map[string]string{}}
	var all sync.WaitGroup
	for n := range 3 {
		all.Go(func() { users.create(fmt.Sprintf("Party 0.%d", n)) })
	}
	clerk.must("model.party.party.search_count", []any{})
	began := time.Now()
	all.Wait()
	if took := time.Since(began); took > 40*time.Second || users.count("refused") != 3 {
		t.Errorf("after %v: %v", took, users.said)
	}
	release()
	users.create("Party 1.0")
	if users.count("saved") != 1 {
		t.Errorf("afterwards: %v", users.said)
	}
	users.compare()
}

// TestSQLiteDiskIsFull fills the disk on which the database is while users work. It needs the right to mount a file system.
func TestSQLiteDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	unmount, err := mountMemory(dir, "48m")
	if err != nil {
		t.Skipf("no small disk can be made: %v", err)
	}
	t.Cleanup(unmount)
	b := newBench(t, "sqlite://", dir, []string{roleRPC, roleCheckout})
	clerk, stop := b.session(demoUser, demoPassword), make(chan struct{})
	ballast, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer ballast.Close()
	users := clerk.gather(3, strings.Repeat("x", 100_000), stop)
	users.await("saved", 3)
	for err = nil; err == nil; { // what is left
		_, err = ballast.Write(make([]byte, 64<<10))
	}
	users.await("refused", 10)
	clerk.must("model.party.party.search_count", []any{}) // reading goes on
	if err := os.Remove(ballast.Name()); err != nil {
		t.Fatal(err)
	}
	if err := ballast.Close(); err != nil {
		t.Fatal(err)
	}
	users.await("saved", 10)
	close(stop)
	users.compare()
}
