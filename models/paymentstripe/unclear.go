package paymentstripe

import (
	"fmt"
	"log/slog"
	"net/mail"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/payment"
	"paytond/models/res"
)

// What stays unclear at Stripe is asked for again without end, once an hour in the end. After some time the account's administrators are
// told by e-mail, once a day for each account; the menu Unclear at Stripe lists it at any time.

// Numbers of tries after which a record is listed as unclear, and after which it is reported: a minute or so, and between one hour and two.
const (
	listedTries   = 5
	reportedTries = 12
)

// reportUnclear tells people of a record that is still without an outcome after many tries; tries includes the last one, which ended with
// the error.
func (e *Engine) reportUnclear(tx *models.Tx, q *queue, r *models.Record, tries int64, why error) error {
	if tries < reportedTries {
		return nil
	}
	database, model, id := tx.Database().Name(), r.Model(), r.ID()
	tx.AfterCommit(func() {
		e.log.Warn("nothing is known for long of what was asked of Stripe", slog.String("database", database), slog.String("model", model),
			slog.Int64("id", id), slog.Int64("tries", tries), slog.Any("error", why))
	})
	account := accountOfRow(q, r)
	if account == nil || !ir.MailServer(tx) {
		return nil // the list shows it
	}
	to := administrators(tx)
	if len(to) == 0 {
		return nil
	}
	m := ir.Mail{To: to, Subject: fmt.Sprintf("Stripe account %s: payments without an outcome", account.Name()), Text: unclearText(tx, account, r, tries, why), About: account.Ref()}
	return ir.Queue(tx, m, fmt.Sprintf("unclear:%d:%s", account.ID(), tx.Now().Format("2006-01-02")))
}

// accountOfRow is the Stripe account that a row of a queue belongs to, nil if it has none.
func accountOfRow(q *queue, r *models.Record) *models.Record {
	switch q {
	case payments:
		return accountOf(payment.Payment.Journal.Of(r))
	case refunds:
		return accountOf(payment.Payment.Journal.Of(Refund.Payment.Of(r)))
	case customers:
		return Customer.StripeAccount.Of(r)
	}
	return r
}

// administrators are the addresses of the users who administer accounts.
func administrators(tx *models.Tx) []string {
	var list []string
	for _, u := range res.User.Search(tx, domain.AllOf(domain.C("groups", domain.Equal, tx.Ref(groupAdmin)), res.User.Email.Ne(nil))) {
		if address, err := mail.ParseAddress(res.User.Email.Of(u)); err == nil {
			address.Name = u.Name()
			list = append(list, address.String())
		}
	}
	return list
}

// unclearText is what administrators read.
func unclearText(tx *models.Tx, account, r *models.Record, tries int64, why error) string {
	return fmt.Sprintf(`%s "%s" (number %d) has been asked of Stripe %d times without an outcome. The last time:

    %s

At the account "%s" there are now %s in this state.

Nothing is charged twice: the same is asked again, about once an hour, until Stripe says what became of it. To see what waits, open
Financial / Payments / Unclear at Stripe; the page "Calls to Stripe" of a payment tells each try. Database: %s.
`, r.Class().String, r.Name(), r.ID(), tries, why.Error(), account.Name(), unclearCounts(tx, account.ID()), tx.Database().Name())
}

// unclearCounts says how many records of an account are listed as unclear.
func unclearCounts(tx *models.Tx, account int64) string {
	unclear := domain.AllOf(domain.C("stripe_attempt_count", domain.GreaterEqual, int64(listedTries)))
	var parts []string
	for _, part := range []struct{ path, model, what string }{
		{"journal.stripe_account", payments.model, "payments"},
		{"payment.journal.stripe_account", refunds.model, "refunds"},
		{"stripe_account", customers.model, "customers"},
	} {
		n, err := tx.Class(part.model).Count(tx, domain.AllOf(unclear, domain.C(part.path, domain.Equal, account)))
		models.Must(err)
		parts = append(parts, fmt.Sprintf("%d %s", n, part.what))
	}
	return strings.Join(parts, ", ")
}

// unclearWindow lists the records of a model that are unclear.
func unclearWindow(id, name, model string, views ...models.Ref) ir.ActWindow {
	return ir.ActWindow{ID: id, Name: name, Model: model, Views: views, Domain: []any{[]any{"stripe_attempt_count", ">=", listedTries}}}
}
