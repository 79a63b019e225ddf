package paymentstripe_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/res"
)

// ofAnotherCompany are a clerk and an approver who work in a company of their own.
func (w *world) ofAnotherCompany() (clerk, approver int64) {
	w.t.Helper()
	modelstest.Do(w.t, w.db, func(tx *models.Tx) {
		own, err := party.Party.Create(tx, party.Party.Name.To("Other Company"))
		models.Must(err)
		c, err := company.Company.Create(tx, company.Company.Party.To(own.ID()), company.Company.Currency.To(w.euro))
		models.Must(err)
		user := func(login string, group models.Ref) int64 {
			r, err := res.User.Create(tx, res.User.Name.To(login), res.User.Login.To(login), models.Assign{Field: "company", Value: c.ID()},
				models.Assign{Field: "companies", Value: []any{[]any{"add", []any{c.ID()}}}},
				models.Assign{Field: "groups", Value: []any{[]any{"add", []any{tx.Ref(group)}}}})
			models.Must(err)
			return r.ID()
		}
		clerk, approver = user("clerk2", "account_payment.group_payment"), user("approver2", "account_payment.group_payment_approval")
	})
	return clerk, approver
}

// TestOtherCompaniesMoneyIsHidden has users of another company look for refunds, calls, events and differences, and give money back: they find
// nothing and move nothing, while those of the company do.
func TestOtherCompaniesMoneyIsHidden(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const event, attempt, difference = "account.payment.stripe.event", "account.payment.stripe.attempt", "account.payment.stripe.difference"
		id := w.paid("100.00", "pm_card_visa")
		draft := w.call(w.clerk, refundModel, "create", []any{map[string]any{"payment": id, "amount": decimal("10.00")}}).([]int64)[0]
		w.refund(id, "20.00")
		w.refundNow()
		w.run("account.payment.stripe.account|fetch_events")
		w.alter("account_payment", id, "amount", "79.00")
		if lines := w.compared(); len(lines) == 0 {
			t.Fatal("there is no difference")
		}
		stranger, judge := w.ofAnotherCompany()
		mine := []any{[]any{"OR", []any{"payment", "!=", nil}, []any{"refund", "!=", nil}}}
		domains := map[string][]any{refundModel: {}, attempt: mine, difference: mine, event: {[]any{"payment", "!=", nil}}}
		for model, domain := range domains {
			count := func(user int64) any { return w.call(user, model, "search_count", domain) }
			if own, theirs := count(w.clerk), count(stranger); own == int64(0) || theirs != int64(0) {
				t.Errorf("of %s the company's clerk finds %v, the other %v", model, own, theirs)
			}
			one := w.call(w.clerk, model, "search", domain, int64(0), int64(1), nil).([]int64)[0]
			if got, err := w.try(stranger, model, "read", []any{one}, []any{"rec_name"}); err == nil {
				t.Errorf("the other clerk reads of %s %v", model, got)
			}
		}
		for what, try := range map[string]func() (any, error){
			"creates a refund": func() (any, error) {
				return w.try(stranger, refundModel, "create", []any{map[string]any{"payment": id, "amount": decimal("50.00")}})
			},
			"changes a refund": func() (any, error) {
				return w.try(stranger, refundModel, "write", []any{draft}, map[string]any{"amount": decimal("50.00")})
			},
			"deletes a refund":  func() (any, error) { return w.try(stranger, refundModel, "delete", []any{draft}) },
			"pulls a refund":    func() (any, error) { return w.try(stranger, refundModel, "stripe_pull", []any{draft}) },
			"approves a refund": func() (any, error) { return w.try(judge, refundModel, "approve", []any{draft}) },
			"replays an event": func() (any, error) {
				return w.try(stranger, event, "replay", []any{w.call(w.clerk, event, "search", domains[event], int64(0), int64(1), nil).([]int64)[0]})
			},
		} {
			if got, err := try(); !models.IsKind(err, models.KindUser) || !strings.Contains(err.Error(), "rules") {
				t.Errorf("who is of another company %s: %v, %v", what, got, err)
			}
		}
		w.refundNow()
		if diff := cmp.Diff([]string{"10000 10000 2000"}, w.ledger()); diff != "" {
			t.Errorf("Stripe's ledger (-want +got):\n%s", diff)
		}
	})
}
