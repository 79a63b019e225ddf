package party

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type address struct {
	models.Model
	Party            models.Many2One
	PartyName        models.Char
	Name             models.Char
	Street           models.Text
	PostalCode       models.Char
	City             models.Char
	Country          models.Many2One
	SubdivisionTypes models.MultiSelection
	Subdivision      models.Many2One
	Active           models.Boolean
	Sequence         models.Integer
	FullAddress      models.Text
}

// Address is party.address: where a party lives or works.
var Address = models.Define(&address{
	Model: models.Model{Name: "party.address", String: "Address",
		Order: []domain.OrderTerm{{Field: "party"}, {Field: "sequence", Nulls: "FIRST"}, {Field: "id"}}},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true, Index: true,
		OnDelete: "CASCADE", States: map[string]any{"readonly": pyson.Greater(pyson.Eval("id", 0), 0)},
		Depends: []string{"id"}}),
	PartyName: models.NewChar(models.Field{String: "Party Name",
		Help: "Stands in the address instead of the name of the party."}),
	Name:       models.NewChar(models.Field{String: "Building Name"}),
	Street:     models.NewText(models.Field{String: "Street"}),
	PostalCode: models.NewChar(models.Field{String: "Postal Code"}),
	City:       models.NewChar(models.Field{String: "City"}),
	Country:    models.NewMany2One(models.Field{String: "Country", Relation: "country.country"}),
	SubdivisionTypes: models.NewMultiSelection(models.Field{String: "Subdivision Types", Function: true, Readonly: true,
		SelectionMethod: "get_subdivision_types"}),
	Subdivision: models.NewMany2One(models.Field{String: "Subdivision", Relation: "country.subdivision",
		Domain: []any{[]any{"country", "=", pyson.Eval("country", -1)},
			pyson.If(pyson.Bool(pyson.Eval("subdivision_types", []any{})),
				[]any{"type", "in", pyson.Eval("subdivision_types", []any{})}, []any{})},
		Depends: []string{"country", "subdivision_types"}}),
	Active:      models.NewBoolean(models.Field{String: "Active", Help: "Clear it when the party left the address."}),
	Sequence:    models.NewInteger(models.Field{String: "Sequence"}),
	FullAddress: models.NewText(models.Field{String: "Full Address", Function: true, Readonly: true}),
})

// Setup binds the address as a label has it, what completes it while it is typed, and its names.
func (x *address) Setup(c *models.Class) {
	c.Selections("get_subdivision_types", func(*models.Record) [][2]any { return country.Types() })
	c.OnChangeWith(x.SubdivisionTypes, subdivisionTypes, x.Country)
	c.OnChange(x.Country, func(r *models.Record) {
		s := x.Subdivision.Of(r)
		if s != nil && country.Subdivision.Country.ID(s) != x.Country.ID(r) {
			x.Subdivision.Set(r, nil)
		}
	}, x.Country, x.Subdivision)
	c.Completion(x.PostalCode, func(r *models.Record) []string { return x.complete(r, x.PostalCode, x.City) },
		x.Country, x.City, x.Subdivision)
	c.Completion(x.City, func(r *models.Record) []string { return x.complete(r, x.City, x.PostalCode) },
		x.Country, x.Subdivision, x.PostalCode)
	c.Compute(x.FullAddress, func(r *models.Record) any { return FullAddress(r) })
	c.BindRecName(x.name, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) { return searchAddress(clause), nil })
	c.BeforeWrite(x.keepParty)
}

// keepParty refuses that an address goes to another party: documents may show it.
func (x *address) keepParty(_ *models.Tx, records []*models.Record, values models.Values) error {
	party, given := values["party"]
	for _, r := range records {
		if given && party != x.Party.ID(r) {
			return models.UserError("The address \"%s\" cannot be given to another party.", r.Name())
		}
	}
	return nil
}

// complete gives the values of a field in known addresses that agree with the
// form in country, subdivision and the other field.
func (x *address) complete(r *models.Record, wanted, other models.Char) []string {
	where := []domain.Node{wanted.Ne(nil), wanted.Ne("")}
	for _, f := range []*models.Field{x.Country.Field, x.Subdivision.Field, other.Field} {
		if v := r.Get(f.FieldName()); v != nil && v != "" {
			where = append(where, f.Eq(v))
		}
	}
	if len(where) == 2 {
		return []string{} // nothing to go by
	}
	texts := []string{}
	for _, a := range x.Search(r.Tx(), domain.AllOf(where...), models.OrderBy(wanted.FieldName()), models.Limit(1000)) {
		texts = append(texts, wanted.Of(a))
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// partyName is whom the address is for.
func (x *address) partyName(r *models.Record) string {
	if name := x.PartyName.Of(r); name != "" {
		return name
	}
	return Party.FullName.Of(x.Party.Of(r))
}

func (x *address) name(r *models.Record) string {
	street, _, _ := strings.Cut(x.Street.Of(r), "\n")
	parts := []string{x.partyName(r), x.Name.Of(r), strings.TrimSpace(street), x.PostalCode.Of(r), x.City.Of(r),
		country.Country.Code.Of(x.Country.Of(r))}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// searchAddress finds an address by each of its parts.
func searchAddress(clause *domain.Clause) domain.Node {
	var nodes []domain.Node
	for _, f := range []string{"party", "party_name", "name", "street", "postal_code", "city", "country"} {
		nodes = append(nodes, domain.C(f, clause.Op, clause.Value))
	}
	if clause.Op.Negative() {
		return domain.AllOf(nodes...)
	}
	return domain.AnyOf(nodes...)
}
