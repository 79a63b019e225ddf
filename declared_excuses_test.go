package main

import "strings"

// modelExcuses, fieldExcuses, methodExcuses, menuExcuses, rightsExcuses and schemaExcuses argue where our declarations
// differ from the peer's, each by its name.
var (
	modelExcuses = join(
		named("the rows behind a configuration of the module account, which the peer has without recording it as a model of payments", "", "is added",
			`account.configuration.payment_group_sequence`),
		named("the lines that the module account would book: there are none, but clients ask for the model", "", "is added", `account.move.line`),
		named("every call to Stripe, every event and every card leaves a row", "", "is added",
			`account.payment.stripe.attempt account.payment.stripe.difference account.payment.stripe.event
			account.payment.stripe.fingerprint`),
		named("the first company is made by a form", "", "is added", `company.company.config.start`),
		named("what payments come to by month, for graphs", "", "is added", `account.payment.statistic`),
		named("messages wait in a row until they are sent", "", "is added", `ir.email.queue`),
		named("codes by which users log in, beside passwords or in their place", "", "is added", `res.user.login.code`),
		named("the peer has it, unrecorded", "", "is added", `ir.email.template ir.email.template-ir.action.report`),
		named(tools, "", "is missing", `ir.model.print_model_graph.start ir.module.activate_upgrade.done
			ir.module.activate_upgrade.start ir.ui.view.show.start`),
		[]excuse{
			{subject: "account.payment", place: "buttons", what: `"approve draft fail stripe_checkout stripe_do_capture stripe_pull stripe_void succeed", not *`,
				reason: "what is held can be released, and what Stripe knows be asked for"},
			{subject: "account.payment.stripe.account", place: "buttons", what: `"create_endpoint new_identifier retire_endpoint test_keys", not *`,
				reason: "endpoints are made at Stripe, and keys tried, by the program"},
			{subject: "account.payment.stripe.customer", place: "buttons", what: `"detach_source stripe_checkout stripe_pull", not *`,
				reason: "what Stripe knows can be asked for"},
			{subject: "account.payment.stripe.refund", place: "buttons", what: `"approve draft stripe_pull", not *`, reason: "what Stripe knows can be asked for"},
			{subject: "account.payment.stripe.refund", place: "transitions", what: "*succeeded>failed*, not *", reason: "a refund that Stripe made can fail days later"},
			{subject: "ir.model.data", place: "buttons", what: `"", not "sync"`, reason: tools},
			{subject: "ir.module", place: "buttons", what: `"", not "activate *`, reason: tools},
			{subject: "ir.ui.view", place: "buttons", what: `"", not "show"`, reason: tools},
		},
		// The peer falls back on a field that is not there, and shows the id.
		named("ours is named by the field that tells it from others", "rec_name", `"date", not "name"`, `currency.currency.rate`),
		named("the same", "rec_name", `"method", not "name"`, `ir.cron`),
		named("the same", "rec_name", `"subject", not "name"`, `ir.email`),
		named("the same", "rec_name", `"address", not "name"`, `ir.email.address`),
		named("the same", "rec_name", `"fs_id", not "name"`, `ir.model.data`),
		named("ours ends by the id, as every other order does", "order", `*id*, not *`, `ir.calendar.day ir.calendar.month`),
	)

	fieldExcuses = join(
		named("what is offered to the payer and on his statement", "", "is added",
			fieldsOf("account.payment.journal", `stripe_payment_methods stripe_statement_descriptor`),
			fieldsOf("account.payment.stripe.account", `stripe_payment_methods stripe_statement_descriptor`)),
		named("the row is the queue: who has it, until when, and when it is tried again", "", "is added",
			queued("account.payment"), queued("account.payment.stripe.account"), queued("account.payment.stripe.customer"), queued("account.payment.stripe.refund")),
		named("a person reads which calls were made", "", "is added",
			`account.payment.stripe_attempts account.payment.stripe.customer.stripe_attempts account.payment.stripe.refund.stripe_attempts`),
		named("what Stripe said last, and when, so that nothing goes backwards", "", "is added",
			fieldsOf("account.payment", `stripe_status stripe_event_time stripe_method_type stripe_paid_with`),
			fieldsOf("account.payment.stripe.customer", `stripe_status stripe_listed stripe_event_time stripe_setup_created`)),
		named("a dispute: how much, until when, what of it is lost", "", "is added",
			fieldsOf("account.payment", `stripe_dispute_amount stripe_dispute_due stripe_dispute_id stripe_dispute_lost stripe_dispute_time`)),
		named("payments and cards that are confirmed later, by a mandate or by small amounts on the account", "", "is added",
			fieldsOf("account.payment", `stripe_mandate stripe_verify_arrival stripe_verify_url`),
			fieldsOf("account.payment.stripe.customer", `stripe_mandate stripe_mandate_status stripe_verify_arrival stripe_verify_url`)),
		named("what is written to who must authenticate, and the link in it", "", "is added", `account.payment.stripe_checkout_url`,
			`account.payment.stripe.account.stripe_email_template`),
		named("the calendar shows the state by it", "", "is added", `account.payment.calendar_color`),
		named("how long a customer may take to enter a card", "", "is added", `account.payment.stripe.account.setup_intent_delay`),
		named("what was asked for by a button and is done by the engine", "", "is added", `account.payment.stripe_cancel`,
			`account.payment.stripe_forgotten`,
			fieldsOf("account.payment.stripe.customer", `stripe_detach stripe_update`)),
		named("the key of the call that creates the customer, committed before it", "", "is added", `account.payment.stripe.customer.stripe_idempotency_key`),
		named("customers who pay with the same card", "", "is added", `account.payment.stripe.customer.identical_customers`),
		named("whether the keys work", "", "is added",
			fieldsOf("account.payment.stripe.account", `stripe_check stripe_error_message stripe_livemode stripe_test stripe_tested`)),
		named("the endpoint at Stripe, and the exchange of its secret", "", "is added",
			fieldsOf("account.payment.stripe.account", `webhook_doomed webhook_endpoint_id webhook_previous_endpoint webhook_previous_secret
				webhook_rotating webhook_unsigned webhook_url`)),
		named(bookkeeping, "", "is missing", fieldsOf("party.party", `account_payable account_receivable accounts currency_digits customer_tax_rule payable
			payable_today receivable receivable_today supplier_tax_rule`)),
		named("we can order by it", "sortable", `"1", not ""`, "*.rec_name"),
		named("our states read it too: an id may be corrected until the customer is there", "depends", `"active id *`, `account.payment.stripe.customer.stripe_customer_id`),
		named("ours stay as they are once a payment intent has them", "depends", `*stripe_payment_intent_id*`, fieldsOf("account.payment",
			`stripe_customer_payment_method stripe_customer_payment_method_selection stripe_customer_source_selection`)),
		named("the peer's states read it too, undeclared", "depends", `"noupdate", not ""`, `ir.model.data.db_id`),
		named("the same", "depends", `"id", not ""`, `ir.note.message`),
		named("the same", "depends", `"type", not ""`, `ir.ui.view.model`),
		named("ours reads what Stripe said, too", "on_change_with", `*stripe_status*`, `account.payment.stripe_checkout_needed`),
		named("ours empties the weekday and the day that the frequency does not have", "on_change", `"frequency id", not ""`, `currency.cron.frequency`),
		named("read with the rest of the row: all that open an action need them", "loading", `"eager", not "lazy"`,
			fieldsOf("ir.action", `active icon records type usage`)),
		named("translated as the name of ir.action, which it is", "translate", `"", not "1"`,
			`ir.action.act_window.name ir.action.report.name ir.action.url.name ir.action.wizard.name`),
		named("nobody orders by a path that is put together: the tree does", "sortable", `"", not "1"`, `ir.ui.menu.complete_name`),
		named("the peer was recorded without its time zones", "selection", `"get_timezones", not *`, `company.company.timezone`),
		named("modules add to ours by a method", "selection", `"get_methods", not *`, `ir.cron.method`),
		named("data by a URL are read with such a key", "selection", "*Data by URL*, not *", `res.user.application.application`),
		named("we make no other: the rest the peer has LibreOffice convert", "selection", `"… 6 values", not "… 63 values"`, `ir.action.report.extension`),
		named(tools, "searchable", `"", not "1"`, `ir.model.data.out_of_sync`),
		named("the fields follow their model", "required", `"", not "1"`, `ir.model.fields`),
	)

	methodExcuses = join(
		named("a button of ours", "", "is added", fieldsOf("model.account.payment.stripe.account", `create_endpoint retire_endpoint test_keys`),
			`model.account.payment.stripe.customer.stripe_pull model.account.payment.stripe.refund.stripe_pull model.account.payment.stripe_pull model.account.payment.stripe_void`),
		named("of fields of ours", "", "is added",
			fieldsOf("model.account.payment.stripe.account", `on_change_with_webhook_rotating on_change_with_webhook_unsigned`)),
		named("lists a selection, see fieldExcuses", "", "is added", `model.company.company.get_timezones model.ir.cron.get_methods`),
		named("see fieldExcuses", "", "is added", `model.currency.cron.on_change_frequency`),
		named("clients call it; the peer makes the class of such a report from its record", "", "is added",
			`report.account.payment.stripe.email_checkout.execute report.party.label.execute`),
		named("what parties and clerks get in print, which the peer leaves to each shop", "", "is added",
			`report.account.payment.receipt.execute report.account.payment.group.statement.execute`),
		named("the first company is made by a form", "", "is added", wizard("company.company.config")),
		named("the message is written by package res", "", "is missing", `report.res.user.email_reset_password.execute`),
		named("the page is drawn by package checkout", "", "is missing", `report.account.payment.stripe.checkout.execute`),
		named(tools, "", "is missing", `model.ir.model.data.sync model.ir.ui.view.show report.ir.model.graph.execute report.ir.model.workflow_graph.execute`,
			fieldsOf("model.ir.module", `activate activate_cancel deactivate deactivate_cancel on_write upgrade upgrade_cancel`),
			wizard("ir.model.print_model_graph"), wizard("ir.module.activate_upgrade"), wizard("ir.module.config"),
			wizard("ir.translation.report"), wizard("ir.ui.view.show")),
	)

	menuExcuses = []excuse{
		{subject: "Financial / Payments / Payment Calendar", what: "is added", reason: "payments by their dates"},
		{subject: "Financial / Payments / Statistics", what: "is added", reason: "graphs of payments"},
		{subject: "Financial / Payments / Lines to Pay", what: "is missing", reason: bookkeeping},
		{subject: "Financial / Payments / Stripe Differences", what: "is added", reason: "what Stripe's balance says otherwise than we do"},
		{subject: "Financial / Payments / Stripe Events", what: "is added", reason: "every event is kept, to be read and replayed"},
		{subject: "Financial / Payments / Unclear at Stripe", what: "is added", reason: "a call without an answer is shown until it is known what became of it"},
	}

	rightsExcuses = join(
		named("only the workflow moves it", everybody, "is added: read", `account.payment.state account.payment.stripe.refund.state`),
		named("only the engine writes it: changed, it could charge twice or be charged to another", everybody, "is added: read",
			fieldsOf("account.payment", `stripe_capturable stripe_captured stripe_charge_id stripe_checkout_id stripe_dispute_reason stripe_dispute_status
				stripe_error_code stripe_error_message stripe_error_param stripe_idempotency_key stripe_payment_intent_id`),
			fieldsOf("account.payment.stripe.customer", `stripe_checkout_id stripe_error_code stripe_error_message stripe_error_param
				stripe_setup_intent_id`),
			fieldsOf("account.payment.stripe.refund", `stripe_error_code stripe_error_message stripe_error_param stripe_idempotency_key
				stripe_refund_id`),
			fieldsOf("account.payment.stripe.account", `last_event webhook_identifier`)),
		named("a secret, as the secret key is", everybody, "is added: nothing", `account.payment.stripe.account.webhook_signing_secret`),
		named("the same", "Account Administration", "is added: read write create delete", `account.payment.stripe.account.webhook_signing_secret`),
		named("the peer lets everybody refund", "*", "is added: *", `account.payment.stripe.refund`),
	)

	schemaExcuses = join(
		named("the engine looks for what is due", "constraint", "is added: CREATE INDEX *", `*.*_stripe_lease_until_index *.*_stripe_next_attempt_index`),
		named("an account names a template", "constraint", "is added: FOREIGN KEY (stripe_email_template)*",
			`account_payment_stripe_account.account_payment_stripe_account_stripe_email_template_fkey`),
		named("events name it", "constraint", "is added: CREATE INDEX *", fieldsOf("account_payment",
			`account_payment_stripe_charge_id account_payment_stripe_checkout_id account_payment_stripe_payment_intent_id`),
			`account_payment_stripe_customer.account_payment_stripe_customer_stripe_customer_id`),
		named("webhooks name it: one account each", "constraint", "is added: UNIQUE (webhook_identifier)",
			`account_payment_stripe_account.account_payment_stripe_account_webhook_identifier_unique`),
		named("a payment asks for its refunds", "constraint", "is added: CREATE INDEX *", `account_payment_stripe_refund.account_payment_stripe_refund_payment_index`),
		named("a refund at Stripe has one record", "constraint", "is added: CREATE UNIQUE INDEX *", `account_payment_stripe_refund.account_payment_stripe_refund_stripe_refund_id`),
		named("failed logins are counted by them", "constraint", "is added: CREATE INDEX *", fieldsOf("res_user_login_attempt",
			`res_user_login_attempt_login_create_date_index res_user_login_attempt_network_create_date_index`)),
		named("every table of ours has it", "constraint", "is added: CHECK ((id >= 0))", `currency_currency_rate.currency_currency_rate_id_positive
			ir_model_data.ir_model_data_id_positive ir_module.ir_module_id_positive party_category.party_category_id_positive
			party_address_subdivision_type.party_address_subdivision_type_id_positive party_party.party_party_id_positive`),
		named("the same", "constraint", "is added: PRIMARY KEY (id)", `ir_cache.ir_cache_pkey`),
		named("the id is always given", "column", `"integer, YES, ", not "integer, YES, nextval(*`, `account_payment_stripe_customer__history.id`),
		named("the same type, in which the peer leaves the precision out once", "column",
			`"timestamp(6) without time zone, YES, ", not "timestamp without time zone, YES, "`, `ir_cache.timestamp ir_module.create_date ir_module.write_date`),
		named("nothing is queued there", "constraint", "is missing: *", `ir_queue.e58f52dd207acfc3836ab6ec0b9aa054e35cbce07f3cfb9bc5a06e2d89daf2f`),
		named("unique indexes do the same on both databases", "constraint", "*", `party_address_subdivision_type.party_address_subdivision_type_country_code_unique`,
			fieldsOf("party_category", `party_category_name_parent_exclude party_category_name_root_exclude`)),
		named("the peer's place for passwords in clear, which it writes no more", "column", "is missing: *", `res_user.password`),
	)
)

const tools = "tools of the peer's developers: modules, translations and views are parts of our program"

// named are excuses of one reason for differences of one kind.
func named(reason, place, what string, subjects ...string) []excuse {
	var list []excuse
	for _, subject := range strings.Fields(strings.Join(subjects, " ")) {
		list = append(list, excuse{subject: subject, place: place, what: what, reason: reason})
	}
	return list
}

// fieldsOf are the names in words, behind that of what has them.
func fieldsOf(of, words string) string {
	var names []string
	for _, name := range strings.Fields(words) {
		names = append(names, of+"."+name)
	}
	return strings.Join(names, " ")
}

// queued are the fields by which rows are worked off.
func queued(model string) string {
	return fieldsOf(model, "stripe_attempt_count stripe_lease stripe_lease_until stripe_next_attempt stripe_origin")
}

// wizard are the methods of a wizard.
func wizard(name string) string { return fieldsOf("wizard."+name, "create delete execute") }

func join(lists ...[]excuse) []excuse {
	var all []excuse
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}
