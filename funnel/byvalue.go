package funnel

// valueTable counts units by the number of their value: one row of counters a value, so that a unit touches
// a line or two of memory. Units without optional steps only.
type valueTable struct {
	steps, width int
	text         func(int32) string
	common       bool // all kernels number the values alike
	censor       bool
	rows         []int64
	converted    pieces[valueTime]
	open         pieces[valueTime]
	several      pieces[carried] // units under more than one value
	unit         []carried       // of the unit at hand
}

// valueTime is a time of a unit under a value.
type valueTime struct {
	value int32
	time  int64
}

// Columns of a row, after the units by level and the money by step.
const (
	throughColumn        = iota // of its units, those whose person is complete over all values
	convertedColumn             // from the first entry
	youngConvertedColumn        // of them, those whose window is not over
	openColumn
	valueColumns
)

func newValueTable(p *plan, v *views, common bool) *valueTable {
	k := len(p.steps)
	return &valueTable{text: v.text, common: common, censor: v.censor, steps: k, width: 2*k + 1 + valueColumns}
}

// row returns the counters of a value.
func (v *valueTable) row(value int32) []int64 {
	at := int(value) * v.width
	if more := at + v.width - len(v.rows); more > 0 {
		v.rows = append(v.rows, make([]int64, more)...)
	}
	return v.rows[at : at+v.width]
}

// count counts a unit as the evaluator answers for it; through says that its person is complete over all values.
func (v *valueTable) count(t *tally, value int32, o *outcome, money []int64, through bool) {
	row := v.row(value)
	row[o.level]++
	if through {
		row[2*v.steps+1+throughColumn]++
	}
	if len(money) > 0 {
		for s, at := range o.rows[:o.level] {
			t.addTo(&row[v.steps+1+s], money[at])
		}
	}
}

// follow counts what became of the first entry of a unit. All that are not told of were watched for the whole window.
func (v *valueTable) follow(value int32, f followUp) {
	row := v.row(value)[2*v.steps+1:]
	switch {
	case f.converted:
		row[convertedColumn]++
		if !f.mature {
			row[youngConvertedColumn]++
		}
		v.converted.add(valueTime{value, f.after})
	case !f.mature:
		row[openColumn]++
		v.open.add(valueTime{value, f.seen})
	}
}

// carry notes the level of a unit under a value, until the unit ends.
func (v *valueTable) carry(value int32, level int) {
	v.unit = append(v.unit, carried{group: value, level: int16(level)})
}

// endCarry keeps the values of the unit at hand if it counts under several.
func (v *valueTable) endCarry() {
	if n := len(v.unit); n > 1 {
		v.unit[n-1].last = true
		for _, c := range v.unit {
			v.several.add(c)
		}
	}
	v.unit = v.unit[:0]
}

// add merges the table of other persons, whose values have the same numbers; it must not be used afterwards.
func (v *valueTable) add(t *tally, o *valueTable) {
	if len(v.rows) < len(o.rows) {
		v.rows, o.rows = o.rows, v.rows
	}
	for i, n := range o.rows {
		if at := i % v.width; at > v.steps && at <= 2*v.steps {
			t.addTo(&v.rows[i], n)
		} else {
			v.rows[i] += n
		}
	}
	v.converted.join(&o.converted)
	v.open.join(&o.open)
	v.several.join(&o.several)
}

// write adds the counts to the groups of a tally.
func (v *valueTable) write(t *tally) {
	n := len(v.rows) / v.width
	groups := make([]*groupTally, n)
	for value := range n {
		row := v.row(int32(value))
		var units int64
		for _, c := range row[1 : v.steps+1] {
			units += c
		}
		if units == 0 {
			continue
		}
		g := t.group(v.text(int32(value)))
		groups[value] = g
		addLevels(g.steps, row[:v.steps+1])
		for s, amount := range row[v.steps+1 : 2*v.steps+1] {
			t.addMoney(&g.steps[s], amount)
		}
		row = row[2*v.steps+1:]
		g.through += row[throughColumn]
		if v.censor {
			e := entrants{row[convertedColumn], row[youngConvertedColumn], row[openColumn]}
			c := e.tally(units)
			g.cens.count(&c)
		}
	}
	for piece := range v.converted.each {
		for _, x := range piece {
			groups[x.value].cens.events.add(x.time)
		}
	}
	for piece := range v.open.each {
		for _, x := range piece {
			groups[x.value].cens.censored.add(x.time)
		}
	}
}
