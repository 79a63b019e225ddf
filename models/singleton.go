package models

// A singleton is a configuration: one record that always seems to be there.
// Clients see it with the id that they ask for; it is stored at the first write.

// Single returns the record of a singleton; before the first write, one in
// memory with the defaults.
func (m *Model) Single(tx *Tx) *Record {
	c := m.In(tx)
	if found := c.SearchRecords(tx, nil, Limit(1)); len(found) > 0 {
		return found[0]
	}
	values := Values{}
	for _, b := range c.list {
		if b.def != nil {
			values[b.name] = b.def(tx.Unchecked())
		}
	}
	return c.New(tx, values)
}

// bindSingleton makes the class's methods speak of the one record.
func (c *Class) bindSingleton() {
	c.Method(Method{Name: "search", ReadOnly: true, Do: func(tx *Tx, _ *Args) (any, error) {
		id, err := c.singleID(tx)
		return []int64{max(id, 1)}, err
	}})
	c.Method(Method{Name: "search_count", ReadOnly: true, Do: func(tx *Tx, _ *Args) (any, error) {
		_, err := c.singleID(tx)
		return int64(1), err
	}})
	c.Method(Method{Name: "search_read", ReadOnly: true, Do: func(tx *Tx, a *Args) (any, error) {
		id, err := c.singleID(tx)
		if err != nil {
			return nil, err
		}
		return c.readSingle(tx, max(id, 1), a.Texts(4))
	}})
	c.Method(Method{Name: "read", ReadOnly: true, Do: func(tx *Tx, a *Args) (any, error) {
		ids, names := a.IDs(0), a.Texts(1)
		if a.Err() != nil || len(ids) == 0 {
			return []map[string]any{}, a.Err()
		}
		return c.readSingle(tx, ids[0], names)
	}})
	c.Method(Method{Name: "write", Do: func(tx *Tx, a *Args) (any, error) {
		values := Values(a.Map(1))
		if a.Err() != nil {
			return nil, a.Err()
		}
		id, err := c.singleID(tx)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			if err := c.checkModel(tx, Write); err != nil {
				return nil, err
			}
			created, err := c.Create(tx.Unchecked(), []Values{{}})
			if err != nil {
				return nil, err
			}
			id = created[0].id
		}
		return nil, c.Write(tx, c.Browse(tx, []int64{id}), values)
	}})
}

// singleID is the id of the stored record, 0 before there is one.
func (c *Class) singleID(tx *Tx) (int64, error) {
	ids, err := c.Search(tx, nil, Search{Limit: 1})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// readSingle reads the stored record, or the defaults, as the record asked for.
func (c *Class) readSingle(tx *Tx, id int64, names []string) (any, error) {
	stored, err := c.singleID(tx)
	if err != nil {
		return nil, err
	}
	var row map[string]any
	if stored > 0 {
		rows, err := c.ReadRows(tx, []int64{stored}, names)
		if err != nil {
			return nil, err
		}
		row = rows[0]
	} else if row, err = c.unstored(tx, names); err != nil {
		return nil, err
	}
	row["id"] = id
	return []map[string]any{row}, nil
}

// unstored is what a read gives before the first write.
func (c *Class) unstored(tx *Tx, names []string) (map[string]any, error) {
	if err := c.checkRead(tx, names); err != nil {
		return nil, err
	}
	plain, dotted := splitNames(names)
	row := map[string]any{}
	for _, name := range plain {
		row[name] = nil
		switch name {
		case "_write", "_delete":
			row[name] = true
		case "_timestamp":
		default:
			if b := c.fields[name]; b.def != nil {
				row[name] = normal(b.def(tx.Unchecked()))
			}
		}
	}
	for first := range dotted {
		row[first+"."] = nil
		if id, ok := row[first].(int64); ok {
			row[first+"."] = map[string]any{"id": id, "rec_name": tx.Class(c.fields[first].Relation).Browse(tx, []int64{id})[0].Name()}
		}
	}
	return row, nil
}
