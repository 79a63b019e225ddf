package checkout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"paytond/models"
	"paytond/models/paymentstripe"
	"paytond/rpc/guard"
)

const (
	paymentModel  = "account.payment"
	customerModel = "account.payment.stripe.customer"
)

// stateError is the state that the script is told of when there is no page.
const stateError = "error"

// view is what the templates show.
type view struct {
	*words
	CSS, JS, Icon, JSURL string

	Heading, Payee string // "Payment", "to Example Ltd"
	Payer          string
	Description    string
	Amount         string
	Setup          bool // a means of payment is registered, nothing is paid
	Various        bool // not only cards

	State   string // a status of paymentstripe.Page, or stateError
	Title   string // what is said of the state
	Text    string
	Refusal string
	Link    string // where the customer goes on, if anywhere
	Later   bool   // what comes of it is known days later

	// What the script needs to talk to Stripe; set while the page is open, and while an account is to be verified: the customer may pay
	// another way.
	Button, Key, Secret string
	Methods             []choice // to pay with
}

// choice is a method of payment that the customer can choose.
type choice struct {
	Name, Label string
	Consent     string // to a debit; "" where none is needed
}

// servePage shows the page of a link. Stripe sends a customer back here from
// pages of banks, with the outcome and the secret in the query: that is no
// address to keep, so the record is brought up to date and the query dropped.
func (h *handler) servePage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Has("redirect_status") {
		h.answer(w, r, h.Engine.CheckoutRefresh, func(*paymentstripe.Page) {
			http.Redirect(w, r, r.URL.EscapedPath(), http.StatusSeeOther)
		})
		return
	}
	h.answer(w, r, h.Engine.CheckoutPage, func(p *paymentstripe.Page) { h.showPage(w, r, p) })
}

// serveRefresh brings the record of a link up to date. The body is not read.
func (h *handler) serveRefresh(w http.ResponseWriter, r *http.Request) {
	h.answer(w, r, h.Engine.CheckoutRefresh, func(p *paymentstripe.Page) { h.showPage(w, r, p) })
}

// answer does the work for a link and has found answer with it, or says why not.
func (h *handler) answer(w http.ResponseWriter, r *http.Request,
	work func(context.Context, *models.Database, string, string) (*paymentstripe.Page, error), found func(*paymentstripe.Page)) {
	if delay := h.pages.wait(guard.Site(h.Proxies.Client(r)), h.Now()); delay > 0 {
		h.showFailure(w, r, &models.Error{Kind: models.KindTooMany}, delay)
		return
	}
	c, err := h.find(r, work)
	if err != nil {
		h.logFault(r, "a checkout page could not be served", err)
		h.showFailure(w, r, err, retryAfter)
		return
	}
	found(c)
}

func (h *handler) find(r *http.Request, work func(context.Context, *models.Database, string, string) (*paymentstripe.Page, error)) (*paymentstripe.Page, error) {
	model, token := r.PathValue("model"), r.PathValue("token")
	if (model != paymentModel && model != customerModel) || !plainName.MatchString(token) {
		return nil, notFound()
	}
	db, err := h.database(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := workContext(r)
	defer cancel()
	return work(ctx, db, model, token)
}

// showPage shows the page of a record. Where Stripe did not answer, that is said with the status too.
func (h *handler) showPage(w http.ResponseWriter, r *http.Request, p *paymentstripe.Page) {
	status := http.StatusOK
	if p.Status == paymentstripe.StatusUnavailable {
		status = http.StatusServiceUnavailable
		setRetryAfter(w, retryAfter)
	}
	h.show(w, r, status, h.viewOf(r, p))
}

// viewOf puts a page in words.
func (h *handler) viewOf(r *http.Request, p *paymentstripe.Page) *view {
	w := h.words(r, p.Language)
	v := h.newView(w)
	v.Methods = w.choices(p)
	v.Various = p.Debit || p.Status == paymentstripe.StatusVerify || slices.ContainsFunc(v.Methods, func(c choice) bool { return c.Consent != "" })
	v.State, v.Payer, v.Description, v.Setup = string(p.Status), p.Party, p.Description, p.Setup
	v.Heading, v.Payee, v.Button = w.Pay, named(w.PayTo, p.Payee), w.Keep
	if p.Setup {
		v.Heading, v.Payee = w.Register, named(w.RegisterFor, p.Payee)
		if v.Various {
			v.Heading, v.Button = w.Debit.RegisterAny, w.Debit.KeepAny
		}
	} else {
		v.Amount = w.amount(p.Amount, p.Currency)
		v.Button = fmt.Sprintf(w.PaySum, v.Amount)
	}
	if p.Status == paymentstripe.StatusOpen || p.Status == paymentstripe.StatusVerify {
		v.Key, v.Secret = p.PublishableKey, p.ClientSecret
	}
	if p.Status == paymentstripe.StatusOpen {
		v.Refusal = p.Message
	} else {
		v.Title, v.Text = w.ofPage(p)
		v.Link, v.Later = p.VerifyURL, p.Debit && p.Status == paymentstripe.StatusProcessing
	}
	return v
}

// words are the texts for a payer with a language: in his, in that of his browser, or in English.
func (h *handler) words(r *http.Request, payer string) *words {
	db, err := h.database(r)
	if err != nil {
		db = nil
	}
	return h.inWords(r, db, payer)
}

// inWords takes them as they are in the database, or without one as they come with the program.
func (h *handler) inWords(r *http.Request, db *models.Database, payer string) *words {
	code, said := h.Engine.PageWords(r.Context(), db, wanted(payer, r.Header.Get("Accept-Language")))
	code = strings.ReplaceAll(code, "_", "-")
	return &words{said, code, formatOf(code)}
}

// choices are the methods that a page offers; a card where nothing else is said. Those that the page does not know are left out.
func (w *words) choices(p *paymentstripe.Page) []choice {
	var list []choice
	for _, kind := range p.MethodTypes {
		switch kind {
		case "card":
			list = append(list, choice{Name: kind, Label: w.Card})
		case "us_bank_account":
			list = append(list, choice{kind, w.Debit.USBank, w.consent(p, w.Debit.ACHOnce, w.Debit.ACHLater)})
		case "sepa_debit":
			list = append(list, choice{kind, w.Debit.SEPA, w.consent(p, w.Debit.SEPAOnce, w.Debit.SEPALater)})
		}
	}
	if len(list) == 0 {
		list = []choice{{Name: "card", Label: w.Card}}
	}
	return list
}

// consent is what the customer agrees to with a debit: to this payment, or to later ones too.
func (w *words) consent(p *paymentstripe.Page, once, later string) string {
	if p.Setup || p.Reusable {
		return fmt.Sprintf(later, p.Payee)
	}
	return fmt.Sprintf(once, p.Payee, w.amount(p.Amount, p.Currency))
}

// named puts a name in a text; without a name there is nothing to say.
func named(text, name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(text, name)
}

func (h *handler) newView(w *words) *view {
	return &view{words: w, CSS: h.assetURL("checkout.css"), JS: h.assetURL("checkout.js"), Icon: h.assetURL("icon.svg"), JSURL: h.JSURL}
}

// showFailure tells the customer in plain words, and nothing of the inside.
func (h *handler) showFailure(w http.ResponseWriter, r *http.Request, err error, after time.Duration) {
	v := h.newView(h.inWords(r, nil, "")) // whatever may be wrong with the database
	v.State = stateError
	var status int
	switch models.ErrorKind(err) {
	case models.KindNotFound:
		status, v.Title, v.Text = http.StatusNotFound, v.NotFoundTitle, v.NotFoundText
	case models.KindTooMany:
		status, v.Title, v.Text = http.StatusTooManyRequests, v.BusyTitle, v.BusyText
		setRetryAfter(w, after)
	case models.KindUnavailable:
		status, v.Title, v.Text = http.StatusServiceUnavailable, v.UnavailableTitle, v.UnavailableText
		setRetryAfter(w, after)
	default:
		status, v.Title, v.Text = http.StatusInternalServerError, v.FaultTitle, v.FaultText
	}
	h.show(w, r, status, v)
}

// show writes a view as JSON for the script, or as a page.
func (h *handler) show(w http.ResponseWriter, r *http.Request, status int, v *view) {
	w.Header().Set("Vary", "Accept, Accept-Language")
	w.Header().Set("Content-Language", v.Code)
	var body bytes.Buffer
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		message := v.Text
		if v.State == string(paymentstripe.StatusOpen) {
			message = v.Refusal
		}
		// A map of texts and a truth can be encoded.
		json.NewEncoder(&body).Encode(map[string]any{"state": v.State, "title": v.Title, "message": message, "link": v.Link, "later": v.Later})
	} else {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := h.templates.ExecuteTemplate(&body, "page.html", v); err != nil {
			h.logFault(r, "a page could not be drawn", err)
			http.Error(w, v.FaultTitle, http.StatusInternalServerError)
			return
		}
	}
	w.WriteHeader(status)
	w.Write(body.Bytes()) // the client is gone if this fails
}

// wantsJSON tells the script's requests from those of a browser.
func wantsJSON(r *http.Request) bool {
	return r.Method == http.MethodPost && slices.ContainsFunc(r.Header.Values("Accept"), func(accept string) bool {
		return strings.HasPrefix(strings.TrimSpace(accept), "application/json")
	})
}
