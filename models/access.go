package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"paytond/models/domain"
)

// Mode is what an access does.
type Mode string

// The modes of access.
const (
	Read   Mode = "read"
	Write  Mode = "write"
	Create Mode = "create"
	Delete Mode = "delete"
)

// Rights are the rights on a model or field.
type Rights struct{ Read, Write, Create, Delete bool }

// AllRights grants everything.
var AllRights = Rights{true, true, true, true}

// Can reports whether the rights include the mode.
func (r Rights) Can(m Mode) bool {
	switch m {
	case Read:
		return r.Read
	case Write:
		return r.Write
	case Create:
		return r.Create
	default:
		return r.Delete
	}
}

// Access says what the user of a transaction may do. Module ir implements it
// from the records that administrators edit. All methods answer for the user,
// whether or not the transaction checks; user 0, the server, may do all.
type Access interface {
	// Model returns the rights on a model; all where no record limits it.
	Model(tx *Tx, model string) Rights
	// Fields returns the rights on those fields of the model that are limited.
	Fields(tx *Tx, model string) map[string]Rights
	// Button reports whether the button names groups, and whether the user is
	// in one of them.
	Button(tx *Tx, model, button string) (named, member bool)
	// Rule returns the domain that records must match for the mode, nil for
	// none, and the names of the rules for the message.
	Rule(tx *Tx, model string, mode Mode) (domain.Node, []string)
}

// Rules is the part of an [Access] that says whether a button works only once several users have pressed it: clients
// then show who has.
type Rules interface {
	Ruled(tx *Tx, model, button string) bool
}

// modelRights are the user's rights, everything for the server and where nobody checks.
func (c *Class) modelRights(tx *Tx) Rights {
	if !tx.check || tx.user == 0 {
		return AllRights
	}
	if c.Internal {
		return Rights{}
	}
	if c.registry.access == nil {
		return AllRights
	}
	return c.registry.access.Model(tx.Unchecked(), c.Name)
}

// label is the model's name for users.
func (c *Class) label() Term { return Term{"model", c.Name + ",name", cmp.Or(c.String, c.Name)} }

// Label is the model's name for users, in their language as an argument of a message.
func (c *Class) Label() Term { return c.label() }

// checkModel refuses what the user's rights on the model do not include.
func (c *Class) checkModel(tx *Tx, mode Mode) error {
	if c.modelRights(tx).Can(mode) {
		return nil
	}
	return UserError("You are not allowed to access \"%s\".", c.label())
}

// fieldRights returns the limited fields.
func (c *Class) fieldRights(tx *Tx) map[string]Rights {
	if !tx.check || tx.user == 0 || c.registry.access == nil {
		return nil
	}
	return c.registry.access.Fields(tx.Unchecked(), c.Name)
}

// checkFields refuses fields that the user may not use in the mode.
func (c *Class) checkFields(tx *Tx, names []string, mode Mode) error {
	rights := c.fieldRights(tx)
	if len(rights) == 0 {
		return nil
	}
	for _, name := range names {
		first, _, _ := strings.Cut(name, ".")
		if r, limited := rights[first]; limited && !r.Can(mode) {
			return UserError("You are not allowed to access the field \"%s\" of \"%s\".", first, c.label())
		}
	}
	return nil
}

// rule returns the user's record rules as a domain, nil for none.
func (c *Class) rule(tx *Tx, mode Mode) (domain.Node, []string) {
	if !tx.check || tx.user == 0 || c.registry.access == nil {
		return nil, nil
	}
	node, names := c.registry.access.Rule(tx.Unchecked(), c.Name, mode)
	belonging, name := c.belonging(mode)
	if belonging == nil {
		return node, names
	}
	return domain.AllOf(node, belonging), append(slices.Clone(names), name...)
}

// checkRule refuses records that the rules hide in the mode, or that do not exist.
func (c *Class) checkRule(tx *Tx, ids []int64, mode Mode) error {
	node, rules := c.rule(tx, mode)
	where := domain.Node(domain.C("id", "in", anys(ids)))
	if node != nil {
		where = domain.AllOf(where, node)
	}
	found, err := c.searchIDs(tx.With(map[string]any{"active_test": false}).Unchecked(), where, Search{Limit: -1, unordered: true})
	if err != nil {
		return err
	}
	missing := without(ids, found)
	if len(missing) == 0 {
		return nil
	}
	if node == nil {
		return c.absent(joinIDs(missing), mode)
	}
	return c.ruledOut(joinIDs(missing), mode, strings.Join(rules, "\n"))
}

// absent says that records are not there.
func (c *Class) absent(ids string, mode Mode) error {
	switch mode {
	case Write:
		return UserError("You are trying to write records \"%s\" of \"%s\" that don't exist anymore.", ids, c.label())
	case Delete:
		return UserError("You are trying to delete records \"%s\" of \"%s\" that don't exist anymore.", ids, c.label())
	}
	return UserError("You are trying to read records \"%s\" of \"%s\" that don't exist anymore.", ids, c.label())
}

// ruledOut says which rules keep records from the user.
func (c *Class) ruledOut(ids string, mode Mode, rules string) error {
	switch mode {
	case Create:
		return UserError("You are not allowed to create records of \"%s\" because they fail on at least one of these rules:\n%s", c.label(), rules)
	case Write:
		return UserError("You are not allowed to write to records \"%s\" of \"%s\" because of at least one of these rules:\n%s", ids, c.label(), rules)
	case Delete:
		return UserError("You are not allowed to delete records \"%s\" of \"%s\" because of at least one of these rules:\n%s", ids, c.label(), rules)
	}
	return UserError("You are not allowed to read records \"%s\" of \"%s\" because of at least one of these rules:\n%s", ids, c.label(), rules)
}

// readable are the fields that the user may read.
func (c *Class) readable(tx *Tx) []string {
	rights := c.fieldRights(tx)
	var names []string
	for _, b := range c.list {
		if r, limited := rights[b.name]; !limited || r.Read {
			names = append(names, b.name)
		}
	}
	return names
}

// hideFields takes out of values those of fields that the user may not read.
func (c *Class) hideFields(tx *Tx, values map[string]any) {
	for name, r := range c.fieldRights(tx) {
		if !r.Read {
			delete(values, name)
			delete(values, name+".")
		}
	}
}

// onlySeen leaves out those ids that the record rules hide from the user, as
// the targets of a relation to many that he reads.
func (c *Class) onlySeen(tx *Tx, ids []int64) ([]int64, error) {
	if !tx.check || len(ids) == 0 {
		return ids, nil
	}
	rule, err := c.visible(tx)
	if err != nil || rule == nil {
		return ids, err
	}
	all := tx.With(map[string]any{"active_test": false})
	found, err := c.searchIDs(all, domain.C("id", domain.In, anys(ids)), Search{Limit: -1, unordered: true, rule: rule})
	return without(ids, without(ids, found)), err
}

// mayPress reports whether the user may press a button of a model that he may
// read: one of its groups, or who may write to the model where it names none.
func (c *Class) mayPress(tx *Tx, name string) (named, may bool) {
	if tx.user == 0 || c.registry.access == nil {
		return false, true
	}
	named, member := c.registry.access.Button(tx.Unchecked(), c.Name, name)
	if named {
		return true, member
	}
	return false, c.registry.access.Model(tx.Unchecked(), c.Name).Write
}

// checkButton refuses a button that the user may not press.
func (c *Class) checkButton(tx *Tx, name string) error {
	if !tx.check {
		return nil
	}
	if err := c.checkModel(tx, Read); err != nil {
		return err
	}
	switch named, may := c.mayPress(tx, name); {
	case may:
		return nil
	case named:
		return UserError("Calling button \"%s on \"%s\" is not allowed.", name, c.Name)
	default:
		return c.checkModel(tx, Write)
	}
}

func anys[T any](list []T) []any {
	result := make([]any, len(list))
	for i, v := range list {
		result[i] = v
	}
	return result
}

func without(ids, found []int64) []int64 {
	have := make(map[int64]bool, len(found))
	for _, id := range found {
		have[id] = true
	}
	var missing []int64
	for _, id := range ids {
		if !have[id] {
			missing = append(missing, id)
		}
	}
	return missing
}

func joinIDs(ids []int64) string {
	const shown = 5
	var parts []string
	for i, id := range ids {
		if i == shown {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, fmt.Sprint(id))
	}
	return strings.Join(parts, ", ")
}

func cutParent(name string) ([2]string, bool) {
	rest, ok := strings.CutPrefix(name, "_parent_")
	if !ok {
		return [2]string{}, false
	}
	field, sub, ok := strings.Cut(rest, ".")
	return [2]string{field, sub}, ok
}
