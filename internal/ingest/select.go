package ingest

import (
	"fmt"
	"strings"

	"vouch/internal/schema"
)

// conversion is the SQL that turns one relation into rows of one contract table.
type conversion struct {
	table schema.Table
	from  string
	cells []cell
	extra string // JSON object of the columns nothing takes
	terms terms
}

// newConversion binds the parts together. Currency columns are built first because amounts need them.
func newConversion(table schema.Table, rel relation, m mapping, t terms) conversion {
	c := conversion{table: table, from: rel.from, extra: m.extraSQL(), terms: t}
	var currency *cell
	for _, b := range m.bindings {
		if b.col.Role == schema.CurrencyCode {
			one := newCell(b, nil, t)
			currency = &one
		}
	}
	for _, b := range m.bindings {
		c.cells = append(c.cells, newCell(b, currency, t))
	}
	return c
}

// layers writes the conversion over a FROM clause; more names columns of it to carry along.
func (c conversion) layers(from string, more ...string) string {
	carried := append([]string{}, more...)
	texts, raws, parsed, values := []string{}, []string{}, []string{}, []string{}
	if c.overflow() {
		texts = append(texts, c.extra+" AS ingest_extra")
		carried = append(carried, "ingest_extra")
	}
	var keep []string // names every layer passes on
	for _, x := range c.cells {
		if x.given {
			texts = append(texts, x.text+" AS "+x.t())
			if x.nested != "" {
				texts = append(texts, x.nested+" AS "+x.n())
				raws, keep = append(raws, x.n()), append(keep, x.n())
			}
			raws = append(raws, x.raw+" AS "+x.r())
			keep = append(keep, x.r())
		}
		if x.exponent != "" {
			parsed = append(parsed, x.exponent+" AS "+x.e())
		}
		if x.parsed != "" {
			parsed = append(parsed, x.parsed+" AS "+x.p())
		}
		values = append(values, x.value+" AS "+x.v())
	}
	sql := "SELECT " + orNull(append(append([]string{}, more...), texts...)) + " FROM " + from
	sql = "SELECT " + orNull(append(append([]string{}, carried...), raws...)) + " FROM (" + sql + ")"
	sql = "SELECT " + orNull(append(append(append([]string{}, carried...), keep...), parsed...)) + " FROM (" + sql + ")"
	for _, x := range c.cells {
		if x.exponent != "" {
			keep = append(keep, x.e())
		}
		if x.parsed != "" {
			keep = append(keep, x.p())
		}
	}
	return "(SELECT " + strings.Join(append(append(carried, keep...), values...), ", ") + " FROM (" + sql + "))"
}

// orNull keeps a SELECT list from being empty.
func orNull(list []string) string {
	if len(list) == 0 {
		return "NULL AS ingest_none"
	}
	return strings.Join(list, ", ")
}

// overflow reports whether the table has a column for what nothing takes.
func (c conversion) overflow() bool {
	for _, x := range c.cells {
		if x.col.Role == schema.Overflow {
			return true
		}
	}
	return false
}

// bad is the condition that rejects a row.
func (c conversion) bad() string {
	var conds []string
	for _, x := range c.cells {
		if b := x.bad(); b != "" {
			conds = append(conds, "("+b+")")
		}
	}
	if len(conds) == 0 {
		return "false"
	}
	return strings.Join(conds, " OR ")
}

// rows writes the SELECT of all rows, good and bad: contract columns, source, batch_id, bad.
func (c conversion) rows(source string, batch int64) string {
	list := make([]string, 0, len(c.cells)+3)
	for _, x := range c.cells {
		list = append(list, c.final(x)+" AS "+ident(x.col.Name))
	}
	list = append(list,
		literal(source)+" AS source", fmt.Sprintf("CAST(%d AS INTEGER) AS batch_id", batch), "("+c.bad()+") AS bad")
	return "SELECT " + strings.Join(list, ", ") + " FROM " + c.layers(c.from)
}

// final is what is stored for a cell: its value, or the default the contract gives.
func (c conversion) final(x cell) string {
	switch {
	case x.col.Role == schema.Overflow:
		if !x.given {
			return "ingest_extra"
		}
		return fmt.Sprintf("CASE WHEN ingest_extra IS NULL THEN %s WHEN %s IS NULL THEN ingest_extra ELSE CAST(json_merge_patch(%s, ingest_extra) AS VARCHAR) END", x.v(), x.v(), x.v())
	case x.col.Role == schema.CurrencyCode:
		if amount, ok := c.amountCell(); ok {
			return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN coalesce(%s, %s) ELSE %s END", amount.v(), x.v(), literal(c.terms.currency), x.v())
		}
	case c.table.Name == "events" && x.col.Name == "received_at":
		return fmt.Sprintf("coalesce(%s, %s)", x.v(), ident("v_occurred_at"))
	case c.table.Name == "events" && x.col.Name == "event_id":
		if !x.given {
			return c.rowHash()
		}
		return fmt.Sprintf("coalesce(%s, %s)", x.v(), c.rowHash())
	case c.table.Name == "partners" && x.col.Name == "archetype":
		return fmt.Sprintf("coalesce(%s, 'other')", x.v())
	}
	return x.v()
}

// rowHash identifies an event without an id: the md5 of its values, the time of arrival left out, so
// that the same row delivered later is the same event. Separators keep ("a","bc") and ("ab","c")
// apart, and absent values apart from empty ones.
func (c conversion) rowHash() string {
	var parts []string
	for _, x := range c.cells {
		if !x.given || x.col.Name == "received_at" || x.col.Name == "event_id" || x.col.Role == schema.Overflow {
			continue
		}
		parts = append(parts, literal(x.col.Name+"\x1e"), fmt.Sprintf("coalesce(CAST(%s AS VARCHAR), '\x1d')", x.v()))
	}
	for _, x := range c.cells {
		if x.col.Role == schema.Overflow && x.given {
			parts = append(parts, fmt.Sprintf("coalesce(%s, '\x1d')", x.v()))
		}
	}
	parts = append(parts, "coalesce(ingest_extra, '\x1d')")
	return "md5(concat_ws('\x1f', " + strings.Join(parts, ", ") + "))"
}

func (c conversion) amountCell() (cell, bool) {
	for _, x := range c.cells {
		if x.col.Role == schema.Amount {
			return x, true
		}
	}
	return cell{}, false
}

// rejects writes the SELECT of what is wrong, a row per bad cell: row, column_name, code, message,
// raw. The FROM clause must have a column ingest_row.
func (c conversion) rejects(from string) string {
	var items []string
	for _, x := range c.cells {
		if item := x.rejectSQL(); item != "" {
			items = append(items, item)
		}
	}
	return fmt.Sprintf("SELECT ingest_row, fault.col, fault.code, fault.message, fault.raw FROM (SELECT ingest_row, unnest([%s]) AS fault FROM %s WHERE %s) WHERE fault IS NOT NULL",
		strings.Join(items, ", "), c.layers(from, "ingest_row"), c.bad())
}

// maxRaw is how much of a rejected text is kept: enough to recognise it.
const maxRaw = 200

// rejectSQL is a struct that says what is wrong with the cell, NULL if nothing is.
func (c cell) rejectSQL() string {
	if c.bad() == "" {
		return ""
	}
	raw := "NULL"
	if c.given {
		raw = fmt.Sprintf("left(CAST(%s AS VARCHAR), %d)", c.r(), maxRaw)
	}
	item := func(code, message string) string {
		return fmt.Sprintf("{'col': %s, 'code': %s, 'message': %s, 'raw': %s}", literal(c.col.Name), literal(code), message, raw)
	}
	var b strings.Builder
	b.WriteString("CASE WHEN " + c.bad() + " THEN CASE")
	if c.col.Required {
		missing := literal("has no value and is required: fill it in, or leave the row out with sql:")
		if c.given {
			fmt.Fprintf(&b, " WHEN %s IS NULL THEN %s", c.r(), item(CodeRequired, missing))
		} else {
			fmt.Fprintf(&b, " WHEN true THEN %s", item(CodeRequired, missing))
		}
	}
	for _, f := range c.faults {
		if f.code == "" {
			fmt.Fprintf(&b, " WHEN %s THEN NULL", f.cond)
			continue
		}
		fmt.Fprintf(&b, " WHEN %s THEN %s", f.cond, item(f.code, fmt.Sprintf(`'"' || %s || '" ' || %s`, raw, literal(f.message))))
	}
	b.WriteString(" END END")
	return b.String()
}
