package models

import (
	"maps"
	"slices"
	"strconv"

	"paytond/sql"
)

// Create stores new records with the values and, for fields that they leave
// out, the defaults. It returns the records in the order of the values.
func (c *Class) Create(tx *Tx, list []Values) ([]*Record, error) {
	if err := c.written(); err != nil {
		return nil, err
	}
	if err := c.checkModel(tx, Create); err != nil {
		return nil, err
	}
	list, err := c.prepare(tx, list)
	if err != nil {
		return nil, err
	}
	for _, before := range c.hooks.beforeCreate {
		if err := before(tx.Unchecked(), list); err != nil {
			return nil, err
		}
	}
	parsed, err := c.parseAll(tx, list)
	if err != nil {
		return nil, err
	}
	ids, err := c.insert(tx, parsed)
	if err != nil {
		return nil, err
	}
	records := c.Browse(tx, ids)
	for i, values := range parsed {
		if err := c.translateNew(tx, ids[i], values); err != nil {
			return nil, err
		}
		if err := c.writeRest(tx, records[i:i+1], values); err != nil {
			return nil, err
		}
	}
	if err := c.keepHistory(tx, ids); err != nil {
		return nil, err
	}
	return records, c.afterCreate(tx, records)
}

func (c *Class) afterCreate(tx *Tx, records []*Record) error {
	if err := c.validate(tx, records, nil); err != nil {
		return err
	}
	for _, after := range c.hooks.afterCreate {
		if err := after(tx.Unchecked(), records); err != nil {
			return err
		}
	}
	if node, _ := c.rule(tx, Create); node == nil {
		return nil
	}
	return c.checkRule(tx, IDsOf(records), Create)
}

// prepare checks the fields of new values against the user's rights and adds the defaults.
func (c *Class) prepare(tx *Tx, list []Values) ([]Values, error) {
	result := make([]Values, len(list))
	for i, values := range list {
		if err := c.checkNames(tx, values, Create); err != nil {
			return nil, err
		}
		complete := maps.Clone(values)
		if complete == nil {
			complete = Values{}
		}
		if tx.check {
			delete(complete, "id")
		}
		for _, b := range c.list {
			if _, given := complete[b.name]; given || b.Function && b.setter == nil {
				continue
			}
			if v := b.defaultFor(tx); v != nil {
				complete[b.name] = b.asCommands(v)
			}
		}
		result[i] = complete
	}
	return result, nil
}

// asCommands turns the default of a relation to many, a list of values to
// create or of ids to link, into commands; other values stay.
func (b *bound) asCommands(v any) any {
	if _, many := b.kind.(x2ManyKind); !many || b.Function {
		return v
	}
	switch list := v.(type) {
	case []int64:
		return []any{[]any{"add", anys(list)}}
	case []any:
		var children, ids []any
		for _, item := range list {
			if _, ok := item.(map[string]any); ok {
				children = append(children, item)
			} else {
				ids = append(ids, item)
			}
		}
		return []any{[]any{"create", children}, []any{"add", ids}}
	}
	return v
}

// checkNames refuses unknown fields and those that the user may not change. A new record's box that is not ticked is no change: a form
// sends each that it shows, as the payment's form of the peer does.
func (c *Class) checkNames(tx *Tx, values Values, mode Mode) error {
	for name := range values {
		if c.fields[name] == nil {
			return NotFoundError("'%s'", name)
		}
	}
	names := sortedKeys(values)
	if mode == Create {
		mode = Write // rights on a field know reading and writing
		names = slices.DeleteFunc(names, func(name string) bool { return values[name] == false && c.fields[name].def == nil })
	}
	return c.checkFields(tx, names, mode)
}

// generated are the columns that the framework fills itself.
var generated = []string{"id", "create_uid", "create_date", "write_uid", "write_date", "rec_name"}

func (c *Class) parseAll(tx *Tx, list []Values) ([]Values, error) {
	result := make([]Values, len(list))
	for i, values := range list {
		parsed, err := c.parse(values)
		if err != nil {
			return nil, err
		}
		result[i] = parsed
	}
	return result, nil
}

// parse brings values into the form of their fields; those that the framework
// fills itself are left out.
func (c *Class) parse(values Values) (Values, error) {
	parsed := make(Values, len(values))
	for name, v := range values {
		b := c.fields[name]
		if slices.Contains(generated, name) && name != "id" {
			continue
		}
		if v != nil {
			p, err := b.kind.parse(v)
			if err != nil {
				if IsKind(err, KindUser) {
					return nil, err
				}
				return nil, b.mistyped(err)
			}
			v = p
			if size, ok := b.Size.(int); ok && b.stored() { // the column has it, too
				if err := b.within(text(v), int64(size)); err != nil {
					return nil, err
				}
			}
		}
		parsed[name] = v
	}
	return parsed, nil
}

// insert stores the columns of new records and returns their ids.
func (c *Class) insert(tx *Tx, list []Values) ([]int64, error) {
	tx.touched()
	columns := []string{"create_uid", "create_date"}
	var fields []*bound
	for _, b := range c.list {
		if b.stored() && !slices.Contains(generated, b.name) {
			columns = append(columns, b.name)
			fields = append(fields, b)
		}
	}
	rows := make([][]any, len(list))
	for i, values := range list {
		row := []any{tx.userID(), tx.now}
		for _, b := range fields {
			v := values[b.name]
			if v == nil && b.Required {
				return nil, c.requiredError(b)
			}
			row = append(row, storedValue(b, v))
		}
		rows[i] = row
	}
	if hasID(list) {
		columns = append(columns, "id")
		for i, values := range list {
			rows[i] = append(rows[i], values["id"])
		}
	}
	ids, err := tx.sql.Insert(tx.ctx, c.Table, columns, rows)
	return ids, c.constraintError(tx, err)
}

// hasID reports whether business code gives new records their ids, as those of
// an action that share one with ir.action.
func hasID(list []Values) bool {
	for _, values := range list {
		if values["id"] != nil {
			return true
		}
	}
	return false
}

func storedValue(b *bound, v any) any {
	if v == nil {
		return nil
	}
	return b.kind.store(v)
}

// userID is the user for the columns create_uid and write_uid.
func (tx *Tx) userID() any { return tx.user }

// Write changes the records.
func (c *Class) Write(tx *Tx, records []*Record, values Values) error {
	if len(records) == 0 {
		return nil
	}
	ids, err := c.own(records)
	if err != nil {
		return err
	}
	if err := c.checkChange(tx, ids, Write); err != nil {
		return err
	}
	if err := c.checkNames(tx, values, Write); err != nil {
		return err
	}
	if err := c.checkFixed(tx, ids, values); err != nil {
		return err
	}
	values = maps.Clone(values)
	if values == nil {
		values = Values{}
	}
	for _, before := range c.hooks.beforeWrite {
		if err := before(tx.Unchecked(), records, values); err != nil {
			return err
		}
	}
	delete(values, "id")
	parsed, err := c.parse(values)
	if err != nil {
		return err
	}
	if err := c.translateChange(tx, ids, parsed); err != nil {
		return err
	}
	if err := c.update(tx, ids, parsed); err != nil {
		return err
	}
	if err := c.writeRest(tx, records, parsed); err != nil {
		return err
	}
	if err := c.keepHistory(tx, ids); err != nil {
		return err
	}
	return c.afterWrite(tx, records, parsed)
}

func (c *Class) afterWrite(tx *Tx, records []*Record, values Values) error {
	if err := c.validate(tx, records, values); err != nil {
		return err
	}
	for _, after := range c.hooks.afterWrite {
		if err := after(tx.Unchecked(), records, values); err != nil {
			return err
		}
	}
	if node, _ := c.rule(tx, Write); node == nil {
		return nil
	}
	return c.checkRule(tx, IDsOf(records), Write)
}

// own are the ids of records, which must be of the class: an id means another
// record in another model, and a client says on which records a wizard works.
func (c *Class) own(records []*Record) ([]int64, error) {
	for _, r := range records {
		if r.class != c {
			return nil, BadRequest("\"%s\" is not \"%s\"", r.class.Name, c.Name)
		}
	}
	return IDsOf(records), nil
}

// checkChange refuses a write or delete that the user may not do, of records
// that do not exist or that somebody else changed since the client read them.
func (c *Class) checkChange(tx *Tx, ids []int64, mode Mode) error {
	if err := c.written(); err != nil {
		return err
	}
	if err := c.checkModel(tx, mode); err != nil {
		return err
	}
	if tx.check {
		if err := c.checkRule(tx, unique(ids), mode); err != nil {
			return err
		}
	}
	return c.checkTimestamps(tx, ids)
}

// checkTimestamps compares what the client last saw of the records with what
// they are. Each is compared once: the transaction's own writes must not be
// taken for somebody else's.
func (c *Class) checkTimestamps(tx *Tx, ids []int64) error {
	if len(tx.stamps) == 0 {
		return nil
	}
	for _, r := range c.Browse(tx, ids) {
		name := stampName(c.Name, r.ID())
		stamp, ok := tx.stamps[name].(string)
		if ok && stamp != r.Timestamp() {
			return &Error{Kind: KindConcurrency, Message: "Records were modified in the meanwhile"}
		}
		delete(tx.stamps, name)
	}
	return nil
}

// stampName is by what the context of a request tells when the client read a record.
func stampName(model string, id int64) string { return model + "," + strconv.FormatInt(id, 10) }

// update changes the columns of the records.
func (c *Class) update(tx *Tx, ids []int64, values Values) error {
	tx.touched()
	sets := []sql.F{sql.SQL(`"write_uid" = ?`, tx.userID()), sql.SQL(`"write_date" = ?`, tx.now)}
	for _, name := range sortedKeys(values) {
		b := c.fields[name]
		if !b.stored() || b.translated(tx) {
			continue
		}
		if values[name] == nil && b.Required {
			return c.requiredError(b)
		}
		sets = append(sets, sql.SQL(sql.Quote(name)+" = ?", storedValue(b, values[name])))
	}
	_, err := tx.sql.Exec(tx.ctx, sql.SQL("UPDATE "+sql.Quote(c.Table)+` SET ? WHERE "id" IN (?)`, sets, unique(ids)))
	return c.constraintError(tx, err)
}

// writeRest writes what is no column: relations to many and function fields.
func (c *Class) writeRest(tx *Tx, records []*Record, values Values) error {
	for _, b := range c.list {
		v, given := values[b.name]
		if !given || b.stored() {
			continue
		}
		k, many := b.kind.(x2ManyKind)
		switch {
		case b.setter != nil:
			if err := b.setter(tx.Unchecked(), records, v); err != nil {
				return err
			}
			tx.touched()
		case many && !b.Function:
			if err := c.writeLinks(tx, records, b, k, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// mistyped tells the user of a value that is not of the field's type.
func (b *bound) mistyped(err error) error {
	return UserError("The value for field \"%s\" in \"%s\" is not valid (%s).", b.label(), b.class.label(), err)
}
