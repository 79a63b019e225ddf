package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
	"paytond/sql/sqltest"
)

// recordedClasses are the names of the peer's models of which we have a class too. Those that we lack are noted.
func recordedClasses(t *testing.T, r *models.Registry, f found) map[string]map[string]string {
	t.Helper()
	both := map[string]map[string]string{}
	theirs := map[string]bool{}
	for _, row := range readTable(t, "models-6.0.tsv") {
		theirs[row["model"]] = true
		if r.Class(row["model"]) == nil {
			f.note(row["model"], "", "is missing")
			continue
		}
		both[row["model"]] = row
	}
	for _, c := range r.Classes() {
		if !theirs[c.Name] {
			f.note(c.Name, "", "is added")
		}
	}
	return both
}

// TestModels holds our models against the peer's: table, order, name, buttons, transitions.
func TestModels(t *testing.T) {
	f := found{}
	registry := builtRegistry(t)
	for name, row := range recordedClasses(t, registry, f) {
		c := registry.Class(name)
		kind := "stored"
		if c.ViewOnly {
			kind = "view only"
		}
		f.notEqual(name, "kind", kind, row["kind"])
		f.notEqual(name, "history", flag(c.History), row["history"])
		f.notEqual(name, "buttons", sortedWords(buttonsOf(c)), sortedWords(strings.Fields(row["buttons"])))
		f.notEqual(name, "transitions", sortedWords(transitionsOf(c)), row["transitions"])
		if c.ViewOnly {
			continue
		}
		f.notEqual(name, "table", c.Table, row["table"])
		f.notEqual(name, "rec_name", c.RecName, row["rec_name"])
		f.notEqual(name, "order", orderText(c.Order), row["order"])
	}
	f.judge(t, modelExcuses, "")
}

// builtRegistry is the registry of all modules, with an engine that is never run.
func builtRegistry(t *testing.T) *models.Registry {
	t.Helper()
	return newBench(t, "sqlite://", t.TempDir(), []string{roleRPC}).db.Registry
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return ""
}

func sortedWords(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(words, " ")
}

func buttonsOf(c *models.Class) []string {
	var names []string
	for name := range c.Buttons() {
		names = append(names, name)
	}
	return names
}

func transitionsOf(c *models.Class) []string {
	state := c.Field("state")
	if state == nil {
		return nil
	}
	var all []string
	for _, from := range state.Selection {
		for _, to := range state.Selection {
			if from, to := fmt.Sprint(from[0]), fmt.Sprint(to[0]); c.Allows(from, to) {
				all = append(all, from+">"+to)
			}
		}
	}
	return all
}

// orderText writes an order as the recording does; every order ends by the id.
func orderText(order []domain.OrderTerm) string {
	var terms []string
	byID := false
	for _, term := range order {
		direction := `"` + orderDirection(term) + `"`
		if term.Field == "id" && direction == `"ASC"` {
			direction = "null"
		}
		byID = byID || term.Field == "id"
		terms = append(terms, fmt.Sprintf(`["%s", %s]`, term.Field, direction))
	}
	if !byID {
		terms = append(terms, `["id", null]`)
	}
	return "[" + strings.Join(terms, ", ") + "]"
}

// TestFields holds the definitions of our fields against the peer's.
func TestFields(t *testing.T) {
	f := found{}
	b := newBench(t, "sqlite://", t.TempDir(), []string{roleRPC})
	theirs := map[string]map[string]map[string]string{}
	for _, row := range readTable(t, "fields-6.0.tsv") {
		if theirs[row["model"]] == nil {
			theirs[row["model"]] = map[string]map[string]string{}
		}
		theirs[row["model"]][row["field"]] = row
	}
	for name := range recordedClasses(t, b.db.Registry, found{}) {
		c := b.db.Registry.Class(name)
		ours := b.definitions(c)
		for field, row := range theirs[name] {
			if d, ok := ours[field].(map[string]any); ok {
				compareField(f, c, field, d, row)
			} else {
				f.note(name+"."+field, "", "is missing")
			}
		}
		for field := range ours {
			if theirs[name][field] == nil {
				f.note(name+"."+field, "", "is added")
			}
		}
	}
	f.judge(t, fieldExcuses, "")
}

// definitions is what fields_get tells the server itself, as JSON.
func (b *bench) definitions(c *models.Class) map[string]any {
	var text []byte
	b.do(func(tx *models.Tx) {
		definitions, err := c.FieldsGet(tx, nil)
		models.Must(err)
		text, err = value.Append(nil, definitions)
		models.Must(err)
	})
	return answer{body: text}.decoded().(map[string]any)
}

// compareField compares what a field's definition tells with what the peer's did.
func compareField(f found, c *models.Class, name string, d map[string]any, row map[string]string) {
	subject := c.Name + "." + name
	for _, attribute := range []string{"type", "relation", "relation_field", "loading"} {
		f.notEqual(subject, attribute, textOf(d[attribute]), row[attribute])
	}
	for _, attribute := range []string{"required", "readonly", "searchable", "sortable", "translate"} {
		truth, _ := d[attribute].(bool)
		f.notEqual(subject, attribute, flag(truth), row[attribute])
	}
	for _, attribute := range []string{"on_change", "on_change_with", "selection_change_with", "autocomplete", "depends"} {
		f.notEqual(subject, attribute, sortedWords(wordsOf(d[attribute])), sortedWords(strings.Fields(row[attribute])))
	}
	function := row["kind"] == "function" || row["kind"] == "multivalue"
	f.notEqual(subject, "kind", strconv.FormatBool(c.Field(name).Function), strconv.FormatBool(function))
	f.notEqual(subject, "digits", canonical(textOf(d["digits"])), canonical(row["digits"]))
	selection := canonical(selectionText(d["selection"]))
	if list, ok := d["selection"].([]any); ok && strings.HasPrefix(row["selection"], "…") { // of a long one the number was recorded
		selection = fmt.Sprintf("… %d values", len(list))
	}
	f.notEqual(subject, "selection", selection, canonical(row["selection"]))
}

// textOf is a text, "" for null.
func textOf(v any) string {
	text, _ := v.(string)
	return text
}

func wordsOf(v any) []string {
	list, _ := v.([]any)
	var words []string
	for _, v := range list {
		words = append(words, fmt.Sprint(v))
	}
	return words
}

// selectionText is the name of a method, or a list as JSON.
func selectionText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		text, _ := json.Marshal(v)
		return string(text)
	}
	return ""
}

// canonical writes a JSON text always in the same way; another text is left.
func canonical(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	same, _ := json.Marshal(v)
	return string(same)
}

// TestMethods holds the methods that clients may call against the peer's: which there are, which write nothing, which want
// a fresh session, and for how long clients keep their results.
func TestMethods(t *testing.T) {
	f := found{}
	r := builtRegistry(t)
	theirs := map[string]bool{}
	for _, row := range readTable(t, "rpc-6.0.tsv") {
		object, method := row["name"], row["method"]
		name := row["type"] + "." + object + "." + method
		theirs[name] = true
		if row["type"] == "model" && r.Class(object) == nil {
			continue // told by TestModels
		}
		m, err := r.Method(row["type"], object, method)
		if err != nil {
			f.note(name, "", "is missing")
			continue
		}
		f.notEqual(name, "readonly", strconv.FormatBool(m.ReadOnly), strconv.FormatBool(row["readonly"] == "yes"))
		f.notEqual(name, "fresh_session", flag(m.Fresh), row["fresh_session"])
		cache := ""
		if m.Cache > 0 {
			cache = fmt.Sprint(int(m.Cache.Seconds()))
		}
		f.notEqual(name, "cache_seconds", cache, row["cache_seconds"])
	}
	recorded := recordedClasses(t, r, found{})
	for _, name := range r.MethodNames() {
		if theirs[name] {
			continue
		}
		kind, rest, _ := strings.Cut(name, ".")
		if kind == "model" && recorded[rest[:strings.LastIndexByte(rest, '.')]] == nil {
			continue // of a model that we add
		}
		f.note(name, "", "is added")
	}
	f.judge(t, methodExcuses, "")
}

// TestSchema holds the tables of our PostgreSQL database against those that the peer made: columns, their types, what may
// be null, defaults, constraints and indexes. Only tables are compared that both have.
func TestSchema(t *testing.T) {
	columns, constraints := readTable(t, "schema-6.0.tsv"), readTable(t, "schema-6.0-constraints.tsv")
	b := newBench(t, sqltest.PostgresURI(t), "", []string{roleRPC})
	f := found{}
	ours := b.schema()
	compareSchema(f, "column", ours, b.knownColumns(t), columns, func(row map[string]string) (string, string) {
		return row["column"], strings.Join([]string{row["type"], row["nullable"], row["default"]}, ", ")
	})
	compareSchema(f, "constraint", ours, b.constraints(), constraints, func(row map[string]string) (string, string) {
		return row["name"], row["definition"]
	})
	f.judge(t, schemaExcuses, "")
}

// schema is which tables we have.
func (b *bench) schema() map[string]bool {
	tables := map[string]bool{}
	for _, row := range b.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) {
		tables[row[0]] = true
	}
	return tables
}

// knownColumns are the columns without those of fields that the peer does not have: TestFields tells of these.
func (b *bench) knownColumns(t *testing.T) map[string]string {
	peers, columns := peersOf(t), b.columns()
	for _, c := range b.db.Registry.Classes() {
		for _, name := range c.Fields() {
			if peers[c.Name] && !peers[c.Name+"."+name] {
				delete(columns, c.Table+"."+name)
				delete(columns, c.Table+"__history."+name)
			}
		}
	}
	return columns
}

func (b *bench) columns() map[string]string {
	all := map[string]string{}
	for _, row := range b.rows(`SELECT table_name, column_name, format_type(a.atttypid, a.atttypmod), is_nullable, coalesce(column_default, '')
		FROM information_schema.columns JOIN pg_attribute a ON a.attrelid = quote_ident(table_name)::regclass AND a.attname = column_name
		WHERE table_schema = 'public'`) {
		all[row[0]+"."+row[1]] = strings.Join(row[2:], ", ")
	}
	return all
}

func (b *bench) constraints() map[string]string {
	all := map[string]string{}
	for _, row := range b.rows(`SELECT relname, conname, pg_get_constraintdef(k.oid)
			FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
			WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x')
		UNION SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
			AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)`) {
		all[row[0]+"."+row[1]] = row[2]
	}
	return all
}
