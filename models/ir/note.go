package ir

import (
	"strings"
	"unicode/utf8"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
)

type note struct {
	models.Model
	CopyToResources        models.MultiSelection
	CopyToResourcesVisible models.Boolean
	LastModification       models.DateTime
	LastUser               models.Char
	Message                models.Text
	MessageWrapped         models.Text
	Resource               models.Reference
	Unread                 models.Boolean
}

// Notes is ir.note.
var Notes = models.Define(&note{
	Model: models.Model{Name: "ir.note", String: "Note", Order: []domain.OrderTerm{{Field: "last_modification", Desc: true}}},
	CopyToResources: models.NewMultiSelection(models.Field{
		String: "Copy to Resources", SelectionMethod: "get_copy_to_resources",
		SelectionChangeWith: []string{"resource"},
		States:              map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("copy_to_resources_visible", "")))},
		Depends:             []string{"copy_to_resources_visible"},
	}),
	CopyToResourcesVisible: models.NewBoolean(models.Field{String: "Copy to Resources Visible", Readonly: true, Function: true}),
	LastModification: models.NewDateTime(models.Field{
		String: "Last Modification", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_modification", "")))},
	}),
	LastUser: models.NewChar(models.Field{
		String: "Last User", Readonly: true, Function: true,
		States: map[string]any{"invisible": pyson.Not(pyson.Bool(pyson.Eval("last_user", "")))},
	}),
	Message:        models.NewText(models.Field{String: "Message", States: map[string]any{"readonly": pyson.Greater(pyson.Eval("id", 0), 0)}}),
	MessageWrapped: models.NewText(models.Field{String: "Message", Readonly: true, Function: true}),
	Resource:       models.NewReference(models.Field{String: "Resource", Required: true, Index: true, SelectionMethod: "get_models"}),
	Unread:         models.NewBoolean(models.Field{String: "Unread", Function: true}),
})

type noteRead struct {
	models.Model
	Note models.Many2One
	User models.Many2One
}

// noteReads is ir.note.read.
var noteReads = models.Define(&noteRead{
	Model: models.Model{Name: "ir.note.read", String: "Note Read", Internal: true},
	Note:  models.NewMany2One(models.Field{String: "Note", Required: true, Relation: "ir.note", OnDelete: "CASCADE"}),
	User:  models.NewMany2One(models.Field{String: "User", Required: true, Relation: "res.user", OnDelete: "CASCADE"}),
})

// Setup binds which notes the user has read.
func (n *note) Setup(c *models.Class) {
	resource{n.Resource, n.CopyToResourcesVisible, n.LastModification, n.LastUser}.bind(c)
	c.DefaultValue(n.Unread, false)
	c.OnChangeWith(n.MessageWrapped, func(r *models.Record) any { return wrap(n.Message.Of(r), 79) }, n.Message)
	c.Getter(n.Unread, n.unread)
	c.Setter(n.Unread, n.setUnread)
	c.Searcher(n.Unread, func(tx *models.Tx, clause *domain.Clause) (domain.Node, error) {
		read := []any{}
		for _, r := range noteReads.Search(tx, noteReads.User.Eq(tx.User())) {
			read = append(read, noteReads.Note.ID(r))
		}
		wanted, ok := clause.Value.(bool)
		if !ok || clause.Op != domain.Equal && clause.Op != domain.NotEqual {
			return nil, models.BadRequest("unread is searched by = or != and true or false")
		}
		if wanted == (clause.Op == domain.Equal) {
			return domain.C("id", domain.NotIn, read), nil
		}
		return domain.C("id", domain.In, read), nil
	})
	c.Wrap("write", n.readOnly)
}

func (n *note) unread(tx *models.Tx, records []*models.Record) map[int64]any {
	values := map[int64]any{}
	for _, r := range records {
		values[r.ID()] = true
	}
	for _, r := range noteReads.Search(tx, domain.AllOf(noteReads.User.Eq(tx.User()), noteReads.Note.In(anys(models.IDsOf(records))...))) {
		values[noteReads.Note.ID(r)] = false
	}
	return values
}

func (n *note) setUnread(tx *models.Tx, records []*models.Record, v any) error {
	marks := noteReads.Search(tx, domain.AllOf(noteReads.User.Eq(tx.User()), noteReads.Note.In(anys(models.IDsOf(records))...)))
	if v == true {
		return noteReads.Delete(tx, marks)
	}
	marked := map[int64]bool{}
	for _, m := range marks {
		marked[noteReads.Note.ID(m)] = true
	}
	for _, r := range records {
		if marked[r.ID()] {
			continue
		}
		if _, err := noteReads.Create(tx, noteReads.Note.To(r.ID()), noteReads.User.To(tx.User())); err != nil {
			return err
		}
	}
	return nil
}

// readOnly marks notes as read or unread without a change of the notes
// themselves, whose last user stays the one who wrote.
func (n *note) readOnly(super do) do {
	return func(tx *models.Tx, a *models.Args) (any, error) {
		values := a.Map(1)
		unread, only := values["unread"]
		if a.Len() != 2 || len(values) != 1 || !only {
			return super(tx, a)
		}
		records := a.Records(tx, n.In(tx), 0)
		if a.Err() != nil {
			return nil, a.Err()
		}
		if _, err := n.In(tx).Lookup("read").Do(tx, models.NewArgs(models.IDsOf(records), []string{"id"})); err != nil {
			return nil, err
		}
		return nil, n.setUnread(tx.Unchecked(), records, unread)
	}
}

// wrap breaks the lines of a text between words so that they have no more
// than width letters where words allow it.
func wrap(text string, width int) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		length := 0
		for _, word := range strings.Fields(line) {
			n := utf8.RuneCountInString(word)
			switch {
			case length == 0:
			case length+1+n > width:
				b.WriteByte('\n')
				length = 0
			default:
				b.WriteByte(' ')
				length++
			}
			b.WriteString(word)
			length += n
		}
	}
	return b.String()
}
