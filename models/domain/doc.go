// Package domain is the language in which records are searched for: trees of clauses.
//
// A client sends a domain as nested lists, Parse checks them and makes a tree of And, Or and
// *Clause; code builds the same tree with C, AllOf and AnyOf. A tree is turned into SQL elsewhere;
// Match tells here, without a database, whether one record fits. Order, the second part of a
// search, is read by ParseOrder.
//
// Truth of the groups is that of logic: And{} fits every record and Or{} none. A list that a
// client leaves empty fits every record, so Parse never makes an Or{} out of it.
//
// Truth of the clauses is that of the reference server's searches, which is that of SQL: null
// fits only what asks for null.
//
//	= null, != null     tell null from the rest; of an x2many, whether it is empty
//	!= x, not like x …  do not fit null, nor does an order (<, <=, >, >=)
//	in, not in          "in [null]" fits null; "not in" of a list that is not empty does not;
//	                    "in []" fits nothing, "not in []" everything
//	booleans            null counts as false for = and for the operand of !=, not for in
//	x2many, and paths   one target that fits is enough, for a negative operator too, and that also
//	through them        fits where there is no target; "field.x = null" asks for a target with null
//	where, not where    a target that fits, no target that fits; neither fits a many2one that is null
//	multiselection      = is equality of sets, in asks for one common value
//	relation op text    compares the record name of the target
//	many2one.field      fits no record where the many2one is null, not even for "= null" or "not in []"
//	child_of [ids]      the ids and what is below them; null and an empty list stand for no record
package domain
