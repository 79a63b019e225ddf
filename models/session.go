package models

import (
	"fmt"
	"maps"

	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
)

// method is what clients may call on the wizard: create, execute, delete.
func (w *Wizard) method(name string) *Method {
	switch name {
	case "create":
		return &Method{Name: name, Help: wizardHelp[name], Do: w.create}
	case "execute":
		return &Method{Name: name, Help: wizardHelp[name], Do: w.execute}
	case "delete":
		return &Method{Name: name, Help: wizardHelp[name], Do: w.remove}
	}
	return nil
}

// create begins a session: [session id, start state, end state].
func (w *Wizard) create(tx *Tx, _ *Args) (any, error) {
	if err := checkLaunch(tx, "wizard", w.Name, Write); err != nil {
		return nil, err
	}
	sessions := tx.Class("ir.session.wizard")
	created, err := sessions.Create(tx.Unchecked(), []Values{{"data": "{}"}})
	if err != nil {
		return nil, err
	}
	return []any{created[0].id, w.Start, "end"}, nil
}

// session finds a running session of the user's.
func (w *Wizard) session(tx *Tx, id int64) (*Record, *Session, error) {
	free := tx.Unchecked()
	sessions := free.Class("ir.session.wizard")
	found := sessions.SearchRecords(free, domain.AllOf(domain.C("id", "=", id), domain.C("create_uid", "=", tx.user)))
	if len(found) == 0 {
		return nil, nil, UserError("You are trying to read records \"%d\" of \"%s\" that don't exist anymore.", id, sessions.label())
	}
	s := &Session{Tx: free, ID: id, wizard: w, forms: map[string]*Record{}}
	decoded, err := value.Decode([]byte(text(found[0].Get("data"))))
	if err != nil {
		return nil, nil, op(err, "wizard session %d", id)
	}
	states, _ := decoded.(map[string]any)
	s.answer(states)
	return found[0], s, nil
}

// checkAnswers refuses forms that name records which the user may not read: the wizard's next form would tell their names.
func (w *Wizard) checkAnswers(tx *Tx, states map[string]any) error {
	for name, v := range states {
		values, ok := v.(map[string]any)
		if state, known := w.States[name]; ok && known && state.View != "" {
			if err := tx.Class(state.View).checkForm(tx, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// answer takes the values of forms by state.
func (s *Session) answer(states map[string]any) {
	for name, v := range states {
		values, ok := v.(map[string]any)
		state, known := s.wizard.States[name]
		if !ok || !known || state.View == "" {
			continue
		}
		form := s.Form(name)
		for field, v := range values {
			if field != "id" {
				form.setForm(field, v)
			}
		}
	}
}

// keep stores the answers given so far.
func (s *Session) keep(row *Record) error {
	states := map[string]any{}
	for name, form := range s.forms {
		values := map[string]any{}
		for field, v := range form.own {
			if form.class.fields[field] != nil { // not the parents of records in memory
				values[field] = normal(v)
			}
		}
		states[name] = values
	}
	encoded, err := value.Append(nil, states)
	if err != nil {
		return err
	}
	return row.class.Write(s.Tx, []*Record{row}, Values{"data": string(encoded)})
}

// execute goes on from a state with the answers of the client's form, through
// transitions and actions, to the next form or the end.
func (w *Wizard) execute(tx *Tx, a *Args) (any, error) {
	id, data, state := a.Int(0), a.Map(1), a.Text(2)
	if a.Err() != nil {
		return nil, a.Err()
	}
	if err := w.allowed(tx); err != nil {
		return nil, err
	}
	row, s, err := w.session(tx, id)
	if err != nil {
		return nil, err
	}
	if err := w.checkAnswers(tx, data); err != nil {
		return nil, err
	}
	s.answer(data)
	result := map[string]any{}
	if err := w.run(tx, s, state, result); err != nil {
		return nil, err
	}
	return result, s.keep(row)
}

// Launches is the part of an [Access] that says who may start wizards and
// print reports; kind is "wizard" or "report". models are those that the
// actions are for: without groups, it takes the right to write (a wizard) or
// to read (a report) them.
type Launches interface {
	Launch(tx *Tx, kind, name string) (allowed bool, models []string)
}

// checkLaunch refuses a wizard or report that the user may not start.
func checkLaunch(tx *Tx, kind, name string, mode Mode) error {
	access, ok := tx.Registry().access.(Launches)
	if !ok || !tx.check || tx.user == 0 {
		return nil
	}
	allowed, names := access.Launch(tx.Unchecked(), kind, name)
	for _, model := range names {
		if c := tx.Lookup(model); c != nil && !c.modelRights(tx).Can(mode) {
			allowed = false
		}
	}
	switch {
	case allowed:
		return nil
	case kind == "wizard":
		return UserError("You are not allowed to execute the wizard \"%s\".", name)
	}
	return UserError("You are not allowed to execute the report \"%s\".", name)
}

// allowed refuses a wizard that the user may not start, or not on this model.
func (w *Wizard) allowed(tx *Tx) error {
	if err := checkLaunch(tx, "wizard", w.Name, Write); err != nil {
		return err
	}
	model, _ := tx.Context("active_model").(string)
	if c := tx.Lookup(model); c != nil {
		if err := c.checkModel(tx, Read); err != nil {
			return err
		}
		if ids := tx.activeIDs(); len(ids) > 0 && !c.ViewOnly {
			return c.checkRule(tx, unique(ids), Read)
		}
	}
	return nil
}

// most is how many states a wizard may pass in one call.
const most = 100

// run passes through states until a form or the end, and puts the form and the
// actions on the way into the result.
func (w *Wizard) run(tx *Tx, s *Session, name string, result map[string]any) error {
	var actions []any
	for passed := 0; name != "end"; passed++ {
		if passed == most {
			return fmt.Errorf("models: wizard %s does not come to an end", w.Name)
		}
		state, ok := w.States[name]
		if !ok {
			return NotFoundError("'%s'", name)
		}
		if state.Next != nil {
			next, err := state.Next(s)
			if err != nil {
				return err
			}
			name = next
			continue
		}
		if state.View != "" {
			shown, err := s.show(tx, name, state)
			if err != nil {
				return err
			}
			result["view"] = shown
			break
		}
		action, err := s.act(state)
		if err != nil {
			return err
		}
		actions = append(actions, action)
		if name = state.Then; name == "" {
			name = "end"
		}
	}
	if actions != nil {
		result["actions"] = actions
	}
	return nil
}

// show describes a form to the client.
func (s *Session) show(tx *Tx, name string, state State) (map[string]any, error) {
	c := tx.Class(state.View)
	var viewID int64
	if state.ViewID != "" {
		viewID = tx.Ref(state.ViewID)
	}
	fieldsView, err := c.FieldsViewGet(tx, viewID, "form", viewID)
	if err != nil {
		return nil, err
	}
	defaults, err := s.defaults(tx, c, name, state, fieldsView)
	if err != nil {
		return nil, err
	}
	buttons := make([]any, len(state.Buttons))
	for i, b := range state.Buttons {
		buttons[i] = map[string]any{"state": b.State, "string": tx.Term(s.wizard.button(name, b)), "icon": b.Icon, "default": b.Default,
			"validate": !b.NoValidate && b.State != "end", "states": encodePYSON(b.States)}
	}
	return map[string]any{"fields_view": fieldsView, "defaults": defaults, "buttons": buttons, "state": name}, nil
}

// defaults are the form's first values: the model's, then the wizard's, then
// what was answered before.
func (s *Session) defaults(tx *Tx, c *Class, name string, state State, fieldsView map[string]any) (map[string]any, error) {
	fields, _ := fieldsView["fields"].(map[string]any)
	defaults, err := c.defaults(tx.Unchecked(), sortedKeys(fields), true)
	if err != nil {
		return nil, err
	}
	more := Values{}
	if state.Defaults != nil {
		given, err := state.Defaults(s)
		if err != nil {
			return nil, err
		}
		maps.Copy(more, given)
	}
	form := s.forms[name]
	if form != nil {
		for field, v := range form.own {
			if c.fields[field] != nil {
				more[field] = v
			}
		}
	}
	for field, v := range more {
		v = normal(v)
		defaults[field] = v
		b := c.fields[field]
		if id, ok := v.(int64); ok && b != nil && b.Relation != "" {
			defaults[field+"."] = map[string]any{"rec_name": tx.Class(b.Relation).Browse(tx, []int64{id})[0].Name()}
		}
	}
	for field, v := range defaults { // remember what the form shows
		if c.fields[field] != nil {
			s.Form(name).own[field] = v
		}
	}
	return defaults, nil
}

// act describes an action with its data to the client.
func (s *Session) act(state State) (any, error) {
	value, err := s.Tx.Class("ir.action").Lookup("get_action_value").Do(s.Tx, NewArgs(s.Tx.actionID(state.Action)))
	if err != nil {
		return nil, err
	}
	action, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("models: action %s has no value", state.Action)
	}
	data := map[string]any{}
	if state.Prepare != nil {
		more, err := state.Prepare(s, action)
		if err != nil {
			return nil, err
		}
		if more != nil {
			data = more
		}
	}
	return []any{action, data}, nil
}

// remove ends a session.
func (w *Wizard) remove(tx *Tx, a *Args) (any, error) {
	id := a.Int(0)
	if a.Err() != nil {
		return nil, a.Err()
	}
	free := tx.Unchecked()
	sessions := free.Class("ir.session.wizard")
	found := sessions.SearchRecords(free, domain.AllOf(domain.C("id", "=", id), domain.C("create_uid", "=", tx.user)))
	if err := sessions.Delete(free, found); err != nil {
		return nil, err
	}
	if w.End != "" {
		return w.End, nil
	}
	return nil, nil
}

// PYSON gives the text of an expression for an action's pyson_domain and the like.
func PYSON(v any) string { return pyson.Encode(v) }
