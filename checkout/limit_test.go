package checkout

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"paytond/models/paymentstripe"
)

func TestLimiterForgets(t *testing.T) {
	l := newLimiter(Limit{PerSecond: 1, Burst: 1})
	now := time.Unix(1700000000, 0)
	address := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range maxClients + 100 {
		if delay := l.wait(address(i), now); delay != 0 {
			t.Fatalf("client %d waits %v", i, delay)
		}
		if delay := l.wait(address(i), now); delay != time.Second {
			t.Fatalf("client %d waits %v the second time", i, delay)
		}
	}
	if len(l.clients) != maxClients || l.recent.Len() != maxClients {
		t.Errorf("%d clients remembered, %d in order, want %d", len(l.clients), l.recent.Len(), maxClients)
	}
	if delay := l.wait(address(maxClients+99), now); delay == 0 {
		t.Error("the latest client is forgotten")
	}
	if delay := l.wait(address(0), now); delay != 0 {
		t.Error("the first client is remembered")
	}
}

func TestWordsFor(t *testing.T) {
	tests := []struct{ payer, accepted, want string }{
		{"de_AT", "fr", "de"},
		{"ES", "fr", "es"},
		{"ru", "fr", "fr"},
		{"", "", "en"},
		{"den", "", "en"},
		{"", "fr;q=0.2, ru, de-CH;q=0.8, es;q=0", "de"},
		{"", "es;q=0, x;q=y", "en"},
	}
	for _, tt := range tests {
		got, _ := (*paymentstripe.Engine)(nil).PageWords(t.Context(), nil, wanted(tt.payer, tt.accepted))
		if got != tt.want {
			t.Errorf("payer %q, browser %q: %s, want %s", tt.payer, tt.accepted, got, tt.want)
		}
	}
}

func TestAmount(t *testing.T) {
	tests := []struct {
		language        string
		plain, currency string
		want            string
	}{
		{"en", "42.50", "EUR", "42.50\u00a0EUR"},
		{"en", "0.00", "EUR", "0.00\u00a0EUR"},
		{"en", "1234567.891", "KWD", "1,234,567.891\u00a0KWD"},
		{"en", "500", "JPY", "500\u00a0JPY"},
		{"en", "-1000.00", "EUR", "\u22121,000.00\u00a0EUR"},
		{"de", "1000000.00", "EUR", "1.000.000,00\u00a0EUR"},
		{"fr", "999.99", "EUR", "999,99\u00a0EUR"},
		{"es", "12345678901234567890.12", "", "12.345.678.901.234.567.890,12"},
	}
	for _, tt := range tests {
		w := words{format: formatOf(tt.language)}
		if got := w.amount(tt.plain, tt.currency); got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.plain, tt.language, got, tt.want)
		}
	}
}

// What the page says is what is taken: without the signs between, an amount reads as it was given.
func TestAmountLosesNothing(t *testing.T) {
	english := words{format: formatOf("en")}
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,6})?`).Draw(t, "plain")
		text := strings.NewReplacer(",", "", "\u2212", "-").Replace(english.amount(plain, ""))
		if text != plain {
			t.Fatalf("%s reads %s", plain, text)
		}
	})
}
