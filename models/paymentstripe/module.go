package paymentstripe

import (
	"embed"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/payment"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

// Module is the module account_payment_stripe, whose records the engine brings to Stripe.
func Module(e *Engine) *models.Module {
	return &models.Module{
		Name: "account_payment_stripe",
		Definitions: []models.Definition{Account, Journal, Customer, Identical, Fingerprint, Payment, Refund, Attempt, Event, DifferenceRow, Party, Contact, DetachAsk,
			bind("account.payment", e.bindPayment),
			bind("account.payment", e.bindAuthentication),
			bind("account.payment.stripe.account", e.bindAccount),
			bind("account.payment.stripe.refund", e.bindRefund),
			bind("account.payment.stripe.event", e.bindEvent),
			bind("account.payment.stripe.customer", e.bindCustomer),
			bind("account.payment.stripe.customer.source.detach.ask", e.bindDetach),
			bind("ir.cron", e.bindCrons)},
		Wizards: []*models.Wizard{e.checkoutWizard(), e.detachWizard()},
		Reports: []*models.Report{e.emailReport(), pageReport},
		Views:   views,
		Locale:  catalogues,
		Data:    data(),
		Ready:   e.ready,
	}
}

// crons are the scheduled actions with the peer's names and intervals.
var crons = []struct {
	id, method, label string
	number            int64
	kind              string
}{
	{"cron_charge", "account.payment|stripe_charge", "Charge Stripe Payments", 15, "minutes"},
	{"cron_capture", "account.payment|stripe_capture_", "Capture Stripe Payments", 15, "minutes"},
	{"cron_refund", "account.payment.stripe.refund|stripe_create", "Create Stripe Refunds", 15, "minutes"},
	{"cron_create_customer", "account.payment.stripe.customer|stripe_create", "Create Stripe Customers", 1, "hours"},
	{"cron_update_customer", "account.payment.stripe.customer|stripe_intent_update", "Update Stripe Setup Intents", 15, "minutes"},
	{"cron_delete_customer", "account.payment.stripe.customer|stripe_delete", "Delete Stripe Customers", 1, "hours"},
	{"cron_fetch_events", "account.payment.stripe.account|fetch_events", "Fetch Stripe Events", 15, "minutes"},
	{"cron_reconcile", ReconcileMethod, "Compare with Stripe", 1, "days"},
}

// bindCrons offers the scheduled actions. Run by hand they are only announced: the scheduler, here or on another server, runs them outside
// of the transaction of who asks.
func (e *Engine) bindCrons(c *models.Class) {
	for _, cron := range crons {
		ir.CronMethod(c, cron.method, cron.label, func(tx *models.Tx) error { return tx.Notify(schedulerChannel, cron.method) })
	}
}

const (
	groupPayment  = models.Ref("account_payment.group_payment")
	groupApproval = models.Ref("account_payment.group_payment_approval")
	groupAdmin    = models.Ref("account.group_account_admin")
)

func data() []models.Data {
	parts := ir.Parts{viewData(), windowData(), menuData(), actionData(), accessData(), ruleData(), guardData()}
	for _, c := range crons {
		parts = append(parts, ir.Cron{ID: c.id, Method: c.method, Number: c.number, Type: c.kind})
	}
	return ir.Records(parts)
}

func viewData() ir.Part {
	view := func(id, model, kind, name string) ir.View {
		return ir.View{ID: id, Model: model, Type: kind, Name: name}
	}
	return ir.Parts{
		ir.View{ID: "payment_journal_view_form", Model: "account.payment.journal", Inherit: "account_payment.payment_journal_view_form", Name: "payment_journal_form"},
		ir.View{ID: "payment_view_form", Model: "account.payment", Inherit: "account_payment.payment_view_form", Name: "payment_form"},
		ir.View{ID: "payment_view_list", Model: "account.payment", Inherit: "account_payment.payment_view_list", Name: "payment_list"},
		view("refund_view_form", "account.payment.stripe.refund", "form", "refund_form"),
		view("refund_view_list", "account.payment.stripe.refund", "tree", "refund_list"),
		view("account_view_form", "account.payment.stripe.account", "form", "account_form"),
		view("account_view_list", "account.payment.stripe.account", "tree", "account_list"),
		view("customer_view_form", "account.payment.stripe.customer", "form", "customer_form"),
		view("customer_view_list", "account.payment.stripe.customer", "tree", "customer_list"),
		view("customer_source_detach_ask_view_form", "account.payment.stripe.customer.source.detach.ask", "form", "customer_source_detach_ask_form"),
		view("attempt_view_form", "account.payment.stripe.attempt", "form", "attempt_form"),
		view("attempt_view_list", "account.payment.stripe.attempt", "tree", "attempt_list"),
		view("event_view_form", "account.payment.stripe.event", "form", "event_form"),
		view("event_view_list", "account.payment.stripe.event", "tree", "event_list"),
		view("difference_view_form", "account.payment.stripe.difference", "form", "difference_form"),
		view("difference_view_list", "account.payment.stripe.difference", "tree", "difference_list"),
	}
}

func windowData() ir.Part {
	window := func(id, name, model string, views ...models.Ref) ir.ActWindow {
		return ir.ActWindow{ID: id, Name: name, Model: model, Views: views}
	}
	refunds := window("act_refund_form", "Stripe Refunds", "account.payment.stripe.refund", "refund_view_list", "refund_view_form")
	refunds.Tabs = payment.StateTabs()
	return ir.Parts{
		refunds,
		window("act_account_form", "Stripe Accounts", "account.payment.stripe.account", "account_view_list", "account_view_form"),
		window("act_customer_form", "Stripe Customers", "account.payment.stripe.customer", "customer_view_list", "customer_view_form"),
		unclearWindow("act_unclear_payment", "Unclear at Stripe", "account.payment", "account_payment.payment_view_list", "account_payment.payment_view_form"),
		unclearWindow("act_unclear_refund", "Unclear Refunds", "account.payment.stripe.refund", "refund_view_list", "refund_view_form"),
		eventsWindow(),
		differenceWindows(),
		eventWindow("act_event_payment", "Stripe Events", "account.payment", "payment"),
		eventWindow("act_event_account", "Stripe Events", "account.payment.stripe.account", "stripe_account"),
		attemptWindow("act_attempt_account", "Calls to Stripe", "account.payment.stripe.account", "stripe_account"),
	}
}

func menuData() ir.Part {
	return ir.Parts{
		ir.Menu{ID: "menu_refund_form", Name: "Stripe Refunds", Parent: "account_payment.menu_payments", Sequence: 50, Action: "act_refund_form"},
		ir.Menu{ID: "menu_customer_form", Name: "Stripe Customers", Parent: "account_payment.menu_payments", Sequence: 50, Action: "act_customer_form"},
		ir.Menu{ID: "menu_event_form", Name: "Stripe Events", Parent: "account_payment.menu_payments", Sequence: 60, Action: "act_event_form",
			Groups: []models.Ref{groupAdmin, groupPayment}},
		ir.Menu{ID: "menu_difference_form", Name: "Stripe Differences", Parent: "account_payment.menu_payments", Sequence: 65, Action: "act_difference_form",
			Groups: []models.Ref{groupAdmin, groupPayment}},
		ir.Menu{ID: "menu_unclear", Name: "Unclear at Stripe", Parent: "account_payment.menu_payments", Sequence: 70, Action: "act_unclear_payment",
			Groups: []models.Ref{groupAdmin, groupPayment}},
		ir.Menu{ID: "menu_unclear_refund", Name: "Unclear Refunds", Parent: "menu_unclear", Sequence: 10, Action: "act_unclear_refund",
			Groups: []models.Ref{groupAdmin, groupPayment}},
		ir.Menu{ID: "menu_account_form", Name: "Stripe Accounts", Parent: "account_payment.menu_payment_configuration", Sequence: 20, Action: "act_account_form"},
	}
}

func actionData() ir.Part {
	return ir.Parts{
		ir.WizardAction{ID: "wizard_checkout", Name: "Stripe Checkout", Wizard: "account.payment.stripe.checkout"},
		ir.WizardAction{ID: "wizard_customer_source_detach", Name: "Detach Source",
			Wizard: "account.payment.stripe.customer.source.detach", Model: "account.payment.stripe.customer"},
		ir.URLAction{ID: "url_checkout", Name: "Stripe Checkout", URL: "about:blank"}, // the wizard sets the address
		ir.ReportAction{ID: "report_email_checkout", Name: "Checkout", Report: "account.payment.stripe.email_checkout",
			Model: "account.payment", Extension: "html"},
	}
}
