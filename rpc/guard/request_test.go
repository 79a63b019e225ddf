package guard

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRequestID(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(LogHandler(slog.NewTextHandler(&log, nil))).With("a", 1)
	h := Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Frame-Options", "DENY")
		logger.InfoContext(r.Context(), "seen")
	}))
	for _, tt := range []struct {
		sent string
		kept bool
	}{{"", false}, {"abc-1.2_Z", true}, {"a b", false}, {"x\ny", false}, {"-a", false}, {strings.Repeat("a", 64), true},
		{strings.Repeat("a", 65), false}, {`"><script>`, false}, {"é", false}} {
		log.Reset()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(RequestHeader, tt.sent)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		got := w.Header().Get(RequestHeader)
		if (got == tt.sent) != tt.kept || !plainID.MatchString(got) {
			t.Errorf("%q is sent, %q comes back", tt.sent, got)
		}
		if !strings.Contains(log.String(), "request_id="+got) {
			t.Errorf("the log says %s, not %s", log.String(), got)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("headers: %v", w.Header())
		}
	}
}

func FuzzRequestID(f *testing.F) {
	for _, seed := range []string{"", "abc", "a\r\nSet-Cookie: x", "\x00", strings.Repeat("z", 100)} {
		f.Add(seed)
	}
	h := Handler(http.NotFoundHandler())
	f.Fuzz(func(t *testing.T, sent string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[RequestHeader] = []string{sent}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get(RequestHeader); !plainID.MatchString(got) {
			t.Errorf("%q comes back for %q", got, sent)
		}
	})
}

func TestListenerBoundsConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(inner, 2)
	defer l.Close()
	accepted := make(chan net.Conn, 10)
	ended := make(chan error)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	defer (<-accepted).Close()
	select {
	case <-accepted:
		t.Fatal("a third connection is taken")
	case <-time.After(100 * time.Millisecond):
	}
	first.Close()
	first.Close()
	defer (<-accepted).Close()
	l.Close() // while all places are taken
	if err := <-ended; err == nil {
		t.Error("closed without an error")
	}
}

func TestPlainHangsUpOnTLS(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })}
	ended := make(chan error)
	go func() { ended <- server.Serve(Plain(inner)) }()
	c, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte{handshake, 3, 1, 0, 200}) // no line end: the server would wait for one
	c.SetReadDeadline(time.Now().Add(3 * time.Second))
	if n, err := c.Read(make([]byte, 100)); n != 0 || err == nil {
		t.Errorf("%d bytes come back", n)
	} else if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Error("the connection stays open")
	}
	answer, err := http.Get("http://" + inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	server.Close()
	<-ended
}
