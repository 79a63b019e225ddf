package paymentstripe

import (
	"fmt"
	"strconv"
	"time"

	"paytond/models"
)

// DefaultLinkAge is for how long the link of a checkout page is good.
const DefaultLinkAge = 30 * 24 * time.Hour

// lateReturn is for how long a customer may still come back to a page whose link has run out: from his bank, say, or from Stripe's
// page where he has told which deposits arrived.
const lateReturn = 24 * time.Hour

const (
	secretLength = 32 // of a link's secret part, as the peer's have no other
	linkLength   = secretLength + 8
)

// newLink is what names a checkout page in its address: 128 bits that nobody can guess, and when it was made, in hexadecimal seconds.
// The record has the whole, so that nobody makes a link younger than it is.
func newLink(tx *models.Tx) string { return newToken() + fmt.Sprintf("%08x", tx.Now().Unix()) }

// linkEnded tells whether a link is older than it may be; one without a time, of the peer's database, never is.
func linkEnded(tx *models.Tx, token string, most time.Duration) bool {
	if len(token) != linkLength || most < 0 {
		return false
	}
	made, err := strconv.ParseInt(token[secretLength:], 16, 64)
	return err == nil && tx.Now().Sub(time.Unix(made, 0)) > most
}

// ensureLink gives a record a link of its checkout page, a new one where the old one has run out.
func ensureLink(tx *models.Tx, r *models.Record, most time.Duration) error {
	if have, _ := r.Get("stripe_checkout_id").(string); have != "" && !linkEnded(tx, have, most) {
		return nil
	}
	return r.Class().Write(tx, []*models.Record{r}, models.Values{"stripe_checkout_id": newLink(tx)})
}
