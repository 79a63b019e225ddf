package paymentstripe_test

import (
	"fmt"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/modelstest"
	"paytond/models/paymentstripe"
)

// TestParkedEventsOfOthers keeps a hundred older events waiting that are about nothing known here: a newer one has its turn nevertheless.
func TestParkedEventsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		x, at := paymentstripe.Event, time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
		var ours int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			for i := range 101 {
				created, tries := at.Add(time.Duration(i)*time.Second), int64(3)
				if i == 100 {
					tries = 1
				}
				payload := fmt.Sprintf(`{"id":"evt_%d","object":"event","type":"payment_intent.succeeded","created":%d,"data":{"object":{"id":"pi_%d","object":"payment_intent","status":"succeeded"}}}`,
					i, created.Unix(), i)
				r, err := x.Create(tx, x.StripeAccount.To(w.stripeAccount), x.EventID.To(fmt.Sprint("evt_", i)), x.Type.To("payment_intent.succeeded"),
					x.Created.To(created), x.State.To("parked"), x.Attempts.To(tries), x.Payload.To(payload))
				models.Must(err)
				ours = r.ID()
			}
		})
		w.run("account.payment.stripe.account|fetch_events")
		if got := w.read("account.payment.stripe.event", ours, "attempts")["attempts"]; got != int64(2) {
			t.Errorf("the newer event was tried %v times", got)
		}
	})
}
