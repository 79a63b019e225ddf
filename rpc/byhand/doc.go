// Package byhand measures how fast calls of clients are answered beside a handler that is written by hand for just these calls, on the same
// database and in the same run. It is what paytond bench calls runs; nothing that serves imports it.
package byhand
