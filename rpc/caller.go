package rpc

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"paytond/models"
	"paytond/models/res"
)

// caller is who calls; the zero caller is nobody that is known.
type caller struct {
	user    int64
	key     string // of the session; "" for a login and password
	session res.Session
}

func (c caller) known() bool { return c.user > 0 }

// identify finds out who calls from the Authorization header. Nobody is no
// error; one is returned where the server may not or cannot decide.
func (s *Server) identify(r *http.Request, db *models.Database) (caller, error) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || !utf8.Valid(decoded) || bytes.IndexByte(decoded, 0) >= 0 { // no database holds such a text
		return caller{}, nil
	}
	switch strings.ToLower(scheme) {
	case "session":
		return s.bySession(r, db, string(decoded))
	case "basic":
		return s.byPassword(r, db, string(decoded))
	}
	return caller{}, nil
}

// sessionScheme tells who shows the key of a session, of whatever worth.
func sessionScheme(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "session")
}

// bySession reads login:user id:key; a login may have colons.
func (s *Server) bySession(r *http.Request, db *models.Database, text string) (caller, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 3 {
		return caller{}, nil
	}
	user, err := strconv.ParseInt(parts[len(parts)-2], 10, 64)
	c := caller{user: user, key: parts[len(parts)-1]}
	if err != nil || user <= 0 || c.key == "" {
		return caller{}, nil
	}
	err = db.Transact(r.Context(), models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		c.session, err = s.config.Authentication.CheckSession(tx, user, c.key)
		return err
	})
	if err != nil || !c.session.Valid {
		return caller{}, err
	}
	return c, nil
}

func (s *Server) byPassword(r *http.Request, db *models.Database, text string) (caller, error) {
	login, password, ok := strings.Cut(text, ":")
	if !ok {
		return caller{}, nil
	}
	user, err := s.config.Authentication.Verify(r.Context(), db, res.Credentials{
		Login: login, Parameters: map[string]any{"password": password}, Address: s.address(r)})
	if models.IsKind(err, models.KindUnauthorized) {
		return caller{}, nil
	}
	return caller{user: user}, err
}

// require refuses a call of nobody that is known. The browser is asked for a
// password only where no program of ours would see the answer.
func (x *exchange) require(r *http.Request) error {
	switch {
	case x.dbErr != nil:
		return x.dbErr
	case x.callErr != nil:
		return x.callErr
	case x.caller.known():
		return nil
	}
	refused := &refusal{status: http.StatusUnauthorized, text: "-"}
	if r.Header.Get("X-Requested-With") != "XMLHttpRequest" {
		refused.header = http.Header{"Www-Authenticate": {`Basic realm="Tryton"`}}
	}
	return refused
}

// requireFresh ends a session that is not fresh enough for a method: the
// client has the user log in again.
func (x *exchange) requireFresh(r *http.Request) error {
	if x.caller.key == "" || x.caller.session.Fresh {
		return nil
	}
	err := x.db.Transact(r.Context(), models.Request{}, func(tx *models.Tx) error {
		_, err := res.RemoveSession(tx, x.caller.user, x.caller.key)
		return err
	})
	if err != nil {
		return err
	}
	return &refusal{status: http.StatusUnauthorized}
}

// renew keeps the session fresh after a successful call. That it fails is no
// reason to fail the call.
func (x *exchange) renew(r *http.Request) {
	if !x.caller.session.Due {
		return
	}
	err := x.db.Transact(r.Context(), models.Request{}, func(tx *models.Tx) error {
		return x.server.config.Authentication.RenewSession(tx, x.caller.user, x.caller.key)
	})
	if err != nil {
		x.server.config.Log.WarnContext(r.Context(), "a session was not renewed", "database", x.database, "user", x.caller.user, "error", err)
	}
}
