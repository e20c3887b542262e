package experiments

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// Members that always agree count as one: of pairs the design effect is 2. Pairs of one who did and one who did not agree
// less than by chance.
func TestDesignEffect_observed(t *testing.T) {
	m := Metric{Kind: KindRatio, Value: ValueCount, Event: "purchase", Per: &Part{Event: "invite"}}
	for name, c := range map[string]struct {
		did, members []int64
		want         float64
	}{
		"always agree":   {[]int64{0, 2, 0, 2}, []int64{2, 2, 2, 2}, 2 * 4.0 / 3}, // n/(n − 1) of four units
		"never agree":    {[]int64{1, 1, 1}, []int64{2, 2, 2}, 0},
		"single members": {[]int64{0, 1, 0, 1}, []int64{1, 1, 1, 1}, 4.0 / 3},
	} {
		o := outcome{joint: jointOf(c.did, c.members)}
		r, err := o.joint.ratio(0, 1)
		if err != nil {
			t.Fatal(err)
		}
		linear, _ := r.Linear()
		got := sample{outcome: o, units: linear}.designEffect(m)
		if got == nil || math.Abs(*got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		before := sample{outcome: o, units: stats.Moments{N: linear.N, Mean: linear.Mean, Variance: linear.Variance / 2}, observed: &linear}
		if got := before.designEffect(m); got == nil || math.Abs(*got-c.want) > 1e-12 {
			t.Errorf("%s: adjusted by a covariate it is %v", name, got)
		}
	}
	if got := (sample{units: stats.Moments{Mean: 0.5}}).designEffect(Metric{Kind: KindMean}); got != nil {
		t.Errorf("of a mean it is %v", *got)
	}
	if got := (sample{outcome: outcome{joint: jointOf([]int64{5, 3}, []int64{2, 1})}, units: stats.Moments{Mean: 2.7}}).designEffect(m); got != nil {
		t.Errorf("of purchases that may be many per invite it is %v", *got)
	}
}

// The same experiment run anew has the arms, the metrics, the looks and the correction of its definition.
func TestAgain(t *testing.T) {
	d := Definition{
		Weights:      map[string]json.Number{"none": "1", "five": "1", "ten": "1"},
		Metrics:      []Metric{{Name: "paid", Kind: KindProportion, Role: RolePrimary}, {Name: "a", Role: RoleGuardrail}, {Name: "b", Role: RoleGuardrail}, {Name: "c"}},
		Stopping:     Stopping{Rule: RuleGroupSequential, Units: 1000, Looks: Looks{0.5, 1}},
		Multiplicity: Multiplicity{Primary: CorrectDunnett},
	}
	o := Observed{Kind: KindProportion, Mean: 0.2, Variance: 0.16, Reduction: 0.1, PerDay: referral.Float(12.5)}
	q := d.again(o, 0.9)
	if !q.Share || q.Baseline != 0.2 || q.Confidence != 0.9 || q.Arms != 3 || q.Metrics != 1 || q.Guardrails != 2 || q.Looks != 2 || q.Spending != SpendingOBrienFleming ||
		q.Correction != CorrectDunnett || q.VarianceReduction != 0.1 || q.PerDay != 12.5 || q.Power != plannedPower {
		t.Errorf("%+v", q)
	}
	d.Multiplicity.Primary, d.Stopping = CorrectHochberg, Stopping{}
	if q := d.again(o, 0.95); q.Correction != CorrectBonferroni || q.Looks != 1 {
		t.Errorf("a correction that has no level of its own is planned by Bonferroni's, and one look: %+v", q)
	}
	if _, err := d.metricAt("nope"); !errors.Is(err, ErrQuestion) {
		t.Errorf("an unknown metric: %v", err)
	}
	if i, err := d.metricAt(""); err != nil || i != 0 {
		t.Errorf("the first primary metric is number %d (%v)", i, err)
	}
}
