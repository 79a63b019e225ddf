package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paytond/models"
	"paytond/rpc"
	"paytond/rpc/guard"
	"paytond/sql"
	"paytond/sql/sqltest"
	"paytond/stripe/mocktest"
	"paytond/stripe/simulator"
)

// bench is the demo in this process: the App on a fresh database, with its simulator of Stripe.
type bench struct {
	*testing.T
	app    *App
	sim    *simulator.Simulator
	db     *models.Database
	name   string // of the database
	url    string // of the server, without a last slash
	stripe string // of the simulator, the same
	clock  *clock
	told   *answers // to all requests
}

// answers are what the server has told its clients.
type answers struct {
	mu   sync.Mutex
	text strings.Builder
}

func (a *answers) add(header http.Header, body []byte) {
	const enough = 64 << 10
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintf(&a.text, "%v %s\n", header, body[:min(len(body), enough)])
}

// clock is the time of a database, which a test may move.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// onEach runs a test against the demo on SQLite and on PostgreSQL, side by side. The configuration may be changed before.
func onEach(t *testing.T, roles []string, test func(b *bench), change ...func(*Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(newBench(t, "sqlite://", t.TempDir(), roles, change...))
	})
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		test(newBench(t, sqltest.PostgresURI(t), "", roles, change...))
	})
}

// newBench makes the demo's database on a server and serves it in the roles until the test ends; without roles the test does.
// The configuration may be changed before.
func newBench(t *testing.T, uri, path string, roles []string, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{T: t, name: sqltest.Name(), clock: &clock{}, told: &answers{}}
	b.simulate()
	b.url = "http://" + vacantAddress(t)
	demo := demoCommand{Listen: strings.TrimPrefix(b.url, "http://")}
	config := demo.config(b.stripe)
	config.Database.URI, config.Database.Path = uri, path
	config.Scheduler.Poll = time.Second
	config.Bus = rpc.Bus{Allow: true, Wait: 50 * time.Millisecond}
	config.Request.MaxSizeAuthenticated = 8 << 20 // so that a test need not send more
	for _, f := range change {
		f(&config)
	}
	app, err := NewApp(config, slog.New(guard.LogHandler(slog.NewTextHandler(b.log(), &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatal(err)
	}
	b.app = app
	app.auth.Sleep = func(context.Context, time.Duration) {} // what a failed login costs is tested where it is made
	t.Cleanup(b.drop)
	ctx := context.Background()
	if b.db, err = app.Databases.Update(ctx, b.name); err != nil {
		t.Fatal(err)
	}
	b.db.Now = b.clock.now
	if err := new(demoData).make(ctx, b.db); err != nil {
		t.Fatal(err)
	}
	if roles != nil {
		b.serve(roles)
	}
	return b
}

// log is a file in build/logs for what the program tells.
func (b *bench) log() io.Writer {
	path := filepath.Join("build", "logs", strings.ReplaceAll(b.Name(), "/", "-")+".log")
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	return file
}

func (b *bench) simulate() {
	sim, err := simulator.New(simulator.Options{Seen: mocktest.Seen(b), Wrote: mocktest.Wrote(b)})
	if err != nil {
		b.Fatal(err)
	}
	if err := seedCustomers(sim); err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.sim, b.stripe = sim, "http://"+listener.Addr().String()
	b.background(func(ctx context.Context) error { return sim.Run(ctx, listener) })
}

// background runs something until the test ends.
func (b *bench) background(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			b.Error(err)
		}
	})
}

// drop closes the program and removes its database.
func (b *bench) drop() {
	if err := b.app.Close(); err != nil {
		b.Error(err)
	}
	server, err := sql.NewServer(b.app.Config.Database.URI, b.app.Config.Database.Path)
	if err == nil {
		err = server.Drop(context.Background(), b.name)
	}
	if err != nil {
		b.Errorf("drop %s: %v", b.name, err)
	}
}

func (b *bench) serve(roles []string) {
	b.background(func(ctx context.Context) error { return b.app.Run(ctx, roles) })
	for deadline := time.Now().Add(longEnough); ; time.Sleep(10 * time.Millisecond) {
		if answer, err := http.Get(b.url + "/healthz"); err == nil {
			answer.Body.Close()
			return
		} else if time.Now().After(deadline) {
			b.Fatal(err)
		}
	}
}

// vacantAddress is an address of the loopback that nobody listened on a moment ago.
func vacantAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// do runs business code in a transaction of the server itself.
func (b *bench) do(fn func(tx *models.Tx)) {
	b.Helper()
	err := b.db.Transact(b.Context(), models.Request{}, func(tx *models.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// answer is what the server answered to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// decoded is the body as JSON, numbers as json.Number; the plain text where it is none.
func (a answer) decoded() any {
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return string(a.body)
	}
	return v
}

// member is "result" or "error" of an envelope, nil if there is none.
func (a answer) member(name string) any {
	envelope, _ := a.decoded().(map[string]any)
	return envelope[name]
}

// String tells the answer shortly.
func (a answer) String() string {
	const enough = 400
	return fmt.Sprintf("%d %s", a.status, a.body[:min(len(a.body), enough)])
}

// send makes one request, with headers in pairs of name and value; one without value is left out.
func (b *bench) send(method, path string, body []byte, headers ...string) answer {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.url+path, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	response, err := noRedirects.Do(request)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	b.told.add(response.Header, text)
	return answer{response.StatusCode, response.Header, text}
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// client is a user who is logged in.
type client struct {
	*bench
	authorization string
	request       string // the X-Request-Id of its calls, where it is given
	context       map[string]any
}

// session logs a user in and reads his context, as clients do.
func (b *bench) session(login, password string) *client {
	b.Helper()
	a := b.send("POST", "/"+b.name+"/", envelope("common.db.login", login, map[string]any{"device_cookie": nil, "password": password}, "en"),
		"Content-Type", "application/json")
	pair, _ := a.member("result").([]any)
	if len(pair) != 2 {
		b.Fatalf("login of %s: %s", login, a)
	}
	c := &client{bench: b, authorization: sessionHeader(login, pair[0], pair[1]), context: map[string]any{}}
	c.context, _ = c.must("model.res.user.get_preferences", true).(map[string]any)
	return c
}

func sessionHeader(login string, user, key any) string {
	return encodedSession(fmt.Sprintf("%s:%v:%v", login, user, key))
}

func encodedSession(text string) string {
	return "Session " + base64.StdEncoding.EncodeToString([]byte(text))
}

func envelope(method string, params ...any) []byte {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"id": 7, "method": method, "params": params})
	if err != nil {
		panic(err) // only what tests write themselves comes here
	}
	return body
}

// try calls a method with the user's context added.
func (c *client) try(method string, params ...any) answer {
	c.Helper()
	return c.send("POST", "/"+c.name+"/", envelope(method, append(params, c.context)...),
		"Content-Type", "application/json", "Authorization", c.authorization, guard.RequestHeader, c.request)
}

// must calls a method and returns its result; an error fails the test.
func (c *client) must(method string, params ...any) any {
	c.Helper()
	a := c.try(method, params...)
	if a.status != http.StatusOK || a.member("error") != nil {
		c.Fatalf("%s: %s", method, a)
	}
	return a.member("result")
}

// integer is a JSON number as one.
func integer(v any) int64 {
	number, _ := v.(json.Number)
	n, _ := number.Int64()
	return n
}

// first is the first of a list of ids.
func first(v any) int64 {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return integer(list[0])
	}
	return 0
}
