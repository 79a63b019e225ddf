package simulator

import (
	"fmt"
	"time"
)

// dispute is a customer's objection with his bank.
type dispute struct {
	ID                  string                `json:"id"`
	Object              string                `json:"object"`
	Amount              int64                 `json:"amount"`
	BalanceTransactions []*balanceTransaction `json:"balance_transactions"`
	Charge              string                `json:"charge"`
	Created             int64                 `json:"created"`
	Currency            string                `json:"currency"`
	Evidence            map[string]any        `json:"evidence"`
	EvidenceDetails     evidenceDetails       `json:"evidence_details"`
	Refundable          bool                  `json:"is_charge_refundable"`
	Livemode            bool                  `json:"livemode"`
	Metadata            metadata              `json:"metadata"`
	PaymentIntent       text                  `json:"payment_intent"`
	Reason              string                `json:"reason"`
	Status              string                `json:"status"`
}

type evidenceDetails struct {
	DueBy           stamp `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int   `json:"submission_count"`
}

// disputeFee is what a dispute costs.
const disputeFee = 1500

// dispute opens a dispute over a part of a charge. An inquiry takes no money yet.
func (r *request) dispute(c *charge, amount int64, reason string, inquiry bool) *dispute {
	d := &dispute{ID: newID("dp"), Object: "dispute", Amount: amount, Charge: c.ID, Created: r.unix(), Currency: c.Currency,
		Evidence: map[string]any{}, EvidenceDetails: evidenceDetails{DueBy: stamp(r.now.Add(9 * 24 * time.Hour).Unix())}, Metadata: metadata{},
		PaymentIntent: c.PaymentIntent, Reason: reason, Status: "needs_response", BalanceTransactions: []*balanceTransaction{}}
	if inquiry {
		d.Status, d.Refundable = "warning_needs_response", true
	}
	c.Dispute, c.Disputed = text(d.ID), true
	r.account.Disputes.put(d.ID, d)
	r.emit("charge.dispute.created", d)
	if !inquiry {
		r.withdraw(d)
	}
	return d
}

func (r *request) withdraw(d *dispute) {
	d.BalanceTransactions = append(d.BalanceTransactions, r.enter("dispute", d.ID, -d.Amount, disputeFee, d.Currency, "Chargeback withdrawal for "+d.Charge))
	r.emit("charge.dispute.funds_withdrawn", d)
}

// decide closes a dispute.
func (r *request) decide(d *dispute, won bool) {
	warning := d.Status == "warning_needs_response" || d.Status == "warning_under_review"
	switch {
	case warning:
		d.Status = "warning_closed"
	case won:
		d.Status = "won"
		d.BalanceTransactions = append(d.BalanceTransactions, r.enter("dispute_reversal", d.ID, d.Amount, 0, d.Currency, "Chargeback reversal for "+d.Charge))
		r.emit("charge.dispute.funds_reinstated", d)
	default:
		d.Status = "lost"
	}
	d.Refundable = false
	r.emit("charge.dispute.closed", d)
}

func (d *dispute) closed() bool {
	return d.Status == "won" || d.Status == "lost" || d.Status == "warning_closed"
}

func (r *request) findDispute() (*dispute, *apiError) {
	d, ok := r.account.Disputes.get(r.id)
	if !ok {
		return nil, noSuch("dispute", r.id, "id")
	}
	return d, nil
}

func (r *request) retrieveDispute() (any, *apiError) {
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	return orError(r.findDispute())
}

// updateDispute takes evidence. As at Stripe, the texts winning_evidence and losing_evidence decide a test dispute.
func (r *request) updateDispute() (any, *apiError) {
	d, e := r.findDispute()
	if e != nil {
		return nil, e
	}
	evidence := r.params.hash("evidence")
	meta := r.params.metadata()
	submit := !r.params.has("submit") || r.params.boolean("submit")
	if e := r.params.finish(); e != nil {
		return nil, e
	}
	if d.closed() {
		return nil, invalidRequest("", fmt.Sprintf("This dispute is already closed: %s.", d.Status), "")
	}
	for k, v := range evidence {
		d.Evidence[k] = v
	}
	d.Metadata = d.Metadata.merged(meta)
	if len(evidence) > 0 {
		d.EvidenceDetails.HasEvidence = true
	}
	if submit && len(evidence) > 0 {
		d.EvidenceDetails.SubmissionCount++
		if d.Status == "needs_response" {
			d.Status = "under_review"
		} else if d.Status == "warning_needs_response" {
			d.Status = "warning_under_review"
		}
	}
	r.emit("charge.dispute.updated", d)
	switch {
	case submit && evidence["uncategorized_text"] == "winning_evidence":
		r.decide(d, true)
	case submit && evidence["uncategorized_text"] == "losing_evidence":
		r.decide(d, false)
	}
	return d, nil
}

func (r *request) closeDispute() (any, *apiError) {
	d, e := r.findDispute()
	if e == nil {
		e = r.params.finish()
	}
	if e != nil {
		return nil, e
	}
	if d.closed() {
		return nil, invalidRequest("", "This dispute is already closed.", "")
	}
	r.decide(d, false)
	return d, nil
}

func (r *request) listDisputes() (any, *apiError) {
	chargeID, intentID := r.params.str("charge"), r.params.str("payment_intent")
	span := r.createdFilter()
	return page(r, &r.account.Disputes, func(d *dispute) bool {
		return (chargeID == "" || d.Charge == chargeID) && (intentID == "" || string(d.PaymentIntent) == intentID) && span.holds(d.Created)
	})
}
