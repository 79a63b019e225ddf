package company

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/party"
	"paytond/models/pyson"
)

// perCompany adds the company to a model of values, see [party.MultiValue].
type perCompany struct {
	models.Extension
	Company models.Many2One
	parent  models.Named // the link to the record that has the value, nil for none
}

func newPerCompany(model string, parent models.Named) *perCompany {
	return models.Define(&perCompany{
		Extension: models.Extension{Name: model},
		Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company", Index: true,
			OnDelete: "CASCADE"}),
		parent: parent,
	})
}

// Setup has the record behind a value shown as its company sees it.
func (x *perCompany) Setup(c *models.Class) {
	if x.parent == nil {
		return
	}
	c.Change(x.parent, func(f *models.Field) {
		f.Context = map[string]any{"company": pyson.Eval("company", -1)}
		f.Depends = append(f.Depends, x.Company.FieldName())
	})
}

type sequence struct {
	models.Extension
	Company models.Many2One
}

// newSequence adds to a model of sequences the company whose numbers they are; without one they are for all.
func newSequence(model string) *sequence {
	return models.Define(&sequence{
		Extension: models.Extension{Name: model},
		Company: models.NewMany2One(models.Field{String: "Company", Relation: "company.company",
			Help: "Only this company takes numbers of the sequence."}),
	})
}

// Setup binds the current company as default, and lists the sequences by company.
func (x *sequence) Setup(c *models.Class) {
	c.Default(x.Company, Current)
	c.Order = []domain.OrderTerm{{Field: "company"}}
}

type cron struct {
	models.Extension
	Companies models.Many2Many
}

// Cron adds to ir.cron the companies for each of which a scheduled action runs.
var Cron = models.Define(&cron{
	Extension: models.Extension{Name: "ir.cron"},
	Companies: models.NewMany2Many(models.Field{String: "Companies", Relation: "company.company",
		Through: "ir.cron-company.company", RelationField: "cron", RelationTarget: "company",
		Help: "The action runs once for each of them."}),
})

type cronCompany struct {
	models.Model
	Cron    models.Many2One
	Company models.Many2One
}

// CronCompany is ir.cron-company.company: which scheduled action runs for which company.
var CronCompany = models.Define(&cronCompany{
	Model:   models.Model{Name: "ir.cron-company.company", Table: "cron_company_rel", String: "Cron - Company", Internal: true},
	Cron:    link("Cron", "ir.cron"),
	Company: link("Company", "company.company"),
})

type today struct{ models.Extension }

// newToday has ir.date answer the day in the company's time zone.
func newToday() *today { return models.Define(&today{Extension: models.Extension{Name: "ir.date"}}) }

// Setup gives the zone of the context's company where the call names none.
func (*today) Setup(c *models.Class) {
	c.Wrap("today", func(super func(*models.Tx, *models.Args) (any, error)) func(*models.Tx, *models.Args) (any, error) {
		return func(tx *models.Tx, a *models.Args) (any, error) {
			if a.Any(0) == nil {
				if zone := zoneOf(tx); zone != "" {
					a = models.NewArgs(zone)
				}
			}
			return super(tx, a)
		}
	})
}

// extensions are what this module adds to models of others.
func extensions() []models.Definition {
	return []models.Definition{
		newPerCompany("party.party.lang", party.PartyLang.Party),
		newPerCompany("party.contact_mechanism.language", party.ContactMechanismLanguage.ContactMechanism),
		newPerCompany("party.configuration.party_lang", nil),
		newSequence("ir.sequence"),
		newSequence("ir.sequence.strict"),
		Cron,
		newToday(),
	}
}
