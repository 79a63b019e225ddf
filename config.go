package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gopkg.in/ini.v1"

	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/rpc"
	"paytond/rpc/guard"
	"paytond/sql"
)

// Config is what an administrator sets, in trytond.conf's sections and keys.
// A file is read over the defaults, and the environment over the file:
// TRYTOND_database__uri is the key uri of the section [database].
type Config struct {
	Database struct {
		URI  string // postgresql://user:password@host:port/ or sqlite://
		Path string // directory of SQLite files
		List bool   // whether clients may ask for the names of the databases
		// Limits are for PostgreSQL, while clients are served.
		Limits sql.Limits
	}
	Web struct {
		Listen   string // HOST:PORT of the clients' listener
		Hostname string // address at which customers and Stripe reach us; by default that of the request
		Root     string // directory of the sao client's files; none are served when empty
		CORS     []string
		Proxies  guard.Proxies // in front of us
		// MaxConnections is how many connections a listener holds open.
		MaxConnections int
		// Certificate and PrivateKey are PEM files; with them the listener speaks TLS.
		Certificate, PrivateKey string
	}
	Session struct {
		Timeout time.Duration // how long a session stays fresh
		MaxAge  time.Duration
		// Authentications are the ways to log in, as "password+email".
		Authentications                 string
		MaxAttempts, MaxNetworkAttempts int64
		IPv4Bits, IPv6Bits              int
	}
	Bus      rpc.Bus
	Password struct {
		Length       int
		Entropy      float64
		Forbidden    string        // file with passwords that nobody may have
		ResetTimeout time.Duration // how long a password sent by e-mail is good for
	}
	Request struct {
		MaxSize              int64 // bytes of a request without login
		MaxSizeAuthenticated int64
		MaxCalls             int           // served at once
		Timeout              time.Duration // of one call
	}
	Metrics struct {
		Listen string // HOST:PORT of the listener for Prometheus; none when empty
	}
	Email struct {
		URI  string
		From string
	}
	Stripe struct {
		APIBase string // address of Stripe's API; https://api.stripe.com when empty
		JSURL   string // address of Stripe.js; <APIBase>/v3/ for a simulator
		// MasterKey says where the keys are with which accounts' keys are sealed in the database: env:NAME or file:/path.
		MasterKey string
		// SecretsPath is the directory in which files must be that accounts refer to as file:/path.
		SecretsPath string
	}
	Checkout struct {
		Listen string // HOST:PORT of a listener of its own; the clients' one when empty
		// LinkAge is for how long the link of a page is good, 0 for ever.
		LinkAge time.Duration
	}
	Scheduler struct {
		Poll time.Duration
	}
	Log struct {
		Level string // debug, info, warn, error
	}
}

// DefaultConfig is what holds without a file.
func DefaultConfig() Config {
	var c Config
	c.Database.URI = "sqlite://"
	c.Database.Path = filepath.Join(dataHome(), "paytond")
	c.Database.List = true
	c.Database.Limits = sql.DefaultLimits()
	c.Web.MaxConnections = 4096
	c.Request.MaxCalls = 64
	c.Request.Timeout = 5 * time.Minute
	c.Web.Listen = "127.0.0.1:8000"
	c.Session.Timeout = 300 * time.Second
	c.Session.MaxAge = 30 * 24 * time.Hour
	limits, users := res.DefaultLimits(), res.DefaultConfig()
	c.Session.Authentications = res.PasswordService
	c.Session.MaxAttempts, c.Session.MaxNetworkAttempts = limits.MaxAttempts, limits.MaxNetworkAttempts
	c.Session.IPv4Bits, c.Session.IPv6Bits = limits.IPv4Bits, limits.IPv6Bits
	c.Password.ResetTimeout = users.ResetTimeout
	c.Password.Length = 8
	c.Password.Entropy = 0.75
	c.Request.MaxSize = 2 << 20
	c.Request.MaxSizeAuthenticated = 64 << 20
	c.Checkout.LinkAge = paymentstripe.DefaultLinkAge
	c.Scheduler.Poll = 5 * time.Second
	c.Log.Level = "info"
	return c
}

// dataHome is where a user's programs keep their data.
func dataHome() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	return filepath.Join(home, ".local", "share")
}

// settings gives each key of the file its place in the configuration. Seconds
// are whole numbers, as in trytond.conf.
func (c *Config) settings() map[string]func(text string) error {
	return map[string]func(string) error{
		"database.uri":                        set(&c.Database.URI),
		"database.path":                       set(&c.Database.Path),
		"database.list":                       setBool(&c.Database.List),
		"web.listen":                          set(&c.Web.Listen),
		"web.hostname":                        set(&c.Web.Hostname),
		"web.root":                            set(&c.Web.Root),
		"web.cors":                            setList(&c.Web.CORS),
		"web.num_proxies":                     setInt(&c.Web.Proxies.Count),
		"web.proxies":                         setPrefixes(&c.Web.Proxies.From),
		"ssl.certificate":                     set(&c.Web.Certificate),
		"ssl.privatekey":                      set(&c.Web.PrivateKey),
		"session.timeout":                     setSeconds(&c.Session.Timeout),
		"session.max_age":                     setSeconds(&c.Session.MaxAge),
		"bus.allow_subscribe":                 setBool(&c.Bus.Allow),
		"bus.long_polling_timeout":            setSeconds(&c.Bus.Wait),
		"bus.cache_timeout":                   setSeconds(&c.Bus.Keep),
		"bus.url_host":                        set(&c.Bus.Host),
		"session.authentications":             set(&c.Session.Authentications),
		"session.max_attempt":                 setInt(&c.Session.MaxAttempts),
		"session.max_attempt_ip_network":      setInt(&c.Session.MaxNetworkAttempts),
		"session.ip_network_4":                setInt(&c.Session.IPv4Bits),
		"session.ip_network_6":                setInt(&c.Session.IPv6Bits),
		"password.forbidden":                  set(&c.Password.Forbidden),
		"password.reset_timeout":              setSeconds(&c.Password.ResetTimeout),
		"password.length":                     setInt(&c.Password.Length),
		"password.entropy":                    setFloat(&c.Password.Entropy),
		"request.max_size":                    setInt(&c.Request.MaxSize),
		"request.max_size_authenticated":      setInt(&c.Request.MaxSizeAuthenticated),
		"request.max_calls":                   setInt(&c.Request.MaxCalls),
		"request.timeout":                     setSeconds(&c.Request.Timeout),
		"metrics.listen":                      set(&c.Metrics.Listen),
		"web.max_connections":                 setInt(&c.Web.MaxConnections),
		"database.statement_timeout":          setSeconds(&c.Database.Limits.Statement),
		"database.lock_timeout":               setSeconds(&c.Database.Limits.Lock),
		"database.max_connections":            setInt(&c.Database.Limits.Connections),
		"email.uri":                           set(&c.Email.URI),
		"email.from":                          set(&c.Email.From),
		"account_payment_stripe.api_base":     set(&c.Stripe.APIBase),
		"account_payment_stripe.js_url":       set(&c.Stripe.JSURL),
		"account_payment_stripe.master_key":   set(&c.Stripe.MasterKey),
		"account_payment_stripe.secrets_path": set(&c.Stripe.SecretsPath),
		"checkout.listen":                     set(&c.Checkout.Listen),
		"checkout.max_age":                    setSeconds(&c.Checkout.LinkAge),
		"scheduler.poll":                      setSeconds(&c.Scheduler.Poll),
		"log.level":                           set(&c.Log.Level),
	}
}

func set(place *string) func(string) error {
	return func(text string) error { *place = text; return nil }
}

func setList(place *[]string) func(string) error {
	return func(text string) error { *place = strings.Fields(text); return nil }
}

// setPrefixes reads addresses and networks, such as "192.0.2.1 10.0.0.0/8".
func setPrefixes(place *[]netip.Prefix) func(string) error {
	return func(text string) error {
		*place = nil
		for _, field := range strings.Fields(text) {
			prefix, err := netip.ParsePrefix(field)
			if address, bad := netip.ParseAddr(field); bad == nil {
				prefix, err = address.Prefix(address.BitLen())
			}
			if err != nil {
				return fmt.Errorf("%q is neither an address nor a network", field)
			}
			*place = append(*place, prefix)
		}
		return nil
	}
}

func setBool(place *bool) func(string) error {
	return func(text string) (err error) {
		switch strings.ToLower(text) { // as Python's configparser reads them
		case "1", "yes", "true", "on":
			*place = true
		case "0", "no", "false", "off":
			*place = false
		default:
			err = fmt.Errorf("%q is neither true nor false", text)
		}
		return err
	}
}

func setInt[T int | int64](place *T) func(string) error {
	return func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		*place = T(n)
		return err
	}
}

func setFloat(place *float64) func(string) error {
	return func(text string) (err error) {
		*place, err = strconv.ParseFloat(text, 64)
		return err
	}
}

func setSeconds(place *time.Duration) func(string) error {
	return func(text string) error {
		n, err := strconv.ParseInt(text, 10, 64)
		*place = time.Duration(n) * time.Second
		return err
	}
}

// LoadConfig reads a file (none when path is empty) and the environment over
// the defaults. Keys that trytond has and paytond does not are ignored, so
// that one file may serve both.
func LoadConfig(path string, environ []string) (Config, error) {
	c := DefaultConfig()
	settings := c.settings()
	if path != "" {
		if err := readFile(path, settings); err != nil {
			return c, fmt.Errorf("configuration %s: %w", path, err)
		}
	}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		name, found := strings.CutPrefix(name, "TRYTOND_")
		section, key, ok := strings.Cut(name, "__")
		if !found || !ok {
			continue
		}
		if err := apply(settings, strings.ToLower(section+"."+key), text); err != nil {
			return c, fmt.Errorf("environment TRYTOND_%s: %w", name, err)
		}
	}
	return c, c.check()
}

func readFile(path string, settings map[string]func(string) error) error {
	file, err := ini.LoadSources(ini.LoadOptions{SkipUnrecognizableLines: false, IgnoreInlineComment: true}, path)
	if err != nil {
		return err
	}
	for _, section := range file.Sections() {
		for _, key := range section.Keys() {
			// Value is the raw text: a %(x)s in it stays as it is.
			if err := apply(settings, section.Name()+"."+key.Name(), key.Value()); err != nil {
				return fmt.Errorf("[%s] %s: %w", section.Name(), key.Name(), err)
			}
		}
	}
	return nil
}

func apply(settings map[string]func(string) error, name, text string) error {
	if set := settings[name]; set != nil {
		return set(strings.TrimSpace(text))
	}
	return nil
}

// check refuses what cannot work and completes what follows from the rest.
func (c *Config) check() error {
	if (c.Web.Certificate == "") != (c.Web.PrivateKey == "") {
		return fmt.Errorf("configuration: [ssl] needs both certificate and privatekey")
	}
	if c.Web.MaxConnections <= 0 || c.Request.MaxCalls <= 0 || c.Request.Timeout <= 0 || c.Request.MaxSize <= 0 || c.Request.MaxSizeAuthenticated <= 0 {
		return fmt.Errorf("configuration: what bounds connections, calls, sizes and times must be above 0")
	}
	if err := c.checkLogin(); err != nil {
		return err
	}
	if c.Bus.Wait < 0 || c.Bus.Keep < 0 {
		return fmt.Errorf("configuration: [bus] long_polling_timeout and cache_timeout must be above 0")
	}
	if c.Session.Timeout <= 0 || c.Session.MaxAge <= 0 {
		return fmt.Errorf("configuration: [session] timeout and max_age must be above 0")
	}
	if c.Checkout.LinkAge < 0 {
		return fmt.Errorf("configuration: [checkout] max_age must not be below 0")
	}
	if c.Web.Hostname != "" && !strings.Contains(c.Web.Hostname, "://") { // trytond.conf has the host alone
		scheme := "http://"
		if c.Web.Certificate != "" || c.Web.Proxies.Count > 0 {
			scheme = "https://"
		}
		c.Web.Hostname = scheme + c.Web.Hostname
	}
	if _, err := newMailer(c.Email.URI, c.Email.From); err != nil {
		return err
	}
	if c.Stripe.JSURL == "" {
		c.Stripe.JSURL = "https://js.stripe.com/v3/"
		if c.Stripe.APIBase != "" {
			c.Stripe.JSURL = strings.TrimSuffix(c.Stripe.APIBase, "/") + "/v3/"
		}
	}
	return nil
}

// checkLogin refuses settings by which nobody could log in, or set a password.
func (c *Config) checkLogin() error {
	ways, err := res.ParseServices(c.Session.Authentications)
	switch {
	case err != nil:
		return fmt.Errorf("configuration: [session] authentications: %w", err)
	case strings.Contains(c.Session.Authentications, res.EmailService) && c.Email.URI == "":
		return fmt.Errorf("configuration: [session] authentications: codes by e-mail need [email] uri")
	case len(ways) == 0 || c.Session.MaxAttempts < 0 || c.Session.MaxNetworkAttempts < 0 || c.Password.ResetTimeout <= 0:
		return fmt.Errorf("configuration: [session] max_attempt and [password] reset_timeout must not be below 0")
	case c.Session.IPv4Bits < 0 || c.Session.IPv4Bits > 32 || c.Session.IPv6Bits < 0 || c.Session.IPv6Bits > 128:
		return fmt.Errorf("configuration: [session] ip_network_4 and ip_network_6 must be numbers of bits")
	}
	if c.Password.Forbidden != "" {
		if _, err := os.Stat(c.Password.Forbidden); err != nil {
			return fmt.Errorf("configuration: [password] forbidden: %w", err)
		}
	}
	return nil
}
