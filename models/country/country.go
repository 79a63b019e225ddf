package country

import (
	"embed"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type country struct {
	models.Model
	Name         models.Char
	Code         models.Char
	Code3        models.Char
	CodeNumeric  models.Char
	Active       models.Boolean
	Subdivisions models.One2Many
}

// Country is country.country: a country of ISO 3166-1.
var Country = models.Define(&country{
	Model: models.Model{Name: "country.country", String: "Country", Order: models.Order("name", "id")},
	Name: models.NewChar(models.Field{String: "Name", Required: true, Translate: true, Index: true,
		Help: "What the country is called."}),
	Code: models.NewChar(models.Field{String: "Code", Size: 2, Index: true,
		Help: "The two letters of ISO 3166-1."}),
	Code3: models.NewChar(models.Field{String: "3-letters Code", Size: 3, Index: true,
		Help: "The three letters of ISO 3166-1."}),
	CodeNumeric: models.NewChar(models.Field{String: "Numeric Code", Index: true,
		Help: "The number of ISO 3166-1."}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to hide the country from new choices."}),
	Subdivisions: models.NewOne2Many(models.Field{String: "Subdivisions", Relation: "country.subdivision",
		RelationField: "country"}),
})

// Setup lets a country be found by its name and its codes.
func (x *country) Setup(c *models.Class) {
	c.BindRecName(nil, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return anyField(clause, "name", "code", "code3", "code_numeric"), nil
	})
}

// anyField is a clause on a record's name turned to fields: one of them fits,
// or none of them for a denying operator.
func anyField(clause *domain.Clause, fields ...string) domain.Node {
	var nodes []domain.Node
	for _, f := range fields {
		value := clause.Value
		if text, ok := value.(string); ok && f != "name" {
			value = strings.Trim(text, "%") // a code is typed whole
		}
		nodes = append(nodes, domain.C(f, clause.Op, value))
	}
	if clause.Op.Negative() {
		return domain.AllOf(nodes...)
	}
	return domain.AnyOf(nodes...)
}

type subdivision struct {
	models.Model
	Country models.Many2One
	Name    models.Char
	Code    models.Char
	Type    models.Selection
	Parent  models.Many2One
	Active  models.Boolean
}

// Subdivision is country.subdivision: a state, province, canton … of ISO 3166-2.
var Subdivision = models.Define(&subdivision{
	Model: models.Model{Name: "country.subdivision", String: "Subdivision", Order: models.Order("code", "id")},
	Country: models.NewMany2One(models.Field{String: "Country", Relation: "country.country", Required: true, Index: true,
		Help: "The country that it is a part of."}),
	Name: models.NewChar(models.Field{String: "Name", Required: true, Translate: true, Index: true,
		Help: "What the subdivision is called."}),
	Code: models.NewChar(models.Field{String: "Code", Required: true, Index: true, Help: "The code of ISO 3166-2."}),
	Type: models.NewSelection(models.Field{String: "Type", Selection: Types()}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "country.subdivision",
		Domain:  []any{[]any{"country", "=", pyson.Eval("country", -1)}},
		Depends: []string{"country"}, Help: "The larger subdivision that it lies in."}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to hide the subdivision from new choices."}),
})

// Setup lets a subdivision be found by its name and its code.
func (x *subdivision) Setup(c *models.Class) {
	c.BindRecName(nil, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
		return anyField(clause, "name", "code"), nil
	})
}

//go:embed view/*.xml
var views embed.FS
