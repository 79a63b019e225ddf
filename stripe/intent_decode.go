package stripe

import "encoding/json"

// wireIntent is a payment intent as Stripe writes it, in this and older versions of the API.
type wireIntent struct {
	ID               string
	Status           string
	Amount           int64
	AmountCapturable int64 `json:"amount_capturable"`
	AmountReceived   int64 `json:"amount_received"`
	Currency         string
	Customer         ref
	PaymentMethod    ref      `json:"payment_method"`
	Source           ref      `json:"source"`
	MethodTypes      []string `json:"payment_method_types"`
	CaptureMethod    string   `json:"capture_method"`
	FutureUsage      string   `json:"setup_future_usage"`
	ClientSecret     string   `json:"client_secret"`
	LatestCharge     ref      `json:"latest_charge"`
	Charges          struct { // before 2022-11-15
		Data []json.RawMessage
	}
	LastError    *wireError      `json:"last_payment_error"`
	NextAction   *wireNextAction `json:"next_action"`
	SourceAction *wireNextAction `json:"next_source_action"` // before 2019-02-11
	Description  string
	Metadata     map[string]string
	CanceledAt   unixTime `json:"canceled_at"`
	CancelReason string   `json:"cancellation_reason"`
	Created      unixTime
	Livemode     bool
}

type wireError struct {
	Type, Code, Message, Param string
	DeclineCode                string `json:"decline_code"`
	Charge                     ref
	PaymentMethod              ref `json:"payment_method"`
	Source                     ref
}

type wireNextAction struct {
	Type     string
	Redirect struct {
		URL string
	} `json:"redirect_to_url"`
	Microdeposits struct {
		URL     string   `json:"hosted_verification_url"`
		Kind    string   `json:"microdeposit_type"`
		Arrival unixTime `json:"arrival_date"`
	} `json:"verify_with_microdeposits"`
}

// DecodePaymentIntent reads a payment intent's JSON, from an answer or an event of any API version.
func DecodePaymentIntent(raw []byte) (*PaymentIntent, error) {
	var w wireIntent
	if err := decodeObject(raw, "payment_intent", &w); err != nil {
		return nil, err
	}
	if w.NextAction == nil {
		w.NextAction = w.SourceAction
	}
	p := &PaymentIntent{ID: w.ID, Status: statusOf(w.Status), Amount: w.Amount, AmountCapturable: w.AmountCapturable,
		AmountReceived: w.AmountReceived, Currency: w.Currency, Customer: w.Customer.ID, PaymentMethod: w.PaymentMethod.ID,
		MethodTypes: w.MethodTypes, ManualCapture: w.CaptureMethod == "manual", SaveForLater: w.FutureUsage == "off_session", ClientSecret: w.ClientSecret,
		ChargeID: w.LatestCharge.ID, LastError: w.LastError.decode(), NextAction: w.NextAction.decode(),
		Description: w.Description, Metadata: w.Metadata, CanceledAt: w.CanceledAt.Time, CancelReason: w.CancelReason,
		Created: w.Created.Time, Livemode: w.Livemode}
	if p.PaymentMethod == "" {
		p.PaymentMethod = w.Source.ID
	}
	charge := w.LatestCharge.Raw
	if charge == nil && p.ChargeID == "" && len(w.Charges.Data) > 0 {
		charge = w.Charges.Data[0] // newest first
	}
	if charge != nil {
		c, err := DecodeCharge(charge)
		if err != nil {
			return nil, err
		}
		p.Charge, p.ChargeID, p.AmountRefunded = c, c.ID, c.AmountRefunded
	}
	return p, nil
}

// statusOf is the status of an intent by the name that it has since 2019-02-11.
func statusOf(status string) string {
	switch status {
	case "requires_source":
		return RequiresPaymentMethod
	case "requires_source_action":
		return RequiresAction
	}
	return status
}

func (w *wireError) decode() *IntentError {
	if w == nil {
		return nil
	}
	method := w.PaymentMethod.ID
	if method == "" {
		method = w.Source.ID
	}
	return &IntentError{Type: w.Type, Code: w.Code, DeclineCode: w.DeclineCode, Message: w.Message, Param: w.Param,
		ChargeID: w.Charge.ID, PaymentMethod: method, MethodType: typeOf(w.PaymentMethod.Raw)}
}

func (w *wireNextAction) decode() *NextAction {
	if w == nil {
		return nil
	}
	url := w.Redirect.URL
	if url == "" {
		url = w.Microdeposits.URL
	}
	return &NextAction{Type: w.Type, URL: url, By: w.Microdeposits.Arrival.Time, Code: w.Microdeposits.Kind == "descriptor_code"}
}
