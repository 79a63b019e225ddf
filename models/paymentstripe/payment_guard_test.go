package paymentstripe_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/stripe/simulator"
)

// refused has a clerk do what a person reads an answer to.
func (w *world) refused(why, model, method string, args ...any) {
	w.t.Helper()
	if _, err := w.try(w.clerk, model, method, args...); !models.IsKind(err, models.KindUser) {
		w.t.Errorf("%s: %s of %s: %v", why, method, model, err)
	}
}

// TestPaidDraftStays lets a customer pay while the payment is only approved: it goes neither back to draft nor away, and is processed.
func TestPaidDraftStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.00", nil)
		token := w.checkout("account.payment", id)
		w.confirm(w.page("account.payment", token).ClientSecret, "pm_card_visa")
		w.refresh("account.payment", token)
		w.refused("the customer has paid", "account.payment", "draft", []any{id})
		if got := w.payment(id, "state", "stripe_captured"); got["state"] != "approved" || got["stripe_captured"] != true {
			t.Errorf("the payment is %v", got)
		}
		w.alter("account_payment", id, "state", "draft") // as it may be in the peer's database
		w.refused("the customer has paid", "account.payment", "delete", []any{id})
		w.alter("account_payment", id, "state", "approved")
		w.process(id)
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("once it is processed the payment is %s", state)
		}
	})
}

// TestOpenDraftStays takes payments back to draft whose page is open, or of which it is not known whether there is something to pay: they can
// be deleted once it is canceled at Stripe, and are paid by nobody.
func TestOpenDraftStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open := w.approved(w.bob, "42.00", nil)
		secret := w.page("account.payment", w.checkout("account.payment", open)).ClientSecret
		lost := w.approved(w.bob, "43.00", nil)
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "payment_intent.create", Count: 1})
		w.call(w.clerk, "account.payment", "stripe_checkout", []any{lost})
		for _, id := range []int64{open, lost} {
			w.call(w.clerk, "account.payment", "draft", []any{id})
			w.refused("it could be paid", "account.payment", "delete", []any{id})
		}
		for range 4 {
			w.settled()
			w.now()
			w.post()
		}
		w.confirm(secret, "pm_card_visa")
		w.call(w.clerk, "account.payment", "delete", []any{open, lost})
		if diff := cmp.Diff([]string{}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestSucceedByHand notes by hand that payments were paid otherwise: what Stripe has of them is canceled, and they stay succeeded.
func TestSucceedByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		page := w.approved(w.bob, "42.00", nil)
		secret := w.page("account.payment", w.checkout("account.payment", page)).ClientSecret
		w.process(page)
		w.post()
		held := w.authorised("30.00")
		charge := w.byToken(1, map[string]any{"stripe_capture": false})[0]
		w.post()
		for _, id := range []int64{page, held, charge} {
			w.call(w.clerk, "account.payment", "succeed", []any{id})
		}
		w.now()
		w.post()
		w.confirm(secret, "pm_card_visa")
		w.run("account.payment.stripe.account|fetch_events")
		for what, id := range map[string]int64{"a page": page, "what was held": held, "a charge that was held": charge} {
			if got := w.payment(id, "state", "stripe_cancel", "stripe_captured", "stripe_capturable"); got["state"] != "succeeded" ||
				got["stripe_cancel"] != false || got["stripe_captured"] == true || got["stripe_capturable"] == true {
				t.Errorf("%s: the payment is %v", what, got)
			}
		}
		for _, l := range w.sim.Ledger() {
			if l.Captured != 0 {
				t.Errorf("Stripe took %+v", l)
			}
		}
		if page, err := w.account.RetrievePaymentIntent(context.Background(), w.payment(held, "stripe_payment_intent_id")["stripe_payment_intent_id"].(string)); err != nil || page.Status != "canceled" {
			t.Errorf("what was held is %+v, %v", page, err)
		}
	})
}

// TestUsedJournalStays keeps a journal as it is once payments went through it, or could be paid at Stripe; its name is free.
func TestUsedJournalStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		journal := payment.Journal
		var unused, account int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			unused = w.otherJournal(tx)
			a := paymentstripe.Account
			made, err := a.Create(tx, a.Name.To("Two"), a.SecretKey.To("sk_test_two"), a.PublishableKey.To("pk_test_two"))
			models.Must(err)
			account = made.ID()
		})
		write := func(id int64, assigns ...models.Assign) error {
			return modelstest.Try(w.db, models.Request{}, func(tx *models.Tx) error { return journal.Write(tx, journal.Browse(tx, id), assigns...) })
		}
		changes := map[string]models.Assign{"account": paymentstripe.Journal.StripeAccount.To(account), "method": journal.ProcessMethod.To("manual")}
		refused := func(why string) {
			t.Helper()
			for name, change := range changes {
				if err := write(w.journal, change); !models.IsKind(err, models.KindUser) {
					t.Errorf("%s: the %s of the journal: %v", why, name, err)
				}
			}
		}
		id := w.approved(w.bob, "42.00", nil)
		refused("approved")
		w.page("account.payment", w.checkout("account.payment", id))
		w.call(w.clerk, "account.payment", "draft", []any{id})
		refused("a draft that could be paid")
		if err := write(w.journal, journal.Name.To("Renamed"), paymentstripe.Journal.StripeAccount.To(w.stripeAccount)); err != nil {
			t.Errorf("another name: %v", err)
		}
		for name, change := range changes {
			if err := write(unused, change); err != nil {
				t.Errorf("the %s of a journal without payments: %v", name, err)
			}
		}
		w.now()
		w.post()
		if err := write(w.journal, changes["account"]); err != nil {
			t.Errorf("once it is canceled: %v", err)
		}
	})
}

// otherJournal is a second journal of the same account.
func (w *world) otherJournal(tx *models.Tx) int64 {
	j := payment.Journal
	made, err := j.Create(tx, j.Name.To("Unused"), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("stripe"),
		paymentstripe.Journal.StripeAccount.To(w.stripeAccount))
	models.Must(err)
	return made.ID()
}

// TestDraftKeepsItsJournal takes a payment back to draft whose page is open: until that is canceled it stays on its journal, or it would be
// canceled at another account.
func TestDraftKeepsItsJournal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.otherAccount("sk_test_other")
		id := w.approved(w.bob, "42.00", nil)
		secret := w.page("account.payment", w.checkout("account.payment", id)).ClientSecret
		w.call(w.clerk, "account.payment", "draft", []any{id})
		w.refused("the page is open", "account.payment", "write", []any{id}, map[string]any{"journal": other})
		w.now()
		w.post()
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"journal": other})
		w.confirm(secret, "pm_card_visa")
		if diff := cmp.Diff([]string{}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

// TestAmountStaysWhileTheCustomerAuthorises keeps the amount that a page shows, until it is held: then less may be captured.
func TestAmountStaysWhileTheCustomerAuthorises(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "100.00", map[string]any{"stripe_capture": false})
		token := w.checkout("account.payment", id)
		secret := w.page("account.payment", token).ClientSecret
		for name, v := range map[string]any{"amount": decimal("60.00"), "stripe_amount": int64(15000)} {
			w.refused("the page is open", "account.payment", "write", []any{id}, map[string]any{name: v})
		}
		w.confirm(secret, "pm_card_visa")
		w.refresh("account.payment", token)
		w.process(id)
		w.post()
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("60.00")})
		w.call(w.clerk, "account.payment", "stripe_do_capture", []any{id})
		if got := w.payment(id, "state", "amount"); got["state"] != "succeeded" || got["amount"] != "60.00" {
			t.Errorf("the payment is %v", got)
		}
	})
}

// TestCanceledBeforeProcessing has the intent of an approved payment canceled at Stripe's dashboard: its page makes another one, which is paid.
func TestCanceledBeforeProcessing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.00", nil)
		token := w.checkout("account.payment", id)
		first := w.page("account.payment", token).ClientSecret
		intent := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"].(string)
		if _, err := w.account.CancelPaymentIntent(context.Background(), "by-hand", intent, ""); err != nil {
			t.Fatal(err)
		}
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.payment(id, "state", "stripe_payment_intent_id", "stripe_error_message", "stripe_checkout_needed"); got["state"] != "approved" ||
			got["stripe_payment_intent_id"] != nil || got["stripe_error_message"] != "The payment was canceled at Stripe" || got["stripe_checkout_needed"] != true {
			t.Errorf("the payment is %v", got)
		}
		p := w.page("account.payment", token)
		if p.ClientSecret == first || p.ClientSecret == "" {
			t.Fatalf("the page has the secret %q", p.ClientSecret)
		}
		w.confirm(p.ClientSecret, "pm_card_visa")
		w.refresh("account.payment", token)
		w.process(id)
		w.post()
		if diff := cmp.Diff([]string{"4200 4200 0"}, w.ledger()); diff != "" || w.state(id) != "succeeded" {
			t.Errorf("the payment is %s, Stripe's ledger (-want +got):\n%s", w.state(id), diff)
		}
	})
}

// TestRefundIsWhatStripeGaveBack has another amount on a refund than the call had, whose answer was lost: Stripe's is the fact.
func TestRefundIsWhatStripeGaveBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("100.00", "pm_card_visa")
		refund := w.refund(id, "60.00")
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "refund.create", Count: 1})
		w.refundNow()
		w.alter("account_payment_stripe_refund", refund, "amount", "40.00")
		for range 3 {
			w.settled()
			w.now()
			w.refundNow()
		}
		w.post()
		if got := w.read(refundModel, refund, "state", "amount"); got["state"] != "succeeded" || got["amount"] != "60.00" {
			t.Errorf("the refund is %v", got)
		}
		if got := w.payment(id, "amount")["amount"]; got != "40.00" {
			t.Errorf("of the payment there is left %v", got)
		}
	})
}
