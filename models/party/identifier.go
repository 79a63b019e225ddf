package party

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

type identifier struct {
	models.Model
	Party    models.Many2One
	Type     models.Selection
	Code     models.Char
	Sequence models.Integer
}

// Identifier is party.identifier: a number that others know a party by.
var Identifier = models.Define(&identifier{
	Model: models.Model{Name: "party.identifier", String: "Party Identifier", RecName: "code",
		Order: bySequence()},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true, Index: true,
		OnDelete: "CASCADE", Help: "Whom the identifier stands for."}),
	Type:     models.NewSelection(models.Field{String: "Type", SelectionMethod: "get_types"}),
	Code:     models.NewChar(models.Field{String: "Code", Required: true}),
	Sequence: models.NewInteger(models.Field{String: "Sequence"}),
})

// bySequence is the order of lines that a user arranges.
func bySequence() []domain.OrderTerm {
	return []domain.OrderTerm{{Field: "sequence", Nulls: "FIRST"}, {Field: "id"}}
}

// Setup binds the kinds of identifiers, and the check of a code by its kind.
func (x *identifier) Setup(c *models.Class) {
	c.Selections("get_types", func(r *models.Record) [][2]any { return x.types(r.Tx()) })
	c.OnChangeWith(x.Code, func(r *models.Record) any {
		if x.Code.IsNull(r) {
			return nil
		}
		return compactCode(x.Type.Of(r), x.Code.Of(r))
	}, x.Type, x.Code)
	c.Validate(x.check)
}

// types are the kinds that the configuration names, or all.
func (x *identifier) types(tx *models.Tx) [][2]any {
	wanted := Configuration.IdentifierTypes.Of(Configuration.Single(tx))
	list := [][2]any{{nil, ""}}
	for _, kind := range identifierTypes() {
		if len(wanted) == 0 || contains(wanted, kind[0].(string)) {
			list = append(list, kind)
		}
	}
	return list
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

func (x *identifier) check(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		kind, known := kindOf(x.Type.Of(r))
		if known && !kind.valid(kind.compact(x.Code.Of(r))) {
			return models.UserError("The code \"%s\" of the party \"%s\" is not valid as \"%s\".",
				x.Code.Of(r), x.Party.Of(r).Name(), kind.label)
		}
	}
	return nil
}

// compactCode is a code without what people write between its parts.
func compactCode(kind, code string) string {
	if k, known := kindOf(kind); known {
		return k.compact(code)
	}
	return strings.TrimSpace(code)
}
