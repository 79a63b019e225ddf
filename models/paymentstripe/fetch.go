package paymentstripe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/stripe"
)

// eventPage is how many events are asked for at once.
const eventPage = 100

// FetchEvents takes the events that no webhook brought, of every account, and tries those again that are not finished: the scheduled
// action account.payment.stripe.account|fetch_events.
func (e *Engine) FetchEvents(ctx context.Context, db *models.Database) error {
	var ids []int64
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		ids = models.IDsOf(Account.Search(tx, domain.And{}))
		return nil
	})
	if err != nil {
		return err
	}
	failed := make([]error, len(ids)) // an account whose Stripe is slow keeps no other one waiting
	var all sync.WaitGroup
	places := make(chan struct{}, e.workers)
	for i, id := range ids {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := errors.Join(e.doTasks(ctx, db, id), e.fetch(ctx, db, id)); err != nil {
				failed[i] = fmt.Errorf("account %d: %w", id, err)
			}
		})
	}
	all.Wait()
	return errors.Join(append(failed, e.retryEvents(ctx, db))...)
}

// fetch takes the events of an account, page after page, unless another server is at it.
func (e *Engine) fetch(ctx context.Context, db *models.Database, account int64) error {
	for p := forQueue; ctx.Err() == nil; p = forMore {
		jobs, err := e.claim(ctx, db, accounts, p, 1, wanted{ids: []int64{account}})
		if err != nil || len(jobs) == 0 {
			return err
		}
		got, err := e.performSafely(ctx, db, jobs[0])
		if fetched, _ := got.(fetchedPage); err != nil || !fetched.more {
			return err
		}
	}
	return ctx.Err()
}

// fetchedPage is the result of taking a page of events.
type fetchedPage struct {
	last string
	more bool
}

// planFetch reads the events since the last one that was seen, and takes each in a transaction of its own. A sweep begins some minutes
// before the last one: an event may be there to be seen only after a newer one.
func (e *Engine) planFetch(tx *models.Tx, r *models.Record, p purpose, pending *models.Record) (*work, error) {
	if p == forRefresh {
		return e.planTasks(tx, r, pending)
	}
	db, account := tx.Database(), r.ID()
	last := Account.LastEvent.Of(r)
	query, since := stripe.EventQuery{After: last, Max: eventPage}, eventTime(tx, account, last)
	switch {
	case since.IsZero(): // none is stored here: of the peer's server, or there was none yet
		since, _ = r.Get("create_date").(time.Time)
	case p == forQueue:
		since = since.Add(-e.times.Settle)
		query.After = eventBefore(tx, account, since)
	}
	return &work{operation: "fetch events", account: account, secret: Account.SecretKey.Of(r),
		call: func(ctx context.Context, a *stripe.Account, _ string) (any, error) {
			if query.After == "" {
				query.Since = since
			}
			events, err := a.ListEvents(ctx, query)
			if gone := stripe.AsError(err); gone != nil && gone.Code == "resource_missing" && query.After != "" { // Stripe has forgotten it
				events, err = a.ListEvents(ctx, stripe.EventQuery{Since: since, Max: eventPage})
			}
			if err != nil {
				return nil, err
			}
			return e.takePage(ctx, db, account, last, events)
		},
		done: func(tx *models.Tx, r *models.Record, result any) error {
			page, _ := result.(fetchedPage)
			return writeChanged(tx, r, fetchedValues(r, page.last))
		},
		declined: func(*models.Tx, *models.Record, *stripe.Error) error { return nil },
	}, nil
}

// takePage takes the events of a page that are not known; last is the event that was seen last before. What cannot be taken ends the page: the next job begins
// there, so that a slow database comes to the end, too.
func (e *Engine) takePage(ctx context.Context, db *models.Database, account int64, last string, events []*stripe.Event) (any, error) {
	known, err := knownEvents(ctx, db, account, events)
	if err != nil {
		return nil, err
	}
	page := fetchedPage{last: last, more: len(events) == eventPage}
	for i, ev := range events {
		if !known[ev.ID] {
			if kept, err := e.take(ctx, db, account, ev); !kept {
				if page.more = true; i > 0 {
					return page, nil
				}
				return nil, err
			}
		}
		page.last = ev.ID
	}
	return page, nil
}

// knownEvents tells which of the events are stored. Those that are not finished are tried again by retryEvents.
func knownEvents(ctx context.Context, db *models.Database, account int64, events []*stripe.Event) (map[string]bool, error) {
	known, ids := map[string]bool{}, make([]any, len(events))
	for i, ev := range events {
		ids[i] = ev.ID
	}
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		for _, r := range Event.Search(tx, domain.AllOf(Event.StripeAccount.Eq(account), Event.EventID.In(ids...))) {
			known[Event.EventID.Of(r)] = true
		}
		return nil
	})
	return known, err
}

// eventTime is when an event happened that is stored; zero for any other.
func eventTime(tx *models.Tx, account int64, id string) time.Time {
	found := Event.Search(tx, domain.AllOf(Event.StripeAccount.Eq(account), Event.EventID.Eq(id)), models.Limit(1))
	if len(found) == 0 {
		return time.Time{}
	}
	return Event.Created.Of(found[0])
}

// eventBefore is the newest stored event that happened before a time; "" for none.
func eventBefore(tx *models.Tx, account int64, before time.Time) string {
	found := Event.Search(tx, domain.AllOf(Event.StripeAccount.Eq(account), Event.Created.Lt(before)), models.OrderBy("-created", "-id"), models.Limit(1))
	if len(found) == 0 {
		return ""
	}
	return Event.EventID.Of(found[0])
}

const (
	eventTries = 20
	fewTries   = 5 // of any event, however old it was when it came
	eventLife  = 3 * 24 * time.Hour
)

// retryEvents applies the events again that were about something unknown or went wrong, those first that were tried least: the many that
// another program of the same account causes keep none waiting. After some tries they are left as they are, for people to look at.
func (e *Engine) retryEvents(ctx context.Context, db *models.Database) error {
	type kept struct {
		account int64
		payload string
	}
	var waiting []kept
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		waiting = nil
		x := Event
		for _, r := range x.Search(tx, domain.AllOf(x.State.In(eventNew, eventParked, eventError), x.Attempts.Lt(int64(eventTries)),
			domain.AnyOf(x.Created.Gt(tx.Now().Add(-eventLife)), x.Attempts.Lt(int64(fewTries)))), models.OrderBy("attempts", "created", "id"), models.Limit(eventPage)) {
			waiting = append(waiting, kept{x.StripeAccount.ID(r), x.Payload.Of(r)})
		}
		return nil
	})
	for _, k := range waiting {
		ev, parseErr := stripe.ParseEvent([]byte(k.payload))
		if parseErr != nil {
			err = errors.Join(err, parseErr)
			continue
		}
		_, takeErr := e.take(ctx, db, k.account, ev)
		err = errors.Join(err, takeErr)
	}
	return err
}
