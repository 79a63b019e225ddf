package rpc

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/rpc/v2"

	"paytond/models"
	"paytond/models/value"
)

// Call is what a service gets: the method's full name and the parameters.
type Call struct {
	Name   string
	Params []any
	raw    json.RawMessage
}

// params decodes the parameters anew, for another attempt: the first may have
// changed what it was given.
func (c *Call) params() ([]any, error) { return decodeParams(c.raw) }

// Reply is what a service answers: the result in its wire form, and for how
// long clients may keep it.
type Reply struct {
	result []byte
	cache  time.Duration
}

func (r *Reply) set(v any) (err error) {
	r.result, err = value.Append(r.result[:0], v)
	if err == nil && len(r.result) > maxReply {
		return models.BadRequest("The answer is too large (%d bytes): ask for less at a time.", len(r.result))
	}
	return err
}

// codec is our protocol behind gorilla/rpc.
type codec struct{}

// NewRequest reads the request. What is wrong with it is told later, by Method.
func (codec) NewRequest(r *http.Request) rpc.CodecRequest {
	q := &request{exchange: exchangeOf(r), began: time.Now(), id: json.RawMessage("null")}
	q.err = q.read(r)
	return q
}

// request is one call in its wire form.
type request struct {
	*exchange
	began time.Time
	id    json.RawMessage
	call  Call
	err   error
}

var errEnvelope = &refusal{status: http.StatusBadRequest,
	text: `The body must be a JSON object with exactly the keys "id", "method" and "params".`}

func (q *request) read(r *http.Request) error {
	body, err := q.body(r)
	if err != nil {
		return err
	}
	var envelope map[string]json.RawMessage
	if json.Unmarshal(body, &envelope) != nil || len(envelope) != 3 ||
		envelope["id"] == nil || envelope["method"] == nil || envelope["params"] == nil {
		return errEnvelope
	}
	q.id, q.call.raw = envelope["id"], envelope["params"]
	if err := json.Unmarshal(envelope["method"], &q.call.Name); err != nil || q.call.Name == "" {
		return errEnvelope
	}
	q.name = q.call.Name
	q.call.Params, err = decodeParams(q.call.raw)
	return err
}

func decodeParams(raw json.RawMessage) ([]any, error) {
	v, err := value.Decode(raw)
	if err != nil {
		return nil, models.BadRequest("%s", err)
	}
	params, ok := v.([]any)
	if !ok {
		return nil, errEnvelope
	}
	return params, nil
}

// Method names the service for the method: gorilla's names have two parts.
func (q *request) Method() (string, error) {
	if q.err != nil {
		return "", q.err
	}
	return q.service(), nil
}

func (q *request) service() string {
	if q.database == "" {
		switch q.found = true; q.name {
		case "common.server.version":
			return "common.Version"
		case "common.db.list":
			return "common.List"
		}
		q.found = false
		return "unknown.Call"
	}
	q.found = true
	switch q.name {
	case "common.db.login":
		return "common.Login"
	case "common.db.logout":
		return "common.Logout"
	case "system.listMethods":
		return "system.ListMethods"
	case "system.methodHelp":
		return "system.MethodHelp"
	case "system.methodSignature":
		return "system.MethodSignature"
	}
	q.found = false
	switch kind, _, _ := strings.Cut(q.name, "."); kind {
	case "model", "wizard", "report":
		return kind + ".Call"
	}
	return "unknown.Call"
}

// ReadRequest gives the service the call.
func (q *request) ReadRequest(args any) error {
	call, ok := args.(*Call)
	if !ok {
		return errors.New("rpc: a service does not take a Call")
	}
	*call = q.call
	return nil
}

// WriteResponse sends a result.
func (q *request) WriteResponse(w http.ResponseWriter, v any) {
	reply := v.(*Reply)
	if reply.cache > 0 {
		w.Header().Set("X-Tryton-Cache", strconv.Itoa(int(reply.cache.Seconds())))
	}
	body := make([]byte, 0, len(q.id)+len(reply.result)+20)
	body = append(append(append(body, `{"id":`...), q.id...), `,"result":`...)
	body = append(append(body, reply.result...), '}')
	q.send(w, body)
	q.record(http.StatusOK, nil, outcome{})
}

func (q *request) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body) // a client that is gone needs no answer
}

// WriteError sends an error; the status that gorilla suggests means nothing here.
func (q *request) WriteError(w http.ResponseWriter, _ int, err error) {
	o := q.outcome(err)
	status := http.StatusOK
	if o.refused != nil {
		status = o.refused.status
		o.refused.write(w)
	} else {
		q.send(w, appendError(nil, q.id, o.elements))
	}
	q.record(status, err, o)
}

// record logs the call: never its parameters, and an error's text only where
// it is unexpected.
func (q *request) record(status int, err error, o outcome) {
	q.report(time.Since(q.began), status, err, o)
}

// report logs the call and tells the observer.
func (x *exchange) report(took time.Duration, status int, err error, o outcome) {
	name := x.name
	if len(name) > longestName {
		name = name[:longestName] + "…"
	}
	log := x.server.config.Log.With("method", name, "database", x.database, "user", x.caller.user,
		"address", x.address, "status", status, "duration", took)
	seen := Observation{Method: "unknown", Status: status, Outcome: o.name, Duration: took}
	if x.found {
		seen.Method = x.name
	}
	switch {
	case o.reference != "":
		log.ErrorContext(x.ctx, "call failed", "reference", o.reference, "error", err, "stack", detail(err))
	case o.unavailable:
		log.WarnContext(x.ctx, "call refused", "reason", o.name, "error", err)
	case err != nil:
		log.InfoContext(x.ctx, "call refused", "reason", o.name)
	default:
		log.InfoContext(x.ctx, "call")
		seen.Outcome = "ok"
	}
	x.server.config.Observe(seen)
}

// longestName is how much of a method's name is logged: those that there are, are shorter.
const longestName = 200

// newReference is what a user tells an administrator to find an error in the log.
func newReference() string { return rand.Text()[:10] }
