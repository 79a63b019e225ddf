package main

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// detaching runs the wizard on a customer up to its last step, whose method and parameters it returns.
func (f *flow) detaching(customer int64, source string) (c *client, method string, params []any) {
	f.Helper()
	action, _ := f.must("model.ir.action.get_action_value", f.must("model."+customerModel+".detach_source", []int64{customer})).(map[string]any)
	wizard := "wizard." + action["wiz_name"].(string) + "."
	c = f.at(customerModel, customer)
	began, _ := c.must(wizard + "create").([]any)
	step, _ := c.must(wizard+"execute", began[0], map[string]any{}, began[1]).(map[string]any)
	view, _ := step["view"].(map[string]any)
	if defaults, _ := view["defaults"].(map[string]any); integer(defaults["customer"]) != customer {
		f.Fatalf("the wizard begins with %v", step)
	}
	return c, wizard + "execute", []any{began[0], map[string]any{"ask": map[string]any{"customer": customer, "source": source}}, "detach"}
}

// detachable are the ids that the wizard offers.
func (f *flow) detachable(customer int64) (ids []string) {
	f.Helper()
	offered, _ := f.must("model."+customerModel+".source.detach.ask.get_sources", map[string]any{"customer": customer}).([]any)
	for _, one := range offered {
		if id := one.([]any)[0].(string); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// detach takes a payment method, a card and a source from a customer, and is refused what is not his.
func (f *flow) detach() {
	_, customer := f.customer("Dirk Detach", "", "cus_dirk", "pm_card_visa")
	card := f.askOwner("POST", "customers/cus_dirk/sources", url.Values{"source": {"tok_mastercard"}})["id"].(string)
	made := f.askStripe("/v1/sources", url.Values{"type": {"card"}, "token": {"tok_amex"}})["id"].(string)
	f.askOwner("POST", "customers/cus_dirk/sources", url.Values{"source": {made}})
	if err := f.sim.Flush(f.Context()); err != nil { // an event that comes later has the customer's cards listed anew, and none known meanwhile
		f.Fatal(err)
	}
	f.until("all are listed", func() bool { return len(f.detachable(customer)) == 3 })
	stranger := f.withCard("cus_saved")["stripe_customer_payment_method"].(string)
	for _, source := range []string{stranger, "pm_nobody", "card_nobody"} {
		f.becomes(customerModel, customer, "stripe_listed", true)
		c, method, params := f.detaching(customer, source)
		if said := c.refused(method, params...); !strings.Contains(said, `has no card or account "`+source+`"`) {
			f.Errorf("%s: %q", source, said)
		}
	}
	_, unknown := f.customer("Ulf Unknown", "", "cus_ulf") // of whom nothing has been read: Stripe is asked whose it is
	f.becomes(customerModel, unknown, "stripe_listed", true)
	f.behind(`UPDATE "account_payment_stripe_customer" SET "stripe_listed" = ? WHERE "id" = ?`, false, unknown)
	c, method, params := f.detaching(unknown, stranger)
	c.must(method, params...)
	f.shows(customerModel, unknown, map[string]any{"stripe_error_message": "The payment method " + stranger + " is another customer's", "stripe_detach": nil})
	for left := f.detachable(customer); len(left) > 0; left = left[1:] {
		c, method, params := f.detaching(customer, left[0])
		c.must(method, params...)
		f.shows(customerModel, customer, map[string]any{"stripe_detach": nil, "stripe_error_message": nil})
		f.until(left[0]+" is not offered any more, and the others are", func() bool { return slices.Equal(left[1:], f.detachable(customer)) })
	}
	if got := f.stripeObject("sources/" + made); got["status"] != "consumed" {
		f.Errorf("the source is %v", got["status"])
	}
	if got := f.stripeObject("customers/cus_dirk/sources")["data"].([]any); len(got) != 0 {
		f.Errorf("Stripe still has %v, once there was %s", got, card)
	}
	if methods := f.withCard("cus_saved"); methods["stripe_customer_payment_method"] != stranger {
		f.Errorf("the other customer has %v", methods)
	}
}

// identicalCustomers shows who shares a bank account, and who a card.
func (f *flow) identicalCustomers() {
	_, one := f.customer("Ida Identical", "", "cus_ida", "pm_usBankAccount_debitNotAuthorized")
	_, two := f.customer("Ivo Identical", "", "cus_ivo", "pm_usBankAccount_debitNotAuthorized", "pm_card_jcb")
	_, three := f.customer("Ilse Identical", "", "cus_ilse", "pm_card_jcb")
	_, other := f.customer("Ines Alone", "", "cus_ines", "pm_usBankAccount_noAccount")
	f.shows(customerModel, one, map[string]any{"identical_customers": 1})
	f.shows(customerModel, two, map[string]any{"identical_customers": 2})
	f.shows(customerModel, three, map[string]any{"identical_customers": 1})
	f.becomes(customerModel, other, "stripe_listed", true)
	f.shows(customerModel, other, map[string]any{"identical_customers": 0})
	found, _ := f.must("model."+customerModel+".search", []any{[]any{"identical_customers", "=", two}}, 0, nil, nil).([]any)
	var ids []int64
	for _, id := range found {
		ids = append(ids, integer(id))
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]int64{one, three}, ids); diff != "" {
		f.Errorf("searched (-want +got):\n%s", diff)
	}
}

// mergedParties joins a party into another by the wizard: customers and payments are the other's then, and the card is charged for him.
func (f *flow) mergedParties() {
	source, customer := f.customer("Max Merged", "", "cus_max", "pm_card_visa")
	destination := f.party("Maximilian Merger", "")
	open := f.payment("Max Merged", "37.00", "Open", nil)
	const wizard = "wizard.party.replace."
	c := f.at("party.party", source)
	began, _ := c.must(wizard + "create").([]any)
	c.must(wizard+"execute", began[0], map[string]any{}, began[1])
	read := c.sure(wizard+"execute", began[0], map[string]any{"ask": map[string]any{"source": source, "destination": destination}}, "replace")
	if len(read) != 1 || !strings.Contains(read[0], `"Max Merged" and "Maximilian Merger"`) {
		f.Errorf("the user reads %q", read)
	}
	if got := integer(f.read(customerModel, customer, "party")["party"]); got != destination {
		f.Errorf("the customer is of party %d", got)
	}
	f.process(open)
	f.becomes(paymentModel, open, "state", "succeeded")
	if got := integer(f.read(paymentModel, open, "party")["party"]); got != destination {
		f.Errorf("the payment is of party %d", got)
	}
	f.knows("cus_max", map[string]any{"name": "Max Merged"}) // Stripe is told when the party that he is now changes
	f.must("model.party.party.write", []int64{destination}, map[string]any{"name": "Maximilian Merged"})
	f.knows("cus_max", map[string]any{"name": "Maximilian Merged"})
}

// knows waits until Stripe knows of a customer what is wanted.
func (f *flow) knows(customer string, want map[string]any) {
	f.Helper()
	var got map[string]any
	right := func() bool {
		got = f.stripeObject("customers/" + customer)
		for name, value := range want {
			if !cmp.Equal(got[name], value) {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(longEnough); !right(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.Fatalf("Stripe knows %v, not %v", got, want)
		}
	}
}

// changedParties has Stripe told of each change of a party that concerns it.
func (f *flow) changedParties() {
	party, _ := f.customer("Chris Changes", "", "cus_chris")
	other, _ := f.customer("Olga Other", "", "cus_olga")
	f.askOwner("POST", "customers/cus_chris", url.Values{"description": {"Typed at Stripe"}})
	contact := func(values map[string]any) int64 {
		f.Helper()
		values["party"] = party
		return first(f.must("model.party.contact_mechanism.create", []any{values}))
	}
	mail := contact(map[string]any{"type": "email", "value": "chris@example.com"})
	f.knows("cus_chris", map[string]any{"name": "Chris Changes", "email": "chris@example.com"})
	f.must("model.party.contact_mechanism.write", []int64{mail}, map[string]any{"value": "changes@example.com"})
	f.knows("cus_chris", map[string]any{"email": "changes@example.com"})
	contact(map[string]any{"type": "phone", "value": "+32 2 555 12 12"})
	f.until("the phone is known", func() bool {
		phone, _ := f.stripeObject("customers/cus_chris")["phone"].(string)
		return strings.ReplaceAll(phone, " ", "") == "+3225551212"
	})
	french := first(f.must("model.ir.lang.search", []any{[]any{"code", "=", "fr"}}, 0, nil, nil))
	f.must("model.party.party.write", []int64{party}, map[string]any{"lang": french})
	f.knows("cus_chris", map[string]any{"preferred_locales": []any{"fr"}})
	f.must("model.party.party.write", []int64{party}, map[string]any{"name": "Chris Changed"})
	f.knows("cus_chris", map[string]any{"name": "Chris Changed", "preferred_locales": []any{"fr"}})
	f.must("model.party.contact_mechanism.write", []int64{mail}, map[string]any{"party": other})
	f.knows("cus_olga", map[string]any{"email": "changes@example.com"})
	f.knows("cus_chris", map[string]any{"email": nil, "description": "Typed at Stripe"})
	f.must("model.party.contact_mechanism.delete", []int64{mail})
	f.knows("cus_olga", map[string]any{"email": nil})
}

// authentication has the bank want the customer for a payment that is made without him: he gets one e-mail, follows its link, and pays.
func (f *flow) authentication() {
	address := "anna." + f.name + "@example.com"
	party, customer := f.customer("Anna Authentication", address, "cus_anna", "pm_card_authenticationRequired")
	f.must("model.party.party.write", []int64{party}, map[string]any{"lang": first(f.must("model.ir.lang.search", []any{[]any{"code", "=", "fr"}}, 0, nil, nil))})
	id := f.payment("Anna Authentication", "38.00", "With 3-D Secure", map[string]any{"stripe_customer": customer})
	f.process(id)
	f.shows(paymentModel, id, map[string]any{"stripe_error_code": "authentication_required", "state": "processing", "stripe_checkout_needed": true})
	letters := func() (texts []string) {
		for _, p := range f.office.got() {
			if slices.Contains(p.to, "<"+address+">") {
				texts = append(texts, p.text)
			}
		}
		return texts
	}
	f.until("the mail has come", func() bool { return len(letters()) > 0 })
	message, err := mail.ReadMessage(strings.NewReader(letters()[0]))
	if err != nil {
		f.Fatal(err)
	}
	parts := map[string]string{}
	readParts(f.T, message.Header.Get("Content-Type"), message.Body, parts)
	link := regexp.MustCompile(regexp.QuoteMeta(f.url) + `/\S+/checkout/account\.payment/[0-9a-f]+`).FindString(parts["text/plain"])
	if link == "" || link != f.text(paymentModel, id, "stripe_checkout_url") {
		f.Fatalf("the mail leads to %q: %v", link, parts)
	}
	path := strings.TrimPrefix(link, f.url)
	secret, body := f.page(path)
	if !strings.Contains(parts["text/html"], `<html lang="fr">`) || !strings.Contains(body, `<html lang="fr"`) {
		f.Error("he is not written to in French")
	}
	intent := f.confirm("payment_intents", secret, "4000002760003184")
	if intent["status"] != "requires_action" {
		f.Fatalf("confirm: %v", intent)
	}
	f.askStripe("/_simulator/challenge/"+intent["id"].(string), url.Values{"client_secret": {secret}, "result": {"complete"}})
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "stripe_error_message": nil})
	f.charged(id, 3800)
	if err := f.sim.Flush(f.Context()); err != nil {
		f.Fatal(err)
	}
	if n := len(letters()); n != 1 {
		f.Errorf("%d letters have come", n)
	}
}

// listsExpire has a list of cards read again after a minute, where no event tells of a change.
func (f *flow) listsExpire() {
	_, customer := f.customer("Lisa Lists", "", "cus_lisa", "pm_card_visa")
	f.becomes(customerModel, customer, "stripe_listed", true)
	f.offered("payment_methods", customer, 1)
	f.sim.Hold()
	f.askOwner("POST", "payment_methods/pm_card_mastercard/attach", url.Values{"customer": {"cus_lisa"}})
	f.offered("payment_methods", customer, 1)
	f.later(61 * time.Second)
	f.offered("payment_methods", customer, 2)
	f.askOwner("POST", "payment_methods/pm_card_amex/attach", url.Values{"customer": {"cus_lisa"}})
	f.sim.Release(0, false)
	f.offered("payment_methods", customer, 3) // the event makes it read anew
}

// setupExpires leaves a set-up intent unfinished for longer than the account allows.
func (f *flow) setupExpires() {
	f.admin.must("model."+accountModel+".write", []int64{f.account}, map[string]any{"setup_intent_delay": map[string]any{"__class__": "timedelta", "seconds": 3600}})
	customer := f.newCustomer(nil)
	path := f.checkout(customerModel, customer)
	secret, _ := f.page(path)
	intent, _, _ := strings.Cut(secret, "_secret")
	f.shows(customerModel, customer, map[string]any{"stripe_setup_intent_id": intent})
	f.later(2 * time.Hour)
	f.nowDue("account_payment_stripe_customer", customer)
	f.runOnce(customerModel + "|stripe_intent_update")
	f.shows(customerModel, customer, map[string]any{"stripe_setup_intent_id": nil, "stripe_status": "canceled"})
	f.customerKnown(customer, false)
	if got := f.stripeObject("setup_intents/" + intent); got["status"] != "canceled" {
		f.Errorf("at Stripe it is %v", got["status"])
	}
}
