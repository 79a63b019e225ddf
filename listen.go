package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"paytond/rpc/guard"
)

// patience is how long a client may take.
type patience struct {
	head time.Duration // to send the head of a request
	body time.Duration // to send the whole of it
	send time.Duration // to take an answer, after the longest call
}

func defaultPatience() patience {
	return patience{head: 10 * time.Second, body: 2 * time.Minute, send: time.Minute}
}

// serveHTTP serves until the context ends and then lets the calls in flight
// finish, for a while.
func (a *App) serveHTTP(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: a.patience.head, ReadTimeout: a.patience.body,
		WriteTimeout: a.patience.body + a.Config.Request.Timeout + a.patience.send, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug)} // what clients do wrong below HTTP
	secure := a.Config.Web.Certificate != ""
	if secure {
		own, err := newCertificate(a.Config.Web.Certificate, a.Config.Web.PrivateKey, a.Log)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: own.get}
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(patience)
	}()
	l = guard.Listen(l, a.Config.Web.MaxConnections)
	var err error
	if secure {
		err = server.ServeTLS(l, "", "")
	} else {
		err = server.Serve(guard.Plain(l))
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-stopped; errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	} else {
		return err
	}
}

// bounded lets in so many checkout pages and webhooks at once: others wait a
// moment, and are sent away with 503 when that is not enough. Stripe sends its
// events again. One site has a share of the places only.
func bounded(proxies guard.Proxies, next http.Handler) http.Handler {
	const inside, waiting, ofSite = 64, 256, 32
	shares := guard.NewShares(ofSite)
	places := guard.NewBudget(inside, waiting, 10*time.Second)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		giveBack, err := shares.Take(proxies.Client(r))
		if err == nil {
			defer giveBack()
			giveBack, err = places.Take(r.Context(), 1)
		}
		if err != nil {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "The server has too much to do. Try again in a moment.", http.StatusServiceUnavailable)
			return
		}
		defer giveBack()
		next.ServeHTTP(w, r)
	})
}
