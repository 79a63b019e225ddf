package paymentstripe

import (
	"paytond/models"
)

// The columns that make a table a queue; see claim.go. They are ours, beside the peer's columns.

func leaseField() models.Char {
	return models.NewChar(models.Field{String: "Stripe Lease", Readonly: true,
		Help: "Who works on the record at Stripe now."})
}

func leaseUntilField() models.Timestamp {
	return models.NewTimestamp(models.Field{String: "Stripe Lease Until", Readonly: true, Index: true,
		Help: "When the work on the record counts as abandoned."})
}

func nextAttemptField() models.Timestamp {
	return models.NewTimestamp(models.Field{String: "Next Attempt at Stripe", Readonly: true, Index: true,
		Help: "When the record is looked at next; empty when there is nothing to do until somebody acts."})
}

func attemptCountField() models.Integer {
	return models.NewInteger(models.Field{String: "Attempts at Stripe", Readonly: true,
		Help: "How often in a row Stripe gave no final answer."})
}

func originField() models.Char {
	return models.NewChar(models.Field{String: "Request", Readonly: true,
		Help: "The id of the request that last asked for the work at Stripe, as it is in the server's log."})
}

var queueColumns = []string{"stripe_lease", "stripe_lease_until", "stripe_next_attempt", "stripe_attempt_count", "stripe_origin"}

// forgetQueue keeps a copy of a record out of the queue.
func forgetQueue(values models.Values) {
	for _, name := range queueColumns {
		delete(values, name)
	}
}
