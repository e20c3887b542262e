package experiments

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"vouch/internal/stats"
	"vouch/referral"
)

// bruteUnit is one unit as loops over the raw rows find it.
type bruteUnit struct {
	id       string
	persons  []int // whose outcomes count; of a partner none
	arm      int
	first    time.Time
	stratum  string
	seen     string // stratum of the first exposure
	variants map[string]bool
}

// brute reads an experiment by loops, one unit and one event at a time.
type brute struct {
	world
	def   Definition
	scope referral.Scope
	units []*bruteUnit
	first time.Time // exposure
	read  read
}

func (b *brute) window(m Metric) time.Duration { return b.def.window(m).Std() }

// closed reports whether a window is over.
func (b *brute) closed(u *bruteUnit, window time.Duration) bool {
	return window == 0 || !u.first.Add(window).After(b.scope.AsOf)
}

// person is the index of an id, −1 if nobody has it.
func (b *brute) person(id string) int {
	return slices.IndexFunc(b.persons, func(p personRow) bool { return p.id == id })
}

// gather finds the analysed units and counts the rest.
func (b *brute) gather() {
	h := &b.read.hygiene
	h.WithoutTime = int64(b.untimed)
	units := map[string]*bruteUnit{}
	for i, e := range b.exposures {
		if e.experiment != b.def.Name || !e.at.Before(b.scope.AsOf) {
			continue
		}
		h.Exposures++
		arm := slices.Index(b.def.variants(), e.variant)
		if arm < 0 {
			h.UnknownVariants++
			continue
		}
		id := e.unit
		if canonical, ok := b.aliases[id]; ok && (b.def.Unit == UnitPerson || b.def.Unit == UnitReferrer) {
			id = canonical
		}
		u := units[id]
		if u == nil {
			u = &bruteUnit{id: id, arm: arm, first: e.at, seen: "\xff", variants: map[string]bool{}}
			units[id] = u
		}
		u.variants[e.variant] = true
		if e.at.Before(u.first) {
			u.first, u.seen = e.at, "\xff"
		}
		if e.at.Equal(u.first) { // of several at once the first by text
			u.seen = min(u.seen, b.strata[i])
		}
	}
	ids := make([]string, 0, len(units))
	for id := range units {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		b.admit(units[id])
	}
}

// admit applies the rules of who counts.
func (b *brute) admit(u *bruteUnit) {
	h := &b.read.hygiene
	if len(u.variants) > 1 {
		h.TwoVariants++
		return
	}
	known, own := false, b.person(u.id)
	test := func(i int) bool {
		return strings.Contains(b.persons[i].flags, "bot") || strings.Contains(b.persons[i].flags, "internal")
	}
	excluded := false
	switch b.def.Unit {
	case UnitPartner:
		known = strings.HasPrefix(u.id, "acme-")
	case UnitPerson, UnitReferrer:
		known = own >= 0
		excluded = known && test(own)
		for i, p := range b.persons {
			if b.def.Unit == UnitPerson && i == own || b.def.Unit == UnitReferrer && own >= 0 && p.referrer == own {
				u.persons = append(u.persons, i)
			}
		}
	default:
		excluded = true
		for i, p := range b.persons {
			if p.household == u.id {
				known = true
				excluded = excluded && test(i)
				u.persons = append(u.persons, i)
			}
		}
		excluded = excluded && known
	}
	if excluded {
		h.ExcludedUnits++
		return
	}
	if !known {
		h.UnknownUnits++
	}
	switch b.def.Strata {
	case StrataExposure:
		u.stratum = u.seen
	case "attribute.region":
		if own >= 0 {
			u.stratum = strings.ReplaceAll(b.persons[own].region, "''", "'")
		}
	}
	b.units = append(b.units, u)
}

// of lists the events of a unit that match, from ages lo to hi, both inclusive.
func (b *brute) of(u *bruteUnit, event string, where map[string]json.RawMessage, lo, hi time.Duration) (out []eventRow) {
	for _, e := range b.events {
		if !e.at.Before(b.scope.AsOf) || e.event != event && event != "" {
			continue
		}
		mine := slices.Contains(u.persons, e.person)
		if b.def.Unit == UnitPartner {
			mine = e.partner >= 0 && partnerID(e.partner) == u.id
		}
		age := e.at.Sub(u.first)
		if mine && age >= lo && age <= hi && matches(e, Metric{Where: where}) {
			out = append(out, e)
		}
	}
	return out
}

const ever = 1 << 62 * time.Nanosecond

// value is what a list of events comes to.
func value(es []eventRow, kind string) int64 {
	total := int64(0)
	for _, e := range es {
		switch {
		case kind == "indicator":
			return 1
		case kind == "count":
			total++
		case e.value != nil:
			total += *e.value
		}
	}
	return total
}

// end is the last age that counts for a window.
func end(window time.Duration) time.Duration {
	if window == 0 {
		return ever
	}
	return window
}

// variables are y, z, y₀, z₀ of one unit.
func (b *brute) variables(u *bruteUnit, m Metric) []int64 {
	kind := map[string]string{KindProportion: "indicator", KindTimeToEvent: "indicator"}[m.Kind]
	if kind == "" {
		kind = m.Value
	}
	hi := end(b.window(m))
	out := []int64{value(b.of(u, m.Event, m.Where, 0, hi), kind)}
	if m.Per != nil {
		per := m.Per.Value
		if per == "" {
			per = "count"
		}
		out = append(out, value(b.of(u, m.Per.Event, m.Per.Where, 0, hi), per))
	}
	if before := b.def.Cuped.Before.Std(); before > 0 && m.Kind != KindTimeToEvent && m.Kind != KindQuantile {
		out = append(out, value(b.of(u, m.Event, m.Where, -before, -1), kind))
		if m.Per != nil {
			per := m.Per.Value
			if per == "" {
				per = "count"
			}
			out = append(out, value(b.of(u, m.Per.Event, m.Per.Where, -before, -1), per))
		}
	}
	return out
}

// money is one unit's contribution, rewards, commission and customers in millionths.
func (b *brute) money(u *bruteUnit) []int64 {
	window := b.def.Window.Std()
	revenue := value(b.of(u, "", nil, 0, end(window)), "amount")
	customers := map[int]bool{}
	for person := range b.persons {
		i := b.firstPurchase(person)
		if i < 0 {
			continue
		}
		e := b.events[i]
		mine := slices.Contains(u.persons, person)
		if b.def.Unit == UnitPartner {
			mine = e.partner >= 0 && partnerID(e.partner) == u.id
		}
		if age := e.at.Sub(u.first); mine && e.at.Before(b.scope.AsOf) && age >= 0 && age <= end(window) {
			customers[person] = true
		}
	}
	commission := int64(0)
	for _, c := range b.costs {
		if b.def.Unit != UnitPartner || partnerID(c.partner) != u.id || c.kind != "commission" || c.value == nil {
			continue
		}
		day, _ := time.ParseInLocation(time.DateOnly, c.day, time.UTC)
		y, m, d := u.first.In(b.scope.Calendar.Zone).Date()
		age := day.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
		if age >= 0 && age <= end(window) && c.day < b.scope.AsOf.In(b.scope.Calendar.Zone).Format(time.DateOnly) {
			commission += *c.value
		}
	}
	n := int64(len(customers))
	return []int64{revenue * b.scope.MarginMicros, n * 1e6 * b.def.Rewards[b.def.variants()[u.arm]], commission * 1e6, n * 1e6}
}

// addUnit adds one unit to sums.
func addUnit(j *joint, xs []int64) {
	if j.sum == nil {
		*j = newJoint(len(xs))
	}
	j.n++
	for i, x := range xs {
		j.sum[i].Add(j.sum[i], big.NewInt(x))
		for k := i; k < len(xs); k++ {
			p := j.product[j.at(i, k)]
			p.Add(p, new(big.Int).Mul(big.NewInt(x), big.NewInt(xs[k])))
		}
	}
}

// run reads everything.
func (b *brute) run() {
	b.gather()
	b.read.arms = b.def.emptyArms()
	for i := range b.read.arms {
		b.read.arms[i].money.scale = referral.MicroScale
		for k, m := range b.def.Metrics {
			n := len(b.variables(&bruteUnit{first: day0}, m))
			b.read.arms[i].metrics[k].joint = newJoint(n)
			if m.Cap != nil {
				b.read.arms[i].metrics[k].uncapped = newJoint(n)
			}
		}
	}
	caps := make([]int64, len(b.def.Metrics))
	for k, m := range b.def.Metrics {
		caps[k] = b.capOf(k, m)
	}
	var last time.Time
	for _, u := range b.units {
		if b.first.IsZero() || u.first.Before(b.first) {
			b.first = u.first
		}
		if u.first.After(last) {
			last = u.first
		}
	}
	for _, u := range b.units {
		b.count(u, caps)
	}
	if len(b.units) > 0 {
		b.read.seconds = last.Sub(b.first).Seconds()
		b.read.from, b.read.to = localDay(b.first.UnixMicro(), b.scope.Calendar), localDay(last.UnixMicro(), b.scope.Calendar)
	}
}

// capOf is the limit of a metric: the smallest value that at least the share of the units with a closed window
// do not exceed.
func (b *brute) capOf(k int, m Metric) int64 {
	if m.Cap == nil {
		return 0
	}
	at := int64(0)
	if m.Cap.At != nil {
		at = *m.Cap.At
	} else {
		var ys []int64
		for _, u := range b.units {
			if b.closed(u, b.window(m)) {
				ys = append(ys, b.variables(u, m)[0])
			}
		}
		slices.Sort(ys)
		percent := int(m.Cap.Quantile*100 + 0.5)
		for i, y := range ys {
			if (i+1)*100 >= percent*len(ys) {
				at = y
				break
			}
		}
		if at <= 0 {
			b.read.findings = append(b.read.findings, referral.Finding{Code: "cap-at-zero"})
		}
	}
	for i := range b.read.arms {
		b.read.arms[i].metrics[k].capAt = float64(at)
	}
	return at
}

// count adds one unit to its arm and cell.
func (b *brute) count(u *bruteUnit, caps []int64) {
	a := &b.read.arms[u.arm]
	day := u.first.In(b.scope.Calendar.Zone).Format(time.DateOnly)
	at := slices.IndexFunc(b.read.cells, func(c cell) bool { return c.arm == u.arm && c.stratum == u.stratum && c.day == day })
	if at < 0 {
		at = len(b.read.cells)
		b.read.cells = append(b.read.cells, cell{arm: u.arm, stratum: u.stratum, day: day})
		for _, m := range b.def.Metrics {
			b.read.cells[at].metrics = append(b.read.cells[at].metrics, newJoint(len(b.variables(u, m))))
		}
	}
	c := &b.read.cells[at]
	a.n++
	c.n++
	for _, e := range b.of(u, "", nil, b.first.Sub(u.first), -1) {
		if slices.ContainsFunc(b.def.Metrics, func(m Metric) bool {
			return e.event == m.Event && matches(e, m) || m.Per != nil && e.event == m.Per.Event && matches(e, Metric{Where: m.Per.Where})
		}) {
			b.read.hygiene.EarlyOutcomes++
		}
	}
	if b.closed(u, b.def.Window.Std()) {
		a.mature++
		c.mature++
		addUnit(&a.money, b.money(u))
		if es := b.of(u, "", nil, 0, end(b.def.Window.Std())); slices.ContainsFunc(es, func(e eventRow) bool { return e.value != nil }) {
			for i := range b.read.arms {
				b.read.arms[i].hasNet = true
			}
		}
	} else {
		b.read.hygiene.Immature++
	}
	for k, m := range b.def.Metrics {
		b.metric(u, k, m, &a.metrics[k], &c.metrics[k], caps[k])
	}
}

func (b *brute) metric(u *bruteUnit, k int, m Metric, o *outcome, j *joint, limit int64) {
	window := b.window(m)
	es := b.of(u, m.Event, m.Where, 0, end(window))
	if m.Kind == KindTimeToEvent || m.Kind == KindProportion && window > 0 {
		seen := min(window, b.scope.AsOf.Sub(u.first))
		l := stats.Lifetime{Censored: 1}
		if len(es) > 0 {
			l = stats.Lifetime{Events: 1}
			seen = slices.MinFunc(es, func(x, y eventRow) int { return x.at.Compare(y.at) }).at.Sub(u.first)
		}
		l.Time = float64(int64(seen / time.Second))
		if i := slices.IndexFunc(o.times, func(x stats.Lifetime) bool { return x.Time == l.Time }); i >= 0 {
			o.times[i].Events += l.Events
			o.times[i].Censored += l.Censored
		} else {
			o.times = append(o.times, l)
		}
	}
	if !b.closed(u, window) {
		return
	}
	xs := b.variables(u, m)
	if m.Cap != nil {
		addUnit(&o.uncapped, xs)
		if xs[0] > limit {
			o.capped++
		}
		for i := range xs {
			xs[i] = min(xs[i], limit)
		}
	}
	addUnit(&o.joint, xs)
	addUnit(j, xs)
	if m.Kind == KindMean || m.Kind == KindRatio || m.Kind == KindQuantile {
		parts := []Part{{Event: m.Event, Where: m.Where, Value: m.Value}}
		if m.Per != nil && m.Per.Value == ValueAmount {
			parts = append(parts, *m.Per)
		}
		for _, p := range parts {
			for _, e := range b.of(u, p.Event, p.Where, 0, end(window)) {
				if p.Value != ValueCount && e.value == nil {
					o.valueless++
				}
			}
		}
	}
	switch m.Kind {
	case KindMean:
		o.largest = max(o.largest, float64(xs[0]))
	case KindRatio:
		o.largest = max(o.largest, float64(xs[1]))
		o.clusters.Sums = append(o.clusters.Sums, float64(xs[0]))
		o.clusters.Sizes = append(o.clusters.Sizes, float64(xs[1]))
	case KindQuantile:
		if len(es) == 0 || m.Value != ValueCount && !slices.ContainsFunc(es, func(e eventRow) bool { return e.value != nil }) {
			return
		}
		if i := slices.IndexFunc(o.spread, func(c count) bool { return c.value == float64(xs[0]) }); i >= 0 {
			o.spread[i].units++
		} else {
			o.spread = append(o.spread, count{float64(xs[0]), 1})
		}
	}
}
