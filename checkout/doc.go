// Package checkout is where customers and Stripe itself come in: the page on
// which a customer pays or registers a card, and the endpoint of Stripe's
// webhooks. It speaks HTTP and HTML and nothing else; what a payment is, and
// what Stripe says of it, is the business of package paymentstripe.
//
// # What always holds
//
//   - Nothing that a browser says changes a record. A POST makes the record be
//     read at Stripe anew; whoever sends it, and how often, the outcome is what
//     Stripe knows. So a forged POST is harmless.
//   - The link of a page is its only secret: who has it may see the payee, the
//     description and the amount, and pay. Links that lead nowhere, whether
//     mistyped, forged or used up, all get the same page.
//   - A customer who may have paid is never told to pay again.
//   - A page runs no script and no style but its own and Stripe's.
//
// # Paths
//
// All paths stand below /{database}/account_payment_stripe/, so that one rule
// of a proxy forwards them:
//
//	GET  checkout/{model}/{token}    the page
//	POST checkout/{model}/{token}    bring the record up to date: {state, title, message} as JSON where
//	                                 the request accepts it, otherwise the page again
//	POST webhook/{identifier}        an event: 204 applied or known, 400 not Stripe's, 404 no such webhook,
//	                                 413 too large, 503 try again
//	GET  static/{file}               scripts and styles of the page
package checkout
