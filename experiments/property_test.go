package experiments

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"vouch/internal/stats"
	"vouch/referral"
)

// drawn are two arms of one kind, with the values behind them times a scale.
type drawn struct {
	kind   string
	values [2][4][]int64 // y, z, y₀, z₀ per arm
}

func draw(t *rapid.T, kinds ...string) drawn {
	d := drawn{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	for a := range d.values {
		n := rapid.IntRange(6, 9).Draw(t, "units") // of 9 and 9 the permutation goes through 48,620 assignments, of 11 and 11 through 705,432
		for range n {
			z := rapid.Int64Range(1, 9).Draw(t, "z")
			y := rapid.Int64Range(0, 40).Draw(t, "y")
			for i, v := range []int64{y + int64(a)*rapid.Int64Range(0, 20).Draw(t, "more"), z, y + rapid.Int64Range(0, 12).Draw(t, "before"), z} {
				d.values[a][i] = append(d.values[a][i], v)
			}
		}
	}
	return d
}

const clusteredRatio = "ratio of few units"

// arm makes the outcome of arm a with values times scale.
func (d drawn) arm(t *rapid.T, a int, scale int64) outcome {
	y, y0 := times(d.values[a][0], scale), times(d.values[a][2], scale)
	z := d.values[a][1]
	switch d.kind {
	case KindProportion:
		var ones []int64
		for _, v := range d.values[a][0] {
			ones = append(ones, min(1, v/25))
		}
		return exactOutcome(t, ones)
	case KindRatio:
		return exactOutcome(t, y, z, y0, z)
	case clusteredRatio:
		return clustered(exactOutcome(t, y, z), y, z)
	case KindQuantile:
		var o outcome
		for _, v := range stats.Sorted(floats(y)) {
			if n := len(o.spread); n > 0 && o.spread[n-1].value == v {
				o.spread[n-1].units++
				continue
			}
			o.spread = append(o.spread, count{v, 1})
		}
		return o
	case KindTimeToEvent:
		var o outcome
		for i, v := range d.values[a][0] {
			o.times = append(o.times, lifetime(float64(v), []int64{1, -1}[i%2]))
		}
		o.times = append(o.times, lifetime(60, -3))
		return o
	}
	return exactOutcome(t, y, y0)
}

func (d drawn) metric() Metric {
	if d.kind == clusteredRatio {
		return Metric{Kind: KindRatio}
	}
	return Metric{Kind: d.kind, Quantile: 0.5}
}

func times(xs []int64, by int64) []int64 {
	var out []int64
	for _, x := range xs {
		out = append(out, x*by)
	}
	return out
}

func exactOutcome(t *rapid.T, variables ...[]int64) outcome {
	o := outcome{joint: jointOf(variables...)}
	var err error
	if o.Moments, err = o.joint.moments(0); err != nil {
		t.Fatal(err)
	}
	return o
}

func comparedRapid(t *rapid.T, def Definition, r read) Comparison {
	out, _, err := compareAll(def, r, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return out[0].Comparisons[0]
}

func near(a, b *float64, tolerance float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= tolerance*math.Max(1, math.Max(math.Abs(*a), math.Abs(*b)))
}

func negative(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return referral.Float(-*x)
}

var everyKind = append([]string{clusteredRatio}, allKinds...)

// Swapping the arms negates the effect, mirrors the interval and leaves the p-value.
func TestProperty_swap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, everyKind...)
		def := asked(d.metric(), 2)
		def.Window = 60 * referral.Second
		if rapid.Bool().Draw(t, "cuped") {
			def = withCovariate(def)
		}
		a, b := d.arm(t, 0, 1), d.arm(t, 1, 1)
		c, s := comparedRapid(t, def, readOf(a, b)), comparedRapid(t, def, readOf(b, a))
		if !near(c.Effect.Value, negative(s.Effect.Value), 1e-9) || !near(c.Effect.Lo, negative(s.Effect.Hi), 1e-9) || !near(c.Effect.Hi, negative(s.Effect.Lo), 1e-9) || !near(c.PValue, s.PValue, 1e-9) {
			t.Fatalf("%s: %+v\n%+v", d.kind, c, s)
		}
		if (c.Ranks == nil) != (d.kind != KindQuantile) || c.Ranks != nil && (!near(c.Ranks.PValue, s.Ranks.PValue, 1e-12) || !near(c.Ranks.Larger, referral.Float(1-*s.Ranks.Larger), 1e-12)) {
			t.Fatalf("%s: ranks %+v, swapped %+v", d.kind, c.Ranks, s.Ranks)
		}
		if !near(c.Belief.LossShip, s.Belief.LossKeep, 1e-6) || !near(c.VarianceReduction, s.VarianceReduction, 1e-9) {
			t.Fatalf("%s: %+v\n%+v", d.kind, c.Belief, s.Belief)
		}
	})
}

// Money in another unit changes nothing that is relative.
func TestProperty_scale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, KindMean, KindRatio, clusteredRatio, KindQuantile)
		def := asked(d.metric(), 2)
		if rapid.Bool().Draw(t, "cuped") {
			def = withCovariate(def)
		}
		def.Stopping = Stopping{Rule: RuleAlwaysValid, Units: 40}
		one, hundred := comparedRapid(t, def, readOf(d.arm(t, 0, 1), d.arm(t, 1, 1))), comparedRapid(t, def, readOf(d.arm(t, 0, 100), d.arm(t, 1, 100)))
		if !near(one.Lift.Value, hundred.Lift.Value, 1e-7) || !near(one.Lift.Lo, hundred.Lift.Lo, 1e-6) || !near(one.Lift.Hi, hundred.Lift.Hi, 1e-6) ||
			!near(one.PValue, hundred.PValue, 1e-7) || one.Decision != hundred.Decision || !near(one.Belief.Better, hundred.Belief.Better, 1e-7) ||
			!near(one.VarianceReduction, hundred.VarianceReduction, 1e-7) || !near(one.Sequential.PValue, hundred.Sequential.PValue, 1e-6) {
			t.Fatalf("%s: p %s and %s, lift %s to %s and %s to %s, %s and %s", d.kind, show(one.PValue), show(hundred.PValue), show(one.Lift.Lo), show(one.Lift.Hi), show(hundred.Lift.Lo), show(hundred.Lift.Hi),
				show(one.Sequential.PValue), show(hundred.Sequential.PValue))
		}
		if one.Effect.Value != nil && !near(referral.Float(100**one.Effect.Value), hundred.Effect.Value, 1e-9) {
			t.Fatalf("%s: %g and %g", d.kind, *one.Effect.Value, *hundred.Effect.Value)
		}
	})
}

// One answer: p is below 1 − level exactly when the interval leaves out 0, exactly when the limits of the lift do; and the
// boundary is crossed exactly when its limits leave out 0.
func TestProperty_agreement(t *testing.T) {
	excludes := func(lo, hi *float64) bool { return lo != nil && hi != nil && (*lo > 0 || *hi < 0) }
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, KindMean, KindRatio, KindQuantile)
		def := asked(d.metric(), 2)
		if rapid.Bool().Draw(t, "cuped") {
			def = withCovariate(def)
		}
		r := readOf(d.arm(t, 0, 1), d.arm(t, 1, 1))
		c := comparedRapid(t, def, r)
		if c.PValue == nil || math.Abs(*c.PValue-0.05) < 1e-9 {
			return
		}
		if (*c.PValue < 0.05) != excludes(c.Effect.Lo, c.Effect.Hi) || c.Lift.Lo != nil && (*c.PValue < 0.05) != excludes(c.Lift.Lo, c.Lift.Hi) || (c.Decision != DecisionUnclear) != (*c.PValue < 0.05) {
			t.Fatalf("%s: p %s, effect %s to %s, lift %s to %s, %s", d.kind, show(c.PValue), show(c.Effect.Lo), show(c.Effect.Hi), show(c.Lift.Lo), show(c.Lift.Hi), c.Decision)
		}
		def.Stopping = Stopping{Rule: RuleMSPRT, Units: 30}
		if s := comparedRapid(t, def, r).Sequential; s.Lo != nil && math.Abs(math.Abs(*s.Z)-*s.Critical) > 1e-6 && s.Crossed != excludes(s.Lo, s.Hi) {
			t.Fatalf("%s: z %g, critical %g, limits %g and %g", d.kind, *s.Z, *s.Critical, *s.Lo, *s.Hi)
		}
	})
}

// A guardrail is non-inferior exactly when the limit of its effect is inside of the margin.
func TestProperty_margin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, KindMean, KindRatio, KindQuantile, KindProportion, clusteredRatio)
		def := asked(d.metric(), 2)
		m := &def.Metrics[0]
		m.Role, m.LowerIsBetter, m.Margin = RoleGuardrail, rapid.Bool().Draw(t, "lower"), &Margin{Relative: rapid.Float64Range(0.01, 0.9).Draw(t, "margin")}
		if rapid.Bool().Draw(t, "absolute") {
			m.Margin = &Margin{Absolute: m.Margin.Relative}
		}
		n := comparedRapid(t, def, readOf(d.arm(t, 0, 1), d.arm(t, 1, 1))).Noninferiority
		if n.PValue == nil || n.Limit == nil || math.Abs(*n.PValue-0.025) < 1e-7 {
			return
		}
		inside := *n.Limit > -n.Margin
		if m.LowerIsBetter {
			inside = *n.Limit < n.Margin
		}
		if inside != *n.Noninferior || inside != (*n.PValue < 0.025) {
			t.Fatalf("%s: limit %g, %+v", d.kind, *n.Limit, n)
		}
	})
}

// Split into cells and merged, units give the same read-out to the last digit.
func TestProperty_cells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, KindRatio)
		var merged, whole []outcome
		for a := range d.values {
			whole = append(whole, d.arm(t, a, 1))
			var parts [3][4][]int64
			for u := range d.values[a][0] {
				h := rapid.IntRange(0, 2).Draw(t, "stratum")
				for i := range parts[h] {
					parts[h][i] = append(parts[h][i], d.values[a][i][u])
				}
			}
			var j joint
			for _, p := range parts {
				if len(p[0]) > 0 {
					j.add(jointOf(p[:]...))
				}
			}
			m, err := j.moments(0)
			if err != nil {
				t.Fatal(err)
			}
			merged = append(merged, outcome{Moments: m, joint: j})
		}
		def := withCovariate(asked(Metric{Kind: KindRatio}, 2))
		a, b := comparedRapid(t, def, readOf(whole...)), comparedRapid(t, def, readOf(merged...))
		if show(a.PValue) != show(b.PValue) || show(a.Effect.Lo) != show(b.Effect.Lo) || show(a.Lift.Hi) != show(b.Lift.Hi) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}
