package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// LedgerLine is one charge, for tests that count the money.
type LedgerLine struct {
	Account       string            `json:"account"`
	ID            string            `json:"id"`
	PaymentIntent string            `json:"payment_intent"`
	Customer      string            `json:"customer"`
	Status        string            `json:"status"`
	Amount        int64             `json:"amount"`
	Captured      int64             `json:"captured"`
	Refunded      int64             `json:"refunded"`
	Currency      string            `json:"currency"`
	Disputed      bool              `json:"disputed"`
	Description   string            `json:"description"`
	Metadata      map[string]string `json:"metadata"`
}

// Ledger lists every charge of every account, oldest first within an account.
func (s *Simulator) Ledger() []LedgerLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []LedgerLine
	for _, suffix := range slices.Sorted(maps.Keys(s.accounts)) {
		a := s.accounts[suffix]
		for _, id := range a.Charges.Order {
			c := a.Charges.Rows[id]
			out = append(out, LedgerLine{Account: suffix, ID: c.ID, PaymentIntent: string(c.PaymentIntent), Customer: string(c.Customer),
				Status: c.Status, Amount: c.Amount, Captured: c.AmountCaptured, Refunded: c.AmountRefunded, Currency: c.Currency,
				Disputed: c.Disputed, Description: string(c.Description), Metadata: maps.Clone(map[string]string(c.Metadata))})
		}
	}
	return out
}

// Calls is how many calls of the API were made, refused ones included.
func (s *Simulator) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Revoke makes a key answer as an expired one; with back it works again.
func (s *Simulator) Revoke(key string, back bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[key] = !back
}

// Deny takes the permission for operations (such as "refund.create") from a key, as a restricted key lacks it.
func (s *Simulator) Deny(key string, operations ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.denied[key] == nil {
		s.denied[key] = map[string]bool{}
	}
	for _, one := range operations {
		s.denied[key][one] = true
	}
}

// Allow gives permissions back that Deny took.
func (s *Simulator) Allow(key string, operations ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range operations {
		delete(s.denied[key], one)
	}
}

// AddEndpoint has the events of a key's account delivered to an address, and returns the signing secret.
func (s *Simulator) AddEndpoint(key string, e Endpoint) (secret string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(key)
	if err != nil {
		return "", err
	}
	s.dirty = true
	return a.addEndpoint(s, e).Own.Secret, nil
}

// accountOf finds the account of a key. The lock is held.
func (s *Simulator) accountOf(key string) (*account, error) {
	m := keyFormat.FindStringSubmatch(key)
	if m == nil {
		return nil, errors.New("simulator: it is no test key")
	}
	return s.account(m[2]), nil
}

// Seed is a customer with payment methods that is there from the start.
type Seed struct {
	ID, Name, Email string
	Methods         []string // names such as "pm_card_visa"
}

// SeedCustomer makes a customer with a chosen id, unless it is there already.
func (s *Simulator) SeedCustomer(key string, seed Seed) error {
	if seed.ID == "" {
		return errors.New("simulator: a customer needs an id")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.accountOf(key)
	if err != nil {
		return err
	}
	if _, ok := a.Customers.get(seed.ID); ok {
		return nil
	}
	r := &request{sim: s, account: a, now: s.now()}
	c := r.newCustomer(seed.ID)
	c.Name, c.Email = text(seed.Name), text(seed.Email)
	for _, name := range seed.Methods {
		m, e := r.method(name, "payment_method")
		if e != nil {
			return fmt.Errorf("simulator: seed %s: %s", seed.ID, e.Message)
		}
		m.Customer, m.Own.SetUp = text(c.ID), true
	}
	a.Customers.put(c.ID, c)
	s.dirty = true
	return nil
}

// act does something in the name of Stripe or of a person at its dashboard. The object is found by its id in any account.
func (s *Simulator) act(id string, do func(r *request) *apiError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runDue()
	for _, a := range s.accounts {
		if _, ok := a.object(id); !ok {
			continue
		}
		r := &request{sim: s, account: a, now: s.now(), id: id}
		e := do(r)
		s.dirty = true
		if e != nil {
			return errors.New("simulator: " + e.Message)
		}
		return nil
	}
	return fmt.Errorf("simulator: there is no %q", id)
}

// RefundAtDashboard gives back amount (0 for the rest) of a charge, as a person does at Stripe's dashboard.
func (s *Simulator) RefundAtDashboard(chargeID string, amount int64) error {
	return s.act(chargeID, func(r *request) *apiError {
		c, e := r.charge()
		if e != nil {
			return e
		}
		left := c.Amount - c.AmountRefunded
		if amount == 0 {
			amount = left
		}
		if e := refundable(c, amount, left); e != nil {
			return e
		}
		f := r.refund(c, amount, "requested_by_customer")
		r.emit("refund.created", f)
		r.emit("charge.refunded", c)
		return nil
	})
}

// FailRefund lets a refund fail, as banks do days later.
func (s *Simulator) FailRefund(refundID string) error {
	return s.act(refundID, func(r *request) *apiError {
		f, e := r.findRefund()
		if e == nil {
			r.refundFails(f, "expired_or_canceled_card")
		}
		return e
	})
}

// Dispute opens a dispute over amount (0 for the whole) of a charge.
func (s *Simulator) Dispute(chargeID string, amount int64, reason string) error {
	return s.act(chargeID, func(r *request) *apiError {
		c, e := r.charge()
		if e != nil {
			return e
		}
		if !c.Captured || c.Disputed {
			return invalidRequest("", "This charge cannot be disputed.", "")
		}
		if amount == 0 {
			amount = c.AmountCaptured
		}
		r.dispute(c, amount, reason, false)
		return nil
	})
}

// DecideDispute closes a dispute.
func (s *Simulator) DecideDispute(disputeID string, won bool) error {
	return s.act(disputeID, func(r *request) *apiError {
		d, e := r.findDispute()
		switch {
		case e != nil:
			return e
		case d.closed():
			return invalidRequest("", "This dispute is already closed.", "")
		}
		r.decide(d, won)
		return nil
	})
}

// handleControl serves the simulator's own API: forms in, JSON out.
func (s *Simulator) handleControl(mux *http.ServeMux) {
	mux.HandleFunc("GET /_simulator/state", func(w http.ResponseWriter, h *http.Request) {
		s.mu.Lock()
		raw, err := json.MarshalIndent(state{Offset: s.offset, Accounts: s.accounts}, "", "  ")
		s.mu.Unlock()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(raw)
	})
	mux.HandleFunc("GET /_simulator/ledger", func(w http.ResponseWriter, h *http.Request) { sendJSON(w, s.Ledger()) })
	mux.HandleFunc("GET /_simulator/health", func(w http.ResponseWriter, h *http.Request) { sendJSON(w, map[string]any{"calls": s.Calls()}) })
	for name, do := range s.controls() {
		mux.HandleFunc("POST /_simulator/"+name, func(w http.ResponseWriter, h *http.Request) {
			if err := do(h); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			if h.FormValue("back") != "" { // a form of the dashboard
				http.Redirect(w, h, "/", http.StatusSeeOther)
				return
			}
			sendJSON(w, map[string]any{"done": name})
		})
	}
}

// controls are the things that can be done to the simulator, each with a form.
func (s *Simulator) controls() map[string]func(*http.Request) error {
	return map[string]func(*http.Request) error{
		"faults":       func(h *http.Request) error { return s.addFaultOf(h) },
		"clear_faults": func(*http.Request) error { s.ClearFaults(); return nil },
		"advance": func(h *http.Request) error {
			d, err := time.ParseDuration(h.FormValue("duration"))
			if err != nil || d < 0 {
				return errors.New("duration: a time such as 24h is needed")
			}
			s.Advance(d)
			return nil
		},
		"hold": func(*http.Request) error { s.Hold(); return nil },
		"release": func(h *http.Request) error {
			s.Release(orders()[h.FormValue("order")], h.FormValue("twice") != "")
			return nil
		},
		"resend": func(h *http.Request) error {
			if !s.Resend(h.FormValue("event")) {
				return errors.New("there is no such event")
			}
			return nil
		},
		"refund": func(h *http.Request) error {
			amount, err := formAmount(h)
			return errors.Join(err, unless(err, func() error { return s.RefundAtDashboard(h.FormValue("charge"), amount) }))
		},
		"fail_refund": func(h *http.Request) error { return s.FailRefund(h.FormValue("refund")) },
		"dispute": func(h *http.Request) error {
			amount, err := formAmount(h)
			reason := h.FormValue("reason")
			if reason == "" {
				reason = "fraudulent"
			}
			return errors.Join(err, unless(err, func() error { return s.Dispute(h.FormValue("charge"), amount, reason) }))
		},
		"decide_dispute": func(h *http.Request) error {
			return s.DecideDispute(h.FormValue("dispute"), h.FormValue("won") == "true")
		},
		"customer": func(h *http.Request) error {
			return s.SeedCustomer(h.FormValue("key"), Seed{ID: h.FormValue("id"), Name: h.FormValue("name"), Email: h.FormValue("email"),
				Methods: h.Form["method"]})
		},
		"payout": func(h *http.Request) error {
			made, err := s.PayOut(h.FormValue("key"))
			if err == nil && len(made) == 0 {
				err = errors.New("nothing is available: money can be paid out two days after its charge, see advance")
			}
			return err
		},
		"endpoint": func(h *http.Request) error {
			_, err := s.AddEndpoint(h.FormValue("key"), Endpoint{URL: h.FormValue("url"), Secret: h.FormValue("secret")})
			return err
		},
	}
}

func orders() map[string]Order { return map[string]Order{"reversed": Reversed, "shuffled": Shuffled} }

func unless(err error, do func() error) error {
	if err != nil {
		return nil
	}
	return do()
}

func formAmount(h *http.Request) (int64, error) {
	v := h.FormValue("amount")
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n <= 0 {
		return 0, errors.New("amount: minor units are needed")
	}
	return n, nil
}

func (s *Simulator) addFaultOf(h *http.Request) error {
	f := Fault{Operation: h.FormValue("operation"), Kind: FaultKind(h.FormValue("kind"))}
	if f.Operation == "" {
		f.Operation = "*"
	}
	if !slices.Contains(faultKinds(), f.Kind) {
		return errors.New("kind: not one of the simulator's faults")
	}
	for name, field := range map[string]*int{"count": &f.Count, "skip": &f.Skip} {
		if v := h.FormValue(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				return errors.New(name + ": a number is needed")
			}
			*field = n
		}
	}
	for name, field := range map[string]*time.Duration{"latency": &f.Latency, "busy": &f.Busy} {
		if v := h.FormValue(name); v != "" {
			d, err := time.ParseDuration(v)
			if err != nil || d < 0 {
				return errors.New(name + ": a time such as 2s is needed")
			}
			*field = d
		}
	}
	s.AddFault(f)
	return nil
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
