package sqltest

import (
	"os"
	"path/filepath"
	"testing"
)

// Cluster is a PostgreSQL server of one test, which the test may stop and start.
type Cluster struct {
	t testing.TB
	c cluster
	// URI is the one to open databases by.
	URI string
}

// NewCluster starts one, with a Unix socket only; it ends with the test. Without
// PostgreSQL the test is skipped, but fails where CI=true.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	own := &Cluster{t: t}
	uri, err := own.c.start()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no PostgreSQL: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	own.URI = uri
	t.Cleanup(own.c.stop)
	return own
}

// Standby starts a server that follows this one, and may take its place by pg_promote; it ends with the test, too.
func (c *Cluster) Standby() *Cluster {
	c.t.Helper()
	own := &Cluster{t: c.t}
	uri, err := own.c.follow(c.c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	own.URI = uri
	c.t.Cleanup(own.c.stop)
	return own
}

// Socket is the path of the server's Unix socket.
func (c *Cluster) Socket() string { return filepath.Join(c.c.dir, ".s.PGSQL.5432") }

// Stop stops the server as an administrator does who does not wait for clients.
func (c *Cluster) Stop() { c.c.kill() }

// Start starts it again.
func (c *Cluster) Start() {
	c.t.Helper()
	bin, err := binaries()
	if err != nil {
		c.t.Fatal(err)
	}
	owner, err := owner()
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.c.boot(bin, owner); err != nil {
		c.t.Fatal(err)
	}
}
