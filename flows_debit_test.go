package main

import (
	"net/url"
	"strings"
	"time"
)

// offers makes a journal of a currency whose pages offer methods.
func (f *flow) offers(name, currency string, methods ...any) int64 {
	f.Helper()
	values := f.admin.defaults("account.payment.journal", "active", "company")
	values["name"], values["process_method"], values["stripe_account"] = name, "stripe", f.account
	values["currency"], values["stripe_payment_methods"] = f.admin.named("currency.currency", currency), methods
	return first(f.admin.must("model.account.payment.journal.create", []any{values}))
}

// debited pays a payment by a debit on its page, and gives it with its page and the intent's secret. The money is still to come.
func (f *flow) debited(journal int64, text string, form url.Values) (id int64, path, secret string) {
	f.Helper()
	id = f.payment("Bob Stone", text, "By debit", map[string]any{"journal": journal})
	path = f.checkout(paymentModel, id)
	f.process(id)
	secret, _ = f.page(path)
	form.Set("client_secret", secret)
	intent, _, _ := strings.Cut(secret, "_secret")
	if said := f.askStripe("/v1/payment_intents/"+intent+"/confirm", form); said["status"] != "processing" && said["status"] != "requires_action" {
		f.Fatalf("confirm: %v", said)
	}
	return id, path, secret
}

func iban(number string) url.Values {
	return url.Values{"payment_method_data[type]": {"sepa_debit"}, "payment_method_data[sepa_debit][iban]": {number},
		"payment_method_data[billing_details][name]": {"Bob Stone"}, "payment_method_data[billing_details][email]": {"bob@example.com"}}
}

func usAccount(number string) url.Values {
	return url.Values{"payment_method_data[type]": {"us_bank_account"}, "payment_method_data[us_bank_account][account_number]": {number},
		"payment_method_data[us_bank_account][routing_number]": {"110000000"}, "payment_method_data[us_bank_account][account_holder_type]": {"individual"},
		"payment_method_data[billing_details][name]": {"Bob Stone"}, "payment_method_data[billing_details][email]": {"bob@example.com"}}
}

// comes checks that a debit is under way until time passes, and what it then ends in.
func (f *flow) comes(id int64, path, kind string, want map[string]any) {
	f.Helper()
	if state := f.settle(path); state != "processing" {
		f.Errorf("the page of a debit under way is %s", state)
	}
	f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_status": "processing", "stripe_method_type": kind})
	if mandate := f.text(paymentModel, id, "stripe_mandate"); !strings.HasPrefix(mandate, "mandate_") {
		f.Errorf("the mandate is %q", mandate)
	}
	f.later(time.Hour)
	f.shows(paymentModel, id, want)
}

// sepaDebit pays by SEPA debits: one that comes, one that fails, one that its payer's bank takes back afterwards.
func (f *flow) sepaDebit() {
	journal := f.offers("SEPA", "Euro", "sepa_debit", "card")
	id, path, _ := f.debited(journal, "70.00", iban("AT321904300235473204"))
	f.comes(id, path, "sepa_debit", map[string]any{"state": "succeeded", "amount": "70.00", "stripe_error_message": nil})
	f.charged(id, 7000)
	id, path, _ = f.debited(journal, "71.00", iban("DE78370400440532013004"))
	f.comes(id, path, "sepa_debit", map[string]any{"state": "failed", "stripe_error_code": "generic_could_not_process"})
	id, _, _ = f.debited(journal, "72.00", iban("DE35370400440532013002"))
	f.later(time.Hour)
	f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_dispute_status": "lost", "stripe_error_code": "debit_not_authorized",
		"stripe_error_message": "The customer's bank has taken the payment back"})
}

// achDebit pays by accounts that were linked at their bank.
func (f *flow) achDebit() {
	journal := f.offers("ACH", "US Dollar", "us_bank_account", "card")
	id, path, _ := f.debited(journal, "73.00", url.Values{"payment_method": {"pm_usBankAccount_success"}})
	f.comes(id, path, "us_bank_account", map[string]any{"state": "succeeded", "amount": "73.00", "stripe_error_message": nil})
	f.charged(id, 7300)
	id, path, _ = f.debited(journal, "74.00", url.Values{"payment_method": {"pm_usBankAccount_insufficientFunds"}})
	f.comes(id, path, "us_bank_account", map[string]any{"state": "failed", "stripe_error_code": "insufficient_funds"})
	id, _, _ = f.debited(journal, "75.00", url.Values{"payment_method": {"pm_usBankAccount_dispute"}})
	f.later(time.Hour)
	f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_dispute_status": "lost"})
}

// microdeposits verifies an account by what arrived on it, on Stripe's page that the payment's form names.
func (f *flow) microdeposits() {
	journal := f.offers("Deposits", "US Dollar", "us_bank_account")
	id, path, secret := f.debited(journal, "76.00", usAccount("000123456789"))
	if state := f.settle(path); state != "verify" {
		f.Errorf("the page is %s", state)
	}
	f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_status": "requires_action", "stripe_verify_arrival": "datetime"})
	verify := f.text(paymentModel, id, "stripe_verify_url")
	if !strings.HasPrefix(verify, f.stripe+"/_simulator/microdeposits/") {
		f.Fatalf("verified is at %q", verify)
	}
	at := strings.TrimPrefix(verify, f.stripe)
	intent, _, _ := strings.Cut(secret, "_secret")
	wrong := f.askStripe("/v1/payment_intents/"+intent+"/verify_microdeposits", url.Values{"client_secret": {secret}, "amounts[]": {"1", "2"}})
	if wrong["error"] == nil {
		f.Errorf("wrong amounts: %v", wrong)
	}
	f.visit(at, url.Values{"client_secret": {secret}, "amounts[]": {"32", "45"}})
	f.comes(id, path, "us_bank_account", map[string]any{"state": "succeeded", "amount": "76.00", "stripe_verify_url": nil})
}
