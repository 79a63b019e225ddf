package simulator

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed assets/stripe.js assets/pages.html assets/dashboard.html assets/dashboard.css
var assets embed.FS

// handleBrowser serves Stripe.js and what a browser meets on its way through the simulated bank.
func (s *Simulator) handleBrowser(mux *http.ServeMux) {
	script := func(w http.ResponseWriter, h *http.Request) {
		raw, err := assets.ReadFile("assets/stripe.js")
		if err != nil {
			http.Error(w, "no script", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "max-age=60")
		_, _ = w.Write(raw)
	}
	mux.HandleFunc("GET /v3/{$}", script)
	mux.HandleFunc("GET /v3/stripe.js", script)
	mux.HandleFunc("/_simulator/challenge/{id}", s.answerChallenge)
	mux.HandleFunc("/_simulator/link/{id}", s.linkBank)
	mux.HandleFunc("GET /_simulator/challenge/{account}/{id}", s.showChallenge)
	mux.HandleFunc("POST /_simulator/challenge/{account}/{id}", s.finishChallenge)
	mux.HandleFunc("GET /_simulator/microdeposits/{account}/{id}", s.showMicrodeposits)
	mux.HandleFunc("POST /_simulator/microdeposits/{account}/{id}", s.finishMicrodeposits)
	mux.HandleFunc("GET /_simulator/receipts/{id}", s.showReceipt)
}

// inPage calls an endpoint's function with the form of one of the simulator's own pages, as a browser with the publishable key.
func (s *Simulator) inPage(h *http.Request, suffix, id string, form url.Values, do func(*request) (any, *apiError)) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[suffix]
	if a == nil {
		return errorAnswer(noSuch("account", suffix, "id"), nil)
	}
	r := &request{sim: s, http: h, account: a, params: parseParams(form), id: id, path: h.URL.Path, now: s.now(), publishable: true,
		requestID: "req_" + randomText(14)}
	s.runDue()
	object, e := do(r)
	s.dirty = true
	if e != nil {
		return errorAnswer(e, a)
	}
	body := a.wire(object)
	if e := r.expand(body, r.params.list("expand")); e != nil {
		return errorAnswer(e, a)
	}
	return jsonAnswer(http.StatusOK, publicView(body))
}

// decideChallenge ends the challenge of a payment or set-up intent, or the visit to the bank of a source.
func (r *request) decideChallenge() (any, *apiError) {
	result := r.params.enum("result", "complete", "fail")
	r.params.ignore("redirect")
	if strings.HasPrefix(r.id, "seti_") {
		si, e := r.setupIntent()
		r.ignoreBrowser()
		if e == nil {
			e = r.params.finish()
		}
		if e == nil {
			e = r.authenticateSetup(si, result == "complete")
		}
		return orError(si, e)
	}
	if strings.HasPrefix(r.id, "src_") {
		one, e := r.findSource()
		r.ignoreBrowser()
		if e == nil {
			e = r.params.finish()
		}
		if e == nil {
			e = r.authenticateSource(one, result == "complete")
		}
		return orError(one, e)
	}
	pi, e := r.paymentIntent()
	r.ignoreBrowser()
	if e == nil {
		e = r.params.finish()
	}
	if e == nil {
		e = r.authenticateIntent(pi, result == "complete")
	}
	return orError(pi, e)
}

// browserCall is for what Stripe.js posts outside of the API proper.
func (s *Simulator) browserCall(w http.ResponseWriter, h *http.Request, do func(*request) (any, *apiError)) {
	allowBrowser(w.Header())
	if h.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	form, _, e := readForm(h)
	requestID := "req_" + randomText(14)
	if e != nil {
		s.write(w, requestID, "", errorAnswer(e, nil))
		return
	}
	m := keyFormat.FindStringSubmatch(form.Get("key"))
	if m == nil {
		s.write(w, requestID, "", errorAnswer(unauthorized("Invalid API Key provided"), nil))
		return
	}
	s.write(w, requestID, "", s.inPage(h, m[2], h.PathValue("id"), form, do))
}

// answerChallenge is what Stripe.js sends when the customer decided.
func (s *Simulator) answerChallenge(w http.ResponseWriter, h *http.Request) {
	s.browserCall(w, h, (*request).decideChallenge)
}

// linkBank attaches a test account to an intent, as the window of Financial Connections does: a linked one is verified, one that was entered
// by hand is not.
func (s *Simulator) linkBank(w http.ResponseWriter, h *http.Request) {
	s.browserCall(w, h, (*request).link)
}

func (r *request) link() (any, *apiError) {
	who := readBilling(r.params, "")
	if who.Name == "" {
		return nil, missingParam("billing_details[name]")
	}
	number, manual := r.params.str("account_number"), r.params.boolean("manual")
	if number == "" {
		number = "000123456789"
	}
	if _, ok := usFates()[number]; !ok {
		return nil, invalidRequest("account_number_invalid", "You must use a test bank account number in test mode. Try 000123456789.", "account_number")
	}
	m := r.newUSBank(number, "individual", "checking")
	if m.Billing = who; !manual {
		m.Own.Verified, m.USBankAccount.Connections = true, text(newID("fca"))
	}
	if strings.HasPrefix(r.id, "seti_") {
		si, e := r.setupIntent()
		if e != nil {
			return nil, e
		}
		if e := r.usable(m, string(si.Customer), si.MethodTypes, "SetupIntent"); e != nil {
			return nil, e
		}
		if si.Status != requiresPaymentMethod && si.Status != requiresConfirmation {
			return nil, setupUnexpectedState("This SetupIntent takes no payment method in the status "+si.Status+".", si)
		}
		r.account.Methods.put(m.ID, m)
		si.PaymentMethod, si.Status = text(m.ID), requiresConfirmation
		return si, nil
	}
	pi, e := r.paymentIntent()
	if e != nil {
		return nil, e
	}
	if e := r.usable(m, string(pi.Customer), pi.MethodTypes, "PaymentIntent"); e != nil {
		return nil, e
	}
	if pi.Status != requiresPaymentMethod && pi.Status != requiresConfirmation {
		return nil, unexpectedState("This PaymentIntent takes no payment method in the status "+pi.Status+".", pi)
	}
	r.account.Methods.put(m.ID, m)
	pi.PaymentMethod, pi.Status = text(m.ID), requiresConfirmation
	return pi, nil
}

// pageData is what the templates show.
type pageData struct {
	ID, Secret, Message, Amount string
	Done                        bool
}

func (s *Simulator) render(w http.ResponseWriter, name string, status int, data any) {
	pages, err := template.ParseFS(assets, "assets/pages.html")
	if err != nil {
		http.Error(w, "no page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action *")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		s.logger.Error("a page could not be written", "page", name, "error", err)
	}
}

func (s *Simulator) showChallenge(w http.ResponseWriter, h *http.Request) {
	s.render(w, "challenge", http.StatusOK, pageData{ID: h.PathValue("id"), Secret: h.URL.Query().Get("client_secret")})
}

// finishChallenge takes the customer's decision and sends the browser back to the shop.
func (s *Simulator) finishChallenge(w http.ResponseWriter, h *http.Request) {
	form, _, e := readForm(h)
	if e != nil {
		http.Error(w, e.Message, http.StatusBadRequest)
		return
	}
	id, suffix := h.PathValue("id"), h.PathValue("account")
	back, kind := s.returnAddress(suffix, id)
	out := s.inPage(h, suffix, id, form, (*request).decideChallenge)
	if back == nil {
		s.render(w, "message", out.Status, pageData{ID: id, Message: "The bank has noted it; you may close this page."})
		return
	}
	q := back.Query()
	q.Set(kind, id)
	q.Set(kind+"_client_secret", form.Get("client_secret"))
	q.Set("redirect_status", map[bool]string{true: "succeeded", false: "failed"}[out.Status == http.StatusOK])
	back.RawQuery = q.Encode()
	http.Redirect(w, h, back.String(), http.StatusSeeOther)
}

// returnAddress is where the shop wants its customer back; nil when it named none.
func (s *Simulator) returnAddress(suffix, id string) (*url.URL, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[suffix]
	if a == nil {
		return nil, ""
	}
	address, kind := "", "payment_intent"
	if pi, ok := a.PaymentIntents.get(id); ok {
		address = pi.Own.ReturnURL
	} else if si, ok := a.SetupIntents.get(id); ok {
		address, kind = si.Own.ReturnURL, "setup_intent"
	} else if one, ok := a.Sources.get(id); ok {
		address, kind = one.Own.ReturnURL, "source"
	}
	back, err := url.Parse(address)
	if err != nil || back.Host == "" {
		return nil, kind
	}
	return back, kind
}

func (s *Simulator) showMicrodeposits(w http.ResponseWriter, h *http.Request) {
	s.render(w, "microdeposits", http.StatusOK, pageData{ID: h.PathValue("id"), Secret: h.URL.Query().Get("client_secret")})
}

func (s *Simulator) finishMicrodeposits(w http.ResponseWriter, h *http.Request) {
	form, _, e := readForm(h)
	if e != nil {
		http.Error(w, e.Message, http.StatusBadRequest)
		return
	}
	id := h.PathValue("id")
	verify := (*request).verifyPaymentIntent
	if strings.HasPrefix(id, "seti_") {
		verify = (*request).verifySetupIntent
	}
	out := s.inPage(h, h.PathValue("account"), id, form, verify)
	if out.Status == http.StatusOK {
		s.render(w, "message", out.Status, pageData{ID: id, Message: "Your bank account is verified."})
		return
	}
	var refusal struct{ Error struct{ Message string } }
	if err := json.Unmarshal(out.Body, &refusal); err != nil {
		s.logger.Error("an answer cannot be read", "error", err)
	}
	s.render(w, "microdeposits", out.Status, pageData{ID: id, Secret: form.Get("client_secret"), Message: refusal.Error.Message})
}

func (s *Simulator) showReceipt(w http.ResponseWriter, h *http.Request) {
	s.mu.Lock()
	var data pageData
	for _, a := range s.accounts {
		if c, ok := a.Charges.get(h.PathValue("id")); ok {
			data = pageData{ID: c.ID, Amount: money(c.Amount, c.Currency), Done: c.Paid}
		}
	}
	s.mu.Unlock()
	if data.ID == "" {
		http.NotFound(w, h)
		return
	}
	s.render(w, "receipt", http.StatusOK, data)
}
