package rpc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"paytond/models"
	"paytond/models/res"
	"paytond/rpc/guard"
)

// Databases are the databases that a server serves.
type Databases interface {
	// List names the databases for the login window. An error of kind
	// Forbidden keeps the list secret.
	List(ctx context.Context) ([]string, error)
	// Get returns a database by its name. The error is of kind NotFound for an
	// unknown one.
	Get(ctx context.Context, name string) (*models.Database, error)
}

// Config is what a server is made of. Databases, Authentication and Log are
// needed; the rest has defaults.
type Config struct {
	Databases      Databases
	Authentication *res.Authentication
	Log            *slog.Logger
	// Version is what clients compare with their own: "6.0.x".
	Version string
	// Root is the directory of the web client's files, "" to serve none.
	Root string
	// Origins are those of other hosts from which pages may call.
	Origins []string
	// Proxies are those before the server that are trusted to tell the address
	// of the client, the host and the scheme.
	Proxies guard.Proxies
	// MaxAnonymous and MaxAuthenticated bound the body of a request in bytes,
	// unpacked: 2 MiB and 64 MiB by default.
	MaxAnonymous, MaxAuthenticated int64
	// MaxCalls is how many calls of users are served at once, 64 by default;
	// four times as many wait for a few seconds before the next is refused with
	// 503. MaxHeld bounds the bytes of all bodies of users that are held at once,
	// unpacked: twice MaxAuthenticated by default.
	MaxCalls int
	MaxHeld  int64
	// Timeout ends a call that takes longer: 5 minutes by default.
	Timeout time.Duration
	Bus     Bus
	// Observe is told of every call after it was answered; nil for nobody.
	Observe func(Observation)
	// DevMode shows clients the text and stack of unexpected errors.
	DevMode bool
}

// Observation is what became of one call.
type Observation struct {
	// Method is the full name of one that there is, "unknown" for any other.
	Method string
	// Status is the one of HTTP.
	Status int
	// Outcome is "ok", or the kind of error in a few words.
	Outcome  string
	Duration time.Duration
}

const (
	mebibyte   = 1 << 20
	compressed = 1400 // from so many bytes on a response is worth packing
	// maxReply bounds a result in its wire form. What is larger would keep a
	// client busy for minutes and the server's memory with it.
	maxReply = 256 * mebibyte
)

// Strangers have a house of their own, so that they cannot keep users waiting.
// Those whose login failed stay inside for some seconds without doing anything:
// hence so many. Those of one site do not get all places.
const (
	strangers       = 512
	strangersOfSite = 128
	strangersHeld   = 32 * mebibyte
	patience        = 10 * time.Second
	retryOverloaded = 5 * time.Second
)

// doors are what callers of one kind share.
type doors struct{ calls, bytes *guard.Budget }

func newDoors(calls, waiting int, bytes int64) doors {
	return doors{guard.NewBudget(int64(calls), waiting, patience), guard.NewBudget(bytes, calls, patience)}
}

func (c *Config) complete() error {
	if c.Databases == nil || c.Authentication == nil || c.Log == nil {
		return errors.New("rpc: databases, authentication and log are needed")
	}
	if c.MaxAnonymous == 0 {
		c.MaxAnonymous = 2 * mebibyte
	}
	if c.MaxAuthenticated == 0 {
		c.MaxAuthenticated = 64 * mebibyte
	}
	if c.MaxCalls == 0 {
		c.MaxCalls = 64
	}
	if c.MaxHeld == 0 {
		c.MaxHeld = 2 * c.MaxAuthenticated
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Minute
	}
	if c.Bus.Wait == 0 {
		c.Bus.Wait = 5 * time.Minute
	}
	if c.Bus.Keep == 0 {
		c.Bus.Keep = 5 * time.Second
	}
	if c.Observe == nil {
		c.Observe = func(Observation) {}
	}
	return nil
}
