package ir

import (
	"paytond/models"
	"paytond/models/domain"
)

type message struct {
	models.Model
	Text models.Text
}

// messages is ir.message: what the program says to users. The rows follow from
// the modules' files of texts; who changes one must keep its places for values.
var messages = models.Define(&message{
	Model: models.Model{Name: "ir.message", String: "Message"},
	Text:  models.NewText(models.Field{String: "Text", Required: true, Translate: true}),
})

// Setup binds what a changed message must be.
func (m *message) Setup(c *models.Class) {
	c.Validate(func(tx *models.Tx, records []*models.Record) error {
		for _, r := range records {
			named := modelDatas.Search(tx, domain.AllOf(modelDatas.Model.Eq(c.Name), modelDatas.DbID.Eq(r.ID())), models.Limit(1))
			if len(named) == 0 {
				continue
			}
			format := tx.Registry().Message(modelDatas.Module.Of(named[0]), modelDatas.FsID.Of(named[0]))
			if format != "" && !models.SameArguments(format, m.Text.Of(r)) {
				return models.UserError("The message must show the same values as \"%s\".", format)
			}
		}
		return nil
	})
}
