package party

import (
	"paytond/models"
)

type configuration struct {
	models.Model
	PartySequence   models.Many2One
	PartyLang       models.Many2One
	IdentifierTypes models.MultiSelection
}

// Configuration is party.configuration: how new parties are numbered, in which
// language one writes to them, and which kinds of identifiers are in use.
var Configuration = models.Define(&configuration{
	Model: models.Model{Name: "party.configuration", String: "Party Configuration", Singleton: true},
	PartySequence: models.NewMany2One(models.Field{String: "Party Sequence", Function: true, Relation: "ir.sequence",
		Domain: sequenceDomain(), Help: "It gives new parties their code."}),
	PartyLang: models.NewMany2One(models.Field{String: "Party Language", Function: true, Relation: "ir.lang",
		Help: "In which language one writes to new parties."}),
	IdentifierTypes: models.NewMultiSelection(models.Field{String: "Identifier Types", Selection: identifierTypes(),
		Help: "Which kinds of identifiers can be chosen; all of them when none is named."}),
})

func sequenceDomain() []any { return []any{[]any{"sequence_type.name", "=", "Party"}} }

var (
	partySequence  = MultiValue{Field: Configuration.PartySequence, Values: "party.configuration.party_sequence"}
	configuredLang = MultiValue{Field: Configuration.PartyLang, Values: "party.configuration.party_lang"}
)

// Setup binds where the values per company are kept.
func (x *configuration) Setup(c *models.Class) {
	partySequence.Bind(c)
	configuredLang.Bind(c)
}

type configurationSequence struct {
	models.Model
	PartySequence models.Many2One
}

// ConfigurationSequence is party.configuration.party_sequence: the sequence of party codes.
var ConfigurationSequence = models.Define(&configurationSequence{
	Model: models.Model{Name: "party.configuration.party_sequence", String: "Party Configuration Sequence",
		Internal: true},
	PartySequence: models.NewMany2One(models.Field{String: "Party Sequence", Relation: "ir.sequence", Lazy: true,
		Domain: sequenceDomain(), Help: "It gives new parties their code."}),
})

type configurationLang struct {
	models.Model
	PartyLang models.Many2One
}

// ConfigurationLang is party.configuration.party_lang: the language of new parties.
var ConfigurationLang = models.Define(&configurationLang{
	Model: models.Model{Name: "party.configuration.party_lang", String: "Party Configuration Lang",
		Internal: true},
	PartyLang: models.NewMany2One(models.Field{String: "Party Language", Relation: "ir.lang", Lazy: true,
		Help: "In which language one writes to new parties."}),
})
