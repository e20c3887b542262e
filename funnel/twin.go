package funnel

import (
	"fmt"
	"slices"

	"vouch/internal/sqltext"
)

// twinParams is the data of the statements that answer a funnel in SQL.
type twinParams struct {
	Rows  rowsParams // one column for each condition
	Steps []twinStep
	Names []nameTest
	K     int  // number of steps
	Deep  bool // planning would take longer than what is planned
	Bare  bool
	// Layers are the steps after the first, Inward the same from the last on; Down numbers all steps from
	// the last to the first.
	Layers, Inward []twinLayer
	Down           []int

	Window      *int64
	Lo, Hi      *int64 // eligible times of the first step, both inclusive
	FirstEntry  bool
	FirstEver   bool
	Same        bool // an event may serve several steps of a chain
	Attribution string
	Fits        int // the step that only events with the asked value serve, 0: none
	// Least and Most bound the times whose differences fit into 64 bits.
	Least, Most int64
}

// twinStep is a step: an event serves it if any of the ways holds.
type twinStep struct {
	N         int
	FirstEver bool
	Ways      []twinWay
}

// twinWay is one alternative: a test of the event's name and the conditions that must hold with it.
type twinWay struct {
	Name int
	Bits []int
}

// nameTest is one alternative's conditions on the event's name.
type nameTest struct {
	N          int
	Conditions []nameCondition
}

// nameCondition compares the event's name as SQL states it; Settled ones hold or not whatever it is.
type nameCondition struct {
	Settled, Holds bool
	Op, Text       string
}

// twinLayer computes one step from the step before it and, for completion, the step Back from the step
// after that.
type twinLayer struct{ Step, Before, Back, After int }

// maxTwinSteps bounds the steps that SQL answers: its queries nest once for each step, so that planning them
// takes time by the square of their number, and engines refuse to nest too deep (DuckDB: 1,000 levels).
const maxTwinSteps = 20

// farthest is the largest time, either side of zero, whose differences fit into 64 bits.
const farthest = 1 << 61

// newTwin states the query in SQL. It must be one that SQL can express.
func newTwin(q *query) twinParams {
	p := q.plan
	out := twinParams{
		Rows: q.params, K: len(p.steps), Deep: len(p.steps) > 8 || q.params.Ticks, Bare: q.bare, Window: q.rules.Window, FirstEntry: p.firstEntry, FirstEver: p.firstEver,
		Same: p.reuse && !p.increasing, Attribution: p.attribution, Least: -farthest, Most: farthest, Lo: q.rules.EntryFrom,
	}
	if q.rules.EntryTo != nil {
		out.Hi = &p.starts.hi
	}
	if p.attribution == "step" {
		out.Fits = p.attrStep + 1
	}
	out.Rows.Clustered = true // it is read from as a table, so its order means nothing
	out.Rows.Masks = nil
	for _, mask := range q.params.Masks {
		for _, c := range mask {
			c.Weight = 1
			out.Rows.Masks = append(out.Rows.Masks, []condition{c})
		}
	}
	for i := range p.steps {
		out.step(q.matchers, i, q.rules.Steps[i].AnyOf, p.steps[i].firstEver)
		out.Down = append(out.Down, len(p.steps)-i)
		if i > 0 {
			out.Layers = append(out.Layers, twinLayer{Step: i + 1, Before: i, Back: out.K - i, After: out.K - i + 1})
		}
	}
	out.Inward = slices.Clone(out.Layers)
	slices.Reverse(out.Inward)
	return out
}

// step adds the alternatives of a step.
func (t *twinParams) step(m *matcherSet, i int, alternatives [][]Condition, firstEver bool) {
	s := twinStep{N: i + 1, FirstEver: firstEver}
	for _, all := range alternatives {
		way := twinWay{}
		var name []nameCondition
		for _, c := range all {
			if c.Field == "event" {
				name = append(name, nameConditionOf(c))
			} else {
				way.Bits = append(way.Bits, m.bit(c))
			}
		}
		way.Name = t.test(name)
		s.Ways = append(s.Ways, way)
	}
	t.Steps = append(t.Steps, s)
}

// Narrow is the twin without the columns that only answers need: steps and times are enough to tell ties.
func (t twinParams) Narrow() twinParams {
	t.Rows.Hold, t.Rows.By, t.Rows.Money = nil, nil, false
	return t
}

// forgetConditions leaves only what the alternatives ask of the event's name.
func (t *twinParams) forgetConditions() {
	for i := range t.Steps {
		for j := range t.Steps[i].Ways {
			t.Steps[i].Ways[j].Bits = nil
		}
	}
}

// test returns the number of a test of the name, the same for equal ones.
func (t *twinParams) test(list []nameCondition) int {
	for _, n := range t.Names {
		if slices.Equal(n.Conditions, list) {
			return n.N
		}
	}
	t.Names = append(t.Names, nameTest{N: len(t.Names) + 1, Conditions: list})
	return len(t.Names)
}

// nameConditionOf states a comparison of the event's name, which is a text and never missing.
func nameConditionOf(c Condition) nameCondition {
	want := parseValue(c.Value)
	switch {
	case c.Op == "is_null", c.Op == "not_null":
		return nameCondition{Settled: true, Holds: c.Op == "not_null"}
	case want.kind != textValue:
		return nameCondition{Settled: true, Holds: c.Op == "!="}
	case c.Op == "!=":
		return nameCondition{Op: "<>", Text: want.text}
	}
	return nameCondition{Op: c.Op, Text: want.text}
}

// beyond lists why SQL cannot state the query, so that the kernel answers everybody.
func (q *query) beyond() []string {
	p := q.plan
	var out []string
	add := func(is bool, reason string) {
		if is && !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	add(p.order != ordered, "order "+orders[p.order])
	add(len(p.steps) > maxTwinSteps, fmt.Sprintf("more than %d steps", maxTwinSteps))
	add(p.totals, "counting totals")
	add(p.tolerance > 0, "tolerance")
	add(len(p.exclusions) > 0, "exclusions")
	add(p.optional, "optional steps")
	for _, s := range p.steps {
		add(s.window != noLimit, "windows of steps")
		add(s.hasGap, "minimum gaps")
	}
	for _, j := range q.params.Judged {
		add(true, "condition on prop."+j.Field.Prop)
	}
	for i, h := range q.params.Hold {
		add(h.Of != "" && !h.isID(), "hold "+q.rules.HoldConstant[i])
	}
	if by := q.params.By; by != nil {
		add(by.Of != "" && !by.isID(), "breakdown "+q.rules.Breakdown.Property)
	}
	return out
}

// twinStmt renders a statement of the twin for a range of units.
func twinStmt(d sqltext.Dialect, name string, p twinParams, lo, hi int64) (sqltext.Stmt, error) {
	p.Rows = p.Rows.between(lo, hi)
	st, err := statements.Render(d, name, p)
	if err != nil {
		return sqltext.Stmt{}, fmt.Errorf("funnel in SQL: %w", err)
	}
	return st, nil
}
