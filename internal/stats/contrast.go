package stats

import (
	"math"

	"vouch/referral"
)

// Contrast is a weighted sum of the means of several arms with its t test, such as a main effect or an
// interaction of a factorial experiment. Arms of weight 0 take no part.
//
//	d = Σ w m,  se² = Σ A,  A = w² v/n,  df = (Σ A)² / Σ A²/(n−1); a term without variance drops out
//
// With weights −1 and 1 this is Welch. Assumes independent arms of independent units.
// Edges: an arm of fewer than 2 units gives the estimate at most (insufficient_data); no variance in any
// arm gives se 0 and no test (zero_variance). Lists of unequal length are ErrInput.
// Source: Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Welch (1947), Biometrika 34, 28–35.
// Checked against: Welch, and statsmodels 0.15.0, OLS(…).fit(cov_type="HC2").t_test, in contrast_test.go.
func Contrast(weights []float64, arms []Moments, level float64, alt Alternative) (Comparison, error) {
	if len(weights) != len(arms) {
		return Comparison{}, invalid("%d weights and %d arms", len(weights), len(arms))
	}
	if err := checkLevel(level); err != nil {
		return Comparison{}, err
	}
	alt, err := checkAlternative(alt)
	if err != nil {
		return Comparison{}, err
	}
	var terms, means, dfs []float64
	fewest, largest := int64(math.MaxInt64), 0.0
	for i, m := range arms {
		if err := m.check(); err != nil {
			return Comparison{}, err
		}
		if math.IsNaN(weights[i]) || math.IsInf(weights[i], 0) {
			return Comparison{}, invalid("weight %g", weights[i])
		}
		if weights[i] == 0 {
			continue
		}
		fewest = min(fewest, m.N)
		means = append(means, weights[i]*m.Mean)
		terms = append(terms, math.Abs(weights[i])*math.Sqrt(m.Variance/math.Max(1, float64(m.N))))
		dfs = append(dfs, float64(m.N-1))
		largest = math.Max(largest, terms[len(terms)-1])
	}
	var out Comparison
	if len(means) > 0 && fewest > 0 {
		out.Estimate = num(Sum(means))
	}
	if len(means) == 0 || fewest < 2 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	// The largest term is divided out, so that money in minor units to the fourth power cannot overflow.
	total, den := 0.0, 0.0
	if largest > 0 {
		for i, s := range terms {
			a := (s / largest) * (s / largest)
			total += a
			den += a * a / dfs[i]
		}
	}
	df := math.NaN()
	if den > 0 {
		df = total * total / den
	}
	out.finish(largest*math.Sqrt(total), df, level, alt)
	return out, nil
}
