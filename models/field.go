package models

import (
	"paytond/models/domain"
	"paytond/models/pyson"
	"paytond/models/value"
	"time"
)

// Field is the declaration of one field: what the client sees of it and what
// the database stores. Only the attributes that its type knows have effect;
// the registry refuses a declaration that contradicts itself.
type Field struct {
	String, Help string

	Required  bool
	Readonly  bool
	Translate bool
	// Fixed fields may not be changed by a client on a record for which their
	// States say "readonly", whatever the client shows. Business code may.
	Fixed bool
	// Function marks a field without column: its value comes from a getter
	// bound in Setup. A function field is lazy.
	Function bool
	// Lazy fields are left out of the read of a list.
	Lazy bool
	// NoCopy leaves the children of a One2Many behind when the record is copied.
	NoCopy bool
	// Secret fields are never shown: a client reads null, and may neither search
	// nor order by them.
	Secret bool
	// Index asks for an index on the column.
	Index bool

	// States is PYSON by "readonly", "required" and "invisible".
	States map[string]any
	// Domain, Context, SearchContext, SearchOrder and AddRemove are PYSON as
	// Go values (lists of clauses, maps).
	Domain        []any
	Context       map[string]any
	SearchContext map[string]any
	SearchOrder   any
	AddRemove     []any
	// Depends names the fields that the expressions above read.
	Depends []string

	// Size limits a Char or the number of lines of a One2Many: an int or PYSON.
	Size any
	// Digits of a Numeric or Float: [2]any{16, 2}, parts may be PYSON.
	Digits [2]any
	// Format of a Time, DateTime or Timestamp: strftime text or PYSON.
	Format any
	// Selection lists (value, label); SelectionMethod names a method instead.
	Selection           [][2]any
	SelectionMethod     string
	SelectionChangeWith []string
	// Unsorted keeps the order of the selection in the client.
	Unsorted bool

	// Relation is the target model of a relation; RelationField the Many2One
	// back (One2Many) or the origin in the relation table (Many2Many);
	// RelationTarget the target field in the relation table (Many2Many).
	// Through names the model that is the table of a Many2Many.
	Relation       string
	Through        string
	RelationField  string
	RelationTarget string
	OnDelete       string // CASCADE, RESTRICT or SET NULL; by default RESTRICT if required, else SET NULL
	Order          []domain.OrderTerm
	DatetimeField  string
	SchemaModel    string

	Filename     string   // Binary: the field with the name of the file
	FileID       string   // Binary: kept outside when set
	Autocomplete []string // Char: fields that autocomplete_<field> reads

	name string
	kind kind
}

// FieldName is the field's name on the wire and of its column.
func (f *Field) FieldName() string { return f.name }

// Named is what the lists of names in Setup take: a field or a [Path].
type Named interface{ FieldName() string }

// Path is a field name as text, for "_parent_payment.currency_digits" and the like.
type Path string

// FieldName returns the path itself.
func (p Path) FieldName() string { return string(p) }

func names(list []Named) []string {
	result := make([]string, len(list))
	for i, n := range list {
		result[i] = n.FieldName()
	}
	return result
}

// Assign is a value for a field, made by a field's To.
type Assign struct {
	Field string
	Value any
}

// Domain clauses on a field.
func (f *Field) clause(op domain.Op, v any) domain.Node { return domain.C(f.name, op, v) }

// Eq matches records whose field equals v; nil matches null.
func (f *Field) Eq(v any) domain.Node { return f.clause("=", v) }

// Ne matches records whose field differs from v.
func (f *Field) Ne(v any) domain.Node { return f.clause("!=", v) }

// In matches records whose field is one of the values.
func (f *Field) In(vs ...any) domain.Node { return f.clause("in", vs) }

// NotIn matches records whose field is none of the values.
func (f *Field) NotIn(vs ...any) domain.Node { return f.clause("not in", vs) }

// Lt, Le, Gt and Ge compare.
func (f *Field) Lt(v any) domain.Node { return f.clause("<", v) }

// Le matches records whose field is at most v.
func (f *Field) Le(v any) domain.Node { return f.clause("<=", v) }

// Gt matches records whose field is greater than v.
func (f *Field) Gt(v any) domain.Node { return f.clause(">", v) }

// Ge matches records whose field is at least v.
func (f *Field) Ge(v any) domain.Node { return f.clause(">=", v) }

// To returns the assignment of v (nil for null).
func (f *Field) To(v any) Assign { return Assign{f.name, v} }

// IsNull reports whether the record's field is null.
func (f *Field) IsNull(r *Record) bool { return r.Get(f.name) == nil }

// Set changes the field of a record in memory: of one that is not saved, or in an on-change.
func (f *Field) Set(r *Record, v any) { r.Set(f.name, v) }

// Eval is the PYSON of the field's value with a default.
func (f *Field) Eval(def any) pyson.Expr { return pyson.Eval(f.name, def) }

func (f *Field) attributes() *Field { return f }

// The typed fields. Each has Of, the value in a record (the zero value for null).
type (
	// Integer is a 32-bit number.
	Integer struct{ *Field }
	// BigInteger is a 64-bit number.
	BigInteger struct{ *Field }
	// Float is a binary floating point number; never money.
	Float struct{ *Field }
	// Numeric is an exact decimal.
	Numeric struct{ *Field }
	// Boolean is true or false.
	Boolean struct{ *Field }
	// Char is one line of text.
	Char struct{ *Field }
	// Text is text of several lines.
	Text struct{ *Field }
	// Selection is one of the values of a list.
	Selection struct{ *Field }
	// MultiSelection is several of the values of a list.
	MultiSelection struct{ *Field }
	// Date is a day.
	Date struct{ *Field }
	// DateTime is a point in time, in seconds.
	DateTime struct{ *Field }
	// Timestamp is a point in time, in microseconds.
	Timestamp struct{ *Field }
	// Time is a time of day.
	Time struct{ *Field }
	// TimeDelta is a duration.
	TimeDelta struct{ *Field }
	// Binary is a sequence of bytes.
	Binary struct{ *Field }
	// Dict is a map from keys to values, described by a schema model.
	Dict struct{ *Field }
	// Many2One is a link to one record.
	Many2One struct{ *Field }
	// Reference is a link to one record of any of several models.
	Reference struct{ *Field }
	// One2Many lists the records whose Many2One points here.
	One2Many struct{ *Field }
	// Many2Many lists records linked by a table between.
	Many2Many struct{ *Field }
)

func with(f Field, k kind) *Field { f.kind = k; return &f }

// NewInteger and its siblings declare a field of their type.
func NewInteger(f Field) Integer { return Integer{with(f, integerKind{})} }

// NewBigInteger declares a BigInteger.
func NewBigInteger(f Field) BigInteger { return BigInteger{with(f, integerKind{big: true})} }

// NewFloat declares a Float.
func NewFloat(f Field) Float { return Float{with(f, floatKind{})} }

// NewNumeric declares a Numeric.
func NewNumeric(f Field) Numeric { return Numeric{with(f, numericKind{})} }

// NewBoolean declares a Boolean.
func NewBoolean(f Field) Boolean { return Boolean{with(f, booleanKind{})} }

// NewChar declares a Char.
func NewChar(f Field) Char { return Char{with(f, charKind{})} }

// NewText declares a Text.
func NewText(f Field) Text { return Text{with(f, charKind{text: true})} }

// NewSelection declares a Selection.
func NewSelection(f Field) Selection { return Selection{with(f, selectionKind{})} }

// NewMultiSelection declares a MultiSelection.
func NewMultiSelection(f Field) MultiSelection { return MultiSelection{with(f, multiSelectionKind{})} }

// NewDate declares a Date.
func NewDate(f Field) Date { return Date{with(f, dateKind{})} }

// NewDateTime declares a DateTime.
func NewDateTime(f Field) DateTime { return DateTime{with(f, dateTimeKind{})} }

// NewTimestamp declares a Timestamp.
func NewTimestamp(f Field) Timestamp { return Timestamp{with(f, dateTimeKind{micro: true})} }

// NewTime declares a Time.
func NewTime(f Field) Time { return Time{with(f, timeKind{})} }

// NewTimeDelta declares a TimeDelta.
func NewTimeDelta(f Field) TimeDelta { return TimeDelta{with(f, timeDeltaKind{})} }

// NewBinary declares a Binary.
func NewBinary(f Field) Binary { return Binary{with(f, binaryKind{})} }

// NewDict declares a Dict.
func NewDict(f Field) Dict { return Dict{with(f, dictKind{})} }

// NewMany2One declares a Many2One.
func NewMany2One(f Field) Many2One { return Many2One{with(f, many2OneKind{})} }

// NewReference declares a Reference.
func NewReference(f Field) Reference { return Reference{with(f, referenceKind{})} }

// NewOne2Many declares a One2Many.
func NewOne2Many(f Field) One2Many { return One2Many{with(f, x2ManyKind{})} }

// NewMany2Many declares a Many2Many.
func NewMany2Many(f Field) Many2Many { return Many2Many{with(f, x2ManyKind{many: true})} }

// valueOf returns the field's value as T, the zero T for null.
func valueOf[T any](f *Field, r *Record) T {
	v, _ := r.Get(f.name).(T)
	return v
}

// Of returns the record's value.
func (f Integer) Of(r *Record) int64 { return valueOf[int64](f.Field, r) }

// Of returns the record's value.
func (f BigInteger) Of(r *Record) int64 { return valueOf[int64](f.Field, r) }

// Of returns the record's value.
func (f Float) Of(r *Record) float64 { return valueOf[float64](f.Field, r) }

// Of returns the record's value, 0 for null.
func (f Numeric) Of(r *Record) value.Decimal { return valueOf[value.Decimal](f.Field, r) }

// Of returns the record's value.
func (f Boolean) Of(r *Record) bool { return valueOf[bool](f.Field, r) }

// Of returns the record's value.
func (f Char) Of(r *Record) string { return valueOf[string](f.Field, r) }

// Of returns the record's value.
func (f Text) Of(r *Record) string { return valueOf[string](f.Field, r) }

// Of returns the record's value.
func (f Selection) Of(r *Record) string { return valueOf[string](f.Field, r) }

// Of returns the record's values.
func (f MultiSelection) Of(r *Record) []string { return valueOf[[]string](f.Field, r) }

// Of returns the record's value.
func (f Date) Of(r *Record) value.Date { return valueOf[value.Date](f.Field, r) }

// Of returns the record's value, UTC.
func (f DateTime) Of(r *Record) time.Time { return valueOf[time.Time](f.Field, r) }

// Of returns the record's value, UTC.
func (f Timestamp) Of(r *Record) time.Time { return valueOf[time.Time](f.Field, r) }

// Of returns the record's value.
func (f Time) Of(r *Record) value.TimeOfDay { return valueOf[value.TimeOfDay](f.Field, r) }

// Of returns the record's value.
func (f TimeDelta) Of(r *Record) time.Duration { return valueOf[time.Duration](f.Field, r) }

// Of returns the record's bytes.
func (f Binary) Of(r *Record) []byte { return valueOf[[]byte](f.Field, r) }

// Of returns the record's map.
func (f Dict) Of(r *Record) map[string]any { return valueOf[map[string]any](f.Field, r) }

// Of returns the linked record, nil for null.
func (f Many2One) Of(r *Record) *Record { return r.link(f.Field) }

// ID returns the linked record's id, 0 for null.
func (f Many2One) ID(r *Record) int64 { return valueOf[int64](f.Field, r) }

// Of returns the linked record, nil for null or a reference to a model only.
func (f Reference) Of(r *Record) *Record { return r.reference(f.Field) }

// Value returns the reference itself.
func (f Reference) Value(r *Record) value.Reference { return valueOf[value.Reference](f.Field, r) }

// Of returns the linked records.
func (f One2Many) Of(r *Record) []*Record { return r.links(f.Field) }

// Of returns the linked records.
func (f Many2Many) Of(r *Record) []*Record { return r.links(f.Field) }
