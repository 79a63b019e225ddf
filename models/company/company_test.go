package company_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/company"
	"paytond/models/country"
	"paytond/models/currency"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/party"
	"paytond/models/res"
	"paytond/models/value"
)

func TestMain(m *testing.M) { os.Exit(modelstest.Main(m)) }

func modules() []*models.Module {
	return []*models.Module{ir.Module(), res.Module(), country.Module(), currency.Module(), party.Module(), company.Module()}
}

func each(t *testing.T, test func(t *testing.T, db *models.Database)) {
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, test)
}

// client calls as the administrator, and fails the test on an error.
type client struct {
	t       *testing.T
	db      *models.Database
	context map[string]any
}

func (c client) call(model, method string, args ...any) any {
	c.t.Helper()
	got, err := modelstest.Call(c.db, 1, c.context, model, method, args...)
	if err != nil {
		c.t.Fatalf("%s.%s: %v", model, method, err)
	}
	return got
}

func (c client) create(model string, values map[string]any) int64 {
	c.t.Helper()
	return c.call(model, "create", []any{values}).([]int64)[0]
}

// seeded makes a currency, a party and a company as a script of an administrator does.
func seeded(t *testing.T, db *models.Database) (c client, companyID int64) {
	c = client{t, db, map[string]any{"company_filter": "one", "language": "en"}}
	euro := c.create("currency.currency", map[string]any{"active": true, "digits": int64(2), "rounding": value.MustParse("0.01"),
		"code": "EUR", "name": "Euro", "symbol": "€"})
	reference := c.create("party.party", map[string]any{"active": true, "lang": nil, "name": "Reference Company",
		"addresses": []any{[]any{"create", []any{map[string]any{"active": true}}}}})
	return c, c.create("company.company", map[string]any{"party": reference, "currency": euro})
}

func TestWorkIn(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c, id := seeded(t, db)
		before := c.call("res.user", "get_preferences", true).(map[string]any)
		if _, ok := before["company"]; ok || before["company_filter"] != "one" {
			t.Errorf("preferences before: %v", before)
		}
		changed := c.call("res.user", "on_change", map[string]any{"company": id, "employees": []any{}, "id": int64(1)}, []any{"company"})
		if diff := cmp.Diff([]any{map[string]any{"employee": nil}}, changed); diff != "" {
			t.Errorf("on_change: %s", diff)
		}
		c.call("res.user", "write", []any{int64(1)}, map[string]any{"company": id, "employee": nil,
			"companies": []any{[]any{"add", []any{id}}}})
		after := c.call("res.user", "get_preferences", true).(map[string]any)
		if after["company"] != id || after["company.rec_name"] != "Reference Company" {
			t.Errorf("preferences after: %v", after)
		}
		c.context["company"] = id
		defaults := c.call("res.user", "default_get", []any{"companies", "company", "company_filter", "employee", "employees"}, false)
		if diff := cmp.Diff(map[string]any{"companies": []int64{id}, "company": id, "company_filter": "one"}, defaults); diff != "" {
			t.Errorf("defaults of users: %s", diff)
		}
		operator := c.create("res.user", map[string]any{"active": true, "companies": []any{[]any{"add", []any{id, id}}},
			"company": id, "company_filter": "one", "employee": nil, "name": "Operator", "login": "operator"})
		rows := c.call("res.user", "read", []any{operator}, []any{"companies", "company", "status_bar"}).([]map[string]any)
		want := map[string]any{"id": operator, "companies": []int64{id}, "company": id, "status_bar": "Operator [EUR]"}
		if diff := cmp.Diff(want, rows[0]); diff != "" {
			t.Errorf("operator: %s", diff)
		}
		whole := c.call("res.user", "get_preferences", false).(map[string]any)
		if diff := cmp.Diff([]int64{id}, whole["companies"]); diff != "" {
			t.Errorf("companies in the whole preferences: %s", diff)
		}
	})
}

func TestEmployees(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c, id := seeded(t, db)
		c.context["company"] = id
		person := c.create("party.party", map[string]any{"name": "Employee One"})
		if got := c.call("company.employee", "default_get", []any{"company"}, false).(map[string]any)["company"]; got != id {
			t.Errorf("default company: got %v", got)
		}
		employee := c.create("company.employee", map[string]any{"party": person})
		found := c.call("company.employee", "search", []any{[]any{"rec_name", "ilike", "%one%"}})
		if diff := cmp.Diff([]int64{employee}, found); diff != "" {
			t.Errorf("by name: %s", diff)
		}
		user := map[string]any{"companies": []any{[]any{"add", []any{id}}}, "company": id,
			"employees": []any{[]any{"add", []any{employee}}}, "employee": employee}
		c.call("res.user", "write", []any{int64(1)}, user)
		got := c.call("res.user", "get_preferences", true).(map[string]any)
		if got["employee"] != employee || got["employee.rec_name"] != "Employee One" {
			t.Errorf("preferences: %v", got)
		}
		c.call("res.user", "set_preferences", map[string]any{"employee": nil, "company_filter": "all", "companies": []any{}})
		got = c.call("res.user", "get_preferences", true).(map[string]any)
		if _, ok := got["employee"]; ok || got["company_filter"] != "all" || got["company"] != id {
			t.Errorf("preferences set: %v", got)
		}
		filled := c.call("res.user", "on_change_company", map[string]any{"company": id, "employees": []any{employee}, "id": int64(-1)})
		if diff := cmp.Diff(map[string]any{"employee": employee, "employee.": map[string]any{"rec_name": "Employee One"}}, filled); diff != "" {
			t.Errorf("on_change_company: %s", diff)
		}
		for name, values := range map[string]map[string]any{
			"an end before the start":    {"party": person, "start_date": value.MustParseDate("2026-02-01"), "end_date": value.MustParseDate("2026-01-01")},
			"a supervisor from nowhere":  {"party": person, "supervisor": int64(4711)},
			"nobody":                     {},
			"a company that is not here": {"party": person, "company": int64(4711)},
		} {
			if _, err := modelstest.Call(db, 1, c.context, "company.employee", "create", []any{values}); !models.IsKind(err, models.KindUser) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if _, err := modelstest.Call(db, 1, c.context, "res.user", "write", []any{int64(1)}, map[string]any{"company": int64(4711)}); err == nil {
			t.Error("a user works in a company that is not his")
		}
	})
}

// Records of a company are seen by its users only: shown on sequences, which have such a rule.
func TestRule(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c, first := seeded(t, db)
		var second, sequenceType int64
		modelstest.Do(t, db, func(tx *models.Tx) {
			r, err := company.Company.Create(tx, company.Company.Party.To(party.Party.Search(tx, nil)[0]),
				company.Company.Currency.To(currency.Currency.Search(tx, nil)[0]))
			models.Must(err)
			second = r.ID()
			sequenceType = tx.Ref("party.sequence_type_party")
			for _, id := range []any{first, second, nil} {
				_, err := tx.Class("ir.sequence").Create(tx, []models.Values{{"name": "S", "sequence_type": sequenceType, "company": id}})
				models.Must(err)
			}
		})
		seen := func() []any {
			var companies []any
			for _, row := range c.call("ir.sequence", "search_read", []any{[]any{"name", "=", "S"}}, int64(0), nil, nil, []any{"company"}).([]map[string]any) {
				companies = append(companies, row["company"])
			}
			slices.SortFunc(companies, func(a, b any) int {
				x, _ := a.(int64)
				y, _ := b.(int64)
				return int(x - y)
			})
			return companies
		}
		if diff := cmp.Diff([]any{nil}, seen()); diff != "" {
			t.Errorf("without a company: %s", diff)
		}
		c.call("res.user", "write", []any{int64(1)}, map[string]any{"company": first,
			"companies": []any{[]any{"add", []any{first, second}}}})
		if diff := cmp.Diff([]any{nil, first}, seen()); diff != "" {
			t.Errorf("in one company: %s", diff)
		}
		c.context = map[string]any{"company": second, "companies": []any{second}, "company_filter": "all"}
		if diff := cmp.Diff([]any{nil, first}, seen()); diff != "" {
			t.Errorf("a context says nothing of rights: %s", diff)
		}
		c.call("res.user", "write", []any{int64(1)}, map[string]any{"company_filter": "all"})
		if diff := cmp.Diff([]any{nil, first, second}, seen()); diff != "" {
			t.Errorf("in all companies: %s", diff)
		}
	})
}

func TestMultiValue(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		_, first := seeded(t, db)
		modelstest.Do(t, db, func(tx *models.Tx) {
			langs := tx.Class("ir.lang").SearchRecords(tx, nil)
			bob, err := party.Party.Create(tx, party.Party.Name.To("Bob"))
			models.Must(err)
			one := tx.With(map[string]any{"company": first})
			two := tx.With(map[string]any{"company": first + 1})
			models.Must(party.Party.Write(tx, []*models.Record{bob}, party.Party.Lang.To(langs[0])))
			models.Must(party.Party.Write(one, []*models.Record{bob}, party.Party.Lang.To(langs[1])))
			for name, test := range map[string]struct {
				tx   *models.Tx
				want int64
			}{"no company": {tx, langs[0].ID()}, "its own": {one, langs[1].ID()}, "that of none": {two, langs[0].ID()}} {
				if got := party.Party.Lang.ID(party.Party.Get(test.tx, bob.ID())); got != test.want {
					t.Errorf("%s: got %d, want %d", name, got, test.want)
				}
			}
		})
	})
}

func TestToday(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c, id := seeded(t, db)
		db.Now = func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
		for zone, want := range map[string]string{"Pacific/Kiritimati": "2026-11-25", "America/New_York": "2026-11-24"} {
			c.call("company.company", "write", []any{id}, map[string]any{"timezone": zone})
			c.context["company"] = id
			if got := c.call("ir.date", "today").(value.Date).String(); got != want {
				t.Errorf("%s: got %s, want %s", zone, got, want)
			}
		}
		if _, err := modelstest.Call(db, 1, nil, "company.company", "write", []any{id}, map[string]any{"timezone": "Mars/Olympus"}); !models.IsKind(err, models.KindUser) {
			t.Errorf("an unknown zone: got %v", err)
		}
	})
}

// Every zone that can be chosen is one that the program knows.
func TestZones(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c := client{t, db, nil}
		list := c.call("company.company", "get_timezones").([][2]any)
		if len(list) < 300 {
			t.Errorf("%d zones", len(list))
		}
		for _, zone := range list[1:] {
			if _, err := time.LoadLocation(zone[0].(string)); err != nil {
				t.Error(err)
			}
		}
	})
}

// execute calls a step of a wizard as the administrator.
func execute(t *testing.T, db *models.Database, name, method string, args ...any) (result any) {
	t.Helper()
	m, err := db.Registry.Method("wizard", name, method)
	if err != nil {
		t.Fatal(err)
	}
	err = modelstest.Try(db, models.Request{User: 1, Check: true}, func(tx *models.Tx) error {
		result, err = m.Do(tx, models.NewArgs(args...))
		return err
	})
	if err != nil {
		t.Fatalf("%s.%s %v: %v", name, method, args, err)
	}
	return result
}

func TestConfigWizard(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c := client{t, db, map[string]any{}}
		euro := c.create("currency.currency", map[string]any{"code": "EUR", "name": "Euro", "symbol": "€"})
		person := c.create("party.party", map[string]any{"name": "My Company"})
		const wizard = "company.company.config"
		session := execute(t, db, wizard, "create").([]any)[0]
		execute(t, db, wizard, "execute", session, map[string]any{}, "start")
		shown := execute(t, db, wizard, "execute", session, map[string]any{"start": map[string]any{"id": int64(-1)}}, "company")
		if got := shown.(map[string]any)["view"].(map[string]any)["state"]; got != "company" {
			t.Errorf("shown: %v", got)
		}
		form := map[string]any{"id": int64(-2), "party": person, "currency": euro, "header": "H"}
		execute(t, db, wizard, "execute", session, map[string]any{"company": form}, "add")
		if got := execute(t, db, wizard, "delete", session); got != "reload context" {
			t.Errorf("the client is told %v", got)
		}
		got := c.call("res.user", "get_preferences", true).(map[string]any)
		if got["company.rec_name"] != "My Company" {
			t.Errorf("preferences: %v", got)
		}
	})
}

func TestLetter(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		_, id := seeded(t, db)
		m, err := db.Registry.Method("report", "party.letter", "execute")
		if err != nil {
			t.Fatal(err)
		}
		err = modelstest.Try(db, models.Request{User: 1, Context: map[string]any{"company": id}, ReadOnly: true, Check: true}, func(tx *models.Tx) error {
			got, err := m.Do(tx, models.NewArgs([]any{int64(1)}, map[string]any{"model": "party.party"}))
			if list, ok := got.([]any); !ok || list[0] != "odt" || len(list[1].([]byte)) < 500 || list[3] != "Letter-Reference Company" {
				t.Errorf("got %v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Every view of the modules below can be drawn, those that others change included.
func TestViews(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		c := client{t, db, map[string]any{"language": "en"}}
		type drawn struct {
			id                int64
			model, kind, name string
		}
		var views []drawn
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, v := range tx.Class("ir.ui.view").SearchRecords(tx, domain.C("module", domain.In, []string{"country", "currency", "party", "company"})) {
				d := drawn{id: v.ID()}
				d.model, _ = v.Get("model").(string)
				d.kind, _ = v.Get("type").(string)
				d.name, _ = v.Get("name").(string)
				views = append(views, d)
			}
		})
		if len(views) < 40 {
			t.Errorf("%d views", len(views))
		}
		for _, v := range views {
			if _, err := modelstest.Call(db, 1, c.context, v.model, "fields_view_get", v.id, v.kind); err != nil {
				t.Errorf("%s: %v", v.name, err)
			}
		}
		form := c.call("res.user", "fields_view_get", nil, "form").(map[string]any)["fields"].(map[string]any)
		for _, name := range []string{"company", "companies", "employee", "employees", "company_filter"} {
			if form[name] == nil {
				t.Errorf("the form of users lacks %s", name)
			}
		}
	})
}

// A second update changes nothing.
func TestUpdateAgain(t *testing.T) {
	each(t, func(t *testing.T, db *models.Database) {
		count := func() (n int64) {
			modelstest.Do(t, db, func(tx *models.Tx) {
				for _, c := range tx.Registry().Classes() {
					if !c.ViewOnly {
						got, err := c.Count(tx.With(map[string]any{"active_test": false}), nil)
						models.Must(err)
						n += got
					}
				}
			})
			return n
		}
		before := count()
		if err := db.Update(context.Background()); err != nil {
			t.Fatal(err)
		}
		if after := count(); after != before {
			t.Errorf("%d records before, %d after", before, after)
		}
	})
}
