package sql

// Kind is the kind of value that a column holds.
type Kind int

// The kinds of column. DateTime has seconds, Timestamp has microseconds.
const (
	Integer Kind = iota
	BigInteger
	Float
	Numeric
	Boolean
	Date
	DateTime
	Timestamp
	Time
	Interval
	Varchar
	Text
	Binary
	JSON
)

// Column declares a column of a table.
type Column struct {
	Name       string
	Kind       Kind
	Size       int // most characters of a Varchar, 0 for no limit; SQLite does not enforce it
	NotNull    bool
	Default    string // SQL text of a literal, "" for none; that of an existing column stays
	References string // the table whose id it holds, "" for none
	OnDelete   string // CASCADE, RESTRICT, SET NULL or "" (refused at the end of the statement)
	Index      bool   // an index TABLE_COLUMN_index
}

// Check declares a condition that every row fulfils or leaves unknown.
type Check struct {
	Name string
	Expr string // SQL text that both databases understand
}

// Unique declares columns whose combination occurs once, NULLs aside.
type Unique struct {
	Name    string
	Columns []string
	Where   string // SQL text; only rows for which it is true count
}

// Index declares an index over columns or, when Expr is given, over what it
// says: the SQL text of a list, as in `lower(name), (a + b), c DESC`.
type Index struct {
	Name    string
	Columns []string
	Where   string
	Expr    string
	Unique  bool
}

// Table declares a table. The primary key is filled by the database and need
// not be among the columns; its name is "id" unless PrimaryKey says otherwise.
type Table struct {
	Name       string
	Columns    []Column
	Checks     []Check
	Uniques    []Unique
	Indexes    []Index
	PrimaryKey string
}
