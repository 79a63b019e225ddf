package ir

import (
	"slices"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

// SyncModels brings the rows of ir.model and ir.model.field to what the
// registry declares, with their names in ir.model.data (see [ModelRef] and
// [FieldRef]), and gives every button that no module declares a row of its
// own, so that administrators find it. Rows that it wrote for models and fields
// that are no more are deleted, and with them the rights on them.
func SyncModels(tx *models.Tx) error {
	s := &syncing{tx: tx.As(0).With(map[string]any{"active_test": false})}
	s.read()
	for _, c := range tx.Registry().Classes() {
		if err := s.model(c); err != nil {
			return err
		}
	}
	if err := s.removeOld(); err != nil {
		return err
	}
	if err := s.name(); err != nil {
		return err
	}
	return s.buttons()
}

type fieldKey struct {
	model int64
	name  string
}

// syncing holds the rows as they are and what is found to be named.
type syncing struct {
	tx     *models.Tx
	models map[string]*models.Record
	fields map[fieldKey]*models.Record
	named  map[string]bool // in ir.model.data
	ours   map[value.Reference]bool
	names  []models.Values // to be added to ir.model.data
}

func (s *syncing) read() {
	s.models, s.fields = map[string]*models.Record{}, map[fieldKey]*models.Record{}
	s.named, s.ours = map[string]bool{}, map[value.Reference]bool{}
	for _, r := range Models.Search(s.tx, nil) {
		s.models[Models.Model.Of(r)] = r
	}
	for _, r := range modelFields.Search(s.tx, nil) {
		s.fields[fieldKey{modelFields.Model.ID(r), modelFields.Name.Of(r)}] = r
	}
	for _, r := range modelDatas.Search(s.tx, domain.AllOf(modelDatas.Module.Eq("ir"), modelDatas.Model.In("ir.model", "ir.model.field"))) {
		s.named[modelDatas.FsID.Of(r)] = true
		s.ours[value.Reference{Model: modelDatas.Model.Of(r), ID: modelDatas.DbID.Of(r)}] = true
	}
}

// model brings one model and its fields up to date, and takes them from what
// is left to delete.
func (s *syncing) model(c *models.Class) error {
	values := models.Values{"name": label(c), "module": c.Module(), "info": nil}
	if c.Help != "" {
		values["info"] = c.Help
	}
	r, err := s.row(Models.In(s.tx), s.models[c.Name], values, models.Values{"model": c.Name, "global_search_p": false})
	if err != nil {
		return err
	}
	delete(s.models, c.Name)
	s.note("model/"+c.Name, r)
	return s.modelFields(c, r.ID())
}

func (s *syncing) modelFields(c *models.Class, model int64) error {
	fields := modelFields.In(s.tx)
	var fresh []models.Values
	for _, name := range c.Fields() {
		f := c.Field(name)
		values := models.Values{"field_description": f.String, "ttype": f.Kind(), "module": c.Module(), "relation": nil, "help": nil}
		if f.Relation != "" {
			values["relation"] = f.Relation
		}
		if f.Help != "" {
			values["help"] = f.Help
		}
		key := fieldKey{model, name}
		r := s.fields[key]
		if r == nil {
			values["model"], values["name"] = model, name
			fresh = append(fresh, values)
			continue
		}
		if _, err := s.row(fields, r, values, nil); err != nil {
			return err
		}
		delete(s.fields, key)
		s.note("field/"+c.Name+"/"+name, r)
	}
	created, err := fields.Create(s.tx, fresh)
	for i, r := range created {
		s.note("field/"+c.Name+"/"+fresh[i]["name"].(string), r)
	}
	return err
}

// row writes what differs in a record, or creates it with more values.
func (s *syncing) row(c *models.Class, r *models.Record, values, more models.Values) (*models.Record, error) {
	if r == nil {
		for name, v := range more {
			values[name] = v
		}
		created, err := c.Create(s.tx, []models.Values{values})
		if err != nil {
			return nil, err
		}
		return created[0], nil
	}
	changed := models.Values{}
	for name, v := range values {
		if r.Get(name) != v {
			changed[name] = v
		}
	}
	if len(changed) == 0 {
		return r, nil
	}
	return r, c.Write(s.tx, []*models.Record{r}, changed)
}

// note has a record named in ir.model.data.
func (s *syncing) note(name string, r *models.Record) {
	if !s.named[name] {
		s.names = append(s.names, models.Values{"module": "ir", "fs_id": name, "model": r.Model(), "db_id": r.ID(), "noupdate": false})
	}
}

func (s *syncing) name() error {
	if len(s.names) == 0 {
		return nil
	}
	_, err := modelDatas.In(s.tx).Create(s.tx, s.names)
	return err
}

// removeOld deletes the rows of models and fields that are declared no more.
func (s *syncing) removeOld() error {
	var oldFields, oldModels []*models.Record
	for _, r := range s.fields {
		if s.ours[r.Ref()] {
			oldFields = append(oldFields, r)
		}
	}
	for _, r := range s.models {
		if s.ours[r.Ref()] {
			oldModels = append(oldModels, r)
		}
	}
	if err := s.remove(modelFields.In(s.tx), oldFields); err != nil {
		return err
	}
	return s.remove(Models.In(s.tx), oldModels)
}

func (s *syncing) remove(c *models.Class, old []*models.Record) error {
	if len(old) == 0 {
		return nil
	}
	ids := make([]any, len(old))
	for i, r := range old {
		ids[i] = r.ID()
	}
	names := modelDatas.Search(s.tx, domain.AllOf(modelDatas.Module.Eq("ir"), modelDatas.Model.Eq(c.Name), modelDatas.DbID.In(ids...)))
	if err := modelDatas.Delete(s.tx, names); err != nil {
		return err
	}
	return c.Delete(s.tx, c.Browse(s.tx, models.IDsOf(old)))
}

// buttons adds rows for the buttons that no module's data declares.
func (s *syncing) buttons() error {
	declared := map[[2]string]bool{}
	for _, m := range s.tx.Registry().Modules {
		for _, d := range m.Data {
			if ref, ok := d.Values["model"].(models.Ref); ok && d.Model == "ir.model.button" {
				declared[[2]string{string(ref), d.Values["name"].(string)}] = true
			}
		}
	}
	for _, c := range s.tx.Registry().Classes() {
		var names []string
		for name := range c.Buttons() {
			if !declared[[2]string{string(ModelRef(c.Name)), name}] {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			model := Models.Search(s.tx, Models.Model.Eq(c.Name))[0]
			if len(buttons.Search(s.tx, domain.AllOf(buttons.Model.Eq(model.ID()), buttons.Name.Eq(name)))) > 0 {
				continue
			}
			if _, err := buttons.Create(s.tx, buttons.Model.To(model.ID()), buttons.Name.To(name), buttons.String.To(words(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// words are those of a button's name, as a label.
func words(name string) string {
	text := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}
