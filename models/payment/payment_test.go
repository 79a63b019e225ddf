package payment_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/res"
	"paytond/models/value"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

func modules() []*models.Module {
	return []*models.Module{ir.Module(), res.Module(), country.Module(), currency.Module(), party.Module(), company.Module(),
		payment.AccountModule(), payment.Module()}
}

// world is a database with a company, a party and a manual journal.
type world struct {
	t                             *testing.T
	db                            *models.Database
	company, party, euro, journal int64
	clerk                         int64 // in the groups Payment and Account
	approver                      int64 // in the group Payment Approval only
	employee, boss                int64 // the users act as the first
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		w := &world{t: t, db: db}
		modelstest.Do(t, db, w.seed)
		test(t, w)
	})
}

func (w *world) seed(tx *models.Tx) {
	must := func(r *models.Record, err error) int64 {
		w.t.Helper()
		models.Must(err)
		return r.ID()
	}
	c := currency.Currency
	w.euro = must(c.Create(tx, c.Name.To("Euro"), c.Code.To("EUR"), c.Symbol.To("€"), c.Digits.To(int64(2)), c.Rounding.To(value.MustParse("0.01"))))
	p := party.Party
	own := must(p.Create(tx, p.Name.To("Reference Company")))
	w.party = must(p.Create(tx, p.Name.To("Alice Martin")))
	w.company = must(company.Company.Create(tx, company.Company.Party.To(own), company.Company.Currency.To(w.euro)))
	person := must(p.Create(tx, p.Name.To("Eve Clerk")))
	w.employee = must(company.Employee.Create(tx, company.Employee.Party.To(person), company.Employee.Company.To(w.company)))
	j := payment.Journal
	w.journal = must(j.Create(tx, j.Name.To("Manual EUR"), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("manual")))
	user := func(login string, groups ...models.Ref) int64 {
		var ids []any
		for _, g := range groups {
			ids = append(ids, tx.Ref(g))
		}
		return must(res.User.Create(tx, res.User.Name.To(login), res.User.Login.To(login), models.Assign{Field: "company", Value: w.company},
			models.Assign{Field: "companies", Value: []any{[]any{"add", []any{w.company}}}},
			models.Assign{Field: "groups", Value: []any{[]any{"add", ids}}}))
	}
	w.clerk = user("clerk", "account_payment.group_payment", "account.group_account")
	w.approver = user("approver", "account_payment.group_payment_approval")
	for _, id := range []int64{w.clerk, w.approver} {
		models.Must(res.User.Write(tx, res.User.Browse(tx, id), models.Assign{Field: "employees", Value: []any{[]any{"add", []any{w.employee}}}},
			company.User.Employee.To(w.employee)))
	}
	boss := must(p.Create(tx, p.Name.To("The Boss")))
	w.boss = must(company.Employee.Create(tx, company.Employee.Party.To(boss), company.Employee.Company.To(w.company)))
}

// context is that of a client who says that he is somebody else.
func (w *world) context() map[string]any {
	return map[string]any{"company": w.company, "employee": w.boss, "language": "en"}
}

// try calls as a client of the user does.
func (w *world) try(user int64, model, method string, args ...any) (any, error) {
	return modelstest.Call(w.db, user, w.context(), model, method, args...)
}

func (w *world) call(user int64, model, method string, args ...any) any {
	w.t.Helper()
	got, err := w.try(user, model, method, args...)
	if err != nil {
		w.t.Fatalf("%s.%s: %v", model, method, err)
	}
	return got
}

// pay creates a payment as a client does.
func (w *world) pay(amount string) int64 {
	w.t.Helper()
	return w.call(w.clerk, "account.payment", "create", []any{map[string]any{"journal": w.journal, "party": w.party, "kind": "receivable",
		"amount": value.MustParse(amount)}}).([]int64)[0]
}

func (w *world) read(model string, id int64, names ...any) map[string]any {
	w.t.Helper()
	row := w.call(w.clerk, model, "read", []any{id}, names).([]map[string]any)[0]
	delete(row, "id")
	return row
}

// wizard runs a wizard on payments to its last state and gives the answer.
func (w *world) wizard(name, state string, ids ...int64) (map[string]any, error) {
	w.t.Helper()
	m, err := w.db.Registry.Method("wizard", name, "create")
	if err != nil {
		return nil, err
	}
	run := func(m *models.Method, context map[string]any, args ...any) (got any, err error) {
		err = modelstest.Try(w.db, models.Request{User: w.clerk, Context: context, Check: true}, func(tx *models.Tx) error {
			got, err = m.Do(tx, models.NewArgs(args...))
			return err
		})
		return got, err
	}
	made, err := run(m, w.context())
	if err != nil {
		return nil, err
	}
	execute, err := w.db.Registry.Method("wizard", name, "execute")
	if err != nil {
		return nil, err
	}
	active := w.context()
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	active["active_model"], active["active_id"], active["active_ids"] = "account.payment", ids[0], list
	got, err := run(execute, active, made.([]any)[0], map[string]any{}, state)
	answer, _ := got.(map[string]any)
	return answer, err
}

func (w *world) process(ids ...int64) []any {
	w.t.Helper()
	answer, err := w.wizard("account.payment.process", "process", ids...)
	if err != nil {
		w.t.Fatal(err)
	}
	action := answer["actions"].([]any)[0].([]any)
	groups := action[1].(map[string]any)["res_id"].([]int64)
	list := make([]any, len(groups))
	for i, g := range groups {
		list[i] = g
	}
	return list
}

func TestLifeOfPayments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.pay("160.70"), w.pay("20.50")
		w.call(w.approver, "account.payment", "approve", []any{one, two})
		got := w.read("account.payment", one, "state", "approved_by", "rec_name", "currency_digits", "process_method")
		want := map[string]any{"state": "approved", "approved_by": w.employee, "rec_name": "1", "currency_digits": int64(2), "process_method": "manual"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("approved payment (-want +got):\n%s", diff)
		}
		groups := w.process(one, two)
		if len(groups) != 1 {
			t.Fatalf("%d groups, want 1", len(groups))
		}
		group := groups[0].(int64)
		sums := func() map[string]any {
			return w.read("account.payment.group", group, "number", "payment_count", "payment_amount", "payment_amount_succeeded", "payment_complete", "rec_name")
		}
		compare := cmp.Comparer(func(a, b value.Decimal) bool { return a.String() == b.String() })
		if diff := cmp.Diff(map[string]any{"number": "1", "rec_name": "1", "payment_count": int64(2), "payment_amount": value.MustParse("181.20"),
			"payment_amount_succeeded": nil, "payment_complete": false}, sums(), compare); diff != "" {
			t.Errorf("group in processing (-want +got):\n%s", diff)
		}
		w.call(w.clerk, "account.payment", "succeed", []any{one})
		w.call(w.clerk, "account.payment", "fail", []any{two})
		if diff := cmp.Diff(map[string]any{"number": "1", "rec_name": "1", "payment_count": int64(2), "payment_amount": value.MustParse("181.20"),
			"payment_amount_succeeded": value.MustParse("160.70"), "payment_complete": true}, sums(), compare); diff != "" {
			t.Errorf("group when all is over (-want +got):\n%s", diff)
		}
		found := w.call(w.clerk, "account.payment.group", "search", []any{[]any{"payment_complete", "=", true}}, int64(0), nil, nil)
		if diff := cmp.Diff([]int64{group}, found); diff != "" {
			t.Errorf("search of complete groups (-want +got):\n%s", diff)
		}
		w.call(w.clerk, "account.payment", "fail", []any{one})
		if got := w.read("account.payment", one, "state", "failed_by"); got["state"] != "failed" || got["failed_by"] != w.employee {
			t.Errorf("a succeeded payment that failed reads %v", got)
		}
	})
}

func TestGroupsByWhatPaymentsHaveInCommon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var other int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			j := payment.Journal
			r, err := j.Create(tx, j.Name.To("Other"), j.Company.To(w.company), j.Currency.To(w.euro), j.ProcessMethod.To("manual"))
			models.Must(err)
			other = r.ID()
		})
		a, b, c, d := w.pay("1"), w.pay("2"), w.pay("3"), w.pay("4")
		w.call(w.clerk, "account.payment", "write", []any{b}, map[string]any{"kind": "payable"})
		w.call(w.clerk, "account.payment", "write", []any{c}, map[string]any{"journal": other})
		w.call(w.approver, "account.payment", "approve", []any{a, b, c})
		if groups := w.process(a, b, c, d); len(groups) != 3 {
			t.Errorf("%d groups, want 3: by journal and kind, without the draft", len(groups))
		}
		if got := w.read("account.payment", d, "state", "group"); got["state"] != "draft" || got["group"] != nil {
			t.Errorf("the draft among the selected became %v", got)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pay("10.00")
		w.call(w.approver, "account.payment", "approve", []any{id})
		tests := []struct {
			what          string
			user          int64
			model, method string
			args          []any
			want          string // "" for any message
		}{
			{"delete of an approved payment", w.clerk, "account.payment", "delete", []any{[]any{id}},
				`To delete payment "1" you must reset it to draft state.`},
			{"approval by a clerk", w.clerk, "account.payment", "approve", []any{[]any{id}}, ""},
			{"draft by an approver", w.approver, "account.payment", "draft", []any{[]any{id}}, ""},
			{"state around the workflow", w.clerk, "account.payment", "write", []any{[]any{id}, map[string]any{"state": "succeeded"}}, ""},
			{"creation by an approver", w.approver, "account.payment", "create", []any{[]any{map[string]any{}}}, ""},
			{"journal by a clerk", w.clerk, "account.payment.journal", "create", []any{[]any{map[string]any{"name": "x"}}}, ""},
			{"too many decimals", w.clerk, "account.payment", "create", []any{[]any{map[string]any{"journal": w.journal, "party": w.party,
				"kind": "receivable", "amount": value.MustParse("1.234")}}}, ""},
			{"unknown kind", w.clerk, "account.payment", "create", []any{[]any{map[string]any{"journal": w.journal, "party": w.party,
				"kind": "gift", "amount": value.MustParse("1")}}}, ""},
		}
		for _, test := range tests {
			_, err := w.try(test.user, test.model, test.method, test.args...)
			if !models.IsKind(err, models.KindUser) || test.want != "" && err.Error() != test.want {
				t.Errorf("%s: got error %v, want a UserError %q", test.what, err, test.want)
			}
		}
		w.call(w.clerk, "account.payment", "draft", []any{id})
		if got := w.read("account.payment", id, "approved_by"); got["approved_by"] != nil {
			t.Errorf("a draft payment keeps approved_by %v", got["approved_by"])
		}
		w.call(w.clerk, "account.payment", "delete", []any{id})
	})
}

func TestCopyIsADraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pay("10.00")
		w.call(w.approver, "account.payment", "approve", []any{id})
		w.process(id)
		made := w.call(w.clerk, "account.payment", "copy", []any{id}, map[string]any{}).([]int64)
		got := w.read("account.payment", made[0], "state", "group", "approved_by", "kind")
		if diff := cmp.Diff(map[string]any{"state": "draft", "group": nil, "approved_by": nil, "kind": "receivable"}, got); diff != "" {
			t.Errorf("copy (-want +got):\n%s", diff)
		}
	})
}

func TestFormFollows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := w.call(w.clerk, "account.payment", "on_change_with", map[string]any{"journal": w.journal, "id": int64(-1)},
			[]any{"currency", "currency_digits", "process_method"})
		want := map[string]any{"currency": w.euro, "currency_digits": int64(2), "process_method": "manual"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("on_change_with (-want +got):\n%s", diff)
		}
		changed := w.call(w.clerk, "account.payment", "on_change", map[string]any{"kind": "payable", "id": int64(-1)}, []any{"kind"})
		if diff := cmp.Diff([]any{map[string]any{"line": nil}}, changed); diff != "" {
			t.Errorf("on_change of kind (-want +got):\n%s", diff)
		}
		defaults := w.call(w.clerk, "account.payment", "default_get", []any{"company", "kind", "state", "date"}, true).(map[string]any)
		if defaults["company"] != w.company || defaults["kind"] != "payable" || defaults["state"] != "draft" || defaults["date"] == nil {
			t.Errorf("defaults are %v", defaults)
		}
		days := map[any]bool{} // 25 hours lie between the zones
		for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Niue"} {
			modelstest.Do(t, w.db, func(tx *models.Tx) {
				models.Must(company.Company.Write(tx, company.Company.Browse(tx, w.company), company.Company.Timezone.To(zone)))
			})
			id := w.pay("1.00")
			days[w.read("account.payment", id, "date")["date"]] = true
		}
		if len(days) != 2 {
			t.Errorf("the date of a new payment is %v in every zone", days)
		}
	})
}

func TestCompaniesDoNotSeeEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.pay("10.00")
		var stranger int64
		modelstest.Do(t, w.db, func(tx *models.Tx) {
			r, err := res.User.Create(tx, res.User.Name.To("stranger"), res.User.Login.To("stranger"),
				models.Assign{Field: "groups", Value: []any{[]any{"add", []any{tx.Ref("account_payment.group_payment")}}}})
			models.Must(err)
			stranger = r.ID()
		})
		found := w.call(stranger, "account.payment", "search", []any{}, int64(0), nil, nil)
		if diff := cmp.Diff([]int64{}, found); diff != "" {
			t.Errorf("a user without company finds (-want +got):\n%s", diff)
		}
		if _, err := w.try(stranger, "account.payment", "read", []any{id}, []any{"amount"}); !models.IsKind(err, models.KindUser) {
			t.Errorf("a user without company reads: %v", err)
		}
	})
}

func TestDirectDebitByCompany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.call(1, "party.party", "write", []any{w.party}, map[string]any{"payment_direct_debit": true})
		if got := w.read("party.party", w.party, "payment_direct_debit"); got["payment_direct_debit"] != true {
			t.Errorf("direct debit reads %v", got)
		}
		elsewhere, err := modelstest.Call(w.db, 1, map[string]any{}, "party.party", "read", []any{w.party}, []any{"payment_direct_debit"})
		if err != nil || elsewhere.([]map[string]any)[0]["payment_direct_debit"] != false {
			t.Errorf("without company direct debit reads %v, %v", elsewhere, err)
		}
		for _, method := range []string{"read", "search", "write", "create", "delete", "fields_view_get"} {
			if _, err := w.try(1, "party.party.payment_direct_debit", method, []any{int64(1)}); !models.IsKind(err, models.KindForbidden) {
				t.Errorf("%s of the rows behind it: %v", method, err)
			}
		}
	})
}

func TestViewsOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, model := range []string{"account.payment", "account.payment.group", "account.payment.journal", "account.move.line"} {
			for _, kind := range []string{"tree", "form"} {
				view := w.call(w.clerk, model, "fields_view_get", nil, kind).(map[string]any)
				if view["type"] != kind || view["arch"] == "" {
					t.Errorf("%s %s: got %v", model, kind, view["type"])
				}
			}
		}
	})
}
