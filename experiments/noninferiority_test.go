package experiments

import (
	"testing"

	"vouch/referral"
)

// guarded is a guardrail with a margin.
func guarded(m Metric, absolute, relative float64) Definition {
	m.Role, m.Margin = RoleGuardrail, &Margin{Absolute: absolute, Relative: relative}
	return asked(m, 2)
}

// Shares by the score test.
// Reference: the constrained likelihood maximised by scipy 1.17.1, optimize.minimize_scalar; its limit by optimize.brentq.
func TestNoninferiority_share(t *testing.T) {
	m, _ := compared(t, guarded(Metric{Kind: KindProportion, LowerIsBetter: true}, 0.05, 0), readOf(shareOf(t, 30, 400), shareOf(t, 36, 400)))
	n := m.Comparisons[0].Noninferiority
	want(t, "p", n.PValue, 0.038995733328886235, 1e-6)
	want(t, "limit", n.Limit, 0.054077809461520826, 1e-6)
	if *n.Noninferior || n.Margin != 0.05 || n.Method != referral.MethodScore {
		t.Errorf("%+v", n)
	}
	m, _ = compared(t, guarded(Metric{Kind: KindProportion}, 0.06, 0), readOf(shareOf(t, 120, 300), shareOf(t, 118, 300)))
	n = m.Comparisons[0].Noninferiority
	want(t, "p", n.PValue, 0.09055581515246441, 1e-6)
	want(t, "limit", n.Limit, -0.08470820463041802, 1e-6)
	m, _ = compared(t, guarded(Metric{Kind: KindProportion}, 0.09, 0), readOf(shareOf(t, 120, 300), shareOf(t, 118, 300)))
	if n := m.Comparisons[0].Noninferiority; !*n.Noninferior {
		t.Errorf("%+v", n)
	}
	// Nobody has the outcome: the variance under the margin is there all the same.
	m, _ = compared(t, guarded(Metric{Kind: KindProportion, LowerIsBetter: true}, 0.05, 0), readOf(shareOf(t, 0, 400), shareOf(t, 0, 400)))
	if n := m.Comparisons[0].Noninferiority; n.Noninferior == nil || !*n.Noninferior {
		t.Errorf("%+v", n)
	}
}

// A margin relative to the control: the control's error is in the test.
// Reference: scipy 1.17.1, ttest_ind(y, 0.7 control, alternative="greater") and confidence_interval(0.975).
func TestNoninferiority_mean(t *testing.T) {
	c, x := outcomeOf(t, []int64{20, 3, 41, 10, 19, 9, 35, 12}), outcomeOf(t, []int64{16, 33, 9, 44, 21, 20, 27, 8})
	m, _ := compared(t, guarded(Metric{Kind: KindMean}, 0, 0.3), readOf(c, x))
	n := m.Comparisons[0].Noninferiority
	want(t, "p", n.PValue, 0.05597366427750695, 1e-9)
	want(t, "limit", n.Limit, -8.045544527732797, 1e-9)
	want(t, "margin", &n.Margin, 0.3*18.625, 1e-12)
	m, _ = compared(t, guarded(Metric{Kind: KindMean, LowerIsBetter: true}, 8, 0), readOf(c, x))
	n = m.Comparisons[0].Noninferiority
	want(t, "p", n.PValue, 0.2512422083668754, 1e-9)
	want(t, "limit", n.Limit, 17.263456634964133, 1e-9)
	// No control to be relative to.
	zero := outcomeOf(t, []int64{-1, 1, -1, 1})
	m, _ = compared(t, guarded(Metric{Kind: KindMean}, 0, 0.3), readOf(zero, x))
	if n := m.Comparisons[0].Noninferiority; n.Reason != referral.ReasonZeroControl || n.Noninferior != nil {
		t.Errorf("%+v", n)
	}
}
