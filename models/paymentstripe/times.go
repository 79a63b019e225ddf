package paymentstripe

import (
	"errors"
	"math/rand/v2"
	"time"

	"paytond/stripe"
)

// Times are the limits that keep a payment from being made twice; a member that is 0 has its default. What they must be to each other
// is checked by [NewEngine]:
//
//	Work < Lease                    who has a lease ends before it does
//	Work < Settle                   a call begins within Work of its row, and Stripe ends it well within the rest
//	KeyLife + Work + Settle < 24 h  no call arrives with a key that Stripe has forgotten
type Times struct {
	// Lease is how long a claimed row is left to who claimed it; 5 minutes.
	Lease time.Duration
	// Work bounds the calls of one job together; 2 minutes.
	Work time.Duration
	// Settle is how long after the row of a call was committed Stripe may still be executing it: before, to find nothing at
	// Stripe proves nothing; 5 minutes.
	Settle time.Duration
	// KeyLife is how long a key is used; Stripe keeps what it answered to one for at least 24 hours. 23 hours.
	KeyLife time.Duration
	// FirstDelay and LastDelay bound the time between two tries; 2 seconds and an hour.
	FirstDelay, LastDelay time.Duration
	// Grace is how long calls in flight may go on when the server is to stop; 15 seconds.
	Grace time.Duration
	// Form is how long a form waits for what Stripe lists of a customer; 2 seconds.
	Form time.Duration
	// Tell is how often a sweep that takes long says how far it is; 10 seconds.
	Tell time.Duration
}

// keyMemory is how long Stripe remembers a key, by its documentation.
const keyMemory = 24 * time.Hour

// lookFor looks for what a key has made that was first used at the time: first around it, where it nearly always is and little else is to
// be looked through, then wherever it can be, so that nothing proves something. A day at both ends is for clocks that differ.
func lookFor[T any](first time.Time, find func(since, until time.Time) ([]T, error)) (any, error) {
	for _, span := range [][2]time.Duration{{-10 * time.Minute, time.Hour}, {-keyMemory, 2 * keyMemory}} {
		found, err := find(first.Add(span[0]), first.Add(span[1]))
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return nil, nil
}

// recordTime bounds a transaction that records what Stripe answered.
const recordTime = 30 * time.Second

func (t Times) withDefaults() Times {
	for place, usual := range map[*time.Duration]time.Duration{
		&t.Lease: 5 * time.Minute, &t.Work: 2 * time.Minute, &t.Settle: 5 * time.Minute, &t.KeyLife: 23 * time.Hour,
		&t.FirstDelay: 2 * time.Second, &t.LastDelay: time.Hour, &t.Grace: 15 * time.Second, &t.Form: 2 * time.Second, &t.Tell: 10 * time.Second,
	} {
		if *place == 0 {
			*place = usual
		}
	}
	return t
}

// sound tells whether the times keep their promises to each other.
func (t Times) sound() bool {
	return t.Work < t.Lease && t.Work < t.Settle && t.KeyLife+t.Work+t.Settle < keyMemory && t.FirstDelay <= t.LastDelay
}

// backoff is how long to wait before the next try: it doubles with each, with a little chance against crowds, and is at least
// what Stripe asked for.
func (t Times) backoff(tries int64, err error) time.Duration {
	delay := t.LastDelay
	if tries < 30 {
		delay = min(t.LastDelay, t.FirstDelay<<max(0, tries-1))
	}
	delay += rand.N(delay/4 + 1)
	if errors.Is(err, errUnsettled) {
		delay = max(delay, t.Settle/4)
	}
	if e := stripe.AsError(err); e != nil {
		delay = max(delay, e.RetryAfter)
	}
	return delay
}
