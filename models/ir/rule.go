package ir

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type ruleGroup struct {
	head
	Name       models.Char
	DefaultP   models.Boolean
	GlobalP    models.Boolean
	Groups     models.Many2Many
	Model      models.Many2One
	PermCreate models.Boolean
	PermDelete models.Boolean
	PermRead   models.Boolean
	PermWrite  models.Boolean
	Rules      models.One2Many
}

// ruleGroups is ir.rule.group.
var ruleGroups = models.Define(&ruleGroup{
	head:       models.Model{Name: "ir.rule.group", String: "Rule group", Checks: []models.Check{{Name: "ir_rule_group_global_default_exclusive", SQL: `"global_p" = FALSE OR "default_p" = FALSE`, Message: "A rule cannot be global and default."}}, Order: []domain.OrderTerm{{Field: "model"}, {Field: "global_p"}, {Field: "default_p"}}},
	Name:       models.NewChar(models.Field{String: "Name", Help: "What users are told whom the rule keeps out.", Required: true, Translate: true, Index: true}),
	DefaultP:   models.NewBoolean(models.Field{String: "Default", Help: "Applies to all users who have no rule of a group of theirs.", Index: true}),
	GlobalP:    models.NewBoolean(models.Field{String: "Global", Help: "Applies to all users beside the rules of their groups.", Index: true}),
	Groups:     models.NewMany2Many(models.Field{String: "Groups", Relation: "res.group", Through: "ir.rule.group-res.group", RelationField: "rule_group", RelationTarget: "group"}),
	Model:      models.NewMany2One(models.Field{String: "Model", Required: true, Index: true, Relation: "ir.model", OnDelete: "CASCADE"}),
	PermCreate: models.NewBoolean(models.Field{String: "Create Access"}),
	PermDelete: models.NewBoolean(models.Field{String: "Delete Access"}),
	PermRead:   models.NewBoolean(models.Field{String: "Read Access"}),
	PermWrite:  models.NewBoolean(models.Field{String: "Write Access"}),
	Rules:      models.NewOne2Many(models.Field{String: "Tests", Help: "One of them is enough.", Relation: "ir.rule", RelationField: "rule_group"}),
})

type rule struct {
	models.Model
	Domain    models.Char
	RuleGroup models.Many2One
}

// rules is ir.rule.
var rules = models.Define(&rule{
	Model:  models.Model{Name: "ir.rule", String: "Rule"},
	Domain: models.NewChar(models.Field{String: "Domain", Help: "A domain in PYSON, which knows the user and his groups.", Required: true}),
	RuleGroup: models.NewMany2One(models.Field{
		String: "Group", Required: true, Index: true, Relation: "ir.rule.group", OnDelete: "CASCADE",
	}),
})

// Setup binds what a rule is about when nothing is said.
func (g *ruleGroup) Setup(c *models.Class) {
	for _, perm := range []models.Boolean{g.PermRead, g.PermWrite, g.PermCreate, g.PermDelete} {
		c.DefaultValue(perm, true)
	}
	c.DefaultValue(g.GlobalP, true)
	c.DefaultValue(g.DefaultP, false)
}

// Setup binds the check of the domain.
func (u *rule) Setup(c *models.Class) {
	c.Validate(func(tx *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if err := u.checkOne(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkOne tries the rule's domain in a search, so that a rule that no search
// understands is refused here and not to every user later.
func (u *rule) checkOne(tx *models.Tx, r *models.Record) error {
	fail := func(err error) error {
		return models.UserError("The domain \"%s\" of a rule is not valid: %s", u.Domain.Of(r), err)
	}
	expr, err := pyson.Decode(u.Domain.Of(r))
	if err != nil {
		return fail(err)
	}
	context := map[string]any{"user": map[string]any{"id": tx.User()}, "groups": []any{}, "companies": []any{}, "employees": []any{}}
	where, err := pyson.Evaluate(expr, context, tx.Now())
	if err != nil {
		return fail(err)
	}
	node, err := domain.Parse(where)
	if err != nil {
		return fail(err)
	}
	c := tx.Lookup(Models.Model.Of(ruleGroups.Model.Of(u.RuleGroup.Of(r))))
	if c == nil || c.ViewOnly {
		return fail(models.NotFoundError("the model of the rule"))
	}
	if _, err := c.Count(tx, node); err != nil {
		return fail(err)
	}
	return nil
}
