package guard

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// RequestHeader is the header in which a request's id comes and goes.
const RequestHeader = "X-Request-Id"

// plainID is what an id may look like that a client sends.
var plainID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

type requestKey struct{}

// WithRequestID gives a context the id of the request for which things are done: of a client, a browser, or Stripe; "" for what nobody
// asked for.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of the request for which things are done, "" if there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// NewRequestID makes an id that no other request has.
func NewRequestID() string { return strings.ToLower(rand.Text()[:20]) }

// Handler gives every request an id, which the answer tells, and every answer the
// headers that keep browsers from doing more with it than they are meant to. A
// handler behind it may set its own instead.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestHeader)
		if !plainID.MatchString(id) {
			id = NewRequestID()
		}
		h := w.Header()
		h.Set(RequestHeader, id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-site")
		if len(r.TransferEncoding) > 0 {
			// Where such a body ends, a proxy before us may see otherwise, above all when there was a length, too: what comes
			// next on the connection may have been smuggled in.
			h.Set("Connection", "close")
		}
		next.ServeHTTP(w, r.WithContext(WithRequestID(r.Context(), id)))
	})
}

// LogHandler adds the id of the request to what is logged with its context.
func LogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := RequestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
