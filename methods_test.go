package main

import (
	"encoding/json"
	flags "flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/domain"
)

var update = flags.Bool("update", false, "write generated files anew")

// methodsPage is the generated page that tells how each method of the peer's protocol is answered.
const methodsPage = "rpc/METHODS.md"

// more is what is called of the recorded table beside the trace, with what the peer would answer: JSON of the same shape.
type more struct {
	row    string // the method's, as the table has it
	note   string // of two rows with the same method, the one whose params say so
	call   string // the method that is called, "" for row itself
	params func(w *walk) []any
	answer string
	// administrator calls it in place of the clerk.
	administrator bool
}

// moreCalls are those of the table that no client made in the recording.
var moreCalls = []more{
	{row: "model.ir.ui.view_tree_width.set_width", params: fixed("account.payment", map[string]any{"amount": 120}), answer: `null`},
	{row: "model.ir.model.button.click.get_click", params: func(w *walk) []any {
		return []any{"account.payment", "approve", w.id("account.payment", 2)}
	}, answer: `{}`},
	{row: "model.<model>.pre_validate", call: "model.account.payment.pre_validate", params: fixed(map[string]any{"id": -1, "state": "draft"}), answer: `null`},
	{row: "model.<model>.autocomplete_<field>", call: "model.party.address.autocomplete_city", params: fixed(map[string]any{"country": nil, "postal_code": nil}), answer: `[]`},
	{row: "model.<model>.<selection method>", call: "model.account.payment.get_origin", params: fixed(), answer: `[[null, "text"]]`},
	{row: "model.<model>.on_change_<field>", call: "model.account.payment.on_change_kind", params: fixed(map[string]any{"id": -1, "kind": "payable"}), answer: `{}`},
	{row: "model.<model>.on_change_with_<field>", call: "model.account.payment.on_change_with_process_method", params: func(w *walk) []any {
		return []any{map[string]any{"id": -1, "journal": w.id("account.payment.journal", 1)}}
	}, answer: `"stripe"`},
	{row: "model.<model>.<button>", note: "[id], context with _timestamp", call: "model.account.payment.approve", params: func(w *walk) []any {
		return []any{[]any{w.id("account.payment", 301)}}
	}, answer: `null`},
	{row: "model.ir.export.update", params: func(w *walk) []any {
		id := first(w.clerk.must("model.ir.export.create", []any{map[string]any{"name": "Own", "resource": "account.payment"}}))
		return []any{[]any{id}, []any{"amount"}}
	}, answer: `null`},
	{row: "model.ir.email.complete", params: fixed("Customer", 5), answer: `[[0.5, "text", "text"]]`},
	{row: "model.ir.email.template.get", params: (*walk).templateParams, answer: `{"body": "text"}`},
	{row: "model.ir.action.act_window.get", params: fixed("account_payment.act_payment_form"),
		answer: `{"type": "text", "res_model": "text"}`},
	{row: "model.ir.ui.view.read", params: func(w *walk) []any {
		return []any{[]any{w.ref("account_payment.payment_view_form")}, []any{"arch"}}
	}, answer: `[{"id": 1, "arch": "text"}]`},
	{row: "model.ir.lang.search", params: fixed([]any{[]any{"translatable", "=", true}}), answer: `[1]`},
	{row: "model.ir.lang.read", params: func(w *walk) []any {
		return []any{[]any{w.id("ir.lang", 1)}, []any{"code", "name"}}
	}, answer: `[{"id": 1, "code": "text", "name": "text"}]`},
	{row: "model.<model>.read (language, fuzzy_translation)", call: "model.ir.ui.menu.read", params: func(w *walk) []any {
		return []any{[]any{w.id("ir.ui.menu", 119)}, []any{"name"}}
	}, answer: `[{"id": 1, "name": "text"}]`},
	{row: "model.<model>.write (language)", call: "model.ir.ui.menu.write", params: func(w *walk) []any {
		return []any{[]any{w.id("ir.ui.menu", 119)}, map[string]any{"name": "Payments"}}
	}, answer: `null`, administrator: true},
	{row: "report.<name>.execute", call: "report.party.label.execute", params: func(w *walk) []any {
		id := w.id("party.party", 5)
		return []any{[]any{id}, map[string]any{"model": "party.party", "id": id, "ids": []any{id}}}
	}, answer: `["text", {"__class__": "bytes"}, true, "text"]`},
}

func fixed(params ...any) func(*walk) []any { return func(*walk) []any { return slices.Clone(params) } }

// ref is the id of a record of a module's data.
func (w *walk) ref(name string) (id int64) {
	w.do(func(tx *models.Tx) { id = tx.Ref(models.Ref(name)) })
	return id
}

// templateParams are an e-mail template and a record.
func (w *walk) templateParams() []any {
	var id int64
	w.do(func(tx *models.Tx) {
		model := tx.Class("ir.model").SearchRecords(tx, domain.C("model", domain.Equal, "party.party"))[0]
		ids, err := tx.Class("ir.email.template").Create(tx, []models.Values{{"name": "Greeting", "model": model.ID(), "subject": "Hello", "body": "<p>Hello</p>"}})
		models.Must(err)
		id = ids[0].ID()
	})
	return []any{id, w.id("party.party", 5)}
}

// endpoint is an address that is asked by another way than a call, with the status that shows that it is served.
type endpoint struct {
	row    string
	ask    func(w *walk) answer
	status int
	kind   string // the begin of the answer's Content-Type
}

var moreAddresses = []endpoint{
	{row: "POST /<database>/bus", ask: func(w *walk) answer {
		return w.send("POST", "/"+w.name+"/bus", []byte(`{"last_message": null, "channels": ["client:a"]}`),
			"Content-Type", "application/json", "Authorization", w.clerk.authorization)
	}, status: http.StatusOK, kind: "application/json"},
	{row: "GET /<database>/data/<model>", ask: func(w *walk) answer {
		return w.send("GET", "/"+w.name+"/data/account.payment?d=[]&f=amount&f=party/rec_name&s=2", nil, "Authorization", w.clerk.authorization)
	}, status: http.StatusOK, kind: "text/csv"},
	{row: "POST|DELETE /<database>/user/application/", ask: func(w *walk) answer {
		return w.send("POST", "/"+w.name+"/user/application/", []byte(`{"user": "nobody", "application": "data"}`), "Content-Type", "application/json")
	}, status: http.StatusOK, kind: "application/json"},
	{row: "POST /<database>/ with XML-RPC", ask: func(w *walk) answer {
		return w.send("POST", "/"+w.name+"/", []byte(`<methodCall><methodName>system.listMethods</methodName></methodCall>`),
			"Content-Type", "text/xml", "Authorization", w.clerk.authorization)
	}, status: http.StatusOK, kind: "text/xml"},
	{row: "GET /avatar/<base64 database>/<uuid>", ask: (*walk).avatar, status: http.StatusOK, kind: "image/"},
	{row: "GET|POST /<database>/account_payment_stripe/checkout/<model>/<checkout id>", ask: func(w *walk) answer {
		return w.send("GET", strings.TrimPrefix(w.checkout, w.url), nil)
	}, status: http.StatusOK, kind: "text/html"},
	{row: "POST /<database>/account_payment_stripe/webhook/<identifier>", ask: func(w *walk) answer {
		return w.send("POST", "/"+w.name+"/account_payment_stripe/webhook/nobody", []byte(`{}`))
	}, status: http.StatusNotFound},
}

// pixel is a picture.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// avatar gives the clerk a picture and asks for it under the address that his preferences have.
func (w *walk) avatar() answer {
	w.clerk = w.session(demoUser, w.password)
	w.clerk.must("model.res.user.set_preferences", map[string]any{"avatar": map[string]any{"__class__": "bytes", "base64": pixel}})
	preferences, _ := w.clerk.must("model.res.user.get_preferences", false).(map[string]any)
	path, _ := preferences["avatar_url"].(string)
	return w.send("GET", path+"?s=32", nil)
}

// unreachable are the rows that no client can call on our models, and why.
var unreachable = map[string]string{
	"GET|POST /<database>/ir/html/<model>/<id>/<field>": "of the peer's views only that of reports opens the editor, for their templates; our documents are part of the program, and no view of ours has a field of that kind",
	"model.<schema>.get_keys":                           "no model of ours has a field of type dict",
	"model.<model>.<button> of type instance":           "no model of ours has one; the views can draw them",
}

// walkMethods makes a call for each row of the recorded table of methods, checks its answer, and returns the page.
func (w *walk) walkMethods(rows []map[string]string) string {
	w.clerk = w.session(demoUser, w.password)
	var page strings.Builder
	page.WriteString(methodsHead)
	for _, row := range rows {
		name := row["method"]
		if strings.Contains(row["journey"], "type instance") {
			name += " of type instance"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s |\n", strings.ReplaceAll(name, "|", `\|`), row["client"], w.walkMethod(name, row))
	}
	for _, name := range beside {
		fmt.Fprintf(&page, "| `%s` | programs | %s |\n", strings.ReplaceAll(name, "|", `\|`), w.walkMethod(name, map[string]string{"method": name}))
	}
	return page.String()
}

// beside are addresses that the recorded table leaves to the description of the protocol.
var beside = []string{"POST /<database>/ with XML-RPC", "POST|DELETE /<database>/user/application/", "GET|POST /<database>/ir/html/<model>/<id>/<field>"}

const methodsHead = `# How each method is answered

Generated by ` + "`go test -run TestTrace . -update`" + `, which calls each of them and compares the answers with those of trytond 6.0.
*as recorded*: calls of the real clients were made again and had answers of the same shape. *called*: no client made it in the
recording; called here as the clients' source does.

| method | client | answered |
|---|---|---|
`

// walkMethod checks one row, and says how it is answered.
func (w *walk) walkMethod(name string, row map[string]string) string {
	if why := unreachable[name]; why != "" {
		return "no: " + why
	}
	if n := w.calls[name]; n > 0 {
		return "as recorded" + w.differences(name)
	}
	for _, m := range moreCalls {
		if m.row == row["method"] {
			w.callMore(m)
			return "called"
		}
	}
	for _, a := range moreAddresses {
		if a.row == name {
			got := a.ask(w)
			if got.status != a.status || !strings.HasPrefix(got.header.Get("Content-Type"), a.kind) {
				w.Errorf("%s: %s %s", name, got, got.header.Get("Content-Type"))
			}
			return "called"
		}
	}
	w.Errorf("%s is not called", name)
	return "not called"
}

// differences tells what differs by intention from the peer's answers.
func (w *walk) differences(name string) string {
	var reasons []string
	for _, d := range w.found.sorted() {
		for _, e := range excuses {
			if d.subject == name && e.covers(d) && e.only == "" && e.subject != "*" && !strings.HasPrefix(d.place, "header") && !slices.Contains(reasons, e.reason) && e.reason != "the same" {
				reasons = append(reasons, e.reason)
			}
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return "; but " + strings.Join(reasons, "; ")
}

// callMore calls a method as the clients' source does.
func (w *walk) callMore(m more) {
	name := m.call
	if name == "" {
		name = m.row
	}
	c := *w.clerk
	if m.administrator {
		c = *w.session("admin", "admin")
	}
	if strings.Contains(m.row, "(language") {
		c.context = map[string]any{"language": "fr", "fuzzy_translation": false}
	}
	ours := c.try(name, m.params(w)...)
	mine, _ := ours.decoded().(map[string]any)
	decoder := json.NewDecoder(strings.NewReader(`{"result": ` + m.answer + `}`))
	decoder.UseNumber()
	var theirs map[string]any
	if err := decoder.Decode(&theirs); err != nil {
		w.Fatal(err)
	}
	fits := ours.status == http.StatusOK && mine["error"] == nil && (mine["result"] == nil) == (theirs["result"] == nil)
	comparison{registry: w.db.Registry, note: func(place, what string) { fits = fits && what == "is added" }}.
		shapes("", shapeOf(theirs), shapeOf(map[string]any{"result": mine["result"]}))
	if !fits {
		w.Errorf("%s: %s; want the shape of %s", name, ours, m.answer)
	}
}

// holdPage compares a generated page with the file, or writes it.
func holdPage(t *testing.T, path, page string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil || string(kept) != page {
		t.Errorf("%s is not up to date (%v): go test -run TestTrace . -update", path, err)
	}
}
