package res

import (
	"paytond/models"
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
)

type user struct {
	models.Model
	Name                models.Char
	Login               models.Char
	PasswordHash        models.Char
	Password            models.Char
	PasswordReset       models.Char
	PasswordResetExpire models.Timestamp
	Signature           models.Text
	Menu                models.Many2One
	PysonMenu           models.Char
	Actions             models.Many2Many
	Groups              models.Many2Many
	Applications        models.One2Many
	Language            models.Many2One
	LanguageDirection   models.Char
	Email               models.Char
	StatusBar           models.Char
	Avatars             models.One2Many
	Avatar              models.Binary
	AvatarURL           models.Char
	AvatarBadgeURL      models.Char
	Warnings            models.One2Many
	Sessions            models.Integer
	Active              models.Boolean
}

// User is res.user: a person or program that logs in. The user with id 0 is
// the server itself; nobody logs in as him.
var User = models.Define(&user{
	Model: models.Model{Name: "res.user", String: "User", Order: models.Order("name"),
		Uniques: []models.Unique{{Name: "login_key", Columns: []string{"login"}, Message: "You can not have two users with the same login!"}}},
	Name:          models.NewChar(models.Field{String: "Name", Index: true}),
	Login:         models.NewChar(models.Field{String: "Login", Required: true}),
	PasswordHash:  models.NewChar(models.Field{String: "Password Hash", Secret: true}),
	Password:      models.NewChar(models.Field{String: "Password", Function: true}),
	PasswordReset: models.NewChar(models.Field{String: "Reset Password", Secret: true}),
	PasswordResetExpire: models.NewTimestamp(models.Field{String: "Reset Password Expire",
		States: map[string]any{"required": pyson.Bool(pyson.Eval("password_reset", ""))}, Depends: []string{"password_reset"}}),
	Signature: models.NewText(models.Field{String: "Signature"}),
	Menu: models.NewMany2One(models.Field{String: "Menu Action", Relation: "ir.action", Required: true,
		Domain: []any{[]any{"usage", "=", "menu"}}}),
	PysonMenu: models.NewChar(models.Field{String: "PySON Menu", Function: true, Readonly: true}),
	Actions: models.NewMany2Many(models.Field{String: "Actions", Relation: "ir.action", Size: 5,
		Through: "res.user-ir.action", RelationField: "user", RelationTarget: "action",
		Help: "Actions that will be run at login."}),
	Groups: models.NewMany2Many(models.Field{String: "Groups", Relation: "res.group",
		Through: "res.user-res.group", RelationField: "user", RelationTarget: "group"}),
	Applications: models.NewOne2Many(models.Field{String: "Applications", Relation: "res.user.application", RelationField: "user"}),
	Language: models.NewMany2One(models.Field{String: "Language", Relation: "ir.lang",
		Domain: []any{"OR", []any{"translatable", "=", true}}}),
	LanguageDirection: models.NewChar(models.Field{String: "Language Direction", Function: true, Readonly: true}),
	Email:             models.NewChar(models.Field{String: "Email"}),
	StatusBar:         models.NewChar(models.Field{String: "Status Bar", Function: true, Readonly: true}),
	Avatars:           models.NewOne2Many(models.Field{String: "Avatars", Relation: "ir.avatar", RelationField: "resource", Size: 1}),
	Avatar:            models.NewBinary(models.Field{String: "Avatar", Function: true}),
	AvatarURL:         models.NewChar(models.Field{String: "Avatar URL", Function: true, Readonly: true}),
	AvatarBadgeURL:    models.NewChar(models.Field{String: "Avatar Badge URL", Function: true, Readonly: true}),
	Warnings:          models.NewOne2Many(models.Field{String: "Warnings", Relation: "res.user.warning", RelationField: "user"}),
	Sessions:          models.NewInteger(models.Field{String: "Sessions", Function: true, Readonly: true}),
	Active:            models.NewBoolean(models.Field{String: "Active", Help: "Uncheck to exclude from future use."}),
})

// placeholder is what reads as a password and, written, leaves it as it is.
const placeholder = "xxxxxxxxxx"

func (u *user) Setup(c *models.Class) {
	c.Default(u.Menu, u.defaultMenu)
	c.Compute(u.Password, func(r *models.Record) any {
		if u.PasswordHash.Of(r) == "" {
			return nil
		}
		return placeholder
	})
	c.Compute(u.PysonMenu, u.pysonMenu)
	c.Compute(u.LanguageDirection, u.direction)
	c.Compute(u.StatusBar, u.statusBar)
	c.Compute(u.AvatarBadgeURL, func(*models.Record) any { return nil })
	u.setupAvatar(c)
	u.setupPreferences(c)
	c.BindRecName(u.recName, u.searchRecName)
	c.OnCopy(u.copyUser)
	c.InsteadOfDelete(func(*models.Tx, []*models.Record) error {
		return models.UserError("Users cannot be deleted because they appear in the records that they made; deactivate them instead.")
	})
	c.AfterWrite(u.written)
}

func (u *user) recName(r *models.Record) string {
	if name := u.Name.Of(r); name != "" {
		return name
	}
	return u.Login.Of(r)
}

func (u *user) searchRecName(_ *models.Tx, clause *domain.Clause) (domain.Node, error) {
	login, name := *clause, *clause
	login.Field, name.Field = u.Login.FieldName(), u.Name.FieldName()
	if clause.Op.Negative() {
		return domain.AllOf(&login, &name), nil
	}
	return domain.AnyOf(&login, &name), nil
}

func (u *user) defaultMenu(tx *models.Tx) any {
	actions := tx.Class("ir.action").SearchRecords(tx, domain.C("usage", domain.Equal, "menu"), models.Limit(1))
	if len(actions) == 0 {
		return nil
	}
	return actions[0].ID()
}

// pysonMenu is the menu's action value as text; its members pyson_* are texts again.
func (u *user) pysonMenu(r *models.Record) any {
	action, err := actionValue(r.Tx(), u.Menu.ID(r))
	models.Must(err)
	return pyson.Encode(action)
}

// actionValue is what clients get of an action.
func actionValue(tx *models.Tx, id int64) (any, error) {
	return tx.Class("ir.action").Lookup("get_action_value").Do(tx, models.NewArgs(id))
}

func (u *user) direction(r *models.Record) any {
	if language := u.Language.Of(r); language != nil {
		return language.Get("direction")
	}
	return "ltr"
}

func (u *user) statusBar(r *models.Record) any {
	text := u.Name.Of(r)
	for _, e := range extensions(r.Tx()) {
		text += e.StatusBar(r)
	}
	if text == "" {
		return nil
	}
	return text
}

// copyUser gives a copy another login and none of what is the user's own.
func (u *user) copyUser(_ *models.Tx, values models.Values) {
	login, _ := values[u.Login.FieldName()].(string)
	values[u.Login.FieldName()] = login + " (copy)"
	for _, f := range []models.Named{u.Password, u.PasswordHash, u.PasswordReset, u.PasswordResetExpire,
		u.Warnings, u.Applications, u.Avatars, u.Avatar} {
		delete(values, f.FieldName())
	}
}

// written ends the sessions of users who may no longer log in.
func (u *user) written(tx *models.Tx, users []*models.Record, values models.Values) error {
	if _, ok := values[u.Active.FieldName()]; ok {
		return endSessions(tx, users)
	}
	return nil
}

func (u *user) setupAvatar(c *models.Class) {
	c.Compute(u.Avatar, func(r *models.Record) any { return image(u.Avatars.Of(r)) })
	c.Compute(u.AvatarURL, func(r *models.Record) any {
		avatars := u.Avatars.Of(r)
		if image(avatars) == nil {
			return nil
		}
		return avatarURL(r.Tx().Database().Name(), avatars[0])
	})
	c.Setter(u.Avatar, u.setAvatar)
}

// image is the picture of a user's only avatar, nil if there is none.
func image(avatars []*models.Record) any {
	if len(avatars) == 0 {
		return nil
	}
	return avatars[0].Get("image")
}

func (u *user) setAvatar(tx *models.Tx, users []*models.Record, v any) error {
	avatar := tx.Class("ir.avatar")
	for _, r := range users {
		old := u.Avatars.Of(r)
		switch {
		case len(old) > 0:
			if err := avatar.Write(tx, old, models.Values{"image": v}); err != nil {
				return err
			}
		case v != nil:
			ref := value.Reference{Model: u.Model.Name, ID: r.ID()}
			if _, err := avatar.Create(tx, []models.Values{{"resource": ref, "uuid": randomHex(16), "image": v}}); err != nil {
				return err
			}
		}
	}
	return nil
}
