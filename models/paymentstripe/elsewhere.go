package paymentstripe

import (
	"paytond/models"
)

// follow has what became of the pending call found out where it was made, should the record's account be another one by now: that of a
// journal which another server of the database, or its administrator, has moved. The new account knows neither the key nor what was made
// with it, so a repeated call would be a second one. What is found is taken over; only when there is nothing is it done at the new account.
func (w *work) follow(pending *models.Record) {
	if pending == nil || w.lookup == nil || Attempt.Operation.Of(pending) != w.operation {
		return
	}
	made := Attempt.StripeAccount.Of(pending)
	if made == nil || made.ID() == w.account {
		return
	}
	w.account, w.secret, w.find = made.ID(), Account.SecretKey.Of(made), true
}
