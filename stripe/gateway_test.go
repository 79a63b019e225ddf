package stripe_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/stripe"
	"paytond/stripe/simulator"
)

func TestCustomers(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	created := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "c1", stripe.CustomerParams{Name: "Alice Martin", Email: "alice@example.com", Phone: "+3212",
		Description: "Party 7", Locales: []string{"fr"}, Source: "tok_visa", Metadata: map[string]string{"party": "7"}}))
	got := must[*stripe.Customer](t)(a.RetrieveCustomer(ctx, created.ID))
	if diff := cmp.Diff(created, got); diff != "" {
		t.Errorf("read again it differs: %s", diff)
	}
	if got.Name != "Alice Martin" || got.Locales[0] != "fr" || got.Metadata["party"] != "7" || !strings.HasPrefix(got.DefaultSource, "card_") {
		t.Errorf("got %+v", got)
	}
	got = must[*stripe.Customer](t)(a.UpdateCustomer(ctx, "c2", created.ID, stripe.CustomerParams{Name: "Alice M.", Locales: []string{"de", "en"}}))
	if got.Name != "Alice M." || got.Email != "" || got.Phone != "" || len(got.Locales) != 2 || got.Metadata["party"] != "7" {
		t.Errorf("after the update: %+v", got)
	}
	found := must[[]*stripe.Customer](t)(a.FindCustomers(ctx, "", time.Now().Add(-time.Hour), time.Now().Add(time.Hour), map[string]string{"party": "7"}))
	if len(found) != 1 || found[0].ID != created.ID {
		t.Errorf("found %v", found)
	}
	if found, _ = a.FindCustomers(ctx, "", time.Time{}, time.Time{}, map[string]string{"party": "8"}); len(found) != 0 {
		t.Errorf("found %v of another party", found)
	}
	if err := a.DeleteCustomer(ctx, "c3", created.ID); err != nil {
		t.Fatal(err)
	}
	if got = must[*stripe.Customer](t)(a.RetrieveCustomer(ctx, created.ID)); !got.Deleted {
		t.Errorf("not deleted: %+v", got)
	}
	if e := mustFail(t, errorOf(a.RetrieveCustomer(ctx, "cus_none"))); e.Kind != stripe.InvalidRequest || e.Code != "resource_missing" || e.HTTPStatus != 404 {
		t.Errorf("got %+v", e)
	}
	if e := mustFail(t, errorOf(a.CreateCustomer(ctx, "c4", stripe.CustomerParams{Email: "no address"}))); e.Param != "email" {
		t.Errorf("got %+v", e)
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestSourcesAndMethods(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	c := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "c1", stripe.CustomerParams{Source: "tok_visa", PaymentMethod: "pm_card_mastercard"}))
	second := must[*stripe.Source](t)(a.AttachSource(ctx, "s1", c.ID, "tok_amex"))
	sources := must[[]*stripe.Source](t)(a.ListSources(ctx, c.ID, ""))
	if len(sources) != 2 || sources[0].ID != second.ID || sources[0].Brand != "American Express" || sources[1].Last4 != "4242" {
		t.Errorf("sources %+v", sources)
	}
	methods := must[[]*stripe.PaymentMethod](t)(a.ListPaymentMethods(ctx, c.ID, "card"))
	if len(methods) != 3 {
		t.Errorf("methods %+v: cards of the older kind are payment methods too", methods)
	}
	var mastercard *stripe.PaymentMethod
	for _, m := range methods {
		if m.Brand == "mastercard" {
			mastercard = m
		}
	}
	if mastercard == nil || mastercard.Last4 != "4444" || mastercard.Customer != c.ID || mastercard.Fingerprint == "" || mastercard.ExpMonth != 8 {
		t.Fatalf("got %+v", mastercard)
	}
	other := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "c2", stripe.CustomerParams{PaymentMethod: "pm_card_mastercard"}))
	twin := must[[]*stripe.PaymentMethod](t)(a.ListPaymentMethods(ctx, other.ID, ""))
	if twin[0].Fingerprint != mastercard.Fingerprint || twin[0].ID == mastercard.ID {
		t.Errorf("the same card has not the same fingerprint: %+v and %+v", twin[0], mastercard)
	}
	if err := a.DeleteSource(ctx, "s2", c.ID, second.ID); err != nil {
		t.Error(err)
	}
	detached := must[*stripe.PaymentMethod](t)(a.DetachPaymentMethod(ctx, "s3", mastercard.ID))
	if detached.Customer != "" {
		t.Errorf("not detached: %+v", detached)
	}
	if methods = must[[]*stripe.PaymentMethod](t)(a.ListPaymentMethods(ctx, c.ID, "")); len(methods) != 1 {
		t.Errorf("left are %+v", methods)
	}
	e := mustFail(t, errorOf(a.AttachPaymentMethod(ctx, "s4", mastercard.ID, c.ID)))
	if e.Kind != stripe.InvalidRequest {
		t.Errorf("a detached method can be attached again: %v", e)
	}
	m := must[*stripe.PaymentMethod](t)(a.AttachPaymentMethod(ctx, "s5", "pm_card_visa", c.ID))
	if got := must[*stripe.PaymentMethod](t)(a.RetrievePaymentMethod(ctx, m.ID)); got.Customer != c.ID {
		t.Errorf("got %+v", got)
	}
}

func TestPaymentIntents(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	c := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "c1", stripe.CustomerParams{PaymentMethod: "pm_card_visa"}))
	method := must[[]*stripe.PaymentMethod](t)(a.ListPaymentMethods(ctx, c.ID, ""))[0]
	meta := map[string]string{"payment": "42"}
	paid := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "p1", stripe.PaymentIntentParams{Amount: 1250, Currency: "eur", Customer: c.ID,
		PaymentMethod: method.ID, Confirm: true, OffSession: true, Description: "Order 42", Metadata: meta, StatementSuffix: "ORDER"}))
	if paid.Status != stripe.Succeeded || paid.AmountReceived != 1250 || paid.Charge == nil || !paid.Charge.Paid || paid.Charge.ID != paid.ChargeID || paid.Livemode {
		t.Fatalf("got %+v", paid)
	}
	again := must[*stripe.PaymentIntent](t)(a.RetrievePaymentIntent(ctx, paid.ID))
	if diff := cmp.Diff(paid, again); diff != "" {
		t.Errorf("read again it differs: %s", diff)
	}
	found := must[[]*stripe.PaymentIntent](t)(a.FindPaymentIntents(ctx, stripe.Lookup{Customer: c.ID, Metadata: meta}))
	if len(found) != 1 || found[0].ID != paid.ID {
		t.Errorf("found %v", found)
	}
	waiting := must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, "p2", stripe.PaymentIntentParams{Amount: 500, Currency: "eur", MethodTypes: []string{"card"}}))
	if waiting.Status != stripe.RequiresPaymentMethod || !strings.HasPrefix(waiting.ClientSecret, waiting.ID+"_secret_") {
		t.Errorf("got %+v", waiting)
	}
	confirmed := must[*stripe.PaymentIntent](t)(a.ConfirmPaymentIntent(ctx, "p3", waiting.ID, stripe.ConfirmParams{PaymentMethod: "pm_card_visa"}))
	if confirmed.Status != stripe.Succeeded {
		t.Errorf("got %+v", confirmed)
	}
	e := mustFail(t, errorOf(a.ConfirmPaymentIntent(ctx, "p4", waiting.ID, stripe.ConfirmParams{})))
	if e.Code != "payment_intent_unexpected_state" || e.Outcome() != stripe.Unknown || e.PaymentIntentID != waiting.ID {
		t.Errorf("confirming what has succeeded: %+v is %v", e, e.Outcome())
	}
	if n := len(sim.Ledger()); n != 2 {
		t.Errorf("%d charges, want 2", n)
	}
}

func TestCapture(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	hold := func(key string) *stripe.PaymentIntent {
		return must[*stripe.PaymentIntent](t)(a.CreatePaymentIntent(ctx, key, stripe.PaymentIntentParams{Amount: 1000, Currency: "eur",
			PaymentMethod: "pm_card_visa", ManualCapture: true, Confirm: true}))
	}
	held := hold("h1")
	if held.Status != stripe.RequiresCapture || held.AmountCapturable != 1000 || held.AmountReceived != 0 || held.Charge.Captured || held.Charge.CaptureBefore.IsZero() {
		t.Fatalf("got %+v", held)
	}
	part := must[*stripe.PaymentIntent](t)(a.CapturePaymentIntent(ctx, "h2", held.ID, 700))
	if part.Status != stripe.Succeeded || part.AmountReceived != 700 || part.AmountRefunded != 300 || part.Charge.AmountCaptured != 700 {
		t.Errorf("captured in part: %+v, %+v", part, part.Charge)
	}
	released := must[[]*stripe.Refund](t)(a.ListRefunds(ctx, "", held.ID))
	if len(released) != 1 || released[0].Amount != 300 || released[0].BalanceTransaction != "" {
		t.Errorf("the rest is released by %+v", released)
	}
	back := must[*stripe.Refund](t)(a.CreateRefund(ctx, "h2r", stripe.RefundParams{PaymentIntent: held.ID, Amount: 100}))
	if back.BalanceTransaction == "" {
		t.Errorf("a refund that moves money: %+v", back)
	}
	if e := mustFail(t, errorOf(a.CapturePaymentIntent(ctx, "h3", held.ID, 0))); !e.StateDiffers() {
		t.Errorf("captured twice: %v", e)
	}
	whole := must[*stripe.PaymentIntent](t)(a.CapturePaymentIntent(ctx, "h5", hold("h4").ID, 0))
	if whole.AmountReceived != 1000 {
		t.Errorf("got %+v", whole)
	}
	e := mustFail(t, errorOf(a.CapturePaymentIntent(ctx, "h7", hold("h6").ID, 1001)))
	if e.Outcome() != stripe.Declined || e.Param != "amount_to_capture" {
		t.Errorf("captured more than held: %+v", e)
	}
	void := must[*stripe.PaymentIntent](t)(a.CancelPaymentIntent(ctx, "h9", hold("h8").ID, "requested_by_customer"))
	if void.Status != stripe.Canceled || void.CancelReason != "requested_by_customer" || !void.Charge.Refunded || void.AmountCapturable != 0 || void.CanceledAt.IsZero() {
		t.Errorf("voided: %+v", void)
	}
	expiring := hold("h10")
	sim.Advance(7*24*time.Hour + time.Minute)
	expired := must[*stripe.PaymentIntent](t)(a.RetrievePaymentIntent(ctx, expiring.ID))
	if expired.Status != stripe.Canceled || expired.CancelReason != "automatic" {
		t.Errorf("after seven days: %+v", expired)
	}
}

func TestCharges(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	meta := map[string]string{"payment": "9"}
	byToken := must[*stripe.Charge](t)(a.CreateCharge(ctx, "k1", stripe.ChargeParams{Amount: 1250, Currency: "usd", Source: "tok_visa", Description: "d", Metadata: meta}))
	if byToken.Status != "succeeded" || !byToken.Captured || byToken.AmountCaptured != 1250 || byToken.BalanceTransaction == "" {
		t.Errorf("got %+v", byToken)
	}
	c := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "k2", stripe.CustomerParams{Source: "tok_visa"}))
	byDefault := must[*stripe.Charge](t)(a.CreateCharge(ctx, "k3", stripe.ChargeParams{Amount: 100, Currency: "usd", Customer: c.ID}))
	bySource := must[*stripe.Charge](t)(a.CreateCharge(ctx, "k4", stripe.ChargeParams{Amount: 100, Currency: "usd", Customer: c.ID, Source: c.DefaultSource, AuthorizeOnly: true}))
	if byDefault.PaymentMethod != c.DefaultSource || bySource.PaymentMethod != c.DefaultSource || bySource.Captured {
		t.Errorf("got %+v and %+v", byDefault, bySource)
	}
	captured := must[*stripe.Charge](t)(a.CaptureCharge(ctx, "k5", bySource.ID, 60))
	if !captured.Captured || captured.AmountCaptured != 60 || captured.AmountRefunded != 40 {
		t.Errorf("got %+v", captured)
	}
	if e := mustFail(t, errorOf(a.CaptureCharge(ctx, "k6", bySource.ID, 0))); e.Code != "charge_already_captured" || !e.StateDiffers() {
		t.Errorf("got %+v", e)
	}
	found := must[[]*stripe.Charge](t)(a.FindCharges(ctx, stripe.Lookup{Since: time.Now().Add(-time.Minute), Metadata: meta}))
	if len(found) != 1 || found[0].ID != byToken.ID {
		t.Errorf("found %v", found)
	}
	e := mustFail(t, errorOf(a.CreateCharge(ctx, "k7", stripe.ChargeParams{Amount: 100, Currency: "usd", Source: "tok_chargeDeclinedInsufficientFunds"})))
	if e.Kind != stripe.Card || e.Code != "card_declined" || e.DeclineCode != "insufficient_funds" || e.Outcome() != stripe.Declined {
		t.Errorf("got %+v", e)
	}
	failed := must[*stripe.Charge](t)(a.RetrieveCharge(ctx, e.ChargeID))
	if failed.Status != "failed" || failed.FailureCode != "card_declined" || failed.FailureMessage != "Your card has insufficient funds." {
		t.Errorf("got %+v", failed)
	}
	nobody := must[*stripe.Customer](t)(a.CreateCustomer(ctx, "k8", stripe.CustomerParams{}))
	if e := mustFail(t, errorOf(a.CreateCharge(ctx, "k9", stripe.ChargeParams{Amount: 100, Currency: "usd", Customer: nobody.ID}))); e.Code != "missing" {
		t.Errorf("got %+v", e)
	}
}

func TestRefunds(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{SettleAfter: time.Hour})
	pay := func(key, token string) *stripe.Charge {
		return must[*stripe.Charge](t)(a.CreateCharge(ctx, key, stripe.ChargeParams{Amount: 1000, Currency: "eur", Source: token}))
	}
	c := pay("c1", "tok_visa")
	first := must[*stripe.Refund](t)(a.CreateRefund(ctx, "r1", stripe.RefundParams{Charge: c.ID, Amount: 400, Reason: "requested_by_customer", Metadata: map[string]string{"refund": "1"}}))
	if first.Status != "succeeded" || first.Amount != 400 || first.Charge != c.ID || first.Metadata["refund"] != "1" {
		t.Errorf("got %+v", first)
	}
	e := mustFail(t, errorOf(a.CreateRefund(ctx, "r2", stripe.RefundParams{Charge: c.ID, Amount: 601})))
	if e.Kind != stripe.InvalidRequest || e.Param != "amount" || e.Outcome() != stripe.Declined {
		t.Errorf("more than is left: %+v", e)
	}
	rest := must[*stripe.Refund](t)(a.CreateRefund(ctx, "r3", stripe.RefundParams{Charge: c.ID}))
	if rest.Amount != 600 {
		t.Errorf("got %+v", rest)
	}
	if c = must[*stripe.Charge](t)(a.RetrieveCharge(ctx, c.ID)); !c.Refunded || c.AmountRefunded != 1000 {
		t.Errorf("got %+v", c)
	}
	if e := mustFail(t, errorOf(a.CreateRefund(ctx, "r4", stripe.RefundParams{Charge: c.ID}))); e.Code != "charge_already_refunded" || e.Outcome() != stripe.Declined {
		t.Errorf("got %+v", e)
	}
	if list := must[[]*stripe.Refund](t)(a.ListRefunds(ctx, c.ID, "")); len(list) != 2 || list[0].ID != rest.ID {
		t.Errorf("listed %v", list)
	}
	pending := must[*stripe.Refund](t)(a.CreateRefund(ctx, "r5", stripe.RefundParams{Charge: pay("c2", "tok_pendingRefund").ID}))
	failing := must[*stripe.Refund](t)(a.CreateRefund(ctx, "r6", stripe.RefundParams{Charge: pay("c3", "tok_refundFail").ID}))
	if pending.Status != "pending" || failing.Status != "succeeded" {
		t.Errorf("got %+v and %+v", pending, failing)
	}
	sim.Advance(2 * time.Hour)
	if r := must[*stripe.Refund](t)(a.RetrieveRefund(ctx, pending.ID)); r.Status != "succeeded" {
		t.Errorf("later: %+v", r)
	}
	if r := must[*stripe.Refund](t)(a.RetrieveRefund(ctx, failing.ID)); r.Status != "failed" || r.FailureReason == "" {
		t.Errorf("later: %+v", r)
	}
	if c := must[*stripe.Charge](t)(a.RetrieveCharge(ctx, failing.Charge)); c.AmountRefunded != 0 || c.Refunded {
		t.Errorf("the refund failed, the charge says %+v", c)
	}
}

func TestSetupIntents(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	s := must[*stripe.SetupIntent](t)(a.CreateSetupIntent(ctx, "s1", stripe.SetupIntentParams{MethodTypes: []string{"card"}, Metadata: map[string]string{"customer": "3"}}))
	if s.Status != stripe.RequiresPaymentMethod || s.ClientSecret == "" || s.Metadata["customer"] != "3" {
		t.Errorf("got %+v", s)
	}
	if got := must[*stripe.SetupIntent](t)(a.RetrieveSetupIntent(ctx, s.ID)); got.ID != s.ID {
		t.Errorf("got %+v", got)
	}
	if got := must[*stripe.SetupIntent](t)(a.CancelSetupIntent(ctx, "s2", s.ID)); got.Status != stripe.Canceled {
		t.Errorf("got %+v", got)
	}
	if e := mustFail(t, errorOf(a.CancelSetupIntent(ctx, "s3", s.ID))); !e.StateDiffers() || e.SetupIntentID != s.ID {
		t.Errorf("got %+v", e)
	}
}

func TestAccountAndEndpoints(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	info := must[*stripe.AccountInfo](t)(a.RetrieveAccount(ctx))
	if !strings.HasPrefix(info.ID, "acct_") || info.Name == "" || !info.ChargesEnabled {
		t.Errorf("got %+v", info)
	}
	e := must[*stripe.Endpoint](t)(a.CreateEndpoint(ctx, "e1", stripe.EndpointParams{URL: "http://127.0.0.1:1/hook",
		Events: []string{"charge.refunded"}, Description: "shop", Metadata: map[string]string{"key": "e1"}}))
	if !strings.HasPrefix(e.Secret, "whsec_") || e.Version != stripe.APIVersion {
		t.Errorf("got %+v", e)
	}
	list := must[[]*stripe.Endpoint](t)(a.ListEndpoints(ctx))
	if len(list) != 1 || list[0].ID != e.ID || list[0].Secret != "" || list[0].Metadata["key"] != "e1" {
		t.Errorf("listed %+v", list)
	}
	if err := a.DeleteEndpoint(ctx, "e2", e.ID); err != nil {
		t.Error(err)
	}
	if list, _ = a.ListEndpoints(ctx); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}

func TestDisputes(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	c := must[*stripe.Charge](t)(a.CreateCharge(ctx, "c1", stripe.ChargeParams{Amount: 1000, Currency: "eur", Source: "tok_createDispute"}))
	c = must[*stripe.Charge](t)(a.RetrieveCharge(ctx, c.ID))
	d := must[[]*stripe.Dispute](t)(a.ListDisputes(ctx, c.ID))[0]
	if !c.Disputed || d.ID != c.Dispute || d.Status != "needs_response" || d.Amount != 1000 || d.Reason != "fraudulent" || d.DueBy.IsZero() || d.Charge != c.ID {
		t.Errorf("got %+v of %+v", d, c)
	}
	if e := mustFail(t, errorOf(a.CreateRefund(ctx, "r1", stripe.RefundParams{Charge: c.ID}))); e.Code != "charge_disputed" {
		t.Errorf("got %+v", e)
	}
	if d = must[*stripe.Dispute](t)(a.CloseDispute(ctx, "d1", d.ID)); d.Status != "lost" {
		t.Errorf("got %+v", d)
	}
	other := must[*stripe.Charge](t)(a.CreateCharge(ctx, "c2", stripe.ChargeParams{Amount: 1000, Currency: "eur", Source: "tok_visa"}))
	if err := sim.Dispute(other.ID, 400, "product_not_received"); err != nil {
		t.Fatal(err)
	}
	other = must[*stripe.Charge](t)(a.RetrieveCharge(ctx, other.ID))
	if err := sim.DecideDispute(other.Dispute, true); err != nil {
		t.Fatal(err)
	}
	if d = must[[]*stripe.Dispute](t)(a.ListDisputes(ctx, other.ID))[0]; d.Status != "won" || d.Amount != 400 {
		t.Errorf("got %+v", d)
	}
}

func TestListEventsContinuesWithoutGap(t *testing.T) {
	ctx := t.Context()
	a, _ := simulated(t, simulator.Options{})
	for i := range 130 { // more than a page
		must[*stripe.Customer](t)(a.CreateCustomer(ctx, fmt.Sprint("c", i), stripe.CustomerParams{Name: fmt.Sprint(i)}))
	}
	all := must[[]*stripe.Event](t)(a.ListEvents(ctx, stripe.EventQuery{Since: time.Now().Add(-time.Hour)}))
	if len(all) != 130 || all[0].ObjectType != "customer" || all[0].Type != "customer.created" {
		t.Fatalf("%d events, the first is %+v", len(all), all[0])
	}
	var seen []string
	for q := (stripe.EventQuery{After: all[4].ID, Max: 40}); ; {
		next := must[[]*stripe.Event](t)(a.ListEvents(ctx, q))
		if len(next) == 0 {
			break
		}
		for _, e := range next {
			seen = append(seen, e.ID)
		}
		q.After = next[len(next)-1].ID
	}
	var want []string
	for _, e := range all[5:] {
		want = append(want, e.ID)
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("events after the fifth: %s", diff)
	}
	if rest := must[[]*stripe.Event](t)(a.ListEvents(ctx, stripe.EventQuery{After: all[100].ID})); len(rest) != 29 {
		t.Errorf("%d events after the 101st, want 29", len(rest))
	}
	if none := must[[]*stripe.Event](t)(a.ListEvents(ctx, stripe.EventQuery{Types: []string{"charge.failed"}})); len(none) != 0 {
		t.Errorf("got %v", none)
	}
}

// TestListEventsFromTheOldest has more events than are read at once, most of them in one second: who has no event to start from gets the
// oldest, and the others behind them.
func TestListEventsFromTheOldest(t *testing.T) {
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	a, _ := simulated(t, simulator.Options{Now: func() time.Time { return now }})
	for i := range 460 {
		if i < 20 || i > 440 {
			now = now.Add(time.Duration(1+i%7) * time.Hour)
		}
		must[*stripe.Customer](t)(a.CreateCustomer(ctx, fmt.Sprint("c", i), stripe.CustomerParams{Name: fmt.Sprint(i)}))
	}
	all := must[[]*stripe.Event](t)(a.ListEvents(ctx, stripe.EventQuery{}))
	if len(all) != 460 {
		t.Fatalf("%d events", len(all))
	}
	for since, first := range map[time.Time]int{{}: 0, all[0].Created: 0, all[19].Created.Add(time.Second): 441, all[19].Created: 19, all[450].Created: 450} {
		got := must[[]*stripe.Event](t)(a.ListEvents(ctx, stripe.EventQuery{Since: since, Max: 150}))
		var want, have []string
		for _, e := range all[first:min(len(all), first+150)] {
			want = append(want, e.ID)
		}
		for _, e := range got {
			have = append(have, e.ID)
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("since %s (-want +got):\n%s", since, diff)
		}
	}
}

// TestOldestOfManyEvents asks for the oldest of more events than could be read one after the other: a few dozen calls find them.
func TestOldestOfManyEvents(t *testing.T) {
	const many, every, first = 1_000_000, 2, 1_700_000_000 // one each two seconds
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		low, high := 0, many-1 // numbers of the events that fit
		if n, err := strconv.Atoi(r.FormValue("created[gte]")); err == nil {
			low = max(low, (n-first+every-1)/every)
		}
		if n, err := strconv.Atoi(r.FormValue("created[lte]")); err == nil {
			high = min(high, (n-first)/every)
		}
		newer := false
		if id, ok := strings.CutPrefix(r.FormValue("ending_before"), "evt_"); ok {
			n, _ := strconv.Atoi(id)
			low, high, newer = n+1, min(high, n+100), n+100 < high
		}
		var rows []string
		for n := high; n >= low && len(rows) < 100; n-- {
			rows = append(rows, fmt.Sprintf(`{"id": "evt_%d", "object": "event", "type": "charge.succeeded", "created": %d, "data": {"object": {}}}`, n, first+every*n))
		}
		fmt.Fprintf(w, `{"object": "list", "data": [%s], "has_more": %v}`, strings.Join(rows, ","), newer || high-low >= 100)
	}))
	defer server.Close()
	gateway := stripe.New(stripe.Config{APIBase: server.URL, Rate: -1})
	defer gateway.Close()
	for since, oldest := range map[time.Time]int{{}: 0, time.Unix(first+700_001, 0): 350_001} {
		calls = 0
		got := must[[]*stripe.Event](t)(gateway.Account("sk_test_many").ListEvents(t.Context(), stripe.EventQuery{Since: since, Max: 150}))
		if len(got) != 150 || got[0].ID != fmt.Sprint("evt_", oldest) || got[149].ID != fmt.Sprint("evt_", oldest+149) || calls > 40 {
			t.Errorf("since %s: %d events from %s, by %d calls", since, len(got), got[0].ID, calls)
		}
	}
}

// TestCallsTellWhenTheAnswerWasTrue looks at the moment that calls give to what was answered: not after it, by Stripe's clock, and none for an
// answer that Stripe gives again.
func TestCallsTellWhenTheAnswerWasTrue(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2026, 3, 1, 12, 0, 5, 900_000_000, time.UTC)
	a, _ := simulated(t, simulator.Options{Now: func() time.Time { return now }})
	var told []stripe.Call
	a = a.OnCall(func(_ context.Context, c stripe.Call) { told = append(told, c) })
	for range 2 {
		must[*stripe.Customer](t)(a.CreateCustomer(ctx, "one", stripe.CustomerParams{Name: "Alice"}))
	}
	earliest := time.Date(2026, 3, 1, 12, 0, 3, 0, time.UTC)
	if got := told[0].Shown; got.Before(earliest) || got.After(earliest.Add(time.Second)) {
		t.Errorf("an answer of %s shows what was so at %s", now, got)
	}
	if got := told[1]; !got.Replayed || !got.Shown.IsZero() {
		t.Errorf("an answer that is given again: %+v", got)
	}
}

func TestCallsAreTold(t *testing.T) {
	ctx := t.Context()
	plain, _ := simulated(t, simulator.Options{})
	var calls []stripe.Call
	a := plain.OnCall(func(_ context.Context, c stripe.Call) { calls = append(calls, c) })
	must[*stripe.Customer](t)(a.CreateCustomer(ctx, "k1", stripe.CustomerParams{}))
	must[*stripe.Customer](t)(a.CreateCustomer(ctx, "k1", stripe.CustomerParams{}))
	e := mustFail(t, errorOf(a.CreateCharge(ctx, "k2", stripe.ChargeParams{Amount: 100, Currency: "usd", Source: "tok_chargeDeclined"})))
	if err := a.DeleteCustomer(ctx, "", "cus_1"); err == nil {
		t.Error("a write without a key passes")
	}
	if len(calls) != 4 {
		t.Fatalf("%d calls were told, want 4", len(calls))
	}
	if c := calls[0]; c.Operation != "customer.create" || c.IdempotencyKey != "k1" || !strings.HasPrefix(c.RequestID, "req_") || c.HTTPStatus != 200 ||
		c.Outcome != stripe.Done || c.Replayed || c.Duration <= 0 || c.Started.IsZero() || !strings.HasPrefix(c.Object, "cus_") {
		t.Errorf("got %+v", c)
	}
	if c := calls[1]; !c.Replayed || c.Object != calls[0].Object || c.RequestID == calls[0].RequestID {
		t.Errorf("got %+v", c)
	}
	if c := calls[2]; c.Outcome != stripe.Declined || c.ErrorKind != stripe.Card || c.ErrorCode != "card_declined" || c.HTTPStatus != 402 || c != e.Call {
		t.Errorf("got %+v, the error says %+v", c, e.Call)
	}
	if c := calls[3]; c.Outcome != stripe.Declined || c.RequestID != "" || c.HTTPStatus != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestIDsAreChecked(t *testing.T) {
	ctx := t.Context()
	a, sim := simulated(t, simulator.Options{})
	before := sim.Calls()
	for _, id := range []string{"", "cus_1/sources", "..", "cus_1?expand[]=x", "cus 1", strings.Repeat("x", 256)} {
		e := mustFail(t, errorOf(a.RetrieveCustomer(ctx, id)))
		if e.Kind != stripe.InvalidRequest || !e.Untouched() {
			t.Errorf("%q: %+v", id, e)
		}
	}
	if sim.Calls() != before {
		t.Error("a call was made")
	}
}
