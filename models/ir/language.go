package ir

import (
	"encoding/json"
	"strings"

	"paytond/models"
	"paytond/models/pyson"
)

type language struct {
	models.Model
	Name            models.Char
	Active          models.Boolean
	Am              models.Char
	Code            models.Char
	Date            models.Char
	DecimalPoint    models.Char
	Direction       models.Selection
	Grouping        models.Char
	MonDecimalPoint models.Char
	MonGrouping     models.Char
	MonThousandsSep models.Char
	NCsPrecedes     models.Boolean
	NSepBySpace     models.Boolean
	NSignPosn       models.Integer
	NegativeSign    models.Char
	PCsPrecedes     models.Boolean
	PSepBySpace     models.Boolean
	PSignPosn       models.Integer
	Parent          models.Char
	PgTextSearch    models.Char
	Pm              models.Char
	PositiveSign    models.Char
	ThousandsSep    models.Char
	Translatable    models.Boolean
}

// Languages is ir.lang.
var Languages = models.Define(&language{
	Model: models.Model{Name: "ir.lang", String: "Language", Checks: []models.Check{{
		Name: "ir_lang_check_decimal_point_thousands_sep", SQL: `"decimal_point" <> "thousands_sep"`,
		Message: "The decimal point and the thousands separator of a language must differ.",
	}}},
	Name:         models.NewChar(models.Field{String: "Name", Required: true, Translate: true}),
	Active:       models.NewBoolean(models.Field{String: "Active"}),
	Am:           models.NewChar(models.Field{String: "AM"}),
	Code:         models.NewChar(models.Field{String: "Code", Required: true}),
	Date:         models.NewChar(models.Field{String: "Date", Required: true}),
	DecimalPoint: models.NewChar(models.Field{String: "Decimal Separator", Required: true}),
	Direction: models.NewSelection(models.Field{
		String: "Direction", Required: true,
		Selection: [][2]any{{"ltr", "Left-to-right"}, {"rtl", "Right-to-left"}},
	}),
	Grouping:        models.NewChar(models.Field{String: "Grouping", Required: true}),
	MonDecimalPoint: models.NewChar(models.Field{String: "Decimal Separator", Required: true}),
	MonGrouping:     models.NewChar(models.Field{String: "Grouping", Required: true}),
	MonThousandsSep: models.NewChar(models.Field{String: "Thousands Separator"}),
	NCsPrecedes:     models.NewBoolean(models.Field{String: "Negative Currency Symbol Precedes"}),
	NSepBySpace:     models.NewBoolean(models.Field{String: "Negative Separate by Space"}),
	NSignPosn:       models.NewInteger(models.Field{String: "Negative Sign Position", Required: true}),
	NegativeSign:    models.NewChar(models.Field{String: "Negative Sign"}),
	PCsPrecedes:     models.NewBoolean(models.Field{String: "Positive Currency Symbol Precedes"}),
	PSepBySpace:     models.NewBoolean(models.Field{String: "Positive Separate by Space"}),
	PSignPosn:       models.NewInteger(models.Field{String: "Positive Sign Position", Required: true}),
	Parent:          models.NewChar(models.Field{String: "Parent Code"}),
	PgTextSearch:    models.NewChar(models.Field{String: "PostgreSQL Text Search Configuration", Readonly: true}),
	Pm:              models.NewChar(models.Field{String: "PM"}),
	PositiveSign:    models.NewChar(models.Field{String: "Positive Sign"}),
	ThousandsSep:    models.NewChar(models.Field{String: "Thousands Separator"}),
	Translatable:    models.NewBoolean(models.Field{String: "Translatable", Readonly: true}),
})

// Setup binds the defaults and what a language must be.
func (l *language) Setup(c *models.Class) {
	for field, v := range map[models.Named]any{
		l.Translatable: false, l.Direction: "ltr", l.Date: "%m/%d/%Y",
		l.Grouping: "[]", l.DecimalPoint: ".", l.ThousandsSep: ",",
		l.MonGrouping: "[]", l.MonDecimalPoint: ".", l.MonThousandsSep: ",",
		l.PSignPosn: int64(1), l.NSignPosn: int64(1), l.NegativeSign: "-", l.PositiveSign: "",
		l.PCsPrecedes: true, l.NCsPrecedes: true, l.PSepBySpace: false, l.NSepBySpace: false,
	} {
		c.DefaultValue(field, v)
	}
	c.Validate(l.check)
	c.AfterWrite(func(tx *models.Tx, _ []*models.Record, _ models.Values) error { return forgetLanguages(tx, nil) })
	c.AfterCreate(forgetLanguages)
	c.BeforeDelete(l.keepUsed)
	c.Button(models.Button{Name: "load_translations"},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			if err := l.Write(tx, records, l.Translatable.To(true)); err != nil {
				return nil, err
			}
			for _, r := range records {
				if err := LoadTranslations(tx, l.Code.Of(r)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
	c.Button(models.Button{Name: "unload_translations", States: map[string]any{"invisible": pyson.Not(l.Translatable.Eval(false))}, Depends: []string{"translatable"}},
		func(tx *models.Tx, records []*models.Record) (any, error) {
			codes := make([]any, len(records))
			for i, r := range records {
				codes[i] = l.Code.Of(r)
			}
			if err := l.Write(tx, records, l.Translatable.To(false)); err != nil {
				return nil, err
			}
			return nil, unload(tx, codes)
		})
}

// check refuses a grouping that is no list of numbers and a date that hides
// the day, the month or the year.
func (l *language) check(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		for _, grouping := range []models.Char{l.Grouping, l.MonGrouping} {
			var sizes []int
			if json.Unmarshal([]byte(grouping.Of(r)), &sizes) != nil {
				return models.UserError("The grouping \"%s\" of language \"%s\" must be a list of numbers, as [3, 3, 0].", grouping.Of(r), l.Name.Of(r))
			}
		}
		for _, part := range []string{"%d", "%m", "%Y"} {
			if !strings.Contains(l.Date.Of(r), part) {
				return models.UserError("The date format \"%s\" of language \"%s\" must have %%d, %%m and %%Y.", l.Date.Of(r), l.Name.Of(r))
			}
		}
	}
	return nil
}

// keepUsed refuses to delete English, the language of all that is not translated.
func (l *language) keepUsed(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		if l.Code.Of(r) == "en" {
			return models.UserError("The language English cannot be deleted.")
		}
	}
	return nil
}

func forgetLanguages(tx *models.Tx, _ []*models.Record) error {
	tx.AfterCommit(func() { tx.Database().Forget("ir.lang") })
	return nil
}

// Language returns the language with a code ("en", "pt_BR" falls back to
// "pt"), nil if there is none.
func Language(tx *models.Tx, code string) *models.Record {
	codes := models.Cached(tx, "ir.lang", func() map[string]int64 {
		found := map[string]int64{}
		for _, r := range Languages.Search(tx.With(map[string]any{"active_test": false}), nil) {
			found[Languages.Code.Of(r)] = r.ID()
		}
		return found
	})
	for code != "" {
		if id := codes[code]; id > 0 {
			return Languages.Get(tx, id)
		}
		cut := strings.LastIndexAny(code, "_@.")
		if cut < 0 {
			break
		}
		code = code[:cut]
	}
	return nil
}
