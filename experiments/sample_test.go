package experiments

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// jointOf sums the variables of units, one list per variable.
func jointOf(variables ...[]int64) joint {
	j := newJoint(len(variables))
	j.n = int64(len(variables[0]))
	for u := range variables[0] {
		for i := range variables {
			j.sum[i].Add(j.sum[i], big.NewInt(variables[i][u]))
			for k := i; k < len(variables); k++ {
				p := j.product[j.at(i, k)]
				p.Add(p, new(big.Int).Mul(big.NewInt(variables[i][u]), big.NewInt(variables[k][u])))
			}
		}
	}
	return j
}

// outcomeOf is what the reading makes of such units.
func outcomeOf(t testing.TB, variables ...[]int64) outcome {
	t.Helper()
	o := outcome{joint: jointOf(variables...)}
	var err error
	if o.Moments, err = o.joint.moments(0); err != nil {
		t.Fatal(err)
	}
	return o
}

// clustered adds the single units of a ratio.
func clustered(o outcome, sums, sizes []int64) outcome {
	for i := range sums {
		o.clusters.Sums = append(o.clusters.Sums, float64(sums[i]))
		o.clusters.Sizes = append(o.clusters.Sizes, float64(sizes[i]))
	}
	return o
}

// readOf is a reading of one metric in arms with a control and one or more treatments.
func readOf(outcomes ...outcome) read {
	var r read
	for i, o := range outcomes {
		n := o.N + int64(len(o.clusters.Sums))
		r.arms = append(r.arms, arm{name: variantName(i), weight: 1, n: n, mature: n, metrics: []outcome{o}, money: newJoint(moneyVariables)})
	}
	return r
}

func variantName(i int) string { return []string{"none", "ten", "gift", "vip"}[i] }

// asked is a definition of one primary metric for readOf.
func asked(m Metric, arms int) Definition {
	names := make([]string, arms)
	for i := range names {
		names[i] = variantName(i)
	}
	control, weights := even(names...)
	if m.Role == "" {
		m.Role = RolePrimary
	}
	m.Name, m.Event = "metric", "purchase"
	return Definition{Name: "reward", Control: control, Weights: weights, Metrics: []Metric{m}}
}

// compared reads out a definition of one metric.
func compared(t testing.TB, def Definition, r read) (MetricResult, []referral.Finding) {
	t.Helper()
	out, found, err := compareAll(def, r, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return out[0], found
}

// want compares an optional number with a reference to a relative tolerance.
func want(t testing.TB, what string, got *float64, ref, tolerance float64) {
	t.Helper()
	if got == nil || !(math.Abs(*got-ref) <= tolerance*math.Max(math.Abs(ref), 1e-300)) {
		t.Errorf("%s: %s, want %.12g", what, show(got), ref)
	}
}

func show(x *float64) string {
	b, err := json.Marshal(x)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// linked draws units whose metric leans on the same metric before.
func linked(r *rand.Rand, n int, lift float64) (y, before []int64) {
	for range n {
		b := r.ExpFloat64() * 1000
		before = append(before, int64(b))
		y = append(y, int64(0.7*b+r.ExpFloat64()*300+lift))
	}
	return y, before
}

func floats(xs []int64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = float64(x)
	}
	return out
}

// momentsOf is by two passes over the values, not by sums.
func momentsOf(xs []int64) stats.Moments { return stats.MomentsOf(floats(xs)) }

// shareOf is an arm of n units of which x have the outcome.
func shareOf(t testing.TB, x, n int64) outcome {
	t.Helper()
	ones := make([]int64, n)
	for i := range x {
		ones[i] = 1
	}
	return outcomeOf(t, ones)
}

// valued is an arm of a quantile.
func valued(pairs ...[2]int64) outcome {
	var o outcome
	for _, p := range pairs {
		o.spread = append(o.spread, count{value: float64(p[0]), units: p[1]})
	}
	return o
}

// timed is an arm of times in days until an event or, censored, until last seen.
func timed(days []int, event []int) outcome {
	var o outcome
	for i, d := range days {
		l := stats.Lifetime{Time: float64(d) * 86400, Events: int64(event[i]), Censored: int64(1 - event[i])}
		o.times = append(o.times, l)
	}
	return o
}

// lifetime is so many units with the event at a time, or censored if negative.
func lifetime(at float64, units int64) stats.Lifetime {
	if units < 0 {
		return stats.Lifetime{Time: at, Censored: -units}
	}
	return stats.Lifetime{Time: at, Events: units}
}

// linkedCells are two arms of units with a covariate, in two strata of one composition.
func linkedCells(t *testing.T, n int) (read, [2][2][]int64) {
	t.Helper()
	r := rand.New(rand.NewPCG(17, 1))
	var raw [2][2][]int64
	var arms []outcome
	var cells []cell
	for a := range 2 {
		y, before := linked(r, n, float64(a)*60)
		raw[a] = [2][]int64{y, before}
		arms = append(arms, outcomeOf(t, y, before))
		for h := range 2 {
			j := jointOf(y[h*n/2:(h+1)*n/2], before[h*n/2:(h+1)*n/2])
			cells = append(cells, cell{arm: a, stratum: []string{"a", "b"}[h], n: j.n, mature: j.n, metrics: []joint{j}})
		}
	}
	out := readOf(arms...)
	out.cells = cells
	return out, raw
}
