package main

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"paytond/stripe/simulator"
)

// token charges a card's token, as shops give it, and one that is declined.
func (f *flow) token() {
	id := f.payment("Bob Stone", "31.00", "By token", map[string]any{"stripe_token": "tok_visa", "stripe_chargeable": true})
	refused := f.payment("Bob Stone", "31.50", "By bad token", map[string]any{"stripe_token": "tok_chargeDeclinedInsufficientFunds", "stripe_chargeable": true})
	f.process(id, refused)
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "stripe_captured": true, "stripe_status": "succeeded", "stripe_payment_intent_id": nil,
		"stripe_error_message": nil, "amount": "31.00"})
	f.charged(id, 3100)
	f.shows(paymentModel, refused, map[string]any{"state": "failed", "stripe_error_code": "insufficient_funds", "stripe_error_message": "Your card has insufficient funds."})
	charge := f.stripeObject("charges/" + f.text(paymentModel, id, "stripe_charge_id"))
	metadata, _ := charge["metadata"].(map[string]any)
	group, _ := f.read(paymentModel, id, "group.rec_name")["group."].(map[string]any)
	if metadata["database"] != f.name || metadata["payment"] != f.text(paymentModel, id, "rec_name") || metadata["number"] != f.text(paymentModel, id, "rec_name") ||
		metadata["group"] != group["rec_name"] || charge["description"] != "By token" {
		f.Errorf("the charge is described by %v and %v", charge["description"], metadata)
	}
	f.callIsTold(id, "charge", charge["id"])
}

// callIsTold checks what a person reads of the one call of a kind for a payment.
func (f *flow) callIsTold(payment int64, operation string, object any) {
	f.Helper()
	f.called("payment", payment, operation+" done")
	rows, _ := f.must("model."+attemptModel+".search_read", []any{[]any{"payment", "=", payment}, []any{"operation", "=", operation}}, 0, nil, nil,
		[]string{"operation", "outcome", "http_status", "request_id", "idempotency_key", "duration", "started", "object_id", "error_code", "replayed"}).([]any)
	if len(rows) != 1 {
		f.Fatalf("the calls are %v", rows)
	}
	row := rows[0].(map[string]any)
	request, _ := row["request_id"].(string)
	key, _ := row["idempotency_key"].(string)
	duration, _ := row["duration"].(map[string]any)
	if row["outcome"] != "done" || plain(row["http_status"]) != "200" || !strings.HasPrefix(request, "req_") || len(key) < 16 || duration["__class__"] != "timedelta" ||
		row["object_id"] != object || row["error_code"] != nil || row["replayed"] == true || row["started"] == nil {
		f.Errorf("the call is told as %v", row)
	}
	if metadata, _ := f.stripeObject("charges/" + f.text(paymentModel, payment, "stripe_charge_id"))["metadata"].(map[string]any); metadata["key"] != key {
		f.Errorf("the key is %q, at Stripe it is %v", key, metadata["key"])
	}
}

// source pays by sources whose customer decides later, on his bank's page: nothing is charged before, also not what else the customer has.
func (f *flow) source() {
	saved := f.withCard("cus_saved")
	delete(saved, "stripe_customer_payment_method")
	begin := func(description string) (id int64, source map[string]any) {
		source = f.askStripe("/v1/sources", url.Values{"type": {"ideal"}, "amount": {"3200"}, "currency": {"eur"}, "redirect[return_url]": {"https://shop.example/back"}})
		more := map[string]any{"stripe_token": source["id"], "stripe_chargeable": false}
		for name, value := range saved {
			more[name] = value
		}
		id = f.payment("Dora Saved", "32.00", description, more)
		f.process(id)
		return id, source
	}
	agreed, yes := begin("By iDEAL")
	refused, no := begin("By iDEAL, refused")
	f.paidByCard("1.10") // which comes behind them in the queue
	for _, id := range []int64{agreed, refused} {
		if state := f.text(paymentModel, id, "state"); state != "processing" {
			f.Errorf("before the customer decides the payment is %s", state)
		}
	}
	decide := func(source map[string]any, result string) {
		f.askStripe("/_simulator/challenge/"+source["id"].(string), url.Values{"client_secret": {source["client_secret"].(string)}, "result": {result}})
	}
	decide(yes, "complete")
	f.shows(paymentModel, agreed, map[string]any{"state": "succeeded", "stripe_chargeable": true})
	f.charged(agreed, 3200)
	charge := f.stripeObject("charges/" + f.text(paymentModel, agreed, "stripe_charge_id"))
	if of, _ := charge["source"].(map[string]any); of["id"] != yes["id"] || of["status"] != "consumed" {
		f.Errorf("charged was %v", charge["source"])
	}
	decide(no, "fail")
	f.shows(paymentModel, refused, map[string]any{"state": "failed", "stripe_error_code": "source_failed",
		"stripe_error_message": "The customer has refused the payment, or his bank has", "stripe_charge_id": nil})
	if calls := f.calls("payment", refused); calls != nil {
		f.Errorf("for a source that failed Stripe was called: %v", calls)
	}
}

// sourceExpires waits too long for a customer.
func (f *flow) sourceExpires() {
	source := f.askStripe("/v1/sources", url.Values{"type": {"sofort"}, "amount": {"3300"}, "currency": {"eur"}, "redirect[return_url]": {"https://shop.example/back"}})
	id := f.payment("Bob Stone", "33.00", "By Sofort", map[string]any{"stripe_token": source["id"]})
	f.process(id)
	f.later(7 * time.Hour)
	f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_error_code": "source_canceled",
		"stripe_error_message": "The customer has not agreed to the payment in time"})
}

// customerBySource makes a customer of a source, and charges it as the older design has it.
func (f *flow) customerBySource() {
	source := f.askStripe("/v1/sources", url.Values{"type": {"card"}, "card[number]": {"4242424242424242"}, "card[exp_month]": {"12"}, "card[exp_year]": {"2034"}})
	party := f.party("Sara Source", "")
	customer := first(f.must("model."+customerModel+".create", []any{map[string]any{"active": true, "party": party, "stripe_account": f.account,
		"stripe_customer_id": "", "stripe_token": source["id"]}}))
	f.runOnce(customerModel + "|stripe_create")
	f.customerKnown(customer, true)
	if offered := f.offered("sources", customer, 1); offered[0][0] != source["id"] || !strings.HasPrefix(offered[0][1], "Visa ****4242") {
		f.Fatalf("the sources are %v", offered)
	}
	for _, text := range []string{"34.00", "34.50"} { // it serves more than once
		id := f.payment("Sara Source", text, "By source", map[string]any{"stripe_customer": customer, "stripe_customer_source": source["id"]})
		f.process(id)
		f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": text})
	}
}

// offSession charges a saved payment method.
func (f *flow) offSession() {
	id := f.paid("Otto Off", "pm_card_visa", "35.00")
	f.charged(id, 3500)
	f.called("payment", id, "intent done")
	intent := f.stripeObject("payment_intents/" + f.text(paymentModel, id, "stripe_payment_intent_id"))
	f.callIsTold(id, "intent", intent["id"])
}

// firstCustomer charges the first of the customers of a party who was registered twice, as the peer does.
func (f *flow) firstCustomer() {
	party, oldest := f.customer("Nora Twice", "", "cus_nora1", "pm_card_visa")
	if err := f.sim.SeedCustomer(demoSecret, simulator.Seed{ID: "cus_nora2", Methods: []string{"pm_card_mastercard"}}); err != nil {
		f.Fatal(err)
	}
	f.linked(party, "cus_nora2")
	id := f.payment("Nora Twice", "36.00", "By default", nil)
	f.process(id)
	f.becomes(paymentModel, id, "state", "succeeded")
	if got := integer(f.read(paymentModel, id, "stripe_customer")["stripe_customer"]); got != oldest {
		f.Errorf("charged was customer %d, not %d", got, oldest)
	}
}

// authorised is a payment of which the amount is held.
func (f *flow) authorised(name, text string) int64 {
	f.Helper()
	_, customer := f.customer(name, "", "cus_"+strings.ReplaceAll(name, " ", ""), "pm_card_visa")
	id := f.payment(name, text, name, map[string]any{"stripe_customer": customer, "stripe_capture": false})
	f.process(id)
	f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_capturable": true, "stripe_capture_needed": true, "stripe_captured": false})
	return id
}

// held is a payment by token of which the amount is held.
func (f *flow) held(text string) int64 {
	f.Helper()
	id := f.payment("Bob Stone", text, "Held by token", map[string]any{"stripe_token": "tok_visa", "stripe_chargeable": true, "stripe_capture": false})
	f.process(id)
	f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_capturable": true, "stripe_payment_intent_id": nil})
	return id
}

func (f *flow) press(model, button string, ids ...int64) {
	f.Helper()
	f.must("model."+model+"."+button, ids)
}

// capture presses the button for all and for a part, of an intent and of a charge.
func (f *flow) capture() {
	whole, part, charge := f.authorised("Cora Capture", "100.00"), f.authorised("Paul Part", "100.00"), f.held("100.00")
	f.press(paymentModel, "stripe_do_capture", whole)
	f.shows(paymentModel, whole, map[string]any{"state": "succeeded", "amount": "100.00", "stripe_captured": true, "stripe_capturable": false})
	f.charged(whole, 10000)
	for id, by := range map[int64]string{part: "capture intent", charge: "capture charge"} {
		f.must("model.account.payment.write", []int64{id}, map[string]any{"amount": amount("60.00")})
		f.press(paymentModel, "stripe_do_capture", id)
		f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "60.00", "stripe_captured": true})
		f.charged(id, 6000)
		f.called("payment", id, map[bool]string{true: "charge done", false: "intent done"}[id == charge], by+" done")
	}
}

// captureRefused asks for more than is held, reads why not, and captures what may be.
func (f *flow) captureRefused() {
	for id, why := range map[int64]string{
		f.authorised("Rita Refused", "50.00"): "The provided amount_to_capture (7000) is not between 1 and the remaining amount capturable (5000).",
		f.held("50.00"):                       "The amount to capture is greater than the amount of the charge."} {
		f.must("model.account.payment.write", []int64{id}, map[string]any{"amount": amount("70.00")})
		f.press(paymentModel, "stripe_do_capture", id)
		f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_capturable": true, "stripe_capture": false, "stripe_error_code": "amount_too_large",
			"stripe_error_message": why})
		f.must("model.account.payment.write", []int64{id}, map[string]any{"amount": amount("50.00")})
		f.press(paymentModel, "stripe_do_capture", id)
		f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "50.00", "stripe_error_message": nil})
		f.charged(id, 5000)
	}
}

// void gives back what is held, and the payment fails.
func (f *flow) void() {
	for _, id := range []int64{f.authorised("Vera Void", "40.00"), f.held("40.00")} {
		f.press(paymentModel, "stripe_void", id)
		f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_capturable": false, "stripe_cancel": false})
		charge := f.stripeObject("charges/" + f.text(paymentModel, id, "stripe_charge_id"))
		if charge["captured"] != false || charge["refunded"] != true {
			f.Errorf("at Stripe the charge is %v captured, %v released", charge["captured"], charge["refunded"])
		}
	}
}

// backToDraft takes a payment back whose page is open: the page's intent is canceled, and the payment can be paid anew.
func (f *flow) backToDraft() {
	id := f.payment("Bob Stone", "45.00", "Changed his mind", nil)
	path := f.checkout(paymentModel, id)
	secret, _ := f.page(path)
	intent := f.text(paymentModel, id, "stripe_payment_intent_id")
	f.press(paymentModel, "draft", id)
	f.shows(paymentModel, id, map[string]any{"state": "draft", "stripe_payment_intent_id": nil, "stripe_status": nil})
	if got := f.stripeObject("payment_intents/" + intent); got["status"] != "canceled" {
		f.Errorf("the intent is %v", got["status"])
	}
	if answer := f.confirm("payment_intents", secret, "4242424242424242"); answer["error"] == nil {
		f.Errorf("the old page still pays: %v", answer)
	}
	if page := f.send("GET", path, nil); slices.Contains([]int{200, 303}, page.status) && clientSecret.Match(page.body) {
		f.Errorf("the old link still leads to a page that can be paid: %s", page)
	}
	f.press(paymentModel, "approve", id)
	path = f.checkout(paymentModel, id)
	f.process(id)
	secret, _ = f.page(path)
	f.confirm("payment_intents", secret, "4242424242424242")
	f.becomes(paymentModel, id, "state", "succeeded") // by webhook: nobody tells the page
	f.charged(id, 4500)
}

// authorisationExpires waits too long with the capture, of an intent and of a charge.
func (f *flow) authorisationExpires() {
	for _, id := range []int64{f.authorised("Ella Expires", "46.00"), f.held("46.00")} {
		f.later(8 * 24 * time.Hour)
		f.shows(paymentModel, id, map[string]any{"state": "failed", "stripe_capturable": false, "stripe_captured": false})
		if text := f.text(paymentModel, id, "stripe_error_message"); text == "" {
			f.Error("nothing says why")
		}
	}
}
