//go:build unix

package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/payment"
)

// TestScripts runs the programs of the README as they stand there, but for the address.
func TestScripts(t *testing.T) {
	shell, python := readmeScript(t, "bash"), readmeScript(t, "python")
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	here := func(script string) string {
		replaced := strings.ReplaceAll(script, "127.0.0.1:8000/demo/", strings.TrimPrefix(b.url, "http://")+"/"+b.name+"/")
		if replaced == script {
			t.Fatalf("the script does not call the demo:\n%s", script)
		}
		return replaced
	}
	if out, err := runScript(t, here(shell), "bash"); err != nil || !regexp.MustCompile(`^null\n\[\{"id":\d+,"state":"approved"\}\]\nnull\n$`).MatchString(out) {
		t.Errorf("%v: the shell printed %s", err, out)
	}
	refused := strings.ReplaceAll(here(shell), "receivable", "gift")
	if out, err := runScript(t, refused, "bash"); err == nil || !strings.Contains(out, `create: {"id":1,"error":["UserError",`) || strings.Contains(out, "approved") {
		t.Errorf("%v: the shell printed %s of a kind that there is not", err, out)
	}
	b.checkScript("From a shell", "approved")
	if exec.Command("/usr/bin/python3", "-c", "import proteus").Run() != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("Debian's tryton-proteus is missing")
		}
		t.Skip("Debian's tryton-proteus is missing, .ci/install installs it")
	}
	if out, err := runScript(t, here(python), "/usr/bin/python3", "-"); err != nil || out != "processing 42.50\n" {
		t.Errorf("%v: Python printed %s", err, out)
	}
	b.checkScript("From Python", "processing")
}

// readmeScript is the README's only script in a language.
func readmeScript(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("the README has %d scripts in %s", len(found), language)
	}
	return string(found[0][1]) + "\n"
}

func runScript(t *testing.T, script, name string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Stdin = strings.NewReader(script)
	out, err := command.CombinedOutput()
	return string(out), err
}

// checkScript looks at the one payment that a script has made.
func (b *bench) checkScript(description, state string) {
	b.Helper()
	var got []string
	b.do(func(tx *models.Tx) {
		p := payment.Payment
		for _, r := range p.Search(tx, p.Description.Eq(description)) {
			got = append(got, p.State.Of(r)+" "+p.Amount.Of(r).String()+" "+p.Party.Of(r).Name())
		}
	})
	if diff := cmp.Diff([]string{state + " 42.50 Alice Martin"}, got); diff != "" {
		b.Errorf("%s: %s", description, diff)
	}
}
