package paymentstripe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/sql"
	"paytond/stripe/simulator"
)

func TestCustomerIsChargedOffSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "160.70", nil)
		w.process(id)
		if state := w.state(id); state != "processing" {
			t.Fatalf("after process the payment is %s", state)
		}
		w.post()
		got := w.payment(id, "state", "stripe_captured", "stripe_status", "stripe_error_message", "stripe_customer", "amount", "stripe_attempt_count", "stripe_lease")
		want := map[string]any{"state": "succeeded", "stripe_captured": true, "stripe_status": "succeeded", "stripe_error_message": nil,
			"stripe_customer": w.customers["cus_alice"], "amount": "160.70", "stripe_attempt_count": int64(0), "stripe_lease": nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"16070 16070 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
		w.post()
		if diff := cmp.Diff([]string{"intent done"}, w.attempts("payment", id)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestDeclines(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa_chargeCustomerFail")
		id := w.approved(w.alice, "12.00", nil)
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_error_message", "stripe_error_code", "stripe_captured")
		want := map[string]any{"state": "failed", "stripe_error_message": "Your card was declined.", "stripe_error_code": "generic_decline", "stripe_captured": false}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("declined payment (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestAuthenticationWaitsForTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_authenticationRequired")
		id := w.approved(w.alice, "12.00", nil)
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_checkout_needed", "stripe_error_code")
		want := map[string]any{"state": "processing", "stripe_checkout_needed": true, "stripe_error_code": "authentication_required"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("payment (-want +got):\n%s", diff)
		}
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.confirm(page.ClientSecret, "pm_card_visa")
		w.post()
		w.refresh("account.payment", w.payment(id, "stripe_checkout_id")["stripe_checkout_id"].(string))
		if state := w.state(id); state != "succeeded" {
			t.Errorf("after the customer paid the payment is %s", state)
		}
		if diff := cmp.Diff([]string{"1200 1200 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestNothingToChargeWaitsForTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice")
		id := w.approved(w.alice, "12.00", nil)
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_checkout_needed", "stripe_error_message")
		want := map[string]any{"state": "processing", "stripe_checkout_needed": true,
			"stripe_error_message": "The customer has no card or account at Stripe yet"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
		next, _ := w.payment(id, "stripe_next_attempt")["stripe_next_attempt"].(time.Time)
		if ahead := time.Until(next); ahead < 23*time.Hour || ahead > 25*time.Hour {
			t.Errorf("should nobody tell of a card, it is looked for in %s", ahead)
		}
	})
}

func TestProcessNeedsSomethingToCharge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "12.00", nil)
		err := modelstest.Try(w.db, models.Request{}, func(tx *models.Tx) error {
			_, err := processAll(tx, id)
			return err
		})
		if !models.IsKind(err, models.KindUser) || err.Error() != `To process payment "1" you must set a Stripe token or customer.` {
			t.Errorf("got %v", err)
		}
		if state := w.state(id); state != "approved" {
			t.Errorf("the payment became %s", state)
		}
	})
}

func TestPayableIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.try(w.clerk, "account.payment", "create", []any{map[string]any{"journal": w.journal, "party": w.alice, "kind": "payable",
			"amount": decimal("1")}})
		if !models.IsKind(err, models.KindUser) || err.Error() != `To pay "1", you cannot use a stripe journal "Stripe EUR".` {
			t.Errorf("got %v", err)
		}
	})
}

func TestTokenIsCharged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "30.25", nil)
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			r := tx.Class("account.payment").Browse(tx, []int64{id})
			models.Must(tx.Class("account.payment").Write(tx, r, models.Values{"stripe_token": "tok_visa", "stripe_chargeable": true}))
		})
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_captured", "stripe_status", "stripe_payment_intent_id")
		want := map[string]any{"state": "succeeded", "stripe_captured": true, "stripe_status": "succeeded", "stripe_payment_intent_id": nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("payment (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"charge done"}, w.attempts("payment", id)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

// TestUnknownOutcomes lets a creation go wrong in every way of a network and a busy server. The payment is charged once, whatever happened.
func TestUnknownOutcomes(t *testing.T) {
	const create = "payment_intent.create"
	kinds := []simulator.FaultKind{simulator.DropBefore, simulator.DropAfter, simulator.TooManyRequests, simulator.LockTimeout,
		simulator.ServerErrorFirst, simulator.ServerErrorAfter, simulator.BadGateway, simulator.CutShort, simulator.Unavailable}
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		total := []string{}
		for _, name := range kinds {
			w.sim.AddFault(simulator.Fault{Kind: name, Operation: create, Count: 1})
			id := w.approved(w.alice, "10.00", nil)
			w.process(id)
			w.post()
			if state := w.state(id); state != "processing" {
				t.Errorf("%s: after the first try the payment is %s", name, state)
			}
			if next := w.payment(id, "stripe_next_attempt")["stripe_next_attempt"]; next == nil {
				t.Errorf("%s: there is no next try", name)
			}
			for range 4 {
				w.settled()
				w.now()
				w.post()
			}
			total = append(total, "1000 1000 0")
			if state := w.state(id); state != "succeeded" {
				t.Errorf("%s: in the end the payment is %s, attempts %v", name, state, w.attempts("payment", id))
			}
			if diff := cmp.Diff(total, w.ledger()); diff != "" {
				t.Fatalf("%s: Stripe's ledger (-want +got):\n%s", name, diff)
			}
			w.sim.ClearFaults()
		}
	})
}

// settled moves the attempts back in time, so that Stripe may be asked what became of them.
func (w *world) settled() {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		d := tx.Dialect()
		_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_attempt" SET "started" = `+d.Plus(`"started"`, "?"), -5*time.Minute))
		models.Must(err)
	})
}

// TestDeadServerIsTakenOver lets a server die in the middle of a job, before and after the call.
func TestDeadServerIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "10.00", nil)
		w.process(id)
		// The call is made, but the answer never recorded: as if the process had died there.
		w.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: "payment_intent.create", Count: 1})
		w.post()
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_lease" = 'dead', "stripe_next_attempt" = NULL,
				"stripe_lease_until" = `+tx.Dialect().Plus(tx.Dialect().Now(), "?")+` WHERE "id" = ?`, time.Minute, id))
			models.Must(err)
			_, err = tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_attempt" SET "outcome" = 'begun'`))
			models.Must(err)
		})
		w.post()
		if state := w.state(id); state != "processing" {
			t.Fatalf("while the lease holds the payment became %s", state)
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_lease_until" = `+tx.Dialect().Plus(tx.Dialect().Now(), "?")+` WHERE "id" = ?`, -time.Second, id))
			models.Must(err)
		})
		w.post()
		if state := w.state(id); state != "succeeded" {
			t.Errorf("the payment of a dead server became %s, attempts %v", state, w.attempts("payment", id))
		}
		if diff := cmp.Diff([]string{"1000 1000 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestCaptureByButton(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "100.00", map[string]any{"stripe_capture": false})
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_capturable", "stripe_capture_needed", "stripe_captured", "stripe_status")
		want := map[string]any{"state": "processing", "stripe_capturable": true, "stripe_capture_needed": true, "stripe_captured": false, "stripe_status": "requires_capture"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("authorised payment (-want +got):\n%s", diff)
		}
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("60.00")})
		w.call(w.clerk, "account.payment", "stripe_do_capture", []any{id})
		got = w.payment(id, "state", "amount", "stripe_captured", "stripe_capturable")
		want = map[string]any{"state": "succeeded", "amount": "60.00", "stripe_captured": true, "stripe_capturable": false}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("captured payment (-want +got):\n%s", diff)
		}
		for _, line := range w.sim.Ledger() {
			if line.Captured != 6000 {
				t.Errorf("Stripe captured %d", line.Captured)
			}
		}
	})
}

func TestWrongKeyIsShownAndTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "10.00", nil)
		w.sim.Revoke(secretKey, false)
		w.process(id)
		w.post()
		got := w.payment(id, "state", "stripe_error_message")
		if got["state"] != "processing" || got["stripe_error_message"] == nil {
			t.Errorf("with a revoked key the payment is %v", got)
		}
		w.sim.Revoke(secretKey, true)
		w.now()
		w.post()
		if got := w.payment(id, "state", "stripe_error_message"); got["state"] != "succeeded" || got["stripe_error_message"] != nil {
			t.Errorf("with the key back the payment is %v", got)
		}
	})
}

func TestManyServersShareTheWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		var ids []int64
		for range 30 {
			ids = append(ids, w.approved(w.alice, "1.00", nil))
		}
		w.process(ids...)
		ended := make(chan error)
		for range 4 {
			go func() { ended <- w.engine.Actions()["account.payment|stripe_charge"](t.Context(), w.db) }()
		}
		for range 4 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if n := len(w.ledger()); n != len(ids) {
			t.Errorf("%d charges for %d payments", n, len(ids))
		}
		for _, id := range ids {
			if state := w.state(id); state != "succeeded" {
				t.Errorf("payment %d is %s", id, state)
			}
		}
	})
}

// TestEngineCausesNoConflict works on a payment while a clerk has its form open: his next button is not refused.
func TestEngineCausesNoConflict(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice")
		id := w.approved(w.alice, "12.00", nil)
		w.process(id)
		seen := w.call(w.clerk, "account.payment", "read", []any{id}, []any{"_timestamp"}).([]map[string]any)[0]["_timestamp"]
		w.post()
		if got := w.payment(id, "stripe_error_message"); got["stripe_error_message"] == nil {
			t.Fatal("the engine noted nothing")
		}
		fail := func(stamp any) error {
			_, err := modelstest.Call(w.db, w.clerk, map[string]any{"company": w.company,
				"_timestamp": map[string]any{fmt.Sprintf("account.payment,%d", id): stamp}}, "account.payment", "fail", []any{id})
			return err
		}
		if err := fail("1.000000"); !models.IsKind(err, models.KindConcurrency) {
			t.Errorf("a button on an old picture of the record: %v", err)
		}
		if err := fail(seen); err != nil {
			t.Errorf("the clerk's button: %v", err)
		}
		if state := w.state(id); state != "failed" {
			t.Errorf("the payment is %s", state)
		}
	})
}

// TestProcessFindsEachPartysCustomer processes payments of two parties together; a deactivated customer is not found.
func TestProcessFindsEachPartysCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		gone := w.customer(w.alice, "cus_gone", "pm_card_visa")
		w.call(w.clerk, "account.payment.stripe.customer", "delete", []any{gone})
		alice, bob := w.customer(w.alice, "cus_alice", "pm_card_visa"), w.customer(w.bob, "cus_bob", "pm_card_visa")
		one, two, three := w.approved(w.alice, "1.00", nil), w.approved(w.bob, "2.00", nil), w.approved(w.alice, "3.00", nil)
		w.process(one, two, three)
		for id, want := range map[int64]int64{one: alice, two: bob, three: alice} {
			if got := w.payment(id, "stripe_customer")["stripe_customer"]; got != want {
				t.Errorf("payment %d has the customer %v, want %d", id, got, want)
			}
		}
	})
}
