package ir

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type treeWidth struct {
	head
	Field models.Char
	Model models.Char
	User  models.Many2One
	Width models.Integer
}

// treeWidths is ir.ui.view_tree_width.
var treeWidths = models.Define(&treeWidth{
	head:  models.Model{Name: "ir.ui.view_tree_width", String: "View Tree Width", RecName: "model"},
	Field: models.NewChar(models.Field{String: "Field", Required: true, Index: true}),
	Model: models.NewChar(models.Field{String: "Model", Required: true, Index: true}),
	User:  models.NewMany2One(models.Field{String: "User", Required: true, Index: true, Relation: "res.user", OnDelete: "CASCADE"}),
	Width: models.NewInteger(models.Field{String: "Width", Required: true}),
})

type treeState struct {
	head
	ChildName     models.Char
	Domain        models.Char
	Model         models.Char
	Nodes         models.Text
	SelectedNodes models.Text
	User          models.Many2One
}

// treeStates is ir.ui.view_tree_state.
var treeStates = models.Define(&treeState{
	head: models.Model{Name: "ir.ui.view_tree_state", String: "View Tree State", RecName: "model", Indexes: []models.Index{
		{Name: "model_domain_user_child_name_index", Columns: []string{"model", "domain", "user", "child_name"}}}},
	ChildName:     models.NewChar(models.Field{String: "Child Name"}),
	Domain:        models.NewChar(models.Field{String: "Domain", Required: true}),
	Model:         models.NewChar(models.Field{String: "Model", Required: true}),
	Nodes:         models.NewText(models.Field{String: "Expanded Nodes"}),
	SelectedNodes: models.NewText(models.Field{String: "Selected Nodes"}),
	User:          models.NewMany2One(models.Field{String: "User", Required: true, Relation: "res.user", OnDelete: "CASCADE"}),
})

type viewSearch struct {
	head
	Name   models.Char
	Domain models.Char
	Model  models.Char
	User   models.Many2One
}

// viewSearches is ir.ui.view_search.
var viewSearches = models.Define(&viewSearch{
	head:   models.Model{Name: "ir.ui.view_search", String: "View Search"},
	Name:   models.NewChar(models.Field{String: "Name", Required: true}),
	Domain: models.NewChar(models.Field{String: "Domain"}),
	Model:  models.NewChar(models.Field{String: "Model", Required: true}),
	User:   models.NewMany2One(models.Field{String: "User", Relation: "res.user", OnDelete: "CASCADE"}),
})

// Setup binds how clients keep the widths of columns.
func (t *treeWidth) Setup(c *models.Class) {
	c.Default(t.User, func(tx *models.Tx) any { return tx.User() })
	c.Method(models.Method{Name: "set_width", Help: "Keeps the widths, by field, of a model's columns for the user.", Do: t.set})
}

func (t *treeWidth) set(tx *models.Tx, a *models.Args) (any, error) {
	model, widths := a.Text(0), a.Map(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	for _, field := range slices.Sorted(maps.Keys(widths)) {
		found := t.Search(tx, domain.AllOf(t.Model.Eq(model), t.User.Eq(tx.User()), t.Field.Eq(field)))
		var err error
		if len(found) > 0 {
			err = t.Write(tx.Unchecked(), found, t.Width.To(widths[field]))
		} else {
			_, err = t.Create(tx.Unchecked(), t.Model.To(model), t.User.To(tx.User()), t.Field.To(field), t.Width.To(widths[field]))
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// Setup binds how clients keep which rows of a tree are open.
func (t *treeState) Setup(c *models.Class) {
	c.DefaultValue(t.Nodes, "[]")
	c.DefaultValue(t.SelectedNodes, "[]")
	c.Default(t.User, func(tx *models.Tx) any { return tx.User() })
	c.Method(models.Method{Name: "get", ReadOnly: true, Cache: keep, Help: "The open and the selected rows of a tree.", Do: t.get})
	c.Method(models.Method{Name: "set", Help: "Keeps the open and the selected rows of a tree.", Do: t.set})
}

// own finds the user's state of a tree, named by model, domain and child field.
func (t *treeState) own(tx *models.Tx, a *models.Args) (found []*models.Record, key []models.Assign, err error) {
	model, text := a.Text(0), a.Text(1)
	var child any
	if a.Any(2) != nil {
		child = a.Text(2)
	}
	if a.Err() != nil {
		return nil, nil, a.Err()
	}
	compact, err := compactJSON(text)
	if err != nil {
		return nil, nil, models.BadRequest("%q is no domain", text)
	}
	key = []models.Assign{t.Model.To(model), t.Domain.To(compact), t.ChildName.To(child), t.User.To(tx.User())}
	found = t.Search(tx, domain.AllOf(t.Model.Eq(model), t.Domain.Eq(compact), t.ChildName.Eq(child), t.User.Eq(tx.User())),
		models.Limit(1))
	return found, key, nil
}

// compactJSON writes JSON in one way, whoever wrote it: clients differ in blanks.
func compactJSON(text string) (string, error) {
	reader := json.NewDecoder(strings.NewReader(text))
	reader.UseNumber()
	var v any
	if err := reader.Decode(&v); err != nil {
		return "", err
	}
	var b strings.Builder
	writer := json.NewEncoder(&b)
	writer.SetEscapeHTML(false)
	err := writer.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func (t *treeState) get(tx *models.Tx, a *models.Args) (any, error) {
	found, _, err := t.own(tx, a)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return []any{"[]", "[]"}, nil
	}
	return []any{or(t.Nodes.Of(found[0]), "[]"), or(t.SelectedNodes.Of(found[0]), "[]")}, nil
}

func (t *treeState) set(tx *models.Tx, a *models.Args) (any, error) {
	found, key, err := t.own(tx, a)
	if err != nil {
		return nil, err
	}
	state := []models.Assign{t.Nodes.To(a.Any(3)), t.SelectedNodes.To(a.Any(4))}
	if len(found) > 0 {
		return nil, t.Write(tx.Unchecked(), found, state...)
	}
	_, err = t.Create(tx.Unchecked(), append(key, state...)...)
	return nil, err
}

// Setup binds how clients find saved searches.
func (v *viewSearch) Setup(c *models.Class) {
	c.Default(v.User, func(tx *models.Tx) any { return tx.User() })
	c.Validate(func(_ *models.Tx, records []*models.Record) error {
		for _, r := range records {
			if err := checkPYSON(v.Domain.Of(r)); err != nil {
				return models.UserError("The domain of the search \"%s\" is not valid: %s", v.Name.Of(r), err)
			}
		}
		return nil
	})
	c.Method(models.Method{Name: "get_search", ReadOnly: true, Do: v.get,
		Help: "The user's saved searches by model: id, name, domain, and whether he may delete it."})
}

func (v *viewSearch) get(tx *models.Tx, _ *models.Args) (any, error) {
	list, err := rows(tx, v.In(tx), domain.AnyOf(v.User.Eq(tx.User()), v.User.Eq(nil)), "model", "name", "domain", "_delete")
	if err != nil {
		return nil, err
	}
	result := map[string]any{}
	for _, row := range list {
		text, _ := row["domain"].(string)
		expr, err := pyson.Decode(or(text, "[]"))
		if err != nil {
			continue // as old rows may be; the others count
		}
		where, err := pyson.Evaluate(expr, nil, tx.Now())
		if err != nil {
			continue
		}
		model, _ := row["model"].(string)
		before, _ := result[model].([]any)
		result[model] = append(before, []any{row["id"], row["name"], where, row["_delete"]})
	}
	return result, nil
}
