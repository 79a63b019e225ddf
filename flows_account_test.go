package main

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-cmp/cmp"

	"paytond/models/paymentstripe"
)

// endpoints are the ids of the webhook endpoints that an account has at Stripe, the newest first.
func (f *flow) endpoints(key string) (ids []string) {
	f.Helper()
	list, _ := f.askWith(key, "GET", "webhook_endpoints", nil)["data"].([]any)
	for _, one := range list {
		ids = append(ids, one.(map[string]any)["id"].(string))
	}
	return ids
}

// pressed presses a button of an account as its administrator.
func (f *flow) pressed(account int64, button string) {
	f.Helper()
	f.admin.must("model."+accountModel+"."+button, []int64{account})
}

// sure calls a method and says yes to the warnings that it brings, as a client does. It returns what the user has read.
func (c *client) sure(method string, params ...any) (read []string) {
	c.Helper()
	for range 5 {
		a := c.try(method, params...)
		failure, _ := a.member("error").([]any)
		if a.status == http.StatusOK && failure == nil {
			return read
		}
		if len(failure) < 2 || failure[0] != "UserWarning" {
			c.Fatalf("%s: %s", method, a)
		}
		warning := failure[1].([]any)
		read = append(read, warning[1].(string)+"|"+warning[2].(string))
		c.must("model.res.user.warning.create", []any{map[string]any{"name": warning[0], "user": c.user(), "always": false}})
	}
	c.Fatalf("%s goes on warning: %v", method, read)
	return nil
}

// webhookByButton has the button make the endpoint at Stripe: what happens there comes to it, signed. The secret is rotated and the old one
// retired; New URL takes all away; then it is made again for the flows that follow.
func (f *flow) webhookByButton() {
	f.pressed(f.account, "create_endpoint")
	path, secret := f.webhook()
	ids := f.endpoints(demoSecret)
	if len(ids) != 1 || !strings.HasPrefix(secret, "whsec_") || f.text(accountModel, f.account, "webhook_endpoint_id") != ids[0] {
		f.Fatalf("at Stripe there are %v, the secret is %.6s", ids, secret)
	}
	endpoint := f.stripeObject("webhook_endpoints/" + ids[0])
	var wanted []string
	for _, kind := range endpoint["enabled_events"].([]any) {
		wanted = append(wanted, kind.(string))
	}
	if diff := cmp.Diff(paymentstripe.HandledEvents(), wanted); diff != "" || endpoint["url"] != f.url+path {
		f.Errorf("the endpoint is at %v, for (-want +got):\n%s", endpoint["url"], diff)
	}
	id := f.paid("Wim Webhook", "pm_card_visa", "12.00")
	f.told(f.text(paymentModel, id, "stripe_payment_intent_id"), "payment_intent.succeeded")
	f.told(f.text(paymentModel, id, "stripe_charge_id"), "charge.succeeded")

	nothing := func(id string) string {
		return f.event(id, "customer.updated", `{"id":"cus_nobody","object":"customer"}`)
	}
	f.pressed(f.account, "create_endpoint")
	_, second := f.webhook()
	if second == secret || len(f.endpoints(demoSecret)) != 2 {
		f.Errorf("rotated, there are at Stripe %v", f.endpoints(demoSecret))
	}
	for event, with := range map[string]string{"evt_first": secret, "evt_second": second} {
		if status := f.post(path, nothing(event), with); status/100 != 2 {
			f.Errorf("%s: %d", event, status)
		}
	}
	f.pressed(f.account, "retire_endpoint")
	if status := f.post(path, nothing("evt_retired"), secret); status != http.StatusBadRequest {
		f.Errorf("signed with the retired secret: %d", status)
	}
	f.until("the old endpoint is gone", func() bool { return len(f.endpoints(demoSecret)) == 1 })

	f.pressed(f.account, "new_identifier")
	f.until("both endpoints are gone", func() bool { return len(f.endpoints(demoSecret)) == 0 })
	if status := f.post(path, nothing("evt_gone"), second); status != http.StatusNotFound {
		f.Errorf("at the old address: %d", status)
	}
	f.shows(accountModel, f.account, map[string]any{"webhook_identifier": nil, "webhook_endpoint": nil, "webhook_endpoint_id": nil})
	f.pressed(f.account, "create_endpoint")
	if fresh, _ := f.webhook(); fresh == path || len(f.endpoints(demoSecret)) != 1 {
		f.Errorf("made anew it is at %s, at Stripe there are %v", fresh, f.endpoints(demoSecret))
	}
}

// testKeys presses Test Keys in each state of an account and reads what the form says.
func (f *flow) testKeys() {
	const key = "sk_test_keys"
	account := first(f.admin.must("model."+accountModel+".create", []any{map[string]any{"name": "Keys", "secret_key": key, "publishable_key": "pk_test_keys"}}))
	says := func(what, want string) {
		f.Helper()
		f.pressed(account, "test_keys")
		f.becomes(accountModel, account, "stripe_test", false)
		got := f.text(accountModel, account, "stripe_check")
		if !strings.Contains(got, want) || strings.Contains(got, "_keys") {
			f.Errorf("%s: the form says %q", what, got)
		}
	}
	write := func(values map[string]any) []string {
		f.Helper()
		return f.admin.sure("model."+accountModel+".write", []int64{account}, values)
	}
	if text := f.member("keys", "Payment").refused("model."+accountModel+".test_keys", []int64{account}); text == "" {
		f.Error("a clerk may test keys")
	}
	says("no webhook", "Simulated keys (acct_") // and whose it is
	says("no webhook", "), test mode, charges enabled, payouts enabled; no webhook: events are fetched by the scheduled action")
	f.pressed(account, "create_endpoint")
	endpoint := "webhook_endpoints/" + f.endpoints(key)[0]
	f.pressed(account, "test_keys")
	f.eventually(accountModel, account, "stripe_check", func(v any) bool { text, _ := v.(string); return strings.HasSuffix(text, "; webhook enabled") })
	f.askWith(key, "POST", endpoint, url.Values{"enabled_events[]": {"charge.succeeded", "charge.failed"}})
	says("stale", "; webhook enabled, ")
	says("stale", " types of events are not sent: create it anew")
	f.askWith(key, "POST", endpoint, url.Values{"disabled": {"true"}, "enabled_events[]": {"*"}})
	f.pressed(account, "test_keys")
	f.eventually(accountModel, account, "stripe_check", func(v any) bool { text, _ := v.(string); return strings.HasSuffix(text, "; webhook disabled") })
	f.askWith(key, "POST", endpoint, url.Values{"disabled": {"false"}})
	write(map[string]any{"webhook_signing_secret": nil})
	says("unsigned", "; webhook enabled, its signatures are not checked")
	f.shows(accountModel, account, map[string]any{"webhook_unsigned": true})
	f.askWith(key, "DELETE", endpoint, nil)
	says("unknown", "; Stripe does not know the webhook")
	f.sim.Deny("rk_test_keys", "account.retrieve")
	if read := write(map[string]any{"secret_key": "rk_test_keys"}); len(read) != 1 || !strings.Contains(read[0], "Its webhook was made with the key.") {
		f.Errorf("on another key the user reads %q", read)
	}
	says("restricted", "Stripe accepts the restricted key, test mode, which may not read the account; Stripe does not know the webhook")
	f.sim.Revoke("rk_test_keys", false)
	says("revoked", "Expired API Key provided")
	write(map[string]any{"secret_key": "sk_live_anotherone", "publishable_key": "pk_live_anotherone"})
	says("live", "Invalid API Key provided: sk_live_") // the simulator has no live mode
	f.shows(accountModel, account, map[string]any{"stripe_livemode": true})
}

// restrictedKey takes a payment with a restricted key, and gives back with it what it may not: the refund waits, says why, and is made with
// another key.
func (f *flow) restrictedKey() {
	const key = "rk_test_restricted"
	f.sim.Deny(key, "refund.create")
	account := first(f.admin.must("model."+accountModel+".create", []any{map[string]any{"name": "Restricted", "secret_key": key, "publishable_key": "pk_test_restricted"}}))
	values := f.admin.defaults("account.payment.journal", "active", "currency", "company")
	values["name"], values["process_method"], values["stripe_account"] = "By restricted key", "stripe", account
	journal := first(f.admin.must("model.account.payment.journal.create", []any{values}))
	id := f.payment("Bob Stone", "13.00", "By restricted key", map[string]any{"journal": journal, "stripe_token": "tok_visa", "stripe_chargeable": true})
	f.process(id)
	f.becomes(paymentModel, id, "state", "succeeded")
	refund := f.approved(id, "13.00", nil)
	f.eventually(refundModel, refund, "stripe_error_message", func(v any) bool { text, _ := v.(string); return strings.Contains(text, "permission") })
	f.shows(refundModel, refund, map[string]any{"state": "processing", "stripe_refund_id": nil, "stripe_next_attempt": "datetime"})
	read := f.admin.sure("model."+accountModel+".write", []int64{account}, map[string]any{"secret_key": "sk_test_restricted"})
	if read != nil {
		f.Errorf("without anything in use the user reads %q", read)
	}
	f.nowDue("account_payment_stripe_refund", refund)
	f.runOnce(refundModel + "|stripe_create")
	f.shows(refundModel, refund, map[string]any{"state": "succeeded", "stripe_error_message": nil})
	f.shows(paymentModel, id, map[string]any{"state": "failed"})
}

// runOnce presses Run Once of a scheduled action.
func (f *flow) runOnce(method string) {
	f.Helper()
	id := first(f.admin.must("model.ir.cron.search", []any{[]any{"method", "=", method}}, 0, nil, nil))
	f.admin.must("model.ir.cron.run_once", []int64{id})
}

// keysInUse changes the key of an account that has customers and a webhook at Stripe: the user is asked before.
func (f *flow) keysInUse() {
	write := "model." + accountModel + ".write"
	f.admin.must(write, []int64{f.account}, map[string]any{"secret_key": demoSecret})
	said := f.admin.refused(write, []int64{f.account}, map[string]any{"secret_key": "sk_test_elsewhere"})
	for _, want := range []string{"You are changing the key", "Customers that are known to Stripe by it: ", "Its webhook was made with the key."} {
		if !strings.Contains(said, want) {
			f.Errorf("the user reads %q, without %q", said, want)
		}
	}
	if said := f.admin.refused(write, []int64{f.account}, map[string]any{"secret_key": "sk_live_elsewhere"}); !strings.Contains(said, "live mode") {
		f.Errorf("a live key beside one for tests: %q", said)
	}
}
