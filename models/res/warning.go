package res

import (
	"paytond/models"
	"paytond/models/domain"
)

type warning struct {
	models.Model
	User   models.Many2One
	Name   models.Char
	Always models.Boolean
}

// Warning is res.user.warning: a question that a user has answered with yes,
// once or (Always) for good.
var Warning = models.Define(&warning{
	Model:  models.Model{Name: "res.user.warning", String: "User Warning"},
	User:   models.NewMany2One(models.Field{String: "User", Relation: "res.user", Required: true, Index: true}),
	Name:   models.NewChar(models.Field{String: "Name", Required: true, Index: true}),
	Always: models.NewBoolean(models.Field{String: "Always"}),
})

// Warn asks the user: it returns an error of kind Warning, unless he has
// accepted the warning of that name before, which counts for one call. The
// server itself is not asked. The same question must have the same name, and
// another question another.
func Warn(tx *models.Tx, name, message, description string) error {
	if tx.User() == 0 {
		return nil
	}
	tx = tx.Unchecked()
	accepted := Warning.Search(tx, Warning.asked(tx.User(), name))
	if len(accepted) == 0 {
		return &models.Error{Kind: models.KindWarning, Name: name, Message: message, Description: description}
	}
	var once []*models.Record
	for _, r := range accepted {
		if !Warning.Always.Of(r) {
			once = append(once, r)
		}
	}
	return Warning.Delete(tx, once)
}

func (w *warning) asked(user int64, name string) domain.Node {
	return domain.AllOf(w.User.Eq(user), w.Name.Eq(name))
}
