package ir

import (
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type action struct {
	models.Model
	Name     models.Char
	Active   models.Boolean
	Groups   models.Many2Many
	Icon     models.Many2One
	Keywords models.One2Many
	Records  models.Selection
	Type     models.Char
	Usage    models.Char
}

// Actions is ir.action.
var Actions = models.Define(&action{
	Model:    models.Model{Name: "ir.action", String: "Action"},
	Name:     models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Active:   models.NewBoolean(models.Field{String: "Active"}),
	Groups:   models.NewMany2Many(models.Field{String: "Groups", Relation: "res.group", Through: "ir.action-res.group", RelationField: "action", RelationTarget: "group"}),
	Icon:     models.NewMany2One(models.Field{String: "Icon", Relation: "ir.ui.icon"}),
	Keywords: models.NewOne2Many(models.Field{String: "Keywords", Relation: "ir.action.keyword", RelationField: "action"}),
	Records:  models.NewSelection(models.Field{String: "Records", Help: "Whether the action runs on the selected records or on all listed ones.", Selection: [][2]any{{"selected", "Selected"}, {"listed", "Listed"}}}),
	Type:     models.NewChar(models.Field{String: "Type", Required: true, Readonly: true}),
	Usage:    models.NewChar(models.Field{String: "Usage"}),
})

// Setup binds the value that clients open.
func (a *action) Setup(c *models.Class) {
	c.DefaultValue(a.Records, "selected")
	c.Method(models.Method{Name: "get_action_value", ReadOnly: true, Cache: keep, Help: "The action with the id as clients open it.",
		Do: func(tx *models.Tx, args *models.Args) (any, error) {
			id := args.Int(0)
			if args.Err() != nil {
				return nil, args.Err()
			}
			if _, err := c.ReadRows(tx, []int64{id}, []string{"type"}); err != nil {
				return nil, err
			}
			return ActionValue(tx, id)
		}})
}

// keep is how long clients may keep what changes with an update of the server.
const keep = 24 * time.Hour

// ActionValue describes an action to a client (PROTOCOL §7.2). It does not
// look at the groups of the action.
func ActionValue(tx *models.Tx, id int64) (map[string]any, error) {
	tx = tx.Unchecked()
	a := Actions.Get(tx, id)
	kind := Actions.Type.Of(a)
	v := map[string]any{"id": id, "name": Actions.Name.Of(a), "type": kind, "records": a.Get("records"), "icon.": nil}
	if i := Actions.Icon.Of(a); i != nil {
		v["icon."] = map[string]any{"id": i.ID(), "rec_name": i.Name()}
	}
	c := tx.Lookup(kind)
	if c == nil {
		return nil, models.NotFoundError("'%s'", kind)
	}
	found := c.SearchRecords(tx.With(map[string]any{"active_test": false}), domain.C("action", domain.Equal, id))
	if len(found) == 0 {
		return nil, models.NotFoundError("'%s,%d'", kind, id)
	}
	for _, hook := range c.Hooks("value") {
		hook.(func(*models.Record, map[string]any))(found[0], v)
	}
	return v, nil
}

// shared are the fields of ir.action that each kind of action shows as its own.
var shared = []models.Named{Actions.Name, Actions.Active, Actions.Groups, Actions.Icon, Actions.Keywords,
	Actions.Records, Actions.Type, Actions.Usage}

// bindKind binds what a kind of action shares with ir.action, where its row
// has the same id; value adds what the kind alone tells a client.
func bindKind(c *models.Class, value func(*models.Record, map[string]any)) {
	for _, field := range shared {
		name := field.FieldName()
		if name != "active" {
			f := c.Field(name)
			f.States, f.Depends = map[string]any{"readonly": pyson.Not(pyson.Eval("active", true))}, []string{"active"}
		}
		c.Getter(field, func(tx *models.Tx, records []*models.Record) map[int64]any {
			values := map[int64]any{}
			list := Actions.Browse(tx, models.IDsOf(records)...)
			for _, a := range list {
				values[a.ID()] = a.Get(name)
			}
			return values
		})
		c.Setter(field, func(tx *models.Tx, records []*models.Record, v any) error {
			if name == "type" {
				return nil
			}
			return Actions.Write(tx, Actions.Browse(tx, models.IDsOf(records)...), models.Assign{Field: name, Value: v})
		})
		c.Searcher(field, func(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
			under := *clause
			under.Field = "action." + clause.Field
			return &under, nil
		})
	}
	c.Hook("value", value)
	c.DefaultValue(models.Path("type"), c.Name)
	c.BeforeCreate(func(tx *models.Tx, list []models.Values) error { return createActions(tx, c.Name, list) })
	c.BeforeDelete(deleteActions)
	c.OnCopy(func(tx *models.Tx, values models.Values) {
		id, _ := values["action"].(int64)
		for _, field := range []models.Named{Actions.Name, Actions.Icon, Actions.Records, Actions.Usage} {
			values[field.FieldName()] = Actions.Get(tx, id).Get(field.FieldName())
		}
		delete(values, "action")
	})
}

// createActions creates the rows in ir.action of new actions of a kind and
// gives both the same id.
func createActions(tx *models.Tx, kind string, list []models.Values) error {
	for _, values := range list {
		common := models.Values{}
		for _, field := range shared {
			if v, ok := values[field.FieldName()]; ok {
				common[field.FieldName()] = v
				delete(values, field.FieldName())
			}
		}
		if values["action"] != nil {
			continue
		}
		common["type"] = kind
		created, err := Actions.In(tx).Create(tx, []models.Values{common})
		if err != nil {
			return err
		}
		values["action"], values["id"] = created[0].ID(), created[0].ID()
	}
	return nil
}

// deleteActions deletes the rows in ir.action. That deletes the rows of the
// kind in turn, so the context remembers that it is under way.
func deleteActions(tx *models.Tx, records []*models.Record) error {
	const underWay = "_deleting_actions"
	if tx.Context(underWay) != nil {
		return nil
	}
	free := tx.With(map[string]any{underWay: true, "active_test": false})
	return Actions.Delete(free, Actions.Browse(free, models.IDsOf(records)...))
}
