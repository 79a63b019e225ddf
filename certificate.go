package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is the one of [ssl], read again when its files have changed: certificates are renewed every few weeks, while the server runs.
type certificate struct {
	file, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	of     [2]time.Time // when the files were written that it was read from, or that cannot be used
}

// newCertificate reads the files; an error is one of the configuration.
func newCertificate(file, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{file: file, key: key, log: log}
	written, err := c.written()
	if err != nil {
		return nil, fmt.Errorf("[ssl]: %w", err)
	}
	return c, c.load(written)
}

func (c *certificate) written() (times [2]time.Time, err error) {
	for i, path := range []string{c.file, c.key} {
		info, statErr := os.Stat(path)
		if statErr != nil {
			err = errors.Join(err, statErr)
			continue
		}
		times[i] = info.ModTime()
	}
	return times, err
}

func (c *certificate) load(written [2]time.Time) error {
	c.of = written
	pair, err := tls.LoadX509KeyPair(c.file, c.key)
	if err != nil {
		return fmt.Errorf("[ssl] certificate %s and privatekey %s: %w", c.file, c.key, err)
	}
	c.loaded = &pair
	return nil
}

// get is for tls.Config. While the files cannot be used, as in the middle of their renewal, what was read before is.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	written, err := c.written()
	if err != nil || written == c.of {
		return c.loaded, nil
	}
	if err := c.load(written); err != nil {
		c.log.Warn("the new certificate cannot be used", slog.Any("error", err))
	} else {
		c.log.Info("a new certificate is used")
	}
	return c.loaded, nil
}
