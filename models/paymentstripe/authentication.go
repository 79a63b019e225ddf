package paymentstripe

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"log/slog"
	"net/mail"
	"strings"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/stripe"
)

// A bank may want its customer to authenticate himself for a payment that is made without him. He is asked by one e-mail for each intent,
// with the link of the payment's checkout page; events and answers that tell of it again change nothing. Where he cannot be asked, a note
// on the payment says why.

// hookAuthentication is the hook of account.payment by which what Stripe said reaches the engine.
const hookAuthentication = "stripe_authentication"

func (e *Engine) bindAuthentication(c *models.Class) {
	c.Hook(hookAuthentication, e.requestAuthentication)
}

// authenticationWanted tells whether an intent waits for a customer who is not there. One on the checkout page is asked by his browser.
func authenticationWanted(tx *models.Tx, r *models.Record, pi *stripe.PaymentIntent) bool {
	switch pi.Status {
	case stripe.RequiresPaymentMethod:
		return pi.LastError != nil && (pi.LastError.Code == authenticationRequired || pi.LastError.DeclineCode == authenticationRequired)
	case stripe.RequiresAction:
		return Attempt.Count(tx, domain.AllOf(Attempt.Payment.Eq(r.ID()), Attempt.Operation.Eq(opIntent))) > 0 &&
			Attempt.Count(tx, domain.AllOf(Attempt.Payment.Eq(r.ID()), Attempt.Operation.Eq(opCheckout))) == 0
	}
	return false
}

// askToAuthenticate has the party of a payment asked to authenticate himself, if the payment is still to be made.
func askToAuthenticate(tx *models.Tx, r *models.Record) error {
	if payment.Payment.State.Of(r) != payment.Processing {
		return nil
	}
	for _, hook := range r.Class().Hooks(hookAuthentication) {
		if err := hook.(func(*models.Tx, *models.Record) error)(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// requestAuthentication queues the e-mail, once for each intent of the payment, or notes on the payment why there is none.
func (e *Engine) requestAuthentication(tx *models.Tx, r *models.Record) error {
	to, why := e.reachable(tx, r)
	if why != "" {
		return e.noteUnasked(tx, r, why)
	}
	if link := Payment.StripeCheckoutID.Of(r); link == "" || linkEnded(tx, link, e.linkAge) {
		if err := writeChanged(tx, r, models.Values{"stripe_checkout_id": newLink(tx)}); err != nil {
			return err
		}
	}
	letter, err := e.requestLetter(r)
	if err != nil {
		return err
	}
	letter.To, letter.About = []string{to}, r.Ref()
	return ir.Queue(tx, letter, fmt.Sprintf("authentication:%d:%s", r.ID(), Payment.StripePaymentIntentID.Of(r)))
}

// reachable gives the party's address, or why he cannot be asked.
func (e *Engine) reachable(tx *models.Tx, r *models.Record) (address, why string) {
	owner := payment.Payment.Party.Of(r)
	address, ok := addressOf(owner)
	switch {
	case !ok:
		return "", "The party has no good e-mail address."
	case !ir.MailServer(tx):
		return "", "The server has no mail server configured."
	case e.base(tx) == "":
		return "", "The server does not know the address at which customers reach it."
	}
	return address, ""
}

// addressOf is the e-mail address of a party, with his name.
func addressOf(owner *models.Record) (string, bool) {
	address, err := mail.ParseAddress(party.Party.Email.Of(owner))
	if err != nil {
		return "", false
	}
	address.Name = owner.Name()
	return address.String(), true
}

// noteUnasked writes down, once, that the customer waits to be asked by people.
func (e *Engine) noteUnasked(tx *models.Tx, r *models.Record, why string) error {
	text := "The bank wants the customer to authenticate himself, but he was not asked by e-mail: " + why +
		"\nPlease send him the link that the button Stripe Checkout gives."
	known := ir.Notes.Count(tx, domain.AllOf(domain.C("resource", domain.Equal, r.Ref().String()), ir.Notes.Message.Eq(text)))
	if known > 0 {
		return nil
	}
	id, database := r.ID(), tx.Database().Name()
	tx.AfterCommit(func() {
		e.log.Warn("a customer is not asked to authenticate himself", slog.String("database", database), slog.Int64("payment", id), slog.String("why", why))
	})
	_, err := ir.Notes.Create(tx, ir.Notes.Resource.To(r.Ref()), ir.Notes.Message.To(text))
	return err
}

// requestLetter writes the e-mail in the party's language: by the template that the account names, or in words of our own.
func (e *Engine) requestLetter(r *models.Record) (ir.Mail, error) {
	m, err := e.ownLetter(r)
	if err != nil {
		return m, err
	}
	if account := accountOf(payment.Payment.Journal.Of(r)); account != nil && !Account.StripeEmailTemplate.IsNull(account) {
		m = e.templateLetter(r, Account.StripeEmailTemplate.Of(account), m)
	}
	if reply, ok := addressOf(company.Company.Party.Of(payment.Payment.Company.Of(r))); ok {
		m.ReplyTo = reply
	}
	return m, nil
}

// templateLetter writes by a template. Where it names no subject it has that of our own, and where it forgets the link, that comes last.
func (e *Engine) templateLetter(r, template *models.Record, own ir.Mail) ir.Mail {
	tx := r.Tx().Unchecked()
	if code := paymentPage(r).Language; code != "" {
		tx = tx.With(map[string]any{"language": code})
	}
	in := func(one *models.Record) *models.Record { return tx.Class(one.Model()).Browse(tx, []int64{one.ID()})[0] }
	subject, body := ir.FromTemplate(in(template), in(r))
	if url := html.EscapeString(e.checkoutURL(r)); !strings.Contains(body, url) {
		body += fmt.Sprintf("\n<p><a href=\"%s\">%s</a></p>", url, url)
	}
	return ir.Mail{Subject: firstText(strings.Join(strings.Fields(subject), " "), own.Subject), HTML: body}
}

// ownLetter writes in words of our own.
func (e *Engine) ownLetter(r *models.Record) (ir.Mail, error) {
	w, page := wordsOf(r), paymentPage(r)
	amount := w.amount(r)
	letter := struct {
		Code, Greeting, Text, About, URL, Button, NoButton, Unknown string
	}{w.tx.Language(), w.say(letterHello, page.Party), w.say(letterAsks, amount, page.Payee), "", e.checkoutURL(r),
		w.say(letterButton), w.say(letterNoButton), w.say(letterUnknown)}
	if page.Description != "" {
		letter.About = w.say(letterFor, page.Description)
	}
	var b bytes.Buffer
	if err := requestPage.Execute(&b, letter); err != nil {
		return ir.Mail{}, err
	}
	paragraphs := []string{letter.Greeting, letter.Text, letter.About, w.say(letterOpen) + "\n" + letter.URL, letter.Unknown}
	var text []string
	for _, p := range paragraphs {
		if p != "" {
			text = append(text, p)
		}
	}
	return ir.Mail{Subject: w.say(letterSubject, amount, page.Payee), HTML: b.String(), Text: strings.Join(text, "\n\n") + "\n"}, nil
}

// requestPage is the e-mail as HTML.
var requestPage = template.Must(template.New("request").Parse(`<!DOCTYPE html>
<html lang="{{.Code}}">
<head><meta charset="utf-8"/></head>
<body style="font-family: sans-serif">
<p>{{.Greeting}}</p>
<p>{{.Text}}</p>
{{with .About}}<p>{{.}}</p>
{{end}}<p><a href="{{.URL}}" style="display: inline-block; padding: 12px 20px; background: #2b5f8a; color: #fff; text-decoration: none">{{.Button}}</a></p>
<p style="font-size: small">{{.NoButton}}<br/>{{.URL}}</p>
<p style="font-size: small">{{.Unknown}}</p>
</body>
</html>
`))
