//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"paytond/sql/sqltest"
)

// Where Debian puts the real parts, and where the drivers that operate them are.
const (
	python      = "/usr/bin/python3" // the clients are modules of this one, not of any other that may be in PATH
	saoFiles    = "/usr/share/tryton-sao/www"
	drivers     = "../shared/clients"
	adminSecret = "Reference-Admin-1"
)

// TestRealClients proves paytond by Tryton's own clients, unmodified, which the drivers operate as a person would.
// Screenshots are left in build/screenshots.
func TestRealClients(t *testing.T) {
	requireRealParts(t)
	binary := build(t)
	t.Run("demo", func(t *testing.T) { testDemo(t, binary) })
	t.Run("sqlite", func(t *testing.T) {
		testFreshDatabase(t, binary, "fresh", "uri = sqlite://\npath = "+t.TempDir())
	})
	t.Run("postgresql", func(t *testing.T) {
		server, name := sqltest.Postgres(t), sqltest.Name()
		t.Cleanup(func() {
			if err := server.Drop(context.Background(), name); err != nil {
				t.Errorf("drop %s: %v", name, err)
			}
		})
		testFreshDatabase(t, binary, name, "uri = "+sqltest.PostgresURI(t))
	})
}

// requireRealParts skips the test where something is missing that .ci/install would install, but fails it in CI.
func requireRealParts(t *testing.T) {
	t.Helper()
	neverCached()
	var missing []string
	need := func(found bool, what string) {
		if !found {
			missing = append(missing, what)
		}
	}
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }
	inPath := func(name string) bool { _, err := exec.LookPath(name); return err == nil }
	imports := func(module string) bool { return exec.Command(python, "-c", "import "+module).Run() == nil }
	need(exists(drivers), "the drivers "+drivers)
	need(exists(saoFiles), "Debian's tryton-sao")
	need(imports("tryton"), "Debian's tryton-client")
	need(imports("proteus"), "Debian's tryton-proteus")
	need(inPath("Xvfb"), "Xvfb")
	need(inPath(chromium()), "Chromium")
	need(inPath("node"), "node")
	need(exists(filepath.Join(nodePath(), "playwright-core")), "npm's playwright-core")
	switch {
	case len(missing) == 0:
	case os.Getenv("CI") == "true":
		t.Fatalf("missing: %s", strings.Join(missing, ", "))
	default:
		t.Skipf("missing, .ci/install installs them: %s", strings.Join(missing, ", "))
	}
}

func chromium() string { return firstOf(os.Getenv("CHROMIUM"), "/usr/bin/chromium") }

// nodePath is where .ci/install puts the modules of node unless the environment says otherwise.
func nodePath() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "."
	}
	return firstOf(os.Getenv("NODE_PATH"), filepath.Join(cache, "paytond-ci", "node_modules"))
}

func firstOf(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// testDemo drives all clients against paytond demo, which serves the files of the web client itself, and once more after a restart: the data is kept, and not made twice.
func testDemo(t *testing.T, binary string) {
	data := t.TempDir()
	demo := func(t *testing.T) account {
		address, stripe := vacantAddress(t), vacantAddress(t)
		t.Setenv("SIMULATOR", "http://"+stripe) // of which journeys ask what became of the money
		start(t, binary, "demo", "--data", data, "--listen", address, "--simulator", stripe, "--root", saoFiles).waitFor(t, "http://"+address+"/healthz")
		return account{referenceNames(t), "http://" + address, "demo"}
	}
	t.Run("clients", func(t *testing.T) {
		server := demo(t)
		t.Run("proteus", func(t *testing.T) { drive(t, python, server.proteus()...) })
		t.Run("xml-rpc", func(t *testing.T) {
			t.Setenv("PYTHONPATH", absolute(t, drivers))
			drive(t, python, append([]string{filepath.Join("rpc", "testdata", "xmlrpc_check.py")}, server.flags()...)...)
		})
		t.Run("sao", func(t *testing.T) { drive(t, "node", server.client("sao.mjs", screenshots(t, "sao"), "--served")...) })
		t.Run("pay", func(t *testing.T) { drive(t, "node", server.journeys(t, "pay", "pay,print")...) })
		t.Run("stripe", func(t *testing.T) {
			drive(t, "node", server.journeys(t, "stripe", "stripeAccount,stripePayments,stripeCustomer")...)
		})
		t.Run("gtk", func(t *testing.T) { drive(t, python, server.client("gtk.py", screenshots(t, "gtk"))...) })
		t.Run("administrator", func(t *testing.T) {
			server.User, server.Password = "admin", "admin"
			for _, only := range []string{"menus,setup", "lists,partyForm,resources", "paymentForm,customerForm,administration,figures,preferences"} {
				part, _, _ := strings.Cut(only, ",")
				t.Run(part, func(t *testing.T) { drive(t, "node", server.journeys(t, "administrator-"+part, only)...) })
			}
			t.Run("gtk", func(t *testing.T) {
				t.Setenv("PYTHONPATH", absolute(t, drivers)) // where the driver finds what it shares with others
				journeys := spliced(t, "gtk.py", "def payment(c, ref, run, check):", "\n# -- running them", filepath.Join("rpc", "testdata", "gtk", "*.py"))
				drive(t, python, append([]string{journeys, "--out", screenshots(t, "administrator-gtk")}, server.flags()...)...)
			})
		})
	})
	t.Run("again", func(t *testing.T) { drive(t, python, demo(t).proteus()...) })
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// ourJourneys is the web client's driver with the journeys of rpc/testdata/sao in the place of its own.
func ourJourneys(t *testing.T) string {
	t.Helper()
	return spliced(t, "sao.mjs", "const journeys = {", "\nasync function main()", filepath.Join("rpc", "testdata", "sao", "*.mjs"))
}

// theirPatience is how long a driver of the shared ones waits for what should happen: fifteen seconds, which a browser, a server with the
// race detector and other tests on the same cores may need for a moment.
var theirPatience = regexp.MustCompile(`(?m)^(const )?PATIENCE = 15`)

// spliced is a driver of the shared ones with our files in the place of what it has from one text to another, and with four times its patience.
func spliced(t *testing.T, driver, from, to, files string) string {
	t.Helper()
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before, rest, begins := strings.Cut(read(filepath.Join(drivers, driver)), from)
	_, after, ends := strings.Cut(rest, to)
	paths, err := filepath.Glob(files)
	if !begins || !ends || err != nil || len(paths) == 0 {
		t.Fatalf("%s does not have its journeys where they were, or there are none in %s", driver, files)
	}
	ours := ""
	for _, path := range paths {
		ours += read(path) + "\n"
	}
	if !theirPatience.MatchString(before) {
		t.Fatalf("%s does not say how patient it is", driver)
	}
	path := filepath.Join(t.TempDir(), driver)
	write(t, path, []byte(theirPatience.ReplaceAllString(before, "${1}PATIENCE = 60")+ours+to+after))
	return path
}

// testFreshDatabase makes a database as an administrator does, fills it by a client and drives proteus against it.
func testFreshDatabase(t *testing.T, binary, name, database string) {
	dir, address, stripe := t.TempDir(), vacantAddress(t), vacantAddress(t)
	start(t, binary, "simulator", "--listen", stripe).waitFor(t, "http://"+stripe+"/_simulator/health")
	knowCustomer(t, "http://"+stripe, referenceNames(t).Customer)

	config, secret := filepath.Join(dir, "trytond.conf"), filepath.Join(dir, "secret")
	write(t, secret, []byte(adminSecret))
	write(t, config, fmt.Appendf(nil, "[database]\n%s\n[web]\nlisten = %s\n[account_payment_stripe]\napi_base = http://%s\n", database, address, stripe))
	admin := exec.CommandContext(t.Context(), binary, "admin", "-c", config, "-d", name, "--password-file", secret)
	if out, err := admin.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", admin.Args, err, out)
	}
	start(t, binary, "serve", "-c", config).waitFor(t, "http://"+address+"/healthz")

	server := account{referenceNames(t), "http://" + address, name}
	seed := exec.CommandContext(t.Context(), python, filepath.Join(drivers, "seed_reference.py"), "data",
		"--url", server.url, "--db", name, "--password", adminSecret)
	if out, err := seed.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", seed.Args, err, out)
	}
	drive(t, python, server.proteus()...)
}

// knowCustomer gives the simulator the customer that the reference data take as registered at Stripe.
func knowCustomer(t *testing.T, stripe, id string) {
	t.Helper()
	answer, err := http.PostForm(stripe+"/_simulator/customer", url.Values{"key": {"sk_test_reference"}, "id": {id}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("customer %s: %s", id, answer.Status)
	}
}

// screenshots is an empty directory for those of one client.
func screenshots(t *testing.T, client string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("build", "screenshots", client))
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// names are those of the reference data that the tests themselves need.
type names struct {
	User, Password string
	Customer       string `json:"stripe_customer"`
}

func referenceNames(t *testing.T) names {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(drivers, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var n names
	if err := json.Unmarshal(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// account is that of the reference data's user in a database of a server.
type account struct {
	names
	url, db string
}

func (a account) proteus() []string {
	return append([]string{filepath.Join(drivers, "proteus_check.py")}, a.flags()...)
}

func (a account) client(driver, out string, more ...string) []string {
	return append(append([]string{filepath.Join(drivers, driver), "--out", out}, more...), a.flags()...)
}

// journeys are some of our own for the web client; their screenshots are named.
func (a account) journeys(t *testing.T, name, only string) []string {
	t.Helper()
	return append([]string{ourJourneys(t), "--reference", absolute(t, filepath.Join(drivers, "reference.json")),
		"--out", screenshots(t, name), "--only", only, "--served"}, a.flags()...)
}

func (a account) flags() []string {
	return []string{"--url", a.url, "--db", a.db, "--user", a.User, "--password", a.Password}
}

var closing = regexp.MustCompile(`^([1-9]\d*) passed, 0 failed$`)

// drive runs a driver, and fails on the checks that failed. What fails is tried once more: on two cores a browser may miss the moment that a
// journey waits for. What failed at first only is in the log as such, to be looked into.
func drive(t *testing.T, name string, args ...string) {
	t.Helper()
	failed := driven(t, name, args...)
	if len(failed) == 0 {
		return
	}
	for _, what := range failed {
		t.Log("AT FIRST ", what)
	}
	for _, what := range driven(t, name, args...) {
		t.Error(what)
	}
}

// driven runs a driver, logs its checks as they come, and gives those that failed, and why it did not come to its closing line.
func driven(t *testing.T, name string, args ...string) (failed []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	driver := exec.CommandContext(ctx, name, args...)
	driver.Env = append(os.Environ(), "NODE_PATH="+nodePath(), "CHROMIUM="+chromium())
	// The browser and the display are its children, and shall not outlive it.
	driver.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	driver.Cancel = func() error { return syscall.Kill(-driver.Process.Pid, syscall.SIGKILL) }
	var stderr strings.Builder
	driver.Stderr = &stderr
	stdout, err := driver.StdoutPipe()
	if err == nil {
		err = driver.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		last = lines.Text()
		if strings.HasPrefix(last, "FAIL ") {
			failed = append(failed, last)
		} else {
			t.Log(last)
		}
	}
	if err := driver.Wait(); err != nil || !closing.MatchString(last) {
		failed = append(failed, fmt.Sprintf("%v: %v, after %q\n%s", driver.Args, err, last, stderr.String()))
	}
	return failed
}
