package res

import (
	"embed"

	"paytond/models"
	"paytond/models/ir"
	"paytond/models/pyson"
	"paytond/sql"
)

//go:embed view/*.xml
var views embed.FS

//go:embed locale
var catalogues embed.FS

// Module is the module res with the configuration that Tryton has by default.
func Module() *models.Module { return ModuleWith(DefaultConfig()) }

// ModuleWith is the module res with a configuration.
func ModuleWith(c Config) *models.Module {
	return &models.Module{
		Name: "res",
		Definitions: []models.Definition{
			Group, User, models.Define(&account{Extension: models.Extension{Name: User.Model.Name}, config: c}),
			LoginAttempt, LoginCode, Device, Warning, Application,
			UserAction, UserGroup, MenuGroup, ActionGroup, ButtonGroup, RuleGroup, SequenceTypeGroup, ExportGroup, ExportWriteGroup,
		},
		Reports: []*models.Report{resetLetter, signIn},
		Views:   views,
		Locale:  catalogues,
		Data:    data(),
		Ready:   createRoot,
	}
}

// admin is the group of administrators.
const admin models.Ref = "group_admin"

func data() []models.Data {
	return ir.Records(
		ir.Group{ID: "group_admin", Name: "Administration"},
		ir.Menu{ID: "menu_res", Name: "Users", Parent: "ir.menu_administration", Sequence: 10},
		ir.View{ID: "group_view_form", Model: "res.group", Type: "form", Name: "group_form"},
		ir.View{ID: "group_view_tree", Model: "res.group", Type: "tree", Name: "group_list"},
		ir.ActWindow{ID: "act_group_form", Name: "Groups", Model: "res.group",
			Views: []models.Ref{"group_view_tree", "group_view_form"}},
		ir.Menu{ID: "menu_group_form", Name: "Groups", Parent: "menu_res", Sequence: 20,
			Action: "act_group_form", Groups: []models.Ref{admin}},
		ir.Access{Model: "res.group", Read: true},
		ir.Access{Model: "res.group", Group: admin, Read: true, Write: true, Create: true, Delete: true},

		ir.View{ID: "user_view_form", Model: "res.user", Type: "form", Name: "user_form"},
		ir.View{ID: "user_view_form_preferences", Model: "res.user", Type: "form", Name: "user_form_preferences", Priority: 20},
		ir.View{ID: "user_view_tree", Model: "res.user", Type: "tree", Name: "user_list"},
		ir.ActWindow{ID: "act_user_form", Name: "Users", Model: "res.user",
			Views: []models.Ref{"user_view_tree", "user_view_form"}},
		ir.Menu{ID: "menu_user_form", Name: "Users", Parent: "menu_res", Sequence: 10,
			Action: "act_user_form", Groups: []models.Ref{admin}},
		ir.Access{Model: "res.user", Read: true},
		ir.Access{Model: "res.user", Group: admin, Read: true, Write: true, Create: true, Delete: true},
		ir.Button{Model: "res.user", Name: "reset_password", String: "Reset Password",
			Help: "Send the user a new password by e-mail"},
		ir.Raw{ID: "user_admin", Model: "res.user", NoUpdate: true, Values: models.Values{
			"login": "admin", "name": "Administrator", "menu": models.Ref("ir.act_menu_tree")}},
		ir.Raw{ID: "user_admin_group_admin", Model: "res.user-res.group", Values: models.Values{
			"user": models.Ref("user_admin"), "group": admin}},

		ir.View{ID: "user_warning_view_form", Model: "res.user.warning", Type: "form", Name: "user_warning_form"},
		ir.View{ID: "user_warning_view_tree", Model: "res.user.warning", Type: "tree", Name: "user_warning_list"},
		ir.Rule{ID: "rule_group_user_warning", Name: "Own warning", Model: "res.user.warning", Global: true,
			Domains: [][]any{own()}},

		ir.View{ID: "user_application_view_form", Model: "res.user.application", Type: "form", Name: "user_application_form"},
		ir.View{ID: "user_application_view_list", Model: "res.user.application", Type: "tree", Name: "user_application_list"},
		ir.Rule{ID: "rule_group_user_application", Name: "Own user application", Model: "res.user.application", Default: true,
			Domains: [][]any{own()}},
		ir.Rule{ID: "rule_group_user_application_admin", Name: "Any user application", Model: "res.user.application",
			Domains: [][]any{{}}, Groups: []models.Ref{admin}},
		ir.Button{Model: "res.user.application", Name: "validate_", String: "Validate"},
		ir.Button{Model: "res.user.application", Name: "cancel", String: "Cancel"},
		ir.Administration(),
	)
}

// own is the domain of a user's own records.
func own() []any {
	return []any{[]any{"user", "=", pyson.Get(pyson.Eval("user", map[string]any{}), "id", -1)}}
}

// createRoot stores the user with id 0, the server itself, as create_uid names
// him. He is inactive and has no password.
func createRoot(tx *models.Tx) error {
	rows, err := tx.Query(sql.SQL(`SELECT "id" FROM "res_user" WHERE "id" = ?`, 0))
	if err != nil || len(rows) > 0 {
		return err
	}
	_, err = tx.Exec(sql.SQL(`INSERT INTO "res_user" ("id", "login", "name", "active", "menu", "create_uid", "create_date")
		VALUES (?, ?, ?, ?, ?, ?, ?)`, 0, "root", "Root", false, tx.Ref("ir.act_menu_tree"), 0, tx.Now()))
	return err
}
