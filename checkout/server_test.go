package checkout_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/models/value"
	"paytond/stripe"
	"paytond/stripe/simulator"
)

// shop is a database with a company that takes cards through the simulator, and the pages where its customers pay.
type shop struct {
	db      *models.Database
	sim     *simulator.Simulator
	gateway *stripe.Gateway
	url     string // of the pages

	account, journal, bob *models.Record // of the transaction that made them: for their ids
	dollars               *models.Record // the journal in dollars, with shop.offerDebits
	company               int64
}

// Get serves the one database of the shop.
func (s *shop) Get(_ context.Context, name string) (*models.Database, error) {
	if name != s.db.Name() {
		return nil, models.NotFoundError("no database %q", name)
	}
	return s.db, nil
}

// eachShop runs a test with a shop on each kind of database.
func eachShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	var world shop
	var stripeURL string
	var engine *paymentstripe.Engine
	modelstest.Each(t, ir.NewAccess(res.RuleContext), func() []*models.Module {
		sim, server, gateway := startSimulator(t)
		world, stripeURL = shop{sim: sim, gateway: gateway}, server.URL+"/v3/"
		engine = paymentstripe.NewEngine(paymentstripe.Config{Gateway: gateway, JSURL: stripeURL})
		t.Cleanup(engine.Close)
		return []*models.Module{ir.Module(), res.Module(), country.Module(), currency.Module(), party.Module(), company.Module(),
			payment.AccountModule(), payment.Module(), paymentstripe.Module(engine)}
	}, func(t *testing.T, db *models.Database) {
		s := world
		s.db = db
		modelstest.Do(t, db, func(tx *models.Tx) { models.Must(s.open(tx)) })
		s.url = serve(t, engine, &s, stripeURL)
		test(t, &s)
	})
}

// open makes the company, its Stripe account and journal, and a customer.
func (s *shop) open(tx *models.Tx) error {
	euro, err := currency.Currency.Create(tx, currency.Currency.Name.To("Euro"), currency.Currency.Code.To("EUR"), currency.Currency.Symbol.To("€"),
		currency.Currency.Digits.To(2), currency.Currency.Rounding.To(value.MustParse("0.01")))
	if err != nil {
		return err
	}
	own, err := party.Party.Create(tx, party.Party.Name.To("Reference <b>Company</b>"))
	if err != nil {
		return err
	}
	if s.bob, err = party.Party.Create(tx, party.Party.Name.To("Bob Stone")); err != nil {
		return err
	}
	made, err := company.Company.Create(tx, company.Company.Party.To(own), company.Company.Currency.To(euro))
	if err != nil {
		return err
	}
	s.company = made.ID()
	a, j := paymentstripe.Account, payment.Journal
	if s.account, err = a.Create(tx, a.Name.To("Stripe Test"), a.SecretKey.To(secretKey), a.PublishableKey.To(publishableKey),
		a.WebhookIdentifier.To(goodWebhook)); err != nil {
		return err
	}
	s.journal, err = j.Create(tx, j.Name.To("Stripe EUR"), j.ProcessMethod.To("stripe"), paymentstripe.Journal.StripeAccount.To(s.account),
		j.Company.To(made), j.Currency.To(euro))
	return err
}

// waiting makes a payment of 1,042.50 EUR by Bob that waits for him in processing, and gives its id and the address of its page.
func (s *shop) waiting(t *testing.T) (id int64, page string) {
	t.Helper()
	err := modelstest.Try(s.db, models.Request{Context: map[string]any{"company": s.company}}, func(tx *models.Tx) error {
		p := payment.Payment
		made, err := p.Create(tx, p.Journal.To(s.journal.ID()), p.Kind.To(payment.Receivable), p.Party.To(s.bob.ID()),
			p.Amount.To(value.MustParse("1042.50")), p.Description.To(`Order "1001" & <i>more</i>`))
		if err != nil {
			return err
		}
		id = made.ID()
		return p.Approve(tx, []*models.Record{made})
	})
	if err != nil {
		t.Fatal(err)
	}
	page = s.press(t, "account.payment", id)
	s.process(t, id)
	return id, page
}

// process puts a payment in processing, as the clerk does when its day has come.
func (s *shop) process(t *testing.T, id int64) {
	t.Helper()
	modelstest.Do(t, s.db, func(tx *models.Tx) {
		_, err := payment.Group.Process(tx, []*models.Record{payment.Payment.Get(tx, id)})
		models.Must(err)
	})
}

// registering makes a Stripe customer of Bob's without a card.
func (s *shop) registering(t *testing.T) (id int64, page string) {
	t.Helper()
	modelstest.Do(t, s.db, func(tx *models.Tx) {
		c := paymentstripe.Customer
		made, err := c.Create(tx, c.Party.To(s.bob.ID()), c.StripeAccount.To(s.account.ID()))
		models.Must(err)
		id = made.ID()
	})
	return id, s.press(t, "account.payment.stripe.customer", id)
}

// press presses the checkout button of a record and gives the address of the page that it opens.
func (s *shop) press(t *testing.T, model string, id int64) string {
	t.Helper()
	if _, err := modelstest.Call(s.db, 0, map[string]any{"company": s.company}, model, "stripe_checkout", []any{id}); err != nil {
		t.Fatal(err)
	}
	return s.url + "/" + s.db.Name() + "/account_payment_stripe/checkout/" + model + "/" + s.text(t, model, id, "stripe_checkout_id")
}

// text reads a field.
func (s *shop) text(t *testing.T, model string, id int64, field string) (text string) {
	t.Helper()
	modelstest.Do(t, s.db, func(tx *models.Tx) {
		text, _ = tx.Class(model).Browse(tx, []int64{id})[0].Get(field).(string)
	})
	return text
}

// expect compares fields of a payment.
func (s *shop) expect(t *testing.T, id int64, state, errorCode string) {
	t.Helper()
	if got := s.text(t, "account.payment", id, "state"); got != state {
		t.Errorf("the payment is %s, want %s", got, state)
	}
	if got := s.text(t, "account.payment", id, "stripe_error_code"); got != errorCode {
		t.Errorf("the payment's error is %q, want %q", got, errorCode)
	}
}

// paid counts the money that the simulator took, in cents.
func (s *shop) paid() (total int64) {
	for _, line := range s.sim.Ledger() {
		total += line.Captured
	}
	return total
}

// TestCheckout pays and registers in Chromium, and looks at the records afterwards.
func TestCheckout(t *testing.T) {
	chrome := newBrowser(t)
	eachShop(t, func(t *testing.T, s *shop) {
		t.Run("success", func(t *testing.T) {
			id, address := s.waiting(t)
			page, before := chrome.open(t, address), s.paid()
			page.waitFor(formReady)
			if got := page.text("h1"); got != "Payment to Reference <b>Company</b>" {
				t.Errorf("heading %q", got)
			}
			if got := page.text("dd"); got != `Order "1001" & <i>more</i>` {
				t.Errorf("description %q", got)
			}
			if got := page.text("#submit"); got != "Pay 1,042.50\u00a0EUR" {
				t.Errorf("button %q", got)
			}
			page.pay("4242424242424242")
			if got := page.result(); got != "Thank you, that is paid" {
				t.Errorf("the page says %q", got)
			}
			page.shoot("paid")
			s.expect(t, id, payment.Succeeded, "")
			again := chrome.open(t, address)
			if got := again.result(); got != "Thank you, that is paid" {
				t.Errorf("opened again, the page says %q", got)
			}
			if got := s.paid() - before; got != 104250 {
				t.Errorf("%d cents were taken", got)
			}
		})
		t.Run("declined, then another card", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.pay("4000000000009995")
			if got := page.problem(); got != "Your card has insufficient funds." {
				t.Errorf("the page says %q", got)
			}
			page.shoot("declined")
			if got := s.text(t, "account.payment", id, "state"); got == payment.Succeeded {
				t.Errorf("the payment is %s", got)
			}
			page.pay("4242424242424242")
			if got := page.result(); got != "Thank you, that is paid" {
				t.Errorf("with another card, the page says %q", got)
			}
			s.expect(t, id, payment.Succeeded, "")
		})
		t.Run("3-D Secure", func(t *testing.T) {
			id, address := s.waiting(t)
			page := chrome.open(t, address)
			page.pay("4000002760003184")
			page.waitFor("document.getElementById('simulator-fail')")
			page.shoot("3d-secure")
			page.authenticate("fail")
			if got := page.problem(); !strings.HasPrefix(got, "We are unable to authenticate your payment method.") {
				t.Errorf("the page says %q", got)
			}
			if got := s.text(t, "account.payment", id, "state"); got == payment.Succeeded {
				t.Errorf("the payment is %s", got)
			}
			page.pay("4000002760003184")
			page.authenticate("complete")
			if got := page.result(); got != "Thank you, that is paid" {
				t.Errorf("the page says %q", got)
			}
			s.expect(t, id, payment.Succeeded, "")
		})
		t.Run("a card is registered", func(t *testing.T) {
			id, address := s.registering(t)
			page := chrome.open(t, address)
			page.pay("4000000000000002")
			if got := page.problem(); got != "Your card was declined." {
				t.Errorf("the page says %q", got)
			}
			page.pay("4000002500003155")
			page.authenticate("complete")
			if got := page.result(); got != "Thank you, your card is registered" {
				t.Errorf("the page says %q", got)
			}
			page.shoot("registered")
			if got := s.text(t, "account.payment.stripe.customer", id, "stripe_customer_id"); !strings.HasPrefix(got, "cus_") {
				t.Errorf("the customer is %q at Stripe", got)
			}
		})
	})
}

// TestLanguageOfTheParty wants the customer's language, whatever the browser asks for.
func TestLanguageOfTheParty(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		modelstest.Do(t, s.db, func(tx *models.Tx) {
			models.Must(party.Party.Write(tx, []*models.Record{party.Party.Get(tx, s.bob.ID())}, party.Party.Lang.To(ir.Language(tx, "de").ID())))
		})
		_, payment := s.waiting(t)
		_, customer := s.registering(t)
		for _, address := range []string{payment, customer} {
			r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Language", "fr")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if got := answer.Header.Get("Content-Language"); answer.StatusCode != http.StatusOK || got != "de" {
				t.Errorf("%s: %s in %q, want German", address, answer.Status, got)
			}
		}
	})
}

// TestBrowserIsNotBelieved posts what a browser might, without paying.
func TestBrowserIsNotBelieved(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		id, address := s.waiting(t)
		for _, body := range []string{"", "state=paid&status=succeeded", `{"state":"paid"}`, "payment_intent=pi_other&redirect_status=succeeded"} {
			answer, err := http.Post(address, "application/x-www-form-urlencoded", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%q: %s", body, answer.Status)
			}
		}
		answer, err := http.Get(address + "?payment_intent=pi_other&redirect_status=succeeded")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := s.text(t, "account.payment", id, "state"); got != payment.Approved && got != payment.Processing {
			t.Errorf("the payment is %s", got)
		}
		for _, forged := range []string{address[:len(address)-1] + "x", strings.ToUpper(address[len(s.url):]), address + "%00", address + "%25",
			strings.Replace(address, "account.payment/", "account.payment.stripe.customer/", 1)} {
			if !strings.HasPrefix(forged, "http") {
				forged = s.url + forged
			}
			answer, err := http.Get(forged)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s", forged, answer.Status)
			}
		}
	})
}

// TestWebhook has the simulator tell of a payment that no page told of.
func TestWebhook(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		hook := s.url + "/" + s.db.Name() + "/account_payment_stripe/webhook/" + goodWebhook
		secret, err := s.sim.AddEndpoint(secretKey, simulator.Endpoint{URL: hook})
		if err != nil {
			t.Fatal(err)
		}
		modelstest.Do(t, s.db, func(tx *models.Tx) {
			models.Must(paymentstripe.Account.Write(tx, []*models.Record{paymentstripe.Account.Get(tx, s.account.ID())},
				paymentstripe.Account.WebhookSigningSecret.To(secret)))
		})
		id, _ := s.waiting(t)
		s.payElsewhere(t, id)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := s.sim.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		s.expect(t, id, payment.Succeeded, "")

		payload := `{"id":"evt_forged","object":"event","type":"charge.refunded","data":{"object":{"id":"ch_1","object":"charge"}}}`
		for name, header := range map[string]string{"not signed": "", "signed by another": stripe.SignatureHeader([]byte(payload), "whsec_other", time.Now()),
			"old": stripe.SignatureHeader([]byte(payload), secret, time.Now().Add(-time.Hour)), "nonsense": "t=,v1=zz"} {
			if got := s.post(t, hook, payload, header); got != http.StatusBadRequest {
				t.Errorf("an event %s: %d", name, got)
			}
		}
		if got := s.post(t, hook, "{", stripe.SignatureHeader([]byte("{"), secret, time.Now())); got != http.StatusBadRequest {
			t.Errorf("half an event: %d", got)
		}
		if got := s.post(t, strings.Replace(hook, "fedc", "0000", 1), payload, ""); got != http.StatusNotFound {
			t.Errorf("an unknown webhook: %d", got)
		}
		signed := stripe.SignatureHeader([]byte(payload), secret, time.Now())
		for range 2 {
			if got := s.post(t, hook, payload, signed); got != http.StatusNoContent {
				t.Errorf("an event that is signed: %d", got)
			}
		}
	})
}

// payElsewhere pays a payment's intent with no page of ours open.
func (s *shop) payElsewhere(t *testing.T, id int64) {
	t.Helper()
	intent := s.text(t, "account.payment", id, "stripe_payment_intent_id")
	if _, err := s.gateway.Account(secretKey).ConfirmPaymentIntent(t.Context(), t.Name(), intent, stripe.ConfirmParams{PaymentMethod: "pm_card_visa"}); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) post(t *testing.T, url, body, signature string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Stripe-Signature", signature)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
