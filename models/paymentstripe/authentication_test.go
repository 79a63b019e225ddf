package paymentstripe_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
)

// reach gives a party an e-mail address, and a language by its code.
func (w *world) reach(owner int64, address, language string) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		c := party.ContactMechanism
		_, err := c.Create(tx, c.Party.To(owner), c.Type.To("email"), c.Value.To(address))
		models.Must(err)
		if language != "" {
			lang := ir.Languages.Search(tx, ir.Languages.Code.Eq(language))
			models.Must(party.Party.Write(tx, party.Party.Browse(tx, owner), party.Party.Lang.To(lang[0].ID())))
		}
	})
}

// mails sends what is queued, and gives it.
func (w *world) mails() (sent []ir.Mail) {
	w.t.Helper()
	err := ir.SendQueue(func(_ context.Context, m ir.Mail) error {
		sent = append(sent, m)
		return nil
	})(context.Background(), w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	return sent
}

// notes are the notes on a payment.
func (w *world) notes(id int64) []string {
	w.t.Helper()
	list := []string{}
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		list = list[:0]
		for _, r := range ir.Notes.Search(tx, domain.C("resource", domain.Equal, fmt.Sprintf("account.payment,%d", id))) {
			list = append(list, ir.Notes.Message.Of(r))
		}
	})
	return list
}

// declinedForAuthentication processes a payment that the bank wants to be authenticated.
func (w *world) declinedForAuthentication(customer string) int64 {
	w.t.Helper()
	w.customer(w.alice, customer, "pm_card_authenticationRequired")
	id := w.approved(w.alice, "1234.50", map[string]any{"description": "Order <7>"})
	w.process(id)
	w.post()
	if state := w.state(id); state != "processing" {
		w.t.Fatalf("the payment is %s", state)
	}
	return id
}

func TestCustomerIsAskedToAuthenticateOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reach(w.alice, "alice@example.com", "de")
		id := w.declinedForAuthentication("cus_alice")
		// Stripe tells of it again, and is asked again.
		w.run("account.payment.stripe.account|fetch_events")
		w.now()
		w.post()
		token, _ := w.payment(id, "stripe_checkout_id")["stripe_checkout_id"].(string)
		w.refresh("account.payment", token)
		sent := w.mails()
		if len(sent) != 1 {
			t.Fatalf("%d e-mails were sent", len(sent))
		}
		m := sent[0]
		want := []string{`"Alice Martin" <alice@example.com>`, "Bitte bestätigen Sie Ihre Zahlung von 1.234,50 EUR an Reference Company", fmt.Sprintf("account.payment,%d", id)}
		if diff := cmp.Diff(want, []string{strings.Join(m.To, ","), m.Subject, m.About.String()}); diff != "" {
			t.Errorf("e-mail (-want +got):\n%s", diff)
		}
		link := "http://pay.example/" + w.db.Name() + "/account_payment_stripe/checkout/account.payment/" + token
		if !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, `href="`+link+`"`) || !strings.Contains(m.Text, "Wofür: Order <7>") ||
			!strings.Contains(m.HTML, "Order &lt;7&gt;") || strings.Contains(m.Text+m.HTML, "%!") {
			t.Errorf("the e-mail is\n%s\n%s", m.Text, m.HTML)
		}
		if notes := w.notes(id); len(notes) > 0 {
			t.Errorf("notes %q", notes)
		}

		// The link lets him pay; that he authenticates himself on the page needs no e-mail.
		page := w.page("account.payment", token)
		w.confirm(page.ClientSecret, "pm_card_visa")
		w.refresh("account.payment", token)
		w.run("account.payment.stripe.account|fetch_events")
		if state := w.state(id); state != "succeeded" {
			t.Errorf("the payment is %s", state)
		}
		if more := w.mails(); len(more) > 0 {
			t.Errorf("then came %v", more)
		}
	})
}

// Two payments are two e-mails, and who gets none by e-mail today is still asked once each.
func TestEachPaymentAsksOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reach(w.alice, "alice@example.com", "")
		w.customer(w.alice, "cus_alice", "pm_card_authenticationRequired")
		first, second := w.approved(w.alice, "1.00", nil), w.approved(w.alice, "2.00", nil)
		w.process(first, second)
		w.post()
		subjects := map[string]int{}
		for _, m := range w.mails() {
			subjects[m.Subject]++
		}
		want := map[string]int{"Please confirm your payment of 1.00 EUR to Reference Company": 1, "Please confirm your payment of 2.00 EUR to Reference Company": 1}
		if diff := cmp.Diff(want, subjects); diff != "" {
			t.Errorf("subjects (-want +got):\n%s", diff)
		}
	})
}

// A customer on the checkout page is asked by his browser, not by e-mail.
func TestNobodyIsMailedOnThePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reach(w.alice, "alice@example.com", "")
		w.customer(w.alice, "cus_alice")
		id := w.approved(w.alice, "12.00", nil)
		token := w.checkout("account.payment", id)
		w.process(id)
		w.post()
		page := w.page("account.payment", token)
		w.confirm(page.ClientSecret, "pm_card_threeDSecure2Required")
		w.refresh("account.payment", token)
		if status := w.payment(id, "stripe_status")["stripe_status"]; status != "requires_action" {
			t.Fatalf("the intent is %v", status)
		}
		w.run("account.payment.stripe.account|fetch_events")
		if sent := w.mails(); len(sent) > 0 {
			t.Errorf("sent %v", sent)
		}
	})
}

// Who cannot be asked leaves a note for people, once; what Stripe said stays on the form.
func TestCustomerWhoCannotBeAsked(t *testing.T) {
	for from, test := range map[string]struct{ address, want string }{
		"shop@example.com": {"", "The party has no good e-mail address."},
		"":                 {"alice@example.com", "The server has no mail server configured."},
	} {
		eachWithMail(t, from, func(t *testing.T, w *world) {
			if test.address != "" {
				w.reach(w.alice, test.address, "")
			}
			id := w.declinedForAuthentication("cus_alice")
			w.run("account.payment.stripe.account|fetch_events")
			w.now()
			w.post()
			notes := w.notes(id)
			if len(notes) != 1 || !strings.Contains(notes[0], test.want) {
				t.Errorf("notes %q, want one with %q", notes, test.want)
			}
			if code := w.payment(id, "stripe_error_code")["stripe_error_code"]; code != "authentication_required" {
				t.Errorf("the error code is %v", code)
			}
			if sent := w.mails(); len(sent) > 0 {
				t.Errorf("sent %v", sent)
			}
		})
	}
}

// Every language has all the words, with what belongs into them.
func TestAuthenticationLanguages(t *testing.T) {
	words := regexp.MustCompile(`%|\{\{`)
	each(t, func(t *testing.T, w *world) {
		w.reach(w.alice, "alice@example.com", "")
		w.customer(w.alice, "cus_alice", "pm_card_authenticationRequired")
		subjects := map[string]bool{}
		for _, code := range []string{"en", "de", "fr", "es"} {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				lang := ir.Languages.Search(tx, ir.Languages.Code.Eq(code))
				models.Must(party.Party.Write(tx, party.Party.Browse(tx, w.alice), party.Party.Lang.To(lang[0].ID())))
			})
			id := w.approved(w.alice, "3.00", map[string]any{"description": "Invoice"})
			w.process(id)
			w.post()
			sent := w.mails()
			if len(sent) != 1 {
				t.Fatalf("%s: %d e-mails", code, len(sent))
			}
			m := sent[0]
			subjects[m.Subject] = true
			if !strings.Contains(m.HTML, `lang="`+code+`"`) || words.MatchString(m.Text+m.HTML+m.Subject) ||
				!strings.Contains(m.Text, "Alice Martin") || !strings.Contains(m.Text, "Invoice") || len(strings.Split(m.Text, "\n\n")) != 5 {
				t.Errorf("%s: %s\n%s", code, m.Text, m.HTML)
			}
		}
		if len(subjects) != 4 {
			t.Errorf("subjects %v", subjects)
		}
	})
}

// TestAuthenticationTemplate writes by the template that the account names: with fields of the payment, in the party's language where the
// template has it, and with the link even where the template forgets it. The report makes the same.
func TestAuthenticationTemplate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.reach(w.alice, "alice@example.com", "fr")
		template := w.call(1, "ir.email.template", "create", []any{map[string]any{"name": "Authenticate", "model": w.modelID("account.payment"),
			"subject": "Please confirm ${record.amount} ${record.currency.code}", "body": "<p>Dear ${record.party.rec_name}, about ${record.description}: <a href=\"${record.stripe_checkout_url}\">confirm</a></p>"}}).([]int64)[0]
		w.call(1, "account.payment.stripe.account", "write", []any{w.stripeAccount}, map[string]any{"stripe_email_template": template})
		id := w.declinedForAuthentication("cus_alice")
		sent := w.mails()
		if len(sent) != 1 {
			t.Fatalf("%d e-mails", len(sent))
		}
		url, _ := w.call(w.clerk, "account.payment", "read", []any{id}, []any{"stripe_checkout_url"}).([]map[string]any)[0]["stripe_checkout_url"].(string)
		m := sent[0]
		want := "<p>Dear Alice Martin, about Order &lt;7&gt;: <a href=\"" + url + "\">confirm</a></p>"
		if m.Subject != "Please confirm 1234.50 EUR" || m.HTML != want || !strings.Contains(url, "/checkout/account.payment/") {
			t.Errorf("the e-mail is %q: %s, want %s", m.Subject, m.HTML, want)
		}
		report := func() string {
			method, err := w.db.Registry.Method("report", "account.payment.stripe.email_checkout", "execute")
			if err != nil {
				t.Fatal(err)
			}
			var document []any
			err = modelstest.Try(w.db, models.Request{User: w.clerk, Check: true, Context: map[string]any{"company": w.company}}, func(tx *models.Tx) error {
				got, err := method.Do(tx, models.NewArgs([]any{id}, map[string]any{"model": "account.payment", "id": id, "ids": []any{id}}))
				document, _ = got.([]any)
				return err
			})
			if err != nil || len(document) != 4 {
				t.Fatal(document, err)
			}
			return fmt.Sprint(document[1])
		}
		if got := report(); got != want {
			t.Errorf("the report is %s", got)
		}
		w.call(1, "ir.email.template", "write", []any{template}, map[string]any{"body": "Call us.", "subject": ""})
		if got := report(); got != "Call us.\n<p><a href=\""+url+"\">"+url+"</a></p>" {
			t.Errorf("without a link the report is %s", got)
		}
		w.call(1, "ir.email.template", "write", []any{template}, map[string]any{"body": "key [${record.journal.stripe_account.secret_key}]"})
		if got := report(); !strings.HasPrefix(got, "key []\n") {
			t.Errorf("the report tells what is kept for a group: %s", got)
		}
		if got := w.call(w.clerk, "ir.email.template", "get", template, id).(map[string]any)["body"]; got != "key []" {
			t.Errorf("the template tells what the user may not read: %s", got)
		}
		w.call(1, "account.payment.stripe.account", "write", []any{w.stripeAccount}, map[string]any{"stripe_email_template": nil})
		if got := report(); !strings.Contains(got, `lang="fr"`) || !strings.Contains(got, "Bonjour Alice Martin") {
			t.Errorf("without a template the report is %s", got)
		}
		other := w.call(1, "ir.email.template", "create", []any{map[string]any{"name": "Of a user", "model": w.modelID("res.user")}}).([]int64)[0]
		if _, err := w.try(1, "account.payment.stripe.account", "write", []any{w.stripeAccount}, map[string]any{"stripe_email_template": other}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a template of users: %v", err)
		}
	})
}

// modelID is the id of a model in ir.model.
func (w *world) modelID(name string) int64 {
	w.t.Helper()
	return w.call(1, "ir.model", "search", []any{[]any{"model", "=", name}}, int64(0), nil, nil).([]int64)[0]
}
