// Package models is the framework under every business model: declarations,
// the registry made of them, transactions, records, search domains, access,
// views and wizards. It mirrors the architecture of Tryton (Pool, Model,
// fields, Transaction) in plain Go values.
//
// # One declaration per model
//
// A model is a struct that embeds [Model] and has one exported member per
// field. [Define] names the fields after the members (ProcessMethod becomes
// process_method) and is called once, in a package variable:
//
//	type journal struct {
//		models.Model
//		Name     models.Char
//		Currency models.Many2One
//	}
//
//	var Journal = models.Define(&journal{
//		Model:    models.Model{Name: "account.payment.journal", String: "Payment Journal"},
//		Name:     models.NewChar(models.Field{String: "Name", Required: true}),
//		Currency: models.NewMany2One(models.Field{String: "Currency", Relation: "currency.currency", Required: true}),
//	})
//
//	// Setup binds what a journal does: defaults, on-change, buttons, methods.
//	func (j *journal) Setup(c *models.Class) { ... }
//
// The declaration is data and never changes; the registry builds one [Class]
// per model from it and calls Setup of the declaration and of every
// [Extension] (a struct with the same Model.Name, declared by [Extend] in
// another module), in the order of the modules.
//
// # Errors inside business code
//
// Reading a record goes to the database when needed. Such a failure (and any
// programming error) is raised by panic and turned back into an error by
// [Database.Transact], which rolls back: business code reads straight, and
// nothing is half done. What a user should read is returned as an error made
// by [UserError] and friends.
//
// # Rights
//
// A call for a client checks the rights of its user ([Access]) on what it
// names: model, fields, records, button. What business code then reads and
// writes (functions of fields, buttons, on_change) is not checked again.
// Therefore a form that names records is checked first: the record itself,
// its parents and what it links to, except where it links as it is saved.
//
// # Values
//
// Values of fields are: nil (null), bool, int64, float64, string,
// value.Decimal, value.Date, time.Time (UTC), value.TimeOfDay, time.Duration,
// []byte, value.Reference, int64 (the id of a Many2One), []int64 (One2Many and
// Many2Many), []string (MultiSelection) and map[string]any (Dict).
package models
