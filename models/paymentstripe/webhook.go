package paymentstripe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/pyson"
	"paytond/stripe"
)

// Operations on an account.
const (
	opCreateEndpoint = "create webhook"
	opDeleteEndpoint = "delete webhook"
	opTestKeys       = "test keys"
)

// HandledEvents are the types of events that mean something here: those that an endpoint made by the account's button is sent.
func HandledEvents() []string {
	return []string{
		"charge.captured", "charge.expired", "charge.failed", "charge.pending", "charge.refunded", "charge.succeeded", "charge.updated",
		"charge.refund.updated", "refund.created", "refund.failed", "refund.updated",
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
		"charge.dispute.funds_reinstated",
		"payment_intent.amount_capturable_updated", "payment_intent.canceled", "payment_intent.created", "payment_intent.payment_failed",
		"payment_intent.processing", "payment_intent.requires_action", "payment_intent.succeeded",
		"setup_intent.canceled", "setup_intent.created", "setup_intent.requires_action", "setup_intent.setup_failed", "setup_intent.succeeded",
		"payment_method.attached", "payment_method.automatically_updated", "payment_method.detached", "payment_method.updated",
		"customer.updated", "customer.deleted", "customer.source.created", "customer.source.deleted",
		"customer.source.updated", "customer.source.expiring",
		"source.canceled", "source.chargeable", "source.failed", "mandate.updated",
	}
}

// bindAccount binds the keys and the buttons of an account.
func (e *Engine) bindAccount(c *models.Class) {
	x := Account
	e.bindKeys(c)
	c.OnChangeWith(x.WebhookEndpoint, func(r *models.Record) any {
		if id := x.WebhookIdentifier.Of(r); id != "" {
			return orNil(e.address(r.Tx(), "webhook", id))
		}
		return nil
	}, x.WebhookIdentifier)
	button := func(b models.Button, press func(*models.Tx, *models.Record) error) {
		c.Button(b, func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			for _, r := range records {
				if err := press(tx, r); err != nil {
					return nil, err
				}
			}
			if err := due(tx, records); err != nil {
				return nil, err
			}
			e.soon(tx, accounts, forRefresh, records)
			return nil, nil
		})
	}
	button(models.Button{Name: "new_identifier", States: map[string]any{"icon": "tryton-refresh"}}, x.renewIdentifier)
	button(models.Button{Name: "create_endpoint", Stale: true, States: map[string]any{"icon": "tryton-launch"}}, e.wantEndpoint)
	button(models.Button{Name: "retire_endpoint", States: map[string]any{"icon": "tryton-clear", "invisible": pyson.Not(pyson.Eval("webhook_rotating", false))},
		Depends: []string{"webhook_rotating"}}, x.retire)
	button(models.Button{Name: "test_keys", Stale: true, States: map[string]any{"icon": "tryton-refresh"}}, func(tx *models.Tx, r *models.Record) error {
		return x.Write(tx, []*models.Record{r}, x.StripeTest.To(true))
	})
}

// renewIdentifier makes an address for the webhook, or takes it away, as the peer's button does by turns. What the button made at Stripe
// goes with it.
func (x *account) renewIdentifier(tx *models.Tx, r *models.Record) error {
	one := []*models.Record{r}
	if x.WebhookIdentifier.Of(r) == "" {
		return x.Write(tx, one, x.WebhookIdentifier.To(newToken()))
	}
	assigns := []models.Assign{x.WebhookIdentifier.To(nil), x.WebhookURL.To(nil), x.WebhookPreviousSecret.To(nil),
		x.WebhookEndpointID.To(nil), x.WebhookPreviousEndpoint.To(nil), x.doom(r, x.WebhookEndpointID.Of(r), x.WebhookPreviousEndpoint.Of(r))}
	if x.WebhookEndpointID.Of(r) != "" { // else the secret is what somebody copied from Stripe's dashboard
		assigns = append(assigns, x.WebhookSigningSecret.To(nil))
	}
	return x.Write(tx, one, assigns...)
}

// wantEndpoint asks for an endpoint at Stripe for the webhook's address.
func (e *Engine) wantEndpoint(tx *models.Tx, r *models.Record) error {
	x := Account
	identifier := x.WebhookIdentifier.Of(r)
	assigns := []models.Assign{}
	if identifier == "" {
		identifier = newToken()
		assigns = append(assigns, x.WebhookIdentifier.To(identifier))
	}
	url := e.address(tx, "webhook", identifier)
	if url == "" {
		return models.UserError("The server does not know its address. Set hostname in the section web of its configuration.")
	}
	return x.Write(tx, []*models.Record{r}, append(assigns, x.WebhookURL.To(url))...)
}

// retire ends the older of two signing secrets.
func (x *account) retire(tx *models.Tx, r *models.Record) error {
	if x.WebhookSigningSecret.Of(r) == "" {
		return models.UserError("The previous signing secret of the account \"%s\" is its only one.", r.Name())
	}
	return x.Write(tx, []*models.Record{r}, x.WebhookPreviousSecret.To(nil), x.WebhookPreviousEndpoint.To(nil),
		x.doom(r, x.WebhookPreviousEndpoint.Of(r)))
}

// doom adds endpoints to those that are to be deleted at Stripe.
func (x *account) doom(r *models.Record, ids ...string) models.Assign {
	doomed := strings.Fields(x.WebhookDoomed.Of(r))
	for _, id := range ids {
		if id != "" && !slices.Contains(doomed, id) {
			doomed = append(doomed, id)
		}
	}
	return x.WebhookDoomed.To(orNil(strings.Join(doomed, " ")))
}

// spare takes an endpoint from those that are to be deleted.
func (x *account) spare(r *models.Record, id string) models.Assign {
	left := slices.DeleteFunc(strings.Fields(x.WebhookDoomed.Of(r)), func(one string) bool { return one == id })
	return x.WebhookDoomed.To(orNil(strings.Join(left, " ")))
}

// planTasks is what a person has asked for on an account.
func (e *Engine) planTasks(tx *models.Tx, r *models.Record, pending *models.Record) (*work, error) {
	x := Account
	open := pending != nil && Attempt.Operation.Of(pending) == opCreateEndpoint
	doomed := strings.Fields(x.WebhookDoomed.Of(r))
	switch {
	case open || x.WebhookURL.Of(r) != "":
		return e.planEndpoint(tx, r, open && x.WebhookURL.Of(r) == ""), nil
	case len(doomed) > 0:
		return e.planDelete(r, doomed[0]), nil
	case x.StripeTest.Of(r):
		return e.planTest(tx, r), nil
	}
	return nil, nil
}

// endpoints is the result of making one: it, and those that earlier tries left behind.
type endpoints struct {
	made    *stripe.Endpoint
	orphans []string
}

// planEndpoint makes an endpoint at Stripe. With abandoned it is only found out what became of an earlier call, since nobody wants its
// endpoint any more.
func (e *Engine) planEndpoint(tx *models.Tx, r *models.Record, abandoned bool) *work {
	x := Account
	ours := map[string]string{"database": tx.Database().Name(), "account": strconv.FormatInt(r.ID(), 10)}
	known := []string{x.WebhookEndpointID.Of(r), x.WebhookPreviousEndpoint.Of(r)}
	p := stripe.EndpointParams{URL: x.WebhookURL.Of(r), Events: HandledEvents(), Description: "paytond " + tx.Database().Name() + ": " + x.Name.Of(r)}
	keyed := order{metadata: ours}
	return &work{operation: opCreateEndpoint, account: r.ID(), secret: x.SecretKey.Of(r), write: true, find: abandoned, settle: true,
		call: func(ctx context.Context, a *stripe.Account, key string) (any, error) {
			p.Metadata = keyed.keyed(ctx, key)
			made, err := a.CreateEndpoint(ctx, key, p)
			if err != nil {
				return nil, forGood(err)
			}
			return endpoints{made, orphansOf(ctx, a, ours, append(known, made.ID))}, nil
		},
		lookup: func(ctx context.Context, a *stripe.Account, key string, _ time.Time) (any, error) {
			all, err := a.ListEndpoints(ctx)
			for _, one := range all {
				if one.Metadata["key"] == key {
					return endpoints{made: one}, nil
				}
			}
			return nil, err
		},
		done: x.endpointMade,
		declined: func(tx *models.Tx, r *models.Record, e *stripe.Error) error {
			return x.Write(tx, []*models.Record{r}, x.WebhookURL.To(nil), x.StripeErrorMessage.To("The webhook could not be made: "+e.Message))
		},
	}
}

// orphansOf are the endpoints of the account that nothing here knows. That they cannot be listed now is no failure.
func orphansOf(ctx context.Context, a *stripe.Account, ours map[string]string, known []string) []string {
	all, _ := a.ListEndpoints(ctx)
	var ids []string
	for _, one := range all {
		if one.Metadata["database"] == ours["database"] && one.Metadata["account"] == ours["account"] && !slices.Contains(known, one.ID) {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// endpointMade takes over a new endpoint: its secret signs from now on, that of the one before counts until it is retired.
func (x *account) endpointMade(tx *models.Tx, r *models.Record, result any) error {
	got, ok := result.(endpoints)
	if !ok {
		return fmt.Errorf("an account cannot take over a %T", result)
	}
	one := []*models.Record{r}
	if got.made.Secret == "" || x.WebhookURL.Of(r) != got.made.URL { // its secret is lost, or it is not wanted any more
		return errors.Join(x.Write(tx, one, x.doom(r, got.made.ID)), due(tx, one))
	}
	assigns := []models.Assign{x.WebhookSigningSecret.To(got.made.Secret), x.WebhookEndpointID.To(got.made.ID), x.WebhookURL.To(nil),
		x.StripeErrorMessage.To(nil)}
	doomed := got.orphans
	if secret := x.WebhookSigningSecret.Of(r); secret != "" {
		assigns = append(assigns, x.WebhookPreviousSecret.To(secret), x.WebhookPreviousEndpoint.To(orNil(x.WebhookEndpointID.Of(r))))
		doomed = append(doomed, x.WebhookPreviousEndpoint.Of(r))
	}
	if err := x.Write(tx, one, append(assigns, x.doom(r, doomed...))...); err != nil {
		return err
	}
	return due(tx, one)
}

// planDelete deletes an endpoint at Stripe.
func (e *Engine) planDelete(r *models.Record, id string) *work {
	x := Account
	return &work{operation: opDeleteEndpoint, account: r.ID(), secret: x.SecretKey.Of(r), write: true,
		call: func(ctx context.Context, a *stripe.Account, key string) (any, error) {
			err := a.DeleteEndpoint(ctx, key, id)
			if gone := stripe.AsError(err); gone != nil && gone.Code == "resource_missing" {
				err = nil
			}
			return id, forGood(err)
		},
		done: func(tx *models.Tx, r *models.Record, _ any) error {
			one := []*models.Record{r}
			return errors.Join(x.Write(tx, one, x.spare(r, id)), due(tx, one))
		},
		declined: func(tx *models.Tx, r *models.Record, e *stripe.Error) error {
			return x.Write(tx, []*models.Record{r}, x.spare(r, id),
				x.StripeErrorMessage.To("The webhook "+id+" could not be deleted, please do it in Stripe's dashboard: "+e.Message))
		},
	}
}

// forGood makes a refusal of what the key itself may not do final: who pressed a button reads it, and presses again when it is mended.
func forGood(err error) error {
	if e := stripe.AsError(err); e != nil && (e.Kind == stripe.Authentication || e.Kind == stripe.Permission) {
		final := *e
		final.Kind, final.ShouldRetry = stripe.InvalidRequest, stripe.Unsaid
		return &final
	}
	return err
}

// signingSecrets are the stored texts of the secrets with which Stripe may sign, by field.
func signingSecrets(r *models.Record) map[string]string {
	secrets := map[string]string{}
	for _, f := range []models.Char{Account.WebhookSigningSecret, Account.WebhookPreviousSecret} {
		if stored := f.Of(r); stored != "" {
			secrets[f.FieldName()] = stored
		}
	}
	return secrets
}

// readEvent verifies an event with any of the account's signing secrets; where it has none, all is taken. The error is of kind
// BadRequest for what is not signed as it should be, Unavailable when no secret can be had now.
func (e *Engine) readEvent(payload []byte, signature string, stored map[string]string, now time.Time) (*stripe.Event, error) {
	var secrets []string
	var missing error
	for field, text := range stored {
		secret, err := e.vault.resolve(field, text, signingPrefixes)
		if err != nil {
			missing = &models.Error{Kind: models.KindUnavailable, Message: "the signing secret of the webhook cannot be used", Err: err}
			continue
		}
		secrets = append(secrets, secret)
	}
	var ev *stripe.Event
	var err error
	switch {
	case len(stored) == 0:
		ev, err = stripe.ParseEvent(payload)
	case len(secrets) == 0:
		return nil, missing
	default:
		ev, err = stripe.VerifyEvent(payload, signature, secrets, stripe.DefaultTolerance, now)
	}
	if err != nil && missing != nil { // it may be signed with the secret that is missing
		return nil, missing
	}
	if err != nil {
		return nil, &models.Error{Kind: models.KindBadRequest, Message: "the event is refused", Err: err}
	}
	return ev, nil
}

// maxTasks bounds what is done at a time of what was asked for on an account.
const maxTasks = 20

// doTasks does what was asked for on an account, unless another server is at it.
func (e *Engine) doTasks(ctx context.Context, db *models.Database, account int64) error {
	for range maxTasks {
		jobs, err := e.claim(ctx, db, accounts, forRefresh, 1, wanted{ids: []int64{account}})
		if err != nil || len(jobs) == 0 {
			return err
		}
		if _, err = e.performSafely(ctx, db, jobs[0]); err != nil || jobs[0].work == nil {
			return err
		}
	}
	return nil
}

// fetchedValues are the values of an account whose events could be read: an earlier failure to read them is over, what was said of its
// webhook stays.
func fetchedValues(r *models.Record, last string) models.Values {
	values := models.Values{"last_event": orNil(last)}
	if !strings.HasPrefix(Account.StripeErrorMessage.Of(r), "The webhook ") {
		values["stripe_error_message"] = nil
	}
	return values
}
