package ir

import (
	"fmt"
	"html"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

type email struct {
	models.Model
	Resource            models.Reference
	Subject             models.Char
	Recipients          models.Char
	RecipientsSecondary models.Char
	RecipientsHidden    models.Char
	Addresses           models.One2Many
	Body                models.Text
	User                models.Char
	At                  models.DateTime
}

// Emails is ir.email: what was sent, about which record.
var Emails = models.Define(&email{
	Model:               models.Model{Name: "ir.email", String: "Email", RecName: "subject", Order: []domain.OrderTerm{{Field: "create_date", Desc: true}}},
	Resource:            models.NewReference(models.Field{String: "Resource", Required: true, Index: true, SelectionMethod: "get_models"}),
	Subject:             models.NewChar(models.Field{String: "Subject", Readonly: true}),
	Recipients:          models.NewChar(models.Field{String: "Recipients", Readonly: true}),
	RecipientsSecondary: models.NewChar(models.Field{String: "Secondary Recipients", Readonly: true}),
	RecipientsHidden:    models.NewChar(models.Field{String: "Hidden Recipients", Readonly: true}),
	Addresses:           models.NewOne2Many(models.Field{String: "Addresses", Readonly: true, Relation: "ir.email.address", RelationField: "email"}),
	Body:                models.NewText(models.Field{String: "Body", Readonly: true}),
	User:                models.NewChar(models.Field{String: "User", Readonly: true, Function: true}),
	At:                  models.NewDateTime(models.Field{String: "At", Readonly: true, Function: true}),
})

type emailAddress struct {
	models.Model
	Email   models.Many2One
	Address models.Char
}

// emailAddresses is ir.email.address.
var emailAddresses = models.Define(&emailAddress{
	Model:   models.Model{Name: "ir.email.address", String: "Email Address", RecName: "address", Internal: true},
	Email:   models.NewMany2One(models.Field{String: "E-mail", Required: true, Index: true, Relation: "ir.email", OnDelete: "CASCADE"}),
	Address: models.NewChar(models.Field{String: "Address", Required: true}),
})

// Setup binds what clients need to write e-mails.
func (e *email) Setup(c *models.Class) {
	c.Selections("get_models", func(r *models.Record) [][2]any { return storedModels(r.Tx()) })
	c.Compute(e.User, func(r *models.Record) any {
		if id, ok := r.Get("create_uid").(int64); ok {
			return r.Tx().Class("res.user").Browse(r.Tx(), []int64{id})[0].Name()
		}
		return nil
	})
	c.Compute(e.At, func(r *models.Record) any {
		t, _ := r.Get("create_date").(time.Time)
		return t.Truncate(time.Second)
	})
	c.BelongsTo(e.Resource)
	c.Withhold("create") // send alone writes new ones
	refuse(c, "copy", "import_data")
	c.Method(models.Method{Name: "complete", ReadOnly: true, Do: e.complete,
		Help: "Addresses that complete a text: likeness, whole text, address."})
	c.Method(models.Method{Name: "send", Do: e.send,
		Help: "Sends to, cc, bcc, subject, body, files, [model, id], reports and attachments, and keeps the message."})
}

// complete finds users and, where there are parties, their e-mail addresses
// for the last address of a text; those before it stay in the whole text.
func (e *email) complete(tx *models.Tx, a *models.Args) (any, error) {
	text, limit := a.Text(0), a.Limit(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	before, last := "", strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, ','); i >= 0 {
		before, last = strings.TrimSpace(text[:i])+", ", strings.TrimSpace(text[i+1:])
	}
	found := [][]any{}
	last = beginning(last)
	if anyLike(last, "name") == nil {
		return anys(found), nil
	}
	add := func(name, address string) {
		if address != "" {
			whole := address
			if name != "" {
				whole = name + " <" + address + ">"
			}
			found = append(found, []any{likeness(whole, last), whole, before + whole})
		}
	}
	for _, u := range tx.Class("res.user").SearchRecords(tx, domain.AllOf(domain.C("email", domain.NotEqual, nil),
		anyLike(last, "name", "login", "email"))) {
		address, _ := u.Get("email").(string)
		add(u.Name(), address)
	}
	if c := tx.Lookup("party.contact_mechanism"); c != nil {
		for _, m := range c.SearchRecords(tx, domain.AllOf(domain.C("type", domain.Equal, "email"),
			anyLike(last, "value", "party.name"))) {
			address, _ := m.Get("value").(string)
			party, _ := m.Get("party").(int64)
			add(tx.Class("party.party").Browse(tx, []int64{party})[0].Name(), address)
		}
	}
	slices.SortStableFunc(found, func(a, b []any) int {
		switch {
		case a[0].(float64) > b[0].(float64):
			return -1
		case a[0].(float64) < b[0].(float64):
			return 1
		}
		return 0
	})
	if limit >= 0 && len(found) > limit {
		found = found[:limit]
	}
	return anys(found), nil
}

// anyLike finds what is typed of a name, an address, or "name <address" in
// any of the fields. It is nil for less than three letters, which complete nothing.
func anyLike(typed string, fields ...string) domain.Node {
	name, address, _ := strings.Cut(strings.TrimSuffix(typed, ">"), "<")
	any := []domain.Node{}
	for _, text := range []string{strings.Trim(name, "\" "), strings.TrimSpace(address)} {
		for _, field := range fields {
			if utf8.RuneCountInString(text) >= 3 {
				any = append(any, domain.C(field, domain.ILike, "%"+domain.EscapeLike(text)+"%"))
			}
		}
	}
	if len(any) == 0 {
		return nil
	}
	return domain.Or(any)
}

// send keeps the message and its files, and queues it.
func (e *email) send(tx *models.Tx, a *models.Args) (any, error) {
	m, err := e.compose(tx, a)
	if err != nil {
		return nil, err
	}
	if err := Queue(tx, m, ""); err != nil {
		return nil, err
	}
	created, err := e.keep(tx.Unchecked(), m)
	if err != nil {
		return nil, err
	}
	return created.ID(), nil
}

// compose makes the message of a client's arguments. The user must be allowed
// to read the record, the attachments and what the reports print.
func (e *email) compose(tx *models.Tx, a *models.Args) (m Mail, err error) {
	var lists [3][]string
	for i := range lists {
		if lists[i], err = addresses(a.Text(i)); err != nil {
			return m, err
		}
	}
	m = Mail{To: lists[0], Cc: lists[1], Bcc: lists[2], Subject: a.Text(3), HTML: a.Text(4)}
	files, record := a.List(5), models.NewArgs(a.List(6)...)
	ref := value.Reference{Model: record.Text(0), ID: record.Int(1)}
	m.About, m.ReplyTo = ref, e.replyTo(tx)
	var reports, attachments []int64
	if a.Any(7) != nil {
		reports = a.IDs(7)
	}
	if a.Any(8) != nil {
		attachments = a.IDs(8)
	}
	for _, err := range []error{a.Err(), record.Err()} {
		if err != nil {
			return m, err
		}
	}
	c := tx.Lookup(ref.Model)
	if c == nil {
		return m, models.NotFoundError("'%s'", ref.Model)
	}
	if _, err := c.ReadRows(tx, []int64{ref.ID}, []string{"id"}); err != nil {
		return m, err
	}
	if m.Files, err = sentFiles(files); err != nil {
		return m, err
	}
	for _, id := range reports {
		file, err := printed(tx, id, ref)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, file)
	}
	more, err := attached(tx, attachments)
	m.Files = append(m.Files, more...)
	return m, err
}

// replyTo is the address of the user, who gets the answers; "" if he has none that is good.
func (e *email) replyTo(tx *models.Tx) string {
	user := tx.Class("res.user").Browse(tx, []int64{tx.User()})[0]
	text, _ := user.Get("email").(string)
	address, err := mail.ParseAddress(text)
	if err != nil {
		return ""
	}
	address.Name = user.Name()
	return address.String()
}

// addresses reads a list of addresses as users write it.
func addresses(text string) ([]string, error) {
	if strings.Trim(text, " ,") == "" {
		return nil, nil
	}
	list, err := mail.ParseAddressList(strings.Trim(text, " ,"))
	if err != nil {
		return nil, models.UserError("\"%s\" is no list of e-mail addresses.", text)
	}
	texts := make([]string, len(list))
	for i, address := range list {
		texts[i] = address.String()
	}
	return texts, nil
}

func sentFiles(list []any) ([]File, error) {
	var files []File
	for _, item := range list {
		pair, _ := item.([]any)
		file := models.NewArgs(pair...)
		content, ok := file.Any(1).([]byte)
		if text, isText := file.Any(1).(string); isText {
			content, ok = []byte(text), true
		}
		if name := file.Text(0); file.Err() == nil && ok {
			files = append(files, File{name, content})
			continue
		}
		return nil, models.BadRequest("a file of an e-mail is a name and its content")
	}
	return files, nil
}

// printed is the document of a report on the record.
func printed(tx *models.Tx, action int64, ref value.Reference) (File, error) {
	if _, err := printings.In(tx).ReadRows(tx, []int64{action}, []string{"report_name"}); err != nil {
		return File{}, err
	}
	r := printings.Get(tx, action)
	method, err := tx.Registry().Method("report", printings.ReportName.Of(r), "execute")
	if err != nil {
		return File{}, err
	}
	result, err := method.Do(tx, models.NewArgs([]int64{ref.ID}, map[string]any{"model": ref.Model, "id": ref.ID, "ids": []any{ref.ID}, "action_id": action}))
	if err != nil {
		return File{}, err
	}
	document, _ := result.([]any)
	if len(document) != 4 {
		return File{}, fmt.Errorf("ir: report %s made no document", r.Name())
	}
	content, _ := document[1].([]byte)
	if text, ok := document[1].(string); ok {
		content = []byte(text)
	}
	return File{fmt.Sprintf("%s.%s", document[3], document[0]), content}, nil
}

// attached are the contents of attachments that the user may read.
func attached(tx *models.Tx, ids []int64) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := Attachments.In(tx).Lookup("read").Do(tx, models.NewArgs(ids, []string{"name"})); err != nil {
		return nil, err
	}
	var files []File
	for _, r := range Attachments.Browse(tx, ids...) {
		files = append(files, File{Attachments.Name.Of(r), Attachments.Data.Of(r)})
	}
	return files, nil
}

// keep stores the message with its recipients, and its files as attachments.
func (e *email) keep(tx *models.Tx, m Mail) (*models.Record, error) {
	r, err := e.Create(tx, e.Resource.To(m.About), e.Subject.To(m.Subject), e.Body.To(m.HTML), e.Recipients.To(strings.Join(m.To, ", ")),
		e.RecipientsSecondary.To(strings.Join(m.Cc, ", ")), e.RecipientsHidden.To(strings.Join(m.Bcc, ", ")))
	if err != nil {
		return nil, err
	}
	for _, text := range slices.Concat(m.To, m.Cc, m.Bcc) {
		address, err := mail.ParseAddress(text)
		if err != nil {
			return nil, fmt.Errorf("ir: address of an e-mail: %w", err)
		}
		if _, err := emailAddresses.Create(tx, emailAddresses.Email.To(r), emailAddresses.Address.To(address.Address)); err != nil {
			return nil, err
		}
	}
	for _, file := range m.Files {
		if _, err := Attachments.Create(tx, Attachments.Resource.To(r.Ref()), Attachments.Name.To(file.Name), Attachments.Data.To(file.Content)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// escaped is a value as text in HTML.
func escaped(v any) string {
	if v == nil {
		return ""
	}
	return html.EscapeString(fmt.Sprint(v))
}
