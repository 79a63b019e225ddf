package rpc

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// body reads the whole body of a request, unpacked, within the bound for the caller.
func (x *exchange) body(r *http.Request) ([]byte, error) {
	limit := x.limit()
	switch {
	case r.ContentLength < 0:
		return nil, &refusal{status: http.StatusLengthRequired}
	case r.ContentLength > limit:
		x.readOn(r)
		return nil, &refusal{status: http.StatusRequestEntityTooLarge}
	}
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	packed := encoding == "gzip" && x.caller.known() // what strangers send is not unpacked: a small packet can hold very much
	if encoding != "" && encoding != "identity" && !packed {
		return nil, &refusal{status: http.StatusUnsupportedMediaType}
	}
	if err := x.hold(x.doors.bytes, r.ContentLength); err != nil {
		x.readOn(r)
		return nil, err
	}
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		return nil, unreadable()
	}
	if packed {
		return x.unpack(body, limit)
	}
	return body, nil
}

// limit is the largest body that the caller may send, in bytes.
func (x *exchange) limit() int64 {
	if x.caller.known() {
		return x.server.config.MaxAuthenticated
	}
	return x.server.config.MaxAnonymous
}

// readOn throws away what is still sent of a request that is refused, as far as
// the caller might send: a client that has not sent all of it would lose the
// answer with the connection.
func (x *exchange) readOn(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, x.limit()) }

func unreadable() *refusal {
	return &refusal{status: http.StatusBadRequest, text: "The body cannot be read."}
}

// unpack unpacks a body. Its end says how large it gets: that much memory is
// taken from the budget before, and not a byte more is unpacked.
func (x *exchange) unpack(packed []byte, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil || len(packed) < 4 {
		return nil, unreadable()
	}
	size := int64(binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	if size > limit { // unless it is cut short
		if n, err := io.Copy(io.Discard, io.LimitReader(z, limit+1)); err != nil || n <= limit {
			return nil, unreadable()
		}
		return nil, &refusal{status: http.StatusRequestEntityTooLarge}
	}
	if err := x.hold(x.doors.bytes, size); err != nil {
		return nil, err
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(z, body); err != nil {
		return nil, unreadable()
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || err != io.EOF { // it also checks the sum
		return nil, unreadable()
	}
	return body, nil
}

// packer compresses responses for clients that accept it.
type packer struct{ pool sync.Pool }

// writer is w, which packs what is written in one piece when that is worth it.
func (p *packer) writer(w http.ResponseWriter, r *http.Request) *packedWriter {
	return &packedWriter{ResponseWriter: w, packer: p, accepted: acceptsGzip(r.Header.Get("Accept-Encoding"))}
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(header string) bool {
	for _, item := range strings.Split(header, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		name = strings.TrimSpace(name)
		if name != "*" && !strings.EqualFold(name, "gzip") {
			continue
		}
		_, q, found := strings.Cut(strings.ReplaceAll(parameters, " ", ""), "q=")
		quality, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && quality > 0
	}
	return false
}

// packedWriter is a response that is written by one Write.
type packedWriter struct {
	http.ResponseWriter
	packer   *packer
	accepted bool
	status   int
	sent     bool
}

// WriteHeader waits for the Write that decides about the headers.
func (w *packedWriter) WriteHeader(status int) { w.status = status }

// Write sends the response.
func (w *packedWriter) Write(body []byte) (int, error) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if !w.accepted || len(body) <= compressed {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.send()
		return w.ResponseWriter.Write(body)
	}
	h.Set("Content-Encoding", "gzip")
	w.send()
	z, ok := w.packer.pool.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid one
	}
	defer w.packer.pool.Put(z)
	z.Reset(w.ResponseWriter)
	n, err := z.Write(body)
	return n, errors.Join(err, z.Close())
}

func (w *packedWriter) send() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.sent = true
	w.ResponseWriter.WriteHeader(w.status)
}

// close sends a response without a body.
func (w *packedWriter) close() {
	if !w.sent {
		w.send()
	}
}
