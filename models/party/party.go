package party

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/ir"
	"paytond/models/pyson"
	"paytond/sql"
)

type party struct {
	models.Model
	Name              models.Char
	Code              models.Char
	CodeReadonly      models.Boolean
	Lang              models.Many2One
	Langs             models.One2Many
	Identifiers       models.One2Many
	TaxIdentifier     models.Many2One
	Addresses         models.One2Many
	ContactMechanisms models.One2Many
	Categories        models.Many2Many
	ReplacedBy        models.Many2One
	FullName          models.Char
	Phone             models.Char
	Mobile            models.Char
	Fax               models.Char
	Email             models.Char
	Website           models.Char
	Distance          models.Integer
	Active            models.Boolean
}

// Party is party.party: a person or an organisation.
var Party = models.Define(&party{
	Model: models.Model{Name: "party.party", String: "Party",
		Order: []domain.OrderTerm{{Field: "distance", Nulls: "LAST"}, {Field: "name"}, {Field: "id"}},
		Uniques: []models.Unique{{Name: "code_uniq", Columns: []string{"code"},
			Message: "There is a party with this code already."}}},
	Name: models.NewChar(models.Field{String: "Name", Index: true, Help: "What the party is called."}),
	Code: models.NewChar(models.Field{String: "Code", Required: true, Index: true,
		States:  map[string]any{"readonly": pyson.Eval("code_readonly", true)},
		Depends: []string{"code_readonly"}, Help: "What tells the party from all others."}),
	CodeReadonly: models.NewBoolean(models.Field{String: "Code Readonly", Function: true, Readonly: true}),
	Lang: models.NewMany2One(models.Field{String: "Language", Function: true, Relation: "ir.lang",
		Help: "In which language one writes to the party."}),
	Langs: models.NewOne2Many(models.Field{String: "Languages", Relation: "party.party.lang", RelationField: "party"}),
	Identifiers: models.NewOne2Many(models.Field{String: "Identifiers", Relation: "party.identifier", RelationField: "party",
		Help: "Numbers that others know the party by."}),
	TaxIdentifier: models.NewMany2One(models.Field{String: "Tax Identifier", Function: true, Readonly: true,
		Relation: "party.identifier", Help: "The identifier that tax authorities know the party by."}),
	Addresses: models.NewOne2Many(models.Field{String: "Addresses", Relation: "party.address", RelationField: "party"}),
	ContactMechanisms: models.NewOne2Many(models.Field{String: "Contact Mechanisms", Relation: "party.contact_mechanism",
		RelationField: "party"}),
	Categories: models.NewMany2Many(models.Field{String: "Categories", Relation: "party.category",
		Through: "party.party-party.category", RelationField: "party", RelationTarget: "category",
		Help: "The groups that the party belongs to."}),
	ReplacedBy: models.NewMany2One(models.Field{String: "Replaced By", Relation: "party.party", Readonly: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("replaced_by", "")))},
		Help:   "The party that stands for this one now."}),
	FullName: models.NewChar(models.Field{String: "Full Name", Function: true, Readonly: true}),
	Phone:    models.NewChar(models.Field{String: "Phone", Function: true, Readonly: true}),
	Mobile:   models.NewChar(models.Field{String: "Mobile", Function: true, Readonly: true}),
	Fax:      models.NewChar(models.Field{String: "Fax", Function: true, Readonly: true}),
	Email:    models.NewChar(models.Field{String: "E-Mail", Function: true, Readonly: true}),
	Website:  models.NewChar(models.Field{String: "Website", Function: true, Readonly: true}),
	Distance: models.NewInteger(models.Field{String: "Distance", Function: true, Readonly: true}),
	Active: models.NewBoolean(models.Field{String: "Active",
		States:  map[string]any{"readonly": pyson.Bool(pyson.Eval("replaced_by", ""))},
		Depends: []string{"replaced_by"}, Help: "Clear it to hide the party from new choices."}),
})

var partyLanguage = MultiValue{Field: Party.Lang, Values: "party.party.lang", Parent: "party"}

// Setup binds how parties are named, numbered, found and reached.
func (x *party) Setup(c *models.Class) {
	c.BindRecName(x.name, x.searchName)
	c.Compute(x.FullName, func(r *models.Record) any { return x.Name.Of(r) })
	c.Default(x.Addresses, func(*models.Tx) any { return []any{map[string]any{}} })
	c.Default(x.Categories, func(tx *models.Tx) any { return append([]int64{}, tx.ContextIDs("categories")...) })
	c.Default(x.CodeReadonly, func(tx *models.Tx) any { return partySequence.Configured(tx) != nil })
	c.Compute(x.CodeReadonly, func(*models.Record) any { return true })
	c.BeforeCreate(x.number)
	c.OnCopy(func(_ *models.Tx, values models.Values) {
		values["code"], values["replaced_by"], values["addresses"] = nil, nil, []any{}
	})

	lang := partyLanguage
	lang.Default = func(tx *models.Tx) any { return configuredLang.Configured(tx) }
	lang.Bind(c)

	c.Getter(x.TaxIdentifier, x.taxIdentifiers)
	c.Searcher(x.TaxIdentifier, x.searchTaxIdentifier)
	c.Getter(x.Distance, distances)
	c.OrderBy(x.Distance, orderByDistance)
	for kind, field := range map[string]models.Char{"phone": x.Phone, "mobile": x.Mobile, "fax": x.Fax,
		"email": x.Email, "website": x.Website} {
		c.Compute(field, func(r *models.Record) any { return firstMechanism(r, kind) })
	}
}

func (x *party) name(r *models.Record) string {
	if name := x.Name.Of(r); name != "" {
		return name
	}
	return "[" + x.Code.Of(r) + "]"
}

// searchName finds a party by its name, code, identifiers and contact
// mechanisms. A code is typed whole: what follows it may differ.
func (x *party) searchName(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
	begin := clause.Value
	if text, ok := clause.Value.(string); ok {
		begin = strings.TrimLeft(text, "%")
	}
	nodes := []domain.Node{
		domain.C("code", clause.Op, begin),
		domain.C("identifiers.code", clause.Op, begin),
		domain.C("name", clause.Op, clause.Value),
		domain.C("contact_mechanisms.rec_name", clause.Op, clause.Value),
	}
	if clause.Op.Negative() {
		return domain.AllOf(nodes...), nil
	}
	return domain.AnyOf(nodes...), nil
}

// number gives new parties without a code the next one of the sequence.
func (x *party) number(tx *models.Tx, list []models.Values) error {
	for _, values := range list {
		if code, _ := values["code"].(string); code != "" {
			continue
		}
		sequence, _ := partySequence.Configured(tx).(int64)
		if sequence == 0 {
			continue // the code is required: the user is asked for it
		}
		code, err := ir.NextNumber(tx, ir.Sequences.Get(tx, sequence))
		if err != nil {
			return err
		}
		values["code"] = code
	}
	return nil
}

// firstMechanism is the first way of a kind to reach the party, "" if there is none.
func firstMechanism(r *models.Record, kind string) string {
	for _, m := range Party.ContactMechanisms.Of(r) {
		if ContactMechanism.Type.Of(m) == kind && ContactMechanism.Active.Of(m) {
			return ContactMechanism.Value.Of(m)
		}
	}
	return ""
}

// taxIdentifiers are the first identifiers of a kind that tax authorities give.
func (x *party) taxIdentifiers(_ *models.Tx, records []*models.Record) map[int64]any {
	values := make(map[int64]any, len(records))
	for _, r := range records {
		for _, identifier := range x.Identifiers.Of(r) {
			if isTaxType(Identifier.Type.Of(identifier)) {
				values[r.ID()] = identifier.ID()
				break
			}
		}
	}
	return values
}

func (x *party) searchTaxIdentifier(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
	_, rest, dotted := strings.Cut(clause.Field, ".")
	field := "id"
	switch _, text := clause.Value.(string); {
	case dotted:
		field = rest
	case text:
		field = "rec_name"
	}
	taxed := Identifier.Type.In(taxTypes()...)
	if clause.Value == nil {
		op := domain.NotWhere
		if clause.Op.Negative() {
			op = domain.Where
		}
		return domain.C("identifiers", op, taxed), nil
	}
	return domain.C("identifiers", domain.Where, domain.AllOf(taxed, domain.C(field, clause.Op, clause.Value))), nil
}

// distances are 0 for the party that the context is about ("related_party"),
// and null for all others: how far parties are related is not known here.
func distances(tx *models.Tx, records []*models.Record) map[int64]any {
	values := make(map[int64]any, 1)
	related := tx.ContextID("related_party")
	for _, r := range records {
		if related > 0 && r.ID() == related {
			values[related] = int64(0)
		}
	}
	return values
}

func orderByDistance(tx *models.Tx, alias string) []sql.F {
	related := tx.ContextID("related_party")
	if related == 0 {
		return nil
	}
	return []sql.F{sql.SQL("CASE WHEN "+alias+`."id" = ? THEN 0 END`, related)}
}

type partyLang struct {
	models.Model
	Party models.Many2One
	Lang  models.Many2One
}

// PartyLang is party.party.lang: the language of a party.
var PartyLang = models.Define(&partyLang{
	Model: models.Model{Name: "party.party.lang", String: "Party Lang", Internal: true},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Index: true, OnDelete: "CASCADE"}),
	Lang:  models.NewMany2One(models.Field{String: "Language", Relation: "ir.lang"}),
})
