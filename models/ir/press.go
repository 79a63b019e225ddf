package ir

import (
	"slices"
	"strconv"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
)

type buttonRule struct {
	models.Model
	Button      models.Many2One
	Condition   models.Char
	Description models.Char
	Group       models.Many2One
	NumberUser  models.Integer
}

// buttonRules is ir.model.button.rule.
var buttonRules = models.Define(&buttonRule{
	Model:       models.Model{Name: "ir.model.button.rule", String: "Model Button Rule"},
	Button:      models.NewMany2One(models.Field{String: "Button", Required: true, Relation: "ir.model.button", OnDelete: "CASCADE"}),
	Condition:   models.NewChar(models.Field{String: "Condition", Help: "PYSON that says whether the rule applies; \"self\" is the record."}),
	Description: models.NewChar(models.Field{String: "Description"}),
	Group:       models.NewMany2One(models.Field{String: "Group", Relation: "res.group", OnDelete: "CASCADE"}),
	NumberUser:  models.NewInteger(models.Field{String: "Number of User", Required: true}),
})

type click struct {
	models.Model
	Active   models.Boolean
	Button   models.Many2One
	RecordID models.Integer
	User     models.Many2One
}

// clicks is ir.model.button.click.
var clicks = models.Define(&click{
	Model:    models.Model{Name: "ir.model.button.click", String: "Model Button Click"},
	Active:   models.NewBoolean(models.Field{String: "Active"}),
	Button:   models.NewMany2One(models.Field{String: "Button", Required: true, Relation: "ir.model.button", OnDelete: "CASCADE"}),
	RecordID: models.NewInteger(models.Field{String: "Record ID", Required: true}),
	User:     models.NewMany2One(models.Field{String: "User", Relation: "res.user", OnDelete: "CASCADE"}),
})

type buttonReset struct {
	models.Model
	Button      models.Many2One
	ButtonRuled models.Many2One
}

// buttonResets is ir.model.button-button.reset.
var buttonResets = models.Define(&buttonReset{
	Model: models.Model{Name: "ir.model.button-button.reset", String: "Model Button Reset", Internal: true},
	Button: models.NewMany2One(models.Field{
		String: "Button", Required: true, Index: true, Relation: "ir.model.button", OnDelete: "CASCADE",
	}),
	ButtonRuled: models.NewMany2One(models.Field{
		String: "Button Ruled", Required: true, Index: true, Relation: "ir.model.button", OnDelete: "CASCADE",
	}),
})

// Setup binds the check of a rule's condition.
func (b *buttonRule) Setup(c *models.Class) {
	c.DefaultValue(b.NumberUser, int64(1))
	c.BindRecName(func(r *models.Record) string { return or(b.Description.Of(r), b.Button.Of(r).Name()) }, nil)
	c.Validate(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if err := checkPYSON(b.Condition.Of(r)); err != nil {
				return models.UserError("The condition \"%s\" of a button's rule is not valid: %s", b.Condition.Of(r), err)
			}
			if b.NumberUser.Of(r) < 1 {
				return models.UserError("A button's rule wants at least one user.")
			}
		}
		return nil
	})
}

// Setup binds the question who has pressed a button on a record.
func (k *click) Setup(c *models.Class) {
	c.DefaultValue(k.Active, true)
	c.Method(models.Method{Name: "get_click", ReadOnly: true, Help: "The users who pressed a button of a model on a record: names by id.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			model, name, id := a.Text(0), a.Text(1), a.Int(2)
			if a.Err() != nil {
				return nil, a.Err()
			}
			users := map[string]any{}
			p := tablesOf(tx).presses[model][name]
			if p == nil {
				return users, nil
			}
			for _, r := range k.Search(tx, domain.AllOf(k.Button.Eq(p.button), k.RecordID.Eq(id))) {
				if u := k.User.Of(r); u != nil {
					users[strconv.FormatInt(u.ID(), 10)] = u.Name()
				}
			}
			return users, nil
		}})
}

// press is what pressing a button means beside its own work: rules that want
// several users, and clicks on other buttons that count no longer.
type press struct {
	button int64
	rules  []pressRule
	resets []int64 // buttons
}

// pressRule wants clicks of a number of users, of a group if one is named, on
// the records that fulfil the condition.
type pressRule struct {
	condition any
	group     int64
	users     int64
}

func (t *rightsTables) readPresses(tx *models.Tx) {
	at := func(model, name any, id any) *press {
		m, _ := model.(string)
		n, _ := name.(string)
		if t.presses[m] == nil {
			t.presses[m] = map[string]*press{}
		}
		if t.presses[m][n] == nil {
			button, _ := id.(int64)
			t.presses[m][n] = &press{button: button}
		}
		return t.presses[m][n]
	}
	each(tx, `SELECT m."model", b."name", b."id", r."condition", r."group", r."number_user" FROM "ir_model_button_rule" AS r
		JOIN "ir_model_button" AS b ON b."id" = r."button" JOIN "ir_model" AS m ON m."id" = b."model"`, func(row []any) {
		rule := pressRule{}
		rule.group, _ = row[4].(int64)
		rule.users, _ = row[5].(int64)
		if text, _ := row[3].(string); text != "" {
			rule.condition = decoded(text)
		}
		p := at(row[0], row[1], row[2])
		p.rules = append(p.rules, rule)
	})
	each(tx, `SELECT m."model", b."name", b."id", r."button_ruled" FROM "ir_model_button-button_reset" AS r
		JOIN "ir_model_button" AS b ON b."id" = r."button" JOIN "ir_model" AS m ON m."id" = b."model"`, func(row []any) {
		p := at(row[0], row[1], row[2])
		ruled, _ := row[3].(int64)
		p.resets = append(p.resets, ruled)
	})
}

// bindButtonRules has every button of a model obey its rules: the button works
// on a record once enough users have pressed it there.
func bindButtonRules(c *models.Class) {
	for name, b := range c.Buttons() {
		if len(b.Change) > 0 {
			continue // it saves nothing
		}
		c.Wrap(name, func(super do) do {
			return func(tx *models.Tx, a *models.Args) (any, error) {
				p := tablesOf(tx).presses[c.Name][name]
				if p == nil || tx.User() == 0 {
					return super(tx, a)
				}
				records := a.Records(tx, c, 0)
				if a.Err() != nil {
					return nil, a.Err()
				}
				passed, err := p.pass(tx, records)
				if err != nil || len(passed) == 0 {
					return nil, err
				}
				return super(tx, models.NewArgs(models.IDsOf(passed)))
			}
		})
	}
}

// pass notes the user's click on the records and returns those on which the
// rules are fulfilled now.
func (p *press) pass(tx *models.Tx, records []*models.Record) ([]*models.Record, error) {
	var passed []*models.Record
	for _, r := range records {
		ok, err := p.passOne(tx, r)
		if err != nil {
			return nil, err
		}
		if ok {
			passed = append(passed, r)
		}
	}
	return passed, p.reset(tx, passed)
}

func (p *press) passOne(tx *models.Tx, r *models.Record) (bool, error) {
	if len(p.rules) == 0 {
		return true, nil
	}
	users := map[int64]bool{tx.User(): true}
	own := false
	for _, k := range clicks.Search(tx, domain.AllOf(clicks.Button.Eq(p.button), clicks.RecordID.Eq(r.ID()))) {
		users[clicks.User.ID(k)] = true
		own = own || clicks.User.ID(k) == tx.User()
	}
	if !own {
		if _, err := clicks.Create(tx, clicks.Button.To(p.button), clicks.RecordID.To(r.ID()), clicks.User.To(tx.User())); err != nil {
			return false, err
		}
	}
	for _, rule := range p.rules {
		ok, err := rule.fulfilled(tx, r, users)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (rule pressRule) fulfilled(tx *models.Tx, r *models.Record, users map[int64]bool) (bool, error) {
	if rule.condition != nil {
		applies, err := pyson.Evaluate(rule.condition, map[string]any{"self": fieldsOf(r)}, tx.Now())
		if err != nil {
			return false, models.UserError("The condition of a rule of the button is not valid: %s", err)
		}
		if !pyson.Truthy(applies) {
			return true, nil
		}
	}
	if rule.group == 0 {
		return int64(len(users)) >= rule.users, nil
	}
	ids := []any{}
	for id := range users {
		ids = append(ids, id)
	}
	found := tx.Class("res.user").SearchRecords(tx, domain.AllOf(domain.C("id", domain.In, ids), domain.C("groups", domain.Equal, rule.group)))
	return int64(len(found)) >= rule.users, nil
}

// fieldsOf are the record's fields that PYSON understands, by name.
func fieldsOf(r *models.Record) map[string]any {
	values := map[string]any{}
	for _, name := range r.Class().Fields() {
		switch f := r.Class().Field(name); {
		case f.Function || f.Secret:
			continue
		case slices.Contains([]string{"binary", "dict", "one2many", "many2many", "time"}, f.Kind()):
			continue
		}
		switch v := r.Get(name).(type) {
		case value.Reference:
			values[name] = v.String()
		default:
			values[name] = v
		}
	}
	return values
}

// reset makes the clicks on other buttons, which this one resets, count no longer.
func (p *press) reset(tx *models.Tx, records []*models.Record) error {
	if len(p.resets) == 0 || len(records) == 0 {
		return nil
	}
	var ids, ruled []any
	for _, r := range records {
		ids = append(ids, r.ID())
	}
	for _, id := range p.resets {
		ruled = append(ruled, id)
	}
	return clicks.Write(tx, clicks.Search(tx, domain.AllOf(clicks.Button.In(ruled...), clicks.RecordID.In(ids...))), clicks.Active.To(false))
}
