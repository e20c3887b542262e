package stats

import (
	"math"
	"slices"

	"vouch/referral"
)

// ManyToOne is the comparison of several treatments with one control; lists are parallel to the
// treatments.
type ManyToOne struct {
	Estimate      []float64  `json:"estimate"`
	Statistic     []float64  `json:"statistic"`
	PValue        []float64  `json:"p_value"`
	Lower         []*float64 `json:"lower"`
	Upper         []*float64 `json:"upper"`
	DF            *float64   `json:"df"`
	CriticalValue *float64   `json:"critical_value"`
	Reason        string     `json:"reason,omitempty"`
}

// dunnettTail is P(max of the statistics beyond c): of |T_i| two-sided, of T_i otherwise.
//
//	∫ density of s = χ/√df ∫ φ(z) (1 − Π_i [Φ((c s + b_i z)/√(1−b_i²)) − Φ((−c s + b_i z)/√(1−b_i²))]) dz ds
//
// with correlations b_i b_j. The product's complement is summed from tails, so small probabilities keep
// their digits. Quadrature: 20 Gauss–Legendre nodes a panel, over z in ±9 and over ln s; see dunnettPanels.
// Arms of one size have one b and are evaluated once.
func dunnettTail(c float64, b []float64, df float64, twoSided bool) float64 {
	type size struct{ b, r, arms float64 }
	var sizes []size
	narrow := 1.0
	for i, bi := range slices.Sorted(slices.Values(b)) {
		if i == 0 || bi != sizes[len(sizes)-1].b {
			sizes = append(sizes, size{b: bi, r: math.Sqrt(1 - bi*bi)})
		}
		sizes[len(sizes)-1].arms++
		narrow = math.Min(narrow, sizes[len(sizes)-1].r)
	}
	overZ, overS := dunnettPanels(c, narrow, df)
	inner := func(s float64) float64 {
		return integrate(func(z float64) float64 {
			any := 0.0
			for _, x := range sizes {
				out := UpperTail((c*s + x.b*z) / x.r)
				if twoSided {
					out += UpperTail((c*s - x.b*z) / x.r)
				}
				if out = math.Min(1, out); x.arms > 1 {
					out = -math.Expm1(x.arms * math.Log1p(-out))
				}
				any += out * (1 - any) // one of those before, or none of them and this one
			}
			return NormalDensity(z) * any
		}, -9, 9, overZ)
	}
	if math.IsInf(df, 1) || df > 1e8 {
		return math.Min(1, inner(1))
	}
	lo, hi, density := chiOverRoot(df)
	return math.Min(1, integrate(func(u float64) float64 { return density(u) * inner(math.Exp(u)) }, lo, hi, overS))
}

// dunnettPanels is how many panels the quadrature takes: over z as many as make a panel at most five times as wide as
// the narrowest transition, √(1−b²), and twice as many far out in the tails; over ln s, whose density is wide and
// skew at few degrees of freedom only, three from 60 on. Against three to five times as many panels the tail is right
// to 1e-14 for c ≤ 6, b ≤ 0.995 and 10 degrees of freedom or more, to 1e-9 at 3.
func dunnettPanels(c, narrow, df float64) (overZ, overS int) {
	overZ = int(math.Ceil(math.Min(18/(5*narrow), 400)))
	if math.Abs(c) > 6 {
		overZ = max(8, 2*overZ)
	}
	if overS = 8; df >= 60 && math.Abs(c) <= 6 || df > 1e4 {
		overS = 3
	}
	return overZ, overS
}

// dunnettCritical is c with dunnettTail(c) = 1 − level. It lies between the limits without and with Bonferroni's
// correction, a little widened because those are for the largest and the smallest dependence.
func dunnettCritical(b []float64, df, level float64, twoSided bool) float64 {
	f := func(c float64) float64 { return math.Log(dunnettTail(c, b, df, twoSided)) - math.Log1p(-level) }
	side := 1 - level
	if twoSided {
		side /= 2
	}
	lo, hi := -StudentQuantile(side, df), -StudentQuantile(side/float64(len(b)), df)
	c, ok := root(f, lo-0.01*math.Abs(lo)-0.01, hi+0.01*math.Abs(hi)+0.01)
	if !ok {
		return math.NaN()
	}
	return c
}

// DunnettCritical returns the critical value for k treatments of the size of the control, correlation ½:
// P(max |T_i| ≤ c) = level, or P(max T_i ≤ c) = level one-sided. Infinite df is the normal case.
// Source: Dunnett (1955), JASA 50, 1096–1121; (1964), Biometrics 20, 482–491.
// Checked against: Dunnett's tables, in dunnett_test.go.
func DunnettCritical(k int, df, level float64, alt Alternative) (*float64, error) {
	alt, err := checkAlternative(alt)
	if err != nil {
		return nil, err
	}
	if err := checkLevel(level); err != nil {
		return nil, err
	}
	if k < 1 || k > 1000 || !(df > 0) {
		return nil, invalid("%d treatments with %g degrees of freedom", k, df)
	}
	b := make([]float64, k)
	for i := range b {
		b[i] = math.Sqrt(0.5)
	}
	c := dunnettCritical(b, df, level, alt == TwoSided)
	if alt == Less {
		c = -c
	}
	return num(c), nil
}

// Dunnett compares several treatments with one control under a common variance, such that the probability
// of any false finding is 1 − level.
//
//	pooled variance over all arms, df Σ(n−1), correlation b_i b_j with b_i = √(n_i/(n_i+n_0))
//
// Fewer than 2 units in an arm: insufficient_data; no variance: zero_variance.
// Source: Dunnett (1955), JASA 50, 1096–1121.
// Checked against: scipy 1.17.1, stats.dunnett, to its three digits, in dunnett_test.go.
func Dunnett(control Moments, treatments []Moments, level float64, alt Alternative) (ManyToOne, error) {
	alt, err := checkArms(control, Moments{}, level, alt)
	if err != nil {
		return ManyToOne{}, err
	}
	if len(treatments) == 0 {
		return ManyToOne{}, invalid("no treatments")
	}
	df, squares, enough := float64(control.N-1), float64(control.N-1)*control.Variance, control.N >= 2
	var b []float64
	for _, t := range treatments {
		if err := t.check(); err != nil {
			return ManyToOne{}, err
		}
		df += float64(t.N - 1)
		squares += float64(t.N-1) * t.Variance
		enough = enough && t.N >= 2
		b = append(b, math.Sqrt(float64(t.N)/float64(t.N+control.N)))
	}
	if !enough {
		return ManyToOne{Reason: referral.ReasonNoData}, nil
	}
	out := ManyToOne{DF: num(df)}
	for _, t := range treatments {
		out.Estimate = append(out.Estimate, t.Mean-control.Mean)
	}
	if squares == 0 {
		out.Reason = referral.ReasonZeroVariance
		return out, nil
	}
	c := dunnettCritical(b, df, level, alt == TwoSided)
	out.CriticalValue = num(c)
	for i, t := range treatments {
		se := math.Sqrt(squares / df * (1/float64(t.N) + 1/float64(control.N)))
		stat := out.Estimate[i] / se
		out.Statistic = append(out.Statistic, stat)
		lower, upper := num(out.Estimate[i]-c*se), num(out.Estimate[i]+c*se)
		at := math.Abs(stat)
		switch alt {
		case Greater:
			at, upper = stat, nil
		case Less:
			at, lower = -stat, nil
		case TwoSided:
		}
		out.PValue = append(out.PValue, dunnettTail(at, b, df, alt == TwoSided))
		out.Lower, out.Upper = append(out.Lower, lower), append(out.Upper, upper)
	}
	return out, nil
}
