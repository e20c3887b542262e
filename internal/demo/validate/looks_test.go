package validate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"vouch/experiments"
	"vouch/referral"
)

// looks deals the demo's referrers and reads the experiment out at eight moments (three in a test) under every stopping rule, as somebody
// would who stops at the first one that calls an effect.
func looks(ctx context.Context, t *testing.T, p *Project, n int) []finding {
	t.Helper()
	times := 3
	if *write {
		times = 8
	}
	d, err := keep(ctx, p, "reward", "", equal(2))
	if err != nil {
		t.Fatal(err)
	}
	def := demoDealings()[0].def
	def.Metrics = def.Metrics[1:2] // mean revenue
	def.Metrics[0].Role, def.Window = experiments.RolePrimary, 14*referral.DayLen
	if err := d.deal(ctx); err != nil {
		t.Fatal(err)
	}
	end, err := experiments.Compute(ctx, p.DB, def, p.Scope)
	if err != nil {
		t.Fatal(err)
	}
	units := end.Arms[0].Mature + end.Arms[1].Mature
	rules := []struct {
		what         string
		stopping     experiments.Stopping
		rate         float64
		below, above float64
	}{
		{"fixed, as if every look were the last", experiments.Stopping{}, 0.1, 0, free},
		{"group sequential, O'Brien–Fleming, 5 looks", experiments.Stopping{Rule: experiments.RuleGroupSequential, Units: units, Looks: []float64{0.2, 0.4, 0.6, 0.8, 1}}, alpha, free, 0.01},
		{"always valid", experiments.Stopping{Rule: experiments.RuleAlwaysValid, Units: units}, alpha, free, 0},
		{"mSPRT", experiments.Stopping{Rule: experiments.RuleMSPRT, Units: units}, alpha, free, 0},
	}
	first, last := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), p.Scope.AsOf
	stopped := make([]int, len(rules))
	for range n {
		if err := d.deal(ctx); err != nil {
			t.Fatal(err)
		}
		for i, rule := range rules {
			def.Stopping = rule.stopping
			for k := range times {
				scope := p.Scope
				scope.AsOf = first.Add(last.Sub(first) * time.Duration(k) / time.Duration(times-1))
				r, err := experiments.Compute(ctx, p.DB, def, scope)
				if err != nil {
					t.Fatal(err)
				}
				if c := r.Metrics[0].Comparisons[0]; c.Decision == experiments.DecisionBetter || c.Decision == experiments.DecisionWorse {
					stopped[i]++
					break
				}
			}
		}
	}
	var out []finding
	for i, rule := range rules {
		c := claim{what: fmt.Sprintf("demo, referrers read out %d times: %s", times, rule.what), rate: rule.rate, below: rule.below, above: rule.above}
		out = append(out, c.judge(stopped[i], n))
	}
	return out
}
