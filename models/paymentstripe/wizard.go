package paymentstripe

import (
	"context"
	"slices"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

// checkoutWizard is account.payment.stripe.checkout: it opens the checkout page of the record in the user's browser.
func (e *Engine) checkoutWizard() *models.Wizard {
	return &models.Wizard{
		Name: "account.payment.stripe.checkout", Start: "checkout",
		States: map[string]models.State{"checkout": {
			Action: "account_payment_stripe.url_checkout",
			Prepare: func(s *models.Session, action map[string]any) (map[string]any, error) {
				records := s.Records()
				if len(records) == 0 {
					return nil, models.UserError("There is no record to check out.")
				}
				url := e.checkoutURL(records[0])
				if url == "" {
					return nil, models.UserError("There is no checkout page for \"%s\".", records[0].Name())
				}
				action["url"] = url
				return map[string]any{}, nil
			},
		}},
	}
}

type detachAsk struct {
	models.Model
	Customer models.Many2One
	Source   models.Selection
}

// DetachAsk is account.payment.stripe.customer.source.detach.ask: which card or account to take from a customer.
var DetachAsk = models.Define(&detachAsk{
	Model:    models.Model{Name: "account.payment.stripe.customer.source.detach.ask", String: "Detach Source", ViewOnly: true},
	Customer: models.NewMany2One(models.Field{String: "Customer", Relation: "account.payment.stripe.customer", Readonly: true}),
	Source: models.NewSelection(models.Field{String: "Source", Required: true, SelectionMethod: "get_sources",
		SelectionChangeWith: []string{"customer"}}),
})

// bindDetach binds the list of what can be detached.
func (e *Engine) bindDetach(c *models.Class) {
	c.Method(models.Method{Name: "get_sources", ReadOnly: true, Help: "The values of a selection and their labels.",
		Before: func(ctx context.Context, db *models.Database, r models.Request, a *models.Args) {
			e.askBefore(ctx, db, r, a.Map(0)["customer"], choiceMethods, choiceSources)
		},
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			customer := a.Map(0)["customer"]
			if a.Err() != nil {
				return nil, a.Err()
			}
			choices := slices.Clone(e.choicesOf(tx, customer, choiceMethods))
			for _, source := range e.choicesOf(tx, customer, choiceSources) {
				if !slices.ContainsFunc(choices, func(c [2]string) bool { return c[0] == source[0] }) {
					choices = append(choices, source) // Stripe lists a card among both
				}
			}
			return selection(choices, ""), nil
		}})
}

// detachWizard is account.payment.stripe.customer.source.detach.
func (e *Engine) detachWizard() *models.Wizard {
	return &models.Wizard{
		Name: "account.payment.stripe.customer.source.detach", Start: "ask",
		States: map[string]models.State{
			"ask": {
				View: "account.payment.stripe.customer.source.detach.ask", ViewID: "account_payment_stripe.customer_source_detach_ask_view_form",
				Buttons: []models.StateButton{
					{State: "end", String: "Cancel", Icon: "tryton-cancel"},
					{State: "detach", String: "Detach", Icon: "tryton-ok", Default: true},
				},
				Defaults: func(s *models.Session) (models.Values, error) {
					records := s.Records()
					if len(records) == 0 {
						return nil, nil
					}
					return models.Values{"customer": records[0].ID()}, nil
				},
			},
			"detach": {Next: e.detach},
		},
	}
}

// detach asks for the source to be taken from the customer that the wizard was started on.
func (e *Engine) detach(s *models.Session) (string, error) {
	records, source := s.Records(), DetachAsk.Source.Of(s.Form("ask"))
	if len(records) != 1 || source == "" {
		return "", models.UserError("Choose one customer and what to detach from it.")
	}
	tx := s.Tx.Unchecked()
	if !e.mayDetach(tx, records[0], source) {
		return "", models.UserError("The customer \"%s\" has no card or account \"%s\".", records[0].Name(), source)
	}
	if err := Customer.Write(tx, records, Customer.StripeDetach.To(source)); err != nil {
		return "", err
	}
	if err := due(tx, records); err != nil {
		return "", err
	}
	e.forgetChoices(Customer.StripeCustomerID.Of(records[0]))
	e.soon(tx, customers, forQueue, records)
	return "end", nil
}

// mayDetach tells whether a customer has the source, as far as is known here: by the list of the form, or as it was last read. Of a customer
// of whom nothing has been read yet Stripe is asked, see detachSource.
func (e *Engine) mayDetach(tx *models.Tx, r *models.Record, source string) bool {
	if !Identical.StripeListed.Of(r) && len(e.choicesOf(tx, r.ID(), choiceMethods)) == 0 && len(e.choicesOf(tx, r.ID(), choiceSources)) == 0 {
		return true
	}
	for _, kind := range []choiceKind{choiceMethods, choiceSources} {
		if slices.ContainsFunc(e.choicesOf(tx, r.ID(), kind), func(c [2]string) bool { return c[0] == source }) {
			return true
		}
	}
	return Fingerprint.Count(tx, domain.AllOf(Fingerprint.Customer.Eq(r.ID()), Fingerprint.Method.Eq(source))) > 0
}

var (
	addCardStates = map[string]any{"invisible": pyson.Not(pyson.Eval("stripe_checkout_needed", false))}
	detachStates  = map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("stripe_customer_id", "")))}
)
