// Package rpc speaks the protocol of Tryton's clients over HTTP: JSON-RPC
// calls to the methods of models, wizards and reports, the login and its
// sessions, and the static files of the web client.
//
// # The way of a call
//
// [Server.ServeHTTP] checks the origin, routes the path and finds out who
// calls, from a session key or a login and password. The call then goes
// through gorilla/rpc: our codec reads the body once, within a bound, and
// names one of our services after the first part of the method's name, since
// gorilla's names have two parts and Tryton's have many. The service finds the
// [models.Method] in the registry and runs it in one transaction, in which the
// result is also encoded. Nothing is sent before the commit.
//
// # Errors
//
// Every error is turned into its wire form in one place, error.go. An
// unexpected error or a panic is logged under a reference that the client is
// shown; its text is not, unless the server runs in development mode.
//
// # What is not logged
//
// Parameters, results, session keys and passwords.
package rpc
