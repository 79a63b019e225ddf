package payment

import (
	"strings"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/ir"
	"paytond/models/paper"
	"paytond/models/party"
)

// receipt is account.payment.receipt: what the party of a payment gets, in his language: a receipt for what he has paid,
// an advice for what he is paid, and for what is not paid (yet) a paper that does not call itself a receipt.
type receipt struct{ *models.Report }

func receiptReport() *models.Report {
	r := receipt{&models.Report{Name: "account.payment.receipt", Texts: append([]string{
		"Receipt", "Payment Advice", "Payment", "Payment No. %s", "Page %d of %d",
		"Paid", "Paid to you", "To be paid", "To be paid to you", "Amount",
		"Date", "Description", "State", "Paid with", "Reference", "Currency", "Issued on",
		"Refunds", "Refunded", "On its way", "Taken back by the bank", "Remaining amount",
		"This is not a receipt: the payment has not been made yet.", "This is not a receipt: the payment has failed.",
	}, stateTexts...)}}
	r.Execute = r.print
	return r.Report
}

func (x receipt) print(tx *models.Tx, payments []*models.Record, data map[string]any) (string, any, string, error) {
	if err := ofModel(payments, Payment.Name); err != nil {
		return "", nil, "", err
	}
	d := &paper.Document{Made: tx.Now()}
	for _, r := range payments {
		sheet := x.sheet(tx, r)
		d.Sheets = append(d.Sheets, sheet)
		if d.Title == "" {
			d.Title, d.Author, d.Language = sheet.Title+" "+r.Name(), sheet.From[0], sheet.Language
		}
	}
	title := strings.ReplaceAll(d.Sheets[0].Title, " ", "-")
	return finish(tx, x.Report, d, data, fileName(title, payments))
}

// sheet is the paper of one payment.
func (x receipt) sheet(tx *models.Tx, r *models.Record) paper.Sheet {
	tx = tx.With(map[string]any{"address_with_party": true})
	to := party.InLanguage(tx, []*models.Record{party.Party.Get(tx, Payment.Party.ID(r))})[0]
	tx = to.Tx()
	r = Payment.Get(tx, r.ID())
	w := words{tx, x.Report, ir.Language(tx, tx.Language()), Payment.Currency.Of(r)}
	known := printed(r)
	b := balanceOf(r, known)
	s := paper.Sheet{Language: tx.Language(), To: nonEmpty(party.Letterhead(to)),
		Title: x.title(w, r, b), Subtitle: w.say("Payment No. %s", r.Name()), Page: w.say("Page %d of %d")}
	letterhead(&s, tx.With(map[string]any{"address_with_party": false}), Payment.Company.Of(r))
	s.Highlight = paper.Fact{Label: x.highlight(w, r, b), Value: w.money(b.asked)}
	s.Facts = []paper.Fact{
		{Label: w.say("Date"), Value: w.date(Payment.Date.Of(r))},
		{Label: w.say("Description"), Value: Payment.Description.Of(r)},
		{Label: w.say("State"), Value: w.state(r, b), Strong: true},
		{Label: w.say("Paid with"), Value: paidWith(known, b)},
		{Label: w.say("Reference"), Value: known.Reference},
		{Label: w.say("Currency"), Value: w.currencyName()},
		{Label: w.say("Issued on"), Value: w.date(company.Today(tx, Payment.Company.Of(r)))},
	}
	if table := x.refunds(w, known, b); table != nil {
		s.Tables = append(s.Tables, *table)
	}
	s.Notes = x.notes(w, r, b)
	return s
}

// paidWith is the card or account, unless it was not charged after all.
func paidWith(known Printed, b balance) string {
	if !b.paid {
		return ""
	}
	return known.PaidWith
}

func (x receipt) title(w words, r *models.Record, b balance) string {
	switch {
	case !b.paid:
		return w.say("Payment")
	case Payment.Kind.Of(r) == Payable:
		return w.say("Payment Advice")
	}
	return w.say("Receipt")
}

// highlight labels the amount.
func (x receipt) highlight(w words, r *models.Record, b balance) string {
	mine := Payment.Kind.Of(r) == Payable // the reader's
	switch {
	case b.paid && mine:
		return w.say("Paid to you")
	case b.paid:
		return w.say("Paid")
	case Payment.State.Of(r) == Failed:
		return w.say("Amount")
	case mine:
		return w.say("To be paid to you")
	}
	return w.say("To be paid")
}

// refunds are what has gone back, and what is left; nil where nothing has.
func (x receipt) refunds(w words, known Printed, b balance) *paper.Table {
	if !b.paid || b.refunded.IsZero() && b.takenBack.IsZero() {
		return nil
	}
	t := &paper.Table{Title: w.say("Refunds"), Columns: []paper.Column{{Label: w.say("Date"), Share: 1}, {Label: w.say("State"), Share: 2},
		{Label: w.say("Amount"), Share: 1, Right: true}}}
	for _, back := range known.Returned {
		state := w.say("On its way")
		if back.Done {
			state = w.say("Refunded")
		}
		t.Rows = append(t.Rows, []string{w.date(back.Date), state, w.money(back.Amount)})
	}
	if b.refunded.Sign() > 0 {
		t.Sums = append(t.Sums, paper.Fact{Label: w.say("Refunded"), Value: w.money(b.refunded)})
	}
	if b.takenBack.Sign() > 0 {
		t.Sums = append(t.Sums, paper.Fact{Label: w.say("Taken back by the bank"), Value: w.money(b.takenBack)})
	}
	t.Sums = append(t.Sums, paper.Fact{Label: w.say("Remaining amount"), Value: w.money(b.net), Strong: true})
	return t
}

// notes keep a paper of what was not paid from passing as a receipt.
func (x receipt) notes(w words, r *models.Record, b balance) []string {
	switch {
	case b.paid:
		return nil
	case Payment.State.Of(r) == Failed:
		return []string{w.say("This is not a receipt: the payment has failed.")}
	}
	return []string{w.say("This is not a receipt: the payment has not been made yet.")}
}
