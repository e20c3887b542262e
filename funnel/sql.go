package funnel

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"vouch/internal/sqltext"
	"vouch/referral"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var statements = sqltext.MustLoad("funnel", sqlFiles)

// maskBits is the number of conditions one integer column carries.
const maskBits = 62

// field is a contract column or a property.
type field struct{ Column, Prop string }

func fieldOf(name string) field {
	if p, ok := strings.CutPrefix(name, "prop."); ok {
		return field{Prop: p}
	}
	if name == "partner_id" {
		return field{Column: "partner_key"}
	}
	return field{Column: name}
}

// condition is one comparison as SQL states it.
type condition struct {
	Field  field
	Op     string // a comparison sign, contains, is_null, not_null, never
	Negate bool
	Types  []string // of a property: the JSON types that can compare
	Number bool
	Text   string
	Weight int64
}

// rowsParams is the data of rows.sql.
type rowsParams struct {
	Lo, Hi int64
	AsOf   time.Time
	Keys   []int64
	Masks  [][]condition
	Hold   []field
	By     *field
	Money  bool
	// Clustered leaves the ORDER BY to the order of the table.
	Clustered bool
}

func newRowsParams(m *matcherSet, r *Rules, scope referral.Scope, money bool) rowsParams {
	out := rowsParams{AsOf: scope.AsOf, Money: money}
	if m.p.order != strict { // strict orders see every event
		out.Keys = m.relevant()
	}
	for i, c := range m.conds {
		if i%maskBits == 0 {
			out.Masks = append(out.Masks, nil)
		}
		sc := sqlCondition(c)
		sc.Weight = 1 << (i % maskBits)
		last := len(out.Masks) - 1
		out.Masks[last] = append(out.Masks[last], sc)
	}
	for _, h := range r.HoldConstant {
		out.Hold = append(out.Hold, fieldOf(h))
	}
	if r.Breakdown != nil {
		f := fieldOf(r.Breakdown.Property)
		out.By = &f
	}
	return out
}

// sqlCondition states a condition on a column or property. Columns are text; a property compares only
// within its JSON type.
func sqlCondition(c Condition) condition {
	out := condition{Field: fieldOf(c.Field), Op: c.Op}
	if c.Field == "partner_id" {
		out.Field.Column = "partner_id"
	}
	if c.Op == "is_null" || c.Op == "not_null" {
		return out
	}
	want := parseValue(c.Value)
	if c.Op == "!=" {
		out.Op, out.Negate = "=", true
	}
	out.Text = want.text
	isProp := out.Field.Prop != ""
	switch {
	case want.kind == textValue:
		if isProp {
			out.Types = []string{"VARCHAR"}
		}
		return out
	case want.kind == numberValue && isProp && c.Op != "contains":
		out.Types, out.Number = []string{"BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"}, true
		return out
	case want.kind == boolValue && isProp && out.Op == "=":
		out.Types = []string{"BOOLEAN"}
		return out
	}
	// Nothing compares: = and the orders are false, != is true of every value there is.
	if out.Negate {
		return condition{Field: out.Field, Op: "not_null"}
	}
	return condition{Field: out.Field, Op: "never"}
}

// rowsStmt renders the statement for a range of persons.
func rowsStmt(d sqltext.Dialect, p rowsParams, lo, hi int64) (sqltext.Stmt, error) {
	if d.Name() == "trino" {
		for _, mask := range p.Masks {
			for _, c := range mask {
				if len(c.Types) > 0 {
					return sqltext.Stmt{}, typedJSON("condition on", c.Field)
				}
			}
		}
		for _, h := range p.Hold {
			if h.Prop != "" {
				return sqltext.Stmt{}, typedJSON("hold of", h)
			}
		}
	}
	p.Lo, p.Hi = lo, hi
	return statements.Render(d, "rows", p)
}

// typedJSON refuses what needs the JSON type of a property, which only DuckDB's SQL tells here.
func typedJSON(what string, f field) error {
	return fmt.Errorf("%s prop.%s: typed JSON properties: %w; map the property to a column", what, f.Prop, sqltext.ErrUnsupported)
}

// Statements lists the SQL behind Compute. The event keys of the rows are those of the project's
// catalogue, which is not at hand here, so the filter on them is left out.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	r, err := def.rules(scope)
	if err != nil {
		return nil, err
	}
	p := newPlan(r)
	rows, err := rowsStmt(d, newRowsParams(newMatcherSet(p, r, nil), r, scope, true), 0, 1<<31-1)
	if err != nil {
		return nil, err
	}
	out := make([]sqltext.Stmt, 0, 4)
	for _, name := range []string{"names", "persons"} {
		s, err := statements.Render(d, name, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return append(out, rows), nil
}
