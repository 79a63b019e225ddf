package main

import (
	"context"
	"errors"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/models/value"
	"paytond/stripe/simulator"
)

// The demo's clerk, as the acceptance drivers know him.
const (
	demoUser     = "operator"
	demoPassword = "Walks-by9-Lochan"
)

// demoSecret and demoPublishable are keys that the simulator takes.
const (
	demoSecret      = "sk_test_reference"
	demoPublishable = "pk_test_reference"
)

// demoData makes the records of the demo.
type demoData struct {
	company, euro          *models.Record
	alice, bob, carl, dora *models.Record
	account                *models.Record
	card, manual           *models.Record
}

// make stores the data unless they are there.
func (d *demoData) make(ctx context.Context, db *models.Database) error {
	return db.Transact(ctx, models.Request{}, func(tx *models.Tx) error {
		if party.Party.Count(tx, party.Party.Name.Eq("Reference Company")) > 0 {
			return nil
		}
		for _, step := range []func(*models.Tx) error{d.makeCompany, d.makeUsers, d.makeStripe, d.makePayments} {
			if err := step(tx); err != nil {
				return err
			}
			if d.company != nil { // what follows is done in the company
				tx = tx.With(map[string]any{"company": d.company.ID()})
			}
		}
		return nil
	})
}

// seedCustomers makes the Stripe customers that the records refer to: one
// without card, one whose card pays, and one whose card is declined.
func seedCustomers(sim *simulator.Simulator) error {
	return errors.Join(
		sim.SeedCustomer(demoSecret, simulator.Seed{ID: "cus_reference", Name: "Alice Martin"}),
		sim.SeedCustomer(demoSecret, simulator.Seed{ID: "cus_saved", Name: "Dora Saved", Methods: []string{"pm_card_visa"}}),
		sim.SeedCustomer(demoSecret, simulator.Seed{ID: "cus_declined", Name: "Carl Declined", Methods: []string{"pm_card_chargeCustomerFail"}}),
	)
}

func (d *demoData) makeCompany(tx *models.Tx) (err error) {
	for _, c := range []struct{ name, code, symbol string }{{"Euro", "EUR", "€"}, {"US Dollar", "USD", "$"}} {
		made, err := currency.Currency.Create(tx, currency.Currency.Name.To(c.name), currency.Currency.Code.To(c.code),
			currency.Currency.Symbol.To(c.symbol), currency.Currency.Digits.To(2), currency.Currency.Rounding.To(value.MustParse("0.01")))
		if err != nil {
			return err
		}
		if c.code == "EUR" {
			d.euro = made
		}
	}
	own, err := party.Party.Create(tx, party.Party.Name.To("Reference Company"))
	if err != nil {
		return err
	}
	for place, name := range map[**models.Record]string{&d.alice: "Alice Martin", &d.bob: "Bob Stone", &d.carl: "Carl Declined", &d.dora: "Dora Saved"} {
		if *place, err = party.Party.Create(tx, party.Party.Name.To(name)); err != nil {
			return err
		}
	}
	d.company, err = company.Company.Create(tx, company.Company.Party.To(own), company.Company.Currency.To(d.euro))
	return err
}

// makeUsers makes the clerk, lets the administrator into the company, and gives him his password.
func (d *demoData) makeUsers(tx *models.Tx) error {
	inCompany := []models.Assign{
		{Field: "companies", Value: []any{[]any{"add", []any{d.company.ID()}}}},
		company.User.Company.To(d.company),
	}
	admin := append([]models.Assign{res.User.Password.To("admin")}, inCompany...)
	if err := res.User.Write(tx, []*models.Record{administrator(tx)}, admin...); err != nil {
		return err
	}
	var groups []any
	for _, ref := range []models.Ref{"account_payment.group_payment", "account_payment.group_payment_approval",
		"account.group_account", "account.group_account_admin", "party.group_party_admin"} {
		groups = append(groups, tx.Ref(ref))
	}
	clerk := append([]models.Assign{res.User.Name.To("Operator"), res.User.Login.To(demoUser), res.User.Password.To(demoPassword),
		{Field: "groups", Value: []any{[]any{"add", groups}}}}, inCompany...)
	_, err := res.User.Create(tx, clerk...)
	return err
}

// makeStripe makes the account, the journals and the customers.
func (d *demoData) makeStripe(tx *models.Tx) (err error) {
	a, j, c := paymentstripe.Account, payment.Journal, paymentstripe.Customer
	if d.account, err = a.Create(tx, a.Name.To("Stripe Test"), a.SecretKey.To(demoSecret), a.PublishableKey.To(demoPublishable)); err != nil {
		return err
	}
	common := []models.Assign{j.Company.To(d.company), j.Currency.To(d.euro)}
	if d.card, err = j.Create(tx, append([]models.Assign{j.Name.To("Stripe EUR"), j.ProcessMethod.To("stripe"),
		paymentstripe.Journal.StripeAccount.To(d.account)}, common...)...); err != nil {
		return err
	}
	if d.manual, err = j.Create(tx, append([]models.Assign{j.Name.To("Manual EUR"), j.ProcessMethod.To("manual")}, common...)...); err != nil {
		return err
	}
	for id, owner := range map[string]*models.Record{"cus_reference": d.alice, "cus_declined": d.carl, "cus_saved": d.dora} {
		if _, err := c.Create(tx, c.Party.To(owner), c.StripeAccount.To(d.account), c.StripeCustomerID.To(id)); err != nil {
			return err
		}
	}
	return nil
}

// makePayments makes drafts, and one payment that waits for its customer.
func (d *demoData) makePayments(tx *models.Tx) error {
	p := payment.Payment
	for _, amount := range []string{"10.00", "20.50", "30.25"} {
		if _, err := p.Create(tx, p.Journal.To(d.manual), p.Kind.To(payment.Receivable), p.Party.To(d.bob),
			p.Amount.To(value.MustParse(amount))); err != nil {
			return err
		}
	}
	waiting, err := p.Create(tx, p.Journal.To(d.card), p.Kind.To(payment.Receivable), p.Party.To(d.bob),
		p.Amount.To(value.MustParse("42.50")), p.Description.To("Order 1001"))
	if err != nil {
		return err
	}
	payments := []*models.Record{waiting}
	if err := p.Approve(tx, payments); err != nil {
		return err
	}
	if _, err := paymentstripe.CheckoutLinks(tx, payments); err != nil {
		return err
	}
	_, err = payment.Group.Process(tx, payments)
	return err
}

// waitingLink is the checkout link of a payment that waits for its customer,
// "none" when all are paid.
func waitingLink(ctx context.Context, db *models.Database, base string) (link string, err error) {
	link = "none is waiting: press Stripe Checkout on a payment in the client"
	err = db.Transact(ctx, models.Request{Context: map[string]any{"_base_url": base}}, func(tx *models.Tx) error {
		found := payment.Payment.Search(tx, domain.AllOf(payment.Payment.State.Eq(payment.Processing),
			payment.Payment.Description.Eq("Order 1001")), models.Limit(1))
		if len(found) == 0 {
			return nil
		}
		links, err := paymentstripe.CheckoutLinks(tx, found)
		if err == nil {
			link = links[0]
		}
		return err
	})
	return link, err
}
