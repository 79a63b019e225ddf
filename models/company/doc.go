// Package company is Tryton's module company: the companies that the database
// works for, their employees, and which of them a user works in.
//
// # Whose records a user sees
//
// A user may work in several companies (res.user.companies) and does so in one
// at a time (company). Record rules know the list "companies": the current one
// with the company filter "one", all of the user's with "all". It is read from
// the user's record, never from what a client sends.
//
// # Values per company
//
// The models of values that package party declares get the field company here,
// with which each company has its own (see [party.MultiValue]).
package company
