package experiments

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// stopped is a definition of one mean under a rule.
func stopped(rule string, units int64, looks ...float64) Definition {
	def := asked(Metric{Kind: KindMean}, 2)
	def.Stopping = Stopping{Rule: rule, Units: units, Looks: looks}
	return def
}

// meanArms are two arms whose difference is z standard errors.
func meanArms(n int64, z float64) read {
	c := outcome{Moments: stats.Moments{N: n, Mean: 0, Variance: float64(n) / 2}}
	x := outcome{Moments: stats.Moments{N: n, Mean: z, Variance: float64(n) / 2}}
	return readOf(c, x)
}

// Four looks of O'Brien and Fleming's type at 5 %.
// Reference: the boundaries published for four equally spaced looks, 4.333, 2.963, 2.359, 2.014.
func TestStopping_groupSequential(t *testing.T) {
	const each = 250_000 // units per arm and look: Student's t is normal to five digits
	def := stopped(RuleGroupSequential, 8*each, 0.25, 0.5, 0.75, 1)
	for k, critical := range []float64{4.333, 2.963, 2.359, 2.014} {
		for _, c := range []struct {
			z        float64
			decision string
		}{{critical + 0.003, DecisionBetter}, {critical - 0.003, DecisionUnclear}, {-critical - 0.003, DecisionWorse}} {
			r := meanArms(int64(k+1)*each, c.z)
			state := def.stopping(r.arms)
			if state.Look != k+1 || state.Final != (k == 3) || *state.Information != float64(k+1)/4 {
				t.Errorf("%+v", state)
			}
			m, _ := compared(t, def, r)
			got := m.Comparisons[0]
			s := got.Sequential
			if math.Abs(*s.Critical-critical) > 6e-4 || math.Abs(*s.Z-c.z) > 1e-4 || got.Decision != c.decision || s.PValue != nil {
				t.Errorf("look %d, z %g: %+v, %s", k+1, c.z, s, got.Decision)
			}
			if crossed := *s.Lo > 0 || *s.Hi < 0; crossed != s.Crossed || crossed != (c.decision != DecisionUnclear) {
				t.Errorf("look %d, z %g: limits %g and %g", k+1, c.z, *s.Lo, *s.Hi)
			}
		}
	}
	// Between looks the boundary of the last one stands; before the first nothing is decided.
	between, _ := compared(t, def, meanArms(2*each+each/2, 3))
	if s := between.Comparisons[0].Sequential; math.Abs(*s.Critical-2.963) > 6e-4 {
		t.Errorf("%+v", s)
	}
	early, _ := compared(t, def, meanArms(each/2, 30))
	if c := early.Comparisons[0]; c.Sequential.Reason != ReasonBeforeFirstLook || c.Sequential.Critical != nil || c.Decision != DecisionUnclear || *c.PValue > 1e-100 {
		t.Errorf("%+v", c)
	}
	if s := def.stopping(meanArms(each/2, 0).arms); s.Look != 0 || *s.NextUnits != 2*each {
		t.Errorf("%+v", s)
	}
}

// A metric whose own window is open for longer waits for its own units.
func TestStopping_ownWindow(t *testing.T) {
	r := meanArms(500, 5)
	for i := range r.arms {
		r.arms[i].mature = 2000
	}
	def := stopped(RuleGroupSequential, 4000, 0.25, 0.5, 1)
	m, _ := compared(t, def, r)
	first, err := stats.LanDeMetsOBrienFleming(0.025).Boundary([]float64{0.25}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "critical", m.Comparisons[0].Sequential.Critical, *first.Critical[0], 1e-9)
	if s := def.stopping(r.arms); s.Look != 3 || !s.Final {
		t.Errorf("%+v", s)
	}
}

// Every arm and primary metric is a question: their errors are split.
func TestStopping_questions(t *testing.T) {
	r := meanArms(1000, 2)
	r.arms = append(r.arms, r.arms[1])
	r.arms[2].name = "gift"
	def := asked(Metric{Kind: KindMean}, 3)
	def.Stopping = Stopping{Rule: RuleGroupSequential, Units: 3000, Looks: Looks{1}}
	m, _ := compared(t, def, r)
	want(t, "critical", m.Comparisons[0].Sequential.Critical, -stats.NormalQuantile(0.0125), 1e-9)
	def.Multiplicity.Primary = CorrectNone
	m, _ = compared(t, def, r)
	want(t, "critical", m.Comparisons[0].Sequential.Critical, -stats.NormalQuantile(0.025), 1e-9)
}

// Reference: numpy 2.4.6, the mixture with k = nρ² (always valid) and k = n(z_a+z_0.8)²/N (mSPRT), z = 2.4, n = 3,000, N = 4,000; and
// the named functions of internal/stats, which have oracles of their own.
func TestStopping_anyTime(t *testing.T) {
	r := meanArms(1500, 2.4)
	m, _ := compared(t, stopped(RuleAlwaysValid, 4000), r)
	s := m.Comparisons[0].Sequential
	// z is that of Student's p-value: 2.4 within 0.2 %.
	want(t, "critical", s.Critical, 3.0435005692315698, 1e-9)
	want(t, "p", s.PValue, 0.22397639748374948, 0.02)
	a, err := stats.AsymptoticSequence(r.arms[0].metrics[0].Moments, r.arms[1].metrics[0].Moments, 0.95, 4000, false, stats.TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "lower", s.Lo, *a.Lower, 0.01)
	want(t, "upper", s.Hi, *a.Upper, 0.01)
	m, _ = compared(t, stopped(RuleMSPRT, 4000), r)
	s = m.Comparisons[0].Sequential
	want(t, "critical", s.Critical, 3.0441163168463663, 1e-9)
	mixing := math.Pow(-stats.NormalQuantile(0.025)-stats.NormalQuantile(0.2), 2) / 4000
	l, err := stats.MSPRT(*s.Z, 3000, 1, mixing)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "p", s.PValue, *l.PValue, 1e-9)
}

// A fixed end that was planned: nothing is decided before it, all as without a plan from then on.
func TestStopping_fixed(t *testing.T) {
	m, _ := compared(t, stopped("", 4000), meanArms(1500, 6))
	if c := m.Comparisons[0]; c.Decision != DecisionUnclear || c.Sequential.Reason != ReasonNotFinished || *c.AdjustedP > 1e-6 {
		t.Errorf("%+v", c)
	}
	m, _ = compared(t, stopped("", 3000), meanArms(1500, 6))
	if c := m.Comparisons[0]; c.Decision != DecisionBetter || c.Sequential != nil {
		t.Errorf("%+v", c)
	}
	if s := (Definition{}).stopping(nil); s != nil {
		t.Errorf("%+v", s)
	}
}

// Peeking without an effect: the share of experiments ever called clear stays within the level, where that of the fixed test
// does not. 100 runs at 5 %: Binomial(100, 0.05) is at most 12 with probability 0.998; the seed is fixed.
func TestStopping_peeking(t *testing.T) {
	const runs, step, looks = 100, 20, 40
	rules := map[string]Definition{
		RuleAlwaysValid: stopped(RuleAlwaysValid, 2*step*looks), RuleMSPRT: stopped(RuleMSPRT, 2*step*looks),
		RuleGroupSequential: stopped(RuleGroupSequential, 2*step*looks, 0.2, 0.4, 0.6, 0.8, 1), RuleFixed: stopped("", 0),
	}
	called := map[string]int{}
	r := rand.New(rand.NewPCG(20261121, 1))
	for range runs {
		var c, x []float64
		clear := map[string]bool{}
		for look := 1; look <= looks; look++ {
			for range step {
				c, x = append(c, r.ExpFloat64()), append(x, r.ExpFloat64())
			}
			at := readOf(outcome{Moments: stats.MomentsOf(c)}, outcome{Moments: stats.MomentsOf(x)})
			for rule, def := range rules {
				if rule == RuleGroupSequential && look%8 != 0 || clear[rule] {
					continue // its looks are planned
				}
				m, _ := compared(t, def, at)
				clear[rule] = m.Comparisons[0].Decision != DecisionUnclear
			}
		}
		for rule, yes := range clear {
			if yes {
				called[rule]++
			}
		}
	}
	t.Logf("called clear in %d runs without an effect: %v", runs, called)
	for rule := range rules {
		if n := called[rule]; rule != RuleFixed && n > 12 {
			t.Errorf("%s: %d of %d", rule, n, runs)
		}
	}
	if called[RuleFixed] < 15 {
		t.Errorf("the fixed test is called clear in %d of %d runs only: peeking does no harm here", called[RuleFixed], runs)
	}
}

// The decision follows the boundary, whatever the test: of a share with few successes Fisher's p-value is held against it.
func TestStopping_sparse(t *testing.T) {
	def := asked(Metric{Kind: KindProportion}, 2)
	def.Stopping = Stopping{Rule: RuleGroupSequential, Units: 600, Looks: Looks{0.5, 1}}
	m, _ := compared(t, def, readOf(shareOf(t, 0, 150), shareOf(t, 8, 150)))
	c := m.Comparisons[0]
	if c.Method != referral.MethodFisher {
		t.Fatal(c.Method)
	}
	want(t, "z", c.Sequential.Z, -stats.NormalQuantile(*c.PValue/2), 1e-12)
	if c.Sequential.Crossed != (*c.PValue < 2*stats.UpperTail(*c.Sequential.Critical)) {
		t.Errorf("%+v", c.Sequential)
	}
}
