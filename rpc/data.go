package rpc

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/res"
	"paytond/models/value"
)

// serveData answers GET /<database>/data/<model>: records as a table of CSV,
// behind the "URL export" of the clients' export window, for spreadsheets. Who
// asks shows a session, a login and password, or a key of the application
// "data".
func (s *Server) serveData(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, page{name: "data", within: s.config.Timeout, enter: s.enter, answer: func(_ http.ResponseWriter, r *http.Request, x *exchange) (*reply, error) {
		t, err := s.data(r, x)
		if err != nil {
			return nil, err
		}
		return &reply{kind: "text/csv; charset=" + t.encoding, file: t.name + ".csv", body: t.text}, nil
	}})
}

// table is a file of CSV.
type table struct {
	name, encoding string
	text           []byte
}

// servePage serves what is below a database, else a file of the web client.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("page") == "data" {
		s.serveData(w, r)
		return
	}
	s.serveFile(w, r)
}

func (s *Server) data(r *http.Request, x *exchange) (*table, error) {
	if err := x.byKey(r, res.DataApplication); err != nil {
		return nil, err
	}
	if err := x.require(r); err != nil {
		return nil, err
	}
	// A semicolon is a delimiter that somebody wants, and parts nothing.
	values, err := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	if err != nil {
		return nil, models.BadRequest("The address cannot be read.")
	}
	q, err := readDataQuery(values)
	if err != nil {
		return nil, err
	}
	class := x.db.Registry.Class(r.PathValue("model"))
	if class == nil {
		return nil, &refusal{status: http.StatusNotFound}
	}
	method := "export_data_domain"
	if q.ids {
		method = "export_data"
	}
	m, err := x.db.Registry.Method("model", class.Name, method)
	if err != nil {
		return nil, err
	}
	var t *table
	err = x.db.Transact(r.Context(), models.Request{User: x.caller.user, ReadOnly: true, Check: true}, func(tx *models.Tx) error {
		tx = tx.With(q.contextOf(res.Preferences(tx, true)))
		rows, err := m.Do(tx, models.NewArgs(q.args()...))
		if err != nil {
			return err
		}
		t, err = q.write(tx, rows.([][]any))
		if err == nil {
			t.name = slug(class.String)
		}
		return err
	})
	if err == nil {
		x.renew(r)
	}
	return t, err
}

// byKey finds out who calls by the key that a program of his has, which begins
// with Bearer.
func (x *exchange) byKey(r *http.Request, application string) error {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || x.db == nil {
		return nil
	}
	err := x.db.Transact(r.Context(), models.Request{ReadOnly: true}, func(tx *models.Tx) error {
		x.caller.user = res.ApplicationUser(tx, strings.TrimSpace(key), application)
		return nil
	})
	if err == nil && !x.caller.known() {
		err = &refusal{status: http.StatusForbidden}
	}
	return err
}

// dataQuery is what an address asks for.
type dataQuery struct {
	what    []any // a domain, or ids
	ids     bool
	fields  []string
	context map[string]any
	size    any // int64, or nil for all
	offset  int64
	order   any
	dialect dialect
	header  bool
	local   bool
}

func readDataQuery(v url.Values) (q *dataQuery, err error) {
	q = &dataQuery{context: map[string]any{}, header: true, dialect: dialect{delimiter: ",", quote: `"`, encoding: "UTF-8"}}
	for _, p := range q.parameters() {
		if v.Has(p.name) {
			if err := p.read(v.Get(p.name)); err != nil {
				return nil, models.BadRequest("%s: %s", p.name, err)
			}
		}
	}
	if size, ok := q.size.(int64); ok && v.Has("p") {
		page, err := count(v.Get("p"))
		if q.offset = page * size; err != nil || page > 0 && q.offset/page != size {
			return nil, models.BadRequest("p: no number of a page")
		}
	}
	if v.Has("l") {
		q.context["language"] = v.Get("l")
	}
	q.fields = v["f"]
	q.readOrder(v["o"])
	return q, nil
}

// parameter is a part of an address and what reads it.
type parameter struct {
	name string
	read func(text string) error
}

// parameters are those of the query that have one value. Of several wrong ones the first here is told.
func (q *dataQuery) parameters() []parameter {
	return []parameter{
		{"d", q.readDomain},
		{"c", q.readContext},
		{"s", func(text string) (err error) { n, err := count(text); q.size = n; return err }},
		{"h", func(text string) (err error) { q.header, err = truth(text); return err }},
		{"loc", func(text string) (err error) { q.local, err = truth(text); return err }},
		{"dl", func(text string) error { return oneCharacter(text, &q.dialect.delimiter) }},
		{"qc", func(text string) error { return oneCharacter(text, &q.dialect.quote) }},
		{"enc", func(text string) error { q.dialect.encoding = text; return q.dialect.check() }},
	}
}

func (q *dataQuery) readDomain(text string) error {
	v, err := value.Decode([]byte(text))
	list, ok := v.([]any)
	if err != nil || !ok {
		return errors.New("no list in JSON")
	}
	q.what = list
	if len(list) > 0 {
		switch list[0].(type) {
		case int64, float64:
			q.ids = true
		}
	}
	return nil
}

func (q *dataQuery) readContext(text string) error {
	v, err := value.Decode([]byte(text))
	context, ok := v.(map[string]any)
	if err != nil || !ok {
		return errors.New("no object in JSON")
	}
	for name, v := range clientContext(context) {
		if name != "_timestamp" {
			q.context[name] = v
		}
	}
	return nil
}

func (q *dataQuery) readOrder(terms []string) {
	if len(terms) == 0 {
		return
	}
	order := []any{}
	for _, term := range terms {
		field, direction, _ := strings.Cut(term, ",")
		if direction == "" {
			direction = "ASC"
		}
		order = append(order, []any{field, direction})
	}
	q.order = order
}

// args are those of export_data or export_data_domain.
func (q *dataQuery) args() []any {
	fields := make([]any, len(q.fields))
	for i, f := range q.fields {
		fields[i] = f
	}
	if q.ids {
		return []any{q.what, fields}
	}
	what := q.what
	if what == nil {
		what = []any{}
	}
	return []any{what, fields, q.offset, q.size, q.order}
}

// contextOf is the user's own context with what the address says.
func (q *dataQuery) contextOf(own map[string]any) map[string]any {
	for name, v := range q.context {
		own[name] = v
	}
	return own
}

// write makes the file of the rows.
func (q *dataQuery) write(tx *models.Tx, rows [][]any) (*table, error) {
	format := plainCell
	if q.local {
		format = localCell(res.LocaleOf(tx, asText(tx.Contexts()["language"])))
	}
	var text strings.Builder
	if q.header {
		q.dialect.row(&text, q.fields)
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			var err error
			if cells[i], err = format(v); err != nil {
				return nil, err
			}
		}
		q.dialect.row(&text, cells)
		if text.Len() > maxReply {
			return nil, models.BadRequest("The answer is too large: ask for less at a time.")
		}
	}
	encoded, err := q.dialect.encode(text.String())
	return &table{encoding: q.dialect.encoding, text: encoded}, err
}

// asText is a value that is to be a text, "" for any other.
func asText(v any) string {
	s, _ := v.(string)
	return s
}

func count(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n < 0 {
		err = errors.New("it is below 0")
	}
	return n, err
}

func truth(text string) (bool, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n != 0, err
}

func oneCharacter(text string, place *string) error {
	if len([]rune(text)) != 1 || text == "\r" || text == "\n" {
		return errors.New("it is not one character")
	}
	*place = text
	return nil
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_ -]+`)

// slug is a label as the name of a file.
func slug(label string) string {
	return strings.Join(strings.FieldsFunc(notInNames.ReplaceAllString(label, ""), func(r rune) bool { return r == ' ' || r == '-' }), "-")
}
