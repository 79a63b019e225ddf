package paymentstripe

import (
	"context"

	"paytond/models"
	"paytond/models/domain"
	"paytond/stripe"
)

// opMethods reads what a customer can be charged to.
const opMethods = "list methods"

type fingerprint struct {
	models.Model
	Customer    models.Many2One
	Method      models.Char
	Fingerprint models.Char
	Label       models.Char
}

// Fingerprint is account.payment.stripe.fingerprint: a card or account of a customer, and what Stripe knows the same one by at other
// customers. The rows of a customer are replaced each time Stripe has listed what he has.
var Fingerprint = models.Define(&fingerprint{
	Model: models.Model{Name: "account.payment.stripe.fingerprint", String: "Stripe Card or Account", RecName: "label"},
	Customer: models.NewMany2One(models.Field{String: "Customer", Relation: "account.payment.stripe.customer", Required: true, Readonly: true,
		OnDelete: "CASCADE", Index: true}),
	Method:      models.NewChar(models.Field{String: "ID at Stripe", Required: true, Readonly: true}),
	Fingerprint: models.NewChar(models.Field{String: "Fingerprint", Readonly: true, Index: true}),
	Label:       models.NewChar(models.Field{String: "Card or Account", Readonly: true}),
})

// Setup binds nothing: the rows are data alone.
func (x *fingerprint) Setup(*models.Class) {}

type customerIdentical struct {
	models.Extension
	StripeListed       models.Boolean
	IdenticalCustomers models.Many2Many
}

// Identical is what tells customers that share a card or account.
var Identical = models.Define(&customerIdentical{
	Extension: models.Extension{Name: "account.payment.stripe.customer"},
	StripeListed: models.NewBoolean(models.Field{String: "Listed", Readonly: true,
		Help: "What the customer can be charged to has been read from Stripe."}),
	IdenticalCustomers: models.NewMany2Many(models.Field{String: "Identical Customers", Readonly: true, Function: true,
		Relation: "account.payment.stripe.customer", Help: "The customers that share a card or account with this one.",
		States: shownWhenSet("identical_customers")}),
})

// Setup binds the list of identical customers, its search, and that what a customer has is read anew when it may have changed.
func (x *customerIdentical) Setup(c *models.Class) {
	c.Getter(x.IdenticalCustomers, identicalOf)
	c.Searcher(x.IdenticalCustomers, func(tx *models.Tx, clause *domain.Clause) (domain.Node, error) {
		others := Customer.Search(tx, domain.C("id", clause.Op, clause.Value))
		var ids []any
		for _, list := range identicalOf(tx, others) {
			for _, id := range list.([]int64) {
				ids = append(ids, id)
			}
		}
		return domain.C("id", domain.In, ids), nil
	})
	c.AfterCreate(func(tx *models.Tx, records []*models.Record) error {
		var known []*models.Record
		for _, r := range records {
			if Customer.StripeCustomerID.Of(r) != "" {
				known = append(known, r)
			}
		}
		return due(tx, known)
	})
	c.AfterWrite(func(tx *models.Tx, records []*models.Record, values models.Values) error {
		id, named := values["stripe_customer_id"]
		detached, detaches := values["stripe_detach"]
		switch {
		case named && (id == nil || id == ""):
			return forgetMethods(tx, records)
		case named, detaches && detached == nil, values["stripe_status"] == stripe.Succeeded:
			return listAgain(tx, records)
		}
		return nil
	})
	c.OnCopy(func(_ *models.Tx, values models.Values) { delete(values, "stripe_listed") })
}

// identicalOf are the other customers of the same Stripe account with a fingerprint in common, by customer; inactive ones do not count.
func identicalOf(tx *models.Tx, customers []*models.Record) map[int64]any {
	x, result := Fingerprint, map[int64]any{}
	owners := make([]any, len(customers))
	for i, r := range customers {
		result[r.ID()], owners[i] = []int64{}, r.ID()
	}
	own := map[string][]*models.Record{} // customers by fingerprint
	var shared []any
	for _, f := range x.Search(tx.Unchecked(), domain.AllOf(x.Customer.In(owners...), x.Fingerprint.Ne(nil))) {
		text := x.Fingerprint.Of(f)
		own[text], shared = append(own[text], x.Customer.Of(f)), append(shared, text)
	}
	if len(shared) == 0 {
		return result
	}
	seen := map[[2]int64]bool{}
	for _, f := range x.Search(tx.Unchecked(), domain.AllOf(x.Fingerprint.In(shared...), domain.C("customer.active", domain.Equal, true)), models.OrderBy("customer")) {
		other := x.Customer.Of(f)
		for _, r := range own[x.Fingerprint.Of(f)] {
			pair := [2]int64{r.ID(), other.ID()}
			if r.ID() == other.ID() || seen[pair] || Customer.StripeAccount.ID(r) != Customer.StripeAccount.ID(other) {
				continue
			}
			seen[pair] = true
			result[r.ID()] = append(result[r.ID()].([]int64), other.ID())
		}
	}
	return result
}

// listAgain has read what the customers can be charged to.
func listAgain(tx *models.Tx, customers []*models.Record) error {
	var listed []*models.Record
	for _, r := range customers {
		if Identical.StripeListed.Of(r) {
			listed = append(listed, r)
		}
	}
	for _, r := range listed {
		if err := writeChanged(tx, r, models.Values{"stripe_listed": false}); err != nil {
			return err
		}
	}
	return due(tx, customers)
}

// forgetMethods drops what is known of customers that Stripe does not have any more.
func forgetMethods(tx *models.Tx, customers []*models.Record) error {
	owners := make([]any, len(customers))
	for i, r := range customers {
		owners[i] = r.ID()
	}
	return Fingerprint.In(tx).Delete(tx, Fingerprint.Search(tx, Fingerprint.Customer.In(owners...)))
}

// methodList is the result of reading what a customer can be charged to.
type methodList []listedMethod

type listedMethod struct{ id, fingerprint, label string }

func (p person) listMethods(ctx context.Context, a *stripe.Account, _ string) (any, error) {
	methods, err := a.ListPaymentMethods(ctx, p.id, "")
	if err != nil {
		return nil, err
	}
	sources, err := a.ListSources(ctx, p.id, "")
	if err != nil {
		return nil, err
	}
	list, seen := methodList{}, map[string]bool{}
	for _, m := range methods {
		seen[m.ID] = true
		list = append(list, listedMethod{m.ID, m.Fingerprint, label(firstText(m.Brand, m.Bank, m.Type), m.Last4, m.ExpMonth, m.ExpYear)})
	}
	for _, s := range sources {
		if !seen[s.ID] {
			list = append(list, listedMethod{s.ID, s.Fingerprint, label(firstText(s.Brand, s.Bank, s.Type), s.Last4, s.ExpMonth, s.ExpYear)})
		}
	}
	return list, nil
}

// keepMethods replaces what is known of a customer by what Stripe listed. It is listed once more when he has become due meanwhile, as an event
// of a change makes him.
func keepMethods(tx *models.Tx, r *models.Record, list methodList) error {
	if err := forgetMethods(tx, []*models.Record{r}); err != nil {
		return err
	}
	x := Fingerprint
	for _, m := range list {
		if _, err := x.Create(tx, x.Customer.To(r.ID()), x.Method.To(m.id), x.Fingerprint.To(orNil(m.fingerprint)), x.Label.To(m.label)); err != nil {
			return err
		}
	}
	if err := writeChanged(tx, r, models.Values{"stripe_listed": r.Get("stripe_next_attempt") == nil}); err != nil || len(list) == 0 {
		return err
	}
	return chargeWaiting(tx, r)
}

// declineList shows that Stripe does not have the customer, and does not ask again.
func declineList(tx *models.Tx, r *models.Record, e *stripe.Error) error {
	values := errorOf(e)
	values["stripe_listed"] = true
	return writeChanged(tx, r, values)
}

// holders are the customers of an account that are known by an id, and those that had a card or account when last listed: the event of a
// detached one does not say whose it was.
func holders(tx *models.Tx, account int64, customer, method string) []*models.Record {
	x := Customer
	named := []domain.Node{domain.C("id", domain.Equal, int64(-1))}
	if customer != "" {
		named = append(named, x.StripeCustomerID.Eq(customer))
	}
	for _, f := range Fingerprint.Search(tx, Fingerprint.Method.Eq(method)) {
		named = append(named, domain.C("id", domain.Equal, Fingerprint.Customer.ID(f)))
	}
	return x.Search(tx, domain.AllOf(x.StripeAccount.Eq(account), domain.AnyOf(named...)))
}
