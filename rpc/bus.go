package rpc

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/ir"
)

// Bus is how clients are told of what happens: each has one request waiting
// for the next message. The zero value is no bus, as in trytond.
type Bus struct {
	Allow bool
	// Wait is how long a request waits before it is answered without a message:
	// 5 minutes by default. Keep is for how long a message waits for a client
	// that is just asking anew: 5 seconds by default.
	Wait, Keep time.Duration
	// Host is the address of the server that clients shall ask, as
	// https://bus.example.com; "" for each its own.
	Host string
}

const (
	// maxPolls bounds the requests that wait, so that connections are left for calls.
	maxPolls = 2048
	// maxChannels bounds what one client listens to.
	maxChannels = 100
	// redirectKept is for how long a client may keep where it was sent.
	redirectKept = "43200"
)

// serveBus answers POST /<database>/bus: the next message for the user or
// client, when there is one.
func (s *Server) serveBus(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, page{name: "bus", enter: s.enter, answer: func(w http.ResponseWriter, r *http.Request, x *exchange) (*reply, error) {
		return jsonReply(s.subscribe(w, r, x))
	}})
}

// subscribe waits for a message and returns the answer.
func (s *Server) subscribe(w http.ResponseWriter, r *http.Request, x *exchange) ([]byte, error) {
	if err := x.require(r); err != nil {
		return nil, err
	}
	switch host := strings.TrimSuffix(s.config.Bus.Host, "/"); {
	case !s.config.Bus.Allow:
		return nil, &refusal{status: http.StatusNotImplemented, text: "The bus is not enabled."}
	case host != "" && host != s.baseURL(r):
		return nil, &refusal{status: http.StatusPermanentRedirect, header: http.Header{
			"Location": {host + "/" + url.PathEscape(x.database) + "/bus"}, "Cache-Control": {"private, max-age=" + redirectKept}}}
	case x.caller.key == "":
		return nil, &refusal{status: http.StatusBadRequest, text: "The bus needs a session."}
	}
	body, err := x.body(r)
	if err != nil {
		return nil, err
	}
	var asked struct {
		LastMessage string   `json:"last_message"`
		Channels    []string `json:"channels"`
	}
	if json.Unmarshal(body, &asked) != nil || len(asked.Channels) > maxChannels {
		return nil, unreadable()
	}
	channels := map[string]bool{ir.UserChannel(x.caller.user): true}
	for _, channel := range asked.Channels {
		if !strings.HasPrefix(channel, "user:") { // those are for their users alone
			channels[channel] = true
		}
	}
	x.leave() // a request that waits keeps no call from being served
	x.held = nil
	if err := x.hold(s.polls, 1); err != nil {
		return nil, err
	}
	patient(w, s.config.Bus.Wait)
	ctx, cancel := context.WithTimeout(r.Context(), s.config.Bus.Wait)
	defer cancel()
	found, err := s.stays.of(x.db, s.config.Bus.Keep).next(ctx, s.stopping, channels, asked.LastMessage)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"message": found.Message, "channel": found.name()})
}

// patient keeps a connection open for as long as a request waits.
func patient(w http.ResponseWriter, wait time.Duration) {
	control := http.NewResponseController(w)
	// Where the connection has no deadlines, as in tests, there is none to move.
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Now().Add(wait + time.Minute))
}

// Stop answers the requests that wait for messages, so that the server can be
// shut down. Once is enough, and more does no harm.
func (s *Server) Stop() { s.stop.Do(func() { close(s.stopping) }) }

// stays are the databases whose messages are listened to.
type stays struct {
	mu   sync.Mutex
	open map[*models.Database]*stay
	deaf map[*models.Database]bool // those that the last attempt could not listen to
}

func newStays() stays {
	return stays{open: map[*models.Database]*stay{}, deaf: map[*models.Database]bool{}}
}

// of begins to listen to a database with the first client that asks. One
// connection does for all of them; it ends with the database.
func (all *stays) of(db *models.Database, keep time.Duration) *stay {
	all.mu.Lock()
	defer all.mu.Unlock()
	if s := all.open[db]; s != nil {
		return s
	}
	s := &stay{keep: keep, news: make(chan struct{}), ended: make(chan struct{})}
	all.open[db] = s
	go all.listen(db, s)
	return s
}

// listen collects the messages of a database until it ends or cannot be listened to.
func (all *stays) listen(db *models.Database, s *stay) {
	posts, err := db.SQL.Listen(context.Background(), ir.BusChannel)
	all.heed(db, err)
	if err == nil {
		for payload := range posts {
			s.add(payload, time.Now())
		}
	}
	all.mu.Lock()
	delete(all.open, db)
	all.mu.Unlock()
	close(s.ended) // who asks again from now on begins another stay
}

// heed logs that a database cannot be listened to, once until it can again: each client that asks is another attempt.
func (all *stays) heed(db *models.Database, err error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	switch was := all.deaf[db]; {
	case err != nil && !was:
		all.deaf[db] = true
		db.Log.Error("the bus cannot be listened to", "database", db.Name(), "error", err)
	case err == nil && was:
		delete(all.deaf, db)
		db.Log.Info("the bus is listened to again", "database", db.Name())
	}
}

// stay holds the last messages of a database.
type stay struct {
	keep  time.Duration
	mu    sync.Mutex
	last  []post
	news  chan struct{} // closed with the next message
	ended chan struct{} // closed when no message comes any more
}

// post is a message as it was announced.
type post struct {
	Channel string         `json:"channel"`
	Message map[string]any `json:"message"`
	at      time.Time
}

func (p post) name() any {
	if p.Message == nil {
		return nil
	}
	return p.Channel
}

// add keeps a message and forgets those that are too old. What is no message,
// as the empty payload after a lost connection, is passed over.
func (s *stay) add(payload string, now time.Time) {
	p := post{at: now}
	if json.Unmarshal([]byte(payload), &p) != nil || p.Message == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	s.last = append(s.last, p)
	close(s.news)
	s.news = make(chan struct{})
}

func (s *stay) forget(now time.Time) {
	old := 0
	for old < len(s.last) && now.Sub(s.last[old].at) > s.keep {
		old++
	}
	s.last = s.last[old:]
}

// find is the message after the one with the id, or the oldest that is kept
// where that is not among them; and what tells of another.
func (s *stay) find(channels map[string]bool, after string, now time.Time) (post, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(now)
	var first, next *post
	found := false
	for i := range s.last {
		p := &s.last[i]
		switch {
		case !channels[p.Channel]:
		case p.Message["message_id"] == after:
			found = true
		case found && next == nil:
			next = p
		case first == nil:
			first = p
		}
	}
	if !found {
		next = first
	}
	if next == nil {
		return post{}, s.news
	}
	return *next, s.news
}

// next waits for a message; the zero post is none. The error is a refusal by
// which clients wait longer before they ask again: no message will come.
func (s *stay) next(ctx context.Context, stopping <-chan struct{}, channels map[string]bool, after string) (post, error) {
	for {
		p, news := s.find(channels, after, time.Now())
		if p.Message != nil {
			return p, nil
		}
		select {
		case <-news:
		case <-s.ended:
			return post{}, &refusal{status: http.StatusServiceUnavailable, text: "The bus cannot be listened to at the moment. Try again later."}
		case <-ctx.Done():
			return post{}, nil
		case <-stopping:
			return post{}, nil
		}
	}
}
