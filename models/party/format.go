package party

import (
	"regexp"
	"strings"

	"paytond/models"
	"paytond/models/country"
	"paytond/models/domain"
)

type addressFormat struct {
	models.Model
	CountryCode  models.Char
	LanguageCode models.Char
	Format_      models.Text
	Active       models.Boolean
}

// AddressFormat is party.address.format: how addresses are written in a
// country and a language; those without are for all.
var AddressFormat = models.Define(&addressFormat{
	Model: models.Model{Name: "party.address.format", String: "Address Format",
		Order: []domain.OrderTerm{{Field: "country_code", Nulls: "LAST"}, {Field: "language_code", Nulls: "LAST"}, {Field: "id"}}},
	CountryCode:  models.NewChar(models.Field{String: "Country Code", Size: 2}),
	LanguageCode: models.NewChar(models.Field{String: "Language Code", Size: 2}),
	Format_: models.NewText(models.Field{String: "Format", Required: true,
		Help: "The lines of the address with these variables, in capitals when they are written so:\n- ${" +
			strings.Join(variables(), "}\n- ${") + "}"}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to leave the format out."}),
})

// variables are the names that a format knows.
func variables() []string {
	return []string{"party_name", "name", "attn", "street", "postal_code", "city", "subdivision", "subdivision_code",
		"country", "country_code"}
}

// everywhere is the format for countries that have none.
const everywhere = "${party_name}\n${name}\n${street}\n${postal_code} ${city}\n${subdivision}\n${COUNTRY}"

// Setup binds the default and the check of a format.
func (x *addressFormat) Setup(c *models.Class) {
	c.DefaultValue(x.Format_, everywhere)
	c.Validate(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if unknown := unknownVariable(x.Format_.Of(r)); unknown != "" {
				return models.UserError("The address format has the unknown variable \"%s\".", unknown)
			}
		}
		return nil
	})
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

func unknownVariable(format string) string {
	for _, match := range variable.FindAllStringSubmatch(format, -1) {
		if name := strings.ToLower(match[1]); !contains(variables(), name) || match[1] != name && match[1] != strings.ToUpper(name) {
			return match[0]
		}
	}
	return ""
}

// FullAddress is the address in lines as its country writes it. The context
// says more: address_with_party puts the name of the party before it,
// address_attention_party the party (an id) to whose attention it goes, and
// address_from_country leaves out the country when it is this one (an id).
func FullAddress(r *models.Record) string {
	values := addressValues(r)
	text := variable.ReplaceAllStringFunc(formatFor(r), func(match string) string {
		name := match[2 : len(match)-1]
		if lower := strings.ToLower(name); name != lower {
			return strings.ToUpper(values[lower])
		}
		return values[name]
	})
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func addressValues(r *models.Record) map[string]string {
	tx, land, part := r.Tx(), Address.Country.Of(r), Address.Subdivision.Of(r)
	code := country.Subdivision.Code.Of(part)
	if _, own, ok := strings.Cut(code, "-"); ok {
		code = own
	}
	values := map[string]string{
		"name": Address.Name.Of(r), "street": Address.Street.Of(r), "postal_code": Address.PostalCode.Of(r),
		"city": Address.City.Of(r), "subdivision": country.Subdivision.Name.Of(part), "subdivision_code": code,
		"country_code": country.Country.Code.Of(land),
	}
	if land != nil && tx.ContextID("address_from_country") != land.ID() {
		values["country"] = country.Country.Name.Of(land)
	}
	if with, _ := tx.Context("address_with_party").(bool); with {
		values["party_name"] = Address.partyName(r)
		if id := tx.ContextID("address_attention_party"); id > 0 {
			values["attn"] = Party.FullName.Of(Party.Get(tx, id))
		}
	}
	return values
}

// formatFor is the format of the address's country and the context's language.
func formatFor(r *models.Record) string {
	language, _ := r.Tx().Context("language").(string)
	language, _, _ = strings.Cut(language, "_")
	land := country.Country.Code.Of(Address.Country.Of(r))
	best, rank := everywhere, 0
	for _, f := range AddressFormat.Search(r.Tx(), domain.AllOf(
		AddressFormat.CountryCode.In(nil, "", land), AddressFormat.LanguageCode.In(nil, "", language))) {
		n := 1
		if AddressFormat.CountryCode.Of(f) != "" {
			n += 2
		}
		if AddressFormat.LanguageCode.Of(f) != "" {
			n++
		}
		if n > rank {
			best, rank = AddressFormat.Format_.Of(f), n
		}
	}
	return best
}

type addressSubdivisionType struct {
	models.Model
	CountryCode models.Char
	Types       models.MultiSelection
	Active      models.Boolean
}

// AddressSubdivisionType is party.address.subdivision_type: which kinds of
// subdivisions stand in the addresses of a country.
var AddressSubdivisionType = models.Define(&addressSubdivisionType{
	Model: models.Model{Name: "party.address.subdivision_type", String: "Address Subdivision Type",
		Order: []domain.OrderTerm{{Field: "country_code", Nulls: "LAST"}, {Field: "id"}},
		Uniques: []models.Unique{{Name: "country_code_unique", Columns: []string{"country_code"}, Where: "active",
			Message: "The kinds of subdivisions of this country are set already."}}},
	CountryCode: models.NewChar(models.Field{String: "Country Code", Required: true, Size: 2}),
	Types: models.NewMultiSelection(models.Field{String: "Subdivision Types",
		SelectionMethod: "get_subdivision_types"}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to allow all kinds."}),
})

// Setup binds the kinds that can be chosen.
func (x *addressSubdivisionType) Setup(c *models.Class) {
	c.Selections("get_subdivision_types", func(*models.Record) [][2]any { return country.Types() })
}

// subdivisionTypes are the kinds of subdivisions for the country of an address, none for all.
func subdivisionTypes(r *models.Record) any {
	land := country.Country.Code.Of(Address.Country.Of(r))
	if land == "" {
		return []string{}
	}
	found := AddressSubdivisionType.Search(r.Tx(), AddressSubdivisionType.CountryCode.Eq(land), models.Limit(1))
	if len(found) == 0 {
		return []string{}
	}
	return append([]string{}, AddressSubdivisionType.Types.Of(found[0])...)
}
