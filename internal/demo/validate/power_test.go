package validate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"vouch/internal/stats"
)

const planned = 0.8 // power

// powerClaims draws experiments of the planned size with the effect they were planned for: the share that finds it is
// the planned power.
func powerClaims() ([]claim, error) {
	var out []claim
	for _, x := range []struct {
		o        int
		variance float64
		effect   float64
		ratio    float64
	}{{0, 25, 4, 1}, {0, 25, 1, 2}, {1, 100, 2, 1}} {
		d := stats.MeanDesign{VarianceControl: x.variance, VarianceTreatment: x.variance, Level: Level}
		n, err := d.SampleSize(x.effect, planned, x.ratio)
		if err != nil {
			return nil, err
		}
		nc, nt := int(math.Ceil(*n.Control)), int(math.Ceil(*n.Treatment))
		o := outcomes[x.o]
		out = append(out, claim{
			what: fmt.Sprintf("mean, %s, effect %g, %d and %d units", o.name, x.effect, nc, nt), rate: planned, above: 0.02,
			draw: func(r *rand.Rand) (bool, error) {
				w, err := stats.Welch(sample(r, nc, 0, o.one), sample(r, nt, x.effect, o.one), Level, stats.TwoSided)
				return rejects(w.PValue), err
			},
		})
	}
	d := stats.MeanDesign{VarianceControl: 25, VarianceTreatment: 25, Level: Level}
	mde, err := d.MDE(120, 180, planned)
	if err != nil {
		return nil, err
	}
	out = append(out, claim{what: "mean, the effect that 120 and 180 units detect", rate: planned, draw: func(r *rand.Rand) (bool, error) {
		w, err := stats.Welch(sample(r, 120, 0, outcomes[0].one), sample(r, 180, *mde, outcomes[0].one), Level, stats.TwoSided)
		return rejects(w.PValue), err
	}})
	for _, p := range [][2]float64{{0.10, 0.12}, {0.02, 0.03}} {
		s, err := stats.ShareSampleSize(p[0], p[1], planned, Level, stats.TwoSided, false)
		if err != nil {
			return nil, err
		}
		n := int64(math.Ceil(*s.N))
		out = append(out, claim{what: fmt.Sprintf("share, %g against %g, %d units per arm", p[1], p[0], n), rate: planned, above: 0.01, draw: func(r *rand.Rand) (bool, error) {
			c, t := binomialDraw(r, n, p[0]), binomialDraw(r, n, p[1])
			w, err := stats.Welch(stats.Share(c.Successes, n), stats.Share(t.Successes, n), Level, stats.TwoSided)
			return rejects(w.PValue), err
		}})
	}
	clustered, err := clusterPower()
	if err != nil {
		return nil, err
	}
	staged, err := stagedPower()
	return append(append(out, clustered...), staged...), err
}

// clusterPower plans the invitees as if independent, multiplies by the design effect and divides by the mean number of
// invitees; and plans a ratio by the variance of its linear form.
func clusterPower() ([]claim, error) {
	c := referrers{invites: 6, shape: 1, icc: 0.1, rate: 0.2}
	const effect = 0.05
	independent, err := stats.ShareSampleSize(c.rate, c.rate+effect, planned, Level, stats.TwoSided, false)
	if err != nil {
		return nil, err
	}
	m := c.invites
	cv := math.Sqrt((m-1)+(m-1)*(m-1)/c.shape) / m
	factor, err := stats.DesignEffect(m, cv, c.icc)
	if err != nil {
		return nil, err
	}
	c.k = int(math.Ceil(*independent.N * factor / m))
	out := []claim{c.found(fmt.Sprintf("clusters, design effect %.2f, %d referrers of 6 invitees per arm", factor, c.k), effect, 0.03)}

	pilot := c
	pilot.k = 100_000
	arm := pilot.draw(rand.New(rand.NewPCG(1, 1)))
	moments, err := stats.RatioMomentsOf(arm.Sums, arm.Sizes)
	if err != nil {
		return nil, err
	}
	linear, _ := moments.Linear()
	n, err := stats.MeanDesign{VarianceControl: linear.Variance, VarianceTreatment: linear.Variance, Level: Level}.SampleSize(effect, planned, 1)
	if err != nil {
		return nil, err
	}
	c.k = int(math.Ceil(*n.Control))
	return append(out, c.found(fmt.Sprintf("ratio by its linear form, %d referrers per arm", c.k), effect, 0.03)), nil
}

// found is the claim that clusters of this size find the effect.
func (c referrers) found(what string, effect, rough float64) claim {
	t := c
	t.rate += effect
	return claim{what: what, rate: planned, below: rough, above: rough, share: 0.2, draw: func(r *rand.Rand) (bool, error) {
		x, err := stats.CompareClusters(c.draw(r), t.draw(r), Level, stats.TwoSided)
		return rejects(x.PValue), err
	}}
}

// stagedPower is that of group-sequential tests: the fixed size times the inflation, read at every look.
func stagedPower() ([]claim, error) {
	var out []claim
	for _, x := range []struct {
		name  string
		shape stats.BoundaryShape
	}{{"O'Brien–Fleming", stats.OBrienFleming}, {"Pocock", stats.Pocock}} {
		p := stats.Looks{Looks: 5, AlphaPerSide: alpha / 2, Sides: 2}
		inflation, err := p.Inflation(x.shape, planned)
		if err != nil {
			return nil, err
		}
		b, err := p.Boundary(x.shape)
		if err != nil {
			return nil, err
		}
		fixed := (stats.NormalQuantile(1-alpha/2) + stats.NormalQuantile(planned)) // drift of the fixed test at its end
		drift := fixed * math.Sqrt(*inflation)
		out = append(out, claim{what: fmt.Sprintf("%s, 5 looks, %.3f times the fixed size", x.name, *inflation), rate: planned, draw: func(r *rand.Rand) (bool, error) {
			sum := 0.0
			for k, critical := range b.Critical {
				sum += drift/5 + r.NormFloat64()/math.Sqrt(5)
				if sum/math.Sqrt(float64(k+1)/5) >= critical {
					return true, nil
				}
			}
			return false, nil
		}})
	}
	return out, nil
}
