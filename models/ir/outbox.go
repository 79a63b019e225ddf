package ir

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/google/uuid"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql"
)

// Mail is a message that goes out by [Queue]. Addresses are as in a header: "Name <address>".
type Mail struct {
	// ID is what tells this message from all others, without the angle
	// brackets; Queue gives it, and it stays the same when sending is tried again.
	ID          string `json:"-"`
	To, Cc, Bcc []string
	ReplyTo     string // by default answers go to the sender of the configuration
	Subject     string
	Text, HTML  string // either may be empty
	Files       []File
	// About is the record that the message is about, if any, for who reads the list of messages.
	About value.Reference `json:"-"`
}

// File is a file of a message.
type File struct {
	Name    string
	Content []byte
}

// States of an outgoing message.
const (
	mailQueued = "queued"
	mailSent   = "sent"
	mailFailed = "failed"
)

type outbox struct {
	models.Model
	Key         models.Char
	MessageID   models.Char
	Recipients  models.Char
	Subject     models.Char
	Resource    models.Reference
	State       models.Selection
	Error       models.Text
	Attempts    models.Integer
	SentAt      models.DateTime
	NextAttempt models.Timestamp
	Lease       models.Char
	LeaseUntil  models.Timestamp
	Content     models.Binary
}

// Outbox is ir.email.queue, which is ours: the messages that are to go out, and
// what became of them. Only [Queue] makes rows. The text of a message is never
// shown, since it may be a password, and is gone once the message is sent.
var Outbox = models.Define(&outbox{
	Model: models.Model{Name: "ir.email.queue", String: "Outgoing Email", RecName: "subject", Order: []domain.OrderTerm{{Field: "id", Desc: true}},
		Uniques: []models.Unique{{Name: "key_uniq", Columns: []string{"key"}, Message: "An e-mail with this key is there already."}}},
	Key:        models.NewChar(models.Field{String: "Key", Readonly: true, Help: "What makes the server write the same message once only."}),
	MessageID:  models.NewChar(models.Field{String: "Message ID", Required: true, Readonly: true}),
	Recipients: models.NewChar(models.Field{String: "Recipients", Required: true, Readonly: true}),
	Subject:    models.NewChar(models.Field{String: "Subject", Readonly: true}),
	Resource:   models.NewReference(models.Field{String: "About", Readonly: true, Index: true, SelectionMethod: "get_models"}),
	State: models.NewSelection(models.Field{String: "State", Required: true, Readonly: true, Unsorted: true,
		Selection: [][2]any{{mailQueued, "To Send"}, {mailSent, "Sent"}, {mailFailed, "Failed"}}}),
	Error: models.NewText(models.Field{String: "Error", Readonly: true, Help: "Why the message has not gone out.",
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("error", "")))}}),
	Attempts: models.NewInteger(models.Field{String: "Attempts", Required: true, Readonly: true}),
	SentAt:   models.NewDateTime(models.Field{String: "Sent at", Readonly: true}),
	NextAttempt: models.NewTimestamp(models.Field{String: "Next Attempt", Readonly: true, Index: true, Depends: []string{"state"},
		States: map[string]any{"invisible": pyson.NotEqual(pyson.Eval("state", ""), mailQueued)}}),
	Lease:      models.NewChar(models.Field{String: "Lease", Readonly: true, Secret: true, Help: "Who is sending the message."}),
	LeaseUntil: models.NewTimestamp(models.Field{String: "Lease Until", Readonly: true, Help: "When sending counts as abandoned."}),
	Content:    models.NewBinary(models.Field{String: "Content", Readonly: true, Secret: true}),
})

// Setup binds the button that tries a message again.
func (o *outbox) Setup(c *models.Class) {
	c.Selections("get_models", func(r *models.Record) [][2]any { return storedModels(r.Tx()) })
	refuse(c, "create", "write", "copy", "import_data")
	c.Button(models.Button{Name: "send_again", Depends: []string{"state"},
		States: map[string]any{"invisible": pyson.NotEqual(pyson.Eval("state", ""), mailFailed), "icon": "tryton-refresh"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			_, err := tx.Exec(sql.SQL(`UPDATE "ir_email_queue" SET "state" = ?, "attempts" = 0, "next_attempt" = `+tx.Dialect().Now()+`
				WHERE "state" = ? AND "id" IN (?)`, mailQueued, mailFailed, models.IDsOf(records)))
			if err != nil {
				return nil, err
			}
			return nil, tx.Notify(schedulerChannel, SendQueueMethod)
		})
}

// schedulerChannel is where new work is announced, with the name of the scheduled action as payload.
const schedulerChannel = "scheduler"

// MailServer tells whether messages can be sent: whether a mail server is configured.
func MailServer(tx *models.Tx) bool { return len(Emails.In(tx).Hooks(mailFrom)) > 0 }

// mailFrom is the hook with the sender's address, where there is one.
const mailFrom = "mail_from"

// Queue has a message sent once the transaction is committed, by the scheduled
// action [SendQueueMethod]. With a key the message is sent only if no message
// with the key was queued before, ever; that it was is no error. It answers a
// UserError without a mail server, and for addresses that are none.
func Queue(tx *models.Tx, m Mail, key string) error {
	hooks := Emails.In(tx).Hooks(mailFrom)
	if len(hooks) == 0 {
		return models.UserError("E-mails cannot be sent: no mail server is configured.")
	}
	recipients := slices.Concat(m.To, m.Cc, m.Bcc)
	if len(recipients) == 0 {
		return models.UserError("The e-mail has no recipient.")
	}
	for _, address := range recipients {
		if _, err := mail.ParseAddress(address); err != nil {
			return models.UserError("\"%s\" is no e-mail address.", address)
		}
	}
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("ir: keep an e-mail: %w", err)
	}
	_, host, _ := strings.Cut(hooks[0].(string), "@")
	now := sql.SQL(tx.Dialect().Now())
	// Two transactions may queue the same key at once: the second waits for the first, and adds nothing.
	n, err := tx.Exec(sql.SQL(`INSERT INTO "ir_email_queue" ("create_uid", "create_date", "key", "message_id", "recipients", "subject", "resource",
		"state", "attempts", "next_attempt", "content") VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO NOTHING`,
		tx.User(), tx.Now(), orNull(key), uuid.NewString()+"@"+host, strings.Join(recipients, ", "), m.Subject, orNull(m.About.String()),
		mailQueued, now, content))
	if err != nil || n == 0 {
		return err
	}
	return tx.Notify(schedulerChannel, SendQueueMethod)
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// mailOf is the message of a row.
func mailOf(r *models.Record) (m Mail, err error) {
	if err := json.Unmarshal(Outbox.Content.Of(r), &m); err != nil {
		return m, fmt.Errorf("ir: e-mail %d is not readable: %w", r.ID(), err)
	}
	m.ID = Outbox.MessageID.Of(r)
	m.About = Outbox.Resource.Value(r)
	return m, nil
}
