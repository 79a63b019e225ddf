package rpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"paytond/models"
	"paytond/models/value"
)

// refusal is an error that is told by an HTTP status and not in the envelope.
type refusal struct {
	status int
	text   string // of the body; by default the status in words, "-" for none
	header http.Header
}

// Error names the status.
func (e *refusal) Error() string { return http.StatusText(e.status) }

func (e *refusal) write(w http.ResponseWriter) {
	for name, values := range e.header {
		w.Header()[name] = values
	}
	switch e.text {
	case "-":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(e.status)
	case "":
		http.Error(w, http.StatusText(e.status), e.status)
	default:
		http.Error(w, e.text, e.status)
	}
}

// envelopes are the kinds of errors that a client finds in the envelope, with
// status 200, and the elements of their array.
var envelopes = map[models.Kind]struct {
	name string // for the log
	form func(e *models.Error) []any
}{
	models.KindUser: {"user error", func(e *models.Error) []any {
		return []any{"UserError", []any{e.Message, e.Description, e.Detail}}
	}},
	models.KindWarning: {"warning", func(e *models.Error) []any {
		return []any{"UserWarning", []any{e.Name, e.Message, e.Description}}
	}},
	models.KindConcurrency: {"concurrency", func(e *models.Error) []any {
		return []any{"ConcurrencyException", e.Message}
	}},
	models.KindLogin: {"login parameter", func(e *models.Error) []any {
		return []any{"LoginException", []any{e.Name, e.Message, e.Description}}
	}},
	models.KindNotFound:    {"not found", plain},
	models.KindBadRequest:  {"bad request", plain},
	models.KindUnavailable: {"unavailable", plain},
}

func plain(e *models.Error) []any { return []any{e.Message, ""} }

// refusals are the kinds of errors that a client finds as an HTTP status.
var refusals = map[models.Kind]int{
	models.KindUnauthorized: http.StatusUnauthorized,
	models.KindForbidden:    http.StatusForbidden,
	models.KindTooMany:      http.StatusTooManyRequests,
}

// outcome is how an error travels: refused by a status, or as elements of the
// envelope. Name is what the log calls it; an unexpected error has a reference
// as well, under which it is to be logged in full.
type outcome struct {
	refused   *refusal
	elements  []any
	name      string
	reference string
	// unavailable: something that the server needs does not work, which whoever runs it should know
	unavailable bool
}

func (x *exchange) outcome(err error) outcome {
	if r, ok := errors.AsType[*refusal](err); ok {
		return outcome{refused: r, name: r.Error()}
	}
	if e, ok := errors.AsType[*models.Error](err); ok {
		if status, ok := refusals[e.Kind]; ok {
			return outcome{refused: x.refuse(status), name: http.StatusText(status)}
		}
		if envelope, ok := envelopes[e.Kind]; ok {
			return outcome{elements: envelope.form(e), name: envelope.name}
		}
	}
	switch {
	case models.InDoubt(err):
		return outcome{elements: []any{"The database was lost while it saved: look whether it has before you try again.", ""},
			name: "in doubt", unavailable: true}
	case errors.Is(err, context.Canceled):
		return outcome{elements: []any{"The request was cancelled", ""}, name: "cancelled"}
	case errors.Is(err, context.DeadlineExceeded):
		return outcome{elements: []any{"The request took too long. Nothing was saved.", ""}, name: "timeout", unavailable: true}
	case models.ErrorKind(err) == models.KindUnavailable:
		return outcome{elements: []any{"The database does not answer at the moment. Nothing was saved. Try again later.", ""},
			name: "database unavailable", unavailable: true}
	}
	o := outcome{name: "internal", reference: newReference()}
	o.elements = []any{"Internal server error (reference " + o.reference + ")", ""}
	if x.server.config.DevMode {
		o.elements = []any{err.Error(), detail(err)}
	}
	return o
}

// refuseEarly answers a call that was not let in: of its body nothing is kept.
func (x *exchange) refuseEarly(w http.ResponseWriter, r *http.Request, err error) {
	x.readOn(r)
	o := x.outcome(err)
	refused := o.refused
	if refused == nil { // the client has gone, or waited for the whole of a call's time
		refused = overloaded()
	}
	w.Header().Set("Connection", "close")
	refused.write(w)
	x.report(0, refused.status, err, o)
}

func (x *exchange) refuse(status int) *refusal {
	r := &refusal{status: status}
	if status == http.StatusTooManyRequests {
		seconds := int(x.server.config.Authentication.Timeout.Seconds())
		r.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return r
}

// panicked is a panic in a call, as an error.
type panicked struct {
	value any
	stack string
}

// Error tells what was thrown.
func (e *panicked) Error() string { return fmt.Sprint("panic: ", e.value) }

// detail is the stack of a panic, "" for another error.
func detail(err error) string {
	if p, ok := errors.AsType[*panicked](err); ok {
		return p.stack
	}
	return ""
}

// appendError adds the envelope of an error.
func appendError(dst []byte, id []byte, elements []any) []byte {
	dst = append(append(append(dst, `{"id":`...), id...), `,"error":`...)
	end, err := value.Append(dst, elements)
	if err != nil { // a detail that cannot be written is left out
		end, _ = value.Append(dst, []any{"The error cannot be written: " + err.Error(), ""})
	}
	return append(end, '}')
}
