package models

import (
	"time"
)

// day is how long clients keep what changes only with an update of the server.
const day = 24 * time.Hour

// bindStandard gives a class the methods that every model has. They are bound
// before Setup, so that a module may wrap them.
func bindStandard(c *Class) {
	c.Method(Method{Name: "fields_get", ReadOnly: true, Cache: day, Do: c.callFieldsGet})
	c.Method(Method{Name: "default_get", ReadOnly: true, Cache: defaultsKept(c), Do: c.callDefaultGet})
	c.Method(Method{Name: "pre_validate", ReadOnly: true, Do: c.callPreValidate})
	if c.Internal {
		return
	}
	c.Method(Method{Name: "fields_view_get", ReadOnly: true, Cache: day, Do: c.callFieldsViewGet})
	c.Method(Method{Name: "on_change", ReadOnly: true, Do: c.callOnChange})
	c.Method(Method{Name: "on_change_with", ReadOnly: true, Do: c.callOnChangeWith})
	if c.ViewOnly {
		return
	}
	c.Method(Method{Name: "search", ReadOnly: true, Do: c.callSearch})
	c.Method(Method{Name: "search_count", ReadOnly: true, Do: c.callSearchCount})
	c.Method(Method{Name: "search_read", ReadOnly: true, Do: c.callSearchRead})
	c.Method(Method{Name: "read", ReadOnly: true, Do: c.callRead})
	c.Method(Method{Name: "create", Do: c.callCreate})
	c.Method(Method{Name: "write", Do: c.callWrite})
	c.Method(Method{Name: "delete", Records: 1, Do: c.callDelete})
	c.Method(Method{Name: "copy", Do: c.callCopy})
	c.Method(Method{Name: "history_revisions", ReadOnly: true, Do: c.callRevisions})
	c.Method(Method{Name: "export_data", ReadOnly: true, Do: c.callExport})
	c.Method(Method{Name: "export_data_domain", ReadOnly: true, Do: c.callExportDomain})
	c.Method(Method{Name: "import_data", Do: c.callImport})
	if c.Singleton {
		c.bindSingleton()
	}
}

// defaultsKept is for how long clients keep default values. Those of a
// configuration are what it holds, and change with it.
func defaultsKept(c *Class) time.Duration {
	if c.Singleton {
		return 0
	}
	return 5 * time.Minute
}

// bindMethods completes the methods once all is bound: the access checks of
// buttons, and on_change_<field>.
func (c *Class) bindMethods() {
	c.bindOnChange()
	for _, m := range c.methods {
		if m.Help == "" {
			m.Help = helpFor(m)
		}
		do := m.Do
		switch {
		case m.button:
			m.Do = func(tx *Tx, a *Args) (any, error) {
				if err := c.checkPress(tx, m.Name, a); err != nil {
					return nil, err
				}
				return do(tx.Unchecked(), a)
			}
		case m.Records > 0 && !m.ReadOnly:
			m.Do = func(tx *Tx, a *Args) (any, error) {
				ids := a.IDs(m.Records - 1)
				if a.Err() != nil {
					return nil, a.Err()
				}
				if err := checkUnique(ids); err != nil {
					return nil, err
				}
				return do(tx, a)
			}
		}
	}
}

// checkPress refuses a button that the user may not press on the records, or
// on what somebody else changed in the meanwhile.
func (c *Class) checkPress(tx *Tx, name string, a *Args) error {
	ids := a.IDs(0)
	if a.Err() != nil {
		return a.Err()
	}
	if err := checkUnique(ids); err != nil {
		return err
	}
	if err := c.checkButton(tx, name); err != nil {
		return err
	}
	if tx.check && !c.ViewOnly && len(ids) > 0 {
		if err := c.checkRule(tx, ids, Read); err != nil {
			return err
		}
	}
	if b := c.buttons[name]; b != nil && b.Stale {
		for _, id := range ids {
			delete(tx.stamps, stampName(c.Name, id))
		}
		return nil
	}
	return c.checkTimestamps(tx, ids)
}

func (c *Class) callFieldsGet(tx *Tx, a *Args) (any, error) {
	names := a.Texts(0)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.FieldsGet(tx, names)
}

func (c *Class) callDefaultGet(tx *Tx, a *Args) (any, error) {
	names, withNames := a.Texts(0), true
	switch v := a.Any(1).(type) {
	case bool:
		withNames = v
	case map[string]any: // the web client's slip: its context a second time, when a view adds fields to a new record
		withNames = len(v) > 0
	default:
		withNames = a.Bool(1, true)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.defaults(tx, names, withNames)
}

func (c *Class) callOnChange(tx *Tx, a *Args) (any, error) {
	values, names := a.Map(0), a.Texts(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.onChange(tx, values, names)
}

func (c *Class) callOnChangeWith(tx *Tx, a *Args) (any, error) {
	values, names := a.Map(0), a.Texts(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.onChangeWith(tx, values, names)
}

// callPreValidate checks the values of a row that the user is about to leave.
func (c *Class) callPreValidate(tx *Tx, a *Args) (any, error) {
	values := a.Map(0)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if err := c.checkForm(tx, values); err != nil {
		return nil, err
	}
	r := c.FromForm(tx, values)
	for name, v := range values {
		b := c.fields[name]
		if b == nil || v == nil {
			continue
		}
		if _, err := b.kind.parse(v); err != nil {
			return nil, b.mistyped(err)
		}
		if k, ok := b.kind.(numericKind); ok && k.wire() == "numeric" {
			if err := b.validate(r); err != nil {
				return nil, err
			}
			if err := b.checkDomains([]*Record{r}); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func (c *Class) callSearch(tx *Tx, a *Args) (any, error) {
	where, s := a.Domain(0), Search{Offset: int(a.Int(1)), Limit: a.Limit(2), Order: a.Order(3)}
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.Search(tx, where, s)
}

func (c *Class) callSearchCount(tx *Tx, a *Args) (any, error) {
	where := a.Domain(0)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.Count(tx, where)
}

func (c *Class) callSearchRead(tx *Tx, a *Args) (any, error) {
	where, s := a.Domain(0), Search{Offset: int(a.Int(1)), Limit: a.Limit(2), Order: a.Order(3)}
	names := a.Texts(4)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if err := c.checkRead(tx, names); err != nil {
		return nil, err
	}
	ids, err := c.Search(tx, where, s)
	if err != nil || len(ids) == 0 {
		return []map[string]any{}, err
	}
	if names == nil {
		names = c.readable(tx)
	}
	return c.rows(tx, ids, names)
}

func (c *Class) callRead(tx *Tx, a *Args) (any, error) {
	ids, names := a.IDs(0), a.Texts(1)
	if a.Err() != nil {
		return nil, a.Err()
	}
	return c.ReadRows(tx, ids, names)
}

func (c *Class) callCreate(tx *Tx, a *Args) (any, error) {
	var list []Values
	for _, item := range a.List(0) {
		values, ok := item.(map[string]any)
		if !ok {
			return nil, BadRequest("create wants a list of values")
		}
		list = append(list, values)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	records, err := c.Create(tx, list)
	return IDsOf(records), err
}

func (c *Class) callWrite(tx *Tx, a *Args) (any, error) {
	for i := 0; i < a.Len(); i += 2 {
		ids, values := a.IDs(i), Values(a.Map(i+1))
		if a.Err() != nil {
			return nil, a.Err()
		}
		if err := checkUnique(ids); err != nil {
			return nil, err
		}
		if err := c.Write(tx, c.Browse(tx, ids), values); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Class) callDelete(tx *Tx, a *Args) (any, error) {
	return nil, c.Delete(tx, a.Records(tx, c, 0))
}

func (c *Class) callCopy(tx *Tx, a *Args) (any, error) {
	records, values := a.Records(tx, c, 0), Values(a.Map(1))
	if a.Err() != nil {
		return nil, a.Err()
	}
	copies, err := c.Copy(tx, records, values)
	return IDsOf(copies), err
}
