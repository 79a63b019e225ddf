package checkout

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how many requests one client may make: PerSecond on average, Burst at once.
type Limit struct {
	PerSecond float64
	Burst     int
}

// maxClients bounds the memory of a limiter. Who was not seen for longest is
// forgotten first, which is to his advantage only.
const maxClients = 10_000

// limiter counts the requests of each client.
type limiter struct {
	limit Limit

	mu      sync.Mutex
	clients map[netip.Addr]*list.Element
	recent  *list.List // of *client, the latest first
}

type client struct {
	address netip.Addr
	bucket  *rate.Limiter
}

func newLimiter(l Limit) *limiter {
	return &limiter{limit: l, clients: map[netip.Addr]*list.Element{}, recent: list.New()}
}

// wait is how long a client has to wait, 0 if it may go on.
func (l *limiter) wait(address netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.bucket(address).ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay > 0 {
		r.CancelAt(now) // a refused request costs nothing
	}
	return delay
}

// bucket finds or makes the bucket of a client. The lock is held.
func (l *limiter) bucket(address netip.Addr) *rate.Limiter {
	if e := l.clients[address]; e != nil {
		l.recent.MoveToFront(e)
		return e.Value.(*client).bucket
	}
	if l.recent.Len() >= maxClients {
		oldest := l.recent.Remove(l.recent.Back()).(*client)
		delete(l.clients, oldest.address)
	}
	c := &client{address, rate.NewLimiter(rate.Limit(l.limit.PerSecond), l.limit.Burst)}
	l.clients[address] = l.recent.PushFront(c)
	return c.bucket
}
