package funnel

// valueTable counts units by the number of their value: one row of counters a value, so that a unit touches
// a line or two of memory. Units without optional steps only.
type valueTable struct {
	steps, width int
	text         func(int32) string
	rows         []int64
	converted    pieces[valueTime]
	open         pieces[valueTime]
	several      pieces[carried] // units under more than one value
}

// valueTime is a time of a unit under a value.
type valueTime struct {
	value int32
	time  int64
}

// Columns of a row, after the units by level and the money by step.
const (
	throughColumn   = iota // of its units, those whose person is complete over all values
	convertedColumn        // from the first entry
	youngColumn            // the window of the first entry is not over
	youngConvertedColumn
	openColumn
	valueColumns
)

func newValueTable(p *plan, text func(int32) string) *valueTable {
	k := len(p.steps)
	return &valueTable{text: text, steps: k, width: 2*k + 1 + valueColumns}
}

// row returns the counters of a value.
func (v *valueTable) row(value int32) []int64 {
	at := int(value) * v.width
	if more := at + v.width - len(v.rows); more > 0 {
		v.rows = append(v.rows, make([]int64, more)...)
	}
	return v.rows[at : at+v.width]
}

// follow counts what became of the first entry of a unit.
func (v *valueTable) follow(row []int64, value int32, f followUp) {
	row = row[2*v.steps+1:]
	if f.converted {
		row[convertedColumn]++
		v.converted.add(valueTime{value, f.after})
	}
	if f.mature {
		return
	}
	row[youngColumn]++
	if f.converted {
		row[youngConvertedColumn]++
	} else {
		row[openColumn]++
		v.open.add(valueTime{value, f.seen})
	}
}

// write adds the counts to the groups of a tally.
func (v *valueTable) write(t *tally, censor bool) {
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
		if censor {
			c := censorTally{entered: units, converted: row[convertedColumn], matured: units - row[youngColumn], open: row[openColumn]}
			c.maturedIn = c.converted - row[youngConvertedColumn]
			c.lost = c.matured - c.maturedIn
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
