package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dawdle begins so many requests as a client of an address and never sends their bodies.
func (b *bench) dawdle(times int, path, address string) {
	b.Helper()
	for range times {
		connection, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { connection.Close() })
		fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", path, address)
	}
}

// TestSlowClientsKeepNobodyOut has a client take all that he is given, at each door, and never end: he gets no more, others are served.
func TestSlowClientsKeepNobodyOut(t *testing.T) {
	const slow, other = "203.0.113.1", "203.0.113.2"
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC, roleCheckout}, func(c *Config) { c.Web.Proxies.Count = 1 })
	clerk := b.session(demoUser, demoPassword)
	for _, door := range []struct {
		path   string
		places int
		body   []byte
		served int
	}{
		{"/" + b.name + "/", 128, envelope("common.db.login", demoUser, map[string]any{"password": demoPassword}, "en"), http.StatusOK},
		{"/" + b.name + "/account_payment_stripe/webhook/" + strings.Repeat("f", 32), 32, []byte("{}"), http.StatusNotFound},
	} {
		b.dawdle(door.places, door.path, slow)
		var a answer
		for deadline := time.Now().Add(8 * time.Second); a.status != http.StatusServiceUnavailable; {
			if time.Now().After(deadline) {
				t.Fatalf("%s: he who has all that he may is answered %s", door.path, a)
			}
			a = b.send("POST", door.path, door.body, "Content-Type", "application/json", "X-Forwarded-For", slow)
			if a.status == door.served { // before the last of them, who was sent away
				b.dawdle(1, door.path, slow)
			}
		}
		if a.header.Get("Retry-After") == "" {
			t.Errorf("%s: he is not told when to come again: %v", door.path, a.header)
		}
		if a := b.send("POST", door.path, door.body, "Content-Type", "application/json", "X-Forwarded-For", other); a.status != door.served {
			t.Errorf("%s: another is answered %s", door.path, a)
		}
		if a := b.send("POST", door.path, door.body, "Content-Type", "application/json", "X-Forwarded-For", slow+", "+other); a.status != door.served {
			t.Errorf("%s: who pretends to be him is answered %s", door.path, a)
		}
	}
	clerk.must("model.party.party.search_count", []any{}) // users have places of their own
}
