package rpc_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"paytond/models"
	"paytond/rpc"
)

// testOverload fills the places of users and of those who wait: the next is sent away at once, and strangers are not concerned.
func testOverload(t *testing.T, db *models.Database) {
	b := newBench(t, db, func(c *rpc.Config) { c.MaxCalls = 1 })
	session := b.login("admin")
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	refused := http.Header{}
	for range 12 { // one inside, four that wait, and who is sent away
		all.Go(func() {
			status, header, _ := b.post("/test/", session, `{"id":1,"method":"model.test.thing.stay","params":[{}]}`)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
			if status == http.StatusServiceUnavailable {
				refused = header
			}
		})
	}
	waitFor(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return staying.Load() == 1 && statuses[http.StatusServiceUnavailable] == 7
	})
	if refused.Get("Retry-After") != "5" {
		t.Errorf("headers: %v", refused)
	}
	if status, text := b.call("", "common.db.login", `["admin",{},"en"]`); status != http.StatusOK {
		t.Errorf("a stranger: %d %s", status, text)
	}
	for range 5 {
		select {
		case leave <- struct{}{}:
		case <-time.After(10 * time.Second):
		}
	}
	all.Wait()
	if statuses[http.StatusOK] != 5 {
		t.Errorf("those who were inside or waited: %v", statuses)
	}
	if status, text := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusOK || text != "1" {
		t.Errorf("afterwards: %d %s", status, text)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(8 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

func testTimeout(t *testing.T, db *models.Database) {
	b := newBench(t, db, func(c *rpc.Config) { c.Timeout = 5 * time.Second }) // the login must do with it, too
	session := b.login("admin")
	began := time.Now()
	status, text := b.call(session, "model.test.thing.stay", `[{}]`)
	if status != http.StatusOK || !strings.Contains(text, "too long") || time.Since(began) > 20*time.Second {
		t.Errorf("%d %s after %v", status, text, time.Since(began))
	}
}

// testMemory sends many large bodies at once: what is held of them stays within the bound.
func testMemory(t *testing.T, db *models.Database) {
	const large, senders = 4 << 20, 40
	b := newBench(t, db, func(c *rpc.Config) { c.MaxAuthenticated, c.MaxHeld = large+100, 2*large+200 })
	session := b.login("admin")
	body := `{"id":1,"method":"model.test.thing.echo","params":["` + strings.Repeat("x", large) + `",{}]}`
	packed := gzipped(t, body)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), now.HeapAlloc))
			}
		}
	}()
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range senders {
		all.Go(func() {
			var status int
			if i%2 == 0 {
				status, _, _ = b.request("POST", "/test/", map[string]string{"Content-Type": "application/json", "Authorization": session},
					strings.NewReader(body))
			} else {
				status, _, _ = b.request("POST", "/test/", map[string]string{"Content-Type": "application/json", "Authorization": session,
					"Content-Encoding": "gzip"}, bytes.NewReader(packed))
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	all.Wait()
	close(stop)
	<-stopped
	if statuses[http.StatusOK] == 0 || statuses[http.StatusOK]+statuses[http.StatusServiceUnavailable] != senders {
		t.Errorf("statuses: %v", statuses)
	}
	// The clients of this test hold the answers, which are as large; without the bound it would be some 20 times 40 bodies.
	if grown := int64(peak.Load()) - int64(before.HeapAlloc); grown > 12*senders*large {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}

func testObserve(t *testing.T, db *models.Database) {
	var mu sync.Mutex
	var seen []rpc.Observation
	b := newBench(t, db, func(c *rpc.Config) {
		c.Observe = func(o rpc.Observation) {
			mu.Lock()
			defer mu.Unlock()
			o.Duration = 0
			seen = append(seen, o)
		}
	})
	session := b.login("admin")
	b.call(session, "model.test.thing.echo", `[1,{}]`)
	b.call(session, "model.test.thing.fail", `["user",{}]`)
	b.call(session, "model.test.thing.no such method", `[{}]`)
	b.call("", "model.test.thing.echo", `[1,{}]`)
	mu.Lock()
	defer mu.Unlock()
	want := []rpc.Observation{
		{Method: "common.db.login", Status: 200, Outcome: "ok"},
		{Method: "model.test.thing.echo", Status: 200, Outcome: "ok"},
		{Method: "model.test.thing.fail", Status: 200, Outcome: "user error"},
		{Method: "unknown", Status: 403, Outcome: "Forbidden"},
		{Method: "unknown", Status: 401, Outcome: "Unauthorized"}, // strangers do not choose what is counted
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %+v", seen)
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
