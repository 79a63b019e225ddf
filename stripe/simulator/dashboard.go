package simulator

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// handleDashboard serves the pages on which a person looks at objects, sends events and sets faults.
func (s *Simulator) handleDashboard(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.showDashboard)
	mux.HandleFunc("GET /_simulator/dashboard.css", func(w http.ResponseWriter, h *http.Request) {
		raw, err := assets.ReadFile("assets/dashboard.css")
		if err != nil {
			http.NotFound(w, h)
			return
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(raw)
	})
}

// dashboard is what the page shows.
type dashboard struct {
	Accounts []dashboardAccount
	Faults   []Fault
	Kinds    []FaultKind
	Waiting  int
	Held     bool
	Now      string
}

type dashboardAccount struct {
	Suffix string
	Tables []dashboardTable
}

type dashboardTable struct {
	Name string
	Head []string
	Rows []dashboardRow
}

type dashboardRow struct {
	ID      string
	Cells   []string
	Actions []dashboardAction
}

type dashboardAction struct {
	Label, Do string
	Fields    map[string]string
}

func (s *Simulator) showDashboard(w http.ResponseWriter, h *http.Request) {
	pages, err := template.ParseFS(assets, "assets/dashboard.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	data := s.dashboardData()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'")
	if err := pages.ExecuteTemplate(w, "dashboard.html", data); err != nil {
		s.logger.Error("the dashboard could not be written", "error", err)
	}
}

func (s *Simulator) dashboardData() dashboard {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := dashboard{Kinds: faultKinds(), Waiting: len(s.deliveries), Held: s.held, Now: s.now().Format("2006-01-02 15:04:05 MST")}
	for _, f := range s.faults {
		d.Faults = append(d.Faults, *f)
	}
	for _, suffix := range slices.Sorted(maps.Keys(s.accounts)) {
		d.Accounts = append(d.Accounts, s.accounts[suffix].dashboard())
	}
	return d
}

// dashboardRows is how many rows of each kind are shown.
const dashboardRows = 50

func shown[T any](t *table[T], row func(T) dashboardRow) []dashboardRow {
	var out []dashboardRow
	for _, one := range t.newestFirst(nil) {
		if len(out) == dashboardRows {
			break
		}
		out = append(out, row(one))
	}
	return out
}

func (a *account) dashboard() dashboardAccount {
	tables := []dashboardTable{
		{"Payment intents", []string{"Status", "Amount", "Customer", "Description"}, shown(&a.PaymentIntents, func(p *paymentIntent) dashboardRow {
			return dashboardRow{ID: p.ID, Cells: []string{p.Status, money(p.Amount, p.Currency), string(p.Customer), string(p.Description)}}
		})},
		{"Charges", []string{"Status", "Amount", "Captured", "Refunded", "Failure"}, shown(&a.Charges, (*charge).dashboardRow)},
		{"Refunds", []string{"Status", "Amount", "Charge"}, shown(&a.Refunds, (*refund).dashboardRow)},
		{"Disputes", []string{"Status", "Amount", "Reason", "Charge"}, shown(&a.Disputes, (*dispute).dashboardRow)},
		{"Payouts", []string{"Status", "Amount", "By itself"}, shown(&a.Payouts, func(p *payout) dashboardRow {
			return dashboardRow{ID: p.ID, Cells: []string{p.Status, money(p.Amount, p.Currency), strconv.FormatBool(p.Automatic)}}
		})},
		{"Customers", []string{"Name", "Email"}, shown(&a.Customers, func(c *customer) dashboardRow {
			return dashboardRow{ID: c.ID, Cells: []string{string(c.Name), string(c.Email)}}
		})},
		{"Payment methods", []string{"Type", "Customer"}, shown(&a.Methods, func(m *paymentMethod) dashboardRow {
			return dashboardRow{ID: m.ID, Cells: []string{m.Type, string(m.Customer)}}
		})},
		{"Set-up intents", []string{"Status", "Customer"}, shown(&a.SetupIntents, func(si *setupIntent) dashboardRow {
			return dashboardRow{ID: si.ID, Cells: []string{si.Status, string(si.Customer)}}
		})},
		{"Webhook endpoints", []string{"Status", "Address"}, shown(&a.Endpoints, func(e *endpoint) dashboardRow {
			return dashboardRow{ID: e.ID, Cells: []string{e.Status, e.URL}}
		})},
		{"Events", []string{"Type"}, shown(&a.Events, func(e *event) dashboardRow {
			return dashboardRow{ID: e.ID, Cells: []string{e.Type}, Actions: []dashboardAction{{"Send again", "resend", map[string]string{"event": e.ID}}}}
		})},
	}
	return dashboardAccount{Suffix: a.Suffix, Tables: tables}
}

func (c *charge) dashboardRow() dashboardRow {
	row := dashboardRow{ID: c.ID, Cells: []string{c.Status, money(c.Amount, c.Currency), money(c.AmountCaptured, c.Currency),
		money(c.AmountRefunded, c.Currency), string(c.FailureMessage)}}
	if c.Captured && !c.Refunded && !c.Disputed {
		row.Actions = []dashboardAction{{"Refund", "refund", map[string]string{"charge": c.ID}}, {"Dispute", "dispute", map[string]string{"charge": c.ID}}}
	}
	return row
}

func (f *refund) dashboardRow() dashboardRow {
	row := dashboardRow{ID: f.ID, Cells: []string{f.Status, money(f.Amount, f.Currency), string(f.Charge)}}
	if f.Status == "succeeded" || f.Status == "pending" {
		row.Actions = []dashboardAction{{"Let it fail", "fail_refund", map[string]string{"refund": f.ID}}}
	}
	return row
}

func (d *dispute) dashboardRow() dashboardRow {
	row := dashboardRow{ID: d.ID, Cells: []string{d.Status, money(d.Amount, d.Currency), d.Reason, d.Charge}}
	if !d.closed() {
		row.Actions = []dashboardAction{{"Won", "decide_dispute", map[string]string{"dispute": d.ID, "won": "true"}},
			{"Lost", "decide_dispute", map[string]string{"dispute": d.ID, "won": "false"}}}
	}
	return row
}
