package main

// excuses argue the differences between our answers and the peer's.
var excuses = []excuse{
	// HTTP
	{subject: "*", place: "header Content-Type", what: `"text/plain", not "text/html"*`,
		reason: "we refuse in a line of plain text; clients read the status only"},
	{subject: "*", place: "header Access-Control-*", what: `"*", not ""`,
		reason: "we send the headers of CORS with refusals too, else a page of another origin sees a network failure in place of a 401"},
	{subject: "*", place: "header Vary", what: `"Origin", not ""`, reason: "the same"},
	{subject: "OPTIONS /ref/", place: "header Content-Type", what: `"", not "text/plain"*`, reason: "an answer without body has no type"},
	{subject: "OPTIONS /ref/", place: "status", what: "403, not 500*", reason: "the peer crashes on a foreign origin"},
	{subject: "common.server.version", place: "status", what: "403, not 500*", reason: "the peer crashes on a foreign origin"},
	{subject: "POST /ref/", place: "status", what: "400, not 500*", reason: "the peer crashes on a malformed body"},
	{subject: "common.db.list", place: "status", what: "415, not 500*", reason: "the peer crashes on a body that is not JSON"},
	{subject: "common.db.login", place: "status", what: "415, not 500*", reason: "the peer crashes on a stranger's packed body, which it means to refuse"},
	{subject: "common.db.login", place: "header Content-Type", what: `"", not "text/html"*`, reason: "our redirection has no page"},
	{subject: "GET /ref/data/*", place: "status", what: "400, not 500*", reason: "the peer crashes on a path that it does not know"},

	{subject: "POST /ref/bus", place: "status", what: "200, not 501: bus disabled", reason: "the bus is on here, as it was for the other calls"},
	{subject: "POST /ref/bus", place: "header Content-Type", what: `"application/json", not "text/html" (status 501)`, reason: "the same"},

	// What is booked is not ours: we have no module account.
	{subject: "definition", place: "party.party.account_*", what: "is missing", reason: bookkeeping},
	{subject: "definition", place: "party.party.accounts", what: "is missing", reason: bookkeeping},
	{subject: "definition", place: "party.party.currency_digits", what: "is missing", reason: bookkeeping},
	{subject: "definition", place: "party.party.customer_tax_rule", what: "is missing", reason: bookkeeping},
	{subject: "definition", place: "party.party.payable*", what: "is missing", reason: bookkeeping},
	{subject: "definition", place: "party.party.receivable*", what: "is missing", reason: bookkeeping},
	{subject: "model.party.party.*", place: "*currency_digits", what: "is missing", reason: bookkeeping},
	{subject: "model.party.party.*", place: "*able_today", what: "is missing", reason: bookkeeping},

	// Our own views show other fields.
	{subject: "model.*.fields_view_get", place: "result.fields.*", what: "is added", reason: "our views show more"},
	{subject: "model.ir.attachment.fields_view_get", place: "result.fields.*", what: "is missing", reason: "our list shows the size, and leaves texts to the form"},
	{subject: "model.ir.email.fields_view_get", place: "result.fields.recipients_*", what: "is missing", reason: "our list leaves the copies to the form"},
	{subject: "model.res.user.fields_view_get", place: "result.fields.avatar_url", what: "is missing", reason: "our list has no pictures"},
	{subject: "model.res.user.get_preferences_fields_view", place: "res.user.actions.views.tree.fields.usage", what: "is added", reason: "our list of actions shows it"},
	{subject: "definition", place: "account.payment.*", what: "is added", reason: "fields of our own, see fieldExcuses"},

	// Behaviour
	{subject: "model.account.payment.on_change_party", place: ".result.stripe_customer_payment_method*", what: "is added",
		reason: "a card of another party's customer must not stay chosen"},
	{subject: "model.account.payment.stripe.customer.stripe_checkout", place: ".error", what: "is missing", reason: outsideTransactions},
	{subject: "model.account.payment.stripe.customer.stripe_checkout", place: ".result", what: "is added", reason: outsideTransactions},
	{subject: "model.account.payment.write", place: ".error[][][].party.relation_fields", what: "is missing",
		reason: "the message names the party by its own definition; what else it has does not appear in it"},
	{subject: "model.ir.email.send", place: "error", what: "*no mail server is configured*", reason: "we say what to do where the peer tries a server that is not there"},
	{subject: "model.ir.email.send", place: ".error[]", what: "list or text, not text", reason: "the same"},
}

const (
	bookkeeping         = "belongs to the module account, which we do not have"
	outsideTransactions = "Stripe is never called in a client's transaction: the checkout page asks it, and says when it does not answer"
)
