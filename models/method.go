package models

import (
	"context"
	"slices"
	"time"

	"paytond/models/domain"
)

// Method is what a client may call on a model, wizard or report.
type Method struct {
	Name     string
	Help     string
	ReadOnly bool // its transaction writes nothing
	Fresh    bool // wants a fresh session
	// Records is the position of the list of ids among the arguments, from 1;
	// 0 where there is none. Duplicate ids are refused in methods that write.
	Records int
	// Cache is how long a client may keep the answer.
	Cache time.Duration
	// Before is called before the transaction, which waits for nobody else then; nil for nothing. It is for what must not be done inside of
	// one, such as to ask another server. It may be wrong about what Do then finds, and changes nothing in the database.
	Before func(ctx context.Context, db *Database, r Request, a *Args)
	// Do answers a call. The transaction carries user, context and whether
	// access is checked.
	Do func(tx *Tx, a *Args) (any, error)

	button bool
}

// Method binds a method that clients may call.
func (c *Class) Method(m Method) { c.methods[m.Name] = &m }

// Lookup finds a method by its name; nil if clients may not call it.
func (c *Class) Lookup(name string) *Method { return c.methods[name] }

// Methods returns the names of the methods that clients may call, sorted.
func (c *Class) Methods() []string { return sortedKeys(c.methods) }

// Prepare does what comes before the transaction of a call for the request.
func (m *Method) Prepare(ctx context.Context, db *Database, r Request, args []any) {
	if m.Before != nil {
		m.Before(ctx, db, r, NewArgs(args...))
	}
}

// Args are the positional arguments of a call, without the context. A getter
// that finds the wrong type notes the error, see Err, and returns a zero.
type Args struct {
	list []any
	err  error
}

// NewArgs wraps decoded wire values.
func NewArgs(list ...any) *Args { return &Args{list: list} }

// Err is the first error of the getters.
func (a *Args) Err() error { return a.err }

// Len is the number of arguments.
func (a *Args) Len() int { return len(a.list) }

// Any returns the i-th argument, nil if it is missing.
func (a *Args) Any(i int) any {
	if i < len(a.list) {
		return a.list[i]
	}
	return nil
}

func (a *Args) fail(i int, want string) {
	if a.err == nil {
		a.err = BadRequest("argument %d must be %s", i+1, want)
	}
}

// Text returns a string, "" for null.
func (a *Args) Text(i int) string {
	switch v := a.Any(i).(type) {
	case nil:
	case string:
		return v
	default:
		a.fail(i, "a text")
	}
	return ""
}

// Int returns an integer, 0 for null.
func (a *Args) Int(i int) int64 {
	if a.Any(i) == nil {
		return 0
	}
	n, err := toInt(a.Any(i))
	if err != nil {
		a.fail(i, "an integer")
	}
	return n
}

// Limit returns a limit: -1 for null.
func (a *Args) Limit(i int) int {
	if a.Any(i) == nil {
		return -1
	}
	return int(a.Int(i))
}

// Bool returns true or false; missing is def.
func (a *Args) Bool(i int, def bool) bool {
	switch v := a.Any(i).(type) {
	case nil:
	case bool:
		return v
	case int64:
		return v != 0
	default:
		a.fail(i, "true or false")
	}
	return def
}

// IDs returns a list of ids; ids may be numbers or numeric texts, one alone is a list of one.
func (a *Args) IDs(i int) []int64 {
	switch v := a.Any(i).(type) {
	case []any:
		ids := make([]int64, len(v))
		for n, item := range v {
			id, err := toInt(item)
			if err != nil {
				a.fail(i, "a list of ids")
				return nil
			}
			ids[n] = id
		}
		return ids
	case []int64:
		return v
	case int64:
		return []int64{v}
	}
	a.fail(i, "a list of ids")
	return nil
}

// Records returns the records with the ids of the i-th argument.
func (a *Args) Records(tx *Tx, c *Class, i int) []*Record {
	return c.Browse(tx, a.IDs(i))
}

// Texts returns a list of strings; nil for null.
func (a *Args) Texts(i int) []string {
	if a.Any(i) == nil {
		return nil
	}
	list, err := toTexts(a.Any(i))
	if err != nil {
		a.fail(i, "a list of texts")
	}
	return list
}

// Map returns an object, empty for null.
func (a *Args) Map(i int) map[string]any {
	switch v := a.Any(i).(type) {
	case nil:
	case map[string]any:
		return v
	default:
		a.fail(i, "an object")
	}
	return map[string]any{}
}

// List returns a list, nil for null.
func (a *Args) List(i int) []any {
	switch v := a.Any(i).(type) {
	case nil:
	case []any:
		return v
	default:
		a.fail(i, "a list")
	}
	return nil
}

// Domain returns a search domain.
func (a *Args) Domain(i int) domain.Node {
	node, err := domain.Parse(a.List(i))
	if err != nil && a.err == nil {
		a.err = BadRequest("%s", err)
	}
	return node
}

// Order returns an order; nil means the model's own.
func (a *Args) Order(i int) []domain.OrderTerm {
	if a.Any(i) == nil {
		return nil
	}
	order, err := domain.ParseOrder(a.Any(i))
	if err != nil && a.err == nil {
		a.err = BadRequest("%s", err)
	}
	return order
}

// checkUnique refuses duplicate ids as the peer does.
func checkUnique(ids []int64) error {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	if len(slices.Compact(sorted)) != len(ids) {
		return BadRequest("Duplicate ids")
	}
	return nil
}
