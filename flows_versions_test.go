package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was read as JSON before
	}
	return string(text)
}

// replay posts an event about an intent that nobody knows; once it is known the clerk presses Replay.
func (f *flow) replay() {
	id := f.payment("Bob Stone", "39.00", "Replayed", nil)
	f.checkout(paymentModel, id)
	f.process(id)
	body := f.event("evt_replay", "payment_intent.succeeded", `{"id":"pi_elsewhere","object":"payment_intent","status":"succeeded","amount":3900,"amount_received":3900,"currency":"eur"}`)
	if status := f.tell(body); status/100 != 2 {
		f.Errorf("the event: %d", status)
	}
	row := f.eventRow("evt_replay", "parked")
	f.behind(`UPDATE "account_payment" SET "stripe_payment_intent_id" = 'pi_elsewhere', "stripe_status" = NULL, "stripe_charge_id" = NULL WHERE "id" = ?`, id)
	f.press(eventModel, "replay", integer(row["id"]))
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "39.00"})
	row = f.eventRow("evt_replay", "applied")
	if integer(row["payment"]) != id {
		f.Errorf("the event is about %v", row)
	}
	f.press(eventModel, "replay", integer(row["id"])) // once more
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "39.00"})
	f.eventRow("evt_replay", "applied")
}

// oldVersions tells of everything in the form of a version of the API before the library's, newVersions in one after it.
func (f *flow) oldVersions() {
	f.inVersion("2018-11-08", func(f *flow, object map[string]any) {
		switch object["object"] {
		case "payment_intent":
			charges := []any{}
			if id, _ := object["latest_charge"].(string); id != "" {
				charge := f.stripeObject("charges/" + id)
				delete(charge, "amount_captured")
				charges = append(charges, charge)
			}
			for _, name := range []string{"latest_charge", "amount_details", "automatic_payment_methods", "payment_method_configuration_details"} {
				delete(object, name)
			}
			object["charges"] = map[string]any{"object": "list", "data": charges, "has_more": false, "url": "/v1/charges"}
			object["allowed_source_types"] = []any{"card"}
			if object["status"] == "requires_payment_method" {
				object["status"] = "requires_source"
			}
			object["next_source_action"] = object["next_action"]
			delete(object, "next_action")
		case "charge":
			delete(object, "amount_captured")
			refunds := f.stripeObject("refunds?" + url.Values{"charge": {object["id"].(string)}}.Encode())
			object["refunds"] = refunds
		case "refund", "dispute":
			delete(object, "payment_intent")
		case "setup_intent":
			delete(object, "latest_attempt")
			delete(object, "flow_directions")
		}
	})
}

func (f *flow) newVersions() {
	f.inVersion("2031-04-01.juniper", func(f *flow, object map[string]any) {
		novelties := func() map[string]any {
			return map[string]any{"object": "novelty", "data": []any{1, "two", nil, map[string]any{"id": "nov_1"}}}
		}
		object["novelties"], object["agreement"], object["total_share"] = novelties(), nil, 1.5
		switch object["object"] {
		case "payment_intent":
			object["latest_charge"] = expandable(object["latest_charge"], "charge", f)
			object["payment_details"], object["amount_details"] = novelties(), novelties()
		case "charge":
			object["refunds"], object["fraud_details"], object["presentment_details"] = nil, nil, novelties()
		case "refund":
			object["destination_details"], object["pending_reason"] = map[string]any{"type": "card", "card": novelties()}, "processing"
			object["charge"] = expandable(object["charge"], "charge", f)
		case "dispute":
			object["payment_method_details"], object["enhanced_eligibility_types"] = map[string]any{"type": "card"}, []any{"visa_compliance"}
			object["evidence_details"].(map[string]any)["enhanced_eligibility"] = novelties()
			object["charge"] = expandable(object["charge"], "charge", f)
		case "setup_intent":
			object["excluded_payment_method_types"] = []any{"giropay"}
			object["customer_account"] = nil
		}
	})
}

// expandable is the object in the place of its id.
func expandable(id any, kind string, f *flow) any {
	if text, _ := id.(string); text != "" {
		return f.stripeObject(kind + "s/" + text)
	}
	return id
}

// inVersion holds Stripe's own events back, and tells of what happens there by events whose objects are written in another version. They
// alone change the records. Released afterwards, Stripe's events change nothing more.
func (f *flow) inVersion(version string, rewrite func(f *flow, object map[string]any)) {
	f.sim.Hold()
	release := func() { f.sim.Release(0, false) }
	defer func() { release() }()
	n := 0
	tell := func(kind, path string) {
		f.Helper()
		object := f.stripeObject(path)
		rewrite(f, object)
		n++
		body := strings.Replace(f.event(fmt.Sprintf("evt_%s_%d", version, n), kind, jsonOf(object)), "2023-10-16", version, 1)
		if status := f.tell(body); status/100 != 2 {
			f.Errorf("%s: %d", kind, status)
		}
		f.eventRow(fmt.Sprintf("evt_%s_%d", version, n), "applied")
	}

	id := f.payment("Bob Stone", "80.00", "In version "+version, nil)
	path := f.checkout(paymentModel, id)
	f.process(id)
	secret, _ := f.page(path)
	intent, _, _ := strings.Cut(secret, "_secret")
	f.confirm("payment_intents", secret, "4000000000009995")
	tell("payment_intent.payment_failed", "payment_intents/"+intent)
	f.shows(paymentModel, id, map[string]any{"state": "processing", "stripe_error_code": "insufficient_funds", "stripe_error_message": "Your card has insufficient funds.",
		"stripe_checkout_needed": true})
	f.confirm("payment_intents", secret, "4242424242424242")
	tell("payment_intent.succeeded", "payment_intents/"+intent)
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "80.00", "stripe_captured": true, "stripe_error_message": nil})

	charge := f.text(paymentModel, id, "stripe_charge_id")
	if err := f.sim.RefundAtDashboard(charge, 3000); err != nil {
		f.Fatal(err)
	}
	tell("charge.refunded", "charges/"+charge)
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "50.00"})
	refund := f.stripeObject("refunds?" + url.Values{"charge": {charge}}.Encode())["data"].([]any)[0].(map[string]any)["id"].(string)
	tell("charge.refund.updated", "refunds/"+refund)
	f.shows(paymentModel, id, map[string]any{"stripe_refunds": 1, "amount": "50.00"})

	if err := f.sim.Dispute(charge, 1000, "duplicate"); err != nil {
		f.Fatal(err)
	}
	dispute := f.stripeObject("disputes?" + url.Values{"charge": {charge}}.Encode())["data"].([]any)[0].(map[string]any)["id"].(string)
	tell("charge.dispute.created", "disputes/"+dispute)
	f.shows(paymentModel, id, map[string]any{"stripe_dispute_status": "needs_response", "stripe_dispute_amount": "10.00", "stripe_dispute_due": "datetime"})
	if err := f.sim.DecideDispute(dispute, false); err != nil {
		f.Fatal(err)
	}
	tell("charge.dispute.closed", "disputes/"+dispute)
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "stripe_dispute_status": "lost", "amount": "40.00"})

	customer := f.newCustomer(nil)
	secret, _ = f.page(f.checkout(customerModel, customer))
	setup, _, _ := strings.Cut(secret, "_secret")
	f.confirm("setup_intents", secret, "4242424242424242")
	tell("setup_intent.succeeded", "setup_intents/"+setup)
	f.customerKnown(customer, true)

	source := f.askStripe("/v1/sources", url.Values{"type": {"ideal"}, "amount": {"8100"}, "currency": {"eur"}, "redirect[return_url]": {"https://shop.example/back"}})
	bySource := f.payment("Bob Stone", "81.00", "By source in version "+version, map[string]any{"stripe_token": source["id"]})
	f.process(bySource)
	f.askStripe("/_simulator/challenge/"+source["id"].(string), url.Values{"client_secret": {source["client_secret"].(string)}, "result": {"complete"}})
	tell("source.chargeable", "sources/"+source["id"].(string))
	f.shows(paymentModel, bySource, map[string]any{"state": "succeeded", "amount": "81.00"})

	release()
	if err := f.sim.Flush(f.Context()); err != nil {
		f.Fatal(err)
	}
	f.shows(paymentModel, id, map[string]any{"state": "succeeded", "amount": "40.00", "stripe_refunds": 1, "stripe_dispute_status": "lost"})
	f.shows(paymentModel, bySource, map[string]any{"state": "succeeded", "amount": "81.00"})
}
