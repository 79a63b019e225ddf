package models

import (
	"slices"
	"strconv"
	"strings"
)

// callImport answers import_data(paths, rows of texts): the number of records
// created or, where a column "id" names one, changed. A path "lines/amount" goes
// into a One2Many: rows whose cells of the record itself are all empty are
// further lines of the record above. "party:id" takes data records by their
// names in a module, "name:lang=fr" a translation. An error names its row, and
// nothing is imported.
func (c *Class) callImport(tx *Tx, a *Args) (any, error) {
	im := importer{tx: tx, links: map[string]int64{}}
	for _, path := range a.Texts(0) {
		im.paths = append(im.paths, strings.Split(path, "/"))
	}
	for i, item := range a.List(1) {
		cells, ok := item.([]any)
		if !ok || len(cells) > len(im.paths) {
			return nil, BadRequest("row %d must be a list of %d texts", i+1, len(im.paths))
		}
		im.rows = append(im.rows, cells)
	}
	if a.Err() != nil {
		return nil, a.Err()
	}
	count := int64(0)
	for from := 0; from < len(im.rows); count++ {
		to := im.end(from, len(im.rows), 1)
		if err := im.store(c, from, to); err != nil {
			return nil, err
		}
		from = to
	}
	return count, nil
}

// importer reads rows of cells as records.
type importer struct {
	tx    *Tx
	paths [][]string
	rows  [][]any
	links map[string]int64 // ids by model and name, of what was looked up
}

// entry is what rows say of one record: its values, its id if it is there
// already, and by language its translated texts.
type entry struct {
	values Values
	id     int64
	words  map[string]Values
}

func (im *importer) cell(row, column int) any {
	if column >= len(im.rows[row]) {
		return ""
	}
	if text, ok := im.rows[row][column].(string); ok {
		return strings.TrimSpace(text)
	}
	return im.rows[row][column]
}

// end is the row after those that belong with row from: these have no cell in a
// column whose path has depth names or fewer. None do if all paths are so short.
func (im *importer) end(from, limit, depth int) int {
	if !slices.ContainsFunc(im.paths, func(path []string) bool { return len(path) > depth }) {
		return from + 1
	}
	for row := from + 1; row < limit; row++ {
		for i, path := range im.paths {
			if len(path) <= depth && im.cell(row, i) != "" {
				return row
			}
		}
	}
	return limit
}

// empty tells whether rows have no cell below a path.
func (im *importer) empty(prefix []string, from, to int) bool {
	for row := from; row < to; row++ {
		for i, path := range im.paths {
			if below(path, prefix) && im.cell(row, i) != "" {
				return false
			}
		}
	}
	return true
}

func below(path, prefix []string) bool {
	return len(path) > len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// store creates or changes the record that rows tell of.
func (im *importer) store(c *Class, from, to int) error {
	e, err := im.entry(c, nil, from, to)
	if err != nil {
		return err
	}
	var records []*Record
	if e.id > 0 {
		records = c.Browse(im.tx, []int64{e.id})
		err = c.Write(im.tx, records, e.values)
	} else {
		records, err = c.Create(im.tx, []Values{e.values})
	}
	for language, words := range e.words {
		if err == nil {
			tx := im.tx.With(map[string]any{"language": language})
			err = c.Write(tx, c.Browse(tx, IDsOf(records)), words)
		}
	}
	return atRow(from, err)
}

// entry reads one record of rows, the columns of which begin with prefix.
func (im *importer) entry(c *Class, prefix []string, from, to int) (entry, error) {
	e := entry{values: Values{}, words: map[string]Values{}}
	depth := len(prefix)
	for i, path := range im.paths {
		if !below(path, prefix) {
			continue
		}
		var err error
		name := path[depth]
		if len(path) == depth+1 {
			err = atRow(from, im.take(&e, c, name, im.cell(from, i)))
		} else if _, done := e.values[name]; !done {
			e.values[name], err = im.lines(c, path[:depth+1], from, to)
		}
		if err != nil {
			return e, err
		}
	}
	if depth > 0 && len(e.words) > 0 {
		return e, UserError("Row %d: %s", from+1, im.tx.Say("Only the record itself can have translations, not its lines."))
	}
	return e, nil
}

// lines reads the records of a One2Many as commands that write them.
func (im *importer) lines(c *Class, prefix []string, from, to int) (any, error) {
	b := c.fields[prefix[len(prefix)-1]]
	if b == nil || b.kind != (x2ManyKind{}) {
		return nil, atRow(from, notImported(strings.Join(prefix, "/")))
	}
	commands := []any{}
	for next := from; from < to; from = next {
		next = im.end(from, to, len(prefix)+1)
		if im.empty(prefix, from, next) {
			continue
		}
		e, err := im.entry(im.tx.Class(b.Relation), prefix, from, next)
		if err != nil {
			return nil, err
		}
		values := map[string]any(e.values)
		if e.id > 0 {
			commands = append(commands, []any{"write", []any{e.id}, values})
		} else {
			commands = append(commands, []any{"create", []any{values}})
		}
	}
	return commands, nil
}

// take puts the cell of a column of the record itself into an entry.
func (im *importer) take(e *entry, c *Class, column string, cell any) (err error) {
	if column == "id" {
		e.id, err = im.identity(c, cell)
		return err
	}
	name, byID := strings.CutSuffix(column, ":id")
	name, language, translated := strings.Cut(name, ":lang=")
	b := c.fields[name]
	if b == nil {
		return notImported(column)
	}
	var v any
	if byID {
		v, err = im.byDataID(b, cell)
	} else {
		v, err = im.value(b, cell)
	}
	if !translated {
		e.values[name] = v
		return err
	}
	if e.words[language] == nil {
		e.words[language] = Values{}
	}
	e.words[language][name] = v
	return err
}

func notImported(column string) error {
	return UserError("\"%s\" is not a field that can be imported.", column)
}

// identity is the id that a cell gives, as a number or by the record's name.
func (im *importer) identity(c *Class, cell any) (int64, error) {
	word, isText := cell.(string)
	if !isText {
		return toInt(cell)
	}
	if word == "" {
		return 0, nil
	}
	if id, err := strconv.ParseInt(word, 10, 64); err == nil {
		return id, nil
	}
	return im.named(c, word)
}

// atRow says in which row something that the user can mend is wrong.
func atRow(row int, err error) error {
	if IsKind(err, KindUser) || IsKind(err, KindBadRequest) {
		return UserError("Row %d: %s", row+1, err)
	}
	return err
}
