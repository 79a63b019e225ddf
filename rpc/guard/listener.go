package guard

import (
	"errors"
	"net"
	"sync"
)

// Listen makes a listener that holds at most so many connections open: the next
// one waits in the system's queue until another is closed.
func Listen(l net.Listener, connections int) net.Listener {
	return &listener{Listener: l, places: make(chan struct{}, connections), closed: make(chan struct{})}
}

type listener struct {
	net.Listener
	places chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: c, leave: func() { <-l.places }}, nil
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// placed is a connection that has a place.
type placed struct {
	net.Conn
	once  sync.Once
	leave func()
}

func (c *placed) Close() error {
	c.once.Do(c.leave)
	return c.Conn.Close()
}

// CloseWrite says that nothing more will be written, see [closeWrite].
func (c *placed) CloseWrite() error { return closeWrite(c.Conn) }

// closeWrite ends one direction of a connection, so that whoever still sends
// what is refused can read why before the connection is closed.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Plain makes a listener for plain HTTP that hangs up at once on who begins with
// TLS. Tryton's desktop client does so first, and waits for what comes of it.
func Plain(l net.Listener) net.Listener { return plain{l} }

type plain struct{ net.Listener }

func (l plain) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &plainConn{Conn: c}, nil
}

// plainConn looks at the first byte that comes.
type plainConn struct {
	net.Conn
	looked bool // only the one reader of the connection uses it
}

// CloseWrite says that nothing more will be written, see [closeWrite].
func (c *plainConn) CloseWrite() error { return closeWrite(c.Conn) }

var errTLS = errors.New("guard: TLS on a plain port")

// handshake is the first byte of a TLS connection, and of no HTTP request.
const handshake = 0x16

func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.looked {
		c.looked = true
		if b[0] == handshake {
			c.Conn.Close()
			return 0, errTLS
		}
	}
	return n, err
}
