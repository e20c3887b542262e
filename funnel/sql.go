package funnel

import (
	"embed"
	"slices"
	"time"

	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var statements = sqltext.MustLoad("funnel", sqlFiles)

// maskBits is the number of conditions one integer column carries.
const maskBits = 62

// condition is one comparison as SQL states it. One on what a key stands for asks whether the key is
// among those for which the comparison holds.
type condition struct {
	Field  field
	Op     string // a comparison sign, contains, is_null, not_null, within, never
	Negate bool
	Begins string // of a property: the characters with which the JSON of a type that compares begins
	Number bool
	Text   string
	Spans  []referral.Period // for within
	Weight int64
	// Bounded keeps a comparison on persons to those from Lo to Hi (exclusive), whose events are read.
	Bounded bool
	Lo, Hi  int64
}

// rowsParams is the data of rows.sql.
type rowsParams struct {
	Lo, Hi int64
	Table  string // event_facts, or the copy of its steps
	AsOf   time.Time
	Unit   string // the column of event_facts whose value is counted
	// UnitKeys says that Lo and Hi bound the unit; a unit of text is read whole.
	UnitKeys bool
	DropLate bool
	Keys     []int64
	Masks    [][]condition
	Judged   []judgement
	Hold     []field
	By       *field
	Money    bool
	// Ticks says that times are plain integers, as in a count; End is then the last of them, if any.
	Ticks bool
	End   *int64
	// Left reads only persons that the twin leaves to the kernel.
	Left *twinParams
	// Clustered leaves the ORDER BY to the order of the table.
	Clustered bool
}

func newRowsParams(m *matcherSet, r *Rules, def Definition, scope referral.Scope, money bool) rowsParams {
	unit := def.unit()
	out := rowsParams{Table: schema.EventFacts, AsOf: scope.AsOf, Money: money, Unit: unit.column, UnitKeys: unit.table != "", DropLate: def.Late == "drop"}
	if m.p.order != strict { // strict orders see every event
		out.Keys = m.relevant()
	}
	for i, c := range m.conds {
		if i%maskBits == 0 {
			out.Masks = append(out.Masks, nil)
		}
		sc := sqlCondition(c, scope)
		if judged(c) {
			sc.Op = "never"
			out.Judged = append(out.Judged, judgement{Field: sc.Field, op: c.Op, want: parseValue(c.Value), bit: i})
		}
		sc.Weight = 1 << (i % maskBits)
		sc.Bounded = unit.isPerson() && sc.Field.ofOnePerson()
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

// ordered reports whether the rows come in order as the table lies: it is sorted by persons, and no
// comparison joins another table.
func (p rowsParams) ordered() bool {
	for _, mask := range p.Masks {
		for _, c := range mask {
			if c.Field.Of != "" {
				return false
			}
		}
	}
	return p.Unit == units[0].column
}

// narrow reads the copy that holds only the events of steps, if it holds all that are asked for: the
// rows in the order of the facts, of some events, with their partner and their worth.
func (p *rowsParams) narrow(cat *catalogue) {
	if !p.Clustered || p.DropLate || p.Left != nil || len(p.Judged) > 0 || len(p.Keys) == 0 || len(cat.stepKeys) == 0 {
		return
	}
	for _, k := range p.Keys {
		if !slices.Contains(cat.stepKeys, k) {
			return
		}
	}
	fields := slices.Clone(p.Hold)
	if p.By != nil {
		fields = append(fields, *p.By)
	}
	for _, mask := range p.Masks {
		for _, c := range mask {
			fields = append(fields, c.Field)
		}
	}
	for _, f := range fields {
		if f.Column != "partner_key" && f.Column != "person_key" {
			return
		}
	}
	p.Table = schema.StepFacts
	if len(p.Keys) == len(cat.stepKeys) {
		p.Keys = nil // all of its rows
	}
}

// between returns the parameters for a range of units, with conditions on persons kept to it.
func (p rowsParams) between(lo, hi int64) rowsParams {
	p.Lo, p.Hi = lo, hi
	masks := make([][]condition, len(p.Masks))
	for i, mask := range p.Masks {
		masks[i] = slices.Clone(mask)
		for j := range masks[i] {
			masks[i][j].Lo, masks[i][j].Hi = lo, hi
		}
	}
	p.Masks = masks
	if p.Left != nil {
		left := *p.Left
		left.Rows = left.Rows.between(lo, hi)
		p.Left = &left
	}
	return p
}

// sqlCondition states a condition on a field. Columns are text; a property compares only within its
// JSON type; a calendar period compares by its label, which settles which times match.
func sqlCondition(c Condition, scope referral.Scope) condition {
	out := condition{Field: fieldOf(c.Field), Op: c.Op}
	if out.Field.dated() {
		return datedCondition(out, c, scope)
	}
	if c.Op == "is_null" || c.Op == "not_null" {
		if out.Field.isID() { // every key has an id
			out.Field = field{Column: out.Field.Column}
		}
		return out
	}
	want := parseValue(c.Value)
	if c.Op == "!=" {
		out.Op, out.Negate = "=", true
	}
	out.Text = want.text
	isJSON := out.Field.Prop != "" || out.Field.Of == ofPerson
	switch {
	case want.kind == textValue:
		if isJSON {
			out.Begins = `"`
		}
		return out
	case want.kind == numberValue && isJSON && c.Op != "contains":
		out.Begins, out.Number = "-0123456789", true
		return out
	case want.kind == boolValue && isJSON && out.Op == "=":
		out.Begins = "tf"
		return out
	}
	// Nothing compares: = and the orders are false, != is true of every value there is.
	if out.Negate {
		return sqlCondition(Condition{Field: c.Field, Op: "not_null"}, scope)
	}
	return condition{Field: out.Field, Op: "never"}
}

// datedCondition states a comparison of a period's label as the times of the periods for which it holds.
func datedCondition(out condition, c Condition, scope referral.Scope) condition {
	want, op := parseValue(c.Value), c.Op
	if op == "is_null" {
		op = "not_null" // and the key is not among those
	} else {
		out.Op = "within"
	}
	for _, p := range calendarPeriods(calendar(scope), referral.Grain(out.Field.Name), scope.AsOf) {
		if !holds(op, text(p.label), want) {
			continue
		}
		if n := len(out.Spans); n > 0 && out.Spans[n-1].To.Equal(p.From) {
			out.Spans[n-1].To = p.To
		} else {
			out.Spans = append(out.Spans, p.Period)
		}
	}
	if len(out.Spans) == 0 {
		out.Op = "never"
	}
	return out
}

// rowsStmt renders the statement for a range of persons.
func rowsStmt(d sqltext.Dialect, p rowsParams, lo, hi int64) (sqltext.Stmt, error) {
	return statements.Render(d, "rows", p.between(lo, hi))
}

// Statements lists the SQL behind Compute. The event keys of the rows are those of the project's
// catalogue, which is not at hand here, so the filter on them is left out; nor are the days of entry, so
// costs are those of all days.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	return listStatements(d, def, scope, false)
}

// PortableStatements lists the SQL behind Compute on an engine that answers in portable SQL: the twin, if
// SQL can state the definition, and the rows of the units that are left to the kernel.
func PortableStatements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	return listStatements(d, def, scope, true)
}

func listStatements(d sqltext.Dialect, def Definition, scope referral.Scope, portable bool) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	r, err := def.rules(scope)
	if err != nil {
		return nil, err
	}
	p := newPlan(r)
	m := newMatcherSet(p, r, nil)
	params := newRowsParams(m, r, def, scope, true)
	last, err := passStatements(d, &query{rules: r, plan: p, matchers: m, params: params}, portable)
	if err != nil {
		return nil, err
	}
	unit := def.unit()
	out := make([]sqltext.Stmt, 0, 8)
	for _, x := range []struct {
		name string
		data any
		use  bool
	}{
		{"names", nil, true},
		{"persons", map[string]any{"Table": unit.table}, unit.table != ""},
		{"late", params.outside(nil), true},
		{"without_unit", params.outside(nil), !unit.isPerson()},
		{"without_held", params.lacking(nil), p.hold},
		{"costs", newCostParams(def, scope, "1970-01-01", "9999-12-31"), true},
	} {
		if !x.use {
			continue
		}
		s, err := statements.Render(d, x.name, x.data)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	for _, f := range params.keyed() {
		s, err := labelsStmt(d, f, scope)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return append(out, last...), nil
}

// passStatements are those of the pass over the events.
func passStatements(d sqltext.Dialect, q *query, portable bool) ([]sqltext.Stmt, error) {
	const all = 1<<31 - 1 // units
	var out []sqltext.Stmt
	if portable && len(q.beyond()) == 0 {
		twin := newTwin(q)
		st, err := twinStmt(d, "twin", twin, 0, all)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
		q.params.leave(twin, nil)
	}
	rows, err := rowsStmt(d, q.params, 0, all)
	return append(out, rows), err
}

// keyed lists the fields of the breakdown and of hold whose texts are read beside the rows.
func (p rowsParams) keyed() []field {
	var out []field
	if p.By != nil && p.By.Of != "" {
		out = append(out, *p.By)
	}
	for _, h := range p.Hold {
		if h.Of != "" && !h.isID() {
			out = append(out, h)
		}
	}
	return out
}
