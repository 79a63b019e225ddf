package rpc

import (
	"encoding/json"
	"net/http"
	"strings"

	"paytond/models"
	"paytond/models/res"
	"paytond/models/value"
)

// serveApplication answers POST and DELETE /<database>/user/application/, by
// which a program asks for a key that stands for a user without his password,
// and gives it back.
func (s *Server) serveApplication(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, page{name: "user application", within: s.config.Timeout,
		enter: func(_ *http.Request, x *exchange) error { return x.hold(x.doors.calls, 1) },
		answer: func(_ http.ResponseWriter, r *http.Request, x *exchange) (*reply, error) {
			return jsonReply(s.application(r, x))
		}})
}

// application is the key as JSON, null for one that is given back.
func (s *Server) application(r *http.Request, x *exchange) ([]byte, error) {
	body, err := x.body(r)
	if err != nil {
		return nil, err
	}
	var asked struct {
		User, Application, Key string
	}
	if json.Unmarshal(body, &asked) != nil {
		return nil, unreadable()
	}
	if x.db, err = s.config.Databases.Get(r.Context(), x.database); models.IsKind(err, models.KindNotFound) {
		return nil, &refusal{status: http.StatusNotFound}
	} else if err != nil {
		return nil, err
	}
	if r.Method == http.MethodDelete {
		c := res.Credentials{Login: asked.User, Address: x.address}
		return []byte("null"), s.config.Authentication.CancelApplication(r.Context(), x.db, c, asked.Key, asked.Application)
	}
	key, err := s.config.Authentication.RequestApplication(r.Context(), x.db, asked.User, asked.Application)
	if err != nil {
		return nil, err
	}
	return value.Encode(key)
}

// takesNullOrigin tells whether pages without an origin, such as those of a
// browser's extension, may call an address.
func takesNullOrigin(path string) bool { return strings.HasSuffix(path, "/user/application/") }
