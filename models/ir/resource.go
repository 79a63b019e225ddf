package ir

import (
	"strings"
	"time"

	"paytond/models"
	"paytond/models/value"
	"paytond/sql"
)

// do answers a call.
type do = func(*models.Tx, *models.Args) (any, error)

// resource is what attachments, notes and avatars have in common: they belong
// to a record of any model.
type resource struct {
	resource  models.Reference
	visible   models.Boolean
	changed   models.DateTime
	changedBy models.Char
}

// bind binds the fields, and who may see and change them.
func (f resource) bind(c *models.Class) {
	c.Selections("get_models", func(r *models.Record) [][2]any { return storedModels(r.Tx()) })
	c.Default(f.resource, func(tx *models.Tx) any { return tx.Context("resource") })
	c.Selections("get_copy_to_resources", func(*models.Record) [][2]any { return [][2]any{} }, f.resource)
	c.OnChangeWith(f.visible, func(*models.Record) any { return false }, f.resource)
	c.Compute(f.changed, func(r *models.Record) any { return changed(r) })
	c.OrderBy(f.changed, func(_ *models.Tx, alias string) []sql.F {
		return []sql.F{sql.SQL("COALESCE(" + alias + `."write_date", ` + alias + `."create_date")`)}
	})
	c.Compute(f.changedBy, changedBy)
	c.BelongsTo(f.resource)
}

// changed is when the record was changed last.
func changed(r *models.Record) any {
	t, ok := r.Get("write_date").(time.Time)
	if !ok {
		if t, ok = r.Get("create_date").(time.Time); !ok {
			return nil
		}
	}
	return t.Truncate(time.Second)
}

// changedBy is the name of the user who changed the record last.
func changedBy(r *models.Record) any {
	for _, name := range []string{"write_uid", "create_uid"} {
		if id, ok := r.Get(name).(int64); ok {
			return r.Tx().Class("res.user").Browse(r.Tx(), []int64{id})[0].Name()
		}
	}
	return nil
}

// bindResources gives a model the method with which clients count what hangs
// on a record.
func bindResources(c *models.Class) {
	if c.Internal {
		return
	}
	c.Method(models.Method{Name: "resources", ReadOnly: true, Help: "The number of attachments, notes and unread notes of a record.",
		Do: func(tx *models.Tx, a *models.Args) (any, error) {
			id := a.Int(0)
			if a.Err() != nil {
				return nil, a.Err()
			}
			if tx.Checked() && tx.User() != 0 && !answering(tx).Model(tx, c.Name).Read {
				return nil, models.UserError("You are not allowed to access \"%s\".", c.Label())
			}
			return Resources(tx, c.Name, id)
		}})
}

// Resources counts the attachments, notes and unread notes of a record.
func Resources(tx *models.Tx, model string, id int64) (map[string]any, error) {
	ref := value.Reference{Model: model, ID: id}.String()
	rows, err := tx.Query(sql.SQL(`SELECT
		(SELECT COUNT(*) FROM "ir_attachment" WHERE "resource" = ?),
		(SELECT COUNT(*) FROM "ir_note" WHERE "resource" = ?),
		(SELECT COUNT(*) FROM "ir_note" AS n WHERE n."resource" = ? AND NOT EXISTS
			(SELECT 1 FROM "ir_note_read" AS r WHERE r."note" = n."id" AND r."user" = ?))`, ref, ref, ref, tx.User()))
	if err != nil {
		return nil, err
	}
	return map[string]any{"attachment_count": rows[0][0], "note_count": rows[0][1], "note_unread": rows[0][2]}, nil
}

// firstLine is the first line of a text with words.
func firstLine(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func anys[T any](list []T) []any {
	result := make([]any, len(list))
	for i, v := range list {
		result[i] = v
	}
	return result
}
