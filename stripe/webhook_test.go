package stripe_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stripe/stripe-go/v76/webhook"

	"paytond/stripe"
)

const eventJSON = `{"id":"evt_1","object":"event","type":"charge.refunded","created":1700000000,"api_version":"2019-12-03","livemode":false,
 "request":{"id":"req_1","idempotency_key":null},"data":{"object":{"id":"ch_1","object":"charge","amount":1250}}}`

func TestVerifyEvent(t *testing.T) {
	now := time.Unix(1700000100, 0)
	payload := []byte(eventJSON)
	signed := stripe.SignatureHeader(payload, "whsec_new", now)
	for name, test := range map[string]struct {
		payload string
		header  string
		secrets []string
		now     time.Time
		want    error
	}{
		"signed":                       {eventJSON, signed, []string{"whsec_new"}, now, nil},
		"the second secret fits":       {eventJSON, signed, []string{"whsec_old", "whsec_new"}, now, nil},
		"two signatures, one fits":     {eventJSON, signed + ",v1=" + strings.Repeat("ab", 32) + ",v0=00", []string{"whsec_new"}, now, nil},
		"within tolerance":             {eventJSON, signed, []string{"whsec_new"}, now.Add(5 * time.Minute), nil},
		"another secret":               {eventJSON, signed, []string{"whsec_other"}, now, stripe.ErrBadSignature},
		"an empty secret is none":      {eventJSON, stripe.SignatureHeader(payload, "", now), []string{""}, now, stripe.ErrNoSecret},
		"no secret":                    {eventJSON, signed, nil, now, stripe.ErrNoSecret},
		"changed":                      {strings.Replace(eventJSON, "1250", "9999", 1), signed, []string{"whsec_new"}, now, stripe.ErrBadSignature},
		"no header":                    {eventJSON, "", []string{"whsec_new"}, now, stripe.ErrNotSigned},
		"rubbish":                      {eventJSON, "hello", []string{"whsec_new"}, now, stripe.ErrBadSignature},
		"no timestamp":                 {eventJSON, strings.SplitN(signed, ",", 2)[1], []string{"whsec_new"}, now, stripe.ErrBadSignature},
		"a timestamp that is none":     {eventJSON, "t=x,v1=00", []string{"whsec_new"}, now, stripe.ErrBadSignature},
		"old":                          {eventJSON, signed, []string{"whsec_new"}, now.Add(5*time.Minute + time.Second), stripe.ErrTooOld},
		"from the future":              {eventJSON, signed, []string{"whsec_new"}, now.Add(-6 * time.Minute), stripe.ErrTooOld},
		"another scheme is not enough": {eventJSON, strings.Replace(signed, "v1=", "v0=", 1), []string{"whsec_new"}, now, stripe.ErrBadSignature},
	} {
		event, err := stripe.VerifyEvent([]byte(test.payload), test.header, test.secrets, 0, test.now)
		if !errors.Is(err, test.want) || (err == nil) != (event != nil) {
			t.Errorf("%s: got %v, %v, want %v", name, event, err, test.want)
		}
	}
}

// The library's own verification accepts our signature, and ours the library's.
func TestSignatureIsTheLibrarys(t *testing.T) {
	payload := []byte(eventJSON)
	header := stripe.SignatureHeader(payload, "whsec_1", time.Now())
	if _, err := webhook.ConstructEventWithOptions(payload, header, "whsec_1", webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true}); err != nil {
		t.Errorf("the library refuses our signature: %v", err)
	}
	theirs := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: payload, Secret: "whsec_1"})
	if _, err := stripe.VerifyEvent(payload, theirs.Header, []string{"whsec_1"}, 0, time.Now()); err != nil {
		t.Errorf("we refuse the library's signature: %v", err)
	}
}

func TestParseEvent(t *testing.T) {
	got, err := stripe.ParseEvent([]byte(eventJSON))
	if err != nil {
		t.Fatal(err)
	}
	want := &stripe.Event{ID: "evt_1", Type: "charge.refunded", Created: time.Unix(1700000000, 0).UTC(), APIVersion: "2019-12-03", RequestID: "req_1",
		ObjectID: "ch_1", ObjectType: "charge", Object: []byte(`{"id":"ch_1","object":"charge","amount":1250}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "null", "[]", "{}", `{"id":"evt_1"}`, `{"id":"ch_1","object":"charge","type":"card","data":{"object":{}}}`,
		`{"id":"evt_1","object":"event","type":"x"}`, `{"id":"evt_1","object":"event","type":"x","data":{"object":7}}`, strings.Repeat("[", 100000)} {
		if e, err := stripe.ParseEvent([]byte(bad)); err == nil {
			t.Errorf("%.40q passes as %v", bad, e)
		}
	}
}

// Objects of older and newer versions of the API are read all the same.
func TestDecodeOtherVersions(t *testing.T) {
	old := `{"id":"pi_1","object":"payment_intent","status":"succeeded","amount":1250,"currency":"eur","customer":{"id":"cus_1","object":"customer"},
	 "source":"card_1","payment_method":null,"charges":{"object":"list","data":[{"id":"ch_2","object":"charge","amount":1250,"amount_refunded":250}]},
	 "last_payment_error":{"type":"card_error","code":"card_declined","source":{"id":"card_0","object":"card"}},"next_action":null,"metadata":null}`
	got, err := stripe.DecodePaymentIntent([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if got.ChargeID != "ch_2" || got.AmountRefunded != 250 || got.Customer != "cus_1" || got.PaymentMethod != "card_1" || got.LastError.PaymentMethod != "card_0" {
		t.Errorf("got %+v", got)
	}
	newer := `{"id":"pi_1","object":"payment_intent","status":"succeeded","latest_charge":"ch_3","excluded_payment_method_types":null,"hooks":{"inputs":{}},"customer":7}`
	if got, err = stripe.DecodePaymentIntent([]byte(newer)); err != nil || got.ChargeID != "ch_3" || got.Customer != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := stripe.DecodePaymentIntent([]byte(`{"id":"ch_1","object":"charge"}`)); err == nil {
		t.Error("a charge is read as a payment intent")
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(eventJSON))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := stripe.ParseEvent(raw)
		if (e == nil) == (err == nil) {
			t.Fatalf("got %v, %v", e, err)
		}
		if e != nil {
			_, _ = stripe.DecodePaymentIntent(e.Object)
			_, _ = stripe.DecodeCharge(e.Object)
			_, _ = stripe.DecodePaymentMethod(e.Object)
			_, _ = stripe.DecodeSource(e.Object)
		}
	})
}
