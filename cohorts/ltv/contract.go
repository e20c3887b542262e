package ltv

import (
	"math"

	"vouch/internal/stats"
)

// BDW is the beta-discrete-Weibull model of customers under contract: at each renewal a customer leaves with his own
// probability θ ~ Beta(Alpha, Beta), which changes with his age where C differs from 1: S(t) = E (1−θ)^(t^c).
// C > 1 says that a customer grows more likely to leave with age, C < 1 less; that the rate of those
// who are left falls is the sorting of customers, not C.
// Time is in renewals. Source: Fader, Hardie, Liu, Davin and Steenburgh (2018), Journal of Interactive Marketing 43, 1–16.
type BDW struct{ Alpha, Beta, C float64 }

// SBG is the shifted-beta-geometric model: BDW with C = 1, each customer leaving with the same own probability at
// every renewal.
// Source: Fader and Hardie (2007), Journal of Interactive Marketing 21(1), 76–90.
type SBG struct{ Alpha, Beta float64 }

var contractNames = []string{"alpha", "beta", "c"}

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m BDW) Check() error { return positive(contractNames, m.Alpha, m.Beta, m.C) }

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m SBG) Check() error { return positive(contractNames, m.Alpha, m.Beta) }

// Survival is the probability S(t) = B(α,β+t^c)/B(α,β) that a customer is still there after t ≥ 0 renewals.
// Checked against: mpmath 1.4.1, in contract_test.go.
func (m BDW) Survival(t float64) float64 {
	return math.Exp(stats.LogBetaRatio(m.Alpha, m.Beta, math.Pow(t, m.C)))
}

// Survival is that of BDW with c = 1.
func (m SBG) Survival(t float64) float64 { return m.law().Survival(t) }

func (m SBG) law() BDW { return BDW{m.Alpha, m.Beta, 1} }

// DERL is the discounted number of renewals to expect of a customer who has renewed n ≥ 0 times, just before he decides on
// the next one, at the discount d ≥ 0 per renewal; it does not count what he has paid for already:
//
//	Σ_{k≥0} S(n+1+k)/S(n) (1+d)^−k = E[ (1−θ)(1+d)/(θ+d) ],  θ ~ Beta(α, β+n)
//
// ok is false where it is infinite: d = 0 and α ≤ 1.
// Source: Fader and Hardie (2010), Marketing Science 29, 85–93.
// Checked against: the paper's table and mpmath 1.4.1, in contract_test.go.
func (m SBG) DERL(n, d float64) (value float64, ok bool) {
	return m.discounted(m.Beta+n, d, func(p, q float64) float64 { return math.Log(q) + math.Log1p(d) - math.Log(p+d) }, 1)
}

// New is the discounted number of periods to expect of a new customer, the first one whole:
//
//	Σ_{t≥0} S(t)/(1+d)^t = E[ (1+d)/(θ+d) ],  θ ~ Beta(α, β)
//
// ok as for DERL.
func (m SBG) New(d float64) (value float64, ok bool) {
	return m.discounted(m.Beta, d, func(p, _ float64) float64 { return math.Log1p(d) - math.Log(p+d) }, 0)
}

// discounted is the mean over θ ~ Beta(α, beta); without a discount it is α+β+n−1 or β+n, less by stay, over α−1.
func (m SBG) discounted(beta, d float64, logF func(p, q float64) float64, stay float64) (float64, bool) {
	if d == 0 {
		return (m.Alpha + beta - 1 - stay*(m.Alpha-1)) / (m.Alpha - 1), m.Alpha > 1
	}
	return betaMean(m.Alpha, beta, d, logF), true
}

// Renewals are the survivors of cohorts under contract.
type Renewals struct {
	left      []float64 // left[t]: who left at the renewal t, of all cohorts
	stayed    []float64 // stayed[t]: who were there when their cohort was last counted, at t
	customers float64
}

// NewRenewals reads survivors by age 0, 1, 2, … of each cohort, oldest age last; cohorts may be of different age. No cohort, fewer
// than two ages, counts that are negative, not finite or rising, and nobody at all wrap ErrInput.
func NewRenewals(cohorts [][]float64) (Renewals, error) {
	var s Renewals
	if len(cohorts) == 0 {
		return s, invalid("no cohort")
	}
	longest := 0
	for i, c := range cohorts {
		if len(c) < 2 {
			return s, invalid("cohort %d has %d ages; two at least", i, len(c))
		}
		for t, n := range c {
			if !(n >= 0) || n > largest || (t > 0 && n > c[t-1]) {
				return s, invalid("cohort %d has %v survivors at age %d: they must be finite, not negative, and not rise", i, n, t)
			}
		}
		longest = max(longest, len(c))
	}
	s.left, s.stayed = make([]float64, longest), make([]float64, longest)
	for _, c := range cohorts {
		s.customers += c[0]
		for t := 1; t < len(c); t++ {
			s.left[t] += c[t-1] - c[t]
		}
		s.stayed[len(c)-1] += c[len(c)-1]
	}
	if s.customers == 0 {
		return Renewals{}, invalid("no customer")
	}
	return s, nil
}

// Customers is the sum of the starting counts.
func (s Renewals) Customers() float64 { return s.customers }

// churn is how many left.
func (s Renewals) churn() float64 { return stats.Sum(s.left) }

// LogLikelihood is Σ_t (who left at t) ln(S(t−1) − S(t)) + (who stayed to t) ln S(t).
// Checked against: the table of Fader and Hardie (2007), in contract_test.go.
func (m BDW) LogLikelihood(s Renewals) float64 {
	return s.likelihood(3)([]float64{m.Alpha, m.Beta, m.C}, make([]float64, 3))
}

// LogLikelihood is that of BDW with c = 1.
func (m SBG) LogLikelihood(s Renewals) float64 { return m.law().LogLikelihood(s) }

// likelihood is the log-likelihood and its gradient by α, β and, if n is 3, c.
func (s Renewals) likelihood(n int) likelihood {
	return func(p, grad []float64) float64 {
		m := BDW{p[0], p[1], 1}
		if n == 3 {
			m.C = p[2]
		}
		clear(grad)
		value := 0.0
		before := m.survivor(0)
		for t := 1; t < len(s.left); t++ {
			now := m.survivor(float64(t))
			// ln(S(t−1) − S(t)) = ln S(t−1) + ln(1 − e^step).
			step := -m.hazard(before.age, now.age)
			if w := s.left[t]; w > 0 {
				value += w * (before.log + math.Log(-math.Expm1(step)))
				e := math.Exp(step)
				for i := range grad {
					grad[i] += w * (before.slope[i] - e*now.slope[i]) / -math.Expm1(step)
				}
			}
			if w := s.stayed[t]; w > 0 {
				value += w * now.log
				for i := range grad {
					grad[i] += w * now.slope[i]
				}
			}
			before = now
		}
		return value
	}
}

// survivor is ln S at an age t^c, with its gradient by α, β, c.
type survivor struct {
	age, log float64
	slope    [3]float64
}

func (m BDW) survivor(t float64) survivor {
	if t == 0 {
		return survivor{}
	}
	age := math.Pow(t, m.C)
	both := stats.DigammaDifference(m.Alpha+m.Beta, age)
	return survivor{
		age: age, log: stats.LogBetaRatio(m.Alpha, m.Beta, age),
		slope: [3]float64{
			-both, stats.DigammaDifference(m.Beta, age) - both,
			-stats.DigammaDifference(m.Beta+age, m.Alpha) * age * math.Log(t),
		},
	}
}

// hazard is ln S at from less ln S at to, ages after the power c: small where nearly all stay, and not lost then.
func (m BDW) hazard(from, to float64) float64 {
	return -stats.LogBetaRatio(m.Alpha, m.Beta+from, to-from)
}

// FitSBG returns the model of highest likelihood. If nobody left, no parameters and the reason no_churn.
// Checked against: Fader and Hardie (2007) and pymc-marketing's figures, in contract_test.go.
func FitSBG(s Renewals) Fit[SBG] {
	return fitRenewals(s, contractNames[:2], [][]float64{{1, 1}, {0.5, 3}, {5, 20}}, func(p []float64) SBG { return SBG{p[0], p[1]} })
}

// FitBDW returns the model of highest likelihood, as FitSBG. Twice the gain in log-likelihood over FitSBG is
// chi-square with one degree of freedom if age does not matter.
func FitBDW(s Renewals) Fit[BDW] {
	return fitRenewals(s, contractNames, [][]float64{{1, 1, 1}, {0.5, 2, 1.5}, {3, 10, 0.8}},
		func(p []float64) BDW { return BDW{p[0], p[1], p[2]} })
}

func fitRenewals[M any](s Renewals, names []string, starts [][]float64, build func(p []float64) M) Fit[M] {
	out := Fit[M]{Reason: ReasonNoChurn}
	if s.churn() > 0 {
		scale := []float64{1, 1, 1}[:len(names)]
		m, err := maximise(s.likelihood(len(names)), s.customers, scale, starts)
		out = fitOf(m, err, names, len(starts), build)
	}
	out.Customers = int64(math.Round(s.customers))
	for t := range s.left {
		if s.left[t] > 0 || s.stayed[t] > 0 {
			out.Patterns++
		}
	}
	return out
}
