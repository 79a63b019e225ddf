package paymentstripe

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/stripe"
)

// Status is where a checkout page's matter stands.
type Status string

// The statuses of a page.
const (
	StatusOpen        Status = "open"       // the customer can pay, or add a card
	StatusVerify      Status = "verify"     // the customer is to prove that a bank account is his, see VerifyURL
	StatusProcessing  Status = "processing" // the bank takes its time
	StatusAuthorized  Status = "authorized" // the amount is reserved
	StatusPaid        Status = "paid"
	StatusSaved       Status = "saved" // the card was added
	StatusFailed      Status = "failed"
	StatusUnavailable Status = "unavailable" // Stripe cannot be reached, or refuses: later perhaps
)

// Page is what a checkout page shows.
type Page struct {
	Status         Status
	Setup          bool   // a card is added; nothing is paid
	Payee          string // name of the company
	Party          string
	Description    string
	Amount         string // "42.50", with the currency's decimals; "" where nothing is paid
	Currency       string // "EUR"
	Message        string // what Stripe said of the last try, for the customer to read
	Language       string // code of the party's language, such as "fr"; "" if it has none
	PublishableKey string
	ClientSecret   string // with StatusOpen, and with StatusVerify for who would rather pay another way; never to be logged

	MethodTypes []string // that can be chosen, such as "card", "us_bank_account"; with a ClientSecret
	Reusable    bool     // what is paid with is kept for later payments: the customer's consent is for these too
	Debit       bool     // it is paid by a bank debit, which takes days
	VerifyURL   string   // with StatusVerify: the page of Stripe where he does it
	VerifyFrom  time.Time

	JSURL string // address of Stripe.js
}

// CheckoutPage gives the page with the token of a record of the model, and makes the intent at Stripe if there is none yet. The error is
// of kind NotFound for a model without pages and for a token that is not (or no more) good.
func (e *Engine) CheckoutPage(ctx context.Context, db *models.Database, model, token string) (*Page, error) {
	return e.page(ctx, db, model, token, forCheckout)
}

// CheckoutRefresh brings the record up to date from Stripe, whatever the browser says, and gives its page.
func (e *Engine) CheckoutRefresh(ctx context.Context, db *models.Database, model, token string) (*Page, error) {
	return e.page(ctx, db, model, token, forRefresh)
}

func (e *Engine) page(ctx context.Context, db *models.Database, model, token string, p purpose) (*Page, error) {
	q := map[string]*queue{"account.payment": payments, "account.payment.stripe.customer": customers}[model]
	if q == nil {
		return nil, models.NotFoundError("there is no such page")
	}
	id, err := e.pageRecord(ctx, db, model, token, p)
	if err != nil {
		return nil, err
	}
	result, callErr := e.do(ctx, db, q, id, p)
	if canceled(result) { // the intent ran out at Stripe, and is forgotten now
		result, callErr = e.do(ctx, db, q, id, p)
	}
	if callErr != nil && stripe.AsError(callErr) == nil && !errors.Is(callErr, errUnsettled) && !errors.Is(callErr, errBusy) {
		return nil, callErr
	}
	var page *Page
	err = db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		r := tx.Class(model).Browse(tx, []int64{id})[0]
		if q == payments {
			page = paymentPage(r)
		} else {
			page = setupPage(r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	page.JSURL = e.jsURL
	page.finish(result, callErr)
	return page, nil
}

func canceled(result any) bool {
	switch v := result.(type) {
	case *stripe.PaymentIntent:
		return v.Status == stripe.Canceled
	case *stripe.SetupIntent:
		return v.Status == stripe.Canceled
	}
	return false
}

// finish adds what the last call to Stripe gave.
func (p *Page) finish(result any, err error) {
	switch v := result.(type) {
	case *stripe.PaymentIntent:
		p.ClientSecret, p.MethodTypes, p.Reusable = v.ClientSecret, v.MethodTypes, v.SaveForLater
	case *stripe.SetupIntent:
		p.ClientSecret, p.MethodTypes, p.Reusable = v.ClientSecret, v.MethodTypes, true
		if v.Status == stripe.Succeeded {
			p.Status = StatusSaved
		}
	case *stripe.Customer, registered: // made with the card that was added
		p.Status = StatusSaved
	}
	if p.Status != StatusOpen && p.Status != StatusVerify || err != nil {
		p.ClientSecret, p.MethodTypes = "", nil
	}
	if p.Status == StatusOpen && p.ClientSecret == "" {
		p.Status, p.MethodTypes = StatusUnavailable, nil
	}
}

// pageRecord finds the record with the token. Who was on the page before its link ran out may come back to it.
func (e *Engine) pageRecord(ctx context.Context, db *models.Database, model, token string, p purpose) (id int64, err error) {
	err = db.Transact(ctx, models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		r := findByToken(tx, model, "stripe_checkout_id", token)
		most := e.linkAge
		if p == forRefresh && most >= 0 {
			most += lateReturn
		}
		if r == nil || linkEnded(tx, token, most) {
			return models.NotFoundError("there is no such page")
		}
		id = r.ID()
		return nil
	})
	return id, err
}

// findByToken finds the record whose field is the token, nil if there is none.
func findByToken(tx *models.Tx, model, field, token string) *models.Record {
	if len(token) < 32 || len(token) > 64 { // the peer's have 32, ours for pages 40
		return nil
	}
	c := tx.Class(model)
	for _, r := range c.SearchRecords(tx, domain.C(field, domain.Equal, token)) {
		if have, _ := r.Get(field).(string); subtle.ConstantTimeCompare([]byte(have), []byte(token)) == 1 {
			return r
		}
	}
	return nil
}

func paymentPage(r *models.Record) *Page {
	base, x := payment.Payment, Payment
	p := &Page{Payee: company.Company.Party.Of(base.Company.Of(r)).Name(), Party: base.Party.Of(r).Name(), Description: base.Description.Of(r),
		Amount: base.Amount.Of(r).Quantize(int(base.CurrencyDigits.Of(r))).Plain(), Currency: currencyCode(r), Status: StatusOpen}
	p.Language, p.Debit = languageOf(base.Party.Of(r), base.Company.ID(r)), isDebit(x.StripeMethodType.Of(r))
	if account := accountOf(base.Journal.Of(r)); account != nil {
		p.PublishableKey = Account.PublishableKey.Of(account)
	}
	switch status := x.StripeStatus.Of(r); {
	case base.State.Of(r) == payment.Succeeded, status == stripe.Succeeded && x.StripeCaptured.Of(r):
		p.Status = StatusPaid
	case base.State.Of(r) == payment.Failed, base.State.Of(r) == payment.Draft:
		p.Status = StatusFailed
	case status == stripe.RequiresCapture:
		p.Status = StatusAuthorized
	case ranks[status] == 2:
		p.Status = StatusProcessing
	case status == stripe.RequiresAction && x.StripeVerifyURL.Of(r) != "":
		p.Status, p.VerifyURL, p.VerifyFrom = StatusVerify, x.StripeVerifyURL.Of(r), x.StripeVerifyArrival.Of(r)
	case x.StripePaymentIntentID.Of(r) != "":
		p.Message = x.StripeErrorMessage.Of(r)
	}
	return p
}

// languageOf is the language of a party, "" for none: each company may have set another.
func languageOf(r *models.Record, company int64) string {
	tx := r.Tx()
	if company > 0 {
		tx = tx.With(map[string]any{"company": company})
	}
	if lang := party.Party.Lang.Of(party.Party.Get(tx, r.ID())); lang != nil {
		return ir.Languages.Code.Of(lang)
	}
	return ""
}

// companyOf is the company that takes payments by an account, the first of several, 0 for none.
func companyOf(account *models.Record) int64 {
	for _, j := range payment.Journal.Search(account.Tx(), Journal.StripeAccount.Eq(account.ID()), models.OrderBy("id"), models.Limit(1)) {
		return payment.Journal.Company.ID(j)
	}
	return 0
}

func setupPage(r *models.Record) *Page {
	x := Customer
	p := &Page{Setup: true, Debit: x.StripeMandate.Of(r) != "", Language: languageOf(x.Party.Of(r), companyOf(x.StripeAccount.Of(r))), Party: x.Party.Of(r).Name(), Status: StatusOpen, Message: x.StripeErrorMessage.Of(r),
		PublishableKey: Account.PublishableKey.Of(x.StripeAccount.Of(r)), Payee: Account.Name.Of(x.StripeAccount.Of(r))}
	switch {
	case !x.Active.Of(r):
		p.Status = StatusFailed
	case x.StripeStatus.Of(r) == stripe.Succeeded:
		p.Status = StatusSaved
	case x.StripeStatus.Of(r) == stripe.RequiresAction && x.StripeVerifyURL.Of(r) != "":
		p.Status, p.VerifyURL, p.VerifyFrom = StatusVerify, x.StripeVerifyURL.Of(r), x.StripeVerifyArrival.Of(r)
	}
	return p
}
