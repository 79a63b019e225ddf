package models

import "paytond/models/domain"

// Search says which of the matching records a search returns.
type Search struct {
	Offset int
	Limit  int                // negative for all
	Order  []domain.OrderTerm // nil for the model's own

	unordered bool
	lock      bool
	rule      domain.Node // searched without checks
}

// SearchOption changes a search of the programmer's.
type SearchOption func(*Search)

// Limit returns at most n records.
func Limit(n int) SearchOption { return func(s *Search) { s.Limit = n } }

// OrderBy orders by the fields, "-name" descending.
func OrderBy(fields ...string) SearchOption {
	return func(s *Search) { s.Order = Order(fields...) }
}

// ForUpdate locks the found rows until the end of the transaction, leaving
// out those that another transaction holds.
func ForUpdate() SearchOption { return func(s *Search) { s.lock = true } }

// Order makes an order of field names, "-name" descending.
func Order(fields ...string) []domain.OrderTerm {
	terms := make([]domain.OrderTerm, len(fields))
	for i, f := range fields {
		if f[0] == '-' {
			terms[i] = domain.OrderTerm{Field: f[1:], Desc: true}
		} else {
			terms[i] = domain.OrderTerm{Field: f}
		}
	}
	return terms
}
