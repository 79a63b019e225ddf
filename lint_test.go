package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"paytond/sql/sqltest"
	"paytond/stripe/mocktest"
)

// lastRun is a file of build that these tests open and that is written anew when they have ended. So go test does not keep
// their results, which depend on more than it knows: all of the module, and the programs that the tests run.
var lastRun = filepath.Join("build", "last-run")

func neverCached() {
	if file, err := os.Open(lastRun); err == nil {
		file.Close()
	}
}

func TestMain(m *testing.M) {
	code := mocktest.Main(func() int { return sqltest.Main(m) })
	err := os.MkdirAll("build", 0o755)
	if err == nil {
		err = os.WriteFile(lastRun, nil, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// tool is the standard output of a command in the module's root, with env added to the environment; a command that fails fails the test.
// GOFLAGS is emptied first: what checks or builds here is not to be slowed by flags meant for the tests, such as -race.
func tool(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	neverCached()
	var stderr strings.Builder
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(append(os.Environ(), "GOFLAGS=-buildvcs=false"), env...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

func TestGofmt(t *testing.T) {
	if unformatted := tool(t, nil, "gofmt", "-l", "."); unformatted != "" {
		t.Errorf("gofmt wants to change:\n%s", unformatted)
	}
}

func TestVet(t *testing.T) {
	tool(t, nil, "go", "vet", "./...")
}

func TestStaticcheck(t *testing.T) {
	tool(t, nil, "go", "tool", "-modfile=tools.mod", "staticcheck", "./...")
}

// One static binary is promised: it must build with no C compiler.
func TestBuildsWithoutCgo(t *testing.T) {
	tool(t, []string{"CGO_ENABLED=0"}, "go", "build", "-o", filepath.Join(t.TempDir(), "paytond"), ".")
}

// modernc.org/sqlite is C translated for one version of modernc.org/libc, and works with that version only.
func TestLibcIsTheOneOfSQLite(t *testing.T) {
	requires, err := os.ReadFile(strings.TrimSpace(tool(t, nil, "go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite")))
	if err != nil {
		t.Fatal(err)
	}
	libc := strings.TrimSpace(tool(t, nil, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "modernc.org/libc"))
	if !strings.Contains(string(requires), "\t"+libc+"\n") {
		t.Errorf("go.mod has %s, which is not what modernc.org/sqlite requires:\n%s", libc, requires)
	}
}
