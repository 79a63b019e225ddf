package rpc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"paytond/models"
)

// page is a kind of request that is no call: it has no envelope, and its errors are statuses.
type page struct {
	name   string        // in the log
	within time.Duration // of which the answer is given up, 0 for never
	enter  func(r *http.Request, x *exchange) error
	answer func(w http.ResponseWriter, r *http.Request, x *exchange) (*reply, error)
}

// reply is what a page answers.
type reply struct {
	kind string // of its content
	file string // its name, "" for what is no file
	body []byte
}

func jsonReply(body []byte, err error) (*reply, error) {
	return &reply{kind: "application/json", body: body}, err
}

// serve answers a request for a page.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, p page) {
	ctx := r.Context()
	if p.within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.within)
		defer cancel()
		r = r.WithContext(ctx)
	}
	began := time.Now()
	x := &exchange{server: s, database: r.PathValue("database"), address: s.address(r), ctx: ctx, name: p.name, found: true, doors: s.guests}
	defer x.leave()
	if err := p.enter(r, x); err != nil {
		x.refuseEarly(w, r, err)
		return
	}
	answer, err := p.answer(w, r, x)
	if err != nil {
		o := x.outcome(err)
		refused := o.refused
		if refused == nil {
			refused = pageRefusal(err, o)
		}
		refused.write(w)
		x.report(time.Since(began), refused.status, err, o)
		return
	}
	s.reply(w, r, answer)
	x.report(time.Since(began), http.StatusOK, nil, outcome{})
}

func (s *Server) reply(w http.ResponseWriter, r *http.Request, answer *reply) {
	out := s.pack.writer(w, r)
	defer out.close()
	h := w.Header()
	h.Set("Content-Type", answer.kind)
	if answer.file != "" {
		h.Set("Content-Disposition", `attachment; filename="`+answer.file+`"`)
	}
	h.Set("Cache-Control", "no-store")
	out.Write(answer.body)
}

// pageRefusal is the answer to a request that is no call, where a call would
// have an envelope with the error.
func pageRefusal(err error, o outcome) *refusal {
	status := http.StatusInternalServerError
	switch {
	case o.unavailable, errors.Is(err, context.Canceled):
		status = http.StatusServiceUnavailable
	case models.IsKind(err, models.KindUser), models.IsKind(err, models.KindNotFound), models.IsKind(err, models.KindBadRequest):
		status = http.StatusBadRequest
	}
	text := fmt.Sprint(o.elements[0])
	if detail, ok := o.elements[1].([]any); ok && len(detail) > 0 {
		text = fmt.Sprint(detail[0])
	}
	return &refusal{status: status, text: text}
}
