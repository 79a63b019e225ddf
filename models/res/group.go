package res

import (
	"fmt"

	"paytond/models"
)

type group struct {
	models.Model
	Name        models.Char
	Users       models.Many2Many
	Parent      models.Many2One
	ModelAccess models.One2Many
	FieldAccess models.One2Many
	Buttons     models.Many2Many
	RuleGroups  models.Many2Many
	MenuAccess  models.Many2Many
	Active      models.Boolean
}

// Group is res.group: users with the same rights. A group has the rights of
// its parents too.
var Group = models.Define(&group{
	Model: models.Model{Name: "res.group", String: "Group", Order: models.Order("name"),
		Uniques: []models.Unique{{Name: "name_uniq", Columns: []string{"name"}, Message: "The name of the group must be unique!"}}},
	Name: models.NewChar(models.Field{String: "Name", Required: true, Translate: true, Index: true}),
	Users: models.NewMany2Many(models.Field{String: "Users", Relation: "res.user",
		Through: "res.user-res.group", RelationField: "group", RelationTarget: "user"}),
	Parent: models.NewMany2One(models.Field{String: "Parent", Relation: "res.group",
		Help: "The group to inherit accesses from."}),
	ModelAccess: models.NewOne2Many(models.Field{String: "Access Model", Relation: "ir.model.access", RelationField: "group"}),
	FieldAccess: models.NewOne2Many(models.Field{String: "Access Field", Relation: "ir.model.field.access", RelationField: "group"}),
	Buttons: models.NewMany2Many(models.Field{String: "Buttons", Relation: "ir.model.button",
		Through: "ir.model.button-res.group", RelationField: "group", RelationTarget: "button"}),
	RuleGroups: models.NewMany2Many(models.Field{String: "Rules", Relation: "ir.rule.group",
		Through: "ir.rule.group-res.group", RelationField: "group", RelationTarget: "rule_group",
		Domain: []any{[]any{"global_p", "!=", true}, []any{"default_p", "!=", true}}}),
	MenuAccess: models.NewMany2Many(models.Field{String: "Access Menu", Relation: "ir.ui.menu",
		Through: "ir.ui.menu-res.group", RelationField: "group", RelationTarget: "menu"}),
	Active: models.NewBoolean(models.Field{String: "Active", Help: "Uncheck to exclude from future use."}),
})

func (g *group) Setup(c *models.Class) {
	c.OnCopy(g.copyName)
	c.Validate(g.checkParents)
}

// copyName gives a copy the first name "Name (n)" that is free.
func (g *group) copyName(tx *models.Tx, values models.Values) {
	name, _ := values["name"].(string)
	all := tx.With(map[string]any{"active_test": false})
	for i := 1; ; i++ {
		free := fmt.Sprintf("%s (%d)", name, i)
		if g.Count(all, g.Name.Eq(free)) == 0 {
			values["name"] = free
			return
		}
	}
}

// checkParents refuses a group that is its own ancestor.
func (g *group) checkParents(tx *models.Tx, groups []*models.Record) error {
	for _, r := range groups {
		seen := map[int64]bool{r.ID(): true}
		for p := g.Parent.Of(r); p != nil; p = g.Parent.Of(p) {
			if seen[p.ID()] {
				return models.UserError("The group \"%s\" cannot be its own parent.", r.Name())
			}
			seen[p.ID()] = true
		}
	}
	return nil
}

// GroupsOf returns the ids of a user's groups and of all their parents: the
// groups whose rights the user has.
func GroupsOf(tx *models.Tx, user int64) []int64 {
	tx = tx.Unchecked().With(map[string]any{"active_test": false})
	var ids []int64
	seen := map[int64]bool{}
	level := UserGroup.Search(tx, UserGroup.User.Eq(user))
	var next []*models.Record
	for _, r := range level {
		next = append(next, UserGroup.Group.Of(r))
	}
	for _, r := range next {
		for ; r != nil && !seen[r.ID()]; r = Group.Parent.Of(r) {
			seen[r.ID()] = true
			ids = append(ids, r.ID())
		}
	}
	return ids
}
