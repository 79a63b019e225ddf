package models

import (
	"math"
	"strconv"
	"strings"
	"time"

	"paytond/models/domain"
	"paytond/models/value"
)

// value makes a value of a cell: names of records for relations, keys or labels
// of selections, ISO dates and times, hours:minutes:seconds. What a client sends
// typed stays as it is.
func (im *importer) value(b *bound, cell any) (any, error) {
	word, isText := cell.(string)
	_, isBoolean := b.kind.(booleanKind)
	switch {
	case !isText:
		return cell, nil
	case word == "" && isBoolean:
		return false, nil
	case word == "":
		return nil, nil
	}
	switch k := b.kind.(type) {
	case many2OneKind:
		return im.named(im.tx.Class(b.Relation), word)
	case x2ManyKind:
		if !k.many {
			return nil, notImported(b.name)
		}
		return im.several(word, func(name string) (int64, error) { return im.named(im.tx.Class(b.Relation), name) })
	case referenceKind:
		model, name, ok := strings.Cut(word, ",")
		if !ok {
			return nil, UserError("\"%s\" must be a model and a name, with a comma between them, for \"%s\".", word, b.label())
		}
		return im.reference(b, model, func(c *Class) (int64, error) { return im.named(c, name) })
	case booleanKind:
		return importedBoolean(b, word)
	case selectionKind:
		return importedChoice(im.tx, b, word)
	case multiSelectionKind:
		return importedChoices(im.tx, b, word)
	case floatKind:
		n, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, UserError("\"%s\" is no number for \"%s\".", word, b.label())
		}
		return n, nil
	case timeDeltaKind:
		return importedDuration(b, word)
	}
	if _, err := b.kind.parse(word); err != nil {
		return nil, b.mistyped(err)
	}
	return word, nil
}

func importedBoolean(b *bound, word string) (any, error) {
	switch strings.ToLower(word) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return nil, UserError("\"%s\" is neither true nor false for \"%s\".", word, b.label())
}

// importedChoices are the keys of a list of words, see importedChoice; a comma in a word has a backslash before it.
func importedChoices(tx *Tx, b *bound, words string) (any, error) {
	keys := []any{}
	for _, word := range listed(words) {
		key, err := importedChoice(tx, b, strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// importedChoice is the key of a selection that a word names itself or by its label, in English or in the user's language.
func importedChoice(tx *Tx, b *bound, word string) (any, error) {
	list := b.Selection
	if b.SelectionMethod != "" && len(b.SelectionChangeWith) == 0 {
		var err error
		if list, err = b.selectionOf(tx); err != nil {
			return nil, err
		}
	}
	for _, item := range list {
		if item[0] == word || item[1] == word || b.option(tx, item[1]) == word {
			return item[0], nil
		}
	}
	return word, nil
}

// importedDuration takes hours:minutes:seconds, the last two of which may be left out.
func importedDuration(b *bound, word string) (any, error) {
	var total time.Duration
	unit := time.Hour
	for i, part := range strings.Split(word, ":") {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || i > 2 || !(math.Abs(n*float64(unit)) < math.MaxInt64) { // nor is NaN one
			return nil, UserError("\"%s\" is no duration in hours:minutes:seconds for \"%s\".", word, b.label())
		}
		total += time.Duration(n * float64(unit))
		unit /= 60
	}
	return total, nil
}

// named is the id of the one record that is called so.
func (im *importer) named(c *Class, name string) (int64, error) {
	key := c.Name + "\x00" + name
	if id, known := im.links[key]; known {
		return id, nil
	}
	ids, err := c.Search(im.tx, domain.C("rec_name", "=", name), Search{Limit: 2})
	switch {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, UserError("There is no \"%s\" called \"%s\".", c.label(), name)
	case len(ids) > 1:
		return 0, UserError("There are several of \"%s\" called \"%s\".", c.label(), name)
	}
	im.links[key] = ids[0]
	return ids[0], nil
}

// several adds the records of a list of names with commas between them; a comma in a name has a backslash before it.
func (im *importer) several(word string, find func(name string) (int64, error)) (any, error) {
	ids := []any{}
	for _, name := range listed(word) {
		id, err := find(name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return []any{[]any{"add", ids}}, nil
}

func listed(word string) []string {
	var names []string
	var name strings.Builder
	escaped := false
	for _, r := range word {
		switch {
		case escaped:
			name.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == ',':
			names = append(names, name.String())
			name.Reset()
		default:
			name.WriteRune(r)
		}
	}
	return append(names, name.String())
}

func (im *importer) reference(b *bound, model string, find func(*Class) (int64, error)) (any, error) {
	c := im.tx.Lookup(model)
	if c == nil {
		return nil, UserError("\"%s\" is no model for \"%s\".", model, b.label())
	}
	id, err := find(c)
	if err != nil {
		return nil, err
	}
	return value.Reference{Model: model, ID: id}, nil
}

// byDataID makes a value of the names of data records, such as "currency.eur".
func (im *importer) byDataID(b *bound, cell any) (any, error) {
	word, _ := cell.(string)
	if word == "" {
		return nil, nil
	}
	switch k := b.kind.(type) {
	case many2OneKind:
		return im.dataID(b, word)
	case x2ManyKind:
		if k.many {
			return im.several(word, func(name string) (int64, error) { return im.dataID(b, name) })
		}
	case referenceKind:
		if model, name, ok := strings.Cut(word, ","); ok {
			return im.reference(b, model, func(*Class) (int64, error) { return im.dataID(b, name) })
		}
	}
	return nil, UserError("\"%s\" cannot be set by the name of a data record.", b.label())
}

func (im *importer) dataID(b *bound, word string) (int64, error) {
	module, name, ok := Ref(word).cut()
	if !ok {
		return 0, UserError("\"%s\" must be a module and a name, with a dot between them, for \"%s\".", word, b.label())
	}
	free := im.tx.Unchecked()
	found := free.Class("ir.model.data").SearchRecords(free, domain.AllOf(domain.C("module", "=", module), domain.C("fs_id", "=", name)), Limit(1))
	if len(found) == 0 {
		return 0, UserError("There is no data record \"%s\" for \"%s\".", word, b.label())
	}
	id, _ := found[0].Get("db_id").(int64)
	return id, nil
}
