// Package faults breaks the posting engine on purpose: it kills servers in the middle of their work, lets Stripe's simulator fail, and
// then compares what was charged with the payments of the database. It is what paytond bench faults runs; nothing that serves imports it.
//
// Every payment gets a fate (paid, declined, held, captured later, partly given back), and the [Table] counts those that met another.
package faults
