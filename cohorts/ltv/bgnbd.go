package ltv

import (
	"math"

	"vouch/internal/stats"
)

// BGNBD is the beta-geometric/NBD model: a customer buys at random times at his own rate λ ~ Gamma(R, rate Alpha), and
// after each purchase but the first leaves for good with his own probability p ~ Beta(A, B).
//
// A customer without a repeat purchase cannot have left: Alive is 1 for him, however long ago it was. Where
// most customers buy once, MBGNBD is the fairer choice.
// Time is in the unit of Alpha. Assumes purchases that do not depend on each other or on the season.
// Source: Fader, Hardie and Lee (2005), Marketing Science 24, 275–284.
type BGNBD struct{ R, Alpha, A, B float64 }

func (m BGNBD) law() betaGeometric { return betaGeometric{m.R, m.Alpha, m.A, m.B, 0} }

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m BGNBD) Check() error { return positive(betaGeometricNames, m.R, m.Alpha, m.A, m.B) }

// LogLikelihood is the log-likelihood of the sample, counts as weights.
//
//	Σ ln( Γ(r+x) α^r/Γ(r) · [ B(a,b+x)/B(a,b) (α+T)^−(r+x) + 1{x>0} B(a+1,b+x−1)/B(a,b) (α+t_x)^−(r+x) ] )
//
// Source: the paper, equation (6).
// Checked against: integration over λ and p, lifetimes 0.11.3 and mpmath 1.4.1, in bgnbd_test.go.
func (m BGNBD) LogLikelihood(s Sample) float64 {
	return s.betaGeometric(0)([]float64{m.R, m.Alpha, m.A, m.B}, make([]float64, 4))
}

// Alive is the probability that a customer has not left:
//
//	1 / (1 + a/(b+x−1) ((α+T)/(α+t_x))^(r+x)),  1 for x = 0
//
// It may underflow to 0. Checked against: mpmath 1.4.1, in bgnbd_test.go.
func (m BGNBD) Alive(h History) float64 { return m.law().alive(h) }

// Expected is the number of purchases to expect in the time t after the history: Alive times that of a customer who
// is alive, finite for every x and at a = 1.
// Source: the paper, equation (10). Checked against: mpmath 1.4.1, in bgnbd_test.go.
func (m BGNBD) Expected(h History, t float64) float64 { return m.law().expected(h, t) }

// ExpectedNew is the number of repeat purchases to expect of a new customer within t.
// Source: the paper, equation (9).
func (m BGNBD) ExpectedNew(t float64) float64 { return m.law().expected(History{}, t) }

// PMF is the probability that a new customer buys n more times within t.
//
//	B(a,b+n)/B(a,b) P(N = n) + 1{n>0} B(a+1,b+n−1)/B(a,b) P(N ≥ n),  N negative binomial (r, α/(α+t))
//
// P(N ≥ n) is computed as an upper tail. t = 0 has all its probability on 0; n < 0 has none.
// Source: the paper, equation (8). Checked against: mpmath 1.4.1, in bgnbd_test.go.
func (m BGNBD) PMF(n int64, t float64) float64 {
	switch {
	case n < 0 || (t == 0 && n > 0):
		return 0
	case t == 0:
		return 1
	}
	k := float64(n)
	// P(N = n) = Γ(r+n)/(Γ(r) n!) (α/(α+t))^r (t/(α+t))^n.
	stay := stats.LogBetaRatio(m.A, m.B, k)
	p := math.Exp(stay + stats.LogGammaRatio(m.R, k) - stats.LogGammaRatio(1, k) - m.R*math.Log1p(t/m.Alpha) - k*math.Log1p(m.Alpha/t))
	if n > 0 {
		reached, _ := stats.BetaCDF(t/(m.Alpha+t), k, m.R)
		p += math.Exp(stay+math.Log(m.A/(m.B+k-1))) * reached
	}
	return p
}

// FitBGNBD returns the model of highest likelihood. Nobody with a repeat purchase: no parameters, reason
// no_repeat_purchases.
// Checked against: the paper's CDNOW table and lifetimes 0.11.3, in public_test.go; recovery of simulated parameters.
func FitBGNBD(s Sample) Fit[BGNBD] {
	return fitRepeats(s, betaGeometricNames, betaGeometricStarts, func() (maximum, error) { return s.fitBetaGeometric(0) },
		func(p []float64) BGNBD { return BGNBD{p[0], p[1], p[2], p[3]} })
}

// fitRepeats is a fit of a model of repeat purchases, which needs one.
func fitRepeats[M any](s Sample, names []string, starts [][]float64, search func() (maximum, error), build func(p []float64) M) Fit[M] {
	out := Fit[M]{Reason: ReasonNoRepeats}
	if s.repeats > 0 {
		m, err := search()
		out = fitOf(m, err, names, len(starts), build)
	}
	out.Customers, out.Patterns = s.customers, len(s.patterns)
	return out
}

// MBGNBD is the modified beta-geometric/NBD model: as BGNBD, but a customer may leave right after his first purchase,
// too. A customer who never came back is then believed gone the longer he stays away.
// Source: Batislam, Denizel and Filiztekin (2007), International Journal of Research in Marketing 24, 201–209.
type MBGNBD struct{ R, Alpha, A, B float64 }

func (m MBGNBD) law() betaGeometric { return betaGeometric{m.R, m.Alpha, m.A, m.B, 1} }

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m MBGNBD) Check() error { return positive(betaGeometricNames, m.R, m.Alpha, m.A, m.B) }

// LogLikelihood is the log-likelihood of the sample, counts as weights.
//
//	Σ ln( Γ(r+x) α^r/Γ(r) · [ B(a,b+x+1) (α+T)^−(r+x) + B(a+1,b+x) (α+t_x)^−(r+x) ] / B(a,b) )
//
// Checked against: integration over λ and p, lifetimes 0.11.3, in bgnbd_test.go.
func (m MBGNBD) LogLikelihood(s Sample) float64 {
	return s.betaGeometric(1)([]float64{m.R, m.Alpha, m.A, m.B}, make([]float64, 4))
}

// Alive is the probability that a customer has not left: 1 / (1 + a/(b+x) ((α+T)/(α+t_x))^(r+x)).
func (m MBGNBD) Alive(h History) float64 { return m.law().alive(h) }

// Expected is the number of purchases to expect in the time t after the history.
// Checked against: mpmath 1.4.1, in bgnbd_test.go.
func (m MBGNBD) Expected(h History, t float64) float64 { return m.law().expected(h, t) }

// ExpectedNew is the number of repeat purchases to expect of a new customer within t, who stays with b/(a+b) at first.
func (m MBGNBD) ExpectedNew(t float64) float64 { return m.law().expected(History{}, t) }

// FitMBGNBD returns the model of highest likelihood; edges as FitBGNBD.
// Checked against: lifetimes 0.11.3 on CDNOW, in public_test.go.
func FitMBGNBD(s Sample) Fit[MBGNBD] {
	return fitRepeats(s, betaGeometricNames, betaGeometricStarts, func() (maximum, error) { return s.fitBetaGeometric(1) },
		func(p []float64) MBGNBD { return MBGNBD{p[0], p[1], p[2], p[3]} })
}
