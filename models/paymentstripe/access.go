package paymentstripe

import (
	"paytond/models"
	"paytond/models/ir"
	"paytond/models/pyson"
)

// eventsWindow lists all events; those that are not finished (about an object that is not known, or gone wrong) have a tab and are counted.
func eventsWindow() ir.ActWindow {
	return ir.ActWindow{ID: "act_event_form", Name: "Stripe Events", Model: "account.payment.stripe.event",
		Views: []models.Ref{"event_view_list", "event_view_form"},
		Tabs: []ir.Tab{{Name: "All"}, {Name: "Not Finished", Count: true,
			Domain: []any{[]any{"state", "in", []any{eventNew, eventParked, eventError}}}}}}
}

// eventWindow relates the events of a record.
func eventWindow(id, name, model, field string) ir.ActWindow {
	return ir.ActWindow{ID: id, Name: name, Keywords: []ir.On{{Keyword: "form_relate", Model: model}},
		Model: "account.payment.stripe.event", Views: []models.Ref{"event_view_list", "event_view_form"},
		Domain: []any{[]any{field, "in", pyson.Eval("active_ids", []any{})}}}
}

// attemptWindow relates the calls for a record.
func attemptWindow(id, name, model, field string) ir.ActWindow {
	return ir.ActWindow{ID: id, Name: name, Keywords: []ir.On{{Keyword: "form_relate", Model: model}},
		Model: "account.payment.stripe.attempt", Views: []models.Ref{"attempt_view_list", "attempt_view_form"},
		Domain: []any{[]any{field, "in", pyson.Eval("active_ids", []any{})}}}
}

// accessData says who may see and change what. Beyond the peer's, refunds are for those who handle payments; and nobody but
// administrators reads the secret with which events are signed.
func accessData() ir.Part {
	const account, customer, refund = "account.payment.stripe.account", "account.payment.stripe.customer", "account.payment.stripe.refund"
	full := func(model string, group models.Ref) ir.Part {
		return ir.Access{Model: model, Group: group, Read: true, Write: true, Create: true, Delete: true}
	}
	parts := ir.Parts{
		ir.Access{Model: account},
		full(account, groupAdmin),
		ir.Access{Model: account, Group: groupPayment, Read: true},
		ir.Access{Model: customer},
		full(customer, groupPayment),
		ir.Access{Model: refund},
		full(refund, groupPayment),
		full(refund, groupAdmin),
		ir.Access{Model: refund, Group: groupApproval, Read: true},
		ir.Button{Model: account, Name: "new_identifier", String: "New URL",
			Confirm: "This action will make the previous URL unusable. Do you want to continue?"},
		ir.Button{Model: account, Name: "create_endpoint", String: "Create Webhook at Stripe", Groups: []models.Ref{groupAdmin},
			Help: "Has Stripe send the events that are handled here, and keeps the secret that they are signed with."},
		ir.Button{Model: account, Name: "retire_endpoint", String: "Retire Previous Secret", Groups: []models.Ref{groupAdmin},
			Confirm: "Events signed with the previous secret will be refused, and its endpoint deleted at Stripe. Do you want to continue?"},
		ir.Button{Model: account, Name: "test_keys", String: "Test Keys", Groups: []models.Ref{groupAdmin}},
		ir.Button{Model: "account.payment", Name: "stripe_checkout", String: "Stripe Checkout"},
		ir.Button{Model: "account.payment", Name: "stripe_do_capture", String: "Stripe Capture"},
		ir.Button{Model: "account.payment", Name: "stripe_void", String: "Stripe Void", Groups: []models.Ref{groupPayment},
			Confirm: "The amount that is held for you will be released. Do you want to continue?"},
		ir.Button{Model: "account.payment", Name: "stripe_pull", String: "Pull from Stripe", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: refund, Name: "stripe_pull", String: "Pull from Stripe", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: "account.payment.stripe.event", Name: "replay", String: "Replay", Groups: []models.Ref{groupPayment, groupAdmin}},
		ir.Button{Model: customer, Name: "stripe_pull", String: "Pull from Stripe", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: customer, Name: "stripe_checkout", String: "Add Card"},
		ir.Button{Model: customer, Name: "detach_source", String: "Detach Source"},
		ir.Button{Model: refund, Name: "draft", String: "Draft", Groups: []models.Ref{groupPayment}},
		ir.Button{Model: refund, Name: "approve", String: "Approve", Groups: []models.Ref{groupApproval}},
	}
	for _, secret := range []string{"secret_key", "webhook_signing_secret", "webhook_previous_secret"} {
		parts = append(parts, ir.FieldAccess{Model: account, Field: secret},
			ir.FieldAccess{Model: account, Field: secret, Group: groupAdmin, Read: true, Write: true, Create: true, Delete: true})
	}
	for _, model := range []string{"account.payment.stripe.attempt", "account.payment.stripe.event", "account.payment.stripe.fingerprint",
		"account.payment.stripe.difference"} {
		parts = append(parts, ir.Access{Model: model}, ir.Access{Model: model, Group: groupPayment, Read: true},
			ir.Access{Model: model, Group: groupAdmin, Read: true})
	}
	return parts
}

// ruleData keeps what is about payments of other companies from users, as the payments themselves are. What is about no payment, such as an
// event of a customer, is for all who may read events: customers and Stripe accounts belong to no company.
func ruleData() ir.Part {
	ofPayment, ofRefund := []any{"payment.company", "in", pyson.Eval("companies", []any{})}, []any{"refund.payment.company", "in", pyson.Eval("companies", []any{})}
	ofNone := []any{[]any{"payment", "=", nil}, []any{"refund", "=", nil}}
	rule := func(name string, domain ...any) ir.Part {
		return ir.Rule{ID: "rule_group_" + name + "_companies", Name: "User in companies", Model: "account.payment.stripe." + name,
			Global: true, Domains: [][]any{domain}}
	}
	return ir.Parts{
		rule("refund", ofPayment),
		rule("event", []any{"OR", []any{"payment", "=", nil}, ofPayment}),
		rule("attempt", []any{"OR", ofNone, ofPayment, ofRefund}),
		rule("difference", []any{"OR", ofNone, ofPayment, ofRefund}),
	}
}

// guardData keeps clients from writing what only the workflow and the engine may: a changed key could charge twice, a changed status hide
// what Stripe says. That is every field declared read-only, but for the token, which scripts made for the peer set; and whether a payment
// can be captured, which the peer declares otherwise.
func guardData() ir.Part {
	parts := ir.Parts{ir.FieldAccess{Model: "account.payment", Field: "stripe_capturable", Read: true}}
	for _, of := range []struct {
		model       string
		declaration models.Definition
	}{{payments.model, Payment}, {refunds.model, Refund}, {customers.model, Customer}, {customers.model, Identical}, {accounts.model, Account}} {
		for _, field := range models.ReadonlyFields(of.declaration) {
			if field != "stripe_token" {
				parts = append(parts, ir.FieldAccess{Model: of.model, Field: field, Read: true})
			}
		}
	}
	return parts
}
