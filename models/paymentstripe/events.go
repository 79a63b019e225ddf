package paymentstripe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"paytond/models"
	"paytond/models/domain"
	"paytond/stripe"
)

// ApplyEvent takes what was posted to the webhook with the identifier; signature is the header Stripe-Signature. The event is stored once
// by its id and applied in the same transaction, so that any error means that nothing was done and Stripe may send it again. Where the
// account has no signing secret, Stripe is asked for the event.
// The error is of kind NotFound for an unknown identifier, of kind BadRequest for what is no event or is not signed as it should be.
func (e *Engine) ApplyEvent(ctx context.Context, db *models.Database, identifier string, payload []byte, signature string) error {
	var account int64
	var key string
	var secrets map[string]string
	err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		r := findByToken(tx, accounts.model, "webhook_identifier", identifier)
		if r == nil {
			return models.NotFoundError("there is no such webhook")
		}
		account, key, secrets = r.ID(), Account.SecretKey.Of(r), signingSecrets(r)
		return nil
	})
	if err != nil {
		// As much work as for a known webhook: the time that the answer takes tells nothing.
		_, _ = e.readEvent(payload, signature, map[string]string{"webhook_signing_secret": "whsec_nobody"}, db.Now())
		return err
	}
	ev, err := e.readEvent(payload, signature, secrets, db.Now())
	if err == nil && len(secrets) == 0 {
		ev, err = e.confirmed(ctx, db, account, key, ev.ID)
	}
	if err != nil || ev == nil {
		return err
	}
	_, err = e.take(ctx, db, account, ev)
	return err
}

// confirmed is an event as Stripe has it, for one that nobody has signed: what was posted is but a hint at it. Nil for one that is stored
// already, of which nothing more is to be learned. The error is of kind BadRequest for an event that Stripe does not have.
func (e *Engine) confirmed(ctx context.Context, db *models.Database, account int64, key, id string) (*stripe.Event, error) {
	known, err := knownEvents(ctx, db, account, []*stripe.Event{{ID: id}})
	if err != nil || known[id] {
		return nil, err
	}
	ev, err := e.accountAt(key).RetrieveEvent(ctx, id)
	switch failed := stripe.AsError(err); {
	case failed != nil && failed.Code == "resource_missing":
		return nil, &models.Error{Kind: models.KindBadRequest, Message: "Stripe does not have the event", Err: err}
	case err != nil: // Stripe sends it again, and the scheduled action asks for it
		return nil, &models.Error{Kind: models.KindUnavailable, Message: "Stripe cannot be asked for the event", Err: err}
	}
	return ev, nil
}

// take stores and applies an event, in one transaction. When it cannot be applied, that is kept with it, in another one: kept tells whether
// the event is stored in one way or the other.
func (e *Engine) take(ctx context.Context, db *models.Database, account int64, ev *stripe.Event) (kept bool, err error) {
	err = db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		r, known, err := storeEvent(tx, account, ev)
		if err != nil {
			return err
		}
		if known && !unfinished(Event.State.Of(r)) {
			return nil
		}
		return e.applySafely(tx, r, ev)
	})
	if err == nil {
		e.reached(PointEventDone)
	}
	if err == nil || ctx.Err() != nil {
		return err == nil, err
	}
	finished := false // by another server, at the same moment
	noted := db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		r, known, storeErr := storeEvent(tx, account, ev)
		if storeErr != nil {
			return storeErr
		}
		if finished = known && !unfinished(Event.State.Of(r)); finished {
			return nil
		}
		return Event.Write(tx, []*models.Record{r}, Event.State.To(eventError), Event.Message.To(eventMessage(err)),
			Event.Attempts.To(Event.Attempts.Of(r)+1))
	})
	if finished && noted == nil {
		return true, nil
	}
	e.log.Error("an event of Stripe could not be applied", slog.String("database", db.Name()), slog.String("event", ev.ID),
		slog.String("type", ev.Type), slog.Any("error", err))
	return noted == nil, errors.Join(err, noted)
}

// applySafely applies an event between its points. One that ends in a panic counts as one that went wrong: it is kept, tried again, and keeps
// none behind it.
func (e *Engine) applySafely(tx *models.Tx, r *models.Record, ev *stripe.Event) (err error) {
	finished := false
	defer func() {
		if !finished {
			err = models.Raised(recover())
		}
	}()
	e.reached(PointEventKept)
	if err = e.apply(tx, r, ev); err == nil {
		e.reached(PointEventTaken)
	}
	finished = true
	return err
}

// eventMessage is what the event's form says of an error; what is in the log only stays there.
func eventMessage(err error) string {
	if models.ErrorKind(err) == models.KindUser {
		return err.Error()
	}
	return "The event could not be applied; the server's log says why."
}

// unfinished events are tried again.
func unfinished(state string) bool {
	return state == eventNew || state == eventParked || state == eventError
}

// storeEvent finds or creates the row of an event.
func storeEvent(tx *models.Tx, account int64, ev *stripe.Event) (r *models.Record, known bool, err error) {
	x := Event
	found := x.Search(tx, domain.AllOf(x.StripeAccount.Eq(account), x.EventID.Eq(ev.ID)))
	if len(found) > 0 {
		return found[0], true, nil
	}
	payload, err := payloadOf(ev)
	if err != nil {
		return nil, false, err
	}
	r, err = x.Create(tx, x.StripeAccount.To(account), x.EventID.To(ev.ID), x.Type.To(ev.Type), x.Created.To(ev.Created.UTC()),
		x.ObjectID.To(orNil(ev.ObjectID)), x.State.To(eventNew), x.Attempts.To(int64(0)), x.Payload.To(payload))
	return r, false, err
}

// payloadOf is an event as it is kept: without the secrets by which a browser may finish a payment.
func payloadOf(ev *stripe.Event) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(ev.Object))
	decoder.UseNumber()
	var object any
	if err := decoder.Decode(&object); err != nil {
		return "", fmt.Errorf("read event %s: %w", ev.ID, err)
	}
	withoutSecrets(object)
	kept, err := json.Marshal(map[string]any{"id": ev.ID, "object": "event", "type": ev.Type, "created": ev.Created.Unix(),
		"api_version": ev.APIVersion, "livemode": ev.Livemode, "data": map[string]any{"object": object}})
	return string(kept), err
}

func withoutSecrets(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "client_secret")
		for _, item := range v {
			withoutSecrets(item)
		}
	case []any:
		for _, item := range v {
			withoutSecrets(item)
		}
	}
}
