package main

import (
	"strings"
	"testing"
)

// TestMethodHelp asks, as programs do, which methods there are and what each does; none is left without a word. The helps of
// fields and models reach clients with their definitions.
func TestMethodHelp(t *testing.T) {
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	clerk := b.session(demoUser, demoPassword)
	ask := func(method string, params ...any) any {
		a := b.send("POST", "/"+b.name+"/", envelope(method, params...), "Content-Type", "application/json", "Authorization", clerk.authorization)
		if a.member("error") != nil {
			t.Fatalf("%s: %s", method, a)
		}
		return a.member("result")
	}
	names, _ := ask("system.listMethods").([]any)
	if len(names) < 1000 {
		t.Fatalf("%d methods are listed", len(names))
	}
	for _, name := range names {
		m, err := b.db.Registry.Method(split(name.(string)))
		if err != nil || m.Help == "" {
			t.Errorf("%s: %v, help %q", name, err, m.Help)
		}
	}
	if help := ask("system.methodHelp", "model.account.payment.search_read"); !strings.HasPrefix(help.(string), "search_read(domain,") {
		t.Errorf("help of search_read: %v", help)
	}
	if signature := ask("system.methodSignature", "model.account.payment.search_read"); signature != "signatures not supported" {
		t.Errorf("signature: %v", signature)
	}
	fields, _ := clerk.must("model.account.payment.fields_get", []string{"amount", "journal"}).(map[string]any)
	for name, label := range map[string]string{"amount": "Amount", "journal": "Journal"} {
		if f, _ := fields[name].(map[string]any); f["string"] != label {
			t.Errorf("%s: %v", name, f)
		}
	}
	fields, _ = clerk.must("model.currency.currency.fields_get", []string{"digits", "active"}).(map[string]any)
	for _, name := range []string{"digits", "active"} {
		if f, _ := fields[name].(map[string]any); f["help"] == "" || f["help"] == nil {
			t.Errorf("currency.currency.%s: %v", name, f)
		}
	}
	for _, method := range []string{"system.listMethods", "system.methodHelp"} {
		if a := b.send("POST", "/"+b.name+"/", envelope(method, "model.res.user.read"), "Content-Type", "application/json"); a.status != 401 {
			t.Errorf("%s of a stranger: %s", method, a)
		}
	}
}

// split parts "model.account.payment.read".
func split(name string) (kind, object, method string) {
	kind, rest, _ := strings.Cut(name, ".")
	i := strings.LastIndexByte(rest, '.')
	return kind, rest[:i], rest[i+1:]
}
