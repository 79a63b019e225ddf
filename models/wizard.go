package models

import (
	"cmp"
	"fmt"
)

// Wizard is a dialog of several steps, with its answers kept between calls.
type Wizard struct {
	Name  string // "account.payment.process"
	Start string // name of the first state
	// States by name. "end" needs none.
	States map[string]State
	// End is what the client does when the wizard is done: "", "reload menu"
	// or "reload context".
	End string
}

// State is one step: a form (View with Buttons), a transition (Next), or an
// action (Action or Report).
type State struct {
	// View is the model of the form, ViewID the data record ("module.id") of its view.
	View    string
	ViewID  Ref
	Buttons []StateButton
	// Defaults gives the form's first values; the model's defaults come first.
	Defaults func(s *Session) (Values, error)

	// Next does the work of a transition and names the next state.
	Next func(s *Session) (string, error)

	// Action names the data record ("module.id") of the action that the client
	// opens; Prepare may change it and gives its data (nil for none).
	Action  Ref
	Prepare func(s *Session, action map[string]any) (map[string]any, error)
	// Then is the state after an action, by default "end".
	Then string
}

// StateButton is a button below a wizard's form.
type StateButton struct {
	State, String, Icon string
	Default             bool
	// NoValidate lets the button work on an invalid form; the button to "end" always does.
	NoValidate bool
	States     map[string]any
}

// button is what a button of a wizard's form says.
func (w *Wizard) button(state string, b StateButton) Term {
	return Term{"wizard_button", w.Name + "," + state + "," + b.State, b.String}
}

// Session is a running wizard: the records that it was started on and the
// answers given so far.
type Session struct {
	Tx     *Tx
	ID     int64
	forms  map[string]*Record
	wizard *Wizard
}

// Records are the records that the wizard was started on (active_ids).
func (s *Session) Records() []*Record {
	model, _ := s.Tx.Context("active_model").(string)
	c := s.Tx.Lookup(model)
	if c == nil {
		return nil
	}
	return c.Browse(s.Tx, s.Tx.activeIDs())
}

// activeIDs are the records of active_model that a client's call is about.
func (tx *Tx) activeIDs() []int64 {
	ids := tx.ContextIDs("active_ids")
	if id := tx.ContextID("active_id"); len(ids) == 0 && id > 0 {
		ids = []int64{id}
	}
	return ids
}

// Form is the form of a view state with the answers given so far.
func (s *Session) Form(state string) *Record {
	if s.forms[state] == nil {
		s.forms[state] = s.Tx.Class(s.wizard.States[state].View).New(s.Tx, nil)
	}
	return s.forms[state]
}

// Report is a printed document.
type Report struct {
	Name string
	// Texts are what the document says in words of its own, see [Report.Say].
	Texts []string
	// Execute makes the document of the records: file extension without dot,
	// content ([]byte or string), and file name without extension. A report
	// without it has texts only: clients cannot call it.
	Execute func(tx *Tx, records []*Record, data map[string]any) (extension string, content any, name string, err error)
}

// Say is one of the Texts with its arguments in the language of the context.
// Documents are for people outside, who may have a language that the database
// is not translated into: for those the modules' own files answer. A
// translation that does not take the same arguments is not used.
func (r *Report) Say(tx *Tx, source string, args ...any) string {
	term := Term{"report", r.Name, source}
	text := cmp.Or(tx.catalogue().words[term], tx.Registry().bundledWord(tx.languages(), term), source)
	if len(args) == 0 {
		return text
	}
	if !SameArguments(source, text) {
		text = source
	}
	return fmt.Sprintf(text, args...)
}

func (r *Report) method(name string) *Method {
	if name != "execute" || r.Execute == nil {
		return nil
	}
	return &Method{Name: name, ReadOnly: true, Help: reportHelp, Do: r.execute}
}

// maxPrinted bounds the records of one document: drawing their sheets takes milliseconds each.
const maxPrinted = 2000

// execute answers report.<name>.execute(ids, data).
func (r *Report) execute(tx *Tx, a *Args) (any, error) {
	ids, data := unique(a.IDs(0)), a.Map(1)
	model, _ := data["model"].(string)
	c := tx.Lookup(model)
	if a.Err() != nil || c == nil {
		return nil, BadRequest("the model and ids to print are missing")
	}
	if len(ids) > maxPrinted {
		return nil, BadRequest("Please print at most %d at a time.", maxPrinted)
	}
	if err := checkLaunch(tx, "report", r.Name, Read); err != nil {
		return nil, err
	}
	if err := c.checkModel(tx, Read); err != nil {
		return nil, err
	}
	if err := c.checkRule(tx, ids, Read); err != nil {
		return nil, err
	}
	extension, content, name, err := r.Execute(tx.Unchecked(), c.Browse(tx, ids), data)
	if err != nil {
		return nil, err
	}
	direct, _ := tx.Context("direct_print").(bool)
	return []any{extension, content, direct, name}, nil
}
