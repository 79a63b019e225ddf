package paymentstripe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/sql"
	"paytond/stripe/simulator"
)

// errorCall is a kind of call that changes something at Stripe, as the table of errors makes it.
type errorCall struct {
	name, operation, model, action string
	// begin makes a record up to where the next run of the action makes the call. An input other than "" is what Stripe is to refuse.
	begin func(e *errorRow, input string) int64
	// differ changes what the next call sends.
	differ func(tx *models.Tx, r *models.Record)
	// before and after are the record's state before the call and once it was done.
	before, after string
	// made counts what the record has brought about at Stripe.
	made func(e *errorRow, id int64) int
}

// errorRow is a row of the table at work: it has an account at Stripe of its own, so that the trouble of one row is none of another's.
type errorRow struct {
	*world
	key, suffix string
}

const (
	errorsPayment  = "account.payment|stripe_charge"
	errorsRefund   = "account.payment.stripe.refund|stripe_create"
	errorsCustomer = "account.payment.stripe.customer|stripe_create"
)

func errorCalls() []errorCall {
	write := func(values models.Values) func(*models.Tx, *models.Record) {
		return func(tx *models.Tx, r *models.Record) { models.Must(r.Class().Write(tx, []*models.Record{r}, values)) }
	}
	taken := func(e *errorRow, id int64) (n int) {
		for _, line := range e.sim.Ledger() {
			if line.Account == e.suffix && line.Metadata["payment"] == fmt.Sprint(id) && line.Captured > 0 {
				n++
			}
		}
		return n
	}
	counted := func(list, name string) func(e *errorRow, id int64) int {
		return func(e *errorRow, id int64) (n int) {
			for _, one := range e.objectOf(e.key, list+"?limit=100")["data"].([]any) {
				if metadata, _ := one.(map[string]any)["metadata"].(map[string]any); metadata[name] == fmt.Sprint(id) {
					n++
				}
			}
			return n
		}
	}
	return []errorCall{
		{"off session", "payment_intent.create", "account.payment", errorsPayment, (*errorRow).toBeCharged, write(models.Values{"description": "Changed"}),
			"processing", "succeeded", taken},
		{"by token", "charge.create", "account.payment", errorsPayment, (*errorRow).toBeChargedByToken, write(models.Values{"description": "Changed"}),
			"processing", "succeeded", taken},
		{"capture", "payment_intent.capture", "account.payment", errorsPayment, (*errorRow).toBeCaptured, write(models.Values{"amount": decimal("9.00")}),
			"processing", "succeeded", taken},
		{"refund", "refund.create", refundModel, errorsRefund, (*errorRow).toBeRefunded, write(models.Values{"reason": "duplicate"}),
			"processing", "succeeded", counted("refunds", "refund")},
		{"customer", "customer.create", customerModel, errorsCustomer, (*errorRow).toBeMade, func(tx *models.Tx, r *models.Record) {
			owner := paymentstripe.Customer.Party.Of(r)
			models.Must(owner.Class().Write(tx, []*models.Record{owner}, models.Values{"name": "Changed"}))
		}, "not known", "known", counted("customers", "customer")},
	}
}

// errorClass is a class of Stripe's errors: how it comes about, what the clerk reads, and whether the call is made again by itself.
type errorClass struct {
	name          string
	only          string // the name of the call, "" for all of them
	input         string // that Stripe refuses
	fault         simulator.FaultKind
	trouble       func(e *errorRow, c errorCall, id int64)
	message, code string // {masked} is the account's key as it is shown, {key} that of the call
	again         bool
	heal          func(e *errorRow, c errorCall)
	end           string // the state that it ends in, where it is not the one after the call was done
}

func errorClasses() []errorClass {
	const (
		unclear = "Stripe could not be reached"
		backend = "Sorry! There was an error while talking to one of our backends. Support has been notified."
		busy    = "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate."
	)
	return []errorClass{
		{name: "card", only: "off session", input: "pm_card_chargeCustomerFail", message: "Your card was declined.", code: "generic_decline", end: "failed"},
		{name: "card that needs the customer", only: "off session", input: "pm_card_authenticationRequired",
			message: "Your card was declined. This transaction requires authentication.", code: "authentication_required", end: "processing"},
		{name: "card", only: "by token", input: "tok_chargeDeclinedExpiredCard", message: "Your card has expired.", code: "expired_card", end: "failed"},
		{name: "card that needs the customer", only: "by token", input: "tok_authenticationRequired",
			message: "Your card was declined. This transaction requires authentication.", code: "authentication_required", end: "failed"},
		{name: "card", only: "customer", input: "tok_chargeDeclined", message: "Your card was declined.", code: "generic_decline", end: "not known"},
		{name: "invalid request", only: "off session", input: "pm_nobody", message: "No such PaymentMethod: 'pm_nobody'", code: "resource_missing", end: "failed"},
		{name: "invalid request", only: "by token", input: "tok_nobody", message: "No such token: 'tok_nobody'", code: "resource_missing", end: "failed"},
		{name: "invalid request", only: "capture", input: "70.00", code: "amount_too_large", end: "processing",
			message: "The provided amount_to_capture (7000) is not between 1 and the remaining amount capturable (1000)."},
		{name: "invalid request", only: "refund", input: "disputed", message: "Charge {charge} has been charged back; cannot issue a refund.", code: "charge_disputed", end: "failed"},
		{name: "invalid request", only: "customer", input: "tok_nobody", message: "No such token: 'tok_nobody'", code: "resource_missing", end: "not known"},
		{name: "authentication", trouble: func(e *errorRow, _ errorCall, _ int64) { e.sim.Revoke(e.key, false) }, again: true,
			message: "Expired API Key provided: {masked}", code: "api_key_expired",
			heal: func(e *errorRow, _ errorCall) { e.sim.Revoke(e.key, true) }},
		{name: "permission", trouble: func(e *errorRow, c errorCall, _ int64) { e.sim.Deny(e.key, c.operation) }, again: true,
			message: "The provided key '{masked}' does not have the required permissions for this endpoint on account '{account}'.",
			heal:    func(e *errorRow, c errorCall) { e.sim.Allow(e.key, c.operation) }},
		{name: "rate limit", fault: simulator.TooManyRequests, again: true, message: "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.", code: "rate_limit"},
		{name: "lock timeout", fault: simulator.LockTimeout, again: true, message: busy, code: "lock_timeout"},
		{name: "conflict", fault: simulator.Conflict, again: true, message: busy, code: "lock_timeout"},
		{name: "idempotency", trouble: (*errorRow).reuseKey, again: true, message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."},
		{name: "API", fault: simulator.ServerErrorFirst, again: true, message: backend},
		{name: "API, done all the same", fault: simulator.ServerErrorAfter, again: true, message: backend},
		{name: "API, a page of a gateway", fault: simulator.BadGateway, again: true, message: "Stripe answered with status 502 and no explanation"},
		{name: "API, not there for a while", fault: simulator.Unavailable, again: true, message: "Stripe is temporarily unavailable."},
		{name: "API, half an answer", fault: simulator.CutShort, again: true, message: "Stripe's answer could not be read"},
		{name: "connection", fault: simulator.DropBefore, again: true, message: unclear},
		{name: "connection, done all the same", fault: simulator.DropAfter, again: true, message: unclear},
	}
}

// TestErrorClasses says for each class of Stripe's errors, and each kind of call, in what state the record is after it, what the clerk
// reads on its form, whether it is tried again by itself, and how it ends once the trouble is over: done once, or not at all.
func TestErrorClasses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := 0
		for _, call := range errorCalls() {
			for _, class := range errorClasses() {
				if class.only != "" && class.only != call.name {
					continue
				}
				n++
				t.Run(call.name+"/"+class.name, func(t *testing.T) {
					own := *w
					own.t = t
					e := own.errorRow(n)
					e.meets(call, class)
				})
			}
		}
	})
}

// errorRow makes an account at Stripe, its journal and a customer.
func (w *world) errorRow(n int) *errorRow {
	w.t.Helper()
	e := &errorRow{world: w, suffix: fmt.Sprintf("errors%d", n)}
	e.key = "sk_test_" + e.suffix
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		a, j := paymentstripe.Account, payment.Journal
		account, err := a.Create(tx, a.Name.To(e.suffix), a.SecretKey.To(e.key), a.PublishableKey.To("pk_test_"+e.suffix))
		models.Must(err)
		journal, err := j.Create(tx, j.Name.To(e.suffix), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("stripe"),
			paymentstripe.Journal.StripeAccount.To(account.ID()))
		models.Must(err)
		w.stripeAccount, w.journal = account.ID(), journal.ID()
	})
	return e
}

// meets runs a call into an error, and out of it again.
func (e *errorRow) meets(c errorCall, class errorClass) {
	id := c.begin(e, class.input)
	if class.fault != "" {
		e.sim.AddFault(simulator.Fault{Kind: class.fault, Operation: c.operation, Count: 1})
	}
	if class.trouble != nil {
		class.trouble(e, c, id)
	}
	e.run(c.action)
	got := e.read(c.model, id, "stripe_error_message", "stripe_error_code", "stripe_next_attempt")
	message, _ := got["stripe_error_message"].(string)
	code, _ := got["stripe_error_code"].(string)
	state := map[bool]string{true: c.before, false: class.end}[class.again]
	if now := e.stateOf(c, id); now != state || message != e.filled(class.message, c, id) || code != class.code {
		e.t.Errorf("the clerk sees %s, %q, %q", now, message, code)
	}
	if again := got["stripe_next_attempt"] != nil; again != class.again {
		e.t.Errorf("it is tried again: %v", again)
	}
	if class.heal != nil {
		class.heal(e, c)
	}
	for range 4 {
		e.settled()
		e.now()
		e.run(c.action)
	}
	end, times := class.end, 0
	if end == "" {
		end, times = c.after, 1
	}
	if now := e.stateOf(c, id); now != end || c.made(e, id) != times {
		e.t.Errorf("in the end it is %s, and was done %d times", now, c.made(e, id))
	}
	if end == c.after {
		if diff := cmp.Diff(map[string]any{"stripe_error_message": nil, "stripe_error_code": nil, "stripe_error_param": nil},
			e.read(c.model, id, "stripe_error_message", "stripe_error_code", "stripe_error_param")); diff != "" {
			e.t.Errorf("done, the clerk reads (-want +got):\n%s", diff)
		}
	}
}

// stateOf is the state of a record; of a customer, whether Stripe knows him.
func (e *errorRow) stateOf(c errorCall, id int64) string {
	if c.model != customerModel {
		text, _ := e.read(c.model, id, "state")["state"].(string)
		return text
	}
	known, _ := e.read(c.model, id, "stripe_customer_id")["stripe_customer_id"].(string)
	return map[bool]string{true: "known", false: "not known"}[known != ""]
}

// filled is a message with what differs from row to row.
func (e *errorRow) filled(message string, c errorCall, id int64) string {
	message = strings.ReplaceAll(message, "{masked}", e.key[:8]+strings.Repeat("*", len(e.key)-12)+e.key[len(e.key)-4:])
	if strings.Contains(message, "{account}") {
		message = strings.ReplaceAll(message, "{account}", e.objectOf(e.key, "account")["id"].(string))
	}
	if strings.Contains(message, "{key}") {
		message = strings.ReplaceAll(message, "{key}", e.firstKey(c, id))
	}
	if strings.Contains(message, "{charge}") {
		charge, _ := e.payment(e.read(c.model, id, "payment")["payment"].(int64), "stripe_charge_id")["stripe_charge_id"].(string)
		message = strings.ReplaceAll(message, "{charge}", charge)
	}
	return message
}

// firstKey is the key of the first call of a kind for a record.
func (e *errorRow) firstKey(c errorCall, id int64) (key string) {
	field := map[string]string{"account.payment": "payment", refundModel: "refund", customerModel: "customer"}[c.model]
	operation := map[string]string{"off session": "intent", "by token": "charge", "capture": "capture intent"}[c.name]
	if operation == "" {
		operation = c.name
	}
	modelstest.Do(e.t, e.db, func(tx *models.Tx) {
		a := paymentstripe.Attempt
		found := a.Search(tx, domain.AllOf(a.Operation.Eq(operation), domain.C(field, domain.Equal, id)), models.OrderBy("id"), models.Limit(1))
		key = a.IdempotencyKey.Of(found[0])
	})
	return key
}

// toBeCharged is a payment in processing of a customer with a saved method, or another one that Stripe refuses.
func (e *errorRow) toBeCharged(input string) int64 {
	method, more := "pm_card_visa", map[string]any{}
	switch {
	case input == "pm_nobody":
		more["stripe_customer_payment_method"] = input
	case input != "":
		method = input
	}
	if err := e.sim.SeedCustomer(e.key, simulator.Seed{ID: "cus_" + e.suffix, Methods: []string{method}}); err != nil {
		e.t.Fatal(err)
	}
	more["stripe_customer"] = e.linked("cus_" + e.suffix)
	id := e.approved(e.alice, "10.00", more)
	e.process(id)
	return id
}

func (e *errorRow) linked(id string) (customer int64) {
	modelstest.Do(e.t, e.db, func(tx *models.Tx) {
		c := paymentstripe.Customer
		r, err := c.Create(tx, c.Party.To(e.alice), c.StripeAccount.To(e.stripeAccount), c.StripeCustomerID.To(id))
		models.Must(err)
		customer = r.ID()
	})
	return customer
}

// toBeChargedByToken is a payment in processing by a token.
func (e *errorRow) toBeChargedByToken(input string) int64 {
	if input == "" {
		input = "tok_visa"
	}
	id := e.approved(e.alice, "10.00", nil)
	e.withToken(id, input)
	e.process(id)
	return id
}

// toBeCaptured is a payment that is authorised, and to be captured, all of it or another amount.
func (e *errorRow) toBeCaptured(input string) int64 {
	if err := e.sim.SeedCustomer(e.key, simulator.Seed{ID: "cus_" + e.suffix, Methods: []string{"pm_card_visa"}}); err != nil {
		e.t.Fatal(err)
	}
	id := e.approved(e.alice, "10.00", map[string]any{"stripe_customer": e.linked("cus_" + e.suffix), "stripe_capture": false})
	e.process(id)
	e.post()
	values := models.Values{"stripe_capture": true}
	if input != "" {
		values["amount"] = decimal(input)
	}
	modelstest.Do(e.t, e.db, func(tx *models.Tx) { // as the button does, without its call at once
		c := tx.Class("account.payment")
		models.Must(c.Write(tx, c.Browse(tx, []int64{id}), values))
		_, err := tx.Exec(sql.SQL(`UPDATE "account_payment" SET "stripe_next_attempt" = `+tx.Dialect().Now()+` WHERE "id" = ?`, id))
		models.Must(err)
	})
	return id
}

// toBeRefunded is an approved refund of a payment, which may be disputed.
func (e *errorRow) toBeRefunded(input string) int64 {
	paid := e.toBeChargedByToken("")
	e.post()
	refund := e.refund(paid, "4.00")
	if input == "disputed" {
		if err := e.sim.Dispute(e.payment(paid, "stripe_charge_id")["stripe_charge_id"].(string), 0, "fraudulent"); err != nil {
			e.t.Fatal(err)
		}
	}
	return refund
}

// toBeMade is a customer to be made of a token.
func (e *errorRow) toBeMade(input string) int64 {
	if input == "" {
		input = "tok_visa"
	}
	return e.call(e.clerk, customerModel, "create", []any{map[string]any{"party": e.alice, "stripe_account": e.stripeAccount, "stripe_token": input}}).([]int64)[0]
}

// reuseKey loses the answer to the first call, and changes what the second one sends: Stripe refuses the key for other parameters.
func (e *errorRow) reuseKey(c errorCall, id int64) {
	e.sim.AddFault(simulator.Fault{Kind: simulator.DropAfter, Operation: c.operation, Count: 1})
	e.run(c.action)
	modelstest.Do(e.t, e.db, func(tx *models.Tx) { c.differ(tx, tx.Class(c.model).Browse(tx, []int64{id})[0]) })
	e.now()
}
