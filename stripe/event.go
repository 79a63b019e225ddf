package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// Event is something that happened at Stripe. Events may come twice, late and out of order.
type Event struct {
	ID         string
	Type       string // such as "charge.refunded"
	Created    time.Time
	APIVersion string
	Livemode   bool
	Account    string // the connected account it belongs to; "" for the account itself
	RequestID  string // the call that caused it; "" when Stripe did by itself
	ObjectID   string
	ObjectType string          // such as "payment_intent"
	Object     json.RawMessage // as it was at Created; read it with DecodePaymentIntent, DecodeCharge, …
}

// ParseEvent reads an event's JSON of any API version, without looking at any signature.
func ParseEvent(payload []byte) (*Event, error) {
	var w struct {
		ID         string
		Object     string
		Type       string
		Created    unixTime
		APIVersion string `json:"api_version"`
		Livemode   bool
		Account    string
		Request    ref // before 2017-05-25 a bare id
		Data       struct {
			Object json.RawMessage
		}
	}
	if err := json.Unmarshal(payload, &w); err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	if w.ID == "" || w.Type == "" || (w.Object != "" && w.Object != "event") {
		return nil, errors.New("read an event: it is none")
	}
	var o struct{ ID, Object string }
	if err := json.Unmarshal(w.Data.Object, &o); err != nil {
		return nil, fmt.Errorf("read the object of event %s: %w", w.ID, err)
	}
	return &Event{ID: w.ID, Type: w.Type, Created: w.Created.Time, APIVersion: w.APIVersion, Livemode: w.Livemode,
		Account: w.Account, RequestID: w.Request.ID, ObjectID: o.ID, ObjectType: o.Object, Object: w.Data.Object}, nil
}

// Customer is the id of the customer to whom the event's object belongs; "" for none, and for what belongs to nobody.
func (e *Event) Customer() string {
	var w struct{ Customer ref }
	_ = json.Unmarshal(e.Object, &w) // what is no object has none
	return w.Customer.ID
}

// EventQuery says which events to list.
type EventQuery struct {
	After string    // id of the last event seen; "" for none. Stripe forgets events after 30 days, then it is a resource_missing error
	Since time.Time // created at or after; zero for any
	Types []string  // at most 20; empty for all
	Max   int       // at most this many, the oldest ones; 0 means maxListed
}

// RetrieveEvent reads an event as Stripe has it. One that Stripe does not have, or not any more, is a resource_missing error.
func (a *Account) RetrieveEvent(ctx context.Context, id string) (*Event, error) {
	params := &stripego.EventParams{}
	return send(ctx, a, request{operation: "event.retrieve", ids: []string{id}}, &params.Params, func() (*answer, error) {
		e, err := a.api.Events.Get(id, params)
		if err != nil {
			return nil, err
		}
		return e.LastResponse, nil
	}, ParseEvent)
}

// ListEvents lists events, oldest first, so that applying them in order and remembering the last one is enough to continue.
func (a *Account) ListEvents(ctx context.Context, q EventQuery) ([]*Event, error) {
	if q.Max <= 0 || q.Max > maxListed {
		q.Max = maxListed
	}
	var events []*Event
	if q.After == "" {
		oldest, more, err := a.oldestEvents(ctx, q)
		if err != nil || !more || len(oldest) >= q.Max {
			return oldest[:min(len(oldest), q.Max)], err
		}
		events, q.After = oldest, oldest[len(oldest)-1].ID
	}
	for len(events) < q.Max {
		params := q.params()
		params.EndingBefore = stripego.String(q.After)
		page, err := a.eventPage(ctx, params)
		if err != nil {
			return nil, err
		}
		slices.Reverse(page.events) // each page is newest first, pages go forward in time
		events = append(events, page.events...)
		if !page.more || len(page.events) == 0 {
			break
		}
		q.After = page.events[len(page.events)-1].ID
	}
	return events[:min(len(events), q.Max)], nil
}

// eventMemory is more than Stripe remembers events for.
const eventMemory = 40 * 24 * time.Hour

// oldestEvents gives some of the oldest events, for who has no event to start from, and whether there are newer ones. Stripe lists the
// newest first, so the time of the oldest is searched for by halves: however many there are, that is a few dozen calls.
func (a *Account) oldestEvents(ctx context.Context, q EventQuery) (events []*Event, more bool, err error) {
	page, err := a.eventPage(ctx, q.params())
	if err != nil {
		return nil, false, err
	}
	if slices.Reverse(page.events); !page.more || len(page.events) == 0 {
		return page.events, false, nil
	}
	from, to := q.Since, page.events[0].Created
	if from.IsZero() {
		from = to.Add(-eventMemory)
	}
	for from.Before(to) {
		half := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		page, err := a.eventPage(ctx, q.between(from, half))
		switch {
		case err != nil:
			return nil, false, err
		case page.more:
			to = half
		case len(page.events) == 0:
			from = half.Add(time.Second)
		default:
			slices.Reverse(page.events)
			return page.events, true, nil
		}
	}
	events, err = a.eventsBetween(ctx, q, to)
	return events, true, err
}

// eventsBetween reads all events up to a time; there are none before that second.
func (a *Account) eventsBetween(ctx context.Context, q EventQuery, until time.Time) ([]*Event, error) {
	var events []*Event
	for params := q.between(q.Since, until); ; {
		page, err := a.eventPage(ctx, params)
		if err != nil {
			return nil, err
		}
		events = append(events, page.events...)
		if !page.more || len(page.events) == 0 {
			slices.Reverse(events)
			return events, nil
		}
		params.StartingAfter = stripego.String(page.events[len(page.events)-1].ID)
	}
}

// between are the parameters for the events of a time, both ends included.
func (q EventQuery) between(from, to time.Time) *stripego.EventListParams {
	params := q.params()
	params.CreatedRange = createdRange(from, to)
	return params
}

func (q EventQuery) params() *stripego.EventListParams {
	params := &stripego.EventListParams{Types: optionalSlice(q.Types), CreatedRange: createdRange(q.Since, time.Time{})}
	params.Limit = stripego.Int64(pageSize)
	params.Single = true
	return params
}

type eventPage struct {
	events []*Event
	more   bool
}

func (a *Account) eventPage(ctx context.Context, params *stripego.EventListParams) (eventPage, error) {
	carrier := &stripego.Params{}
	return send(ctx, a, request{operation: "event.list"}, carrier, func() (*answer, error) {
		params.Context = carrier.Context
		it := a.api.Events.List(params)
		return it.EventList().LastResponse, it.Err()
	}, decodeEventPage)
}

func decodeEventPage(raw []byte) (eventPage, error) {
	page, err := decodePage(raw)
	if err != nil {
		return eventPage{}, err
	}
	events, err := decodeAll(page.Data, ParseEvent)
	return eventPage{events, page.HasMore}, err
}
