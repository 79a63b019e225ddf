package stripe

// Mandate is a payer's consent to debits of his bank account.
type Mandate struct {
	ID            string
	Status        string // "active", "pending" or "inactive"
	Type          string // "multi_use" or "single_use"
	PaymentMethod string
	Livemode      bool
}

// DecodeMandate reads a mandate's JSON, from an answer or an event.
func DecodeMandate(raw []byte) (*Mandate, error) {
	var w struct {
		ID, Status, Type string
		PaymentMethod    ref `json:"payment_method"`
		Livemode         bool
	}
	if err := decodeObject(raw, "mandate", &w); err != nil {
		return nil, err
	}
	return &Mandate{ID: w.ID, Status: w.Status, Type: w.Type, PaymentMethod: w.PaymentMethod.ID, Livemode: w.Livemode}, nil
}
