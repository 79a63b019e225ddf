package res

import (
	"encoding/base64"
	"maps"
	"net/url"
	"strings"

	"paytond/models"
	"paytond/models/domain"
	"paytond/models/value"
)

// setupPreferences binds what every user may call about himself, whatever his rights.
func (u *user) setupPreferences(c *models.Class) {
	c.Method(models.Method{Name: "get_preferences", ReadOnly: true,
		Help: "The user's preferences; with true only those that become the context.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			contextOnly := a.Bool(0, false)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return Preferences(tx, contextOnly), nil
		}})
	c.Method(models.Method{Name: "set_preferences", Fresh: true,
		Help: "Changes the user's own preferences.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			values := a.Map(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			return nil, SetPreferences(tx, values)
		}})
	c.Method(models.Method{Name: "get_preferences_fields_view", ReadOnly: true,
		Help: "The form of the preferences, its fields editable, language and menu as selections.",
		Do:   func(tx *models.Tx, _ *models.Args) (any, error) { return u.preferencesView(tx) }})
}

// Preferences are what get_preferences answers for the transaction's user:
// with contextOnly what becomes the context of the client's calls, else
// everything. What is not set in the context is absent.
func Preferences(tx *models.Tx, contextOnly bool) map[string]any {
	tx = tx.Unchecked()
	r := User.Get(tx, tx.User())
	preferences := User.contextPreferences(r)
	if !contextOnly {
		User.ownPreferences(r, preferences)
	}
	for _, e := range extensions(tx) {
		maps.Copy(preferences, e.Preferences(r, contextOnly))
	}
	return preferences
}

func (u *user) contextPreferences(r *models.Record) map[string]any {
	preferences := map[string]any{
		"language":           defaultLanguage(r.Tx()),
		"language_direction": u.LanguageDirection.Of(r),
		"groups":             models.IDsOf(u.Groups.Of(r)),
	}
	if language := u.Language.Of(r); language != nil {
		preferences["language"] = language.Get("code")
		preferences["locale"] = locale(language)
	}
	return preferences
}

func (u *user) ownPreferences(r *models.Record, preferences map[string]any) {
	for _, f := range []models.Named{u.Name, u.Email, u.Signature, u.Password, u.PysonMenu, u.StatusBar,
		u.Avatar, u.AvatarURL, u.AvatarBadgeURL} {
		preferences[f.FieldName()] = r.Get(f.FieldName())
	}
	preferences["menu"] = u.Menu.ID(r)
	preferences["menu.rec_name"] = u.Menu.Of(r).Name()
	preferences["actions"] = models.IDsOf(u.Actions.Of(r))
	preferences["warnings"] = models.IDsOf(u.Warnings.Of(r))
	preferences["applications"] = models.IDsOf(u.Applications.Of(r))
}

// defaultLanguage is the language of the database for users without one.
func defaultLanguage(tx *models.Tx) string {
	configuration := tx.Class("ir.configuration").SearchRecords(tx, domain.And{}, models.Limit(1))
	if len(configuration) > 0 {
		if code, _ := configuration[0].Get("language").(string); code != "" {
			return code
		}
	}
	return "en"
}

// LocaleOf is how the language with a code writes dates and numbers: date,
// grouping, decimal_point and thousands_sep; English where there is no such
// language.
func LocaleOf(tx *models.Tx, code string) map[string]any {
	tx = tx.Unchecked()
	for _, c := range []string{code, "en"} {
		if found := tx.Class("ir.lang").SearchRecords(tx, domain.C("code", domain.Equal, c), models.Limit(1)); len(found) > 0 {
			return locale(found[0])
		}
	}
	return map[string]any{"date": "%m/%d/%Y", "decimal_point": ".", "thousands_sep": ",", "grouping": []any{}}
}

// locale is how the language writes dates and numbers. Clients cannot show
// names of days and months in a date: those parts are left out or numbers.
func locale(language *models.Record) map[string]any {
	date, _ := language.Get("date").(string)
	date = strings.NewReplacer("%a", "", "%A", "", "%b", "%m", "%B", "%m", "%j", "", "%U", "", "%w", "", "%W", "").Replace(date)
	text, _ := language.Get("grouping").(string)
	grouping, err := value.DecodeText(text)
	if err != nil {
		grouping = []any{}
	}
	return map[string]any{
		"date":          date,
		"grouping":      grouping,
		"decimal_point": language.Get("decimal_point"),
		"thousands_sep": language.Get("thousands_sep"),
	}
}

// SetPreferences changes the transaction's user. Fields that are no
// preferences are ignored, the groups and an unknown language too. Nobody needs
// a right to change himself, but everybody needs them to change what he is
// linked with: his warnings and applications by their rules, actions by theirs.
func SetPreferences(tx *models.Tx, values map[string]any) error {
	if err := setOwn(tx.Unchecked(), values); err != nil {
		return err
	}
	for _, f := range []models.Named{User.Actions, User.Warnings, User.Applications} {
		commands, given := values[f.FieldName()]
		if !given {
			continue
		}
		if err := tx.Class(User.Model.Name).WriteLinks(tx, User.Browse(tx, tx.User()), f, commands); err != nil {
			return err
		}
	}
	return nil
}

// setOwn writes the fields that hold no other records.
func setOwn(tx *models.Tx, values map[string]any) error {
	allowed := []models.Named{User.Name, User.Password, User.Email, User.Signature, User.Menu, User.Avatar, User.Language}
	for _, e := range extensions(tx) {
		allowed = append(allowed, e.PreferenceFields()...)
	}
	clean := models.Values{}
	for _, f := range allowed {
		if v, ok := values[f.FieldName()]; ok {
			clean[f.FieldName()] = v
		}
	}
	if code, ok := clean[User.Language.FieldName()]; ok {
		delete(clean, User.Language.FieldName())
		languages := tx.Class("ir.lang").SearchRecords(tx, domain.C("code", domain.Equal, code), models.Limit(1))
		if len(languages) > 0 {
			clean[User.Language.FieldName()] = languages[0].ID()
		}
	}
	if len(clean) == 0 {
		return nil
	}
	return tx.Class(User.Model.Name).Write(tx, User.Browse(tx, tx.User()), clean)
}

// avatarURL is the path under which the picture is served.
func avatarURL(database string, avatar *models.Record) string {
	uuid, _ := avatar.Get("uuid").(string)
	return "/avatar/" + base64.URLEncoding.EncodeToString([]byte(database)) + "/" + url.PathEscape(uuid)
}

// preferencesView is the form of the preferences. Its fields can be edited,
// though the user may not write users, and choices are made in lists.
func (u *user) preferencesView(tx *models.Tx) (any, error) {
	tx = tx.Unchecked()
	id := tx.Ref("res.user_view_form_preferences")
	view, err := u.In(tx).FieldsViewGet(tx, id, "form", id)
	if err != nil {
		return nil, err
	}
	fields, _ := view["fields"].(map[string]any)
	for name, field := range fields {
		if definition, ok := field.(map[string]any); ok {
			definition["readonly"] = name == "groups" || name == "language_direction"
		}
	}
	toSelection(fields, "language", u.languages(tx))
	toSelection(fields, "menu", u.menus(tx))
	return view, nil
}

// toSelection makes a Many2One of a view a selection of the choices.
func toSelection(fields map[string]any, name string, choices []any) {
	definition, ok := fields[name].(map[string]any)
	if !ok {
		return
	}
	delete(definition, "relation")
	delete(definition, "domain")
	definition["type"] = "selection"
	definition["selection"] = choices
}

func (u *user) languages(tx *models.Tx) []any {
	var choices []any
	for _, r := range tx.Class("ir.lang").SearchRecords(tx, domain.C("translatable", domain.Equal, true)) {
		choices = append(choices, []any{r.Get("code"), r.Get("name")})
	}
	return choices
}

func (u *user) menus(tx *models.Tx) []any {
	var choices []any
	for _, r := range tx.Class("ir.action").SearchRecords(tx, domain.C("usage", domain.Equal, "menu")) {
		choices = append(choices, []any{r.ID(), r.Name()})
	}
	return choices
}
