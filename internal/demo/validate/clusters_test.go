package validate

import (
	"fmt"
	"math/rand/v2"

	"vouch/internal/stats"
)

// clusterClaims test invitees of referrers without an effect: as if they were independent, and by referrer. The
// shapes are those of programmes: many referrers with few invitees each, and few partners with very many.
func clusterClaims() []claim {
	var out []claim
	for _, x := range []struct {
		referrers
		other int     // clusters of the treatment
		naive float64 // what the naive test does at least
	}{
		{referrers{2000, 2, 0.5, 0.2, 0.25}, 2000, 0.08},
		{referrers{200, 10, 0.3, 0.1, 0.25}, 200, 0.25},
		{referrers{30, 50, 1, 0.05, 0.25}, 30, 0.25},
		{referrers{30, 200, 0.3, 0.05, 0.25}, 12, 0.5},
		{referrers{12, 200, 0.5, 0.05, 0.25}, 12, 0.5},
	} {
		of := fmt.Sprintf("%d and %d referrers of %g invitees, shape %g, correlation %g", x.k, x.other, x.invites, x.shape, x.icc)
		other := x.referrers
		other.k = x.other
		share := 0.4
		if x.k >= 200 {
			share = 0.1
		}
		arms := func(r *rand.Rand) (c, t stats.Clusters) { return x.draw(r), other.draw(r) }
		out = append(out, claim{what: "not used: invitees as independent, " + of, rate: x.naive, above: free, share: share, draw: func(r *rand.Rand) (bool, error) {
			c, t := arms(r)
			z, err := stats.PooledZ(counts(c), counts(t), stats.TwoSided)
			return rejects(z.PValue), err
		}})
		if x.k >= 100 { // the read-out takes the delta method
			out = append(out, claim{what: "delta method, " + of, rate: alpha, above: 0.015, share: share, draw: func(r *rand.Rand) (bool, error) {
				c, t := arms(r)
				d, err := stats.CompareClusters(c, t, Level, stats.TwoSided)
				return rejects(d.PValue), err
			}})
			continue
		}
		out = append(out,
			claim{what: "not used: delta method, " + of, rate: 0.06, above: free, share: share, draw: func(r *rand.Rand) (bool, error) {
				c, t := arms(r)
				d, err := stats.CompareClusters(c, t, Level, stats.TwoSided)
				return rejects(d.PValue), err
			}},
			claim{what: "jackknife, " + of, rate: alpha, above: 0.04, share: share, draw: func(r *rand.Rand) (bool, error) {
				c, t := arms(r)
				d, err := stats.CompareJackknife(c, t, Level, stats.TwoSided)
				return rejects(d.PValue), err
			}},
			claim{what: "permutation, " + of, rate: alpha, above: 0, share: share, draw: func(r *rand.Rand) (bool, error) {
				c, t := arms(r)
				p, err := stats.ComparePermutedDraws(c, t, 1999, r.Uint64())
				return rejects(p.PValue), err
			}})
	}
	return out
}
