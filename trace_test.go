package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"paytond/models"
)

// recorded is a line of the trace: a request of a real client and what the peer answered.
type recorded struct {
	line            int
	Client, Journey string
	Request         struct {
		HTTP    string
		Body    any
		Headers map[string]string
	}
	Status          int
	ResponseHeaders map[string]string `json:"response_headers"`
	Response        any
}

func readTrace(t *testing.T) []*recorded {
	t.Helper()
	var all []*recorded
	lines := bufio.NewScanner(openRecording(t, "trace-6.0.jsonl"))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		r := &recorded{line: n}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		if err := decoder.Decode(r); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTrace makes each call of the trace again, with our own ids, and compares what is answered with what the peer
// answered: status, headers, and the shape of the body. Each difference is argued in excuses, or is a failure.
func TestTrace(t *testing.T) {
	trace, methods := readTrace(t), readTable(t, "METHODS.tsv")
	onEach(t, []string{roleRPC, roleCheckout}, func(b *bench) {
		w := newWalk(b)
		for _, r := range trace {
			w.step(r)
		}
		holdPage(b.T, methodsPage, w.walkMethods(methods))
		w.found.judge(b.T, excuses, b.db.SQL.Dialect().Name())
	})
}

// step makes one call of the trace.
func (w *walk) step(r *recorded) {
	w.prepare(r)
	method, address, _ := strings.Cut(r.Request.HTTP, " ")
	body, name := w.body(r)
	ours := w.send(method, w.address(address), body, w.headers(r)...)
	if os.Getenv("TRACE_DEBUG") != "" {
		w.Logf("%d %s %s\n   -> %s", r.line, name, body, ours)
	}
	w.compare(r, name, ours)
	w.calls[name]++
	w.learn(r, name, ours)
	w.follow(r, name, ours)
}

// headers are those of the recorded request, with our address and session.
func (w *walk) headers(r *recorded) []string {
	var pairs []string
	for name, v := range r.Request.Headers {
		switch {
		case name == "Authorization":
			v = w.authorization(r)
		case name == "Origin" && v == peerURL:
			v = w.url
		case name == "Accept-Encoding":
			continue // trytond packs no answer; that we do is tested in rpc
		}
		pairs = append(pairs, name, v)
	}
	return pairs
}

// peerURL and peerDatabase are those of the recorded server.
const (
	peerURL      = "http://localhost:8000"
	peerDatabase = "/ref"
)

func (w *walk) address(recorded string) string {
	if strings.HasPrefix(recorded, peerDatabase+"/account_payment_stripe/checkout/") {
		return strings.TrimPrefix(w.checkout, w.url)
	}
	if rest, ok := strings.CutPrefix(recorded, peerDatabase); ok && (rest == "" || rest[0] == '/') {
		return "/" + w.name + rest
	}
	return recorded
}

// body is the recorded one with our ids, and the name of the method.
func (w *walk) body(r *recorded) (body []byte, name string) {
	switch call := r.Request.Body.(type) {
	case nil:
	case string:
		body = []byte(call)
	case map[string]any:
		name, _ = call["method"].(string)
		params, isCall := call["params"].([]any)
		sent := map[string]any{}
		for k, v := range call {
			sent[k] = v
		}
		if isCall {
			sent["params"] = w.params(r, name, params)
		}
		var err error
		if body, err = json.Marshal(sent); err != nil {
			w.Fatal(err)
		}
	}
	if r.Request.Headers["Content-Encoding"] == "gzip" {
		body = zipped(body)
	}
	if name == "" {
		name = r.Request.HTTP
	}
	return body, name
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(body)
	z.Close()
	return b.Bytes()
}

// compare notes the differences of one answer.
func (w *walk) compare(r *recorded, name string, ours answer) {
	note := func(place, what string) {
		w.found.note(name, place, what, r.line)
	}
	if ours.status != r.Status {
		note("status", fmt.Sprintf("%d, not %d: %s", ours.status, r.Status, r.Journey))
	}
	w.compareHeaders(r, ours, note)
	theirs, isObject := r.Response.(map[string]any)
	mine, both := ours.decoded().(map[string]any)
	if isObject && both {
		if fmt.Sprint(theirs["id"]) != fmt.Sprint(mine["id"]) {
			note("id", fmt.Sprintf("%v, not %v", mine["id"], theirs["id"]))
		}
		s := comparison{registry: w.db.Registry, note: note, definition: func(place, what string) {
			w.found.note("definition", place, what, r.line)
		}}
		s.envelope(name, theirs, mine)
	} else if isObject != both && ours.status == r.Status {
		note("body", fmt.Sprintf("an object: %t, not %t", both, isObject))
	}
}

// compared are the headers that mean something to a client. Of Content-Type the media type counts.
var compared = []string{"Content-Type", "X-Tryton-Cache", "Access-Control-Allow-Origin", "Access-Control-Max-Age",
	"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "WWW-Authenticate", "Location", "Vary"}

func (w *walk) compareHeaders(r *recorded, ours answer, note func(place, what string)) {
	for _, name := range compared {
		theirs, mine := r.ResponseHeaders[name], strings.Join(ours.header.Values(name), ", ")
		theirs = strings.ReplaceAll(theirs, peerURL+peerDatabase, "/"+w.name)
		theirs = strings.ReplaceAll(theirs, peerURL, w.url)
		switch name {
		case "Content-Type":
			theirs, _, _ = strings.Cut(theirs, ";")
			mine, _, _ = strings.Cut(mine, ";")
		case "Vary":
			if !strings.Contains(mine, "Origin") {
				mine = ""
			} else {
				mine = "Origin"
			}
		case "Location":
			mine = strings.TrimPrefix(mine, w.url)
		}
		if mine != theirs {
			what := fmt.Sprintf("%q, not %q", mine, theirs)
			if name == "Content-Type" {
				what += fmt.Sprintf(" (status %d)", r.Status)
			}
			note("header "+name, what)
		}
	}
}

// class is that of a call's object, nil where we have none.
func (w *walk) class(name string) *models.Class { return w.db.Registry.Class(name) }
