package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"paytond/rpc/guard"
)

func TestLoadConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trytond.conf")
	text := `# comment
[database]
uri = postgresql://user:p%40ss%(x)s@localhost/
list = off
default_name = only trytond knows this
[web]
listen: [::]:8000
num_proxies = 1
proxies = 10.0.0.0/8 192.0.2.1
cors = https://a.example https://b.example
[session]
timeout = 60
[account_payment_stripe]
api_base = http://127.0.0.1:12111/
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(path, []string{"TRYTOND_session__max_age=120", "TRYTOND_WEB__LISTEN=127.0.0.1:9", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Database.URI, want.Database.List = "postgresql://user:p%40ss%(x)s@localhost/", false
	want.Web.Listen, want.Web.Proxies = "127.0.0.1:9", guard.Proxies{Count: 1, From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}}
	want.Session.Timeout, want.Session.MaxAge = time.Minute, 2*time.Minute
	want.Stripe.APIBase, want.Stripe.JSURL = "http://127.0.0.1:12111/", "http://127.0.0.1:12111/v3/"
	if got, expected := strings.Join(c.Web.CORS, " "), "https://a.example https://b.example"; got != expected {
		t.Errorf("cors = %s", got)
	}
	c.Web.CORS = nil
	if c.Database != want.Database || c.Session != want.Session || c.Stripe != want.Stripe || c.Web.Listen != want.Web.Listen || !reflect.DeepEqual(c.Web.Proxies, want.Web.Proxies) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestLoadConfigRefuses(t *testing.T) {
	tests := []struct{ name, text, environ, want string }{
		{"no number", "[session]\ntimeout = soon", "", "[session] timeout"},
		{"no truth", "[database]\nlist = perhaps", "", "neither true nor false"},
		{"no network", "[web]\nproxies = 10.0.0.0/8 here", "", "neither an address nor a network"},
		{"half of TLS", "[ssl]\ncertificate = a.pem", "", "both certificate and privatekey"},
		{"no service", "[session]\nauthentications = password+sms", "", "no service \"sms\""},
		{"codes without e-mail", "[session]\nauthentications = password+email", "", "need [email] uri"},
		{"no bits", "[session]\nip_network_4 = 33", "", "numbers of bits"},
		{"no list", "[password]\nforbidden = /nowhere/at/all", "", "[password] forbidden"},
		{"no bus", "[bus]\nlong_polling_timeout = -1", "", "[bus] long_polling_timeout"},
		{"no time", "[session]\nmax_age = 0", "", "above 0"},
		{"not INI", "[database\nuri", "", "configuration"},
		{"no mail server", "[email]\nuri = mail.example", "", "[email] uri"},
		{"mails from nobody", "[email]\nuri = smtp://mail.example", "", "[email] from"},
		{"environment", "", "TRYTOND_request__max_size=x", "TRYTOND_request__max_size"},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "trytond.conf")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadConfig(path, []string{test.environ})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	if _, err := LoadConfig(filepath.Join(t.TempDir(), "missing"), nil); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestReadPassword(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, empty := file("good", "secret words\r\nsecond line"), file("empty", "\nsecond")
	tests := []struct{ option, environ, want string }{
		{good, "", "secret words"}, {"", good, "secret words"}, {good, empty, "secret words"}, {empty, "", ""}, {"", filepath.Join(dir, "none"), ""},
	}
	for _, test := range tests {
		t.Setenv("TRYTONPASSFILE", test.environ)
		c := adminCommand{PasswordFile: test.option}
		got, err := c.readPassword("db")
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q, %q: %q, %v", test.option, test.environ, got, err)
		}
	}
}

// The address of checkout pages has a scheme, also where trytond.conf gives the host alone.
func TestHostname(t *testing.T) {
	for _, test := range []struct{ hostname, more, want string }{
		{"", "", ""},
		{"pay.example", "", "http://pay.example"},
		{"pay.example:8443", "TRYTOND_WEB__NUM_PROXIES=1", "https://pay.example:8443"},
		{"https://pay.example", "", "https://pay.example"},
	} {
		c, err := LoadConfig("", []string{"TRYTOND_WEB__HOSTNAME=" + test.hostname, test.more})
		if err != nil || c.Web.Hostname != test.want {
			t.Errorf("%s %s gives %s (%v), want %s", test.hostname, test.more, c.Web.Hostname, err, test.want)
		}
	}
}
