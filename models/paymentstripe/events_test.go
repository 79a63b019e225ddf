package paymentstripe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/stripe"
	"paytond/stripe/simulator"
)

// webhook gives the account a webhook address, if it has none, and a signing secret.
func (w *world) webhook(secret string) string {
	w.t.Helper()
	if w.read("account.payment.stripe.account", w.stripeAccount, "webhook_identifier")["webhook_identifier"] == nil {
		w.call(1, "account.payment.stripe.account", "new_identifier", []any{w.stripeAccount})
	}
	if secret != "" {
		w.call(1, "account.payment.stripe.account", "write", []any{w.stripeAccount}, map[string]any{"webhook_signing_secret": secret})
	}
	return w.read("account.payment.stripe.account", w.stripeAccount, "webhook_identifier")["webhook_identifier"].(string)
}

// events are all events of Stripe as it would post them, oldest first.
func (w *world) events() [][]byte {
	w.t.Helper()
	list, err := w.account.ListEvents(context.Background(), stripe.EventQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	var payloads [][]byte
	for _, ev := range list {
		payload, err := json.Marshal(map[string]any{"id": ev.ID, "object": "event", "type": ev.Type, "created": ev.Created.Unix(),
			"api_version": ev.APIVersion, "data": map[string]any{"object": ev.Object}})
		if err != nil {
			w.t.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// signingSecret signs events that Stripe does not have: those that a test makes up.
const signingSecret = "whsec_world"

// deliver posts an event to the webhook, signed with signingSecret.
func (w *world) deliver(identifier string, payload []byte) {
	w.t.Helper()
	if err := w.engine.ApplyEvent(context.Background(), w.db, identifier, payload, stripe.SignatureHeader(payload, signingSecret, w.db.Now())); err != nil {
		w.t.Fatalf("%s: %v", payload[:60], err)
	}
}

func TestEventPaysThePayment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.process(id)
		w.confirm(page.ClientSecret, "pm_card_visa")
		identifier := w.webhook("")
		for _, payload := range w.events() {
			w.deliver(identifier, payload)
		}
		if got := w.payment(id, "state", "stripe_status"); got["state"] != "succeeded" || got["stripe_status"] != "succeeded" {
			t.Errorf("the payment is %v", got)
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Event
			for _, r := range x.Search(tx, x.Payload.Ne("")) {
				if strings.Contains(x.Payload.Of(r), "_secret_") {
					t.Errorf("the payload of %s holds a client secret", x.Type.Of(r))
				}
			}
		})
	})
}

func TestSignatures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("whsec_world")
		payload := []byte(fmt.Sprintf(`{"id":"evt_1","object":"event","type":"customer.created","created":%d,"data":{"object":{"id":"cus_1","object":"customer"}}}`, time.Now().Unix()))
		good := stripe.SignatureHeader(payload, "whsec_world", time.Now())
		tests := []struct {
			what, identifier, signature string
			payload                     []byte
			want                        models.Kind
		}{
			{"signed", identifier, good, payload, -1},
			{"replayed", identifier, good, payload, -1},
			{"not signed", identifier, "", payload, models.KindBadRequest},
			{"signed with another secret", identifier, stripe.SignatureHeader(payload, "whsec_other", time.Now()), payload, models.KindBadRequest},
			{"too old", identifier, stripe.SignatureHeader(payload, "whsec_world", time.Now().Add(-time.Hour)), payload, models.KindBadRequest},
			{"changed", identifier, good, append([]byte(" "), payload...), models.KindBadRequest},
			{"unknown webhook", strings.Repeat("0", 32), good, payload, models.KindNotFound},
		}
		for _, test := range tests {
			err := w.engine.ApplyEvent(context.Background(), w.db, test.identifier, test.payload, test.signature)
			if test.want == -1 && err != nil || test.want != -1 && !models.IsKind(err, test.want) {
				t.Errorf("%s: %v", test.what, err)
			}
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			if n := paymentstripe.Event.Count(tx, paymentstripe.Event.EventID.Eq("evt_1")); n != 1 {
				t.Errorf("the event is stored %d times", n)
			}
		})
	})
}

// TestForgedEventIsNotBelieved posts events to a webhook without a signing secret, as a clerk can who reads its address: one that Stripe does
// not have, one of Stripe's with another content, and one while Stripe cannot be asked. What Stripe says is believed, and nothing else.
func TestForgedEventIsNotBelieved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		identifier := w.webhook("")
		id := w.approved(w.bob, "42.50", nil)
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.process(id)
		intent := w.payment(id, "stripe_payment_intent_id")["stripe_payment_intent_id"]
		forged := func(event string) []byte {
			return []byte(fmt.Sprintf(`{"id":%q,"object":"event","type":"payment_intent.succeeded","created":%d,"data":{"object":{"id":%q,
				"object":"payment_intent","status":"succeeded","amount":4250,"amount_received":4250,"currency":"eur"}}}`, event, time.Now().Unix()+60, intent))
		}
		post := func(payload []byte) error { return w.engine.ApplyEvent(t.Context(), w.db, identifier, payload, "") }
		if err := post(forged("evt_forged")); !models.IsKind(err, models.KindBadRequest) {
			t.Errorf("an event that Stripe does not have: %v", err)
		}
		own := w.eventIDs()
		if err := post(forged(own[len(own)-1])); err != nil {
			t.Errorf("an event of Stripe's: %v", err)
		}
		if state := w.state(id); state != "processing" {
			t.Fatalf("by forged events the payment is %s", state)
		}
		w.confirm(page.ClientSecret, "pm_card_visa")
		list := w.events()
		w.sim.AddFault(simulator.Fault{Operation: "event.retrieve", Kind: simulator.Unavailable, Count: 1})
		if err := post(list[len(list)-1]); !models.IsKind(err, models.KindUnavailable) {
			t.Errorf("while Stripe cannot be asked: %v", err)
		}
		for range 2 {
			for _, payload := range list {
				if err := post(payload); err != nil {
					t.Error(err)
				}
			}
		}
		if state := w.state(id); state != "succeeded" {
			t.Errorf("by Stripe's own events the payment is %s", state)
		}
	})
}

// TestEventsInAnyOrder delivers what happened to a payment (two failed tries, a success, a part refunded at the dashboard) in many
// orders, some events twice: the end is always the same.
func TestEventsInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for round := range 6 {
			id := w.approved(w.bob, "40.00", nil)
			page := w.page("account.payment", w.checkout("account.payment", id))
			w.process(id)
			w.confirm(page.ClientSecret, "pm_card_visa_chargeDeclined")
			w.confirm(page.ClientSecret, "pm_card_visa")
			ledger := w.sim.Ledger()
			w.sim.Advance(time.Minute)
			if err := w.sim.RefundAtDashboard(ledger[len(ledger)-1].ID, 1500); err != nil {
				t.Fatal(err)
			}
			identifier := w.webhook("")
			list := w.events()
			list = append(list, list[len(list)/2:]...)
			rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			for _, payload := range list {
				w.deliver(identifier, payload)
			}
			w.run("account.payment.stripe.account|fetch_events") // tries again what was too early
			got := w.payment(id, "state", "amount", "stripe_captured")
			if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "25.00", "stripe_captured": true}, got); diff != "" {
				t.Errorf("round %d (-want +got):\n%s", round, diff)
			}
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				x := paymentstripe.Refund
				if n := x.Count(tx, x.Payment.Eq(id)); n != 1 {
					t.Errorf("round %d: the refund of the dashboard has %d records", round, n)
				}
			})
		}
	})
}

func TestEventsAreFetched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.approved(w.bob, "42.50", nil)
		page := w.page("account.payment", w.checkout("account.payment", id))
		w.process(id)
		w.confirm(page.ClientSecret, "pm_card_visa")
		w.run("account.payment.stripe.account|fetch_events")
		if state := w.state(id); state != "succeeded" {
			t.Errorf("the payment is %s", state)
		}
		count := func() (n int64) {
			modelstest.Do(t, w.db, func(tx *models.Tx) { n = paymentstripe.Event.Count(tx, paymentstripe.Event.EventID.Ne("")) })
			return n
		}
		before := count()
		last := w.read("account.payment.stripe.account", w.stripeAccount, "last_event")["last_event"]
		w.run("account.payment.stripe.account|fetch_events")
		if after := count(); before == 0 || after != before {
			t.Errorf("%d events, then %d", before, after)
		}
		if again := w.read("account.payment.stripe.account", w.stripeAccount, "last_event")["last_event"]; last == nil || again != last {
			t.Errorf("the last event is %v, then %v", last, again)
		}
	})
}

// TestEventBeforeTheAnswer delivers the events of a call whose answer never came: they are about an intent that the payment does not know.
func TestEventBeforeTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.customer(w.alice, "cus_alice", "pm_card_visa")
		id := w.approved(w.alice, "10.00", nil)
		w.sim.AddFault(dropAfterCreate())
		w.process(id)
		w.post()
		identifier := w.webhook("")
		for _, payload := range w.events() {
			w.deliver(identifier, payload)
		}
		if state := w.state(id); state != "succeeded" {
			t.Errorf("after the events the payment is %s", state)
		}
		w.now()
		w.post()
		if diff := cmp.Diff([]string{"1000 1000 0"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}

func TestDisputes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, test := range []struct {
			amount int64
			won    bool
			want   map[string]any
		}{
			{0, true, map[string]any{"state": "succeeded", "amount": "40.00", "stripe_dispute_status": "won"}},
			{0, false, map[string]any{"state": "failed", "amount": "40.00", "stripe_dispute_status": "lost"}},
			{1500, false, map[string]any{"state": "succeeded", "amount": "25.00", "stripe_dispute_status": "lost"}},
		} {
			id := w.paid("40.00", "pm_card_visa")
			charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
			w.sim.Advance(time.Minute)
			if err := w.sim.Dispute(charge, test.amount, "fraudulent"); err != nil {
				t.Fatal(err)
			}
			w.run("account.payment.stripe.account|fetch_events")
			disputed := map[int64]string{0: "40.00", 1500: "15.00"}[test.amount]
			got := w.payment(id, "stripe_dispute_status", "stripe_dispute_reason", "stripe_dispute_amount", "stripe_dispute_due", "stripe_dispute_lost")
			if due, _ := got["stripe_dispute_due"].(time.Time); got["stripe_dispute_status"] != "needs_response" || got["stripe_dispute_reason"] != "fraudulent" ||
				got["stripe_dispute_amount"] != disputed || time.Until(due).Round(24*time.Hour) != 9*24*time.Hour || got["stripe_dispute_lost"] != nil {
				t.Errorf("disputed payment: %v", got)
			}
			c, err := w.account.RetrieveCharge(context.Background(), charge)
			if err != nil {
				t.Fatal(err)
			}
			w.sim.Advance(time.Minute)
			if err := w.sim.DecideDispute(c.Dispute, test.won); err != nil {
				t.Fatal(err)
			}
			w.run("account.payment.stripe.account|fetch_events")
			if diff := cmp.Diff(test.want, w.payment(id, "state", "amount", "stripe_dispute_status")); diff != "" {
				t.Errorf("dispute of %d, won %v (-want +got):\n%s", test.amount, test.won, diff)
			}
			lost := map[bool]any{true: nil, false: disputed}[test.won]
			if got := w.payment(id, "stripe_dispute_amount", "stripe_dispute_due", "stripe_dispute_lost"); got["stripe_dispute_amount"] != disputed || got["stripe_dispute_due"] != nil || got["stripe_dispute_lost"] != lost {
				t.Errorf("closed dispute: %v", got)
			}
		}
	})
}

// TestDisputeToldLate has a payment of which a part was disputed and lost hear of it in any order among its other events, then lowers it by
// a refund: what the dispute took stays lost, and what was given back is taken off too.
func TestDisputeToldLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, reversed := range []bool{false, true} {
			id := w.paid("40.00", "pm_card_visa")
			ids := w.payment(id, "stripe_charge_id", "stripe_payment_intent_id")
			at := time.Now().Unix()
			event := func(n int, kind, object string) []byte {
				return fmt.Appendf(nil, `{"id":"evt_%d_%d","object":"event","type":%q,"created":%d,"data":{"object":%s}}`, id, n, kind, at+int64(n), object)
			}
			dispute := func(id, status string, amount int) string {
				return fmt.Sprintf(`{"id":%q,"object":"dispute","status":%q,"amount":%d,"reason":"fraudulent","charge":%q,"payment_intent":%q,"evidence_details":{"due_by":1999999999}}`,
					id, status, amount, ids["stripe_charge_id"], ids["stripe_payment_intent_id"])
			}
			charge := fmt.Sprintf(`{"id":%q,"object":"charge","status":"succeeded","captured":true,"amount":4000,"amount_captured":4000,"amount_refunded":1000,"payment_intent":%q}`,
				ids["stripe_charge_id"], ids["stripe_payment_intent_id"])
			list := [][]byte{event(1, "charge.dispute.created", dispute("dp_1", "needs_response", 1500)), event(2, "charge.dispute.closed", dispute("dp_1", "lost", 1500)),
				event(3, "charge.refunded", charge)}
			if reversed {
				list[0], list[2] = list[2], list[0]
			}
			identifier := w.webhook(signingSecret)
			for range 2 {
				for _, payload := range list {
					w.deliver(identifier, payload)
				}
			}
			want := map[string]any{"state": "succeeded", "amount": "15.00", "stripe_dispute_status": "lost", "stripe_dispute_lost": "15.00"}
			if diff := cmp.Diff(want, w.payment(id, "state", "amount", "stripe_dispute_status", "stripe_dispute_lost")); diff != "" {
				t.Errorf("reversed %v: payment (-want +got):\n%s", reversed, diff)
			}
			for _, payload := range [][]byte{event(4, "charge.dispute.created", dispute("dp_2", "needs_response", 500)), event(5, "charge.dispute.closed", dispute("dp_2", "lost", 500))} {
				w.deliver(identifier, payload)
			}
			if diff := cmp.Diff(map[string]any{"state": "succeeded", "amount": "10.00", "stripe_dispute_lost": "20.00"}, w.payment(id, "state", "amount", "stripe_dispute_lost")); diff != "" {
				t.Errorf("after a second dispute the payment (-want +got):\n%s", diff)
			}
		}
	})
}
