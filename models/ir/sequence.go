package ir

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"paytond/models"
	"paytond/models/pyson"
	"paytond/models/value"
	"paytond/sql"
)

type sequenceType struct {
	models.Model
	Name   models.Char
	Groups models.Many2Many
}

// SequenceTypes is ir.sequence.type: what sequences are for.
var SequenceTypes = models.Define(&sequenceType{
	Model: models.Model{Name: "ir.sequence.type", String: "Sequence type"},
	Name:  models.NewChar(models.Field{String: "Sequence Name", Required: true, Translate: true}),
	Groups: models.NewMany2Many(models.Field{String: "User Groups", Help: "Who may edit the sequences of the type.",
		Relation: "res.group", Through: "ir.sequence.type-res.group", RelationField: "sequence_type", RelationTarget: "group"}),
})

// The types of sequences.
const (
	incremental          = "incremental"
	decimalTimestamp     = "decimal timestamp"
	hexadecimalTimestamp = "hexadecimal timestamp"
)

type sequence struct {
	models.Model
	Name               models.Char
	SequenceType       models.Many2One
	Prefix             models.Char
	Suffix             models.Char
	Type               models.Selection
	NumberNextInternal models.Integer
	NumberNext         models.Integer
	NumberIncrement    models.Integer
	Padding            models.Integer
	TimestampRounding  models.Float
	TimestampOffset    models.Float
	LastTimestamp      models.Integer
	Active             models.Boolean
}

// Sequences is ir.sequence: numbers without duplicates, which may have gaps
// where a transaction that took one was undone.
var Sequences = models.Define(declareSequence("ir.sequence", "Sequence"))

// StrictSequences is ir.sequence.strict: numbers without gaps. Transactions
// that take one wait for each other.
var StrictSequences = models.Define(declareSequence("ir.sequence.strict", "Sequence Strict"))

func declareSequence(model, label string) *sequence {
	kind := pyson.Eval("type", "")
	counts := pyson.In(kind, []any{incremental})
	stamps := pyson.In(kind, []any{decimalTimestamp, hexadecimalTimestamp})
	counter := map[string]any{"invisible": pyson.Not(counts), "required": counts}
	clock := map[string]any{"invisible": pyson.Not(stamps)}
	on := []string{"type"}
	return &sequence{
		Model: models.Model{Name: model, String: label, Checks: []models.Check{{Name: strings.ReplaceAll(model, ".", "_") + "_check_timestamp_rounding",
			SQL: `"timestamp_rounding" > 0`, Message: "The timestamp rounding of a sequence must be greater than 0."}}},
		Name: models.NewChar(models.Field{String: "Sequence Name", Required: true, Translate: true}),
		SequenceType: models.NewMany2One(models.Field{String: "Sequence Type", Required: true, Relation: "ir.sequence.type",
			States: map[string]any{"readonly": pyson.GreaterEqual(pyson.Eval("id", -1), 0)}, Depends: []string{"id"}}),
		Prefix: models.NewChar(models.Field{String: "Prefix", Help: "May hold ${year}, ${month} and ${day}."}),
		Suffix: models.NewChar(models.Field{String: "Suffix", Help: "May hold ${year}, ${month} and ${day}."}),
		Type: models.NewSelection(models.Field{String: "Type", Selection: [][2]any{{incremental, "Incremental"},
			{decimalTimestamp, "Decimal Timestamp"}, {hexadecimalTimestamp, "Hexadecimal Timestamp"}}}),
		NumberNextInternal: models.NewInteger(models.Field{String: "Next Number", Lazy: true, States: counter, Depends: on}),
		NumberNext:         models.NewInteger(models.Field{String: "Next Number", Function: true, States: counter, Depends: on}),
		NumberIncrement:    models.NewInteger(models.Field{String: "Increment Number", States: counter, Depends: on}),
		Padding:            models.NewInteger(models.Field{String: "Number padding", States: counter, Depends: on}),
		TimestampRounding:  models.NewFloat(models.Field{String: "Timestamp Rounding", Required: true, States: clock, Depends: on}),
		TimestampOffset:    models.NewFloat(models.Field{String: "Timestamp Offset", Required: true, States: clock, Depends: on}),
		LastTimestamp: models.NewInteger(models.Field{String: "Last Timestamp", Depends: on,
			States: map[string]any{"invisible": pyson.Not(stamps), "required": stamps}}),
		Active: models.NewBoolean(models.Field{String: "Active"}),
	}
}

// Setup binds the counter behind a sequence.
func (s *sequence) Setup(c *models.Class) {
	c.DefaultValue(s.Type, incremental)
	c.DefaultValue(s.NumberNextInternal, int64(1))
	c.DefaultValue(s.NumberIncrement, int64(1))
	c.DefaultValue(s.Padding, int64(0))
	c.DefaultValue(s.TimestampRounding, 1.0)
	c.DefaultValue(s.TimestampOffset, 946681200.0) // of Tryton: 2000-01-01 in Paris
	c.DefaultValue(s.LastTimestamp, int64(0))
	c.Compute(s.NumberNext, s.next)
	c.Setter(s.NumberNext, func(tx *models.Tx, records []*models.Record, v any) error {
		return c.Write(tx, records, models.Values{"number_next_internal": v})
	})
	c.Validate(s.check)
	c.AfterCreate(s.createCounters)
	c.AfterWrite(s.alterCounters)
	c.BeforeDelete(s.dropCounters)
}

// check refuses a prefix or suffix that cannot be filled in, and a counter that stands still.
func (s *sequence) check(_ *models.Tx, records []*models.Record) error {
	for _, r := range records {
		for _, affix := range []string{s.Prefix.Of(r), s.Suffix.Of(r)} {
			if _, err := fill(affix, value.Date{Year: 2000, Month: 1, Day: 1}); err != nil {
				return models.UserError("\"%s\" in the sequence \"%s\" is not valid: %s", affix, s.Name.Of(r), err)
			}
		}
		if s.Type.Of(r) == incremental && s.NumberIncrement.Of(r) == 0 {
			return models.UserError("The increment of the sequence \"%s\" must not be 0.", s.Name.Of(r))
		}
	}
	return nil
}

// fill puts the parts of a day into an affix.
func fill(affix string, day value.Date) (string, error) {
	var unknown error
	filled := os.Expand(affix, func(name string) string {
		switch name {
		case "year":
			return fmt.Sprintf("%04d", day.Year)
		case "month":
			return fmt.Sprintf("%02d", int(day.Month))
		case "day":
			return fmt.Sprintf("%02d", day.Day)
		case "$":
			return "$"
		}
		unknown = fmt.Errorf("${%s} is unknown", name)
		return ""
	})
	return filled, unknown
}

// NextNumber takes the next number of a sequence of either kind, with its prefix and
// suffix filled with the date of the context or today.
func NextNumber(tx *models.Tx, r *models.Record) (string, error) {
	s := Sequences
	if r.Model() == StrictSequences.In(tx).Name {
		s = StrictSequences
	}
	day, ok := tx.Context("date").(value.Date)
	if !ok {
		var err error
		if day, err = Today(tx, ""); err != nil {
			return "", err
		}
	}
	prefix, err := fill(s.Prefix.Of(r), day)
	if err != nil {
		return "", models.UserError("The prefix of the sequence \"%s\" is not valid: %s", r.Name(), err)
	}
	suffix, err := fill(s.Suffix.Of(r), day)
	if err != nil {
		return "", models.UserError("The suffix of the sequence \"%s\" is not valid: %s", r.Name(), err)
	}
	number, err := s.take(tx, r)
	return prefix + number + suffix, err
}

// take takes the bare number.
func (s *sequence) take(tx *models.Tx, r *models.Record) (string, error) {
	switch s.Type.Of(r) {
	case decimalTimestamp:
		n, err := s.stamp(tx, r)
		return strconv.FormatInt(n, 10), err
	case hexadecimalTimestamp:
		n, err := s.stamp(tx, r)
		return strings.ToUpper(strconv.FormatInt(n, 16)), err
	}
	n, err := s.count(tx, r)
	return fmt.Sprintf("%0*d", int(s.Padding.Of(r)), n), err
}

// count takes the next number of a counter: of the database's own sequence
// where there is one, else of the row, which stays locked until the end.
func (s *sequence) count(tx *models.Tx, r *models.Record) (int64, error) {
	if hasCounter(r) {
		return number(tx.Query(sql.SQL(`SELECT nextval(CAST(CAST(? AS text) AS regclass))`, sql.Quote(counterName(r)))))
	}
	return number(tx.Query(sql.SQL(`UPDATE `+sql.Quote(r.Class().Table)+` SET "number_next_internal" = "number_next_internal" + "number_increment"
		WHERE "id" = ? RETURNING "number_next_internal" - "number_increment"`, r.ID())))
}

// stamp is the time in units of the rounding, at least one more than the last one.
func (s *sequence) stamp(tx *models.Tx, r *models.Record) (int64, error) {
	seconds := float64(tx.Database().Now().UnixMicro()) / 1e6
	n := int64(math.Round((seconds - s.TimestampOffset.Of(r)) / s.TimestampRounding.Of(r)))
	return number(tx.Query(sql.SQL(`UPDATE `+sql.Quote(r.Class().Table)+` SET "last_timestamp" =
		CASE WHEN "last_timestamp" >= ? THEN "last_timestamp" + 1 ELSE ? END
		WHERE "id" = ? RETURNING "last_timestamp"`, n, n, r.ID())))
}

func number(rows [][]any, err error) (int64, error) {
	if err != nil {
		return 0, fmt.Errorf("ir: take a number: %w", err)
	}
	if len(rows) == 0 {
		return 0, models.NotFoundError("the sequence is not there")
	}
	n, ok := rows[0][0].(int64)
	if !ok {
		return 0, fmt.Errorf("ir: %v is no number of a sequence", rows[0][0])
	}
	return n, nil
}

// hasCounter reports whether a sequence of the database counts for the record:
// on PostgreSQL, for those that may have gaps.
func hasCounter(r *models.Record) bool {
	return r.Tx().Dialect().Name() == "postgresql" && r.Model() == Sequences.In(r.Tx()).Name
}

// counterName is Tryton's name for the sequence in the database.
func counterName(r *models.Record) string { return fmt.Sprintf("%s_%d", r.Class().Table, r.ID()) }

// next is the number that will be taken next.
func (s *sequence) next(r *models.Record) any {
	if s.Type.Of(r) != incremental {
		return nil
	}
	if !hasCounter(r) {
		return r.Get("number_next_internal")
	}
	// A counter that was not used since it was set has no last value.
	rows, err := r.Tx().Query(sql.SQL(`SELECT "last_value" + "increment_by" FROM "pg_sequences"
		WHERE "schemaname" = ANY(current_schemas(FALSE)) AND "sequencename" = ?`, counterName(r)))
	models.Must(err)
	if len(rows) == 0 || rows[0][0] == nil {
		return r.Get("number_next_internal")
	}
	return rows[0][0]
}

func (s *sequence) createCounters(tx *models.Tx, records []*models.Record) error {
	for _, r := range records {
		if !hasCounter(r) {
			continue
		}
		_, err := tx.Exec(sql.SQL(fmt.Sprintf(`CREATE SEQUENCE %s INCREMENT BY %d MINVALUE %d START WITH %d`, sql.Quote(counterName(r)),
			s.increment(r), int64(math.MinInt32), s.NumberNextInternal.Of(r))))
		if err != nil {
			return fmt.Errorf("ir: counter of sequence %d: %w", r.ID(), err)
		}
	}
	return nil
}

// increment is never 0, which the database refuses; only timestamps have none.
func (s *sequence) increment(r *models.Record) int64 {
	if n := s.NumberIncrement.Of(r); n != 0 {
		return n
	}
	return 1
}

func (s *sequence) alterCounters(tx *models.Tx, records []*models.Record, values models.Values) error {
	_, next := values["number_next_internal"]
	_, increment := values["number_increment"]
	for _, r := range records {
		if !hasCounter(r) || !next && !increment {
			continue
		}
		text := fmt.Sprintf(`ALTER SEQUENCE %s INCREMENT BY %d`, sql.Quote(counterName(r)), s.increment(r))
		if next {
			text += fmt.Sprintf(` RESTART WITH %d`, s.NumberNextInternal.Of(r))
		}
		if _, err := tx.Exec(sql.SQL(text)); err != nil {
			return fmt.Errorf("ir: counter of sequence %d: %w", r.ID(), err)
		}
	}
	return nil
}

func (s *sequence) dropCounters(tx *models.Tx, records []*models.Record) error {
	for _, r := range records {
		if hasCounter(r) {
			if _, err := tx.Exec(sql.SQL(`DROP SEQUENCE IF EXISTS ` + sql.Quote(counterName(r)))); err != nil {
				return fmt.Errorf("ir: counter of sequence %d: %w", r.ID(), err)
			}
		}
	}
	return nil
}
