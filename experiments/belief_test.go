package experiments

import "testing"

// Reference: scipy 1.17.1, integrate.quad over beta.pdf and beta.cdf; the normal integrals in closed form.
func TestBelief(t *testing.T) {
	const better, keep, ship = 0.7779675555348132, 0.017428207638712702, 0.002502834504384349
	c, x := shareOf(t, 30, 400), shareOf(t, 36, 400)
	m, _ := compared(t, asked(Metric{Kind: KindProportion}, 2), readOf(c, x))
	b := m.Comparisons[0].Belief
	want(t, "better", b.Better, better, 1e-7)
	want(t, "ship", b.LossShip, ship, 1e-7)
	want(t, "keep", b.LossKeep, keep, 1e-7)
	// A fall as the improvement turns all three around.
	m, _ = compared(t, asked(Metric{Kind: KindProportion, LowerIsBetter: true}, 2), readOf(c, x))
	b = m.Comparisons[0].Belief
	want(t, "better", b.Better, 1-better, 1e-7)
	want(t, "ship", b.LossShip, keep, 1e-7)
	want(t, "keep", b.LossKeep, ship, 1e-7)
}

func TestBelief_normal(t *testing.T) {
	const better, ship, keep = 0.7158129119587973, 1.1242914017355112, 4.749291401735511
	c, x := outcomeOf(t, []int64{20, 3, 41, 10, 19, 9, 35, 12}), outcomeOf(t, []int64{16, 33, 9, 44, 21, 20, 27, 8})
	m, _ := compared(t, asked(Metric{Kind: KindMean}, 2), readOf(c, x))
	b := m.Comparisons[0].Belief
	want(t, "better", b.Better, better, 1e-9)
	want(t, "ship", b.LossShip, ship, 1e-9)
	want(t, "keep", b.LossKeep, keep, 1e-9)
	m, _ = compared(t, asked(Metric{Kind: KindMean, LowerIsBetter: true}, 2), readOf(c, x))
	b = m.Comparisons[0].Belief
	want(t, "better", b.Better, 1-better, 1e-9)
	want(t, "ship", b.LossShip, keep, 1e-9)
}

// Nobody converts: the beta posteriors are equal, where a normal one would say nothing.
func TestBelief_nobodyConverts(t *testing.T) {
	m, _ := compared(t, asked(Metric{Kind: KindProportion}, 2), readOf(shareOf(t, 0, 200), shareOf(t, 0, 200)))
	c := m.Comparisons[0]
	want(t, "better", c.Belief.Better, 0.5, 1e-9)
	if c.PValue != nil {
		t.Error("a p-value out of nothing")
	}
}
