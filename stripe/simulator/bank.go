package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// usBank is a bank account in the United States.
type usBank struct {
	HolderType  string   `json:"account_holder_type"`
	AccountType string   `json:"account_type"`
	Bank        string   `json:"bank_name"`
	Connections text     `json:"financial_connections_account"`
	Fingerprint string   `json:"fingerprint"`
	Last4       string   `json:"last4"`
	Networks    bankNets `json:"networks"`
	Routing     string   `json:"routing_number"`
	Status      bankNote `json:"status_details"`
}

type bankNets struct {
	Preferred string   `json:"preferred"`
	Supported []string `json:"supported"`
}

type bankNote struct{}

// sepaDebit is a bank account of the SEPA area.
type sepaDebit struct {
	BankCode    text         `json:"bank_code"`
	BranchCode  text         `json:"branch_code"`
	Country     string       `json:"country"`
	Fingerprint string       `json:"fingerprint"`
	From        generatedSrc `json:"generated_from"`
	Last4       string       `json:"last4"`
}

type generatedSrc struct {
	Charge       text `json:"charge"`
	SetupAttempt text `json:"setup_attempt"`
}

// bankFate is how one of Stripe's published test accounts behaves.
type bankFate struct {
	Failure  string `json:"failure"`  // code of the late failure; "" when the money comes
	Disputed string `json:"disputed"` // reason of the dispute after the money came
	Never    bool   `json:"never"`    // stays in processing
	Slow     bool   `json:"slow"`     // takes three minutes longer
}

// failureMessages says what the codes of failed debits mean.
func failureMessages() map[string]string {
	return map[string]string{
		"account_closed":              "The customer's bank account has been closed.",
		"no_account":                  "The customer's bank account could not be located.",
		"insufficient_funds":          "The customer's account has insufficient funds to cover this payment.",
		"debit_not_authorized":        "The customer has notified their bank that this payment was unauthorized.",
		"invalid_currency":            "The bank was unable to process this payment because of its currency.",
		"generic_could_not_process":   "This payment could not be processed.",
		"charge_exceeds_source_limit": "This payment exceeds the weekly limit of the bank account.",
	}
}

// usFates are the published test accounts with routing number 110000000.
func usFates() map[string]bankFate {
	return map[string]bankFate{
		"000123456789": {},
		"000111111113": {Failure: "account_closed"},
		"000111111116": {Failure: "no_account"},
		"000222222227": {Failure: "insufficient_funds"},
		"000333333335": {Failure: "debit_not_authorized"},
		"000444444440": {Failure: "invalid_currency"},
		"000555555559": {Disputed: "debit_not_authorized"},
		"000000000009": {Never: true},
		"000777777771": {Failure: "charge_exceeds_source_limit"},
	}
}

// usNames are the published payment methods of such accounts; they are verified.
func usNames() map[string]string {
	return map[string]string{
		"pm_usBankAccount_success":             "000123456789",
		"pm_usBankAccount":                     "000123456789",
		"pm_usBankAccount_accountClosed":       "000111111113",
		"pm_usBankAccount_noAccount":           "000111111116",
		"pm_usBankAccount_insufficientFunds":   "000222222227",
		"pm_usBankAccount_debitNotAuthorized":  "000333333335",
		"pm_usBankAccount_invalidCurrency":     "000444444440",
		"pm_usBankAccount_dispute":             "000555555559",
		"pm_usBankAccount_processing":          "000000000009",
		"pm_usBankAccount_weeklyLimitExceeded": "000777777771",
	}
}

// sepaFate reads the behaviour from a published test IBAN: the account numbers of a country end alike.
func sepaFate(iban string) bankFate {
	fates := map[string]bankFate{
		"AT611904300234573201": {}, "AT321904300235473204": {Slow: true}, "AT861904300235473202": {Failure: "generic_could_not_process"},
		"AT051904300235473205": {Failure: "generic_could_not_process", Slow: true}, "AT591904300235473203": {Disputed: "debit_not_authorized"},
		"AT981904300000343434": {Failure: "charge_exceeds_source_limit"}, "AT601904300000121212": {Failure: "insufficient_funds"},
		"BE62510007547061": {}, "BE78510007547064": {Slow: true}, "BE68539007547034": {}, "BE08510007547063": {Disputed: "debit_not_authorized"},
		"BE81510007547065": {Failure: "generic_could_not_process", Slow: true}, "BE51510007547062": {Failure: "generic_could_not_process"},
		"DE89370400440532013000": {}, "DE08370400440532013003": {Slow: true}, "DE62370400440532013001": {Failure: "generic_could_not_process"},
		"DE78370400440532013004": {Failure: "generic_could_not_process", Slow: true}, "DE35370400440532013002": {Disputed: "debit_not_authorized"},
		"FR1420041010050500013M02606": {}, "FR3020041010050500013M02609": {Slow: true}, "FR8420041010050500013M02607": {Failure: "generic_could_not_process"},
		"FR7920041010050500013M02600": {Failure: "generic_could_not_process", Slow: true}, "FR5720041010050500013M02608": {Disputed: "debit_not_authorized"},
	}
	return fates[iban] // any other IBAN pays
}

func (r *request) newBankMethod(kind string) *paymentMethod {
	return &paymentMethod{ID: newID("pm"), Object: "payment_method", Created: r.unix(), Metadata: metadata{}, Type: kind}
}

func fingerprint(s string) string {
	sum := sha256.Sum256([]byte("fingerprint of " + s))
	return hex.EncodeToString(sum[:])[:16]
}

func (r *request) newUSBank(number, holder, kind string) *paymentMethod {
	fate := usFates()[number]
	m := r.newBankMethod("us_bank_account")
	m.Own.Bank = &fate
	m.USBankAccount = &usBank{HolderType: holder, AccountType: kind, Bank: "STRIPE TEST BANK", Fingerprint: fingerprint("us" + number),
		Last4: number[len(number)-4:], Networks: bankNets{Preferred: "ach", Supported: []string{"ach"}}, Routing: "110000000"}
	return m
}

// readUSBank reads a bank account; one that was linked at the bank (Financial Connections) is verified.
func (r *request) readUSBank(prefix string, who billing) (*paymentMethod, *apiError) {
	p := r.params
	holder := p.enum(prefix+"[account_holder_type]", "individual", "company")
	kind := p.enum(prefix+"[account_type]", "checking", "savings")
	if holder == "" {
		holder = "individual"
	}
	if kind == "" {
		kind = "checking"
	}
	if who.Name == "" {
		p.fail(missingParam("billing_details[name]"))
	}
	if linked := p.str(prefix + "[financial_connections_account]"); linked != "" && p.err == nil {
		m := r.newUSBank("000123456789", holder, kind)
		m.USBankAccount.Connections, m.Own.Verified = text(linked), true
		return m, nil
	}
	routing, number := p.required(prefix+"[routing_number]"), p.required(prefix+"[account_number]")
	if p.err != nil {
		return nil, p.err
	}
	if routing != "110000000" && routing != "110-000-000" {
		return nil, invalidRequest("routing_number_invalid", "The routing number provided is not valid for test mode: use 110000000.", prefix+"[routing_number]")
	}
	if _, ok := usFates()[number]; !ok {
		return nil, invalidRequest("account_number_invalid", "You must use a test bank account number in test mode. Try 000123456789.", prefix+"[account_number]")
	}
	return r.newUSBank(number, holder, kind), nil
}

// namedBankMethod makes the published payment methods of test accounts.
func (r *request) namedBankMethod(id string) (*paymentMethod, bool) {
	number, ok := usNames()[id]
	if !ok {
		return nil, false
	}
	m := r.newUSBank(number, "individual", "checking")
	m.Own.Verified, m.Billing.Name, m.Billing.Email = true, "Jenny Rosen", "jenny.rosen@example.com"
	return m, true
}

func (r *request) readSEPA(prefix string, who billing) (*paymentMethod, *apiError) {
	p := r.params
	iban := strings.ToUpper(strings.ReplaceAll(p.required(prefix+"[iban]"), " ", ""))
	if who.Name == "" {
		p.fail(missingParam("billing_details[name]"))
	}
	if who.Email == "" {
		p.fail(missingParam("billing_details[email]"))
	}
	if p.err != nil {
		return nil, p.err
	}
	if !validIBAN(iban) {
		return nil, invalidRequest("invalid_bank_account_iban", "The IBAN you entered is invalid.", prefix+"[iban]")
	}
	fate := sepaFate(iban)
	m := r.newBankMethod("sepa_debit")
	m.Own.Bank, m.Own.Verified = &fate, true
	m.SEPADebit = &sepaDebit{BankCode: text(iban[4:8]), Country: iban[:2], Fingerprint: fingerprint(iban), Last4: iban[len(iban)-4:]}
	return m, nil
}

// validIBAN checks an IBAN's check digits.
func validIBAN(iban string) bool {
	if len(iban) < 15 || len(iban) > 34 {
		return false
	}
	var digits strings.Builder
	for _, c := range iban[4:] + iban[:4] {
		switch {
		case c >= '0' && c <= '9':
			digits.WriteRune(c)
		case c >= 'A' && c <= 'Z':
			digits.WriteString(strconv.Itoa(int(c-'A') + 10))
		default:
			return false
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// mandate is a payer's consent to debits.
type mandate struct {
	ID            string         `json:"id"`
	Object        string         `json:"object"`
	Acceptance    map[string]any `json:"customer_acceptance"`
	Livemode      bool           `json:"livemode"`
	MultiUse      map[string]any `json:"multi_use"`
	PaymentMethod string         `json:"payment_method"`
	Details       map[string]any `json:"payment_method_details"`
	Status        string         `json:"status"`
	Type          string         `json:"type"`
}

func (r *request) newMandate(m *paymentMethod) *mandate {
	one := &mandate{ID: newID("mandate"), Object: "mandate", MultiUse: map[string]any{}, PaymentMethod: m.ID, Status: "active", Type: "multi_use",
		Acceptance: map[string]any{"accepted_at": r.unix(), "type": "online", "online": map[string]any{"ip_address": "127.0.0.1", "user_agent": "simulator"}},
		Details:    map[string]any{"type": m.Type, m.Type: map[string]any{}}}
	if m.SEPADebit != nil {
		one.Details[m.Type] = map[string]any{"reference": strings.ToUpper(randomText(16)), "url": "https://hooks.stripe.com/sepa_debit/file/" + one.ID}
	}
	r.account.Mandates.put(one.ID, one)
	return one
}

func (r *request) retrieveMandate() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	m, ok := r.account.Mandates.get(r.id)
	if !ok {
		return nil, noSuch("mandate", r.id, "id")
	}
	return m, nil
}

// mandateOf is the consent that a debit is made under: that of the method's set-up, or a new one.
func (r *request) mandateOf(m *paymentMethod) string {
	for _, id := range r.account.Mandates.Order {
		if r.account.Mandates.Rows[id].PaymentMethod == m.ID {
			return id
		}
	}
	return r.newMandate(m).ID
}

// needsMandate tells whether the payer's consent is missing.
func (r *request) needsMandate(m *paymentMethod, c confirmation) bool {
	return !c.Mandate && !m.Own.SetUp && !r.publishable // Stripe.js brings the consent by itself
}

const noMandate = "You must provide `mandate_data` (or a `mandate`) when confirming with this payment method: the customer's consent to the debit."

// confirmDebit begins a bank debit, or the verification of the account.
func (r *request) confirmDebit(pi *paymentIntent, m *paymentMethod, c confirmation) *apiError {
	if r.needsMandate(m, c) {
		return invalidRequest("payment_intent_mandate_invalid", noMandate, "mandate_data")
	}
	if !m.Own.Verified {
		pi.Status, pi.NextAction = requiresAction, r.microdepositAction(pi.ID, pi.ClientSecret)
		r.schedule(verifyTime, "verification_ends", pi.ID)
		r.emit("payment_intent.requires_action", pi)
		return nil
	}
	r.startDebit(pi, m)
	return nil
}

func (r *request) microdepositAction(id, secret string) *nextAction {
	return &nextAction{Type: "verify_with_microdeposits", Microdeposits: &microdeposits{Arrival: r.now.Add(arrivalTime).Unix(), Type: "amounts",
		URL: r.sim.baseURL(r.http) + "/_simulator/microdeposits/" + r.account.Suffix + "/" + id + "?client_secret=" + secret}}
}

// startDebit sends the debit to the bank; what comes of it is known days later.
func (r *request) startDebit(pi *paymentIntent, m *paymentMethod) {
	c := r.chargeOfIntent(pi, m)
	if details, ok := c.Details[m.Type].(map[string]any); ok {
		details["mandate"] = r.mandateOf(m)
	}
	c.Outcome = &outcome{NetworkStatus: "approved_by_network", RiskLevel: "not_assessed", SellerMessage: "Payment complete.", Type: "authorized"}
	r.account.Charges.put(c.ID, c)
	pi.LatestCharge, pi.Status, pi.NextAction = text(c.ID), processing, nil
	r.keepMethod(pi, m)
	r.emit("charge.pending", c)
	r.emit("payment_intent.processing", pi)
	delay := r.sim.options.SettleAfter
	if m.Own.Bank.Slow {
		delay += 3 * time.Minute
	}
	if !m.Own.Bank.Never {
		r.schedule(delay, "settle", c.ID)
	}
}

// settle ends a debit: the money comes, or it does not.
func (r *request) settle(c *charge) {
	pi, ok := r.account.PaymentIntents.get(string(c.PaymentIntent))
	if !ok || c.Status != "pending" || c.Own.Bank == nil {
		return
	}
	if code := c.Own.Bank.Failure; code != "" {
		d := decline{Code: code, Message: failureMessages()[code]}
		c.Status, c.FailureCode, c.FailureMessage = "failed", text(code), text(d.Message)
		r.emit("charge.failed", c)
		m, _ := r.account.Methods.get(string(c.PaymentMethod))
		r.failIntent(pi, newIntentError("invalid_request_error", d, c.ID, m))
		return
	}
	c.Status, c.Paid = "succeeded", true
	r.book(c, c.Amount)
	pi.Status, pi.AmountReceived = succeeded, pi.Amount
	r.emit("charge.succeeded", c)
	r.emit("payment_intent.succeeded", pi)
	if c.Own.Bank.Disputed != "" {
		d := r.dispute(c, c.Amount, c.Own.Bank.Disputed, false)
		r.decide(d, false) // a returned debit cannot be contested
	}
}

// confirmDebitSetup keeps a bank account, verified or to be verified.
func (r *request) confirmDebitSetup(si *setupIntent, m *paymentMethod, c confirmation) *apiError {
	if r.needsMandate(m, c) {
		return invalidRequest("payment_intent_mandate_invalid", noMandate, "mandate_data")
	}
	if !m.Own.Verified {
		si.Status, si.NextAction = requiresAction, r.microdepositAction(si.ID, si.ClientSecret)
		r.schedule(verifyTime, "verification_ends", si.ID)
		r.emit("setup_intent.requires_action", si)
		return nil
	}
	r.completeSetup(si, m)
	return nil
}

const (
	arrivalTime = 48 * time.Hour      // of micro-deposits
	verifyTime  = 10 * 24 * time.Hour // that the customer has for telling what arrived
)

// verification is what the published test values of micro-deposits mean.
type verification int

const (
	verifyWrong verification = iota
	verifyRight
	verifyExceeded // as if it had been wrong too often
	verifyTimeout  // as if the time had run out
)

// verifications are the published amounts, in order, and codes.
func verifications() map[string]verification {
	return map[string]verification{"32 45": verifyRight, "SM11AA": verifyRight, "10 11": verifyExceeded, "SM33CC": verifyExceeded,
		"40 41": verifyTimeout, "SM44DD": verifyTimeout}
}

// readMicrodeposits reads what the customer says that arrived.
func (r *request) readMicrodeposits() (said verification, e *apiError) {
	amounts, code := r.params.list("amounts"), r.params.str("descriptor_code")
	r.ignoreBrowser()
	if len(amounts) == 0 && code == "" {
		r.params.fail(missingParam("amounts"))
	}
	if len(amounts) > 0 && len(amounts) != 2 {
		r.params.fail(invalidParam("", "You must provide exactly two amounts.", "amounts"))
	}
	if e := r.params.finish(); e != nil {
		return verifyWrong, e
	}
	if code == "" {
		amounts = slices.Clone(amounts)
		slices.Sort(amounts)
		code = strings.Join(amounts, " ")
	}
	return verifications()[strings.ToUpper(code)], nil
}

// verifyAttempts is how often amounts may be wrong.
const verifyAttempts = 10

// microdepositError is the error of a verification that did not succeed, and tells whether it is the last.
func microdepositError(own *ownIntent, said verification) (e *apiError, last bool) {
	own.Attempts++
	if said == verifyTimeout {
		return verificationTimeout(), true
	}
	if said == verifyExceeded || own.Attempts >= verifyAttempts {
		return invalidRequest("payment_method_microdeposit_verification_attempts_exceeded", "You have exceeded the number of allowed verification attempts.", ""), true
	}
	return invalidRequest("payment_method_microdeposit_verification_amounts_mismatch",
		"The amounts provided do not match the amounts that were sent to the bank account. You have "+strconv.Itoa(verifyAttempts-own.Attempts)+" verification attempts remaining.", ""), false
}

func verificationTimeout() *apiError {
	return invalidRequest("payment_method_microdeposit_verification_timeout", "Microdeposit verification timed out. Customer did not verify their bank account within the required 10 day period.", "")
}

// endVerification gives up an intent whose micro-deposits nobody verified in time.
func (r *request) endVerification(id string) {
	e := verificationTimeout()
	over := func(n *nextAction) bool { // and it is not another try's
		return n != nil && n.Microdeposits != nil && r.now.Unix() >= n.Microdeposits.Arrival+int64((verifyTime-arrivalTime)/time.Second)
	}
	if pi, ok := r.account.PaymentIntents.get(id); ok && over(pi.NextAction) {
		m, _ := r.account.Methods.get(string(pi.PaymentMethod))
		r.failIntent(pi, newIntentError("invalid_request_error", decline{Code: e.Code, Message: e.Message}, "", m))
	}
	if si, ok := r.account.SetupIntents.get(id); ok && over(si.NextAction) {
		m, _ := r.account.Methods.get(string(si.PaymentMethod))
		r.failSetup(si, newIntentError("invalid_request_error", decline{Code: e.Code, Message: e.Message}, "", m))
	}
}

func (r *request) verifyPaymentIntent() (any, *apiError) {
	pi, e := r.paymentIntent()
	if e != nil {
		return nil, e
	}
	said, e := r.readMicrodeposits()
	if e != nil {
		return nil, e
	}
	if pi.NextAction == nil || pi.NextAction.Microdeposits == nil {
		return nil, unexpectedState("This PaymentIntent does not wait for the verification of micro-deposits.", pi)
	}
	m, e := r.method(string(pi.PaymentMethod), "payment_method")
	if e != nil {
		return nil, e
	}
	if said != verifyRight {
		e, last := microdepositError(&pi.Own, said)
		if last {
			failed := r.failIntent(pi, newIntentError("invalid_request_error", decline{Code: e.Code, Message: e.Message}, "", m))
			e.Intent = failed.Intent
		}
		return nil, e
	}
	m.Own.Verified = true
	r.startDebit(pi, m)
	return pi, nil
}

func (r *request) verifySetupIntent() (any, *apiError) {
	si, e := r.setupIntent()
	if e != nil {
		return nil, e
	}
	said, e := r.readMicrodeposits()
	if e != nil {
		return nil, e
	}
	if si.NextAction == nil || si.NextAction.Microdeposits == nil {
		return nil, setupUnexpectedState("This SetupIntent does not wait for the verification of micro-deposits.", si)
	}
	m, e := r.method(string(si.PaymentMethod), "payment_method")
	if e != nil {
		return nil, e
	}
	if said != verifyRight {
		e, last := microdepositError(&si.Own, said)
		if last {
			r.failSetup(si, newIntentError("invalid_request_error", decline{Code: e.Code, Message: e.Message}, "", m))
			e.Setup = si
		}
		return nil, e
	}
	r.completeSetup(si, m)
	return si, nil
}
