package models

import (
	"slices"
	"strings"

	"paytond/sql"
)

// A translated field keeps its value in the base language in its column, and
// those in other languages in ir.translation (type "model", name
// "<model>,<field>", res_id the record), as in Tryton.

// inBase is the transaction in the language of the columns.
func (tx *Tx) inBase() *Tx {
	if tx.Language() == BaseLanguage {
		return tx
	}
	return tx.With(map[string]any{"language": BaseLanguage})
}

// translated reports whether the field's value depends on the language of the
// context, which is not that of the column.
func (b *bound) translated(tx *Tx) bool {
	return b.Translate && b.stored() && tx.Language() != BaseLanguage && tx.Lookup("ir.translation") != nil
}

// place is the name under which translations of the field are kept.
func (b *bound) place() string { return b.class.Name + "," + b.name }

// read is the SQL of the field's value in the language of the context. The
// codes of languages in it are letters, digits and "_@", see [Tx.Language].
func (b *bound) read(tx *Tx, alias string) string {
	plain := col(alias, b.name)
	if !b.translated(tx) {
		return plain
	}
	of := `x."type" = 'model' AND x."name" = '` + b.place() + `' AND x."res_id" = ` + col(alias, "id")
	if b.terms != nil {
		of = b.terms(alias)
	}
	if tx.context["fuzzy_translation"] != true {
		of += ` AND x."fuzzy" = FALSE`
	}
	var parts []string
	for _, language := range tx.languages() {
		if language != BaseLanguage {
			parts = append(parts, `(SELECT MAX(x."value") FROM "ir_translation" AS x WHERE x."lang" = '`+language+`' AND x."value" <> '' AND `+of+")")
		}
	}
	return "COALESCE(" + strings.Join(append(parts, plain), ", ") + ")"
}

// translateNew keeps the texts of a new record as translations into the
// language in which they were written; the columns have them, too.
func (c *Class) translateNew(tx *Tx, id int64, values Values) error {
	for _, b := range c.list {
		if v, given := values[b.name]; given && v != nil && b.terms == nil && b.translated(tx) {
			if err := b.setTranslation(tx, []int64{id}, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// translateChange keeps what a write in another language than the base changes,
// and marks translations of what a write in the base language changes as fuzzy.
func (c *Class) translateChange(tx *Tx, ids []int64, values Values) error {
	for _, b := range c.list {
		v, given := values[b.name]
		switch {
		case !given || !b.Translate || !b.stored() || tx.Lookup("ir.translation") == nil:
		case !b.translated(tx):
			if err := b.outdate(tx, ids, v); err != nil {
				return err
			}
		case b.terms != nil:
			return UserError("The text of \"%s\" in \"%s\" is the program's: change its translation.", b.label(), c.label())
		default:
			if err := b.setTranslation(tx, ids, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// setTranslation writes the value of records in the language of the context.
func (b *bound) setTranslation(tx *Tx, ids []int64, v any) error {
	free := tx.Unchecked()
	translations := tx.Class("ir.translation")
	rows, err := tx.Query(sql.SQL(`SELECT "id", "res_id" FROM "ir_translation" WHERE "lang" = ? AND "type" = 'model' AND "name" = ? AND "res_id" IN (?)`,
		tx.Language(), b.place(), anys(ids)))
	if err != nil {
		return op(err, "translations of %s", b.place())
	}
	var old []int64
	known := map[int64]bool{}
	for _, row := range rows {
		id, _ := row[0].(int64)
		res, _ := row[1].(int64)
		old, known[res] = append(old, id), true
	}
	if err := translations.Write(free, translations.Browse(free, old), Values{"value": v, "fuzzy": false}); err != nil {
		return err
	}
	var fresh []Values
	for _, r := range b.class.Browse(tx.inBase(), ids) {
		if known[r.id] {
			continue
		}
		fresh = append(fresh, Values{"lang": tx.Language(), "type": "model", "name": b.place(), "res_id": r.id,
			"src": r.Get(b.name), "value": v, "module": tx.context["module"]})
	}
	if len(fresh) == 0 {
		return nil
	}
	_, err = translations.Create(free, fresh)
	return err
}

// outdate marks the translations of a text that is about to change as fuzzy.
func (b *bound) outdate(tx *Tx, ids []int64, v any) error {
	if tx.context["fuzzy_translation"] == false {
		return nil
	}
	text := orText(v)
	_, err := tx.Exec(sql.SQL(`UPDATE "ir_translation" SET "fuzzy" = ?, "src" = ?
		WHERE "type" = 'model' AND "name" = ? AND "res_id" IN (
			SELECT "id" FROM `+sql.Quote(b.class.Table)+` WHERE "id" IN (?) AND COALESCE(`+sql.Quote(b.name)+`, '') <> ?)`,
		true, text, b.place(), anys(ids), text))
	return op(err, "translations of %s", b.place())
}

func orText(v any) any {
	if v == nil {
		return ""
	}
	return v
}

// translatedPlaces are where the translations of the class's columns are kept.
func (c *Class) translatedPlaces(tx *Tx) (places []any) {
	if tx.Lookup("ir.translation") == nil {
		return nil
	}
	for _, b := range c.list {
		if b.Translate && b.stored() {
			places = append(places, b.place())
		}
	}
	return places
}

// dropTranslations removes the translations of deleted records.
func (c *Class) dropTranslations(tx *Tx, ids []int64) error {
	places := c.translatedPlaces(tx)
	if len(places) == 0 {
		return nil
	}
	_, err := tx.Exec(sql.SQL(`DELETE FROM "ir_translation" WHERE "type" = 'model' AND "name" IN (?) AND "res_id" IN (?)`, places, anys(ids)))
	return op(err, "translations of %s", c.Name)
}

// copyTranslations gives a copy the translations of those texts that it shares
// with its original.
func (c *Class) copyTranslations(tx *Tx, from, to int64) error {
	if len(c.translatedPlaces(tx)) == 0 {
		return nil
	}
	for _, b := range c.list {
		if !b.Translate || !b.stored() || b.terms != nil {
			continue
		}
		name := sql.Quote(b.name)
		table := sql.Quote(c.Table)
		if _, err := tx.Exec(sql.SQL(`INSERT INTO "ir_translation" ("create_uid", "create_date", "lang", "type",
				"name", "res_id", "src", "value", "fuzzy")
			SELECT ?, ?, x."lang", x."type", x."name", CAST(? AS INTEGER), x."src", x."value", x."fuzzy"
			FROM "ir_translation" AS x
			JOIN `+table+` AS o ON o."id" = x."res_id"
			JOIN `+table+` AS c ON c."id" = ? AND c.`+name+` = o.`+name+`
			WHERE x."type" = 'model' AND x."name" = ? AND x."res_id" = ?`, tx.userID(), tx.now, to, to, b.place(), from)); err != nil {
			return op(err, "translations of %s", b.place())
		}
	}
	return nil
}

// label is the field's name for users.
func (b *bound) label() Term { return Term{"field", b.place(), b.String} }

// inWords translates what a field's definition says.
func (b *bound) inWords(tx *Tx) (label, help string) {
	if slices.Contains(generated, b.name) {
		return tx.Say(b.String), tx.Say(b.Help)
	}
	return tx.Term(b.label()), tx.Term(Term{"help", b.place(), b.Help})
}

// option is the label of a value of the field's selection.
func (b *bound) option(tx *Tx, label any) any {
	source, ok := label.(string)
	if !ok {
		return label
	}
	return tx.Term(Term{"selection", b.place(), source})
}
