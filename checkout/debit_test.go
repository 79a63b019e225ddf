package checkout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"paytond/models"
	"paytond/models/currency"
	"paytond/models/modelstest"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/value"
)

// offerDebits has the shop take bank debits, in dollars too.
func (s *shop) offerDebits(t *testing.T) {
	t.Helper()
	modelstest.Do(t, s.db, func(tx *models.Tx) {
		a, j, c := paymentstripe.Account, payment.Journal, currency.Currency
		models.Must(a.Write(tx, []*models.Record{a.Get(tx, s.account.ID())}, a.StripePaymentMethods.To([]string{"card", "us_bank_account", "sepa_debit"})))
		usd, err := c.Create(tx, c.Name.To("US Dollar"), c.Code.To("USD"), c.Symbol.To("$"), c.Digits.To(2), c.Rounding.To(value.MustParse("0.01")))
		models.Must(err)
		s.dollars, err = j.Create(tx, j.Name.To("Stripe USD"), j.ProcessMethod.To("stripe"), paymentstripe.Journal.StripeAccount.To(s.account.ID()),
			j.Company.To(s.company), j.Currency.To(usd))
		models.Must(err)
	})
}

// choose picks a method of payment, and fills who pays.
func (p *tab) choose(method string) {
	p.t.Helper()
	p.waitFor(formReady)
	p.do(chromedp.Click("input[type=radio][value="+method+"]"), chromedp.WaitVisible("#email"))
	p.waitFor(formReady)
	p.fill("#name", "Bob Stone")
	p.fill("#email", "bob@example.com")
}

func (p *tab) fill(selector, text string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("document.querySelector('"+selector+"').select(), true")); err != nil {
		p.t.Fatal(err)
	}
	p.do(chromedp.KeyEvent(text))
}

// link opens the bank's window and presses a button in it: "link", "manual" or "cancel".
func (p *tab) link(how string) {
	p.t.Helper()
	if got := p.text("#submit"); got != "Choose bank account" {
		p.t.Errorf("the button says %q", got)
	}
	p.do(chromedp.Click("#submit"), chromedp.WaitVisible("#simulator-"+how), chromedp.Click("#simulator-"+how))
	p.waitFor(formReady)
}

// TestDebitPage pays by bank debits in Chromium.
func TestDebitPage(t *testing.T) {
	chrome := newBrowser(t)
	eachShop(t, func(t *testing.T, s *shop) {
		s.offerDebits(t)
		t.Run("SEPA", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.waitFor(formReady)
			page.do(chromedp.Click("input[type=radio][value=sepa_debit]"), chromedp.WaitVisible("[name=iban]"))
			page.waitFor(formReady)
			page.do(chromedp.Click("#submit"))
			if got := page.problem(); got != "Please enter the name of the account holder." {
				t.Errorf("without a name the page says %q", got)
			}
			page.choose("sepa_debit")
			page.fill("[name=iban]", "DE00370400440532013000")
			page.do(chromedp.Click("#submit"))
			if got := page.problem(); got != "The IBAN you entered is invalid." {
				t.Errorf("the page says %q", got)
			}
			page.fill("[name=iban]", "AT321904300235473204")
			consent := page.text("#consent-sepa_debit")
			for _, fact := range []string{"Reference <b>Company</b>", "Stripe", "1,042.50\u00a0EUR", "8 weeks", "2 days"} {
				if !strings.Contains(consent, fact) {
					t.Errorf("the consent lacks %q: %s", fact, consent)
				}
			}
			page.shoot("sepa")
			page.do(chromedp.Click("#submit"))
			if got := page.result(); got != "Your payment is under way" {
				t.Errorf("the page says %q", got)
			}
			page.shoot("sepa-under-way")
			s.expect(t, id, payment.Processing, "")
			s.sim.Advance(time.Hour)
			again := chrome.open(t, address)
			if got := again.result(); got != "Thank you, that is paid" {
				t.Errorf("later the page says %q", got)
			}
			s.expect(t, id, payment.Succeeded, "")
		})
		euros := s.journal
		s.journal = s.dollars
		defer func() { s.journal = euros }()
		t.Run("ACH", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.choose("us_bank_account")
			page.shoot("ach")
			page.link("cancel")
			page.link("link")
			if got := page.text("#account"); got != "Your account: STRIPE TEST BANK \u2022\u2022\u2022\u2022 6789" {
				t.Errorf("the page says %q", got)
			}
			if got := page.text("#consent-us_bank_account"); !strings.Contains(got, "1,042.50\u00a0USD") || !strings.Contains(got, "ACH") {
				t.Errorf("the consent is %q", got)
			}
			page.shoot("ach-consent")
			page.do(chromedp.Click("#submit"))
			if got := page.result(); got != "Your payment is under way" && got != "Thank you, that is paid" {
				t.Errorf("the page says %q", got)
			}
			s.sim.Advance(time.Hour)
			chrome.open(t, address).result()
			s.expect(t, id, payment.Succeeded, "")
		})
		t.Run("ACH by micro-deposits", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.choose("us_bank_account")
			page.link("manual")
			page.do(chromedp.Click("#submit"))
			if got := page.result(); got != "One more step: verify your bank account" {
				t.Fatalf("the page says %q", got)
			}
			page.shoot("verify")
			s.expect(t, id, payment.Processing, "")
			again := chrome.open(t, address) // days later
			again.result()
			again.do(chromedp.Click("#result-link a"), chromedp.WaitVisible("#simulator-verify"))
			again.deposits("1", "2")
			again.do(chromedp.WaitVisible("#problem"))
			again.deposits("32", "45")
			again.do(chromedp.WaitVisible("#message"))
			s.sim.Advance(time.Hour)
			if got := chrome.open(t, address).result(); got != "Thank you, that is paid" {
				t.Errorf("verified, the page says %q", got)
			}
			s.expect(t, id, payment.Succeeded, "")
		})
		t.Run("ACH by micro-deposits, then a card instead", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.choose("us_bank_account")
			page.link("manual")
			page.do(chromedp.Click("#submit"))
			page.result()
			again := chrome.open(t, address)
			again.result()
			again.do(chromedp.Click("#other summary"))
			again.shoot("verify-or-other")
			again.pay("4000000000009995")
			if got := again.problem(); got != "Your card has insufficient funds." {
				t.Errorf("the page says %q", got)
			}
			again.pay("4242424242424242")
			again.waitFor("document.getElementById('other').hidden")
			if got := again.result(); got != "Thank you, that is paid" {
				t.Errorf("by card, the page says %q", got)
			}
			s.expect(t, id, payment.Succeeded, "")
		})
		t.Run("an account is registered", func(t *testing.T) {
			id, address := s.registering(t)
			page := chrome.open(t, address)
			page.choose("us_bank_account")
			page.link("link")
			page.shoot("register-account")
			page.do(chromedp.Click("#submit"))
			if got := page.result(); got != "Thank you, that is registered" {
				t.Errorf("the page says %q", got)
			}
			if got := s.text(t, customers, id, "stripe_mandate"); !strings.HasPrefix(got, "mandate_") {
				t.Errorf("the mandate is %q", got)
			}
		})
	})
}

// deposits enters the amounts that arrived on Stripe's page.
func (p *tab) deposits(first, second string) {
	p.t.Helper()
	p.do(chromedp.SendKeys("[aria-label='First amount']", first), chromedp.SendKeys("[aria-label='Second amount']", second), chromedp.Click("#simulator-verify"))
}
