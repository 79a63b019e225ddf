package res

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"time"

	"paytond/models"
	"paytond/models/domain"
)

// Limits say how long sessions live and how many logins may fail.
type Limits struct {
	MaxAge  time.Duration // of a session
	Timeout time.Duration // of a session's freshness, and of failures
	// MaxAttempts failures of a login are let pass, of all logins from a
	// network MaxNetworkAttempts. A network has so many bits of an address.
	MaxAttempts, MaxNetworkAttempts int64
	IPv4Bits, IPv6Bits              int
}

// DefaultLimits are Tryton's.
func DefaultLimits() Limits {
	return Limits{MaxAge: 30 * 24 * time.Hour, Timeout: 300 * time.Second,
		MaxAttempts: 5, MaxNetworkAttempts: 300, IPv4Bits: 32, IPv6Bits: 56}
}

// Authentication decides whether logins succeed. It is safe for concurrent use.
type Authentication struct {
	Limits
	// Services are the ways to log in, tried one after the other: each is a list
	// of services that must all agree, as "password", or "password" and "email".
	Services [][]string
	// Sleep delays an answer; tests replace it.
	Sleep func(ctx context.Context, d time.Duration)
	slots chan struct{}
	dummy string
}

// NewAuthentication checks logins within the limits. At most as many passwords
// as there are processors are checked at a time, since each takes time and
// memory by design; failures are counted within that, so that not many guesses
// can be made at once.
func NewAuthentication(l Limits) (*Authentication, error) {
	dummy, err := HashPassword(randomHex(16))
	if err != nil {
		return nil, err
	}
	return &Authentication{Limits: l, Services: [][]string{{PasswordService}}, Sleep: sleep, slots: make(chan struct{}, runtime.GOMAXPROCS(0)), dummy: dummy}, nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Credentials are what a client sends to log in. Parameters are those of
// common.db.login: password, device_cookie. Address is where it comes from.
type Credentials struct {
	Login      string
	Parameters map[string]any
	Address    netip.Addr
	Language   string // in which to ask for more
}

// Login begins a session for credentials that are right. Otherwise the error
// is of kind Login when a parameter is wanted, TooMany after too many
// failures, and Unauthorized when the password is wrong or the user unknown.
func (a *Authentication) Login(ctx context.Context, db *models.Database, c Credentials) (user int64, key string, err error) {
	user, err = a.Verify(ctx, db, c)
	if err != nil {
		return 0, "", err
	}
	err = db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		if err := a.RemoveExpired(tx, user); err != nil {
			return err
		}
		key, err = NewSession(tx, user)
		return err
	})
	return user, key, err
}

// Verify returns the user whose credentials these are; errors are those of
// Login. It returns late when the login has failed before.
func (a *Authentication) Verify(ctx context.Context, db *models.Database, c Credentials) (int64, error) {
	user, failures, err := a.verify(ctx, db, c)
	if failures > 0 {
		a.Sleep(ctx, time.Duration(rand.Int64N(1<<min(failures, 10)))*time.Second)
	}
	return user, err
}

// verify takes a slot, so that what it counts includes all but a few of the
// failures under way.
func (a *Authentication) verify(ctx context.Context, db *models.Database, c Credentials) (user, failures int64, err error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	try := attempt{login: c.Login, address: c.Address, network: a.network(c.Address)}
	known, failures, fromNetwork, err := a.prepare(ctx, db, c, &try)
	switch {
	case err != nil:
		return 0, 0, err
	case fromNetwork > a.MaxNetworkAttempts:
		return 0, 0, tooMany() // storing it would help who floods
	case failures > a.MaxAttempts:
		return 0, 0, a.failed(ctx, db, try, tooMany())
	}
	valid, rehash, err := a.ask(ctx, db, c, known)
	switch {
	case err != nil:
		return 0, failures, err
	case !valid:
		return 0, failures, a.failed(ctx, db, try, &models.Error{Kind: models.KindUnauthorized, Message: "Wrong login or password"})
	}
	return known.id, failures, a.succeeded(ctx, db, try, failures, known.id, rehash)
}

func tooMany() error {
	return &models.Error{Kind: models.KindTooMany, Message: "Too many failed logins. Try again later."}
}

// account of a login, as it is stored; id 0 if there is none.
type stored struct {
	id          int64
	hash, reset string
}

// prepare reads the user and counts failures.
func (a *Authentication) prepare(ctx context.Context, db *models.Database, c Credentials, try *attempt) (known stored, failures, network int64, err error) {
	err = db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		if cookie, _ := c.Parameters["device_cookie"].(string); cookie != "" && Device.Count(tx, Device.of(c.Login, cookie)) > 0 {
			try.cookie = cookie
		}
		failures, network = LoginAttempt.count(tx, *try, a.Timeout)
		known = User.stored(tx, c.Login)
		return nil
	})
	return known, failures, network, err
}

func (u *user) stored(tx *models.Tx, login string) stored {
	found := u.Search(tx, domain.AllOf(u.Login.Eq(login), u.Active.Eq(true), domain.C("id", domain.Greater, 0)))
	if len(found) == 0 {
		return stored{}
	}
	s := stored{id: found[0].ID(), hash: u.PasswordHash.Of(found[0])}
	if u.PasswordResetExpire.Of(found[0]).After(tx.Now()) {
		s.reset = u.PasswordReset.Of(found[0])
	}
	return s
}

// failed stores the failure and returns the reason.
func (a *Authentication) failed(ctx context.Context, db *models.Database, try attempt, reason error) error {
	err := db.Transact(context.WithoutCancel(ctx), models.Request{}, func(tx *models.Tx) error {
		return LoginAttempt.add(tx, try, a.Timeout)
	})
	if err != nil {
		return fmt.Errorf("store a failed login: %w", err)
	}
	return reason
}

// succeeded forgets the failures and stores the password in today's form.
func (a *Authentication) succeeded(ctx context.Context, db *models.Database, try attempt, failures, user int64, rehash string) error {
	if failures == 0 && rehash == "" {
		return nil
	}
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		if rehash != "" {
			if err := User.Write(tx, User.Browse(tx, user), User.PasswordHash.To(rehash)); err != nil {
				return err
			}
		}
		return LoginAttempt.remove(tx, try)
	})
}

// network is the network of an address as failures are counted by.
func (a *Authentication) network(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	address = address.Unmap()
	bits := a.IPv4Bits
	if address.Is6() {
		bits = a.IPv6Bits
	}
	prefix, err := address.WithZone("").Prefix(bits)
	if err != nil {
		return address.String()
	}
	return prefix.String()
}
