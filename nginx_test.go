//go:build unix

package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
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

// TestBehindNginx runs the README's example of a reverse proxy, word for word but for its port, name and files.
func TestBehindNginx(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx = "/usr/sbin/nginx"; os.Getenv("CI") == "true" {
			t.Fatal("Debian's nginx-light is missing")
		}
		if _, err := os.Stat(nginx); err != nil {
			t.Skip("Debian's nginx-light is missing, .ci/install installs it")
		}
	}
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC, roleCheckout}, func(c *Config) { c.Web.Proxies.Count = 1 })
	dir := t.TempDir()
	file, key := filepath.Join(dir, "fullchain.pem"), filepath.Join(dir, "privkey.pem")
	issue(t, file, key, 1)
	address := vacantAddress(t)
	_, port, _ := net.SplitHostPort(address)
	proxy(t, nginx, dir, strings.NewReplacer("listen 443 ssl", "listen "+address+" ssl", "pay.example.com;", "localhost;",
		"/etc/letsencrypt/live/pay.example.com", dir, "http://127.0.0.1:8000", b.url).Replace(nginxExample(t)))
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	outside := "https://localhost:" + port
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(outside + "/healthz")
		if err == nil {
			response.Body.Close()
			if response.Header.Get("Strict-Transport-Security") == "" {
				t.Errorf("headers: %v", response.Header)
			}
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	b.overTLS(t, outside, file, 1) // the addresses that the server makes are those of the proxy
	request, err := http.NewRequestWithContext(t.Context(), "POST", outside+"/"+b.name+"/", strings.NewReader(string(envelope("common.db.login", "x", map[string]any{"password": "x"}, "en"))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", "203.0.113.9")
	request.Header.Set("X-Request-Id", "forged-1")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	log := string(b.readLog())
	if response.StatusCode != http.StatusUnauthorized || strings.Contains(log, "203.0.113.9") || strings.Contains(log, "forged-1") {
		t.Errorf("a forged address: %d, and the log: %.3000s", response.StatusCode, log)
	}
	if !regexp.MustCompile(`method=common.db.login .*address=127.0.0.1 status=401 .*request_id=[0-9a-f]{32}`).MatchString(log) {
		t.Errorf("the log does not tell of the proxy's id and address: %.3000s", log)
	}
}

// nginxExample is the indented block of the README that begins with listen.
func nginxExample(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(content), "\n    listen 443 ssl;\n")
	if !found {
		t.Fatal("the README has no example of nginx")
	}
	example, _, _ = strings.Cut(example, "\n\n")
	return "listen 443 ssl;\n" + example
}

// proxy runs nginx with a server's configuration until the test ends.
func proxy(t *testing.T, nginx, dir, server string) {
	t.Helper()
	main := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; "+
		"fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\nserver {\n%[2]s\n}\n}\n", dir, server)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	command := exec.Command(nginx, "-c", path, "-p", dir)
	command.Stderr, command.Stdout = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Signal(syscall.SIGQUIT)
		if err := command.Wait(); err != nil || t.Failed() {
			t.Errorf("nginx: %v\n%s\n%s", err, said.String(), main)
		}
	})
}
