package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/models"
	"paytond/stripe/simulator"
)

// walk follows the trace: who is logged in, and which of our ids stand for the recorded ones.
type walk struct {
	*bench
	clerk, stranger *client
	password        string // of the clerk
	ids             map[string]map[int64]int64
	makers          map[string]func(tx *models.Tx, recorded int64) int64
	checkout        string // the address of a checkout page
	warning         string // the name of the last one
	found           found
	calls           map[string]int // of the trace, by method
}

// The peer's own names for its users. The second is in no group.
const (
	peerClerk    = "user1"
	peerStranger = "user2"
)

func newWalk(b *bench) *walk {
	w := &walk{bench: b, password: demoPassword, ids: map[string]map[int64]int64{}, found: found{}, calls: map[string]int{}}
	w.seed()
	w.clerk = b.session(demoUser, demoPassword)
	w.stranger = b.session(peerStranger, demoPassword)
	w.nameGroups()
	return w
}

// authorization is the session that a recorded call had: the clerk's, the stranger's, or one that is gone.
func (w *walk) authorization(r *recorded) string {
	switch {
	case r.Status == http.StatusUnauthorized && r.Journey != "session idle for an hour, method that needs a fresh session" &&
		!strings.HasPrefix(r.Journey, "preferences-password"):
		return sessionHeader(demoUser, "1", strings.Repeat("0", 64))
	case slices.Contains([]string{"access error model (no group)", "access error button", "read with no access"}, r.Journey):
		return w.stranger.authorization
	}
	return w.clerk.authorization
}

// prepare brings about what the peer had when a call was recorded, and no call of the trace tells.
func (w *walk) prepare(r *recorded) {
	switch {
	case strings.HasPrefix(r.Journey, "stripe-customer checkout (Stri"):
		w.sim.AddFault(simulator.Fault{Operation: "*", Kind: simulator.DropBefore})
	case r.Journey == "stripe-customer checkout (ok)":
		w.sim.ClearFaults()
	case strings.HasPrefix(r.Journey, "session idle for an hour, ordinary"):
		w.clock.advance(time.Hour)
	case r.Journey == "login attempts 7":
		for range 6 {
			w.send("POST", "/"+w.name+"/", envelope("common.db.login", peerStranger, map[string]any{"password": "wrong"}, "en"),
				"Content-Type", "application/json")
		}
	}
}

// follow does what the client did with an answer, where it matters to the calls after it.
func (w *walk) follow(r *recorded, name string, ours answer) {
	if failure, _ := ours.member("error").([]any); len(failure) == 2 && failure[0] == "UserWarning" {
		w.warning, _ = failure[1].([]any)[0].(string)
	}
	if ours.status != http.StatusOK || ours.member("error") != nil {
		return
	}
	switch name {
	case "common.db.login":
		if pair, _ := ours.member("result").([]any); len(pair) == 2 {
			w.clerk.authorization = sessionHeader(demoUser, pair[0], pair[1])
		}
	case "common.db.logout":
		w.clerk = w.session(demoUser, w.password)
	case "wizard.account.payment.stripe.checkout.execute":
		w.checkout = addressIn(ours.member("result"))
	}
}

var address = regexp.MustCompile(`http://[^ ]*/checkout/[^ \]]*`)

// addressIn finds the address of a checkout page anywhere in a result.
func addressIn(result any) string { return address.FindString(fmt.Sprint(result)) }

// params are the recorded ones with what is ours: ids, names of fields that we have, the context of our session.
func (w *walk) params(r *recorded, name string, params []any) []any {
	if name == "common.db.login" {
		return w.credentials(r, params)
	}
	kind, rest, _ := strings.Cut(name, ".")
	object, method := rest[:max(0, strings.LastIndexByte(rest, '.'))], rest[strings.LastIndexByte(rest, '.')+1:]
	mine := slices.Clone(params)
	n := len(mine)
	if n > 0 && kind != "common" {
		if context, ok := mine[n-1].(map[string]any); ok {
			mine[n-1] = w.sessionContext(r, context)
			n--
		}
	}
	c := w.class(object)
	switch {
	case kind == "wizard":
		w.wizardParams(object, method, mine[:n])
	case kind == "report":
		mine[0] = w.list("party.party", mine[0].([]any))
		mine[1] = map[string]any{"model": "party.party", "id": first(mine[0]), "ids": mine[0]}
	case w.special(name, mine[:n]):
	case c != nil:
		for i, v := range mine[:n] {
			mine[i] = w.argument(c, method, i, v)
		}
	}
	return mine
}

func (w *walk) credentials(r *recorded, params []any) []any {
	mine := slices.Clone(params)
	if mine[0] == peerClerk && r.Request.HTTP != "POST /nodb/" {
		mine[0] = demoUser
	}
	parameters := map[string]any{}
	for k, v := range mine[1].(map[string]any) {
		if k == "password" && r.Status == http.StatusOK {
			v = w.password
		}
		parameters[k] = v
	}
	mine[1] = parameters
	return mine
}

// sessionContext is a recorded context with what is ours.
func (w *walk) sessionContext(r *recorded, context map[string]any) map[string]any {
	mine := map[string]any{}
	for k, v := range context {
		mine[k] = v
		if own, ok := w.clerk.context[k]; ok {
			mine[k] = own
		}
	}
	if model, ok := context["active_model"].(string); ok {
		mine["active_id"] = w.id(model, integer(context["active_id"]))
		mine["active_ids"] = w.list(model, context["active_ids"].([]any))
	}
	if stamps, ok := context["_timestamp"].(map[string]any); ok {
		mine["_timestamp"] = w.stamps(stamps, strings.HasPrefix(r.Journey, "concurrency ("))
	}
	return mine
}

// stamps are the times of the last changes of our records; when they shall be outdated, those of the recording.
func (w *walk) stamps(recorded map[string]any, outdated bool) map[string]any {
	mine := map[string]any{}
	for key, stamp := range recorded {
		ref := w.reference(key)
		if outdated {
			mine[ref] = stamp
			continue
		}
		model, id, _ := strings.Cut(ref, ",")
		rows, _ := w.clerk.must("model."+model+".read", []any{json.Number(id)}, []string{"_timestamp"}).([]any)
		if len(rows) == 1 {
			mine[ref] = rows[0].(map[string]any)["_timestamp"]
		}
	}
	return mine
}

// argument is one argument of a method of a model.
func (w *walk) argument(c *models.Class, method string, i int, v any) any {
	switch v := v.(type) {
	case json.Number:
		if i == 0 {
			return w.id(c.Name, integer(v))
		}
	case map[string]any:
		return w.values(c, v)
	case []any:
		switch {
		case method == "import_data":
			return v
		case len(v) > 0 && isValues(v[0]):
			return w.each(v, func(v any) any { return w.values(c, v.(map[string]any)) })
		case isTexts(v) && !isIDs(v):
			return w.names(c, v)
		case isIDs(v):
			return w.list(c.Name, v)
		case i == 0:
			return w.domain(c, v)
		}
	}
	return v
}

func isValues(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

func isTexts(list []any) bool {
	for _, v := range list {
		if _, ok := v.(string); !ok {
			return false
		}
	}
	return len(list) > 0
}

func isIDs(list []any) bool {
	for _, v := range list {
		if _, err := strconv.Atoi(fmt.Sprint(v)); err != nil {
			return false
		}
	}
	return len(list) > 0
}

// each changes the elements of a list; what stands for some that were left out of the recording is dropped.
func (w *walk) each(list []any, change func(any) any) []any {
	mine := []any{}
	for _, v := range list {
		if !isCut(v) {
			mine = append(mine, change(v))
		}
	}
	return mine
}

// list are our ids for recorded ones, texts where they were.
func (w *walk) list(model string, list []any) []any {
	return w.each(list, func(v any) any {
		n, _ := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		id := w.id(model, n)
		if _, text := v.(string); text {
			return fmt.Sprint(id)
		}
		return id
	})
}

// names are those of fields, or paths of an export, that we have. What is not there is told by the test of the fields.
func (w *walk) names(c *models.Class, list []any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(v any) bool {
		name := v.(string)
		first := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '/' })
		return len(first) > 0 && name[0] != '_' && c.Field(first[0]) == nil
	})
}
