package payment

import (
	"errors"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/models/paper"
	"paytond/models/party"
	"paytond/models/value"
)

// hookPrinted is the hook of account.payment by which a process method tells what documents say of a payment.
const hookPrinted = "printed"

// Printed is what a process method knows of a payment for those who get a document of it.
type Printed struct {
	PaidWith  string // a card or account, as "Visa ****4242"
	Reference string // what the payment service knows it by
	Returned  []Returned
	TakenBack value.Decimal // by the payer's bank
}

// Returned is money of a payment that goes back and is off its amount already.
type Returned struct {
	Date   value.Date
	Amount value.Decimal
	Done   bool // else it is on its way
}

// PrintMore lets a process method add to documents of payments, in the Setup of an extension of account.payment. Of
// other methods' payments tell says nothing: it gets all.
func PrintMore(c *models.Class, tell func(*models.Record) Printed) { c.Hook(hookPrinted, tell) }

// printed is what all process methods know of a payment.
func printed(r *models.Record) Printed {
	var all Printed
	for _, hook := range r.Class().Hooks(hookPrinted) {
		p := hook.(func(*models.Record) Printed)(r)
		if p.PaidWith != "" {
			all.PaidWith = p.PaidWith
		}
		if p.Reference != "" {
			all.Reference = p.Reference
		}
		all.Returned, all.TakenBack = append(all.Returned, p.Returned...), all.TakenBack.Add(p.TakenBack)
	}
	return all
}

// balance is what became of a payment's money. What goes back is taken off the payment's amount, so that what was asked
// for is found by adding it again.
type balance struct {
	asked, refunded, takenBack value.Decimal
	net                        value.Decimal // what is left of what was paid
	paid                       bool          // some time
}

func balanceOf(r *models.Record, p Printed) balance {
	amount, state := Payment.Amount.Of(r), Payment.State.Of(r)
	b := balance{takenBack: p.TakenBack, refunded: value.FromInt(0), net: value.FromInt(0)}
	for _, back := range p.Returned {
		b.refunded = b.refunded.Add(back.Amount)
	}
	back := b.refunded.Add(b.takenBack)
	switch {
	case state == Succeeded:
		b.asked, b.net, b.paid = amount.Add(back), amount, true
	case state == Failed && back.Sign() > 0: // nothing is left
		b.asked, b.paid = back, true
	default:
		b.asked = amount
	}
	return b
}

// words says what documents say, in one language and currency.
type words struct {
	tx       *models.Tx
	report   *models.Report
	language *models.Record
	currency *models.Record
}

func (w words) say(source string, args ...any) string { return w.report.Say(w.tx, source, args...) }

func (w words) date(day value.Date) string { return ir.FormatDate(w.language, day) }

func (w words) money(amount value.Decimal) string {
	return currency.Print(w.language, w.currency, amount)
}

// number is an amount in a table, whose currency is told above it.
func (w words) number(amount value.Decimal) string {
	return ir.FormatMoney(w.language, amount, int(currency.Currency.Digits.Of(w.currency)), "")
}

func (w words) currencyName() string {
	c := currency.Currency
	return c.Name.Of(w.currency) + " (" + c.Code.Of(w.currency) + ")"
}

// state says how a payment stands to people who do not work with it.
func (w words) state(r *models.Record, b balance) string {
	switch state := Payment.State.Of(r); {
	case b.paid && b.net.Sign() == 0 && b.takenBack.IsZero() && b.refunded.Sign() > 0:
		return w.say("Refunded")
	case b.paid && state == Failed:
		return w.say("Taken back")
	case b.paid && b.refunded.Sign() > 0:
		return w.say("Paid, refunded in part")
	case b.paid:
		return w.say("Paid")
	case state == Failed:
		return w.say("Failed")
	case state == Processing:
		return w.say("Being processed")
	}
	return w.say("Not paid yet")
}

// stateTexts are what state says.
var stateTexts = []string{"Refunded", "Taken back", "Paid, refunded in part", "Paid", "Failed", "Being processed", "Not paid yet"}

// letterhead gives a sheet the company's name, address and numbers, and what it has on all pages.
func letterhead(s *paper.Sheet, tx *models.Tx, of *models.Record) {
	own := party.Party.Get(tx, company.Company.Party.ID(of))
	s.From = []string{own.Name()}
	if a := party.FirstAddress(own); a != nil {
		s.From = append(s.From, nonEmpty(party.FullAddress(a))...)
	}
	if id := party.Party.TaxIdentifier.Of(own); id != nil {
		s.From = append(s.From, party.Identifier.Code.Of(id))
	}
	for _, field := range []models.Char{party.Party.Phone, party.Party.Email, party.Party.Website} {
		if v := field.Of(own); v != "" {
			s.From = append(s.From, v)
		}
	}
	s.Head, s.Foot = company.Company.Header.Of(of), company.Company.Footer.Of(of)
}

func nonEmpty(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			list = append(list, line)
		}
	}
	return list
}

// ofModel refuses to print what is no record of the model, and nothing.
func ofModel(records []*models.Record, name string) error {
	if len(records) == 0 {
		return models.UserError("There is nothing to print.")
	}
	for _, r := range records {
		if r.Model() != name {
			return models.UserError("The report prints \"%s\" only, not \"%s\".", name, r.Model())
		}
	}
	return nil
}

// finish makes the file of a document that the user's action asks for, as a report answers it.
func finish(tx *models.Tx, report *models.Report, d *paper.Document, data map[string]any, name string) (string, any, string, error) {
	switch extension := ir.ReportExtension(tx, report.Name, data, "pdf"); extension {
	case "pdf":
		content, err := d.PDF()
		if letters, ok := errors.AsType[*paper.LettersError](err); ok {
			return "", nil, "", models.UserError("A PDF cannot show the letters of \"%s\". Please print it as HTML.", letters.Text)
		}
		return extension, content, name, err
	case "html", "xhtml":
		content, err := d.HTML()
		return "html", string(content), name, err
	default:
		return "", nil, "", models.UserError("This report is made as PDF or HTML, not as \"%s\".", extension)
	}
}

// fileName is the name of a document of records, without extension.
func fileName(title string, records []*models.Record) string {
	ids := make([]string, 0, len(records))
	for i, r := range records {
		if i == 5 {
			return title + "-" + strings.Join(ids, "-") + "-…"
		}
		ids = append(ids, strconv.FormatInt(r.ID(), 10))
	}
	return title + "-" + strings.Join(ids, "-")
}
