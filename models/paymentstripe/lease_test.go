package paymentstripe_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// TestLostLeaseWritesNothing has the lease of a payment taken over while its charge is on the way to Stripe: what was answered is not taken
// over, and counts as unknown; who has the lease by then finds it out, and nothing is charged twice.
func TestLostLeaseWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.byToken(1, nil)[0]
		w.onRequest = func(r *http.Request) {
			if r.URL.Path == "/v1/charges" {
				modelstest.Do(t, w.db, func(tx *models.Tx) {
					d := tx.Dialect()
					_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_lease" = 'another', "stripe_lease_until" = `+d.Plus(d.Now(), "?"), time.Minute))
					models.Must(err)
				})
			}
		}
		w.post()
		w.onRequest = nil
		got := w.payment(id, "state", "stripe_charge_id", "stripe_status", "stripe_lease", "stripe_error_message")
		want := map[string]any{"state": "processing", "stripe_charge_id": nil, "stripe_status": nil, "stripe_lease": "another", "stripe_error_message": nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after the lease was lost (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"charge unknown"}, w.attempts("payment", id)); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		w.abandoned()
		w.post()
		if state := w.state(id); state != "succeeded" || len(w.ledger()) != 1 {
			t.Errorf("in the end the payment is %s, by %v", state, w.ledger())
		}
	})
}

// TestKeyIsNotUsedLongerThanStripeKnowsIt leaves the outcome of a charge unknown for more than a day, by which Stripe has forgotten the key:
// the charge is looked for, and made with another key only where there is none.
func TestKeyIsNotUsedLongerThanStripeKnowsIt(t *testing.T) {
	for kind, want := range map[simulator.FaultKind]int{simulator.DropAfter: 1, simulator.DropBefore: 2} {
		each(t, func(t *testing.T, w *world) { // each with a Stripe of its own, whose clock is moved
			used := map[string]bool{}
			w.onRequest = func(r *http.Request) {
				if r.Method == "POST" && r.URL.Path == "/v1/charges" {
					used[r.Header.Get("Idempotency-Key")] = true
				}
			}
			w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: kind, Count: 1})
			id := w.byToken(1, nil)[0]
			w.post()
			if state := w.state(id); state != "processing" {
				t.Fatalf("%s: the payment is %s", kind, state)
			}
			modelstest.Do(t, w.db, func(tx *models.Tx) { // a day goes by, here
				d := tx.Dialect()
				_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_attempt" SET "started" = `+d.Plus(`"started"`, "?"), -25*time.Hour))
				models.Must(err)
			})
			w.sim.Advance(25 * time.Hour) // and there
			for range 2 {
				w.now()
				w.post()
			}
			if state := w.state(id); state != "succeeded" || len(w.ledger()) != 1 || len(used) != want {
				t.Errorf("%s: the payment is %s, %d charges were made with %d keys; %v", kind, state, len(w.ledger()), len(used), w.attempts("payment", id))
			}
		})
	}
}

// TestOneKeyForEachOperation takes a payment through all that is done at Stripe for it and its customer: no key serves two operations, and
// none is used for two objects.
func TestOneKeyForEachOperation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		uses := map[string][]string{}
		var mu sync.Mutex
		w.onRequest = func(r *http.Request) {
			if key := r.Header.Get("Idempotency-Key"); r.Method != "GET" {
				mu.Lock()
				defer mu.Unlock()
				uses[key] = append(uses[key], r.Method+" "+r.URL.Path)
			}
		}
		customer := w.customer(w.alice, "cus_alice", "pm_card_visa")
		w.run(customerAction)
		id := w.approved(w.alice, "100.00", map[string]any{"stripe_capture": false})
		w.process(id)
		w.post()
		w.call(w.clerk, "account.payment", "write", []any{id}, map[string]any{"amount": decimal("60.00")})
		w.call(w.clerk, "account.payment", "stripe_do_capture", []any{id})
		for _, amount := range []string{"10.00", "20.00"} {
			w.refund(id, amount)
			w.refundNow()
		}
		w.byToken(1, nil)
		w.post()
		void := w.approved(w.alice, "5.00", map[string]any{"stripe_capture": false})
		w.process(void)
		w.post()
		w.call(w.clerk, "account.payment", "stripe_void", []any{void})
		methods, err := w.account.ListPaymentMethods(t.Context(), "cus_alice", "")
		if err != nil || len(methods) != 1 {
			t.Fatal(err, methods)
		}
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Customer
			models.Must(x.Write(tx, x.Browse(tx, customer), x.StripeDetach.To(methods[0].ID), x.StripeUpdate.To(true)))
		})
		for range 3 {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_customer" SET "stripe_next_attempt" = ` + tx.Dialect().Now()))
				models.Must(err)
			})
			w.run(customerAction)
		}
		var done []string
		for key, calls := range uses {
			if key == "" || len(calls) != 1 {
				t.Errorf("the key %q served %v", key, calls)
			}
			for _, call := range calls {
				kind := strings.Split(strings.TrimPrefix(call, "POST /v1/"), "/")
				done = append(done, kind[0]+" "+kind[len(kind)-1])
			}
		}
		for i, one := range done { // ids are by chance
			if parts := strings.Fields(one); strings.Contains(parts[1], "_") && parts[1] != parts[0] {
				done[i] = parts[0] + " id"
			}
		}
		slices.Sort(done)
		want := []string{"charges charges", "customers id", "payment_intents cancel", "payment_intents capture", "payment_intents payment_intents",
			"payment_intents payment_intents", "payment_methods detach", "refunds refunds", "refunds refunds"}
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("calls that change something (-want +got):\n%s", diff)
		}
	})
}

// TestStopWaitsNoLongerThanGrace stops the engine, and a sweep, while Stripe does not answer: they end after the time that is left to calls
// in flight, with no lease left, and the payments are charged once by the next server.
func TestStopWaitsNoLongerThanGrace(t *testing.T) {
	eachOf(t, world{times: paymentstripe.Times{Grace: 300 * time.Millisecond}}, func(t *testing.T, w *world) {
		pulled, ids := w.paid("10.00", "pm_card_visa"), w.byToken(2, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 20 * time.Second, Count: 2})
		w.sim.AddFault(simulator.Fault{Operation: "payment_intent.retrieve", Latency: 20 * time.Second, Count: 1})
		ctx, stop := context.WithCancel(t.Context())
		swept, pressed := make(chan error, 1), make(chan error, 1)
		go func() { swept <- w.engine.Actions()[chargeAction](ctx, w.db) }()
		go func() {
			_, err := w.try(w.clerk, "account.payment", "stripe_pull", []any{pulled})
			pressed <- err
		}()
		w.until("the calls hang", func() bool { return w.leased() == 3 })
		began := time.Now()
		stop()
		w.engine.Close()
		<-swept
		if err := <-pressed; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 5*time.Second || took < 200*time.Millisecond {
			t.Errorf("to stop took %s", took)
		}
		if n := w.leased(); n != 0 {
			t.Errorf("%d leases are left", n)
		}
		w.sim.ClearFaults()
		for range 2 {
			w.settled()
			w.now()
			w.post()
		}
		if n := w.count("succeeded", ids); n != 2 || len(w.ledger()) != 3 {
			t.Errorf("the next server made %d payments, by %v", n, w.ledger())
		}
	})
}

// TestLaneIsNarrowerAfterRefusals counts how many charges are under way at once: about half after Stripe has refused a wave of them.
func TestLaneIsNarrowerAfterRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.byToken(20, nil)
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Kind: simulator.TooManyRequests, Count: 8, Latency: 100 * time.Millisecond})
		w.sim.AddFault(simulator.Fault{Operation: "charge.create", Latency: 100 * time.Millisecond})
		var mu sync.Mutex
		now, sent, before, after := 0, 0, 0, 0
		ofCharge := func(r *http.Request) bool { return r.Method == "POST" && r.URL.Path == "/v1/charges" }
		w.onRequest = func(r *http.Request) {
			if mu.Lock(); ofCharge(r) {
				now, sent = now+1, sent+1
				if sent <= 8 {
					before = max(before, now)
				} else if sent <= 16 { // with each answer the lane is a little wider again
					after = max(after, now)
				}
			}
			mu.Unlock()
		}
		w.onResponse = func(r *http.Request, _ *http.Response) {
			if mu.Lock(); ofCharge(r) {
				now--
			}
			mu.Unlock()
		}
		w.post()
		if before != 8 || after > 5 || after < 2 {
			t.Errorf("at first %d charges were under way at once, after the refusals %d", before, after)
		}
	})
}
