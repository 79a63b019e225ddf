package ir

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

// fresh is how long rights are kept in memory. What is written through this
// server counts at once; what another server on the database writes, and what
// was kept in a transaction that was undone, at the latest after this time.
const fresh = 5 * time.Second

// access answers from the records of rights and rules.
type access struct {
	context func(tx *models.Tx) map[string]any
}

// NewAccess grants what the records of ir.model.access, ir.model.field.access,
// ir.model.button and ir.rule.group say. context gives what the rules' domains
// read for the user of a transaction: "user" (an object with at least "id"),
// "groups", "companies", "employees" (lists of ids); nil stands for the user
// alone. The groups are those of the rights, too.
func NewAccess(context func(tx *models.Tx) map[string]any) models.Access { return access{context} }

// answering returns the access of the transaction's registry, which has no
// context of rules unless it is ours.
func answering(tx *models.Tx) access {
	a, _ := tx.Registry().Access().(access)
	return a
}

// user returns what is kept for the user of the transaction.
func (a access) user(tx *models.Tx) *userRights {
	place := fmt.Sprintf("%s%d", userPlace, tx.User())
	read := func() *userRights {
		u := &userRights{read: tx.Database().Now(), context: map[string]any{}}
		if a.context != nil {
			u.context = a.context(tx.Unchecked())
		}
		if u.context["user"] == nil {
			u.context["user"] = map[string]any{"id": tx.User()}
		}
		u.groups = models.NewArgs(u.context["groups"]).IDs(0)
		return u
	}
	return current(tx, place, read, func(u *userRights) time.Time { return u.read })
}

// current is what is kept at a place, read anew when it is old.
func current[T any](tx *models.Tx, place string, read func() T, at func(T) time.Time) T {
	v := models.Cached(tx, place, read)
	if age := tx.Database().Now().Sub(at(v)); age > fresh || age < -fresh {
		tx.Database().Forget(place)
		v = models.Cached(tx, place, read)
	}
	return v
}

func tablesOf(tx *models.Tx) *rightsTables {
	return current(tx, rightsPlace, func() *rightsTables { return readRights(tx.Unchecked()) },
		func(t *rightsTables) time.Time { return t.read })
}

// Model returns the sum of the rights of the user's groups, everything where
// no record speaks of the model for him.
func (a access) Model(tx *models.Tx, model string) models.Rights {
	rights, limited := a.user(tx).sum(tablesOf(tx).models[model])
	if !limited {
		return models.AllRights
	}
	return rights
}

// Fields returns the rights on the fields that some record limits for the user.
func (a access) Fields(tx *models.Tx, model string) map[string]models.Rights {
	fields := tablesOf(tx).fields[model]
	if len(fields) == 0 {
		return nil
	}
	u := a.user(tx)
	result := make(map[string]models.Rights, len(fields))
	for name, grants := range fields {
		if rights, limited := u.sum(grants); limited {
			result[name] = rights
		}
	}
	return result
}

// Button reports whether the button names groups, and whether the user is in one of them.
func (a access) Button(tx *models.Tx, model, button string) (named, member bool) {
	groups := tablesOf(tx).buttons[model][button]
	return len(groups) > 0, a.user(tx).in(groups)
}

// Rule returns the domain of the rules for the mode. Global rules all hold; of
// the others, those of the user's groups and the default ones, one must hold.
// A rule that cannot be evaluated lets nothing through.
// Ruled reports whether rules want several users to press a button.
func (a access) Ruled(tx *models.Tx, model, button string) bool {
	p := tablesOf(tx).presses[model][button]
	return p != nil && len(p.rules) > 0
}

func (a access) Rule(tx *models.Tx, model string, mode models.Mode) (domain.Node, []string) {
	sets := tablesOf(tx).rules[model]
	if len(sets) == 0 {
		return nil, nil
	}
	u := a.user(tx)
	key := ruleKey{model, mode}
	if kept, ok := u.domains.Load(key); ok {
		return kept.(ruled).node, kept.(ruled).names
	}
	r := u.combine(tx, sets, mode)
	u.domains.Store(key, r)
	return r.node, r.names
}

// Launch reports whether one of the user's groups may start a wizard or print
// a report. Where no group is named it depends on the models.
func (a access) Launch(tx *models.Tx, kind, name string) (bool, []string) {
	l := tablesOf(tx).launches[kind+" "+name]
	if l == nil {
		return true, nil
	}
	if len(l.groups) > 0 {
		return a.user(tx).in(l.groups), nil
	}
	return true, l.models
}

// launchLimit is what the actions with a wizard or report name.
type launchLimit struct {
	groups []int64
	models []string
}

// grant are rights for a group, or for all with group 0.
type grant struct {
	group  int64
	rights models.Rights
}

// ruleSet is a group of rules.
type ruleSet struct {
	name              string
	global, byDefault bool
	groups            []int64
	modes             models.Rights
	domains           []any // PYSON
}

// rightsTables are all rights and rules of a database.
type rightsTables struct {
	read    time.Time
	models  map[string][]grant
	fields  map[string]map[string][]grant
	buttons map[string]map[string][]int64 // groups
	presses map[string]map[string]*press
	rules   map[string][]*ruleSet
	// launches are the limits of wizards and reports, by kind and name.
	launches map[string]*launchLimit
}

// userRights are what is kept for one user.
type userRights struct {
	read    time.Time
	context map[string]any
	groups  []int64
	domains sync.Map // of ruleKey to ruled
}

type ruleKey struct {
	model string
	mode  models.Mode
}

type ruled struct {
	node  domain.Node
	names []string
}

const (
	rightsPlace = "ir.access.tables"
	userPlace   = "ir.access.user/"
)

func (u *userRights) in(groups []int64) bool {
	return slices.ContainsFunc(groups, func(g int64) bool { return slices.Contains(u.groups, g) })
}

// sum adds up the rights for all and for the user's groups; limited is false
// where there are none of either.
func (u *userRights) sum(grants []grant) (sum models.Rights, limited bool) {
	for _, g := range grants {
		if g.group != 0 && !slices.Contains(u.groups, g.group) {
			continue
		}
		limited = true
		sum.Read = sum.Read || g.rights.Read
		sum.Write = sum.Write || g.rights.Write
		sum.Create = sum.Create || g.rights.Create
		sum.Delete = sum.Delete || g.rights.Delete
	}
	return sum, limited
}

// combine makes one domain of the rules that bind the user in a mode.
func (u *userRights) combine(tx *models.Tx, sets []*ruleSet, mode models.Mode) ruled {
	var r ruled
	var all, some []domain.Node
	free := false // one of the user's groups is let through everything
	for _, set := range sets {
		if !set.modes.Can(mode) || !set.global && !set.byDefault && !u.in(set.groups) {
			continue
		}
		r.names = append(r.names, set.name)
		node := u.evaluate(tx, set)
		switch {
		case set.global && node != nil:
			all = append(all, node)
		case !set.global && node == nil:
			free = true
		case !set.global:
			some = append(some, node)
		}
	}
	if len(some) > 0 && !free {
		all = append(all, domain.AnyOf(some...))
	}
	if len(all) > 0 {
		r.node = domain.AllOf(all...)
	}
	return r
}

// evaluate is the domain of a group of rules, of which one must hold; nil
// where one holds always or where there is none.
func (u *userRights) evaluate(tx *models.Tx, set *ruleSet) domain.Node {
	var nodes []domain.Node
	for _, expr := range set.domains {
		node, err := u.parse(tx, expr)
		if err != nil {
			tx.Database().Log.Error("a record rule is not valid", "rule", set.name, "error", err)
			node = domain.C("id", domain.In, []any{})
		}
		if len(domain.Fields(node)) == 0 {
			return nil
		}
		nodes = append(nodes, node)
	}
	if len(nodes) == 0 {
		return nil
	}
	return domain.AnyOf(nodes...)
}

func (u *userRights) parse(tx *models.Tx, expr any) (domain.Node, error) {
	where, err := pyson.Evaluate(expr, u.context, tx.Now())
	if err != nil {
		return nil, err
	}
	return domain.Parse(where)
}
