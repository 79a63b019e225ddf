// Package payment is Tryton's module account_payment: journals, payments and
// the groups in which payments are processed. It knows no way of paying but
// "manual"; another module adds its own with [AddMethod].
//
// # The life of a payment
//
//	draft → approved → processing → succeeded
//	  ↑________|           ↓   ↑        ↓
//	                       failed ←_____|
//
// Only the workflow changes the state: the buttons draft, approve, succeed and
// fail, and the wizard account.payment.process, which puts approved payments
// of one journal, kind and company into a group and hands the group to the
// journal's method. Clients may not write the state (see the access rights of
// fields in module.go), so who may not press a button cannot go around it.
//
// # What is left out of Tryton's module
//
// There is no bookkeeping here. account.move.line exists as a table with the
// columns that a payment reads, so that a database of Tryton keeps its lines
// and what their payments point to; nothing creates or lists lines.
package payment
