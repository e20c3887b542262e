package funnel

import (
	"fmt"
	"strings"

	"vouch/internal/engine"
)

// unitOf is how a unit of counting is read from event_facts: the column that the stream is sorted by,
// and what one and several of it are called.
type unitOf struct {
	name, column string
	table        string // whose keys, dense from 0, the column holds; "" for a column of text
	one, many    string
}

// units are the units of counting; the first is the default.
var units = []unitOf{
	{"person", "person_key", "persons", "person", "persons"},
	{"referrer_id", "referrer_key", "persons", "referrer", "referrers"},
	{"partner_id", "partner_key", "partner_keys", "partner", "partners"},
	{"order_id", "order_id", "", "order", "orders"},
	{"referral_code", "referral_code", "", "referral code", "referral codes"},
}

func unitNames() []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = u.name
	}
	return out
}

// unit is the unit of the definition; persons for a name that validation refuses.
func (d Definition) unit() unitOf {
	for _, u := range units {
		if u.name == d.Unit {
			return u
		}
	}
	return units[0]
}

// UnitNoun names what a funnel counts, for n of it: "person", "persons", "orders". The unit is that of
// Result.Unit; an empty one counts persons.
func UnitNoun(unit string, n int64) string {
	u := Definition{Unit: unit}.unit()
	if n == 1 {
		return u.one
	}
	return u.many
}

// Noun names what the result counts, for n of it: its unit, or attempts where the counting is totals.
func (r Result) Noun(n int64) string {
	if r.Options["counting"] != "totals" {
		return UnitNoun(r.Unit, n)
	}
	if n == 1 {
		return "attempt"
	}
	return "attempts"
}

// isPerson reports whether persons are counted, in whose order the facts lie.
func (u unitOf) isPerson() bool { return u.name == units[0].name }

// ranges is the number of parts the stream is read in. Persons lie in order, so a range of them is read
// alone; every range of another unit reads the whole table, so there is one for each stream side by
// side, and just one of texts, which have no dense keys to divide.
func (u unitOf) ranges(db engine.DB) int {
	switch {
	case u.isPerson():
		return 0 // as the scan sees fit
	case u.table != "":
		return max(1, db.Threads())
	}
	return 1
}

// unitRun numbers the units of a stream that is sorted by them: keys as they are, texts by counting
// the changes from row to row, so that no dictionary of all orders is held.
type unitRun struct {
	ids  []int64
	last string
	n    int64 // units seen, of texts
}

// number returns the ids of the rows of a batch. Texts that do not ascend are refused: a unit would be
// counted in pieces.
func (r *unitRun) number(c *engine.Column) ([]int64, error) {
	r.ids = r.ids[:0]
	if c.Text == nil {
		r.ids = c.AppendInts(r.ids)
		return r.ids, nil
	}
	for _, text := range c.Text {
		if r.n == 0 || text != r.last {
			if r.n > 0 && text < r.last {
				return nil, fmt.Errorf("unit %q after unit %q: events are not in order", text, r.last)
			}
			r.n++
			r.last = strings.Clone(text) // the batch owns the text
		}
		r.ids = append(r.ids, r.n-1)
	}
	return r.ids, nil
}
