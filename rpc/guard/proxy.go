package guard

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// Proxies says whom to believe what they tell in X-Forwarded-For, -Host and -Proto: nobody, when Count is 0.
type Proxies struct {
	// Count is how many proxies of ours each request passes. What stands further left than they write, anybody may have written.
	Count int
	// From is where the last of them is; when it is empty, the same machine or a private network. Who comes from elsewhere has not
	// passed it, and is not believed.
	From []netip.Prefix
}

// Forwarded is what the first of our proxies wrote into a header; "" if none did.
func (p Proxies) Forwarded(r *http.Request, header string) string {
	if p.Count <= 0 || !p.trusts(peer(r)) {
		return ""
	}
	values := strings.Split(strings.Join(r.Header.Values(header), ","), ",")
	if len(values) < p.Count {
		return ""
	}
	return strings.TrimSpace(values[len(values)-p.Count])
}

func (p Proxies) trusts(a netip.Addr) bool {
	if len(p.From) == 0 {
		return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() // invalid: a Unix socket
	}
	for _, prefix := range p.From {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// peer is who made the connection, the zero Addr if that cannot be told.
func peer(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return port.Addr().Unmap()
}

// Client is who made a request: the peer, or whom the first of our proxies saw. The zero Addr if that cannot be told.
func (p Proxies) Client(r *http.Request) netip.Addr {
	text := p.Forwarded(r, "X-Forwarded-For")
	if text == "" {
		return peer(r)
	}
	address, _ := netip.ParseAddr(text)
	return address.Unmap()
}

// Site is what counts as one client. Who has an IPv6 address has a whole /64 to choose from; who cannot be told apart shares one.
func Site(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); a.Is6() {
		prefix, _ := a.Prefix(64) // 64 is a length that an IPv6 address has
		return prefix.Addr()
	}
	return a
}

// Shares bound how much each client has of something that all share, such as places: else one that is slow on purpose has them all. They are
// safe for concurrent use.
type Shares struct {
	most int

	mu    sync.Mutex
	taken map[netip.Addr]int
}

// NewShares makes shares of which each client has that many at most.
func NewShares(most int) *Shares { return &Shares{most: most, taken: map[netip.Addr]int{}} }

// Take takes one for a client, and returns what gives it back, to be called once. The error is ErrFull.
func (s *Shares) Take(client netip.Addr) (giveBack func(), err error) {
	site := Site(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[site] >= s.most {
		return nil, ErrFull
	}
	s.taken[site]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taken[site]--; s.taken[site] == 0 {
			delete(s.taken, site)
		}
	}, nil
}
