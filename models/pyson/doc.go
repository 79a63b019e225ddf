// Package pyson builds, writes, reads and evaluates PYSON: the small expressions over a record's
// values that a server sends to its clients inside JSON texts, to say when a field is read-only or
// what its domain is.
//
// An expression is made by a function named as its class (Eval, Not, If …) and checked as it is
// made: clients refuse an expression with parts of the wrong type, so the functions here panic
// with a message that names the class. Expressions are declared in code, which makes that a
// failure at start.
//
// Expressions stand among ordinary values (maps, lists, texts, numbers) to any depth. Encode writes
// such a value, Decode reads it back, Evaluate replaces every expression in it by its result, and
// Vars lists the names that it reads.
package pyson
