package ir

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

type menu struct {
	models.Model
	Name           models.Char
	Action         models.Reference
	ActionKeywords models.One2Many
	Active         models.Boolean
	Childs         models.One2Many
	CompleteName   models.Char
	Favorite       models.Boolean
	Groups         models.Many2Many
	Icon           models.Selection
	Parent         models.Many2One
	Sequence       models.Integer
}

// Menus is ir.ui.menu.
var Menus = models.Define(&menu{
	Model: models.Model{Name: "ir.ui.menu", String: "UI menu", Order: []domain.OrderTerm{{Field: "sequence", Nulls: "LAST"}}},
	Name: models.NewChar(models.Field{
		String: "Menu", Required: true, Translate: true, Domain: []any{[]any{"name", "not like", "% / %"}},
	}),
	Action: models.NewReference(models.Field{
		String: "Action", Function: true,
		Selection: [][2]any{{"", ""}, {"ir.action.report", "ir.action.report"}, {"ir.action.act_window", "ir.action.act_window"}, {"ir.action.wizard", "ir.action.wizard"}, {"ir.action.url", "ir.action.url"}},
	}),
	ActionKeywords: models.NewOne2Many(models.Field{String: "Action Keywords", Relation: "ir.action.keyword", RelationField: "model"}),
	Active:         models.NewBoolean(models.Field{String: "Active"}),
	Childs:         models.NewOne2Many(models.Field{String: "Children", Relation: "ir.ui.menu", RelationField: "parent"}),
	CompleteName:   models.NewChar(models.Field{String: "Complete Name", Readonly: true, Function: true}),
	Favorite:       models.NewBoolean(models.Field{String: "Favorite", Readonly: true, Function: true}),
	Groups:         models.NewMany2Many(models.Field{String: "Groups", Relation: "res.group", Through: "ir.ui.menu-res.group", RelationField: "menu", RelationTarget: "group"}),
	Icon:           models.NewSelection(models.Field{String: "Icon", SelectionMethod: "list_icons"}),
	Parent:         models.NewMany2One(models.Field{String: "Parent Menu", Index: true, Relation: "ir.ui.menu", OnDelete: "CASCADE"}),
	Sequence:       models.NewInteger(models.Field{String: "Sequence"}),
})

type favorite struct {
	models.Model
	Menu     models.Many2One
	Sequence models.Integer
	User     models.Many2One
}

// favorites is ir.ui.menu.favorite.
var favorites = models.Define(&favorite{
	Model:    models.Model{Name: "ir.ui.menu.favorite", String: "Menu Favorite", Order: []domain.OrderTerm{{Field: "sequence", Nulls: "FIRST"}}},
	Menu:     models.NewMany2One(models.Field{String: "Menu", Required: true, Relation: "ir.ui.menu", OnDelete: "CASCADE"}),
	Sequence: models.NewInteger(models.Field{String: "Sequence"}),
	User:     models.NewMany2One(models.Field{String: "User", Required: true, Relation: "res.user", OnDelete: "CASCADE"}),
})

// separator stands between the names of a menu and its parents.
const separator = " / "

// Setup binds the names, the action behind a keyword, and favorites.
func (m *menu) Setup(c *models.Class) {
	c.DefaultValue(m.Icon, "tryton-folder")
	c.DefaultValue(m.Sequence, int64(10))
	c.BindRecName(m.path, m.searchPath)
	c.Compute(m.CompleteName, func(r *models.Record) any { return m.path(r) })
	c.Searcher(m.CompleteName, m.searchPath)
	c.Getter(m.Action, m.actions)
	c.Setter(m.Action, m.setAction)
	c.Getter(m.Favorite, m.favorites)
	c.Validate(m.check)
	c.Selections("list_icons", func(r *models.Record) [][2]any { return iconChoices(r.Tx()) })
	c.Wrap("read", m.hideChilds)
	c.Wrap("search_read", m.hideChilds)
}

// path is the name of a menu after those of its parents.
func (m *menu) path(r *models.Record) string {
	var names []string
	for depth := 0; r != nil && depth < 20; depth++ {
		names = append(names, m.Name.Of(r))
		r = m.Parent.Of(r)
	}
	slices.Reverse(names)
	return strings.Join(names, separator)
}

// searchPath matches whole paths. Menus are few, so it is done in memory.
func (m *menu) searchPath(tx *models.Tx, clause *domain.Clause) (domain.Node, error) {
	all := m.Search(tx.With(map[string]any{"active_test": false}), nil)
	wanted := &domain.Clause{Field: "rec_name", Op: clause.Op, Value: clause.Value}
	ids := []any{}
	for _, r := range all {
		ok, err := domain.Match(wanted, func(string) (any, error) { return m.path(r), nil })
		if err != nil {
			return nil, err
		}
		if ok {
			ids = append(ids, r.ID())
		}
	}
	return domain.C("id", domain.In, ids), nil
}

func (m *menu) check(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		if strings.Contains(m.Name.Of(r), separator) {
			return models.UserError("The name \"%s\" of a menu must not contain \"%s\".", m.Name.Of(r), separator)
		}
		above := m.Parent.Of(r)
		for depth := 0; above != nil; depth++ {
			if above.ID() == r.ID() || depth > 20 {
				return models.UserError("The menu \"%s\" cannot be its own parent.", m.Name.Of(r))
			}
			above = m.Parent.Of(above)
		}
	}
	return nil
}

// opened are the keywords with which the menus open an action, by menu.
func (m *menu) opened(tx *models.Tx, records []*models.Record) map[int64]*models.Record {
	refs := make([]any, len(records))
	for i, r := range records {
		refs[i] = r.Ref()
	}
	found := map[int64]*models.Record{}
	for _, k := range keywords.Search(tx, domain.AllOf(keywords.Keyword.Eq("tree_open"), keywords.Model.In(refs...))) {
		if id := keywords.Model.Value(k).ID; found[id] == nil && keywords.Action.ID(k) > 0 {
			found[id] = k
		}
	}
	return found
}

func (m *menu) actions(tx *models.Tx, records []*models.Record) map[int64]any {
	values := map[int64]any{}
	for id, k := range m.opened(tx, records) {
		a := keywords.Action.Of(k)
		values[id] = value.Reference{Model: Actions.Type.Of(a), ID: a.ID()}
	}
	return values
}

// setAction makes the menus open an action, or none.
func (m *menu) setAction(tx *models.Tx, records []*models.Record, v any) error {
	ref, _ := v.(value.Reference)
	opened := m.opened(tx, records)
	for _, r := range records {
		k := opened[r.ID()]
		var err error
		switch {
		case ref.ID <= 0 && k != nil:
			err = keywords.Delete(tx, []*models.Record{k})
		case ref.ID > 0 && k != nil:
			err = keywords.Write(tx, []*models.Record{k}, keywords.Action.To(ref.ID))
		case ref.ID > 0:
			_, err = keywords.Create(tx, keywords.Keyword.To("tree_open"), keywords.Model.To(r.Ref()), keywords.Action.To(ref.ID))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// favorites says whether a menu is a favorite of the user's; null for those without action.
func (m *menu) favorites(tx *models.Tx, records []*models.Record) map[int64]any {
	values := map[int64]any{}
	for id := range m.opened(tx, records) {
		values[id] = false
	}
	for _, f := range favorites.Search(tx, favorites.User.Eq(tx.User())) {
		if id := favorites.Menu.ID(f); values[id] != nil {
			values[id] = true
		}
	}
	return values
}

// hideChilds leaves out of the rows read the entries that the user may not see.
func (m *menu) hideChilds(super do) do {
	return func(tx *models.Tx, a *models.Args) (any, error) {
		result, err := super(tx, a)
		rows, ok := result.([]map[string]any)
		if err != nil || !ok || !tx.Checked() {
			return result, err
		}
		all := []any{}
		for _, row := range rows {
			childs, _ := row["childs"].([]int64)
			for _, id := range childs {
				all = append(all, id)
			}
		}
		if len(all) == 0 {
			return rows, nil
		}
		seen, err := m.In(tx).Search(tx, domain.C("id", domain.In, all), models.Search{Limit: -1})
		for _, row := range rows {
			if childs, ok := row["childs"].([]int64); ok {
				row["childs"] = only(childs, seen)
			}
		}
		return rows, err
	}
}

// only are those of ids that are among seen.
func only(ids, seen []int64) []int64 {
	kept := make([]int64, 0, len(ids))
	for _, id := range ids {
		if slices.Contains(seen, id) {
			kept = append(kept, id)
		}
	}
	return kept
}

// Setup binds how clients keep favorites.
func (f *favorite) Setup(c *models.Class) {
	c.Default(f.User, func(tx *models.Tx) any { return tx.User() })
	c.Method(models.Method{Name: "get", ReadOnly: true, Help: "The user's favorites: id, path and icon of each menu.", Do: f.get})
	c.Method(models.Method{Name: "set", Help: "Makes a menu a favorite.", Do: f.set})
	c.Method(models.Method{Name: "unset", Help: "Takes a menu from the favorites.", Do: f.unset})
}

func (f *favorite) get(tx *models.Tx, _ *models.Args) (any, error) {
	ids := []any{}
	for _, r := range f.Search(tx, f.User.Eq(tx.User())) {
		ids = append(ids, f.Menu.ID(r))
	}
	seen, err := Menus.In(tx).Search(tx, domain.C("id", domain.In, ids), models.Search{Limit: -1})
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, id := range ids { // in the favorites' order
		if id := id.(int64); slices.Contains(seen, id) {
			r := Menus.Get(tx, id)
			list = append(list, []any{id, r.Name(), r.Get("icon")})
		}
	}
	return list, nil
}

func (f *favorite) own(tx *models.Tx, a *models.Args) ([]*models.Record, int64, error) {
	id := a.Int(0)
	return f.Search(tx, domain.AllOf(f.User.Eq(tx.User()), f.Menu.Eq(id))), id, a.Err()
}

func (f *favorite) set(tx *models.Tx, a *models.Args) (any, error) {
	found, id, err := f.own(tx, a)
	if err != nil || len(found) > 0 {
		return nil, err
	}
	_, err = f.Create(tx, f.Menu.To(id), f.User.To(tx.User()))
	return nil, err
}

func (f *favorite) unset(tx *models.Tx, a *models.Args) (any, error) {
	found, _, err := f.own(tx, a)
	if err != nil {
		return nil, err
	}
	return nil, f.Delete(tx.Unchecked(), found)
}
