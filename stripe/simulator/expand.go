package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// wire turns an object into what goes over the wire.
func (a *account) wire(object any) map[string]any { return toMap(object) }

// expand replaces the ids that paths name by their objects.
func (r *request) expand(body map[string]any, paths []string) *apiError {
	for _, path := range paths {
		parts := strings.Split(path, ".")
		if len(parts) > 4 {
			return invalidParam("", "You cannot expand more than 4 levels of a property. Property: "+path, "expand")
		}
		if !r.expandPath(body, parts) {
			return invalidParam("", fmt.Sprintf("This property cannot be expanded (%s).", path), "expand")
		}
	}
	return nil
}

// expandPath expands one path below an object; it tells whether the path made sense.
func (r *request) expandPath(body map[string]any, parts []string) bool {
	name := parts[0]
	value, ok := body[name]
	if !ok {
		value, ok = r.hidden(body, name)
		if !ok {
			return false
		}
		body[name] = value
	}
	switch v := value.(type) {
	case nil:
		return expandable(name)
	case []any:
		for _, one := range v {
			if m, ok := one.(map[string]any); !ok || len(parts) > 1 && !r.expandPath(m, parts[1:]) {
				return false
			}
		}
		return len(parts) > 1 // a bare list is no property to expand
	case string:
		object, ok := r.account.object(v)
		if !ok || !expandable(name) {
			return false
		}
		body[name] = object
	}
	inner, ok := body[name].(map[string]any)
	if !ok {
		return false
	}
	return len(parts) == 1 || r.expandPath(inner, parts[1:])
}

// expandable names the properties that hold ids of other objects.
func expandable(name string) bool {
	return slices.Contains([]string{"customer", "payment_method", "latest_charge", "charge", "payment_intent", "balance_transaction", "dispute", "source",
		"default_source", "default_payment_method", "mandate", "failure_balance_transaction", "invoice", "application", "review", "on_behalf_of",
		"latest_attempt", "single_use_mandate", "transfer", "application_fee", "source_transfer"}, name)
}

// hidden are lists that an object shows only on demand.
func (r *request) hidden(body map[string]any, name string) (any, bool) {
	id, _ := body["id"].(string)
	switch {
	case body["object"] == "charge" && name == "refunds":
		return r.sublist("/v1/charges/"+id+"/refunds", rows(&r.account.Refunds, func(f *refund) bool { return string(f.Charge) == id })), true
	case body["object"] == "customer" && name == "sources":
		return r.sublist("/v1/customers/"+id+"/sources", rows(&r.account.Cards, func(c *card) bool { return string(c.Customer) == id })), true
	}
	return nil, false
}

func rows[T any](t *table[T], keep func(T) bool) []any {
	out := []any{}
	for _, one := range t.newestFirst(keep) {
		out = append(out, toMap(one))
	}
	return out
}

func (r *request) sublist(url string, data []any) map[string]any {
	more := len(data) > 10
	if more {
		data = data[:10]
	}
	return map[string]any{"object": "list", "data": data, "has_more": more, "url": url}
}

// object finds any object of the account by its id.
func (a *account) object(id string) (map[string]any, bool) {
	switch {
	case has(&a.Customers, id):
		return a.wire(a.Customers.Rows[id]), true
	case has(&a.Methods, id):
		return a.wire(a.Methods.Rows[id]), true
	case has(&a.Cards, id):
		return a.wire(a.Cards.Rows[id]), true
	case has(&a.Charges, id):
		return a.wire(a.Charges.Rows[id]), true
	case has(&a.PaymentIntents, id):
		return a.wire(a.PaymentIntents.Rows[id]), true
	case has(&a.SetupIntents, id):
		return a.wire(a.SetupIntents.Rows[id]), true
	case has(&a.BalanceEntries, id):
		return a.wire(a.BalanceEntries.Rows[id]), true
	case has(&a.Payouts, id):
		return a.wire(a.Payouts.Rows[id]), true
	case has(&a.Disputes, id):
		return a.wire(a.Disputes.Rows[id]), true
	case has(&a.Refunds, id):
		return a.wire(a.Refunds.Rows[id]), true
	case has(&a.Mandates, id):
		return a.wire(a.Mandates.Rows[id]), true
	case has(&a.Events, id):
		return a.wire(a.Events.Rows[id]), true
	case has(&a.Sources, id):
		return a.wire(a.Sources.Rows[id]), true
	case has(&a.Tokens, id):
		return a.wire(a.Tokens.Rows[id]), true
	}
	return nil, false
}

func has[T any](t *table[T], id string) bool {
	_, ok := t.Rows[id]
	return ok
}

// publicView is what a publishable key may see of an intent.
func publicView(body map[string]any) map[string]any {
	if body["object"] != "payment_intent" && body["object"] != "setup_intent" {
		return body
	}
	for _, name := range []string{"metadata", "customer", "application", "invoice", "on_behalf_of", "review", "transfer_data", "transfer_group",
		"latest_charge", "amount_received", "amount_capturable", "application_fee_amount", "statement_descriptor", "statement_descriptor_suffix",
		"payment_method_options", "latest_attempt", "mandate", "single_use_mandate"} {
		delete(body, name)
	}
	return body
}
