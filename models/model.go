package models

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"paytond/models/domain"
)

// Model is the head of a declaration: embed it in a struct of fields and pass
// that to [Define]. Its methods are the programmer's way to the records.
type Model struct {
	Name   string // "account.payment"
	String string // "Payment", singular, for users
	Help   string
	Table  string // by default the name with _ for .
	// RecName names the field that is the record's name, by default "name".
	RecName string
	Order   []domain.OrderTerm // by default by id
	// History keeps every version of a record in a second table.
	History bool
	// Singleton is a configuration of one record.
	Singleton bool
	// ViewOnly models have no table: the forms of wizards.
	ViewOnly bool
	// Internal models are not for clients: they may learn of their fields, but
	// neither read nor change records.
	Internal bool
	// Checks and Uniques are constraints with the message for users.
	Checks  []Check
	Uniques []Unique
	Indexes []Index

	fields []*Field
}

// Check is a condition in SQL that each row fulfils.
type Check struct{ Name, SQL, Message string }

// Unique is a set of columns without duplicates, within Where if given.
type Unique struct {
	Name    string
	Columns []string
	Where   string
	Message string
}

// Index is an index on columns, within Where if given.
type Index struct {
	Name    string
	Columns []string
	Where   string
	Unique  bool
}

// Extension is the head of a struct of fields that a module adds to the model
// of another module.
type Extension struct {
	Name    string // the model that is extended
	Uniques []Unique
	Indexes []Index

	fields []*Field
}

// Definition is a declared model or extension, as a module lists them.
type Definition interface {
	definition() (model *Model, extension *Extension)
}

// Setup is implemented by declarations that bind behaviour to their class.
type setup interface{ Setup(c *Class) }

func (m *Model) definition() (*Model, *Extension)     { return m, nil }
func (e *Extension) definition() (*Model, *Extension) { return nil, e }

// Define names the fields of a declaration after its members and returns it.
// It panics on a declaration that is no struct of fields: a programming error.
func Define[T Definition](declaration T) T {
	fields := nameFields(declaration)
	model, extension := declaration.definition()
	if model != nil {
		model.fields = fields
		if model.Table == "" {
			model.Table = strings.ReplaceAll(model.Name, ".", "_")
		}
		if model.RecName == "" {
			model.RecName = "name"
		}
	} else {
		extension.fields = fields
	}
	return declaration
}

func nameFields(declaration any) []*Field {
	v := reflect.ValueOf(declaration).Elem()
	var fields []*Field
	for i := range v.NumField() {
		member := v.Type().Field(i)
		if member.Anonymous || !member.IsExported() {
			continue
		}
		holder, ok := v.Field(i).Interface().(interface{ attributes() *Field })
		if !ok {
			continue
		}
		field := holder.attributes()
		if field == nil {
			panic(fmt.Sprintf("models: %T declares %s but gives no field", declaration, member.Name))
		}
		if field.name == "" {
			field.name = snake(member.Name)
		}
		fields = append(fields, field)
	}
	return fields
}

// ReadonlyFields names the stored fields of a declaration that nobody types in: those declared read-only, lines excepted, which have
// rights of their own.
func ReadonlyFields(d Definition) []string {
	model, extension := d.definition()
	var fields []*Field
	if model != nil {
		fields = model.fields
	} else {
		fields = extension.fields
	}
	var names []string
	for _, f := range fields {
		if f.Readonly && !f.Function && f.RelationField == "" {
			names = append(names, f.name)
		}
	}
	return names
}

// snake turns StripeCustomerID into stripe_customer_id.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(runes[i-1]) || next {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// In returns the model's class in the transaction's registry.
func (m *Model) In(tx *Tx) *Class { return tx.Class(m.Name) }

// Browse returns the records with the ids, unread.
func (m *Model) Browse(tx *Tx, ids ...int64) []*Record { return m.In(tx).Browse(tx, ids) }

// Get returns the record with the id, unread.
func (m *Model) Get(tx *Tx, id int64) *Record { return m.In(tx).Browse(tx, []int64{id})[0] }

// New returns a record in memory with the assignments.
func (m *Model) New(tx *Tx, assigns ...Assign) *Record { return m.In(tx).New(tx, valuesOf(assigns)) }

// Search returns the records that match the domain in the model's order.
func (m *Model) Search(tx *Tx, where domain.Node, options ...SearchOption) []*Record {
	return m.In(tx).SearchRecords(tx, where, options...)
}

// Count returns the number of records that match.
func (m *Model) Count(tx *Tx, where domain.Node) int64 {
	return must1(m.In(tx).Count(tx, where))
}

// Create stores one record with the assignments and the defaults.
func (m *Model) Create(tx *Tx, assigns ...Assign) (*Record, error) {
	records, err := m.In(tx).Create(tx, []Values{valuesOf(assigns)})
	if err != nil {
		return nil, err
	}
	return records[0], nil
}

// Write changes the records.
func (m *Model) Write(tx *Tx, records []*Record, assigns ...Assign) error {
	return m.In(tx).Write(tx, records, valuesOf(assigns))
}

// Delete removes the records.
func (m *Model) Delete(tx *Tx, records []*Record) error { return m.In(tx).Delete(tx, records) }

// Values are the values of a record by field name.
type Values map[string]any

func valuesOf(assigns []Assign) Values {
	values := make(Values, len(assigns))
	for _, a := range assigns {
		values[a.Field] = a.Value
	}
	return values
}
