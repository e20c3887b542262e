package cohorts_test

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/cohorts"
	"vouch/internal/stats"
	"vouch/referral"
)

// customer is what the oracle knows of one acquired person.
type customer struct {
	acquired time.Time
	key      string
	events   []event // from the acquisition on
}

func (w world) customers(group string, asOf time.Time) []customer {
	var out []customer
	for _, es := range w.seen(asOf) {
		i := slices.IndexFunc(es, func(e event) bool { return e.name == "purchase" })
		if i < 0 {
			continue
		}
		c := customer{acquired: es[i].at}
		for _, e := range es {
			if !e.at.Before(c.acquired) {
				c.events = append(c.events, e)
			}
			if group == "channel" && c.key == "" && !e.at.After(c.acquired) {
				c.key = e.channel
			}
			if group != "channel" && e.partner != "" && !e.at.After(c.acquired) {
				c.key = e.partner
			}
		}
		switch {
		case group == "":
			c.key = ""
		case group == "archetype":
			c.key = map[string]string{"acme": "reseller", "bolt": "influencer", "": cohorts.NoGroup}[c.key]
		case group == "tier":
			c.key = map[string]string{"acme": "gold", "bolt": cohorts.NoGroup, "": cohorts.NoGroup}[c.key]
		case c.key == "":
			c.key = cohorts.NoGroup
		}
		out = append(out, c)
	}
	return out
}

// age counts the calendar periods from one instant's to another's by walking the calendar.
func age(cal referral.Calendar, g referral.Grain, from, to time.Time) int {
	n := 0
	for s, end := cal.Start(from, g), cal.Start(to, g); s.Before(end); s = cal.Next(s, g, 1) {
		n++
	}
	return n
}

// over says whether the whole of an age has passed by as-of for someone acquired at t.
func over(cal referral.Calendar, g referral.Grain, t time.Time, age int, asOf time.Time) bool {
	return !asOf.Before(cal.Next(cal.Start(t, g), g, age+1))
}

// oracle computes cohorts person by person.
func oracle(w world, def cohorts.Definition, scope referral.Scope) []cohorts.Cohort {
	cal := scope.Calendar
	type id struct{ start, key string }
	groups := map[id][]customer{}
	for _, c := range w.customers(def.Group, scope.AsOf) {
		k := id{cal.Start(c.acquired, def.By).Format(time.RFC3339), c.key}
		groups[k] = append(groups[k], c)
	}
	var out []cohorts.Cohort
	for k, members := range groups {
		start := cal.Start(members[0].acquired, def.By)
		lastDay := cal.Next(cal.Next(start, def.By, 1), referral.Day, -1)
		first := members[0].acquired
		for _, m := range members {
			if m.acquired.Before(first) {
				first = m.acquired
			}
		}
		c := cohorts.Cohort{Cohort: cal.Label(start, def.By), Key: k.key, Size: int64(len(members))}
		for a := 0; a <= def.Horizon && cal.Next(cal.Start(first, def.Age), def.Age, a).Before(scope.AsOf); a++ {
			cell := cohorts.Cell{Age: a, Complete: over(cal, def.Age, lastDay, a, scope.AsOf)}
			for _, m := range members {
				if over(cal, def.Age, m.acquired, a, scope.AsOf) {
					cell.Eligible++
				}
				active := 0
				for _, e := range m.events {
					at := age(cal, def.Age, m.acquired, e.at)
					if at <= a {
						cell.CumulativeMinor += e.signed()
					}
					if at == a && slices.Contains(def.Activity, e.name) {
						active++
					}
				}
				cell.Events += int64(active)
				if active > 0 {
					cell.Retained++
				}
			}
			c.Cells = append(c.Cells, cell)
		}
		out = append(out, c)
	}
	order := func(c cohorts.Cohort) string {
		if c.Key == cohorts.NoGroup {
			return c.Cohort + "\x00\xff"
		}
		return c.Cohort + "\x00" + c.Key
	}
	sort.Slice(out, func(i, j int) bool { return order(out[i]) < order(out[j]) })
	return out
}

var definitions = []cohorts.Definition{
	{By: "month", Age: "month", Horizon: 12, Group: "partner_id", Activity: []string{"purchase"}},
	{By: "month", Age: "day", Horizon: 100, Activity: []string{"purchase", "renewal"}},
	{By: "week", Age: "week", Horizon: 30, Group: "channel", Activity: []string{"renewal"}},
	{By: "quarter", Age: "month", Horizon: 5, Group: "archetype", Activity: []string{"purchase"}},
	{By: "day", Age: "week", Horizon: 8, Group: "tier", Activity: []string{"signed_up"}},
	{By: "week", Age: "quarter", Horizon: 3, Activity: []string{"purchase"}},
}

// Every number of the triangle is what walking the calendar person by person gives.
func TestCompute_againstPersonByPerson(t *testing.T) {
	for seed := range 6 {
		w := drawWorld.Example(seed)
		scope := referral.Scope{
			// Not a midnight in either zone for half of the seeds: the day of as-of has begun, not passed.
			AsOf:     time.Date(2026, 8, 1, 0, 0, 0, 0, berlin).Add(time.Duration(seed%2) * 13 * time.Hour).UTC(),
			Calendar: referral.Calendar{Zone: berlin, WeekStart: time.Weekday(seed)},
			Currency: "EUR", MarginMicros: 800_000, Acquisition: "purchase", Confidence: 0.9,
		}
		db := w.load(t, scope)
		for _, def := range definitions {
			t.Run(fmt.Sprintf("%d/%s-%s-%s", seed, def.By, def.Age, def.Group), func(t *testing.T) {
				got, err := cohorts.Compute(t.Context(), db, def, scope)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(oracle(w, def, scope), got.Cohorts); diff != "" {
					t.Errorf("(-person by person +computed):\n%s", diff)
				}
				if diff := cmp.Diff(oracleLTV(w, def, scope, got.Cohorts), got.LTV, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
					t.Errorf("lifetime value (-person by person +computed):\n%s", diff)
				}
			})
		}
	}
}

// oracleLTV pools customers of complete cells by taking each one's cumulative contribution.
func oracleLTV(w world, def cohorts.Definition, scope referral.Scope, cells []cohorts.Cohort) []cohorts.LTV {
	cal := scope.Calendar
	type cohortKey struct{ cohort, key string }
	complete := map[cohortKey]int{} // number of complete ages, which come first
	keys := []string{""}
	for _, c := range cells {
		for _, cell := range c.Cells {
			if cell.Complete {
				complete[cohortKey{c.Cohort, c.Key}]++
			}
		}
		if def.Group != "" && !slices.Contains(keys, c.Key) {
			keys = append(keys, c.Key)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i] != cohorts.NoGroup && (keys[j] == cohorts.NoGroup || keys[i] < keys[j])
	})
	out := []cohorts.LTV{}
	for _, key := range keys {
		for a := 0; a <= def.Horizon; a++ {
			var values []float64
			var retained, sum int64
			for _, c := range w.customers(def.Group, scope.AsOf) {
				label := cal.Label(cal.Start(c.acquired, def.By), def.By)
				if key != "" && c.key != key || complete[cohortKey{label, c.key}] <= a {
					continue
				}
				x, active := int64(0), false
				for _, e := range c.events {
					at := age(cal, def.Age, c.acquired, e.at)
					if at <= a {
						x += e.signed()
					}
					active = active || at == a && slices.Contains(def.Activity, e.name)
				}
				sum += x
				values = append(values, float64(x)*.8)
				if active {
					retained++
				}
			}
			if n := int64(len(values)); n > 0 {
				out = append(out, cohorts.LTV{
					Key: key, Age: a, Customers: n, Value: meanOf(values, sum, scope.Confidence), Retention: wilson(retained, n, scope.Confidence),
				})
			}
		}
	}
	return out
}

func meanOf(values []float64, sum int64, level float64) referral.Estimate {
	n := float64(len(values))
	mean, ss := 0.0, 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		ss += (v - mean) * (v - mean)
	}
	e := referral.Estimate{
		Value: &mean, Confidence: level, Method: referral.MethodStudent,
		Numerator: referral.Micros(sum * 800_000), Denominator: referral.Whole(int64(n)),
	}
	switch {
	case n < 2:
		e.Reason = referral.ReasonNoData
	case ss < 1e-9:
		e.Reason = referral.ReasonZeroVariance
	default:
		half := -stats.StudentQuantile((1-level)/2, n-1) * math.Sqrt(ss/(n-1)/n)
		lo, hi := mean-half, mean+half
		e.Lo, e.Hi = &lo, &hi
	}
	return e
}

func wilson(hits, n int64, level float64) referral.Estimate {
	lo, hi, err := stats.WilsonInterval(hits, n, level)
	if err != nil {
		panic(err)
	}
	p := float64(hits) / float64(n)
	return referral.Estimate{
		Value: &p, Lo: &lo, Hi: &hi, Confidence: level, Method: referral.MethodWilson, Numerator: referral.Whole(hits), Denominator: referral.Whole(n),
	}
}
