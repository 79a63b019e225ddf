package paymentstripe

import (
	"slices"
	"sync"
	"time"

	"paytond/stripe"
)

// Limits of a lane.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	longestAsk = time.Minute // that Stripe's Retry-After is obeyed for a whole account; the refused row waits as long as it says
)

// lanes are the lanes of all accounts at Stripe that the process works for, whichever databases they belong to.
type lanes struct {
	most int
	now  func() time.Time
	mu   sync.Mutex
	all  map[string]*lane // by secret key, or by what stands for one that cannot be had
}

func newLanes(most int) *lanes {
	return &lanes{most: most, now: time.Now, all: map[string]*lane{}}
}

// of gives the lane of an account, known by its secret key.
func (l *lanes) of(secret string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.all[secret]
	if found == nil {
		found = &lane{most: l.most, now: l.now, limit: float64(l.most), seats: map[*seat]bool{}, changed: make(chan struct{})}
		l.all[secret] = found
	}
	return found
}

// lane bounds how many jobs are in flight for one account at Stripe. When Stripe says that there are too many calls the bound is halved;
// with every answer it grows again, by one for as many answers as it is wide. At a bound of one it pauses instead, longer each time.
type lane struct {
	most int
	now  func() time.Time

	mu       sync.Mutex
	limit    float64 // from 1 to most
	inFlight int
	seats    map[*seat]bool
	line     []*seat       // those that wait for room, who came first in front
	cut      time.Time     // when the bound was lowered last
	pause    time.Duration // what a refusal at the bound of one costs next
	until    time.Time     // nothing begins before
	changed  chan struct{} // closed when there may be room
}

// seat is one that shares a lane: the sweep of a queue in a database. All have the same share; where it is less than one they take turns.
type seat struct {
	lane     *lane
	inFlight int
}

func (l *lane) sit() *seat {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &seat{lane: l}
	l.seats[s] = true
	return s
}

// leave gives the seat up, with all that it holds.
func (s *seat) leave() {
	s.lane.mu.Lock()
	defer s.lane.mu.Unlock()
	delete(s.lane.seats, s)
	s.leaveLine()
	s.lane.inFlight -= s.inFlight
	s.inFlight = 0
	s.lane.announce()
}

// take gives how many jobs may begin, all that is free of the seat's share but for who has waited longer. When it is none, what follows says
// when to ask again: after the time, or when the channel is closed.
func (s *seat) take() (n int, again time.Duration, changed <-chan struct{}) {
	l := s.lane
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.until.Sub(l.now()); wait > 0 {
		return 0, wait, l.changed
	}
	limit, seats := int(l.limit), len(l.seats)
	share := (limit + seats - 1) / seats
	n = max(0, min(limit-l.inFlight-l.ahead(s, share), share-s.inFlight))
	if n == 0 {
		if !slices.Contains(l.line, s) {
			l.line = append(l.line, s)
		}
		return 0, lastPause, l.changed
	}
	s.leaveLine()
	l.inFlight += n
	s.inFlight += n
	return n, lastPause, l.changed
}

// ahead counts the seats that have waited longer than one and have less than their share: a place is kept for each.
func (l *lane) ahead(s *seat, share int) (n int) {
	for _, other := range l.line {
		if other == s {
			break
		}
		if other.inFlight < share {
			n++
		}
	}
	return n
}

func (s *seat) leaveLine() {
	s.lane.line = slices.DeleteFunc(s.lane.line, func(other *seat) bool { return other == s })
}

// giveBack ends n jobs of the seat.
func (s *seat) giveBack(n int) {
	if n == 0 {
		return
	}
	s.lane.mu.Lock()
	defer s.lane.mu.Unlock()
	s.lane.inFlight -= n
	s.inFlight -= n
	s.lane.announce()
}

func (l *lane) announce() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// hear learns from a call. A refusal of a call that was under way when the bound was lowered last says nothing new.
func (l *lane) hear(c stripe.Call, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.HTTPStatus == 429 && c.ErrorCode != "lock_timeout": // a lock is that of one object
		now := l.now()
		if c.Started.Before(l.cut) {
			return
		}
		wait := min(retryAfter, longestAsk)
		if l.limit < 2 {
			l.pause = min(lastPause, max(firstPause, 2*l.pause))
			wait = max(wait, l.pause)
		}
		l.limit, l.cut = max(1, l.limit/2), now
		if until := now.Add(wait); until.After(l.until) {
			l.until = until
		}
	case c.HTTPStatus >= 200 && c.HTTPStatus < 500:
		before := int(l.limit)
		l.pause, l.limit = 0, min(float64(l.most), l.limit+1/l.limit)
		if int(l.limit) > before {
			l.announce()
		}
	}
}
