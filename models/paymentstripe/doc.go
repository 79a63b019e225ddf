// Package paymentstripe is Tryton's module account_payment_stripe: Stripe accounts, customers, refunds, the Stripe side of payments and
// journals, the events of Stripe, and the [Engine] that does at Stripe what the records ask for.
//
// # The row is the queue
//
// A payment, a refund, a customer says itself that there is something to do at Stripe: stripe_next_attempt is a time that has come.
// Four columns make a table a queue: stripe_next_attempt, stripe_lease and stripe_lease_until, stripe_attempt_count. A job is done in
// three parts, and nothing is done at Stripe but by a job:
//
//  1. Claim, in one transaction: one statement takes due rows that nobody holds and writes a lease (a random token and a time by the
//     database's clock); then it is decided what to do ([choose] is the whole policy for payments), and for a call that changes
//     something at Stripe a row of account.payment.stripe.attempt is written, with its idempotency key. Commit.
//  2. The call, outside of any transaction, with the account, the key and what the claim has read.
//  3. Finish, in one transaction: the attempt is completed, the lease given back, and what Stripe said is taken over; the last two only
//     if the lease is still the job's.
//
// # What always holds
//
//   - No call that changes something is made without a key that was committed before.
//   - One operation has one key as long as its outcome is not known; the same key never serves two operations. A key is given up only
//     when Stripe surely did nothing, or has said that it has nothing made with it: then, and after 23 hours, the object is looked for by
//     the key in its metadata first.
//   - A payment has at most one object at Stripe that can take money. While it is not known whether a call made one, no other is made.
//   - The outcome of a call is done, declined or unknown. Unknown is tried again, later and later, for ever; the row shows when and why.
//   - State changes go through the workflow. A picture of an object that shows less than is known changes nothing, see picture.go.
//   - Who asked is known: the id of the request of a client is on the row (stripe_origin), on its attempts, in the metadata of what is
//     made at Stripe, and in the log, also when another process does the work. Repeated with its key, a call names the first one.
//   - Secrets (keys, client secrets, tokens) appear in no log, no error and no event that is kept.
//
// # How much at once
//
// Each Stripe account has a lane: so many jobs in flight, over all databases of the process, each with an equal share, in turns where there are
// fewer places than sweeps. The lane is halved
// when Stripe says that there are too many calls, and widens again with its answers. A sweep works on each account by itself: neither an
// account with many rows nor one that Stripe holds up keeps another waiting, and a row whose work cannot be decided is set aside, with the
// reason. See lane.go, drain.go and aside.go. What has no outcome for long is listed and reported, see unclear.go.
//
// # What a crash leaves
//
//	before the claim's commit      nothing
//	between claim and call         a lease that runs out and an attempt "begun": the job is done again with the same key
//	during or after the call       the same: Stripe answers the repeated call as it did the first, and does nothing twice
//	after the finish's commit      nothing
//
// # Additions to Tryton's module
//
// account.payment.stripe.attempt, account.payment.stripe.event and account.payment.stripe.difference (see reconcile.go), the columns of the queues, and on a payment: stripe_status,
// stripe_event_time, stripe_dispute_time, stripe_cancel, stripe_forgotten, stripe_method_type, stripe_mandate and where an account is verified; on a customer
// stripe_idempotency_key, stripe_detach, and mandate and verification too.
package paymentstripe
