package paymentstripe_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

// known is one of everything that Stripe can tell of: a paid payment with a refund, one by a source, a customer with a card, a set-up
// intent and a mandate.
type known struct {
	payment, customer int64
	objects           map[string]string // the JSON of objects by kind, as events have them
}

func (w *world) oneOfEach() known {
	w.t.Helper()
	k := known{payment: w.paid("40.00", "pm_card_visa"), customer: w.customer(w.alice, "cus_alice", "pm_card_visa")}
	w.run("account.payment.stripe.customer|stripe_create") // lists the card
	source := w.approved(w.bob, "5.00", nil)
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		p, c := tx.Class("account.payment"), tx.Class("account.payment.stripe.customer")
		models.Must(p.Write(tx, p.Browse(tx, []int64{source}), models.Values{"stripe_token": "src_known"}))
		models.Must(c.Write(tx, c.Browse(tx, []int64{k.customer}), models.Values{"stripe_setup_intent_id": "seti_known", "stripe_mandate": "mandate_known"}))
	})
	w.process(source)
	at := w.payment(k.payment, "stripe_charge_id", "stripe_payment_intent_id")
	refund := w.refund(k.payment, "1.00")
	w.refundNow()
	k.objects = map[string]string{
		"charge": fmt.Sprintf(`{"id":%q,"object":"charge","status":"succeeded","captured":true,"amount":4000,"amount_captured":4000,"amount_refunded":100,"payment_intent":%q}`,
			at["stripe_charge_id"], at["stripe_payment_intent_id"]),
		"dispute": fmt.Sprintf(`{"id":"dp_known","object":"dispute","status":"needs_response","amount":500,"charge":%q,"evidence_details":{"due_by":1999999999}}`,
			at["stripe_charge_id"]),
		"payment_intent": fmt.Sprintf(`{"id":%q,"object":"payment_intent","status":"succeeded","amount":4000,"amount_received":4000,"currency":"eur"}`,
			at["stripe_payment_intent_id"]),
		"refund": fmt.Sprintf(`{"id":%q,"object":"refund","status":"succeeded","amount":100,"charge":%q}`,
			w.read(refundModel, refund, "stripe_refund_id")["stripe_refund_id"], at["stripe_charge_id"]),
		"setup_intent":   `{"id":"seti_known","object":"setup_intent","status":"requires_payment_method"}`,
		"payment_method": `{"id":"pm_known","object":"payment_method","type":"card","customer":"cus_alice"}`,
		"customer":       `{"id":"cus_alice","object":"customer","email":"alice@example.com"}`,
		"card":           `{"id":"card_known","object":"card","customer":"cus_alice"}`,
		"source":         `{"id":"src_known","object":"source","customer":"cus_alice","status":"chargeable"}`,
		"mandate":        `{"id":"mandate_known","object":"mandate","status":"inactive"}`,
	}
	return k
}

// objectsOf are the kinds of objects that an event of the type can be about.
func objectsOf(kind string) []string {
	for prefix, objects := range map[string][]string{"charge.refund.": {"refund"}, "refund.": {"refund"}, "charge.dispute.": {"dispute"}, "charge.": {"charge"},
		"payment_intent.": {"payment_intent"}, "setup_intent.": {"setup_intent"}, "payment_method.": {"payment_method"}, "customer.source.": {"card", "source"},
		"customer.": {"customer"}, "source.": {"source"}, "mandate.": {"mandate"}} {
		longer := strings.HasPrefix(kind, "charge.refund.") || strings.HasPrefix(kind, "charge.dispute.") || strings.HasPrefix(kind, "customer.source.")
		if strings.HasPrefix(kind, prefix) && !(longer && strings.Count(prefix, ".") == 1) {
			return objects
		}
	}
	return nil
}

// TestEveryHandledEventIsApplied tells of something known by each type of event that endpoints are made for: each is applied, and none
// is put aside as none of our business. Applied once more by the button, each leaves everything as it is.
func TestEveryHandledEventIsApplied(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k, identifier := w.oneOfEach(), w.webhook(signingSecret)
		handled, n := paymentstripe.HandledEvents(), 0
		picture := func() map[string]any {
			seen := w.payment(k.payment, "state", "amount", "stripe_status", "stripe_dispute_status", "stripe_dispute_amount", "stripe_refunds", "stripe_error_message")
			for name, v := range w.read("account.payment.stripe.customer", k.customer, "stripe_mandate_status", "stripe_setup_intent_id", "stripe_verify_url") {
				seen[name] = v
			}
			return seen
		}
		for _, kind := range handled {
			objects := objectsOf(kind)
			if len(objects) == 0 {
				t.Errorf("%s: about what?", kind)
			}
			for _, object := range objects {
				n++
				if kind == "customer.deleted" { // told last, below
					continue
				}
				w.deliver(identifier, []byte(fmt.Sprintf(`{"id":"evt_%d","object":"event","type":%q,"created":%d,"data":{"object":%s}}`, n, kind,
					time.Now().Add(time.Duration(n)*time.Minute).Unix(), k.objects[object])))
			}
		}
		if got := picture(); got["stripe_dispute_amount"] != "5.00" || got["stripe_mandate_status"] != "inactive" {
			t.Errorf("after all events: %v", got)
		}
		w.deliver(identifier, []byte(fmt.Sprintf(`{"id":"evt_last","object":"event","type":"customer.deleted","created":%d,"data":{"object":%s}}`,
			time.Now().Add(time.Hour).Unix(), k.objects["customer"])))
		var ids []any
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			x := paymentstripe.Event
			ids = nil
			for _, r := range x.Search(tx, x.EventID.Ne(""), models.OrderBy("created")) {
				ids = append(ids, r.ID())
				fine := x.State.Of(r) == "applied" || x.State.Of(r) == "stale" && strings.HasPrefix(x.Type.Of(r), "source.")
				if !fine { // a source that failed and then becomes chargeable finds its payment failed
					t.Errorf("%s is %s: %s", x.Type.Of(r), x.State.Of(r), x.Message.Of(r))
				}
			}
		})
		if len(ids) != n {
			t.Errorf("%d events are kept of %d", len(ids), n)
		}
		before := picture()
		w.call(w.clerk, "account.payment.stripe.event", "replay", ids)
		if diff := cmp.Diff(before, picture()); diff != "" {
			t.Errorf("all events applied again (-before +after):\n%s", diff)
		}
	})
}
