package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/party"
	"paytond/models/payment"
	"paytond/models/paymentstripe"
	"paytond/models/res"
	"paytond/models/value"
)

// id is our id for a recorded one. A record that the trace takes as given is made when it is first named.
func (w *walk) id(model string, recorded int64) int64 {
	if recorded <= 0 || recorded >= 999 { // of an unsaved record; of one that is not there
		return recorded
	}
	if id, ok := w.ids[model][recorded]; ok {
		return id
	}
	maker := w.makers[model]
	if maker == nil {
		w.Errorf("which record stands for %s,%d?", model, recorded)
		return recorded
	}
	var id int64
	w.do(func(tx *models.Tx) { id = maker(tx, recorded) })
	w.know(model, recorded, id)
	return id
}

func (w *walk) know(model string, recorded, id int64) {
	if w.ids[model] == nil {
		w.ids[model] = map[int64]int64{}
	}
	w.ids[model][recorded] = id
}

// The peer's payments that were approved when its trace began, and its parties that are no customers.
var approved = map[int64]bool{1: true, 5: true, 9: true, 18: true, 19: true, 20: true, 22: true, 23: true, 24: true}

// seed makes the records that the trace takes as given, under the peer's names, and says which stand for which.
func (w *walk) seed() {
	ids := func(records ...*models.Record) map[int64]int64 {
		known := map[int64]int64{}
		for i, r := range records {
			known[int64(i+1)] = r.ID()
		}
		return known
	}
	w.do(func(tx *models.Tx) {
		own := company.Company.Search(tx, nil, models.Limit(1))[0]
		tx = tx.With(map[string]any{"company": own.ID()})
		clerk := res.User.Search(tx, res.User.Login.Eq(demoUser))[0]
		journals := payment.Journal.Search(tx, nil)
		for _, j := range journals {
			name, _, _ := strings.Cut(payment.Journal.Name.Of(j), " ") // "Manual", "Stripe"
			models.Must(payment.Journal.Write(tx, []*models.Record{j}, payment.Journal.Name.To(name)))
		}
		named := func(name string) *models.Record {
			return payment.Journal.Search(tx, payment.Journal.Name.Eq(name))[0]
		}
		parties := w.seedParties(tx, company.Company.Party.Of(own))
		employee, err := company.Employee.Create(tx, company.Employee.Party.To(parties[1]), company.Employee.Company.To(own))
		models.Must(err)
		models.Must(res.User.Write(tx, []*models.Record{clerk}, company.User.Employee.To(employee),
			models.Assign{Field: "employees", Value: []any{[]any{"add", []any{employee.ID()}}}}))
		_, err = res.User.Create(tx, res.User.Name.To("User Two"), res.User.Login.To(peerStranger), res.User.Password.To(demoPassword))
		models.Must(err)
		customers := paymentstripe.Customer.Search(tx, paymentstripe.Customer.StripeCustomerID.Eq("cus_reference"))
		w.ids = map[string]map[int64]int64{
			"res.user":                        {1: administrator(tx).ID(), 2: clerk.ID()},
			"company.company":                 ids(own),
			"company.employee":                ids(employee),
			"currency.currency":               ids(currency.Currency.Search(tx, currency.Currency.Code.Eq("EUR"))...),
			"account.payment.journal":         ids(named("Stripe"), named("Manual")),
			"account.payment.stripe.account":  ids(paymentstripe.Account.Search(tx, nil, models.Limit(1))...),
			"account.payment.stripe.customer": ids(customers...),
			"party.party":                     ids(parties...),
			"ir.lang":                         ids(ir.Languages.Search(tx, ir.Languages.Code.Eq("en"))...),
			"country.country":                 ids(country.Country.Search(tx, country.Country.Code.Eq("FR"))...),
			"ir.cron":                         ids(find(tx, "ir.cron", nil)...),
			"ir.ui.icon":                      ids(find(tx, "ir.ui.icon", nil)...),
			"ir.ui.menu":                      w.seedMenus(tx),
		}
	})
	w.makers = map[string]func(*models.Tx, int64) int64{
		"account.payment": w.makePayment, "account.payment.stripe.customer": w.makeCustomer,
		"party.address": w.makeAddress, "party.contact_mechanism": w.makeMechanism,
	}
}

// find searches a model that has no exported declaration.
func find(tx *models.Tx, model string, where domain.Node) []*models.Record {
	return tx.Class(model).SearchRecords(tx, where)
}

// seedParties makes the company's own, the employee and twelve customers.
func (w *walk) seedParties(tx *models.Tx, own *models.Record) []*models.Record {
	models.Must(party.Party.Write(tx, []*models.Record{own}, party.Party.Name.To("Example Company")))
	parties := []*models.Record{own}
	names := []string{"Employee One"}
	for i := range 12 {
		names = append(names, fmt.Sprintf("Customer %02d", i+1))
	}
	for _, name := range names {
		p, err := party.Party.Create(tx, party.Party.Name.To(name))
		models.Must(err)
		parties = append(parties, p)
	}
	return parties
}

// seedMenus finds the entries that stand for those that the trace names.
func (w *walk) seedMenus(tx *models.Tx) map[int64]int64 {
	return map[int64]int64{
		54: tx.Ref("party.menu_party"), 67: tx.Ref("account.menu_account"),
		119: tx.Ref("account_payment.menu_payments"), 120: tx.Ref("account_payment.menu_payment_configuration"),
		122: tx.Ref("account_payment.menu_payment_group_form"), 123: tx.Ref("account_payment.menu_payment_form"),
	}
}

// nameGroups knows the clerk's groups by those that the peer's had.
func (w *walk) nameGroups() {
	groups, _ := w.clerk.context["groups"].([]any)
	for i, id := range []int64{3, 6, 7, 8, 9} {
		w.know("res.group", id, integer(groups[i]))
	}
}

func (w *walk) makePayment(tx *models.Tx, recorded int64) int64 {
	p := payment.Payment
	own := w.ids["company.company"][1]
	journal := int64(1)
	if approved[recorded] {
		journal = 2 // they are to be processed, which asks nothing of Stripe
	}
	made, err := p.Create(tx.With(map[string]any{"company": own}), p.Company.To(own), p.Journal.To(w.id("account.payment.journal", journal)),
		p.Kind.To(payment.Receivable), p.Party.To(w.id("party.party", 5)), p.Amount.To(value.MustParse("170.25")),
		p.Description.To(fmt.Sprintf("Invoice %d", recorded)))
	models.Must(err)
	if approved[recorded] {
		models.Must(p.Approve(tx, []*models.Record{made}))
	}
	return made.ID()
}

func (w *walk) makeCustomer(tx *models.Tx, recorded int64) int64 {
	c := paymentstripe.Customer
	made, err := c.Create(tx, c.Party.To(w.ids["party.party"][recorded+7]), c.StripeAccount.To(w.ids["account.payment.stripe.account"][1]))
	models.Must(err)
	return made.ID()
}

func (w *walk) makeAddress(tx *models.Tx, recorded int64) int64 {
	made, err := party.Address.Create(tx, party.Address.Party.To(w.ids["party.party"][5]), party.Address.Street.To("3 Main Street"),
		party.Address.City.To("Paris"), party.Address.Country.To(w.ids["country.country"][1]))
	models.Must(err)
	return made.ID()
}

func (w *walk) makeMechanism(tx *models.Tx, recorded int64) int64 {
	m := party.ContactMechanism
	made, err := m.Create(tx, m.Party.To(w.ids["party.party"][5]), m.Type.To("email"), m.Value.To("customer03@example.com"))
	models.Must(err)
	return made.ID()
}

var reference = regexp.MustCompile(`^([a-z_.]+),(\d+)$`)

// reference is "model,id" with our id; another text is left as it is.
func (w *walk) reference(text string) string {
	m := reference.FindStringSubmatch(text)
	if m == nil || w.class(m[1]) == nil {
		return text
	}
	id, _ := strconv.ParseInt(m[2], 10, 64)
	return fmt.Sprintf("%s,%d", m[1], w.id(m[1], id))
}

// values are those of a record, for fields that we have.
func (w *walk) values(c *models.Class, values map[string]any) map[string]any {
	mine := map[string]any{}
	for name, v := range values {
		if c.Field(name) == nil {
			continue
		}
		mine[name] = w.value(c, name, v)
	}
	return mine
}

func (w *walk) value(c *models.Class, name string, v any) any {
	target := c.Name
	if name != "id" {
		if target = c.Field(name).Relation; target == "" {
			if text, ok := v.(string); ok {
				return w.reference(text)
			}
			return v
		}
	}
	switch v := v.(type) {
	case json.Number:
		return w.id(target, integer(v))
	case []any:
		if isIDs(v) {
			return w.list(target, v)
		}
		return w.each(v, func(v any) any {
			command, _ := v.([]any)
			return w.each(command, func(v any) any {
				switch v := v.(type) {
				case map[string]any:
					return w.values(w.class(target), v)
				case []any:
					if isIDs(v) {
						return w.list(target, v)
					}
					return w.each(v, func(v any) any {
						if inner, ok := v.(map[string]any); ok {
							return w.values(w.class(target), inner)
						}
						return v
					})
				}
				return v
			})
		})
	}
	return v
}

// domain is a search domain with our ids.
func (w *walk) domain(c *models.Class, list []any) []any {
	if len(list) >= 3 {
		if name, ok := list[0].(string); ok && name != "AND" && name != "OR" {
			return []any{name, list[1], w.operand(c, name, list[2])}
		}
	}
	return w.each(list, func(v any) any {
		if inner, ok := v.([]any); ok {
			return w.domain(c, inner)
		}
		return v
	})
}

func (w *walk) operand(c *models.Class, name string, v any) any {
	if pair, ok := v.([]any); ok && len(pair) == 2 { // [model, id]
		if model, ok := pair[0].(string); ok && w.class(model) != nil {
			return []any{model, w.id(model, integer(pair[1]))}
		}
	}
	if c.Field(name) == nil {
		return v
	}
	return w.value(c, name, v)
}

// wizardParams changes the arguments of a wizard's method.
func (w *walk) wizardParams(wizard, method string, params []any) {
	if method == "create" {
		return
	}
	if session := integer(params[0]); w.ids[wizard][session] == 0 && session < 999 { // whose beginning was cut
		w.know(wizard, session, first(w.clerk.must("wizard."+wizard+".create")))
	}
	params[0] = w.id(wizard, integer(params[0]))
	if len(params) < 2 {
		return
	}
	forms := map[string]any{}
	for state, v := range params[1].(map[string]any) {
		form := map[string]any{}
		for name, v := range v.(map[string]any) {
			form[name] = v
			if name != "id" && wizard == "party.replace" {
				form[name] = w.id("party.party", integer(v))
			}
		}
		forms[state] = form
	}
	params[1] = forms
}

// special changes the arguments of methods that take others than ids, values, names and domains of their model.
func (w *walk) special(name string, params []any) bool {
	switch name {
	case "model.ir.action.keyword.get_keyword":
		pair := params[1].([]any)
		params[1] = []any{pair[0], w.id(pair[0].(string), integer(pair[1]))}
	case "model.ir.model.access.get_access":
		params[0] = w.ourModels(params[0].([]any))
	case "model.ir.ui.menu.favorite.set", "model.ir.ui.menu.favorite.unset":
		params[0] = w.id("ir.ui.menu", integer(params[0]))
	case "model.ir.email.template.get_default":
		params[1] = w.id(params[0].(string), integer(params[1]))
	case "model.ir.email.send":
		pair := params[6].([]any)
		params[6] = []any{pair[0], w.id(pair[0].(string), integer(pair[1]))}
	case "model.res.user.set_preferences":
		if changed := params[0].(map[string]any); changed["password"] != nil {
			w.password = "Another-Walk-by9"
			params[0] = map[string]any{"password": w.password}
		}
	case "model.res.user.warning.create":
		w.answerWarning(params)
	case "model.ir.model.global_search", "model.ir.ui.view_search.create", "model.ir.ui.view_tree_state.get",
		"model.ir.ui.view_tree_state.set":
	default:
		if strings.HasSuffix(name, ".fields_view_get") {
			w.viewParams(strings.TrimSuffix(strings.TrimPrefix(name, "model."), ".fields_view_get"), params)
			return true
		}
		return false
	}
	return true
}

// answerWarning says yes to the warning that we gave last: its name may hold ids.
func (w *walk) answerWarning(params []any) {
	answer := params[0].([]any)[0].(map[string]any)
	params[0] = []any{map[string]any{"user": w.ids["res.user"][2], "name": w.warning, "always": answer["always"]}}
}

// viewParams names our view of the kind that the recorded one was.
func (w *walk) viewParams(model string, params []any) {
	if _, ok := params[0].(json.Number); !ok {
		return
	}
	w.do(func(tx *models.Tx) {
		found := find(tx, "ir.ui.view", domain.AllOf(domain.C("model", "=", model), domain.C("type", "=", params[1]),
			domain.C("inherit", "=", nil)))
		if len(found) == 0 {
			w.Errorf("there is no %s of %s", params[1], model)
			params[0] = nil
			return
		}
		params[0] = found[0].ID()
	})
}

func (w *walk) ourModels(list []any) []any {
	var mine []any
	for _, v := range list {
		if w.class(v.(string)) != nil {
			mine = append(mine, v)
		}
	}
	return append(mine, "account.payment", "account.payment.process.start") // one with rights of its own, one without
}

// learn knows the ids of records that were made.
func (w *walk) learn(r *recorded, name string, ours answer) {
	envelope, _ := r.Response.(map[string]any)
	theirs, mine := envelope["result"], ours.member("result")
	if theirs == nil || mine == nil {
		return
	}
	kind, rest, _ := strings.Cut(name, ".")
	dot := strings.LastIndexByte(rest, '.')
	object, method := rest[:max(dot, 0)], rest[dot+1:]
	switch {
	case kind == "wizard" && method == "create", method == "create", method == "copy":
		w.know(object, first(theirs), first(mine))
	case integer(theirs) > 0 && integer(mine) > 0 && kind == "model" && method != "search_count" && method != "import_data":
		w.know("ir.action", integer(theirs), integer(mine))
	case name == "wizard.account.payment.process.execute":
		if group := idIn(theirs); group > 0 {
			w.know("account.payment.group", group, idIn(mine))
		}
	}
}

var resID = regexp.MustCompile(`res_id:\[?(\d+)`)

// idIn finds the record that an action opens.
func idIn(result any) int64 {
	m := resID.FindStringSubmatch(fmt.Sprint(result))
	if m == nil {
		return 0
	}
	id, _ := strconv.ParseInt(m[1], 10, 64)
	return id
}
