package paymentstripe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/stripe"
)

const fetchAction = "account.payment.stripe.account|fetch_events"

// hide leaves events out of the lists that Stripe answers, until they are shown.
func (w *world) hide(hidden map[string]bool) {
	w.onResponse = func(r *http.Request, answer *http.Response) {
		if r.URL.Path != "/v1/events" {
			return
		}
		raw, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		var list map[string]any
		if err == nil {
			err = json.Unmarshal(raw, &list)
		}
		if err != nil {
			w.t.Error(err)
			return
		}
		rows, _ := list["data"].([]any)
		list["data"] = slices.DeleteFunc(rows, func(row any) bool {
			ev, _ := row.(map[string]any)
			id, _ := ev["id"].(string)
			return hidden[id]
		})
		if raw, err = json.Marshal(list); err != nil {
			w.t.Error(err)
		}
		answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	}
}

func (w *world) eventIDs() (ids []string) {
	w.t.Helper()
	for _, payload := range w.events() {
		ev, err := stripe.ParseEvent(payload)
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, ev.ID)
	}
	return ids
}

// TestEventThatShowsLateIsTaken has the events of a refund become visible only after newer ones, which have been fetched by then.
func TestEventThatShowsLateIsTaken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("100.00", "pm_card_visa")
		w.run(fetchAction)
		before := w.eventIDs()
		charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
		if err := w.sim.RefundAtDashboard(charge, 1000); err != nil {
			t.Fatal(err)
		}
		hidden := map[string]bool{}
		for _, id := range w.eventIDs() {
			hidden[id] = !slices.Contains(before, id)
		}
		w.hide(hidden)
		w.sim.Advance(2 * time.Second)
		w.paid("50.00", "pm_card_visa")
		w.run(fetchAction)
		if got := w.payment(id, "amount"); got["amount"] != "100.00" {
			t.Fatalf("the refund is known already: %v", got)
		}
		clear(hidden)
		w.sim.Advance(2 * time.Minute)
		w.paid("51.00", "pm_card_visa")
		w.run(fetchAction)
		w.post()
		if got := w.payment(id, "amount"); got["amount"] != "90.00" {
			t.Errorf("the event that showed late was not taken: %v", got)
		}
	})
}

// TestForgottenCursorLosesNothing fetches no event for longer than Stripe remembers them: all that Stripe still has are taken, page after
// page, the oldest too.
func TestForgottenCursorLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.paid("100.00", "pm_card_visa")
		w.run(fetchAction)
		w.sim.Advance(20 * 24 * time.Hour)
		charge := w.payment(id, "stripe_charge_id")["stripe_charge_id"].(string)
		if err := w.sim.RefundAtDashboard(charge, 1000); err != nil {
			t.Fatal(err)
		}
		w.sim.Advance(15 * 24 * time.Hour) // by now the last event that was seen is forgotten
		for i := range 220 {
			if _, err := w.account.CreateCustomer(t.Context(), fmt.Sprint("key", i), stripe.CustomerParams{Name: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		pages := 0
		w.onRequest = func(r *http.Request) {
			if r.URL.Path == "/v1/events" {
				pages++
			}
		}
		w.run(fetchAction)
		w.onRequest = nil
		w.post()
		if got := w.payment(id, "amount"); got["amount"] != "90.00" || pages < 4 {
			t.Errorf("after %d pages the payment is %v", pages, got)
		}
		all, ids := w.eventIDs(), map[string]bool{}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			for _, r := range paymentstripe.Event.Search(tx, paymentstripe.Event.EventID.Ne("")) {
				ids[paymentstripe.Event.EventID.Of(r)] = true
			}
		})
		missing := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return ids[id] })
		if len(all) < 222 || len(missing) > 0 {
			t.Errorf("of %d events at Stripe %d are not here", len(all), len(missing))
		}
	})
}

// TestOldParkedEventIsTriedAFewTimes takes an event about something unknown that is days old when it comes, as after an outage.
func TestOldParkedEventIsTriedAFewTimes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.account.CreateCharge(t.Context(), "foreign", stripe.ChargeParams{Amount: 500, Currency: "eur", Source: "tok_visa"}); err != nil {
			t.Fatal(err)
		}
		w.db.Now = func() time.Time { return time.Now().Add(5 * 24 * time.Hour) }
		tries := func() (n int64) {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				x := paymentstripe.Event
				found := x.Search(tx, x.Type.Eq("charge.succeeded"))
				if len(found) != 1 || x.State.Of(found[0]) != "parked" {
					t.Fatalf("%d events of the charge, %v", len(found), found)
				}
				n = x.Attempts.Of(found[0])
			})
			return n
		}
		for sweep := int64(1); sweep <= 8; sweep++ {
			w.run(fetchAction)
			if got, want := tries(), min(sweep+1, 5); got != want {
				t.Errorf("after sweep %d it was tried %d times, want %d", sweep, got, want)
			}
		}
	})
}
