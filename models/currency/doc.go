// Package currency is Tryton's module currency: currencies, their rates, and
// the scheduled update of rates from the European Central Bank.
//
// A rate says how much of the currency one unit of the (unwritten) base
// currency is worth, from its date on. Amounts are exact decimals; [Round]
// brings one to the currency's smallest unit.
package currency
