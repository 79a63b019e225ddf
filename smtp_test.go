package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"math/big"
	"mime/multipart"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// postOffice is a mail server on the loopback that keeps what it is given.
type postOffice struct {
	address  string
	tls      *tls.Config // for STARTTLS, or from the first byte with wrapped
	wrapped  bool
	password string // of the user "shop"; none is asked for when empty

	mu      sync.Mutex
	refuse  map[string]string // answers other than yes, by verb or by "RCPT <address>"
	hangUp  string            // the verb after which the line is cut
	parcels []parcel
	spoken  []string // verbs
}

// parcel is a message as it came: who gets it, and the text with its headers.
type parcel struct {
	from string
	to   []string
	text string
	safe bool // the line was encrypted
}

// openPostOffice serves until the test ends.
func openPostOffice(t *testing.T, configure func(p *postOffice)) *postOffice {
	t.Helper()
	p := &postOffice{refuse: map[string]string{}}
	if configure != nil {
		configure(p)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	if p.wrapped {
		l = tls.NewListener(l, p.tls)
	}
	var lines sync.WaitGroup
	lines.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			lines.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		lines.Wait()
	})
	return p
}

// got are the messages that have come.
func (p *postOffice) got() []parcel {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]parcel{}, p.parcels...)
}

// answer is what is said to a verb, "" for yes; cut tells to hang up.
func (p *postOffice) answer(verb, argument string) (reply string, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoken = append(p.spoken, verb)
	if reply = p.refuse[verb+" "+argument]; reply == "" {
		reply = p.refuse[verb]
	}
	return reply, p.hangUp == verb
}

// change changes what it answers from now on.
func (p *postOffice) change(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

func (p *postOffice) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	say := func(line string) { io.WriteString(conn, line+"\r\n") }
	safe, known := p.wrapped, p.password == ""
	var now parcel
	say("220 post.example")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, argument, _ := strings.Cut(line, " ")
		verb = strings.ToUpper(verb)
		_, argument, _ = strings.Cut(argument, ":")
		argument, _, _ = strings.Cut(strings.TrimSpace(argument), " ")
		reply, cut := p.answer(verb, argument)
		switch {
		case cut:
			return
		case reply != "":
			say(reply)
			continue
		}
		switch verb {
		case "EHLO", "HELO":
			say("250-post.example")
			if p.tls != nil && !safe {
				say("250-STARTTLS")
			}
			if p.password != "" {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			secured := tls.Server(conn, p.tls)
			conn, in, safe = secured, bufio.NewReader(secured), true
		case "AUTH":
			given, _ := base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:])
			if known = string(given) == "\x00shop\x00"+p.password; known {
				say("235 welcome")
			} else {
				say("535 wrong password")
			}
		case "MAIL":
			if !known {
				say("530 who are you?")
				continue
			}
			now = parcel{from: argument, safe: safe}
			say("250 ok")
		case "RCPT":
			now.to = append(now.to, argument)
			say("250 ok")
		case "DATA":
			say("354 go on")
			text := p.text(in)
			if reply, cut := p.answer("END", ""); cut {
				return
			} else if reply != "" {
				say(reply)
				continue
			}
			now.text = text
			p.change(func() { p.parcels = append(p.parcels, now) })
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// text reads up to the line with a dot alone.
func (p *postOffice) text(in *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// seal makes a certificate for the loopback, and what trusts it.
func seal(t *testing.T) (server *tls.Config, trusts *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trusts = x509.NewCertPool()
	trusts.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, trusts
}

// decoded is the content of a part without its transfer encoding, which multipart.Reader undoes for quoted-printable only.
func decoded(part *multipart.Part) io.Reader {
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
		return base64.NewDecoder(base64.StdEncoding, part)
	}
	return part
}

// freePort is an address of the loopback where nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
