package paymentstripe_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/sql"
	"paytond/stripe/simulator"
)

const chargeAction = "account.payment|stripe_charge"

// otherAccount makes a second Stripe account, with a journal.
func (w *world) otherAccount(secret string) (journal int64) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		a, j := paymentstripe.Account, payment.Journal
		account, err := a.Create(tx, a.Name.To("Other"), a.SecretKey.To(secret), a.PublishableKey.To("pk_test_other"))
		models.Must(err)
		made, err := j.Create(tx, j.Name.To("Other EUR"), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("stripe"),
			paymentstripe.Journal.StripeAccount.To(account.ID()))
		models.Must(err)
		journal = made.ID()
	})
	return journal
}

// byToken are payments that are processed with a token.
func (w *world) byToken(n int, more map[string]any) []int64 {
	w.t.Helper()
	var ids []int64
	for range n {
		id := w.approved(w.bob, "10.00", more)
		w.withToken(id, "tok_visa")
		ids = append(ids, id)
	}
	w.process(ids...)
	return ids
}

// count counts the payments among ids that are in a state.
func (w *world) count(state string, ids []int64) (n int) {
	for _, id := range ids {
		if w.state(id) == state {
			n++
		}
	}
	return n
}

// TestRowThatCannotBePlannedBlocksNoOther has a refund in the queue that cannot go on, as its payment has less left by now: those behind it
// are made, it says why it waits, and goes on when it can.
func TestRowThatCannotBePlannedBlocksNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.paid("100.00", "pm_card_visa"), w.paid("50.00", "pm_card_visa")
		broken, good := w.refund(one, "30.00"), w.refund(two, "20.00")
		amount := func(text string) {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "amount" = ? WHERE "id" = ?`, decimal(text), one))
				models.Must(err)
			})
		}
		amount("10.00")
		w.refundNow()
		if got := w.read(refundModel, good, "state"); got["state"] != "succeeded" {
			t.Errorf("the refund behind it is %v", got)
		}
		got := w.read(refundModel, broken, "state", "stripe_error_message", "stripe_attempt_count", "stripe_lease")
		want := map[string]any{"state": "approved", "stripe_attempt_count": int64(1), "stripe_lease": nil, "stripe_error_message": "What is to be done at Stripe " +
			`could not be decided: The refunds of payment "` + fmt.Sprint(one) + `" are more than its amount.`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the refund that cannot be made (-want +got):\n%s", diff)
		}
		amount("100.00")
		w.now()
		w.refundNow()
		if got := w.read(refundModel, broken, "state", "stripe_error_message"); got["state"] != "succeeded" || got["stripe_error_message"] != nil {
			t.Errorf("when it can be made the refund is %v", got)
		}
	})
}

// TestAccountsDoNotWaitForEachOther has one account whose Stripe answers nothing, with more due payments than may be in flight at once:
// those of the other account are made meanwhile.
func TestAccountsDoNotWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		slow := w.byToken(12, nil)
		other := w.otherAccount("sk_test_other")
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 5 * time.Second, Count: 8})
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Actions()[chargeAction](t.Context(), w.db) }()
		w.until("the first calls hang", func() bool { return w.leased() == 8 })
		quick := w.byToken(3, map[string]any{"journal": other})
		w.until("the other account's payments are made", func() bool { return w.count("succeeded", quick) == 3 })
		if n := w.count("succeeded", slow); n != 0 {
			t.Errorf("%d payments of the slow account were made: it was not slow", n)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := w.count("succeeded", slow); n != len(slow) {
			t.Errorf("in the end %d payments of the slow account are made", n)
		}
	})
}

// TestManyPaymentsStarveNoRefund has a lane of one place, and payments that are due for as long as it takes: a refund of the same account
// gets its turn beside them.
func TestManyPaymentsStarveNoRefund(t *testing.T) {
	eachOf(t, world{workers: 1}, func(t *testing.T, w *world) {
		refund := w.refund(w.paid("100.00", "pm_card_visa"), "30.00")
		ids := w.byToken(10, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 100 * time.Millisecond})
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Actions()[chargeAction](t.Context(), w.db) }()
		w.until("the first call is under way", func() bool { return w.leased() == 1 })
		w.refundNow()
		made := w.count("succeeded", ids)
		if got := w.read(refundModel, refund, "state"); got["state"] != "succeeded" || made > 5 {
			t.Errorf("when the refund is %v, %d payments were made before it", got["state"], made)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := w.count("succeeded", ids); n != len(ids) {
			t.Errorf("in the end %d payments are made", n)
		}
	})
}

// leased counts the payments that are being worked on.
func (w *world) leased() (n int64) {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		rows, err := tx.Query(sql.SQL(`SELECT COUNT(*) FROM "account_payment" WHERE "stripe_lease" IS NOT NULL`))
		models.Must(err)
		n, _ = rows[0][0].(int64)
	})
	return n
}

// until waits for something that happens in the background.
func (w *world) until(what string, happened func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !happened(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("it does not happen that %s", what)
		}
	}
}

// TestTooManyCallsAreFewerThen lets Stripe refuse calls for being too many: all payments are made in the end.
func TestTooManyCallsAreFewerThen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.byToken(20, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: simulator.TooManyRequests, Count: 6})
		for range 5 {
			w.post()
			w.now()
		}
		if n := w.count("succeeded", ids); n != len(ids) {
			t.Errorf("%d of %d payments were made", n, len(ids))
		}
		if n := len(w.ledger()); n != len(ids) {
			t.Errorf("%d charges for %d payments", n, len(ids))
		}
	})
}

// TestGracefulStop asks the server to stop while calls are under way: they end and are recorded, their leases are given back, and nothing
// more begins.
func TestGracefulStop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids := w.byToken(12, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 500 * time.Millisecond})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.engine.Actions()[chargeAction](ctx, w.db) }()
		w.until("calls are under way", func() bool { return w.leased() > 0 })
		stop()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the sweep ends with %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the sweep does not stop")
		}
		made := w.count("succeeded", ids)
		if made == 0 || made > 8 || len(w.ledger()) != made || w.leased() != 0 {
			t.Errorf("%d payments were made, %d charges are at Stripe, %d leases are left", made, len(w.ledger()), w.leased())
		}
		w.sim.ClearFaults()
		w.post()
		if n := w.count("succeeded", ids); n != len(ids) || len(w.ledger()) != len(ids) {
			t.Errorf("the next server made %d payments with %d charges", n, len(w.ledger()))
		}
	})
}

// TestFormsTellOfTheNextTry wants when something is tried again, and how often it was, on each form of what waits for Stripe.
func TestFormsTellOfTheNextTry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, model := range []string{"account.payment", refundModel, "account.payment.stripe.customer"} {
			view := w.call(w.clerk, model, "fields_view_get", nil, "form").(map[string]any)
			arch, _ := view["arch"].(string)
			for _, name := range []string{"stripe_next_attempt", "stripe_attempt_count", "stripe_attempts"} {
				if !strings.Contains(arch, `<field name="`+name+`"`) {
					t.Errorf("the form of %s has no %s", model, name)
				}
			}
		}
	})
}

// TestUnclearIsReported leaves payments without an outcome for long: the administrators get one e-mail a day for the account, the list
// shows them, and they are made when Stripe is back.
func TestUnclearIsReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			u := res.User
			_, err := u.Create(tx, u.Name.To("Ada"), u.Login.To("ada"), u.Email.To("ada@example.com"),
				models.Assign{Field: "groups", Value: []any{[]any{"add", []any{tx.Ref("account.group_account_admin")}}}})
			models.Must(err)
		})
		ids := w.byToken(3, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: simulator.Unavailable})
		tries := func(n int) {
			for range n {
				w.post()
				w.now()
			}
		}
		mails := func() (list []string) {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				for _, r := range ir.Outbox.Search(tx, domain.C("subject", domain.Like, "Stripe account%")) {
					list = append(list, ir.Outbox.Recipients.Of(r)+": "+ir.Outbox.Subject.Of(r))
				}
			})
			return list
		}
		tries(11)
		if got := mails(); len(got) != 0 {
			t.Errorf("after 11 tries: %q", got)
		}
		tries(3)
		if diff := cmp.Diff([]string{`"Ada" <ada@example.com>: Stripe account Stripe Test: payments without an outcome`}, mails()); diff != "" {
			t.Errorf("e-mails (-want +got):\n%s", diff)
		}
		listed := w.call(w.clerk, "account.payment", "search", []any{[]any{"stripe_attempt_count", ">=", int64(5)}}, int64(0), nil, nil)
		if diff := cmp.Diff(len(ids), len(listed.([]int64))); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}
		if got := w.payment(ids[0], "stripe_next_attempt", "stripe_error_message"); got["stripe_next_attempt"] == nil || got["stripe_error_message"] == nil {
			t.Errorf("the clerk sees %v", got)
		}
		w.sim.ClearFaults()
		w.settled()
		w.post()
		w.now()
		w.post()
		if n := w.count("succeeded", ids); n != 3 || len(w.ledger()) != 3 {
			t.Errorf("%d payments are made, Stripe has %v", n, w.ledger())
		}
		if n := w.call(w.clerk, "account.payment", "search_count", []any{[]any{"stripe_attempt_count", ">=", int64(5)}}); n != int64(0) {
			t.Errorf("%v are listed still", n)
		}
	})
}

// TestLongSweepTellsHowFarItIs has a sweep take seconds: its log says what was done and what waits, and in the end the sum; a short one says nothing.
func TestLongSweepTellsHowFarItIs(t *testing.T) {
	var told strings.Builder
	like := world{workers: 1, times: paymentstripe.Times{Tell: time.Millisecond}, log: slog.New(slog.NewTextHandler(&told, nil))}
	eachOf(t, like, func(t *testing.T, w *world) {
		told.Reset()
		w.byToken(1, nil)
		w.post()
		if told.Len() > 0 {
			t.Errorf("a short sweep says %s", told.String())
		}
		w.byToken(8, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 400 * time.Millisecond})
		w.post()
		for _, line := range []string{`"a sweep goes on" database=\S+ action=` + regexp.QuoteMeta(chargeAction) + ` worked=[1-7] waiting=[1-7]\n`,
			`"a sweep has ended" database=\S+ action=` + regexp.QuoteMeta(chargeAction) + ` worked=8\n`} {
			if !regexp.MustCompile(line).MatchString(told.String()) {
				t.Errorf("%q is not in %s", line, told.String())
			}
		}
	})
}
