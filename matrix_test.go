package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/res"
)

// matrixPassword is that of the users of one group each.
const matrixPassword = "Weighs-by7-Heron"

// granted are what the rows of rights say, as the test reads them itself.
type granted struct {
	rows    map[string][][2]any // model -> group (nil for all), rights
	buttons map[[2]string][]int64
}

func (b *bench) granted() granted {
	g := granted{map[string][][2]any{}, map[[2]string][]int64{}}
	b.do(func(tx *models.Tx) {
		for _, r := range tx.Class("ir.model.access").SearchRecords(tx, nil) {
			rights := models.Rights{Read: r.Get("perm_read") == true, Write: r.Get("perm_write") == true, Create: r.Get("perm_create") == true, Delete: r.Get("perm_delete") == true}
			g.rows[modelOf(r)] = append(g.rows[modelOf(r)], [2]any{r.Get("group"), rights})
		}
		for _, r := range tx.Class("ir.model.button").SearchRecords(tx, nil) {
			g.buttons[[2]string{modelOf(r), textOf(r.Get("name"))}] = r.Get("groups").([]int64)
		}
	})
	return g
}

// on are the rights of a member of one group (0: of none) on a model: the sum of the rows that speak for him, all where none does.
func (g granted) on(model string, group int64) models.Rights {
	var sum models.Rights
	speaks := false
	for _, row := range g.rows[model] {
		if row[0] != nil && row[0] != group {
			continue
		}
		r := row[1].(models.Rights)
		speaks = true
		sum = models.Rights{Read: sum.Read || r.Read, Write: sum.Write || r.Write, Create: sum.Create || r.Create, Delete: sum.Delete || r.Delete}
	}
	if !speaks {
		return models.AllRights
	}
	return sum
}

// TestAccessMatrix has a member of each group, and of none, try to read, write, create, delete and press every button of
// every model, through the server, and holds what is refused against the rows of rights.
func TestAccessMatrix(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	groups := map[string]int64{"nobody": 0}
	b.do(func(tx *models.Tx) {
		for _, r := range tx.Class("res.group").SearchRecords(tx, nil) {
			groups[r.Name()] = r.ID()
		}
		for name, id := range groups {
			links := []any{}
			if id > 0 {
				links = append(links, id)
			}
			_, err := res.User.Create(tx, res.User.Name.To(name), res.User.Login.To("of "+name), res.User.Password.To(matrixPassword),
				models.Assign{Field: "groups", Value: []any{[]any{"add", links}}})
			models.Must(err)
		}
	})
	g := b.granted()
	tried, refused := 0, 0
	for name, group := range groups {
		c := b.session("of "+name, matrixPassword)
		probe := func(model, method string, allowed bool, args ...any) {
			if b.db.Registry.Class(model).Lookup(method) == nil {
				return // no client may call it
			}
			tried++
			a := c.try("model."+model+"."+method, args...)
			said := fmt.Sprint(a.member("error"))
			kept := strings.Contains(said, "not allowed to access") || strings.Contains(said, "Calling button")
			if kept {
				refused++
			}
			// What nobody may do, or may do with no record of this id, is refused in other words.
			if kept && allowed || !allowed && a.status == http.StatusOK && a.member("error") == nil {
				t.Errorf("%s: %s of %s: allowed %t, but the answer is %s", name, method, model, allowed, a)
			}
		}
		for _, class := range b.db.Registry.Classes() {
			if class.ViewOnly || class.Internal || class.Singleton {
				continue
			}
			rights := g.on(class.Name, group)
			probe(class.Name, "search_read", rights.Read, []any{}, 0, 1, nil, []any{"id"})
			probe(class.Name, "create", rights.Create, []any{map[string]any{"no_such_field": 1}})
			probe(class.Name, "write", rights.Write, []any{1 << 30}, map[string]any{"no_such_field": 1})
			probe(class.Name, "delete", rights.Delete, []any{1 << 30})
			for button := range class.Buttons() {
				in := g.buttons[[2]string{class.Name, button}]
				allowed := rights.Read && (len(in) == 0 && rights.Write || slices.Contains(in, group))
				probe(class.Name, button, allowed, []any{})
			}
		}
	}
	if refused < tried/10 || tried < 1000 {
		t.Errorf("of %d calls %d were refused", tried, refused)
	}
	t.Logf("%d groups, %d calls, %d refused", len(groups), tried, refused)
}

// TestSecretKeyStaysSecret has a clerk of payments ask for the secret key of an account in every way, and looks whether an
// answer has it, or tells a right guess from a wrong one.
func TestSecretKeyStaysSecret(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	var account, journal int64
	b.do(func(tx *models.Tx) {
		account = tx.Class("account.payment.stripe.account").SearchRecords(tx, nil, models.Limit(1))[0].ID()
		journal = tx.Class("account.payment.journal").SearchRecords(tx, nil, models.Limit(1))[0].ID()
		_, err := res.User.Create(tx, res.User.Name.To("Clerk"), res.User.Login.To("clerk"), res.User.Password.To(matrixPassword),
			models.Assign{Field: "groups", Value: []any{[]any{"add", []any{tx.Ref("account_payment.group_payment"), tx.Ref("account.group_account")}}}})
		models.Must(err)
	})
	c := b.session("clerk", matrixPassword)
	b.do(func(tx *models.Tx) { // in all companies
		c.context["company"] = tx.Class("company.company").SearchRecords(tx, nil, models.Limit(1))[0].ID()
	})
	ways := [][2]string{{"account.payment.stripe.account", ""}, {"account.payment.journal", "stripe_account."}, {"account.payment", "journal.stripe_account."},
		{"account.payment.stripe.customer", "stripe_account."}, {"account.payment.stripe.refund", "payment.journal.stripe_account."}}
	for _, secret := range []string{"secret_key", "webhook_signing_secret"} {
		for _, way := range ways {
			model, field := "model."+way[0]+".", way[1]+secret
			path := strings.ReplaceAll(field, ".", "/")
			ask := func(method string, params ...any) string {
				a := c.try(model+method, params...)
				if strings.Contains(string(a.body), demoSecret) {
					t.Errorf("%s of %s tells the key: %s", method, field, a)
				}
				return string(a.body)
			}
			ask("read", []any{account, journal, 1, 2}, []any{"id", field})
			ask("search_read", []any{}, 0, nil, nil, []any{field})
			ask("export_data", []any{1, 2, account, journal}, []any{path})
			ask("export_data_domain", []any{}, []any{path}, 0, nil, nil)
			ask("fields_view_get", nil, "form")
			ask("default_get", []any{secret})
			ask("copy", []any{account}, map[string]any{})
			ask("on_change", map[string]any{"id": account}, []any{secret})
			ask("on_change_with", map[string]any{"id": account, "stripe_account": account}, []any{secret})
			ask("history_revisions", []any{account})
			ask("fields_get", nil)
			if shown, _ := c.try(model+"fields_get", nil).member("result").(map[string]any); shown[secret] != nil {
				t.Errorf("fields_get of %s describes %s: %v", way[0], secret, shown[secret])
			}
			for _, method := range []string{"search", "search_count"} {
				for _, op := range []string{"=", "like", "ilike", "!=", ">=", "<", "in"} {
					guess := func(value any) string {
						if op == "in" {
							value = []any{value}
						}
						return ask(method, []any{[]any{field, op, value}}, 0, nil, nil)
					}
					if right, wrong := guess(demoSecret), guess("sk_test_wrong"); right != wrong || !strings.Contains(right, `"error"`) {
						t.Errorf("%s by %s %s: a right guess gives %s, a wrong one %s", method, field, op, right, wrong)
					}
				}
			}
			if sorted := ask("search", []any{}, 0, nil, []any{[]any{field, "DESC"}}); !strings.Contains(sorted, `"error"`) {
				t.Errorf("records are ordered by %s: %s", field, sorted)
			}
		}
	}
	nested := c.try("model.account.payment.journal.search", []any{[]any{"stripe_account", "where", []any{[]any{"secret_key", "like", "sk%"}}}}, 0, nil, nil)
	if nested.member("error") == nil {
		t.Errorf("the key is searched within a journal: %s", nested)
	}
}
