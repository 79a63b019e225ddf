package party

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type contactMechanism struct {
	models.Model
	Type         models.Selection
	Value        models.Char
	ValueCompact models.Char
	Name         models.Char
	Comment      models.Text
	Party        models.Many2One
	Language     models.Many2One
	Languages    models.One2Many
	Sequence     models.Integer
	Active       models.Boolean
	Email        models.Char
	Website      models.Char
	Skype        models.Char
	SIP          models.Char
	OtherValue   models.Char
	URL          models.Char
}

// ContactMechanism is party.contact_mechanism: a way to reach a party.
var ContactMechanism = models.Define(&contactMechanism{
	Model: models.Model{Name: "party.contact_mechanism", String: "Contact Mechanism", RecName: "value",
		Order: []domain.OrderTerm{{Field: "party.distance", Nulls: "LAST"}, {Field: "party"},
			{Field: "sequence", Nulls: "FIRST"}, {Field: "id"}}},
	Type: models.NewSelection(models.Field{String: "Type", Required: true, Unsorted: true, Selection: [][2]any{
		{"phone", "Phone"}, {"mobile", "Mobile"}, {"fax", "Fax"}, {"email", "E-Mail"}, {"website", "Website"},
		{"skype", "Skype"}, {"sip", "SIP"}, {"irc", "IRC"}, {"jabber", "Jabber"}, {"other", "Other"}}}),
	Value: models.NewChar(models.Field{String: "Value", Index: true,
		Depends: []string{"email", "website", "skype", "sip", "other_value", "value_compact"}}),
	ValueCompact: models.NewChar(models.Field{String: "Value Compact", Readonly: true}),
	Name:         models.NewChar(models.Field{String: "Name"}),
	Comment:      models.NewText(models.Field{String: "Comment"}),
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true, Index: true,
		OnDelete: "CASCADE"}),
	Language: models.NewMany2One(models.Field{String: "Language", Function: true, Relation: "ir.lang",
		Help: "In which language one writes there; that of the party when it is empty."}),
	Languages: models.NewOne2Many(models.Field{String: "Languages", Relation: "party.contact_mechanism.language",
		RelationField: "contact_mechanism"}),
	Sequence:   models.NewInteger(models.Field{String: "Sequence"}),
	Active:     models.NewBoolean(models.Field{String: "Active", Help: "Clear it when the party is not reached there any more."}),
	Email:      typedValue("E-Mail", "email"),
	Website:    typedValue("Website", "website"),
	Skype:      typedValue("Skype", "skype"),
	SIP:        typedValue("SIP", "sip"),
	OtherValue: otherValue(),
	URL: models.NewChar(models.Field{String: "URL", Function: true, Readonly: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("url", "")))}}),
})

// typed are the types that have a field of their own for the value.
func typed() []string { return []string{"email", "website", "skype", "sip"} }

// typedValue is the value as clients show it for one type, with a widget of its own.
func typedValue(label, kind string) models.Char {
	is := pyson.Equal(pyson.Eval("type", ""), kind)
	return models.NewChar(models.Field{String: label, Function: true,
		States:  map[string]any{"invisible": pyson.Not(is), "required": is},
		Depends: []string{"value", "type"}})
}

// otherValue is the value for all other types.
func otherValue() models.Char {
	is := pyson.In(pyson.Eval("type", ""), typed())
	return models.NewChar(models.Field{String: "Value", Function: true,
		States:  map[string]any{"invisible": is, "required": pyson.Not(is)},
		Depends: []string{"value", "type"}})
}

var mechanismLanguage = MultiValue{Field: ContactMechanism.Language, Values: "party.contact_mechanism.language",
	Parent: "contact_mechanism"}

// Setup binds the faces of the value, the address that clients open, and the names.
func (x *contactMechanism) Setup(c *models.Class) {
	c.DefaultValue(x.Type, "phone")
	c.Default(x.Party, func(tx *models.Tx) any { return contextID(tx, "related_party") })
	mechanismLanguage.Bind(c)
	for _, face := range x.faces() {
		c.Compute(face, func(r *models.Record) any { return r.Get("value") })
		c.Setter(face, func(tx *models.Tx, records []*models.Record, v any) error { return x.setFace(tx, records, face, v) })
	}
	all := append([]models.Named{x.Value}, x.faces()...)
	for _, changed := range all {
		c.OnChange(changed, func(r *models.Record) { x.changed(r, changed, all) },
			changed, x.Type, x.Value, x.Party, models.Path("_parent_party.addresses"))
	}
	c.OnChangeWith(x.URL, x.address, x.Type, x.Value)
	c.BindRecName(nil, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) { return x.search(clause), nil })
	c.BeforeCreate(func(_ *models.Tx, list []models.Values) error {
		for _, values := range list {
			x.compact(values, values["type"])
		}
		return nil
	})
	c.BeforeWrite(func(_ *models.Tx, records []*models.Record, values models.Values) error {
		kind := values["type"]
		if kind == nil && len(records) > 0 {
			kind = x.Type.Of(records[0])
		}
		x.compact(values, kind)
		return nil
	})
}

// contextID is an id of the context, nil for none.
func contextID(tx *models.Tx, name string) any {
	if id := tx.ContextID(name); id > 0 {
		return id
	}
	return nil
}

// faces are the fields that show the value of some types.
func (x *contactMechanism) faces() []models.Named {
	return []models.Named{x.Email, x.Website, x.Skype, x.SIP, x.OtherValue}
}

// faceOf is the name of the field that shows the value of a type.
func faceOf(kind string) string {
	if contains(typed(), kind) {
		return kind
	}
	return "other_value"
}

// setFace stores the value that a client gives in the field for the record's
// type; what it sends in the fields of other types means nothing.
func (x *contactMechanism) setFace(tx *models.Tx, records []*models.Record, face models.Named, v any) error {
	for _, r := range records {
		if faceOf(x.Type.Of(r)) != face.FieldName() {
			continue
		}
		if err := x.Write(tx, []*models.Record{r}, x.Value.To(v)); err != nil {
			return err
		}
	}
	return nil
}

// changed brings a changed value into the other fields of a form.
func (x *contactMechanism) changed(r *models.Record, from models.Named, all []models.Named) {
	v, _ := r.Get(from.FieldName()).(string)
	for _, f := range all {
		if f.FieldName() != from.FieldName() {
			r.Set(f.FieldName(), v)
		}
	}
	x.ValueCompact.Set(r, compactValue(x.Type.Of(r), v))
	x.URL.Set(r, x.address(r))
}

// compact keeps the compact value in step with the value.
func (x *contactMechanism) compact(values models.Values, kind any) {
	if v, given := values["value"]; given {
		text, _ := v.(string)
		name, _ := kind.(string)
		values["value_compact"] = compactValue(name, text)
	}
}

var phoneMarks = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "", "\u00a0", "")

// compactValue is a phone number without what people write between its
// digits, and any other value as it is.
func compactValue(kind, v string) string {
	switch kind {
	case "phone", "mobile", "fax":
		return phoneMarks.Replace(v)
	}
	return v
}

// address is what a client opens to reach the party, nil for nothing.
func (x *contactMechanism) address(r *models.Record) any {
	v := x.Value.Of(r)
	if v == "" {
		return nil
	}
	switch kind := x.Type.Of(r); kind {
	case "email":
		return "mailto:" + v
	case "website":
		return v
	case "skype":
		return "callto:" + v
	case "sip":
		return "sip:" + v
	case "phone", "mobile":
		return "tel:" + compactValue(kind, v)
	case "fax":
		return "fax:" + compactValue(kind, v)
	}
	return nil
}

// search finds by the value, also a number written with other marks.
func (x *contactMechanism) search(clause *domain.Clause) domain.Node {
	compact := clause.Value
	if text, ok := compact.(string); ok {
		compact = phoneMarks.Replace(text)
	}
	nodes := []domain.Node{domain.C("value", clause.Op, clause.Value), domain.C("value_compact", clause.Op, compact)}
	if clause.Op.Negative() {
		return domain.AllOf(nodes...)
	}
	return domain.AnyOf(nodes...)
}

type contactMechanismLanguage struct {
	models.Model
	ContactMechanism models.Many2One
	Language         models.Many2One
}

// ContactMechanismLanguage is party.contact_mechanism.language: the language of a contact mechanism.
var ContactMechanismLanguage = models.Define(&contactMechanismLanguage{
	Model: models.Model{Name: "party.contact_mechanism.language", String: "Contact Mechanism Language",
		Internal: true},
	ContactMechanism: models.NewMany2One(models.Field{String: "Contact Mechanism", Relation: "party.contact_mechanism",
		Index: true, OnDelete: "CASCADE"}),
	Language: models.NewMany2One(models.Field{String: "Language", Relation: "ir.lang"}),
})
