package paymentstripe

import (
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/stripe"
)

// States of a difference.
const (
	differenceOpen = "open"
	differenceGone = "gone"
)

type difference struct {
	models.Model
	StripeAccount models.Many2One
	Key           models.Char
	Kind          models.Selection
	About         models.Selection
	State         models.Selection
	Payment       models.Many2One
	Refund        models.Many2One
	ObjectID      models.Char
	Happened      models.DateTime
	AmountHere    models.Numeric
	AmountThere   models.Numeric
	Currency      models.Char
	StateHere     models.Char
	StateThere    models.Char
	Found         models.DateTime
	Checked       models.DateTime
	URL           models.Char
}

// DifferenceRow is account.payment.stripe.difference: one thing in which we and Stripe differ, or did when it was compared last.
var DifferenceRow = models.Define(&difference{
	Model: models.Model{Name: "account.payment.stripe.difference", String: "Stripe Difference", RecName: "object_id", Order: models.Order("-happened", "-id"),
		Uniques: []models.Unique{{Name: "difference_unique", Columns: []string{"stripe_account", "key"},
			Message: "A difference is listed once."}}},
	StripeAccount: models.NewMany2One(models.Field{String: "Account", Relation: "account.payment.stripe.account", Required: true,
		Readonly: true, OnDelete: "CASCADE"}),
	Key: models.NewChar(models.Field{String: "Key", Required: true, Readonly: true}),
	Kind: models.NewSelection(models.Field{String: "Difference", Required: true, Readonly: true, Unsorted: true,
		Selection: [][2]any{{missingHere, "Missing Here"}, {missingThere, "Missing at Stripe"}, {otherAmount, "Amount"}, {otherState, "State"}}}),
	About: models.NewSelection(models.Field{String: "About", Required: true, Readonly: true, Unsorted: true,
		Selection: [][2]any{{aboutPayment, "Payment"}, {aboutRefund, "Refund"}, {aboutDispute, "Dispute"}}}),
	State: models.NewSelection(models.Field{String: "Status", Required: true, Readonly: true, Index: true, Unsorted: true,
		Selection: [][2]any{{differenceOpen, "Open"}, {differenceGone, "Gone"}},
		Help:      "Gone when both sides agreed the last time that they were compared."}),
	Payment: models.NewMany2One(models.Field{String: "Payment", Relation: "account.payment", Readonly: true, OnDelete: "SET NULL",
		Index: true}),
	Refund: models.NewMany2One(models.Field{String: "Refund", Relation: "account.payment.stripe.refund", Readonly: true,
		OnDelete: "SET NULL"}),
	ObjectID:    models.NewChar(models.Field{String: "Object at Stripe", Readonly: true, Index: true}),
	Happened:    models.NewDateTime(models.Field{String: "Happened", Required: true, Readonly: true}),
	AmountHere:  models.NewNumeric(models.Field{String: "Amount Here", Readonly: true}),
	AmountThere: models.NewNumeric(models.Field{String: "Amount at Stripe", Readonly: true}),
	Currency:    models.NewChar(models.Field{String: "Currency", Readonly: true}),
	StateHere:   models.NewChar(models.Field{String: "State Here", Readonly: true}),
	StateThere:  models.NewChar(models.Field{String: "State at Stripe", Readonly: true}),
	Found:       models.NewDateTime(models.Field{String: "Found", Required: true, Readonly: true}),
	Checked:     models.NewDateTime(models.Field{String: "Compared Last", Required: true, Readonly: true}),
	URL: models.NewChar(models.Field{String: "Stripe's Dashboard", Readonly: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("url", "")))}}),
})

// keepDifferences stores what was found of an account in a period. What was open there and was not found again is gone.
func keepDifferences(tx *models.Tx, account *models.Record, span period, found []Difference, live bool) error {
	x := DifferenceRow
	known := map[string]*models.Record{}
	for _, r := range x.Search(tx, x.StripeAccount.Eq(account.ID())) {
		known[x.Key.Of(r)] = r
	}
	for _, d := range found {
		assigns := append(d.assigns(live), x.Checked.To(tx.Now()))
		var err error
		if r := known[d.key()]; r != nil {
			delete(known, d.key())
			err = x.Write(tx, []*models.Record{r}, assigns...)
		} else {
			_, err = x.Create(tx, append(assigns, x.StripeAccount.To(account.ID()), x.Key.To(d.key()), x.Found.To(tx.Now()))...)
		}
		if err != nil {
			return err
		}
	}
	var gone []*models.Record
	for _, r := range known {
		if x.State.Of(r) == differenceOpen && span.holds(x.Happened.Of(r)) {
			gone = append(gone, r)
		}
	}
	return x.Write(tx, gone, x.State.To(differenceGone), x.Checked.To(tx.Now()))
}

// assigns are the values of a row.
func (d Difference) assigns(live bool) []models.Assign {
	x := DifferenceRow
	amount := func(n int64) value.Decimal { return value.FromMinor(n, stripe.Digits(d.Currency)) }
	reference := func(id int64) any {
		if id == 0 {
			return nil
		}
		return id
	}
	list := []models.Assign{x.Kind.To(d.Kind), x.About.To(d.About), x.State.To(differenceOpen), x.Payment.To(reference(d.Payment)),
		x.Refund.To(reference(d.Refund)), x.ObjectID.To(orNil(d.Object)), x.Happened.To(d.At.UTC()), x.Currency.To(d.Currency),
		x.StateHere.To(orNil(d.StateHere)), x.StateThere.To(orNil(d.StateThere)), x.URL.To(orNil(d.url(live)))}
	if d.Kind != missingHere {
		list = append(list, x.AmountHere.To(amount(d.Here)))
	}
	if d.Kind != missingThere {
		list = append(list, x.AmountThere.To(amount(d.There)))
	}
	return list
}

// url is the page of Stripe's dashboard, empty for what Stripe does not have.
func (d Difference) url(live bool) string {
	page := ""
	switch {
	case d.Kind == missingThere:
		return ""
	case d.About == aboutDispute:
		page = "disputes/" + d.Object
	case d.Charge != "":
		page = "payments/" + d.Charge
	default:
		return ""
	}
	if live {
		return "https://dashboard.stripe.com/" + page
	}
	return "https://dashboard.stripe.com/test/" + page
}

// String tells a difference in a line.
func (d Difference) String() string {
	amount := func(n int64) string { return stripe.DecimalText(n, d.Currency) + " " + d.Currency }
	here, there := amount(d.Here)+" "+d.StateHere, amount(d.There)+" "+d.StateThere
	switch d.Kind {
	case missingHere:
		here = "nothing"
	case missingThere:
		there = "nothing"
	}
	text := d.At.UTC().Format("2006-01-02 15:04:05") + "  " + strings.ReplaceAll(d.Kind, "_", " ") + "  " + d.About + " " + d.Object
	for _, one := range []struct {
		model string
		id    int64
	}{{"payment", d.Payment}, {"refund", d.Refund}} {
		if one.id > 0 {
			text += " (" + one.model + " " + strconv.FormatInt(one.id, 10) + ")"
		}
	}
	return text + ": here " + strings.TrimSpace(here) + ", at Stripe " + strings.TrimSpace(there)
}

// differenceWindows lists the differences, by themselves and beside a payment or account.
func differenceWindows() ir.Part {
	views := []models.Ref{"difference_view_list", "difference_view_form"}
	relate := func(id, model, field string) ir.ActWindow {
		return ir.ActWindow{ID: id, Name: "Stripe Differences", Keywords: []ir.On{{Keyword: "form_relate", Model: model}},
			Model: "account.payment.stripe.difference", Views: views, Domain: []any{[]any{field, "in", pyson.Eval("active_ids", []any{})}}}
	}
	return ir.Parts{
		ir.ActWindow{ID: "act_difference_form", Name: "Stripe Differences", Model: "account.payment.stripe.difference", Views: views,
			Tabs: []ir.Tab{{Name: "Open", Domain: []any{[]any{"state", "=", differenceOpen}}, Count: true}, {Name: "All"}}},
		relate("act_difference_payment", "account.payment", "payment"),
		relate("act_difference_account", "account.payment.stripe.account", "stripe_account"),
	}
}
