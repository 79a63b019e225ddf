package sql

import (
	"context"
	"net"
	"time"
)

// answerTime is what the network may add to the time of a statement.
const answerTime = 10 * time.Second

// impatient dials connections that are broken when an answer does not come in
// time. lib/pq reads without a limit: it asks the server to cancel a statement
// whose context has ended, and then waits for the server's word. Where the
// network swallows both, that would be for ever.
type impatient struct{ wait time.Duration }

// Dial is needed by lib/pq's interface; it uses DialContext.
func (d impatient) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is needed by lib/pq's interface; it uses DialContext.
func (d impatient) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext connects.
func (d impatient) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: 15 * time.Second}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatientConn{Conn: c, wait: d.wait}, nil
}

// impatientConn has a deadline for each read and write. lib/pq never reads while
// it has asked nothing.
type impatientConn struct {
	net.Conn
	wait  time.Duration
	until time.Time // the deadline that lib/pq set, while it makes the connection; else zero
}

// SetDeadline is called by lib/pq before the connection is used, and after it was made.
func (c *impatientConn) SetDeadline(t time.Time) error {
	c.until = t
	return c.Conn.SetDeadline(t)
}

func (c *impatientConn) deadline() time.Time {
	d := time.Now().Add(c.wait)
	if !c.until.IsZero() && c.until.Before(d) {
		return c.until
	}
	return d
}

func (c *impatientConn) Read(b []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *impatientConn) Write(b []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
