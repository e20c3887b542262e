package ingest

import (
	"fmt"
	"strings"

	"vouch/internal/schema"
	"vouch/referral"
)

// class groups the types of source columns by how they convert.
type class int

const (
	classText class = iota
	classInt
	classNumber // decimals and floats, converted through their text
	classTimestamp
	classTimestampTZ
	classDate
	classJSON
	classOther
)

// classOf reads a DuckDB type name.
func classOf(duck string) class {
	base, _, _ := strings.Cut(duck, "(")
	switch base {
	case "VARCHAR":
		return classText
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		return classInt
	case "DECIMAL", "FLOAT", "DOUBLE":
		return classNumber
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return classTimestamp
	case "TIMESTAMP WITH TIME ZONE":
		return classTimestampTZ
	case "DATE":
		return classDate
	case "JSON":
		return classJSON
	}
	return classOther
}

// asText is the text of an expression, without the spaces around it.
func asText(r string, c class) string {
	if c == classText {
		return r
	}
	return "CAST(" + r + " AS VARCHAR)"
}

// cell is one contract column of one source in the layers of the conversion. Each layer is a subquery
// that reads the one below by name, so that no expression is written, or computed, twice. The faults
// say what is wrong when the value is NULL.
type cell struct {
	col    schema.Column
	text   string // over the source's columns, read as t_<name>
	raw    string // over the text layer, read as r_<name>
	parsed string // over the raw layer, read as p_<name>; empty: nothing between raw and value
	value  string // over the parsed layer, read as v_<name>
	faults []fault
	given  bool // the source says something about this column
	// exponent is, for an amount with a currency column, the number of decimals of the row's currency,
	// over the raw layer, read as e_<name>.
	exponent string
	// nested tells, for a text out of JSON, that the value is an object or a list, over the source's
	// columns, read as n_<name>.
	nested string
}

// fault is one thing that can be wrong with a cell.
type fault struct {
	cond    string // over the value layer
	code    string
	message string
}

func (c cell) t() string { return ident("t_" + c.col.Name) }
func (c cell) r() string { return ident("r_" + c.col.Name) }
func (c cell) p() string { return ident("p_" + c.col.Name) }
func (c cell) v() string { return ident("v_" + c.col.Name) }
func (c cell) e() string { return ident("e_" + c.col.Name) }
func (c cell) n() string { return ident("n_" + c.col.Name) }

// bad is the condition under which the row is rejected for this cell, as cheap as it can be written.
func (c cell) bad() string {
	switch {
	case c.col.Required:
		return c.v() + " IS NULL"
	case len(c.faults) > 0:
		return c.r() + " IS NOT NULL AND " + c.v() + " IS NULL"
	}
	return ""
}

// terms are what the conversion needs to know beyond the column.
type terms struct {
	currency string // the project's
	zone     string // the reporting zone
}

// newCell builds the conversion of one bound column.
func newCell(b binding, currency *cell, t terms) cell {
	c := cell{col: b.col, given: b.given(), text: b.text()}
	c.raw = b.raw(c.t())
	cl := b.class()
	switch {
	case !c.given:
		c.value = "CAST(NULL AS " + string(b.col.Type) + ")"
	case b.col.Role == schema.Amount:
		c.amount(b, cl, currency, t)
	case b.col.Role == schema.CurrencyCode:
		c.currency()
	case b.col.Role == schema.Enum:
		c.value = fmt.Sprintf("CASE WHEN %s IN %s THEN %s END", c.r(), inList(b.col.Values), c.r())
		c.fault("true", CodeEnum, "is not one of "+strings.Join(b.col.Values, ", ")+": add it to values of the mapping")
	case b.col.Role == schema.Overflow:
		c.value = fmt.Sprintf("CASE WHEN TRY(json_type(%s)) = 'OBJECT' THEN %s END", c.r(), c.r())
		c.fault("true", CodeJSON, "is not a JSON object: map it to another column or correct it")
	default:
		c.typed(b, cl, t)
	}
	return c
}

// fault adds what is wrong when the cell has a raw text and no value.
func (c *cell) fault(cond, code, message string) {
	c.faults = append(c.faults, fault{cond: cond, code: code, message: message})
}

// typed converts by the column's type.
func (c *cell) typed(b binding, cl class, t terms) {
	r := c.r()
	switch b.col.Type {
	case schema.Timestamp:
		c.parsed = timeSQL(r, cl, b.m.Time, b.m.Zone)
		c.value = inRange(c.p())
		c.fault(c.p()+" IS NULL", CodeTime, "is not a time: "+timeHint(b.m.Time))
		c.fault("true", CodeTimeRange, "lies before 1970 or after 2200: correct it, or set time: if the unit is another")
	case schema.Date:
		c.parsed = dateSQL(r, cl, b.m.Time, b.m.Zone, t.zone)
		c.value = fmt.Sprintf("CASE WHEN %s >= DATE '1970-01-01' AND %s < DATE '2200-01-01' THEN %s END", c.p(), c.p(), c.p())
		c.fault(c.p()+" IS NULL", CodeTime, "is not a date: "+timeHint(b.m.Time))
		c.fault("true", CodeTimeRange, "lies before 1970 or after 2200: correct it, or set time: if the unit is another")
	case schema.Int:
		c.value = intSQL(r, cl)
		c.fault("true", CodeNumber, "is not a whole number: correct it or map another column")
	case schema.Decimal:
		c.value = decimalSQL(r, cl)
		c.fault("true", CodeNumber, "is not a decimal number: write it with a point and without separators")
	case schema.Bool:
		c.value = fmt.Sprintf("TRY_CAST(%s AS BOOLEAN)", r)
		c.fault("true", CodeNumber, "is neither true nor false")
	case schema.Text:
		c.label(b)
	}
}

// maxText is the longest text of a contract column, in bytes: ids, names and labels are compared,
// grouped by and shown, and nothing longer is one of these. Properties and touch paths may be longer.
const maxText = 1024

// label keeps a text as it is.
func (c *cell) label(b binding) {
	c.value = c.r()
	if b.col.Name != "path" {
		c.value = fmt.Sprintf("CASE WHEN strlen(%s) <= %d THEN %s END", c.r(), maxText, c.r())
	}
	if b.src != nil && classOf(b.src.typ) == classJSON {
		c.nested = nestedSQL(*b.src, b.path)
		c.value = fmt.Sprintf("CASE WHEN NOT coalesce(%s, false) THEN %s END", c.n(), c.value)
		c.fault(c.n(), CodeNested, "is a JSON object or list where a text belongs: map a key inside of it, such as user.id")
	}
	if b.col.Name != "path" {
		c.fault("true", CodeTooLong, fmt.Sprintf("is longer than %d bytes: keep ids and names short, or map a column of another kind", maxText))
	}
}

// nestedSQL tells whether a JSON value is an object or a list.
func nestedSQL(src column, path string) string {
	if path != "" {
		return fmt.Sprintf("json_type(%s, %s) IN ('OBJECT', 'ARRAY')", ident(src.name), literal(jsonPath(path)))
	}
	return fmt.Sprintf("left(CAST(%s AS VARCHAR), 1) IN ('{', '[')", ident(src.name))
}

func timeHint(format string) string {
	switch format {
	case "":
		return "write it like 2026-11-16T08:00:00Z, or set time: to its format"
	case "unix", "unix_ms", "unix_us":
		return "time: " + format + " expects a number"
	}
	return "time: expects " + format
}

// intSQL reads whole numbers. Text is matched first: DuckDB's cast would round 1.5 to 2 and take
// 1e3, 1_000 and 0x10. A fraction of zeros is accepted, as programs write 5.0 for a whole number in
// a column that also has gaps.
func intSQL(r string, c class) string {
	if c == classInt {
		return "TRY_CAST(" + r + " AS BIGINT)"
	}
	t := asText(r, c)
	return fmt.Sprintf(`CASE WHEN regexp_full_match(%s, '[+-]?[0-9]+(\.0+)?') THEN TRY_CAST(split_part(%s, '.', 1) AS BIGINT) END`, t, t)
}

// decimalSQL reads decimals with nine places, rounded half away from zero beyond them. They are
// means, variances, scores and rates; money is never read this way.
func decimalSQL(r string, c class) string {
	t := asText(r, c)
	return fmt.Sprintf(`CASE WHEN regexp_full_match(%s, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') THEN TRY_CAST(%s AS DECIMAL(38,9)) END`, t, t)
}

// currency checks an ISO 4217 code.
func (c *cell) currency() {
	c.value = fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN %s END", exponentSQL(c.r()), c.r())
	c.fault("true", CodeCurrency, "is not an ISO 4217 currency code: write it in capitals like EUR, or add it to values of the mapping")
}

// amount converts to minor units of the row's currency, or of the project's where the row names none.
func (c *cell) amount(b binding, cl class, currency *cell, t terms) {
	unit := b.unit()
	if cl == classInt && unit == referral.UnitMinor {
		c.value = minorSQL(c.r())
		c.fault("true", CodeRange, beyondRange)
		return
	}
	text, exp := asText(c.r(), cl), "NULL"
	if e, err := referral.Exponent(t.currency); err == nil {
		exp = fmt.Sprint(e)
	}
	if currency != nil && currency.given {
		c.exponent, exp = exponentSQL(fmt.Sprintf("coalesce(%s, %s)", currency.r(), literal(t.currency))), c.e()
		// An unknown currency is the fault of its own column; the amount cannot be judged.
		c.faults = append(c.faults, fault{cond: exp + " IS NULL"})
	}
	c.value = amountSQL(text, exp, unit)
	c.fault("NOT "+amountForm(text), CodeAmount, "is not an amount: write digits with a point and no separators or currency signs")
	c.fault(precisionSQL(text, exp, unit), CodePrecision, fmt.Sprintf("has more decimals than its currency when read in %s units: correct it or set unit:", unit))
	c.fault("true", CodeRange, beyondRange)
}

// precisionSQL tells whether a well-formed amount has digits its currency cannot hold.
func precisionSQL(t, exp string, unit referral.Unit) string {
	switch unit {
	case referral.UnitMinor:
		return fractionSQL(t) + " <> ''"
	case referral.UnitMicros:
		return fmt.Sprintf("(%s <> '' OR right('0000000' || %s, 6 - %s) <> repeat('0', 6 - %s))", fractionSQL(t), wholeSQL(t), exp, exp)
	default:
		return fmt.Sprintf("length(%s) > %s", fractionSQL(t), exp)
	}
}
