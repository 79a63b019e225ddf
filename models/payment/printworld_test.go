package payment_test

import (
	"paytond/models"
	"paytond/models/company"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/res"
)

// stranger is a user of the company who is in no group.
func (w *world) stranger() (id int64) {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		u, err := res.User.Create(tx, res.User.Name.To("stranger"), res.User.Login.To("stranger"), models.Assign{Field: "company", Value: w.company},
			models.Assign{Field: "companies", Value: []any{[]any{"add", []any{w.company}}}})
		models.Must(err)
		id = u.ID()
	})
	return id
}

// abroad is a clerk of another company.
func (w *world) abroad() (id int64) {
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		p, c := party.Party, company.Company
		own, err := p.Create(tx, p.Name.To("Other Company"))
		models.Must(err)
		other, err := c.Create(tx, c.Party.To(own), c.Currency.To(w.euro))
		models.Must(err)
		u, err := res.User.Create(tx, res.User.Name.To("abroad"), res.User.Login.To("abroad"), models.Assign{Field: "company", Value: other.ID()},
			models.Assign{Field: "companies", Value: []any{[]any{"add", []any{other.ID()}}}},
			models.Assign{Field: "groups", Value: []any{[]any{"add", []any{tx.Ref("account_payment.group_payment")}}}})
		models.Must(err)
		id = u.ID()
	})
	return id
}
