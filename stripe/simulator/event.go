package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/stripe"
)

// event is something that happened, with the object as it was then.
type event struct {
	ID         string       `json:"id"`
	Object     string       `json:"object"`
	APIVersion string       `json:"api_version"`
	Created    int64        `json:"created"`
	Data       eventData    `json:"data"`
	Livemode   bool         `json:"livemode"`
	Pending    int          `json:"pending_webhooks"`
	Request    eventRequest `json:"request"`
	Type       string       `json:"type"`
}

type eventData struct {
	Object map[string]any `json:"object"`
}

type eventRequest struct {
	ID  text `json:"id"`
	Key text `json:"idempotency_key"`
}

// emit writes an event and has it delivered to the endpoints that want it.
func (r *request) emit(kind string, object any) {
	e := &event{ID: newID("evt"), Object: "event", APIVersion: stripe.APIVersion, Created: r.unix(),
		Data: eventData{Object: r.account.wire(object)}, Type: kind,
		Request: eventRequest{ID: text(r.requestID), Key: text(r.idempotencyKey)}}
	r.account.Events.put(e.ID, e)
	for _, one := range r.account.Endpoints.Rows {
		if one.wants(kind) {
			e.Pending++
		}
	}
	r.sim.queue(r.account, e)
}

// eventMemory is for how long Stripe gives events out.
const eventMemory = 30 * 24 * time.Hour

// forgetEvents drops the events that are too old to be given out.
func (r *request) forgetEvents() {
	events, oldest := &r.account.Events, r.unix()-int64(eventMemory/time.Second)
	for len(events.Order) > 0 && events.Rows[events.Order[0]].Created < oldest {
		events.remove(events.Order[0])
	}
}

func (r *request) retrieveEvent() (any, *apiError) {
	r.forgetEvents()
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	e, ok := r.account.Events.get(r.id)
	if !ok {
		return nil, noSuch("event", r.id, "id")
	}
	return e, nil
}

func (r *request) listEvents() (any, *apiError) {
	r.forgetEvents()
	one := r.params.str("type")
	many := r.params.list("types")
	if one != "" && len(many) > 0 {
		r.params.fail(invalidParam("parameters_exclusive", "You may only specify one of these parameters: type, types.", "types"))
	}
	if len(many) > 20 {
		r.params.fail(invalidParam("", "You may specify up to 20 types.", "types"))
	}
	if one != "" {
		many = []string{one}
	}
	r.params.ignore("delivery_success")
	span := r.createdFilter()
	return page(r, &r.account.Events, func(e *event) bool {
		return span.holds(e.Created) && (len(many) == 0 || slices.ContainsFunc(many, func(p string) bool { return matchType(p, e.Type) }))
	})
}

// matchType compares a type with a name or a group of names: "charge.*", "*".
func matchType(pattern, kind string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(kind, prefix)
	}
	return pattern == kind
}

// span is a filter on the time of creation.
type span struct{ gt, gte, lt, lte int64 }

func (s span) holds(t int64) bool {
	return t > s.gt && t >= s.gte && (s.lt == 0 || t < s.lt) && (s.lte == 0 || t <= s.lte)
}

// createdFilter reads created, as a second or as a range.
func (r *request) createdFilter() span {
	p := r.params
	s := span{gt: -1}
	if v, ok := p.given("created"); ok {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			p.fail(invalidParam("parameter_invalid_integer", "Invalid integer: "+v, "created"))
		}
		return span{gt: -1, gte: n, lte: n}
	}
	for name, field := range map[string]*int64{"gt": &s.gt, "gte": &s.gte, "lt": &s.lt, "lte": &s.lte} {
		*field = p.integer("created["+name+"]", *field)
	}
	return s
}

// page answers with one page of a table, newest first, as limit, starting_after and ending_before say.
func page[T any](r *request, t *table[T], keep func(T) bool) (any, *apiError) {
	p := r.params
	limit := p.integer("limit", 10)
	after, before := p.str("starting_after"), p.str("ending_before")
	switch {
	case limit < 1 || limit > 100:
		p.fail(invalidParam("parameter_invalid_integer", "This value must be between 1 and 100.", "limit"))
	case after != "" && before != "":
		p.fail(invalidParam("parameters_exclusive", "You may only specify one of these parameters: starting_after, ending_before.", ""))
	}
	if e := p.finish(); e != nil {
		return nil, e
	}
	ids := t.idsNewestFirst()
	from, to, e := window(ids, after, before)
	if e != nil {
		return nil, e
	}
	var rows []any
	for _, id := range ids[from:to] {
		if row := t.Rows[id]; keep == nil || keep(row) {
			rows = append(rows, row)
		}
	}
	out := list{Object: "list", Data: []any{}, URL: r.path}
	out.HasMore = int64(len(rows)) > limit
	if out.HasMore && before != "" {
		rows = rows[int64(len(rows))-limit:] // the page that ends just before the cursor
	} else if out.HasMore {
		rows = rows[:limit]
	}
	for _, row := range rows {
		out.Data = append(out.Data, r.account.wire(row))
	}
	return out, nil
}

func (t *table[T]) idsNewestFirst() []string {
	ids := slices.Clone(t.Order)
	slices.Reverse(ids)
	return ids
}

// window finds the part of ids that lies after one cursor or before another.
func window(ids []string, after, before string) (from, to int, e *apiError) {
	to = len(ids)
	if after != "" {
		i := slices.Index(ids, after)
		if i < 0 {
			return 0, 0, noSuch("object", after, "starting_after")
		}
		from = i + 1
	}
	if before != "" {
		i := slices.Index(ids, before)
		if i < 0 {
			return 0, 0, noSuch("object", before, "ending_before")
		}
		to = i
	}
	return from, to, nil
}
