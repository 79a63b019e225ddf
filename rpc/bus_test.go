package rpc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
	"paytond/rpc"
	"paytond/sql/sqltest"
)

// withBus allows the bus, whose requests wait so long.
func withBus(wait time.Duration) func(*rpc.Config) {
	return func(c *rpc.Config) { c.Bus = rpc.Bus{Allow: true, Wait: wait, Keep: time.Minute}; c.MaxCalls = 2 }
}

const nothing = `{"channel":null,"message":null}`

// poll asks for the next message after another.
func (b *bench) poll(authorization, after string, channels ...string) (int, string) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"last_message": after, "channels": channels})
	if err != nil {
		b.Fatal(err)
	}
	status, _, text := b.post("/test/bus", authorization, string(body))
	return status, text
}

// told is the title and the id of a message, and its channel.
func (b *bench) told(text string) (title, id, channel string) {
	b.Helper()
	var answer struct {
		Channel string
		Message struct {
			Type, Title, Body string
			Priority          int
			MessageID         string `json:"message_id"`
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Message.Type != "notification" || answer.Message.MessageID == "" {
		b.Fatalf("%v: %s", err, text)
	}
	return answer.Message.Title, answer.Message.MessageID, answer.Channel
}

func notify(t *testing.T, db *models.Database, user int64, title string) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) { models.Must(ir.Notify(tx, user, ir.Notification{Title: title, Priority: 1})) })
}

// listen waits until the server hears what is announced: it begins with the first request.
func (b *bench) listen(authorization string) (last string) {
	b.Helper()
	user := administrator(b.T, b.db)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		notify(b.T, b.db, user, "begin")
		if _, text := b.poll(authorization, ""); text != nothing {
			_, id, _ := b.told(text)
			return b.skip(authorization, id)
		}
	}
	b.Fatal("nothing is heard")
	return ""
}

// skip reads on to the last message.
func (b *bench) skip(authorization, last string) string {
	b.Helper()
	for {
		_, text := b.poll(authorization, last)
		if text == nothing {
			return last
		}
		_, last, _ = b.told(text)
	}
}

func administrator(t *testing.T, db *models.Database) (id int64) {
	t.Helper()
	modelstest.Do(t, db, func(tx *models.Tx) { id = res.User.Search(tx, res.User.Login.Eq("admin"))[0].ID() })
	return id
}

func testBus(t *testing.T, db *models.Database) {
	b := newBench(t, db, withBus(100*time.Millisecond))
	session, user := b.login("admin"), administrator(t, db)
	last := b.listen(session)
	notify(t, db, user, "one")
	notify(t, db, user+1, "for another")
	err := modelstest.Try(db, models.Request{}, func(tx *models.Tx) error {
		models.Must(ir.Notify(tx, user, ir.Notification{Title: "undone"}))
		return errors.New("no")
	})
	if err == nil {
		t.Fatal("committed")
	}
	modelstest.Do(t, db, func(tx *models.Tx) {
		models.Must(tx.Notify(ir.BusChannel, `{"channel":"client:abc","message":{"type":"notification","title":"two","message_id":"2"}}`))
		models.Must(tx.Notify(ir.BusChannel, `no message`))
		models.Must(tx.Notify(ir.BusChannel, ``))
	})
	channels := []string{"client:abc", fmt.Sprintf("user:%d", user+1)}
	for _, want := range [][2]string{{"one", fmt.Sprintf("user:%d", user)}, {"two", "client:abc"}} {
		var text string
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
			if _, text = b.poll(session, last, channels...); text != nothing {
				break
			}
		}
		title, id, channel := b.told(text)
		if title != want[0] || channel != want[1] {
			t.Errorf("%s on %s, want %v", title, channel, want)
		}
		last = id
	}
	if status, text := b.poll(session, last, channels...); status != http.StatusOK || text != nothing {
		t.Errorf("after the last: %d %s", status, text)
	}
	for _, body := range []string{`x`, `[]`, `{"channels":1}`, `{"channels":[` + strings.Repeat(`"a",`, 200) + `"b"]}`} {
		if status, _, text := b.post("/test/bus", session, body); status != http.StatusBadRequest {
			t.Errorf("%.40s: %d %s", body, status, text)
		}
	}
	if status, _ := b.poll("", ""); status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", status)
	}
	if status, _ := b.poll(basicHeader("admin", password), ""); status != http.StatusBadRequest {
		t.Errorf("without a session: %d", status)
	}
}

// testBusOff answers what ends the clients' asking, and sends them where the bus is.
func testBusOff(t *testing.T, db *models.Database) {
	b := newBench(t, db)
	session := b.login("admin")
	if status, _ := b.poll(session, ""); status != http.StatusNotImplemented {
		t.Errorf("off: %d", status)
	}
	if status, _ := b.poll("", ""); status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", status)
	}
	elsewhere := newBench(t, db, withBus(time.Millisecond), func(c *rpc.Config) { c.Bus.Host = "https://bus.example.com/" })
	status, header, _ := elsewhere.post("/test/bus", elsewhere.login("admin"), `{"channels":[]}`)
	if status != http.StatusPermanentRedirect || header.Get("Location") != "https://bus.example.com/test/bus" || header.Get("Cache-Control") == "" {
		t.Errorf("elsewhere: %d %v", status, header)
	}
}

// testBusManyWait has more requests wait than calls are served at once or the database has connections, on two servers where
// the database carries messages between them. All get the message, and calls are served in the meanwhile.
func testBusManyWait(t *testing.T, db *models.Database) {
	b := newBench(t, db, withBus(time.Minute))
	servers := []*bench{b}
	if db.SQL.Dialect().Name() == "postgresql" {
		second, err := sqltest.Postgres(t).Open(t.Context(), db.Name())
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		servers = append(servers, newBench(t, models.NewDatabase(db.Registry, second, db.Log), withBus(time.Minute)))
	}
	session, user := b.login("admin"), administrator(t, db)
	const many = 60
	answers := make(chan string, many)
	for i := range many {
		go func() {
			_, text := servers[i%len(servers)].poll(session, "")
			answers <- text
		}()
	}
	for range 20 {
		if status, text := b.call(session, "model.test.thing.echo", `[1,{}]`); status != http.StatusOK {
			t.Errorf("a call: %d %s", status, text)
		}
	}
	tick, deadline := time.NewTicker(200*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for got := 0; got < many; {
		select {
		case text := <-answers:
			if title, _, _ := b.told(text); title != "to all" {
				t.Errorf("got %s", text)
			}
			got++
		case <-tick.C: // the first may come before a server listens
			notify(t, db, user, "to all")
		case <-deadline:
			t.Fatalf("%d of %d got the message", got, many)
		}
	}
}

// testBusStops answers those who wait when the server stops, and stops it twice.
func testBusStops(t *testing.T, db *models.Database) {
	b := newBench(t, db, withBus(time.Minute))
	session := b.login("admin")
	answered := make(chan string)
	go func() {
		_, text := b.poll(session, "")
		answered <- text
	}()
	b.server.Stop()
	b.server.Stop()
	select {
	case text := <-answered:
		if text != nothing {
			t.Errorf("got %s", text)
		}
	case <-time.After(20 * time.Second):
		t.Error("the request waits on")
	}
}
