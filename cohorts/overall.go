package cohorts

// Overall returns the cohorts of all customers, whatever the result is grouped by: the cells an
// ungrouped analysis would have. Without a group they are the cohorts themselves.
//
// Counts are summed over the groups of a cohort, which partition its customers. Money is cumulative,
// so that a group whose customers came late in the period, and which has not begun an age that others
// have begun, takes part with the value of its last age: what its customers have brought does not go
// away. It has nobody eligible or retained there.
// Checked against: the ungrouped result of the same rows, in overall_test.go.
func (r Result) Overall() []Cohort {
	if r.Group == "" {
		return r.Cohorts
	}
	at := map[string]int{}
	parts := [][]Cohort{}
	for _, c := range r.Cohorts {
		i, ok := at[c.Cohort]
		if !ok {
			i = len(parts)
			at[c.Cohort] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], c)
	}
	out := make([]Cohort, len(parts))
	for i, groups := range parts {
		out[i] = union(groups)
	}
	return out
}

// union adds up the groups of one cohort. Cells stand in the order of their ages, from 0 without gaps.
func union(groups []Cohort) Cohort {
	out := Cohort{Cohort: groups[0].Cohort, Cells: []Cell{}}
	ages := 0
	for _, g := range groups {
		out.Size += g.Size
		ages = max(ages, len(g.Cells))
	}
	for age := range ages {
		sum := Cell{Age: age, Complete: true}
		for _, g := range groups {
			if age < len(g.Cells) {
				c := g.Cells[age]
				sum.Retained, sum.Eligible, sum.Events = sum.Retained+c.Retained, sum.Eligible+c.Eligible, sum.Events+c.Events
				sum.CumulativeMinor += c.CumulativeMinor
				sum.Complete = sum.Complete && c.Complete
				continue
			}
			// The age has not begun for these customers: the cell of all cannot be complete.
			sum.Complete = false
			if n := len(g.Cells); n > 0 {
				sum.CumulativeMinor += g.Cells[n-1].CumulativeMinor
			}
		}
		out.Cells = append(out.Cells, sum)
	}
	return out
}
