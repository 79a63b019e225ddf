package paymentstripe

import (
	"net/url"

	"paytond/models"
	"paytond/stripe"
)

// bound is a part of a model's behaviour that needs an engine. It adds no field.
type bound struct {
	models.Extension
	bind func(*models.Class)
}

// Setup binds the behaviour.
func (x *bound) Setup(c *models.Class) { x.bind(c) }

func bind(model string, bind func(*models.Class)) models.Definition {
	return models.Define(&bound{Extension: models.Extension{Name: model}, bind: bind})
}

// base is the address of the pages: that of the configuration, or that of the request.
func (e *Engine) base(tx *models.Tx) string {
	if e.publicURL != "" {
		return e.publicURL
	}
	text, _ := tx.Context("_base_url").(string)
	return text
}

// address is that of a page of the module for the database; "" where nobody said what the server is called.
func (e *Engine) address(tx *models.Tx, parts ...string) string {
	base := e.base(tx)
	if base == "" {
		return ""
	}
	path := "/" + url.PathEscape(tx.Database().Name()) + "/account_payment_stripe"
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return base + path
}

// checkoutURL is the address of a record's checkout page, "" if it has none.
func (e *Engine) checkoutURL(r *models.Record) string {
	token, _ := r.Get("stripe_checkout_id").(string)
	if token == "" {
		return ""
	}
	return e.address(r.Tx(), "checkout", r.Model(), token)
}

// CheckoutLinks are the addresses of the checkout pages of payments or customers, made where there are none yet, or where they have run out. The context of the
// transaction says what the server is called: "_base_url", such as "https://pay.example.com".
func CheckoutLinks(tx *models.Tx, records []*models.Record) ([]string, error) {
	links := make([]string, len(records))
	for i, r := range records {
		if err := ensureLink(tx, r, DefaultLinkAge); err != nil {
			return nil, err
		}
		links[i] = (&Engine{}).checkoutURL(r)
	}
	return links, nil
}

// bindRefund binds the button of a refund.
func (e *Engine) bindRefund(c *models.Class) {
	e.bindPull(c, refunds, shownWhenSet("stripe_refund_id"), "stripe_refund_id")
}

// bindEvent binds the button that applies an event again. What it shows is taken over only where nothing newer is known, so it may be pressed
// on any event.
func (e *Engine) bindEvent(c *models.Class) {
	x := Event
	c.Button(models.Button{Name: "replay", Stale: true, States: map[string]any{"icon": "tryton-refresh"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			for _, r := range records {
				ev, err := stripe.ParseEvent([]byte(x.Payload.Of(r)))
				if err != nil {
					return nil, models.UserError("The event \"%s\" cannot be read.", r.Name())
				}
				if err := e.apply(tx, r, ev); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
}

// bindCustomer binds the buttons of a customer.
func (e *Engine) bindCustomer(c *models.Class) {
	e.bindPull(c, customers, shownWhenSet("stripe_customer_id"), "stripe_customer_id")
	c.Button(models.Button{Name: "stripe_checkout", Stale: true, States: addCardStates, Depends: []string{"stripe_checkout_needed"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			tx = tx.Unchecked()
			for _, r := range records {
				// Another card is another link: that of the last one has served.
				if Customer.StripeSetupIntentID.Of(r) == "" {
					if err := writeChanged(tx, r, models.Values{"stripe_checkout_id": newLink(tx), "stripe_status": nil}); err != nil {
						return nil, err
					}
				} else if err := ensureLink(tx, r, e.linkAge); err != nil {
					return nil, err
				}
			}
			e.soon(tx, customers, forCheckout, records)
			return tx.Ref("account_payment_stripe.wizard_checkout"), nil
		})
	c.Button(models.Button{Name: "detach_source", Stale: true, States: detachStates, Depends: []string{"stripe_customer_id"}},
		func(tx *models.Tx, _ []*models.Record) (any, error) {
			return tx.Ref("account_payment_stripe.wizard_customer_source_detach"), nil
		})
}
