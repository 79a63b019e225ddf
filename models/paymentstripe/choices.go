package paymentstripe

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/stripe"
)

// choiceLife is how long a list is kept.
const choiceLife = time.Minute

// choiceCache keeps the cards and accounts of customers as Stripe listed them, for the selections of forms.
type choiceCache struct {
	mu    sync.Mutex
	lists map[choiceKey]choiceList
}

// choiceKey names a list: a customer of another account is another one, whatever his id.
type choiceKey struct{ kind, secret, customer string }

type choiceList struct {
	choices [][2]string // id, label
	until   time.Time
}

// isMethod tells a payment method's id from that of a source.
func isMethod(id string) bool { return strings.HasPrefix(id, "pm_") }

// ask lists for a customer what Stripe lists, unless that is known for a minute already. Until Stripe has answered, and when it does not in
// time, an older list is better than none. It never fails: a form must open all the same.
func (e *Engine) ask(ctx context.Context, now time.Time, known knownCustomer, kind choiceKind) {
	key := known.list(kind)
	e.choices.mu.Lock()
	fresh := now.Before(e.choices.lists[key].until)
	e.choices.mu.Unlock()
	if fresh {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, e.times.Form)
	defer cancel()
	choices, err := kind.list(ctx, e.accountAt(known.secret), known.id)
	if err != nil {
		return
	}
	e.choices.mu.Lock()
	defer e.choices.mu.Unlock()
	if len(e.choices.lists) > 10000 { // nobody looks at so many customers within a minute
		clear(e.choices.lists)
	}
	e.choices.lists[key] = choiceList{choices, now.Add(choiceLife)}
}

// forgetChoices drops what is remembered of a customer.
func (e *Engine) forgetChoices(customer string) {
	e.choices.mu.Lock()
	defer e.choices.mu.Unlock()
	maps.DeleteFunc(e.choices.lists, func(key choiceKey, _ choiceList) bool { return key.customer == customer })
}

func listSources(ctx context.Context, a *stripe.Account, customer string) ([][2]string, error) {
	all, err := a.ListSources(ctx, customer, "")
	choices := make([][2]string, len(all))
	for i, s := range all {
		choices[i] = [2]string{s.ID, label(firstText(s.Brand, s.Bank, s.Type), s.Last4, s.ExpMonth, s.ExpYear)}
	}
	return choices, err
}

func listMethods(ctx context.Context, a *stripe.Account, customer string) ([][2]string, error) {
	all, err := a.ListPaymentMethods(ctx, customer, "")
	choices := make([][2]string, len(all))
	for i, m := range all {
		choices[i] = [2]string{m.ID, label(firstText(m.Brand, m.Bank, m.Type), m.Last4, m.ExpMonth, m.ExpYear)}
	}
	return choices, err
}

// label is how a card or account reads: "Visa ****4242 12/2027".
func label(name, last4 string, month, year int) string {
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	if last4 != "" {
		name += " ****" + last4
	}
	if year > 0 {
		name += fmt.Sprintf(" %02d/%d", month, year)
	}
	return strings.TrimSpace(name)
}

// choiceKind is what can be listed for a customer.
type choiceKind struct {
	name string
	list func(context.Context, *stripe.Account, string) ([][2]string, error)
}

var (
	choiceSources = choiceKind{"sources", listSources}
	choiceMethods = choiceKind{"methods", listMethods}
)

// bindChoices binds the methods that list what a payment can be charged to.
func (e *Engine) bindChoices(c *models.Class) {
	choose := func(method, current string, kind choiceKind) {
		c.Method(models.Method{Name: method, ReadOnly: true, Help: "The values of a selection and their labels.",
			Before: func(ctx context.Context, db *models.Database, r models.Request, a *models.Args) {
				e.askBefore(ctx, db, r, a.Map(0)["stripe_customer"], kind)
			},
			Do: func(tx *models.Tx, a *models.Args) (any, error) {
				values := a.Map(0)
				if a.Err() != nil {
					return nil, a.Err()
				}
				chosen, _ := values[current].(string)
				return selection(e.choicesOf(tx, values["stripe_customer"], kind), chosen), nil
			}})
	}
	choose("get_stripe_customer_sources", "stripe_customer_source", choiceSources)
	choose("get_stripe_customer_payment_methods", "stripe_customer_payment_method", choiceMethods)
}

// knownCustomer is how Stripe knows a customer.
type knownCustomer struct{ id, secret string }

func (k knownCustomer) list(kind choiceKind) choiceKey { return choiceKey{kind.name, k.secret, k.id} }

// known finds out how Stripe knows a customer that the user may see; nothing for one that it does not know, or that he may not.
func (e *Engine) known(tx *models.Tx, customer any) (knownCustomer, bool) {
	id, _ := customer.(int64)
	if id <= 0 || e.gateway == nil {
		return knownCustomer{}, false
	}
	visible, err := tx.Class(Customer.Name).Search(tx, domain.C("id", domain.Equal, id), models.Search{Limit: 1})
	if err != nil || len(visible) == 0 {
		return knownCustomer{}, false
	}
	r := Customer.Get(tx.Unchecked(), id)
	at := Customer.StripeCustomerID.Of(r)
	return knownCustomer{at, Account.SecretKey.Of(Customer.StripeAccount.Of(r))}, at != ""
}

// askBefore asks Stripe for the lists of a customer before the transaction that shows them.
func (e *Engine) askBefore(ctx context.Context, db *models.Database, r models.Request, customer any, kinds ...choiceKind) {
	var known knownCustomer
	var ok bool
	r.ReadOnly = true
	err := db.Transact(ctx, r, func(tx *models.Tx) error {
		known, ok = e.known(tx, customer)
		return nil
	})
	if err != nil || !ok {
		return // the call itself says what is wrong
	}
	for _, kind := range kinds {
		e.ask(ctx, db.Now(), known, kind)
	}
}

// choicesOf are the choices that were last listed for a customer that the user may see.
func (e *Engine) choicesOf(tx *models.Tx, customer any, kind choiceKind) [][2]string {
	known, ok := e.known(tx, customer)
	if !ok {
		return nil
	}
	e.choices.mu.Lock()
	defer e.choices.mu.Unlock()
	return e.choices.lists[known.list(kind)].choices
}

// selection is a list as a client wants it: the empty choice first, and the current one always among them.
func selection(choices [][2]string, current string) []any {
	list := []any{[]any{"", ""}}
	seen := current == ""
	for _, c := range choices {
		list = append(list, []any{c[0], c[1]})
		seen = seen || c[0] == current
	}
	if !seen {
		list = append(list, []any{current, current})
	}
	return list
}
