package checkout

import (
	"context"

	"paytond/models"
	"paytond/models/paymentstripe"
)

// Engine is what the page and the webhook need of the payments, and what
// paymentstripe.Engine has. Its errors have a kind: NotFound (no such link or
// webhook), BadRequest (an event that Stripe did not sign or that is none) and
// Unavailable (the database does not answer); any other is a fault of ours.
type Engine interface {
	// CheckoutPage reads what the page of a link shows.
	CheckoutPage(ctx context.Context, db *models.Database, model, token string) (*paymentstripe.Page, error)
	// CheckoutRefresh brings the record of a link up to date from Stripe, then reads it.
	CheckoutRefresh(ctx context.Context, db *models.Database, model, token string) (*paymentstripe.Page, error)
	// PageWords are the texts of pages in the first of the languages that there is, with its code; English where there is none. Without a
	// database they are those that come with the program.
	PageWords(ctx context.Context, db *models.Database, languages []string) (string, paymentstripe.PageWords)
	// ApplyEvent takes an event as it was received; one that is known already is no error.
	ApplyEvent(ctx context.Context, db *models.Database, identifier string, payload []byte, signature string) error
}

var _ Engine = (*paymentstripe.Engine)(nil)
