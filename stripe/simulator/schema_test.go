package simulator_test

import (
	"slices"
	"sort"
	"testing"
	"time"

	"paytond/stripe/mocktest"
)

// collect finds every object in an answer, lists and events opened.
func collect(value any, into map[string][]map[string]any) {
	switch v := value.(type) {
	case map[string]any:
		if kind, ok := v["object"].(string); ok && v["deleted"] == nil {
			into[kind] = append(into[kind], v)
		}
		for _, one := range v {
			collect(one, into)
		}
	case []any:
		for _, one := range v {
			collect(one, into)
		}
	}
}

// TestAnswersFitStripesSchemas makes one of everything and holds it against Stripe's own description.
func TestAnswersFitStripesSchemas(t *testing.T) {
	description := mocktest.Describe(t)
	if description == nil {
		t.Skip("there is no description of Stripe's API")
	}
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	c := a.made("/v1/customers", "name=Alice&source=tok_visa&payment_method=pm_card_visa&address[line1]=Street")
	for _, method := range []string{"pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_card_createDispute", "pm_usBankAccount_success", "pm_usBankAccount_accountClosed"} {
		a.post("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card&payment_method_types[]=us_bank_account&confirm=true&mandate_data[customer_acceptance][type]=offline&payment_method="+method)
	}
	a.post("/v1/payment_intents", "amount=1000&currency=usd&payment_method=pm_card_authenticationRequired&confirm=true&return_url=https://example.com/")
	held := a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true&capture_method=manual")
	a.made("/v1/payment_intents/"+held+"/capture", "amount_to_capture=600")
	a.made("/v1/payment_intents/"+a.made("/v1/payment_intents", "amount=1000&currency=usd")+"/cancel", "cancellation_reason=abandoned")
	a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=sepa_debit&confirm=true&mandate_data[customer_acceptance][type]=online&payment_method_data[type]=sepa_debit"+
		"&payment_method_data[billing_details][name]=Alice&payment_method_data[billing_details][email]=a@example.com&payment_method_data[sepa_debit][iban]=DE89370400440532013000")
	a.made("/v1/setup_intents", "payment_method_types[]=card&confirm=true&payment_method=pm_card_visa&customer="+c)
	a.post("/v1/setup_intents", "payment_method_types[]=card&confirm=true&payment_method=pm_card_chargeDeclined")
	a.made("/v1/setup_intents", "payment_method_types[]=us_bank_account&confirm=true&payment_method=pm_usBankAccount_success&mandate_data[customer_acceptance][type]=offline")
	charge := a.made("/v1/charges", "amount=1000&currency=eur&customer="+c)
	a.made("/v1/refunds", "amount=100&charge="+charge)
	failing := a.made("/v1/charges", "amount=1000&currency=eur&source=tok_refundFail")
	a.made("/v1/refunds", "charge="+failing)
	sim.Advance(50 * time.Hour)
	a.made("/v1/payouts", "amount=100&currency=eur&description=By+hand")
	token := a.post("/v1/tokens", "card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2040")
	a.made("/v1/sources", idealSource)
	a.made("/v1/sources", "type=three_d_secure&amount=1000&currency=eur&redirect[return_url]=https://shop.example/&three_d_secure[card]="+
		a.made("/v1/sources", "type=card&token=tok_visa&owner[address][city]=Liege"))
	a.made("/v1/charges", "amount=1000&currency=eur&source="+a.made("/v1/sources", "type=card&token=tok_visa&usage=single_use"))
	a.made("/v1/webhook_endpoints", "url=http://127.0.0.1:1/&enabled_events[]=account.updated")

	found := map[string][]map[string]any{}
	collect(token.Body, found)
	for _, path := range []string{"account", "balance", "balance_transactions?limit=100", "customers?expand[]=data.sources", "payment_methods?customer=" + c, "setup_intents", "payment_intents?limit=100&expand[]=data.latest_charge",
		"charges?limit=100&expand[]=data.refunds&expand[]=data.balance_transaction", "refunds", "payouts", "disputes", "events?limit=100", "webhook_endpoints"} {
		r := a.get("/v1/" + path)
		if r.Status != 200 {
			t.Fatalf("%s: %v", path, r.Body)
		}
		collect(r.Body, found)
	}
	for _, kind := range []string{"account", "balance", "balance_transaction", "card", "charge", "customer", "dispute", "event", "mandate", "payment_intent", "payment_method", "payout",
		"refund", "setup_intent", "source", "token", "webhook_endpoint"} {
		if len(found[kind]) == 0 {
			t.Errorf("no %s was made", kind)
		}
		var faults []string
		for _, one := range found[kind] {
			faults = append(faults, description.ObjectFaults(kind, one)...)
		}
		sort.Strings(faults)
		for _, one := range slices.Compact(faults) {
			t.Error(one)
		}
	}
}
