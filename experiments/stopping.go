package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// Reasons why a look before the end decides nothing.
const (
	ReasonNotFinished     = "not_finished"      // the planned number of units is not reached
	ReasonBeforeFirstLook = "before_first_look" // no planned look is due
)

// mixturePower is the power with which the planned number of units would find the effects that msprt expects.
const mixturePower = 0.8

// stopping is where the experiment stands under its rule; nil without a planned number of units.
//
// Information is the share of the planned units that are mature. A planned look is due from its share on; looking again before
// the next one is not another look.
func (d Definition) stopping(arms []arm) *StoppingState {
	s := d.Stopping
	if s.Units == 0 {
		return nil
	}
	out := &StoppingState{Rule: d.rule(), Units: s.Units, Looks: len(s.Looks)}
	for _, a := range arms {
		out.Mature += a.mature
	}
	out.Information = referral.Float(float64(out.Mature) / float64(s.Units))
	for _, share := range s.Looks {
		if at := unitsAt(share, s.Units); out.Mature < at {
			out.NextUnits = &at
			break
		}
		out.Look++
	}
	out.Final = out.Mature >= s.Units
	if d.rule() == RuleFixed && !out.Final {
		out.NextUnits = &s.Units
	}
	return out
}

func (d Definition) rule() string {
	if d.Stopping.Rule == "" {
		return RuleFixed
	}
	return d.Stopping.Rule
}

// unitsAt is the number of units at a share of all; a share such as 0.1 of 30 is 3, not 4.
func unitsAt(share float64, units int64) int64 {
	return int64(math.Ceil(share*float64(units) - 1e-9))
}

// stopper applies a stopping rule to comparisons.
type stopper struct {
	def      Definition
	state    *StoppingState
	alpha    float64            // of all questions of a family together, both sides
	families map[string]int     // questions by role
	bounds   map[[2]int]float64 // critical values by number of questions and look; +Inf without one
}

// newStopper counts the questions: each is asked at alpha divided by their number (Bonferroni), where the definition
// corrects for them at all.
func newStopper(def Definition, state *StoppingState, level float64, arms int) *stopper {
	s := &stopper{def: def, state: state, alpha: 1 - level, families: map[string]int{}, bounds: map[[2]int]float64{}}
	f := def.families()
	for _, m := range def.Metrics {
		s.families[m.role()] += arms - 1
	}
	for role, name := range map[string]string{RolePrimary: f.Primary, RoleSecondary: f.Secondary, RoleGuardrail: f.Guardrail} {
		if name == CorrectNone {
			s.families[role] = 1
		}
	}
	return s
}

// judge is the sequential read-out of arm i+1 against the control; nil where the rule asks for none. weight is the planned share
// of both arms among all.
func (s *stopper) judge(x *reading, i int, weight float64) (*Sequential, error) {
	rule := s.def.rule()
	if s.state == nil {
		return nil, nil
	}
	e, c, t := x.effects[i], x.arms[0], x.arms[i+1]
	out := &Sequential{Rule: rule}
	switch {
	case rule == RuleFixed && s.state.Final:
		return nil, nil
	case rule == RuleFixed:
		out.Reason = ReasonNotFinished
		return out, nil
	case e.p == nil || e.effect.Value == nil:
		out.Reason = e.reason
		return out, nil
	}
	z := signedZ(e)
	out.Z = referral.Float(z)
	critical, err := s.critical(out, x, z, float64(c.units.N+t.units.N), weight)
	if err != nil || out.Reason != "" {
		return out, err
	}
	out.Critical = referral.Float(critical)
	out.Crossed = math.Abs(z) >= critical
	return out, out.limits(c, t, x.kind.theory(), critical)
}

// signedZ is the standard normal value with the p-value of the test and the sign of the effect: whatever the test, it
// is held against the boundary of a normal one.
func signedZ(e contrast) float64 {
	return math.Copysign(-stats.NormalQuantile(*e.p/2), *e.effect.Value)
}

// limits are those at which the effect would touch the boundary.
func (q *Sequential) limits(c, t sample, th theory, critical float64) error {
	outside := 2 * stats.UpperTail(critical)
	if outside < 1e-13 { // 1 − outside would be 1, or nearly
		return nil
	}
	w, err := th.compare(c.units, t.units, 1-outside, stats.TwoSided)
	q.Lo, q.Hi = w.Lower, w.Upper
	return err
}

// critical is the value that |z| must reach.
func (s *stopper) critical(out *Sequential, x *reading, z, n, weight float64) (float64, error) {
	questions := s.families[x.metric.role()]
	if s.def.rule() == RuleGroupSequential {
		look := s.look(x)
		c, err := s.boundary(questions, look)
		switch {
		case err != nil:
		case look == 0:
			out.Reason = ReasonBeforeFirstLook
		case math.IsInf(c, 1):
			out.Reason = referral.ReasonUnbounded
		}
		return c, err
	}
	level := 1 - s.alpha/float64(questions)
	tuning := float64(s.state.Units) * weight
	if s.def.rule() == RuleMSPRT {
		var err error
		if tuning, err = msprtTuning(tuning, level); err != nil {
			return 0, err
		}
	}
	// After n units a sum of terms of variance 1 has intrinsic time n and is z √n.
	m, err := stats.NormalMixture(z*math.Sqrt(n), n, tuning, level, stats.TwoSided)
	if err != nil || m.Bound == nil || m.LogMixture == nil {
		out.Reason = m.Reason
		return 0, err
	}
	out.PValue = referral.Float(math.Min(1, math.Exp(-*m.LogMixture)))
	return *m.Bound / math.Sqrt(n), nil
}

// msprtTuning turns the mixing variance into the tuning of the same mixture. The mixing variance is the square of the
// effect, in standard deviations of a unit, that the planned units would find with mixturePower: (z_{a/2} + z_power)²/units.
func msprtTuning(units, level float64) (float64, error) {
	z := -stats.NormalQuantile((1-level)/2) - stats.NormalQuantile(1-mixturePower)
	one, err := stats.NormalMixture(0, 1, 1, level, stats.TwoSided)
	if err != nil || one.Rho == nil {
		return units, err
	}
	return units / (z * z) / *one.Rho, nil
}

// look is the last planned look for which a metric has enough units. A window of its own that is longer than that of the
// experiment makes it later.
func (s *stopper) look(x *reading) int {
	mature, look := int64(0), 0
	for _, a := range x.arms {
		mature += a.N
	}
	for look < s.state.Look && mature >= unitsAt(s.def.Stopping.Looks[look], s.state.Units) {
		look++
	}
	return look
}

// boundary is the critical value of a look, for one of several questions; infinite without one.
func (s *stopper) boundary(questions, look int) (float64, error) {
	if look == 0 {
		return math.Inf(1), nil
	}
	if c, ok := s.bounds[[2]int{questions, look}]; ok {
		return c, nil
	}
	spending, err := s.def.Stopping.spending(s.alpha / 2 / float64(questions))
	if err != nil {
		return 0, err
	}
	b, err := spending.Boundary(s.def.Stopping.Looks[:look], 2)
	if err != nil {
		return 0, err
	}
	c := math.Inf(1)
	if at := b.Critical[look-1]; at != nil {
		c = *at
	}
	s.bounds[[2]int{questions, look}] = c
	return c, nil
}

// spending is the function by which the error rate of one side is spent.
func (s Stopping) spending(alphaPerSide float64) (stats.Spending, error) {
	switch s.Spending {
	case SpendingPocock:
		return stats.LanDeMetsPocock(alphaPerSide), nil
	case SpendingKimDeMets:
		return stats.KimDeMets(alphaPerSide, s.Parameter)
	case SpendingHwangShihDeCani:
		return stats.HwangShihDeCani(alphaPerSide, s.Parameter)
	}
	return stats.LanDeMetsOBrienFleming(alphaPerSide), nil
}
