package experiments

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/referral"
)

// Observed is what an experiment that ran, or runs, says about the units of the next one.
type Observed struct {
	Experiment string  `json:"experiment"`
	Metric     string  `json:"metric"`
	Kind       string  `json:"kind"`
	MeasuredIn string  `json:"measured_in"`
	Unit       string  `json:"unit"`
	N          int64   `json:"control_units"` // mature units of the control behind Mean
	Mean       float64 `json:"mean"`
	Variance   float64 `json:"variance"` // of one unit, without covariate; of a ratio linearised
	// Reduction is the share of the variance that the covariate from before the exposure explains; 0 without one.
	Reduction float64 `json:"variance_explained"`
	// DesignEffect is by how much the members of a unit resembling each other raises the variance of a share among
	// them; null for other metrics.
	DesignEffect *float64 `json:"observed_design_effect"`
	// PerDay are the units that arrive, over all arms; of a quantile those that have a value.
	PerDay *float64 `json:"units_per_day"`
	// Pays is the smallest effect at which the arm of the verdict earns its further cost; null where that is not known.
	Pays *float64 `json:"smallest_effect_that_pays"`
	// Window is how long after the last unit its outcome is known.
	WindowDays float64 `json:"window_days"`
}

// Observe reads an experiment for a plan: the metric (the first primary one if it is not named) in the control, how many
// units arrive, and the question about the same experiment run anew, without an effect to find.
func Observe(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, metric string) (Observed, Question, error) {
	i, err := def.metricAt(metric)
	if err != nil {
		return Observed{}, Question{}, err
	}
	r, err := readSource(ctx, db, def, scope)
	if err != nil {
		return Observed{}, Question{}, err
	}
	res, err := judge(def, scope, r)
	if err != nil {
		return Observed{}, Question{}, fmt.Errorf("experiment %s: %w", def.Name, err)
	}
	m := def.Metrics[i]
	x, err := readMetric(def, m, metricOutcomes(r.arms, i), res.Confidence)
	if err != nil {
		return Observed{}, Question{}, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	j := judgement{def: def, arms: r.arms, seconds: r.seconds, res: &res}
	c := x.arms[0]
	raw := c.units
	if c.observed != nil {
		raw = *c.observed
	}
	if c.reason != "" || raw.N < 2 || raw.Variance == 0 {
		return Observed{}, Question{}, planError("%s has too few units in %s, or they are all alike", m.Name, def.Control)
	}
	o := Observed{
		Experiment: def.Name, Metric: m.Name, Kind: m.Kind, MeasuredIn: m.measuredIn(), Unit: res.Unit, N: raw.N, Mean: raw.Mean, Variance: raw.Variance,
		PerDay: j.unitsPerDay(), WindowDays: def.window(m).Std().Hours() / 24, DesignEffect: c.designEffect(m),
	}
	if m := r.arms[0].mature; o.PerDay != nil && raw.N < m { // only units with a value count, as of a quantile
		o.PerDay = referral.Float(*o.PerDay * float64(raw.N) / float64(m))
	}
	if c.observed != nil {
		o.Reduction = max(0, 1-c.units.Variance/raw.Variance)
	}
	for k, a := range r.arms[1:] {
		if a.name == res.Verdict.Arm {
			o.Pays = j.smallestPaying(i, k)
		}
	}
	return o, def.again(o, res.Confidence), nil
}

// metricAt finds a metric by name.
func (d Definition) metricAt(name string) (int, error) {
	var names []string
	for i, m := range d.Metrics {
		if m.Name == name || name == "" && m.role() == RolePrimary {
			return i, nil
		}
		names = append(names, m.Name)
	}
	return 0, planError("experiment %s has no metric %q; it has %s", d.Name, name, strings.Join(names, ", "))
}

// again asks about the same experiment run anew.
func (d Definition) again(o Observed, confidence float64) Question {
	q := Question{
		Share: o.Kind == KindProportion, Baseline: o.Mean, Variance: o.Variance, Power: plannedPower, Confidence: confidence, Arms: len(d.Weights),
		Looks: 1, ClusterSize: 1, VarianceReduction: o.Reduction, Correction: CorrectBonferroni,
	}
	for _, m := range d.Metrics {
		switch m.role() {
		case RolePrimary:
			q.Metrics++
		case RoleGuardrail:
			q.Guardrails++
		}
	}
	switch p := d.Multiplicity.Primary; p {
	case CorrectDunnett, CorrectNone:
		q.Correction = p
	}
	if d.rule() == RuleGroupSequential {
		q.Looks, q.Spending, q.Parameter = max(1, len(d.Stopping.Looks)), cmp.Or(d.Stopping.Spending, SpendingOBrienFleming), d.Stopping.Parameter
	}
	if o.PerDay != nil {
		q.PerDay = *o.PerDay
	}
	return q
}

// designEffect is the variance of a share among the members of units over that of as many independent members.
//
//	V m/(R (1 − R)), V the variance of one unit linearised, m its mean number of members, R the share
func (s sample) designEffect(m Metric) *float64 {
	r := s.units.Mean
	if m.Kind != KindRatio || m.measuredIn() != InRatio || !(r > 0 && r < 1) || len(s.joint.sum) < 2 {
		return nil
	}
	members, err := s.joint.moments(1)
	if err != nil {
		return nil
	}
	v := s.units.Variance
	if s.observed != nil {
		v = s.observed.Variance
	}
	return referral.Float(v * members.Mean / (r * (1 - r)))
}

// readSource reads an experiment from where its definition says.
func readSource(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (r read, err error) {
	if err := def.Validate().Err(); err != nil {
		return r, err
	}
	if def.Source == SourceSummary {
		r, err = readSummary(ctx, db, def)
	} else {
		r, err = readExposures(ctx, db, def, scope)
	}
	if err != nil {
		return r, fmt.Errorf("experiment %s: %w", def.Name, err)
	}
	return r, nil
}
