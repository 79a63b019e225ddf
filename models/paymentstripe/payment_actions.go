package paymentstripe

import (
	"maps"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/payment"
	"paytond/sql"
	"paytond/stripe"
)

// processGroup is the process method "stripe": it only makes sure that there is something to charge, and puts the payments in the
// queue. The engine does the rest once the transaction is committed.
func processGroup(tx *models.Tx, group *models.Record, records []*models.Record) error {
	x := Payment
	var without []*models.Record
	for _, r := range records {
		amount, err := minorAmount(r, payment.Payment.Amount.Of(r))
		if err == nil {
			err = stripe.CheckAmount(amount, currencyCode(r))
		}
		if err != nil {
			return models.UserError("Payment \"%s\" cannot be made through Stripe: %s.", r.Name(), err.Error())
		}
		if x.StripeToken.Of(r) == "" && x.StripeCustomer.ID(r) == 0 && x.StripePaymentIntentID.Of(r) == "" {
			without = append(without, r)
		}
	}
	known := customersOf(tx, accountOf(payment.Group.Journal.Of(group)), without)
	charged := map[int64][]*models.Record{} // by customer
	for _, r := range without {
		customer := known[payment.Payment.Party.ID(r)]
		switch {
		case customer > 0:
			charged[customer] = append(charged[customer], r)
		case x.StripeCheckoutID.Of(r) == "": // else he has his link
			return models.UserError("To process payment \"%s\" you must set a Stripe token or customer.", r.Name())
		}
	}
	for customer, theirs := range charged {
		if err := payment.Payment.In(tx).Write(tx, theirs, models.Values{"stripe_customer": customer}); err != nil {
			return err
		}
	}
	return due(tx, records)
}

// customersOf are the first customers that Stripe knows at the account, by the parties of the payments.
func customersOf(tx *models.Tx, account *models.Record, payments []*models.Record) map[int64]int64 {
	parties := make([]any, len(payments))
	for i, r := range payments {
		parties[i] = payment.Payment.Party.ID(r)
	}
	x, first := Customer, map[int64]int64{}
	for _, r := range x.Search(tx, domain.AllOf(x.Party.In(parties...), x.StripeAccount.Eq(account.ID()),
		x.StripeCustomerID.Ne(nil), x.StripeCustomerID.Ne("")), models.OrderBy("-id")) {
		first[x.Party.ID(r)] = r.ID()
	}
	return first
}

// released ends what there is at Stripe for payments that go back to draft, and the checkout page of those that end otherwise: nobody
// shall pay what is not asked for any more.
func (x *paymentStripe) released(tx *models.Tx, records []*models.Record, values models.Values) error {
	state, _ := values["state"].(string)
	if state != payment.Draft && state != payment.Failed && state != payment.Succeeded {
		return nil
	}
	var cancel []*models.Record
	for _, r := range records {
		if payment.Payment.ProcessMethod.Of(r) != methodStripe {
			continue
		}
		if state != payment.Succeeded && x.checkedOut(tx, r, state) || x.paidOtherwise(tx, r, state) {
			cancel = append(cancel, r)
		}
		if state == payment.Draft {
			changes := noErrorValues()
			changes["stripe_checkout_id"] = nil
			if err := writeChanged(tx, r, changes); err != nil {
				return err
			}
			if x.StripePaymentIntentID.Of(r) != "" && x.StripeStatus.Of(r) == stripe.Canceled {
				if err := forgetIntent(tx, r); err != nil {
					return err
				}
			}
		}
	}
	return giveUp(tx, cancel)
}

// giveUp has what there is of the payments at Stripe canceled.
func giveUp(tx *models.Tx, records []*models.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := payment.Payment.In(tx).Write(tx, records, models.Values{"stripe_cancel": true}); err != nil {
		return err
	}
	return due(tx, records)
}

// foundTooLate tells that a payment which has failed turns out to have something at Stripe that can still be paid or captured: the answer
// to the call that made it was lost, so that there was nothing to give up when the payment failed.
func foundTooLate(tx *models.Tx, r *models.Record) bool {
	return payment.Payment.State.Of(r) == payment.Failed && !Payment.StripeCancel.Of(r) && Payment.checkedOut(tx, r, payment.Failed)
}

// checkedOut tells whether there is, or may be, an intent at Stripe that could still be paid.
func (x *paymentStripe) checkedOut(tx *models.Tx, r *models.Record, state string) bool {
	switch status := x.StripeStatus.Of(r); {
	case x.StripePaymentIntentID.Of(r) == "":
		if x.StripeChargeID.Of(r) != "" {
			return state == payment.Failed && x.StripeCapturable.Of(r) && !x.StripeCaptured.Of(r)
		}
		return state == payment.Draft && pendingAttempt(tx, payments, r.ID()) != nil
	case state == payment.Failed: // an authorisation is given back, a page is closed
		return status == stripe.RequiresCapture || x.StripeCheckoutID.Of(r) != "" && waitsForCustomer(status)
	default:
		return ranks[status] < 4
	}
}

// bindPayment binds what needs the engine to account.payment.
func (e *Engine) bindPayment(c *models.Class) {
	x := Payment
	c.Button(models.Button{Name: "stripe_checkout", Stale: true, States: checkoutStates, Depends: []string{"state", "stripe_checkout_needed"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			var open []*models.Record
			for _, r := range records {
				state := payment.Payment.State.Of(r)
				if payment.Payment.ProcessMethod.Of(r) != methodStripe || state != payment.Approved && state != payment.Processing {
					continue
				}
				if err := ensureLink(tx, r, e.linkAge); err != nil {
					return nil, err
				}
				open = append(open, r)
			}
			e.soon(tx, payments, forCheckout, open)
			return tx.Ref("account_payment_stripe.wizard_checkout"), nil
		})
	c.Button(models.Button{Name: "stripe_do_capture", States: captureStates, Depends: []string{"state", "stripe_capture_needed"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			var wanted []*models.Record
			for _, r := range records {
				if x.captureNeeded(r) && payment.Payment.State.Of(r) == payment.Processing {
					wanted = append(wanted, r)
				}
			}
			if len(wanted) == 0 {
				return nil, nil
			}
			if err := payment.Payment.In(tx).Write(tx, wanted, models.Values{"stripe_capture": true}); err != nil {
				return nil, err
			}
			if err := due(tx, wanted); err != nil {
				return nil, err
			}
			e.soon(tx, payments, forQueue, wanted)
			return nil, nil
		})
	c.Button(models.Button{Name: "stripe_void", States: voidStates, Depends: []string{"state", "stripe_capturable"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			var held []*models.Record
			for _, r := range records {
				if x.StripeCapturable.Of(r) && payment.Payment.State.Of(r) == payment.Processing {
					held = append(held, r)
				}
			}
			if err := payment.Payment.Fail(tx, held); err != nil {
				return nil, err
			}
			e.soon(tx, payments, forQueue, held)
			return nil, nil
		})
	c.Compute(x.StripeCheckoutURL, func(r *models.Record) any { return orNil(e.checkoutURL(r)) })
	e.bindPull(c, payments, pullStates, "process_method", "stripe_payment_intent_id", "stripe_charge_id")
	e.bindChoices(c)
}

// bindPull binds the button that brings records to what Stripe says of them, of all the more use where the form shows what was.
func (e *Engine) bindPull(c *models.Class, q *queue, states map[string]any, depends ...string) {
	states = maps.Clone(states)
	states["icon"] = "tryton-refresh"
	c.Button(models.Button{Name: "stripe_pull", Stale: true, States: states, Depends: depends},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			why := forRefresh
			if q == customers {
				why = forPull
			}
			e.soon(tx, q, why, records)
			return nil, nil
		})
}

// adoptPayments queues the payments in processing that no server of ours has looked at: those of the peer's database.
func adoptPayments(tx *models.Tx) error {
	_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_next_attempt" = `+tx.Dialect().Now()+`, "stripe_attempt_count" = 0
		WHERE "state" = ? AND "stripe_next_attempt" IS NULL AND "stripe_attempt_count" IS NULL AND "journal" IN
			(SELECT "id" FROM "account_payment_journal" WHERE "process_method" = ?)`, payment.Processing, methodStripe))
	return err
}

// adoptRefunds does the same for approved refunds.
func adoptRefunds(tx *models.Tx) error {
	_, err := tx.Exec(sql.SQL(`UPDATE "account_payment_stripe_refund" SET "stripe_next_attempt" = `+tx.Dialect().Now()+`, "stripe_attempt_count" = 0
		WHERE "state" IN (?) AND "stripe_next_attempt" IS NULL AND "stripe_attempt_count" IS NULL`, []string{payment.Approved, payment.Processing}))
	return err
}
