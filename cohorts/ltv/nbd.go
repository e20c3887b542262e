package ltv

import (
	"math"

	"vouch/internal/stats"
)

// NBD is repeat buying without leaving: purchases at a rate λ ~ Gamma(R, rate Alpha) for ever. It is the baseline that a
// model with leaving has to beat.
// Source: Ehrenberg (1959), Applied Statistics 8, 26–41.
type NBD struct{ R, Alpha float64 }

var nbdNames = []string{"r", "alpha"}

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m NBD) Check() error { return positive(nbdNames, m.R, m.Alpha) }

// LogLikelihood is Σ ln( Γ(r+x)/Γ(r) α^r (α+T)^−(r+x) ): the factor T^x/x!, which the parameters do not touch, is left
// out, as the models with leaving do.
func (m NBD) LogLikelihood(s Sample) float64 {
	return s.nbd()([]float64{m.R, m.Alpha}, make([]float64, 2))
}

// Alive is 1.
func (m NBD) Alive(History) float64 { return 1 }

// Expected is (r+x)/(α+T) t.
func (m NBD) Expected(h History, t float64) float64 {
	return (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * t
}

// ExpectedNew is r t/α.
func (m NBD) ExpectedNew(t float64) float64 { return m.R * t / m.Alpha }

// FitNBD returns the model of highest likelihood; edges as FitBGNBD. Customers no more uneven than chance run to
// the edge: the Poisson process.
func FitNBD(s Sample) Fit[NBD] {
	starts := [][]float64{{0.5, 0.5}, {3, 1}}
	return fitRepeats(s, nbdNames, starts, func() (maximum, error) {
		return s.search(Sample.nbd, []float64{1, s.life}, starts)
	}, func(p []float64) NBD { return NBD{p[0], p[1]} })
}

func (s Sample) nbd() likelihood {
	return func(p, grad []float64) float64 {
		r, alpha := p[0], p[1]
		value, dr, dalpha := 0.0, 0.0, 0.0
		at, gamma, digamma := int32(-1), 0.0, 0.0
		for _, c := range s.rows {
			x := float64(s.counts[c.repeats])
			if c.repeats != at {
				at, gamma, digamma = c.repeats, stats.LogGammaRatio(r, x), stats.DigammaDifference(r, x)
			}
			t := s.times[c.age]
			passed := math.Log1p(t / alpha)
			value += c.weight * (gamma - r*passed - x*math.Log(alpha+t))
			dr += c.weight * (digamma - passed)
			dalpha += c.weight * (r/alpha - (r+x)/(alpha+t))
		}
		grad[0], grad[1] = dr, dalpha
		return value
	}
}
