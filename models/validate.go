package models

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql"
)

// validate checks records after a create (written nil: all fields) or a write
// against what their fields declare, and runs the class's own checks.
func (c *Class) validate(tx *Tx, records []*Record, written Values) error {
	records = c.Browse(tx, unique(IDsOf(records)))
	for _, b := range c.list {
		if !b.touchedBy(written) || slices.Contains(generated, b.name) {
			continue
		}
		for _, r := range records {
			if err := b.validate(r); err != nil {
				return err
			}
		}
		if err := b.checkDomains(records); err != nil {
			return err
		}
	}
	for _, check := range c.hooks.validate {
		if err := check(tx.Unchecked(), records); err != nil {
			return err
		}
	}
	return nil
}

// touchedBy reports whether a write may have made the field invalid.
func (b *bound) touchedBy(written Values) bool {
	if b.Function && b.setter == nil {
		return false
	}
	if written == nil {
		return true
	}
	if _, ok := written[b.name]; ok {
		return true
	}
	for _, name := range b.Depends {
		if _, ok := written[name]; ok {
			return true
		}
	}
	return false
}

// validate checks the field of one record, but not against its domain.
func (b *bound) validate(r *Record) error {
	if err := b.checkRequired(r); err != nil {
		return err
	}
	v := r.Get(b.name)
	if v == nil {
		return nil
	}
	switch b.kind.(type) {
	case charKind:
		return b.checkSize(r, v)
	case numericKind:
		return b.checkDigits(r, v.(value.Decimal))
	case selectionKind, referenceKind:
		return b.checkSelection(r, v)
	case multiSelectionKind:
		chosen, _ := v.([]string)
		for _, one := range chosen {
			if err := b.checkSelection(r, one); err != nil {
				return err
			}
		}
	}
	return nil
}

// Evaluate gives the value of PYSON on the record.
func (r *Record) Evaluate(expr any) (any, error) {
	vars := map[string]any{"id": r.id, "active_id": r.id, "context": r.tx.context, "_user": r.tx.user}
	for _, name := range pyson.Vars(expr) {
		if _, ok := vars[name]; ok {
			continue
		}
		if v, ok := r.variable(name); ok {
			vars[name] = v
		}
	}
	return pyson.Evaluate(expr, vars, r.tx.now)
}

// variable is the value of a name in PYSON: a field, or _parent_x.y.
func (r *Record) variable(name string) (any, bool) {
	if parent, ok := cutParent(name); ok {
		b := r.class.fields[parent[0]]
		if b == nil {
			return nil, false
		}
		return r.link(b.Field).Get(parent[1]), true
	}
	first, _, _ := strings.Cut(name, ".")
	if r.class.fields[first] == nil {
		return nil, false
	}
	v := r.Get(first)
	if ids, ok := v.([]int64); ok {
		return anys(ids), true
	}
	return v, true
}

// state evaluates one of the field's states.
func (b *bound) state(r *Record, name string) (bool, error) {
	expr, ok := b.States[name]
	if !ok {
		return false, nil
	}
	v, err := r.Evaluate(expr)
	if err != nil {
		return false, op(err, "%s.%s: %s", b.class.Name, b.name, name)
	}
	return pyson.Truthy(v), nil
}

func (c *Class) requiredError(b *bound) error {
	return UserError("A value is required for field \"%s\" in \"%s\".", b.label(), c.label())
}

func (b *bound) checkRequired(r *Record) error {
	if !b.Required && b.States["required"] == nil || b.Function {
		return nil
	}
	required := b.Required
	if !required {
		var err error
		if required, err = b.state(r, "required"); err != nil || !required {
			return err
		}
	}
	switch v := r.Get(b.name).(type) {
	case nil:
	case string:
		if v != "" {
			return nil
		}
	case []int64:
		if len(v) > 0 {
			return nil
		}
	default:
		return nil
	}
	return b.class.requiredError(b)
}

// checkDomains holds the values of records against the field's domain: for a
// relation the domain is on the target, else on the record itself. Records with
// the same domain are looked at together.
func (b *bound) checkDomains(records []*Record) error {
	if len(b.Domain) == 0 {
		return nil
	}
	nodes := map[string]domain.Node{}
	groups := map[string][]*Record{}
	for _, r := range records {
		evaluated, err := r.Evaluate(anyList(b.Domain))
		if err != nil {
			return op(err, "domain of %s.%s", b.class.Name, b.name)
		}
		encoded, err := value.Append(nil, evaluated)
		if err != nil {
			return op(err, "domain of %s.%s", b.class.Name, b.name)
		}
		text := string(encoded)
		if nodes[text] == nil {
			if nodes[text], err = domain.Parse(evaluated); err != nil {
				return op(err, "domain of %s.%s", b.class.Name, b.name)
			}
		}
		groups[text] = append(groups[text], r)
	}
	for _, text := range sortedKeys(groups) {
		wrong, err := b.mismatch(groups[text], nodes[text])
		if err != nil {
			return err
		}
		if wrong != nil {
			return withDetail(b.domainDetail(wrong.tx, b.unfit(wrong, nodes[text])),
				UserError("The value for field \"%s\" in \"%s\" is not valid according to its domain.", b.label(), b.class.label()))
		}
	}
	return nil
}

func anyList(list []any) any { return list }

// mismatch is the first of the records whose value does not match, nil for none.
func (b *bound) mismatch(records []*Record, node domain.Node) (*Record, error) {
	switch b.kind.(type) {
	case many2OneKind, x2ManyKind:
		return b.mismatchTargets(records, node)
	}
	for _, r := range records {
		if ok, err := domain.Match(node, r.path); err != nil || !ok {
			return r, err
		}
	}
	return nil, nil
}

func (b *bound) mismatchTargets(records []*Record, node domain.Node) (*Record, error) {
	var ids []int64
	for _, r := range records {
		for _, target := range b.targets(r) {
			ids = append(ids, target.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	free := records[0].tx.Unchecked().With(map[string]any{"active_test": false})
	found, err := free.Class(b.Relation).searchIDs(free, domain.AllOf(domain.C("id", domain.In, anys(unique(ids))), node), Search{Limit: -1, unordered: true})
	if err != nil {
		return nil, err
	}
	fit := make(map[int64]bool, len(found))
	for _, id := range found {
		fit[id] = true
	}
	for _, r := range records {
		for _, target := range b.targets(r) {
			if !fit[target.ID] {
				return r, nil
			}
		}
	}
	return nil, nil
}

// unfit are those parts of a conjunction that the value does not fit: they are
// what the message is to tell.
func (b *bound) unfit(r *Record, node domain.Node) domain.Node {
	parts, _ := node.(domain.And)
	var unfit domain.And
	for _, part := range parts {
		if wrong, err := b.mismatch([]*Record{r}, part); err == nil && wrong != nil {
			unfit = append(unfit, part)
		}
	}
	if len(unfit) == 0 { // no conjunction, or one that several targets break together
		return node
	}
	return unfit
}

// path is the value behind a dotted name.
func (r *Record) path(path string) (any, error) {
	name, rest, dotted := strings.Cut(path, ".")
	b := r.class.fields[name]
	if b == nil {
		return nil, NotFoundError("'%s'", name)
	}
	if !dotted {
		v := r.Get(name)
		if ids, ok := v.([]int64); ok {
			return anys(ids), nil
		}
		return v, nil
	}
	if _, ok := b.kind.(many2OneKind); !ok {
		return nil, BadRequest("\"%s\" is no relation", name)
	}
	target := r.link(b.Field)
	if target == nil {
		return nil, nil
	}
	return target.path(rest)
}

// domainDetail gives the client what it needs to put the domain into words.
func (b *bound) domainDetail(tx *Tx, node domain.Node) any {
	c := b.class
	switch b.kind.(type) {
	case many2OneKind, x2ManyKind:
		c = tx.Class(b.Relation)
	}
	fields := map[string]any{}
	for _, name := range domain.Fields(node) {
		first, _, _ := strings.Cut(name, ".")
		if f := c.fields[first]; f != nil {
			fields[first] = f.definition(tx)
		}
	}
	return []any{domain.Format(node), fields}
}

func (b *bound) checkSize(r *Record, v any) error {
	if b.Size == nil {
		return nil
	}
	limit, err := r.Evaluate(b.Size)
	if err != nil {
		return op(err, "size of %s.%s", b.class.Name, b.name)
	}
	n, _ := limit.(int64)
	return b.within(text(v), n)
}

// within refuses a text that is longer than n letters; 0 is no limit.
func (b *bound) within(text string, n int64) error {
	if length := int64(utf8.RuneCountInString(text)); n > 0 && length > n {
		return UserError("The value \"%s\" for field \"%s\" in \"%s\" is too long (%d > %d).", shorten(text), b.label(), b.class.label(), length, n)
	}
	return nil
}

// shorten keeps a long text from filling a message.
func shorten(text string) string {
	const limit = 100
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

func (b *bound) checkDigits(r *Record, v value.Decimal) error {
	if b.Digits[1] == nil {
		return nil
	}
	limit, err := r.Evaluate(b.Digits[1])
	n, ok := limit.(int64)
	if err != nil || !ok || v.Round(int(n)).Equal(v) {
		return op(err, "digits of %s.%s", b.class.Name, b.name)
	}
	return UserError("The number of digits in the value \"%s\" for field \"%s\" in \"%s\" exceeds the limit of \"%d\".", v, b.label(), b.class.label(), n)
}

// checkSelection holds the value against the values that the client may choose from.
func (b *bound) checkSelection(r *Record, v any) error {
	text, _ := v.(string)
	if ref, ok := v.(value.Reference); ok {
		text = ref.Model
	}
	if b.Function || text == "" && !b.Required {
		return nil
	}
	list := b.Selection
	if b.SelectionMethod != "" {
		if len(b.SelectionChangeWith) > 0 {
			return nil // depends on what a peer says at that moment; not stored as chosen
		}
		var err error
		if list, err = b.selectionOf(r.tx); err != nil {
			return err
		}
	}
	for _, item := range list {
		if item[0] == text {
			return nil
		}
	}
	return UserError("The value \"%s\" for field \"%s\" in \"%s\" is not one of the allowed options.", text, b.label(), b.class.label())
}

// selectionOf calls the method that gives the selection.
func (b *bound) selectionOf(tx *Tx) ([][2]any, error) {
	result, err := b.class.methods[b.SelectionMethod].Do(tx.Unchecked(), NewArgs())
	if err != nil {
		return nil, err
	}
	list, _ := result.([][2]any)
	return list, nil
}

// constraintError turns the database's refusal into words for the user.
func (c *Class) constraintError(tx *Tx, err error) error {
	var e *sql.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Kind {
	case sql.UniqueViolation, sql.CheckViolation:
		for _, u := range c.Uniques {
			if u.Message != "" && sql.ConstraintName(c.constraint(u.Name)) == e.Constraint {
				return said(KindUser, u.Message, nil)
			}
		}
		for _, k := range c.Checks {
			if sql.ConstraintName(c.constraint(k.Name)) == e.Constraint && k.Message != "" {
				return said(KindUser, k.Message, nil)
			}
		}
		return UserError("The values of \"%s\" conflict with those of another record or with a rule (%s).", c.label(), e.Constraint)
	case sql.NotNullViolation:
		if b := c.fields[e.Column]; b != nil {
			return c.requiredError(b)
		}
	case sql.Unfit:
		return UserError("A value of \"%s\" is too long or too large to be stored.", c.label())
	case sql.ForeignKeyViolation:
		return UserError("The records of \"%s\" could not be stored: a record that they refer to does not exist.", c.label())
	}
	return op(err, "write %s", c.Name)
}
