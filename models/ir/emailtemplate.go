package ir

import (
	"maps"
	"os"
	"strings"

	"paytond/models"
	"paytond/models/pyson"
)

type emailTemplate struct {
	head
	Model                    models.Many2One
	ModelName                models.Char
	Name                     models.Char
	Recipients               models.Many2One
	RecipientsPyson          models.Char
	RecipientsSecondary      models.Many2One
	RecipientsSecondaryPyson models.Char
	RecipientsHidden         models.Many2One
	RecipientsHiddenPyson    models.Char
	ContactMechanism         models.Selection
	Subject                  models.Char
	Body                     models.Text
	Reports                  models.Many2Many
}

// emailTemplates is ir.email.template: what e-mails about a model begin with.
var emailTemplates = models.Define(&emailTemplate{
	head:                     models.Model{Name: "ir.email.template", String: "Email Template"},
	Model:                    models.NewMany2One(models.Field{String: "Model", Required: true, Relation: "ir.model"}),
	ModelName:                models.NewChar(models.Field{String: "Model Name", Readonly: true, Function: true}),
	Name:                     models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Recipients:               recipientsField("Recipients", "recipients_pyson"),
	RecipientsPyson:          recipientsPyson("Recipients", "recipients"),
	RecipientsSecondary:      recipientsField("Secondary Recipients", "recipients_secondary_pyson"),
	RecipientsSecondaryPyson: recipientsPyson("Secondary Recipients", "recipients_secondary"),
	RecipientsHidden:         recipientsField("Hidden Recipients", "recipients_hidden_pyson"),
	RecipientsHiddenPyson:    recipientsPyson("Hidden Recipients", "recipients_hidden"),
	ContactMechanism:         models.NewSelection(models.Field{String: "Contact Mechanism", SelectionMethod: "get_contact_mechanisms"}),
	Subject:                  models.NewChar(models.Field{String: "Subject", Translate: true, Help: "${record.x} stands for field x of the record."}),
	Body:                     models.NewText(models.Field{String: "Body", Translate: true, Help: "HTML; ${record.x} stands for field x of the record."}),
	Reports: models.NewMany2Many(models.Field{String: "Reports", Relation: "ir.action.report",
		Through: "ir.email.template-ir.action.report", RelationField: "template", RelationTarget: "report",
		Domain: []any{[]any{"model", "=", pyson.Eval("model_name", "")}}, Depends: []string{"model_name"}}),
})

// recipientsField names the field of a record that has the recipients, unless
// PYSON does.
func recipientsField(label, pysonField string) models.Many2One {
	return models.NewMany2One(models.Field{String: label, Relation: "ir.model.field", Help: "The field of the record that holds whom it goes to.",
		States: map[string]any{"invisible": pyson.Bool(pyson.Eval(pysonField, ""))},
		Domain: []any{[]any{"model", "=", pyson.Eval("model", -1)}}, Depends: []string{pysonField, "model"}})
}

func recipientsPyson(label, field string) models.Char {
	return models.NewChar(models.Field{String: label, Depends: []string{field},
		Help:   "PYSON that gives a list of addresses; \"self\" is the record.",
		States: map[string]any{"invisible": pyson.Bool(pyson.Eval(field, -1))}})
}

type emailTemplateReport struct {
	models.Model
	Template models.Many2One
	Report   models.Many2One
}

// emailTemplateReports is ir.email.template-ir.action.report.
var emailTemplateReports = models.Define(&emailTemplateReport{
	Model:    models.Model{Name: "ir.email.template-ir.action.report", String: "Email Template - Report", Internal: true},
	Template: models.NewMany2One(models.Field{String: "Template", Required: true, Relation: "ir.email.template", OnDelete: "CASCADE"}),
	Report:   models.NewMany2One(models.Field{String: "Report", Required: true, Relation: "ir.action.report", OnDelete: "CASCADE"}),
})

// Setup binds how a template becomes an e-mail about a record.
func (t *emailTemplate) Setup(c *models.Class) {
	c.OnChangeWith(t.ModelName, func(r *models.Record) any {
		if m := t.Model.Of(r); m != nil {
			return Models.Model.Of(m)
		}
		return nil
	}, t.Model)
	c.Selections("get_contact_mechanisms", func(*models.Record) [][2]any { return [][2]any{{nil, ""}} })
	c.Validate(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			for _, text := range []string{t.RecipientsPyson.Of(r), t.RecipientsSecondaryPyson.Of(r), t.RecipientsHiddenPyson.Of(r)} {
				if err := checkPYSON(text); err != nil {
					return models.UserError("The recipients \"%s\" of the template \"%s\" are not valid: %s", text, t.Name.Of(r), err)
				}
			}
		}
		return nil
	})
	c.Method(models.Method{Name: "get", ReadOnly: true, Help: "The e-mail that a template makes for a record.", Do: t.get})
	c.Method(models.Method{Name: "get_default", ReadOnly: true, Help: "The e-mail about a record without a template.", Do: t.getDefault})
}

// subject finds the record, which the user must be allowed to read.
func (t *emailTemplate) subject(tx *models.Tx, model string, id int64) (*models.Record, error) {
	c := tx.Lookup(model)
	if c == nil {
		return nil, models.NotFoundError("'%s'", model)
	}
	if _, err := c.ReadRows(tx, []int64{id}, []string{"rec_name"}); err != nil {
		return nil, err
	}
	return c.Browse(tx, []int64{id})[0], nil
}

func (t *emailTemplate) getDefault(tx *models.Tx, a *models.Args) (any, error) {
	model, id := a.Text(0), a.Int(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	r, err := t.subject(tx, model, id)
	if err != nil {
		return nil, err
	}
	return map[string]any{"to": recipientsOf(r), "subject": r.Tx().Term(r.Class().Label()) + ": " + r.Name()}, nil
}

func (t *emailTemplate) get(tx *models.Tx, a *models.Args) (any, error) {
	id, record := a.Int(0), a.Int(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if _, err := t.In(tx).ReadRows(tx, []int64{id}, []string{"name"}); err != nil {
		return nil, err
	}
	template := t.Get(tx, id)
	r, err := t.subject(tx, t.ModelName.Of(template), record)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for name, from := range map[string]struct {
		field models.Many2One
		pyson models.Char
	}{
		"to": {t.Recipients, t.RecipientsPyson}, "cc": {t.RecipientsSecondary, t.RecipientsSecondaryPyson},
		"bcc": {t.RecipientsHidden, t.RecipientsHiddenPyson},
	} {
		if values[name], err = t.recipients(tx, template, r, from.field, from.pyson); err != nil {
			return nil, err
		}
	}
	if text := t.Subject.Of(template); text != "" {
		values["subject"] = expand(text, r, readable(tx), plain)
	}
	if text := t.Body.Of(template); text != "" {
		values["body"] = expand(text, r, readable(tx), escaped)
	}
	values["reports"] = models.IDsOf(t.Reports.Of(template))
	return values, nil
}

// FromTemplate is the subject and the text (HTML) that a template of ir.email.template makes for a record, in the language of the template's
// transaction. As the letter goes to the world, it has no fields that are kept for some groups, whoever wrote the template.
func FromTemplate(template, r *models.Record) (subject, body string) {
	t := emailTemplates
	return expand(t.Subject.Of(template), r, public, plain), expand(t.Body.Of(template), r, public, escaped)
}

// shown tells whether a field of a record may be put into a letter.
type shown func(r *models.Record, field string) bool

// readable is what the transaction's user may read.
func readable(tx *models.Tx) shown {
	return func(r *models.Record, field string) bool {
		_, err := tx.Class(r.Model()).ReadRows(tx, []int64{r.ID()}, []string{field})
		return err == nil
	}
}

// public is what nobody needs a group for.
func public(r *models.Record, field string) bool {
	rights, limited := answering(r.Tx()).Fields(r.Tx().As(0), r.Model())[field]
	return !limited || rights.Read
}

func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return escaped(v)
}

// recipients are the addresses that a field of the record or PYSON gives.
func (t *emailTemplate) recipients(tx *models.Tx, template, r *models.Record, field models.Many2One, text models.Char) ([]any, error) {
	if expr := text.Of(template); expr != "" {
		decoded, err := pyson.Decode(expr)
		if err != nil {
			return nil, models.UserError("The recipients of the template \"%s\" are not valid: %s", template.Name(), err)
		}
		self := fieldsOf(r)
		maps.DeleteFunc(self, func(name string, _ any) bool { return !readable(tx)(r, name) })
		v, err := pyson.Evaluate(decoded, map[string]any{"self": self}, tx.Now())
		if err != nil {
			return nil, models.UserError("The recipients of the template \"%s\" are not valid: %s", template.Name(), err)
		}
		list, _ := v.([]any)
		if one, ok := v.(string); ok {
			list = []any{one}
		}
		return list, nil
	}
	f := field.Of(template)
	if f == nil {
		return []any{}, nil
	}
	name := modelFields.Name.Of(f)
	if name == "id" {
		return recipientsOf(r), nil
	}
	declared := r.Class().Field(name)
	if declared == nil || tx.Lookup(declared.Relation) == nil || !readable(tx)(r, name) {
		return []any{}, nil
	}
	var ids []int64
	switch v := r.Get(name).(type) {
	case int64:
		ids = []int64{v}
	case []int64:
		ids = v
	}
	list := []any{}
	for _, target := range tx.Class(declared.Relation).Browse(tx, ids) {
		list = append(list, recipientsOf(target)...)
	}
	return list, nil
}

// recipientsOf is the address of a user, a party or a contact mechanism.
func recipientsOf(r *models.Record) []any {
	name := "email"
	if r.Model() == "party.contact_mechanism" {
		if r.Get("type") != "email" {
			return []any{}
		}
		name = "value"
	}
	if r.Class().Field(name) == nil {
		return []any{}
	}
	if address, _ := r.Get(name).(string); address != "" {
		return []any{address}
	}
	return []any{}
}

// expand puts fields of the record, or of records it links to, for ${record.a.b}; nothing where one on the way may not be shown.
func expand(text string, r *models.Record, may shown, write func(any) string) string {
	return os.Expand(text, func(name string) string {
		path, ok := strings.CutPrefix(name, "record.")
		if !ok {
			return ""
		}
		at := r
		for name, rest, more := strings.Cut(path, "."); ; name, rest, more = strings.Cut(rest, ".") {
			f := at.Class().Field(name)
			if f == nil || f.Secret || !may(at, name) {
				return ""
			}
			if !more {
				return write(at.Get(name))
			}
			id, linked := at.Get(name).(int64)
			if !linked || at.Tx().Lookup(f.Relation) == nil {
				return ""
			}
			at = at.Tx().Class(f.Relation).Browse(at.Tx(), []int64{id})[0]
		}
	})
}
