//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build compiles paytond as the tests themselves are compiled: with the race detector where they have it.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "paytond")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// process is a paytond that runs beside a test. What it prints is in build/logs.
type process struct {
	command *exec.Cmd
	log     string
	ended   chan struct{} // closed when it ended, with err
	err     error
}

// start runs paytond until the test ends, or stop is called.
func start(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	logs := filepath.Join("build", "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(logs, strings.ReplaceAll(t.Name(), "/", "-")+"-"+args[0]+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := &process{command: exec.Command(binary, args...), log: file.Name(), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = file, file
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() { p.stop(t) })
	return p
}

// waitFor waits until a GET of url answers 200.
func (p *process) waitFor(t *testing.T, url string) {
	t.Helper()
	for deadline := time.After(3 * time.Minute); ; {
		if answer, err := http.Get(url); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-p.ended:
			t.Fatalf("%v ended (%v) and never answered %s:\n%s", p.command.Args, p.err, url, p.output())
		case <-deadline:
			t.Fatalf("%v does not answer %s:\n%s", p.command.Args, url, p.output())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop interrupts it, as Ctrl-C does, and fails the test unless it ends cleanly and soon. A data race ends it uncleanly.
func (p *process) stop(t *testing.T) {
	select {
	case <-p.ended:
		if p.err != nil && !t.Failed() {
			t.Errorf("%v: %v\n%s", p.command.Args, p.err, p.output())
		}
		return
	default:
	}
	p.command.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(longEnough):
		p.command.Process.Signal(syscall.SIGQUIT) // it then prints what its goroutines do
		<-p.ended
	}
	if p.err != nil {
		t.Errorf("%v did not stop cleanly: %v\n%s", p.command.Args, p.err, p.output())
	} else if t.Failed() {
		t.Logf("%v printed:\n%s", p.command.Args, p.output())
	}
}

// prints waits until it has printed a pattern, and returns the groups.
func (p *process) prints(t *testing.T, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	for deadline := time.After(3 * time.Minute); ; {
		if found := wanted.FindStringSubmatch(p.output()); found != nil {
			return found[1:]
		}
		select {
		case <-p.ended:
			t.Fatalf("%v ended (%v) and never printed %s:\n%s", p.command.Args, p.err, pattern, p.output())
		case <-deadline:
			t.Fatalf("%v never printed %s:\n%s", p.command.Args, pattern, p.output())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// output is the last of what it printed.
func (p *process) output() string {
	const enough = 8 << 10
	printed, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(printed[max(0, len(printed)-enough):])
}
