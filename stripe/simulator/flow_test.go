package simulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

// TestCards walks Stripe's published cards: what happens on the page, off session, and when a card is kept.
func TestCards(t *testing.T) {
	const ok, action = "succeeded", "requires_action"
	a := newAPI(t)
	for name, want := range map[string]struct{ onSession, offSession, attach string }{
		"visa":                                     {ok, ok, ok},
		"mastercard":                               {ok, ok, ok},
		"amex":                                     {ok, ok, ok},
		"threeDSecureOptional":                     {ok, ok, ok},
		"chargeDeclined":                           {"card_declined/generic_decline", "card_declined/generic_decline", "card_declined/generic_decline"},
		"chargeDeclinedInsufficientFunds":          {"card_declined/insufficient_funds", "card_declined/insufficient_funds", "card_declined/insufficient_funds"},
		"visa_chargeDeclinedLostCard":              {"card_declined/lost_card", "card_declined/lost_card", "card_declined/lost_card"},
		"visa_chargeDeclinedStolenCard":            {"card_declined/stolen_card", "card_declined/stolen_card", "card_declined/stolen_card"},
		"chargeDeclinedExpiredCard":                {"expired_card/", "expired_card/", "expired_card/"},
		"chargeDeclinedIncorrectCvc":               {"incorrect_cvc/", "incorrect_cvc/", "incorrect_cvc/"},
		"chargeDeclinedProcessingError":            {"processing_error/", "processing_error/", "processing_error/"},
		"radarBlock":                               {"card_declined/fraudulent", "card_declined/fraudulent", "card_declined/fraudulent"},
		"chargeCustomerFail":                       {"card_declined/generic_decline", "card_declined/generic_decline", ok},
		"authenticationRequired":                   {action, "authentication_required/authentication_required", ok},
		"authenticationRequiredOnSetup":            {action, "authentication_required/authentication_required", ok},
		"authenticationRequiredSetupForOffSession": {action, ok, ok},
		"authenticationRequiredChargeDeclinedInsufficientFunds": {action, "authentication_required/authentication_required", ok},
		"threeDSecure2Required":                                 {action, "authentication_required/authentication_required", ok},
	} {
		pay := func(extra string) string {
			r := a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=card&confirm=true&payment_method=pm_card_"+name+extra)
			if r.Status == 200 {
				return r.text("status")
			}
			if r.Status != 402 || r.text("error.type") != "card_error" || r.text("error.charge") == "" || r.text("error.payment_intent.status") != "requires_payment_method" ||
				r.text("error.payment_intent.last_payment_error.code") != r.text("error.code") || r.text("error.payment_method.type") != "card" {
				t.Errorf("%s: %d %v", name, r.Status, r.Body)
			}
			return r.text("error.code") + "/" + r.text("error.decline_code")
		}
		keep := func() string {
			r := a.post("/v1/customers", "payment_method=pm_card_"+name)
			if r.Status == 200 {
				return ok
			}
			return r.text("error.code") + "/" + r.text("error.decline_code")
		}
		got := struct{ onSession, offSession, attach string }{pay(""), pay("&off_session=true"), keep()}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// A card that was set up with authentication pays off session; one whose bank always asks does not.
func TestSetUpCardsPayOffSession(t *testing.T) {
	a := newAPI(t)
	for name, want := range map[string]string{"authenticationRequiredOnSetup": "succeeded", "authenticationRequired": "authentication_required",
		"authenticationRequiredChargeDeclinedInsufficientFunds": "card_declined"} {
		c := a.made("/v1/customers", "name=Alice")
		si := a.post("/v1/setup_intents", "payment_method_types[]=card&confirm=true&payment_method=pm_card_"+name+"&customer="+c)
		if si.text("status") != "requires_action" {
			t.Fatalf("%s: %v", name, si.Body)
		}
		done := a.challenge(si, "complete")
		if done.text("status") != "succeeded" {
			t.Fatalf("%s: %v", name, done.Body)
		}
		r := a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=card&confirm=true&off_session=true&customer="+c+"&payment_method="+done.text("payment_method"))
		if got := r.text("status") + r.text("error.code"); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// challenge decides what an intent waits for, as the bank's page does.
func (a api) challenge(intent reply, result string) reply {
	a.t.Helper()
	return a.post("/_simulator/challenge/"+intent.text("id"), "key="+publishableKey+"&client_secret="+intent.text("client_secret")+"&result="+result)
}

// TestIntentTransitions tries every step in every state: what may be done, and that the rest is refused and changes nothing.
func TestIntentTransitions(t *testing.T) {
	ways := map[string]string{
		"requires_payment_method": "",
		"requires_confirmation":   "&payment_method=pm_card_visa",
		"requires_action":         "&payment_method=pm_card_authenticationRequired&confirm=true",
		"requires_capture":        "&payment_method=pm_card_visa&confirm=true&capture_method=manual",
		"processing":              "&payment_method=pm_usBankAccount_processing&confirm=true&mandate_data[customer_acceptance][type]=offline",
		"succeeded":               "&payment_method=pm_card_visa&confirm=true",
	}
	steps := []struct{ name, path, form string }{
		{"confirm", "/confirm", "payment_method=pm_card_visa"}, {"capture", "/capture", ""}, {"cancel", "/cancel", ""}, {"amount", "", "amount=2000"},
	}
	may := map[string]map[string]string{
		"requires_payment_method": {"confirm": "succeeded", "cancel": "canceled", "amount": "requires_payment_method"},
		"requires_confirmation":   {"confirm": "succeeded", "cancel": "canceled", "amount": "requires_confirmation"},
		"requires_action":         {"confirm": "succeeded", "cancel": "canceled", "amount": "requires_action"},
		"requires_capture":        {"capture": "succeeded", "cancel": "canceled"},
		"processing":              {},
		"succeeded":               {},
		"canceled":                {},
	}
	a := newAPI(t)
	for state, allowed := range may {
		for _, step := range steps {
			how, direct := ways[state]
			id := ""
			if direct {
				id = a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card&payment_method_types[]=us_bank_account"+how)
			} else {
				id = a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card")
				a.made("/v1/payment_intents/"+id+"/cancel", "")
			}
			if got := a.get("/v1/payment_intents/" + id).text("status"); got != state {
				t.Fatalf("made %q, want %q", got, state)
			}
			r := a.post("/v1/payment_intents/"+id+step.path, step.form)
			want, ok := allowed[step.name]
			switch {
			case ok && (r.Status != 200 || r.text("status") != want):
				t.Errorf("%s in %s: %d %v, want %s", step.name, state, r.Status, r.Body, want)
			case !ok && (r.Status != 400 || r.text("error.code") != "payment_intent_unexpected_state" || r.text("error.payment_intent.id") != id):
				t.Errorf("%s in %s: %d %v", step.name, state, r.Status, r.Body)
			case !ok && a.get("/v1/payment_intents/"+id).text("status") != state:
				t.Errorf("%s in %s is refused and changes it", step.name, state)
			}
		}
	}
}

func (a api) eventTypes() []string {
	a.t.Helper()
	var types []string
	r := a.get("/v1/events?limit=100")
	for _, e := range r.at("data").([]any) {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	slices.Reverse(types)
	return types
}

// TestEventsOfFlows is what Stripe would tell of each flow, in order.
func TestEventsOfFlows(t *testing.T) {
	intent := func(extra string) func(api) {
		return func(a api) {
			a.post("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card&payment_method_types[]=us_bank_account&confirm=true"+extra)
		}
	}
	mandate := "&mandate_data[customer_acceptance][type]=offline"
	for name, test := range map[string]struct {
		do   func(api)
		wait time.Duration
		want []string
	}{
		"paid":       {intent("&payment_method=pm_card_visa"), 0, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}},
		"declined":   {intent("&payment_method=pm_card_chargeDeclined"), 0, []string{"payment_intent.created", "charge.failed", "payment_intent.payment_failed"}},
		"challenged": {intent("&payment_method=pm_card_authenticationRequired"), 0, []string{"payment_intent.created", "payment_intent.requires_action"}},
		"held, then expired": {intent("&payment_method=pm_card_visa&capture_method=manual"), 8 * 24 * time.Hour, []string{"payment_intent.created", "charge.succeeded",
			"payment_intent.amount_capturable_updated", "charge.expired", "payment_intent.canceled"}},
		"bank debit": {intent("&payment_method=pm_usBankAccount_success" + mandate), time.Hour, []string{"payment_intent.created", "charge.pending", "payment_intent.processing",
			"charge.succeeded", "payment_intent.succeeded"}},
		"bank debit, failed": {intent("&payment_method=pm_usBankAccount_accountClosed" + mandate), time.Hour, []string{"payment_intent.created", "charge.pending", "payment_intent.processing",
			"charge.failed", "payment_intent.payment_failed"}},
		"bank debit, disputed": {intent("&payment_method=pm_usBankAccount_dispute" + mandate), time.Hour, []string{"payment_intent.created", "charge.pending", "payment_intent.processing",
			"charge.succeeded", "payment_intent.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"}},
		"disputed": {intent("&payment_method=pm_card_createDispute"), 0, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
			"charge.dispute.created", "charge.dispute.funds_withdrawn"}},
		"inquiry": {intent("&payment_method=pm_card_createDisputeInquiry"), 0, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.dispute.created"}},
		"refunded": {func(a api) {
			ch := a.made("/v1/charges", "amount=1000&currency=usd&source=tok_visa")
			a.made("/v1/refunds", "charge="+ch)
		}, 0, []string{"charge.succeeded", "refund.created", "charge.refunded"}},
		"refund fails": {func(a api) {
			ch := a.made("/v1/charges", "amount=1000&currency=usd&source=tok_refundFail")
			a.made("/v1/refunds", "charge="+ch)
		}, time.Hour, []string{"charge.succeeded", "refund.created", "charge.refunded", "charge.updated", "charge.refund.updated", "refund.updated", "refund.failed"}},
		"captured": {func(a api) {
			ch := a.made("/v1/charges", "amount=1000&currency=usd&source=tok_visa&capture=false")
			a.made("/v1/charges/"+ch+"/capture", "amount=600")
		}, 8 * 24 * time.Hour, []string{"charge.succeeded", "charge.captured"}},
		"customer": {func(a api) {
			c := a.made("/v1/customers", "source=tok_visa")
			a.made("/v1/customers/"+c, "name=Alice")
			a.do("DELETE", "/v1/customers/"+c, "")
		}, 0, []string{"customer.created", "customer.source.created", "customer.updated", "customer.deleted"}},
		"won": {func(a api) {
			a.made("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=card&confirm=true&payment_method=pm_card_createDispute")
			d := a.get("/v1/disputes").text("data.0.id")
			a.made("/v1/disputes/"+d, "evidence[uncategorized_text]=winning_evidence")
		}, 0, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn",
			"charge.dispute.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed"}},
		"set up": {func(a api) {
			c := a.made("/v1/customers", "")
			a.made("/v1/setup_intents", "payment_method_types[]=card&confirm=true&payment_method=pm_card_visa&customer="+c)
		}, 0, []string{"customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			sim, _, base := started(t)
			a := api{t, base, secretKey}
			test.do(a)
			if test.wait > 0 {
				sim.Advance(test.wait)
			}
			if diff := cmp.Diff(test.want, a.eventTypes()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMicrodeposits(t *testing.T) {
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	begin := func() reply {
		return a.post("/v1/payment_intents", "amount=1000&currency=usd&payment_method_types[]=us_bank_account&confirm=true&mandate_data[customer_acceptance][type]=online"+
			"&payment_method_data[type]=us_bank_account&payment_method_data[billing_details][name]=Alice&payment_method_data[us_bank_account][routing_number]=110000000"+
			"&payment_method_data[us_bank_account][account_number]=000123456789&payment_method_data[us_bank_account][account_holder_type]=individual")
	}
	pi := begin()
	if pi.text("status") != "requires_action" || pi.text("next_action.type") != "verify_with_microdeposits" || pi.text("next_action.verify_with_microdeposits.hosted_verification_url") == "" {
		t.Fatalf("got %v", pi.Body)
	}
	path := "/v1/payment_intents/" + pi.text("id") + "/verify_microdeposits"
	if r := a.post(path, "amounts[]=1&amounts[]=2"); r.text("error.code") != "payment_method_microdeposit_verification_amounts_mismatch" {
		t.Errorf("wrong amounts: %v", r.Body)
	}
	if r := a.post(path, "amounts[]=45&amounts[]=32"); r.text("status") != "processing" {
		t.Errorf("right amounts: %v", r.Body)
	}
	sim.Advance(time.Hour)
	if r := a.get("/v1/payment_intents/" + pi.text("id")); r.text("status") != "succeeded" || r.at("amount_received") != 1000.0 {
		t.Errorf("later: %v", r.Body)
	}
	pi = begin()
	path = "/v1/payment_intents/" + pi.text("id") + "/verify_microdeposits"
	for range 9 {
		a.post(path, "descriptor_code=SM0000")
	}
	if r := a.post(path, "descriptor_code=SM0000"); r.text("error.code") != "payment_method_microdeposit_verification_attempts_exceeded" {
		t.Errorf("the tenth time: %v", r.Body)
	}
	if r := a.get("/v1/payment_intents/" + pi.text("id")); r.text("status") != "requires_payment_method" || r.text("last_payment_error.code") == "" {
		t.Errorf("after that: %v", r.Body)
	}
	pi = begin()
	sim.Advance(9 * 24 * time.Hour)
	if r := a.get("/v1/payment_intents/" + pi.text("id")); r.text("status") != "requires_action" {
		t.Errorf("on the ninth day: %v", r.Body)
	}
	sim.Advance(25 * time.Hour)
	const timeout = "payment_method_microdeposit_verification_timeout"
	if r := a.get("/v1/payment_intents/" + pi.text("id")); r.text("status") != "requires_payment_method" || r.text("last_payment_error.code") != timeout {
		t.Errorf("on the tenth: %v", r.Body)
	}
	for said, want := range map[string]string{"amounts[]=10&amounts[]=11": "payment_method_microdeposit_verification_attempts_exceeded", "descriptor_code=SM44DD": timeout} {
		if r := a.post("/v1/payment_intents/"+begin().text("id")+"/verify_microdeposits", said); r.text("error.code") != want {
			t.Errorf("%s: %v", said, r.Body)
		}
	}
}

func TestSEPA(t *testing.T) {
	sim, _, base := startedWith(t, simulator.Options{SettleAfter: time.Minute})
	a := api{t, base, secretKey}
	pay := func(iban string) reply {
		return a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=sepa_debit&confirm=true&mandate_data[customer_acceptance][type]=online"+
			"&payment_method_data[type]=sepa_debit&payment_method_data[billing_details][name]=Alice&payment_method_data[billing_details][email]=a@example.com"+
			"&payment_method_data[sepa_debit][iban]="+iban)
	}
	for iban, want := range map[string][2]string{ // after one minute, after five
		"DE89370400440532013000": {"succeeded", "succeeded"},
		"DE08370400440532013003": {"processing", "succeeded"},
		"DE62370400440532013001": {"requires_payment_method", "requires_payment_method"},
		"BE68539007547034":       {"succeeded", "succeeded"},
	} {
		pi := pay(iban)
		if pi.text("status") != "processing" {
			t.Fatalf("%s: %v", iban, pi.Body)
		}
		sim.Advance(61 * time.Second)
		first := a.get("/v1/payment_intents/" + pi.text("id")).text("status")
		sim.Advance(4 * time.Minute)
		if got := [2]string{first, a.get("/v1/payment_intents/" + pi.text("id")).text("status")}; got != want {
			t.Errorf("%s: got %v, want %v", iban, got, want)
		}
	}
	if r := pay("DE00370400440532013000"); r.text("error.code") != "invalid_bank_account_iban" {
		t.Errorf("a wrong IBAN: %v", r.Body)
	}
}

// The balance is what the charges, refunds and disputes come to, fees taken off.
func TestBalance(t *testing.T) {
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	ch := a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa") // fee 40
	a.made("/v1/refunds", "amount=300&charge="+ch)
	a.made("/v1/charges", "amount=2000&currency=eur&source=tok_createDispute") // fee 55, dispute -2000 and 1500
	a.post("/v1/charges", "amount=500&currency=eur&source=tok_chargeDeclined")
	if r := a.get("/v1/balance"); r.at("pending.0.amount") != float64(1000-40-300+2000-55-2000-1500) || r.at("available.0.amount") != 0.0 {
		t.Errorf("got %v", r.Body)
	}
	sim.Advance(49 * time.Hour)
	if r := a.get("/v1/balance"); r.at("pending.0.amount") != 0.0 || r.at("available.0.amount") != -895.0 {
		t.Errorf("two days later: %v", r.Body)
	}
}

// TestPayouts pays out what is available and no more, by hand and as Stripe does by itself, and tells what a payout consists of.
func TestPayouts(t *testing.T) {
	sim, _, base := started(t)
	a := api{t, base, secretKey}
	ch := a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa") // fee 40
	a.made("/v1/refunds", "amount=300&charge="+ch)
	a.made("/v1/charges", "amount=2000&currency=usd&source=tok_visa") // fee 55
	for form, code := range map[string]string{"amount=1&currency=eur": "balance_insufficient", "currency=eur": "parameter_missing", "amount=0&currency=eur": "parameter_invalid_integer",
		"amount=1": "parameter_missing", "amount=1&currency=eur&colour=red": "parameter_unknown"} {
		if r := a.post("/v1/payouts", form); r.Status != 400 || r.text("error.code") != code {
			t.Errorf("%s: %d %v", form, r.Status, r.Body)
		}
	}
	sim.Advance(49 * time.Hour)
	if r := a.post("/v1/payouts", "amount=661&currency=eur"); r.text("error.code") != "balance_insufficient" {
		t.Errorf("more than there is: %v", r.Body)
	}
	hand := a.made("/v1/payouts", "amount=60&currency=eur&metadata[who]=clerk")
	ids, err := sim.PayOut(secretKey)
	if err != nil || len(ids) != 2 {
		t.Fatalf("payouts %v, %v", ids, err)
	}
	sums := map[string]any{}
	for _, id := range ids {
		r := a.get("/v1/payouts/" + id)
		sums[r.text("currency")] = r.at("amount")
		if r.text("status") != "in_transit" || r.at("automatic") != true {
			t.Errorf("payout %v", r.Body)
		}
		lines := a.get("/v1/balance_transactions?type=charge&payout=" + id)
		if list := lines.at("data").([]any); len(list) != 1 || lines.text("data.0.currency") != r.text("currency") {
			t.Errorf("the payout in %s has the charges %v", r.text("currency"), lines.Body)
		}
	}
	if sums["eur"] != 600.0 || sums["usd"] != 1945.0 {
		t.Errorf("paid out %v", sums)
	}
	if again, err := sim.PayOut(secretKey); err != nil || len(again) != 0 {
		t.Errorf("paid out once more: %v, %v", again, err)
	}
	if r := a.get("/v1/balance"); r.at("available.0.amount") != 0.0 || r.at("pending.0.amount") != 0.0 {
		t.Errorf("the balance is %v", r.Body)
	}
	sim.Advance(time.Hour)
	if r := a.get("/v1/payouts/" + hand); r.text("status") != "paid" || r.text("metadata.who") != "clerk" {
		t.Errorf("later: %v", r.Body)
	}
	if r := a.get("/v1/payouts?status=paid"); len(r.at("data").([]any)) != 3 {
		t.Errorf("paid are %v", r.Body)
	}
	if r := a.get("/v1/events?type=payout.paid"); len(r.at("data").([]any)) != 3 {
		t.Errorf("events %v", r.Body)
	}
}

func TestMethodsArePersonal(t *testing.T) {
	a := newAPI(t)
	alice, bob := a.made("/v1/customers", "payment_method=pm_card_visa"), a.made("/v1/customers", "")
	method := a.get("/v1/payment_methods?customer=" + alice).text("data.0.id")
	for name, form := range map[string]string{"of nobody": "", "of another": "&customer=" + bob} {
		r := a.post("/v1/payment_intents", "amount=1000&currency=eur&payment_method_types[]=card&confirm=true&payment_method="+method+form)
		if r.Status != 400 || r.text("error.param") != "payment_method" {
			t.Errorf("%s: %d %v", name, r.Status, r.Body)
		}
	}
	once := a.made("/v1/payment_methods", "type=card&card[token]=tok_visa")
	pay := "amount=1000&currency=eur&payment_method_types[]=card&confirm=true&payment_method=" + once
	a.made("/v1/payment_intents", pay)
	if r := a.post("/v1/payment_intents", pay); r.Status != 400 {
		t.Errorf("used twice without a customer: %d %v", r.Status, r.Body)
	}
	token := a.made("/v1/tokens", "card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2040")
	a.made("/v1/charges", "amount=1000&currency=eur&source="+token)
	if r := a.post("/v1/charges", "amount=1000&currency=eur&source="+token); r.text("error.code") != "token_already_used" {
		t.Errorf("a token used twice: %v", r.Body)
	}
}

func TestEventList(t *testing.T) {
	a := newAPI(t)
	for i := range 25 {
		a.made("/v1/customers", fmt.Sprint("name=", i))
	}
	a.made("/v1/charges", "amount=1000&currency=eur&source=tok_visa")
	if r := a.get("/v1/events"); len(r.at("data").([]any)) != 10 || r.at("has_more") != true || r.text("data.0.type") != "charge.succeeded" || r.text("url") != "/v1/events" {
		t.Errorf("got %v", r.Body)
	}
	if r := a.get("/v1/events?type=charge.*"); len(r.at("data").([]any)) != 1 || r.at("has_more") != false {
		t.Errorf("got %v", r.Body)
	}
	if r := a.get("/v1/events?types[]=charge.succeeded&types[]=charge.failed"); len(r.at("data").([]any)) != 1 {
		t.Errorf("got %v", r.Body)
	}
	name := func(r reply, i int) string { return r.text(fmt.Sprintf("data.%d.data.object.name", i)) }
	first := a.get("/v1/events?type=customer.created&limit=20")
	if name(first, 0) != "24" || first.at("has_more") != true {
		t.Errorf("got %v", first.Body)
	}
	next := a.get("/v1/events?type=customer.created&limit=20&starting_after=" + first.text("data.19.id"))
	if name(next, 0) != "4" || len(next.at("data").([]any)) != 5 || next.at("has_more") != false {
		t.Errorf("got %v", next.Body)
	}
	back := a.get("/v1/events?type=customer.created&limit=3&ending_before=" + next.text("data.4.id"))
	if name(back, 0) != "3" || name(back, 2) != "1" || back.at("has_more") != true {
		t.Errorf("got %v", back.Body)
	}
	for _, form := range []string{"limit=0", "limit=101", "limit=x", "starting_after=evt_none", "starting_after=a&ending_before=b", "type=a&types[]=b", "order=asc", "created[around]=1"} {
		if r := a.get("/v1/events?" + form); r.Status != 400 {
			t.Errorf("%s: %d", form, r.Status)
		}
	}
	future := fmt.Sprint(time.Now().Add(time.Hour).Unix())
	if r := a.get("/v1/events?created[gte]=" + future); len(r.at("data").([]any)) != 0 {
		t.Errorf("got %v", r.Body)
	}
	if r := a.get("/v1/events?created[lt]=" + future + "&limit=100"); len(r.at("data").([]any)) != 26 {
		t.Errorf("got %d", len(r.at("data").([]any)))
	}
}

func TestSeedCustomer(t *testing.T) {
	sim, account, _ := started(t)
	seed := simulator.Seed{ID: "cus_reference", Name: "Alice Martin", Email: "alice@example.com", Methods: []string{"pm_card_visa"}}
	for range 2 { // the second time changes nothing
		if err := sim.SeedCustomer(secretKey, seed); err != nil {
			t.Fatal(err)
		}
	}
	methods, err := account.ListPaymentMethods(t.Context(), "cus_reference", "")
	if err != nil || len(methods) != 1 {
		t.Fatalf("got %v, %v", methods, err)
	}
	pi, err := account.CreatePaymentIntent(t.Context(), "k", stripe.PaymentIntentParams{Amount: 1000, Currency: "eur", Customer: "cus_reference", PaymentMethod: methods[0].ID, Confirm: true, OffSession: true})
	if err != nil || pi.Status != stripe.Succeeded {
		t.Errorf("got %+v, %v", pi, err)
	}
	if err := sim.SeedCustomer("sk_live_1", seed); err == nil {
		t.Error("a live key passes")
	}
	if raw, err := json.Marshal(sim.Ledger()); err != nil || len(raw) < 10 {
		t.Errorf("the ledger: %s, %v", raw, err)
	}
}
