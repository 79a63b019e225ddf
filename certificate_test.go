package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issue writes a new certificate for this machine, signed by itself, and its key.
func issue(t *testing.T, file, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{file: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shake makes a TLS connection that trusts a certificate's file, and tells the serial number that the server shows.
func shake(address, file string, newest uint16) (serial int64, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", address, &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: newest})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

// TestTLS serves with a certificate, renews it while the server runs, and has Tryton's own clients come by it.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	file, key := filepath.Join(dir, "certificate.pem"), filepath.Join(dir, "key.pem")
	issue(t, file, key, 1)
	b := newBench(t, "sqlite://", t.TempDir(), nil, func(c *Config) { c.Web.Certificate, c.Web.PrivateKey = file, key })
	b.background(func(ctx context.Context) error { return b.app.Run(ctx, []string{roleRPC, roleCheckout}) })
	address := strings.TrimPrefix(b.url, "http://")
	_, port, _ := strings.Cut(address, ":")
	for deadline := time.Now().Add(longEnough); ; time.Sleep(10 * time.Millisecond) {
		serial, err := shake(address, file, tls.VersionTLS13)
		if err == nil && serial == 1 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("certificate %d, %v", serial, err)
		}
	}
	t.Run("browser", func(t *testing.T) { b.overTLS(t, "https://localhost:"+port, file, 2) })
	t.Run("clients", func(t *testing.T) { trytonOverTLS(t, port, b.name, file) })
	if _, err := shake(address, file, tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is taken")
	}
	if response, err := http.Get(b.url + "/healthz"); err != nil {
		t.Error(err)
	} else if response.Body.Close(); response.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %d", response.StatusCode)
	}

	old := filepath.Join(dir, "old.pem")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("half of a certifi"), 0o600); err != nil {
		t.Fatal(err)
	}
	if serial, err := shake(address, old, tls.VersionTLS13); serial != 1 {
		t.Errorf("while the files are written: certificate %d, %v", serial, err)
	}
	issue(t, file, key, 2)
	if serial, err := shake(address, file, tls.VersionTLS13); serial != 2 {
		t.Errorf("after it was renewed: certificate %d, %v", serial, err)
	}
}

// overTLS logs in as a browser would, by that version of HTTP, and looks at an address that the server makes of its own.
func (b *bench) overTLS(t *testing.T, url, file string, version int) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	post := func(authorization, method string, params ...any) answer {
		request, err := http.NewRequestWithContext(t.Context(), "POST", url+"/"+b.name+"/", bytes.NewReader(envelope(method, params...)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", authorization)
		response, err := (&http.Client{Transport: transport}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.ProtoMajor != version {
			t.Errorf("%s %v", response.Proto, err)
		}
		return answer{response.StatusCode, response.Header, body}
	}
	login := post("", "common.db.login", "admin", map[string]any{"password": "admin"}, "en")
	pair, _ := login.member("result").([]any)
	if len(pair) != 2 {
		t.Fatal(login)
	}
	session := sessionHeader("admin", pair[0], pair[1])
	id := first(post(session, "model.account.payment.stripe.account.search", []any{}, 0, 1, nil, map[string]any{}).member("result"))
	post(session, "model.account.payment.stripe.account.new_identifier", []int64{id}, map[string]any{})
	read := post(session, "model.account.payment.stripe.account.read", []int64{id}, []string{"webhook_endpoint"}, map[string]any{})
	if !bytes.Contains(read.body, []byte(url+"/"+b.name+"/account_payment_stripe/webhook/")) {
		t.Errorf("the address of the webhook: %s", read)
	}
}

// trytonOverTLS has the connection of the desktop client, and proteus, log in and read.
func trytonOverTLS(t *testing.T, port, database, file string) {
	const python = "/usr/bin/python3" // the clients are modules of this one
	const script = `
import sys
port, database, ca = sys.argv[1:]
from tryton.jsonrpc import ServerProxy
class Fingerprints(dict):
    exists = dict.__contains__
    def set(self, host, fingerprint): self[host] = fingerprint
known = Fingerprints()
proxy = ServerProxy('localhost', int(port), database, fingerprints=known, ca_certs=ca)
user, session = proxy.common.db.login('admin', {'password': 'admin'}, 'en')
assert proxy.ssl, 'the desktop client fell back to plain HTTP'
assert len(known['localhost:' + port]) == 59, known
from proteus import config, Model
config.set_xmlrpc('https://admin:admin@localhost:%s/%s/' % (port, database))
assert Model.get('party.party').find([]), 'no parties'
print('both')
`
	if err := exec.Command(python, "-c", "import tryton, proteus").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("Debian's tryton-client and tryton-proteus are missing")
		}
		t.Skip("Debian's tryton-client and tryton-proteus are missing, .ci/install installs them")
	}
	command := exec.CommandContext(t.Context(), python, "-c", script, port, database, file)
	command.Env = append(os.Environ(), "SSL_CERT_FILE="+file)
	if out, err := command.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "both" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCertificateIsChecked(t *testing.T) {
	dir := t.TempDir()
	file, key := filepath.Join(dir, "certificate.pem"), filepath.Join(dir, "key.pem")
	if _, err := newCertificate(file, key, nil); err == nil || !strings.Contains(err.Error(), "certificate.pem") || !strings.Contains(err.Error(), "key.pem") {
		t.Errorf("without files: %v", err)
	}
	issue(t, file, key, 1)
	issue(t, filepath.Join(dir, "other.pem"), key, 2)
	if _, err := newCertificate(file, key, nil); err == nil || !strings.Contains(err.Error(), "[ssl]") {
		t.Errorf("the key of another: %v", err)
	}
}
