package ltv

import (
	"math"

	"vouch/referral"
)

// SigmaRule is how the spread of the last factor, which one cohort alone has reached, is taken from the others.
type SigmaRule string

// Rules. Programs differ in their default; say which was used.
const (
	MackRule  SigmaRule = "mack"       // min(σ⁴_{n−3}/σ²_{n−4}, σ²_{n−4}, σ²_{n−3}), of the last two known
	LogLinear SigmaRule = "log_linear" // the line of ln σ on age, by least squares
)

// MackErrors are the standard errors of a chain ladder.
type MackErrors struct {
	Projection
	Sigma    []*float64 // by age; nil with a reason
	FactorSE []*float64
	SE       []*float64 // by cohort, 0 for the oldest
	TotalSE  *float64
	Reason   string
}

// Mack returns standard errors of the ultimates, of the process and of the factors together.
//
//	σ_k² = Σ_i C_ik (C_{i,k+1}/C_ik − f_k)² / (n−k−2),  last by the rule;  se(f_k) = σ_k/√S_k,  S_k = Σ_i C_ik
//	se²(U_i) = U_i² Σ_{k≥n−1−i} σ_k²/f_k² (1/Ĉ_ik + 1/S_k),  the total adds 2 U_i Σ_{j>i} U_j Σ_k σ_k²/f_k²/S_k
//
// Assumes cohorts independent of each other and a variance in proportion to the value developed from; no distribution. The tail
// adds no error. Fewer than four cohorts: reason too_few_origins. Every cell that is developed from must be above 0, else
// ErrInput. A spread that is not estimable (all σ 0 under log_linear) is 0.
// Source: Mack (1993), ASTIN Bulletin 23, 213–225; (1994), Casualty Actuarial Society Forum 1, 101–182.
// Checked against: the published tables of both and chainladder 0.10.1, in chainladder_test.go.
func (t Triangle) Mack(rule SigmaRule) (MackErrors, error) {
	if rule != MackRule && rule != LogLinear {
		return MackErrors{}, invalid("rule %q: mack or log_linear", string(rule))
	}
	for i, row := range t.cells {
		for k, v := range row[:len(row)-1] {
			if v <= 0 {
				return MackErrors{}, invalid("cohort %d is %v at age %d; values that are developed from must be above 0", i, v, k)
			}
		}
	}
	n := len(t.cells)
	out := MackErrors{
		Projection: t.Ultimates(),
		Sigma:      make([]*float64, n-1), FactorSE: make([]*float64, n-1), SE: make([]*float64, n),
	}
	if n < 4 {
		out.Reason = ReasonTooFewOrigins
		return out, nil
	}
	f, sums, variance := t.spread(rule)
	for k := range variance {
		out.Sigma[k] = referral.Float(math.Sqrt(variance[k]))
		out.FactorSE[k] = referral.Float(math.Sqrt(variance[k] / sums[k]))
	}
	total, younger := 0.0, 0.0
	for i := n - 1; i >= 0; i-- {
		value := t.cells[i][n-1-i]
		u := value * t.tail
		for k := n - 1 - i; k < n-1; k++ {
			u *= f[k]
		}
		own, shared := 0.0, 0.0
		for k := n - 1 - i; k < n-1; k++ {
			q := variance[k] / (f[k] * f[k])
			own += q * (1/value + 1/sums[k])
			shared += q / sums[k]
			value *= f[k]
		}
		out.SE[i] = referral.Float(math.Abs(u) * math.Sqrt(own))
		total += u*u*own + 2*u*younger*shared
		younger += u
	}
	out.TotalSE = referral.Float(math.Sqrt(total))
	return out, nil
}

// spread returns the factors, the sums they are weighted by and the variances σ².
func (t Triangle) spread(rule SigmaRule) (f, sums, variance []float64) {
	n := len(t.cells)
	f, sums, variance = make([]float64, n-1), make([]float64, n-1), make([]float64, n-1)
	for k := range f {
		from, to := t.column(k)
		f[k], sums[k] = to/from, from
		if k > n-3 {
			break
		}
		for i := range n - 1 - k {
			d := t.cells[i][k+1]/t.cells[i][k] - f[k]
			variance[k] += t.cells[i][k] * d * d
		}
		variance[k] /= float64(n - k - 2)
	}
	variance[n-2] = lastVariance(variance[:n-2], rule)
	return f, sums, variance
}

// lastVariance extrapolates variances by age to the next one.
func lastVariance(v []float64, rule SigmaRule) float64 {
	n := len(v)
	if rule == MackRule {
		last, before := v[n-1], v[n-2]
		ratio := 0.0
		if before > 0 {
			ratio = last * last / before
		}
		return math.Min(ratio, math.Min(last, before))
	}
	// ln σ = a + b k over the ages with a spread above 0.
	var m, sx, sy, sxx, sxy float64
	for k, s := range v {
		if s > 0 {
			x, y := float64(k), math.Log(s)/2
			m, sx, sy, sxx, sxy = m+1, sx+x, sy+y, sxx+x*x, sxy+x*y
		}
	}
	switch det := m*sxx - sx*sx; {
	case m == 0:
		return 0
	case det == 0:
		return math.Exp(2 * sy)
	default:
		b := (m*sxy - sx*sy) / det
		return math.Exp(2 * ((sy-b*sx)/m + b*float64(n)))
	}
}
