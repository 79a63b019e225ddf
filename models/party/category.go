package party

import (
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

// separator stands between the names of a category and those above it.
const separator = " / "

type category struct {
	models.Model
	Name   models.Char
	Parent models.Many2One
	Childs models.One2Many
	Active models.Boolean
}

// Category is party.category: a group of parties, in a tree.
var Category = models.Define(&category{
	Model: models.Model{Name: "party.category", String: "Category", Order: models.Order("name", "id"),
		Uniques: []models.Unique{
			{Name: "name_parent_exclude", Columns: []string{"name", "parent"}, Message: sameCategory},
			{Name: "name_root_exclude", Columns: []string{"name"}, Where: "parent IS NULL", Message: sameCategory},
		}},
	Name: models.NewChar(models.Field{String: "Name", Required: true, Translate: true,
		Domain: []any{[]any{"name", "not like", "%" + separator + "%"}}, Help: "What the category is called."}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "party.category", Index: true,
		Help: "The category above it."}),
	Childs: models.NewOne2Many(models.Field{String: "Children", Relation: "party.category", RelationField: "parent",
		Help: "The categories below it."}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Clear it to hide the category from new choices."}),
})

const sameCategory = "There is a category of this name already below the same category."

// Setup binds the full name, and refuses a circle of categories.
func (x *category) Setup(c *models.Class) {
	c.BindRecName(x.fullName, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) { return searchPath(clause), nil })
	c.Validate(x.checkCircle)
}

func (x *category) fullName(r *models.Record) string {
	name := x.Name.Of(r)
	for p, depth := x.Parent.Of(r), 0; p != nil && depth < 100; p, depth = x.Parent.Of(p), depth+1 {
		name = x.Name.Of(p) + separator + name
	}
	return name
}

// searchPath turns a clause on "above / below" into clauses on each name.
func searchPath(clause *domain.Clause) domain.Node {
	text, ok := clause.Value.(string)
	if !ok {
		return domain.C("name", clause.Op, clause.Value)
	}
	parts := strings.Split(text, separator)
	field := "name"
	var nodes []domain.Node
	for i := len(parts) - 1; i >= 0; i-- {
		nodes = append(nodes, domain.C(field, clause.Op, parts[i]))
		field = "parent." + field
	}
	if clause.Op.Negative() {
		return domain.AnyOf(nodes...)
	}
	return domain.AllOf(nodes...)
}

func (x *category) checkCircle(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		seen := map[int64]bool{r.ID(): true}
		for p := x.Parent.Of(r); p != nil; p = x.Parent.Of(p) {
			if seen[p.ID()] {
				return models.UserError("The category \"%s\" cannot be below itself.", x.Name.Of(r))
			}
			seen[p.ID()] = true
		}
	}
	return nil
}

type partyCategory struct {
	models.Model
	Party    models.Many2One
	Category models.Many2One
}

// PartyCategory is party.party-party.category: which party is in which category.
var PartyCategory = models.Define(&partyCategory{
	Model: models.Model{Name: "party.party-party.category", String: "Party - Category", Table: "party_category_rel",
		Internal: true},
	Party: models.NewMany2One(models.Field{String: "Party", Relation: "party.party", Required: true, Index: true,
		OnDelete: "CASCADE"}),
	Category: models.NewMany2One(models.Field{String: "Category", Relation: "party.category", Required: true, Index: true,
		OnDelete: "CASCADE"}),
})
