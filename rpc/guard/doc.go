// Package guard is what every door of the house has in common: how many may be
// inside at once and how much they may carry ([Budget]), who a client is
// ([Proxies]) and what share of the places he may have ([Shares]), by what name
// their visit is known in logs and at Stripe ([RequestID]), what browsers are
// told about each answer ([Handler]), and how connections are taken ([Listen]).
//
// # What always holds
//
//   - Waiting is bounded in number and in time: who cannot be served soon is told
//     so at once ([ErrFull]), and when to come again.
//   - Who waits first is served first; a large request is not passed by small ones
//     for ever.
//   - No client has all places, however slow it is; and nobody is believed to be
//     another client but from where our proxies are.
//   - Chunked requests end their connection: nothing can be smuggled in behind.
//   - A request id that a client sends is used only if it is short and plain, so
//     that it can stand in a log, in a header and in Stripe's metadata.
package guard
