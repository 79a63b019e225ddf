package simulator

import (
	"net/http"
	"regexp"
	"strings"
)

// account is all that one set of keys can see.
type account struct {
	ID              string                      `json:"id"`
	Suffix          string                      `json:"suffix"` // what its keys end in
	Customers       table[*customer]            `json:"customers"`
	Cards           table[*card]                `json:"cards"` // of customers, the older way
	Sources         table[*source]              `json:"sources"`
	Tokens          table[*token]               `json:"tokens"`
	Methods         table[*paymentMethod]       `json:"payment_methods"`
	SetupIntents    table[*setupIntent]         `json:"setup_intents"`
	PaymentIntents  table[*paymentIntent]       `json:"payment_intents"`
	Charges         table[*charge]              `json:"charges"`
	Refunds         table[*refund]              `json:"refunds"`
	Disputes        table[*dispute]             `json:"disputes"`
	Mandates        table[*mandate]             `json:"mandates"`
	BalanceEntries  table[*balanceTransaction]  `json:"balance_transactions"`
	Payouts         table[*payout]              `json:"payouts"`
	Events          table[*event]               `json:"events"`
	Endpoints       table[*endpoint]            `json:"webhook_endpoints"`
	IdempotencyKeys map[string]*idempotencyMark `json:"idempotency_keys"`
	Due             []due                       `json:"due"`
}

var keyFormat = regexp.MustCompile(`^(sk|rk|pk)_test_([A-Za-z0-9_]+)$`)

// authenticate finds the account of a request's key; publishable keys open only what Stripe.js may ask.
func (s *Simulator) authenticate(r *http.Request, form map[string][]string) (a *account, publishable bool, e *apiError) {
	key := requestKey(r, form)
	if key == "" {
		return nil, false, unauthorized("You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.")
	}
	m := keyFormat.FindStringSubmatch(key)
	if m == nil {
		return nil, false, unauthorized("Invalid API Key provided: " + maskKey(key))
	}
	if s.revoked[key] {
		e := unauthorized("Expired API Key provided: " + maskKey(key))
		e.Code = "api_key_expired"
		return nil, false, e
	}
	return s.account(m[2]), m[1] == "pk", nil
}

// requestKey reads the key from the header (Bearer or Basic) or, as Stripe.js sends it, from the form.
func requestKey(r *http.Request, form map[string][]string) string {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(key)
	}
	if user, _, ok := r.BasicAuth(); ok {
		return user
	}
	if v := form["key"]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// maskKey shows of a key what Stripe shows: its beginning and its last four characters.
func maskKey(key string) string {
	if len(key) <= 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// account returns the account whose keys end in suffix, a new one where there is none. The lock is held.
func (s *Simulator) account(suffix string) *account {
	a := s.accounts[suffix]
	if a == nil {
		a = &account{ID: "acct_" + randomText(16), Suffix: suffix, IdempotencyKeys: map[string]*idempotencyMark{}}
		s.configureEndpoints(a)
		s.accounts[suffix] = a
		s.dirty = true
	}
	return a
}

// accountObject is the account itself, as GET /v1/account shows it.
func accountObject(a *account) map[string]any {
	return map[string]any{"id": a.ID, "object": "account", "type": "standard", "country": "BE", "default_currency": "eur",
		"email": "shop@example.com", "charges_enabled": true, "payouts_enabled": true, "details_submitted": true,
		"business_profile": map[string]any{"name": "Simulated " + a.Suffix, "mcc": nil, "product_description": nil,
			"support_address": nil, "support_email": nil, "support_phone": nil, "support_url": nil, "url": nil},
		"business_type": "company", "created": 1500000000, "metadata": map[string]any{},
		"capabilities": map[string]any{"card_payments": "active", "transfers": "active", "us_bank_account_ach_payments": "active", "sepa_debit_payments": "active"},
	}
}

func (r *request) retrieveAccount() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return accountObject(r.account), nil
}
