package payment

import (
	"slices"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/ir"
	"paytond/models/paper"
	"paytond/models/party"
	"paytond/models/value"
)

// statement is account.payment.group.statement: the payments of a group and what they come to, in the user's language.
type statement struct{ *models.Report }

func statementReport() *models.Report {
	x := statement{&models.Report{Name: "account.payment.group.statement", Texts: append([]string{
		"Statement of Payments", "Group %s", "Page %d of %d",
		"Journal", "Received", "Made", "Currency", "Payments", "Issued on",
		"No.", "Date", "Party", "Description", "State", "Amount", "Returned", "Net",
		"Total (%d)", "By State",
	}, stateTexts...)}}
	x.Execute = x.print
	return x.Report
}

func (x statement) print(tx *models.Tx, groups []*models.Record, data map[string]any) (string, any, string, error) {
	if err := ofModel(groups, Group.Name); err != nil {
		return "", nil, "", err
	}
	d := &paper.Document{Made: tx.Now(), Language: tx.Language(), Title: x.Say(tx, "Statement of Payments")}
	for _, r := range groups {
		s := x.sheet(tx, r)
		d.Author = s.From[0]
		d.Sheets = append(d.Sheets, s)
	}
	title := strings.ReplaceAll(d.Title, " ", "-")
	return finish(tx, x.Report, d, data, fileName(title, groups))
}

// entry is a payment of the group with what became of its money.
type entry struct {
	payment *models.Record
	balance balance
}

// sums are what entries come to.
type sums struct {
	count                int
	asked, returned, net value.Decimal
}

func (s *sums) add(b balance) {
	s.count++
	s.asked, s.net = s.asked.Add(b.asked), s.net.Add(b.net)
	s.returned = s.returned.Add(b.refunded).Add(b.takenBack)
}

func (x statement) sheet(tx *models.Tx, r *models.Record) paper.Sheet {
	journal := Group.Journal.Of(r)
	w := words{tx, x.Report, ir.Language(tx, tx.Language()), Journal.Currency.Of(journal)}
	kind := w.say("Received")
	if Group.Kind.Of(r) == Payable {
		kind = w.say("Made")
	}
	entries := x.entries(r)
	s := paper.Sheet{Language: tx.Language(), Title: w.say("Statement of Payments"), Subtitle: w.say("Group %s", Group.Number.Of(r)),
		Page: w.say("Page %d of %d")}
	letterhead(&s, tx, Group.Company.Of(r))
	s.Facts = []paper.Fact{
		{Label: w.say("Journal"), Value: Journal.Name.Of(journal)},
		{Label: w.say("Payments"), Value: kind},
		{Label: w.say("Currency"), Value: w.currencyName()},
		{Label: w.say("Issued on"), Value: w.date(company.Today(tx, Group.Company.Of(r)))},
	}
	s.Tables = []paper.Table{x.payments(w, entries), x.states(w, entries)}
	return s
}

func (x statement) entries(r *models.Record) []entry {
	var list []entry
	for _, p := range Group.Payments.Of(r) {
		known := printed(p)
		list = append(list, entry{p, balanceOf(p, known)})
	}
	slices.SortFunc(list, func(a, b entry) int { return int(a.payment.ID() - b.payment.ID()) })
	return list
}

// payments lists them, with their sums.
func (x statement) payments(w words, entries []entry) paper.Table {
	t := paper.Table{Title: w.say("Payments"), Columns: []paper.Column{{Label: w.say("No."), Share: 1}, {Label: w.say("Date"), Share: 1.6},
		{Label: w.say("Party"), Share: 2.6}, {Label: w.say("Description"), Share: 2.6}, {Label: w.say("State"), Share: 1.8},
		{Label: w.say("Amount"), Share: 1.8, Right: true}, {Label: w.say("Returned"), Share: 1.8, Right: true}, {Label: w.say("Net"), Share: 1.8, Right: true}}}
	var all sums
	for _, e := range entries {
		p, b := e.payment, e.balance
		all.add(b)
		t.Rows = append(t.Rows, []string{p.Name(), w.date(Payment.Date.Of(p)), party.Party.Get(w.tx, Payment.Party.ID(p)).Name(), Payment.Description.Of(p), w.state(p, b),
			w.number(b.asked), w.unlessZero(b.refunded.Add(b.takenBack)), w.number(b.net)})
	}
	t.Sums = []paper.Fact{{Label: w.say("Total (%d)", all.count), Value: w.money(all.asked)}}
	if all.returned.Sign() > 0 {
		t.Sums = append(t.Sums, paper.Fact{Label: w.say("Returned"), Value: w.money(all.returned)})
	}
	t.Sums = append(t.Sums, paper.Fact{Label: w.say("Net"), Value: w.money(all.net), Strong: true})
	return t
}

func (w words) unlessZero(amount value.Decimal) string {
	if amount.IsZero() {
		return ""
	}
	return w.number(amount)
}

// states are the sums by state, in the order in which the states first come.
func (x statement) states(w words, entries []entry) paper.Table {
	t := paper.Table{Title: w.say("By State"), Columns: []paper.Column{{Label: w.say("State"), Share: 4}, {Label: w.say("Payments"), Share: 2, Right: true},
		{Label: w.say("Amount"), Share: 2, Right: true}, {Label: w.say("Returned"), Share: 2, Right: true}, {Label: w.say("Net"), Share: 2, Right: true}}}
	by, order := map[string]*sums{}, []string{}
	for _, e := range entries {
		state := w.state(e.payment, e.balance)
		if by[state] == nil {
			by[state] = &sums{}
			order = append(order, state)
		}
		by[state].add(e.balance)
	}
	for _, state := range order {
		s := by[state]
		t.Rows = append(t.Rows, []string{state, strconv.Itoa(s.count), w.number(s.asked), w.unlessZero(s.returned), w.number(s.net)})
	}
	return t
}
