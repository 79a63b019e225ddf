package guard

import (
	"errors"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestProxies(t *testing.T) {
	office := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8::/32")}
	for _, tt := range []struct {
		remote    string
		forwarded []string
		proxies   Proxies
		want      string
	}{
		{"192.0.2.7:1234", nil, Proxies{}, "192.0.2.7"},
		{"10.0.0.1:1", []string{"203.0.113.9"}, Proxies{}, "10.0.0.1"}, // nobody said that there is a proxy
		{"10.0.0.1:1", []string{"203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"},
		{"127.0.0.1:1", []string{"203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"},
		{"[::1]:1", []string{"203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"},
		{"[::ffff:10.0.0.1]:1", []string{"203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"},
		{"198.51.100.7:1", []string{"203.0.113.9"}, Proxies{Count: 1}, "198.51.100.7"}, // past the proxy
		{"192.0.2.7:1", []string{"203.0.113.9"}, Proxies{1, office}, "203.0.113.9"},
		{"192.0.2.17:1", []string{"203.0.113.9"}, Proxies{1, office}, "192.0.2.17"},
		{"127.0.0.1:1", []string{"203.0.113.9"}, Proxies{1, office}, "127.0.0.1"},
		{"[2001:db8::1]:1", []string{"203.0.113.9"}, Proxies{1, office}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"}, // what the client wrote stands left
		{"10.0.0.1:1", []string{"1.1.1.1", "203.0.113.9, 10.0.0.2"}, Proxies{Count: 2}, "203.0.113.9"},
		{"10.0.0.1:1", nil, Proxies{Count: 1}, "10.0.0.1"},
		{"10.0.0.1:1", []string{"203.0.113.9"}, Proxies{Count: 2}, "10.0.0.1"},
		{"10.0.0.1:1", []string{"nonsense"}, Proxies{Count: 1}, "invalid IP"},
		{"@", nil, Proxies{}, "invalid IP"},
		{"@", []string{"203.0.113.9"}, Proxies{Count: 1}, "203.0.113.9"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		for _, line := range tt.forwarded {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := tt.proxies.Client(r).String(); got != tt.want {
			t.Errorf("%s, %q, %+v: %s, want %s", tt.remote, tt.forwarded, tt.proxies, got, tt.want)
		}
	}
}

func TestSite(t *testing.T) {
	for address, want := range map[string]string{"192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%eth0": "fe80::",
		"::ffff:192.0.2.7": "192.0.2.7"} {
		if got := Site(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
	if Site(netip.Addr{}).IsValid() {
		t.Error("who cannot be told has an address")
	}
}

func TestShares(t *testing.T) {
	s := NewShares(2)
	one, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8:0:1::1")
	first, err := s.Take(one)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Take(netip.MustParseAddr("2001:db8::2")) // of the same site
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(one); !errors.Is(err, ErrFull) {
		t.Errorf("a third: %v", err)
	}
	third, err := s.Take(other)
	if err != nil {
		t.Fatalf("another's: %v", err)
	}
	first()
	if first, err = s.Take(one); err != nil {
		t.Errorf("given back: %v", err)
	}
	first()
	second()
	third()
	if len(s.taken) != 0 {
		t.Errorf("remembered: %v", s.taken)
	}
}
