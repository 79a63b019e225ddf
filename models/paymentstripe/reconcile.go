package paymentstripe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/stripe"
)

// Reconciliation reads the lines of Stripe's balance, that is where money moved, and holds the charges, refunds and disputes that they come
// from against the payments here; then it asks Stripe for the payments of the period that say that they have money and of which no line
// told. It reads only: at Stripe nothing is changed, and here nothing but the list of differences.

// period is the time from one moment, included, to another, not included.
type period struct{ from, until time.Time }

func (p period) holds(t time.Time) bool { return !t.Before(p.from) && t.Before(p.until) }

// What the scheduled action compares: the days before, without what may be under way.
const (
	reconcileDays  = 7 * 24 * time.Hour
	reconcileDelay = time.Hour
)

// reconcileDaily is the scheduled action that compares the last days.
func (e *Engine) reconcileDaily(ctx context.Context, db *models.Database) error {
	until := db.Now().UTC().Add(-reconcileDelay).Truncate(time.Second)
	found, err := e.Reconcile(ctx, db, until.Add(-reconcileDays).Truncate(24*time.Hour), until)
	if len(found) > 0 {
		e.log.WarnContext(ctx, "Stripe and the payments differ", slog.String("database", db.Name()), slog.Int("differences", len(found)))
	}
	return err
}

// Reconcile compares what happened at Stripe from a moment until another one with the payments, refunds and disputes here, of all accounts,
// and stores the differences. They come oldest first. An error is about the accounts that could not be compared; the others were.
func (e *Engine) Reconcile(ctx context.Context, db *models.Database, from, until time.Time) ([]Difference, error) {
	span := period{from.UTC(), until.UTC()}
	if !span.from.Before(span.until) {
		return nil, models.UserError("There is no time between %s and %s.", span.from.Format(time.DateTime), span.until.Format(time.DateTime))
	}
	var ids []int64
	if err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		ids = models.IDsOf(Account.Search(tx, domain.And{}))
		return nil
	}); err != nil {
		return nil, err
	}
	var all []Difference
	var failed []error
	for _, id := range ids {
		found, err := e.reconcileAccount(ctx, db, id, span)
		if err != nil {
			failed = append(failed, fmt.Errorf("compare the account %d: %w", id, err))
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b Difference) int { return a.At.Compare(b.At) })
	return all, errors.Join(failed...)
}

// reconcileAccount compares one account.
func (e *Engine) reconcileAccount(ctx context.Context, db *models.Database, account int64, span period) ([]Difference, error) {
	var secret string
	if err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		secret = Account.SecretKey.Of(Account.Get(tx, account))
		return nil
	}); err != nil {
		return nil, err
	}
	there := &statement{account: e.accountAt(secret), charges: map[string]*theirCharge{}, refunds: map[string]theirRefund{}}
	if err := there.read(ctx, span); err != nil {
		return nil, err
	}
	var found []Difference
	var left *unmet
	if err := db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) (err error) {
		found, left, err = there.compare(tx, account, span)
		return err
	}); err != nil {
		return nil, err
	}
	more, err := there.lookUp(ctx, left)
	if err != nil {
		return nil, err
	}
	found = append(found, more...)
	for i := range found {
		found[i].Account = account
	}
	plain, _ := e.vault.resolve("secret_key", secret, secretPrefixes)
	live, _ := stripe.Livemode(plain)
	return found, db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		return keepDifferences(tx, Account.Get(tx, account), span, found, live)
	})
}
