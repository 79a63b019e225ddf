package rpc

import (
	"net/http"

	"paytond/models"
	"paytond/models/res"
)

// common is the service for what needs no session, or is about one.
type common struct{ *Server }

// Version answers common.server.version.
func (s *common) Version(_ *http.Request, _ *Call, reply *Reply) error {
	return reply.set(s.config.Version)
}

// List answers common.db.list.
func (s *common) List(r *http.Request, _ *Call, reply *Reply) (err error) {
	defer recoverCall(&err)
	names, err := s.config.Databases.List(r.Context())
	if err != nil {
		return err
	}
	return reply.set(names)
}

// Login answers common.db.login(login, parameters, language).
func (s *common) Login(r *http.Request, call *Call, reply *Reply) (err error) {
	defer recoverCall(&err)
	x := exchangeOf(r)
	switch {
	case models.IsKind(x.dbErr, models.KindNotFound):
		return &refusal{status: http.StatusNotFound}
	case x.dbErr != nil:
		return x.dbErr
	}
	args := models.NewArgs(call.Params...)
	c := res.Credentials{Login: args.Text(0), Parameters: args.Map(1), Address: x.address}
	if args.Err() != nil {
		return args.Err()
	}
	c.Language, _ = args.Any(2).(string)
	user, key, err := s.config.Authentication.Login(r.Context(), x.db, c)
	if err != nil {
		return err
	}
	x.caller.user = user
	return reply.set([]any{user, key})
}

// Logout answers common.db.logout.
func (s *common) Logout(r *http.Request, _ *Call, reply *Reply) (err error) {
	defer recoverCall(&err)
	x := exchangeOf(r)
	if err := x.require(r); err != nil {
		return err
	}
	err = x.db.Transact(r.Context(), models.Request{}, func(tx *models.Tx) error {
		_, err := res.RemoveSession(tx, x.caller.user, x.caller.key)
		return err
	})
	if err != nil {
		return err
	}
	return reply.set(nil)
}

// system is the service that tells which methods there are.
type system struct{ *Server }

// ListMethods answers system.listMethods.
func (s *system) ListMethods(r *http.Request, _ *Call, reply *Reply) error {
	x := exchangeOf(r)
	if err := x.require(r); err != nil {
		return err
	}
	return reply.set(x.db.Registry.MethodNames())
}

// MethodHelp answers system.methodHelp(name).
func (s *system) MethodHelp(r *http.Request, call *Call, reply *Reply) error {
	x := exchangeOf(r)
	if err := x.require(r); err != nil {
		return err
	}
	args := models.NewArgs(call.Params...)
	name := args.Text(0)
	if args.Err() != nil {
		return args.Err()
	}
	m, err := method(x.db.Registry, name)
	if err != nil {
		return err
	}
	return reply.set(m.Help)
}

// MethodSignature answers system.methodSignature: there are none.
func (s *system) MethodSignature(_ *http.Request, _ *Call, reply *Reply) error {
	return reply.set("signatures not supported")
}

// unknown is the service for all other names.
type unknown struct{}

// Call says that there is no such method, to those who may know.
func (unknown) Call(r *http.Request, call *Call, _ *Reply) error {
	x := exchangeOf(r)
	if x.database != "" {
		if err := x.require(r); err != nil {
			return err
		}
	}
	return models.NotFoundError("'%s'", call.Name)
}
