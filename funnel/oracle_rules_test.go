package funnel

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// level is the number of the last required step.
func (o *oracle) level(c oracleChain) int {
	if o.unordered() {
		return len(c.steps)
	}
	n := 0
	for _, s := range c.steps {
		if !o.r.Steps[s].Optional {
			n = s + 1
		}
	}
	return n
}

func (o *oracle) full() int {
	for i := len(o.r.Steps) - 1; ; i-- {
		if !o.r.Steps[i].Optional {
			return i + 1
		}
	}
}

// timeOf returns the time of a step of the chain.
func timeOf(events []oracleEvent, c oracleChain, step int) (int64, bool) {
	i := slices.Index(c.steps, step)
	if i < 0 {
		return 0, false
	}
	return events[c.events[i]].ts, true
}

func (o *oracle) deadline(events []oracleEvent, c oracleChain) int64 {
	d := int64(math.MaxInt64)
	if o.r.Window != nil {
		d = events[c.events[0]].ts + *o.r.Window
	}
	if o.unordered() {
		return d
	}
	last, _ := timeOf(events, c, o.level(c)-1)
	for s := o.level(c); s < len(o.r.Steps); s++ {
		if !o.r.Steps[s].Optional {
			if w := o.r.Steps[s].Window; w != nil {
				d = min(d, last+*w)
			}
			break
		}
	}
	return d
}

func hasPolicy(x RuleExclusion, list []string) bool {
	return list == nil || slices.Contains(list, cmp.Or(x.Policy, "end_attempt"))
}

// tainted and crossed ask whether an exclusion of one of the policies (nil: any) hits the chain.
func (o *oracle) tainted(events []oracleEvent, c oracleChain, list []string) bool {
	for i, x := range o.r.Exclusions {
		from, entered := timeOf(events, c, x.From)
		if !entered || !hasPolicy(x, list) {
			continue
		}
		to, left := timeOf(events, c, x.To)
		for _, e := range events {
			if e.excl[i] && e.ts > from && (left && e.ts < to || !left && e.ts <= o.deadline(events, c)) {
				return true
			}
		}
	}
	return false
}

func (o *oracle) crossed(events []oracleEvent, c oracleChain, list []string) bool {
	for i, x := range o.r.Exclusions {
		from, entered := timeOf(events, c, x.From)
		if !entered || !hasPolicy(x, list) {
			continue
		}
		for _, e := range events {
			for j, s := range c.steps {
				if e.excl[i] && e.ts > from && s > x.From && s <= x.To && e.ts < events[c.events[j]].ts {
					return true
				}
			}
		}
	}
	return false
}

// unit applies the policies to the chains of one unit.
func (o *oracle) unit(events []oracleEvent, chains []oracleChain) (u oracleUnit, complete int64, finished bool) {
	u = oracleUnit{optional: map[int]bool{}, events: events}
	complete = math.MaxInt64
	clean := false
	for _, c := range chains {
		if o.crossed(events, c, []string{"end_attempt"}) || o.tainted(events, c, []string{"reset"}) {
			continue
		}
		level := o.level(c)
		var vec []int64
		var steps []int
		for i, s := range c.steps {
			if o.unordered() || !o.r.Steps[s].Optional {
				vec, steps = append(vec, events[c.events[i]].ts), append(steps, s)
			}
		}
		if level == o.full() {
			finished = true
			complete = min(complete, vec[len(vec)-1])
		}
		if level < u.level {
			continue
		}
		if level > u.level {
			u = oracleUnit{level: level, optional: map[int]bool{}, events: events}
			clean = false
		}
		clean = clean || !o.tainted(events, c, []string{"drop_user"})
		for _, s := range c.steps {
			if !o.unordered() && o.r.Steps[s].Optional {
				u.optional[s] = true
			}
		}
		switch {
		case u.vec == nil || refOrder(vec, u.vec) < 0:
			u.vec, u.steps, u.chains = vec, steps, []oracleChain{c}
		case refOrder(vec, u.vec) == 0:
			u.chains = append(u.chains, c)
		}
	}
	if !clean {
		return oracleUnit{}, complete, finished
	}
	return u, complete, finished
}

// closing is the time at which an incomplete chain can no longer go on.
func (o *oracle) closing(events []oracleEvent, c oracleChain) int64 {
	d := o.deadline(events, c)
	for i, x := range o.r.Exclusions {
		from, entered := timeOf(events, c, x.From)
		if _, left := timeOf(events, c, x.To); !entered || left {
			continue
		}
		for _, e := range events {
			if e.excl[i] && e.ts > from {
				d = min(d, e.ts)
			}
		}
	}
	if !o.strict() {
		return d
	}
	last := events[c.events[len(c.events)-1]].ts
	for _, e := range events {
		if o.r.Order != "strict" && len(e.raw) == 0 {
			continue
		}
		if e.ts > last && !e.raw[c.steps[len(c.steps)-1]] {
			d = min(d, e.ts-1)
		}
		if e.ts == last && last > events[c.events[0]].ts {
			ok := false
			before := -1
			for i, ce := range c.events {
				if events[ce].ts < last {
					before = c.steps[i]
				} else {
					ok = ok || e.raw[c.steps[i]]
				}
			}
			if !ok && !e.raw[before] {
				d = min(d, last)
			}
		}
	}
	return d
}

// bucketLabel is the UTC calendar bucket of a time in seconds.
func bucketLabel(ts int64, interval string) string {
	t := time.Unix(ts, 0).UTC()
	switch interval {
	case "hour":
		return t.Format("2006-01-02T15")
	case "week":
		for t.Weekday() != time.Monday {
			t = t.AddDate(0, 0, -1)
		}
	case "month":
		t = t.AddDate(0, 0, 1-t.Day())
	}
	return t.Format("2006-01-02")
}
