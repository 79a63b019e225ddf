package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/modelstest"
	"paytond/models/res"
)

// mailerTo is a mailer to the post office, with the form of address that the scheme stands for.
func mailerTo(t *testing.T, scheme string, p *postOffice, user string) *mailer {
	t.Helper()
	m, err := newMailer(scheme+"://"+user+p.address, "The Shop <shop@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var letter = ir.Mail{ID: "1234@example.com", To: []string{`"Bob Stöne" <bob@example.com>`, "<c@example.com>"}, Bcc: []string{"<d@example.com>"},
	ReplyTo: "<clerk@example.com>", Subject: "Ihre Zahlung über 12,00 €", Text: "Guten Tag,\n.Punkt\n", HTML: "<p>Grüße</p>",
	Files: []ir.File{{Name: "beleg ä.txt", Content: []byte("data\x00\r\n.\r\n")}}}

func TestMailAsItArrives(t *testing.T) {
	p := openPostOffice(t, nil)
	if err := mailerTo(t, "smtp", p, "").send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	got := p.got()
	if len(got) != 1 {
		t.Fatalf("%d messages came", len(got))
	}
	if diff := cmp.Diff([]string{"<shop@example.com>", "<bob@example.com>", "<c@example.com>", "<d@example.com>"}, append([]string{got[0].from}, got[0].to...)); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	message, err := mail.ReadMessage(strings.NewReader(got[0].text))
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	for _, name := range []string{"Message-ID", "From", "To", "Cc", "Bcc", "Reply-To", "Subject"} {
		headers[name], err = new(mime.WordDecoder).DecodeHeader(message.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"Message-ID": "<1234@example.com>", "From": `"The Shop" <shop@example.com>`, "To": `Bob Stöne <bob@example.com>, <c@example.com>`,
		"Cc": "", "Bcc": "", "Reply-To": "<clerk@example.com>", "Subject": letter.Subject}
	if diff := cmp.Diff(want, headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if _, err := message.Header.Date(); err != nil {
		t.Error(err)
	}
	parts := map[string]string{}
	readParts(t, message.Header.Get("Content-Type"), message.Body, parts)
	wantParts := map[string]string{"text/plain": strings.ReplaceAll(letter.Text, "\n", "\r\n"), "text/html": letter.HTML, "beleg ä.txt": string(letter.Files[0].Content)}
	if diff := cmp.Diff(wantParts, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// readParts collects the parts of a message by type, or by name where they are files.
func readParts(t *testing.T, contentType string, body io.Reader, parts map[string]string) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("a part is %s", kind)
	}
	for reader := multipart.NewReader(body, parameters["boundary"]); ; {
		part, err := reader.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		inner, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if strings.HasPrefix(inner, "multipart/") {
			readParts(t, part.Header.Get("Content-Type"), part, parts)
			continue
		}
		content, err := io.ReadAll(decoded(part))
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := new(mime.WordDecoder).DecodeHeader(part.FileName()); name != "" {
			inner = name
		}
		parts[inner] = string(content)
	}
}

func TestMailWithOneKindOfText(t *testing.T) {
	p := openPostOffice(t, nil)
	m := mailerTo(t, "smtp", p, "")
	for _, message := range []ir.Mail{{ID: "a@b", To: []string{"x@y.example"}, Text: "plain"}, {ID: "a@b", To: []string{"x@y.example"}, HTML: "<b>marked</b>"}} {
		if err := m.send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct{ kind, text string }{{"text/plain", "plain"}, {"text/html", "<b>marked</b>"}} {
		message, err := mail.ReadMessage(strings.NewReader(p.got()[i].text))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(message.Body)
		if kind, _, _ := mime.ParseMediaType(message.Header.Get("Content-Type")); kind != want.kind || strings.TrimSpace(string(body)) != want.text {
			t.Errorf("%s %q", kind, body)
		}
	}
}

// Each form of address logs in, encrypted as it says; a certificate that is not trusted is no encryption.
func TestMailAddresses(t *testing.T) {
	certificate, trusts := seal(t)
	for _, test := range []struct {
		scheme    string
		configure func(p *postOffice)
		trusted   bool
		want      bool // that it arrives
		safe      bool
	}{
		{"smtp", func(*postOffice) {}, false, true, false},
		{"smtp+tls", func(p *postOffice) { p.tls = certificate }, true, true, true},
		{"smtp+tls", func(p *postOffice) { p.tls = certificate }, false, false, false},
		{"smtp+tls", func(*postOffice) {}, true, false, false}, // the server offers no encryption
		{"smtps", func(p *postOffice) { p.tls, p.wrapped = certificate, true }, true, true, true},
		{"smtps", func(p *postOffice) { p.tls, p.wrapped = certificate, true }, false, false, false},
	} {
		for _, user := range []string{"", "shop:s%40cret@"} {
			p := openPostOffice(t, func(p *postOffice) {
				test.configure(p)
				if user != "" {
					p.password = "s@cret"
				}
			})
			m := mailerTo(t, test.scheme, p, user)
			if test.trusted {
				m.tls.RootCAs = trusts
			}
			err := m.send(t.Context(), letter)
			got := p.got()
			switch {
			case test.want && (err != nil || len(got) != 1 || got[0].safe != test.safe):
				t.Errorf("%+v %q: %v, %d messages", test, user, err, len(got))
			case !test.want && (!errors.Is(err, ir.ErrMailServer) || len(got) != 0):
				t.Errorf("%+v %q: %v, %d messages", test, user, err, len(got))
			}
		}
	}
}

func TestMailErrors(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(p *postOffice)
		refused   bool
		server    bool
		want      string
	}{
		{"no such user", func(p *postOffice) { p.refuse["RCPT <c@example.com>"] = "550 no such user" }, true, false, `550 "no such user"`},
		{"sender refused", func(p *postOffice) { p.refuse["MAIL"] = "553 not you" }, true, false, `553 "not you"`},
		{"text refused", func(p *postOffice) { p.refuse["END"] = "554 spam" }, true, false, `554 "spam"`},
		{"busy", func(p *postOffice) { p.refuse["RCPT"] = "450 later" }, false, false, `450 "later"`},
		{"full", func(p *postOffice) { p.refuse["END"] = "452 full" }, false, false, `452 "full"`},
		{"cut off", func(p *postOffice) { p.hangUp = "END" }, false, false, "EOF"},
		{"wrong password", func(p *postOffice) { p.password = "other" }, false, true, `535 "wrong password"`},
		{"unwilling", func(p *postOffice) { p.refuse["EHLO"], p.refuse["HELO"] = "554 no", "554 no" }, false, true, `554 "no"`},
		{"ends at once", func(p *postOffice) { p.hangUp = "NOOP" }, false, false, ""},
	} {
		p := openPostOffice(t, func(p *postOffice) {
			p.password = "s3cret"
			test.configure(p)
		})
		err := mailerTo(t, "smtp", p, "shop:s3cret@").send(t.Context(), letter)
		if err == nil || errors.Is(err, ir.ErrMailRefused) != test.refused || errors.Is(err, ir.ErrMailServer) != test.server ||
			!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", test.name, err)
		}
		if len(p.got()) > 0 {
			t.Errorf("%s: the message was taken", test.name)
		}
	}
	if err := mailerTo(t, "smtp", &postOffice{address: freePort(t)}, "").send(t.Context(), letter); !errors.Is(err, ir.ErrMailServer) {
		t.Errorf("nobody there: %v", err)
	}
	// What is taken is sent, however the server says goodbye.
	p := openPostOffice(t, func(p *postOffice) { p.hangUp = "RSET" })
	if err := mailerTo(t, "smtp", p, "").send(t.Context(), letter); err != nil || len(p.got()) != 1 {
		t.Errorf("cut off after the message: %v, %d messages", err, len(p.got()))
	}
}

func TestMailConfiguration(t *testing.T) {
	const secret = "gehe1m"
	for _, test := range []struct{ uri, from, want string }{
		{"", "", ""},
		{"smtp://localhost", "a@b.example", "localhost:25"},
		{"smtps://u:" + secret + "@mail.example", "a@b.example", "mail.example:465"},
		{"smtp+tls://mail.example:587", "A <a@b.example>", "mail.example:587"},
		{"smtp://u:" + secret + "@[::1]:2525", "a@b.example", "[::1]:2525"},
		{"smtp://u:" + secret + "@host:port", "a@b.example", "!no address"},
		{"smtp://u:" + secret + "@:25", "a@b.example", "!no address"},
		{"smtp://u:" + secret + "@host:0", "a@b.example", "!port"},
		{"http://u:" + secret + "@host", "a@b.example", "!begins with none"},
		{"mail.example", "a@b.example", "!no address"},
		{"smtp://mail.example", "", "!from"},
		{"smtp://mail.example", "the shop", "!from"},
	} {
		m, err := newMailer(test.uri, test.from)
		got := ""
		switch {
		case err != nil:
			got = "!"
			if want := strings.TrimPrefix(test.want, "!"); strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), secret) {
				got = test.want
			}
		case m != nil:
			got = m.address()
		}
		if got != test.want {
			t.Errorf("%s from %q gives %s (%v), want %s", test.uri, test.from, got, err, test.want)
		}
	}
	for uri, want := range map[string]bool{"smtp://u:p@mail.example": true, "smtp://u:p@10.0.0.1": true, "smtp://u:p@127.0.0.1": false, "smtp://u:p@localhost": false,
		"smtp://mail.example": false, "smtps://u:p@mail.example": false, "smtp+tls://u:p@mail.example": false} {
		if m, err := newMailer(uri, "a@b.example"); err != nil || m.exposed() != want {
			t.Errorf("%s is exposed: %v (%v)", uri, m.exposed(), err)
		}
	}
}

// The queue of a database goes out by the configured server: one message after trouble with another, each once.
func TestQueueGoesOutBySMTP(t *testing.T) {
	modules := func() []*models.Module {
		return []*models.Module{ir.ModuleWith(ir.Config{From: "shop@example.com"}), res.Module()}
	}
	modelstest.Each(t, ir.NewAccess(res.RuleContext), modules, func(t *testing.T, db *models.Database) {
		p := openPostOffice(t, func(p *postOffice) {
			p.refuse["RCPT <gone@example.com>"] = "550 gone"
			p.refuse["RCPT <busy@example.com>"] = "450 busy"
		})
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, to := range []string{"gone@example.com", "busy@example.com", "bob@example.com"} {
				models.Must(ir.Queue(tx, ir.Mail{To: []string{to}, Subject: "Hello", Text: "Hello"}, to))
			}
		})
		sweep := ir.SendQueue(mailerTo(t, "smtp", p, "").send)
		for range 2 {
			if err := sweep(context.Background(), db); err != nil {
				t.Fatal(err)
			}
		}
		got := map[string]string{}
		modelstest.Do(t, db, func(tx *models.Tx) {
			for _, r := range ir.Outbox.Search(tx, nil) {
				got[ir.Outbox.Recipients.Of(r)] = ir.Outbox.State.Of(r)
			}
		})
		if diff := cmp.Diff(map[string]string{"gone@example.com": "failed", "busy@example.com": "queued", "bob@example.com": "sent"}, got); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
		if n := len(p.got()); n != 1 {
			t.Errorf("%d messages came", n)
		}
	})
}

// The program as it is wired mails a new password: the button queues it, the scheduler is woken and sends it.
func TestProgramMailsNewPassword(t *testing.T) {
	p := openPostOffice(t, nil)
	c := DefaultConfig()
	c.Database.Path = t.TempDir()
	c.Email.URI, c.Email.From = "smtp://"+p.address, "shop@example.com"
	app, err := NewApp(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	db, err := app.Databases.Update(t.Context(), "mailing")
	if err != nil {
		t.Fatal(err)
	}
	var user int64
	modelstest.Do(t, db, func(tx *models.Tx) {
		r, err := res.User.Create(tx, res.User.Name.To("Rosa"), res.User.Login.To("rosa"), res.User.Email.To("rosa@example.com"))
		models.Must(err)
		user = r.ID()
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- app.newScheduler().Run(ctx) }()
	if _, err := modelstest.Call(db, user, nil, "res.user", "reset_password", []any{user}); err == nil {
		t.Error("a user without rights resets passwords")
	}
	modelstest.Do(t, db, func(tx *models.Tx) { user = tx.Ref("res.user_admin") })
	rosa := func(tx *models.Tx) *models.Record { return res.User.Search(tx, res.User.Login.Eq("rosa"))[0] }
	modelstest.Do(t, db, func(tx *models.Tx) {
		method, err := db.Registry.Method("model", "res.user", "reset_password")
		models.Must(err)
		_, err = method.Do(tx.As(user), models.NewArgs([]any{rosa(tx).ID()}))
		models.Must(err)
	})
	for deadline := time.Now().Add(longEnough); len(p.got()) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	got := p.got()
	if len(got) != 1 || got[0].to[0] != "<rosa@example.com>" || !strings.Contains(got[0].text, "Password: ") {
		t.Errorf("mailed %+v", got)
	}
}
