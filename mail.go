package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"paytond/models/ir"
)

const (
	// mailDial bounds the time until the mail server's connection stands.
	mailDial = 10 * time.Second
	// mailTalk bounds what is said before a message, and again the message.
	mailTalk = 45 * time.Second
)

// mailer sends messages through the mail server of the configuration. It is
// safe for concurrent use; each message has a connection of its own.
type mailer struct {
	host           string
	port           int
	user, password string
	from           string
	encrypted      string // "" for none, "tls" from the first byte, "starttls" before anything is said
	tls            *tls.Config
}

// newMailer reads the address of a mail server in trytond's forms, with
// percent signs for what an address cannot have:
//
//	smtp://user:password@host:port      unencrypted, the password too; by default port 25
//	smtp+tls://user:password@host:port  encrypted after STARTTLS, which the server must offer; port 25
//	smtps://user:password@host:port     encrypted; port 465
//
// An empty address gives no mailer. Errors do not show the address, which may have a password.
func newMailer(uri, from string) (*mailer, error) {
	if uri == "" {
		return nil, nil
	}
	u, err := url.Parse(uri)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("configuration: [email] uri is no address such as smtp://user:password@host:25")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, errors.New("configuration: [email] from must be the address that e-mails come from, when there is a uri")
	}
	m := &mailer{host: u.Hostname(), port: 25, user: u.User.Username(), from: from}
	m.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
	case "smtps":
		m.encrypted, m.port = "tls", 465
	case "smtp+tls":
		m.encrypted = "starttls"
	default:
		return nil, errors.New("configuration: [email] uri begins with none of smtp://, smtp+tls://, smtps://")
	}
	if text := u.Port(); text != "" {
		if m.port, err = strconv.Atoi(text); err != nil || m.port < 1 || m.port > 65535 {
			return nil, errors.New("configuration: [email] uri has no good port")
		}
	}
	m.tls = &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12}
	return m, nil
}

// exposed tells whether the password crosses a network that others may listen on.
func (m *mailer) exposed() bool {
	if m.encrypted != "" || m.user == "" || m.host == "localhost" {
		return false
	}
	ip := net.ParseIP(m.host)
	return ip == nil || !ip.IsLoopback()
}

// send sends a message. Its error says what to do next: it is ErrMailRefused of
// package ir where the server will never take the message, ErrMailServer where
// it takes none now.
func (m *mailer) send(ctx context.Context, message ir.Mail) error {
	msg, err := m.compose(message)
	if err != nil {
		return fmt.Errorf("%w: %w", ir.ErrMailRefused, err)
	}
	var line net.Conn
	client, err := m.client(func(ctx context.Context, _, _ string) (_ net.Conn, err error) {
		line, err = m.dial(ctx)
		return line, err
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ir.ErrMailServer, err)
	}
	defer func() {
		if line != nil { // go-mail leaves it open when the server refuses us
			line.Close()
		}
	}()
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ir.ErrMailServer, err)
	}
	// A server that does not say goodbye has the message all the same.
	defer client.CloseWithSMTPClient(conn)
	err = client.SendWithSMTPClient(conn, msg)
	if err == nil || msg.IsDelivered() {
		return nil
	}
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() >= 500 && failed.Reason != gomail.ErrConnCheck {
		return fmt.Errorf("%w: %w", ir.ErrMailRefused, err)
	}
	return err
}

// client is made anew for each message: it keeps what it learnt of a server.
func (m *mailer) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.port), gomail.WithTimeout(mailTalk), gomail.WithTLSConfig(m.tls),
		gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithDialContextFunc(dial)}
	if m.encrypted == "starttls" {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.user != "" {
		methods := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5,
			gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
		if m.encrypted != "starttls" { // go-mail does not see the encryption of dial, and who writes smtp:// wants none
			methods = append(methods[:3], gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
		}
		options = append(options, gomail.WithUsername(m.user), gomail.WithPassword(m.password), gomail.WithOpportunisticSMTPAuth(methods...))
	}
	return gomail.NewClient(m.host, options...)
}

// dial makes the connection, encrypted for smtps.
func (m *mailer) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, mailDial)
	defer cancel()
	if m.encrypted == "tls" {
		return (&tls.Dialer{Config: m.tls}).DialContext(ctx, "tcp", m.address())
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", m.address())
}

// address is where the mail server listens.
func (m *mailer) address() string { return net.JoinHostPort(m.host, strconv.Itoa(m.port)) }

// compose writes the message as it crosses the network.
func (m *mailer) compose(message ir.Mail) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	msg.SetMessageIDWithValue(message.ID)
	msg.SetDate()
	msg.Subject(message.Subject)
	msg.SetUserAgent("paytond")
	errs := []error{msg.From(m.from)}
	for _, header := range []struct {
		set  func(...string) error
		list []string
	}{{msg.To, message.To}, {msg.Cc, message.Cc}, {msg.Bcc, message.Bcc}} {
		if len(header.list) > 0 {
			errs = append(errs, header.set(header.list...))
		}
	}
	if message.ReplyTo != "" {
		errs = append(errs, msg.ReplyTo(message.ReplyTo))
	}
	if message.HTML == "" {
		msg.SetBodyString(gomail.TypeTextPlain, message.Text)
	} else if message.Text == "" {
		msg.SetBodyString(gomail.TypeTextHTML, message.HTML)
	} else {
		msg.SetBodyString(gomail.TypeTextPlain, message.Text)
		msg.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	}
	for _, f := range message.Files {
		errs = append(errs, msg.AttachReader(f.Name, bytes.NewReader(f.Content)))
	}
	return msg, errors.Join(errs...)
}
