package ir

import (
	"strings"

	"paytond/models"
	"paytond/models/pyson"
	"paytond/sql"
)

// readRights reads all records of rights and rules: some small tables.
func readRights(tx *models.Tx) *rightsTables {
	t := &rightsTables{read: tx.Database().Now(), models: map[string][]grant{}, fields: map[string]map[string][]grant{},
		buttons: map[string]map[string][]int64{}, presses: map[string]map[string]*press{}, rules: map[string][]*ruleSet{},
		launches: map[string]*launchLimit{}}
	t.readModels(tx)
	t.readFields(tx)
	t.readButtons(tx)
	t.readPresses(tx)
	t.readRules(tx)
	t.readLaunches(tx)
	return t
}

// each calls do with the rows of a statement, whose failure goes up to the transaction.
func each(tx *models.Tx, text string, do func(row []any)) {
	rows, err := tx.Query(sql.SQL(text))
	models.Must(err)
	for _, row := range rows {
		do(row)
	}
}

func granted(row []any) grant {
	group, _ := row[0].(int64)
	return grant{group, models.Rights{Read: row[1] == true, Write: row[2] == true, Create: row[3] == true, Delete: row[4] == true}}
}

func (t *rightsTables) readModels(tx *models.Tx) {
	each(tx, `SELECT a."group", a."perm_read", a."perm_write", a."perm_create", a."perm_delete", m."model"
		FROM "ir_model_access" AS a JOIN "ir_model" AS m ON m."id" = a."model" WHERE a."active"`, func(row []any) {
		model, _ := row[5].(string)
		t.models[model] = append(t.models[model], granted(row))
	})
}

func (t *rightsTables) readFields(tx *models.Tx) {
	each(tx, `SELECT a."group", a."perm_read", a."perm_write", a."perm_create", a."perm_delete", m."model", f."name"
		FROM "ir_model_field_access" AS a JOIN "ir_model_field" AS f ON f."id" = a."field"
		JOIN "ir_model" AS m ON m."id" = f."model" WHERE a."active"`, func(row []any) {
		model, _ := row[5].(string)
		field, _ := row[6].(string)
		if t.fields[model] == nil {
			t.fields[model] = map[string][]grant{}
		}
		t.fields[model][field] = append(t.fields[model][field], granted(row))
	})
}

func (t *rightsTables) readButtons(tx *models.Tx) {
	each(tx, `SELECT m."model", b."name", g."group" FROM "ir_model_button-res_group" AS g
		JOIN "ir_model_button" AS b ON b."id" = g."button" JOIN "ir_model" AS m ON m."id" = b."model"`, func(row []any) {
		model, _ := row[0].(string)
		button, _ := row[1].(string)
		group, _ := row[2].(int64)
		if t.buttons[model] == nil {
			t.buttons[model] = map[string][]int64{}
		}
		t.buttons[model][button] = append(t.buttons[model][button], group)
	})
}

func (t *rightsTables) readRules(tx *models.Tx) {
	sets := map[int64]*ruleSet{}
	each(tx, `SELECT g."id", g."perm_read", g."perm_write", g."perm_create", g."perm_delete", m."model", g."name", g."global_p", g."default_p"
		FROM "ir_rule_group" AS g JOIN "ir_model" AS m ON m."id" = g."model" ORDER BY g."id"`, func(row []any) {
		model, _ := row[5].(string)
		name, _ := row[6].(string)
		g := granted(row)
		set := &ruleSet{name: name, global: row[7] == true, byDefault: row[8] == true, modes: g.rights}
		sets[g.group] = set // the first column is the rule's id here
		t.rules[model] = append(t.rules[model], set)
	})
	each(tx, `SELECT "rule_group", "domain" FROM "ir_rule" ORDER BY "id"`, func(row []any) {
		id, _ := row[0].(int64)
		text, _ := row[1].(string)
		if set := sets[id]; set != nil {
			set.domains = append(set.domains, decoded(text))
		}
	})
	each(tx, `SELECT "rule_group", "group" FROM "ir_rule_group-res_group"`, func(row []any) {
		id, _ := row[0].(int64)
		group, _ := row[1].(int64)
		if set := sets[id]; set != nil {
			set.groups = append(set.groups, group)
		}
	})
}

// readLaunches reads which groups the actions of wizards and reports name, and
// for which models they are.
func (t *rightsTables) readLaunches(tx *models.Tx) {
	for kind, columns := range map[string][2]string{"wizard": {"ir_action_wizard", "wiz_name"}, "report": {"ir_action_report", "report_name"}} {
		each(tx, `SELECT l."`+columns[1]+`", l."model", g."group" FROM "`+columns[0]+`" AS l
			LEFT JOIN "ir_action-res_group" AS g ON g."action" = l."action"`, func(row []any) {
			name, _ := row[0].(string)
			l := t.launches[kind+" "+name]
			if l == nil {
				l = &launchLimit{}
				t.launches[kind+" "+name] = l
			}
			if model, _ := row[1].(string); model != "" {
				l.models = append(l.models, model)
			}
			if group, ok := row[2].(int64); ok {
				l.groups = append(l.groups, group)
			}
		})
	}
}

// decoded is PYSON of a text; of one that is none, what lets nothing through.
func decoded(text string) any {
	expr, err := pyson.Decode(strings.TrimSpace(text))
	if err != nil {
		return []any{[]any{"id", "in", []any{}}}
	}
	return expr
}

// bindForgetting forgets what is kept of rights when what they are made of changes.
func bindForgetting(c *models.Class) {
	var prefix string
	switch name := c.Name; {
	case name == "ir.model.access" || name == "ir.model.field.access" || name == "ir.model" || name == "ir.model.field" ||
		name == "ir.rule" || name == "ir.action.wizard" || name == "ir.action.report" || name == "ir.action-res.group" || strings.HasPrefix(name, "ir.rule.group") || strings.HasPrefix(name, "ir.model.button"):
		prefix = "ir.access"
	case name == "res.user" || name == "res.group" || strings.HasPrefix(name, "res.user-") || strings.HasPrefix(name, "company."):
		prefix = userPlace
	case name == "ir.configuration":
		prefix = "ir.configuration"
	default:
		return
	}
	forget := func(tx *models.Tx) error {
		db := tx.Database()
		db.Forget(prefix) // for the rest of this transaction
		tx.AfterCommit(func() { db.Forget(prefix) })
		return nil
	}
	c.AfterCreate(func(tx *models.Tx, _ []*models.Record) error { return forget(tx) })
	c.AfterWrite(func(tx *models.Tx, _ []*models.Record, _ models.Values) error { return forget(tx) })
	c.BeforeDelete(func(tx *models.Tx, _ []*models.Record) error { return forget(tx) })
}
