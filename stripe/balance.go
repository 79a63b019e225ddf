package stripe

import (
	"context"
	"encoding/json"
	"time"

	stripego "github.com/stripe/stripe-go/v76"
)

// BalanceLine is a balance transaction: money that came to or left the account's balance at Stripe. Of Charge, Refund and Dispute the one
// that it comes from is set, as it is now; none for what is no payment, such as a payout or a fee.
type BalanceLine struct {
	ID       string
	Type     string // such as "charge", "payment", "refund", "adjustment"
	Category string // such as "charge", "refund", "dispute", "dispute_reversal"
	Amount   int64  // in the currency of the balance, which may be another one than the payment's
	Fee      int64
	Currency string
	Created  time.Time
	Source   string // id of the object that it comes from; may be empty

	Charge  *Charge
	Refund  *Refund
	Dispute *Dispute
}

// ListBalance lists the lines of the balance that were made at from or later and before until, newest first. More than 10000 are an error
// of kind TooMany: ask for less time.
func (a *Account) ListBalance(ctx context.Context, from, until time.Time) ([]*BalanceLine, error) {
	params := &stripego.BalanceTransactionListParams{CreatedRange: createdRange(from, until.Add(-time.Second))}
	params.AddExpand("data.source")
	return listAll(ctx, a, listQuery{request{operation: "balance_transaction.list"}, &params.ListParams, func() (*answer, error) {
		it := a.api.BalanceTransactions.List(params)
		return it.BalanceTransactionList().LastResponse, it.Err()
	}}, decodeBalanceLine)
}

func decodeBalanceLine(raw []byte) (*BalanceLine, error) {
	var w struct {
		ID, Type string
		Category string `json:"reporting_category"`
		Amount   int64
		Fee      int64
		Currency string
		Created  unixTime
		Source   ref
	}
	if err := decodeObject(raw, "balance_transaction", &w); err != nil {
		return nil, err
	}
	b := &BalanceLine{ID: w.ID, Type: w.Type, Category: w.Category, Amount: w.Amount, Fee: w.Fee, Currency: w.Currency,
		Created: w.Created.Time, Source: w.Source.ID}
	var source struct{ Object string }
	if len(w.Source.Raw) == 0 {
		return b, nil
	}
	err := json.Unmarshal(w.Source.Raw, &source)
	switch {
	case err != nil:
	case source.Object == "charge":
		b.Charge, err = DecodeCharge(w.Source.Raw)
	case source.Object == "refund":
		b.Refund, err = DecodeRefund(w.Source.Raw)
	case source.Object == "dispute":
		b.Dispute, err = DecodeDispute(w.Source.Raw)
	}
	return b, err
}
