// Package simulator is a stand-in for Stripe: its API (version 2023-10-16, the parts that taking payments needs), the delivery of
// webhooks, and Stripe.js. It keeps state, so that what was created can be paid, captured, refunded and disputed, in the order and with the
// refusals that Stripe documents, and it can be told to fail in every way that a network and a busy server fail.
//
// One account exists per key: keys with the same ending after "_test_" (sk_, rk_, pk_) belong to the same account, which is made when
// the key is first used. Live keys are refused: no real key has any business here.
//
// It runs inside a test (New gives an http.Handler) or alone (Run). Time comes from Options.Now and can be moved with Advance; what
// is due by then (authorisations that end, bank debits that settle, refunds that fail) happens at once.
//
// Real card numbers are refused; Stripe's published test cards, test bank accounts and their names (pm_card_visa, tok_visa, …) behave
// as published. See card.go and bank.go.
package simulator
