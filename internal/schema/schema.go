// Package schema is the contract between stages: the tables ingest fills and analyses read, with
// grain, columns, types and meaning. A stage reads the contract tables of the stage above it and
// nothing else.
package schema

// Type is a column type in the portable subset that every engine and Parquet share.
type Type string

// The portable column types. Times are UTC with microseconds, dates are local to the project's
// zone, JSON is text.
const (
	Text      Type = "VARCHAR"
	Int       Type = "BIGINT"
	Bool      Type = "BOOLEAN"
	Timestamp Type = "TIMESTAMP"
	Date      Type = "DATE"
	// Decimal carries exact fractions of pre-aggregated input, such as a mean.
	Decimal Type = "DECIMAL(38,9)"
)

// Role says how ingest treats a column of a source beyond its type.
type Role string

// The column roles. A column without a role is stored as it is read.
const (
	// Amount columns are decimal text in the source's unit and become minor units; Currency names
	// the column that holds their currency.
	Amount Role = "amount"
	// CurrencyCode columns hold an ISO 4217 code and default to the project's currency.
	CurrencyCode Role = "currency"
	// Person columns are person ids and go through the identity map.
	Person Role = "person"
	// Enum columns hold one of Values.
	Enum Role = "enum"
	// Overflow is the column that receives, as one JSON object, the source columns that nothing
	// else takes.
	Overflow Role = "overflow"
)

// Column is one column of a contract table.
type Column struct {
	Name     string
	Type     Type
	Required bool // a source must provide it and no row may leave it empty
	Role     Role
	Values   []string // for Enum
	Doc      string
}

// Table is one contract table.
type Table struct {
	Name    string
	Grain   string // what one row is
	Columns []Column
	Key     []string // natural key: a later row with the same key replaces or is refused, see Unique
	// Unique says what a repeated key is: true refuses the later row (a mistake in the source),
	// false lets the row with the latest received_at win (events) or keeps both (cost lines).
	Unique bool
	Doc    string
}

// Column returns the column of that name.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Input returns the input table a source kind fills.
func Input(kind string) (Table, bool) {
	for _, t := range inputs {
		if t.Name == kind {
			return t, true
		}
	}
	return Table{}, false
}

// Inputs lists the input tables: the source kinds of the configuration.
func Inputs() []Table { return inputs }
