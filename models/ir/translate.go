package ir

import (
	"cmp"
	"strings"

	"paytond/models"
	"paytond/models/domain"
)

// translationKey is what names a translation within a module and language. The
// text of a field, of its help and of a record is known by its place alone.
type translationKey struct {
	kind, name, source string
	res                int64
}

func keyOf(kind, name, source string, res int64) translationKey {
	switch kind {
	case "field", "model", "help":
		source = ""
	}
	return translationKey{kind, name, source, res}
}

// LoadTranslations brings the translations of all modules into a language, and
// those into languages that stand in for it, to what the modules have. What
// users added without module stays; what they changed in a module's is undone,
// as at Tryton's update.
func LoadTranslations(tx *models.Tx, language string) error {
	if language == models.BaseLanguage {
		return nil
	}
	if i := strings.LastIndexAny(language, "_@"); i > 0 {
		if err := LoadTranslations(tx, language[:i]); err != nil {
			return err
		}
	}
	records, err := recordsByName(tx)
	if err != nil {
		return err
	}
	for _, m := range tx.Registry().Modules {
		list, err := m.Translations(language)
		if err != nil {
			return err
		}
		l := &translating{tx: tx.As(0).With(map[string]any{"module": m.Name, "language": models.BaseLanguage}), language: language, module: m.Name, records: records}
		if err := l.load(list); err != nil {
			return err
		}
	}
	return nil
}

// recordsByName are the ids of data records, by module and name; an action of
// any kind has the id of its row in ir.action.
func recordsByName(tx *models.Tx) (map[string]int64, error) {
	found := map[string]int64{}
	for _, r := range modelDatas.Search(tx, nil) {
		found[modelDatas.Module.Of(r)+"."+modelDatas.FsID.Of(r)] = modelDatas.DbID.Of(r)
	}
	return found, nil
}

// translating loads the translations of one module into one language.
type translating struct {
	tx               *models.Tx
	language, module string
	records          map[string]int64
	rows             map[translationKey]*models.Record
}

func (l *translating) load(list []models.Translation) error {
	l.rows = map[translationKey]*models.Record{}
	t := Translations
	for _, r := range t.Search(l.tx, domain.AllOf(t.Lang.Eq(l.language), t.Module.Eq(l.module))) {
		l.rows[keyOf(t.Type.Of(r), t.Name.Of(r), t.Src.Of(r), t.ResID.Of(r))] = r
	}
	var fresh []models.Values
	for _, x := range list {
		res := int64(-1)
		if x.Resource != "" {
			id, ok := l.records[l.module+"."+x.Resource]
			if !ok {
				continue // a user deleted the record
			}
			res = id
		}
		key := keyOf(x.Type, x.Name, x.Source, res)
		r := l.rows[key]
		delete(l.rows, key)
		switch {
		case r == nil:
			fresh = append(fresh, models.Values{"lang": l.language, "type": x.Type, "name": x.Name, "res_id": res,
				"src": x.Source, "value": x.Value, "fuzzy": x.Fuzzy, "module": l.module})
		case t.Value.Of(r) != x.Value || t.Src.Of(r) != x.Source || t.Fuzzy.Of(r) != x.Fuzzy:
			if err := t.Write(l.tx, []*models.Record{r}, t.Value.To(x.Value), t.Src.To(x.Source), t.Fuzzy.To(x.Fuzzy)); err != nil {
				return err
			}
		}
	}
	if len(fresh) > 0 {
		if _, err := t.In(l.tx).Create(l.tx, fresh); err != nil {
			return err
		}
	}
	var old []*models.Record
	for _, r := range l.rows {
		old = append(old, r)
	}
	return t.Delete(l.tx, old)
}

// loadAll loads the translations into the languages that the database has.
func loadAll(tx *models.Tx) error {
	for _, r := range Languages.Search(tx, Languages.Translatable.Eq(true), models.OrderBy("code")) {
		if err := LoadTranslations(tx, Languages.Code.Of(r)); err != nil {
			return err
		}
	}
	return nil
}

// TranslateInto makes languages translatable and loads what the modules have
// of them. The error names a code that is no language.
func TranslateInto(tx *models.Tx, codes ...string) error {
	tx = tx.As(0).With(map[string]any{"active_test": false})
	for _, code := range codes {
		found := Languages.Search(tx, Languages.Code.Eq(code), models.Limit(1))
		if len(found) == 0 {
			return models.UserError("There is no language \"%s\".", code)
		}
		if err := Languages.Write(tx, found, Languages.Translatable.To(true), Languages.Active.To(true)); err != nil {
			return err
		}
		if err := LoadTranslations(tx, code); err != nil {
			return err
		}
	}
	return nil
}

// unload removes what the modules have of languages.
func unload(tx *models.Tx, codes []any) error {
	t := Translations
	return t.Delete(tx, t.Search(tx, domain.AllOf(t.Lang.In(codes...), t.Module.Ne(nil))))
}

// setSources brings the rows of the program's own texts (language "en") to what
// the program has: translators find them there, and synchronise from them.
func setSources(tx *models.Tx) error {
	texts, err := tx.Registry().Phrases()
	if err != nil {
		return err
	}
	records, err := recordsByName(tx)
	if err != nil {
		return err
	}
	byModule := map[string][]models.Translation{}
	for _, x := range texts {
		byModule[x.Module] = append(byModule[x.Module], models.Translation{Phrase: x})
	}
	for _, m := range tx.Registry().Modules {
		l := &translating{tx: tx.As(0).With(map[string]any{"module": m.Name, "language": models.BaseLanguage}),
			language: models.BaseLanguage, module: m.Name, records: records}
		if err := l.load(byModule[m.Name]); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the translations of modules whose text the program has no
// more, and of a module that it does not have.
func clean(tx *models.Tx) error {
	texts, err := tx.Registry().Phrases()
	if err != nil {
		return err
	}
	known := map[translationKey]bool{}
	for _, x := range texts {
		known[keyOf(x.Type, x.Name, x.Source, 0)] = true
	}
	t := Translations
	var old []*models.Record
	for _, r := range t.Search(tx, t.Module.Ne(nil)) {
		if !known[keyOf(t.Type.Of(r), t.Name.Of(r), t.Src.Of(r), 0)] {
			old = append(old, r)
		}
	}
	return t.Delete(tx, old)
}

// synchronise gives a language a row for each text of the program, empty where
// the modules have no translation, and marks as fuzzy those of a changed text.
func synchronise(tx *models.Tx, language string) error {
	if err := setSources(tx); err != nil {
		return err
	}
	t := Translations
	free := tx.As(0).With(map[string]any{"language": models.BaseLanguage})
	type place struct {
		translationKey
		module string
	}
	at := func(r *models.Record) place {
		return place{keyOf(t.Type.Of(r), t.Name.Of(r), t.Src.Of(r), t.ResID.Of(r)), t.Module.Of(r)}
	}
	have := map[place]*models.Record{}
	for _, r := range t.Search(free, domain.AllOf(t.Lang.Eq(language), t.Module.Ne(nil))) {
		have[at(r)] = r
	}
	var fresh []models.Values
	for _, source := range t.Search(free, domain.AllOf(t.Lang.Eq(models.BaseLanguage), t.Module.Ne(nil))) {
		r := have[at(source)]
		switch {
		case r == nil:
			fresh = append(fresh, models.Values{"lang": language, "type": t.Type.Of(source), "name": t.Name.Of(source),
				"res_id": t.ResID.Of(source), "src": t.Src.Of(source), "module": t.Module.Of(source)})
		case t.Src.Of(r) != t.Src.Of(source):
			if err := t.Write(free, []*models.Record{r}, t.Src.To(t.Src.Of(source)), t.Fuzzy.To(true)); err != nil {
				return err
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	_, err := t.In(free).Create(free, fresh)
	return err
}

// exportTranslations is a .po file of a module's translations into a language as the
// database has them.
func exportTranslations(tx *models.Tx, language, module string) ([]byte, error) {
	names := map[int64]map[string]string{} // id -> model -> name
	for _, r := range modelDatas.Search(tx, modelDatas.Module.Eq(module)) {
		id, model := modelDatas.DbID.Of(r), modelDatas.Model.Of(r)
		if names[id] == nil {
			names[id] = map[string]string{}
		}
		names[id][model] = modelDatas.FsID.Of(r)
		if strings.HasPrefix(model, "ir.action.") {
			names[id]["ir.action"] = modelDatas.FsID.Of(r)
		}
	}
	t := Translations
	var list []models.Translation
	for _, r := range t.Search(tx.With(map[string]any{"language": models.BaseLanguage}), domain.AllOf(t.Lang.Eq(language), t.Module.Eq(module))) {
		x := models.Translation{Value: t.Value.Of(r), Fuzzy: t.Fuzzy.Of(r)}
		x.Term = models.Term{Type: t.Type.Of(r), Name: t.Name.Of(r), Source: t.Src.Of(r)}
		if id := t.ResID.Of(r); id >= 0 {
			model, _, _ := strings.Cut(x.Name, ",")
			if x.Resource = names[id][model]; x.Resource == "" {
				continue
			}
		}
		if cmp.Or(x.Source, x.Value) != "" {
			list = append(list, x)
		}
	}
	return models.WritePo(list), nil
}
