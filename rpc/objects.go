package rpc

import (
	"maps"
	"net/http"
	"runtime/debug"
	"strings"

	"paytond/models"
)

// objects is the service for the methods of models, wizards and reports.
type objects struct{ *Server }

// Call runs a method as the caller.
func (s *objects) Call(r *http.Request, call *Call, reply *Reply) (err error) {
	defer recoverCall(&err)
	x := exchangeOf(r)
	if err := x.require(r); err != nil {
		return err
	}
	m, err := method(x.db.Registry, call.Name)
	if err != nil {
		return err
	}
	x.found = true
	if m.Fresh {
		if err := x.requireFresh(r); err != nil {
			return err
		}
	}
	if err := s.run(r, x, m, call, reply); err != nil {
		return err
	}
	if m.ReadOnly {
		reply.cache = m.Cache
	}
	x.renew(r)
	return nil
}

// method finds "model.account.payment.approve" and the like.
func method(registry *models.Registry, name string) (*models.Method, error) {
	kind, rest, _ := strings.Cut(name, ".")
	i := strings.LastIndexByte(rest, '.')
	if i < 0 {
		return nil, models.NotFoundError("'%s'", rest)
	}
	return registry.Method(kind, rest[:i], rest[i+1:])
}

// run calls the method in one transaction, in which the result is encoded too.
func (s *objects) run(r *http.Request, x *exchange, m *models.Method, call *Call, reply *Reply) error {
	args, context, err := splitContext(call.Params)
	if err != nil {
		return err
	}
	context["_base_url"] = s.baseURL(r)
	request := models.Request{User: x.caller.user, Context: context, ReadOnly: m.ReadOnly, Check: true}
	m.Prepare(r.Context(), x.db, request, args)
	again := false
	return x.db.Transact(r.Context(), request, func(tx *models.Tx) error {
		if again {
			params, err := call.params()
			if err != nil {
				return err
			}
			args = params[:len(args)]
		}
		again = true
		result, err := m.Do(tx, models.NewArgs(args...))
		if err != nil {
			return err
		}
		return reply.set(result)
	})
}

// splitContext parts the context, the last parameter, from the arguments.
func splitContext(params []any) (args []any, context map[string]any, err error) {
	if n := len(params); n > 0 {
		if last, ok := params[n-1].(map[string]any); ok {
			return params[:n-1], clientContext(last), nil
		}
	}
	return nil, nil, models.BadRequest("Missing context argument")
}

// clientContext is what counts of a context that a client sends: names that
// begin with _ are the server's own, but for the revision to read and the
// times of the last changes that the client knows of.
func clientContext(sent map[string]any) map[string]any {
	context := maps.Clone(sent)
	maps.DeleteFunc(context, func(name string, v any) bool {
		switch name {
		case "_datetime":
			return v == nil || v == ""
		case "_timestamp":
			_, ok := v.(map[string]any)
			return !ok
		}
		return strings.HasPrefix(name, "_")
	})
	return context
}

// recoverCall turns a panic of business code into an error; the transaction
// was rolled back on its way.
func recoverCall(err *error) {
	if p := recover(); p != nil {
		*err = &panicked{value: p, stack: string(debug.Stack())}
	}
}
