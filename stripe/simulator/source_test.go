package simulator_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"paytond/stripe/simulator"
)

const idealSource = "type=ideal&amount=1000&currency=eur&redirect[return_url]=https://shop.example/back"

// sourceStates make a source in each state.
var sourceStates = map[string]func(b bankAPI) string{
	"pending":    func(b bankAPI) string { return b.made("/v1/sources", idealSource) },
	"chargeable": func(b bankAPI) string { return b.decided(idealSource, "complete") },
	"failed":     func(b bankAPI) string { return b.decided(idealSource, "fail") },
	"consumed": func(b bankAPI) string {
		id := b.decided(idealSource, "complete")
		b.made("/v1/charges", "amount=1000&currency=eur&source="+id)
		return id
	},
	"canceled": func(b bankAPI) string {
		id := b.made("/v1/sources", idealSource)
		b.sim.Advance(7 * time.Hour)
		return id
	},
}

// bankAPI is an api whose customers visit the simulated bank.
type bankAPI struct {
	api
	sim *simulator.Simulator
}

// decided is a source about which its customer has decided on the bank's page.
func (b bankAPI) decided(form, result string) string {
	b.t.Helper()
	made := b.post("/v1/sources", form)
	id, secret := made.text("id"), made.text("client_secret")
	if answer := b.visit(id, secret, result); answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(answer.Header.Get("Location"), "https://shop.example/back?") {
		b.t.Fatalf("the bank answers %d %v", answer.StatusCode, answer.Header)
	}
	return id
}

// visit presses a button on the bank's page of a source.
func (b bankAPI) visit(id, secret, result string) *http.Response {
	b.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.PostForm(b.base+"/_simulator/challenge/shop/"+id, url.Values{"client_secret": {secret}, "result": {result}})
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// TestSourceTransitions tries every step in every state of a source that serves once: what may be done, and that the rest is refused and
// changes nothing.
func TestSourceTransitions(t *testing.T) {
	sim, _, base := started(t)
	b := bankAPI{api{t, base, secretKey}, sim}
	may := map[string]map[string]string{
		"pending":    {"agree": "chargeable", "refuse": "failed", "wait": "canceled"},
		"chargeable": {"charge": "consumed", "wait": "canceled"},
		"failed":     {}, "consumed": {}, "canceled": {},
	}
	for state, allowed := range may {
		for _, step := range []string{"agree", "refuse", "charge", "wait", "attach"} {
			id := sourceStates[state](b)
			now := b.get("/v1/sources/" + id)
			if now.text("status") != state {
				t.Fatalf("made %q, want %q", now.text("status"), state)
			}
			refused := true
			switch step {
			case "agree", "refuse":
				b.visit(id, now.text("client_secret"), map[string]string{"agree": "complete", "refuse": "fail"}[step])
			case "charge":
				refused = b.post("/v1/charges", "amount=1000&currency=eur&source="+id).text("error.code") == "payment_method_unexpected_state"
			case "wait":
				sim.Advance(7 * time.Hour)
			case "attach":
				refused = b.post("/v1/customers", "source="+id).text("error.code") == "payment_method_unexpected_state"
			}
			want, ok := allowed[step]
			if !ok {
				want = state
			}
			if got := b.get("/v1/sources/" + id).text("status"); got != want || !ok && !refused {
				t.Errorf("%s, then %s: it is %s, want %s, refused %v", state, step, got, want, refused)
			}
		}
	}
	want := []string{"source.canceled", "source.chargeable", "source.failed"}
	if got := b.typesOf("source.*"); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
}

// typesOf are the types of the newest events of a kind, sorted, each once.
func (a api) typesOf(kind string) []string {
	a.t.Helper()
	var types []string
	for _, one := range a.get("/v1/events?limit=100&type=" + kind).at("data").([]any) {
		types = append(types, one.(map[string]any)["type"].(string))
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// TestCardSource keeps a card's source for a customer, charges it twice, and takes it away.
func TestCardSource(t *testing.T) {
	a := newAPI(t)
	id := a.made("/v1/sources", "type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=2040&owner[email]=a@example.com")
	customer := a.made("/v1/customers", "source="+id)
	if got := a.get("/v1/customers/" + customer).text("default_source"); got != id {
		t.Errorf("the default source is %q", got)
	}
	for _, form := range []string{"customer=" + customer, "customer=" + customer + "&source=" + id} {
		if got := a.post("/v1/charges", "amount=1000&currency=eur&"+form); got.text("status") != "succeeded" || got.text("source.id") != id || got.text("payment_method_details.card.last4") != "4242" {
			t.Errorf("%s: %v", form, got.Body)
		}
	}
	if got := a.post("/v1/charges", "amount=1000&currency=eur&source="+id); got.Status != 400 {
		t.Errorf("without its customer: %v", got.Body)
	}
	if other := a.made("/v1/customers", "name=Bob"); a.post("/v1/charges", "amount=1000&currency=eur&customer="+other+"&source="+id).Status != 404 {
		t.Error("another customer is charged to it")
	}
	if got := a.get("/v1/customers/" + customer + "/sources?object=source"); got.text("data.0.id") != id {
		t.Errorf("the sources are %v", got.Body)
	}
	if got := a.get("/v1/customers/" + customer + "/sources?object=card"); got.at("data.0") != nil {
		t.Errorf("the cards are %v", got.Body)
	}
	if got := a.do("DELETE", "/v1/customers/"+customer+"/sources/"+id, ""); got.text("status") != "consumed" {
		t.Errorf("detached it is %v", got.Body)
	}
	if got := a.post("/v1/charges", "amount=1000&currency=eur&customer="+customer); got.Status != 402 {
		t.Errorf("charged after it was detached: %v", got.Body)
	}
	if got := a.typesOf("customer.source.*"); !slices.Equal(got, []string{"customer.source.created", "customer.source.deleted"}) {
		t.Errorf("events %v", got)
	}
}

// TestThreeDSecureSource charges a card that asks for authentication by a source that has it.
func TestThreeDSecureSource(t *testing.T) {
	sim, _, base := started(t)
	b := bankAPI{api{t, base, secretKey}, sim}
	card := b.made("/v1/sources", "type=card&card[number]=4000002760003184&card[exp_month]=1&card[exp_year]=2040")
	if got := b.post("/v1/charges", "amount=1000&currency=eur&source="+card); got.text("error.decline_code") != "authentication_required" {
		t.Errorf("the card alone: %v", got.Body)
	}
	id := b.decided("type=three_d_secure&amount=1000&currency=eur&three_d_secure[card]="+card+"&redirect[return_url]=https://shop.example/back", "complete")
	if got := b.post("/v1/charges", "amount=1000&currency=eur&source="+id); got.text("status") != "succeeded" || got.text("payment_method_details.card.three_d_secure.result") != "authenticated" {
		t.Errorf("authenticated: %v", got.Body)
	}
}

func TestSourceParameters(t *testing.T) {
	sim, _, base := started(t)
	b := bankAPI{api{t, base, secretKey}, sim}
	for form, param := range map[string]string{
		"":                                    "type",
		"type=gold":                           "type",
		"type=card":                           "card[number]",
		"type=card&token=tok_nobody":          "token",
		"type=ideal&amount=1000&currency=eur": "redirect[return_url]",
		"type=ideal&currency=eur&redirect[return_url]=https://a.example":                      "amount",
		"type=ideal&amount=1000&redirect[return_url]=https://a.example":                       "currency",
		"type=ideal&amount=1000&currency=usd&redirect[return_url]=https://a.example":          "currency",
		"type=ideal&amount=-5&currency=eur&redirect[return_url]=https://a.example":            "amount",
		"type=three_d_secure&amount=1000&currency=eur&redirect[return_url]=https://a.example": "three_d_secure[card]",
		"type=card&token=tok_visa&colour=red":                                                 "colour",
		"type=card&token=tok_visa&usage=never":                                                "usage",
	} {
		if got := b.post("/v1/sources", form); got.Status < 400 || got.text("error.param") != param {
			t.Errorf("%q: %d %v", form, got.Status, got.at("error"))
		}
	}
	id := b.decided(idealSource, "complete")
	if got := b.post("/v1/charges", "amount=999&currency=eur&source="+id); got.text("error.param") != "amount" {
		t.Errorf("another amount: %v", got.Body)
	}
	if got := b.post("/v1/charges", "amount=1000&currency=eur&capture=false&source="+id); got.text("error.param") != "capture" {
		t.Errorf("authorised only: %v", got.Body)
	}
	public := api{t, base, publishableKey}
	if got := public.get("/v1/sources/" + id); got.text("error.param") != "client_secret" {
		t.Errorf("without the secret: %v", got.Body)
	}
	secret := b.get("/v1/sources/" + id).text("client_secret")
	if got := public.get("/v1/sources/" + id + "?client_secret=" + secret); got.text("id") != id {
		t.Errorf("with the secret: %v", got.Body)
	}
	if got := b.post("/v1/sources/"+id, "metadata[order]=7&owner[name]=Bob"); got.text("metadata.order") != "7" || got.text("owner.name") != "Bob" {
		t.Errorf("updated: %v", got.Body)
	}
}
