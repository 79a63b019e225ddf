package res

import (
	"maps"

	"paytond/models"
)

// UserExtension is implemented by an extension of res.user in another module
// that adds to what this module says of a user.
type UserExtension interface {
	// Preferences are the keys that get_preferences has besides; contextOnly
	// asks for those that become the context of the client's calls.
	Preferences(user *models.Record, contextOnly bool) map[string]any
	// PreferenceFields are the fields that set_preferences may write besides.
	PreferenceFields() []models.Named
	// RuleContext are the names that record rules know besides.
	RuleContext(tx *models.Tx) map[string]any
	// StatusBar is what follows the user's name at the top of a client.
	StatusBar(user *models.Record) string
}

// extensions are those of the registry, in the order of the modules.
func extensions(tx *models.Tx) []UserExtension {
	return models.Cached(tx, "res.user extensions", func() []UserExtension {
		var list []UserExtension
		for _, m := range tx.Registry().Modules {
			for _, d := range m.Definitions {
				if e, ok := d.(UserExtension); ok {
					list = append(list, e)
				}
			}
		}
		return list
	})
}

// RuleContext is what record rules know of the transaction's user: user (an
// object with id), user_id, groups (with their parents) and what extensions
// add. Lists are []any of int64.
func RuleContext(tx *models.Tx) map[string]any {
	context := map[string]any{
		"user_id": tx.User(),
		"user":    map[string]any{"id": tx.User()},
		"groups":  anys(GroupsOf(tx, tx.User())),
	}
	for _, e := range extensions(tx) {
		maps.Copy(context, e.RuleContext(tx.Unchecked()))
	}
	return context
}

func anys[T any](list []T) []any {
	result := make([]any, len(list))
	for i, v := range list {
		result[i] = v
	}
	return result
}
