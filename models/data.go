package models

import (
	"fmt"
	"strings"

	"paytond/models/domain"
)

// Data is a record that a module brings: a group, a menu, an access right. ID
// is its name within the module; with it the record is found again at the next
// update (ir.model.data) and by other modules.
type Data struct {
	ID     string
	Model  string
	Values Values
	// NoUpdate leaves the record alone once created: users may have changed it.
	NoUpdate bool
}

// Ref stands for the id of a data record in Values: "module.id", or "id" in
// the same module. It is cut at its first dot. In a Reference field write RefTo.
type Ref string

// RefTo stands for a reference "model,id" to a data record.
type RefTo struct {
	Model string
	Ref   Ref
}

func (r Ref) cut() (module, name string, ok bool) { return strings.Cut(string(r), ".") }

type refTarget struct {
	model string
	id    int64
}

// Ref returns the id of a data record ("module.id"). One that is not there is
// a programming error.
func (tx *Tx) Ref(ref Ref) int64 {
	_, id := tx.refModel(ref)
	return id
}

func (tx *Tx) refModel(ref Ref) (string, int64) {
	module, name, ok := ref.cut()
	if !ok {
		panic(failure{fmt.Errorf("models: %q names no module", ref)})
	}
	t := Cached(tx, "ref:"+string(ref), func() refTarget {
		free := tx.Unchecked()
		found := free.Class("ir.model.data").SearchRecords(free, domain.AllOf(domain.C("module", "=", module), domain.C("fs_id", "=", name)), Limit(1))
		if len(found) == 0 {
			panic(failure{fmt.Errorf("models: there is no data record %q", ref)})
		}
		id, _ := found[0].Get("db_id").(int64)
		return refTarget{text(found[0].Get("model")), id}
	})
	return t.model, t.id
}

// actionID is the id in ir.action of the data record of an action, which may be
// that of a kind of action.
func (tx *Tx) actionID(ref Ref) int64 {
	model, id := tx.refModel(ref)
	c := tx.Class(model)
	if c.fields["action"] == nil {
		return id
	}
	if action, ok := c.Browse(tx, []int64{id})[0].Get("action").(int64); ok {
		return action
	}
	return id
}
