package experiments

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"vouch/referral"
)

// question is what the statements of an experiment are rendered with.
type question struct {
	Name       string
	Unit       string // person, referrer, partner or attribute
	Attribute  string // of unit attribute: its name
	Key        string // column of persons or partner_keys that identifies the unit
	Variants   []string
	Strata     string // empty, stratum or attribute
	StrataName string
	AsOf       time.Time
	AsOfMicros int64
	Today      string // local day of as-of
	Offsets    []offset
	Closings   []closing
	Names      []string // events, at the place that is their code
	// Keyed says that the events' keys of this load are known: Keys, which are then the codes of the selectors.
	Keyed     bool
	Keys      []int64
	Selectors []*selector
	Tallies   []*tally
	Variables []*variable
	Money     *money
	Latest    int64 // age beyond which no event counts; 0: none
	Early     bool  // events before exposure are asked for: those since the experiment began, and of the covariate
	Before    int64 // age at which the covariate begins; 0: none
	// Acquisition is the event that makes a customer.
	Acquisition string

	windows []referral.Duration // over which a metric may close, rising
}

// offset is what the zone adds to UTC from a time on; 0 begins the oldest.
type offset struct{ From, Micros int64 }

// closing says that Level windows are over for units first seen by At.
type closing struct {
	At    int64
	Level int
}

// selector is an event with conditions.
type selector struct {
	Index, Code int
	Event       string
	Where       []filter
}

// tally is a count or sum over the events of one unit.
type tally struct {
	Column string
	// Of is count, sum of values, valued (events with a value), valueless (without), first (age of the first), or
	// early (events of any selector before exposure, since the experiment began).
	Of       string
	Selector *selector // nil: any event
	Before   bool      // before the first exposure, from From; else from it until To
	From, To int64     // 0: no limit
	Any      []*selector
	Kept     bool // asked for by itself, not only through a variable
}

// variable is one number per unit.
type variable struct {
	Column   string
	Kind     string // indicator, count, amount, acquired, customers, commission
	Tally    string
	AsOf, To int64 // of acquired
}

// money names what an experiment's money is finished from.
type money struct {
	Tally string // column of the values in the window
	To    int64  // the experiment's window; 0: none
	// Variables are columns of value, customers and, for partners, commission.
	Variables []string
}

func (d Definition) question(scope referral.Scope) (*question, error) {
	q := &question{
		Name: d.Name, Unit: d.Unit, Key: "person_key", Variants: d.variants(), AsOf: scope.AsOf, AsOfMicros: scope.AsOf.UnixMicro(),
		Today: localDay(scope.AsOf.UnixMicro(), scope.Calendar), Offsets: offsets(scope), Acquisition: scope.Acquisition,
	}
	attribute, byAttribute := strings.CutPrefix(d.Unit, attributePrefix)
	switch {
	case d.Unit == "":
		q.Unit = UnitPerson
	case d.Unit == UnitPartner:
		q.Key = "partner_key"
	case byAttribute:
		q.Unit, q.Attribute, q.Key = "attribute", attribute, "unit_key"
	}
	q.Strata = d.Strata
	if name, ok := strings.CutPrefix(d.Strata, attributePrefix); ok {
		q.Strata, q.StrataName = "attribute", name
	}
	q.windows = d.windows()
	for i := len(q.windows) - 1; i >= 0; i-- {
		q.Closings = append(q.Closings, closing{At: q.AsOfMicros - int64(q.windows[i]), Level: i + 1})
	}
	return q, nil
}

// windows lists the outcome windows that occur, rising, those without an end left out.
func (d Definition) windows() []referral.Duration {
	all := map[referral.Duration]bool{d.Window: true}
	for _, m := range d.Metrics {
		all[d.window(m)] = true
	}
	delete(all, 0)
	return slices.Sorted(maps.Keys(all))
}

// level is the number of windows that are closed once this one is; one without an end always is.
func (q *question) level(w referral.Duration) int { return slices.Index(q.windows, w) + 1 }

// oldestOffset is how many changes of the clock before as-of are told apart: ten years of summer time. The days of
// earlier exposures begin by the oldest of them.
const oldestOffset = 20

// offsets lists what the reporting zone adds to UTC, latest first; nothing in UTC.
func offsets(scope referral.Scope) []offset {
	zone := scope.Calendar.Zone
	if zone == nil {
		return nil
	}
	var out []offset
	for t := scope.AsOf.In(zone); ; {
		_, seconds := t.Zone()
		from, _ := t.ZoneBounds()
		o := offset{Micros: int64(seconds) * 1e6}
		if !from.IsZero() && len(out) < oldestOffset {
			o.From = max(from.UnixMicro(), 0)
		}
		out = append(out, o)
		if o.From == 0 {
			break
		}
		t = from.Add(-time.Microsecond)
	}
	if len(out) == 1 && out[0].Micros == 0 {
		return nil
	}
	return out
}

// code is the number of an event.
func (q *question) code(event string) int {
	i := slices.Index(q.Names, event)
	if i < 0 {
		i = len(q.Names)
		q.Names = append(q.Names, event)
	}
	return i
}

// selector finds or adds the events of a metric or denominator.
func (q *question) selector(event string, where map[string]json.RawMessage) (*selector, error) {
	s := &selector{Index: len(q.Selectors), Code: q.code(event), Event: event}
	for _, key := range slices.Sorted(maps.Keys(where)) {
		f, err := condition(key, where[key])
		if err != nil {
			return nil, err
		}
		s.Where = append(s.Where, f)
	}
	for _, other := range q.Selectors {
		if other.Code == s.Code && slices.Equal(other.Where, s.Where) {
			return other, nil
		}
	}
	q.Selectors = append(q.Selectors, s)
	return s, nil
}

// noEvent is the code of an event that never happened.
const noEvent = -1

// learn takes the keys of events from the catalogue of the load, so that rows are chosen as they are read and no
// dictionary is joined.
func (q *question) learn(catalogue map[string]int64) {
	q.Keyed = true
	for _, s := range q.Selectors {
		key, ok := catalogue[s.Event]
		if s.Code = int(key); !ok {
			s.Code = noEvent
		}
	}
	for _, name := range q.Names {
		if key, ok := catalogue[name]; ok {
			q.Keys = append(q.Keys, key)
		}
	}
	slices.Sort(q.Keys)
}

// tally finds or adds a tally.
func (q *question) tally(t tally) *tally {
	for _, other := range q.Tallies {
		if other.Of == t.Of && other.Selector == t.Selector && other.Before == t.Before && other.From == t.From && other.To == t.To {
			other.Kept = other.Kept || t.Kept
			return other
		}
	}
	t.Column = "t" + strconv.Itoa(len(q.Tallies))
	q.Tallies = append(q.Tallies, &t)
	return &t
}

// variable finds or adds a variable and returns its column.
func (q *question) variable(v variable) string {
	for _, other := range q.Variables {
		if other.Kind == v.Kind && other.Tally == v.Tally {
			return other.Column
		}
	}
	v.Column = "x" + strconv.Itoa(len(q.Variables))
	q.Variables = append(q.Variables, &v)
	return v.Column
}

// part is a variable over the events of a selector: whether there is one, how many there are, or what they amount to.
func (q *question) part(kind string, t tally) string {
	t.Of = "count"
	if kind == "amount" {
		t.Of = "sum"
	}
	return q.variable(variable{Kind: kind, Tally: q.tally(t).Column})
}

// isAmount reports whether a metric adds up money rather than counting events.
func (m Metric) isAmount() bool {
	switch m.Kind {
	case KindMean, KindRatio, KindQuantile:
		return m.Value != ValueCount
	}
	return false
}

// variableKind is what the metric's value per unit is.
func (m Metric) variableKind() string {
	switch {
	case m.Kind == KindProportion || m.Kind == KindTimeToEvent:
		return "indicator"
	case m.isAmount():
		return "amount"
	}
	return "count"
}

// kind is what a denominator is per unit.
func (p Part) kind() string {
	if p.Value == ValueAmount {
		return "amount"
	}
	return "count"
}

// share writes a share between 0 and 1 as a fraction of whole numbers: 0.99 is 99/100, the decimal and not the
// nearest binary fraction.
func share(q float64) (numerator, denominator int64) {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(q, 'f', -1, 64))
	if !r.Num().IsInt64() || !r.Denom().IsInt64() { // a share of more than 18 decimals
		r = new(big.Rat).SetFrac64(int64(q*1e15), 1e15)
	}
	return r.Num().Int64(), r.Denom().Int64()
}
