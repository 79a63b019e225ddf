package rpc_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/rpc"
	"paytond/sql"
)

func TestMain(m *testing.M) {
	code := modelstest.Main(m)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// thing is a model whose methods do what a test needs.
type thing struct {
	models.Model
	Name models.Char
}

var things = models.Define(&thing{
	Model: models.Model{Name: "test.thing", String: "Thing"},
	Name:  models.NewChar(models.Field{String: "Name", Required: true}),
})

func (m *thing) Setup(c *models.Class) {
	c.Method(models.Method{Name: "echo", ReadOnly: true, Cache: time.Hour, Help: "Returns its argument.",
		Do: func(_ *models.Tx, a *models.Args) (any, error) { return a.Any(0), nil }})
	c.Method(models.Method{Name: "context", ReadOnly: true,
		Do: func(tx *models.Tx, _ *models.Args) (any, error) { return tx.Contexts(), nil }})
	c.Method(models.Method{Name: "fresh", Fresh: true,
		Do: func(tx *models.Tx, _ *models.Args) (any, error) { return "fresh", nil }})
	c.Method(models.Method{Name: "fail", Cache: time.Hour, Do: m.fail})
	c.Method(models.Method{Name: "again", Do: m.again})
	c.Method(models.Method{Name: "stay", ReadOnly: true, Do: func(tx *models.Tx, _ *models.Args) (any, error) {
		staying.Add(1)
		defer staying.Add(-1)
		select {
		case <-leave:
			return "left", nil
		case <-tx.Ctx().Done():
			return nil, tx.Ctx().Err()
		}
	}})
	c.Method(models.Method{Name: "unwritable", ReadOnly: true,
		Do: func(*models.Tx, *models.Args) (any, error) { return make(chan int), nil }})
}

// again collides with another transaction at each first attempt, after it has
// spoiled its argument.
func (m *thing) again(_ *models.Tx, a *models.Args) (any, error) {
	given := a.Map(0)["n"]
	a.Map(0)["n"] = "spoiled"
	if attempts.Add(1)%2 == 1 {
		return nil, &sql.Error{Kind: sql.Serialization, Err: errors.New("collision")}
	}
	return given, nil
}

var attempts atomic.Int64

// staying counts the calls that stay until they are told to leave.
var (
	staying atomic.Int64
	leave   = make(chan struct{})
)

var failures = map[string]error{
	"user":        &models.Error{Kind: models.KindUser, Message: "No.", Description: "Because."},
	"domain":      &models.Error{Kind: models.KindUser, Message: "No.", Detail: []any{[]any{[]any{"a", "=", int64(1)}}, map[string]any{"a": map[string]any{}}}},
	"warning":     &models.Error{Kind: models.KindWarning, Name: "n 1", Message: "Sure?", Description: "It lasts."},
	"concurrency": &models.Error{Kind: models.KindConcurrency, Message: "Changed"},
	"login":       &models.Error{Kind: models.KindLogin, Name: "code", Message: "Your code", Description: "char"},
	"notfound":    models.NotFoundError("'x'"),
	"bad":         models.BadRequest("Duplicate ids"),
	"unavailable": &models.Error{Kind: models.KindUnavailable, Message: "Stripe does not answer", Err: fmt.Errorf("secret address")},
	"forbidden":   &models.Error{Kind: models.KindForbidden, Message: "no"},
	"toomany":     &models.Error{Kind: models.KindTooMany, Message: "no"},
	"internal":    fmt.Errorf("wrapped: %w", fmt.Errorf("secret detail")),
	"wrapped":     fmt.Errorf("while at it: %w", models.UserError("No.")),
}

// fail writes a record and fails then: the record must not stay.
func (m *thing) fail(tx *models.Tx, a *models.Args) (any, error) {
	if _, err := m.Create(tx, m.Name.To("left over")); err != nil {
		return nil, err
	}
	if a.Text(0) == "panic" {
		panic("secret panic")
	}
	return nil, failures[a.Text(0)]
}

func modules() []*models.Module {
	users := res.DefaultConfig()
	users.Policy = res.Policy{Length: 8, Entropy: 0.75}
	return []*models.Module{ir.ModuleWith(ir.Config{From: "server@example.com"}), res.ModuleWith(users), {Name: "test", Definitions: []models.Definition{things}}}
}

// databases serves one database.
type databases struct {
	db   *models.Database
	list error
}

func (d databases) List(context.Context) ([]string, error) { return []string{"test", "tést"}, d.list }

func (d databases) Get(_ context.Context, name string) (*models.Database, error) {
	if d.db == nil || name != "test" && name != "tést" {
		return nil, models.NotFoundError("database %q does not exist", name)
	}
	return d.db, nil
}

// bench is a running server with its clock, its log and what it slept.
type bench struct {
	*testing.T
	db     *models.Database
	url    string
	server *rpc.Server
	auth   *res.Authentication
	mutex  sync.Mutex
	now    time.Time
	slept  []time.Duration
	log    lockedBuffer
}

const password = "Walks-by9-Løchan"

// newBench serves db, in which admin has the password.
func newBench(t *testing.T, db *models.Database, change ...func(*rpc.Config)) *bench {
	b := &bench{T: t, db: db, now: time.Now().Truncate(time.Second)}
	auth, err := res.NewAuthentication(res.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	b.auth = auth
	auth.Sleep = func(_ context.Context, d time.Duration) {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.slept = append(b.slept, d)
	}
	if db != nil {
		db.Now = b.clock
		modelstest.Do(t, db, func(tx *models.Tx) {
			models.Must(res.User.Write(tx, res.User.Search(tx, res.User.Login.Eq("admin")), res.User.Password.To(password)))
		})
	}
	config := rpc.Config{Databases: databases{db: db}, Authentication: auth, Version: "6.0.29", Log: slog.New(slog.NewTextHandler(&b.log, nil))}
	for _, c := range change {
		c(&config)
	}
	server, err := rpc.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.server = server
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	b.url = listener.URL
	return b
}

func (b *bench) clock() time.Time {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.now
}

func (b *bench) wait(d time.Duration) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.now = b.now.Add(d)
}

type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.Buffer.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.Buffer.String()
}

// request sends a request; a header with value "" is left out.
func (b *bench) request(method, path string, header map[string]string, body io.Reader) (status int, got http.Header, text string) {
	b.Helper()
	r, err := http.NewRequest(method, b.url+path, body)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for name, v := range header {
		if name == "Host" {
			r.Host = v
		}
		r.Header.Set(name, v)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response.StatusCode, response.Header, string(all)
}

func (b *bench) post(path, authorization, body string, header ...string) (int, http.Header, string) {
	b.Helper()
	h := map[string]string{"Content-Type": "application/json"}
	if authorization != "" {
		h["Authorization"] = authorization
	}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	return b.request("POST", path, h, strings.NewReader(body))
}

// call calls a method and returns the status and the result, or the error as text.
func (b *bench) call(authorization, method, params string) (int, string) {
	b.Helper()
	status, _, body := b.post("/test/", authorization, `{"id":7,"method":"`+method+`","params":`+params+`}`)
	text := strings.TrimSuffix(strings.TrimPrefix(body, `{"id":7,`), "}")
	return status, strings.TrimPrefix(text, `"result":`)
}

// login logs in and returns the header of the session.
func (b *bench) login(login string) string {
	b.Helper()
	status, text := b.call("", "common.db.login", `["`+login+`",{"password":"`+password+`","device_cookie":null},"en"]`)
	var result []any
	if err := json.Unmarshal([]byte(text), &result); status != http.StatusOK || err != nil {
		b.Fatalf("login: %d %s", status, text)
	}
	return sessionHeader(login, result[0], result[1])
}

func sessionHeader(login string, user, key any) string {
	return "Session " + base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("%s:%v:%v", login, user, key)))
}

func basicHeader(login, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
}

// TestServer runs the tests that need a database on one for all of them, since
// making one takes longer than any of them.
func TestServer(t *testing.T) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		for _, test := range []struct {
			name string
			run  func(*testing.T, *models.Database)
		}{
			{"Calls", testCalls},
			{"Avatar", testAvatar},
			{"Statuses", testStatuses},
			{"LoginRounds", testLoginRounds},
			{"LoginAttempts", testLoginAttempts},
			{"LoginForgives", testLoginForgives},
			{"LoginNetwork", testLoginNetwork},
			{"SessionAge", testSessionAge},
			{"SessionEnds", testSessionEnds},
			{"Context", testContext},
			{"CacheHeader", testCacheHeader},
			{"Gzip", testGzip},
			{"ListMethods", testListMethods},
			{"DevMode", testDevMode},
			{"Reference", testReference},
			{"Overload", testOverload},
			{"Timeout", testTimeout},
			{"Memory", testMemory},
			{"Observe", testObserve},
			{"Data", testData},
			{"ApplicationKeys", testApplicationKeys},
			{"TwoServices", testTwoServices},
			{"EitherService", testEitherService},
			{"ManyCodes", testManyCodes},
			{"PasswordReset", testPasswordReset},
			{"Bus", testBus},
			{"BusOff", testBusOff},
			{"BusManyWait", testBusManyWait},
			{"BusStops", testBusStops},
		} {
			t.Run(test.name, func(t *testing.T) {
				defer forget(t, db)
				test.run(t, db)
			})
		}
	})
}

// forget removes what a test leaves for the next.
func forget(t *testing.T, db *models.Database) {
	db.Now = time.Now
	modelstest.Do(t, db, func(tx *models.Tx) {
		for _, m := range []*models.Model{&res.LoginAttempt.Model, &res.Device.Model, &res.Application.Model, &res.LoginCode.Model, &things.Model} {
			models.Must(m.Delete(tx, m.Search(tx, domain.And{})))
		}
		all := tx.With(map[string]any{"active_test": false})
		models.Must(res.User.Write(tx, res.User.Search(all, res.User.Login.Eq("admin")), res.User.Active.To(true)))
	})
}
